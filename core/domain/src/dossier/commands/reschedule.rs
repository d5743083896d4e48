//! # Reschedule
//!
//! The portal computes all due times of an open dossier on the current calendar, including the due times that no
//! calendar knew before. The officers' reminders and the timed actions follow the new times.
//!
//! - Given by: the portal, after the working calendar has changed.
//! - Refused: after the dossier has ended, and if no time changes.
//! - Event: `rescheduled`. The applicant is told, if the due time of the whole dossier changed.

use crate::dossier::Dossier;
use crate::dossier::case::{Case, Rules};
use crate::dossier::clocks::{reminder, same_clocks};
use crate::dossier::event::{Clocks, Event, StayClock, StayTimer};
use crate::dossier::flow::{UnreadableDossier, index};
use crate::dossier::refusal::Refusal;
use crate::people::access::Deed;
use crate::people::organisation::Actor;
use crate::time::clock::Clock;

/// The right that the command needs.
const RIGHT: Deed = Deed::Tend;

/// Decides on the times of a dossier after a change of the calendar.
pub fn decide(case: Case<'_>, actor: &Actor, reason: String) -> Result<Event, Refusal> {
    case.permit(actor, RIGHT)?;
    if case.dossier.has_ended() {
        return Err(Refusal::Ended);
    }
    let Rules { calendar, .. } = case.rules;
    let flow = &case.dossier.flow;
    let mut clocks = same_clocks(case);
    if flow.processed_at.is_none() || flow.whole.is_unknown() {
        clocks.whole = flow.whole.recomputed(calendar);
    }
    for stay in &flow.stays {
        let Some(clock) = &stay.clock else { continue };
        let after = clock.recomputed(calendar);
        if after != *clock {
            // An officer who has been reminded is not reminded again.
            let reminds = stay.remind.is_some() || clock.is_unknown();
            let remind = reminder(calendar, case.step(stay)?.remind.filter(|_| reminds), Some(&after));
            clocks.stays.push(StayClock { stay: stay.id, clock: after, remind });
        }
    }
    for (id, clock) in &flow.stages {
        let after = clock.recomputed(calendar);
        if after != *clock {
            clocks.stages.push((id.clone(), after));
        }
    }
    let timers = timers(case)?;
    if clocks == same_clocks(case) && timers.is_empty() {
        return Err(Refusal::NothingChanges);
    }
    Ok(Event::Rescheduled { reason, clocks, timers })
}

/// Returns the times of timed actions that only the current calendar knows.
fn timers(case: Case<'_>) -> Result<Vec<StayTimer>, Refusal> {
    let mut timers = Vec::new();
    for stay in case.dossier.flow.stays.iter().filter(|stay| stay.timer_unknown) {
        let visit = case.dossier.flow.visits.get(index(stay.id));
        let (Some(visit), Some((_, limit))) = (visit, case.step(stay)?.timed()) else { continue };
        let due = Clock::start(case.rules.calendar, limit, visit.entered).due();
        timers.extend(due.map(|at| StayTimer { stay: stay.id, at }));
    }
    Ok(timers)
}

/// Applies [`Event::Rescheduled`].
pub fn apply(dossier: &mut Dossier, clocks: &Clocks, timers: &[StayTimer]) -> Result<(), UnreadableDossier> {
    dossier.undo = None;
    dossier.flow.set_clocks(None, clocks)?;
    for timer in timers {
        let stay = dossier.flow.stay_mut(Some(timer.stay))?;
        (stay.timer, stay.timer_unknown) = (Some(timer.at), false);
    }
    Ok(())
}
