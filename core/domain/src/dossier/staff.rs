//! Officers and the steps that they have: the choice of an officer for a step that begins, and the change of the
//! officer of an open step.

use crate::dossier::Dossier;
use crate::dossier::case::Case;
use crate::dossier::event::{Assignee, StayId};
use crate::dossier::flow::{Stay, UnreadableDossier};
use crate::dossier::refusal::Refusal;
use crate::dossier::verdict::officer_question;
use crate::identity;
use crate::names::UserId;
use crate::people::access::Deed;
use crate::people::organisation::{Actor, Post, Role};
use crate::workflow::{Assign, Step, UnitPlace};
use serde::Serialize;

/// An officer to whom a step may be assigned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Candidate {
    pub id: UserId,
    pub login: String,
    pub name: String,
    pub posts: Vec<Post>,
    /// The number of open steps.
    pub open: u32,
}

impl Candidate {
    /// Returns the officer as events store them, in the role of a step.
    pub(crate) fn assignee(&self, role: Role) -> Assignee {
        Assignee { id: self.id.clone(), name: self.name.clone(), role }
    }

    /// Returns whether the candidate logs in by this name, in any spelling.
    fn is_called(&self, login: &str) -> bool {
        self.login == identity::login(login)
    }

    /// Returns whether one of the candidate's posts is that of the step at the place.
    pub fn serves(&self, step: &Step, place: &UnitPlace) -> bool {
        self.holds(step.role, place)
    }

    /// Returns whether one of the candidate's posts has this role at the place.
    pub fn holds(&self, role: Role, place: &UnitPlace) -> bool {
        self.posts.iter().any(|post| post.serves(role, &place.agency, &place.unit))
    }
}

/// Returns the officer to whom a step is assigned when it begins: by the rule of the step, and otherwise the officer who
/// last had a step of its place and role. Nobody gets a step without holding its post according to `staff`.
pub fn chosen_for(case: Case<'_>, step: &Step, place: &UnitPlace, staff: &[Candidate]) -> Option<Assignee> {
    let mut fit = staff.iter().filter(|candidate| candidate.serves(step, place));
    let found = match &step.assign {
        Assign::Post => None,
        Assign::Person { login } => fit.find(|candidate| candidate.is_called(login)),
        Assign::Plugin => {
            let question = officer_question(step);
            let chosen = case.rules.choices.iter().find(|choice| choice.question == question);
            let login = chosen.and_then(|chosen| chosen.choice.as_deref());
            login.and_then(|login| fit.find(|candidate| candidate.is_called(login)))
        }
        Assign::Load => fit.min_by_key(|candidate| (candidate.open, &candidate.id)),
        Assign::Area { field, registry } => {
            let answer = case.dossier.values.get(field);
            // An entry of a registry is stored with its name.
            let area = answer.and_then(|answer| answer.as_str().or_else(|| answer.get("code")?.as_str()));
            let entry = area.and_then(|area| case.rules.registries.get(registry)?.entry(area));
            entry.and_then(|entry| fit.find(|candidate| candidate.is_called(&entry.name.vi)))
        }
    };
    let kept = || {
        let elsewhere = Some(place).filter(|place| **place != case.dossier.place);
        let kept = case.dossier.flow.keeper(elsewhere, step.role)?;
        staff.iter().any(|candidate| candidate.id == kept.id && candidate.serves(step, place)).then(|| kept.clone())
    };
    found.map(|candidate| candidate.assignee(step.role)).or_else(kept)
}

/// Returns the open stay whose officer changes, if `actor` has one of the rights at it.
pub fn assigning<'a>(
    case: Case<'a>,
    actor: &Actor,
    id: StayId,
    seen: u32,
    rights: &[Deed],
) -> Result<&'a Stay, Refusal> {
    let stay = case.stay(Some(id))?;
    let mut permits = rights.iter().map(|right| case.permit_at(actor, *right, stay));
    permits.find(|permit| *permit != Err(Refusal::NotAllowed)).unwrap_or(Err(Refusal::NotAllowed))?;
    // A person who gives a step away must know its current officer.
    case.is_from(seen, stay.changed.max(stay.assigned))?;
    Ok(stay)
}

/// Applies [`crate::dossier::event::Event::Assigned`].
pub fn apply(dossier: &mut Dossier, stay: StayId, assignee: Option<&Assignee>) -> Result<(), UnreadableDossier> {
    dossier.undo = None;
    dossier.flow.assign(stay, assignee, dossier.version + 1)
}
