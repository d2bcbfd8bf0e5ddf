//! `/api/admin/stats`: the numbers of users, tokens and sessions of a sandbox, for admins only.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::error::ApiError;
use crate::api::http::extract::NoQuery;
use crate::api::http::json_response::json_no_store;
use crate::api::middleware::authentication::AuthenticatedAdmin;
use crate::api::middleware::sandbox_key::Data;
use crate::api::state::ApiState;

/// The numbers of users, tokens and sessions in a sandbox.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Stats {
    /// The number of users with each role.
    users: UserCounts,
    /// The number of tokens.
    tokens: i64,
    /// The number of sessions.
    sessions: i64,
}

/// The number of users with each role.
#[derive(Serialize, ToSchema)]
struct UserCounts {
    /// The number of admins.
    admin: i64,
    /// The number of members.
    member: i64,
}

/// Handles `GET /api/admin/stats`: returns the numbers of users by role, tokens and sessions in the
/// sandbox.
///
/// # Errors
/// A request without the credentials of an admin is refused by the extractor [`AuthenticatedAdmin`].
pub(in crate::api) async fn stats(
    State(state): State<ApiState>,
    Data(scope): Data,
    _: AuthenticatedAdmin,
    _: NoQuery,
) -> Result<Response, ApiError> {
    let counts = state.sandboxes.count_contents(&scope).await?;
    let body = Stats {
        users: UserCounts {
            admin: counts.admins,
            member: counts.members,
        },
        tokens: counts.tokens,
        sessions: counts.sessions,
    };
    Ok(json_no_store(StatusCode::OK, &body))
}
