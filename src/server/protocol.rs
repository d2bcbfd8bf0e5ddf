//! What a request must be before it is routed, where the HTTP library lets more pass.
//!
//! The library itself refuses, with an empty 400 or 431, what cannot be parsed: heads that are too
//! large, wrong names and values of headers, lengths that are no numbers or differ, codings that do
//! not end in `chunked`. A length beside a coding it ignores, and closes the connection after the
//! reply (RFC 9112, section 6.3); a length that stands twice with one value it takes once (RFC 9110,
//! section 8.6). The refusals here look the same: nothing is known yet of what was asked for.

use axum::http::header::{ALLOW, CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Version};
use axum::response::{IntoResponse, Response};

/// The methods that the server has anywhere.
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/// Answers a request that is not for any resource; `None` when it may be routed.
pub(super) fn answer<B>(request: &Request<B>) -> Option<Response> {
    if !has_one_host(request) {
        return Some(refused(StatusCode::BAD_REQUEST));
    }
    if !is_plainly_coded(request.headers()) || request.method() == Method::CONNECT {
        return Some(refused(StatusCode::NOT_IMPLEMENTED));
    }
    match (request.uri().path(), request.method()) {
        ("*", &Method::OPTIONS) => {
            let allow = [(ALLOW, HeaderValue::from_static(METHODS))];
            Some((StatusCode::NO_CONTENT, allow).into_response())
        }
        ("*", _) => Some(refused(StatusCode::BAD_REQUEST)),
        _ => None,
    }
}

/// Removes `Content-Length` from a reply whose status allows none, or none of a body that was not made
/// (RFC 9110, section 8.6). axum adds it to every reply, and hyper sends it in a reply to HEAD.
pub(super) fn remove_length<B>(response: &mut Response<B>) {
    let status = response.status();
    let empty = matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    if empty || status.is_informational() {
        response.headers_mut().remove(CONTENT_LENGTH);
    }
}

/// Whether the host is named once, or not at all in HTTP/1.0 (RFC 9112, section 3.2).
fn has_one_host<B>(request: &Request<B>) -> bool {
    let mut hosts = request.headers().get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) => request.version() < Version::HTTP_11,
        (Some(host), None) => Authority::try_from(host.as_bytes()).is_ok(),
        (Some(_), Some(_)) => false,
    }
}

/// Whether the body is sent as it is, or in chunks and nothing else (RFC 9112, section 6.1).
fn is_plainly_coded(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => true,
        (Some(coding), None) => coding.as_bytes().eq_ignore_ascii_case(b"chunked"),
        (Some(_), Some(_)) => false,
    }
}

/// Says no more than the status, and closes the connection, for where the next request begins is
/// not certain.
fn refused(status: StatusCode) -> Response {
    (status, [(CONNECTION, HeaderValue::from_static("close"))]).into_response()
}
