//! The share of one network in the common resources: connections, and places for requests.

use crate::state::network::Network;
use crate::web::limits::PART_OF_NETWORK;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// The number that each network holds, at most a part of all.
#[derive(Debug)]
pub struct Shares {
    most: usize,
    held: Mutex<HashMap<Network, usize>>,
}

/// One unit of the share of a network. Dropping it returns the unit.
#[derive(Debug)]
pub struct Share {
    shares: Arc<Shares>,
    /// `None` for a client whose network is not counted.
    network: Option<Network>,
}

impl Shares {
    /// Returns the shares of `all`. Each network may hold one at least.
    pub fn of(all: usize) -> Arc<Self> {
        Arc::new(Self { most: (all / PART_OF_NETWORK).max(1), held: Mutex::default() })
    }

    /// Takes one unit of the share of the client's network, or returns `None` if the network holds its share already.
    ///
    /// A client without an address and this machine itself are not counted, because they are proxies that do not report
    /// the addresses of their clients.
    pub fn take(self: &Arc<Self>, client: Option<IpAddr>) -> Option<Share> {
        let counted = client.map(|address| address.to_canonical()).filter(|address| !address.is_loopback());
        let network = counted.map(|address| Network::of(Some(address)).site());
        if let Some(network) = network {
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            let count = held.entry(network).or_default();
            if *count >= self.most {
                return None;
            }
            *count += 1;
        }
        Some(Share { shares: self.clone(), network })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let Some(network) = self.network else { return };
        let mut held = self.shares.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&network) {
            *count -= 1;
            if *count == 0 {
                held.remove(&network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn one_network_holds_a_part_of_the_places_and_no_more() {
        let shares = Shares::of(8);
        let (one, two) = (shares.take(Some(address("2001:db8:1:1::1"))), shares.take(Some(address("2001:db8:1:2::1"))));
        assert!(one.is_some() && two.is_some());
        assert!(shares.take(Some(address("2001:db8:1:3::1"))).is_none(), "all three are of one customer");
        assert!(shares.take(Some(address("2001:db8:2::1"))).is_some(), "another customer has places");
        drop(one);
        assert!(shares.take(Some(address("2001:db8:1:3::1"))).is_some(), "a place was given back");
        drop(two);
        assert!(shares.held.lock().expect("nobody failed").is_empty(), "nothing is remembered of who is gone");
    }

    #[test]
    fn a_client_without_an_address_and_this_machine_are_not_counted() {
        let shares = Shares::of(8);
        for client in [
            None,
            Some(address("127.0.0.1")),
            Some(address("127.0.0.9")),
            Some(address("::1")),
            Some(address("::ffff:127.0.0.1")),
        ] {
            let held: Vec<_> = (0..9).map(|_| shares.take(client)).collect();
            assert!(held.iter().all(Option::is_some), "{client:?}");
        }
        let written = [Some(address("203.0.113.9")), Some(address("::ffff:203.0.113.9"))];
        let held: Vec<_> = written.into_iter().map(|client| shares.take(client)).collect();
        assert!(
            held.iter().all(Option::is_some) && shares.take(written[0]).is_none(),
            "one address, written in two ways"
        );
    }
}
