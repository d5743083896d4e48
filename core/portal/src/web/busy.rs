//! Requests under way: a limit for all, and a part of it for each network, so that nobody can occupy all places with
//! slow requests. Further requests get a page that costs nothing.

use crate::state::network::{self, Proxies};
use crate::theme::Theme;
use crate::web::shares::Shares;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse as _, Response};
use bytes::Bytes;
use motcua_domain::text::Language;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The seconds after which a program may try again.
const AGAIN: &str = "5";

/// The places for requests, and the page for requests without a place.
#[derive(Debug)]
pub struct Busy {
    places: Semaphore,
    page: Bytes,
    proxies: Proxies,
    shares: Arc<Shares>,
}

impl Busy {
    /// Renders the page once, in both languages.
    pub fn new(places: u32, theme: &Theme, proxies: Proxies) -> Arc<Self> {
        let text = |language: Language, key: &str| theme.text(language, key);
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
        Arc::new(Self { places: Semaphore::new(places), page: page.into(), proxies, shares: Shares::of(places) })
    }
}

/// Occupies a place for a request until its answer begins, or rejects the request. Of a rejected request only so much
/// is read as a browser needs to show the answer.
pub async fn shed(State(busy): State<Arc<Busy>>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let client = network::client(request.headers(), peer, &busy.proxies);
    let (Ok(_place), Some(_share)) = (busy.places.try_acquire(), busy.shares.take(client)) else {
        let retry = (header::RETRY_AFTER, HeaderValue::from_static(AGAIN));
        return (StatusCode::SERVICE_UNAVAILABLE, [retry], Html(busy.page.clone())).into_response();
    };
    next.run(request).await
}
