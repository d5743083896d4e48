//! One dossier under its rules at one moment: the input of every decision. The files of the commands depend on this
//! module, and [`crate::dossier::decide`] depends on them.

use crate::access::{Bar, Deed, bar, may};
use crate::calendar::Calendar;
use crate::dossier::Dossier;
use crate::dossier::command::Act;
use crate::dossier::event::{At, StayId};
use crate::dossier::flow::{Stay, index};
use crate::dossier::refusal::Refusal;
use crate::dossier::verdict::Choice;
use crate::dossier::visit::Visit;
use crate::organisation::Actor;
use crate::procedure::Procedure;
use crate::registry::Registries;
use crate::workflow::Step;
use jiff::Timestamp;

/// The longest message, note or reason, in characters.
pub const LONGEST_MESSAGE: usize = 5000;

/// The rules of a decision: the version of the procedure, the working calendar and the province's registries.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    pub procedure: &'a Procedure,
    pub calendar: &'a Calendar,
    pub registries: &'a Registries,
    /// The choices of plugins for this decision.
    pub choices: &'a [Choice],
}

/// One dossier under its rules at one moment.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    pub rules: Rules<'a>,
    pub dossier: &'a Dossier,
    pub now: Timestamp,
}

impl<'a> Case<'a> {
    /// Returns the stay, unless something has changed on which a decision at it rests since the person saw this version
    /// of the dossier. Messages, payments, reminders, new due times, and what happens at other steps change nothing of
    /// that: the conditions of an action are checked when it is taken. Only a refusal rests on messages of the applicant.
    pub fn seen(&self, version: u32, stay: &'a Stay) -> Result<&'a Stay, Refusal> {
        self.is_from(version, self.dossier.judged.max(stay.changed)).map(|()| stay)
    }

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

    /// Returns whether `actor` has the right to take this action where the dossier stands or stood.
    pub fn could_act(&self, actor: &Actor, act: &Act) -> bool {
        let workflow = &self.rules.procedure.workflow;
        let offers =
            |visit: &Visit| workflow.step(&visit.at.step).is_some_and(|step| step.action(&act.action).is_some());
        let meant = |id: usize| act.stay.is_none_or(|stay| index(stay) == id);
        let dossier = self.dossier;
        let visits = dossier.flow.visits.iter().enumerate().filter(|(id, visit)| meant(*id) && offers(visit));
        // An open step belongs to its current officer.
        let subject = |(id, visit): (usize, &'a Visit)| {
            let open = dossier.flow.stays.iter().find(|stay| index(stay.id) == id);
            open.map_or_else(|| dossier.subject_of(&visit.at), |stay| dossier.subject_at(stay))
        };
        visits.map(subject).any(|at| may(actor, Deed::ActOnStep, Some(at)))
    }

    /// Rejects an actor without the right to do this to the dossier as a whole.
    pub fn permit(&self, actor: &Actor, deed: Deed) -> Result<(), Refusal> {
        if self.dossier.lets(actor, deed) { Ok(()) } else { Err(Refusal::NotAllowed) }
    }

    /// Rejects an actor without the right to do this at the stay.
    pub fn permit_at(&self, actor: &Actor, deed: Deed, stay: &Stay) -> Result<(), Refusal> {
        let subject = Some(self.dossier.subject_at(stay));
        match bar(actor, deed, subject) {
            Some(Bar::OwnProposal) => Err(Refusal::OwnProposal),
            None if may(actor, deed, subject) => Ok(()),
            None => Err(Refusal::NotAllowed),
        }
    }

    /// Returns the workflow's step of the stay.
    pub fn step(&self, stay: &Stay) -> Result<&'a Step, Refusal> {
        self.rules.procedure.workflow.step(&stay.at.step).ok_or(Refusal::NoSuchAction)
    }
}

/// Returns the step as an event stores it.
pub fn at(step: &Step) -> At {
    At {
        step: step.id.clone(),
        name: step.name.clone(),
        role: step.role,
        status: step.status,
        place: step.place.clone(),
        stage: step.stage.clone(),
    }
}

/// Returns the text without blanks around it, unless it is empty or too long for a message.
pub fn message(text: String) -> Result<String, Refusal> {
    let text = text.trim().to_owned();
    if text.is_empty() || text.chars().count() > LONGEST_MESSAGE {
        return Err(Refusal::BadMessage { max: LONGEST_MESSAGE });
    }
    Ok(text)
}
