//! The only place that asks the system for the time.
//!
//! What depends on time is handed a [`Clock`], so that a test can hand it one that it moves
//! itself. Waiting and deadlines are not here: those are the runtime's.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// A source of the time; cheap to clone.
#[derive(Clone, Debug)]
pub struct Clock(TimeSource);

#[derive(Clone, Debug)]
enum TimeSource {
    System,
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The time of the machine.
    #[must_use]
    pub fn system() -> Clock {
        Clock(TimeSource::System)
    }

    /// A clock that stands at `milliseconds` since 1970 until it is moved.
    #[must_use]
    pub fn manual(milliseconds: i64) -> Clock {
        Clock(TimeSource::Manual(Arc::new(AtomicI64::new(milliseconds))))
    }

    /// The time: milliseconds since 1970.
    #[must_use]
    pub fn now(&self) -> i64 {
        match &self.0 {
            TimeSource::System => system_time(),
            TimeSource::Manual(time) => time.load(Ordering::SeqCst),
        }
    }

    /// Moves a manual clock, and its clones, forward.
    ///
    /// # Panics
    /// When it is the clock of the machine.
    pub fn advance(&self, milliseconds: i64) {
        let TimeSource::Manual(time) = &self.0 else {
            panic!("the time of the machine cannot be moved");
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
    fn clones_of_a_manual_clock_move_together() {
        let clock = Clock::manual(5);
        let clone = clock.clone();
        clock.advance(7);
        assert_eq!(clone.now(), 12);
    }

    #[test]
    fn the_system_clock_is_past_2020() {
        assert!(Clock::system().now() > 1_577_836_800_000);
    }
}
