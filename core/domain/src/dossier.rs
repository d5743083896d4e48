//! A dossier: the state that its events add up to.

use crate::access::Subject;
use crate::clock::Punctuality;
use crate::event::{
    Assignee, At, AttachedPaper, Clocks, Event, Filed, Outcome, Payment, Rating, Recorded, StoredFile,
    SupplementRequest, Verdict,
};
use crate::money::Dong;
use crate::names::StepId;
use crate::organisation::ActorRef;
use crate::text::Text;
use crate::workflow::NationalStatus;
use jiff::Timestamp;
use serde_json::{Map, Value as Json};

/// A dossier as it stands after its events.
#[derive(Debug, Clone, PartialEq)]
pub struct Dossier {
    /// How it was filed; never changes.
    pub filed: Filed,
    pub filed_at: Timestamp,
    /// The values as last supplemented.
    pub values: Map<String, Json>,
    pub papers: Vec<AttachedPaper>,
    pub verdict: Option<Verdict>,
    pub at: At,
    pub stage: Stage,
    pub clocks: Clocks,
    pub assignee: Option<Assignee>,
    pub visits: Vec<Visit>,
    pub supplements: Vec<SupplementRequest>,
    pub payments: Vec<Payment>,
    pub results: Vec<StoredFile>,
    pub messages: Vec<Message>,
    /// When the work was done and the result was there, or the dossier ended otherwise.
    pub processed_at: Option<Timestamp>,
    pub rating: Option<Rating>,
    /// How many events made this state.
    pub version: u32,
}

/// What the dossier waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// An officer's action at the current step.
    AtStep,
    /// The applicant's supplement, until then.
    AwaitingSupplement {
        until: Timestamp,
    },
    /// The applicant's payment, until then.
    AwaitingPayment {
        until: Timestamp,
    },
    Ended {
        outcome: Outcome,
        reason: String,
        at: Timestamp,
    },
}

/// One stay of the dossier at a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Visit {
    pub step: StepId,
    pub name: Text,
    pub entered: Timestamp,
    /// When and by whom the step was finished, and how it stood against its limit.
    pub left: Option<(Timestamp, ActorRef, Option<Punctuality>)>,
    pub note: Option<String>,
}

/// A message between applicant and office.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    pub at: Timestamp,
    pub from: ActorRef,
    pub text: String,
}

/// Events that do not make a dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("the first event of a dossier must be `filed`")]
    NotFiled,
    #[error("a dossier is filed only once")]
    FiledTwice,
}

impl Dossier {
    /// The state that these events add up to.
    pub fn replay<'a>(events: impl IntoIterator<Item = &'a Recorded>) -> Result<Self, Unreadable> {
        let mut events = events.into_iter();
        let first = events.next().ok_or(Unreadable::NotFiled)?;
        let mut dossier = Self::open(first)?;
        for event in events {
            dossier.apply(event)?;
        }
        Ok(dossier)
    }

    fn open(recorded: &Recorded) -> Result<Self, Unreadable> {
        let Event::Filed(filed) = &recorded.event else { return Err(Unreadable::NotFiled) };
        let filed = filed.as_ref().clone();
        Ok(Self {
            filed_at: recorded.at,
            values: filed.values.clone(),
            papers: filed.papers.clone(),
            verdict: filed.verdict.clone(),
            at: filed.first.clone(),
            stage: Stage::AtStep,
            clocks: filed.clocks,
            assignee: None,
            visits: vec![Visit::begin(&filed.first, recorded.at)],
            supplements: Vec::new(),
            payments: Vec::new(),
            results: Vec::new(),
            messages: Vec::new(),
            processed_at: None,
            rating: None,
            version: 1,
            filed,
        })
    }

    /// The next state. Nothing is decided here: the event already says everything.
    pub fn apply(&mut self, recorded: &Recorded) -> Result<(), Unreadable> {
        let at = recorded.at;
        match &recorded.event {
            Event::Filed(_) => return Err(Unreadable::FiledTwice),
            Event::Advanced { to, note, assignee, result, payment_until, clocks, .. } => {
                self.leave_step(recorded, note.clone());
                self.visits.push(Visit::begin(to, at));
                self.at = to.clone();
                self.stage = payment_until.map_or(Stage::AtStep, |until| Stage::AwaitingPayment { until });
                self.clocks = *clocks;
                self.results.extend(result.clone());
                if assignee.is_some() {
                    self.assignee.clone_from(assignee);
                }
                if to.status == NationalStatus::Processed {
                    self.processed_at.get_or_insert(at);
                } else {
                    self.processed_at = None;
                }
            }
            Event::SupplementRequested { request, clocks, .. } => {
                self.stage = Stage::AwaitingSupplement { until: request.until };
                self.supplements.push(request.clone());
                self.clocks = *clocks;
            }
            Event::Supplemented { values, papers, verdict, clocks } => {
                self.values.clone_from(values);
                self.papers.clone_from(papers);
                self.verdict.clone_from(verdict);
                self.stage = Stage::AtStep;
                self.clocks = *clocks;
            }
            Event::PaymentRecorded { payment, clocks } => {
                self.payments.push(payment.clone());
                self.clocks = *clocks;
                if self.owed() == Dong(0) && matches!(self.stage, Stage::AwaitingPayment { .. }) {
                    self.stage = Stage::AtStep;
                }
            }
            Event::Ended { outcome, reason, clocks, .. } => {
                self.leave_step(recorded, Some(reason.clone()).filter(|reason| !reason.is_empty()));
                self.processed_at.get_or_insert(at);
                self.clocks = *clocks;
                self.stage = Stage::Ended { outcome: *outcome, reason: reason.clone(), at };
            }
            Event::MessageSent { text } => {
                self.messages.push(Message { at, from: recorded.actor.clone(), text: text.clone() });
            }
            Event::Rated { rating } => self.rating = Some(rating.clone()),
        }
        self.version += 1;
        Ok(())
    }

    fn leave_step(&mut self, recorded: &Recorded, note: Option<String>) {
        let punctuality = self.clocks.step.map(|clock| clock.ended(recorded.at));
        if let Some(visit) = self.visits.last_mut() {
            visit.left = Some((recorded.at, recorded.actor.clone(), punctuality));
            visit.note = note;
        }
    }

    /// What is still to be paid.
    pub fn owed(&self) -> Dong {
        let due: Dong = self.filed.fees.iter().map(|line| line.amount).sum();
        let paid: Dong = self.payments.iter().map(|payment| payment.amount).sum();
        Dong((due.0 - paid.0).max(0))
    }

    /// Whether it has ended.
    pub const fn has_ended(&self) -> bool {
        matches!(self.stage, Stage::Ended { .. })
    }

    /// The status that the national portal is told.
    pub const fn status(&self) -> NationalStatus {
        match &self.stage {
            Stage::AtStep => self.at.status,
            Stage::AwaitingSupplement { .. } => NationalStatus::SupplementRequested,
            Stage::AwaitingPayment { .. } => NationalStatus::PaymentRequested,
            Stage::Ended { outcome, .. } => outcome.status(),
        }
    }

    /// How the whole dossier stands against its limit.
    pub fn punctuality(&self, now: Timestamp) -> Punctuality {
        self.processed_at.map_or_else(|| self.clocks.whole.open(now), |end| self.clocks.whole.ended(end))
    }

    /// The officer to whom the current step is assigned, if to one.
    pub fn step_assignee(&self) -> Option<&Assignee> {
        self.assignee.as_ref().filter(|assignee| assignee.role == self.at.role)
    }

    /// What the access table needs to know.
    pub fn subject(&self) -> Subject<'_> {
        Subject {
            owner: &self.filed.applicant.id,
            agency: &self.filed.agency,
            unit: &self.filed.unit,
            role: self.at.role,
            assignee: self.step_assignee().map(|assignee| &assignee.id),
        }
    }

    /// Every file that belongs to the dossier: papers ever attached are in the journal, those that count are here.
    pub fn files(&self) -> impl Iterator<Item = &StoredFile> {
        let filed = self.filed.papers.iter().map(|paper| &paper.file);
        filed.chain(self.papers.iter().map(|paper| &paper.file)).chain(&self.results)
    }
}

impl Visit {
    fn begin(at: &At, entered: Timestamp) -> Self {
        Self { step: at.step.clone(), name: at.name.clone(), entered, left: None, note: None }
    }
}
