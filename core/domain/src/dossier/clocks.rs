//! The clocks of a dossier: starting, stopping and resuming them, and the times that follow from them.

use crate::dossier::case::{Case, Rules};
use crate::dossier::event::{Clocks, StayClock};
use crate::dossier::flow::Stay;
use crate::dossier::refusal::Refusal;
use crate::names::StageId;
use crate::time::calendar::{Calendar, Limit, instant, local};
use crate::time::clock::Clock;
use crate::workflow::Step;
use jiff::{Timestamp, ToSpan};

/// The times of a stay that begins.
#[derive(Debug, Clone, PartialEq)]
pub struct StayTimes {
    pub clock: Option<Clock>,
    /// The time of the officer's reminder.
    pub remind: Option<Timestamp>,
    /// The time at which the timed action fires.
    pub timer: Option<Timestamp>,
    /// The step has a timed action, and the calendar does not know its time yet.
    pub timer_unknown: bool,
}

impl StayTimes {
    /// Returns the times of a stay at `step` that begins `now`.
    pub fn begin(calendar: &Calendar, step: &Step, now: Timestamp) -> Self {
        let clock = step.limit.map(|limit| Clock::start(calendar, limit, now));
        let remind = reminder(calendar, step.remind, clock.as_ref());
        let timer = step.timed().map(|(_, limit)| Clock::start(calendar, limit, now));
        let timer_unknown = timer.as_ref().is_some_and(Clock::is_unknown);
        Self { clock, remind, timer: timer.as_ref().and_then(Clock::due), timer_unknown }
    }
}

/// Returns the time at which a running clock has the rest that the step names. Returns nothing if that moment has
/// passed, or if the due time is not known yet.
pub fn reminder(calendar: &Calendar, before: Option<Limit>, clock: Option<&Clock>) -> Option<Timestamp> {
    let (Some(before), Some(Clock::Running { since, left, .. })) = (before, clock) else { return None };
    let length = calendar.length(before, *since).ok()?;
    let run = left.less(length).filter(|run| run.seconds() > 0)?;
    calendar.end(*since, run).ok()
}

/// Returns the clocks of the stages of a dossier after the steps `begins` have begun beside the open ones. A stage that
/// was left continues with the time that it had.
pub fn start_stages(
    rules: Rules<'_>,
    begins: &[&Step],
    known: &[(StageId, Clock)],
    now: Timestamp,
) -> Vec<(StageId, Clock)> {
    let mut started: Vec<(StageId, Clock)> = Vec::new();
    for id in begins.iter().filter_map(|step| step.stage.as_ref()) {
        let stage = rules.procedure.workflow.stage(id);
        let Some(limit) = stage.and_then(|stage| stage.limit) else { continue };
        if started.iter().chain(known).all(|(known, _)| known != id) {
            started.push((id.clone(), Clock::start(rules.calendar, limit, now)));
        }
    }
    started
}

/// Returns all clocks unchanged.
pub fn same_clocks(case: Case<'_>) -> Clocks {
    Clocks { whole: case.dossier.flow.whole.clone(), step: None, stays: Vec::new(), stages: Vec::new() }
}

/// Returns the clocks if the open stays wait for the applicant as `waits` says.
pub fn clocks_after(case: Case<'_>, waits: impl Fn(&Stay) -> bool) -> Result<Clocks, Refusal> {
    let stays: Vec<&Stay> = case.dossier.flow.stays.iter().collect();
    clocks_of(case, &stays, &[], waits)
}

/// Returns the clocks if `kept` stays remain open and `begun` ones have begun, each with whether it waits for the
/// applicant. The clock of the whole stands while any stay waits. The clock of a stage stands while a stay in it
/// waits, or while the stage is left.
pub fn clocks_of(
    case: Case<'_>,
    kept: &[&Stay],
    begun: &[(&Step, bool)],
    waits: impl Fn(&Stay) -> bool,
) -> Result<Clocks, Refusal> {
    let Rules { calendar, .. } = case.rules;
    let turn = |clock: &Clock, stands: bool| {
        if stands { clock.stop(calendar, case.now) } else { clock.resume(calendar, case.now) }
    };
    let mut clocks = same_clocks(case);
    let any = kept.iter().any(|stay| waits(stay)) || begun.iter().any(|(_, waits)| *waits);
    clocks.whole = turn(&clocks.whole, any);
    for stay in kept {
        let Some(clock) = &stay.clock else { continue };
        let after = turn(clock, waits(stay));
        if after != *clock {
            let before = case.step(stay)?.remind;
            let remind = reminder(calendar, before, Some(&after));
            clocks.stays.push(StayClock { stay: stay.id, clock: after, remind });
        }
    }
    let known = &case.dossier.flow.stages;
    for (id, clock) in known {
        let old = kept.iter().filter(|stay| stay.at.stage.as_ref() == Some(id)).map(|stay| waits(stay));
        let new = begun.iter().filter(|(step, _)| step.stage.as_ref() == Some(id)).map(|(_, waits)| *waits);
        let within: Vec<bool> = old.chain(new).collect();
        let after = turn(clock, within.is_empty() || within.contains(&true));
        if after != *clock {
            clocks.stages.push((id.clone(), after));
        }
    }
    let steps: Vec<&Step> = begun.iter().map(|(step, _)| *step).collect();
    clocks.stages.extend(start_stages(case.rules, &steps, known, case.now));
    Ok(clocks)
}

/// Returns the end of the day on which the applicant's time expires.
pub fn applicant_has_until(case: Case<'_>) -> Timestamp {
    let days = i64::from(case.rules.procedure.waiting_days);
    let last = local(case.now).date().saturating_add(days.days());
    instant(last.at(23, 59, 59, 0))
}
