//! The clock: the only code that reads the system time.
//!
//! Code that depends on the current time receives a [`Clock`], so that a test can pass a clock that
//! it sets itself. Waits and timeouts use the timers of the async runtime instead.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// A source of the current time; cheap to clone.
#[derive(Clone, Debug)]
pub struct Clock(TimeSource);

#[derive(Clone, Debug)]
enum TimeSource {
    System,
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// Returns a clock that reads the system time.
    #[must_use]
    pub fn system() -> Clock {
        Clock(TimeSource::System)
    }

    /// Returns a clock that stands at `milliseconds` since 1970 until [`Clock::advance`] is called.
    #[must_use]
    pub fn manual(milliseconds: i64) -> Clock {
        Clock(TimeSource::Manual(Arc::new(AtomicI64::new(milliseconds))))
    }

    /// Returns the current time in milliseconds since 1970.
    #[must_use]
    pub fn now(&self) -> i64 {
        match &self.0 {
            TimeSource::System => system_time(),
            TimeSource::Manual(time) => time.load(Ordering::SeqCst),
        }
    }

    /// Advances a manual clock and its clones.
    ///
    /// # Panics
    /// When the clock reads the system time.
    pub fn advance(&self, milliseconds: i64) {
        let TimeSource::Manual(time) = &self.0 else {
            panic!("the system clock cannot be advanced");
        };
        time.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock")]
fn system_time() -> i64 {
    let now = SystemTime::now();
    match now.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_of_manual_clock_advance_together() {
        let clock = Clock::manual(5);
        let clone = clock.clone();
        clock.advance(7);
        assert_eq!(clone.now(), 12);
    }

    #[test]
    fn system_clock_is_past_2020() {
        assert!(Clock::system().now() > 1_577_836_800_000);
    }
}
