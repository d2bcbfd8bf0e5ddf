//! The in-memory cache of the sandboxes in use: the row that a key opens, and the rate counters.
//!
//! Rows are cached so that a request that reads needs one statement only. On SQLite no other
//! process writes them; on PostgreSQL another instance may, so there a row is cached for one
//! second.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use moka::sync::Cache;

use crate::database::Engine;
use crate::model::behaviors::Behaviors;
use crate::sandbox::{SandboxId, SandboxKey, SandboxUsage};

/// The capacity of the cache in sandboxes; beyond it the least used are removed.
const CAPACITY: u64 = 10_000;
/// The time to live of a cached row on PostgreSQL, where other instances may write it.
const POSTGRES_TIME_TO_LIVE: Duration = Duration::from_secs(1);
/// The time to live of a cached row on SQLite, where no other process writes it.
const SQLITE_TIME_TO_LIVE: Duration = Duration::from_secs(300);
/// How long the counters of a sandbox are kept after their last use; longer than the longest rate
/// window.
const USAGE_TIME_TO_IDLE: Duration = Duration::from_secs(600);

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
        let time_to_live = match engine {
            Engine::Sqlite => SQLITE_TIME_TO_LIVE,
            Engine::Postgres => POSTGRES_TIME_TO_LIVE,
        };
        SandboxCache {
            rows: Cache::builder()
                .max_capacity(CAPACITY)
                .time_to_live(time_to_live)
                .build(),
            generation: Arc::default(),
            usages: Cache::builder()
                .max_capacity(CAPACITY)
                .time_to_idle(USAGE_TIME_TO_IDLE)
                .build(),
        }
    }

    pub(super) fn find(&self, key: &SandboxKey) -> Option<Arc<CachedSandbox>> {
        self.rows.get(&key.hash())
    }

    /// Returns the generation to pass to [`SandboxCache::insert`]; call it before the row is read.
    pub(super) fn generation(&self) -> u64 {
        *self.lock()
    }

    /// Caches a row that was read at generation `since`, unless a row was invalidated since then.
    pub(super) fn insert(
        &self,
        key: &SandboxKey,
        sandbox: CachedSandbox,
        since: u64,
    ) -> Arc<CachedSandbox> {
        let sandbox = Arc::new(sandbox);
        let generation = self.lock();
        if *generation == since {
            self.rows.insert(key.hash(), sandbox.clone());
        }
        sandbox
    }

    /// Invalidates the cached row of a sandbox that was changed, so that the next request reads it
    /// again.
    pub(super) fn invalidate(&self, key_hash: &[u8]) {
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
    fn row_read_before_invalidation_is_not_cached() {
        let cache = SandboxCache::new(Engine::Sqlite);
        let key = SandboxKey::random();
        let sandbox = |latency_ms| CachedSandbox {
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
        let since = cache.generation();
        cache.invalidate(&key.hash());
        cache.insert(&key, sandbox(1), since);
        assert!(cache.find(&key).is_none());
        cache.insert(&key, sandbox(2), cache.generation());
        let found = cache.find(&key).expect("a row");
        assert_eq!(found.behaviors.latency_ms, 2);
    }
}
