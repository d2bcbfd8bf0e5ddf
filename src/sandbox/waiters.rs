//! The tasks that wait for an exchange that is not recorded yet, by the id or group they wait for.
//!
//! An assembled exchange wakes only the tasks that wait for its id or group in its sandbox.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::model::exchange::Exchange;
use crate::sandbox::SandboxId;

/// The key of an entry: a sandbox, and the id or group of an exchange in it.
type WaiterKey = (SandboxId, String);

/// All waiting tasks.
#[derive(Debug, Default)]
pub(super) struct ExchangeWaiters(Mutex<HashMap<WaiterKey, WaiterGroup>>);

#[derive(Debug, Default)]
struct WaiterGroup {
    count: usize,
    notify: Arc<Notify>,
}

impl ExchangeWaiters {
    /// Registers a task for the exchanges with this id or group, until the result is dropped.
    pub(super) fn register(self: &Arc<Self>, sandbox: SandboxId, name: &str) -> WaiterRegistration {
        let key = (sandbox, name.to_owned());
        let mut all = self.lock();
        let group = all.entry(key.clone()).or_default();
        group.count += 1;
        WaiterRegistration {
            notify: group.notify.clone(),
            key,
            waiters: self.clone(),
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
            if let Some(group) = all.get(&(sandbox, name.clone())) {
                group.notify.notify_waiters();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<WaiterKey, WaiterGroup>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The registration of a waiting task; dropping it removes the registration.
#[derive(Debug)]
pub(super) struct WaiterRegistration {
    pub(super) notify: Arc<Notify>,
    key: WaiterKey,
    waiters: Arc<ExchangeWaiters>,
}

impl Drop for WaiterRegistration {
    fn drop(&mut self) {
        let mut all = self.waiters.lock();
        if let Some(group) = all.get_mut(&self.key) {
            group.count -= 1;
            if group.count == 0 {
                all.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropped_registration_removes_its_entry() {
        let waiters = Arc::new(ExchangeWaiters::default());
        let one = waiters.register(SandboxId(1), "a");
        let other = waiters.register(SandboxId(1), "a");
        drop(one);
        assert_eq!(waiters.lock().len(), 1);
        drop(other);
        assert!(waiters.lock().is_empty());
    }
}
