//! The limits of visitors and sandboxes: configuration keys with their defaults.

use serde::{Deserialize, Serialize};

/// The limits of the sandboxes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// The maximum number of users in one sandbox.
    pub users: i64,
    /// The maximum number of sandboxes; beyond it those unused for longest are deleted.
    pub sandboxes: i64,
    /// Sandboxes created in an hour from one address (IPv6: from one /64), or by one account.
    pub sandboxes_per_hour: u32,
    /// Requests a minute in one sandbox.
    pub requests_per_minute: u32,
    /// Writes a minute in one sandbox.
    pub writes_per_minute: u32,
    /// Requests a minute to `/api/sandbox` and below, in one sandbox.
    pub sandbox_requests_per_minute: u32,
    /// Open event streams in one sandbox.
    pub event_streams_per_sandbox: u32,
    /// Open event streams from one address (IPv6: from one /64).
    pub event_streams_per_address: u32,
    /// Open event streams in all; must be well below the maximum number of connections.
    pub event_streams: u32,
    /// Seconds after which the server ends an event stream; the client then opens a new one.
    pub event_stream_seconds: u32,
    /// Bytes of the recorded exchanges of one sandbox, and of its undo log; beyond it the oldest are deleted.
    pub exchange_bytes: i64,
    /// Bytes of the recorded exchanges of all sandboxes, and of their undo logs; beyond it the oldest
    /// are deleted.
    pub record_bytes: i64,
    /// The maximum size of the SQLite file, in pages of 4096 bytes.
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
            // 1 GiB, more than twice the size of 100,000 new sandboxes.
            pages: 262_144,
        }
    }
}
