//! Requirements of HTTP that a request must meet before routing and that the HTTP library does not
//! enforce.
//!
//! The library itself refuses requests that cannot be parsed with an empty 400 or 431: heads that
//! are too large, invalid names and values of header fields, lengths that are not numbers or
//! differ, transfer codings that do not end in `chunked`. It ignores a `Content-Length` beside a
//! `Transfer-Encoding` and closes the connection after the response (RFC 9112, section 6.3); it
//! accepts a repeated `Content-Length` with equal values (RFC 9110, section 8.6). The refusals here
//! have no body either, because the target is not trusted yet.

use axum::http::header::{ALLOW, CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Version};
use axum::response::{IntoResponse, Response};
use hyper::ext::ReasonPhrase;

use crate::model::http::{allows_content_length, reason_phrase};

/// The methods that the server supports on any resource.
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/// Returns the response to a request that must not be routed, or `None` when it may be routed.
pub(super) fn respond_early<B>(request: &Request<B>) -> Option<Response> {
    if !has_one_host(request) {
        return Some(refuse(StatusCode::BAD_REQUEST));
    }
    if !has_only_chunked_coding(request.headers()) || request.method() == Method::CONNECT {
        return Some(refuse(StatusCode::NOT_IMPLEMENTED));
    }
    match (request.uri().path(), request.method()) {
        ("*", &Method::OPTIONS) => {
            let allow = [(ALLOW, HeaderValue::from_static(METHODS))];
            Some((StatusCode::NO_CONTENT, allow).into_response())
        }
        ("*", _) => Some(refuse(StatusCode::BAD_REQUEST)),
        _ => None,
    }
}

/// Removes `Content-Length` from a response whose status does not allow it. axum adds the field to every response.
pub(super) fn remove_length<B>(response: &mut Response<B>) {
    if !allows_content_length(response.status().as_u16()) {
        response.headers_mut().remove(CONTENT_LENGTH);
    }
}

/// Sets the registered reason phrase of a status where hyper has the one of an older standard (413 and 422; RFC 9110,
/// section 15.5), so that the status line is the one that the record shows.
pub(super) fn set_reason_phrase<B>(response: &mut Response<B>) {
    let status = response.status();
    let phrase = reason_phrase(status.as_u16());
    if !phrase.is_empty() && status.canonical_reason() != Some(phrase) {
        let phrase = ReasonPhrase::from_static(phrase.as_bytes());
        response.extensions_mut().insert(phrase);
    }
}

/// Returns whether there is one `Host` field, or none in HTTP/1.0 (RFC 9112, section 3.2).
fn has_one_host<B>(request: &Request<B>) -> bool {
    let mut hosts = request.headers().get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) => request.version() < Version::HTTP_11,
        (Some(host), None) => Authority::try_from(host.as_bytes()).is_ok(),
        (Some(_), Some(_)) => false,
    }
}

/// Returns whether the body has no transfer coding or only `chunked` (RFC 9112, section 6.1).
fn has_only_chunked_coding(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => true,
        (Some(coding), None) => coding.as_bytes().eq_ignore_ascii_case(b"chunked"),
        (Some(_), Some(_)) => false,
    }
}

/// Returns a response without a body that closes the connection, because the start of the next
/// request is uncertain.
fn refuse(status: StatusCode) -> Response {
    (status, [(CONNECTION, HeaderValue::from_static("close"))]).into_response()
}
