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
        400 => ("the server cannot parse the request", &[]),
        401 => (
            "the credentials are missing or not valid; WWW-Authenticate names the accepted scheme",
            &[("www-authenticate", "Bearer realm=\"routebook\"")],
        ),
        402 => ("reserved for payment systems", &[]),
        403 => ("the server understands the request and refuses it", &[]),
        404 => (
            "no resource has this address, or the server hides that it exists",
            &[],
        ),
        405 => (
            "the resource does not support this method; Allow lists the supported ones",
            &[("allow", "OPTIONS")],
        ),
        406 => (
            "the resource is not available in any format that Accept allows",
            &[],
        ),
        407 => (
            "a proxy requires credentials; Proxy-Authenticate names the accepted scheme",
            &[("proxy-authenticate", "Bearer realm=\"routebook\"")],
        ),
        408 => (
            "the request was not complete within the time limit of the server",
            &[("connection", "close")],
        ),
        409 => ("the request conflicts with the stored state", &[]),
        410 => ("the resource existed and was deleted permanently", &[]),
        411 => ("the server requires the header Content-Length", &[]),
        412 => (
            "a precondition of the request, such as If-Match, is false",
            &[],
        ),
        413 => ("the content is larger than the server accepts", &[]),
        414 => ("the address is longer than the server accepts", &[]),
        415 => (
            "the format of the content is not supported; Accept lists the supported ones",
            &[("accept", "application/json")],
        ),
        416 => (
            "the requested range is outside the content; Content-Range contains the length",
            &[("content-range", "bytes */1000")],
        ),
        417 => ("the server cannot meet the expectation in Expect", &[]),
        421 => (
            "the request was sent to a server that is not responsible for this host",
            &[],
        ),
        422 => (
            "the content is well formed, but its values are not valid",
            &[],
        ),
        423 => ("the resource is locked", &[]),
        424 => ("the request depends on another request that failed", &[]),
        425 => (
            "the request arrived in TLS early data, which an attacker can replay",
            &[],
        ),
        426 => (
            "the server requires another protocol; Upgrade names it",
            &[("upgrade", "HTTP/3.0"), ("connection", "upgrade")],
        ),
        428 => (
            "the server requires a precondition, such as If-Match, for changes",
            &[],
        ),
        429 => (
            "the client sent too many requests; Retry-After contains the seconds to wait",
            &[("retry-after", "1")],
        ),
        431 => ("the headers are larger than the server accepts", &[]),
        451 => (
            "the resource is not available for legal reasons",
            &[("link", "</api/echo>; rel=\"blocked-by\"")],
        ),
        500 => ("the server failed because of an unexpected error", &[]),
        501 => ("no resource of the server supports the method", &[]),
        502 => (
            "a proxy received no valid response from the server behind it",
            &[],
        ),
        503 => (
            "the server is overloaded or under maintenance; Retry-After contains the seconds to wait",
            &[("retry-after", "1")],
        ),
        504 => (
            "a proxy received no response from the server behind it in time",
            &[],
        ),
        505 => ("the server does not support this version of HTTP", &[]),
        506 => (
            "the configuration of content negotiation on the server is circular",
            &[],
        ),
        507 => ("the server has no storage left for the request", &[]),
        508 => ("the server found an infinite loop in the request", &[]),
        511 => (
            "the network requires a login first, for example in a hotel",
            &[],
        ),
        _ => ("the registry of status codes contains only the name", &[]),
    }
}
