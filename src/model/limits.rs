//! How much visitors may use: configuration keys with their defaults.

use serde::{Deserialize, Serialize};

/// How much there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Users in one sandbox.
    pub users: i64,
    /// Sandboxes in all; beyond that the longest unused go.
    pub sandboxes: i64,
    /// Sandboxes made in an hour from one address (IPv6: from one /64), or by one account.
    pub sandboxes_per_hour: u32,
    /// Requests in a minute in one sandbox.
    pub requests_per_minute: u32,
    /// Writes in a minute in one sandbox.
    pub writes_per_minute: u32,
    /// Requests in a minute to `/api/sandbox` and what is below it, in one sandbox.
    pub sandbox_requests_per_minute: u32,
    /// Streams of events at a time in one sandbox.
    pub event_streams_per_sandbox: u32,
    /// Streams of events at a time from one address (IPv6: from one /64).
    pub event_streams_per_address: u32,
    /// Streams of events at a time in all: well below the number of connections.
    pub event_streams: u32,
    /// Seconds after which a stream of events ends; the client continues with a new one.
    pub event_stream_seconds: u32,
    /// Bytes of recorded exchanges in one sandbox, and of its undo log; the oldest go.
    pub exchange_bytes: i64,
    /// Bytes of recorded exchanges in all sandboxes, and of their undo logs; the oldest go.
    pub record_bytes: i64,
    /// Size of the SQLite file, in pages of 4096 bytes.
    pub pages: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            users: 500,
            sandboxes: 100_000,
            sandboxes_per_hour: 600,
            requests_per_minute: 3000,
            writes_per_minute: 600,
            sandbox_requests_per_minute: 1200,
            event_streams_per_sandbox: 5,
            event_streams_per_address: 600,
            event_streams: 2048,
            event_stream_seconds: 3600,
            exchange_bytes: 1 << 20,
            record_bytes: 1 << 28,
            // 1 GiB, more than twice of what so many fresh sandboxes take.
            pages: 262_144,
        }
    }
}
