//! The clocks of a dossier: starting, stopping and resuming them, and the times that follow from them.

use crate::dossier::case::{Case, Rules};
use crate::dossier::event::{Clocks, StayClock};
use crate::dossier::flow::{Stay, StayWait};
use crate::dossier::refusal::Refusal;
use crate::names::StageId;
use crate::people::organisation::Role;
use crate::time::calendar::{Calendar, Limit};
use crate::time::clock::Clock;
use crate::workflow::Step;
use jiff::Timestamp;

/// The times of a stay that begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StayTimes {
    pub clock: Option<Clock>,
    /// The time of the officer's reminder.
    pub remind: Option<Timestamp>,
    /// The clock of the timed action.
    pub timer: Option<Clock>,
}

impl StayTimes {
    /// Returns the times of a stay at `step` with this limit that begins `now`.
    pub fn begin(calendar: &Calendar, step: &Step, limit: Option<Limit>, now: Timestamp) -> Self {
        let clock = limit.map(|limit| start(calendar, step, limit, now));
        let remind = reminder(calendar, step.remind, clock.as_ref());
        let timer = step.timed().map(|(_, limit)| start(calendar, step, limit, now));
        Self { clock, remind, timer }
    }

    /// Returns the times of the stay, if it waits for the applicant from its beginning.
    #[must_use]
    pub fn stopped(self, calendar: &Calendar, now: Timestamp) -> Self {
        let stop = |clock: Clock| clock.stop(calendar, now);
        Self { clock: self.clock.map(stop), remind: None, timer: self.timer.map(stop) }
    }
}

/// Returns the clock of a limit at a step. At a step of the applicant the time is the applicant's.
pub fn start(calendar: &Calendar, step: &Step, limit: Limit, now: Timestamp) -> Clock {
    if step.role == Role::Applicant {
        Clock::start_for_applicant(calendar, limit, now)
    } else {
        Clock::start(calendar, limit, now)
    }
}

/// Returns the time at which a running clock has the rest that the step names. Returns nothing if that moment has
/// passed, or if the due time is not known yet.
pub fn reminder(calendar: &Calendar, before: Option<Limit>, clock: Option<&Clock>) -> Option<Timestamp> {
    clock?.rest_begins(calendar, before?)
}

/// Returns the time of a stay's reminder, if the stay has the clock `after` from now on. A reminder that was not given is
/// never lost: it waits while the clock stands, and is due now if the rest has already begun when the clock runs again.
/// An officer who was reminded is not reminded again.
pub fn reminder_after(case: Case<'_>, stay: &Stay, after: &Clock) -> Result<Option<Timestamp>, Refusal> {
    if stay.reminded {
        return Ok(None);
    }
    if after.due().is_none() {
        return Ok(stay.remind);
    }
    let moment = reminder(case.rules.calendar, case.step(stay)?.remind, Some(after));
    Ok(moment.or_else(|| stay.remind.map(|_| case.now)))
}

/// Returns the clocks of the stages that the steps `begins` enter for the first time. A stage that was left continues with
/// the time that it had.
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
    Clocks::of(case.dossier.flow.whole.clone())
}

/// Returns the clocks if the open stays wait for the applicant as `waits` says.
pub fn clocks_after(case: Case<'_>, waits: impl Fn(&Stay) -> bool) -> Result<Clocks, Refusal> {
    let stays: Vec<&Stay> = case.dossier.flow.stays.iter().collect();
    clocks_of(case, &stays, &[], waits)
}

/// Returns whether the clock over steps stands: nobody is there, something is awaited from the applicant, or all steps are
/// the applicant's own. Each step is given by its role and by whether it waits for the applicant.
pub fn stands(steps: impl IntoIterator<Item = (Role, bool)>) -> bool {
    let mut of_applicant = true;
    for (role, waits) in steps {
        if waits {
            return true;
        }
        of_applicant &= role == Role::Applicant;
    }
    of_applicant
}

/// Returns the clocks if `kept` stays remain open and `begun` ones have begun, each with whether it waits for the
/// applicant. The clock of the whole stands while any stay waits, and while all steps are the applicant's. The clock of a
/// stage obeys the same rule for the steps within it, and stands while the stage is left. A timed action obeys the rule
/// for its own stay.
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
    let within = |stage: Option<&StageId>| {
        let is_within = |of: Option<&StageId>| stage.is_none() || of == stage;
        let old = kept.iter().filter(|stay| is_within(stay.at.stage.as_ref()));
        let new = begun.iter().filter(|(step, _)| is_within(step.stage.as_ref()));
        stands(old.map(|stay| (stay.at.role, waits(stay))).chain(new.map(|(step, waits)| (step.role, *waits))))
    };
    let mut clocks = same_clocks(case);
    clocks.whole = turn(&clocks.whole, within(None));
    for stay in kept {
        let waits = waits(stay);
        if let Some(timer) = &stay.timer {
            let after = turn(&stood(calendar, stay, timer), waits);
            clocks.timers.extend((after != *timer).then_some((stay.id, after)));
        }
        let Some(clock) = &stay.clock else { continue };
        let after = turn(clock, waits);
        if after != *clock {
            let remind = reminder_after(case, stay, &after)?;
            clocks.stays.push(StayClock { stay: stay.id, clock: after, remind });
        }
    }
    let known = &case.dossier.flow.stages;
    for (id, clock) in known {
        let after = turn(clock, within(Some(id)));
        if after != *clock {
            clocks.stages.push((id.clone(), after));
        }
    }
    let steps: Vec<&Step> = begun.iter().map(|(step, _)| *step).collect();
    for (id, clock) in start_stages(case.rules, &steps, known, case.now) {
        let clock = if within(Some(&id)) { clock.stop(calendar, case.now) } else { clock };
        clocks.stages.push((id, clock));
    }
    Ok(clocks)
}

/// Returns the clock of a timed action, which stands since its stay waits for the applicant. Entries of earlier versions
/// of the portal let it run on, so it would act as soon as the applicant has done what they were asked for.
fn stood(calendar: &Calendar, stay: &Stay, timer: &Clock) -> Clock {
    let since = stay.waits.as_ref().and_then(StayWait::since);
    since.map_or_else(|| timer.clone(), |since| timer.stop(calendar, since))
}

/// Returns the clock of what the applicant is asked for now.
pub fn applicant_deadline(case: Case<'_>) -> Clock {
    let Rules { procedure, calendar, .. } = case.rules;
    Clock::start_for_applicant(calendar, Limit::CalendarDays(procedure.waiting_days), case.now)
}

/// Returns the clock `fresh` for the clock `known` of the applicant, if it gives more time.
pub fn extended(known: &Clock, fresh: &Clock) -> Option<Clock> {
    (fresh.due_at_the_soonest() > known.due_at_the_soonest()).then(|| fresh.clone())
}
