//! `/{lang}/admin/audit`: what was done with accounts, as a page and as files.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use leptos::prelude::*;

use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::model::timestamp::Timestamp;
use crate::pages::admin::audit_filter::AuditQuery;
use crate::pages::admin::page_with_status;
use crate::pages::csv_file::{csv_file, csv_text, download};
use crate::pages::notice;
use crate::pages::signed_in::{AdminRequest, MemberRequest};
use crate::pages::time::time;
use crate::portal::store::audit::{AuditAction, AuditEntry};
use crate::state::AppState;

/// The number of entries on a page.
const PAGE_SIZE: i64 = 100;
/// The maximum number of entries in a file.
const FILE_SIZE: i64 = 100_000;

/// Handles `GET /{lang}/admin/audit`.
pub(super) async fn show(
    State(state): State<AppState>,
    AdminRequest(request): AdminRequest,
    RawQuery(query): RawQuery,
) -> Response {
    let query = AuditQuery::parse(query.as_deref());
    let store = &state.portal.store;
    // One more than a page shows that there is another one.
    let (entries, problem) = match query.filter() {
        Ok(filter) => match store.list_audit(&filter, query.before, PAGE_SIZE + 1).await {
            Ok(entries) => (entries, None),
            Err(cause) => return notice::unavailable(&state, request.page, &cause).await,
        },
        Err(problem) => (Vec::new(), Some(problem)),
    };
    let locale = request.page.locale;
    let messages = state.i18n.messages(locale).clone();
    let status = match problem {
        None => StatusCode::OK,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let view = move || {
        view! {
            {filter_form(locale, &query, problem, &messages)}
            {table(locale, &query, &entries, &messages)}
        }
    };
    page_with_status(&state, request.page, "audit", status, view).await
}

/// Handles `GET /{lang}/admin/audit.csv`: the entries as CSV (RFC 4180), for a spreadsheet.
pub(super) async fn csv(
    State(state): State<AppState>,
    AdminRequest(request): AdminRequest,
    RawQuery(query): RawQuery,
) -> Response {
    match export(&state, request, query.as_deref()).await {
        Ok(entries) => csv_file("audit.csv", csv_text(&records(&entries))),
        Err(refusal) => refusal,
    }
}

/// Handles `GET /{lang}/admin/audit.jsonl`: the entries as JSON, one a line.
pub(super) async fn json_lines(
    State(state): State<AppState>,
    AdminRequest(request): AdminRequest,
    RawQuery(query): RawQuery,
) -> Response {
    match export(&state, request, query.as_deref()).await {
        Ok(entries) => {
            let lines = entries.iter().map(|entry| {
                let json = serde_json::to_string(entry).expect("an entry is JSON");
                [&json, "\n"].concat()
            });
            download("audit.jsonl", "application/jsonl", lines.collect())
        }
        Err(refusal) => refusal,
    }
}

/// Returns the newest entries of the filter in the query, and records that they were exported.
///
/// # Errors
/// The response when the filter is wrong or the database fails.
async fn export(
    state: &AppState,
    request: MemberRequest,
    query: Option<&str>,
) -> Result<Vec<AuditEntry>, Response> {
    let Ok(filter) = AuditQuery::parse(query).filter() else {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Err(notice::show(state, request.page, status, "audit-filter-wrong").await);
    };
    let store = &state.portal.store;
    let entries = match store.list_audit(&filter, None, FILE_SIZE).await {
        Ok(entries) => entries,
        Err(cause) => return Err(notice::unavailable(state, request.page, &cause).await),
    };
    let action = AuditAction::Export;
    let portal = &state.portal;
    portal.record_audit(&request.actor, action, "audit").await;
    Ok(entries)
}

fn records(entries: &[AuditEntry]) -> Vec<Vec<String>> {
    let head = [
        "time", "action", "actor", "subject", "detail", "address", "request",
    ];
    let entries = entries.iter().map(|entry| {
        let at = Timestamp::from_milliseconds(entry.at).to_string();
        let cells = [
            at,
            entry.action.clone(),
            entry.actor.clone().unwrap_or_default(),
            entry.subject.clone(),
            entry.detail.clone(),
            entry.address.clone().unwrap_or_default(),
            entry.request_id.clone(),
        ];
        cells.to_vec()
    });
    [head.map(str::to_owned).to_vec()]
        .into_iter()
        .chain(entries)
        .collect()
}

fn filter_form(
    locale: Locale,
    query: &AuditQuery,
    problem: Option<&'static str>,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let options = AuditAction::ALL.map(|action| {
        let name = action.as_str();
        view! { <option value=name selected=name == query.action>{messages.get(&format!("audit-{name}"))}</option> }
    });
    let invalid = problem.is_some().then_some("true");
    let problem_id = problem.map(|_| "audit-problem");
    let day = |name: &'static str, value: &str| {
        let label = messages.get(&format!("audit-{name}"));
        view! {
            <label class="portal-day">{label}" "
                <input type="date" name=name value=value.to_owned() aria-invalid=invalid aria-describedby=problem_id/>
            </label>
        }
    };
    let days = [day("from", &query.from), day("to", &query.to)];
    let problem = problem.map(|key| {
        view! { <p id=problem_id class="portal-problem" role="alert">{messages.get(key)}</p> }
    });
    let address = format!("/{locale}/admin/audit");
    let filtered = query.text(None);
    let clear = (!filtered.is_empty()).then(|| {
        let all = address.clone();
        view! { <a href=all>{messages.get("member-clear")}</a> }
    });
    view! {
        {problem}
        <form class="portal-filter" method="get" action=address.clone()>
            <input type="search" name="q" value=query.q.clone() aria-label=messages.get("audit-person") placeholder=messages.get("audit-person")/>
            <select name="action" aria-label=messages.get("audit-action")>
                <option value="">{messages.get("audit-any")}</option>
                {options.collect_view()}
            </select>
            {days.collect_view()}
            <button class="button">{messages.get("member-filter")}</button>
            {clear}
        </form>
        <p class="portal-pages">
            <a class="button" href=format!("{address}.csv?{filtered}") download="">{messages.get("audit-csv")}</a>
            <a class="button" href=format!("{address}.jsonl?{filtered}") download="">{messages.get("audit-jsonl")}</a>
        </p>
        <p class="quiet">{messages.get("audit-note")}</p>
    }
}

/// Renders a page of entries, and the link to the one with older ones.
fn table(
    locale: Locale,
    query: &AuditQuery,
    entries: &[AuditEntry],
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    if entries.is_empty() {
        return view! { <p class="quiet">{messages.get("audit-none")}</p> }.into_any();
    }
    let size = usize::try_from(PAGE_SIZE).expect("a small number");
    let shown = &entries[..entries.len().min(size)];
    let rows = shown
        .iter()
        .map(|entry| row(entry, messages))
        .collect_view();
    let heads = ["time", "action", "actor", "subject", "address"]
        .map(|name| view! { <th scope="col">{messages.get(&format!("audit-{name}"))}</th> });
    let older = (entries.len() > size).then(|| {
        let query = query.text(shown.last().map(|entry| entry.id));
        let target = format!("/{locale}/admin/audit?{query}");
        view! { <p class="portal-pages"><a class="button" rel="next" href=target>{messages.get("audit-older")}</a></p> }
    });
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label=messages.get("admin-audit")>
            <table class="portal-table">
                <thead><tr>{heads.collect_view()}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {older}
    }
    .into_any()
}

fn row(entry: &AuditEntry, messages: &MessageCatalog) -> impl IntoView + use<> {
    let detail = (!entry.detail.is_empty()).then(|| {
        // The detail of a failed login is the name of the account with the address.
        let text = match entry.action == AuditAction::LogInFailed.as_str() {
            true => messages.with("audit-known-account", &[("name", &entry.detail)]),
            false => entry.detail.clone(),
        };
        view! { <br/><span class="quiet">{text}</span> }
    });
    let actor = entry.actor.clone();
    // What the server does by itself has no request.
    let nobody = match entry.request_id.is_empty() {
        true => "audit-system",
        false => "audit-nobody",
    };
    let actor = actor.unwrap_or_else(|| messages.get(nobody));
    view! {
        <tr>
            <td>{time(entry.at)}</td>
            <td>{messages.get(&format!("audit-{}", entry.action))}</td>
            <td>{actor}</td>
            <td>{entry.subject.clone()}{detail}</td>
            <td>{entry.address.clone().unwrap_or_default()}</td>
        </tr>
    }
}
