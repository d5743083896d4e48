//! Assigns steps among the holders of a post: taking a step, giving it to a colleague, releasing it, and undoing an
//! action.

use crate::access::Deed;
use crate::dossier::case::{Case, message};
use crate::dossier::command::Candidate;
use crate::dossier::event::{Assignee, Event, StayId};
use crate::dossier::flow::Stay;
use crate::dossier::refusal::Refusal;
use crate::dossier::verdict::officer_question;
use crate::dossier::{Dossier, Undo};
use crate::names::ActionId;
use crate::organisation::Actor;
use crate::workflow::{Assign, Place, Step};

impl Candidate {
    /// Returns the officer as events store them, in the role of a step.
    pub(crate) fn assignee(&self, role: crate::organisation::Role) -> Assignee {
        Assignee { id: self.id.clone(), name: self.name.clone(), role }
    }

    /// Returns whether the candidate logs in by this name, in any spelling.
    fn is_called(&self, login: &str) -> bool {
        self.login == identity::login(login)
    }

    /// Returns whether one of the candidate's posts is that of the step at the place.
    pub fn serves(&self, step: &Step, place: &Place) -> bool {
        self.posts.iter().any(|post| post.serves(step.role, &place.agency, &place.unit))
    }
}

impl Dossier {
    /// Returns the last action, if `actor` took it.
    fn own_last(&self, actor: &Actor) -> Option<&Undo> {
        self.undo.as_deref().filter(|undo| undo.actor.is_same(&actor.reference()))
    }

    /// Returns the action that `actor` may take back now: the actor's own last one, if nobody outside has been told of
    /// it and the actor still has the right. [`crate::decide::decide`] asks the same conditions.
    pub fn may_undo(&self, actor: &Actor) -> Option<&ActionId> {
        let own = self.own_last(actor).filter(|_| self.lets(actor, Deed::Undo));
        own.and_then(|undo| undo.still_inside().ok())
    }
}

impl Undo {
    /// Returns the action, and refuses to take it back once somebody outside has been told of it.
    const fn still_inside(&self) -> Result<&ActionId, Refusal> {
        if self.left_the_house { Err(Refusal::LeftTheHouse) } else { Ok(&self.action) }
    }
}

impl<'a> Case<'a> {
    /// Returns the officer to whom a step is assigned when it begins, by the rule of the step.
    pub(crate) fn chosen_for(&self, step: &Step, place: &Place, staff: &[Candidate]) -> Option<Assignee> {
        let mut fit = staff.iter().filter(|candidate| candidate.serves(step, place));
        let found = match &step.assign {
            Assign::Post => None,
            Assign::Person { login } => fit.find(|candidate| candidate.is_called(login)),
            Assign::Plugin => {
                let question = officer_question(step);
                let chosen = self.rules.choices.iter().find(|choice| choice.question == question);
                let login = chosen.and_then(|chosen| chosen.choice.as_deref());
                login.and_then(|login| fit.find(|candidate| candidate.is_called(login)))
            }
            Assign::Load => fit.min_by_key(|candidate| (candidate.open, &candidate.id)),
            Assign::Area { field, registry } => {
                let answer = self.dossier.values.get(field);
                // An entry of a registry is stored with its name.
                let area = answer.and_then(|answer| answer.as_str().or_else(|| answer.get("code")?.as_str()));
                let entry = area.and_then(|area| self.rules.registries.get(registry)?.entry(area));
                entry.and_then(|entry| fit.find(|candidate| candidate.is_called(&entry.name.vi)))
            }
        };
        found.map(|candidate| candidate.assignee(step.role))
    }

    fn assigning(&self, actor: &Actor, id: StayId, seen: u32, deed: Deed) -> Result<&'a Stay, Refusal> {
        let stay = self.stay(Some(id))?;
        self.permit_at(actor, deed, stay)?;
        // A person who gives a step away must know its current officer.
        self.is_from(seen, stay.changed.max(stay.assigned))?;
        Ok(stay)
    }

    /// Takes a step without an officer for the actor.
    pub fn take(&self, actor: &Actor, id: StayId, seen: u32) -> Result<Event, Refusal> {
        let stay = self.assigning(actor, id, seen, Deed::TakeStep)?;
        let Actor::Officer { id: officer, name, .. } = actor else { return Err(Refusal::NotAllowed) };
        if stay.assignee.as_ref().is_some_and(|assignee| assignee.id == *officer) {
            return Err(Refusal::TakenAlready);
        }
        let assignee = Assignee { id: officer.clone(), name: name.clone(), role: stay.at.role };
        Ok(Event::Assigned { stay: id, assignee: Some(assignee), note: None })
    }

    /// Gives a step to a colleague. The actor is its officer, or heads the unit.
    pub fn give(&self, actor: &Actor, id: StayId, seen: u32, to: Candidate, note: String) -> Result<Event, Refusal> {
        let stay = match self.assigning(actor, id, seen, Deed::TakeStep) {
            Err(Refusal::NotAllowed) => self.assigning(actor, id, seen, Deed::GiveStep)?,
            other => other?,
        };
        let place = self.dossier.place_of(stay);
        let step = self.step(stay)?;
        if !to.serves(step, place) {
            return Err(Refusal::AssigneeUnfit);
        }
        if stay.assignee.as_ref().is_some_and(|assignee| assignee.id == to.id) {
            return Err(Refusal::TakenAlready);
        }
        let note = Some(note).filter(|note| !note.trim().is_empty()).map(message).transpose()?;
        Ok(Event::Assigned { stay: id, assignee: Some(to.assignee(stay.at.role)), note })
    }

    /// Releases a step to all holders of its post. The actor is its officer, or heads the unit.
    pub fn release(&self, actor: &Actor, id: StayId, seen: u32) -> Result<Event, Refusal> {
        let stay = match self.assigning(actor, id, seen, Deed::TakeStep) {
            Err(Refusal::NotAllowed) => self.assigning(actor, id, seen, Deed::GiveStep)?,
            other => other?,
        };
        if stay.assignee.is_none() {
            return Err(Refusal::NothingChanges);
        }
        Ok(Event::Assigned { stay: id, assignee: None, note: None })
    }

    /// Undoes the actor's own last action, if nobody outside has been notified of it.
    pub fn undo(&self, actor: &Actor, seen: u32) -> Result<Event, Refusal> {
        let Some(undo) = self.dossier.own_last(actor) else {
            return Err(if seen == self.dossier.version { Refusal::NothingToUndo } else { Refusal::Changed });
        };
        self.is_from(seen, undo.version)?;
        Ok(Event::Undone { action: undo.still_inside()?.clone() })
    }
}
