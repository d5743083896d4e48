//! The QR code for the transfer of a dossier's fees, as an image that a phone can save.

use crate::state::Portal;
use crate::view::payment::{owed, reference};
use crate::view::vietqr::{qr_png, vietqr};
use crate::web::address::code;
use crate::web::cached::value;
use crate::web::failure::Failure;
use crate::web::person::Person;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use motcua_service::Error;

/// `GET /dossiers/{code}/transfer.png`: the QR code for the transfer of a dossier's fees, for those who may see it.
pub async fn qr(State(portal): State<Portal>, Path(path): Path<String>, visitor: Person) -> Result<Response, Failure> {
    let (actor, code) = (visitor.actor(), code(&path)?);
    let view = portal.services.dossiers.dossier(actor, &code).await?;
    let owed = owed(&view.dossier).filter(|_| view.dossier.asks_to_pay(&view.procedure.workflow));
    let (bank, owed) = portal.settings.bank.as_ref().zip(owed).ok_or(Error::NotFound)?;
    let reference = reference(&code);
    let png = qr_png(&vietqr(bank, owed, &reference)).ok_or(Error::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/png")),
        (header::CONTENT_DISPOSITION, value(&format!("inline; filename=\"{reference}.png\""))),
    ];
    Ok((headers, png).into_response())
}
