//! The loop that takes connections and answers the requests on them; HTTP/1 only, for browsers speak
//! HTTP/2 only over TLS, which is a proxy's part.
//!
//! Not here: what is answered; see [`router`](crate::server::router).

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
use crate::server::pace::{ConnectionDeadline, DeadlineStream, ResponseGuard};
use crate::server::protocol;

/// Largest head of a request, in bytes: beyond it the reply is 431, as it is beyond 100 fields. No
/// buffer of a connection grows larger either.
const HEAD: usize = HEAD_MAX;

/// Pause when the system has no descriptor for a new connection.
const BACK_OFF: Duration = Duration::from_millis(500);

/// What a client may take of the server.
#[derive(Clone, Copy, Debug)]
pub struct ServerLimits {
    /// Connections at a time; the next ones wait until one ends.
    pub connections: usize,
    /// Connections at a time from one address (IPv6: from one /64); the next ones are closed. A class
    /// of 200 behind one address has room for seven a browser. Trusted proxies are exempt.
    pub connections_per_address: usize,
    /// For the head of a request, from its first byte on; on a new connection from its begin.
    pub header: Duration,
    /// For the body of a request, all of it.
    pub body: Duration,
    /// Between a reply and the next request.
    pub idle: Duration,
    /// For a reply of which nothing more is taken.
    pub write: Duration,
    /// For the requests in flight, once the server shall stop.
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

/// When the body of a request must be there; an extension of each request that has one.
#[derive(Clone, Copy, Debug)]
pub(super) struct BodyDeadline(pub(super) Instant);

/// Is cancelled when the client has closed its side of the connection; an extension of each request.
#[derive(Clone, Debug)]
pub(super) struct ClientFinished(pub(super) CancellationToken);

/// Serves until `stop` is cancelled; then takes no more connections, finishes the requests in flight
/// as far as the limit lets it, and cuts off the rest.
///
/// Handlers find the address of the client as [`ConnectInfo`] among the request's extensions. The
/// connections of `proxies` are not limited by address: theirs are those of many clients.
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
                    // Beyond its share the socket is dropped, which closes it.
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

/// After a connection that did not come about: nothing when it was the client's doing, a pause when
/// the system has run out of something.
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

/// Answers what comes on one connection.
async fn converse(
    socket: TcpStream,
    client: SocketAddr,
    router: Router,
    limits: ServerLimits,
    stop: CancellationToken,
) {
    if let Err(cause) = socket.set_nodelay(true) {
        tracing::debug!(%cause, "replies may wait for each other");
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

/// Answers one request; the answer lasts until its body has been sent.
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
                    request.map(|body| Body::new(GuardedBody::new(Body::new(body), reading)))
                }
                false => request.map(Body::new),
            };
            router.oneshot(request).await?
        }
    };
    protocol::remove_length(&mut response);
    Ok(response.map(|body| GuardedBody::new(body, answering)))
}

/// A body, and something that is dropped with it.
#[derive(Debug)]
pub(super) struct GuardedBody<T> {
    body: Body,
    _held: T,
}

impl<T> GuardedBody<T> {
    /// Ties the two together.
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
