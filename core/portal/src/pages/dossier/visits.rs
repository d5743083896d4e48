//! The appointments on the spot of a dossier, as a file for calendars.

use crate::state::Portal;
use crate::view::icalendar::calendar_file;
use crate::view::site_visit::calendar_entries;
use crate::web::address::code;
use crate::web::download::named;
use crate::web::failure::Failure;
use crate::web::person::Person;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use motcua_service::Error;

/// `GET /dossiers/{code}/visits.ics`: the appointments on the spot for a calendar, for those who may see the dossier.
pub async fn calendar(
    State(portal): State<Portal>,
    Path(path): Path<String>,
    visitor: Person,
) -> Result<Response, Failure> {
    let (actor, code, language) = (visitor.actor(), code(&path)?, visitor.language());
    let view = portal.services.dossiers.dossier(actor, &code).await?;
    if view.dossier.site_visits.is_empty() {
        return Err(Error::NotFound.into());
    }
    let base = portal.settings.base_url.as_str();
    let host = base.rsplit('/').next().unwrap_or(base);
    let title = portal.theme.text(visitor.page_language(), "site-visit");
    let file = calendar_file(&calendar_entries(&view.dossier, &title, host, language));
    let bytes = u64::try_from(file.len()).unwrap_or(u64::MAX);
    Ok(named(&format!("{code}.ics"), "text/calendar; charset=utf-8", bytes, Body::from(file)))
}
