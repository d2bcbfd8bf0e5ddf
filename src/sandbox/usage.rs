//! The rate counters and name locks of one sandbox in this process.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

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
    request_sequence: AtomicU32,
    locked_names: Mutex<HashSet<String>>,
}

impl SandboxUsage {
    /// Counts a request and returns its sequence number, from 1.
    pub fn next_request_number(&self) -> u32 {
        self.request_sequence
            .fetch_add(1, Ordering::Relaxed)
            .wrapping_add(1)
    }

    /// Locks `name` until the result is dropped. Returns `None` when the name is already locked.
    #[must_use]
    pub fn try_lock(self: &Arc<Self>, name: &str) -> Option<NameLock> {
        let mut locked_names = self
            .locked_names
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        locked_names.insert(name.to_owned()).then(|| NameLock {
            usage: self.clone(),
            name: name.to_owned(),
        })
    }
}

/// A lock on a name; see [`SandboxUsage::try_lock`].
#[derive(Debug)]
pub struct NameLock {
    usage: Arc<SandboxUsage>,
    name: String,
}

impl Drop for NameLock {
    fn drop(&mut self) {
        let mut locked_names = self
            .usage
            .locked_names
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        locked_names.remove(&self.name);
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
    pub fn remove_count(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.1 = state.1.saturating_sub(1);
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
    fn dropped_name_lock_frees_the_name() {
        let usage = Arc::new(SandboxUsage::default());
        let first = usage.try_lock("a");
        assert!(first.is_some() && usage.try_lock("a").is_none() && usage.try_lock("b").is_some());
        drop(first);
        assert!(usage.try_lock("a").is_some());
    }
}
