//! `/livez` and `/readyz`, for supervisors that start and stop nodes, and for load balancers.

use crate::state::Portal;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// `GET /livez`: 200 as long as the process answers. A supervisor restarts a node that does not answer.
pub async fn live() -> &'static str {
    "ok\n"
}

/// `GET /readyz`, and the older `/healthz`: 200 if the node can serve. A node that cannot gets no requests meanwhile.
pub async fn ready(State(portal): State<Portal>) -> Response {
    match portal.services.health.ready().await {
        Ok(()) => "ok\n".into_response(),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")).into_response(),
    }
}
