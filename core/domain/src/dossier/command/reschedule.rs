//! # Reschedule
//!
//! The portal computes all due times of an open dossier on the current calendar, including the due times that no
//! calendar knew before: the limits of the dossier, its steps and its stages, the timed actions, and the deadlines of the
//! applicant. The officers' reminders follow the new times. A time of the applicant moves to later alone, because the
//! applicant relies on the day that they were told.
//!
//! - Given by: the portal, after the working calendar has changed.
//! - Refused: after the dossier has ended, and if no time changes.
//! - Event: `rescheduled`. The applicant is told, if the due time of the whole dossier or a time of the applicant changed.

use crate::dossier::Dossier;
use crate::dossier::case::{Case, Rules};
use crate::dossier::clocks::{reminder_after, same_clocks, start};
use crate::dossier::event::{Clocks, Event, Recorded, StayClock, StayTimer};
use crate::dossier::flow::{Stay, UnreadableDossier};
use crate::dossier::refusal::Refusal;
use crate::people::access::Deed;
use crate::people::organisation::{Actor, Role};
use crate::time::calendar::{Calendar, WorkingLength};
use crate::time::clock::Clock;
use crate::time::recorded::RecordedTime;

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
        clocks.timers.extend(timer(case, stay).map(|timer| (stay.id, timer)));
        let deadline = stay.waits.as_ref().and_then(|wait| moved_to_later(calendar, wait.clock()));
        clocks.deadlines.extend(deadline.map(|deadline| (stay.id, deadline)));
        let Some(clock) = &stay.clock else { continue };
        if let Some(after) = moved(calendar, clock) {
            let remind = reminder_after(case, stay, &after)?;
            clocks.stays.push(StayClock { stay: stay.id, clock: after, remind });
        }
    }
    for (id, clock) in &flow.stages {
        clocks.stages.extend(moved(calendar, clock).map(|after| (id.clone(), after)));
    }
    if clocks == same_clocks(case) {
        return Err(Refusal::NothingChanges);
    }
    Ok(Event::Rescheduled { reason, clocks, timers: Vec::new() })
}

/// Returns the clock on the current calendar, if that changes it.
fn moved(calendar: &Calendar, clock: &Clock) -> Option<Clock> {
    Some(clock.recomputed(calendar)).filter(|after| after != clock)
}

/// Returns a clock of the applicant on the current calendar, unless it would end before the moment that they were told.
fn moved_to_later(calendar: &Calendar, clock: &Clock) -> Option<Clock> {
    let told = clock.due();
    moved(calendar, clock).filter(|after| told.is_none() || after.due() >= told)
}

/// Returns the clock of a stay's timed action, if it changes. A stay without a clock, whose step has a timed action now,
/// gets one that begins now.
fn timer(case: Case<'_>, stay: &Stay) -> Option<Clock> {
    let Rules { calendar, .. } = case.rules;
    if let Some(timer) = &stay.timer {
        let is_of_applicant = stay.at.role == Role::Applicant;
        return if is_of_applicant { moved_to_later(calendar, timer) } else { moved(calendar, timer) };
    }
    let step = case.step(stay).ok()?;
    let (_, limit) = step.timed()?;
    let timer = start(calendar, step, limit, case.now);
    Some(if stay.waits.is_some() { timer.stop(calendar, case.now) } else { timer })
}

/// Applies [`Event::Rescheduled`].
pub fn apply(
    dossier: &mut Dossier,
    recorded: &Recorded,
    clocks: &Clocks,
    timers: &[StayTimer],
) -> Result<(), UnreadableDossier> {
    dossier.undo = None;
    dossier.flow.set_clocks(None, clocks)?;
    for timer in timers {
        let stay = dossier.flow.stay_mut(Some(timer.stay))?;
        stay.timer = Some(RecordedTime::Moment(timer.at).into_clock(recorded.at, WorkingLength::Exact));
    }
    Ok(())
}
