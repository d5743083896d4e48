//! The workflow of a dossier with its current steps.

use crate::state::Portal;
use crate::view::diagram::{lay_out, of_dossier};
use crate::view::timeline::StoryReader;
use motcua_domain::dossier::Dossier;
use motcua_domain::procedure::Procedure;
use motcua_domain::text::Language;
use motcua_service::Error;
use motcua_service::diagram::DiagramLayout;
use std::sync::Arc;

/// Returns the workflow of a dossier with its current steps, and for the staff with the time that each step took and
/// with late steps.
pub async fn diagram(
    portal: &Portal,
    procedure: &Arc<Procedure>,
    dossier: &Dossier,
    language: Language,
    reader: StoryReader,
) -> Result<String, Error> {
    let layout = kept_layout(portal, procedure, dossier).await?;
    let calendar = &portal.services.province().calendar;
    Ok(of_dossier(calendar, portal.services.now(), procedure, &layout, dossier, language, reader))
}

/// Returns the layout for a dossier. It is the same for all dossiers of a version at a place.
async fn kept_layout(
    portal: &Portal,
    procedure: &Arc<Procedure>,
    dossier: &Dossier,
) -> Result<Arc<DiagramLayout>, Error> {
    let (own, procedure, place) = (portal.clone(), Arc::clone(procedure), dossier.place.clone());
    let make = move || lay_out(&own.services.province().agencies, &procedure, &place);
    let key = (dossier.procedure.clone(), dossier.place.clone());
    portal.made.layouts.get(portal.services.procedures.catalogue().number, key, make).await
}
