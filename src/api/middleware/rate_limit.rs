//! A counted limit, its response headers (`RateLimit`, `RateLimit-Policy`: the IETF's draft "RateLimit
//! header fields for HTTP"), and the 429 response when it is exceeded.

use std::fmt::Write as _;

use axum::http::HeaderValue;
use axum::http::header::HeaderName;
use axum::response::{IntoResponse, Response};

use crate::api::error::ApiError;
use crate::model::problem::ProblemKind;
use crate::sandbox::WindowCount;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// A limit that applies to a request, with the count of its window.
pub(in crate::api) struct Limit {
    /// The kind of the limit.
    pub(in crate::api) name: LimitName,
    /// The maximum number of requests in a window.
    pub(in crate::api) quota: u32,
    /// The length of the window.
    pub(in crate::api) seconds: i64,
    /// The state of the window after this request was counted.
    pub(in crate::api) counted: WindowCount,
}

/// The kind of a limit; an extension of the response to a request that exceeded it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitName {
    /// Requests in a sandbox.
    Requests,
    /// Writes in a sandbox.
    Writes,
    /// Requests to `/api/sandbox` and the paths below it.
    Sandbox,
    /// Requests in a sandbox, by the behavior `rate_limit`.
    Behavior,
    /// New sandboxes from one address.
    SandboxesOfAddress,
    /// New sandboxes of one account.
    SandboxesOfAccount,
}

impl LimitName {
    /// Returns the name in `RateLimit`.
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

/// Returns the 429 response to a request that exceeded a limit.
pub(in crate::api) fn too_many(limit: &Limit) -> Response {
    let Limit {
        name,
        quota,
        seconds,
        counted,
    } = limit;
    let subject = match name {
        LimitName::Requests => "requests in one sandbox",
        LimitName::Writes => "writes in one sandbox",
        LimitName::Sandbox => "requests to /api/sandbox in one sandbox",
        LimitName::Behavior => "requests, as the behavior rate_limit of this sandbox says",
        LimitName::SandboxesOfAddress => "new sandboxes from one address",
        LimitName::SandboxesOfAccount => "new sandboxes of one account",
    };
    let period = if *seconds == 60 {
        "a minute"
    } else {
        "an hour"
    };
    let detail = format!(
        "the limit is {quota} {subject} {period}; send it again in {} s",
        counted.reset
    );
    let error = ApiError::new(ProblemKind::TooManyRequests, detail)
        .with_header("retry-after", counted.reset.to_string());
    let mut response = error.into_response();
    response.extensions_mut().insert(*name);
    response
}

/// Adds `RateLimit` and `RateLimit-Policy` to a response.
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
