//! `/{lang}/admin/members`: who is in the team; changes of roles, disabling, deleting, links to set a password.

use std::collections::BTreeMap;

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use leptos::prelude::*;
use serde::Deserialize;

use crate::islands::copy_button::CopyButton;
use crate::model::account::{AccountId, TeamRole};
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::admin::{outcome_view, page_with_status};
use crate::pages::meta::PageRequest;
use crate::pages::signed_in::{AdminRequest, MemberRequest};
use crate::pages::time::time;
use crate::pages::{member_sandbox, notice};
use crate::portal::store::StoreError;
use crate::portal::store::group::{Group, GroupId};
use crate::portal::store::member::{Member, MemberChange, MemberError, MemberFilter};
use crate::state::AppState;

/// The number of members on a page.
const PAGE_SIZE: i64 = 50;

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
                _ => {}
            }
        }
        parsed
    }
}

/// What the form of a member does.
#[derive(Debug, Deserialize)]
pub(super) struct MemberForm {
    id: i64,
    #[serde(rename = "do")]
    action: String,
    #[serde(default)]
    role: String,
    /// The address, typed to confirm that the account is to be deleted.
    #[serde(default)]
    confirm: String,
}

/// What is shown above the list after something was done.
#[derive(Clone, Default)]
struct MembersOutcome {
    message: Option<(bool, String)>,
    /// The status, unless it is 200.
    status: Option<StatusCode>,
    /// A link to set a password, which is shown once.
    link: Option<String>,
    /// The member whose deletion is to be confirmed.
    confirming: Option<AccountId>,
    /// The member whose second factor is to be removed when it is confirmed.
    confirming_factor: Option<AccountId>,
    /// The members with a second factor or a passkey.
    with_factor: Vec<AccountId>,
    /// The days for which the audit log names an account that is deleted.
    audit_days: String,
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

/// Handles `GET /{lang}/admin/members`.
pub(super) async fn show(
    State(state): State<AppState>,
    AdminRequest(request): AdminRequest,
    RawQuery(query): RawQuery,
) -> Response {
    let query = MembersQuery::parse(query.as_deref());
    list(&state, request.page, query, MembersOutcome::default()).await
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
    let outcome = match form {
        Ok(Form(form)) => change(&state, &request, &form, &messages).await,
        Err(rejection) => Ok(MembersOutcome {
            message: Some((false, messages.get("login-unreadable"))),
            status: Some(rejection.status()),
            ..MembersOutcome::default()
        }),
    };
    match outcome {
        Ok(outcome) => list(&state, request.page, query, outcome).await,
        Err(cause) => notice::unavailable(&state, request.page, &cause).await,
    }
}

/// Does what a form asks for, and returns what to say about it.
async fn change(
    state: &AppState,
    request: &MemberRequest,
    form: &MemberForm,
    messages: &MessageCatalog,
) -> Result<MembersOutcome, MemberError> {
    let id = AccountId(form.id);
    let portal = &state.portal;
    let done = |key: &str, name: &str| MembersOutcome {
        message: Some((true, messages.with(key, &[("name", name)]))),
        ..MembersOutcome::default()
    };
    let refused_with = |status, key: &str| MembersOutcome {
        message: Some((false, messages.get(key))),
        status: Some(status),
        ..MembersOutcome::default()
    };
    let refused = |key: &str| refused_with(StatusCode::UNPROCESSABLE_ENTITY, key);
    let conflict = |key: &str| refused_with(StatusCode::CONFLICT, key);
    let change = match form.action.as_str() {
        "role" => match TeamRole::parse(&form.role) {
            Some(role) => MemberChange::Role(role),
            None => return Ok(refused("login-unreadable")),
        },
        "disable" => MemberChange::Disabled(true),
        "enable" => MemberChange::Disabled(false),
        "delete" => {
            let Some(account) = portal.store.find_account(id).await? else {
                return Ok(conflict("member-not-found"));
            };
            if form.confirm.trim() != account.email.as_str() {
                let wrong = !form.confirm.is_empty();
                return Ok(MembersOutcome {
                    message: wrong.then(|| (false, messages.get("member-delete-wrong"))),
                    status: wrong.then_some(StatusCode::UNPROCESSABLE_ENTITY),
                    confirming: Some(id),
                    ..MembersOutcome::default()
                });
            }
            MemberChange::Delete
        }
        "second-factor" => {
            let Some(account) = portal.store.find_account(id).await? else {
                return Ok(conflict("member-not-found"));
            };
            if form.confirm != "second-factor" {
                return Ok(MembersOutcome {
                    confirming_factor: Some(id),
                    ..MembersOutcome::default()
                });
            }
            return Ok(
                match portal.reset_second_factor(&account, &request.actor).await? {
                    true => done("member-factor-removed", account.name.as_str()),
                    false => conflict("member-factor-none"),
                },
            );
        }
        "reset" => {
            let account = portal.store.find_account(id).await?;
            if account.is_some_and(|account| account.is_disabled) {
                return Ok(conflict("member-reset-disabled"));
            }
            return match portal.create_reset_link(id, &request.actor).await {
                Ok((account, token)) => {
                    let origin = state.config.origin();
                    let link = format!("{origin}/{}/reset/{}", account.language, token.as_str());
                    Ok(MembersOutcome {
                        link: Some(link),
                        ..done("member-reset-link", account.name.as_str())
                    })
                }
                Err(MemberError::NotFound) => Ok(conflict("member-not-found")),
                Err(error) => Err(error),
            };
        }
        _ => return Ok(refused("login-unreadable")),
    };
    let now = portal.clock.now();
    let changed = portal.store.change_member(id, change, &request.actor, now);
    match changed.await {
        Ok(account) => {
            if change == MemberChange::Delete {
                member_sandbox::try_delete_left_sandboxes(state).await;
            }
            let key = match change {
                MemberChange::Role(_) => "member-role-changed",
                MemberChange::Disabled(true) => "member-disabled",
                MemberChange::Disabled(false) => "member-enabled",
                MemberChange::Delete => "member-deleted",
            };
            Ok(done(key, account.name.as_str()))
        }
        Err(MemberError::LastAdmin) => Ok(conflict("member-last-admin")),
        Err(MemberError::NotFound) => Ok(conflict("member-not-found")),
        Err(error) => Err(error),
    }
}

async fn list(
    state: &AppState,
    page_request: PageRequest,
    query: MembersQuery,
    outcome: MembersOutcome,
) -> Response {
    let number = query.page.unwrap_or(1).clamp(1, i64::from(u32::MAX));
    let filter = MemberFilter {
        text: query.q.clone(),
        role: TeamRole::parse(&query.role),
        is_disabled: match query.state.as_str() {
            "disabled" => Some(true),
            "active" => Some(false),
            _ => None,
        },
        group: query.group.parse().ok().map(GroupId),
        offset: (number - 1) * PAGE_SIZE,
        limit: PAGE_SIZE,
    };
    let (members, count) = match state.portal.store.list_members(&filter).await {
        Ok(found) => found,
        Err(cause) => return notice::unavailable(state, page_request, &cause).await,
    };
    let with_factor = match state.portal.store.accounts_with_second_factor().await {
        Ok(with_factor) => with_factor,
        Err(cause) => return notice::unavailable(state, page_request, &cause).await,
    };
    let outcome = MembersOutcome {
        with_factor,
        audit_days: state.portal.settings.get().audit_days.to_string(),
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
        let members = (members.as_slice(), count);
        content(
            locale, &query, number, members, &groups, &outcome, &messages,
        )
    };
    let status = outcome_status.unwrap_or(StatusCode::OK);
    page_with_status(state, page_request, "members", status, view).await
}

fn content(
    locale: Locale,
    query: &MembersQuery,
    number: i64,
    (members, count): (&[Member], i64),
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
    let count_text = messages.with("member-count", &[("count", &count.to_string())]);
    view! {
        {outcome_view(outcome.message.clone())}
        {link}
        {filter_form(locale, query, groups, messages)}
        <p class="quiet">{count_text}" "{clear}</p>
        <p class="quiet">{messages.get("roles-note")}</p>
        <div class="table-scroll" tabindex="0" role="region" aria-label=messages.get("admin-members")>
            <table class="portal-table">
                <thead><tr>{heads.collect_view()}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {pages(locale, query, number, count, messages)}
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
    let action = format!("/{locale}/admin/members{}", query_string(query, query.page));
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
    let confirm = (outcome.confirming == Some(account.id)).then(|| {
        let email = account.email.as_str().to_owned();
        view! {
            <form class="portal-confirm" method="post" action=action.clone()>
                <input type="hidden" name="id" value=id.clone()/>
                <p>{messages.with("member-delete-ask", &[("name", &name), ("email", &email), ("days", &outcome.audit_days)])}</p>
                <input name="confirm" required autocomplete="off" aria-label=messages.get("member-delete-confirm")/>
                <button class="button" name="do" value="delete">{messages.get("member-delete-really")}</button>
            </form>
        }
    });
    let factor = outcome
        .with_factor
        .contains(&account.id)
        .then(|| button("second-factor", "member-factor"));
    let confirm_factor = (outcome.confirming_factor == Some(account.id)).then(|| {
        view! {
            <form class="portal-confirm" method="post" action=action.clone()>
                <input type="hidden" name="id" value=id.clone()/>
                <input type="hidden" name="confirm" value="second-factor"/>
                <p>{messages.with("member-factor-ask", &[("name", &name)])}</p>
                <button class="button" name="do" value="second-factor">{messages.get("member-factor-really")}</button>
            </form>
        }
    });
    view! {
        <tr>
            <td><strong>{name.clone()}</strong>{state}<br/><span class="quiet">{account.email.as_str().to_owned()}</span>{groups}</td>
            <td>
                <form class="portal-row-form" method="post" action=action.clone()>
                    <input type="hidden" name="id" value=id.clone()/>
                    <select name="role" aria-label=role_label>{roles.collect_view()}</select>
                    <button class="button" name="do" value="role">{messages.get("member-role-set")}</button>
                </form>
            </td>
            <td>{seen}</td>
            <td>{time(account.created)}</td>
            <td class="portal-wrap">
                <form class="portal-row-form" method="post" action=action.clone()>
                    <input type="hidden" name="id" value=id.clone()/>
                    {button("reset", "member-reset")}
                    {factor}
                    {able}
                    {button("delete", "member-delete")}
                </form>
                {confirm_factor}
                {confirm}
            </td>
        </tr>
    }
}

/// Renders the links to the pages before and after.
fn pages(
    locale: Locale,
    query: &MembersQuery,
    number: i64,
    count: i64,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let link = |page: i64, rel: &'static str, key: &str| {
        let target = format!("/{locale}/admin/members{}", query_string(query, Some(page)));
        view! { <a class="button" rel=rel href=target>{messages.get(key)}</a> }
    };
    let previous = (number > 1).then(|| link(number - 1, "prev", "previous-page"));
    let next = (number * PAGE_SIZE < count).then(|| link(number + 1, "next", "next-page"));
    view! { <p class="portal-pages">{previous}{next}</p> }
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
