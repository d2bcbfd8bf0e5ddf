//! `/api/health`: whether the API answers.

use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;

/// `GET /api/health`.
pub(super) async fn show() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], r#"{"status":"ok"}"#)
}
