//! `/{lang}/team/stuck`: the questions of members with forms to answer them, and who is stuck in an exercise.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use leptos::prelude::*;
use serde::Deserialize;

use crate::components::condition_text;
use crate::model::exercise::AttemptVerdict;
use crate::model::html::escape;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::admin::outcome_view;
use crate::pages::learn::text_view;
use crate::pages::signed_in::{MemberRequest, MentorRequest};
use crate::pages::team::{
    STUCK_TIME, TeamAccess, TeamQuery, ago, group_filter, page_with_status, pages_view, step_text,
};
use crate::pages::{not_found, notice};
use crate::portal::store::StoreError;
use crate::portal::store::help::{HELP_TEXT_MAX, HelpRequest, parse_help_text};
use crate::portal::store::team::StuckMember;
use crate::state::AppState;

/// How many questions without an answer are shown, and how many with one.
const QUESTIONS: (i64, i64) = (50, 10);

/// The form of an answer.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct AnswerForm {
    id: i64,
    answer: String,
}

/// What the page shows.
#[derive(Clone)]
struct StuckPage {
    stuck: Vec<StuckMember>,
    count: i64,
    open: Vec<HelpRequest>,
    open_count: i64,
    answered: Vec<HelpRequest>,
}

/// Handles `GET /{lang}/team/stuck`.
pub(super) async fn show(
    State(state): State<AppState>,
    MentorRequest(request): MentorRequest,
    RawQuery(query): RawQuery,
) -> Response {
    let text = query.as_deref().unwrap_or_default();
    let is_answered = text.split('&').any(|field| field == "done=answered");
    let messages = state.i18n.messages(request.page.locale);
    let message = is_answered.then(|| (true, messages.get("team-answered-done")));
    let query = TeamQuery::parse(query.as_deref());
    stuck_page(&state, request, query, message, None).await
}

/// Handles `POST /{lang}/team/stuck`: answers a question. That of a member of another group is 404.
pub(super) async fn answer(
    State(state): State<AppState>,
    MentorRequest(request): MentorRequest,
    form: Result<Form<AnswerForm>, FormRejection>,
) -> Response {
    let Form(form) = form.unwrap_or_default();
    let messages = state.i18n.messages(request.page.locale);
    let Some(text) = parse_help_text(&form.answer) else {
        let message = Some((false, messages.get("team-answer-invalid")));
        let query = TeamQuery::parse(None);
        return stuck_page(&state, request, query, message, Some(form)).await;
    };
    let (store, now) = (&state.portal.store, state.portal.clock.now());
    let answered = match TeamAccess::of(&state, &request).await {
        Ok(access) => {
            let answered = store.answer_help(form.id, text, access.mentor, &request.actor, now);
            answered.await
        }
        Err(cause) => Err(cause),
    };
    match answered {
        Ok(true) => {
            let locale = request.page.locale;
            Redirect::to(&format!("/{locale}/team/stuck?done=answered")).into_response()
        }
        Ok(false) => not_found::show(&state, request.page).await,
        Err(cause) => notice::unavailable(&state, request.page, &cause).await,
    }
}

async fn stuck_page(
    state: &AppState,
    request: MemberRequest,
    query: TeamQuery,
    message: Option<(bool, String)>,
    refused: Option<AnswerForm>,
) -> Response {
    let access = match TeamAccess::of(state, &request).await {
        Ok(access) => access,
        Err(cause) => return notice::unavailable(state, request.page, &cause).await,
    };
    let loaded = match load(state, &access, &query).await {
        Ok(Some(loaded)) => loaded,
        Ok(None) => return not_found::show(state, request.page).await,
        Err(cause) => return notice::unavailable(state, request.page, &cause).await,
    };
    let status = match refused.is_some() {
        true => StatusCode::UNPROCESSABLE_ENTITY,
        false => StatusCode::OK,
    };
    let now = state.portal.clock.now();
    let locale = request.page.locale;
    let messages = state.i18n.messages(locale).clone();
    let shared = state.clone();
    let shown = access.clone();
    let view = move || {
        let members = members_view(&shared, locale, &access, &query, &loaded, now, &messages);
        let questions =
            questions_view(&shared, locale, &loaded, (now, refused.as_ref()), &messages);
        view! { {outcome_view(message.clone())}{questions}{members} }
    };
    page_with_status(state, request.page, ("stuck", &shown), status, view).await
}

/// Reads what the page shows; `None` when the viewer may not see the group.
async fn load(
    state: &AppState,
    access: &TeamAccess,
    query: &TeamQuery,
) -> Result<Option<StuckPage>, StoreError> {
    let Some(view) = access.choose(&query.group) else {
        return Ok(None);
    };
    let (store, now) = (&state.portal.store, state.portal.clock.now());
    let (stuck, count) = store
        .list_stuck(view, now - STUCK_TIME, query.offset())
        .await?;
    let (open, answered) = QUESTIONS;
    let (open, open_count) = store
        .list_team_help(access.mentor, false, (0, open))
        .await?;
    let (answered, _) = store
        .list_team_help(access.mentor, true, (0, answered))
        .await?;
    Ok(Some(StuckPage {
        stuck,
        count,
        open,
        open_count,
        answered,
    }))
}

fn members_view(
    state: &AppState,
    locale: Locale,
    access: &TeamAccess,
    query: &TeamQuery,
    page: &StuckPage,
    now: i64,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let address = format!("/{locale}/team/stuck");
    let filter = group_filter(address.clone(), &access.groups, &query.group, messages);
    let rows = page.stuck.iter();
    let rows = rows.map(|member| member_row(state, locale, member, now, messages));
    let rows = rows.collect_view();
    let list = match page.stuck.is_empty() {
        true => view! { <p class="quiet">{messages.get("team-nobody-stuck")}</p> }.into_any(),
        false => view! { <ul class="portal-list">{rows}</ul> }.into_any(),
    };
    view! {
        <h2>{messages.get("team-stuck-members")}</h2>
        <p class="quiet">{messages.get("team-stuck-note")}</p>
        {filter}
        {list}
        {pages_view(&address, query, page.count, messages)}
    }
}

/// Returns the title of an exercise, and the number of its steps.
fn exercise_of(state: &AppState, locale: Locale, id: &str) -> (String, usize) {
    match state.library.exercise(locale, id) {
        Some((_, exercise)) => (exercise.title.get(locale).to_owned(), exercise.steps.len()),
        None => (id.to_owned(), 0),
    }
}

fn member_row(
    state: &AppState,
    locale: Locale,
    member: &StuckMember,
    now: i64,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let address = format!("/{locale}/team/members/{}", member.account);
    let (title, steps) = exercise_of(state, locale, &member.exercise);
    let numbers = (member.step, steps, member.failures);
    let detail = step_text("team-is-stuck", numbers, messages);
    let asked = member
        .has_asked
        .then(|| view! { " "<span class="portal-badge">{messages.get("team-has-asked")}</span> });
    let target = format!("/{locale}/exercises/{}", member.exercise);
    view! {
        <li>
            <div>
                <strong><a href=address>{member.name.clone()}</a></strong>" · "<a href=target>{title}</a>
                <br/>{detail}{asked}
                {verdict_view(&member.verdict, messages)}
            </div>
            <span class="quiet">{ago(member.at, now, messages)}</span>
        </li>
    }
}

fn questions_view(
    state: &AppState,
    locale: Locale,
    page: &StuckPage,
    (now, refused): (i64, Option<&AnswerForm>),
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let question =
        |request: &HelpRequest| question_view(state, locale, request, (now, refused), messages);
    let open = page.open.iter().map(question).collect_view();
    let answered = page.answered.iter().map(question).collect_view();
    let open = match page.open.is_empty() {
        true => view! { <p class="quiet">{messages.get("team-no-questions")}</p> }.into_any(),
        false => view! { <ul class="portal-list">{open}</ul> }.into_any(),
    };
    let answered = (!page.answered.is_empty()).then(|| {
        view! {
            <details>
                <summary>{messages.get("team-answered")}</summary>
                <ul class="portal-list">{answered}</ul>
            </details>
        }
    });
    let shown = i64::try_from(page.open.len()).unwrap_or(i64::MAX);
    let more = page.open_count - shown;
    let more = (more > 0).then(|| {
        view! { <p class="quiet">{messages.with("team-more-questions", &[("count", &more.to_string())])}</p> }
    });
    view! { <h2>{messages.get("team-questions")}</h2>{open}{more}{answered} }
}

fn question_view(
    state: &AppState,
    locale: Locale,
    request: &HelpRequest,
    (now, refused): (i64, Option<&AnswerForm>),
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let member = format!("/{locale}/team/members/{}", request.account);
    let (title, _) = exercise_of(state, locale, &request.exercise);
    let target = format!("/{locale}/exercises/{}", request.exercise);
    let typed = refused.filter(|form| form.id == request.id);
    let invalid = typed.map(|_| "true");
    let text = match (typed, &request.answer) {
        (Some(form), _) => form.answer.as_str(),
        (None, Some(answer)) => answer.text.as_str(),
        (None, None) => "",
    };
    // A line feed at the beginning of the element is not part of its value.
    let text = format!("\n{}", escape(text));
    let answered = request.answer.as_ref().map(|answer| {
        let mentor = answer.mentor.clone().unwrap_or_default();
        view! {
            <p class="quiet">{mentor}", "{ago(answer.at, now, messages)}</p>
            {text_view(&answer.text)}
        }
    });
    let button = match request.answer.is_some() {
        true => "team-answer-again",
        false => "team-answer",
    };
    let label = messages.with("team-answer-to", &[("name", &request.name)]);
    let id = request.id.to_string();
    let field = format!("answer-{id}");
    let note_id = format!("{field}-note");
    view! {
        <li>
            <div>
                <strong><a href=member>{request.name.clone()}</a></strong>" · "<a href=target>{title}</a>
                " "<span class="quiet">{ago(request.created, now, messages)}</span>
                {text_view(&request.question)}
                {verdict_view(&request.verdict, messages)}
                {answered}
                <form class="portal-answer" method="post" action=format!("/{locale}/team/stuck")>
                    <input type="hidden" name="id" value=id/>
                    <label for=field.clone()>{label}</label>
                    <textarea id=field name="answer" rows="3" required maxlength=HELP_TEXT_MAX aria-invalid=invalid aria-describedby=note_id.clone() inner_html=text></textarea>
                    <span class="field-note" id=note_id>{messages.get("help-markdown")}</span>
                    <button class="button">{messages.get(button)}</button>
                </form>
            </div>
        </li>
    }
}

/// Renders what an attempt was expected to do and what came instead.
pub(super) fn verdict_view(json: &str, messages: &MessageCatalog) -> impl IntoView + use<> {
    let AttemptVerdict {
        request,
        unmet,
        other,
    } = AttemptVerdict::from_json(json);
    let line = request.or(other).map(|request| {
        view! { <p><code>{request.line}</code>" → "{request.status}</p> }
    });
    let unmet = unmet.into_iter().map(|condition| {
        let parsed = condition.condition();
        let actual = match condition.actual.is_empty() {
            true => messages.get("team-came-nothing"),
            false => condition.actual,
        };
        let expected = match parsed {
            Some(parsed) => condition_text(&parsed, messages),
            None => view! { <code>{condition.expected}</code> }.into_any(),
        };
        view! { <li>{messages.get("team-expected")}" "{expected}", "{messages.get("team-came")}" "<code>{actual}</code></li> }
    });
    view! { <div class="portal-verdict">{line}<ul>{unmet.collect_view()}</ul></div> }
}
