//! The network that a request came from.

use axum::http::HeaderMap;
use ipnet::IpNet;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// The header in which proxies write the addresses of their clients.
const FORWARDED: &str = "x-forwarded-for";

/// The prefix of the smallest IPv6 network that a provider assigns to one customer, in bits.
const IPV6_PREFIX: u32 = 64;

/// The prefix of the largest IPv6 network that a provider usually assigns to one customer, in bits.
const IPV6_SITE: u32 = 48;

/// The proxies that are trusted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    /// A proxy of ours stands before the portal.
    pub behind_proxy: bool,
    /// The networks of our proxies. Without any, every peer counts as the proxy.
    pub networks: Vec<IpNet>,
}

impl Proxies {
    /// Returns whether the peer at this address is a proxy that reports the addresses of its clients.
    pub fn believes(&self, peer: IpAddr) -> bool {
        self.behind_proxy && (self.networks.is_empty() || self.are_ours(peer))
    }

    fn are_ours(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks.iter().any(|network| network.contains(&address))
    }
}

/// The network of a client: an IPv4 address, or a /64 of IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network(Option<IpAddr>);

impl Network {
    /// Returns the network of a client, which may have no address.
    pub fn of(client: Option<IpAddr>) -> Self {
        Self(client.map(network))
    }

    /// Returns the largest network that a provider assigns to one customer: an IPv4 address, or a /48 of IPv6.
    pub fn site(self) -> Self {
        Self(self.0.map(|address| match address {
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << (128 - IPV6_SITE))).into(),
            address @ IpAddr::V4(_) => address,
        }))
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(address) => write!(f, "{address}"),
            None => f.write_str("unknown"),
        }
    }
}

/// Returns the address of the client.
///
/// It is the last one in the last lines that is not of a proxy of ours, because others wrote the addresses before it.
/// `peer` is the address that is connected to the portal, if it has one.
pub fn client(headers: &HeaderMap, peer: Option<IpAddr>, proxies: &Proxies) -> Option<IpAddr> {
    let peer = peer.map(|peer| peer.to_canonical());
    // A socket in the file system has no addresses, and only a proxy is at its other end.
    let is_believed = peer.map_or(proxies.behind_proxy, |peer| proxies.believes(peer));
    if !is_believed {
        return peer;
    }
    let lines = headers.get_all(FORWARDED).iter().rev();
    let written = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(',').map(parse));
    let mut nearest = peer;
    for address in written {
        // An unreadable address belongs to nobody in particular, but the last proxy is known.
        let Some(address) = address else { return nearest };
        nearest = Some(address);
        if !proxies.are_ours(address) {
            return nearest;
        }
    }
    nearest
}

/// Reads an address in the formats of proxies: with or without quotes, brackets and a port.
fn parse(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse::<IpAddr>().or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip()));
    address.ok().map(|address| address.to_canonical())
}

fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let mask = u128::MAX << (Ipv6Addr::BITS - IPV6_PREFIX);
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{FORWARDED, Network, Proxies, client};
    use axum::http::{HeaderMap, HeaderValue};

    const PROXY: &str = "10.1.2.3";

    fn of(lines: &[&str], peer: &str, proxies: &Proxies) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED, HeaderValue::from_str(line).expect("plain"));
        }
        Network::of(client(&headers, peer.parse().ok(), proxies)).to_string()
    }

    fn ours(networks: &[&str]) -> Proxies {
        let networks = networks.iter().map(|network| network.parse().expect("a network")).collect();
        Proxies { behind_proxy: true, networks }
    }

    #[test]
    fn what_a_client_writes_into_the_header_is_not_believed() {
        let any = ours(&[]);
        assert_eq!(of(&["1.1.1.1"], "203.0.113.9", &Proxies::default()), "203.0.113.9", "there is no proxy");
        assert_eq!(of(&["1.1.1.1, 203.0.113.9"], PROXY, &any), "203.0.113.9", "appended to the line");
        assert_eq!(of(&["1.1.1.1", "203.0.113.9"], PROXY, &any), "203.0.113.9", "in a line of its own");
        let known = ours(&["10.0.0.0/8", "fd00::/8"]);
        assert_eq!(of(&["1.1.1.1"], "203.0.113.9", &known), "203.0.113.9", "who connects is no proxy of ours");
        assert_eq!(of(&["1.1.1.1, 203.0.113.9, 10.9.9.9", "fd00::1"], PROXY, &known), "203.0.113.9", "three proxies");
        assert_eq!(of(&["203.0.113.9"], "::ffff:10.1.2.3", &known), "203.0.113.9", "IPv4 in IPv6");
        assert_eq!(of(&["10.4.4.4"], PROXY, &known), "10.4.4.4", "somebody within");
        assert_eq!(of(&["203.0.113.9, unknown"], PROXY, &known), PROXY, "what cannot be read");
        assert_eq!(of(&[], PROXY, &known), PROXY);
        assert_eq!(of(&["203.0.113.9"], "", &known), "203.0.113.9", "a socket without an address");
    }

    #[test]
    fn ports_brackets_and_the_rest_of_an_ipv6_network_make_no_difference() {
        let any = ours(&[]);
        for written in ["203.0.113.9", "203.0.113.9:443", " 203.0.113.9 ", "\"203.0.113.9\"", "::ffff:203.0.113.9"] {
            assert_eq!(of(&[written], PROXY, &any), "203.0.113.9", "{written}");
        }
        for written in ["2001:db8:1:2::5", "[2001:db8:1:2:ffff:ffff:ffff:ffff]", "[2001:db8:1:2::5]:80"] {
            assert_eq!(of(&[written], PROXY, &any), "2001:db8:1:2::", "{written}");
        }
        assert_eq!(of(&["2001:db8:1:3::5"], PROXY, &any), "2001:db8:1:3::");
        assert_eq!(of(&[], "2001:db8:1:2::5", &Proxies::default()), "2001:db8:1:2::");
    }
}
