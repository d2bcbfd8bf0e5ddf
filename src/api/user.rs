//! `/api/users` and `/api/users/{id}`.

use axum::extract::{RawQuery, State};
use axum::http::header::{HeaderName, LINK, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::api::error::ApiError;
use crate::api::extract::{Id, JsonBody, NoQuery, Query};
use crate::api::sandbox_key::{Data, announce};
use crate::api::{ApiState, link};
use crate::model::user::{NewUser, User, UserPatch, UserReplacement};
use crate::sandbox::Page;

/// Path of the list.
const PATH: &str = "/api/users";
/// Users on a page when the query does not say.
const PER_PAGE: i64 = 20;
/// Users on a page at most.
const PER_PAGE_MAX: i64 = 100;
/// The highest page that can be asked for.
const PAGE_MAX: i64 = 1_000_000;

/// `GET /api/users`: a page of the list.
pub(super) async fn list(
    State(state): State<ApiState>,
    Data(scope): Data,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let query = Query::of(query.as_deref(), &["page", "per_page"])?;
    let page = query.number("page", 1, PAGE_MAX)?;
    let per_page = query.number("per_page", PER_PAGE, PER_PAGE_MAX)?;
    let offset = (page - 1) * per_page;
    let Page { users, total } = state.sandboxes.list_users(&scope, offset, per_page).await?;
    let mut response = json(StatusCode::OK, &users);
    let headers = response.headers_mut();
    headers.insert(
        HeaderName::from_static("total-count"),
        HeaderValue::from(total),
    );
    let links = link::pages(PATH, page, per_page, total);
    headers.insert(
        LINK,
        HeaderValue::from_str(&links).expect("paths and numbers are a header value"),
    );
    Ok(response)
}

/// `POST /api/users`: a new user.
pub(super) async fn create(
    State(state): State<ApiState>,
    Data(scope): Data,
    _: NoQuery,
    JsonBody(body): JsonBody,
) -> Result<Response, ApiError> {
    let new = NewUser::from_json(&body).map_err(ApiError::invalid)?;
    let written = state.sandboxes.create_user(&scope, new, None).await?;
    Ok(announce(
        written.made,
        state.secure_cookies,
        created(&written.value.user),
    ))
}

/// `GET /api/users/{id}`.
pub(super) async fn show(
    State(state): State<ApiState>,
    Data(scope): Data,
    _: NoQuery,
    Id(id): Id,
) -> Result<Response, ApiError> {
    let user = state.sandboxes.find_user(&scope, id).await?;
    let user = user.ok_or_else(|| ApiError::no_user(id))?;
    Ok(json(StatusCode::OK, &user))
}

/// `PUT /api/users/{id}`: the whole user, new or in place of the old one.
pub(super) async fn replace(
    State(state): State<ApiState>,
    Data(scope): Data,
    _: NoQuery,
    Id(id): Id,
    JsonBody(body): JsonBody,
) -> Result<Response, ApiError> {
    let replacement = UserReplacement::from_json(&body).map_err(ApiError::invalid)?;
    let written = state
        .sandboxes
        .replace_user(&scope, id, replacement, None)
        .await?;
    let response = match written.value.created {
        true => created(&written.value.user),
        false => json(StatusCode::OK, &written.value.user),
    };
    Ok(announce(written.made, state.secure_cookies, response))
}

/// `PATCH /api/users/{id}`: some fields, as a merge patch.
pub(super) async fn update(
    State(state): State<ApiState>,
    Data(scope): Data,
    _: NoQuery,
    Id(id): Id,
    JsonBody(body): JsonBody,
) -> Result<Response, ApiError> {
    let patch = UserPatch::from_json(body).map_err(ApiError::invalid)?;
    let written = state.sandboxes.update_user(&scope, id, patch, None).await?;
    Ok(announce(
        written.made,
        state.secure_cookies,
        json(StatusCode::OK, &written.value),
    ))
}

/// `DELETE /api/users/{id}`.
pub(super) async fn delete(
    State(state): State<ApiState>,
    Data(scope): Data,
    _: NoQuery,
    Id(id): Id,
) -> Result<Response, ApiError> {
    let written = state.sandboxes.delete_user(&scope, id, None).await?;
    Ok(announce(
        written.made,
        state.secure_cookies,
        StatusCode::NO_CONTENT.into_response(),
    ))
}

fn created(user: &User) -> Response {
    let mut response = json(StatusCode::CREATED, user);
    let location = format!("{PATH}/{}", user.id);
    response.headers_mut().insert(
        LOCATION,
        HeaderValue::from_str(&location).expect("a path and a number are a header value"),
    );
    response
}

fn json(status: StatusCode, value: &impl Serialize) -> Response {
    let body = serde_json::to_vec(value).expect("users are JSON");
    let content_type = [(axum::http::header::CONTENT_TYPE, "application/json")];
    (status, content_type, body).into_response()
}
