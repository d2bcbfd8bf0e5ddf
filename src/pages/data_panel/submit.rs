//! `POST /{lang}/data`: reset, undo, and changes of the behaviors of the visitor's sandbox.
//!
//! Each action is a request to the complete router of the API in the same process, so that its rate
//! limits and validation apply here too. Only the sandbox cookie of the visitor is forwarded.

use axum::extract::{RawQuery, State};
use axum::http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::{Extensions, HeaderMap, HeaderValue, Method, Request, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use bytes::Bytes;
use serde_json::{Map, Value};

use crate::api::{self, ClientAddress, LimitName};
use crate::pages::data_panel;
use crate::pages::data_panel::DataPanelQuery;
use crate::pages::{PageRequest, PageVisitor};
use crate::portal::Viewer;
use crate::state::AppState;

/// The behaviors that are on or off.
const SWITCHES: [&str; 3] = [
    "require_auth",
    "require_if_match",
    "require_idempotency_key",
];
/// The behaviors with a number; an empty field switches the behavior off.
const NUMBERS: [&str; 3] = ["latency_ms", "fail_every", "rate_limit"];

/// Performs the action of the form, then redirects to the panel or renders it with an error message.
pub(in crate::pages) async fn submit(
    State(state): State<AppState>,
    reader: PageRequest,
    RawQuery(query): RawQuery,
    extensions: Extensions,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let asked = DataPanelQuery::of(query.as_deref());
    let form: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
    let Some(request) = request(&form) else {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    };
    let api_response = send(&state, &headers, &extensions, request).await;
    let problem = problem(&api_response);
    if problem.is_none() && !asked.is_part() {
        let back = data_panel::address(reader.locale, &state, &asked);
        return with_cookies(&api_response, Redirect::to(&back).into_response());
    }
    let visitor = match PageVisitor::of(&state, &after(&headers, &api_response)).await {
        Ok(visitor) => visitor,
        Err(cause) => {
            tracing::error!(%cause, "a visitor's sandbox cannot be opened");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let response = data_panel::page(&state, reader, &visitor, asked, problem).await;
    with_cookies(&api_response, response)
}

/// Builds the request to the API for a submitted form; `None` for an unknown form.
fn request(form: &[(String, String)]) -> Option<Request<Bytes>> {
    let field = |name: &str| {
        let found = form.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.trim())
    };
    let (method, target, body) = match field("do")? {
        "reset" => (Method::POST, "/api/sandbox/reset", Bytes::new()),
        "undo" => (Method::POST, "/api/sandbox/undo", Bytes::new()),
        "behaviors" => {
            let switches = SWITCHES.map(|name| (name, Value::Bool(field(name).is_some())));
            let numbers = NUMBERS.map(|name| (name, number(field(name).unwrap_or_default())));
            let all = switches.into_iter().chain(numbers);
            let patch: Map<String, Value> =
                all.map(|(name, value)| (name.to_owned(), value)).collect();
            let patch = Value::Object(patch).to_string();
            (Method::PATCH, "/api/sandbox", Bytes::from(patch))
        }
        _ => return None,
    };
    let request = Request::builder()
        .method(method)
        .uri(target)
        .header(CONTENT_TYPE, "application/merge-patch+json");
    Some(request.body(body).expect("a request of ours"))
}

/// Converts a typed number to JSON. Text that is not a number is passed on, so that the API rejects it.
fn number(text: &str) -> Value {
    match (text, text.parse::<i64>()) {
        ("", _) => Value::Null,
        (_, Ok(number)) => number.into(),
        (_, Err(_)) => text.into(),
    }
}

/// Sends a request to the API with the visitor's sandbox cookie, viewer and client address.
async fn send(
    state: &AppState,
    headers: &HeaderMap,
    extensions: &Extensions,
    mut request: Request<Bytes>,
) -> axum::http::Response<Bytes> {
    let secure = state.config.secure_cookies();
    if let Some(cookie) = api::visitor_cookie(headers, secure) {
        request.headers_mut().insert(COOKIE, cookie);
    }
    // The rate limits of the API count by client address.
    let client = ClientAddress::of(extensions);
    if let Some(viewer) = extensions.get::<Option<Viewer>>() {
        request.extensions_mut().insert(viewer.clone());
    }
    state.api.send(request, client).await
}

/// Returns the message key and the page status for an error response of the API.
fn problem(response: &axum::http::Response<Bytes>) -> Option<(&'static str, StatusCode)> {
    let status = response.status();
    if status.is_success() {
        return None;
    }
    if let Some(limit) = response.extensions().get::<LimitName>() {
        return Some((limit_key(*limit), status));
    }
    let problem: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    let kind = problem["type"].as_str().unwrap_or_default();
    let key = match kind.rsplit('/').next() {
        Some("conflict") => "data-panel-problem-nothing",
        Some("changed-since") => "data-panel-problem-changed",
        Some("duplicate-email") => "data-panel-problem-taken",
        Some("invalid-fields") => "data-panel-problem-values",
        _ => "data-panel-problem-busy",
    };
    Some((key, status))
}

/// Returns the message key of an exceeded limit.
fn limit_key(limit: LimitName) -> &'static str {
    match limit {
        LimitName::Writes => "data-panel-problem-writes",
        LimitName::SandboxesOfAddress => "data-panel-problem-address",
        LimitName::SandboxesOfAccount => "data-panel-problem-account",
        LimitName::Requests | LimitName::Sandbox | LimitName::Behavior => {
            "data-panel-problem-requests"
        }
    }
}

/// Returns the headers of the request, with the cookies that the response sets, as the next request of the
/// browser would send them.
fn after(headers: &HeaderMap, response: &axum::http::Response<Bytes>) -> HeaderMap {
    let given = response.headers().get_all(SET_COOKIE).iter();
    let pairs = given.filter_map(|value| value.to_str().ok()?.split(';').next());
    let mut headers = headers.clone();
    for pair in pairs {
        if let Ok(pair) = HeaderValue::from_str(pair) {
            headers.insert(COOKIE, pair);
        }
    }
    headers
}

fn with_cookies(api_response: &axum::http::Response<Bytes>, mut response: Response) -> Response {
    for cookie in api_response.headers().get_all(SET_COOKIE) {
        response.headers_mut().append(SET_COOKIE, cookie.clone());
    }
    response
}
