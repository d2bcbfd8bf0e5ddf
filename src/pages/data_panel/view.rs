//! Renders the data panel, as a complete page or as a fragment.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use leptos::prelude::*;

use crate::components::{DataPanelExchange, DataPanelParts, DataPanelView};
use crate::content::LessonPage;
use crate::islands::data_panel::DataPanelPage;
use crate::model::exchange::Exchange;
use crate::model::http::reason_phrase;
use crate::model::locale::Locale;
use crate::pages::draft_link::draft_link;
use crate::pages::exchange::parts::ExchangeParts;
use crate::pages::exchange::view::{exchange_view, request_view};
use crate::pages::exchange::{ExchangeQuery, exchange_parts};
use crate::pages::meta::{PageMeta, PageRequest};
use crate::pages::render::{fragment, render};
use crate::pages::visitor::PageVisitor;
use crate::sandbox::{DatabaseError, UserFilter};
use crate::state::AppState;

/// The maximum number of users that are shown.
const USERS_MAX: i64 = 100;
/// The maximum number of exchanges that are shown.
const EXCHANGES_MAX: usize = 50;

/// The query parameters of the data panel.
#[derive(Clone, Debug, Default)]
pub(super) struct DataPanelQuery {
    /// Whether only the fragment is requested, not a page.
    pub(super) is_fragment: bool,
    /// Only exchanges that contain this text are shown.
    search: String,
    /// The id of the exchange, or of its group, to show in full.
    open: Option<String>,
    /// The path, after the locale, of the page to link back to; shown only when it is the path of a lesson.
    from: String,
}

impl DataPanelQuery {
    /// Parses the query of an address.
    pub(super) fn parse(query: Option<&str>) -> DataPanelQuery {
        let mut parsed = DataPanelQuery::default();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match name.as_ref() {
                "part" => parsed.is_fragment = true,
                "q" => parsed.search = value.trim().to_owned(),
                "open" => parsed.open = Some(value.into_owned()),
                "from" => parsed.from = value.into_owned(),
                _ => {}
            }
        }
        parsed
    }
}

/// Returns the address of the data panel, with the path to link back to when it is the path of a lesson.
pub(super) fn address(locale: Locale, state: &AppState, query: &DataPanelQuery) -> String {
    match lesson(state, locale, query) {
        Some(page) => format!("/{locale}/data?from=/{}", page.path),
        None => format!("/{locale}/data"),
    }
}

/// Returns the lesson that the panel links back to, if `from` is the path of one.
fn lesson(state: &AppState, locale: Locale, query: &DataPanelQuery) -> Option<Arc<LessonPage>> {
    let path = query.from.trim_start_matches('/');
    state.library.page(locale, path).cloned()
}

/// Returns what the panel beside a page shows of a new sandbox; `None` when it cannot be read.
pub(in crate::pages) async fn initial_parts(
    state: &AppState,
    locale: Locale,
) -> Option<DataPanelParts> {
    let query = DataPanelQuery::default();
    let parts = panel_parts(state, locale, &PageVisitor::ANONYMOUS, &query).await;
    parts
        .inspect_err(|cause| tracing::error!(%cause, "the initial data cannot be read"))
        .ok()
}

/// Handles `GET /{lang}/data`.
pub(in crate::pages) async fn show(
    State(state): State<AppState>,
    page_request: PageRequest,
    visitor: PageVisitor,
    RawQuery(query): RawQuery,
) -> Response {
    let query = DataPanelQuery::parse(query.as_deref());
    page(&state, page_request, &visitor, query, None).await
}

/// Renders the data panel. `failure` is the message key and the status of a form that was refused.
pub(super) async fn page(
    state: &AppState,
    page_request: PageRequest,
    visitor: &PageVisitor,
    query: DataPanelQuery,
    failure: Option<(&'static str, StatusCode)>,
) -> Response {
    let from = lesson(state, page_request.locale, &query);
    let opened = match &query.open {
        Some(id) => read_exchange(state, visitor, page_request.locale, id)
            .await
            .map(Some),
        None => Ok(None),
    };
    let parts = panel_parts(state, page_request.locale, visitor, &query).await;
    let (opened, mut parts) = match opened.and_then(|opened| Ok((opened, parts?))) {
        Ok(found) => found,
        Err(cause) => {
            tracing::error!(%cause, "the data panel cannot be read");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    parts.from = from
        .as_ref()
        .map_or(String::new(), |page| format!("/{}", page.path));
    parts.problem = failure.map(|(key, _)| key);
    let mut status = failure.map_or(StatusCode::OK, |(_, status)| status);
    if let Some(None) = &opened {
        (parts.problem, status) = (Some("data-panel-gone"), StatusCode::NOT_FOUND);
    }
    let messages = state.i18n.messages(page_request.locale).clone();
    let locale = page_request.locale;
    let content = move || match opened.clone().flatten() {
        Some(parts) => {
            let draft = parts.exchange.draft();
            let draft = draft.map(|draft| draft_link(locale, &draft));
            let (id, inner) = (parts.exchange.id.clone(), messages.clone());
            view! {
                <DataPanelExchange locale=locale id=id draft=draft words=messages.clone()>
                    {request_view(locale, &parts.exchange, &inner)}
                    {exchange_view("data-panel-exchange", vec![parts], &inner)}
                </DataPanelExchange>
            }
            .into_any()
        }
        None => view! { <DataPanelView parts=parts.clone() words=messages.clone()/> }.into_any(),
    };
    let mut response = match query.is_fragment {
        true => fragment(status, content),
        false => {
            let back = from.map(|page| (page.href(), page.front.title.clone()));
            complete_page(state, page_request, status, back, content).await
        }
    };
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    response
}

/// Renders the complete page around the data panel.
async fn complete_page(
    state: &AppState,
    page_request: PageRequest,
    status: StatusCode,
    back: Option<(String, String)>,
    content: impl Fn() -> AnyView + Clone + Send + Sync + 'static,
) -> Response {
    let messages = state.i18n.messages(page_request.locale).clone();
    let locale = page_request.locale;
    let meta = PageMeta {
        status,
        ..PageMeta::new(page_request, messages.get("data-panel-title"), "/data")
    };
    let page = move || {
        let (content, messages) = (content.clone(), messages.clone());
        let back = back.clone().map(|(href, title)| {
            view! { <p><a href=href>{messages.get("data-panel-back-to")}": "{title}</a></p> }
        });
        view! {
            <main id="content" class="lesson data-panel-page" tabindex="-1">
                <h1>{messages.get("data-panel-title")}</h1>
                <p class="lead">{messages.get("data-panel-lead")}</p>
                {back}
                <DataPanelPage locale=locale words=messages.clone()>{content()}</DataPanelPage>
            </main>
        }
    };
    render(state, meta, page).await
}

/// Reads one exchange of the visitor, or the newest of a group; `None` when it is no longer recorded.
async fn read_exchange(
    state: &AppState,
    visitor: &PageVisitor,
    locale: Locale,
    id: &str,
) -> Result<Option<ExchangeParts>, DatabaseError> {
    let query = ExchangeQuery::default();
    let mut parts = exchange_parts(state, visitor, locale, id, &query).await?;
    Ok(parts.pop())
}

/// Reads what the panel shows of the visitor's data.
///
/// # Errors
/// [`DatabaseError`].
async fn panel_parts(
    state: &AppState,
    locale: Locale,
    visitor: &PageVisitor,
    query: &DataPanelQuery,
) -> Result<DataPanelParts, DatabaseError> {
    let all = UserFilter {
        limit: USERS_MAX,
        ..UserFilter::ALL
    };
    let page = state.sandboxes.list_users(&visitor.scope(), &all).await?;
    let mut exchanges = match visitor.sandbox_id() {
        Some(id) => state.sandboxes.list_exchanges(id).await?,
        None => Vec::new(),
    };
    let search = query.search.to_lowercase();
    exchanges.retain(|exchange| search_text(exchange).to_lowercase().contains(&search));
    exchanges.truncate(EXCHANGES_MAX);
    Ok(DataPanelParts {
        locale,
        sandbox: visitor.sandbox().map(|sandbox| sandbox.created_at),
        users: page.users,
        total: page.total,
        behaviors: visitor
            .sandbox()
            .map(|sandbox| sandbox.behaviors)
            .unwrap_or_default(),
        exchanges,
        search: query.search.clone(),
        problem: None,
        from: String::new(),
    })
}

/// Returns the text that a search matches, such as `GET /api/users 200 OK`.
fn search_text(exchange: &Exchange) -> String {
    let status = exchange.response.status;
    let (method, target) = (&exchange.request.method, &exchange.request.target);
    format!("{method} {target} {status} {}", reason_phrase(status))
}
