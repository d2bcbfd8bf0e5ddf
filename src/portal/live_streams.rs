//! Limits the event streams of members, because each of them asks the database again and again.

use std::sync::Arc;

use moka::sync::Cache;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::model::account::AccountId;

/// The most open streams of one account.
const PER_ACCOUNT: usize = 5;
/// The most open streams in all.
const IN_ALL: usize = 200;
/// More accounts than can have a stream.
const ACCOUNTS: u64 = 1000;

/// The permits of event streams; clones share them.
#[derive(Clone, Debug)]
pub struct LiveStreams {
    all: Arc<Semaphore>,
    accounts: Cache<AccountId, Arc<Semaphore>>,
}

/// Belongs to one open stream; when it is dropped, the next one may begin.
#[derive(Debug)]
pub struct LiveStreamPermit {
    _all: OwnedSemaphorePermit,
    _account: OwnedSemaphorePermit,
}

impl LiveStreams {
    pub(super) fn new() -> LiveStreams {
        LiveStreams {
            all: Arc::new(Semaphore::new(IN_ALL)),
            accounts: Cache::new(ACCOUNTS),
        }
    }

    /// Returns a permit for a stream of an account, unless it or all together have too many.
    #[must_use]
    pub fn acquire(&self, account: AccountId) -> Option<LiveStreamPermit> {
        let limit = || Arc::new(Semaphore::new(PER_ACCOUNT));
        let own = self.accounts.get_with(account, limit);
        Some(LiveStreamPermit {
            _account: own.try_acquire_owned().ok()?,
            _all: self.all.clone().try_acquire_owned().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_limited_by_account_and_in_all() {
        let streams = LiveStreams::new();
        let open = |account| streams.acquire(AccountId(account));
        let mut permits: Vec<_> = (0..5).map(|_| open(1).expect("a permit")).collect();
        assert!(open(1).is_none());
        permits.pop();
        permits.push(open(1).expect("a permit"));
        permits.extend((0..195).map(|n| open(2 + n / 5).expect("a permit")));
        assert!(open(99).is_none());
        permits.clear();
        assert!(open(99).is_some());
    }
}
