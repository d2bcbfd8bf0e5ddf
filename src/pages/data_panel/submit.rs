//! `POST /{lang}/data`: reset, the starting data of a lesson, undo, and changes of the behaviors of the visitor's sandbox.
//!
//! Each action is one request to the API with the sandbox cookie of the visitor (see
//! `pages::api_client`). The API has no request for the starting data of a lesson that are not the seed: these are written
//! here after the request that opens the sandbox.

use axum::extract::{RawQuery, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Extensions, HeaderMap, Method, Request, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use bytes::Bytes;
use serde_json::{Map, Value};

use crate::api::LimitName;
use crate::content::LessonPage;
use crate::pages::api_client::ApiClient;
use crate::pages::data_panel::query::{self, DataPanelQuery};
use crate::pages::data_panel::view;
use crate::pages::meta::PageRequest;
use crate::sandbox::WriteError;
use crate::state::AppState;

/// The behaviors that are on or off.
const SWITCHES: [&str; 3] = [
    "require_auth",
    "require_if_match",
    "require_idempotency_key",
];
/// The behaviors with a number; an empty field switches the behavior off.
const NUMBERS: [&str; 3] = ["latency_ms", "fail_every", "rate_limit"];

/// Handles `POST /{lang}/data`: performs the action of the form, then redirects to the data panel or renders
/// it with an error message.
pub(in crate::pages) async fn submit(
    State(state): State<AppState>,
    page_request: PageRequest,
    RawQuery(query): RawQuery,
    extensions: Extensions,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let panel = DataPanelQuery::parse(query.as_deref());
    let form: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
    let lesson = query::lesson(&state, &page_request, &panel);
    let is_restored = |lesson: &&LessonPage| {
        form.iter()
            .any(|(name, value)| name == "do" && value == "restore")
            && state.library.starting_users(lesson).is_some()
    };
    let restored = lesson.as_deref().filter(is_restored);
    let Some(request) = api_request(&form, lesson.is_some(), restored.is_some()) else {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    };
    let mut client = ApiClient::new(&state, &headers, &extensions);
    // The actions need only the sandbox cookie.
    client.withhold_session();
    let mut problem = problem(&client.send(request).await);
    if let (None, Some(lesson)) = (problem, restored) {
        problem = restore(&state, &client, lesson).await;
    }
    let redirect = (problem.is_none() && !panel.is_fragment).then(|| {
        let address = query::address(&state, &page_request, &panel);
        Redirect::to(&address).into_response()
    });
    let state = &state;
    let page =
        |visitor| async move { view::page(state, page_request, &visitor, panel, problem).await };
    client.respond(redirect, page).await
}

/// Replaces the users of the visitor by those with which a lesson begins; returns the message key and the status when
/// that fails.
async fn restore(
    state: &AppState,
    client: &ApiClient<'_>,
    lesson: &LessonPage,
) -> Option<(&'static str, StatusCode)> {
    let users = state.library.starting_users(lesson)?;
    let failed = |cause: &dyn std::fmt::Display| {
        tracing::warn!(%cause, "the starting data of a lesson could not be restored");
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Some(("data-panel-problem-busy", status))
    };
    let visitor = match client.visitor().await {
        Ok(visitor) => visitor,
        Err(cause) => return failed(&cause),
    };
    match state
        .sandboxes
        .reset_sandbox_to(&visitor.scope(), users)
        .await
    {
        Ok(()) => None,
        Err(WriteError::UsersFull { .. }) => {
            let status = StatusCode::INSUFFICIENT_STORAGE;
            Some(("data-panel-problem-room", status))
        }
        Err(cause) => failed(&cause),
    }
}

/// Builds the request to the API for a submitted form of the panel; `None` for an unknown form. Beside a lesson that begins
/// with users of its own (`is_named`), the request only opens the sandbox, so that the limits of the API apply.
fn api_request(
    form: &[(String, String)],
    has_lesson: bool,
    is_named: bool,
) -> Option<Request<Bytes>> {
    let field = |name: &str| {
        let found = form.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.trim())
    };
    let (method, target, body) = match field("do")? {
        "reset" => (Method::POST, "/api/sandbox/reset", Bytes::new()),
        "restore" if is_named => (Method::POST, "/api/sandbox", Bytes::new()),
        "restore" if has_lesson => (Method::POST, "/api/sandbox/reset", Bytes::new()),
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
    Some(
        request
            .body(body)
            .expect("the method, target and header are valid"),
    )
}

/// Converts a typed number to JSON. Text that is not a number is passed on, so that the API rejects it.
fn number(text: &str) -> Value {
    match (text, text.parse::<i64>()) {
        ("", _) => Value::Null,
        (_, Ok(number)) => number.into(),
        (_, Err(_)) => text.into(),
    }
}

/// Returns the message key and the page status for an error response of the API.
fn problem(response: &http::Response<Bytes>) -> Option<(&'static str, StatusCode)> {
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
