//! The diagram of a workflow in a page, with where a dossier stands on it.

use crate::Portal;
use crate::format;
use motcua_desk::diagram::{Layout, Marks, lane, svg};
use motcua_domain::dossier::Dossier;
use motcua_domain::procedure::Procedure;
use motcua_domain::text::Language;
use motcua_domain::workflow::Place;

/// The workflow of a procedure.
pub fn of_procedure(portal: &Portal, procedure: &Procedure, language: Language) -> String {
    let own = Place { agency: procedure.agency.clone(), unit: procedure.unit.clone() };
    draw(portal, procedure, &own, &Marks::default(), language)
}

/// The workflow of a dossier: where it stands, and how long each step took.
pub fn of_dossier(portal: &Portal, procedure: &Procedure, dossier: &Dossier, language: Language) -> String {
    let calendar = &portal.desk.province().calendar;
    let now = portal.desk.now();
    let mut marks = Marks::default();
    let mut worked: std::collections::BTreeMap<_, i64> = std::collections::BTreeMap::new();
    for visit in &dossier.flow.visits {
        let step = &visit.at.step;
        if let Some(left) = &visit.left {
            // Several stays at one step count together.
            let time = calendar.working_between(visit.entered, left.at).unwrap_or(0);
            *worked.entry(step.clone()).or_default() += time;
            if left.punctuality == Some(motcua_domain::clock::Punctuality::Late) {
                marks.late.insert(step.clone());
            }
        }
    }
    for stay in &dossier.flow.stays {
        marks.now.insert(stay.at.step.clone());
        if stay.clock.as_ref().is_some_and(|clock| clock.due().is_some_and(|due| due < now)) {
            marks.late.insert(stay.at.step.clone());
        }
    }
    marks.taken = worked.into_iter().map(|(step, seconds)| (step, format::working_time(seconds, language))).collect();
    draw(portal, procedure, &dossier.place, &marks, language)
}

fn draw(portal: &Portal, procedure: &Procedure, own: &Place, marks: &Marks, language: Language) -> String {
    let agencies = &portal.desk.province().agencies;
    let layout = Layout::of(&procedure.workflow, |step| lane(step, own, agencies));
    svg(&procedure.workflow, &layout, procedure.name.get(language), language, marks)
}
