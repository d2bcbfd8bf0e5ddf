//! Responses that browsers store as files, and nobody keeps.

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};

/// The media type of CSV files.
pub(super) const CSV: &str = "text/csv; charset=utf-8";

/// Returns the response with a file.
pub(super) fn attachment(
    name: &str,
    content_type: &'static str,
    content: impl Into<Body>,
) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    let disposition = HeaderValue::from_str(&disposition).expect("the name is ASCII");
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (CONTENT_DISPOSITION, disposition),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, content.into()).into_response()
}
