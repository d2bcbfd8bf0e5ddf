//! `/{lang}/admin/audit`: what was done with accounts, as a page and as files.

use std::future::ready;

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use futures_util::{StreamExt as _, stream};
use leptos::prelude::*;

use crate::csv_text::{csv_lines, csv_text};
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::model::timestamp::Timestamp;
use crate::pages::admin::audit_filter::{AuditQuery, UNKNOWN_ACTION};
use crate::pages::admin::audit_text::AuditText;
use crate::pages::admin::page_with_status;
use crate::pages::attachment::{CSV, attachment, record_export};
use crate::pages::notice;
use crate::pages::signed_in::{AdminRequest, MemberRequest};
use crate::pages::time::time;
use crate::portal::store::audit::{AuditAction, AuditEntry, AuditFilter};
use crate::portal::store::{Store, StoreError};
use crate::state::AppState;

/// The number of entries on a page.
const PAGE_SIZE: i64 = 100;
/// The number of entries of a file that are in memory at once.
const FILE_PAGE_SIZE: i64 = 1000;
/// The head of the CSV file.
const CSV_HEAD: [&str; 7] = [
    "time", "action", "actor", "subject", "detail", "address", "request",
];

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
    method: Method,
) -> Response {
    let head = csv_text(&[CSV_HEAD.map(str::to_owned).to_vec()]);
    match export(&state, request, query.as_deref(), &method).await {
        Ok(pages) => attachment("audit.csv", CSV, file(head, pages, csv_page)),
        Err(refusal) => refusal,
    }
}

/// Handles `GET /{lang}/admin/audit.jsonl`: the entries as JSON, one a line.
pub(super) async fn json_lines(
    State(state): State<AppState>,
    AdminRequest(request): AdminRequest,
    RawQuery(query): RawQuery,
    method: Method,
) -> Response {
    let media_type = "application/jsonl";
    match export(&state, request, query.as_deref(), &method).await {
        Ok(pages) => {
            let file = file(String::new(), pages, json_page);
            attachment("audit.jsonl", media_type, file)
        }
        Err(refusal) => refusal,
    }
}

/// Returns the entries of the filter in the query, the newest first, and records that they were exported.
///
/// # Errors
/// The response when the filter is wrong or the database fails.
async fn export(
    state: &AppState,
    request: MemberRequest,
    query: Option<&str>,
    method: &Method,
) -> Result<AuditPages, Response> {
    let Ok(filter) = AuditQuery::parse(query).filter() else {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Err(notice::show(state, request.page, status, "audit-filter-wrong").await);
    };
    // Before the export is recorded, which is not one of the entries then.
    let first = state.portal.store.list_audit(&filter, None, FILE_PAGE_SIZE);
    let first = match first.await {
        Ok(first) => first,
        Err(cause) => return Err(notice::unavailable(state, request.page, &cause).await),
    };
    record_export(state, method, &request.actor, "audit").await;
    Ok(AuditPages {
        store: state.portal.store.clone(),
        filter,
        next: Some(first),
    })
}

/// The entries of a filter, page by page, so that a file of any length needs the memory of one page.
struct AuditPages {
    store: Store,
    filter: AuditFilter,
    /// The page that was read last; `None` after a failure.
    next: Option<Vec<AuditEntry>>,
}

impl AuditPages {
    /// Returns the next page; none after the last one.
    ///
    /// # Errors
    /// [`StoreError`]. Nothing follows after it.
    async fn next(&mut self) -> Result<Option<Vec<AuditEntry>>, StoreError> {
        let Some(page) = self.next.take() else {
            return Ok(None);
        };
        let Some(last) = page.last() else {
            return Ok(None);
        };
        let following = self
            .store
            .list_audit(&self.filter, Some(last.id), FILE_PAGE_SIZE);
        self.next = Some(following.await?);
        Ok(Some(page))
    }
}

/// Returns a file with these entries. When a later page cannot be read, the response is cut off, so that no browser takes the
/// file for a complete one.
fn file(head: String, pages: AuditPages, text: fn(&[AuditEntry]) -> String) -> Body {
    let texts = stream::try_unfold(pages, move |mut pages| async move {
        match pages.next().await {
            Ok(page) => Ok(page.map(|page| (text(&page), pages))),
            Err(cause) => {
                tracing::error!(%cause, "the export of the audit log was cut off");
                Err(cause)
            }
        }
    });
    let head = stream::once(ready(Ok::<_, StoreError>(head)));
    Body::from_stream(head.chain(texts))
}

fn json_page(entries: &[AuditEntry]) -> String {
    let lines = entries.iter().map(|entry| {
        let json = serde_json::to_string(entry).expect("an entry is JSON");
        [&json, "\n"].concat()
    });
    lines.collect()
}

fn csv_page(entries: &[AuditEntry]) -> String {
    let records = entries.iter().map(|entry| {
        let cells = [
            Timestamp::from_milliseconds(entry.at).to_string(),
            entry.action.clone(),
            entry.actor.clone().unwrap_or_default(),
            entry.subject.clone(),
            entry.detail.clone(),
            entry.address.clone().unwrap_or_default(),
            entry.request_id.clone(),
        ];
        cells.to_vec()
    });
    csv_lines(&records.collect::<Vec<_>>())
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
    let is_action_unknown = problem == Some(UNKNOWN_ACTION);
    let invalid = |is_invalid: bool| is_invalid.then_some(("true", "audit-problem")).unzip();
    let (unknown, unknown_id) = invalid(is_action_unknown);
    let (invalid, problem_id) = invalid(problem.is_some() && !is_action_unknown);
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
            <select name="action" aria-label=messages.get("audit-action") aria-invalid=unknown aria-describedby=unknown_id>
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
            <table class="portal-table portal-cards">
                <thead><tr>{heads.collect_view()}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {older}
    }
    .into_any()
}

fn row(entry: &AuditEntry, messages: &MessageCatalog) -> impl IntoView + use<> {
    let text = AuditText::of(entry, messages);
    let detail = text
        .detail
        .map(|detail| view! { <br/><span class="quiet">{detail}</span> });
    let actor = entry.actor.clone();
    // What the server does by itself has no request.
    let nobody = match entry.request_id.is_empty() {
        true => "audit-system",
        false => "audit-nobody",
    };
    let actor = actor.unwrap_or_else(|| messages.get(nobody));
    let label = |name: &str| messages.get(&format!("audit-{name}"));
    view! {
        <tr>
            <td>{time(entry.at)}</td>
            <td data-label=label("action")>{messages.get(&format!("audit-{}", entry.action))}</td>
            <td data-label=label("actor")>{actor}</td>
            <td data-label=label("subject")>{text.subject}{detail}</td>
            <td data-label=label("address")>{entry.address.clone()}</td>
        </tr>
    }
}
