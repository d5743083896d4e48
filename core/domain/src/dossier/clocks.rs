//! The effects of time on a dossier: stopping and resuming clocks, reminders, escalations.

use crate::calendar::{Calendar, Limit};
use crate::clock::Clock;
use crate::dossier::case::{Case, Rules};
use crate::dossier::event::{Clocks, Event, StayClock, StayId, StayTimer};
use crate::dossier::flow::Stay;
use crate::dossier::refusal::Refusal;
use crate::names::StageId;
use crate::workflow::Step;
use jiff::Timestamp;

/// The times of a stay that begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Times {
    pub clock: Option<Clock>,
    /// The time of the officer's reminder.
    pub remind: Option<Timestamp>,
    /// The time at which the timed action fires.
    pub timer: Option<Timestamp>,
    /// The step has a timed action, and the calendar does not know its time yet.
    pub timer_unknown: bool,
}

impl Times {
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
fn reminder(calendar: &Calendar, before: Option<Limit>, clock: Option<&Clock>) -> Option<Timestamp> {
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

impl Case<'_> {
    /// Returns all clocks unchanged.
    pub fn same_clocks(&self) -> Clocks {
        Clocks { whole: self.dossier.flow.whole.clone(), step: None, stays: Vec::new(), stages: Vec::new() }
    }

    /// Returns the clocks if the open stays wait for the applicant as `waits` says.
    pub fn clocks_after(&self, waits: impl Fn(&Stay) -> bool) -> Result<Clocks, Refusal> {
        let stays: Vec<&Stay> = self.dossier.flow.stays.iter().collect();
        self.clocks_of(&stays, &[], waits)
    }

    /// Returns the clocks if `kept` stays remain open and `begun` ones have begun, each with whether it waits for the
    /// applicant. The clock of the whole stands while any stay waits. The clock of a stage stands while a stay in it
    /// waits, or while the stage is left.
    pub fn clocks_of(
        &self,
        kept: &[&Stay],
        begun: &[(&Step, bool)],
        waits: impl Fn(&Stay) -> bool,
    ) -> Result<Clocks, Refusal> {
        let Rules { calendar, .. } = self.rules;
        let turn = |clock: &Clock, stands: bool| {
            if stands { clock.stop(calendar, self.now) } else { clock.resume(calendar, self.now) }
        };
        let mut clocks = self.same_clocks();
        let any = kept.iter().any(|stay| waits(stay)) || begun.iter().any(|(_, waits)| *waits);
        clocks.whole = turn(&clocks.whole, any);
        for stay in kept {
            let Some(clock) = &stay.clock else { continue };
            let after = turn(clock, waits(stay));
            if after != *clock {
                let before = self.step(stay)?.remind;
                let remind = reminder(calendar, before, Some(&after));
                clocks.stays.push(StayClock { stay: stay.id, clock: after, remind });
            }
        }
        let known = &self.dossier.flow.stages;
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
        clocks.stages.extend(start_stages(self.rules, &steps, known, self.now));
        Ok(clocks)
    }

    /// Reminds the officer of a stay.
    pub fn remind(&self, id: StayId) -> Result<Event, Refusal> {
        let stay = self.stay(Some(id))?;
        match stay.remind {
            Some(at) if at <= self.now => Ok(Event::Reminded { stay: id }),
            Some(_) => Err(Refusal::TimeLeft),
            None => Err(Refusal::NothingChanges),
        }
    }

    /// Escalates a stay whose limit has passed to a superior.
    pub fn escalate(&self, id: StayId) -> Result<Event, Refusal> {
        let stay = self.stay(Some(id))?;
        let to = stay.escalate.filter(|_| !stay.escalated).ok_or(Refusal::NothingChanges)?;
        if stay.runs_late(self.now) { Ok(Event::Escalated { stay: id, to }) } else { Err(Refusal::TimeLeft) }
    }

    /// Recomputes all due times on the current calendar, including those that no calendar knew before.
    pub fn reschedule(&self, reason: String) -> Result<Event, Refusal> {
        if self.dossier.has_ended() {
            return Err(Refusal::Ended);
        }
        let Rules { calendar, .. } = self.rules;
        let flow = &self.dossier.flow;
        let mut clocks = self.same_clocks();
        if flow.processed_at.is_none() || flow.whole.is_unknown() {
            clocks.whole = flow.whole.recomputed(calendar);
        }
        for stay in &flow.stays {
            let Some(clock) = &stay.clock else { continue };
            let after = clock.recomputed(calendar);
            if after != *clock {
                // An officer who has been reminded is not reminded again.
                let reminds = stay.remind.is_some() || clock.is_unknown();
                let remind = reminder(calendar, self.step(stay)?.remind.filter(|_| reminds), Some(&after));
                clocks.stays.push(StayClock { stay: stay.id, clock: after, remind });
            }
        }
        for (id, clock) in &flow.stages {
            let after = clock.recomputed(calendar);
            if after != *clock {
                clocks.stages.push((id.clone(), after));
            }
        }
        let timers = self.timers()?;
        if clocks == self.same_clocks() && timers.is_empty() {
            return Err(Refusal::NothingChanges);
        }
        Ok(Event::Rescheduled { reason, clocks, timers })
    }

    /// Returns the times of timed actions that only the current calendar knows.
    fn timers(&self) -> Result<Vec<StayTimer>, Refusal> {
        let mut timers = Vec::new();
        for stay in self.dossier.flow.stays.iter().filter(|stay| stay.timer_unknown) {
            let visit = self.dossier.flow.visits.get(crate::dossier::flow::index(stay.id));
            let (Some(visit), Some((_, limit))) = (visit, self.step(stay)?.timed()) else { continue };
            let due = Clock::start(self.rules.calendar, limit, visit.entered).due();
            timers.extend(due.map(|at| StayTimer { stay: stay.id, at }));
        }
        Ok(timers)
    }
}
