//! `/{lang}/admin/audit`: what was done with accounts, as a page and as files.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use leptos::prelude::*;

use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::model::timestamp::Timestamp;
use crate::pages::admin::{page, time};
use crate::pages::csv_file::{csv_file, csv_text, download};
use crate::pages::notice;
use crate::pages::signed_in::{AdminRequest, MemberRequest};
use crate::portal::store::StoreError;
use crate::portal::store::audit::{AuditAction, AuditEntry};
use crate::state::AppState;

/// The number of entries on a page.
const PAGE_SIZE: i64 = 100;
/// The maximum number of entries in a file.
const FILE_SIZE: i64 = 100_000;

/// Returns the action of the query, and the id before which entries are listed.
fn parse_query(query: Option<&str>) -> (Option<AuditAction>, Option<i64>) {
    let (mut action, mut before) = (None, None);
    for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        match name.as_ref() {
            "action" => action = AuditAction::parse(&value),
            "before" => before = value.parse().ok(),
            _ => {}
        }
    }
    (action, before)
}

/// Handles `GET /{lang}/admin/audit`.
pub(super) async fn show(
    State(state): State<AppState>,
    AdminRequest(request): AdminRequest,
    RawQuery(query): RawQuery,
) -> Response {
    let (action, before) = parse_query(query.as_deref());
    let store = &state.portal.store;
    // One more than a page shows that there is another one.
    let entries = match store.list_audit(action, before, PAGE_SIZE + 1).await {
        Ok(entries) => entries,
        Err(cause) => return notice::unavailable(&state, request.page, &cause).await,
    };
    let locale = request.page.locale;
    let messages = state.i18n.messages(locale).clone();
    let view = move || content(locale, action, &entries, &messages);
    page(&state, request.page, "audit", view).await
}

/// Handles `GET /{lang}/admin/audit.csv`: the entries as CSV (RFC 4180), for a spreadsheet.
pub(super) async fn csv(
    State(state): State<AppState>,
    AdminRequest(request): AdminRequest,
    RawQuery(query): RawQuery,
) -> Response {
    match export(&state, &request, query.as_deref())
        .await
        .map(|entries| csv_text(&records(&entries)))
    {
        Ok(text) => csv_file("audit.csv", text),
        Err(cause) => notice::unavailable(&state, request.page, &cause).await,
    }
}

/// Handles `GET /{lang}/admin/audit.jsonl`: the entries as JSON, one a line.
pub(super) async fn json_lines(
    State(state): State<AppState>,
    AdminRequest(request): AdminRequest,
    RawQuery(query): RawQuery,
) -> Response {
    let entries = export(&state, &request, query.as_deref()).await;
    let lines = entries.map(|entries| {
        let lines = entries.iter().map(|entry| {
            let json = serde_json::to_string(entry).expect("an entry is JSON");
            [&json, "\n"].concat()
        });
        lines.collect()
    });
    match lines {
        Ok(text) => download("audit.jsonl", "application/jsonl", text),
        Err(cause) => notice::unavailable(&state, request.page, &cause).await,
    }
}

/// Returns the newest entries of the action in the query, and records that they were exported.
async fn export(
    state: &AppState,
    request: &MemberRequest,
    query: Option<&str>,
) -> Result<Vec<AuditEntry>, StoreError> {
    let store = &state.portal.store;
    let entries = store
        .list_audit(parse_query(query).0, None, FILE_SIZE)
        .await?;
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

fn content(
    locale: Locale,
    action: Option<AuditAction>,
    entries: &[AuditEntry],
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let size = usize::try_from(PAGE_SIZE).expect("a small number");
    let shown = &entries[..entries.len().min(size)];
    let rows = shown
        .iter()
        .map(|entry| row(entry, messages))
        .collect_view();
    let heads = ["time", "action", "actor", "subject", "address"]
        .map(|name| view! { <th scope="col">{messages.get(&format!("audit-{name}"))}</th> });
    let chosen = action.map_or("", AuditAction::as_str);
    let options = AuditAction::ALL.map(|action| {
        let name = action.as_str();
        view! { <option value=name selected=name == chosen>{messages.get(&format!("audit-{name}"))}</option> }
    });
    let address = format!("/{locale}/admin/audit");
    let older = (entries.len() > size).then(|| {
        let last = shown.last().map_or(0, |entry| entry.id);
        let target = format!("{address}?action={chosen}&before={last}");
        view! { <p class="portal-pages"><a class="button" rel="next" href=target>{messages.get("audit-older")}</a></p> }
    });
    view! {
        <form class="portal-filter" method="get" action=address.clone()>
            <select name="action" aria-label=messages.get("audit-action")>
                <option value="">{messages.get("audit-any")}</option>
                {options.collect_view()}
            </select>
            <button class="button">{messages.get("member-filter")}</button>
            <a class="button" href=format!("{address}.csv?action={chosen}") download="">{messages.get("audit-csv")}</a>
            <a class="button" href=format!("{address}.jsonl?action={chosen}") download="">{messages.get("audit-jsonl")}</a>
        </form>
        <div class="table-scroll" tabindex="0" role="region" aria-label=messages.get("admin-audit")>
            <table class="portal-table">
                <thead><tr>{heads.collect_view()}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {older}
    }
}

fn row(entry: &AuditEntry, messages: &MessageCatalog) -> impl IntoView + use<> {
    let detail = (!entry.detail.is_empty()).then(|| {
        view! { <br/><span class="quiet">{entry.detail.clone()}</span> }
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
