//! The time at which the log got the entries of a dossier.

use crate::state::Portal;
use crate::view::format;
use motcua_domain::names::DossierCode;
use motcua_domain::text::Language;
use motcua_service::Error;

/// Returns the date of the log's last head if the log has all entries of the dossier, or an empty text.
pub async fn sealed_at(portal: &Portal, code: &DossierCode, language: Language) -> Result<String, Error> {
    let at = portal.services.log.sealed_at(code).await?;
    Ok(at.map_or_else(String::new, |at| format::second(at, language)))
}
