//! The listeners to the exchanges of sandboxes: one channel for each sandbox that has listeners.
//!
//! An exchange is sent to the listeners of its own sandbox only, so that the tasks of other
//! listeners are not woken. The format of the events is in `api::resources::exchange`.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ipnet::IpNet;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::model::exchange::Exchange;
use crate::model::limits::Limits;
use crate::sandbox::SandboxId;

/// The number of exchanges kept for a slow listener; beyond it the oldest are dropped.
const CAPACITY: usize = 64;

/// The limits for which a further event stream is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooManyStreams {
    /// The sandbox has its maximum number of event streams.
    #[error("the sandbox has {0} event streams")]
    OfSandbox(u32),
    /// The client address has its maximum number of event streams.
    #[error("the address has {0} event streams")]
    OfClient(u32),
    /// The server has its maximum number of event streams.
    #[error("the server has {0} event streams")]
    OfServer(u32),
}

/// The channels of all sandboxes with listeners; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct EventChannels {
    open: Arc<Mutex<OpenChannels>>,
    limits: Limits,
}

#[derive(Debug, Default)]
struct OpenChannels {
    channels: HashMap<SandboxId, broadcast::Sender<Arc<Exchange>>>,
    /// The number of listeners of all channels.
    listeners: u32,
    /// The number of listeners for each client address that has any.
    by_client: HashMap<IpNet, u32>,
}

impl EventChannels {
    pub(super) fn new(limits: Limits) -> EventChannels {
        EventChannels {
            open: Arc::default(),
            limits,
        }
    }

    /// Sends an exchange to the listeners of its sandbox, if there are any.
    pub(super) fn send(&self, sandbox: SandboxId, exchange: &Arc<Exchange>) {
        if let Some(channel) = self.lock().channels.get(&sandbox) {
            // Fails only when the last listener has gone and the channel is about to be removed.
            let _ = channel.send(exchange.clone());
        }
    }

    /// Adds a listener from an address to a sandbox, until the subscription is dropped.
    pub(super) fn subscribe(
        &self,
        sandbox: SandboxId,
        client: Option<IpNet>,
    ) -> Result<Subscription, TooManyStreams> {
        let Limits {
            event_streams,
            event_streams_per_address,
            event_streams_per_sandbox,
            ..
        } = self.limits;
        let mut open = self.lock();
        let of_sandbox = open
            .channels
            .get(&sandbox)
            .map_or(0, broadcast::Sender::receiver_count);
        if of_sandbox >= event_streams_per_sandbox as usize {
            return Err(TooManyStreams::OfSandbox(event_streams_per_sandbox));
        }
        if open.listeners >= event_streams {
            return Err(TooManyStreams::OfServer(event_streams));
        }
        if let Some(client) = client {
            let of_client = open.by_client.entry(client).or_default();
            if *of_client >= event_streams_per_address {
                return Err(TooManyStreams::OfClient(event_streams_per_address));
            }
            *of_client += 1;
        }
        open.listeners += 1;
        let channel = open
            .channels
            .entry(sandbox)
            .or_insert_with(|| broadcast::channel(CAPACITY).0);
        Ok(Subscription {
            receiver: channel.subscribe(),
            _listener: Listener {
                channels: self.clone(),
                sandbox,
                client,
            },
        })
    }

    /// Ends all subscriptions to a sandbox.
    pub(super) fn close(&self, sandbox: SandboxId) {
        self.lock().channels.remove(&sandbox);
    }

    fn lock(&self) -> MutexGuard<'_, OpenChannels> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A subscription to one sandbox. The order of the fields matters: the receiver is dropped first,
/// so that `receiver_count` excludes it when the listener is removed.
#[derive(Debug)]
pub struct Subscription {
    receiver: broadcast::Receiver<Arc<Exchange>>,
    _listener: Listener,
}

/// An item that a listener receives.
#[derive(Clone, Debug)]
pub enum SubscriptionItem {
    /// A recorded exchange.
    Exchange(Arc<Exchange>),
    /// The listener was too slow, and this number of exchanges was dropped.
    Lagged(u64),
}

impl Subscription {
    /// Waits for the next item. Returns `None` when the sandbox was deleted.
    pub async fn next(&mut self) -> Option<SubscriptionItem> {
        match self.receiver.recv().await {
            Ok(exchange) => Some(SubscriptionItem::Exchange(exchange)),
            Err(RecvError::Lagged(count)) => Some(SubscriptionItem::Lagged(count)),
            Err(RecvError::Closed) => None,
        }
    }
}

#[derive(Debug)]
struct Listener {
    channels: EventChannels,
    sandbox: SandboxId,
    client: Option<IpNet>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut open = self.channels.lock();
        open.listeners = open.listeners.saturating_sub(1);
        if let Some(client) = self.client
            && let Entry::Occupied(mut of_client) = open.by_client.entry(client)
        {
            *of_client.get_mut() -= 1;
            if *of_client.get() == 0 {
                of_client.remove();
            }
        }
        if let Some(channel) = open.channels.get(&self.sandbox)
            && channel.receiver_count() == 0
        {
            open.channels.remove(&self.sandbox);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channels(change: impl FnOnce(&mut Limits)) -> EventChannels {
        let mut limits = Limits::default();
        change(&mut limits);
        EventChannels::new(limits)
    }

    /// Returns the numbers of channels, listeners and addresses.
    fn open(channels: &EventChannels) -> (usize, u32, usize) {
        let open = channels.lock();
        (open.channels.len(), open.listeners, open.by_client.len())
    }

    fn client(address: &str) -> Option<IpNet> {
        Some(address.parse().expect("a network"))
    }

    #[test]
    fn channel_is_removed_with_its_last_listener() {
        let channels = channels(|_| {});
        let client = client("192.0.2.1/32");
        let subscribe = |sandbox| channels.subscribe(SandboxId(sandbox), client);
        let (first, second) = (subscribe(1).expect("1"), subscribe(1).expect("2"));
        let other = subscribe(2).expect("3");
        assert_eq!(open(&channels), (2, 3, 1));
        drop(first);
        assert_eq!(open(&channels), (2, 2, 1));
        drop(second);
        assert_eq!(open(&channels), (1, 1, 1));
        drop(other);
        assert_eq!(open(&channels), (0, 0, 0));
    }

    #[test]
    fn listeners_beyond_a_limit_are_refused_until_one_leaves() {
        let channels = channels(|limits| {
            (limits.event_streams_per_sandbox, limits.event_streams) = (2, 3);
        });
        let subscribe = |sandbox| channels.subscribe(SandboxId(sandbox), None);
        let one = (subscribe(1).expect("1"), subscribe(1).expect("2"));
        assert_eq!(subscribe(1).err(), Some(TooManyStreams::OfSandbox(2)));
        let two = subscribe(2).expect("3");
        assert_eq!(subscribe(2).err(), Some(TooManyStreams::OfServer(3)));
        drop(two);
        subscribe(2).expect("there is room again");
        drop(one);
        subscribe(1).expect("there is room again");
    }

    #[test]
    fn listeners_of_one_address_beyond_its_share_are_refused() {
        let channels = channels(|limits| limits.event_streams_per_address = 1);
        let subscribe = |sandbox, address| channels.subscribe(SandboxId(sandbox), client(address));
        let one = subscribe(1, "192.0.2.1/32").expect("the first of the address");
        let refused = subscribe(2, "192.0.2.1/32").err();
        assert_eq!(refused, Some(TooManyStreams::OfClient(1)));
        subscribe(2, "192.0.2.2/32").expect("of another address");
        drop(one);
        subscribe(2, "192.0.2.1/32").expect("there is room again");
    }

    #[tokio::test]
    async fn subscription_ends_with_its_sandbox() {
        let channels = channels(|_| {});
        let mut one = channels
            .subscribe(SandboxId(1), None)
            .expect("a subscription");
        channels.close(SandboxId(1));
        assert!(one.next().await.is_none());
        drop(one);
        assert_eq!(open(&channels), (0, 0, 0));
    }
}
