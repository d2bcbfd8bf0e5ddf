//! The address of the client. It is resolved once, when a request enters the server, and stored in the
//! extensions of the request.
//!
//! `X-Forwarded-For` is used only when the peer is a trusted proxy; the client address is then the last
//! address in it that is not a trusted proxy. Limits count IPv6 addresses by their /64 network, because
//! one subscriber usually has a whole /64.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use axum::http::{Extensions, HeaderMap};
use ipnet::{IpNet, Ipv6Net};

/// The address of the client that sent a request. A request that is sent in process has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(IpAddr);

impl ClientAddress {
    /// Returns the address of a request's client, once [`resolve_client_address`] has found it.
    #[must_use]
    pub fn of(extensions: &Extensions) -> Option<ClientAddress> {
        extensions.get().copied()
    }

    /// Returns the address.
    #[must_use]
    pub fn ip(self) -> IpAddr {
        self.0
    }

    /// Returns the network that limits are counted by: the address itself, or its /64 for IPv6.
    #[must_use]
    pub fn network(self) -> IpNet {
        match self.0 {
            IpAddr::V4(_) => IpNet::from(self.0),
            IpAddr::V6(address) => {
                let net = Ipv6Net::new(address, 64).expect("64 is within 128");
                IpNet::V6(net.trunc())
            }
        }
    }
}

/// Adds the [`ClientAddress`] to the extensions of a request for which the server loop has stored the
/// peer address. No other code reads forwarding headers.
#[must_use]
pub fn resolve_client_address(mut request: Request, proxies: &[IpNet]) -> Request {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    if let Some(&ConnectInfo(peer)) = peer {
        let address = client(peer.ip(), request.headers(), proxies);
        request.extensions_mut().insert(ClientAddress(address));
    }
    request
}

/// Removes the headers in which proxies report the client. In a request that is sent in process only the
/// visitor can have written them.
pub(in crate::api) fn remove_forwarding_fields(headers: &mut HeaderMap) {
    const NAMES: [&str; 10] = [
        "forwarded",
        "via",
        "x-real-ip",
        "x-client-ip",
        "x-cluster-client-ip",
        "x-original-forwarded-for",
        "true-client-ip",
        "cf-connecting-ip",
        "cf-connecting-ipv6",
        "fastly-client-ip",
    ];
    let is_forwarding = |name: &str| name.starts_with("x-forwarded") || NAMES.contains(&name);
    let names = headers.keys().filter(|name| is_forwarding(name.as_str()));
    for name in names.cloned().collect::<Vec<_>>() {
        headers.remove(name);
    }
}

fn client(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let peer = peer.to_canonical();
    let is_proxy = |address: &IpAddr| proxies.iter().any(|proxy| proxy.contains(address));
    if !is_proxy(&peer) {
        return peer;
    }
    let fields = headers.get_all("x-forwarded-for").iter();
    let fields = fields.filter_map(|field| field.to_str().ok());
    let hops: Vec<&str> = fields.flat_map(|field| field.split(',')).collect();
    let mut client = peer;
    for hop in hops.iter().rev() {
        // Stops at text that is not an address: no proxy writes it, so the client wrote it.
        let Ok(address) = hop.trim().parse::<IpAddr>() else {
            break;
        };
        client = address.to_canonical();
        if !is_proxy(&client) {
            break;
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_is_the_last_untrusted_address_behind_trusted_proxies() {
        let proxies = [
            "10.0.0.0/8".parse().expect("a net"),
            "::1/128".parse().expect("a net"),
        ];
        let check = |peer: &str, forwarded: &[&str], expected: &str| {
            let mut headers = HeaderMap::new();
            for field in forwarded {
                headers.append("x-forwarded-for", field.parse().expect("a value"));
            }
            let peer_address = peer.parse().expect("an address");
            let found = ClientAddress(client(peer_address, &headers, &proxies)).network();
            assert_eq!(found.to_string(), expected, "{peer} {forwarded:?}");
        };
        check("192.0.2.1", &[], "192.0.2.1/32");
        check("192.0.2.1", &["198.51.100.7"], "192.0.2.1/32");
        check("10.1.1.1", &["198.51.100.7"], "198.51.100.7/32");
        check(
            "10.1.1.1",
            &["203.0.113.9, 198.51.100.7, 10.2.2.2"],
            "198.51.100.7/32",
        );
        check(
            "10.1.1.1",
            &["203.0.113.9", "198.51.100.7"],
            "198.51.100.7/32",
        );
        check(
            "10.1.1.1",
            &["203.0.113.9, nonsense, 10.3.3.3"],
            "10.3.3.3/32",
        );
        check("10.1.1.1", &[], "10.1.1.1/32");
        check("::1", &["2001:db8:1:2:3::4"], "2001:db8:1:2::/64");
        check("::ffff:10.1.1.1", &["198.51.100.7"], "198.51.100.7/32");
    }

    #[test]
    fn forwarding_fields_are_removed_and_others_stay() {
        let mut headers = HeaderMap::new();
        for name in [
            "x-forwarded-for",
            "x-forwarded-for",
            "x-forwarded-host",
            "forwarded",
            "x-real-ip",
            "true-client-ip",
            "accept",
            "x-forward",
        ] {
            let name = axum::http::HeaderName::from_static(name);
            headers.append(name, "192.0.2.1".parse().expect("a value"));
        }
        remove_forwarding_fields(&mut headers);
        let mut left: Vec<&str> = headers.keys().map(|name| name.as_str()).collect();
        left.sort_unstable();
        assert_eq!(left, ["accept", "x-forward"]);
    }
}
