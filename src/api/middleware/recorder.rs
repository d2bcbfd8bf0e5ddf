//! Records what was asked in a sandbox, what was answered, and what happened between.
//!
//! The outermost layer but for the id of the request, so that it sees the response as it is sent. What
//! it keeps is masked and stored behind the response. A request without a key that only reads passes at
//! no cost; what is at `/api/sandbox` is never recorded.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::http::header::HeaderName;
use axum::http::{HeaderMap, Method, StatusCode, Uri, Version};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http_body::{Frame, SizeHint};

use crate::api::middleware::headers::RequestId;
use crate::api::middleware::{masking, record_size, sandbox_key};
use crate::api::state::ApiState;
use crate::model::exchange::{
    Exchange, ReceivedRequest, RecordedBody, RecordedChange, SentResponse, is_recorded,
};
use crate::model::timestamp::Timestamp;
use crate::model::trace::Trace;
use crate::sandbox::SandboxId;

/// Bytes of a body that are kept.
const KEPT: usize = 64 * 1024;
/// The longest name of a group that is kept.
const GROUP: usize = 64;

/// By it a client finds the exchanges of one action again, each redirect among them; a tool that
/// reads beside its user says `none`, and is not recorded.
const EXCHANGE_GROUP: HeaderName = HeaderName::from_static("exchange-group");

/// Records the exchange, if there is a sandbox.
pub(in crate::api) async fn record(
    State(state): State<ApiState>,
    mut request: Request,
    next: Next,
) -> Response {
    if !is_worth_it(&request, state.secure_cookies) {
        return next.run(request).await;
    }
    let trace = Trace::enabled();
    let at = state.sandboxes.now();
    request.extensions_mut().insert(trace.clone());
    let (request, received) = CapturedRequest::of(request);
    let response = next.run(request).await;
    let Some(sandbox) = response.extensions().get::<SandboxId>().copied() else {
        return response;
    };
    let (parts, body) = response.into_parts();
    // Responses are whole already; this copies nothing.
    let body = axum::body::to_bytes(body, usize::MAX)
        .await
        .unwrap_or_default();
    let sent = (parts.status, parts.headers.clone(), body.clone());
    let took = trace.elapsed();
    let recording = state.sandboxes.recording();
    let exchange = move || record_size::limit(assemble(at, took, received, sent, &trace));
    recording.record(sandbox, exchange);
    Response::from_parts(parts, Body::from(body))
}

/// Whether the request may be one of a sandbox: it has a key, or may make one.
fn is_worth_it(request: &Request, secure: bool) -> bool {
    let unwanted = request.headers().get(EXCHANGE_GROUP);
    let unwanted = unwanted.is_some_and(|group| group == "none");
    !unwanted
        && is_recorded(request.uri().path())
        && (!request.method().is_safe() || sandbox_key::is_named(request.headers(), secure))
}

/// What came, as far as it is kept.
struct CapturedRequest {
    id: RequestId,
    method: Method,
    uri: Uri,
    version: Version,
    headers: HeaderMap,
    body: CapturedBody,
}

impl CapturedRequest {
    /// The request, which from now on is overheard.
    fn of(request: Request) -> (Request, CapturedRequest) {
        let kept = CapturedBody::default();
        let received = CapturedRequest {
            id: request.extensions().get().copied().unwrap_or_default(),
            method: request.method().clone(),
            uri: request.uri().clone(),
            version: request.version(),
            headers: request.headers().clone(),
            body: kept.clone(),
        };
        let request = match request.body().is_end_stream() {
            true => request,
            false => request.map(|body| Body::new(TeeBody { body, kept })),
        };
        (request, received)
    }
}

/// The beginning of a body, and the size of all that was read of it.
#[derive(Clone, Default)]
struct CapturedBody(Arc<Mutex<(Vec<u8>, u64)>>);

impl CapturedBody {
    fn add(&self, data: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = KEPT - kept.0.len();
        kept.0.extend_from_slice(&data[..data.len().min(room)]);
        kept.1 += data.len() as u64;
    }

    fn take(&self) -> RecordedBody {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        recorded(&kept.0, kept.1)
    }
}

/// A body that is read by the handler, and by us.
struct TeeBody {
    body: Body,
    kept: CapturedBody,
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
            self.kept.add(data);
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

fn recorded(bytes: &[u8], size: u64) -> RecordedBody {
    let kept = &bytes[..bytes.len().min(KEPT)];
    RecordedBody {
        size,
        text: String::from_utf8_lossy(&masking::body(kept)).into_owned(),
        cut: size > kept.len() as u64,
    }
}

/// Puts the exchange together, without secrets.
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
            .filter(|group| group.len() <= GROUP)
            .map(str::to_owned),
        at: Timestamp::from_milliseconds(at),
        took,
        request: ReceivedRequest {
            method: received.method.to_string(),
            target: masking::target(&received.uri),
            version: format!("{:?}", received.version),
            headers: masking::request_headers(&received.headers),
            body: received.body.take(),
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
