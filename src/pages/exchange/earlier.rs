//! The comparison of a recorded exchange with the one before it.

use std::sync::Arc;

use leptos::prelude::*;

use crate::components::comparison_view;
use crate::model::exchange::Exchange;
use crate::model::http::{Header, HttpResponse};
use crate::model::messages::MessageCatalog;
use crate::pages::visitor::PageVisitor;
use crate::sandbox::DatabaseError;
use crate::state::AppState;

/// Finds the last recorded exchange before this one with the same method and target.
///
/// # Errors
/// [`DatabaseError`].
pub(in crate::pages) async fn find_earlier(
    state: &AppState,
    visitor: &PageVisitor,
    exchange: &Exchange,
) -> Result<Option<Arc<Exchange>>, DatabaseError> {
    let Some(sandbox) = visitor.sandbox_id() else {
        return Ok(None);
    };
    let all = state.sandboxes.list_exchanges(sandbox).await?;
    let request = &exchange.request;
    let is_same = |other: &Exchange| {
        (&other.request.method, &other.request.target) == (&request.method, &request.target)
    };
    // The newest is the first.
    let older = all.into_iter().skip_while(|other| other.id != exchange.id);
    Ok(older.skip(1).find(|other| is_same(other)))
}

/// Renders what is different from the earlier exchange, or that there is none.
pub(in crate::pages) fn earlier_view(
    earlier: Option<&Exchange>,
    exchange: &Exchange,
    words: &MessageCatalog,
) -> AnyView {
    match earlier {
        Some(earlier) => comparison_view(&response(earlier), &response(exchange), words).into_any(),
        None => {
            let text = words.get("response-compare-none");
            view! { <p class="quiet response-compare-same">{text}</p> }.into_any()
        }
    }
}

/// Returns the response of an exchange as far as it is recorded.
fn response(exchange: &Exchange) -> HttpResponse {
    let headers = exchange.response.headers.iter();
    let headers = headers.map(|(name, value)| Header::new(name, value));
    let body = exchange.response.body.text.clone().into_bytes();
    HttpResponse::new(exchange.response.status, headers.collect(), body, 0)
}
