//! `/metrics`: the figures of this node in the format of OpenMetrics, for clients that the operator allows.

use crate::state::Portal;
use crate::web::visitor;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// The type of the answer that the format demands.
const TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// `GET /metrics`
pub async fn show(State(portal): State<Portal>, request: Request) -> Response {
    let access = &portal.settings.metrics;
    if !access.allows(visitor::address(&portal, &request), request.headers()) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let Ok(health) = portal.services.health.node().await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    match portal.metrics.write(&health) {
        Ok(text) => ([(header::CONTENT_TYPE, TYPE)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
