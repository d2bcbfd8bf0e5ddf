//! `/api/sandbox`: the visitor's copy of the data itself.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::error::ApiError;
use crate::api::http::extract::JsonBody;
use crate::api::middleware::sandbox_key::{Data, Visitor, announce, forget};
use crate::api::state::ApiState;
use crate::model::behaviours::Behaviours;
use crate::model::exchange::UndoneStep;
use crate::model::problem::ProblemKind;
use crate::sandbox::SandboxKey;

/// The key is null where there is no sandbox.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Sandbox<'a> {
    /// The key of the sandbox.
    #[schema(required = true, pattern = "^[0-9A-Za-z_-]{22}$")]
    key: Option<&'a str>,
    /// How the sandbox behaves.
    behaviours: Behaviours,
}

/// The change that was taken back.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Undone {
    /// The request whose changes were taken back.
    undone: UndoneStep,
}

/// `GET /api/sandbox`: the key of the visitor's sandbox and how it behaves, or null; always 200.
pub(in crate::api) async fn show(visitor: Visitor) -> Response {
    match visitor.sandbox() {
        Some((key, live)) => body(StatusCode::OK, Some(key), live.behaviours),
        None => body(StatusCode::OK, None, Behaviours::default()),
    }
}

/// `POST /api/sandbox`: makes a sandbox, unless the visitor has one.
pub(in crate::api) async fn create(
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
pub(in crate::api) async fn update(
    State(state): State<ApiState>,
    visitor: Visitor,
    Data(scope): Data,
    JsonBody(patch): JsonBody,
) -> Result<Response, ApiError> {
    let written = state.sandboxes.patch_behaviours(&scope, patch).await?;
    let made = written.made.as_ref().map(|made| &made.key);
    let key = visitor.sandbox().map(|(key, _)| key).or(made);
    let response = body(StatusCode::OK, key, written.value);
    Ok(announce(written.made, state.secure_cookies, response))
}

/// `DELETE /api/sandbox`: ends the visitor's sandbox.
pub(in crate::api) async fn delete(
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

/// `POST /api/sandbox/reset`: puts the seed back and sets the switches off.
pub(in crate::api) async fn reset(
    State(state): State<ApiState>,
    Data(scope): Data,
) -> Result<Response, ApiError> {
    state.sandboxes.reset_sandbox(&scope).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST /api/sandbox/undo`: takes the last change back.
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

/// The key is a secret: no cache keeps it.
fn body(status: StatusCode, key: Option<&SandboxKey>, behaviours: Behaviours) -> Response {
    let key = key.map(SandboxKey::as_str);
    json_no_store(status, &Sandbox { key, behaviours })
}

/// JSON that no cache keeps.
pub(in crate::api) fn json_no_store(status: StatusCode, body: &impl Serialize) -> Response {
    let body = serde_json::to_vec(body).expect("replies are JSON");
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "no-store"),
    ];
    (status, headers, body).into_response()
}
