//! `/api/session`: login, logout and the current user of the taught API.
//!
//! The cookie holds only a random key. It is separate from the session cookie of the portal: neither
//! cookie is accepted in place of the other.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, State};
use axum::http::header::{AUTHORIZATION, LOCATION};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use subtle::ConstantTimeEq as _;

use crate::api::error::ApiError;
use crate::api::http::cookies::SESSION;
use crate::api::http::extract::{JsonBody, NoQuery, valid};
use crate::api::http::json_response::json_no_store;
use crate::api::middleware::authentication::AuthenticatedUser;
use crate::api::middleware::sandbox_key::{Data, set_sandbox_cookie};
use crate::api::state::ApiState;
use crate::model::credential::{LoginRequest, PASSWORD};
use crate::model::problem::ProblemKind;
use crate::model::trace::{StepKind, TraceText};
use crate::model::user::Email;
use crate::sandbox::{ApiLogin, DataScope, SESSION_AGE, SandboxKey, WriteError};

/// Handles `POST /api/session`: logs in as a user of the sandbox and creates a session with a new key.
pub(in crate::api) async fn create(
    State(state): State<ApiState>,
    Data(scope): Data,
    _: NoQuery,
    SessionKey(old_key): SessionKey,
    JsonBody(body): JsonBody,
) -> Result<Response, ApiError> {
    let login = valid(&scope, LoginRequest::from_json(&body))?;
    let email = check_password(&login).ok_or_else(|| wrong_login(&scope))?;
    let outcome = match state.sandboxes.log_in(&scope, email, old_key).await {
        Err(WriteError::UserNotFound) => return Err(wrong_login(&scope)),
        outcome => outcome?,
    };
    let ApiLogin { user, key } = outcome.value;
    let mut response = json_no_store(StatusCode::CREATED, &user);
    let headers = response.headers_mut();
    headers.insert(LOCATION, HeaderValue::from_static("/api/session"));
    SESSION.set(headers, &key, SESSION_AGE, state.secure_cookies);
    Ok(set_sandbox_cookie(
        outcome.created,
        state.secure_cookies,
        response,
    ))
}

/// Handles `GET /api/session`: returns the user that the session or the token authenticates.
pub(in crate::api) async fn show(
    AuthenticatedUser(user): AuthenticatedUser,
    _: NoQuery,
) -> Response {
    json_no_store(StatusCode::OK, &user)
}

/// Handles `DELETE /api/session`: deletes the session and its cookie; returns 204 also when there is no
/// session.
pub(in crate::api) async fn delete(
    State(state): State<ApiState>,
    Data(scope): Data,
    _: NoQuery,
    SessionKey(key): SessionKey,
) -> Result<Response, ApiError> {
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(key) = key {
        state.sandboxes.log_out(&scope, &key).await?;
    }
    SESSION.delete(response.headers_mut(), state.secure_cookies);
    Ok(response)
}

/// Returns the email address of a login if its password is correct. Does not check whether a user has
/// this address.
fn check_password(login: &LoginRequest) -> Option<Email> {
    let is_correct = login.password.as_bytes().ct_eq(PASSWORD.as_bytes());
    Email::parse(&login.email).filter(|_| is_correct.into())
}

/// Returns the 401 error of a failed login: the same for an unknown email address and a wrong password.
///
/// A 401 response must have `WWW-Authenticate` (RFC 9110, section 15.5.2), but no scheme is registered
/// for logins by a form, so the challenge names an unregistered one.
fn wrong_login(scope: &DataScope) -> ApiError {
    let detail = format!(
        "no user of this sandbox has this email address and password; \
         the password of every user of a sandbox is {PASSWORD:?}"
    );
    let step = TraceText::translatable("email and password");
    scope.trace.add_stopped(StepKind::Authentication, step, || {
        TraceText::translatable("no user has this email address and password")
    });
    ApiError::new(ProblemKind::WrongLogin, detail)
        .with_header("www-authenticate", "Login realm=\"routebook\"")
}

/// The key in the session cookie; `None` when there is no such cookie or the request has an
/// `Authorization` header.
pub(in crate::api) struct SessionKey(pub(in crate::api) Option<SandboxKey>);

impl FromRequestParts<ApiState> for SessionKey {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &ApiState,
    ) -> Result<SessionKey, Infallible> {
        let is_ignored = parts.headers.contains_key(AUTHORIZATION);
        let key = SESSION.find(&parts.headers, state.secure_cookies);
        Ok(SessionKey(key.filter(|_| !is_ignored)))
    }
}
