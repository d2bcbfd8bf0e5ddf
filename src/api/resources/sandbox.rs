//! `/api/sandbox`: creation, settings, reset, undo and deletion of the visitor's sandbox.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::error::ApiError;
use crate::api::http::extract::JsonBody;
use crate::api::http::json_response::json_no_store;
use crate::api::middleware::sandbox_key::{
    Data, Visitor, delete_sandbox_cookie, set_sandbox_cookie,
};
use crate::api::state::ApiState;
use crate::model::behaviors::Behaviors;
use crate::model::exchange::UndoneStep;
use crate::model::problem::ProblemKind;
use crate::sandbox::SandboxKey;

/// The key and the behaviors of a sandbox. The key is null when there is no sandbox.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Sandbox<'a> {
    /// The key of the sandbox.
    #[schema(required = true, pattern = "^[0-9A-Za-z_-]{22}$")]
    key: Option<&'a str>,
    /// The behaviors of the sandbox.
    behaviors: Behaviors,
}

/// The change that was reverted.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Undone {
    /// The request whose changes were reverted.
    undone: UndoneStep,
}

/// Handles `GET /api/sandbox`: returns 200 with the key and the behaviors of the visitor's sandbox; the
/// key is null when the visitor has none.
pub(in crate::api) async fn show(visitor: Visitor) -> Response {
    match visitor.sandbox_with_key() {
        Some((key, sandbox)) => body(StatusCode::OK, Some(key), sandbox.behaviors),
        None => body(StatusCode::OK, None, Behaviors::default()),
    }
}

/// Handles `POST /api/sandbox`: creates a sandbox unless the visitor already has one.
pub(in crate::api) async fn create(
    State(state): State<ApiState>,
    visitor: Visitor,
    _: Data,
) -> Result<Response, ApiError> {
    if let Some((key, sandbox)) = visitor.sandbox_with_key() {
        return Ok(body(StatusCode::OK, Some(key), sandbox.behaviors));
    }
    let outcome = state.sandboxes.create_sandbox().await?;
    let key = outcome.created.as_ref().map(|created| &created.key);
    let response = body(StatusCode::CREATED, key, Behaviors::default());
    Ok(set_sandbox_cookie(
        outcome.created,
        state.secure_cookies,
        response,
    ))
}

/// Handles `PATCH /api/sandbox`: applies a merge patch to the behaviors; creates a sandbox if the visitor
/// has none.
pub(in crate::api) async fn update(
    State(state): State<ApiState>,
    visitor: Visitor,
    Data(scope): Data,
    JsonBody(patch): JsonBody,
) -> Result<Response, ApiError> {
    let outcome = state.sandboxes.patch_behaviors(&scope, patch).await?;
    let created = outcome.created.as_ref();
    let key = visitor
        .sandbox_with_key()
        .map(|(key, _)| key)
        .or(created.map(|created| &created.key));
    let response = body(StatusCode::OK, key, outcome.value);
    Ok(set_sandbox_cookie(
        outcome.created,
        state.secure_cookies,
        response,
    ))
}

/// Handles `DELETE /api/sandbox`: deletes the visitor's sandbox; returns 204 also when there is none.
pub(in crate::api) async fn delete(
    State(state): State<ApiState>,
    visitor: Visitor,
    _: Data,
) -> Result<Response, ApiError> {
    let response = StatusCode::NO_CONTENT.into_response();
    let Some(sandbox) = visitor.sandbox() else {
        return Ok(response);
    };
    state.sandboxes.delete_sandbox(sandbox.id).await?;
    // Deletes the cookie only if the cookie selected the sandbox: when the key came in a header, the
    // cookie may hold the key of another sandbox.
    match visitor.is_by_cookie() {
        true => Ok(delete_sandbox_cookie(state.secure_cookies, response)),
        false => Ok(response),
    }
}

/// Handles `POST /api/sandbox/reset`: restores the seed and switches all behaviors off.
pub(in crate::api) async fn reset(
    State(state): State<ApiState>,
    Data(scope): Data,
) -> Result<Response, ApiError> {
    state.sandboxes.reset_sandbox(&scope).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Handles `POST /api/sandbox/undo`: reverts the last change.
///
/// # Errors
/// 409 when there is no change to revert.
pub(in crate::api) async fn undo(
    State(state): State<ApiState>,
    Data(scope): Data,
) -> Result<Response, ApiError> {
    let undone = state.sandboxes.undo(&scope).await?;
    let Some(step) = undone else {
        let detail = "there is no change to take back: none was made, or all are taken back";
        return Err(ApiError::new(ProblemKind::Conflict, detail));
    };
    let body = Undone { undone: step };
    Ok(json_no_store(StatusCode::OK, &body))
}

/// Returns the key and the behaviors as JSON with `no-store`, because the key is a secret.
fn body(status: StatusCode, key: Option<&SandboxKey>, behaviors: Behaviors) -> Response {
    let key = key.map(SandboxKey::as_str);
    json_no_store(status, &Sandbox { key, behaviors })
}
