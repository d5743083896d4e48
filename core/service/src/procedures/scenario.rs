//! Playing an author's scenario through the real rules and the real plugin, without a database.

use crate::host::PluginHost;
use jiff::Timestamp;
use motcua_catalogue::Province;
use motcua_catalogue::scenario::{By, PlayedStep, Scenario, ScenarioDeed};
use motcua_domain::dossier::command::{Act, Candidate, Command, Filing};
use motcua_domain::dossier::decide::{Rules, decide, decide_filing, findings, owed};
use motcua_domain::dossier::event::{Applicant, Payment, PaymentMethod, Recorded, Refund, StayId};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::dossier::verdict::Verdict;
use motcua_domain::dossier::{Dossier, Stay, Turn};
use motcua_domain::form::judge::{JudgeFacts, Judged, Severity, judge};
use motcua_domain::media::{AttachedPaper, StoredFile};
use motcua_domain::money::Dong;
use motcua_domain::names::{ActionId, AgencyId, Digest, DossierCode, PaperId};
use motcua_domain::people::organisation::{Actor, Post, Role};
use motcua_domain::procedure::Procedure;
use motcua_domain::text::Language;
use motcua_domain::time::calendar::local;
use motcua_domain::workflow::{Requirement, UnitPlace};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

/// A difference from the author's expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScenarioMismatch {
    /// The line of the step, or `None` for the filing.
    pub line: Option<usize>,
    pub what: &'static str,
    pub expected: String,
    pub found: String,
}

/// Plays a scenario of `procedure` and returns all differences from it.
pub fn play(
    province: &Province,
    procedure: &Procedure,
    plugins: &PluginHost,
    scenario: &Scenario,
) -> Vec<ScenarioMismatch> {
    let rules = Rules { procedure, calendar: &province.calendar, registries: &province.registries, choices: &[] };
    let agency = province.place_of(procedure).agency;
    let mut stage = ScenarioPlay { rules, province, plugins, scenario, agency, mismatches: Vec::new() };
    let Some(dossier) = stage.file() else { return stage.mismatches };
    let own = procedure.workflow.in_agency(&dossier.filed.agency);
    let own = own.map(|workflow| Procedure { workflow, ..procedure.clone() });
    let rules = Rules { procedure: own.as_ref().unwrap_or(procedure), ..rules };
    let mut stage = ScenarioPlay { rules, ..stage };
    stage.steps(dossier);
    stage.mismatches
}

struct ScenarioPlay<'a> {
    rules: Rules<'a>,
    province: &'a Province,
    plugins: &'a PluginHost,
    scenario: &'a Scenario,
    /// The agency to which the applicant applies.
    agency: AgencyId,
    mismatches: Vec<ScenarioMismatch>,
}

fn applicant() -> Applicant {
    Applicant { id: "applicant".into(), name: "Người nộp".to_owned(), phone: "0912345678".to_owned(), email: None }
}

fn citizen() -> Actor {
    Actor::Applicant { id: applicant().id, name: applicant().name }
}

/// Returns a file in the place of one that a person would choose.
fn stand_in(media_type: &str) -> StoredFile {
    StoredFile {
        digest: Digest("0".repeat(64)),
        name: "tep.pdf".to_owned(),
        media_type: media_type.to_owned(),
        bytes: 1,
    }
}

impl ScenarioPlay<'_> {
    fn compare(&mut self, line: Option<usize>, what: &'static str, expected: String, found: String) {
        if expected != found {
            self.mismatches.push(ScenarioMismatch { line, what, expected, found });
        }
    }

    fn papers(&self) -> Vec<AttachedPaper> {
        let paper = |id: &PaperId| AttachedPaper { paper: id.clone(), file: stand_in("application/pdf") };
        self.scenario.papers.iter().map(paper).collect()
    }

    fn verdicts(&self, values: &Map<String, Json>, now: Timestamp) -> Vec<Verdict> {
        if self.rules.procedure.plugins.is_empty() {
            return Vec::new();
        }
        let version = self.rules.procedure.digest();
        self.plugins.consult(self.rules, &version, values, &self.papers(), now)
    }

    /// Applies to the agency that the scenario names, or to which its answers lead. Otherwise to the first one.
    fn choose_agency(&mut self, papers: &[AttachedPaper]) {
        let Rules { procedure, registries, .. } = self.rules;
        let led = || {
            let given = JudgeFacts { now: self.scenario.at, registries, files: papers, computed: None };
            let values = judge(&procedure.form, &self.scenario.values, given).values;
            procedure.led_to(&values, &self.province.agencies).map(|agency| agency.id.clone())
        };
        if let Some(agency) = self.scenario.agency.clone().or_else(led) {
            self.agency = agency;
        }
    }

    fn file(&mut self) -> Option<Dossier> {
        let now = self.scenario.at;
        let typed = &self.scenario.values;
        let (papers, verdicts) = (self.papers(), self.verdicts(typed, now));
        self.choose_agency(&papers);
        let Judged { values, findings: found, fault } =
            findings(self.rules, &self.agency, typed, &papers, &verdicts, now);
        if let Some(fault) = fault {
            self.compare(None, "filing", "judged".to_owned(), fault.to_string());
            return None;
        }
        let mut shown: Vec<String> = found
            .iter()
            .map(|finding| {
                format!("{}: {}", if finding.path.is_empty() { "form" } else { &finding.path }, finding.code)
            })
            .collect();
        shown.sort();
        let expect = &self.scenario.expect;
        match &expect.findings {
            Some(expected) => {
                let mut expected = expected.clone();
                expected.sort();
                self.compare(None, "findings", listed(&expected), listed(&shown));
            }
            // A scenario that does not mention findings expects a form that can be filed.
            None if found.iter().any(|finding| finding.severity == Severity::Error) => {
                self.compare(None, "findings", listed(&[]), listed(&shown));
            }
            None => {}
        }
        let fees = owed(self.rules.procedure, &self.agency, &values, &verdicts, now);
        if let Some(expected) = expect.fees {
            let sum: Dong = fees.iter().map(|line| line.amount).sum();
            self.compare(None, "fees", Dong(expected).to_string(), sum.to_string());
        }
        if let Some(expected) = &expect.fee_lines {
            let lines: Vec<String> = fees.iter().map(|line| line.words(Language::Vi)).collect();
            self.compare(None, "fee lines", listed(expected), listed(&lines));
        }
        let filing = Filing {
            code: DossierCode::new("H00", local(now).date(), 1),
            draft: Uuid::nil(),
            agency: self.agency.clone(),
            applicant: applicant(),
            typed: typed.clone(),
            papers,
            verdicts,
            consent: true,
        };
        let event = match decide_filing(self.rules, &citizen(), filing, now) {
            Ok(event) => event,
            Err(Refusal::Incomplete(_)) => {
                if let Some(step) = self.scenario.steps.first() {
                    self.compare(Some(step.line), "filing", "filed".to_owned(), "refused: see the findings".to_owned());
                }
                return None;
            }
            Err(refusal) => {
                self.compare(None, "filing", "filed".to_owned(), format!("refused: {}", refusal.code()));
                return None;
            }
        };
        let dossier =
            Dossier::replay([&Recorded { at: now, actor: citizen().reference(), event, choices: Vec::new() }]).ok()?;
        if let Some(expected) = expect.appointment {
            self.compare(
                None,
                "appointment",
                clock(expected),
                dossier.filed.appointment.map_or_else(|| "not known yet".to_owned(), clock),
            );
        }
        Some(dossier)
    }

    fn steps(&mut self, mut dossier: Dossier) {
        let mut before = self.scenario.at;
        for step in &self.scenario.steps {
            if step.at < before {
                self.compare(Some(step.line), "time", format!("not before {}", clock(before)), clock(step.at));
            }
            before = step.at;
            let actor = self.actor(&dossier, step);
            let command = self.command(&dossier, step);
            let choices = self.plugins.choices(self.rules.procedure, &dossier, &command, step.at);
            match decide(Rules { choices: &choices, ..self.rules }, &dossier, &actor, command, step.at) {
                Ok(event) => {
                    if let Some(expected) = &step.expect.refused {
                        self.compare(Some(step.line), "refused", expected.clone(), "carried out".to_owned());
                    }
                    let recorded = Recorded { at: step.at, actor: actor.reference(), event, choices };
                    if dossier.apply(&recorded).is_err() {
                        return;
                    }
                    self.compare_state(step, &dossier);
                }
                Err(refusal) => {
                    let expected = step.expect.refused.clone().unwrap_or_else(|| "carried out".to_owned());
                    self.compare(Some(step.line), "refused", expected, refusal.code().to_owned());
                }
            }
        }
    }

    fn compare_state(&mut self, step: &PlayedStep, dossier: &Dossier) {
        let line = Some(step.line);
        if let Some(expected) = &step.expect.step {
            let steps = &self.rules.procedure.workflow.steps;
            let open =
                |step: &&motcua_domain::workflow::Step| dossier.flow.stays.iter().any(|stay| stay.at.step == step.id);
            let found: Vec<String> = steps.iter().filter(open).map(|step| step.id.to_string()).collect();
            self.compare(line, "step", listed(expected), listed(&found));
        }
        if let Some(expected) = &step.expect.status {
            let found = match (&dossier.flow.ended, dossier.turn()) {
                (Some(end), Turn::Ended) => end.outcome.name(),
                _ => dossier.status().name(),
            };
            self.compare(line, "status", expected.clone(), found.to_owned());
        }
        if let Some(expected) = step.expect.due {
            let shown = |due: Option<Timestamp>| due.map_or_else(|| "stopped".to_owned(), clock);
            self.compare(line, "due", shown(expected), shown(dossier.flow.whole.due()));
        }
        let money =
            [("owed", step.expect.owed, dossier.owed()), ("pay_back", step.expect.pay_back, dossier.to_pay_back())];
        for (what, expected, found) in money {
            if let Some(expected) = expected {
                self.compare(line, what, Dong(expected).to_string(), found.to_string());
            }
        }
    }

    fn actor(&self, dossier: &Dossier, step: &PlayedStep) -> Actor {
        match step.by {
            By::Applicant => citizen(),
            By::Portal => Actor::System,
            By::Office(role) => {
                let place = self.stay(dossier, step).map_or(&dossier.place, |stay| dossier.place_of(stay));
                let post = Post { agency: place.agency.clone(), unit: place.unit.clone(), role };
                let (id, name) = (role.name().into(), role.name().to_owned());
                Actor::Officer { id, name, posts: vec![post], stands_for: Vec::new(), approves_own: Vec::new() }
            }
        }
    }

    /// Returns the stay of a step: the one that offers the action to the step's actor.
    fn stay<'d>(&self, dossier: &'d Dossier, step: &PlayedStep) -> Option<&'d Stay> {
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
        dossier.flow.stays.iter().filter(offers).filter(fits).find(here)
    }

    fn command(&self, dossier: &Dossier, step: &PlayedStep) -> Command {
        match &step.deed {
            ScenarioDeed::Supplement => {
                let mut typed = self.scenario.values.clone();
                typed.extend(step.values.clone());
                let verdicts = self.verdicts(&typed, step.at);
                Command::Supplement { version: dossier.procedure.clone(), typed, papers: self.papers(), verdicts }
            }
            ScenarioDeed::Withdraw => Command::Withdraw { reason: step.note.clone() },
            ScenarioDeed::Lapse => Command::Lapse,
            ScenarioDeed::Pay => Command::RecordPayment(Payment {
                amount: dossier.owed(),
                method: PaymentMethod::Cash,
                receipt: "BL-1".to_owned(),
            }),
            ScenarioDeed::Refund => Command::RecordRefund(Refund {
                amount: dossier.refundable(),
                method: PaymentMethod::Cash,
                receipt: "PC-1".to_owned(),
            }),
            ScenarioDeed::Act(id) => {
                let stay = self.stay(dossier, step).map(|stay| stay.id);
                match (step.by, stay) {
                    (By::Portal, Some(stay)) => Command::Elapse { stay, staff: Vec::new() },
                    _ => Command::Act(Box::new(self.act(dossier, step, id, stay))),
                }
            }
        }
    }

    fn act(&self, dossier: &Dossier, step: &PlayedStep, id: &ActionId, stay: Option<StayId>) -> Act {
        let workflow = &self.rules.procedure.workflow;
        let now = dossier.flow.stay(stay).and_then(|stay| workflow.step(&stay.at.step));
        let action = now.and_then(|now| now.action(id));
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
        Act {
            stay,
            action: id.clone(),
            seen: dossier.version,
            // Nobody reads the notes of a scenario, so one text is both.
            note: step.note.clone(),
            reason: step.note.clone(),
            assignee,
            result: needs(Requirement::ResultFile).then(|| stand_in("application/pdf")),
            new_grounds: None,
            typed: step.values.clone(),
            places: step.ask.iter().filter_map(place).collect(),
            staff: Vec::new(),
        }
    }
}

fn listed(lines: &[String]) -> String {
    if lines.is_empty() { "none".to_owned() } else { lines.join(", ") }
}

/// Returns a time in the format of scenarios.
fn clock(at: Timestamp) -> String {
    local(at).strftime("%Y-%m-%d %H:%M").to_string()
}
