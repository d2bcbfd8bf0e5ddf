//! `/api/admin/stats`: what only admins are told.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use crate::api::ApiState;
use crate::api::auth::Admin;
use crate::api::error::ApiError;
use crate::api::extract::NoQuery;
use crate::api::sandbox::json_no_store;
use crate::api::sandbox_key::Data;

/// `GET /api/admin/stats`: how many users, tokens and sessions there are in the sandbox.
pub(super) async fn stats(
    State(state): State<ApiState>,
    Data(scope): Data,
    _: Admin,
    _: NoQuery,
) -> Result<Response, ApiError> {
    let counts = state.sandboxes.count_all(&scope).await?;
    let users = json!({ "admin": counts.admins, "member": counts.members });
    let body = json!({ "users": users, "tokens": counts.tokens, "sessions": counts.sessions });
    Ok(json_no_store(StatusCode::OK, &body))
}
