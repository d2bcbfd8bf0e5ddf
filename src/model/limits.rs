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
    /// Sandboxes made in an hour from one address (IPv6: from one /64).
    pub sandboxes_per_hour: u32,
    /// Requests in a minute in one sandbox.
    pub requests_per_minute: u32,
    /// Writes in a minute in one sandbox.
    pub writes_per_minute: u32,
    /// Bytes of recorded exchanges in one sandbox; the oldest go.
    pub exchange_bytes: i64,
    /// Size of the SQLite file, in pages of 4096 bytes.
    pub pages: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            users: 500,
            sandboxes: 100_000,
            sandboxes_per_hour: 30,
            requests_per_minute: 3000,
            writes_per_minute: 600,
            exchange_bytes: 1 << 20,
            // 1 GiB, more than twice of what so many fresh sandboxes take.
            pages: 262_144,
        }
    }
}
