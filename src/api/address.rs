//! From where a request comes, as far as it can be believed.
//!
//! `X-Forwarded-For` is believed only of peers that are configured proxies, and of it the last
//! address that is not one of them. IPv6 is told apart by /64: that is what one subscriber has.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};
use ipnet::{IpNet, Ipv6Net};

use crate::api::ApiState;

/// The address of the client; `None` for a request that came over no network.
pub(super) fn of(request: &Request, proxies: &[IpNet]) -> Option<IpNet> {
    find(request.extensions(), request.headers(), proxies)
}

fn find(extensions: &Extensions, headers: &HeaderMap, proxies: &[IpNet]) -> Option<IpNet> {
    let ConnectInfo(peer) = extensions.get::<ConnectInfo<SocketAddr>>()?;
    Some(block(client(peer.ip(), headers, proxies)))
}

/// Extracts the address of the client.
pub(super) struct ClientAddress(pub(super) Option<IpNet>);

impl FromRequestParts<ApiState> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &ApiState,
    ) -> Result<ClientAddress, Infallible> {
        let found = find(&parts.extensions, &parts.headers, &state.proxies);
        Ok(ClientAddress(found))
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
        // What a proxy could not have written is the client's invention.
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

fn block(address: IpAddr) -> IpNet {
    match address {
        IpAddr::V4(_) => IpNet::from(address),
        IpAddr::V6(address) => {
            let net = Ipv6Net::new(address, 64).expect("64 is within 128");
            IpNet::V6(net.trunc())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_proxies_are_believed_and_the_last_stranger_counts() {
        let proxies = [
            "10.0.0.0/8".parse().expect("a net"),
            "::1/128".parse().expect("a net"),
        ];
        let check = |peer: &str, forwarded: &[&str], expected: &str| {
            let mut headers = HeaderMap::new();
            for field in forwarded {
                headers.append("x-forwarded-for", field.parse().expect("a value"));
            }
            let found = block(client(
                peer.parse().expect("an address"),
                &headers,
                &proxies,
            ));
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
}
