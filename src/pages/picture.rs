//! The pictures of the lessons, at addresses that change with their bytes.

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::state::AppState;

/// A picture never changes under its address.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// An SVG document that is opened by itself runs no script and loads nothing.
const POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox");

/// Handles `GET /pictures/{name}`.
pub(super) async fn show(State(state): State<AppState>, Path(name): Path<String>) -> Response {
    let Some(picture) = state.library.picture(&name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(picture.media_type)),
        (CACHE_CONTROL, IMMUTABLE),
        (CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, picture.bytes.clone()).into_response()
}
