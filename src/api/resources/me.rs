//! `/api/me`: the authenticated user, in the same representation as under `/api/users/{id}`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LOCATION;
use axum::response::Response;

use crate::api::error::ApiError;
use crate::api::http::extract::{JsonBody, NoQuery, valid};
use crate::api::http::representation::{
    Accept, Conditions, Representation, entity_tags, user_address, write_response,
};
use crate::api::middleware::authentication::AuthenticatedUser;
use crate::api::middleware::sandbox_key::Data;
use crate::api::state::ApiState;
use crate::model::user::{User, UserPatch, UserRole};
use crate::sandbox::{WriteError, WriteGuard};

/// Handles `GET /api/me`: returns the authenticated user.
pub(in crate::api) async fn show(
    AuthenticatedUser(user): AuthenticatedUser,
    _: NoQuery,
    Accept(format): Accept,
    conditions: Conditions,
) -> Result<Response, ApiError> {
    let mut response =
        Representation::of(format, &user).answer(&conditions, || entity_tags(&user))?;
    let headers = response.headers_mut();
    headers.insert(CONTENT_LOCATION, user_address(user.id));
    Ok(response)
}

/// Handles `PATCH /api/me`: applies a merge patch to the authenticated user.
///
/// Unlike `PATCH /api/users/{id}`, it refuses to change the role from member to admin, because users
/// must not promote themselves.
#[expect(clippy::too_many_arguments, reason = "each is an extractor")]
pub(in crate::api) async fn update(
    State(state): State<ApiState>,
    Data(scope): Data,
    AuthenticatedUser(user): AuthenticatedUser,
    _: NoQuery,
    Accept(format): Accept,
    conditions: Conditions,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Response, ApiError> {
    let patch = valid(&scope, UserPatch::from_json(body))?;
    let guard = guard(patch.clone(), conditions.guard());
    let sandboxes = &state.sandboxes;
    let outcome = sandboxes
        .update_user(&scope, user.id, patch, Some(guard))
        .await
        .map_err(|error| ApiError::from(error).with_challenge_for_token(&headers))?;
    Ok(write_response(format, &outcome.value, false))
}

/// Returns a guard that first refuses a change from member to admin, compared with the role that is
/// stored at the time of the write, and then evaluates the preconditions.
fn guard(patch: UserPatch, conditions: Option<WriteGuard>) -> WriteGuard {
    Arc::new(move |stored| {
        let raises_role = |user: &User| {
            // A patch whose result is not a valid user passes here, because validation refuses it
            // later with a more detailed error.
            let after = patch.apply(user).map_or(user.role, |fields| fields.role);
            user.role == UserRole::Member && after == UserRole::Admin
        };
        match stored.is_some_and(raises_role) {
            true => Err(WriteError::RoleEscalation),
            false => conditions
                .as_ref()
                .map_or(Ok(()), |conditions| conditions(stored)),
        }
    })
}
