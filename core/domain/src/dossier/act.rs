//! The effect of an action that a person or the timer takes: the stays that end and the stays that begin.

use crate::dossier::case::{Case, LONGEST_MESSAGE, Rules, at, message};
use crate::dossier::clocks::{Times, applicant_has_until, clocks_after, clocks_of, same_clocks};
use crate::dossier::command::{Act, Candidate};
use crate::dossier::event::{Advanced, Asked, Assignee, Begun, Event, Outcome, StayId, SupplementRequest};
use crate::dossier::flow::{Flow, Stay, index};
use crate::dossier::marking::{marking, step_index};
use crate::dossier::refusal::Refusal;
use crate::dossier::staff::chosen_for;
use crate::dossier::verdict::action_question;
use crate::expression::Expression;
use crate::judge::{Given as Surroundings, judge_fields};
use crate::media::StoredFile;
use crate::money::Dong;
use crate::net::{Arrived, Move, Moved, Net, StepIndex};
use crate::plugin::OnFailure;
use crate::workflow::{Action, Branch, Effect, Place, Requirement, Step, Workflow};
use serde_json::{Map, Value as Json};
use std::borrow::Cow;

/// The input of an action.
#[derive(Debug, Default)]
pub struct Given {
    pub note: Option<String>,
    pub assignee: Option<Candidate>,
    pub result: Option<StoredFile>,
    pub new_grounds: Option<String>,
    /// The answers of the officer, normalised.
    pub answers: Map<String, Json>,
    pub places: Vec<Place>,
    pub staff: Vec<Candidate>,
    /// A person takes the action, and the portal can ask this person to choose.
    pub by_person: bool,
}

impl<'a> Case<'a> {
    /// Takes an action at a stay for a person.
    pub fn act(&self, stay: &'a Stay, act: Act) -> Result<Event, Refusal> {
        if stay.waits.is_some() {
            return Err(Refusal::WaitsForApplicant);
        }
        let step = self.step(stay)?;
        let action = step.action(&act.action).filter(|action| action.is_for_people()).ok_or(Refusal::NoSuchAction)?;
        if !self.is_open(stay, action) {
            return Err(Refusal::ActionClosed);
        }
        if matches!(action.effect, Effect::Decline | Effect::Refuse) {
            // A refusal cannot be taken back, so it is not taken over words of the applicant that nobody has read.
            self.is_from(act.seen, self.dossier.heard)?;
        }
        let note = self.requirements(step, action, &act)?;
        let answers = self.filled_in(step, action, &act.typed)?;
        let given = Given {
            note,
            assignee: act.assignee.filter(|_| action.requires.contains(&Requirement::Assignee)),
            result: act.result.filter(|_| action.requires.contains(&Requirement::ResultFile)),
            new_grounds: act.new_grounds,
            answers,
            places: act.places,
            staff: act.staff,
            by_person: true,
        };
        self.take_effect(stay, step, action, given)
    }

    /// Takes the timed action at a stay.
    pub fn elapse(&self, id: StayId, staff: Vec<Candidate>) -> Result<Event, Refusal> {
        let stay = self.stay(Some(id))?;
        let timer = stay.timer.ok_or(Refusal::NothingAwaited)?;
        if self.now < timer {
            return Err(Refusal::TimeLeft);
        }
        let step = self.step(stay)?;
        let (action, _) = step.timed().ok_or(Refusal::NoSuchAction)?;
        if !self.is_open(stay, action) {
            return Err(Refusal::ActionClosed);
        }
        self.take_effect(stay, step, action, Given { staff, ..Default::default() })
    }

    /// Returns whether an action is open: its condition holds, and the dossier stands at the step of `during`.
    pub fn is_open(&self, stay: &Stay, action: &Action) -> bool {
        let meanwhile = action.during.as_ref().is_none_or(|during| {
            self.dossier.flow.stays.iter().any(|other| other.id != stay.id && other.at.step == *during)
        });
        meanwhile && action.when.as_ref().is_none_or(|when| self.holds(when, &Map::new()))
    }

    /// Returns whether a condition holds for the dossier's answers and for the answers of officers.
    fn holds(&self, condition: &Expression, answers: &Map<String, Json>) -> bool {
        condition.holds(&self.facts(answers)).unwrap_or(false)
    }

    fn facts(&self, answers: &Map<String, Json>) -> Cow<'a, Map<String, Json>> {
        let office = &self.dossier.flow.office;
        if office.is_empty() && answers.is_empty() {
            return Cow::Borrowed(&self.dossier.values);
        }
        let mut facts = self.dossier.values.clone();
        facts.extend(office.clone());
        facts.extend(answers.clone());
        Cow::Owned(facts)
    }

    /// Returns the note, once the input has everything that the action requires.
    fn requirements(&self, step: &Step, action: &Action, act: &Act) -> Result<Option<String>, Refusal> {
        let note = Some(act.note.trim().to_owned()).filter(|note| !note.is_empty());
        if note.as_ref().is_some_and(|note| note.chars().count() > LONGEST_MESSAGE) {
            return Err(Refusal::BadMessage { max: LONGEST_MESSAGE });
        }
        if action.effect.needs_note() && note.is_none() {
            return Err(Refusal::NoteMissing);
        }
        for requirement in &action.requires {
            match requirement {
                Requirement::Note if note.is_none() => return Err(Refusal::NoteMissing),
                Requirement::Assignee if act.assignee.is_none() => return Err(Refusal::AssigneeMissing),
                Requirement::ResultFile if act.result.is_none() => return Err(Refusal::ResultMissing),
                Requirement::FeePaid if self.dossier.owed() > Dong(0) => {
                    return Err(Refusal::NotPaid { owed: self.dossier.owed() });
                }
                Requirement::Plugin => self.chosen(step, action, note.as_ref())?,
                Requirement::Note | Requirement::Assignee | Requirement::ResultFile | Requirement::FeePaid => {}
            }
        }
        Ok(note)
    }

    /// Checks that the plugin chose this action. If the plugin failed, the officer chooses and writes in the note which
    /// checks replace the plugin's, unless the author wants it otherwise. The journal keeps the failure beside the
    /// note.
    fn chosen(&self, step: &Step, action: &Action, note: Option<&String>) -> Result<(), Refusal> {
        let question = action_question(step);
        let Rules { procedure, choices, .. } = self.rules;
        let asked = choices.iter().find(|choice| choice.question == question).ok_or(Refusal::RuleFailed)?;
        if asked.fault.is_some() {
            let plugin = procedure.plugins.iter().find(|plugin| plugin.component == asked.component);
            let waits = plugin.is_some_and(|plugin| plugin.on_failure == OnFailure::Wait);
            return match note {
                _ if !waits => Err(Refusal::RuleFailed),
                None => Err(Refusal::RuleUnanswered),
                Some(_) => Ok(()),
            };
        }
        if asked.choice.as_deref() == Some(action.id.as_str()) { Ok(()) } else { Err(Refusal::NotByRules) }
    }

    /// Returns the answers of the officer, if the action asks the step's form.
    fn filled_in(&self, step: &Step, action: &Action, typed: &Map<String, Json>) -> Result<Map<String, Json>, Refusal> {
        if step.form.is_empty() || !action.asks_form() {
            return Ok(Map::new());
        }
        let given = Surroundings { now: self.now, registries: self.rules.registries, files: &[], computed: None };
        let judged = judge_fields(&step.form.iter().collect::<Vec<_>>(), typed, given);
        match judged.overrun {
            Some(overrun) => Err(overrun.into()),
            None if judged.complete() => Ok(judged.values),
            None => Err(Refusal::Incomplete(judged.findings)),
        }
    }

    /// Returns the event of an action that a person or the timer takes.
    pub fn take_effect(&self, stay: &Stay, step: &Step, action: &Action, given: Given) -> Result<Event, Refusal> {
        let workflow = &self.rules.procedure.workflow;
        let to = match &action.effect {
            Effect::Decline => return Ok(self.end(stay, action, Outcome::NotReceived, given)),
            Effect::Refuse => return Ok(self.end(stay, action, Outcome::Refused, given)),
            Effect::HandOver => return Ok(self.end(stay, action, Outcome::Returned, given)),
            Effect::RequestSupplement => return self.request_supplement(stay, action, given),
            Effect::Advance { to } | Effect::RequestPayment { to } => vec![step_index(workflow, to)?],
            Effect::Split { to } => self.branches(to, &given.answers)?,
            Effect::Finish => Vec::new(),
            Effect::Answer => return self.answer(stay, step, action, given),
        };
        self.advance(stay, action, given, &to, &[])
    }

    fn branches(&self, branches: &[Branch], answers: &Map<String, Json>) -> Result<Vec<StepIndex>, Refusal> {
        let open = |branch: &&Branch| branch.when.as_ref().is_none_or(|when| self.holds(when, answers));
        let workflow = &self.rules.procedure.workflow;
        let to: Vec<StepIndex> =
            branches.iter().filter(open).map(|branch| step_index(workflow, &branch.to)).collect::<Result<_, _>>()?;
        if to.is_empty() { Err(Refusal::NoBranch) } else { Ok(to) }
    }

    /// Records the answer of one of several units. With the last answer that is needed, the dossier moves on.
    fn answer(&self, stay: &Stay, step: &Step, action: &Action, given: Given) -> Result<Event, Refusal> {
        let Flow { visits, stays, .. } = &self.dossier.flow;
        let asked = |id: StayId| visits.get(index(id)).and_then(|visit| visit.asked);
        let (Some(many), Some(this)) = (&step.many, asked(stay.id)) else { return Err(Refusal::NoSuchAction) };
        let together = |asked: Option<Asked>| asked.is_some_and(|asked| asked.first == this.first);
        let before = visits
            .iter()
            .filter(|visit| together(visit.asked) && visit.left.as_ref().is_some_and(|left| left.action.is_some()));
        let others: Vec<usize> =
            (0..stays.len()).filter(|at| stays[*at].id != stay.id && together(asked(stays[*at].id))).collect();
        let answered = u32::try_from(before.count()).unwrap_or(u32::MAX).saturating_add(1);
        if answered < this.enough && !others.is_empty() {
            return self.advance(stay, action, given, &[], &[]);
        }
        let then = step_index(&self.rules.procedure.workflow, &many.then)?;
        self.advance(stay, action, given, &[then], &others)
    }

    fn advance(
        &self,
        stay: &Stay,
        action: &Action,
        given: Given,
        to: &[StepIndex],
        ends: &[usize],
    ) -> Result<Event, Refusal> {
        let workflow = &self.rules.procedure.workflow;
        let flow = &self.dossier.flow;
        let moved = play(workflow, flow, stay.id, action, to, ends)?;
        let kept: Vec<&Stay> =
            (0..flow.stays.len()).filter(|at| !moved.ended.contains(at)).map(|at| &flow.stays[at]).collect();
        if kept.is_empty() && moved.begins.is_empty() {
            let waiting = moved.arrived.iter().any(|branch| !branch.spent);
            return if waiting { Err(Refusal::Stuck) } else { Ok(self.end(stay, action, Outcome::Returned, given)) };
        }
        let asks_payment = matches!(action.effect, Effect::RequestPayment { .. }) && self.dossier.owed() > Dong(0);
        let steps: Vec<(&Step, bool)> =
            moved.begins.iter().map(|step| (&workflow.steps[*step], asks_payment)).collect();
        let clocks = clocks_of(*self, &kept, &steps, |stay| stay.waits.is_some())?;
        let mut begins = Vec::new();
        for (place, (step, waits)) in moved.begins.iter().zip(&steps) {
            let direct = to.contains(place);
            self.begin(&mut begins, step, *waits, direct, &given)?;
        }
        let id = |at: StepIndex| workflow.steps[at].id.clone();
        let arrived = moved.arrived.iter().map(|branch| Arrived {
            to: id(branch.to),
            from: id(branch.from),
            spent: branch.spent,
        });
        Ok(Event::Advanced(Box::new(Advanced {
            stay: Some(stay.id),
            action: action.id.clone(),
            note: given.note,
            result: given.result,
            answers: given.answers,
            cancelled: moved.ended.iter().map(|at| flow.stays[*at].id).filter(|id| *id != stay.id).collect(),
            arrived: arrived.collect(),
            begins,
            clocks,
        })))
    }

    /// Returns the stays that begin at a step: one, or one for each unit that is asked.
    fn begin(
        &self,
        begins: &mut Vec<Begun>,
        step: &Step,
        waits: bool,
        direct: bool,
        given: &Given,
    ) -> Result<(), Refusal> {
        let calendar = self.rules.calendar;
        let times = Times::begin(calendar, step, self.now);
        let own = step.place.as_ref().unwrap_or(&self.dossier.place);
        let begun = |place: &Place, asked: Option<Asked>, assignee: Option<Assignee>| {
            let clock = times.clock.clone().map(|clock| if waits { clock.stop(calendar, self.now) } else { clock });
            let mut at = at(step);
            at.place = Some(place.clone()).filter(|place| *place != self.dossier.place);
            Begun {
                at,
                clock,
                assignee,
                payment_until: waits.then(|| applicant_has_until(*self)),
                timer: times.timer,
                timer_unknown: times.timer_unknown,
                remind: times.remind.filter(|_| !waits),
                escalate: step.escalate,
                asked,
            }
        };
        let Some(many) = &step.many else {
            let assignee = match given.assignee.as_ref().filter(|_| direct) {
                Some(chosen) if !chosen.serves(step, own) => return Err(Refusal::AssigneeUnfit),
                Some(chosen) => Some(chosen.assignee(step.role)),
                None => chosen_for(*self, step, own, &given.staff),
            };
            begins.push(begun(own, None, assignee));
            return Ok(());
        };
        let chooses = many.chosen && direct && given.by_person;
        let places: Vec<&Place> = many.places.iter().filter(|place| !chooses || given.places.contains(place)).collect();
        let least = if many.chosen { many.enough.unwrap_or(1) } else { 1 };
        let asked = u32::try_from(places.len()).unwrap_or(u32::MAX);
        if asked < least {
            return Err(Refusal::PlacesMissing { least });
        }
        let first = self.dossier.flow.visits.len() + begins.len();
        let asked = Asked { first: u32::try_from(first).unwrap_or(u32::MAX), enough: many.enough_of(asked) };
        for place in places {
            begins.push(begun(place, Some(asked), chosen_for(*self, step, place, &given.staff)));
        }
        Ok(())
    }

    fn request_supplement(&self, stay: &Stay, action: &Action, given: Given) -> Result<Event, Refusal> {
        let step = &stay.at.step;
        let new_grounds = given.new_grounds.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let asked = self.dossier.asked_before(step);
        if asked && new_grounds.is_none() {
            return Err(Refusal::AskedAlready);
        }
        let request = SupplementRequest {
            step: step.clone(),
            what: given.note.ok_or(Refusal::NoteMissing)?,
            new_grounds: new_grounds.filter(|_| asked).map(message).transpose()?,
            until: applicant_has_until(*self),
        };
        let clocks = clocks_after(*self, |other| other.id == stay.id || other.waits.is_some())?;
        Ok(Event::SupplementRequested { stay: Some(stay.id), action: action.id.clone(), request, clocks })
    }

    fn end(&self, stay: &Stay, action: &Action, outcome: Outcome, given: Given) -> Event {
        Event::Ended {
            stay: Some(stay.id),
            action: Some(action.id.clone()),
            outcome,
            reason: given.note.unwrap_or_default(),
            result: given.result,
            answers: given.answers,
            clocks: same_clocks(*self),
        }
    }
}

/// Moves on the net.
fn play(
    workflow: &Workflow,
    flow: &Flow,
    stay: StayId,
    action: &Action,
    to: &[StepIndex],
    ends: &[usize],
) -> Result<Moved, Refusal> {
    let (open, arrived) = marking(workflow, flow)?;
    let leaves = flow.stays.iter().position(|open| open.id == stay).ok_or(Refusal::Changed)?;
    let moving = Move { leaves, ends, cancels: &action.cancels, to };
    Ok(Net::new(workflow).play(&open, &arrived, moving))
}
