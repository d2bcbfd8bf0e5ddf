//! JSON responses that no cache may store.

use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// Returns a JSON response with `Cache-Control: no-store`.
pub(in crate::api) fn json_no_store(status: StatusCode, body: &impl Serialize) -> Response {
    let body = serde_json::to_vec(body).expect("responses are JSON");
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "no-store"),
    ];
    (status, headers, body).into_response()
}
