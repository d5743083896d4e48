//! Work under way: at most so many requests at once, and of one network at most a part of them, so that nobody can hold all
//! places with slow requests. Further ones get a page that costs nothing.

use crate::theme::Theme;
use crate::web::network::{self, Network, Proxies};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse as _, Response};
use bytes::Bytes;
use motcua_domain::text::Language;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// After how many seconds a program may try again.
const AGAIN: &str = "5";

/// One network holds at most this part of the places.
const PART: usize = 4;

/// The places for requests, and the page for those that get none.
#[derive(Debug)]
pub struct Busy {
    places: Semaphore,
    page: Bytes,
    proxies: Proxies,
    /// How many places one network holds at most, and how many each holds now.
    most_of_network: usize,
    of_network: Mutex<HashMap<Network, usize>>,
}

/// A place of a network's part. It is given back when it is dropped.
#[derive(Debug)]
struct Share<'a> {
    busy: &'a Busy,
    network: Option<Network>,
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        let Some(network) = self.network else { return };
        let mut held = self.busy.of_network.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&network) {
            *count -= 1;
            if *count == 0 {
                held.remove(&network);
            }
        }
    }
}

impl Busy {
    /// Makes the page once, in both languages.
    pub fn new(places: u32, theme: &Theme, proxies: Proxies) -> Arc<Self> {
        let text = |language, key| theme.text(language, key);
        let part = |language: Language| {
            let (title, next) = (text(language, "error-busy"), text(language, "error-busy-next"));
            format!("<section lang=\"{}\"><h1>{title}</h1><p>{next}</p></section>\n", language.tag())
        };
        let assets = theme.assets_path();
        let page = format!(
            "<!DOCTYPE html>\n<html lang=\"vi\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n\
             <link rel=\"stylesheet\" href=\"{assets}/tokens.css\">\n<link rel=\"stylesheet\" href=\"{assets}/style.css\">\n\
             </head>\n<body>\n<main class=\"wrap\">\n{}{}</main>\n</body>\n</html>\n",
            text(Language::Vi, "error-busy"),
            part(Language::Vi),
            part(Language::En),
        );
        let places = usize::try_from(places).unwrap_or(Semaphore::MAX_PERMITS).min(Semaphore::MAX_PERMITS);
        Arc::new(Self::with(places, page.into(), proxies))
    }

    fn with(places: usize, page: Bytes, proxies: Proxies) -> Self {
        let most_of_network = (places / PART).max(1);
        Self { places: Semaphore::new(places), page, proxies, most_of_network, of_network: Mutex::default() }
    }

    /// Takes a place of the part of the client's network. This machine itself has no limit but that of all: it is a proxy
    /// that does not say for whom it asks.
    fn share(&self, client: Option<IpAddr>) -> Option<Share<'_>> {
        let network = client.filter(|address| !address.is_loopback()).map(|address| Network::of(Some(address)).site());
        if let Some(network) = network {
            let mut held = self.of_network.lock().unwrap_or_else(PoisonError::into_inner);
            let count = held.entry(network).or_default();
            if *count >= self.most_of_network {
                return None;
            }
            *count += 1;
        }
        Some(Share { busy: self, network })
    }
}

/// Gives a request a place until its answer begins, or refuses it. Of a refused request no more is read than a browser
/// needs to show the answer.
pub async fn shed(State(busy): State<Arc<Busy>>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let client = network::client(request.headers(), peer, &busy.proxies);
    let (Ok(_place), Some(_share)) = (busy.places.try_acquire(), busy.share(client)) else {
        let retry = (header::RETRY_AFTER, HeaderValue::from_static(AGAIN));
        return (StatusCode::SERVICE_UNAVAILABLE, [retry], Html(busy.page.clone())).into_response();
    };
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_holds_a_part_of_the_places_and_no_more() {
        let busy = Busy::with(8, Bytes::new(), Proxies::default());
        let address = |text: &str| text.parse::<IpAddr>().ok();
        let (one, two) = (busy.share(address("2001:db8:1:1::1")), busy.share(address("2001:db8:1:2::1")));
        assert!(one.is_some() && two.is_some());
        assert!(busy.share(address("2001:db8:1:3::1")).is_none(), "all three are of one customer");
        assert!(busy.share(address("2001:db8:2::1")).is_some(), "another customer has places");
        let local: Vec<_> = (0..8).map(|_| busy.share(address("127.0.0.1"))).collect();
        assert!(local.iter().all(Option::is_some));
        drop(one);
        assert!(busy.share(address("2001:db8:1:3::1")).is_some(), "a place was given back");
        drop(two);
        assert!(busy.of_network.lock().expect("nobody failed").is_empty(), "nothing is remembered of who is gone");
    }
}
