//! The diagram of a workflow in a page, with the current place of a dossier.

use crate::view::format;
use crate::view::timeline::StoryReader;
use jiff::Timestamp;
use motcua_domain::dossier::Dossier;
use motcua_domain::people::organisation::Agency;
use motcua_domain::procedure::Procedure;
use motcua_domain::text::Language;
use motcua_domain::time::calendar::Calendar;
use motcua_domain::workflow::UnitPlace;
use motcua_service::diagram::{DiagramLayout, DiagramMarks, lane, svg};

/// Returns the workflow of a procedure at a place, for everybody to read. The computation is costly.
pub fn of_procedure(agencies: &[Agency], procedure: &Procedure, own: &UnitPlace, language: Language) -> String {
    let layout = lay_out(agencies, procedure, own);
    svg(
        &procedure.workflow,
        &layout,
        procedure.name.get(language),
        language,
        &DiagramMarks { for_applicants: true, ..DiagramMarks::default() },
    )
}

/// Returns the workflow of a dossier with its current steps, and for the staff with the names of actions, with the time
/// that each step took and with late steps.
pub fn of_dossier(
    calendar: &Calendar,
    now: Timestamp,
    procedure: &Procedure,
    layout: &DiagramLayout,
    dossier: &Dossier,
    language: Language,
    reader: StoryReader,
) -> String {
    let mut marks = DiagramMarks { for_applicants: reader != StoryReader::Staff, ..DiagramMarks::default() };
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
    if reader != StoryReader::Staff {
        marks.late.clear();
        worked.clear();
    }
    marks.taken = worked.into_iter().map(|(step, seconds)| (step, format::working_time(seconds, language))).collect();
    svg(&procedure.workflow, layout, procedure.name.get(language), language, &marks)
}

/// Returns the layout of a workflow at a place. The computation is costly.
pub fn lay_out(agencies: &[Agency], procedure: &Procedure, own: &UnitPlace) -> DiagramLayout {
    DiagramLayout::of(&procedure.workflow, |step| lane(step, own, agencies))
}
