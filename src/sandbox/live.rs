//! What this process remembers of the sandboxes in use: whom a key opens, and how much was used.
//!
//! Rows are remembered so that a read is one statement. On SQLite nobody else writes them; on
//! PostgreSQL another instance may, so there they are forgotten after a second.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use moka::sync::Cache;

use crate::database::Engine;
use crate::model::behaviours::Behaviours;
use crate::sandbox::{SandboxId, SandboxKey};

/// How many sandboxes are remembered; the least used are forgotten first.
const REMEMBERED: u64 = 10_000;
/// How long a row is believed where others may write it.
const SHARED: Duration = Duration::from_secs(1);
/// How long a row is believed where nobody else writes it.
const OWNED: Duration = Duration::from_secs(300);
/// How long the use of a sandbox is remembered after the last; more than the longest window.
const IDLE: Duration = Duration::from_secs(600);

/// A sandbox that a key opened.
#[derive(Clone, Debug)]
pub struct CachedSandbox {
    /// Which one.
    pub id: SandboxId,
    /// How its API behaves.
    pub behaviours: Behaviours,
    /// How much was used of it.
    pub usage: Arc<SandboxUsage>,
    /// When it was made, in milliseconds since 1970.
    pub created_at: i64,
    pub(super) last_used_at: i64,
    pub(super) cookie_at: i64,
}

/// How much was used of a sandbox, as far as this process has seen.
#[derive(Debug, Default)]
pub struct SandboxUsage {
    /// Requests of any kind.
    pub requests: RateWindow,
    /// Writes.
    pub writes: RateWindow,
    /// Requests to `/api/sandbox` and what is below it.
    pub sandbox: RateWindow,
    /// Requests under the limit of its behaviours.
    pub limited: RateWindow,
    turns: AtomicU32,
    busy: Mutex<HashSet<String>>,
}

impl SandboxUsage {
    /// SandboxCounts a request, and answers which one it is, from 1.
    pub fn turn(&self) -> u32 {
        self.turns.fetch_add(1, Ordering::Relaxed).wrapping_add(1)
    }

    /// Begins what nobody else may do under the same name until it is dropped.
    #[must_use]
    pub fn occupy(self: &Arc<Self>, name: &str) -> Option<NameLock> {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        busy.insert(name.to_owned()).then(|| NameLock {
            usage: self.clone(),
            name: name.to_owned(),
        })
    }
}

/// A name that is in use; see [`SandboxUsage::occupy`].
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

/// SandboxCounts within a stretch of time, which begins with the first count after the last stretch.
#[derive(Debug, Default)]
pub struct RateWindow(Mutex<(i64, u32)>);

/// What a window says after a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowCount {
    /// Whether it was within the limit; beyond it nothing is counted.
    pub allowed: bool,
    /// How many are left.
    pub left: u32,
    /// Seconds until the stretch ends, at least 1.
    pub reset: u32,
}

impl RateWindow {
    /// SandboxCounts one at `now`, of `limit` within `length`; times in milliseconds.
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
    /// Takes a count back that was for nothing.
    pub fn give_back(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.1 = state.1.saturating_sub(1);
    }
}

/// The memory itself; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct SandboxCache {
    rows: Cache<Vec<u8>, Arc<CachedSandbox>>,
    /// How often a row was forgotten: what was read before that is not kept after it.
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

    /// What [`SandboxCache::keep`] is told by whoever reads a row after this.
    pub(super) fn generation(&self) -> u64 {
        *self.lock()
    }

    /// Keeps a row, unless one was forgotten since it began to be read.
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

    /// Lets a row go that was written: the next request reads it.
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
    fn a_window_lets_so_many_pass_and_begins_anew() {
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
    fn row_read_before_a_write_is_not_kept_after_it() {
        let memory = SandboxCache::new(Engine::Sqlite);
        let key = SandboxKey::random();
        let live = |latency_ms| CachedSandbox {
            id: SandboxId(1),
            behaviours: Behaviours {
                latency_ms,
                ..Behaviours::default()
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
        assert_eq!(found.behaviours.latency_ms, 2);
    }

    #[test]
    fn a_name_is_free_again_when_it_is_dropped() {
        let usage = Arc::new(SandboxUsage::default());
        let first = usage.occupy("a");
        assert!(first.is_some() && usage.occupy("a").is_none() && usage.occupy("b").is_some());
        drop(first);
        assert!(usage.occupy("a").is_some());
    }
}
