//! The theme's files, and whether the portal is up.

use crate::Portal;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// `GET /assets/{digest}/{file}`: a file of the theme; its address changes with its content.
pub async fn asset(State(portal): State<Portal>, Path((digest, file)): Path<(String, String)>) -> Response {
    match portal.theme.asset(&file) {
        Some((bytes, kind)) if portal.theme.assets_path().ends_with(&digest) => {
            let headers =
                [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
            (headers, bytes.to_vec()).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// `GET /healthz`: 200 as long as the database answers.
pub async fn health(State(portal): State<Portal>) -> Response {
    match portal.desk.database().ping().await {
        Ok(()) => "ok\n".into_response(),
        Err(fault) => {
            tracing::error!(%fault, "the database does not answer");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
