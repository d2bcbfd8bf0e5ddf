//! `/api/users` and `/api/users/{id}`: the users of the sandbox.

use axum::extract::{RawQuery, State};
use axum::http::header::{HeaderName, LINK};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::api::error::ApiError;
use crate::api::format::UserFormat;
use crate::api::http::extract::{JsonBody, NoQuery, PathId, UserBody, valid};
use crate::api::http::list_query::ListQuery;
use crate::api::http::representation::{
    Accept, Conditions, Representation, entity_tags, put_response, write_response,
};
use crate::api::middleware::idempotency::{IdempotencyGuard, mark_replayed};
use crate::api::middleware::sandbox_key::{Data, set_sandbox_cookie};
use crate::api::state::ApiState;
use crate::model::user::{NewUser, UserPatch, UserReplacement};

/// Path of the list.
const PATH: &str = "/api/users";

/// Handles `GET /api/users`: returns one page of the list, with `Total-Count` and `Link`.
pub(in crate::api) async fn list(
    State(state): State<ApiState>,
    Data(scope): Data,
    Accept(format): Accept,
    conditions: Conditions,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let query = ListQuery::parse(query.as_deref())?;
    let page = state.sandboxes.list_users(&scope, &query.filter()).await?;
    let in_format = |format| Representation::of_list(format, &page.users, query.fields);
    let all = || {
        UserFormat::ALL
            .iter()
            .map(|format| in_format(*format).tag)
            .collect()
    };
    let mut response = in_format(format).answer(&conditions, all)?;
    // A 304 response has these headers too: they can change when the users on this page do not.
    let headers = response.headers_mut();
    let total = HeaderValue::from(page.total);
    headers.insert(HeaderName::from_static("total-count"), total);
    let links = HeaderValue::from_str(&query.links(PATH, &page));
    headers.insert(
        LINK,
        links.expect("a percent-encoded link is a header value"),
    );
    Ok(response)
}

/// Handles `POST /api/users`: creates a user. An idempotency key prevents a second user on a retry.
pub(in crate::api) async fn create(
    State(state): State<ApiState>,
    Data(scope): Data,
    _: NoQuery,
    Accept(format): Accept,
    idempotency: IdempotencyGuard,
    UserBody(body): UserBody,
) -> Result<Response, ApiError> {
    let new = valid(&scope, NewUser::from_json(&body))?;
    let record = idempotency.record(&body);
    let outcome = state.sandboxes.create_user(&scope, new, record).await?;
    let response = write_response(format, &outcome.value.user, true);
    let response = mark_replayed(outcome.value.replayed, response);
    Ok(set_sandbox_cookie(
        outcome.created,
        state.secure_cookies,
        response,
    ))
}

/// Handles `GET /api/users/{id}`: returns a user, or 304 when the client has the current
/// representation.
pub(in crate::api) async fn show(
    State(state): State<ApiState>,
    Data(scope): Data,
    _: NoQuery,
    Accept(format): Accept,
    PathId(id): PathId,
    conditions: Conditions,
) -> Result<Response, ApiError> {
    let user = state.sandboxes.find_user(&scope, id).await?;
    let user = user.ok_or_else(|| ApiError::no_user(id))?;
    Representation::of(format, &user).answer(&conditions, || entity_tags(&user))
}

/// Handles `PUT /api/users/{id}`: replaces the user, or creates it when there is none with this id.
pub(in crate::api) async fn replace(
    State(state): State<ApiState>,
    Data(scope): Data,
    _: NoQuery,
    Accept(format): Accept,
    PathId(id): PathId,
    conditions: Conditions,
    UserBody(body): UserBody,
) -> Result<Response, ApiError> {
    let replacement = valid(&scope, UserReplacement::from_json(&body))?;
    let sandboxes = &state.sandboxes;
    let outcome = sandboxes
        .replace_user(&scope, id, replacement, conditions.guard())
        .await?;
    let response = put_response(format, &outcome.value.user, outcome.value.created);
    Ok(set_sandbox_cookie(
        outcome.created,
        state.secure_cookies,
        response,
    ))
}

/// Handles `PATCH /api/users/{id}`: applies a merge patch to the user.
pub(in crate::api) async fn update(
    State(state): State<ApiState>,
    Data(scope): Data,
    _: NoQuery,
    Accept(format): Accept,
    PathId(id): PathId,
    conditions: Conditions,
    JsonBody(body): JsonBody,
) -> Result<Response, ApiError> {
    let patch = valid(&scope, UserPatch::from_json(body))?;
    let sandboxes = &state.sandboxes;
    let outcome = sandboxes
        .update_user(&scope, id, patch, conditions.guard())
        .await
        .map_err(ApiError::of_write(id))?;
    let response = write_response(format, &outcome.value, false);
    Ok(set_sandbox_cookie(
        outcome.created,
        state.secure_cookies,
        response,
    ))
}

/// Handles `DELETE /api/users/{id}`: deletes the user.
pub(in crate::api) async fn delete(
    State(state): State<ApiState>,
    Data(scope): Data,
    _: NoQuery,
    PathId(id): PathId,
    conditions: Conditions,
) -> Result<Response, ApiError> {
    let outcome = state
        .sandboxes
        .delete_user(&scope, id, conditions.guard())
        .await
        .map_err(ApiError::of_write(id))?;
    let response = StatusCode::NO_CONTENT.into_response();
    Ok(set_sandbox_cookie(
        outcome.created,
        state.secure_cookies,
        response,
    ))
}
