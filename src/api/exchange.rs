//! `/api/sandbox/exchanges` and `/api/sandbox/events`: what was recorded, and what happens now.

use std::collections::HashSet;
use std::convert::Infallible;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{RawPathParams, RawQuery, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, VARY};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream, StreamExt as _};

use crate::api::ApiState;
use crate::api::error::ApiError;
use crate::api::extract::{NoQuery, Query};
use crate::api::negotiate::{self, Format};
use crate::api::sandbox::json_no_store;
use crate::api::sandbox_key::Data;
use crate::model::exchange::Exchange;
use crate::model::problem::ProblemKind;
use crate::sandbox::SandboxId;

/// What a client sends that comes back to a stream: the last event that it had.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// `GET /api/sandbox/exchanges`: the last ones in short, the newest first; with `group` those of one
/// group, whole, and waiting up to a second for what is still being recorded.
pub(super) async fn list(
    State(state): State<ApiState>,
    Data(scope): Data,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let query = Query::of(query.as_deref(), &["group"])?;
    let Some(sandbox) = scope.sandbox() else {
        return Ok(json_no_store(StatusCode::OK, &[(); 0]));
    };
    let Some(group) = query.text("group") else {
        let all = state.sandboxes.list_exchanges(sandbox).await?;
        let summaries: Vec<_> = all.iter().map(|exchange| exchange.summary()).collect();
        return Ok(json_no_store(StatusCode::OK, &summaries));
    };
    let is_of = |exchange: &Exchange| exchange.group.as_deref() == Some(group);
    let found = state.sandboxes.find_exchanges(sandbox, is_of).await?;
    let found: Vec<&Exchange> = found.iter().map(Arc::as_ref).collect();
    Ok(json_no_store(StatusCode::OK, &found))
}

/// `GET /api/sandbox/exchanges/{request_id}`: one, whole; as text/plain its story.
pub(super) async fn show(
    State(state): State<ApiState>,
    Data(scope): Data,
    _: NoQuery,
    headers: HeaderMap,
    params: RawPathParams,
) -> Result<Response, ApiError> {
    let id = params.iter().next().map_or("", |(_, value)| value);
    let missing = || {
        let detail = "no exchange with this request id is recorded in your sandbox";
        ApiError::new(ProblemKind::NotFound, detail)
    };
    let sandbox = scope.sandbox().ok_or_else(missing)?;
    let found = state
        .sandboxes
        .find_exchanges(sandbox, |exchange| exchange.id == id)
        .await?;
    let exchange = found.first().ok_or_else(missing)?;
    // Whoever accepts neither can still make something of JSON.
    let format = negotiate::choose(&headers, &[Format::Json, Format::Text]);
    let mut response = match format {
        Ok(Format::Text) => {
            let headers = [
                (CONTENT_TYPE, Format::Text.content_type()),
                (CACHE_CONTROL, "no-store"),
            ];
            (headers, exchange.story()).into_response()
        }
        _ => json_no_store(StatusCode::OK, exchange.as_ref()),
    };
    let vary = HeaderValue::from_static("Accept");
    response.headers_mut().insert(VARY, vary);
    Ok(response)
}

/// `GET /api/sandbox/events`: each exchange of the sandbox as it happens, as server-sent events.
///
/// With `Last-Event-ID` (HTML Standard, section 9.2.4) first what came after that one. An id that is
/// not kept any more is older than all that is, so then all that is kept comes.
pub(super) async fn events(
    State(state): State<ApiState>,
    Data(scope): Data,
    _: NoQuery,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let sandbox = scope.sandbox().ok_or_else(|| {
        let detail = "there is no sandbox whose events these could be; POST /api/sandbox first";
        ApiError::new(ProblemKind::NotFound, detail)
    })?;
    // Listens before it reads, so that nothing falls between the two.
    let live = of_sandbox(&state, sandbox);
    let missed = match headers.get(LAST_EVENT_ID) {
        Some(last) => {
            let mut missed = state.sandboxes.list_exchanges(sandbox).await?;
            let known = missed
                .iter()
                .position(|exchange| exchange.id.as_bytes() == last.as_bytes());
            missed.truncate(known.unwrap_or(missed.len()));
            missed.reverse();
            missed
        }
        None => Vec::new(),
    };
    let told: HashSet<String> = missed.iter().map(|exchange| exchange.id.clone()).collect();
    let live = live.filter(move |exchange| ready(!told.contains(&exchange.id)));
    let events = stream::iter(missed).chain(live).map(|exchange| {
        let data = serde_json::to_string(exchange.as_ref()).expect("an exchange is JSON");
        let event = Event::default().event("exchange");
        Ok::<_, Infallible>(event.id(&exchange.id).data(data))
    });
    let mut response = Sse::new(events)
        .keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
        .into_response();
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    Ok(response)
}

/// Each exchange of a sandbox from now on.
fn of_sandbox(state: &ApiState, sandbox: SandboxId) -> impl Stream<Item = Arc<Exchange>> + use<> {
    let receiver = state.sandboxes.recording().listen();
    stream::unfold(receiver, move |mut receiver| async move {
        use tokio::sync::broadcast::error::RecvError;
        loop {
            match receiver.recv().await {
                Ok((of, exchange)) if of == sandbox => return Some((exchange, receiver)),
                // Who lags behind gets what comes next; the list has the rest.
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    })
}
