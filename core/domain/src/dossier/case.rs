//! One dossier under its rules at one moment: the input of every decision. The files of the commands depend on this
//! module, and [`crate::dossier::decide`] depends on them.

use crate::dossier::Dossier;
use crate::dossier::event::{PaymentMethod, RecordedStep, StayId};
use crate::dossier::flow::Stay;
use crate::dossier::marking::marking;
use crate::dossier::receipts::{is_drawn, is_of_book};
use crate::dossier::refusal::Refusal;
use crate::dossier::unit_answers::answers_of_units;
use crate::dossier::verdict::PluginChoice;
use crate::expression::{Expression, RuleFault, WorkBudget};
use crate::media::StoredFile;
use crate::people::access::{AccessBar, AccessSubject, Deed, bar, may};
use crate::people::organisation::Actor;
use crate::procedure::Procedure;
use crate::registry::Registries;
use crate::time::calendar::Calendar;
use crate::workflow::net::meets_milestone;
use crate::workflow::{Action, Step};
use jiff::Timestamp;
use serde_json::{Map, Value as Json};
use std::borrow::Cow;

/// The longest message, note or reason, in characters.
pub const LONGEST_MESSAGE: usize = 5000;

/// The most files of one message.
pub const MOST_MESSAGE_FILES: usize = 5;

/// The longest number of a receipt, in characters.
const LONGEST_RECEIPT: usize = 64;

/// The rules of a decision: the version of the procedure, the working calendar and the province's registries.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    pub procedure: &'a Procedure,
    pub calendar: &'a Calendar,
    pub registries: &'a Registries,
    /// The choices of plugins for this decision.
    pub choices: &'a [PluginChoice],
}

/// One dossier under its rules at one moment.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    pub rules: Rules<'a>,
    pub dossier: &'a Dossier,
    pub now: Timestamp,
}

impl<'a> Case<'a> {
    /// Rejects a person who saw a version of the dossier before the version `changed`, or one that does not exist.
    pub fn is_from(&self, version: u32, changed: u32) -> Result<(), Refusal> {
        if (changed..=self.dossier.version).contains(&version) { Ok(()) } else { Err(Refusal::Changed) }
    }

    /// Returns the open stay with this number.
    pub fn stay(&self, id: Option<StayId>) -> Result<&'a Stay, Refusal> {
        if self.dossier.has_ended() {
            return Err(Refusal::Ended);
        }
        // The stay existed and has ended, because another person was faster.
        let missing = if id.is_some() { Refusal::Changed } else { Refusal::NoSuchAction };
        self.dossier.flow.stay(id).ok_or(missing)
    }

    /// Rejects an actor without the right to do this to the dossier as a whole.
    pub fn permit(&self, actor: &Actor, deed: Deed) -> Result<(), Refusal> {
        if self.dossier.lets(actor, deed) { Ok(()) } else { Err(barred(actor, deed, self.dossier.subject())) }
    }

    /// Rejects an actor without the right to do this at the stay.
    pub fn permit_at(&self, actor: &Actor, deed: Deed, stay: &Stay) -> Result<(), Refusal> {
        let subject = self.dossier.subject_at(stay);
        if may(actor, deed, Some(subject)) { Ok(()) } else { Err(barred(actor, deed, subject)) }
    }

    /// Returns whether an action is open: its condition holds, and the dossier stands at the step of `during`. An action
    /// whose condition reads the form of its step is open until the form is filled in.
    pub fn is_open(&self, stay: &Stay, step: &Step, action: &Action) -> Result<bool, RuleFault> {
        let meanwhile = action.during.is_none() || self.meets_milestone(stay, action);
        match &action.when {
            Some(when) if meanwhile && !step.is_opened_by_form(action) => self.holds(when, step, &Map::new()),
            _ => Ok(meanwhile),
        }
    }

    /// Returns whether the answers to the form of the step leave the action open.
    pub fn is_opened_by(&self, step: &Step, action: &Action, answers: &Map<String, Json>) -> Result<bool, RuleFault> {
        match &action.when {
            Some(when) if step.is_opened_by_form(action) => self.holds(when, step, answers),
            _ => Ok(true),
        }
    }

    /// Returns whether the dossier stands at the step of `during` too.
    fn meets_milestone(&self, stay: &Stay, action: &Action) -> bool {
        let (workflow, flow) = (&self.rules.procedure.workflow, &self.dossier.flow);
        let Ok(marking) = marking(workflow, flow) else { return false };
        let token = flow.stays.iter().position(|open| open.id == stay.id).and_then(|stay| marking.token_of(stay));
        token.is_some_and(|token| meets_milestone(workflow, &marking.tokens, token, action))
    }

    /// Returns whether a condition of a step holds for the dossier's answers and for the answers of officers, of which
    /// `answers` are given at the step now. `today` is the day of the applicant's last answers, so a condition does not
    /// change by waiting. If the condition cannot be evaluated, the dossier waits, because a guess might lead it past a
    /// step.
    pub fn holds(&self, condition: &Expression, step: &Step, answers: &Map<String, Json>) -> Result<bool, RuleFault> {
        let mut facts = self.facts();
        // The questions of the step have the answers of now, and not those of an earlier time or of other units.
        if step.form.iter().any(|question| facts.contains_key(&question.id)) {
            let of_now = facts.to_mut();
            for question in &step.form {
                of_now.remove(&question.id);
            }
        }
        if !answers.is_empty() {
            facts.to_mut().extend(answers.clone());
        }
        self.holds_for(condition, &facts)
    }

    /// Returns whether a condition holds for everything that was answered so far.
    pub fn holds_now(&self, condition: &Expression) -> Result<bool, RuleFault> {
        self.holds_for(condition, &self.facts())
    }

    fn holds_for(&self, condition: &Expression, facts: &Map<String, Json>) -> Result<bool, RuleFault> {
        let work = WorkBudget::at(self.dossier.answers_at);
        let holds = condition.holds_within(facts, &work).unwrap_or(false);
        work.into_fault().map_or(Ok(holds), Err)
    }

    /// Returns the dossier's answers with those of officers.
    pub fn facts(&self) -> Cow<'a, Map<String, Json>> {
        let Dossier { values, flow, .. } = self.dossier;
        let of_units = answers_of_units(self.rules.procedure, flow);
        if flow.office.is_empty() && of_units.is_empty() {
            return Cow::Borrowed(values);
        }
        let mut facts = values.clone();
        facts.extend(flow.office.clone());
        facts.extend(of_units);
        Cow::Owned(facts)
    }

    /// Returns the workflow's step of the stay.
    pub fn step(&self, stay: &Stay) -> Result<&'a Step, Refusal> {
        self.rules.procedure.workflow.step(&stay.at.step).ok_or(Refusal::NoSuchAction)
    }
}

/// Returns the step as an event stores it.
pub fn at(step: &Step) -> RecordedStep {
    RecordedStep {
        step: step.id.clone(),
        name: step.name.clone(),
        role: step.role,
        status: step.status,
        place: step.place.clone(),
        stage: step.stage.clone(),
    }
}

/// Rejects a number of a receipt or of a transaction that is missing or too long, or that only the portal gives. Cash
/// without a number gets the next one of the agency's book.
pub fn check_receipt(method: PaymentMethod, number: &str) -> Result<(), Refusal> {
    if is_drawn(method, number) {
        return Ok(());
    }
    if is_of_book(number) {
        return Err(Refusal::ReceiptOfBook);
    }
    let is_fit = !number.trim().is_empty() && number.chars().count() <= LONGEST_RECEIPT;
    if is_fit { Ok(()) } else { Err(Refusal::ReceiptMissing) }
}

/// Returns the text without blanks around it, unless it is empty or too long for a message.
pub fn message(text: String) -> Result<String, Refusal> {
    let text = text.trim().to_owned();
    if text.is_empty() || text.chars().count() > LONGEST_MESSAGE {
        return Err(Refusal::BadMessage { max: LONGEST_MESSAGE });
    }
    Ok(text)
}

/// Returns the files of a message, unless they are too many.
pub fn attached(files: Vec<StoredFile>) -> Result<Vec<StoredFile>, Refusal> {
    if files.len() > MOST_MESSAGE_FILES {
        return Err(Refusal::TooManyMessageFiles { max: MOST_MESSAGE_FILES });
    }
    Ok(files)
}

/// Returns why an actor may not do a deed.
fn barred(actor: &Actor, deed: Deed, subject: AccessSubject<'_>) -> Refusal {
    match bar(actor, deed, Some(subject)) {
        Some(AccessBar::OwnProposal) => Refusal::OwnProposal,
        Some(AccessBar::OwnDossier) => Refusal::OwnDossier,
        None => Refusal::NotAllowed,
    }
}
