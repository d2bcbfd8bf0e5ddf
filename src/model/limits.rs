//! The limits of visitors and sandboxes: configuration keys with their defaults.

use std::ops::RangeInclusive;

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

/// A limit that admins may change while the site runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitKey {
    /// [`Limits::requests_per_minute`].
    RequestsPerMinute,
    /// [`Limits::writes_per_minute`].
    WritesPerMinute,
    /// [`Limits::sandboxes_per_hour`].
    SandboxesPerHour,
}

impl LimitKey {
    /// Every key.
    pub const ALL: [LimitKey; 3] = [
        LimitKey::RequestsPerMinute,
        LimitKey::WritesPerMinute,
        LimitKey::SandboxesPerHour,
    ];

    /// Returns the name, which is that of the configuration key.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            LimitKey::RequestsPerMinute => "requests_per_minute",
            LimitKey::WritesPerMinute => "writes_per_minute",
            LimitKey::SandboxesPerHour => "sandboxes_per_hour",
        }
    }

    /// Returns the lowest and the highest value that admins may set.
    #[must_use]
    pub fn range(self) -> RangeInclusive<u32> {
        match self {
            // A lesson with its data panel sends some dozens of requests.
            LimitKey::RequestsPerMinute => 60..=100_000,
            LimitKey::WritesPerMinute => 20..=100_000,
            LimitKey::SandboxesPerHour => 1..=100_000,
        }
    }

    /// Returns the limit.
    #[must_use]
    pub fn of(self, limits: &Limits) -> u32 {
        match self {
            LimitKey::RequestsPerMinute => limits.requests_per_minute,
            LimitKey::WritesPerMinute => limits.writes_per_minute,
            LimitKey::SandboxesPerHour => limits.sandboxes_per_hour,
        }
    }

    /// Sets the limit.
    pub fn set(self, limits: &mut Limits, value: u32) {
        match self {
            LimitKey::RequestsPerMinute => limits.requests_per_minute = value,
            LimitKey::WritesPerMinute => limits.writes_per_minute = value,
            LimitKey::SandboxesPerHour => limits.sandboxes_per_hour = value,
        }
    }
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
