//! `/api/sandbox`: the visitor's copy of the data itself.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

use crate::api::ApiState;
use crate::api::error::ApiError;
use crate::api::extract::JsonBody;
use crate::api::sandbox_key::{Data, Visitor, announce, forget};
use crate::model::behaviours::Behaviours;
use crate::model::problem::ProblemKind;
use crate::model::trace::Trace;
use crate::sandbox::{Key, Made};

/// `GET /api/sandbox`: the key of the visitor's sandbox and how it behaves, or null; always 200.
pub(super) async fn show(visitor: Visitor) -> Response {
    match visitor.sandbox() {
        Some((key, live)) => body(StatusCode::OK, Some(key), live.behaviours),
        None => body(StatusCode::OK, None, Behaviours::default()),
    }
}

/// `POST /api/sandbox`: makes a sandbox, unless the visitor has one.
pub(super) async fn create(
    State(state): State<ApiState>,
    visitor: Visitor,
    _: Data,
) -> Result<Response, ApiError> {
    if let Some((key, live)) = visitor.sandbox() {
        return Ok(body(StatusCode::OK, Some(key), live.behaviours));
    }
    let written = state.sandboxes.create_sandbox().await?;
    let key = written.made.as_ref().map(|made| &made.key);
    let response = body(StatusCode::CREATED, key, Behaviours::default());
    Ok(announce(written.made, state.secure_cookies, response))
}

/// `PATCH /api/sandbox`: changes behaviours by a merge patch; makes a sandbox if there is none.
pub(super) async fn update(
    State(state): State<ApiState>,
    visitor: Visitor,
    _: Data,
    JsonBody(patch): JsonBody,
) -> Result<Response, ApiError> {
    let old = visitor.live().map(|live| live.behaviours);
    let new = old.unwrap_or_default().patched(&patch);
    let new = new.map_err(ApiError::invalid)?;
    let made = match visitor.sandbox() {
        Some((key, live)) => {
            state.sandboxes.set_behaviours(key, live, new).await?;
            return Ok(body(StatusCode::OK, Some(key), new));
        }
        None => state.sandboxes.create_sandbox().await?.made,
    };
    if let Some(Made { key, .. }) = &made
        && let Some(opened) = state.sandboxes.open_sandbox(key, &Trace::off()).await?
    {
        state
            .sandboxes
            .set_behaviours(key, &opened.live, new)
            .await?;
    }
    let response = body(StatusCode::OK, made.as_ref().map(|made| &made.key), new);
    Ok(announce(made, state.secure_cookies, response))
}

/// `DELETE /api/sandbox`: ends the visitor's sandbox.
pub(super) async fn delete(
    State(state): State<ApiState>,
    visitor: Visitor,
    _: Data,
) -> Result<Response, ApiError> {
    let response = StatusCode::NO_CONTENT.into_response();
    let Some(live) = visitor.live() else {
        return Ok(response);
    };
    state.sandboxes.delete_sandbox(live.id).await?;
    // With a header, the cookie may be the key of another sandbox.
    match visitor.is_by_cookie() {
        true => Ok(forget(state.secure_cookies, response)),
        false => Ok(response),
    }
}

/// `POST /api/sandbox/reset`: puts the seed back.
pub(super) async fn reset(
    State(state): State<ApiState>,
    Data(scope): Data,
) -> Result<Response, ApiError> {
    // Who has no sandbox sees the seed already.
    if let Some(id) = scope.sandbox() {
        state.sandboxes.reset_sandbox(id).await?;
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST /api/sandbox/undo`: takes the last change back.
pub(super) async fn undo(
    State(state): State<ApiState>,
    Data(scope): Data,
) -> Result<Response, ApiError> {
    let undone = state.sandboxes.undo(&scope).await?;
    let Some(exchange) = undone else {
        let detail = "there is no change to take back: none was made, or all are taken back";
        return Err(ApiError::new(ProblemKind::Conflict, detail));
    };
    Ok(json_no_store(
        StatusCode::OK,
        &json!({ "undone": exchange.summary() }),
    ))
}

/// The key is a secret: no cache keeps it.
fn body(status: StatusCode, key: Option<&Key>, behaviours: Behaviours) -> Response {
    let body = json!({ "key": key.map(Key::as_str), "behaviours": behaviours });
    json_no_store(status, &body)
}

/// JSON that no cache keeps.
pub(super) fn json_no_store(status: StatusCode, body: &impl Serialize) -> Response {
    let body = serde_json::to_vec(body).expect("replies are JSON");
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "no-store"),
    ];
    (status, headers, body).into_response()
}
