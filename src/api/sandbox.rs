//! `/api/sandbox`: the visitor's copy of the data itself.

use axum::extract::{Extension, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::api::ApiState;
use crate::api::error::ApiError;
use crate::api::sandbox_key::{KnownVisitor, Visitor, announce, forget};
use crate::sandbox::Key;

/// `GET /api/sandbox`: the key of the visitor's sandbox, or null; always 200.
pub(super) async fn show(Extension(visitor): Extension<Visitor>) -> Response {
    body(StatusCode::OK, visitor.sandbox.as_ref().map(|(key, _)| key))
}

/// `POST /api/sandbox`: makes a sandbox, unless the visitor has one.
pub(super) async fn create(
    State(state): State<ApiState>,
    KnownVisitor(visitor): KnownVisitor,
) -> Result<Response, ApiError> {
    if let Some((key, _)) = &visitor.sandbox {
        return Ok(body(StatusCode::OK, Some(key)));
    }
    let written = state.sandboxes.create_sandbox().await?;
    let response = body(StatusCode::CREATED, written.made.as_ref());
    Ok(announce(written.made, state.secure_cookies, response))
}

/// `DELETE /api/sandbox`: ends the visitor's sandbox.
pub(super) async fn delete(
    State(state): State<ApiState>,
    KnownVisitor(visitor): KnownVisitor,
) -> Result<Response, ApiError> {
    let response = StatusCode::NO_CONTENT.into_response();
    let Some(id) = visitor.id() else {
        return Ok(response);
    };
    state.sandboxes.delete_sandbox(id).await?;
    // With a header, the cookie may be the key of another sandbox.
    match visitor.by_cookie {
        true => Ok(forget(state.secure_cookies, response)),
        false => Ok(response),
    }
}

/// `POST /api/sandbox/reset`: puts the seed back.
pub(super) async fn reset(
    State(state): State<ApiState>,
    KnownVisitor(visitor): KnownVisitor,
) -> Result<Response, ApiError> {
    // Who has no sandbox sees the seed already.
    if let Some(id) = visitor.id() {
        state.sandboxes.reset_sandbox(id).await?;
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The key is a secret: no cache keeps it.
fn body(status: StatusCode, key: Option<&Key>) -> Response {
    let body = json!({ "key": key.map(Key::as_str) }).to_string();
    let mut response = (status, [(CONTENT_TYPE, "application/json")], body).into_response();
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
