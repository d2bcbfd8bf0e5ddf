//! Dispatches requests to the API or to the pages by their path.

use std::convert::Infallible;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use tower::ServiceExt;

use crate::api::InProcess;

/// Dispatches `/api` and everything below it to the API, which has its own sessions, errors and
/// layers.
pub(super) async fn dispatch(
    api: InProcess,
    pages: Router,
    request: Request,
) -> Result<Response, Infallible> {
    match is_api(request.uri().path()) {
        true => Ok(api.call(request).await),
        false => pages.oneshot(request).await,
    }
}

/// Returns whether a path belongs to the API.
pub(super) fn is_api(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}
