//! A scenario from the events of a dossier. It has what was typed and what came of it. Names of officers and notes are
//! left out.

use super::compare::{clock, holders, open_steps, site_visits, status_word};
use super::issued::{followed, issued_of, last_day, played_number};
use jiff::Timestamp;
use motcua_catalogue::Scenario;
use motcua_catalogue::scenario::{
    After, By, Expectation, ExpectedFiling, ExpectedValue, PlayedStep, ScenarioDeed, ScenarioEarlier,
};
use motcua_domain::dossier::event::{Advanced, EarlierResult, Event, Filed, Recorded, SiteVisitChange, StayId};
use motcua_domain::dossier::site_visit::SiteVisitInput;
use motcua_domain::dossier::{Dossier, UnreadableDossier, notice_of};
use motcua_domain::form::Field;
use motcua_domain::form::kinds::Structure;
use motcua_domain::media::AttachedPaper;
use motcua_domain::money::Dong;
use motcua_domain::names::{ActionId, PaperId, StepId};
use motcua_domain::people::organisation::{ActorRef, Role};
use motcua_domain::procedure::{FeeLine, Procedure};
use motcua_domain::text::Language;
use motcua_domain::time::calendar::local;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// The text in the place of a note.
const NOTE: &str = "Ghi chú.";

/// The reason why no scenario can be made of a dossier.
#[derive(Debug, thiserror::Error)]
pub enum NotRecordable {
    #[error("the dossier cannot be read: {0}")]
    Unreadable(#[from] UnreadableDossier),
    #[error("a scenario cannot repeat what happened at {at} (`{event}`); write the steps before it by hand")]
    Event { at: String, event: &'static str },
}

/// The part of a scenario that repeats an event.
enum Repeated {
    Step(Box<PlayedStep>),
    /// Nothing, because the event changes nothing that a scenario compares.
    Nothing,
    /// The last step is taken back.
    Undo,
    /// The scenario cannot repeat the event.
    Unknown,
}

/// Returns the procedure of a dossier as its filing says.
pub fn filed(events: &[Recorded]) -> Option<&Filed> {
    events.first()?.event.submitted()?.filed
}

/// Returns the scenario that repeats a dossier of a procedure and expects what came of it.
pub fn record(procedure: &Procedure, events: &[Recorded]) -> Result<Scenario, NotRecordable> {
    let (Some(filed), Some((first, later))) = (filed(events), events.split_first()) else {
        return Err(UnreadableDossier::NotFiled.into());
    };
    let mut dossier = Dossier::replay([first])?;
    let earlier = |result: &EarlierResult| ScenarioEarlier { number: result.number.clone(), until: result.until };
    let mut scenario = Scenario {
        file: String::new(),
        name: format!("Ghi từ một hồ sơ nộp lúc {}", clock(first.at)),
        at: first.at,
        // Without it, the scenario would be filed at the first agency that offers the procedure.
        agency: procedure.offered_by.is_some().then(|| filed.agency.clone()),
        version: None,
        eligibility: None,
        values: typed(procedure.form.fields().map(|(_, field)| field), &filed.values),
        papers: ids(&filed.papers, &filed.on_paper),
        signed: None,
        expect: expected_filing(procedure, filed, first, &dossier),
        steps: Vec::new(),
        earlier: filed.follows.as_ref().map(earlier),
    };
    for event in later {
        let mut after = dossier.clone();
        after.apply(event)?;
        let moment = RecordedMoment { procedure, before: &dossier, recorded: event, after: &after };
        let is_known = match moment.repeated() {
            Repeated::Step(step) => {
                scenario.steps.push(*step);
                true
            }
            Repeated::Nothing => true,
            Repeated::Undo => scenario.steps.pop().is_some_and(|step| matches!(step.deed, ScenarioDeed::Act(_))),
            Repeated::Unknown => false,
        };
        if !is_known {
            return Err(NotRecordable::Event { at: clock(event.at), event: event.event.name() });
        }
        dossier = after;
    }
    Ok(scenario)
}

/// Returns an expectation without a line, because it stands in no file yet.
const fn expect<T>(value: T) -> Expectation<T> {
    Expectation { value, line: 0 }
}

fn expected_filing(procedure: &Procedure, filed: &Filed, recorded: &Recorded, dossier: &Dossier) -> ExpectedFiling {
    let Filed { values, fees, appointment, .. } = filed;
    let sum: Dong = fees.iter().map(|line| line.amount).sum();
    let lines: Vec<String> = fees.iter().map(|line: &FeeLine| line.words(Language::Vi)).collect();
    let computed = procedure.form.fields().map(|(_, field)| field).filter(|field| field.kind.is_computed());
    let value = |field: &Field| {
        let value = values.get(&field.id).filter(|value| !value.is_null())?;
        Some(ExpectedValue { line: 0, field: field.id.clone(), value: value.clone() })
    };
    ExpectedFiling {
        fees: Some(expect(sum.0)),
        fee_lines: Some(expect(lines)),
        appointment: appointment.map(expect::<Timestamp>),
        values: computed.filter_map(value).collect(),
        notices: Some(expect(notices(recorded, None, dossier))),
        ..ExpectedFiling::default()
    }
}

fn notices(recorded: &Recorded, before: Option<&Dossier>, after: &Dossier) -> Vec<String> {
    notice_of(recorded, before, after).map(str::to_owned).into_iter().collect()
}

/// Returns the papers that were given. A scenario knows no counter, so a paper that was seen there counts as attached.
fn ids(papers: &[AttachedPaper], on_paper: &[PaperId]) -> Vec<PaperId> {
    let attached: Vec<PaperId> = papers.iter().map(|paper| paper.paper.clone()).collect();
    let seen: Vec<PaperId> = on_paper.iter().filter(|paper| !attached.contains(paper)).cloned().collect();
    [attached, seen].concat()
}

/// Returns what an officer would type to make the same appointment on the spot.
fn made_again(change: &SiteVisitChange) -> Option<SiteVisitInput> {
    let SiteVisitChange::Planned(visit) = change else { return None };
    let (from, to) = (local(visit.from), local(visit.to));
    Some(SiteVisitInput {
        day: Some(from.date()),
        from: Some(from.time()),
        to: Some(to.time()),
        place: visit.place.clone(),
        note: visit.note.as_ref().map(|_| NOTE.to_owned()).unwrap_or_default(),
    })
}

/// Returns what a person would type to give these answers.
fn typed<'f>(fields: impl Iterator<Item = &'f Field>, values: &Map<String, Json>) -> Map<String, Json> {
    let answer = |field: &Field| Some((field.id.clone(), typed_answer(field, values.get(&field.id)?)?));
    fields.filter_map(answer).collect()
}

fn typed_answer(field: &Field, value: &Json) -> Option<Json> {
    let row =
        |row: &Json| Json::Object(row.as_object().map(|row| typed(field.kind.parts().iter(), row)).unwrap_or_default());
    match field.kind.structure() {
        Structure::Files(_) | Structure::Computed(_) | Structure::Explanation => None,
        // An entry of a registry is typed by its code.
        Structure::Single(_) => match value.get("code").filter(|_| field.kind.registry().is_some()) {
            Some(code) => Some(code.clone()),
            None => (!value.is_null()).then(|| value.clone()),
        },
        Structure::Block(_) => Some(row(value)),
        Structure::Rows(..) => match value {
            Json::Array(rows) => Some(rows.iter().map(row).collect()),
            Json::Object(rows) => {
                Some(Json::Object(rows.iter().map(|(name, part)| (name.clone(), row(part))).collect()))
            }
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => None,
        },
    }
}

/// An event of a dossier between two states.
struct RecordedMoment<'a> {
    procedure: &'a Procedure,
    before: &'a Dossier,
    recorded: &'a Recorded,
    after: &'a Dossier,
}

impl RecordedMoment<'_> {
    fn repeated(&self) -> Repeated {
        match &self.recorded.event {
            Event::Advanced(advanced) => self.advanced(advanced),
            Event::SupplementRequested { stay, action, request, .. } => {
                let new_grounds = request.new_grounds.as_ref().map(|_| NOTE.to_owned());
                self.act(*stay, action, |step| PlayedStep { note: NOTE.to_owned(), new_grounds, ..step })
            }
            Event::Supplemented { values, papers, .. } => self.supplemented(values, papers),
            // A scenario pays all that is owed.
            Event::PaymentRecorded { .. } if self.after.owed() > Dong(0) => Repeated::Unknown,
            Event::PaymentRecorded { .. } => self.step(By::Office(Role::Counter), ScenarioDeed::Pay),
            Event::RefundRecorded { refund } => {
                let step = self.played(By::Office(Role::Counter), ScenarioDeed::Refund);
                Repeated::Step(Box::new(PlayedStep { amount: Some(refund.amount.0), ..step }))
            }
            Event::Ended { stay, action: Some(action), answers, .. } => {
                self.act(*stay, action, |step| PlayedStep { note: NOTE.to_owned(), values: answers.clone(), ..step })
            }
            Event::Ended { action: None, silence, .. } => match &self.recorded.actor {
                ActorRef::Applicant { .. } => {
                    let step = self.played(By::Applicant, ScenarioDeed::Withdraw);
                    Repeated::Step(Box::new(PlayedStep { note: NOTE.to_owned(), ..step }))
                }
                ActorRef::System if silence.is_some() => self.step(By::Portal, ScenarioDeed::Silence),
                ActorRef::System => self.step(By::Portal, ScenarioDeed::Lapse),
                ActorRef::Officer { .. } => Repeated::Unknown,
            },
            Event::Undone { .. } => Repeated::Undo,
            Event::Assigned { .. }
            | Event::Reminded { .. }
            | Event::Escalated { .. }
            | Event::LateAnnounced { .. }
            | Event::ExpiryAnnounced { .. }
            | Event::DeliveryChanged { .. }
            | Event::MessageSent { .. }
            | Event::Rated { .. } => Repeated::Nothing,
            Event::Filed(_)
            | Event::PaymentReversed { .. }
            | Event::Extended { .. }
            | Event::Rescheduled { .. }
            | Event::Transferred { .. }
            | Event::Migrated { .. } => Repeated::Unknown,
        }
    }

    fn step(&self, by: By, deed: ScenarioDeed) -> Repeated {
        Repeated::Step(Box::new(self.played(by, deed)))
    }

    /// Returns the step with the state after it as its expectation.
    fn played(&self, by: By, deed: ScenarioDeed) -> PlayedStep {
        let workflow = &self.procedure.workflow;
        let after = self.after;
        let has_fees = after.fees.iter().any(|line| line.amount > Dong(0));
        let issued = issued_of(after);
        let due = (!after.has_ended()).then(|| Expectation { value: after.flow.whole.due(), line: 0 });
        PlayedStep {
            line: 0,
            at: self.recorded.at,
            by,
            deed,
            step: None,
            note: String::new(),
            new_grounds: None,
            unit: None,
            values: Map::new(),
            papers: None,
            ask: Vec::new(),
            visit: None,
            result: None,
            amount: None,
            renamed: BTreeMap::new(),
            expect: After {
                step: (!after.has_ended()).then(|| open_steps(workflow, after)).map(expect),
                status: Some(expect(status_word(after).to_owned())),
                holder: (!after.has_ended()).then(|| holders(workflow, after)).map(expect),
                due,
                owed: has_fees.then(|| after.owed().0).map(expect),
                notices: Some(expect(notices(self.recorded, Some(self.before), after))),
                visits: (!after.site_visits.is_empty()).then(|| expect(site_visits(after))),
                number: issued.map(|issued| played_number(self.procedure, after, issued)).map(expect),
                valid_until: issued.map(last_day).map(expect),
                follows: issued.and_then(followed).map(expect),
                ..After::default()
            },
        }
    }

    fn advanced(&self, advanced: &Advanced) -> Repeated {
        let has_note = advanced.note.is_some() || advanced.internal_note.is_some();
        let is_chosen = |step: &StepId| {
            let many = self.procedure.workflow.step(step).and_then(|step| step.many.as_ref());
            many.is_some_and(|many| many.chosen)
        };
        let asked = advanced.begins.iter().filter(|begun| is_chosen(&begun.at.step));
        let unit = asked.map(|begun| begun.at.place.as_ref().unwrap_or(&self.before.place));
        let ask: Vec<String> = unit.map(|place| format!("{}/{}", place.agency, place.unit)).collect();
        self.act(advanced.stay, &advanced.action, |step| PlayedStep {
            note: if has_note { NOTE.to_owned() } else { String::new() },
            values: advanced.answers.clone(),
            ask,
            visit: advanced.visit.as_ref().and_then(made_again),
            ..step
        })
    }

    /// Returns an action at a stay, with the rest of its input.
    fn act(&self, stay: Option<StayId>, action: &ActionId, with: impl FnOnce(PlayedStep) -> PlayedStep) -> Repeated {
        let Some(stay) = self.before.flow.stay(stay) else { return Repeated::Unknown };
        let by = match (&self.recorded.actor, stay.at.role) {
            (ActorRef::System, _) => By::Portal,
            (ActorRef::Applicant { .. }, _) => By::Applicant,
            (ActorRef::Officer { .. }, role) => By::Office(role),
        };
        let workflow = &self.procedure.workflow;
        let offers = self.before.flow.stays.iter().filter(|other| {
            let is_offered = workflow.step(&other.at.step).is_some_and(|step| step.action(action).is_some());
            is_offered && other.at.role == stay.at.role
        });
        let place = self.before.place_of(stay);
        let unit = (offers.count() > 1).then(|| format!("{}/{}", place.agency, place.unit));
        let step = self.played(by, ScenarioDeed::Act(action.clone()));
        Repeated::Step(Box::new(with(PlayedStep { unit, ..step })))
    }

    /// Returns the supplement with the answers that it changed. An answer that was removed is typed as an empty text.
    fn supplemented(&self, values: &Map<String, Json>, papers: &[AttachedPaper]) -> Repeated {
        let mut changed = Map::new();
        for (_, field) in self.procedure.form.fields() {
            let answer = |values: &Map<String, Json>| typed_answer(field, values.get(&field.id)?);
            match (answer(&self.before.values), answer(values)) {
                (before, Some(now)) if before.as_ref() != Some(&now) => {
                    changed.insert(field.id.clone(), now);
                }
                (Some(_), None) => {
                    changed.insert(field.id.clone(), Json::from(""));
                }
                (_, Some(_)) | (None, None) => {}
            }
        }
        let now = ids(papers, &self.after.on_paper);
        let papers = (now != ids(&self.before.papers, &self.before.on_paper)).then_some(now);
        let step = self.played(By::Applicant, ScenarioDeed::Supplement);
        Repeated::Step(Box::new(PlayedStep { values: changed, papers, ..step }))
    }
}
