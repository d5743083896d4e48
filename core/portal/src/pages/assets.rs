//! The theme's files, and forms to download.

use crate::Portal;
use crate::failure::Failure;
use crate::web::cached::FOR_EVER;
use crate::web::download::named;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use motcua_desk::Error;
use motcua_domain::names::Digest;

/// `GET /assets/{digest}/{file}`: a file of the theme; its address changes with its content.
pub async fn asset(State(portal): State<Portal>, Path((digest, file)): Path<(String, String)>) -> Response {
    match portal.theme.asset(&file) {
        Some((bytes, kind)) if portal.theme.assets_path().ends_with(&digest) => {
            let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, FOR_EVER)];
            (headers, bytes.to_vec()).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// `GET /templates/{digest}/{file}`: a form to download, of a procedure that is offered.
pub async fn template(
    State(portal): State<Portal>,
    Path((digest, _)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let catalogue = portal.desk.catalogue();
    let template = catalogue.template(&digest).ok_or(Error::NotFound)?;
    let content = portal.desk.template(&Digest(digest)).await?;
    let (media_type, bytes) = (template.media.media_type(), content.len() as u64);
    let mut response = named(&template.file, media_type, bytes, content.into());
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(FOR_EVER));
    Ok(response)
}
