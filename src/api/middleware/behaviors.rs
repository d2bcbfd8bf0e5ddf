//! What the switches of a sandbox do to requests about users, tokens and oneself.
//!
//! Not here: the lower rate limit (see `limits`), and who must be logged in (see `authentication`).

use std::time::Duration;

use axum::extract::Request;
use axum::http::Method;
use axum::http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::api::error::ApiError;
use crate::api::middleware::sandbox_key::Visitor;
use crate::model::behaviors::Behaviors;
use crate::model::problem::ProblemKind;
use crate::sandbox::CachedSandbox;

/// The header that makes a POST happen once.
pub(in crate::api) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Whether behaviors act on a path.
pub(in crate::api) fn act_on(path: &str) -> bool {
    ["/api/users", "/api/me", "/api/tokens"].iter().any(|base| {
        path.strip_prefix(base)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// Waits, fails, and asks for headers, as the sandbox says.
pub(in crate::api) async fn behave(request: Request, next: Next) -> Response {
    let visitor = Visitor::of(request.extensions());
    let Some(live) = visitor.live() else {
        return next.run(request).await;
    };
    if live.behaviors == Behaviors::default() || !act_on(request.uri().path()) {
        return next.run(request).await;
    }
    tokio::time::sleep(Duration::from_millis(live.behaviors.latency_ms.into())).await;
    match refuse(live, &request) {
        Some(error) => error.into_response(),
        None => next.run(request).await,
    }
}

fn refuse(live: &CachedSandbox, request: &Request) -> Option<ApiError> {
    let Behaviors {
        require_if_match,
        require_idempotency_key,
        fail_every,
        ..
    } = live.behaviors;
    if let Some(every) = fail_every
        && live.usage.turn().is_multiple_of(every)
    {
        let detail = format!(
            "the behavior fail_every of this sandbox fails every request of {every}; send it again"
        );
        return Some(
            ApiError::new(ProblemKind::Unavailable, detail).with_header("retry-after", "1"),
        );
    }
    let (method, headers) = (request.method(), request.headers());
    let changes_one = [Method::PUT, Method::PATCH, Method::DELETE].contains(method);
    let is_conditional = headers.contains_key(IF_MATCH) || headers.contains_key(IF_NONE_MATCH);
    if require_if_match && changes_one && !is_conditional {
        let detail = "this sandbox takes no change without a condition; \
                      GET the user and send its ETag in If-Match";
        return Some(ApiError::new(ProblemKind::PreconditionRequired, detail));
    }
    let makes = *method == Method::POST && request.uri().path() == "/api/users";
    if require_idempotency_key && makes && !headers.contains_key(IDEMPOTENCY_KEY) {
        let detail = "this sandbox takes no POST without the header Idempotency-Key; \
                      send one that you have not used, for example a UUID";
        return Some(ApiError::new(ProblemKind::MissingIdempotencyKey, detail));
    }
    None
}
