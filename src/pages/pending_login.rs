//! The cookie of a login that has begun and needs another step: the code, the response of a provider or of a passkey.

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use serde::{Deserialize, Serialize};

use crate::model::cookie::CookieValue;
use crate::portal::LinkToken;
use crate::state::AppState;

/// What a login needs whose password was correct, until the code of the second factor comes.
#[derive(Serialize, Deserialize)]
pub(super) struct CodeLoginData {
    /// The version of the access of the account when the password was checked.
    pub(super) access_version: i64,
    /// The redirect path after the login.
    pub(super) next: String,
}

/// Returns the name of the cookie; over https with the prefix that restricts it to this host.
fn name(state: &AppState) -> &'static str {
    match state.config.secure_cookies() {
        true => "__Host-routebook-login",
        false => "routebook-login",
    }
}

/// Returns the token in the cookie of a request.
pub(super) fn find(state: &AppState, headers: &HeaderMap) -> Option<LinkToken> {
    let fields = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
    LinkToken::parse(CookieValue::find(fields, name(state)).single()?)
}

/// Gives the browser the token.
pub(super) fn set(state: &AppState, headers: &mut HeaderMap, token: &LinkToken) {
    // The database decides when the login expires; the cookie only has to live that long.
    add(state, headers, token.as_str(), Duration::minutes(15));
}

/// Takes the token from the browser.
pub(super) fn delete(state: &AppState, headers: &mut HeaderMap) {
    add(state, headers, "", Duration::ZERO);
}

fn add(state: &AppState, headers: &mut HeaderMap, value: &str, age: Duration) {
    let cookie = Cookie::build((name(state), value))
        .path("/")
        .http_only(true)
        .secure(state.config.secure_cookies())
        // Sent with the redirect from the provider too.
        .same_site(SameSite::Lax)
        .max_age(age);
    let field = HeaderValue::from_str(&cookie.to_string()).expect("the cookie is a header value");
    headers.append(SET_COOKIE, field);
}
