//! `/{lang}/team/assignments`: lessons that a member, a group or everybody is to do until a day.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use bytes::Bytes;
use leptos::prelude::*;

use crate::content::Section;
use crate::model::account::{Account, AccountId};
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::model::timestamp::Timestamp;
use crate::pages::admin::outcome_view;
use crate::pages::day::{day_of, day_text};
use crate::pages::list_page::{ListPage, done_address, done_in, page_address, page_number};
use crate::pages::meta::PageMeta;
use crate::pages::signed_in::{MemberRequest, MentorRequest};
use crate::pages::team::{TeamAccess, titled_page};
use crate::pages::{not_found, notice};
use crate::portal::store::StoreError;
use crate::portal::store::assignment::{
    AssignOutcome, Assignee, Assignment, DueLesson, NewAssignment,
};
use crate::portal::store::group::GroupId;
use crate::state::AppState;

/// The latest day that can be chosen, which is the last day of a [`Timestamp`].
const LAST_DAY: &str = "9999-12-30";

/// What was done, named in the address of the page that says it: `?done=KEY`.
const DONE: [&str; 2] = ["assignment-created", "assignment-deleted"];

/// The form of a new assignment, as it is sent and shown again.
#[derive(Clone, Debug, Default)]
struct AssignmentForm {
    /// The id of the group; empty for everybody.
    group: String,
    /// The id of the member; empty for a group or everybody.
    member: String,
    due: String,
    lessons: Vec<String>,
    /// Why the day was refused.
    due_problem: Option<String>,
    /// Why the lessons were refused.
    lessons_problem: Option<String>,
    /// Whether the form was sent and not accepted.
    is_refused: bool,
}

/// What a mentor sees on the page.
#[derive(Clone)]
struct AssignmentsPage {
    access: TeamAccess,
    /// The page of the list that is shown, and its entries.
    page: ListPage,
    assignments: Vec<Assignment>,
    /// The member to whom lessons are given.
    member: Option<Account>,
    today: String,
}

/// Handles `GET /{lang}/team/assignments`; with `?member=ID` the form is for this member. One of another group is 404.
pub(super) async fn show(
    State(state): State<AppState>,
    MentorRequest(request): MentorRequest,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.as_deref();
    let done = done_in(query);
    let mut fields = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let member = fields.find(|(name, _)| name == "member");
    let form = AssignmentForm {
        member: member.map_or_else(String::new, |(_, member)| member.into_owned()),
        ..AssignmentForm::default()
    };
    let done = DONE.into_iter().find(|key| *key == done);
    assignments_page(&state, request, page_number(query), form, done).await
}

/// Handles `POST /{lang}/team/assignments`: creates or deletes an assignment. That of another group is 404.
pub(super) async fn submit(
    State(state): State<AppState>,
    MentorRequest(request): MentorRequest,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    let number = page_number(query.as_deref());
    let fields: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
    let field = |name: &str| {
        let found = fields.iter().find(|(field, _)| field == name);
        found.map_or("", |(_, value)| value.as_str())
    };
    let (store, now) = (&state.portal.store, state.portal.clock.now());
    let viewer = &request.viewer;
    let mentor = match store.team_mentor(viewer.account, viewer.role).await {
        Ok(mentor) => mentor,
        Err(cause) => return notice::unavailable(&state, request.page, &cause).await,
    };
    let locale = request.page.locale;
    let messages = state.i18n.messages(locale).clone();
    let (changed, done) = match field("do") {
        "create" => {
            let lessons = fields.iter().filter(|(field, _)| field == "lesson");
            let mut form = AssignmentForm {
                group: field("group").to_owned(),
                member: field("member").to_owned(),
                due: field("due").trim().to_owned(),
                lessons: lessons.map(|(_, lesson)| lesson.clone()).collect(),
                ..AssignmentForm::default()
            };
            let assignment = match parse(&state, &mut form, &day_of(now), &messages) {
                Some(Ok(assignment)) => assignment,
                Some(Err(())) => return not_found::show(&state, request.page).await,
                None => return assignments_page(&state, request, number, form, None).await,
            };
            let created = store.create_assignment(assignment, mentor, &request.actor, now);
            let created = match created.await {
                Ok(AssignOutcome::Assigned) => Ok(true),
                Ok(AssignOutcome::NotFound) => Ok(false),
                // The page says why.
                Ok(AssignOutcome::Disabled) => {
                    form.is_refused = true;
                    return assignments_page(&state, request, number, form, None).await;
                }
                Ok(AssignOutcome::GivenAlready(given)) => {
                    let text = given_already(&state, locale, &given, &messages);
                    form.lessons_problem = Some(text);
                    form.is_refused = true;
                    return assignments_page(&state, request, number, form, None).await;
                }
                Err(cause) => Err(cause),
            };
            (created, DONE[0])
        }
        "delete" => {
            let Ok(id) = field("id").parse() else {
                return not_found::show(&state, request.page).await;
            };
            let deleted = store.delete_assignment(id, mentor, &request.actor, now);
            (deleted.await, DONE[1])
        }
        _ => return StatusCode::UNPROCESSABLE_ENTITY.into_response(),
    };
    match changed {
        Ok(true) => {
            let path = format!("/{locale}/team/assignments");
            Redirect::to(&done_address(&path, number, done)).into_response()
        }
        Ok(false) => not_found::show(&state, request.page).await,
        Err(cause) => notice::unavailable(&state, request.page, &cause).await,
    }
}

/// Returns the assignment of a form; `None`, with the problems in the form, when its fields are not valid, and an error when it
/// names no group and no member.
fn parse(
    state: &AppState,
    form: &mut AssignmentForm,
    today: &str,
    messages: &MessageCatalog,
) -> Option<Result<NewAssignment, ()>> {
    form.due_problem = due_problem(&form.due, today, messages);
    // In the order of the navigation, each once.
    let library = &state.library;
    let pages = library.sections().iter().flat_map(|section| &section.pages);
    let lessons: Vec<String> = pages
        .filter(|path| form.lessons.contains(path))
        .cloned()
        .collect();
    let missing = || messages.get("assignment-lessons-missing");
    form.lessons_problem = lessons.is_empty().then(missing);
    form.is_refused = form.due_problem.is_some() || form.lessons_problem.is_some();
    if form.is_refused {
        return None;
    }
    let id = |text: &str| text.parse::<i64>().map_err(drop);
    let assignee = match (form.member.as_str(), form.group.as_str()) {
        ("", "") => Ok(Assignee::Everybody),
        ("", group) => id(group).map(|group| Assignee::Group(GroupId(group))),
        (member, _) => id(member).map(|member| Assignee::Member(AccountId(member))),
    };
    Some(assignee.map(|assignee| NewAssignment {
        assignee,
        due: form.due.clone(),
        lessons,
    }))
}

/// Returns why a day is refused.
fn due_problem(due: &str, today: &str, messages: &MessageCatalog) -> Option<String> {
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let year = due.split('-').next().filter(|year| is_number(year));
    let is_late = year.is_some_and(|year| year.len() > 4) || (due.len() == 10 && due > LAST_DAY);
    if is_late && due.split('-').all(is_number) {
        let day = day_text(LAST_DAY, messages);
        return Some(messages.with("assignment-due-late", &[("day", &day)]));
    }
    let is_day = due.len() == 10 && Timestamp::parse(&format!("{due}T00:00:00Z")).is_some();
    match is_day {
        false => Some(messages.get("assignment-due-invalid")),
        true if due < today => Some(messages.get("assignment-due-over")),
        true => None,
    }
}

/// Returns the sentence about lessons that are given already.
fn given_already(
    state: &AppState,
    locale: Locale,
    given: &[DueLesson],
    messages: &MessageCatalog,
) -> String {
    let lessons = given.iter().map(|given| {
        let day = day_text(&given.due, messages);
        let until = messages.with("due-until", &[("day", &day)]);
        format!("{} ({until})", lesson_title(state, locale, &given.lesson))
    });
    let lessons = lessons.collect::<Vec<_>>().join(", ");
    messages.with("assignment-given", &[("lessons", &lessons)])
}

/// Returns the title of a lesson, or the path of one that is gone.
fn lesson_title(state: &AppState, locale: Locale, path: &str) -> String {
    let page = state.library.page_or_translation(locale, path);
    page.map_or_else(|| path.to_owned(), |page| page.front.title.clone())
}

/// Reads what the page shows; `None` when the viewer may not see the member of the form.
async fn load(
    state: &AppState,
    request: &MemberRequest,
    number: i64,
    member: &str,
) -> Result<Option<AssignmentsPage>, StoreError> {
    let access = TeamAccess::of(state, request).await?;
    let store = &state.portal.store;
    let mut assignee = None;
    if !member.is_empty() {
        let id = AccountId(member.parse().unwrap_or_default());
        let is_in_view = store.is_in_view(access.view(), id).await?;
        let account = store.find_account(id).await?.filter(|_| is_in_view);
        let Some(account) = account else {
            return Ok(None);
        };
        assignee = Some(account);
    }
    let today = day_of(state.portal.clock.now());
    let page = ListPage::of(number, store.count_assignments(access.mentor).await?);
    let assignments = store.list_assignments(access.mentor, &today, page.range());
    Ok(Some(AssignmentsPage {
        assignments: assignments.await?,
        page,
        access,
        member: assignee,
        today,
    }))
}

async fn assignments_page(
    state: &AppState,
    request: MemberRequest,
    number: i64,
    form: AssignmentForm,
    done: Option<&'static str>,
) -> Response {
    let loaded = match load(state, &request, number, &form.member).await {
        Ok(Some(loaded)) => loaded,
        Ok(None) => return not_found::show(state, request.page).await,
        Err(cause) => return notice::unavailable(state, request.page, &cause).await,
    };
    let locale = request.page.locale;
    let messages = state.i18n.messages(locale).clone();
    let status = match form.is_refused {
        true => StatusCode::UNPROCESSABLE_ENTITY,
        false => StatusCode::OK,
    };
    let title = messages.get("assignment-title");
    // The member exists, so it is a number.
    let form_member = form.member.clone();
    let shared = state.clone();
    let shown = loaded.access.clone();
    let view = move || {
        let outcome = done.map(|key| (true, messages.get(key)));
        view! {
            <p class="lead">{messages.get("assignment-lead")}</p>
            {outcome_view(outcome)}
            {list(&shared, locale, &loaded, &messages)}
            {form_view(&shared, locale, &loaded, &form, &messages)}
        }
    };
    let query = match form_member.is_empty() {
        true => String::new(),
        false => format!("?member={form_member}"),
    };
    let meta = PageMeta {
        status,
        query,
        ..PageMeta::new(request.page, title, "/team/assignments")
    };
    titled_page(state, meta, ("assignments", &shown), view).await
}

fn list(
    state: &AppState,
    locale: Locale,
    page: &AssignmentsPage,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    if page.assignments.is_empty() {
        return view! { <p class="quiet">{messages.get("assignment-none")}</p> }.into_any();
    }
    let rows = page.assignments.iter();
    let rows = rows
        .map(|assignment| row(state, locale, page, assignment, messages))
        .collect_view();
    let path = format!("/{locale}/team/assignments");
    let heads = ["group", "due", "lessons", "readers", "creator", "actions"]
        .map(|name| view! { <th scope="col">{messages.get(&format!("assignment-{name}"))}</th> });
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label=messages.get("assignment-title")>
            <table class="portal-table portal-cards">
                <thead><tr>{heads.collect_view()}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {page.page.links(|number| page_address(&path, number), messages)}
    }
    .into_any()
}

fn row(
    state: &AppState,
    locale: Locale,
    page: &AssignmentsPage,
    assignment: &Assignment,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let mentor = page.access.mentor;
    let address = page_address(&format!("/{locale}/team/assignments"), page.page.number());
    let assignee = assignment.group.clone().or(assignment.member.clone());
    let is_own = mentor.is_whole_team || assignee.is_some();
    let assignee = assignee.unwrap_or_else(|| messages.get("assignment-everybody"));
    let due = day_text(&assignment.due, messages);
    let titles = assignment.lessons.iter();
    let titles = titles.map(|path| lesson_title(state, locale, path));
    let titles = titles.collect::<Vec<_>>().join(", ");
    let values = [("group", assignee.as_str()), ("day", due.as_str())];
    let label = messages.with("assignment-delete-of", &values);
    let ask = messages.with("assignment-delete-ask", &values);
    let delete = is_own.then(|| {
        view! {
            <details>
                <summary aria-label=label>{messages.get("assignment-delete")}</summary>
                <form class="portal-confirm" method="post" action=address>
                    <p>{ask}</p>
                    <input type="hidden" name="id" value=assignment.id.to_string()/>
                    <button class="button" name="do" value="delete">{messages.get("assignment-delete-really")}</button>
                </form>
            </details>
        }
    });
    let numbers = [
        ("count", assignment.readers.to_string()),
        ("all", assignment.members.to_string()),
    ];
    let numbers = numbers
        .each_ref()
        .map(|(name, text)| (*name, text.as_str()));
    let readers = messages.with("assignment-count", &numbers);
    let day = assignment.due.clone();
    let head = |name: &str| messages.get(&format!("assignment-{name}"));
    view! {
        <tr>
            <td>{assignee}</td>
            <td data-label=head("due")><time datetime=day>{due}</time></td>
            <td class="portal-wrap" data-label=head("lessons")>{titles}</td>
            <td data-label=head("readers")>{readers}</td>
            <td data-label=head("creator")>{assignment.creator.clone()}</td>
            <td data-label=head("actions")>{delete}</td>
        </tr>
    }
}

fn form_view(
    state: &AppState,
    locale: Locale,
    page: &AssignmentsPage,
    form: &AssignmentForm,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let everybody = page.access.mentor.is_whole_team.then(|| {
        view! { <option value="" selected=form.group.is_empty()>{messages.get("assignment-everybody")}</option> }
    });
    let groups = page.access.groups.iter().map(|(id, name)| {
        let id = id.0.to_string();
        let is_chosen = form.group == id;
        view! { <option value=id selected=is_chosen>{name.clone()}</option> }
    });
    let groups = groups.collect_view();
    let assignee = match &page.member {
        Some(account) => {
            let values = [("name", account.name.as_str())];
            let disabled = account.is_disabled.then(|| {
                let text = messages.with("assignment-disabled", &values);
                view! { <span class="field-error" role="alert">{text}</span> }
            });
            view! {
                <p class="portal-wide">
                    <input type="hidden" name="member" value=form.member.clone()/>
                    {messages.with("assignment-for-member", &values)}
                    " "<a href=format!("/{locale}/team/assignments")>{messages.get("assignment-for-group")}</a>
                    {disabled}
                </p>
            }
            .into_any()
        }
        None => view! {
            <p class="field">
                <label for="assignment-group">{messages.get("assignment-group")}</label>
                <select id="assignment-group" name="group" aria-describedby="assignment-group-note">{everybody}{groups}</select>
                <span class="field-note" id="assignment-group-note">{messages.get("assignment-group-note")}</span>
            </p>
        }
        .into_any(),
    };
    let problem = |text: &Option<String>, id: &'static str| {
        let text = text.clone();
        text.map(|text| view! { <span class="field-error" id=id role="alert">{text}</span> })
    };
    let due_invalid = form.due_problem.is_some().then_some("true");
    let due_described = form.due_problem.is_some().then_some("due-problem");
    let lessons_described = form.lessons_problem.is_some().then_some("lessons-problem");
    let sections = state.library.sections().iter();
    let sections = sections
        .map(|section| section_view(state, locale, section, form))
        .collect_view();
    view! {
        <form class="portal-form" method="post" action=format!("/{locale}/team/assignments")>
            <h2>{messages.get("assignment-new")}</h2>
            {assignee}
            <p class="field">
                <label for="assignment-due">{messages.get("assignment-due")}</label>
                <input id="assignment-due" name="due" type="date" required min=page.today.clone() max=LAST_DAY value=form.due.clone()
                    aria-invalid=due_invalid aria-describedby=due_described/>
                {problem(&form.due_problem, "due-problem")}
            </p>
            <fieldset class="portal-wide choices" aria-describedby=lessons_described>
                <legend>{messages.get("assignment-lessons")}</legend>
                {problem(&form.lessons_problem, "lessons-problem")}
                {sections}
            </fieldset>
            <p class="portal-wide"><button class="button primary" name="do" value="create">{messages.get("assignment-submit")}</button></p>
        </form>
    }
}

/// Renders the lessons of a section to choose from.
fn section_view(
    state: &AppState,
    locale: Locale,
    section: &Section,
    form: &AssignmentForm,
) -> impl IntoView + use<> {
    let pages = state.library.listed(section, locale);
    let lessons: Vec<_> = pages
        .map(|page| {
            let path = page.path.clone();
            let is_chosen = form.lessons.contains(&path);
            view! { <label class="choice"><input type="checkbox" name="lesson" value=path checked=is_chosen/>" "{page.front.title.clone()}</label> }
        })
        .collect();
    let title = state.library.site.section_title(&section.slug, locale);
    (!lessons.is_empty()).then(|| view! { <p class="choices-title">{title}</p>{lessons} })
}
