//! Refuses requests without an account on a site that is for members only.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, COOKIE, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::model::cookie::CookieValue;
use crate::model::locale::Locale;
use crate::pages;
use crate::portal;
use crate::sandbox::SandboxKey;
use crate::server::dispatch::is_api;
use crate::server::refusal::RefusalContext;
use crate::state::AppState;

/// The pages after the locale that need no account, because with them one is created or used.
const OPEN_PAGES: [&str; 8] = [
    "login",
    "logout",
    "join",
    "register",
    "reset",
    "forgot",
    "confirm-email",
    "messages",
];
/// The first segments of the files of the front end, which contain nothing of the lessons, and of the address to which an
/// identity provider leads back.
const OPEN_FILES: [&str; 7] = [
    "pkg",
    "scripts",
    "favicon.svg",
    "favicon.ico",
    "og.png",
    "robots.txt",
    "login",
];

/// The rule of a site for members only.
pub(super) struct MembersOnly {
    state: AppState,
    cookie: &'static str,
    origin: Arc<str>,
}

impl MembersOnly {
    /// Creates the rule, which holds while the site is for members only.
    pub(super) fn new(state: &AppState, origin: Arc<str>) -> MembersOnly {
        MembersOnly {
            state: state.clone(),
            cookie: portal::cookie_name(state.config.secure_cookies()),
            origin,
        }
    }

    /// Returns the request, or the response to a request without an account: a redirect to the login for a page, the login page with
    /// 401 for another method, and a problem for the API. The API also accepts the key of the sandbox of a member, so that a terminal needs no cookie. It is closed when the member
    /// is disabled or deleted.
    pub(super) async fn admit(&self, request: Request) -> Result<Request, Response> {
        let is_api = is_api(request.uri().path());
        if !self.state.is_members_only() || self.is_open(request.uri().path()) {
            return Ok(request);
        }
        let (key, session) = (key(&request).filter(|_| is_api), self.session(&request));
        if self.is_of_member(key).await || self.has_account(session).await {
            return Ok(request);
        }
        let path = request.uri().path();
        if !is_api {
            let first = path.split('/').nth(1).and_then(Locale::parse);
            let preferred = || pages::preferred_locale(&self.state, request.headers());
            let locale = first.unwrap_or_else(preferred);
            if !matches!(*request.method(), Method::GET | Method::HEAD) {
                return Err(pages::login_required(&self.state, locale).await);
            }
            let target = request.uri().path_and_query();
            let target = target.map_or("", |target| target.as_str());
            let next: String = form_urlencoded::byte_serialize(target.as_bytes()).collect();
            let mut response =
                Redirect::to(&format!("/{locale}/login?next={next}")).into_response();
            let no_store = HeaderValue::from_static("no-store");
            response.headers_mut().insert(CACHE_CONTROL, no_store);
            return Err(response);
        }
        let refusal = RefusalContext::of(&request, self.origin.clone());
        let detail = "This site is for members only: log in, or send the key of the sandbox that you have created while you were logged in, in the header Sandbox-Key.";
        let mut response = refusal.respond(StatusCode::UNAUTHORIZED, detail);
        let challenge = HeaderValue::from_static("Cookie realm=\"routebook\"");
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        Err(response)
    }

    /// Returns whether a path needs no account: also the picture that the header of the login shows.
    fn is_open(&self, path: &str) -> bool {
        let is_logo = || {
            self.state
                .logo()
                .is_some_and(|(address, ..)| address == path)
        };
        is_open(path) || (path.starts_with("/pictures/") && is_logo())
    }

    /// Returns the value of the session cookie.
    fn session(&self, request: &Request) -> Option<String> {
        let fields = request.headers().get_all(COOKIE).iter();
        let value = CookieValue::find(fields.map(HeaderValue::as_bytes), self.cookie);
        value.single().map(str::to_owned)
    }

    async fn is_of_member(&self, key: Option<SandboxKey>) -> bool {
        let Some(key) = key else {
            return false;
        };
        // Read at each request, so that it holds at once when another instance disables the member.
        let store = &self.state.portal.store;
        match store.is_sandbox_of_member(key.as_str()).await {
            Ok(is_of_member) => is_of_member,
            Err(cause) => {
                tracing::error!(%cause, "the owner of a sandbox could not be read");
                false
            }
        }
    }

    async fn has_account(&self, session: Option<String>) -> bool {
        let Some(session) = session else {
            return false;
        };
        match self.state.portal.find_viewer(&session).await {
            Ok(viewer) => viewer.is_some(),
            Err(cause) => {
                tracing::error!(%cause, "a session could not be read");
                false
            }
        }
    }
}

/// Returns the key of a sandbox in the header of a request.
fn key(request: &Request) -> Option<SandboxKey> {
    let value = request.headers().get("sandbox-key")?;
    SandboxKey::parse(value.to_str().ok()?)
}

/// Returns whether a path needs no account.
fn is_open(path: &str) -> bool {
    let mut segments = path.split('/').skip(1);
    let first = segments.next().unwrap_or_default();
    let second = segments.next().unwrap_or_default();
    // The identity provider sends the browser to an address without a language.
    OPEN_FILES.contains(&first)
        || path == "/login/callback"
        || (Locale::parse(first).is_some() && OPEN_PAGES.contains(&second))
}
