//! Reads what the data panel shows.

use std::sync::Arc;

use crate::components::{DataPanelParts, LessonData};
use crate::content::LessonPage;
use crate::model::exchange::{Exchange, compare_users, count_changes};
use crate::model::expectation::RowChanges;
use crate::model::http::reason_phrase;
use crate::model::locale::Locale;
use crate::pages::data_panel::query::DataPanelQuery;
use crate::pages::exchange::earlier::find_earlier;
use crate::pages::exchange::parts::ExchangeParts;
use crate::pages::exchange::{ExchangeQuery, exchange_parts};
use crate::pages::visitor::PageVisitor;
use crate::sandbox::{DatabaseError, UserFilter};
use crate::state::AppState;

/// The maximum number of users that are shown.
const USERS_MAX: i64 = 100;
/// The maximum number of exchanges that are shown.
const EXCHANGES_MAX: usize = 50;

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

/// Does the same as [`initial_parts`] beside a lesson, with the offer of the lesson's data if they are not the seed.
pub(in crate::pages) async fn initial_lesson_parts(
    state: &AppState,
    page: &LessonPage,
) -> Option<DataPanelParts> {
    let mut parts = initial_parts(state, page.locale).await?;
    parts.from = format!("/{}", page.path);
    if state.library.starting_users(page).is_some() {
        parts.lesson = Some(lesson_data(state, page, &PageVisitor::ANONYMOUS, &parts));
    }
    Some(parts)
}

/// Reads what the panel shows of the visitor's data.
///
/// # Errors
/// [`DatabaseError`].
pub(super) async fn panel_parts(
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
    let last_change = match visitor.sandbox_id() {
        Some(id) => state.sandboxes.last_change(id).await?,
        None => None,
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
        last_change,
        exchanges,
        search: query.search.clone(),
        problem: None,
        from: String::new(),
        lesson: None,
    })
}

/// Returns how the visitor's users differ from those with which a lesson begins.
pub(super) fn lesson_data(
    state: &AppState,
    page: &LessonPage,
    visitor: &PageVisitor,
    parts: &DataPanelParts,
) -> LessonData {
    let named = state.library.starting_users(page);
    let start = named.map_or(state.sandboxes.seed(), |users| users);
    let mut counts = count_changes(&compare_users(start, &parts.users));
    // The users that are not shown have been added.
    let hidden = parts.total.saturating_sub(parts.users.len());
    counts.added += u32::try_from(hidden).unwrap_or(u32::MAX);
    // A visitor without a sandbox has the seed.
    let has_data = visitor.sandbox().is_some() || named.is_some();
    let is_different = has_data && counts != RowChanges::default();
    LessonData {
        path: page.path.clone(),
        differences: is_different.then_some(counts),
    }
}

/// An exchange that is shown in full.
#[derive(Clone, Debug)]
pub(super) struct OpenedExchange {
    /// What is shown of it.
    pub(super) parts: ExchangeParts,
    /// The one with which it is compared.
    pub(super) earlier: Option<Arc<Exchange>>,
}

/// Reads one exchange of the visitor, or the newest of a group; `None` when it is no longer recorded.
///
/// # Errors
/// [`DatabaseError`].
pub(super) async fn read_exchange(
    state: &AppState,
    visitor: &PageVisitor,
    locale: Locale,
    id: &str,
) -> Result<Option<OpenedExchange>, DatabaseError> {
    let query = ExchangeQuery::default();
    let mut parts = exchange_parts(state, visitor, locale, id, &query).await?;
    let Some(parts) = parts.pop() else {
        return Ok(None);
    };
    let earlier = find_earlier(state, visitor, &parts.exchange).await?;
    Ok(Some(OpenedExchange { parts, earlier }))
}

/// Returns the text that a search matches, such as `GET /api/users 200 OK`.
fn search_text(exchange: &Exchange) -> String {
    let status = exchange.response.status;
    let (method, target) = (&exchange.request.method, &exchange.request.target);
    format!("{method} {target} {status} {}", reason_phrase(status))
}
