//! A simulated dossier, and the events that change it.

use crate::dossier::clocks::stands;
use crate::time::calendar::{Calendar, YearMissing};
use crate::time::clock::Clock;
use crate::workflow::Workflow;
use crate::workflow::net::{Arrival, AskedGroup, Marking, OpenStay, StepIndex};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// An event of the simulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SimulationEvent {
    Filed,
    /// An officer has done the work at a stay.
    Done {
        officer: usize,
        case: usize,
        stay: u32,
    },
    /// The applicant has answered or paid.
    Given {
        case: usize,
        stay: u32,
    },
    /// A timed action fires.
    Elapsed {
        case: usize,
        stay: u32,
    },
    /// The applicant let a limit pass.
    Lapsed {
        case: usize,
    },
}

/// An open stay of a simulated dossier.
pub struct SimulatedStay {
    pub id: u32,
    pub step: StepIndex,
    pub clock: Option<Clock>,
    /// The clock of the timed action.
    pub timer: Option<Clock>,
    pub since: Timestamp,
    pub post: Option<usize>,
    /// The number that the stays of one question to several units share.
    pub asked: Option<(u32, u32)>,
    pub waits: bool,
    /// The rank under which the stay waits for an officer.
    pub queued: Option<(Timestamp, usize, u32)>,
}

/// A dossier of the simulation.
pub struct SimulatedDossier {
    pub counted: bool,
    pub whole: Clock,
    pub received: Timestamp,
    /// The working time of waiting for the applicant.
    pub waited: i64,
    pub waits_since: Option<Timestamp>,
    pub processed: bool,
    pub stays: Vec<SimulatedStay>,
    pub arrived: Vec<Arrival>,
    pub next: u32,
    pub answers: BTreeMap<u32, u32>,
}

impl SimulatedDossier {
    /// Returns the position of the dossier on the net.
    pub fn marking(&self) -> Marking {
        let open = self.stays.iter().map(|stay| OpenStay {
            step: stay.step,
            group: stay.asked.map(|(first, enough)| {
                let answered = self.answers.get(&first).copied().unwrap_or_default();
                AskedGroup { first, enough, answered }
            }),
        });
        Marking::new(open, self.arrived.clone())
    }

    /// Stops and resumes the clocks, by the same rule as dossiers. Returns the new times of timed actions, each with
    /// its stay.
    pub fn turn_clocks(
        &mut self,
        calendar: &Calendar,
        workflow: &Workflow,
        now: Timestamp,
    ) -> Result<Vec<(Timestamp, u32)>, YearMissing> {
        let turn =
            |clock: &Clock, stands: bool| if stands { clock.stop(calendar, now) } else { clock.resume(calendar, now) };
        let stands = stands(self.stays.iter().map(|stay| (workflow.steps[stay.step].role, stay.waits)));
        self.whole = turn(&self.whole, stands);
        let mut fires = Vec::new();
        for stay in &mut self.stays {
            stay.clock = stay.clock.as_ref().map(|clock| turn(clock, stay.waits));
            let Some(timer) = &stay.timer else { continue };
            let after = turn(timer, stay.waits);
            fires.extend(after.due().filter(|_| after != *timer).map(|due| (due, stay.id)));
            stay.timer = Some(after);
        }
        match (stands, self.waits_since) {
            (true, None) => self.waits_since = Some(now),
            (false, Some(since)) => {
                self.waited += calendar.working_between(since, now)?;
                self.waits_since = None;
            }
            _ => {}
        }
        Ok(fires)
    }
}
