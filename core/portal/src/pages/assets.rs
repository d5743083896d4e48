//! The theme's files, and forms to download.

use crate::state::Portal;
use crate::web::cached::{FOR_EVER, knows, value};
use crate::web::download::named;
use crate::web::failure::Failure;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use motcua_domain::names::Digest;
use motcua_service::Error;

/// `GET /assets/{digest}/{*file}`: a file of the theme, also in a folder.
///
/// Its address changes with its content. It is one of the files that were read when the portal started, so no path
/// leads to others.
pub async fn asset(
    State(portal): State<Portal>,
    headers: HeaderMap,
    Path((digest, file)): Path<(String, String)>,
) -> Response {
    match portal.theme.served(&file) {
        Some((made, kind)) if portal.theme.digest() == digest => made.answer(&headers, kind, FOR_EVER),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// `GET /templates/{digest}/{file}`: a form to download, of an offered procedure.
pub async fn template(
    State(portal): State<Portal>,
    headers: HeaderMap,
    Path((digest, _)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let catalogue = portal.services.procedures.catalogue();
    let template = catalogue.template(&digest).ok_or(Error::NotFound)?;
    let common =
        [(header::CACHE_CONTROL, HeaderValue::from_static(FOR_EVER)), (header::ETAG, value(&format!("\"{digest}\"")))];
    if knows(&headers, &digest) {
        return Ok((StatusCode::NOT_MODIFIED, common).into_response());
    }
    let digest = Digest(digest);
    let read = async { portal.services.procedures.template(&digest).await.map(Bytes::from) };
    let content = portal.made.forms.read(catalogue.number, digest.clone(), read).await?;
    let content = Bytes::clone(&content);
    let response = named(&template.file, template.media.media_type(), content.len() as u64, content.into());
    Ok((common, response).into_response())
}
