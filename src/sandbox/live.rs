//! The in-memory cache of the sandboxes in use: the row that a key opens, and the rate counters.
//!
//! Rows are cached so that a request that reads needs one statement only. On SQLite no other
//! process writes them; on PostgreSQL another instance may, so there a row is cached for one
//! second.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use moka::sync::Cache;

use crate::database::Engine;
use crate::model::behaviors::Behaviors;
use crate::sandbox::{SandboxId, SandboxKey};

/// The capacity of the cache in sandboxes; beyond it the least used are removed.
const REMEMBERED: u64 = 10_000;
/// The time to live of a cached row on PostgreSQL, where other instances may write it.
const SHARED: Duration = Duration::from_secs(1);
/// The time to live of a cached row on SQLite, where no other process writes it.
const OWNED: Duration = Duration::from_secs(300);
/// How long the counters of a sandbox are kept after their last use; longer than the longest rate
/// window.
const IDLE: Duration = Duration::from_secs(600);

/// The row of a sandbox, with its rate counters.
#[derive(Clone, Debug)]
pub struct CachedSandbox {
    /// The id of the sandbox.
    pub id: SandboxId,
    /// The behaviors of its API.
    pub behaviors: Behaviors,
    /// The rate counters, shared by all requests to the sandbox.
    pub usage: Arc<SandboxUsage>,
    /// The time of creation, in milliseconds since 1970.
    pub created_at: i64,
    pub(super) last_used_at: i64,
    pub(super) cookie_at: i64,
}

/// The rate counters and name locks of a sandbox in this process.
#[derive(Debug, Default)]
pub struct SandboxUsage {
    /// Requests of any kind.
    pub requests: RateWindow,
    /// Writes.
    pub writes: RateWindow,
    /// Requests to `/api/sandbox` and to the paths below it.
    pub sandbox: RateWindow,
    /// Requests that count against the rate limit set in the behaviors of the sandbox.
    pub limited: RateWindow,
    turns: AtomicU32,
    busy: Mutex<HashSet<String>>,
}

impl SandboxUsage {
    /// Counts a request and returns its sequence number, from 1.
    pub fn turn(&self) -> u32 {
        self.turns.fetch_add(1, Ordering::Relaxed).wrapping_add(1)
    }

    /// Locks `name` until the result is dropped. Returns `None` when the name is already locked.
    #[must_use]
    pub fn occupy(self: &Arc<Self>, name: &str) -> Option<NameLock> {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        busy.insert(name.to_owned()).then(|| NameLock {
            usage: self.clone(),
            name: name.to_owned(),
        })
    }
}

/// A lock on a name; see [`SandboxUsage::occupy`].
#[derive(Debug)]
pub struct NameLock {
    usage: Arc<SandboxUsage>,
    name: String,
}

impl Drop for NameLock {
    fn drop(&mut self) {
        let mut busy = self
            .usage
            .busy
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        busy.remove(&self.name);
    }
}

/// A counter for a time window. A window begins with the first count after the end of the previous
/// window.
#[derive(Debug, Default)]
pub struct RateWindow(Mutex<(i64, u32)>);

/// The state of a rate window after a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowCount {
    /// Whether the count was within the limit. A count beyond the limit is not added.
    pub allowed: bool,
    /// How many more counts the window allows.
    pub left: u32,
    /// Seconds until the window ends, at least 1.
    pub reset: u32,
}

impl RateWindow {
    /// Adds one count at the time `now`, if fewer than `limit` were added in the current window of
    /// `length`. Times are in milliseconds.
    pub fn count(&self, now: i64, limit: u32, length: i64) -> WindowCount {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (began, used) = &mut *state;
        if now >= *began + length || now < *began {
            (*began, *used) = (now, 0);
        }
        let allowed = *used < limit;
        *used += u32::from(allowed);
        let reset = (*began + length - now + 999) / 1000;
        WindowCount {
            allowed,
            left: limit.saturating_sub(*used),
            reset: u32::try_from(reset).unwrap_or(1).max(1),
        }
    }
}

impl RateWindow {
    /// Removes one count, for a request that must not count.
    pub fn give_back(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.1 = state.1.saturating_sub(1);
    }
}

/// The cache of sandbox rows and rate counters; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct SandboxCache {
    rows: Cache<Vec<u8>, Arc<CachedSandbox>>,
    /// The number of invalidations. A row read before the last one is not cached after it, because
    /// it can be out of date.
    generation: Arc<Mutex<u64>>,
    usages: Cache<i64, Arc<SandboxUsage>>,
}

impl SandboxCache {
    pub(super) fn new(engine: Engine) -> SandboxCache {
        let believed = match engine {
            Engine::Sqlite => OWNED,
            Engine::Postgres => SHARED,
        };
        SandboxCache {
            rows: Cache::builder()
                .max_capacity(REMEMBERED)
                .time_to_live(believed)
                .build(),
            generation: Arc::default(),
            usages: Cache::builder()
                .max_capacity(REMEMBERED)
                .time_to_idle(IDLE)
                .build(),
        }
    }

    pub(super) fn find(&self, key: &SandboxKey) -> Option<Arc<CachedSandbox>> {
        self.rows.get(&key.hash())
    }

    /// Returns the generation to pass to [`SandboxCache::keep`]; call it before the row is read.
    pub(super) fn generation(&self) -> u64 {
        *self.lock()
    }

    /// Caches a row that was read at generation `since`, unless a row was invalidated since then.
    pub(super) fn keep(
        &self,
        key: &SandboxKey,
        live: CachedSandbox,
        since: u64,
    ) -> Arc<CachedSandbox> {
        let live = Arc::new(live);
        let generation = self.lock();
        if *generation == since {
            self.rows.insert(key.hash(), live.clone());
        }
        live
    }

    /// Invalidates the cached row of a sandbox that was changed, so that the next request reads it
    /// again.
    pub(super) fn forget(&self, key_hash: &[u8]) {
        let mut generation = self.lock();
        *generation = generation.wrapping_add(1);
        self.rows.invalidate(key_hash);
    }

    fn lock(&self) -> MutexGuard<'_, u64> {
        self.generation
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn usage(&self, id: SandboxId) -> Arc<SandboxUsage> {
        self.usages.get_with(id.0, Arc::default)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_window_beyond_limit_refuses_until_it_ends() {
        let window = RateWindow::default();
        let counted = |allowed, left, reset| WindowCount {
            allowed,
            left,
            reset,
        };
        assert_eq!(window.count(1_000_000, 2, 60_000), counted(true, 1, 60));
        assert_eq!(window.count(1_000_001, 2, 60_000), counted(true, 0, 60));
        assert_eq!(window.count(1_059_500, 2, 60_000), counted(false, 0, 1));
        assert_eq!(window.count(1_060_000, 2, 60_000), counted(true, 1, 60));
    }

    #[test]
    fn row_read_before_invalidation_is_not_cached() {
        let memory = SandboxCache::new(Engine::Sqlite);
        let key = SandboxKey::random();
        let live = |latency_ms| CachedSandbox {
            id: SandboxId(1),
            behaviors: Behaviors {
                latency_ms,
                ..Behaviors::default()
            },
            usage: Arc::default(),
            created_at: 0,
            last_used_at: 0,
            cookie_at: 0,
        };
        let since = memory.generation();
        memory.forget(&key.hash());
        memory.keep(&key, live(1), since);
        assert!(memory.find(&key).is_none());
        memory.keep(&key, live(2), memory.generation());
        let found = memory.find(&key).expect("a row");
        assert_eq!(found.behaviors.latency_ms, 2);
    }

    #[test]
    fn dropped_name_lock_frees_the_name() {
        let usage = Arc::new(SandboxUsage::default());
        let first = usage.occupy("a");
        assert!(first.is_some() && usage.occupy("a").is_none() && usage.occupy("b").is_some());
        drop(first);
        assert!(usage.occupy("a").is_some());
    }
}
