//! Accepts connections, limits their number, and closes them when the server stops.
//!
//! The routes and layers are in [`create_site`](crate::server::create_site).

use std::io;
use std::time::Duration;

use ipnet::IpNet;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::server::by_address::ConnectionsByAddress;
use crate::server::connection::{HttpService, serve_connection};
use crate::server::limits::ServerLimits;

/// The wait before accepting again when the system has no file descriptor for a new connection.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(500);

/// Serves until `stop` is cancelled. Then accepts no more connections, finishes the requests in
/// flight within the time limit, and closes the remaining connections.
///
/// Handlers find the peer address as [`ConnectInfo`](axum::extract::ConnectInfo) in the extensions
/// of the request. Connections from `proxies` are not limited by address, because they carry the
/// requests of many clients.
pub async fn serve(
    listener: TcpListener,
    service: impl HttpService,
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
                Ok((socket, peer)) => {
                    // Beyond the limit of its address, a connection is closed by dropping its socket.
                    if let Some(counted) = by_address.count(peer.ip()) {
                        let stop = stop.child_token();
                        let service = service.clone();
                        connections.spawn(async move {
                            serve_connection(socket, peer, service, limits, stop).await;
                            drop(counted);
                        });
                    }
                }
                Err(cause) => back_off(cause).await,
            }
        }
    }
    drop(listener);
    let finished = async { while connections.join_next().await.is_some() {} };
    if timeout(limits.drain, finished).await.is_err() {
        let open = connections.len();
        tracing::warn!(
            open,
            "connections were closed before their requests had finished, after {:?}",
            limits.drain
        );
        connections.shutdown().await;
    }
}

/// Handles an error of `accept`: waits for [`ACCEPT_BACKOFF`] when the system has run out of a
/// resource; does nothing when the client caused the error.
async fn back_off(cause: io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(
        cause.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    ) {
        tracing::error!(%cause, "cannot accept a connection");
        sleep(ACCEPT_BACKOFF).await;
    }
}
