//! The position of a dossier on its workflow: its open stays, its ended stays, and their clocks.

use crate::dossier::event::{
    Assignee, BegunStay, Clocks, DossierOutcome, IssuedResult, Recorded, RecordedStep, ResultReceiver, StayId, StepMove,
};
use crate::dossier::visit::{Visit, VisitEnd, VisitNotes};
use crate::media::StoredFile;
use crate::names::{ActionId, Digest, StageId, StepId};
use crate::people::organisation::Role;
use crate::time::calendar::WorkingLength;
use crate::time::clock::Clock;
use crate::workflow::UnitPlace;
use crate::workflow::net::RecordedArrival;
use jiff::Timestamp;
use serde_json::{Map, Value as Json};

/// The position of a dossier on its workflow, and its history.
#[derive(Debug, Clone, PartialEq)]
pub struct DossierFlow {
    /// The open stays, in the order in which they began.
    pub stays: Vec<Stay>,
    /// Branches that wait for a join.
    pub arrived: Vec<RecordedArrival>,
    /// All stays so far. The number of a stay is its index here.
    pub visits: Vec<Visit>,
    pub whole: Clock,
    /// The clocks of the agencies' parts.
    pub stages: Vec<(StageId, Clock)>,
    /// The answers of officers, by field.
    pub office: Map<String, Json>,
    pub results: Vec<StoredFile>,
    /// The time at which the result existed, or at which the dossier ended otherwise.
    pub processed_at: Option<Timestamp>,
    pub ended: Option<DossierEnd>,
    /// The stays to whose work each visit of the dossier on the spot belongs.
    pub(super) visit_stays: Vec<Vec<StayId>>,
    /// The officers who were last given a step, each with its place. Some may have left their post since.
    keepers: Vec<(Option<UnitPlace>, Assignee)>,
}

/// One stay of the dossier at a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Stay {
    pub id: StayId,
    pub at: RecordedStep,
    pub clock: Option<Clock>,
    pub waits: Option<StayWait>,
    pub assignee: Option<Assignee>,
    /// The clock of the timed action, which is taken when the time is used up.
    pub timer: Option<Clock>,
    /// The time of the reminder that the officer has not had. It waits while the clock stands.
    pub remind: Option<Timestamp>,
    /// The officer was reminded.
    pub reminded: bool,
    /// The role to which the step is escalated once its limit has passed.
    pub escalate: Option<Role>,
    /// The limit has passed, and the step is escalated.
    pub escalated: bool,
    /// The version of the procedure under which the applicant got more time because of a fault of its rules.
    pub extended: Option<Digest>,
    /// The version with which the stay began, or last changed for a person who acts at it.
    pub changed: u32,
    /// The version with which the stay was last assigned or released.
    pub assigned: u32,
}

/// The thing for which a stay waits from the applicant, with the applicant's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StayWait {
    Supplement { until: Clock },
    Payment { until: Clock },
}

impl StayWait {
    /// Returns the applicant's clock.
    pub const fn clock(&self) -> &Clock {
        match self {
            Self::Supplement { until } | Self::Payment { until } => until,
        }
    }

    /// Returns the moment until which the applicant has time. While the calendar of that year is not announced, returns
    /// the end without days off, which the calendar can only move to later.
    pub fn until(&self) -> Timestamp {
        self.clock().due_at_the_soonest()
    }

    /// Returns the moment since which the applicant's clock runs.
    pub const fn since(&self) -> Option<Timestamp> {
        match self.clock() {
            Clock::Running { since, .. } => Some(*since),
            Clock::Unknown { since, .. } => *since,
            Clock::Stopped { .. } => None,
        }
    }

    const fn clock_mut(&mut self) -> &mut Clock {
        match self {
            Self::Supplement { until } | Self::Payment { until } => until,
        }
    }
}

/// The end of a dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DossierEnd {
    pub outcome: DossierOutcome,
    pub reason: String,
    pub at: Timestamp,
    /// The file that was issued with the end.
    pub result: Option<StoredFile>,
    /// The result that entered the register.
    pub issued: Option<Box<IssuedResult>>,
    /// The person who took the result at the counter.
    pub receiver: Option<Box<ResultReceiver>>,
}

/// Events that do not form a dossier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableDossier {
    #[error("the first event of a dossier must be `filed`")]
    NotFiled,
    #[error("a dossier is filed only once")]
    FiledTwice,
    #[error("the dossier has no open stay {0:?}")]
    NoStay(Option<StayId>),
    #[error("there is nothing to take back")]
    NothingToUndo,
    #[error("entry {0} records no payment that counts")]
    NoPayment(u32),
}

/// Returns the index of a stay among all visits.
pub fn index(stay: StayId) -> usize {
    usize::try_from(stay).unwrap_or(usize::MAX)
}

impl Stay {
    /// Returns whether the stay waits for what the office asked the applicant for.
    pub(crate) const fn waits_for_supplement(&self) -> bool {
        self.supplement_clock().is_some()
    }

    /// Returns the applicant's clock, if the stay waits for what the office asked for.
    pub(crate) const fn supplement_clock(&self) -> Option<&Clock> {
        match &self.waits {
            Some(StayWait::Supplement { until }) => Some(until),
            Some(StayWait::Payment { .. }) | None => None,
        }
    }
}

impl DossierFlow {
    /// Returns the flow of a filed dossier with these clocks, before its first stay.
    pub(crate) fn new(clocks: &Clocks) -> Self {
        Self {
            stays: Vec::new(),
            arrived: Vec::new(),
            visits: Vec::new(),
            whole: clocks.whole.clone(),
            stages: clocks.stages.clone(),
            office: Map::new(),
            results: Vec::new(),
            processed_at: None,
            ended: None,
            visit_stays: Vec::new(),
            keepers: Vec::new(),
        }
    }

    /// Returns the open stay with this number. Without a number, returns the only stay.
    pub fn stay(&self, id: Option<StayId>) -> Option<&Stay> {
        match (id, self.stays.as_slice()) {
            (Some(id), stays) => stays.iter().find(|stay| stay.id == id),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }

    pub(crate) fn stay_mut(&mut self, id: Option<StayId>) -> Result<&mut Stay, UnreadableDossier> {
        let known = self.stay(id).map(|stay| stay.id).ok_or(UnreadableDossier::NoStay(id))?;
        self.stays.iter_mut().find(|stay| stay.id == known).ok_or(UnreadableDossier::NoStay(id))
    }

    pub(crate) fn set_clocks(&mut self, stay: Option<StayId>, clocks: &Clocks) -> Result<(), UnreadableDossier> {
        self.whole = clocks.whole.clone();
        if clocks.step.is_some() {
            self.stay_mut(stay)?.clock.clone_from(&clocks.step);
        }
        for changed in &clocks.stays {
            let stay = self.stay_mut(Some(changed.stay))?;
            stay.clock = Some(changed.clock.clone());
            stay.remind = changed.remind;
        }
        for (stay, clock) in &clocks.timers {
            self.stay_mut(Some(*stay))?.timer = Some(clock.clone());
        }
        for (stay, clock) in &clocks.deadlines {
            // A request sets its own deadline.
            if let Some(wait) = &mut self.stay_mut(Some(*stay))?.waits {
                wait.clock_mut().clone_from(clock);
            }
        }
        for (stage, clock) in &clocks.stages {
            match self.stages.iter_mut().find(|(known, _)| known == stage) {
                Some((_, known)) => known.clone_from(clock),
                None => self.stages.push((stage.clone(), clock.clone())),
            }
        }
        Ok(())
    }

    /// Stores the answers of an officer and the issued papers at a stay.
    pub(crate) fn fill_in(&mut self, stay: Option<StayId>, answers: &Map<String, Json>, result: Option<&StoredFile>) {
        if let Some(visit) = stay.and_then(|stay| self.visits.get_mut(index(stay))) {
            visit.answers.clone_from(answers);
            visit.result = result.cloned();
        }
        self.office.extend(answers.clone());
        self.results.extend(result.cloned());
    }

    /// Returns the files of the result that were not replaced. A file replaces the one that the same step of the same unit
    /// attached before, such as a draft that was sent back.
    pub(crate) fn last_results(&self) -> Vec<&StoredFile> {
        last_of(self.attached())
    }

    /// Returns the same as [`Self::last_results`], once a step has attached this file too.
    pub(crate) fn results_with<'a>(
        &'a self,
        at: &'a RecordedStep,
        file: Option<&'a StoredFile>,
    ) -> Vec<&'a StoredFile> {
        last_of(self.attached().chain(file.map(|file| (at, file))))
    }

    /// Returns the files of the result, each with the step that attached it.
    fn attached(&self) -> impl Iterator<Item = (&RecordedStep, &StoredFile)> {
        self.visits.iter().filter_map(|visit| Some((&visit.at, visit.result.as_ref()?)))
    }

    /// Ends this kind of waiting at all stays.
    pub(crate) fn answered(&mut self, which: impl Fn(&StayWait) -> bool) {
        for stay in &mut self.stays {
            stay.waits = stay.waits.take().filter(|wait| !which(wait));
        }
    }

    /// Begins a stay.
    pub(crate) fn begin(&mut self, begun: BegunStay, now: Timestamp, version: u32) {
        let id = u32::try_from(self.visits.len()).unwrap_or(u32::MAX);
        let BegunStay { at, clock, assignee, assignee_is_decided, payment_until, timer, remind, escalate, asked } =
            begun;
        let kept = self.keeper(at.place.as_ref(), at.role).filter(|_| !assignee_is_decided).cloned();
        let assignee = assignee.or(kept);
        self.keep(&at, assignee.as_ref());
        let visit = Visit {
            at: at.clone(),
            entered: now,
            left: None,
            notes: VisitNotes::default(),
            answers: Map::new(),
            result: None,
            asked,
        };
        self.visits.push(visit);
        let waits = payment_until.map(|until| until.into_clock(now, WorkingLength::Applicant));
        let timer = timer.map(|timer| timer.into_clock(now, WorkingLength::Exact));
        self.stays.push(Stay {
            id,
            at,
            clock,
            waits: waits.map(|until| StayWait::Payment { until }),
            assignee,
            timer,
            remind,
            reminded: false,
            escalate,
            escalated: false,
            extended: None,
            changed: version,
            assigned: version,
        });
    }

    /// Returns the officers who were last given a step.
    pub fn keepers(&self) -> impl Iterator<Item = &Assignee> {
        self.keepers.iter().map(|(_, kept)| kept)
    }

    /// Returns the officer who was last given a step of this place and role. No place means the dossier's own.
    pub(crate) fn keeper(&self, place: Option<&UnitPlace>, role: Role) -> Option<&Assignee> {
        let known = self.keepers.iter().find(|(known, kept)| known.as_ref() == place && kept.role == role);
        known.map(|(_, kept)| kept)
    }

    /// Forgets the officers of the steps, because other units have the steps now.
    pub(crate) fn forget_keepers(&mut self) {
        self.keepers.clear();
    }

    fn keep(&mut self, at: &RecordedStep, assignee: Option<&Assignee>) {
        let Some(assignee) = assignee else { return };
        self.keepers.retain(|(place, kept)| *place != at.place || kept.role != at.role);
        self.keepers.push((at.place.clone(), assignee.clone()));
    }

    /// Assigns a stay to an officer, or releases it to all holders of its post.
    pub(crate) fn assign(
        &mut self,
        id: StayId,
        assignee: Option<&Assignee>,
        version: u32,
    ) -> Result<(), UnreadableDossier> {
        let stay = self.stay_mut(Some(id))?;
        (stay.assignee, stay.assigned) = (assignee.cloned(), version);
        let at = stay.at.clone();
        self.keepers.retain(|(place, kept)| *place != at.place || kept.role != at.role);
        self.keep(&at, assignee);
        Ok(())
    }

    /// Ends a stay, if it is open.
    pub(crate) fn leave(&mut self, id: StayId, recorded: &Recorded, action: Option<&ActionId>, notes: VisitNotes) {
        let Some(place) = self.stays.iter().position(|stay| stay.id == id) else { return };
        let stay = self.stays.remove(place);
        // Nobody was late or early with a step that was let pass.
        let clock = stay.clock.as_ref().filter(|_| action.is_some());
        let punctuality = clock.map(|clock| clock.ended(recorded.at));
        if let Some(visit) = self.visits.get_mut(index(id)) {
            let (at, by, action) = (recorded.at, recorded.actor.clone(), action.cloned());
            visit.left = Some(VisitEnd { at, by, action, punctuality });
            visit.notes = notes;
        }
    }

    /// Ends the dossier and all open stays.
    pub(crate) fn end(
        &mut self,
        recorded: &Recorded,
        by: Option<(Option<StayId>, &ActionId)>,
        notes: &VisitNotes,
        end: DossierEnd,
    ) {
        if let Some((Some(stay), action)) = by {
            self.leave(stay, recorded, Some(action), notes.clone());
        }
        for id in self.stays.iter().map(|stay| stay.id).collect::<Vec<_>>() {
            self.leave(id, recorded, None, notes.clone());
        }
        self.arrived.clear();
        self.processed_at.get_or_insert(recorded.at);
        self.ended = Some(end);
    }

    /// Renames the steps to their names in another version of the procedure.
    pub(crate) fn rename(&mut self, steps: &[StepMove]) {
        let renamed = |id: &StepId| steps.iter().find(|known| known.from == *id).map(|known| known.to.clone());
        for stay in &mut self.stays {
            if let Some(to) = renamed(&stay.at.step) {
                stay.at = RecordedStep { place: stay.at.place.clone().or_else(|| to.place.clone()), ..to };
            }
        }
        for branch in &mut self.arrived {
            for id in [&mut branch.to, &mut branch.from] {
                if let Some(to) = renamed(id) {
                    *id = to.step;
                }
            }
        }
    }
}

/// Returns the files that no later file of the same step of the same unit replaced.
fn last_of<'a>(attached: impl Iterator<Item = (&'a RecordedStep, &'a StoredFile)>) -> Vec<&'a StoredFile> {
    let mut last: Vec<(&RecordedStep, &StoredFile)> = Vec::new();
    for (at, file) in attached {
        last.retain(|(before, _)| (&before.step, &before.place) != (&at.step, &at.place));
        last.push((at, file));
    }
    last.into_iter().map(|(_, file)| file).collect()
}
