//! The end of a dossier: by an action at a step, by a withdrawal, or because the applicant let a limit pass.

use crate::dossier::Dossier;
use crate::dossier::case::Case;
use crate::dossier::clocks::same_clocks;
use crate::dossier::event::{Clocks, DossierOutcome, Event, Recorded, SilenceRule, StayId};
use crate::dossier::flow::{DossierEnd, UnreadableDossier};
use crate::dossier::visit::VisitNotes;
use crate::names::ActionId;
use serde_json::{Map, Value as Json};

/// Returns the event of an end that no action of the workflow causes.
pub fn ended(case: Case<'_>, outcome: DossierOutcome, reason: String) -> Event {
    Event::Ended {
        stay: None,
        action: None,
        outcome,
        reason,
        internal_note: None,
        result: None,
        answers: Map::new(),
        issued: None,
        silence: None,
        receiver: None,
        clocks: same_clocks(case),
    }
}

/// Returns the event of an end by silence of the agency. Its reason names the law.
pub fn by_silence(case: Case<'_>, rule: &SilenceRule) -> Event {
    let laws: Vec<&str> = rule.basis.iter().map(|law| law.words.vi.as_str()).collect();
    Event::Ended {
        stay: None,
        action: None,
        outcome: DossierOutcome::of_silence(rule.means),
        reason: laws.join("; "),
        internal_note: None,
        result: None,
        answers: Map::new(),
        issued: None,
        silence: Some(rule.clone()),
        receiver: None,
        clocks: same_clocks(case),
    }
}

/// Applies [`Event::Ended`]. The stay and the action are those that caused the end, if an action did.
pub fn apply(
    dossier: &mut Dossier,
    recorded: &Recorded,
    (stay, action): (Option<StayId>, Option<&ActionId>),
    end: DossierEnd,
    internal_note: Option<&String>,
    answers: &Map<String, Json>,
    clocks: &Clocks,
) -> Result<(), UnreadableDossier> {
    dossier.undo = None;
    dossier.flow.set_clocks(stay, clocks)?;
    let acted = action.and_then(|_| dossier.flow.stay(stay)).map(|stay| stay.id);
    dossier.flow.fill_in(acted, answers, end.result.as_ref());
    let told = Some(end.reason.clone()).filter(|reason| !reason.is_empty());
    let notes = VisitNotes { told, internal: internal_note.cloned() };
    let by = action.map(|action| (acted, action));
    dossier.flow.end(recorded, by, &notes, end);
    Ok(())
}
