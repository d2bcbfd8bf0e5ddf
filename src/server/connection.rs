//! Serves the requests on one connection. Speaks HTTP/1 only: browsers use HTTP/2 only over TLS,
//! and TLS is terminated by a proxy.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::ConnectInfo;
use axum::http::{Request, Response};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tower::{Service, ServiceExt};

use crate::model::http::HEAD_MAX;
use crate::server::connection_deadline::{
    BodyProgress, ConnectionDeadline, DeadlineStream, ResponseGuard,
};
use crate::server::guarded_body::GuardedBody;
use crate::server::limits::ServerLimits;
use crate::server::protocol;

/// The largest head of a request, in bytes. A larger head is refused with 431, as are more than 100
/// fields. No buffer of a connection grows beyond this size.
const HEAD_LIMIT: usize = HEAD_MAX;

/// The deadline for the body of a request; an extension of each request that has a body.
#[derive(Clone, Copy, Debug)]
pub(super) struct BodyDeadline(pub(super) Instant);

/// A token that is cancelled when the client closes its side of the connection; an extension of
/// each request.
#[derive(Clone, Debug)]
pub(super) struct ClientFinished(pub(super) CancellationToken);

/// What answers the requests of all connections: the site, or a router in tests.
pub trait HttpService:
    Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send>
    + Clone
    + Send
    + Sync
    + 'static
{
}

impl<S> HttpService for S where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static
{
}

/// Serves the requests on one connection.
pub(super) async fn serve_connection(
    socket: TcpStream,
    peer: SocketAddr,
    service: impl HttpService,
    limits: ServerLimits,
    stop: CancellationToken,
) {
    if let Err(cause) = socket.set_nodelay(true) {
        tracing::debug!(%cause, "TCP_NODELAY could not be set: responses may be delayed");
    }
    let deadline = ConnectionDeadline::new(limits);
    let stream = TokioIo::new(DeadlineStream::new(socket, deadline.clone()));
    let respond_to = service_fn(|request| {
        // Begins before the response is first polled: hyper reads on at once, and may find the end of input.
        let guard = deadline.begin_response();
        respond(
            request,
            peer,
            service.clone(),
            limits,
            deadline.clone(),
            guard,
        )
    });
    let connection = http1::Builder::new()
        .max_header_size(HEAD_LIMIT)
        .max_buf_size(HEAD_LIMIT)
        .serve_connection(stream, respond_to);
    let mut connection = pin!(connection);
    let mut expired = pin!(deadline.expired());
    let mut is_stopping = false;
    loop {
        tokio::select! {
            biased;
            ended = connection.as_mut() => {
                if let Err(cause) = ended {
                    tracing::debug!(%peer, %cause, "a connection failed");
                }
                return;
            }
            () = expired.as_mut() => {
                tracing::debug!(%peer, "a connection exceeded a time limit");
                return;
            }
            () = stop.cancelled(), if !is_stopping => {
                connection.as_mut().graceful_shutdown();
                is_stopping = true;
            }
        }
    }
}

/// Handles one request; the request counts as in flight until the body of its response has been
/// sent.
async fn respond(
    mut request: Request<Incoming>,
    peer: SocketAddr,
    service: impl HttpService,
    limits: ServerLimits,
    deadline: Arc<ConnectionDeadline>,
    guard: ResponseGuard,
) -> Result<Response<GuardedBody<ResponseGuard>>, Infallible> {
    let mut response = match protocol::respond_early(&request) {
        Some(response) => response,
        None => {
            let has_body = !request.body().is_end_stream();
            let extensions = request.extensions_mut();
            extensions.insert(ConnectInfo(peer));
            extensions.insert(ClientFinished(deadline.client_finished().clone()));
            let request = match has_body {
                true => {
                    extensions.insert(BodyDeadline(Instant::now() + limits.body));
                    let progress = deadline.begin_body();
                    request.map(|body| Body::new(RequestBody { body, progress }))
                }
                false => request.map(Body::new),
            };
            service.oneshot(request).await?
        }
    };
    protocol::remove_length(&mut response);
    protocol::set_reason_phrase(&mut response);
    Ok(response.map(|body| GuardedBody::new(body, guard)))
}

/// The body of a request; reports to the deadline of the connection when its reader waits for more.
#[derive(Debug)]
struct RequestBody {
    body: Incoming,
    progress: BodyProgress,
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if frame.is_pending() {
            self.progress.wait(context);
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
