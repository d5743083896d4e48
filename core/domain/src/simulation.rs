//! A simulation of arriving dossiers, of officers who take steps, and of the time that citizens wait.
//!
//! A discrete-event simulation of one procedure on its own workflow, calendar and limits. Dossiers move by the rules of
//! [`crate::workflow::net`], time counts on the working calendar, and officers first take the work that is due first. The
//! assumptions of a run are a [`SimulationPlan`]: from the journal ([`observed`]), or written down. The same seed returns the
//! same report everywhere.

mod dossier;
mod hall;
mod observe;
mod report;
mod run;

pub use observe::observed;
pub use run::simulate;

use crate::names::{ActionId, AgencyId, StepId};
use crate::people::organisation::{Post, Role};
use crate::procedure::Procedure;
use crate::text::Text;
use crate::time::calendar::Calendar;
use crate::workflow::{Step, UnitPlace};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The assumptions of a simulation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SimulationPlan {
    /// The mean number of dossiers filed on a working day. They arrive at random moments.
    pub arrivals: f64,
    /// The part of the officers' working time for this procedure, from 0 to 1.
    pub share: f64,
    /// The mean number of days until an applicant answers or pays.
    pub applicant_days: f64,
    /// The share of dossiers that take a branch with a condition, from 0 to 1.
    pub branches: f64,
    /// The known facts of steps, by id.
    pub step: BTreeMap<StepId, StepPlan>,
}

/// The assumptions about a step.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StepPlan {
    /// The mean work at the step, in minutes.
    pub minutes: Option<f64>,
    /// The frequency of each action, in proportion to one another.
    pub ways: BTreeMap<ActionId, f64>,
}

impl Default for SimulationPlan {
    fn default() -> Self {
        Self { arrivals: 20.0, share: 1.0, applicant_days: 5.0, branches: 0.5, step: BTreeMap::new() }
    }
}

/// The work at a step without data, in minutes.
pub const MINUTES: f64 = 15.0;

/// The frequency of the first action of a step without data. The others share the rest.
pub const USUAL: f64 = 0.9;

/// The officers who take steps: one entry for each officer, with their posts.
pub type Staff = Vec<Vec<Post>>;

/// The subject of a simulation.
#[derive(Debug, Clone, Copy)]
pub struct SimulationScene<'a> {
    /// The procedure as one agency offers it.
    pub procedure: &'a Procedure,
    pub calendar: &'a Calendar,
    /// The start of the simulation.
    pub from: Timestamp,
    /// The number of working days. Dossiers filed in the first fifth of them do not count, because nobody waits yet.
    pub days: u32,
    /// The number of runs, each with other random numbers.
    pub runs: u32,
    pub seed: u64,
}

impl SimulationScene<'_> {
    /// Returns the agency in which the procedure is simulated: the one in whose folder it stands.
    fn agency(&self) -> AgencyId {
        AgencyId(self.procedure.group.clone())
    }
}

/// The result, as the mean of all runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SimulationReport {
    pub filed: f64,
    pub processed: f64,
    /// The late share of dossiers that were processed or are overdue, from 0 to 1.
    pub late: f64,
    /// The distance from `late` within which the truth lies in 19 of 20 cases, as far as chance goes.
    pub late_within: f64,
    /// The working days from receiving to the result, without the time of waiting for the applicant.
    pub days: Spread,
    pub steps: Vec<StepReport>,
    pub posts: Vec<PostReport>,
    /// The post, by its index in `posts`, for which dossiers wait longest in total.
    pub bottleneck: Option<usize>,
    /// The number of dossiers by their whole working days.
    pub histogram: Vec<f64>,
}

/// The mean, the median and the 90th percentile.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Spread {
    pub mean: f64,
    pub middle: f64,
    pub nine_of_ten: f64,
}

/// A step, as the mean of all dossiers that came to it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepReport {
    pub step: StepId,
    pub name: Text,
    pub taken: f64,
    /// The working hours until an officer begins.
    pub waiting_hours: f64,
    /// The share that passed the step's own limit, from 0 to 1. None if the step has no limit.
    pub late: Option<f64>,
}

/// A post and its holders.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PostReport {
    pub post: Post,
    pub officers: usize,
    /// The share of working time that its holders work, at its steps and at those of their other posts, from 0 to 1.
    pub busy: f64,
    /// The working hours until an officer begins.
    pub waiting_hours: f64,
    /// The most steps that waited.
    pub longest_queue: f64,
}

/// The reason why a simulation is impossible.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Impossible {
    #[error("step `{0}` is for a {role} of `{unit}`, and nobody holds that post", role = .1.role.name(), unit = .1.unit)]
    Nobody(StepId, Post),
    #[error("the plan speaks of step `{0}`, which the workflow does not have")]
    NoStep(StepId),
    #[error("the plan speaks of action `{1}`, which step `{0}` does not have")]
    NoAction(StepId, ActionId),
    #[error("{0} in the plan must be {1}")]
    OutOfRange(&'static str, &'static str),
    #[error(transparent)]
    Calendar(#[from] crate::time::calendar::YearMissing),
}

/// Returns the post that takes a step at a place.
pub fn post_of(step: &Step, place: &UnitPlace) -> Option<Post> {
    let post = Post { agency: place.agency.clone(), unit: place.unit.clone(), role: step.role };
    (step.role != Role::Applicant).then_some(post)
}

impl SimulationPlan {
    /// Checks that the plan is possible.
    fn check(&self, procedure: &Procedure) -> Result<(), Impossible> {
        let share = |value: f64| value > 0.0 && value <= 1.0;
        if !(self.arrivals > 0.0 && self.arrivals <= 100_000.0) {
            return Err(Impossible::OutOfRange("arrivals", "above 0 and at most 100000"));
        }
        if !share(self.share) {
            return Err(Impossible::OutOfRange("share", "above 0 and at most 1"));
        }
        if !(0.0..=1.0).contains(&self.branches) {
            return Err(Impossible::OutOfRange("branches", "from 0 to 1"));
        }
        if !(0.0..=3650.0).contains(&self.applicant_days) {
            return Err(Impossible::OutOfRange("applicant_days", "from 0 to 3650"));
        }
        for (id, plan) in &self.step {
            let step = procedure.workflow.step(id).ok_or_else(|| Impossible::NoStep(id.clone()))?;
            if plan.minutes.is_some_and(|minutes| !(minutes > 0.0 && minutes <= 100_000.0)) {
                return Err(Impossible::OutOfRange("minutes", "above 0 and at most 100000"));
            }
            for (action, often) in &plan.ways {
                if step.action(action).is_none() {
                    return Err(Impossible::NoAction(id.clone(), action.clone()));
                }
                if !(*often >= 0.0 && often.is_finite()) {
                    return Err(Impossible::OutOfRange("ways", "0 or more"));
                }
            }
        }
        Ok(())
    }

    fn minutes(&self, step: &StepId) -> f64 {
        self.step.get(step).and_then(|plan| plan.minutes).unwrap_or(MINUTES) / self.share
    }

    /// Returns the frequency of an action, against the others of its step.
    fn often(&self, step: &Step, action: &ActionId) -> f64 {
        if let Some(plan) = self.step.get(&step.id).filter(|plan| !plan.ways.is_empty()) {
            return plan.ways.get(action).copied().unwrap_or(0.0);
        }
        let mut people = step.actions.iter().filter(|action| action.is_for_people());
        let first = people.next().is_some_and(|first| first.id == *action);
        let others = u32::try_from(people.count()).unwrap_or(1).max(1);
        if first { USUAL } else { (1.0 - USUAL) / f64::from(others) }
    }
}
