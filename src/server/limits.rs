//! The limits of connections.

use std::time::Duration;

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
    /// The time limit for the requests in flight after the stop of the server has begun.
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
