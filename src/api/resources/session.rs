//! `/api/session`: logging in to the API, out of it, and who is logged in.
//!
//! The cookie holds a random key and nothing else. It is not the portal's, and neither opens the
//! other's doors.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, State};
use axum::http::header::{AUTHORIZATION, LOCATION};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use subtle::ConstantTimeEq as _;

use crate::api::error::ApiError;
use crate::api::http::cookies::SESSION;
use crate::api::http::extract::valid;
use crate::api::http::extract::{JsonBody, NoQuery};
use crate::api::middleware::authentication::AuthenticatedUser;
use crate::api::middleware::sandbox_key::{Data, announce};
use crate::api::resources::sandbox::json_no_store;
use crate::api::state::ApiState;
use crate::model::credential::{LoginRequest, PASSWORD};
use crate::model::problem::ProblemKind;
use crate::model::trace::{StepKind, TraceText};
use crate::model::user::Email;
use crate::sandbox::{ApiLogin, DataScope, SESSION_AGE, SandboxKey, WriteError};

/// `POST /api/session`: logs in as a user of the sandbox, under a new key.
pub(in crate::api) async fn create(
    State(state): State<ApiState>,
    Data(scope): Data,
    _: NoQuery,
    SessionKey(old): SessionKey,
    JsonBody(body): JsonBody,
) -> Result<Response, ApiError> {
    let login = valid(&scope, LoginRequest::from_json(&body))?;
    let email = checked(&login).ok_or_else(|| wrong_login(&scope))?;
    let written = match state.sandboxes.log_in(&scope, email, old).await {
        Err(WriteError::Missing) => return Err(wrong_login(&scope)),
        written => written?,
    };
    let ApiLogin { user, key } = written.value;
    let mut response = json_no_store(StatusCode::CREATED, &user);
    let headers = response.headers_mut();
    headers.insert(LOCATION, HeaderValue::from_static("/api/session"));
    SESSION.give(headers, &key, SESSION_AGE, state.secure_cookies);
    Ok(announce(written.made, state.secure_cookies, response))
}

/// `GET /api/session`: who is logged in, by session or token.
pub(in crate::api) async fn show(
    AuthenticatedUser(user): AuthenticatedUser,
    _: NoQuery,
) -> Response {
    json_no_store(StatusCode::OK, &user)
}

/// `DELETE /api/session`: ends the session, here and in the browser; 204 also when there is none.
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
    SESSION.take(response.headers_mut(), state.secure_cookies);
    Ok(response)
}

/// The address of a login whose password is right; whether anybody has it is not known yet.
fn checked(login: &LoginRequest) -> Option<Email> {
    let right = login.password.as_bytes().ct_eq(PASSWORD.as_bytes());
    Email::parse(&login.email).filter(|_| right.into())
}

/// The same for a wrong address and a wrong password. No scheme is registered for logging in with a
/// form, and 401 needs one (RFC 9110, section 15.5.2).
fn wrong_login(scope: &DataScope) -> ApiError {
    let detail = format!(
        "no user has this e-mail address and password; \
         the password of every user of a sandbox is {PASSWORD:?}"
    );
    let step = TraceText::ours("e-mail and password");
    scope.trace.stop(StepKind::Authentication, step, || {
        TraceText::ours("no user has both")
    });
    ApiError::new(ProblemKind::WrongLogin, detail)
        .with_header("www-authenticate", "LoginRequest realm=\"routebook\"")
}

/// The key in the session's cookie, if there is one and no `Authorization` header.
pub(in crate::api) struct SessionKey(pub(in crate::api) Option<SandboxKey>);

impl FromRequestParts<ApiState> for SessionKey {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &ApiState,
    ) -> Result<SessionKey, Infallible> {
        let ignored = parts.headers.contains_key(AUTHORIZATION);
        let key = SESSION.find(&parts.headers, state.secure_cookies);
        Ok(SessionKey(key.filter(|_| !ignored)))
    }
}
