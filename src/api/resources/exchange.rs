//! `/api/sandbox/exchanges` and `/api/sandbox/events`: the recorded exchanges of a sandbox, and an
//! event stream of new ones.

use std::collections::HashSet;
use std::convert::Infallible;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{RawPathParams, RawQuery, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, VARY};
use axum::http::{Extensions, HeaderMap, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream, StreamExt as _};
use serde_json::json;

use crate::api::error::ApiError;
use crate::api::format::UserFormat;
use crate::api::http::client_address::ClientAddress;
use crate::api::http::extract::{NoQuery, Query, path_parameter};
use crate::api::http::json_response::json_no_store;
use crate::api::http::negotiation;
use crate::api::middleware::sandbox_key::Data;
use crate::api::state::ApiState;
use crate::model::exchange::Exchange;
use crate::model::problem::ProblemKind;
use crate::sandbox::{Subscription, SubscriptionItem, TooManyStreams};

/// The header in which a client that reconnects sends the id of the last event that it received.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Handles `GET /api/sandbox/exchanges`: returns summaries of the recorded exchanges, newest first.
///
/// With the query parameter `group`, returns the complete exchanges of that exchange group. Waits up to
/// one second when none is recorded yet, because recording ends shortly after the response.
pub(in crate::api) async fn list(
    State(state): State<ApiState>,
    Data(scope): Data,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let query = Query::of(query.as_deref(), &["group"])?;
    let Some(sandbox) = scope.sandbox else {
        return Ok(json_no_store(StatusCode::OK, &[(); 0]));
    };
    let Some(group) = query.text("group") else {
        let all = state.sandboxes.list_exchanges(sandbox).await?;
        let summaries: Vec<_> = all.iter().map(|exchange| exchange.summary()).collect();
        return Ok(json_no_store(StatusCode::OK, &summaries));
    };
    let is_of = |exchange: &Exchange| exchange.group.as_deref() == Some(group);
    let found = state
        .sandboxes
        .find_exchanges(sandbox, group, None, is_of)
        .await?;
    let found: Vec<&Exchange> = found.iter().map(Arc::as_ref).collect();
    Ok(json_no_store(StatusCode::OK, &found))
}

/// Handles `GET /api/sandbox/exchanges/{request_id}`: returns one complete exchange as JSON, or its
/// trace as `text/plain`.
///
/// # Errors
/// 404 when no exchange with this request id is recorded in the sandbox.
pub(in crate::api) async fn show(
    State(state): State<ApiState>,
    Data(scope): Data,
    _: NoQuery,
    headers: HeaderMap,
    params: RawPathParams,
) -> Result<Response, ApiError> {
    let id = path_parameter(&params);
    let missing = || {
        let detail = "no exchange with this request id is recorded in your sandbox; \
                      requests to /api/sandbox itself never are";
        ApiError::new(ProblemKind::NotFound, detail)
    };
    let sandbox = scope.sandbox.ok_or_else(missing)?;
    let found = state
        .sandboxes
        .find_exchanges(sandbox, id, None, |exchange| exchange.id == id)
        .await?;
    let exchange = found.first().ok_or_else(missing)?;
    // Sends JSON rather than 406 to a client that accepts neither format.
    let format = negotiation::choose(&headers, &[UserFormat::Json, UserFormat::Text]);
    let mut response = match format {
        Ok(UserFormat::Text) => {
            let headers = [
                (CONTENT_TYPE, UserFormat::Text.content_type()),
                (CACHE_CONTROL, "no-store"),
            ];
            (headers, exchange.to_plain_text()).into_response()
        }
        _ => json_no_store(StatusCode::OK, exchange.as_ref()),
    };
    let vary = HeaderValue::from_static("Accept");
    response.headers_mut().insert(VARY, vary);
    Ok(response)
}

/// Handles `GET /api/sandbox/events`: sends each new exchange of the sandbox as a server-sent event.
///
/// With `Last-Event-ID` (HTML Standard, section 9.2.4) the stream begins with the recorded exchanges
/// after that id. An id that is no longer recorded is older than every recorded exchange, so in that
/// case the stream begins with all of them. A stream ends after `event_stream_seconds` (one hour by
/// default), and clients then open a new one. HEAD opens no stream.
///
/// # Errors
/// 404 when the visitor has no sandbox, and an error that names the limit when too many streams are
/// open.
pub(in crate::api) async fn events(
    State(state): State<ApiState>,
    Data(scope): Data,
    _: NoQuery,
    extensions: Extensions,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let sandbox = scope.sandbox.ok_or_else(|| {
        let detail = "there is no sandbox whose events these could be; POST /api/sandbox first";
        ApiError::new(ProblemKind::NotFound, detail)
    })?;
    if method == Method::HEAD {
        let headers = [
            (CONTENT_TYPE, "text/event-stream"),
            (CACHE_CONTROL, "no-store"),
        ];
        // Of unknown length, as the stream that GET returns.
        let body = Body::from_stream(stream::empty::<Result<String, Infallible>>());
        return Ok((headers, body).into_response());
    }
    // Subscribes before it lists the recorded exchanges, so that an exchange recorded between the two
    // steps is not missed.
    let client = ClientAddress::of(&extensions).map(ClientAddress::network);
    let subscribed = state.sandboxes.recorder().subscribe(sandbox, client);
    let live = received(subscribed.map_err(too_many)?);
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
    let sent: HashSet<String> = missed.iter().map(|exchange| exchange.id.clone()).collect();
    let live = live.filter(move |received| {
        ready(!matches!(received, SubscriptionItem::Exchange(exchange) if sent.contains(&exchange.id)))
    });
    let age = Duration::from_secs(state.sandboxes.limits().event_stream_seconds.into());
    let events = stream::iter(missed)
        .map(SubscriptionItem::Exchange)
        .chain(live)
        .map(event)
        .take_until(tokio::time::sleep(age));
    let mut response = Sse::new(events)
        .keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
        .into_response();
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    Ok(response)
}

/// Converts a subscription into a stream that ends when the subscription ends.
fn received(subscription: Subscription) -> impl Stream<Item = SubscriptionItem> {
    stream::unfold(subscription, |mut subscription| async move {
        let received = subscription.next().await?;
        Some((received, subscription))
    })
}

/// Converts what a subscription received into a server-sent event.
///
/// The event `lagged` has no id, so that a client that reconnects sends the id of the last exchange it
/// received and then receives the exchanges it missed.
fn event(received: SubscriptionItem) -> Result<Event, Infallible> {
    Ok(match received {
        SubscriptionItem::Exchange(exchange) => {
            let data = serde_json::to_string(exchange.as_ref()).expect("an exchange is JSON");
            Event::default()
                .event("exchange")
                .id(&exchange.id)
                .data(data)
        }
        SubscriptionItem::Lagged(missed) => Event::default()
            .event("lagged")
            .data(json!({ "missed": missed }).to_string()),
    })
}

/// Returns the error for a stream that would exceed a limit, and names that limit.
fn too_many(error: TooManyStreams) -> ApiError {
    let detail = match error {
        TooManyStreams::OfSandbox(limit) => {
            format!("the limit is {limit} event streams in one sandbox; close one of them")
        }
        TooManyStreams::OfClient(limit) => {
            format!("the limit is {limit} event streams from one address; try again in a minute")
        }
        TooManyStreams::OfServer(limit) => {
            format!("the limit is {limit} event streams on this server; try again in a minute")
        }
    };
    ApiError::new(ProblemKind::TooManyRequests, detail).with_header("retry-after", "60")
}
