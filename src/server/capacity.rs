//! Limits the number of pages that are rendered at once. Pages served from the response cache are
//! not counted.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use tokio::sync::Semaphore;
use tokio::task::yield_now;

use crate::server::refusal::RefusalContext;

/// The limit of pages and form posts that are processed at once.
pub(super) const PAGE_LIMIT: usize = 256;

/// The semaphore of the limit and the origin of the site.
pub(super) type PageCapacity = (Arc<Semaphore>, Arc<str>);

/// Returns 503 immediately when the limit of concurrent requests has been reached.
pub(super) async fn shed(
    State((capacity, origin)): State<PageCapacity>,
    request: Request,
    next: Next,
) -> Response {
    let Ok(_permit) = capacity.try_acquire() else {
        let detail = "The server is processing as many pages as it can. Try again in a second.";
        let refusal = RefusalContext::of(&request, origin);
        let mut response = refusal.respond(StatusCode::SERVICE_UNAVAILABLE, detail);
        let seconds = HeaderValue::from_static("1");
        response.headers_mut().insert(RETRY_AFTER, seconds);
        return response;
    };
    // Rendering never yields, so without this, requests that have arrived would wait for a thread
    // without being counted.
    yield_now().await;
    next.run(request).await
}
