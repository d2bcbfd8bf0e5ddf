//! The layer that adds a problem document (RFC 9457) to every response with a status of 400 or above.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use tower_http::csrf::ProtectionError;

use crate::api::error::ApiError;
use crate::api::middleware::headers::RequestId;
use crate::api::state::ApiState;
use crate::model::http::reason_phrase;
use crate::model::problem::{Problem, ProblemKind};

/// Adds the problem document: from the [`ApiError`] of a handler or layer, or by the status when the
/// response comes from the router, another layer or a panic.
pub(in crate::api) async fn describe(
    State(state): State<ApiState>,
    request: Request,
    next: Next,
) -> Response {
    let id = request
        .extensions()
        .get::<RequestId>()
        .cloned()
        .unwrap_or_default();
    let method = request.method().clone();
    let response = next.run(request).await;
    if response.status().as_u16() < 400 {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    let error = match parts.extensions.remove::<ApiError>() {
        Some(error) => error,
        None if parts.extensions.get::<ProtectionError>().is_some() => ApiError::new(
            ProblemKind::CrossSite,
            "a page of another site cannot change data here",
        ),
        None => general(parts.status, &method),
    };
    log(&error, parts.status, id);
    let (kind, title) = match error.requested_status {
        // The status is the only information (RFC 9457, section 4.2.1).
        Some(status) if status != error.kind.status() => {
            ("about:blank".to_owned(), reason_phrase(status))
        }
        _ => (
            format!("{}/problems/{}", state.origin, error.kind.slug()),
            error.kind.title(),
        ),
    };
    let problem = Problem {
        kind,
        title,
        status: parts.status.as_u16(),
        detail: error.detail,
        instance: format!("urn:uuid:{id}"),
        errors: error.errors,
    };
    let body = serde_json::to_vec(&problem).expect("a problem is JSON");
    parts.headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    parts
        .headers
        .insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    // The response to HEAD is that to GET without the content (RFC 9110, section 9.3.2).
    match method == Method::HEAD {
        true => Response::from_parts(parts, Body::empty()),
        false => Response::from_parts(parts, Body::from(body)),
    }
}

/// Logs a failure of the server. Errors that clients can cause at will are not logged: a requested status,
/// an unknown method or a full sandbox.
fn log(error: &ApiError, status: StatusCode, id: RequestId) {
    let (cause, code) = (error.cause.as_deref(), status.as_u16());
    if status == StatusCode::INTERNAL_SERVER_ERROR && error.requested_status.is_none() {
        tracing::error!(request_id = %id, status = code, cause, "a request failed");
    } else if cause.is_some() {
        tracing::warn!(request_id = %id, status = code, cause, "a request failed");
    }
}

/// Returns the error for a status that the router, a layer or a panic has set.
fn general(status: StatusCode, method: &Method) -> ApiError {
    // The response to HEAD has the content length of the response to GET (RFC 9110, section 9.3.2).
    let method = match *method {
        Method::HEAD => &Method::GET,
        _ => method,
    };
    let detail = match status {
        StatusCode::NOT_FOUND => "no resource has this address; /api/users is one".to_owned(),
        StatusCode::METHOD_NOT_ALLOWED => {
            format!("{method} is not among the methods of this resource; Allow lists them")
        }
        StatusCode::NOT_IMPLEMENTED => format!("no resource has the method {method}"),
        StatusCode::SERVICE_UNAVAILABLE => {
            "the request took longer than the server allows; send it again later".to_owned()
        }
        StatusCode::INTERNAL_SERVER_ERROR => {
            "the cause is in the server's log, under the id of this request".to_owned()
        }
        _ => "the request cannot be answered as it is".to_owned(),
    };
    let is_timeout = status == StatusCode::SERVICE_UNAVAILABLE;
    ApiError {
        cause: is_timeout.then(|| "the handler exceeded the time limit".to_owned()),
        ..ApiError::new(ProblemKind::of_status(status.as_u16()), detail)
    }
}
