//! The actors of a scenario and their commands.

use super::{FILE, ScenarioPlay, attached, citizen, stand_in};
use motcua_catalogue::scenario::{By, PlayedStep, ScenarioDeed};
use motcua_domain::dossier::command::{Act, Candidate, Command, SuppliedPapers};
use motcua_domain::dossier::event::{Payment, PaymentMethod, Refund, StayId};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::dossier::{Dossier, Stay, index};
use motcua_domain::money::Dong;
use motcua_domain::names::{ActionId, StepId};
use motcua_domain::people::organisation::{Actor, Post, Role};
use motcua_domain::workflow::{Action, Requirement, UnitPlace};

impl<'a, 'p: 'a> ScenarioPlay<'a, 'p, '_> {
    /// Returns the actor of a step: the officer to whom the step is assigned, or else somebody who holds its post.
    pub(super) fn actor(&self, dossier: &Dossier, step: &PlayedStep) -> Actor {
        match step.by {
            By::Applicant => citizen(),
            By::Portal => Actor::System,
            By::Office(role) => {
                let stay = self.stay(dossier, step);
                let place = stay.map_or(&dossier.place, |stay| dossier.place_of(stay));
                let post = Post { agency: place.agency.clone(), unit: place.unit.clone(), role };
                let assignee = stay.and_then(|stay| stay.assignee.as_ref());
                let (id, name) = assignee.map_or_else(
                    || (role.name().into(), role.name().to_owned()),
                    |assignee| (assignee.id.clone(), assignee.name.clone()),
                );
                let may_approve = self.province.agencies.iter().any(|agency| agency.lets_approve_own(&post));
                let approves_own = if may_approve { vec![post.clone()] } else { Vec::new() };
                Actor::Officer {
                    id,
                    name,
                    posts: vec![post],
                    stands_for: Vec::new(),
                    approves_own,
                    own_accounts: Vec::new(),
                }
            }
        }
    }

    /// Returns the stay of a step: the one that offers the action to the step's actor.
    pub(super) fn stay<'d>(&self, dossier: &'d Dossier, step: &PlayedStep) -> Option<&'d Stay> {
        let ScenarioDeed::Act(id) = &step.deed else { return None };
        let workflow = &self.rules.procedure.workflow;
        let offers = |stay: &&Stay| workflow.step(&stay.at.step).is_some_and(|known| known.action(id).is_some());
        let fits = |stay: &&Stay| match step.by {
            By::Office(role) => stay.at.role == role,
            By::Applicant => stay.at.role == Role::Applicant,
            By::Portal => true,
        };
        let here = |stay: &&Stay| {
            step.unit.as_ref().is_none_or(|unit| {
                let place = dossier.place_of(stay);
                *unit == format!("{}/{}", place.agency, place.unit)
            })
        };
        let named = |stay: &&Stay| step.step.as_ref().is_none_or(|named| stay.at.step == *named);
        dossier.flow.stays.iter().filter(offers).filter(fits).filter(named).find(here)
    }

    /// Returns the officers of the province, none of whom has any step yet.
    fn staff(&self) -> Vec<Candidate> {
        let officers = self.province.officers.iter().map(|officer| Candidate {
            id: officer.login.as_str().into(),
            login: officer.login.clone(),
            name: officer.name.clone(),
            posts: officer.posts.clone(),
            open: 0,
        });
        officers.collect()
    }

    /// Returns the command of a step. A supplement changes the attached papers.
    pub(super) fn command(&mut self, dossier: &Dossier, step: &PlayedStep) -> Command {
        match &step.deed {
            ScenarioDeed::Supplement => self.supplement(dossier, step),
            ScenarioDeed::Withdraw => Command::Withdraw { reason: step.note.clone() },
            ScenarioDeed::Lapse => Command::Lapse,
            ScenarioDeed::Silence => Command::AnnounceLate,
            ScenarioDeed::Migrate => Command::Migrate {
                reason: step.note.clone(),
                from: dossier.procedure.clone(),
                version: self.version.digest(),
                steps: step.renamed.clone(),
            },
            ScenarioDeed::Pay => Command::RecordPayment(Payment {
                amount: dossier.owed(),
                method: PaymentMethod::Cash,
                receipt: "BL-1".to_owned(),
            }),
            ScenarioDeed::Refund => Command::RecordRefund(Refund {
                amount: step.amount.map_or_else(|| dossier.refundable(), Dong),
                method: PaymentMethod::Cash,
                receipt: "PC-1".to_owned(),
            }),
            ScenarioDeed::Act(id) => {
                let stay = self.stay(dossier, step).map(|stay| stay.id);
                match (step.by, stay) {
                    (By::Portal, Some(stay)) => Command::Elapse { stay, staff: self.staff() },
                    _ => Command::Act(Box::new(self.act(dossier, step, id, stay))),
                }
            }
        }
    }

    fn supplement(&mut self, dossier: &Dossier, step: &PlayedStep) -> Command {
        self.input.typed.extend(step.values.clone());
        if let Some(papers) = &step.papers {
            self.input.papers.clone_from(papers);
        }
        let typed = self.input.typed.clone();
        let papers = SuppliedPapers { attached: attached(&self.input.papers), on_paper: Vec::new() };
        let verdicts = self.verdicts(step.line, &typed, step.at);
        Command::Supplement { version: dossier.procedure.clone(), typed, papers, verdicts, reviewed_on: None }
    }

    /// Returns the action of a step, if the step at which it is taken offers it.
    fn action(&self, dossier: &Dossier, stay: Option<StayId>, id: &ActionId) -> Option<&Action> {
        let stay = dossier.flow.stay(stay)?;
        self.rules.procedure.workflow.step(&stay.at.step)?.action(id)
    }

    /// Returns whether the action of a step takes the file of a result.
    pub(super) fn takes_result(&self, dossier: &Dossier, step: &PlayedStep) -> bool {
        let ScenarioDeed::Act(id) = &step.deed else { return false };
        let stay = self.stay(dossier, step).map(|stay| stay.id);
        self.action(dossier, stay, id).is_some_and(|action| action.requires.contains(&Requirement::ResultFile))
    }

    fn act(&self, dossier: &Dossier, step: &PlayedStep, id: &ActionId, stay: Option<StayId>) -> Act {
        let workflow = &self.rules.procedure.workflow;
        let action = self.action(dossier, stay, id);
        let needs = |requirement| action.is_some_and(|action| action.requires.contains(&requirement));
        let next = action.and_then(|action| action.effect.targets().next()).and_then(|to| workflow.step(to));
        let assignee = next.filter(|_| needs(Requirement::Assignee)).map(|next| {
            let (place, login) = (next.place.as_ref().unwrap_or(&dossier.place), next.role.name().to_owned());
            let post = Post { agency: place.agency.clone(), unit: place.unit.clone(), role: next.role };
            Candidate { id: next.role.name().into(), name: login.clone(), login, posts: vec![post], open: 0 }
        });
        let place = |text: &String| {
            let (agency, unit) = text.split_once('/')?;
            Some(UnitPlace { agency: agency.into(), unit: unit.into() })
        };
        let result = match &step.result {
            Some(named) => (!named.value.is_empty()).then(|| stand_in(&named.value)),
            None => needs(Requirement::ResultFile).then(|| stand_in(FILE)),
        };
        Act {
            stay,
            action: id.clone(),
            seen: dossier.version,
            // Nobody reads the notes of a scenario, so one text is both.
            note: step.note.clone(),
            reason: step.note.clone(),
            assignee,
            result,
            new_grounds: step.new_grounds.clone(),
            missing: Vec::new(),
            typed: step.values.clone(),
            places: step.ask.iter().filter_map(place).collect(),
            visit: step.visit.clone(),
            receiver: None,
            staff: self.staff(),
        }
    }

    /// Adds the state of the dossier to the coverage, and the action that was carried out at a step before it.
    pub(super) fn cover(&mut self, after: &Dossier, taken: Option<(StayId, &StepId, &PlayedStep)>) {
        let rules = self.rules;
        let Some(coverage) = self.coverage() else { return };
        if let Some((stay, taken, step)) = taken
            && let ScenarioDeed::Act(action) = &step.deed
        {
            let answers = after.flow.visits.get(index(stay)).map(|visit| visit.answers.clone()).unwrap_or_default();
            coverage.action((rules, after), (taken, action), &answers, step.at);
        }
        coverage.stands(rules, after);
    }

    /// Adds that the answers closed the action of a step, if this is why it was refused.
    pub(super) fn cover_closed(&mut self, refusal: &Refusal, at: Option<&StepId>, step: &PlayedStep) {
        let rules = self.rules;
        if let (Refusal::ClosedByAnswers(_), Some(at), ScenarioDeed::Act(action)) = (refusal, at, &step.deed)
            && let Some(coverage) = self.coverage()
        {
            coverage.closed(&rules.procedure.workflow, at, action);
        }
    }
}

/// Returns the step that a scenario names for an action, if no part of the dossier stands there and no refusal is expected.
pub(super) fn misplaced<'s>(dossier: &Dossier, step: &'s PlayedStep) -> Option<&'s StepId> {
    let is_open = |named: &StepId| dossier.flow.stays.iter().any(|stay| stay.at.step == *named);
    step.step.as_ref().filter(|named| step.expect.refused.is_none() && !is_open(named))
}
