//! How much a sandbox may be asked, and how many sandboxes one address may make.
//!
//! What is left is told with each reply (`RateLimit`, `RateLimit-Policy`: the IETF's draft "RateLimit
//! header fields for HTTP"). `/api/sandbox` and its kind count against nothing, but that making one is
//! limited by address.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::HeaderName;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use ipnet::IpNet;
use moka::sync::Cache;

use crate::api::error::ApiError;
use crate::api::sandbox_key::Visitor;
use crate::api::{ApiState, address, behaviours};
use crate::model::problem::ProblemKind;
use crate::sandbox::{Counted, SandboxId, Window};

/// Milliseconds of the limits by the minute.
const MINUTE: i64 = 60_000;
/// Milliseconds of the limit of new sandboxes.
const HOUR: i64 = 60 * MINUTE;
/// Addresses that are remembered; the longest unused are forgotten first.
const ADDRESSES: u64 = 100_000;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// How many sandboxes each address has made; cheap to clone.
#[derive(Clone, Debug)]
pub struct Makers(Cache<IpNet, Arc<Window>>);

impl Default for Makers {
    fn default() -> Makers {
        Makers(
            Cache::builder()
                .max_capacity(ADDRESSES)
                .time_to_idle(Duration::from_secs(3600))
                .build(),
        )
    }
}

/// A limit that a request came under.
struct Limit {
    name: &'static str,
    quota: u32,
    seconds: i64,
    counted: Counted,
}

/// Refuses with 429 what is too much.
pub(super) async fn limit(State(state): State<ApiState>, request: Request, next: Next) -> Response {
    let visitor = Visitor::of(request.extensions());
    let is_write = !request.method().is_safe();
    let Some(live) = visitor.live() else {
        let makes = is_write && !visitor.is_unknown() && !makes_none(request.uri().path());
        return match makes {
            true => limit_making(&state, request, next).await,
            false => next.run(request).await,
        };
    };
    if is_free(request.uri().path()) {
        return next.run(request).await;
    }
    let (limits, now) = (state.sandboxes.limits(), state.sandboxes.now());
    let count = |name, window: &Window, quota| Limit {
        name,
        quota,
        seconds: 60,
        counted: window.count(now, quota, MINUTE),
    };
    let usage = &live.usage;
    let mut counts = vec![count(
        "requests",
        &usage.requests,
        limits.requests_per_minute,
    )];
    if is_write {
        counts.push(count("writes", &usage.writes, limits.writes_per_minute));
    }
    if let Some(quota) = live.behaviours.rate_limit
        && behaviours::act_on(request.uri().path())
    {
        counts.push(count("behaviour", &usage.limited, quota));
    }
    let mut response = match counts.iter().find(|limit| !limit.counted.allowed) {
        Some(limit) => too_many(limit).into_response(),
        None => next.run(request).await,
    };
    tell(&mut response, &counts);
    response
}

/// Refuses with 503 what comes while as many requests as can be worked on are under way: a quick no
/// instead of a queue that grows.
pub(super) async fn shed(State(state): State<ApiState>, request: Request, next: Next) -> Response {
    let Ok(_permit) = state.capacity.try_acquire() else {
        let detail = "the server has more requests under way than it can work on; \
                      send this again in a second";
        let busy = ApiError::new(ProblemKind::Unavailable, detail);
        return busy.with_header("retry-after", "1").into_response();
    };
    next.run(request).await
}

/// What counts against nothing.
fn is_free(path: &str) -> bool {
    path == "/api/sandbox"
        || path.starts_with("/api/sandbox/")
        || path == "/api/health"
        || path == "/api/openapi.json"
}

/// What never makes a sandbox, whatever the method.
fn makes_none(path: &str) -> bool {
    let below = |base| path.starts_with(base);
    path == "/api/echo" || ["/api/echo/", "/api/status/"].into_iter().any(below)
}

/// A request that may make a sandbox: each that did counts for its address.
async fn limit_making(state: &ApiState, request: Request, next: Next) -> Response {
    let Some(address) = address::of(&request, &state.proxies) else {
        return next.run(request).await;
    };
    let window = state.makers.0.get_with(address, Arc::default);
    let quota = state.sandboxes.limits().sandboxes_per_hour;
    let now = state.sandboxes.now();
    let limit = Limit {
        name: "sandboxes",
        quota,
        seconds: 3600,
        counted: window.count(now, quota, HOUR),
    };
    if !limit.counted.allowed {
        let mut response = too_many(&limit).into_response();
        tell(&mut response, &[limit]);
        return response;
    }
    let response = next.run(request).await;
    if response.extensions().get::<SandboxId>().is_none() {
        window.give_back();
    }
    response
}

fn too_many(limit: &Limit) -> ApiError {
    let Limit {
        name,
        quota,
        seconds,
        counted,
    } = limit;
    let what = match *name {
        "sandboxes" => "new sandboxes from one address",
        "writes" => "writes in one sandbox",
        "behaviour" => "requests, as the behaviour rate_limit of this sandbox says",
        _ => "requests in one sandbox",
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
    ApiError::new(ProblemKind::TooManyRequests, detail)
        .with_header("retry-after", counted.reset.to_string())
}

fn tell(response: &mut Response, limits: &[Limit]) {
    let (mut left, mut policy) = (String::new(), String::new());
    for limit in limits {
        let separator = if left.is_empty() { "" } else { ", " };
        let Limit {
            name,
            quota,
            seconds,
            counted,
        } = limit;
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
