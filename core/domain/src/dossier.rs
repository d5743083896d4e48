//! A dossier: the state computed from its events.
//!
//! [`command`] has the table of commands, and `replay` the table of events. Both lead to the files of `command/`, one
//! for each command. The files beside them have the parts that several commands share: `case` (one dossier under its
//! rules at one moment), `clocks`, `completeness` (of a form and its papers), `effect` (of an action), `ending`,
//! `ledger` (double entry), `marking` (on the net), `receipts` (their numbers), `site_visit` (an appointment on the
//! spot), `staff` and `unit_answers` (of units that were asked the same).

mod case;
pub(crate) mod clocks;
pub mod command;
mod completeness;
pub mod decide;
mod effect;
mod ending;
pub mod event;
mod flow;
mod issue;
pub mod journal;
pub mod ledger;
mod marking;
mod notice;
mod printed;
pub mod receipts;
pub mod receiver;
pub mod refusal;
mod replay;
mod represented;
mod signatures;
pub mod site_visit;
mod staff;
pub mod succession;
mod unit_answers;
mod urgency;
pub mod verdict;
pub mod visit;

use crate::media::{AttachedPaper, StoredFile};
use crate::money::Dong;
use crate::names::{ActionId, Digest, PaperId, StepId};
use crate::people::access::{AccessSubject, Deed, may};
use crate::people::organisation::{Actor, ActorRef, Role};
use crate::procedure::delivery::PostalAddress;
use crate::procedure::{FeeKind, FeeLine};
use crate::time::clock::{Clock, Punctuality};
use crate::workflow::{NationalStatus, UnitPlace};
use event::{DossierOutcome, Filed, MoneyMovement, Rating, ReceivedSupplement, RecordedStep, SupplementRequest};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Map, Value as Json};
use site_visit::PlannedSiteVisit;
use std::collections::BTreeSet;
use verdict::Verdict;

pub use flow::{DossierEnd, DossierFlow, Stay, StayWait, UnreadableDossier, index};
pub use notice::{ASKED_NOTICE, DRAFT_NOTICE, NOTICES, is_for_applicant, notice_of};
pub use printed::PrintedForm;

/// The state of a dossier after its events.
#[derive(Debug, Clone, PartialEq)]
pub struct Dossier {
    /// The filing, which never changes.
    pub filed: Filed,
    pub filed_at: Timestamp,
    /// The version of the procedure for this dossier.
    pub procedure: Digest,
    /// The unit responsible for the dossier.
    pub place: UnitPlace,
    /// The values after the last supplement.
    pub values: Map<String, Json>,
    /// The moment of these values: of the filing, or of the last supplement. Conditions name its day `today`.
    pub answers_at: Timestamp,
    pub papers: Vec<AttachedPaper>,
    /// The papers that a counter has seen: those of the filing, or those of the last supplement at the counter.
    pub on_paper: Vec<PaperId>,
    /// The supplements that the counter received, in their order.
    pub received: Vec<ReceivedSupplement>,
    pub verdicts: Vec<Verdict>,
    /// The amounts owed: those of the filing, or those of the last supplement that changed them.
    pub fees: Vec<FeeLine>,
    pub flow: DossierFlow,
    pub supplements: Vec<SupplementRequest>,
    /// The recorded payments, also those that were reversed.
    pub payments: Vec<MoneyMovement>,
    /// The amounts that were paid back.
    pub refunds: Vec<MoneyMovement>,
    pub messages: Vec<Message>,
    /// The appointments on the spot, in the order in which they were made.
    pub site_visits: Vec<PlannedSiteVisit>,
    pub rating: Option<Rating>,
    /// The number of events of this state.
    pub version: u32,
    /// The version of the last change of the answers, the papers, the procedure or the unit. Every decision rests on
    /// them.
    pub judged: u32,
    /// The version with which the applicant last wrote a message, 0 if never.
    pub heard: u32,
    /// The version of the last supplement, 0 if there is none.
    pub supplemented: u32,
    /// The version with which an officer last answered the applicant or took an action, 0 if never.
    pub answered: u32,
    /// The appointment that the receipt names: that of the filing, or the first one after the calendar of its year
    /// came.
    pub appointment: Option<Timestamp>,
    /// The appointment of which the applicant was told that it passes without a result.
    pub late_told: Option<Timestamp>,
    /// The applicant was told that the validity of the result ends soon, or a later result followed before that.
    pub expiry_told: bool,
    /// The state to which the last action can be taken back.
    pub undo: Option<Box<UndoState>>,
    /// The address to which the result goes by post. `None` for the counter.
    pub post: Option<PostalAddress>,
    /// The version with which the applicant last changed the delivery, 0 if never.
    pub readdressed: u32,
}

/// The party that has the next turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// The office.
    Office,
    /// The applicant, who owes a supplement.
    Supplement { until: Timestamp },
    /// The applicant, who owes a payment.
    Payment { until: Timestamp },
    /// The applicant, who has a step of the workflow.
    Applicant { until: Option<Timestamp> },
    /// Nobody.
    Ended,
}

/// The state to which the last action can be undone.
#[derive(Debug, Clone, PartialEq)]
pub struct UndoState {
    pub actor: ActorRef,
    pub action: ActionId,
    /// The version with which the action was taken.
    pub version: u32,
    pub flow: DossierFlow,
    /// The portal has notified or asked somebody outside.
    pub left_the_house: bool,
}

/// A message between applicant and office.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    pub at: Timestamp,
    pub from: ActorRef,
    pub text: String,
    /// The new day for the result, if the message is an apology of the office.
    pub promised: Option<Date>,
    pub files: Vec<StoredFile>,
    /// The version of the dossier with the message.
    pub version: u32,
}

/// The versions of a dossier with which something happened that can be news to officers, each 0 if it never happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DossierNews {
    /// The applicant wrote a message.
    pub message: u32,
    /// The applicant supplemented the dossier, or changed the delivery of the result.
    pub supplement: u32,
    /// A step that waits for an officer began, was assigned or was released.
    pub handed: u32,
}

impl DossierNews {
    /// Returns the version of the last thing that the applicant did.
    pub fn last(self) -> u32 {
        self.message.max(self.supplement)
    }
}

impl Dossier {
    /// Returns the amount still owed.
    pub fn owed(&self) -> Dong {
        self.owed_of(&self.fees)
    }

    /// Returns the amount still owed if these are the fees. A dossier that ended without a decision owes nothing more.
    fn owed_of(&self, fees: &[FeeLine]) -> Dong {
        if self.ended_without_decision() { Dong(0) } else { Dong(self.balance_of(fees).max(0)) }
    }

    /// Returns the amount that the agency has and that is not owed any more, because a supplement lowered the fees, or
    /// because a deposit goes back with the end of the dossier.
    pub fn to_pay_back(&self) -> Dong {
        Dong(self.balance_of(&self.fees).saturating_neg().max(0))
    }

    /// Returns the part of [`Self::to_pay_back`] that was a deposit. Money that was paid counts for the fees first.
    pub fn deposit_to_pay_back(&self) -> Dong {
        let deposit: Dong = self.fees.iter().filter(|line| self.gives_back(line)).map(|line| line.amount).sum();
        deposit.min(self.to_pay_back())
    }

    /// Returns the most that can be paid back. That is what has to be paid back or, if the dossier ended without a
    /// decision, everything that the agency still has but for a deposit that it keeps, because the service was not
    /// rendered. Money that was paid counts for everything else first.
    pub fn refundable(&self) -> Dong {
        if !self.ended_without_decision() {
            return self.to_pay_back();
        }
        let is_forfeited = |line: &&FeeLine| line.kind == FeeKind::Deposit && !self.gives_back(line);
        let forfeited: Dong = self.fees.iter().filter(is_forfeited).map(|line| line.amount).sum();
        let others: Dong = self.fees.iter().filter(|line| !is_forfeited(line)).map(|line| line.amount).sum();
        let of_deposit = self.paid().0.saturating_sub(others.0).clamp(0, forfeited.0.max(0));
        Dong(self.kept().0.saturating_sub(of_deposit).max(0))
    }

    /// Returns the balance under these fees, in đồng: the fees without what the agency has. After the end, a deposit that
    /// goes back is no longer due.
    fn balance_of(&self, fees: &[FeeLine]) -> i64 {
        self.due_of(fees).0.saturating_sub(self.kept().0)
    }

    /// Returns what these fees amount to, without a deposit that goes back.
    fn due_of(&self, fees: &[FeeLine]) -> Dong {
        fees.iter().filter(|line| !self.gives_back(line)).map(|line| line.amount).sum()
    }

    /// Returns whether the dossier has ended, and an amount goes back to the applicant because of that.
    fn gives_back(&self, line: &FeeLine) -> bool {
        self.flow.ended.as_ref().is_some_and(|end| line.goes_back_with(end.outcome))
    }

    /// Returns the amount that the agency has: what was paid without what was paid back.
    pub fn kept(&self) -> Dong {
        let refunded: Dong = self.refunds.iter().map(|refund| refund.amount).sum();
        Dong(self.paid().0.saturating_sub(refunded.0))
    }

    /// Returns the amount that was paid. A payment that was reversed does not count.
    fn paid(&self) -> Dong {
        self.payments.iter().filter(|payment| payment.counts()).map(|payment| payment.amount).sum()
    }

    /// Returns whether the dossier has ended, and the agency neither granted nor refused what was applied for.
    fn ended_without_decision(&self) -> bool {
        self.flow.ended.as_ref().is_some_and(|end| !end.outcome.is_decision())
    }

    /// Returns whether the applicant was asked for a supplement at this step before: to ask again needs new grounds.
    pub fn asked_before(&self, step: &StepId) -> bool {
        self.supplements.iter().any(|request| request.step == *step)
    }

    /// Whether it has ended.
    pub const fn has_ended(&self) -> bool {
        self.flow.ended.is_some()
    }

    /// Returns the party that has the next turn: the applicant, if the office waits for anything from them.
    pub fn turn(&self) -> Turn {
        if self.has_ended() {
            return Turn::Ended;
        }
        let waits = self.flow.stays.iter().filter_map(|stay| stay.waits.as_ref());
        let soonest = waits.min_by_key(|wait| wait.until());
        let asked = self.flow.stays.iter().find(|stay| stay.at.role == Role::Applicant);
        match (soonest, asked) {
            (Some(wait @ StayWait::Supplement { .. }), _) => Turn::Supplement { until: wait.until() },
            (Some(wait @ StayWait::Payment { .. }), _) => Turn::Payment { until: wait.until() },
            (None, Some(stay)) => Turn::Applicant { until: stay.timer.as_ref().and_then(Clock::due) },
            (None, None) => Turn::Office,
        }
    }

    /// Returns the status for the national portal. Of several steps, the one furthest from the end counts.
    pub fn status(&self) -> NationalStatus {
        match (&self.flow.ended, self.turn()) {
            (Some(end), _) => end.outcome.status(),
            (None, Turn::Supplement { .. }) => NationalStatus::SupplementRequested,
            (None, Turn::Payment { .. }) => NationalStatus::PaymentRequested,
            (None, _) => self.flow.stays.iter().map(|stay| stay.at.status).min().unwrap_or(NationalStatus::Processing),
        }
    }

    /// Returns the punctuality of the whole dossier against its limit.
    pub fn punctuality(&self, now: Timestamp) -> Punctuality {
        let whole = &self.flow.whole;
        self.flow.processed_at.map_or_else(|| whole.open(now), |end| whole.ended(end))
    }

    /// Returns the unit to which a stay belongs.
    pub fn place_of<'a>(&'a self, stay: &'a Stay) -> &'a UnitPlace {
        stay.at.place.as_ref().unwrap_or(&self.place)
    }

    /// Returns whether the applicant wrote a message that no officer has answered, and after which no officer has
    /// acted.
    pub const fn is_unanswered(&self) -> bool {
        self.heard > self.answered
    }

    /// Returns what can be news to the officers who may read the dossier. Of a dossier that has ended, nothing is news but
    /// a message to which nobody answered.
    pub fn news(&self) -> DossierNews {
        if self.flow.ended.is_some() {
            let message = if self.is_unanswered() { self.heard } else { 0 };
            return DossierNews { message, ..DossierNews::default() };
        }
        let office = self.flow.stays.iter().filter(|stay| stay.waits_for_office());
        let handed = office.map(|stay| stay.assigned).max().unwrap_or_default();
        let supplement = self.supplemented.max(self.readdressed);
        DossierNews { message: self.heard, supplement, handed }
    }

    /// Returns the units that have or had a step of the dossier, apart from its own unit.
    pub fn partners(&self) -> BTreeSet<&UnitPlace> {
        let past = self.flow.visits.iter().map(|visit| &visit.at);
        // A stay may have moved to another unit since it began.
        let open = self.flow.stays.iter().map(|stay| &stay.at);
        past.chain(open).filter_map(|at| at.place.as_ref()).filter(|place| **place != self.place).collect()
    }

    /// Returns the facts that the access table needs about the dossier as a whole.
    pub fn subject(&self) -> AccessSubject<'_> {
        AccessSubject {
            owner: &self.filed.applicant.id,
            agency: &self.place.agency,
            unit: &self.place.unit,
            role: None,
            assignee: None,
            past: &self.flow.visits,
        }
    }

    /// Returns the facts that the access table needs about one stay.
    pub fn subject_at<'a>(&'a self, stay: &'a Stay) -> AccessSubject<'a> {
        AccessSubject { assignee: stay.assignee.as_ref().map(|assignee| &assignee.id), ..self.subject_of(&stay.at) }
    }

    /// Returns the facts that the access table needs about a step, without its officer.
    pub fn subject_of<'a>(&'a self, at: &'a RecordedStep) -> AccessSubject<'a> {
        let place = at.place.as_ref().unwrap_or(&self.place);
        AccessSubject { agency: &place.agency, unit: &place.unit, role: Some(at.role), ..self.subject() }
    }

    /// Returns whether `actor` may do this to the dossier. The actor may belong to its agency or to an agency that
    /// takes part in it. A deputy acts for an officer on leave who has a step of it.
    pub fn lets(&self, actor: &Actor, deed: Deed) -> bool {
        let shared = matches!(deed, Deed::ReadDossier | Deed::SendMessage);
        let past = self.flow.visits.iter().map(|visit| &visit.at);
        // A stay may have moved to another unit since it began.
        let open = self.flow.stays.iter().map(|stay| &stay.at);
        let taking_part = past.chain(open).filter(|_| shared).filter_map(|at| at.place.as_ref());
        may(actor, deed, Some(self.subject()))
            || taking_part
                .map(|place| AccessSubject { agency: &place.agency, unit: &place.unit, ..self.subject() })
                .any(|subject| may(actor, deed, Some(subject)))
            || self.lets_deputy(actor, deed)
    }

    /// Returns whether `actor` may do this as a deputy: at steps of an officer on leave, and at steps that the deputy
    /// took.
    fn lets_deputy(&self, actor: &Actor, deed: Deed) -> bool {
        let for_deputies = matches!(deed, Deed::ReadDossier | Deed::SendMessage | Deed::Undo);
        if !for_deputies || !matches!(actor, Actor::Officer { stands_for, .. } if !stands_for.is_empty()) {
            return false;
        }
        let reference = actor.reference();
        let taken = self.flow.visits.iter().filter_map(|visit| {
            let by = visit.left.as_ref().map(|left| &left.by).filter(|by| by.is_same(&reference))?;
            Some(AccessSubject { assignee: Some(&by.acting_for()?.id), ..self.subject_of(&visit.at) })
        });
        let open = self.flow.stays.iter().map(|stay| self.subject_at(stay));
        open.chain(taken).any(|subject| may(actor, deed, Some(subject)))
    }

    /// Returns the open stays at which `actor` can act.
    pub fn acts_at<'a>(&'a self, actor: &'a Actor) -> impl Iterator<Item = &'a Stay> {
        self.flow.stays.iter().filter(move |stay| may(actor, Deed::ActOnStep, Some(self.subject_at(stay))))
    }

    /// Returns the files of the result that the office has issued: once the result exists and everything is paid, and
    /// once it was handed over. If the dossier ended otherwise, returns the file that was issued with the end. A file
    /// that its step replaced is never issued.
    pub fn issued_results(&self) -> Vec<&StoredFile> {
        match &self.flow.ended {
            Some(end) if end.outcome == DossierOutcome::Returned => self.flow.last_results(),
            Some(end) => end.result.iter().collect(),
            None if self.flow.processed_at.is_some() && self.owed() == Dong(0) => self.flow.last_results(),
            None => Vec::new(),
        }
    }

    /// Returns the files that `actor` may open, if they may read the dossier. The applicant does not get a result
    /// before it is issued.
    pub fn files_for(&self, actor: &Actor) -> impl Iterator<Item = &StoredFile> {
        let is_applicant = matches!(actor, Actor::Applicant { .. });
        let results = if is_applicant { self.issued_results() } else { self.flow.results.iter().collect() };
        self.papers_ever().chain(self.sent()).chain(results)
    }

    /// Returns every file of the dossier. The journal names all papers ever attached, and the state names those that
    /// count.
    pub fn files(&self) -> impl Iterator<Item = &StoredFile> {
        self.papers_ever().chain(self.sent()).chain(&self.flow.results)
    }

    /// Returns the files of all messages. Both sides read them.
    fn sent(&self) -> impl Iterator<Item = &StoredFile> {
        self.messages.iter().flat_map(|message| &message.files)
    }

    /// Returns the papers that were filed, and those that count now.
    fn papers_ever(&self) -> impl Iterator<Item = &StoredFile> {
        self.filed.papers.iter().chain(&self.papers).map(|paper| &paper.file)
    }
}
