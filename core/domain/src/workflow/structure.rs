//! The checks of a workflow's structure, which need no move of a dossier.

use crate::names::StepId;
use crate::people::organisation::Role;
use crate::text;
use crate::workflow::unsound::{MOST_CHOICES, Unsound};
use crate::workflow::{Action, Cancels, Effect, Join, Requirement, Step, Workflow};
use std::collections::BTreeSet;

/// The checks of the structure, before any move.
pub(super) struct StructureCheck<'a> {
    pub workflow: &'a Workflow,
    pub problems: &'a mut Vec<Unsound>,
}

impl StructureCheck<'_> {
    /// Adds every defect of the structure to the problems.
    pub fn check(&mut self) {
        let workflow = self.workflow;
        let Some(first) = workflow.steps.first() else {
            self.problems.push(Unsound::NoSteps);
            return;
        };
        if first.join != Join::Each || first.many.is_some() {
            self.problems.push(Unsound::FirstNotPlain(first.id.clone()));
        }
        let mut ids = BTreeSet::new();
        for step in &workflow.steps {
            if !ids.insert(&step.id) {
                self.problems.push(Unsound::DuplicateStep(step.id.clone()));
            }
            if let Some(stage) = step.stage.as_ref().filter(|stage| workflow.stage(stage).is_none()) {
                self.problems.push(Unsound::UnknownStage(step.id.clone(), stage.clone()));
            }
            if step.actions.iter().filter(|action| action.after.is_some()).count() > 1 {
                self.problems.push(Unsound::TwoTimers(step.id.clone()));
            }
            self.many(step);
            let mut actions = BTreeSet::new();
            for action in &step.actions {
                if !actions.insert(&action.id) {
                    self.problems.push(Unsound::DuplicateAction(step.id.clone(), action.id.clone()));
                }
                self.action(step, action);
            }
        }
        for step in &workflow.steps {
            let sources = workflow.steps.iter().filter(|from| from.targets().any(|to| *to == step.id)).count();
            if let Join::First(enough) = step.join
                && (enough == 0 || usize::try_from(enough).is_ok_and(|enough| enough > sources))
            {
                self.problems.push(Unsound::JoinOfFewer(step.id.clone(), enough, sources));
            }
        }
    }

    fn many(&mut self, step: &Step) {
        let Some(many) = &step.many else { return };
        let mut asked = BTreeSet::new();
        if many.places.is_empty() {
            self.problems.push(Unsound::AsksNobody(step.id.clone()));
        } else if let Some(twice) = many.places.iter().find(|place| !asked.insert(*place)) {
            self.problems.push(Unsound::AsksTwice(step.id.clone(), twice.written()));
        } else if let Some(enough) = many.enough
            && (enough == 0 || usize::try_from(enough).is_ok_and(|enough| enough > many.places.len()))
        {
            self.problems.push(Unsound::AsksTooFew(step.id.clone(), enough, many.places.len()));
        }
        // An action that leads on has its own mistake, whose remedy is an answer.
        let is_answer = |action: &Action| action.effect == Effect::Answer || moves(action);
        if !step.actions.iter().any(is_answer) {
            self.problems.push(Unsound::NoAnswer(step.id.clone()));
        }
        if self.workflow.step(&many.then).is_none() {
            self.problems.push(Unsound::UnknownStep(step.id.clone(), many.then.clone()));
        }
    }

    fn action(&mut self, step: &Step, action: &Action) {
        let (at, id) = (|| step.id.clone(), || action.id.clone());
        let workflow = self.workflow;
        for to in action.effect.targets().filter(|to| workflow.step(to).is_none()) {
            self.problems.push(Unsound::UnknownTarget(at(), id(), to.clone()));
        }
        let cancelled: &[StepId] = if let Cancels::Steps(steps) = &action.cancels { steps } else { &[] };
        for named in action.during.iter().chain(cancelled).filter(|named| workflow.step(named).is_none()) {
            self.problems.push(Unsound::UnknownStep(at(), named.clone()));
        }
        let to_officers = |to: &StepId| workflow.step(to).is_none_or(|to| to.role != Role::Applicant);
        if action.requires.contains(&Requirement::Assignee) && !action.effect.targets().any(to_officers) {
            self.problems.push(Unsound::AssigneeWithoutStep(at(), id()));
        }
        if let Effect::RequestPayment { to } = &action.effect
            && workflow.step(to).is_some_and(|to| to.join != Join::Each || to.many.is_some())
        {
            self.problems.push(Unsound::PaymentIntoJoin(at(), id()));
        }
        if let Effect::Split { to } = &action.effect {
            let targets: BTreeSet<&StepId> = to.iter().map(|branch| &branch.to).collect();
            if targets.is_empty() || targets.len() != to.len() {
                self.problems.push(Unsound::BadSplit(at(), id()));
            }
            if to.iter().filter(|branch| branch.when.is_some()).count() > MOST_CHOICES {
                self.problems.push(Unsound::ManyChoices(at(), id()));
            }
        }
        match (&step.many, &action.effect) {
            (None, Effect::Answer) => self.problems.push(Unsound::AnswerOfOne(at(), id())),
            (Some(_), _) if moves(action) => self.problems.push(Unsound::MoveOfMany(at(), id())),
            _ => {}
        }
        if action.after.is_some() && (!action.requires.is_empty() || action.effect == Effect::RequestSupplement) {
            self.problems.push(Unsound::TimerRequires(at(), id()));
        }
        if step.role == Role::Applicant && action.is_for_people() {
            let why = match &action.effect {
                Effect::Advance { .. } | Effect::Split { .. } | Effect::Finish if action.requires.is_empty() => return,
                Effect::Advance { .. } | Effect::Split { .. } | Effect::Finish => {
                    text!("thao tác đòi hỏi điều chỉ cán bộ cung cấp", "it requires what officers give")
                }
                _ => text!("đó là quyết định của cán bộ", "it is an officer's decision"),
            };
            self.problems.push(Unsound::NotForApplicants(at(), id(), why));
        }
    }
}

/// Returns whether an action leads to a step or to the end of a branch.
fn moves(action: &Action) -> bool {
    action.effect == Effect::Finish || action.effect.targets().next().is_some()
}
