//! `/api/status/{code}`: a response with any registered status, its usual headers and the usual cause.
//!
//! The handler reads and writes no data, and its redirects lead only to this site.

use axum::extract::RawPathParams;
use axum::http::header::{CONTENT_RANGE, CONTENT_TYPE, ETAG, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::error::ApiError;
use crate::api::http::extract::path_parameter;
use crate::model::http::reason_phrase;
use crate::model::problem::ProblemKind;

/// A status below 400.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct StatusText {
    /// The status code of the response.
    #[schema(minimum = 200, maximum = 399)]
    status: u16,
    /// The reason phrase in the registry of status codes.
    reason: &'static str,
}

/// The target of redirects.
const ELSEWHERE: HeaderValue = HeaderValue::from_static("/api/echo");

/// Handles a request with any method: returns a response with the status in the path.
pub(in crate::api) async fn show(params: RawPathParams) -> Result<Response, ApiError> {
    let code = parse_code(path_parameter(&params))?;
    match code {
        400.. => Err(problem(code)),
        _ => Ok(response(code)),
    }
}

/// Parses the status in the path.
///
/// # Errors
/// 400 when it is not a number from 200 to 599; 404 when it is not a registered status code.
fn parse_code(text: &str) -> Result<u16, ApiError> {
    let is_digits = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    let code = text.parse().ok().filter(|_| is_digits);
    let Some(code) = code.filter(|code| (100..600).contains(code)) else {
        let detail = "a status code is a number from 100 to 599; write /api/status/404";
        return Err(ApiError::new(ProblemKind::BadRequest, detail));
    };
    if code < 200 {
        let detail =
            "a status below 200 is only an interim response: the one that counts comes after it";
        return Err(ApiError::new(ProblemKind::BadRequest, detail));
    }
    match reason_phrase(code) {
        "" => {
            let detail = format!("{code} is not in the registry of status codes");
            Err(ApiError::new(ProblemKind::NotFound, detail))
        }
        _ => Ok(code),
    }
}

/// Returns the response for a status below 400.
fn response(code: u16) -> Response {
    let status = StatusCode::from_u16(code).expect("a code of three digits");
    let text = StatusText {
        status: code,
        reason: reason_phrase(code),
    };
    let body = serde_json::to_string(&text).expect("a number and a text are JSON");
    let last = body.len() - 1;
    let mut response = match code {
        // Responses with these statuses have no content (RFC 9110, sections 15.3.5, 15.3.6 and 15.4.5).
        204 | 205 | 304 => status.into_response(),
        _ => (status, [(CONTENT_TYPE, "application/json")], body).into_response(),
    };
    let headers = response.headers_mut();
    match code {
        201 | 300..=303 | 307 | 308 => {
            headers.insert(LOCATION, ELSEWHERE);
        }
        206 => {
            let range = HeaderValue::from_str(&format!("bytes 0-{last}/{}", last + 1));
            headers.insert(CONTENT_RANGE, range.expect("digits"));
        }
        304 => {
            headers.insert(ETAG, HeaderValue::from_static("\"as-you-have-it\""));
        }
        _ => {}
    }
    response
}

/// Returns the problem for a status from 400.
fn problem(code: u16) -> ApiError {
    let (cause, headers) = explain(code);
    let error = ApiError::of_status(code, format!("you asked for it; usually: {cause}"));
    headers.iter().fold(error, |error, (name, value)| {
        error.with_header(name, *value)
    })
}

/// The usual cause of a status, and the names and values of its usual headers.
type StatusExplanation = (&'static str, &'static [(&'static str, &'static str)]);

/// Returns the usual cause and the usual headers of a status.
fn explain(code: u16) -> StatusExplanation {
    match code {
        400 => ("the request is not understood as it is written", &[]),
        401 => (
            "nobody is logged in, or the credentials are not valid; WWW-Authenticate says how to go on",
            &[("www-authenticate", "Bearer realm=\"routebook\"")],
        ),
        402 => (
            "the service wants to be paid first; the code is reserved",
            &[],
        ),
        403 => ("the server knows what is asked and refuses it", &[]),
        404 => (
            "there is nothing at this address, or nobody shall know",
            &[],
        ),
        405 => (
            "the resource does not have this method; Allow lists those it has",
            &[("allow", "OPTIONS")],
        ),
        406 => ("no format that is there is among those of Accept", &[]),
        407 => (
            "a proxy on the way wants credentials; Proxy-Authenticate says which",
            &[("proxy-authenticate", "Bearer realm=\"routebook\"")],
        ),
        408 => (
            "the request did not arrive whole in the time that the server waits",
            &[("connection", "close")],
        ),
        409 => ("the request clashes with what is stored now", &[]),
        410 => ("it was here, and will not come back", &[]),
        411 => (
            "the server wants to know the Content-Length beforehand",
            &[],
        ),
        412 => (
            "the condition of the request does not hold, as with If-Match",
            &[],
        ),
        413 => ("the content is larger than the server takes", &[]),
        414 => ("the address is longer than the server reads", &[]),
        415 => (
            "the content is in a format that is not read here; Accept says which is",
            &[("accept", "application/json")],
        ),
        416 => (
            "the part that Range names is not there; Content-Range says how much there is",
            &[("content-range", "bytes */1000")],
        ),
        417 => ("the server cannot do what Expect asks for", &[]),
        421 => (
            "the request came to a server that does not speak for this host",
            &[],
        ),
        422 => (
            "the content is well formed, but says something that cannot be",
            &[],
        ),
        423 => ("the resource is locked", &[]),
        424 => ("it depends on another request, and that one failed", &[]),
        425 => (
            "the request came so early that somebody may have repeated it",
            &[],
        ),
        426 => (
            "the server wants another protocol; Upgrade says which",
            &[("upgrade", "HTTP/3.0"), ("connection", "upgrade")],
        ),
        428 => (
            "the server takes no change without a condition such as If-Match",
            &[],
        ),
        429 => (
            "these were too many requests; Retry-After says how many seconds to wait",
            &[("retry-after", "1")],
        ),
        431 => ("the headers are larger than the server reads", &[]),
        451 => (
            "a law forbids to show it",
            &[("link", "</api/echo>; rel=\"blocked-by\"")],
        ),
        500 => (
            "something went wrong in the server, and it is not the client's fault",
            &[],
        ),
        501 => ("the server does not know the method at all", &[]),
        502 => (
            "a proxy got no valid response from the server behind it",
            &[],
        ),
        503 => (
            "the server is busy or being repaired; Retry-After says how many seconds to wait",
            &[("retry-after", "1")],
        ),
        504 => ("a proxy waited too long for the server behind it", &[]),
        505 => ("the server does not speak this version of HTTP", &[]),
        506 => (
            "the server is set up wrong: choosing a format leads in a circle",
            &[],
        ),
        507 => ("there is no room left to store what the request needs", &[]),
        508 => ("the server went round in a circle", &[]),
        511 => (
            "the network wants a login, as in a hotel, before it lets one through",
            &[],
        ),
        _ => (
            "the registry of status codes says no more than its name",
            &[],
        ),
    }
}
