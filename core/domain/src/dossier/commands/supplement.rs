//! # Supplement
//!
//! The applicant supplies the answers and papers that the office asked for. The form, its papers and the plugins are
//! checked as they are when a dossier is filed. Every stay that waited for the supplement goes on, and its clock runs
//! again.
//!
//! - Given by: the applicant whose dossier it is.
//! - Refused: if no open step waits for a supplement, if the dossier follows another version of its procedure than the
//!   one whose form the applicant filled in, if the form or its papers are not complete, and if a plugin without which
//!   nothing is filed gave no answer.
//! - Event: `supplemented`. The applicant is not told of their own supplement.

use crate::dossier::Dossier;
use crate::dossier::case::Case;
use crate::dossier::clocks::clocks_after;
use crate::dossier::completeness::complete;
use crate::dossier::event::{Clocks, Event};
use crate::dossier::flow::{Stay, StayWait, UnreadableDossier};
use crate::dossier::refusal::Refusal;
use crate::dossier::verdict::Verdict;
use crate::media::AttachedPaper;
use crate::names::Digest;
use crate::people::access::Deed;
use crate::people::organisation::Actor;
use serde_json::{Map, Value as Json};

/// The right that the command needs.
const RIGHT: Deed = Deed::Supplement;

/// Decides on a supplement.
pub fn decide(
    case: Case<'_>,
    actor: &Actor,
    version: &Digest,
    typed: &Map<String, Json>,
    papers: Vec<AttachedPaper>,
    verdicts: Vec<Verdict>,
) -> Result<Event, Refusal> {
    case.permit(actor, RIGHT)?;
    case.dossier.can_be_supplemented()?;
    if *version != case.dossier.procedure {
        return Err(Refusal::VersionChanged);
    }
    let values = complete(case.rules, typed, &papers, &verdicts, case.now)?;
    let clocks = clocks_after(case, |stay| stay.waits.is_some() && !stay.waits_for_supplement())?;
    Ok(Event::Supplemented { values, papers, verdicts, clocks })
}

/// Applies [`Event::Supplemented`].
pub fn apply(
    dossier: &mut Dossier,
    values: &Map<String, Json>,
    papers: &[AttachedPaper],
    verdicts: &[Verdict],
    clocks: &Clocks,
) -> Result<(), UnreadableDossier> {
    dossier.undo = None;
    dossier.judged = dossier.version + 1;
    dossier.values.clone_from(values);
    dossier.papers = papers.to_vec();
    dossier.verdicts = verdicts.to_vec();
    dossier.flow.set_clocks(None, clocks)?;
    dossier.flow.answered(|wait| matches!(wait, StayWait::Supplement { .. }));
    Ok(())
}

impl Dossier {
    /// Returns whether `actor` may give what the office asked for now, whatever else is awaited.
    pub fn may_supplement(&self, actor: &Actor) -> bool {
        self.lets(actor, RIGHT) && self.can_be_supplemented().is_ok()
    }

    /// Refuses a supplement that no open stay waits for.
    fn can_be_supplemented(&self) -> Result<(), Refusal> {
        if self.flow.stays.iter().any(Stay::waits_for_supplement) {
            return Ok(());
        }
        Err(if self.has_ended() { Refusal::Ended } else { Refusal::NothingAwaited })
    }
}
