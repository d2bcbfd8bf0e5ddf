//! The counters of created sandboxes, one for each address and each account.

use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use crate::model::account::AccountId;
use crate::sandbox::RateWindow;

/// The length of the rate window, in milliseconds.
pub(super) const HOUR: i64 = 3_600_000;
/// The maximum number of counters. Beyond it the least recently used counters are dropped.
const CAPACITY: u64 = 100_000;

/// A counter of created sandboxes for each address and each account; cheap to clone.
///
/// The counters are kept in the memory of the process. A table in the database, which several instances
/// share, would turn every counted request into a write, although the limit only has to protect one
/// process from overload; so each of several instances counts separately. The total number of
/// sandboxes, which limits disk use, is counted in the shared database. The crate `governor` is not
/// used: its keyed limiter has no maximum number of keys, it cannot undo the count of a write that
/// failed, and it reports a rate instead of the remaining quota and the end of the window, which
/// `RateLimit` contains.
#[derive(Clone, Debug)]
pub struct SandboxCreationLimiter(Cache<Creator, Arc<RateWindow>>);

/// The client that creates a sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Creator {
    /// A network address.
    Address(IpNet),
    /// An account of the portal.
    Account(AccountId),
}

impl Default for SandboxCreationLimiter {
    fn default() -> SandboxCreationLimiter {
        SandboxCreationLimiter(
            Cache::builder()
                .max_capacity(CAPACITY)
                .eviction_policy(EvictionPolicy::lru())
                .time_to_idle(Duration::from_secs(3600))
                .build(),
        )
    }
}

impl SandboxCreationLimiter {
    /// Returns the rate window of a creator, which is new when there was none.
    pub(super) fn window(&self, creator: Creator) -> Arc<RateWindow> {
        self.0.get_with(creator, Arc::default)
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    #[test]
    fn number_of_counters_stays_limited_after_a_million_addresses() {
        let limiter = SandboxCreationLimiter::default();
        let address = |number: u32| Creator::Address(IpAddr::V4(Ipv4Addr::from(number)).into());
        for number in 0..1_000_000 {
            limiter.window(address(number)).count(0, 2, HOUR);
        }
        limiter.0.run_pending_tasks();
        let count = limiter.0.entry_count();
        assert!((CAPACITY / 2..=CAPACITY).contains(&count), "{count}");
        // The counters of the last addresses are kept; those of the first were dropped.
        let left = |number| limiter.window(address(number)).count(0, 2, HOUR).left;
        assert_eq!((left(999_999), left(0)), (0, 1));
    }
}
