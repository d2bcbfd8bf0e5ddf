//! Limits the number of connections per client address, so that one address cannot use all of them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use ipnet::{IpNet, Ipv6Net};

/// The number of open connections per address. The map contains only addresses with an open
/// connection, so its size is bounded by the number of connections.
#[derive(Debug)]
pub(super) struct ConnectionsByAddress {
    limit: usize,
    exempt: Vec<IpNet>,
    open: Arc<Mutex<HashMap<IpNet, usize>>>,
}

/// A connection that is counted until this value is dropped.
#[derive(Debug)]
pub(super) struct CountedConnection {
    /// `None` for an address that is exempt from the limit.
    block: Option<IpNet>,
    open: Arc<Mutex<HashMap<IpNet, usize>>>,
}

impl ConnectionsByAddress {
    pub(super) fn new(limit: usize, exempt: &[IpNet]) -> ConnectionsByAddress {
        ConnectionsByAddress {
            limit,
            exempt: exempt.to_vec(),
            open: Arc::default(),
        }
    }

    /// Counts a connection; returns `None` when the address has reached its limit.
    pub(super) fn count(&self, address: IpAddr) -> Option<CountedConnection> {
        let address = address.to_canonical();
        let is_exempt = self.exempt.iter().any(|net| net.contains(&address));
        let block = (!is_exempt).then(|| block(address));
        if let Some(block) = block {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            let connections = open.entry(block).or_default();
            if *connections >= self.limit {
                return None;
            }
            *connections += 1;
        }
        Some(CountedConnection {
            block,
            open: self.open.clone(),
        })
    }
}

impl Drop for CountedConnection {
    fn drop(&mut self) {
        let Some(block) = self.block else { return };
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut connections) = open.entry(block) {
            *connections.get_mut() -= 1;
            if *connections.get() == 0 {
                connections.remove();
            }
        }
    }
}

/// Returns the address block that one subscriber usually has: an IPv4 address, or an IPv6 /64.
fn block(address: IpAddr) -> IpNet {
    match address {
        IpAddr::V4(_) => address.into(),
        IpAddr::V6(address) => Ipv6Net::new(address, 64)
            .map_or_else(|_| IpAddr::V6(address).into(), |net| net.trunc().into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn connections_over_the_limit_of_an_address_are_refused_until_one_ends() {
        let proxy = "10.0.0.0/8".parse().expect("a network");
        let connections = ConnectionsByAddress::new(1, &[proxy]);
        for (first, second, other) in [
            ("192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2"),
            ("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"),
        ] {
            let counted = connections.count(address(first)).expect("the first");
            assert!(connections.count(address(second)).is_none(), "{second}");
            assert!(connections.count(address(other)).is_some(), "{other}");
            drop(counted);
            assert!(connections.count(address(second)).is_some(), "{second}");
        }
        let from_proxy: Vec<_> = (0..3)
            .map(|_| connections.count(address("10.1.2.3")))
            .collect();
        assert!(from_proxy.iter().all(Option::is_some));
        drop(from_proxy);
        let open = connections.open.lock().expect("not poisoned");
        assert!(open.is_empty(), "{open:?}");
    }
}
