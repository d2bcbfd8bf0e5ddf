//! Authentication by a bearer token (RFC 6750) or by the session cookie, and authorization by role.
//!
//! When a request has an `Authorization` header, the cookie is ignored, because the client chose the
//! header explicitly. Logins are in `resources::session`, and tokens are created in `resources::token`.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::api::error::{ApiError, CHALLENGE, challenge, forbidden};
use crate::api::http::cookies::SESSION;
use crate::api::middleware::headers::Authenticated;
use crate::api::middleware::jwt;
use crate::api::middleware::sandbox_key::{Data, Visitor};
use crate::api::state::ApiState;
use crate::api::trace::trace_of;
use crate::model::credential::TOKEN_PREFIX;
use crate::model::problem::ProblemKind;
use crate::model::trace::{StepKind, TraceText};
use crate::model::user::{User, UserRole};
use crate::sandbox::{DataScope, TokenCheck, TokenCredential};

/// The authenticated user. Rejects a request without valid credentials with 401.
pub(in crate::api) struct AuthenticatedUser(pub(in crate::api) User);

impl FromRequestParts<ApiState> for AuthenticatedUser {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &ApiState,
    ) -> Result<AuthenticatedUser, ApiError> {
        let Data(scope) = Data::from_request_parts(parts, state).await?;
        let (credential, user) = match parts.headers.contains_key(AUTHORIZATION) {
            true => (
                TraceText::translatable("bearer token"),
                by_token(&parts.headers, state, &scope).await,
            ),
            false => (
                TraceText::translatable("session"),
                by_session(&parts.headers, state, &scope).await,
            ),
        };
        let trace = &scope.trace;
        match user {
            Ok(user) => {
                trace.add_passed(StepKind::Authentication, credential, || {
                    let id = user.id.to_string();
                    let values = [("id", id.as_str()), ("role", user.role.as_str())];
                    Some(TraceText::translatable_with("user {id}, {role}", &values))
                });
                Authenticated::set(&parts.extensions);
                Ok(AuthenticatedUser(user))
            }
            Err(error) => {
                trace.add_stopped(StepKind::Authentication, credential, || {
                    TraceText::literal(error.detail().to_owned())
                });
                Err(error)
            }
        }
    }
}

/// Returns the user of the session cookie.
async fn by_session(
    headers: &HeaderMap,
    state: &ApiState,
    scope: &DataScope,
) -> Result<User, ApiError> {
    SESSION.check_unique(headers, state.secure_cookies)?;
    let Some(key) = SESSION.find(headers, state.secure_cookies) else {
        return Err(unauthorized("no user of this sandbox is logged in"));
    };
    let user = state.sandboxes.find_session(scope, &key).await?;
    user.ok_or_else(|| unauthorized("the session of this cookie has ended"))
}

/// Returns the user of the bearer token.
async fn by_token(
    headers: &HeaderMap,
    state: &ApiState,
    scope: &DataScope,
) -> Result<User, ApiError> {
    let token = bearer_token(headers)?;
    let claims;
    let credential = match token.starts_with(TOKEN_PREFIX) {
        true => TokenCredential::Opaque(token),
        false => {
            claims = verify_jwt(token, state, scope)?;
            let user = claims.user().ok_or_else(unknown_token)?;
            let id = &claims.jti;
            TokenCredential::Jwt { id, user }
        }
    };
    match state.sandboxes.check_token(scope, credential).await? {
        TokenCheck::Valid(user) => Ok(user),
        TokenCheck::Expired => Err(invalid_token("the token has expired")),
        TokenCheck::Unknown => Err(unknown_token()),
    }
}

/// Parses the token in the header (RFC 6750, section 2.1).
fn bearer_token(headers: &HeaderMap) -> Result<&str, ApiError> {
    let mut fields = headers.get_all(AUTHORIZATION).iter();
    let field = fields.next().and_then(|field| field.to_str().ok());
    let field = field.unwrap_or_default().trim();
    let (scheme, token) = field.split_once(' ').unwrap_or((field, ""));
    if fields.next().is_some() {
        return Err(malformed("there are several Authorization headers"));
    }
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(unauthorized(
            "the scheme of the Authorization header is not Bearer",
        ));
    }
    let token = token.trim();
    let characters = token.trim_end_matches('=');
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    match !characters.is_empty() && characters.bytes().all(is_allowed) {
        true => Ok(token),
        false => Err(malformed("what follows Bearer is not a token")),
    }
}

/// Verifies the signature, the sandbox and the expiry of a JWT; returns its claims.
fn verify_jwt(token: &str, state: &ApiState, scope: &DataScope) -> Result<jwt::Claims, ApiError> {
    let sandbox = scope.sandbox.ok_or_else(unknown_token)?;
    let (key, audience) = (state.sandboxes.signing_key(), jwt::audience(sandbox));
    let claims = jwt::verify(key, token, &state.origin, &audience);
    let claims = claims.ok_or_else(unknown_token)?;
    match claims.exp.saturating_mul(1000) > state.sandboxes.now() {
        true => Ok(claims),
        false => Err(invalid_token("the token has expired")),
    }
}

/// An extractor that confirms that the authenticated user is an admin. Rejects other users with 403.
pub(in crate::api) struct AuthenticatedAdmin;

impl FromRequestParts<ApiState> for AuthenticatedAdmin {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &ApiState,
    ) -> Result<AuthenticatedAdmin, ApiError> {
        let AuthenticatedUser(user) = AuthenticatedUser::from_request_parts(parts, state).await?;
        let trace = trace_of(&parts.extensions);
        match user.role {
            UserRole::Admin => {
                trace.add_passed(
                    StepKind::Authorization,
                    TraceText::translatable("role admin"),
                    || None,
                );
                Ok(AuthenticatedAdmin)
            }
            UserRole::Member => {
                let error = forbidden("this needs the role admin, and yours is member")
                    .with_challenge_for_token(&parts.headers);
                trace.add_stopped(
                    StepKind::Authorization,
                    TraceText::translatable("role admin"),
                    || TraceText::literal(error.detail().to_owned()),
                );
                Err(error)
            }
        }
    }
}

/// When the behavior `require_auth` is on, allows only authenticated users to change users and only admins
/// to delete them.
pub(in crate::api) async fn require(
    State(state): State<ApiState>,
    request: Request,
    next: Next,
) -> Response {
    let visitor = Visitor::of(request.extensions());
    let is_required = visitor
        .sandbox()
        .is_some_and(|sandbox| sandbox.behaviors.require_auth);
    let (method, path) = (request.method().clone(), request.uri().path());
    let is_users_path = path == "/api/users" || path.starts_with("/api/users/");
    if !is_required || !is_users_path || method.is_safe() {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let rejection = match method {
        Method::DELETE => AuthenticatedAdmin::from_request_parts(&mut parts, &state)
            .await
            .err(),
        _ => AuthenticatedUser::from_request_parts(&mut parts, &state)
            .await
            .err(),
    };
    match rejection {
        Some(error) => error.into_response(),
        None => next.run(Request::from_parts(parts, body)).await,
    }
}

/// Returns the 401 error for missing credentials. The challenge has no error code, because no credentials
/// were refused (RFC 6750, section 3).
pub(in crate::api) fn unauthorized(reason: &str) -> ApiError {
    let detail = format!(
        "{reason}; log in with POST /api/session, or send a token as Authorization: Bearer …"
    );
    ApiError::new(ProblemKind::Unauthorized, detail).with_header("www-authenticate", CHALLENGE)
}

/// Returns the 400 error for a malformed `Authorization` header (RFC 6750, section 3.1).
fn malformed(reason: &str) -> ApiError {
    let detail = format!("{reason}; send one as Authorization: Bearer …");
    ApiError::new(ProblemKind::BadRequest, detail)
        .with_header("www-authenticate", challenge("invalid_request", reason))
}

/// Returns the 401 error for a token that is not valid in this sandbox: forged, unknown or revoked.
fn unknown_token() -> ApiError {
    invalid_token("the token is not valid in this sandbox, or was revoked")
}

/// Returns the 401 error for an invalid token (RFC 6750, section 3.1).
fn invalid_token(reason: &str) -> ApiError {
    let detail = format!("{reason}; make a new one with POST /api/tokens");
    ApiError::new(ProblemKind::InvalidToken, detail)
        .with_header("www-authenticate", challenge("invalid_token", reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn bearer_token_accepts_only_the_scheme_bearer_with_one_token() {
        let check = |text: &str, expected: Result<&str, u16>| {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, HeaderValue::from_str(text).expect("a value"));
            let token =
                bearer_token(&headers).map_err(|error| error.into_response().status().as_u16());
            assert_eq!(token, expected, "{text:?}");
        };
        check("Bearer abc", Ok("abc"));
        check("bEARER  a-b._~+/c== ", Ok("a-b._~+/c=="));
        for text in ["Bearer", "Bearer ", "Bearer =", "Bearer a b", "Bearer a,b"] {
            check(text, Err(400));
        }
        for text in ["", "Basic dTpw", "Bearerabc", "abc", "Bear er"] {
            check(text, Err(401));
        }
    }
}
