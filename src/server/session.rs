//! The portal's session for pages and actions: its cookie, the viewer, and `no-store` for
//! private responses.
//!
//! Not used for the API, which has a session of its own. The storage of sessions is in `portal`.

use ::cookie::Cookie;
use axum::Router;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::{Next, from_fn, map_request, map_response};
use axum::response::Response;
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration;
use tower_sessions::{Expiry, Session, SessionManagerLayer};

use crate::model::cookie::{self, CookieValue};
use crate::portal;
use crate::portal::{Portal, SESSION_MAX_AGE, Viewer};

/// Adds the session layers to `routes`: handlers may extract a `Session`, and find an
/// `Option<Viewer>` in the extensions of the request.
pub(super) fn with_session(routes: Router, portal: &Portal, is_secure: bool) -> Router {
    let name = portal::cookie_name(is_secure);
    // The browser keeps the cookie for this time; `portal::session` decides when a session ends.
    let cookie_expiry = Expiry::OnInactivity(Duration::milliseconds(SESSION_MAX_AGE));
    let sessions = SessionManagerLayer::new(portal.sessions())
        .with_name(name)
        .with_secure(is_secure)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(cookie_expiry);
    routes
        .layer(from_fn(find_viewer))
        .layer(sessions)
        .layer(map_request(async move |request| {
            with_readable_cookies(name, request)
        }))
        .layer(map_response(move |response| {
            adjust_set_cookie(name, is_secure, response)
        }))
}

/// Removes the cookies that would keep the session layer from reading the session cookie: pairs
/// that are not ASCII, because they make the layer ignore the whole field, and the session cookie
/// itself when it occurs twice. A browser with two of them is not logged in, because it is unknown
/// which one this site has set.
fn with_readable_cookies(name: &str, mut request: Request) -> Request {
    let fields = request.headers().get_all(COOKIE);
    let fields = || fields.iter().map(HeaderValue::as_bytes);
    let is_repeated = CookieValue::find(fields(), name) == CookieValue::Repeated;
    if !is_repeated && fields().all(<[u8]>::is_ascii) {
        return request;
    }
    let pairs = fields().flat_map(cookie::pairs);
    let is_session_cookie = |pair: &[u8]| cookie::name(pair) == name.as_bytes();
    let kept: Vec<&[u8]> = pairs
        .filter(|pair| pair.is_ascii() && !(is_repeated && is_session_cookie(pair)))
        .collect();
    let field = HeaderValue::from_bytes(&kept.join(&b"; "[..]));
    let headers = request.headers_mut();
    headers.remove(COOKIE);
    if let Ok(field) = field {
        headers.insert(COOKIE, field);
    }
    request
}

/// Determines the viewer once per request, and marks responses for a viewer as not cacheable.
async fn find_viewer(session: Session, mut request: Request, next: Next) -> Response {
    let viewer = portal::load_viewer(&session).await.unwrap_or_else(|cause| {
        // Pages can be read without a login, so the request continues without a viewer.
        tracing::error!(%cause, "a session could not be read");
        None
    });
    let has_viewer = viewer.is_some();
    request.extensions_mut().insert::<Option<Viewer>>(viewer);
    let mut response = next.run(request).await;
    if has_viewer {
        response
            .headers_mut()
            .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// Marks a response that changes the cookie as `no-store`, and adds to a `Set-Cookie` that
/// deletes the cookie the attributes without which browsers refuse it (`__Host-` requires `Secure`).
async fn adjust_set_cookie(
    name: &'static str,
    is_secure: bool,
    mut response: Response,
) -> Response {
    let headers = response.headers_mut();
    if headers.contains_key(SET_COOKIE) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        complete_deletion(headers, name, is_secure);
    }
    response
}

/// The session layer sets only name and path in a removal; over HTTPS a browser would ignore that.
fn complete_deletion(headers: &mut HeaderMap, name: &str, is_secure: bool) {
    let cookies: Vec<HeaderValue> = headers.get_all(SET_COOKIE).iter().cloned().collect();
    headers.remove(SET_COOKIE);
    for value in cookies {
        let removal = is_removal(&value, name).then(|| {
            let secure = if is_secure { "; Secure" } else { "" };
            let text = format!("{name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax{secure}");
            HeaderValue::from_str(&text).expect("visible ASCII")
        });
        headers.append(SET_COOKIE, removal.unwrap_or(value));
    }
}

fn is_removal(value: &HeaderValue, name: &str) -> bool {
    let cookie = value
        .to_str()
        .ok()
        .and_then(|text| Cookie::parse(text).ok());
    cookie.is_some_and(|cookie| {
        cookie.name() == name && cookie.max_age().is_some_and(|age| age.is_zero())
    })
}
