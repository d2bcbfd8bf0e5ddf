//! The behaviors of a sandbox that delay or refuse requests to `/api/users`, `/api/me` and `/api/tokens`.
//!
//! The behavior `rate_limit` is in `limits`, and `require_auth` is in `authentication`.

use std::time::Duration;

use axum::extract::Request;
use axum::http::Method;
use axum::http::header::{IF_MATCH, IF_NONE_MATCH};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::api::error::ApiError;
use crate::api::http::header_name::IDEMPOTENCY_KEY;
use crate::api::middleware::sandbox_key::Visitor;
use crate::model::behaviors::Behaviors;
use crate::model::problem::ProblemKind;
use crate::sandbox::CachedSandbox;

/// Returns whether behaviors apply to a path.
pub(in crate::api) fn apply_to(path: &str) -> bool {
    ["/api/users", "/api/me", "/api/tokens"].iter().any(|base| {
        path.strip_prefix(base)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// Delays a request and refuses it, as the behaviors of the sandbox require.
pub(in crate::api) async fn behave(request: Request, next: Next) -> Response {
    let visitor = Visitor::of(request.extensions());
    let Some(sandbox) = visitor.sandbox() else {
        return next.run(request).await;
    };
    if sandbox.behaviors == Behaviors::default() || !apply_to(request.uri().path()) {
        return next.run(request).await;
    }
    tokio::time::sleep(Duration::from_millis(sandbox.behaviors.latency_ms.into())).await;
    match refuse(sandbox, &request) {
        Some(error) => error.into_response(),
        None => next.run(request).await,
    }
}

/// Returns the error with which the behaviors refuse a request.
fn refuse(sandbox: &CachedSandbox, request: &Request) -> Option<ApiError> {
    let Behaviors {
        require_if_match,
        require_idempotency_key,
        fail_every,
        ..
    } = sandbox.behaviors;
    if let Some(every) = fail_every
        && sandbox.usage.next_request_number().is_multiple_of(every)
    {
        let detail = format!(
            "the behavior fail_every of this sandbox fails every request of {every}; send it again"
        );
        return Some(
            ApiError::new(ProblemKind::Unavailable, detail).with_header("retry-after", "1"),
        );
    }
    let (method, headers) = (request.method(), request.headers());
    let changes_user = [Method::PUT, Method::PATCH, Method::DELETE].contains(method);
    let is_conditional = headers.contains_key(IF_MATCH) || headers.contains_key(IF_NONE_MATCH);
    if require_if_match && changes_user && !is_conditional {
        let detail = "this sandbox takes no change without a condition; \
                      GET the user and send its ETag in If-Match";
        return Some(ApiError::new(ProblemKind::PreconditionRequired, detail));
    }
    let creates_user = *method == Method::POST && request.uri().path() == "/api/users";
    if require_idempotency_key && creates_user && !headers.contains_key(IDEMPOTENCY_KEY) {
        let detail = "this sandbox takes no POST without the header Idempotency-Key; \
                      send one that you have not used, for example a UUID";
        return Some(ApiError::new(ProblemKind::MissingIdempotencyKey, detail));
    }
    None
}
