//! The two cookies of the API: the sandbox cookie and the session cookie. Each holds a key.
//!
//! The keys are checked elsewhere. The portal has its own session cookie.

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use cookie::time::Duration;
use cookie::{Cookie, SameSite};

use crate::api::error::ApiError;
use crate::model::cookie::CookieValue;
use crate::model::problem::ProblemKind;
use crate::portal;
use crate::sandbox::SandboxKey;

/// A cookie of the API.
pub(in crate::api) struct KeyCookie {
    /// The name over plain HTTP, where browsers refuse the prefix `__Host-`.
    plain: &'static str,
    /// The name over HTTPS: the prefix restricts the cookie to this host (RFC 6265bis, section
    /// 4.1.3.2).
    prefixed: &'static str,
}

/// The cookie of the sandbox.
pub(in crate::api) const SANDBOX: KeyCookie = KeyCookie {
    plain: "sandbox",
    prefixed: "__Host-sandbox",
};

/// The cookie of the session.
pub(in crate::api) const SESSION: KeyCookie = KeyCookie {
    plain: "api_session",
    prefixed: "__Host-api_session",
};

/// Returns the value of the portal's session cookie; `None` when the cookie occurs twice. It gives no
/// access to the API and serves only to identify the account that creates sandboxes.
pub(in crate::api) fn portal_session(headers: &HeaderMap, secure: bool) -> Option<String> {
    let cookie = read(headers, portal::cookie_name(secure));
    cookie.single().map(str::to_owned)
}

fn read<'h>(headers: &'h HeaderMap, name: &str) -> CookieValue<'h> {
    let fields = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
    CookieValue::find(fields, name)
}

impl KeyCookie {
    fn name(&self, secure: bool) -> &'static str {
        if secure { self.prefixed } else { self.plain }
    }

    fn read<'a>(&self, headers: &'a HeaderMap, secure: bool) -> CookieValue<'a> {
        read(headers, self.name(secure))
    }

    /// Returns the key in the cookie of a request; `None` when the cookie is missing, occurs twice or holds
    /// no valid key.
    pub(in crate::api) fn find(&self, headers: &HeaderMap, secure: bool) -> Option<SandboxKey> {
        SandboxKey::parse(self.read(headers, secure).single()?)
    }

    /// Checks that the cookie does not occur twice in a request.
    ///
    /// # Errors
    /// 400 when it occurs twice, because choosing one of the two or ignoring both could act on other
    /// data than the client intends.
    pub(in crate::api) fn check_unique(
        &self,
        headers: &HeaderMap,
        secure: bool,
    ) -> Result<(), ApiError> {
        if self.read(headers, secure) != CookieValue::Repeated {
            return Ok(());
        }
        let detail = format!(
            "the cookie {} occurs twice in this request, so it is unclear which one is meant; \
             delete the one that another page has set",
            self.name(secure)
        );
        Err(ApiError::new(ProblemKind::BadRequest, detail))
    }

    /// Adds a `Set-Cookie` header with the key, valid for `age` milliseconds.
    pub(in crate::api) fn set(
        &self,
        headers: &mut HeaderMap,
        key: &SandboxKey,
        age: i64,
        secure: bool,
    ) {
        headers.append(SET_COOKIE, self.field(key.as_str(), age, secure));
    }

    /// Adds a `Set-Cookie` header that deletes the cookie.
    pub(in crate::api) fn delete(&self, headers: &mut HeaderMap, secure: bool) {
        headers.append(SET_COOKIE, self.field("", 0, secure));
    }

    /// Returns whether a response sets or deletes the cookie.
    pub(in crate::api) fn is_set_by(&self, headers: &HeaderMap, secure: bool) -> bool {
        let is_this_cookie = |value: &HeaderValue| {
            let rest = value.as_bytes().strip_prefix(self.name(secure).as_bytes());
            rest.is_some_and(|rest| rest.starts_with(b"="))
        };
        headers.get_all(SET_COOKIE).iter().any(is_this_cookie)
    }

    fn field(&self, value: &str, age: i64, secure: bool) -> HeaderValue {
        let cookie = Cookie::build((self.name(secure), value))
            .path("/")
            .http_only(true)
            .secure(secure)
            .same_site(SameSite::Lax)
            .max_age(Duration::milliseconds(age));
        HeaderValue::from_str(&cookie.to_string()).expect("the cookie is a header value")
    }
}
