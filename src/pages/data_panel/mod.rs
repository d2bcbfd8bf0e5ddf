//! The data panel: the visitor's users, behaviors and exchanges, as a complete page or as the fragment
//! that a script inserts into another page.
//!
//! `submit` handles the forms of the panel; `pages::exchange` renders a single exchange.

mod submit;

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use leptos::prelude::*;

use crate::content::LessonPage;
use crate::model::exchange::Exchange;
use crate::model::http::{RequestDraft, reason_phrase};
use crate::model::locale::Locale;
use crate::pages::{PageMeta, PageRequest, PageVisitor, exchange, fragment, render};
use crate::sandbox::{DatabaseError, UserFilter};
use crate::state::AppState;
use crate::ui::{
    DataPanelExchange, DataPanelParts, DataPanelStates, DataPanelView, ExchangeParts, ExchangeView,
};

pub(super) use submit::submit;

/// The maximum number of users that are shown.
const USERS: i64 = 100;
/// The maximum number of exchanges that are shown.
const EXCHANGES: usize = 50;

/// The query parameters of the data panel.
#[derive(Clone, Debug, Default)]
pub struct DataPanelQuery {
    /// Whether only the fragment is requested, not a page.
    is_part: bool,
    /// Only exchanges that contain this text are shown.
    search: String,
    /// The id of the exchange to show in full.
    open: Option<String>,
    /// The path, after the locale, of the page to link back to; shown only when it is the path of a lesson.
    from: String,
}

impl DataPanelQuery {
    /// Parses the query of an address.
    pub fn of(query: Option<&str>) -> DataPanelQuery {
        let mut asked = DataPanelQuery::default();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match name.as_ref() {
                "part" => asked.is_part = true,
                "q" => asked.search = value.trim().to_owned(),
                "open" => asked.open = Some(value.into_owned()),
                "from" => asked.from = value.into_owned(),
                _ => {}
            }
        }
        asked
    }

    /// Returns whether only the fragment is requested.
    pub fn is_part(&self) -> bool {
        self.is_part
    }
}

/// Returns the address of the data panel, with the path to link back to when it is the path of a lesson.
pub fn address(locale: Locale, state: &AppState, asked: &DataPanelQuery) -> String {
    match lesson(state, locale, asked) {
        Some(page) => format!("/{locale}/data?from=/{}", page.path),
        None => format!("/{locale}/data"),
    }
}

fn lesson(state: &AppState, locale: Locale, asked: &DataPanelQuery) -> Option<Arc<LessonPage>> {
    let path = asked.from.trim_start_matches('/');
    state.library.page(locale, path).cloned()
}

/// Handles `GET /{lang}/data`.
pub(super) async fn show(
    State(state): State<AppState>,
    reader: PageRequest,
    visitor: PageVisitor,
    RawQuery(query): RawQuery,
) -> Response {
    let asked = DataPanelQuery::of(query.as_deref());
    page(&state, reader, &visitor, asked, None).await
}

/// Renders the current data panel; after a failure with an error message, given by its key, and a status.
pub async fn page(
    state: &AppState,
    reader: PageRequest,
    visitor: &PageVisitor,
    asked: DataPanelQuery,
    problem: Option<(&'static str, StatusCode)>,
) -> Response {
    let from = lesson(state, reader.locale, &asked);
    let opened = match &asked.open {
        Some(id) => open(state, visitor, reader.locale, id).await.map(Some),
        None => Ok(None),
    };
    let parts = parts(state, reader.locale, visitor, &asked).await;
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
    parts.problem = problem.map(|(key, _)| key);
    let mut status = problem.map_or(StatusCode::OK, |(_, status)| status);
    if let Some(None) = &opened {
        (parts.problem, status) = (Some("data-panel-gone"), StatusCode::NOT_FOUND);
    }
    let words = state.i18n.words(reader.locale).clone();
    let locale = reader.locale;
    let content = move || match opened.clone().flatten() {
        Some(parts) => {
            let draft = parts.exchange.draft();
            let draft = draft.map(|draft| permalink(locale, &draft));
            let (id, all) = (parts.exchange.id.clone(), words.clone());
            view! {
                <DataPanelExchange locale=locale id=id draft=draft words=words.clone()>
                    <ExchangeView id="data-panel-exchange" parts=parts words=all/>
                </DataPanelExchange>
            }
            .into_any()
        }
        None => view! { <DataPanelView parts=parts.clone() words=words.clone()/> }.into_any(),
    };
    let mut response = match asked.is_part() {
        true => fragment(status, content().to_html()),
        false => {
            let back = from.map(|page| (page.href(), page.front.title.clone()));
            whole(state, reader, status, back, content).await
        }
    };
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    response
}

/// Renders the complete page around the data panel.
async fn whole(
    state: &AppState,
    reader: PageRequest,
    status: StatusCode,
    back: Option<(String, String)>,
    content: impl Fn() -> AnyView + Clone + Send + Sync + 'static,
) -> Response {
    let words = state.i18n.words(reader.locale).clone();
    let locale = reader.locale;
    let meta = PageMeta {
        status,
        ..PageMeta::new(reader, words.get("data-panel-title"), "/data")
    };
    let page = move || {
        let back = back.clone().map(|(href, title)| {
            view! { <p><a href=href>{words.get("data-panel-back-to")}": "{title}</a></p> }
        });
        view! {
            <main id="content" class="lesson data-panel-page" tabindex="-1">
                <h1>{words.get("data-panel-title")}</h1>
                <p class="lead">{words.get("data-panel-lead")}</p>
                {back}
                <div id="data-panel" class="data-panel-whole" data-island="" data-src=format!("/{locale}/data")>
                    <DataPanelStates words=words.clone()/>
                    <div class="data-panel-content">{content()}</div>
                </div>
            </main>
        }
    };
    render(state, meta, page).await
}

/// Renders one exchange of the visitor in full; `None` when it is not in the record.
async fn open(
    state: &AppState,
    visitor: &PageVisitor,
    locale: Locale,
    id: &str,
) -> Result<Option<ExchangeParts>, DatabaseError> {
    let asked = exchange::ExchangeQuery::default();
    let mut parts = exchange::parts(state, visitor, locale, id, &asked).await?;
    Ok(parts.pop())
}

async fn parts(
    state: &AppState,
    locale: Locale,
    visitor: &PageVisitor,
    asked: &DataPanelQuery,
) -> Result<DataPanelParts, DatabaseError> {
    let all = UserFilter {
        limit: USERS,
        ..UserFilter::ALL
    };
    let page = state.sandboxes.list_users(&visitor.scope(), &all).await?;
    let mut exchanges = match visitor.sandbox() {
        Some(sandbox) => state.sandboxes.list_exchanges(sandbox).await?,
        None => Vec::new(),
    };
    let search = asked.search.to_lowercase();
    exchanges.retain(|exchange| line(exchange).to_lowercase().contains(&search));
    exchanges.truncate(EXCHANGES);
    Ok(DataPanelParts {
        locale,
        sandbox: visitor.live().map(|live| live.created_at),
        users: page.users,
        total: page.total,
        behaviors: visitor
            .live()
            .map(|live| live.behaviors)
            .unwrap_or_default(),
        exchanges,
        search: asked.search.clone(),
        problem: None,
        from: String::new(),
    })
}

/// Returns the text that a search matches, such as `GET /api/users 200 OK`.
fn line(exchange: &Exchange) -> String {
    let status = exchange.response.status;
    let (method, target) = (&exchange.request.method, &exchange.request.target);
    format!("{method} {target} {status} {}", reason_phrase(status))
}

/// Returns an address that opens a request in a form without sending it. The draft is in the fragment of
/// the address, which browsers do not send to the server.
pub(super) fn permalink(locale: Locale, draft: &RequestDraft) -> String {
    let json = serde_json::to_vec(draft).expect("a draft is JSON");
    format!(
        "/{locale}/playground#try={}",
        BASE64_URL_SAFE_NO_PAD.encode(json)
    )
}
