//! The diagram of a workflow in a page, with the current place of a dossier.

use crate::Portal;
use crate::format;
use motcua_domain::dossier::Dossier;
use motcua_domain::procedure::Procedure;
use motcua_domain::text::Language;
use motcua_domain::workflow::UnitPlace;
use motcua_service::Error;
use motcua_service::diagram::{DiagramLayout, DiagramMarks, lane, svg};
use std::sync::Arc;

/// Returns the workflow of a procedure. The computation is costly.
pub fn of_procedure(portal: &Portal, procedure: &Procedure, language: Language) -> String {
    let own = UnitPlace { agency: procedure.agency.clone(), unit: procedure.unit.clone() };
    let layout = lay_out(portal, procedure, &own);
    svg(&procedure.workflow, &layout, procedure.name.get(language), language, &DiagramMarks::default())
}

/// Returns the workflow of a dossier with its current steps, and the time that each step took.
pub async fn of_dossier(
    portal: &Portal,
    procedure: &Arc<Procedure>,
    dossier: &Dossier,
    language: Language,
) -> Result<String, Error> {
    let layout = kept_layout(portal, procedure, dossier).await?;
    let calendar = &portal.services.province().calendar;
    let now = portal.services.now();
    let mut marks = DiagramMarks::default();
    let mut worked: std::collections::BTreeMap<_, i64> = std::collections::BTreeMap::new();
    for visit in &dossier.flow.visits {
        let step = &visit.at.step;
        if let Some(left) = &visit.left {
            // Several stays at one step count together.
            let time = calendar.working_between(visit.entered, left.at).unwrap_or(0);
            *worked.entry(step.clone()).or_default() += time;
            if left.punctuality == Some(motcua_domain::time::clock::Punctuality::Late) {
                marks.late.insert(step.clone());
            }
        }
    }
    for stay in &dossier.flow.stays {
        marks.now.insert(stay.at.step.clone());
        if stay.runs_late(now) {
            marks.late.insert(stay.at.step.clone());
        }
    }
    marks.taken = worked.into_iter().map(|(step, seconds)| (step, format::working_time(seconds, language))).collect();
    Ok(svg(&procedure.workflow, &layout, procedure.name.get(language), language, &marks))
}

/// Returns the layout for a dossier. It is the same for all dossiers of a version at a place.
async fn kept_layout(
    portal: &Portal,
    procedure: &Arc<Procedure>,
    dossier: &Dossier,
) -> Result<Arc<DiagramLayout>, Error> {
    let (own, procedure, place) = (portal.clone(), Arc::clone(procedure), dossier.place.clone());
    let make = move || lay_out(&own, &procedure, &place);
    let key = (dossier.procedure.clone(), dossier.place.clone());
    portal.made.layouts.get(portal.services.procedures.catalogue().number, key, make).await
}

fn lay_out(portal: &Portal, procedure: &Procedure, own: &UnitPlace) -> DiagramLayout {
    let agencies = &portal.services.province().agencies;
    DiagramLayout::of(&procedure.workflow, |step| lane(step, own, agencies))
}
