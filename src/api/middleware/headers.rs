//! Layers around the whole API: the request id, the headers of every response, and the known methods.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::Request;
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, SET_COOKIE, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{Extensions, HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use uuid::{Builder, Uuid};

use crate::api::http::header_name::SANDBOX_KEY;

/// The id of a request, which the server generates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestId(Uuid);

impl RequestId {
    /// Creates an id. Its random bytes come from a generator of the thread, because `Uuid::new_v4` asks the
    /// operating system each time.
    fn new() -> RequestId {
        RequestId(Builder::from_random_bytes(rand::random()).into_uuid())
    }

    /// Returns the id of a request with these extensions; generates it at the first call. An id that the client sends
    /// is ignored.
    pub fn of(extensions: &mut Extensions) -> RequestId {
        *extensions.get_or_insert_with(RequestId::new)
    }

    /// Adds the header `Request-Id` to those of the response.
    pub fn add_to(self, response: &mut HeaderMap) {
        let value = HeaderValue::from_str(&self.to_string()).expect("a UUID is a header value");
        response.insert(HeaderName::from_static("request-id"), value);
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Sends the id of the request in the header `Request-Id` of the response.
pub(in crate::api) async fn request_id(mut request: Request, next: Next) -> Response {
    let id = RequestId::of(request.extensions_mut());
    let mut response = next.run(request).await;
    id.add_to(response.headers_mut());
    response
}

/// An extension of a request that holds whether the request was authenticated. If so, no cache may store
/// the response.
#[derive(Clone, Default)]
pub(in crate::api) struct Authenticated(Arc<AtomicBool>);

impl Authenticated {
    /// Marks a request as authenticated.
    pub(in crate::api) fn set(extensions: &Extensions) {
        if let Some(authenticated) = extensions.get::<Authenticated>() {
            authenticated.0.store(true, Ordering::Relaxed);
        }
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Adds the headers of every response: `Vary` with the fields that it depends on, `Cache-Control` that
/// requires caches to revalidate it, and security headers that forbid a browser to interpret it as another
/// type or to run it.
pub(in crate::api) async fn add(mut request: Request, next: Next) -> Response {
    let authenticated = Authenticated::default();
    request.extensions_mut().insert(authenticated.clone());
    let has_credentials = request.headers().contains_key(AUTHORIZATION);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    // A handler that negotiates the format has set `Vary: Accept`.
    let vary = match headers.contains_key(VARY) {
        true => "Cookie, Sandbox-Key, Authorization, Accept",
        false => "Cookie, Sandbox-Key, Authorization",
    };
    headers.insert(VARY, HeaderValue::from_static(vary));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; sandbox"),
    );
    let has_secret = headers.contains_key(SET_COOKIE) || headers.contains_key(SANDBOX_KEY);
    if has_secret || has_credentials || authenticated.is_set() {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-cache"));
    response
}

/// Refuses a request with an unknown method with 501 (RFC 9110, section 15.6.2).
pub(in crate::api) async fn known_methods(request: Request, next: Next) -> Response {
    let known = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
        Method::TRACE,
        Method::CONNECT,
    ];
    // QUERY is a registered safe method with content, although no resource supports it.
    let is_query = request.method().as_str() == "QUERY";
    match is_query || known.contains(request.method()) {
        true => next.run(request).await,
        false => StatusCode::NOT_IMPLEMENTED.into_response(),
    }
}
