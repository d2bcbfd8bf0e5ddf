//! Limits on the requests of a sandbox, and the response when one is exceeded.
//!
//! What is left is in each response (`RateLimit`, `RateLimit-Policy`: the IETF's draft "RateLimit
//! header fields for HTTP"). `/api/sandbox` and what is below it have a limit of their own, so that
//! the page that shows the data works while the requests of a lesson are limited. Not here: how many
//! sandboxes may be created; see `sandbox_creation`.

use std::fmt::Write as _;

use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::HeaderName;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::api::error::ApiError;
use crate::api::middleware::behaviors;
use crate::api::middleware::sandbox_creation;
use crate::api::middleware::sandbox_key::Visitor;
use crate::api::state::ApiState;
use crate::model::problem::ProblemKind;
use crate::sandbox::{CachedSandbox, RateWindow, WindowCount};

/// Milliseconds of the limits by the minute.
const MINUTE: i64 = 60_000;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// A limit that a request came under.
pub(in crate::api) struct Limit {
    pub(in crate::api) name: LimitName,
    pub(in crate::api) quota: u32,
    pub(in crate::api) seconds: i64,
    pub(in crate::api) counted: WindowCount,
}

/// What is limited; an extension of a response that was refused for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitName {
    /// Requests in a sandbox.
    Requests,
    /// Writes in a sandbox.
    Writes,
    /// Requests to `/api/sandbox` and what is below it.
    Sandbox,
    /// Requests in a sandbox, by the behavior `rate_limit`.
    Behavior,
    /// New sandboxes from an address.
    SandboxesOfAddress,
    /// New sandboxes of an account.
    SandboxesOfAccount,
}

impl LimitName {
    /// The name in `RateLimit`.
    fn as_str(self) -> &'static str {
        match self {
            LimitName::Requests => "requests",
            LimitName::Writes => "writes",
            LimitName::Sandbox => "sandbox",
            LimitName::Behavior => "behavior",
            LimitName::SandboxesOfAddress | LimitName::SandboxesOfAccount => "sandboxes",
        }
    }
}

/// Refuses with 429 what exceeds a limit.
pub(in crate::api) async fn limit(
    State(state): State<ApiState>,
    request: Request,
    next: Next,
) -> Response {
    let visitor = Visitor::of(request.extensions());
    let Some(live) = visitor.live() else {
        let creates = !request.method().is_safe()
            && !visitor.is_unknown()
            && !never_creates(request.uri().path());
        return match creates {
            true => sandbox_creation::limit(&state, request, next).await,
            false => next.run(request).await,
        };
    };
    if is_unlimited(request.uri().path()) {
        return next.run(request).await;
    }
    let counts = count(&state, live, &request);
    let mut response = match counts.iter().find(|limit| !limit.counted.allowed) {
        Some(limit) => too_many(limit),
        None => next.run(request).await,
    };
    add_headers(&mut response, &counts);
    response
}

/// Counts a request in each limit that it comes under.
fn count(state: &ApiState, live: &CachedSandbox, request: &Request) -> Vec<Limit> {
    let (limits, now) = (state.sandboxes.limits(), state.sandboxes.now());
    let count = |name, window: &RateWindow, quota| Limit {
        name,
        quota,
        seconds: 60,
        counted: window.count(now, quota, MINUTE),
    };
    let (usage, path) = (&live.usage, request.uri().path());
    let mut counts = vec![match is_of_sandbox(path) {
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
    if let Some(quota) = live.behaviors.rate_limit
        && behaviors::act_on(path)
    {
        counts.push(count(LimitName::Behavior, &usage.limited, quota));
    }
    counts
}

/// Refuses with 503 what comes while as many requests as can be worked on are under way: a quick no
/// instead of a queue that grows.
pub(in crate::api) async fn shed(
    State(state): State<ApiState>,
    request: Request,
    next: Next,
) -> Response {
    let Ok(_permit) = state.capacity.try_acquire() else {
        let detail = "the server has more requests under way than it can work on; \
                      send this again in a second";
        let busy = ApiError::new(ProblemKind::Unavailable, detail);
        return busy.with_header("retry-after", "1").into_response();
    };
    next.run(request).await
}

/// Whether a path is the sandbox or below it.
fn is_of_sandbox(path: &str) -> bool {
    path == "/api/sandbox" || path.starts_with("/api/sandbox/")
}

/// Whether a path comes under no limit: its response is a constant.
fn is_unlimited(path: &str) -> bool {
    path == "/api/health" || path == "/api/openapi.json"
}

/// Whether a path never creates a sandbox, whatever the method.
fn never_creates(path: &str) -> bool {
    let below = |base| path.starts_with(base);
    path == "/api/echo" || ["/api/echo/", "/api/status/"].into_iter().any(below)
}

/// The 429 of a limit.
pub(in crate::api) fn too_many(limit: &Limit) -> Response {
    let Limit {
        name,
        quota,
        seconds,
        counted,
    } = limit;
    let what = match name {
        LimitName::Requests => "requests in one sandbox",
        LimitName::Writes => "writes in one sandbox",
        LimitName::Sandbox => "requests to /api/sandbox in one sandbox",
        LimitName::Behavior => "requests, as the behavior rate_limit of this sandbox says",
        LimitName::SandboxesOfAddress => "new sandboxes from one address",
        LimitName::SandboxesOfAccount => "new sandboxes of one account",
    };
    let span = if *seconds == 60 {
        "a minute"
    } else {
        "an hour"
    };
    let detail = format!(
        "the limit is {quota} {what} {span}; send it again in {} s",
        counted.reset
    );
    let error = ApiError::new(ProblemKind::TooManyRequests, detail)
        .with_header("retry-after", counted.reset.to_string());
    let mut response = error.into_response();
    response.extensions_mut().insert(*name);
    response
}

/// Adds `RateLimit` and `RateLimit-Policy`.
pub(in crate::api) fn add_headers(response: &mut Response, limits: &[Limit]) {
    let (mut left, mut policy) = (String::new(), String::new());
    for limit in limits {
        let separator = if left.is_empty() { "" } else { ", " };
        let Limit {
            quota,
            seconds,
            counted,
            ..
        } = limit;
        let name = limit.name.as_str();
        let _ = write!(
            left,
            "{separator}\"{name}\";r={};t={}",
            counted.left, counted.reset
        );
        let _ = write!(policy, "{separator}\"{name}\";q={quota};w={seconds}");
    }
    let headers = response.headers_mut();
    for (name, value) in [(RATE_LIMIT, left), (RATE_LIMIT_POLICY, policy)] {
        headers.insert(
            name,
            HeaderValue::from_str(&value).expect("names and numbers are a header value"),
        );
    }
}
