//! The rate limits on the requests of a sandbox, and load shedding.
//!
//! `/api/sandbox` and the paths below it have a separate limit, so that the page that shows the data
//! works while the requests of a lesson are limited. The limit on the number of created sandboxes is in
//! `sandbox_creation`.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::api::error::ApiError;
use crate::api::middleware::behaviors;
use crate::api::middleware::rate_limit::{Limit, LimitName, add_headers, too_many};
use crate::api::middleware::sandbox_creation;
use crate::api::middleware::sandbox_key::Visitor;
use crate::api::state::ApiState;
use crate::model::problem::ProblemKind;
use crate::sandbox::{CachedSandbox, RateWindow};

/// The length of the rate windows, in milliseconds.
const MINUTE: i64 = 60_000;

/// Refuses with 429 a request that exceeds a limit of its sandbox, or the limit on created sandboxes
/// when the request has no sandbox and may create one.
pub(in crate::api) async fn limit(
    State(state): State<ApiState>,
    request: Request,
    next: Next,
) -> Response {
    let visitor = Visitor::of(request.extensions());
    let Some(sandbox) = visitor.sandbox() else {
        let may_create = !request.method().is_safe()
            && !visitor.is_unknown()
            && !never_creates(request.uri().path());
        return match may_create {
            true => sandbox_creation::limit(&state, request, next).await,
            false => next.run(request).await,
        };
    };
    if is_unlimited(request.uri().path()) {
        return next.run(request).await;
    }
    let counts = count(&state, sandbox, &request);
    let mut response = match counts.iter().find(|limit| !limit.counted.allowed) {
        Some(limit) => too_many(limit),
        None => next.run(request).await,
    };
    add_headers(&mut response, &counts);
    response
}

/// Counts a request in each limit that applies to it.
fn count(state: &ApiState, sandbox: &CachedSandbox, request: &Request) -> Vec<Limit> {
    let (limits, now) = (state.limits(), state.sandboxes.now());
    let count = |name, window: &RateWindow, quota| Limit {
        name,
        quota,
        seconds: 60,
        counted: window.count(now, quota, MINUTE),
    };
    let (usage, path) = (&sandbox.usage, request.uri().path());
    let mut counts = vec![match is_sandbox_path(path) {
        true => count(
            LimitName::Sandbox,
            &usage.sandbox,
            limits.sandbox_requests_per_minute,
        ),
        false => count(
            LimitName::Requests,
            &usage.requests,
            limits.requests_per_minute,
        ),
    }];
    if !request.method().is_safe() {
        let quota = limits.writes_per_minute;
        counts.push(count(LimitName::Writes, &usage.writes, quota));
    }
    if let Some(quota) = sandbox.behaviors.rate_limit
        && behaviors::apply_to(path)
    {
        counts.push(count(LimitName::Behavior, &usage.limited, quota));
    }
    counts
}

/// Refuses a request with 503 when the maximum number of requests is in progress: an immediate refusal
/// rather than a queue that grows.
pub(in crate::api) async fn shed(
    State(state): State<ApiState>,
    request: Request,
    next: Next,
) -> Response {
    let Ok(_permit) = state.capacity.try_acquire() else {
        let detail = "the server has more requests under way than it can work on; \
                      send this again in a second";
        let error = ApiError::new(ProblemKind::Unavailable, detail);
        return error.with_header("retry-after", "1").into_response();
    };
    next.run(request).await
}

/// Returns whether a path is `/api/sandbox` or below it.
fn is_sandbox_path(path: &str) -> bool {
    path == "/api/sandbox" || path.starts_with("/api/sandbox/")
}

/// Returns whether no limit applies to a path, because its response is constant.
fn is_unlimited(path: &str) -> bool {
    path == "/api/health" || path == "/api/openapi.json"
}

/// Returns whether no method of a path creates a sandbox.
fn never_creates(path: &str) -> bool {
    let is_below = |base| path.starts_with(base);
    path == "/api/echo" || ["/api/echo/", "/api/status/"].into_iter().any(is_below)
}
