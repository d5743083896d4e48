//! The number of each request, and a line for it in the log.
//!
//! The line has the route and not the address, because addresses name dossiers, and queries hold people's input.

use crate::state::Portal;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use motcua_service::IncidentId;
use std::time::Instant;

/// The header with the number of a request, for the client and the proxy before the portal.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The route of an address that none of the portal's pages has.
const NO_ROUTE: &str = "none";

/// Routes that machines request every few seconds.
const WATCHED: [&str; 4] = ["/healthz", "/livez", "/readyz", "/metrics"];

tokio::task_local! {
    static NUMBER: IncidentId;
}

/// Returns the number of the request that is being answered. The page and the log show a fault under it.
pub fn number() -> IncidentId {
    NUMBER.try_with(|number| *number).unwrap_or_default()
}

/// Answers a request under a number of its own, counts it, and logs it.
pub async fn watch(State(portal): State<Portal>, request: Request, next: Next) -> Response {
    let (number, begun) = (IncidentId::new(), Instant::now());
    let method = name(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = NUMBER.scope(number, next.run(request)).await;
    let route = route.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    let (status, took) = (response.status().as_u16(), begun.elapsed());
    portal.metrics.count(method, route, status, took);
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    if WATCHED.contains(&route) {
        tracing::debug!(target: "motcua::access", request = %number, method, route, status, ms, "answered");
    } else {
        tracing::info!(target: "motcua::access", request = %number, method, route, status, ms, "answered");
    }
    if let Ok(value) = HeaderValue::from_str(&number.to_string()) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

/// Returns the name of a method. All methods outside of the standard have one name, because a client could invent any
/// number of them.
fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::PATCH => "PATCH",
        _ => "other",
    }
}
