//! `/api/tokens` and `/api/tokens/{id}`: the tokens of the authenticated user.
//!
//! Only the response to POST contains the secret. Requests are authenticated by tokens in
//! `middleware::authentication`.

use axum::extract::{RawPathParams, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::api::error::ApiError;
use crate::api::http::extract::{JsonBody, NoQuery, path_parameter, valid};
use crate::api::http::json_response::json_no_store;
use crate::api::middleware::authentication::{AuthenticatedUser, unauthorized};
use crate::api::middleware::jwt;
use crate::api::middleware::sandbox_key::Data;
use crate::api::state::ApiState;
use crate::model::credential::{NewToken, Token};
use crate::model::problem::ProblemKind;
use crate::model::user::User;
use crate::sandbox::{DataScope, IssuedToken, WriteError};

/// Path of the list.
const PATH: &str = "/api/tokens";

/// A token with its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = TokenWithSecret)]
pub(in crate::api) struct CreatedToken<'a> {
    #[serde(flatten)]
    token: &'a Token,
    /// The secret, which a client sends in Authorization after `Bearer `.
    #[serde(rename = "token")]
    secret: String,
}

/// Handles `POST /api/tokens`: creates a token for the authenticated user.
pub(in crate::api) async fn create(
    State(state): State<ApiState>,
    Data(scope): Data,
    AuthenticatedUser(user): AuthenticatedUser,
    _: NoQuery,
    JsonBody(body): JsonBody,
) -> Result<Response, ApiError> {
    let new = valid(&scope, NewToken::from_json(&body))?;
    let issued = state.sandboxes.create_token(&scope, user.id, new).await;
    let IssuedToken { token, secret } = issued.map_err(|error| match error {
        // The user was deleted after the credentials were checked; they became invalid with the user.
        WriteError::UserNotFound => unauthorized("the user of these credentials is gone"),
        error => error.into(),
    })?;
    let secret = secret.unwrap_or_else(|| sign(&state, &scope, &user, &token));
    let body = CreatedToken {
        token: &token,
        secret,
    };
    let mut response = json_no_store(StatusCode::CREATED, &body);
    let location = format!("{PATH}/{}", token.id);
    let location = HeaderValue::from_str(&location).expect("a path and a UUID");
    response.headers_mut().insert(LOCATION, location);
    Ok(response)
}

/// Handles `GET /api/tokens`: returns the tokens of the authenticated user, without their secrets.
pub(in crate::api) async fn list(
    State(state): State<ApiState>,
    Data(scope): Data,
    AuthenticatedUser(user): AuthenticatedUser,
    _: NoQuery,
) -> Result<Response, ApiError> {
    let tokens = state.sandboxes.list_tokens(&scope, user.id).await?;
    Ok(json_no_store(StatusCode::OK, &tokens))
}

/// Handles `GET /api/tokens/{id}`: returns one token of the authenticated user.
pub(in crate::api) async fn show(
    State(state): State<ApiState>,
    Data(scope): Data,
    AuthenticatedUser(user): AuthenticatedUser,
    _: NoQuery,
    params: RawPathParams,
) -> Result<Response, ApiError> {
    let id = id_of(&params).ok_or_else(no_token)?;
    let token = state.sandboxes.find_token(&scope, user.id, &id).await?;
    let token = token.ok_or_else(no_token)?;
    Ok(json_no_store(StatusCode::OK, &token))
}

/// Handles `DELETE /api/tokens/{id}`: revokes a token with immediate effect.
pub(in crate::api) async fn delete(
    State(state): State<ApiState>,
    Data(scope): Data,
    AuthenticatedUser(user): AuthenticatedUser,
    _: NoQuery,
    params: RawPathParams,
) -> Result<Response, ApiError> {
    let id = id_of(&params).ok_or_else(no_token)?;
    match state.sandboxes.delete_token(&scope, user.id, &id).await? {
        true => Ok(StatusCode::NO_CONTENT.into_response()),
        false => Err(no_token()),
    }
}

/// Returns the signed JWT for a stored token.
fn sign(state: &ApiState, scope: &DataScope, user: &User, token: &Token) -> String {
    let claims = jwt::Claims {
        iss: state.origin.to_string(),
        aud: scope.sandbox.map(jwt::audience).unwrap_or_default(),
        sub: user.id.to_string(),
        exp: token.expires_at.milliseconds() / 1000,
        iat: token.created_at.milliseconds() / 1000,
        jti: token.id.clone(),
    };
    jwt::sign(state.sandboxes.signing_key(), &claims)
}

/// Returns the `{id}` of the path if it is a UUID in its canonical spelling.
fn id_of(params: &RawPathParams) -> Option<String> {
    let text = path_parameter(params);
    let id = Uuid::try_parse(text).ok()?.to_string();
    (id == text).then_some(id)
}

/// Returns the 404 error for an id that is not a token of the authenticated user, even if it is a token of
/// another user.
fn no_token() -> ApiError {
    ApiError::new(ProblemKind::NotFound, "you have no token with this id")
}
