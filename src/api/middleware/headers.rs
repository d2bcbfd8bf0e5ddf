//! Layers around all of the API: the request's id, headers of every response, methods that exist.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::Request;
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, SET_COOKIE, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{Extensions, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use crate::api::middleware::sandbox_key;

/// The id of a request, minted here for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestId(Uuid);

impl fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Gives the request an id, unless a layer around has, and the response the header `Request-Id`; a
/// client's own is never taken.
pub async fn request_id(mut request: Request, next: Next) -> Response {
    let id = *request
        .extensions_mut()
        .get_or_insert_with(|| RequestId(Uuid::new_v4()));
    let mut response = next.run(request).await;
    let value = HeaderValue::from_str(&id.to_string()).expect("a UUID is a header value");
    response
        .headers_mut()
        .insert(HeaderName::from_static("request-id"), value);
    response
}

/// Whether a request turned out to come from somebody known: no cache keeps the response then.
#[derive(Clone, Default)]
pub(in crate::api) struct Authenticated(Arc<AtomicBool>);

impl Authenticated {
    /// It does.
    pub(in crate::api) fn note(extensions: &Extensions) {
        if let Some(known) = extensions.get::<Authenticated>() {
            known.0.store(true, Ordering::Relaxed);
        }
    }
}

/// What every response says of itself: whom it depends on, that no cache may show it unasked, and that
/// a browser shall do nothing with it.
pub(in crate::api) async fn add(mut request: Request, next: Next) -> Response {
    let known = Authenticated::default();
    request.extensions_mut().insert(known.clone());
    let credentials = request.headers().contains_key(AUTHORIZATION);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    // What was negotiated says so itself.
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
    let secret = headers.contains_key(SET_COOKIE) || headers.contains_key(sandbox_key::HEADER);
    if secret || credentials || known.0.load(Ordering::Relaxed) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-cache"));
    response
}

/// Answers 501 to a method that is not known here (RFC 9110, section 15.6.2).
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
    // Authenticated, though no resource has it: the safe method with content.
    let is_query = request.method().as_str() == "QUERY";
    match is_query || known.contains(request.method()) {
        true => next.run(request).await,
        false => StatusCode::NOT_IMPLEMENTED.into_response(),
    }
}
