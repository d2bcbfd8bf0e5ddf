//! The number of pages that are worked on at once. Pages from memory are not among them.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use tokio::sync::Semaphore;
use tokio::task::yield_now;

use crate::server::refusal::RefusedRequest;

/// Pages and form posts worked on at once.
pub(super) const PAGES: usize = 256;

/// The limit and the origin of the site.
pub(super) type Capacity = (Arc<Semaphore>, Arc<str>);

/// Answers 503 at once when as many requests as the limit are under way.
pub(super) async fn shed(
    State((capacity, origin)): State<Capacity>,
    request: Request,
    next: Next,
) -> Response {
    let Ok(_permit) = capacity.try_acquire() else {
        let detail =
            "The server has more pages under way than it can work on. Try again in a second.";
        let refusal = RefusedRequest::of(&request, origin);
        let mut response = refusal.answer(StatusCode::SERVICE_UNAVAILABLE, detail);
        let seconds = HeaderValue::from_static("1");
        response.headers_mut().insert(RETRY_AFTER, seconds);
        return response;
    };
    // Rendering does not wait for anything, so without this the requests that have arrived would wait
    // for a thread, uncounted.
    yield_now().await;
    next.run(request).await
}
