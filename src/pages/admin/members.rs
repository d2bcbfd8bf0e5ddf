//! `/{lang}/admin/members`: who is in the team, with a form for each member (`member_change`).

use std::collections::BTreeMap;

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use leptos::prelude::*;

use crate::islands::copy_button::CopyButton;
use crate::model::account::{AccountId, TeamRole};
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::admin::member_change::{
    FormResult, MemberForm, MembersOutcome, change, done_message, question_view,
};
use crate::pages::admin::{outcome_view, page_with_status};
use crate::pages::list_page::ListPage;
use crate::pages::meta::PageRequest;
use crate::pages::notice;
use crate::pages::signed_in::AdminRequest;
use crate::pages::time::time;
use crate::portal::store::StoreError;
use crate::portal::store::group::{Group, GroupId};
use crate::portal::store::member::{Member, MemberFilter};
use crate::state::AppState;

/// The query of the page.
#[derive(Clone, Debug, Default)]
struct MembersQuery {
    /// A part of a name or of an address.
    q: String,
    /// The name of a role; empty for all.
    role: String,
    /// `disabled` or `active`; empty for both.
    state: String,
    /// The id of a group; empty for all.
    group: String,
    /// The page, from 1.
    page: Option<i64>,
    /// What was done before, as the address of the page says it.
    done: String,
    /// The member to whom it was done.
    member: Option<i64>,
}

impl MembersQuery {
    fn parse(query: Option<&str>) -> MembersQuery {
        let mut parsed = MembersQuery::default();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match name.as_ref() {
                "q" => parsed.q = value.trim().to_owned(),
                "role" => parsed.role = value.into_owned(),
                "state" => parsed.state = value.into_owned(),
                "group" => parsed.group = value.into_owned(),
                "page" => parsed.page = value.parse().ok(),
                "done" => parsed.done = value.into_owned(),
                "member" => parsed.member = value.parse().ok(),
                _ => {}
            }
        }
        parsed
    }
}

/// The groups of the team, and their names by member.
#[derive(Clone)]
struct MemberGroups {
    all: Vec<Group>,
    names: BTreeMap<AccountId, Vec<String>>,
}

async fn read_groups(state: &AppState) -> Result<MemberGroups, StoreError> {
    let store = &state.portal.store;
    Ok(MemberGroups {
        all: store.list_groups().await?,
        names: store.group_names().await?,
    })
}

/// Handles `GET /{lang}/admin`: redirects to the first page of the administration.
pub(super) async fn show_first(AdminRequest(request): AdminRequest) -> Response {
    Redirect::to(&format!("/{}/admin/members", request.page.locale)).into_response()
}

/// Handles `GET /{lang}/admin/members`.
pub(super) async fn show(
    State(state): State<AppState>,
    AdminRequest(request): AdminRequest,
    RawQuery(query): RawQuery,
) -> Response {
    let query = MembersQuery::parse(query.as_deref());
    let messages = state.i18n.messages(request.page.locale);
    let member = query.member.map(AccountId);
    let message = match done_message(&state, &query.done, member, messages).await {
        Ok(message) => message,
        Err(cause) => return notice::unavailable(&state, request.page, &cause).await,
    };
    let outcome = MembersOutcome {
        message: message.map(|text| (true, text)),
        ..MembersOutcome::default()
    };
    list(&state, request.page, query, outcome).await
}

/// Handles `POST /{lang}/admin/members`.
pub(super) async fn submit(
    State(state): State<AppState>,
    AdminRequest(request): AdminRequest,
    RawQuery(query): RawQuery,
    form: Result<Form<MemberForm>, FormRejection>,
) -> Response {
    let query = MembersQuery::parse(query.as_deref());
    let messages = state.i18n.messages(request.page.locale).clone();
    let result = match form {
        Ok(Form(form)) => change(&state, &request, &form, &messages).await,
        Err(rejection) => {
            let text = messages.get("login-unreadable");
            let refused = MembersOutcome::refused(rejection.status(), text);
            Ok(FormResult::Page(refused))
        }
    };
    match result {
        Ok(FormResult::Done(done, member)) => {
            let locale = request.page.locale;
            let mut target = query_string(&query, query.page);
            target.push(if target.is_empty() { '?' } else { '&' });
            let target = format!("/{locale}/admin/members{target}done={done}&member={member}");
            Redirect::to(&target).into_response()
        }
        Ok(FormResult::Page(outcome)) => list(&state, request.page, query, outcome).await,
        Err(cause) => notice::unavailable(&state, request.page, &cause).await,
    }
}

/// Reads a page of the members of a filter.
async fn read_page(
    state: &AppState,
    filter: &MemberFilter,
    number: i64,
) -> Result<(ListPage, Vec<Member>), StoreError> {
    let store = &state.portal.store;
    let page = ListPage::of(number, store.count_members(filter).await?);
    Ok((page, store.list_members(filter, page.range()).await?))
}

async fn list(
    state: &AppState,
    page_request: PageRequest,
    query: MembersQuery,
    outcome: MembersOutcome,
) -> Response {
    let filter = MemberFilter {
        text: query.q.clone(),
        role: TeamRole::parse(&query.role),
        is_disabled: match query.state.as_str() {
            "disabled" => Some(true),
            "active" => Some(false),
            _ => None,
        },
        group: query.group.parse().ok().map(GroupId),
    };
    let (page, members) = match read_page(state, &filter, query.page.unwrap_or(1)).await {
        Ok(found) => found,
        Err(cause) => return notice::unavailable(state, page_request, &cause).await,
    };
    let with_factor = match state.portal.store.accounts_with_second_factor().await {
        Ok(with_factor) => with_factor,
        Err(cause) => return notice::unavailable(state, page_request, &cause).await,
    };
    let outcome = MembersOutcome {
        with_factor,
        ..outcome
    };
    let groups = match read_groups(state).await {
        Ok(groups) => groups,
        Err(cause) => return notice::unavailable(state, page_request, &cause).await,
    };
    let locale = page_request.locale;
    let messages = state.i18n.messages(locale).clone();
    let outcome_status = outcome.status;
    let view = move || {
        let members = (page, members.as_slice());
        content(locale, &query, members, &groups, &outcome, &messages)
    };
    let status = outcome_status.unwrap_or(StatusCode::OK);
    page_with_status(state, page_request, "members", status, view).await
}

fn content(
    locale: Locale,
    query: &MembersQuery,
    (page, members): (ListPage, &[Member]),
    groups: &MemberGroups,
    outcome: &MembersOutcome,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let link = outcome.link.clone().map(|link| {
        view! {
            <div class="code-block portal-link">
                <div><pre class="code" tabindex="0"><code>{link}</code></pre></div>
                <CopyButton/>
            </div>
        }
    });
    // Above the table, whose cells are narrow and scroll on a phone.
    let question = outcome.question.as_ref();
    let question = question.and_then(|question| {
        let mut accounts = members.iter().map(|member| &member.account);
        let account = accounts.find(|account| account.id == question.member)?;
        let action = action(locale, query);
        Some(question_view(&action, account, question, messages))
    });
    let rows = members
        .iter()
        .map(|member| row(locale, query, (member, groups), outcome, messages));
    let rows = rows.collect_view();
    let heads = ["name", "role", "seen", "joined", "actions"]
        .map(|name| view! { <th scope="col">{messages.get(&format!("member-{name}"))}</th> });
    let is_filtered = !query_string(query, None).is_empty();
    let clear = is_filtered.then(|| {
        let all = format!("/{locale}/admin/members");
        view! { <a href=all>{messages.get("member-clear")}</a> }
    });
    let count_text = messages.with("member-count", &[("count", &page.count().to_string())]);
    let address = |number| {
        format!(
            "/{locale}/admin/members{}",
            query_string(query, Some(number))
        )
    };
    view! {
        {outcome_view(outcome.message.clone())}
        {link}
        {question}
        {filter_form(locale, query, groups, messages)}
        <p class="quiet">{count_text}" "{clear}</p>
        <p class="quiet">{messages.get("roles-note")}</p>
        <div class="table-scroll" tabindex="0" role="region" aria-label=messages.get("admin-members")>
            <table class="portal-table portal-cards">
                <thead><tr>{heads.collect_view()}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {page.links(address, messages)}
    }
}

fn filter_form(
    locale: Locale,
    query: &MembersQuery,
    groups: &MemberGroups,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let option = |value: &'static str, key: &str, chosen: &str| {
        view! { <option value=value selected=value == chosen>{messages.get(key)}</option> }
    };
    let roles = TeamRole::ALL.map(|role| {
        let name = role.as_str();
        view! { <option value=name selected=name == query.role>{messages.get(&format!("role-{name}"))}</option> }
    });
    let groups = groups.all.iter().map(|group| {
        let id = group.id.0.to_string();
        let is_chosen = id == query.group;
        view! { <option value=id selected=is_chosen>{group.name.as_str().to_owned()}</option> }
    });
    let groups = groups.collect_view();
    view! {
        <form class="portal-filter" method="get" action=format!("/{locale}/admin/members")>
            <input type="search" name="q" value=query.q.clone() aria-label=messages.get("member-search") placeholder=messages.get("member-search")/>
            <select name="role" aria-label=messages.get("member-role")>
                {option("", "member-any-role", &query.role)}
                {roles.collect_view()}
            </select>
            <select name="group" aria-label=messages.get("team-group")>
                {option("", "team-all-groups", &query.group)}
                {groups}
            </select>
            <select name="state" aria-label=messages.get("member-state")>
                {option("", "member-any-state", &query.state)}
                {option("active", "member-active", &query.state)}
                {option("disabled", "member-is-disabled", &query.state)}
            </select>
            <button class="button">{messages.get("member-filter")}</button>
        </form>
    }
}

fn row(
    locale: Locale,
    query: &MembersQuery,
    (member, groups): (&Member, &MemberGroups),
    outcome: &MembersOutcome,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let account = &member.account;
    let groups = groups.names.get(&account.id).map(|names| {
        view! { <br/><span class="quiet">{names.join(", ")}</span> }
    });
    let action = action(locale, query);
    let id = account.id.to_string();
    let name = account.name.as_str().to_owned();
    let roles = TeamRole::ALL.map(|role| {
        let text = messages.get(&format!("role-{role}"));
        view! { <option value=role.as_str() selected=role == account.role>{text}</option> }
    });
    let role_label = messages.with("member-role-of", &[("name", &name)]);
    let button = |action: &'static str, key: &str| {
        let class = match action {
            "delete" => "link-button portal-delete",
            _ => "link-button",
        };
        view! { <button class=class name="do" value=action>{messages.get(key)}</button> }
    };
    let able = match account.is_disabled {
        true => button("enable", "member-enable"),
        false => button("disable", "member-disable"),
    };
    let state = account.is_disabled.then(|| {
        view! { " "<span class="portal-badge">{messages.get("member-is-disabled")}</span> }
    });
    let seen = match member.last_seen {
        Some(seen) => time(seen).into_any(),
        None => view! { <span class="quiet">"–"</span> }.into_any(),
    };
    let factor = outcome
        .with_factor
        .contains(&account.id)
        .then(|| button("second-factor", "member-factor"));
    let label = |name: &str| messages.get(&format!("member-{name}"));
    view! {
        <tr>
            <td><a href=format!("/{locale}/admin/members/{id}")><strong>{name.clone()}</strong></a>{state}<br/><span class="quiet">{account.email.as_str().to_owned()}</span>{groups}</td>
            <td data-label=label("role")>
                <form class="portal-row-form" method="post" action=action.clone()>
                    <input type="hidden" name="id" value=id.clone()/>
                    <select name="role" aria-label=role_label>{roles.collect_view()}</select>
                    <button class="button" name="do" value="role">{messages.get("member-role-set")}</button>
                </form>
            </td>
            <td data-label=label("seen")>{seen}</td>
            <td data-label=label("joined")>{time(account.created)}</td>
            <td class="portal-wrap" data-label=label("actions")>
                <form class="portal-row-form" method="post" action=action.clone()>
                    <input type="hidden" name="id" value=id.clone()/>
                    {button("reset", "member-reset")}
                    {factor}
                    {able}
                    {button("delete", "member-delete")}
                </form>
            </td>
        </tr>
    }
}

/// Returns the address to which the forms of the list are sent.
fn action(locale: Locale, query: &MembersQuery) -> String {
    format!("/{locale}/admin/members{}", query_string(query, query.page))
}

/// Returns the query of the list with its `?`; empty when nothing is chosen.
fn query_string(query: &MembersQuery, page: Option<i64>) -> String {
    let mut serializer = form_urlencoded::Serializer::new(String::new());
    for (name, value) in [
        ("q", &query.q),
        ("role", &query.role),
        ("state", &query.state),
        ("group", &query.group),
    ] {
        if !value.is_empty() {
            serializer.append_pair(name, value);
        }
    }
    if let Some(page) = page.filter(|page| *page > 1) {
        serializer.append_pair("page", &page.to_string());
    }
    let query = serializer.finish();
    if query.is_empty() {
        query
    } else {
        format!("?{query}")
    }
}
