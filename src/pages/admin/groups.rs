//! `/{lang}/admin/groups`: the groups of the team, and `/{lang}/admin/groups/{id}`: who belongs to one.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use leptos::prelude::*;
use serde::Deserialize;

use crate::model::account::{AccountId, DisplayName, TeamRole};
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::model::user::Email;
use crate::pages::admin::{outcome_view, page_with_status};
use crate::pages::form_field::{Field, field};
use crate::pages::list_page::{ListPage, done_in, page_address, page_number};
use crate::pages::meta::PageRequest;
use crate::pages::question::{QuestionForm, question_form};
use crate::pages::signed_in::{AdminRequest, MemberRequest};
use crate::pages::{not_found, notice};
use crate::portal::store::StoreError;
use crate::portal::store::group::{Group, GroupError, GroupId, GroupMember};
use crate::portal::store::member::MemberFilter;
use crate::state::AppState;

/// How many members are suggested for a group while an address is typed.
const SUGGESTIONS: i64 = 1000;

/// What was done, named in the address of the page that says it: `?done=KEY`.
const DONE: [&str; 6] = [
    "group-created",
    "group-renamed",
    "group-same",
    "group-deleted",
    "group-added",
    "group-removed",
];

/// The fields of all forms of groups.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct GroupForm {
    #[serde(rename = "do")]
    action: String,
    name: String,
    /// The address of the member to add.
    email: String,
    /// The id of the member to remove.
    id: i64,
    /// `yes` when a question was answered.
    confirm: String,
}

/// What is asked about a group.
#[derive(Clone, Copy)]
enum GroupQuestion {
    Delete,
    /// Whether a member is to be removed.
    Remove(AccountId),
}

/// What is shown after a form was refused or something was done.
#[derive(Clone, Default)]
struct GroupsOutcome {
    message: Option<(bool, String)>,
    /// What is wrong with the name that was typed.
    name_problem: Option<String>,
    /// What is wrong with the address that was typed.
    email_problem: Option<String>,
    /// What is asked before something is done.
    question: Option<GroupQuestion>,
}

impl GroupsOutcome {
    fn done(query: Option<&str>, messages: &MessageCatalog) -> GroupsOutcome {
        let done = done_in(query);
        let key = DONE.into_iter().find(|key| *key == done);
        GroupsOutcome {
            message: key.map(|key| (true, messages.get(key))),
            ..GroupsOutcome::default()
        }
    }

    fn status(&self) -> StatusCode {
        match self.name_problem.is_some() || self.email_problem.is_some() {
            true => StatusCode::UNPROCESSABLE_ENTITY,
            false => StatusCode::OK,
        }
    }
}

/// Handles `GET /{lang}/admin/groups`.
pub(super) async fn show_list(
    State(state): State<AppState>,
    AdminRequest(request): AdminRequest,
    RawQuery(query): RawQuery,
) -> Response {
    let messages = state.i18n.messages(request.page.locale);
    let outcome = GroupsOutcome::done(query.as_deref(), messages);
    let number = page_number(query.as_deref());
    list_page(&state, request.page, number, GroupForm::default(), outcome).await
}

/// Handles `POST /{lang}/admin/groups`: creates a group.
pub(super) async fn create(
    State(state): State<AppState>,
    AdminRequest(request): AdminRequest,
    form: Result<Form<GroupForm>, FormRejection>,
) -> Response {
    let Form(form) = form.unwrap_or_default();
    let messages = state.i18n.messages(request.page.locale);
    let (store, now) = (&state.portal.store, state.portal.clock.now());
    let key = match DisplayName::parse(&form.name) {
        None => "group-name-invalid",
        Some(name) => match store.create_group(name, &request.actor, now).await {
            Ok(GroupId(id)) => {
                let locale = request.page.locale;
                return redirect(&format!("/{locale}/admin/groups/{id}?done=group-created"));
            }
            Err(GroupError::NameTaken) => "group-name-taken",
            Err(cause) => return notice::unavailable(&state, request.page, &cause).await,
        },
    };
    let outcome = GroupsOutcome {
        name_problem: Some(messages.get(key)),
        ..GroupsOutcome::default()
    };
    list_page(&state, request.page, 1, form, outcome).await
}

/// Handles `GET /{lang}/admin/groups/{id}`.
pub(super) async fn show_group(
    State(state): State<AppState>,
    AdminRequest(request): AdminRequest,
    Path((_, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    let messages = state.i18n.messages(request.page.locale);
    let outcome = GroupsOutcome::done(query.as_deref(), messages);
    group_page(&state, request.page, &id, GroupForm::default(), outcome).await
}

/// Handles `POST /{lang}/admin/groups/{id}`: renames or deletes the group, adds or removes a member.
pub(super) async fn change(
    State(state): State<AppState>,
    AdminRequest(request): AdminRequest,
    Path((_, id)): Path<(String, String)>,
    form: Result<Form<GroupForm>, FormRejection>,
) -> Response {
    let Form(form) = form.unwrap_or_default();
    let Some(group) = parse_id(&id) else {
        return not_found::show(&state, request.page).await;
    };
    let locale = request.page.locale;
    match perform(&state, &request, group, &form).await {
        Ok(Done::Deleted) => redirect(&format!("/{locale}/admin/groups?done=group-deleted")),
        Ok(Done::Changed(key)) => redirect(&format!("/{locale}/admin/groups/{id}?done={key}")),
        Ok(Done::Refused(outcome)) => group_page(&state, request.page, &id, form, outcome).await,
        Err(GroupError::NotFound) => not_found::show(&state, request.page).await,
        Err(cause) => notice::unavailable(&state, request.page, &cause).await,
    }
}

/// What became of a form about one group.
enum Done {
    Deleted,
    Changed(&'static str),
    Refused(GroupsOutcome),
}

async fn perform(
    state: &AppState,
    request: &MemberRequest,
    group: GroupId,
    form: &GroupForm,
) -> Result<Done, GroupError> {
    let messages = state.i18n.messages(request.page.locale);
    let (store, actor, now) = (
        &state.portal.store,
        &request.actor,
        state.portal.clock.now(),
    );
    let refused_name = |key: &str| {
        Done::Refused(GroupsOutcome {
            name_problem: Some(messages.get(key)),
            ..GroupsOutcome::default()
        })
    };
    let ask = |question| {
        Ok(Done::Refused(GroupsOutcome {
            question: Some(question),
            ..GroupsOutcome::default()
        }))
    };
    let is_confirmed = form.confirm == "yes";
    match form.action.as_str() {
        "rename" => match DisplayName::parse(&form.name) {
            None => Ok(refused_name("group-name-invalid")),
            Some(name) => match store.rename_group(group, name, actor, now).await {
                Ok(true) => Ok(Done::Changed("group-renamed")),
                Ok(false) => Ok(Done::Changed("group-same")),
                Err(GroupError::NameTaken) => Ok(refused_name("group-name-taken")),
                Err(error) => Err(error),
            },
        },
        "add" => {
            let found = match Email::parse(form.email.trim()) {
                Some(email) => store.find_credentials(&email).await?,
                None => None,
            };
            let Some(found) = found else {
                return Ok(Done::Refused(GroupsOutcome {
                    email_problem: Some(messages.get("group-no-account")),
                    ..GroupsOutcome::default()
                }));
            };
            let added = store.set_group_member(group, found.account.id, true, actor, now);
            added.await.map(|_| Done::Changed("group-added"))
        }
        "remove" if !is_confirmed => ask(GroupQuestion::Remove(AccountId(form.id))),
        "remove" => {
            let removed = store.set_group_member(group, AccountId(form.id), false, actor, now);
            removed.await.map(|_| Done::Changed("group-removed"))
        }
        "delete" if !is_confirmed => ask(GroupQuestion::Delete),
        "delete" => {
            let deleted = store.delete_group(group, actor, now);
            deleted.await.map(|_| Done::Deleted)
        }
        _ => Ok(Done::Refused(GroupsOutcome {
            message: Some((false, messages.get("login-unreadable"))),
            ..GroupsOutcome::default()
        })),
    }
}

fn redirect(address: &str) -> Response {
    Redirect::to(address).into_response()
}

fn parse_id(id: &str) -> Option<GroupId> {
    id.parse().ok().map(GroupId)
}

async fn list_page(
    state: &AppState,
    page_request: PageRequest,
    number: i64,
    form: GroupForm,
    outcome: GroupsOutcome,
) -> Response {
    let groups = match state.portal.store.list_groups().await {
        Ok(groups) => groups,
        Err(cause) => return notice::unavailable(state, page_request, &cause).await,
    };
    let locale = page_request.locale;
    let messages = state.i18n.messages(locale).clone();
    let status = outcome.status();
    let count = i64::try_from(groups.len()).unwrap_or(i64::MAX);
    let page = ListPage::of(number, count);
    let groups = page.entries(groups);
    let view = move || list_view(locale, (page, &groups), &form, &outcome, &messages);
    page_with_status(state, page_request, "groups", status, view).await
}

fn list_view(
    locale: Locale,
    (page, groups): (ListPage, &[Group]),
    form: &GroupForm,
    outcome: &GroupsOutcome,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let path = format!("/{locale}/admin/groups");
    let rows = groups.iter().map(|group| {
        let address = format!("{path}/{}", group.id.0);
        let count = messages.with("member-count", &[("count", &group.members.to_string())]);
        view! { <li><a href=address>{group.name.as_str().to_owned()}</a><span class="quiet">{count}</span></li> }
    });
    let rows = rows.collect_view();
    let list = match groups.is_empty() {
        true => view! { <p class="quiet">{messages.get("group-none")}</p> }.into_any(),
        false => view! { <ul class="portal-list">{rows}</ul> }.into_any(),
    };
    view! {
        {outcome_view(outcome.message.clone())}
        <p class="lead">{messages.get("group-lead")}</p>
        {list}
        {page.links(|number| page_address(&path, number), messages)}
        <form class="portal-form" method="post" action=path.clone()>
            <h2>{messages.get("group-new")}</h2>
            {field(name_field(&form.name, outcome, messages))}
            <p class="portal-wide"><button class="button primary">{messages.get("group-create")}</button></p>
        </form>
    }
}

async fn group_page(
    state: &AppState,
    page_request: PageRequest,
    id: &str,
    form: GroupForm,
    outcome: GroupsOutcome,
) -> Response {
    let Some(id) = parse_id(id) else {
        return not_found::show(state, page_request).await;
    };
    match find(state, id).await {
        Ok(Some((group, members, addresses))) => {
            let locale = page_request.locale;
            let messages = state.i18n.messages(locale).clone();
            let status = outcome.status();
            let view = move || {
                let form_view = forms(locale, &group, &form, &outcome, &addresses, &messages);
                let question = outcome.question.and_then(|question| {
                    question_view(locale, &group, &members, question, &messages)
                });
                view! {
                    <h2>{group.name.as_str().to_owned()}</h2>
                    {outcome_view(outcome.message.clone())}
                    {question}
                    {members_view(locale, &group, &members, &messages)}
                    {form_view}
                }
            };
            page_with_status(state, page_request, "groups", status, view).await
        }
        Ok(None) => not_found::show(state, page_request).await,
        Err(cause) => notice::unavailable(state, page_request, &cause).await,
    }
}

/// Returns a group, its members, and the addresses of those who do not belong to it.
async fn find(
    state: &AppState,
    id: GroupId,
) -> Result<Option<(Group, Vec<GroupMember>, Vec<String>)>, StoreError> {
    let store = &state.portal.store;
    let Some((group, members)) = store.find_group(id).await? else {
        return Ok(None);
    };
    let filter = MemberFilter::default();
    let everybody = store.list_members(&filter, (0, SUGGESTIONS)).await?;
    let others = everybody.into_iter().map(|member| member.account);
    let others = others.filter(|account| members.iter().all(|one| one.account != account.id));
    let addresses = others.map(|account| account.email.as_str().to_owned());
    let addresses = addresses.collect();
    Ok(Some((group, members, addresses)))
}

fn members_view(
    locale: Locale,
    group: &Group,
    members: &[GroupMember],
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let action = format!("/{locale}/admin/groups/{}", group.id.0);
    let rows = members.iter().map(|member| {
        let label = messages.with("group-remove-member", &[("name", &member.name)]);
        view! {
            <li>
                <span><strong>{member.name.clone()}</strong>" "<span class="quiet">{member.email.clone()}</span></span>
                <span class="quiet">{messages.get(&format!("role-{}", member.role))}</span>
                <form method="post" action=action.clone()>
                    <input type="hidden" name="id" value=member.account.to_string()/>
                    <button class="link-button" name="do" value="remove" aria-label=label>{messages.get("group-remove")}</button>
                </form>
            </li>
        }
    });
    let rows = rows.collect_view();
    match members.is_empty() {
        true => view! { <p class="quiet">{messages.get("group-empty")}</p> }.into_any(),
        false => view! { <ul class="portal-list">{rows}</ul> }.into_any(),
    }
}

/// Renders a question about a group; `None` when the member to remove does not belong to it any more.
fn question_view(
    locale: Locale,
    group: &Group,
    members: &[GroupMember],
    question: GroupQuestion,
    messages: &MessageCatalog,
) -> Option<impl IntoView + use<>> {
    let address = format!("/{locale}/admin/groups/{}", group.id.0);
    let group_name = group.name.as_str();
    let question = match question {
        GroupQuestion::Delete => QuestionForm {
            text: messages.with("group-delete-ask", &[("name", group_name)]),
            action: "delete",
            button: messages.get("group-delete-really"),
            ..QuestionForm::default()
        },
        GroupQuestion::Remove(account) => {
            let member = members.iter().find(|member| member.account == account)?;
            let values = [("name", member.name.as_str()), ("group", group_name)];
            let mut text = messages.with("group-remove-ask", &values);
            if member.role == TeamRole::Mentor {
                text = format!("{text} {}", messages.get("group-remove-ask-mentor"));
            }
            QuestionForm {
                text,
                values: vec![("id", account.to_string())],
                action: "remove",
                button: messages.get("group-remove-really"),
                ..QuestionForm::default()
            }
        }
    };
    let question = QuestionForm {
        address: address.clone(),
        cancel: address,
        ..question
    };
    Some(question_form(question, messages))
}

/// Renders the forms to add a member, to rename the group, and to delete it.
fn forms(
    locale: Locale,
    group: &Group,
    form: &GroupForm,
    outcome: &GroupsOutcome,
    addresses: &[String],
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let action = format!("/{locale}/admin/groups/{}", group.id.0);
    let suggestions = addresses
        .iter()
        .map(|address| view! { <option value=address.clone()></option> });
    let suggestions = suggestions.collect_view();
    let email = Field {
        name: "email",
        kind: "email",
        label: messages.get("group-member-email"),
        autocomplete: "off",
        value: form.email.clone(),
        list: Some("group-suggestions"),
        problem: outcome.email_problem.clone(),
        ..Field::default()
    };
    let name = match form.name.is_empty() {
        true => group.name.as_str(),
        false => &form.name,
    };
    let all = format!("/{locale}/admin/groups");
    view! {
        <form class="portal-form" method="post" action=action.clone()>
            <h2>{messages.get("group-add")}</h2>
            {field(email)}
            <datalist id="group-suggestions">{suggestions}</datalist>
            <p class="portal-wide"><button class="button primary" name="do" value="add">{messages.get("group-add")}</button></p>
        </form>
        <form class="portal-form" method="post" action=action.clone()>
            <h2>{messages.get("group-rename")}</h2>
            {field(name_field(name, outcome, messages))}
            <p class="portal-wide"><button class="button" name="do" value="rename">{messages.get("group-rename")}</button></p>
        </form>
        <form method="post" action=action>
            <button class="link-button portal-delete" name="do" value="delete">{messages.get("group-delete")}</button>
        </form>
        <p><a href=all>{messages.get("group-all")}</a></p>
    }
}

fn name_field(value: &str, outcome: &GroupsOutcome, messages: &MessageCatalog) -> Field {
    Field {
        name: "name",
        kind: "text",
        label: messages.get("group-name"),
        autocomplete: "off",
        value: value.to_owned(),
        problem: outcome.name_problem.clone(),
        ..Field::default()
    }
}
