//! Accepts connections and serves the requests on them. Speaks HTTP/1 only: browsers use HTTP/2
//! only over TLS, and TLS is terminated by a proxy.
//!
//! The routes and layers are in [`router`](crate::server::router).

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::ConnectInfo;
use axum::http::{Request, Response};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use ipnet::IpNet;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::model::http::HEAD_MAX;
use crate::server::by_address::ConnectionsByAddress;
use crate::server::pace::{ConnectionDeadline, DeadlineStream, ReadingBody, ResponseGuard};
use crate::server::protocol;

/// The largest head of a request, in bytes. A larger head is refused with 431, as are more than 100
/// fields. No buffer of a connection grows beyond this size.
const HEAD: usize = HEAD_MAX;

/// The pause before accepting again when the system has no file descriptor for a new connection.
const BACK_OFF: Duration = Duration::from_millis(500);

/// The limits of connections.
#[derive(Clone, Copy, Debug)]
pub struct ServerLimits {
    /// The maximum number of open connections; further ones wait until one is closed.
    pub connections: usize,
    /// The maximum number of open connections from one address (IPv6: from one /64); further ones
    /// are closed. A class of 200 behind one address has seven connections per browser. Trusted
    /// proxies are exempt.
    pub connections_per_address: usize,
    /// The time limit for the head of a request, from its first byte; for the first request, from
    /// the start of the connection.
    pub header: Duration,
    /// The time limit for the whole body of a request.
    pub body: Duration,
    /// The time that a connection may be idle between a response and the next request.
    pub idle: Duration,
    /// The time after which a connection is closed when the client reads no more of a response.
    pub write: Duration,
    /// The time limit for the requests in flight after the server has been asked to stop.
    pub drain: Duration,
}

impl Default for ServerLimits {
    fn default() -> ServerLimits {
        ServerLimits {
            connections: 4096,
            connections_per_address: 1400,
            header: Duration::from_secs(10),
            body: Duration::from_secs(30),
            idle: Duration::from_secs(60),
            write: Duration::from_secs(30),
            drain: Duration::from_secs(20),
        }
    }
}

/// The deadline for the body of a request; an extension of each request that has a body.
#[derive(Clone, Copy, Debug)]
pub(super) struct BodyDeadline(pub(super) Instant);

/// A token that is cancelled when the client closes its side of the connection; an extension of
/// each request.
#[derive(Clone, Debug)]
pub(super) struct ClientFinished(pub(super) CancellationToken);

/// Serves until `stop` is cancelled. Then accepts no more connections, finishes the requests in
/// flight within the time limit, and closes the remaining connections.
///
/// Handlers find the client address as [`ConnectInfo`] in the extensions of the request.
/// Connections from `proxies` are not limited by address, because they carry the requests of many
/// clients.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ServerLimits,
    proxies: &[IpNet],
    stop: CancellationToken,
) {
    let mut connections = JoinSet::new();
    let by_address = ConnectionsByAddress::new(limits.connections_per_address, proxies);
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept(), if connections.len() < limits.connections => match accepted {
                Ok((socket, client)) => {
                    // The limit of the address has been reached; dropping the socket closes it.
                    if let Some(counted) = by_address.count(client.ip()) {
                        let stop = stop.child_token();
                        let router = router.clone();
                        connections.spawn(async move {
                            converse(socket, client, router, limits, stop).await;
                            drop(counted);
                        });
                    }
                }
                Err(cause) => rest(cause).await,
            }
        }
    }
    drop(listener);
    let finished = async { while connections.join_next().await.is_some() {} };
    if timeout(limits.drain, finished).await.is_err() {
        let open = connections.len();
        tracing::warn!(
            open,
            "requests were cut off at the end of {:?}",
            limits.drain
        );
        connections.shutdown().await;
    }
}

/// Handles an error of `accept`: does nothing when the client caused it, and pauses when the system
/// has run out of a resource.
async fn rest(cause: io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(
        cause.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    ) {
        tracing::error!(%cause, "no connection can be taken");
        sleep(BACK_OFF).await;
    }
}

/// Serves the requests on one connection.
async fn converse(
    socket: TcpStream,
    client: SocketAddr,
    router: Router,
    limits: ServerLimits,
    stop: CancellationToken,
) {
    if let Err(cause) = socket.set_nodelay(true) {
        tracing::debug!(%cause, "responses may wait for each other");
    }
    let pace = ConnectionDeadline::new(limits);
    let stream = TokioIo::new(DeadlineStream::new(socket, pace.clone()));
    let service =
        service_fn(|request| answer(request, client, router.clone(), limits, pace.clone()));
    let connection = http1::Builder::new()
        .max_header_size(HEAD)
        .max_buf_size(HEAD)
        .serve_connection(stream, service);
    let mut connection = pin!(connection);
    let mut overdue = pin!(pace.overdue());
    let mut stopping = false;
    loop {
        tokio::select! {
            biased;
            ended = connection.as_mut() => {
                if let Err(cause) = ended {
                    tracing::debug!(%client, %cause, "a connection broke");
                }
                return;
            }
            () = overdue.as_mut() => {
                tracing::debug!(%client, "a connection took too long");
                return;
            }
            () = stop.cancelled(), if !stopping => {
                connection.as_mut().graceful_shutdown();
                stopping = true;
            }
        }
    }
}

/// Handles one request; the request counts as in flight until the body of its response has been
/// sent.
async fn answer(
    mut request: Request<Incoming>,
    client: SocketAddr,
    router: Router,
    limits: ServerLimits,
    pace: Arc<ConnectionDeadline>,
) -> Result<Response<GuardedBody<ResponseGuard>>, Infallible> {
    let answering = pace.answer();
    let mut response = match protocol::answer(&request) {
        Some(response) => response,
        None => {
            let has_body = !request.body().is_end_stream();
            let extensions = request.extensions_mut();
            extensions.insert(ConnectInfo(client));
            extensions.insert(ClientFinished(pace.finished().clone()));
            let request = match has_body {
                true => {
                    extensions.insert(BodyDeadline(Instant::now() + limits.body));
                    let reading = pace.read();
                    request.map(|body| Body::new(RequestBody { body, reading }))
                }
                false => request.map(Body::new),
            };
            router.oneshot(request).await?
        }
    };
    protocol::remove_length(&mut response);
    Ok(response.map(|body| GuardedBody::new(body, answering)))
}

/// A body with a guard that is dropped together with it.
#[derive(Debug)]
pub(super) struct GuardedBody<T> {
    body: Body,
    _held: T,
}

impl<T> GuardedBody<T> {
    /// Combines a body and its guard.
    pub(super) fn new(body: Body, held: T) -> GuardedBody<T> {
        GuardedBody { body, _held: held }
    }
}

impl<T: Unpin> HttpBody for GuardedBody<T> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of a request, which tells the connection when more of it is waited for.
#[derive(Debug)]
struct RequestBody {
    body: Incoming,
    reading: ReadingBody,
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
            self.reading.wait(context);
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
