//! Records the exchanges of a sandbox: the request, the response and the trace between them.
//!
//! It is the outermost layer, so that it sees the response as it is sent.
//! Records are masked, and stored after the response. A safe request without a sandbox key is not recorded
//! and passes without cost; requests to `/api/sandbox` are never recorded.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, Method, StatusCode, Uri, Version};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http_body::{Frame, SizeHint};

use crate::api::http::header_name::EXCHANGE_GROUP;
use crate::api::middleware::headers::RequestId;
use crate::api::middleware::{masking, record_size, sandbox_key};
use crate::api::state::ApiState;
use crate::model::exchange::{
    Exchange, ReceivedRequest, RecordedBody, RecordedChange, SentResponse, is_recorded,
};
use crate::model::http::allows_content_length;
use crate::model::timestamp::Timestamp;
use crate::model::trace::Trace;
use crate::sandbox::SandboxId;

/// The maximum number of recorded bytes of a body.
const BODY_MAX: usize = 64 * 1024;
/// The maximum length of a recorded exchange group, in bytes.
const GROUP_MAX: usize = 64;

/// Records the exchange, if the request has a sandbox or creates one.
pub(in crate::api) async fn record(
    State(state): State<ApiState>,
    mut request: Request,
    next: Next,
) -> Response {
    if !may_be_recorded(&request, state.secure_cookies) {
        return next.run(request).await;
    }
    let trace = Trace::enabled();
    let at = state.sandboxes.now();
    request.extensions_mut().insert(trace.clone());
    let (request, received) = CapturedRequest::capture(request);
    let response = next.run(request).await;
    let Some(sandbox) = response.extensions().get::<SandboxId>().copied() else {
        return response;
    };
    let (mut parts, body) = response.into_parts();
    // axum adds the field to every response.
    if !allows_content_length(parts.status.as_u16()) {
        parts.headers.remove(CONTENT_LENGTH);
    }
    // Responses are complete in memory, so this copies nothing.
    let body = axum::body::to_bytes(body, usize::MAX)
        .await
        .unwrap_or_default();
    let sent = (parts.status, parts.headers.clone(), body.clone());
    let took = trace.elapsed();
    let recorder = state.sandboxes.recorder();
    let exchange = move || record_size::limit(assemble(at, took, received, sent, &trace));
    recorder.record(sandbox, exchange);
    Response::from_parts(parts, Body::from(body))
}

/// Returns whether the request may belong to a sandbox: it has a key, or its method may create a sandbox.
fn may_be_recorded(request: &Request, secure: bool) -> bool {
    let group = request.headers().get(EXCHANGE_GROUP);
    let is_excluded = group.is_some_and(|group| group == "none");
    !is_excluded
        && is_recorded(request.uri().path())
        && (!request.method().is_safe() || sandbox_key::has_key(request.headers(), secure))
}

/// A request as it is recorded.
struct CapturedRequest {
    id: RequestId,
    method: Method,
    uri: Uri,
    version: Version,
    headers: HeaderMap,
    body: CapturedBody,
}

impl CapturedRequest {
    /// Captures a request; returns it with a body that is captured while the handler reads it.
    fn capture(mut request: Request) -> (Request, CapturedRequest) {
        let captured = CapturedBody::default();
        let received = CapturedRequest {
            id: RequestId::of(request.extensions_mut()),
            method: request.method().clone(),
            uri: request.uri().clone(),
            version: request.version(),
            headers: request.headers().clone(),
            body: captured.clone(),
        };
        let request = match request.body().is_end_stream() {
            true => request,
            false => request.map(|body| Body::new(TeeBody { body, captured })),
        };
        (request, received)
    }
}

/// The first bytes of a body, and the number of bytes that were read.
#[derive(Clone, Default)]
struct CapturedBody(Arc<Mutex<BodyStart>>);

#[derive(Default)]
struct BodyStart {
    bytes: Vec<u8>,
    size: u64,
}

impl CapturedBody {
    fn add(&self, data: &[u8]) {
        let mut body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let rest = BODY_MAX - body.bytes.len();
        body.bytes.extend_from_slice(&data[..data.len().min(rest)]);
        body.size += data.len() as u64;
    }

    fn record(&self) -> RecordedBody {
        let body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        recorded(&body.bytes, body.size)
    }
}

/// A body that is captured while the handler reads it.
struct TeeBody {
    body: Body,
    captured: CapturedBody,
}

impl HttpBody for TeeBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &frame
            && let Some(data) = frame.data_ref()
        {
            self.captured.add(data);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Returns the record of a body, with secrets masked.
fn recorded(bytes: &[u8], size: u64) -> RecordedBody {
    let start = &bytes[..bytes.len().min(BODY_MAX)];
    RecordedBody {
        size,
        text: String::from_utf8_lossy(&masking::body(start)).into_owned(),
        cut: size > start.len() as u64,
    }
}

/// Builds the record of an exchange, with secrets masked.
fn assemble(
    at: i64,
    took: u64,
    received: CapturedRequest,
    (status, headers, body): (StatusCode, HeaderMap, Bytes),
    trace: &Trace,
) -> Exchange {
    let (steps, changes) = trace.take();
    let group = received.headers.get(EXCHANGE_GROUP);
    let group = group.and_then(|group| group.to_str().ok());
    let changes = changes.into_iter().map(|change| RecordedChange {
        before: change.before,
        after: change.after,
    });
    Exchange {
        id: received.id.to_string(),
        group: group
            .filter(|group| group.len() <= GROUP_MAX)
            .map(str::to_owned),
        at: Timestamp::from_milliseconds(at),
        took,
        request: ReceivedRequest {
            method: received.method.to_string(),
            target: masking::target(&received.uri),
            version: format!("{:?}", received.version),
            headers: masking::request_headers(&received.headers),
            body: received.body.record(),
        },
        response: SentResponse {
            status: status.as_u16(),
            headers: masking::response_headers(&headers),
            body: recorded(&body, body.len() as u64),
        },
        trace: steps,
        changes: changes.collect(),
    }
}
