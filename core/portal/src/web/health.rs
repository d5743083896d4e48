//! `/livez` and `/readyz`, for what starts and stops nodes and for what spreads requests over them.

use crate::Portal;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// `GET /livez`: 200 as long as the process answers. A node that does not is to be started again.
pub async fn live() -> &'static str {
    "ok\n"
}

/// `GET /readyz`, and `/healthz` of before: 200 if the node can serve. A node that cannot gets no requests meanwhile.
pub async fn ready(State(portal): State<Portal>) -> Response {
    match portal.desk.ready().await {
        Ok(()) => "ok\n".into_response(),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")).into_response(),
    }
}
