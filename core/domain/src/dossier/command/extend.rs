//! # Extend
//!
//! The applicant gets more time, because a rule of the procedure could not be evaluated on what they gave. Such a fault
//! is the author's. The applicant must not lose the dossier while the operator corrects the rule.
//!
//! The time ends [`FAULT_DAYS`] calendar days after the fault, or when it would have ended, if that is later. A request of
//! the office, or a step of the applicant, is extended once under a version of the procedure. So an applicant who causes
//! the fault again gains nothing. When the operator moves the dossier to a corrected version, a request that was extended
//! has all days of a new request again.
//!
//! - Given by: the portal, when the review of a supplement finds the fault, or when a supplement or an action of the
//!   applicant is refused because of it.
//! - Refused: after the dossier has ended, if nothing is awaited from the applicant, and if no time moves.
//! - Event: `extended`, with the fault. The applicant is told.

use crate::dossier::Dossier;
use crate::dossier::case::Case;
use crate::dossier::clocks::{extended, same_clocks};
use crate::dossier::event::{Clocks, Event};
use crate::dossier::flow::{Stay, UnreadableDossier};
use crate::dossier::refusal::Refusal;
use crate::expression::RuleFault;
use crate::names::Digest;
use crate::people::access::Deed;
use crate::people::organisation::{Actor, Role};
use crate::time::calendar::Limit;
use crate::time::clock::Clock;

/// The right that the command needs.
const RIGHT: Deed = Deed::Tend;

/// The calendar days from a fault of the rules until the time of the applicant ends at the soonest.
pub const FAULT_DAYS: u32 = 60;

/// Decides whether the applicant gets more time because of a fault.
pub fn decide(case: Case<'_>, actor: &Actor, fault: RuleFault) -> Result<Event, Refusal> {
    case.permit(actor, RIGHT)?;
    if case.dossier.has_ended() {
        return Err(Refusal::Ended);
    }
    let fresh = Clock::start_for_applicant(case.rules.calendar, Limit::CalendarDays(FAULT_DAYS), case.now);
    let version = &case.dossier.procedure;
    let mut clocks = same_clocks(case);
    let mut is_awaited = false;
    for stay in &case.dossier.flow.stays {
        let (deadline, timer) = (stay.supplement_clock(), stay.own_timer());
        is_awaited |= deadline.is_some() || timer.is_some();
        if stay.extended.as_ref() == Some(version) {
            continue;
        }
        let moved = |clock: &Clock| extended(clock, &fresh).map(|clock| (stay.id, clock));
        clocks.deadlines.extend(deadline.and_then(moved));
        clocks.timers.extend(timer.and_then(moved));
    }
    if !is_awaited {
        return Err(Refusal::NothingAwaited);
    }
    if clocks == same_clocks(case) {
        return Err(Refusal::NothingChanges);
    }
    Ok(Event::Extended { version: version.clone(), fault, clocks })
}

/// Applies [`Event::Extended`].
pub fn apply(dossier: &mut Dossier, version: &Digest, clocks: &Clocks) -> Result<(), UnreadableDossier> {
    dossier.undo = None;
    dossier.flow.set_clocks(None, clocks)?;
    for (id, _) in clocks.deadlines.iter().chain(&clocks.timers) {
        dossier.flow.stay_mut(Some(*id))?.extended = Some(version.clone());
    }
    Ok(())
}

impl Stay {
    /// Returns the clock of the timed action at a step of the applicant.
    fn own_timer(&self) -> Option<&Clock> {
        self.timer.as_ref().filter(|_| self.at.role == Role::Applicant && self.waits.is_none())
    }
}
