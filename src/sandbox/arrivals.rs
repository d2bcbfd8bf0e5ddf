//! The tasks that wait for an exchange that is not recorded yet, by the id or group they wait for.
//!
//! An assembled exchange wakes only the tasks that wait for its id or group in its sandbox.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::model::exchange::Exchange;
use crate::sandbox::SandboxId;

/// The key of an entry: a sandbox, and the id or group of an exchange in it.
type Awaited = (SandboxId, String);

/// All waiting tasks.
#[derive(Debug, Default)]
pub(super) struct Arrivals(Mutex<HashMap<Awaited, Waiters>>);

#[derive(Debug, Default)]
struct Waiters {
    count: usize,
    notify: Arc<Notify>,
}

impl Arrivals {
    /// Registers a task for the exchanges with this id or group, until the result is dropped.
    pub(super) fn wait_for(self: &Arc<Self>, sandbox: SandboxId, name: &str) -> Waiting {
        let awaited = (sandbox, name.to_owned());
        let mut all = self.lock();
        let waiters = all.entry(awaited.clone()).or_default();
        waiters.count += 1;
        Waiting {
            notify: waiters.notify.clone(),
            awaited,
            arrivals: self.clone(),
        }
    }

    /// Wakes the tasks that wait for an exchange.
    pub(super) fn notify(&self, sandbox: SandboxId, exchange: &Exchange) {
        let all = self.lock();
        if all.is_empty() {
            return;
        }
        let names = [Some(&exchange.id), exchange.group.as_ref()];
        for name in names.into_iter().flatten() {
            if let Some(waiters) = all.get(&(sandbox, name.clone())) {
                waiters.notify.notify_waiters();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Awaited, Waiters>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The registration of a waiting task; dropping it removes the registration.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) notify: Arc<Notify>,
    awaited: Awaited,
    arrivals: Arc<Arrivals>,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut all = self.arrivals.lock();
        if let Some(waiters) = all.get_mut(&self.awaited) {
            waiters.count -= 1;
            if waiters.count == 0 {
                all.remove(&self.awaited);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropped_registration_removes_its_entry() {
        let arrivals = Arc::new(Arrivals::default());
        let one = arrivals.wait_for(SandboxId(1), "a");
        let other = arrivals.wait_for(SandboxId(1), "a");
        drop(one);
        assert_eq!(arrivals.lock().len(), 1);
        drop(other);
        assert!(arrivals.lock().is_empty());
    }
}
