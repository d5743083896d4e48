//! Writes a scenario that was not written by hand as its file.

use super::{After, Expectation, ExpectedFiling, ExpectedValue, PlayedStep, STOPPED, Scenario};
use crate::files::workflow::export::plain;
use jiff::Timestamp;
use jiff::civil::Time;
use motcua_domain::dossier::event::SiteVisit;
use motcua_domain::dossier::site_visit::SiteVisitInput;
use motcua_domain::expression::Expression;
use motcua_domain::names::PaperId;
use motcua_domain::time::calendar::local;
use serde_json::{Map, Value as Json};
use std::fmt::Write as _;
use toml::Value;

/// Returns the content of the file of a scenario. The lines of its expectations are those of another file.
pub fn write(scenario: &Scenario) -> String {
    let mut file = ScenarioFile::default();
    file.line("name", scenario.name.as_str());
    file.line("at", clock(scenario.at));
    file.some("agency", scenario.agency.as_ref().map(|agency| agency.as_str().to_owned()));
    file.some("version", scenario.version.as_ref().map(|version| version.file.as_str()));
    if !scenario.papers.is_empty() {
        file.line("papers", ids(&scenario.papers));
    }
    if let Some(signed) = &scenario.signed {
        file.line("signed", signed.iter().map(|signer| signer.as_str().to_owned()).collect::<Vec<_>>());
    }
    if let Some(eligibility) = &scenario.eligibility {
        file.answers("[eligibility]", eligibility);
    }
    if let Some(earlier) = &scenario.earlier {
        file.table("[earlier]");
        file.line("number", earlier.number.as_str());
        file.some("until", earlier.until.map(|until| until.to_string()));
    }
    file.answers("[values]", &scenario.values);
    file.filing(&scenario.expect);
    scenario.steps.iter().for_each(|step| file.step(step));
    file.0
}

/// Returns a time as files have it: `2026-03-03 09:00`, with seconds only if there are some.
pub fn clock(at: Timestamp) -> String {
    let local = local(at);
    if local.second() == 0 && local.subsec_nanosecond() == 0 {
        return local.strftime("%Y-%m-%d %H:%M").to_string();
    }
    local.to_string().replacen('T', " ", 1)
}

/// Returns an appointment on the spot as scenarios expect it: `2026-11-30 09:00-10:00, 12 Lê Lợi`.
pub fn visit_words(visit: &SiteVisit) -> String {
    format!("{}-{}, {}", clock(visit.from), local(visit.to).strftime("%H:%M"), visit.place)
}

fn ids(papers: &[PaperId]) -> Vec<String> {
    papers.iter().map(|paper| paper.as_str().to_owned()).collect()
}

#[derive(Default)]
struct ScenarioFile(String);

impl ScenarioFile {
    fn table(&mut self, header: &str) {
        _ = writeln!(self.0, "\n{header}");
    }

    fn line(&mut self, key: &str, value: impl Into<Value>) {
        _ = writeln!(self.0, "{key} = {}", value.into());
    }

    fn some<T: Into<Value>>(&mut self, key: &str, value: Option<T>) {
        if let Some(value) = value {
            self.line(key, value);
        }
    }

    fn expected<T: Clone + Into<Value>>(&mut self, key: &str, expected: Option<&Expectation<T>>) {
        self.some(key, expected.map(|expected| expected.value.clone()));
    }

    fn answers(&mut self, header: &str, answers: &Map<String, Json>) {
        if answers.is_empty() {
            return;
        }
        self.table(header);
        for (field, answer) in answers {
            self.some(field, plain(answer.clone()));
        }
    }

    fn values(&mut self, header: &str, values: &[ExpectedValue]) {
        let values = values.iter().map(|expected| (expected.field.clone(), expected.value.clone()));
        self.answers(header, &values.collect());
    }

    fn absent(&mut self, absent: &[Expectation<String>]) {
        if !absent.is_empty() {
            self.line("absent", absent.iter().map(|field| field.value.clone()).collect::<Vec<_>>());
        }
    }

    fn holds(&mut self, holds: &[Expectation<Expression>]) {
        if !holds.is_empty() {
            self.line("holds", holds.iter().map(|held| held.value.source().to_owned()).collect::<Vec<_>>());
        }
    }

    fn filing(&mut self, expect: &ExpectedFiling) {
        let ExpectedFiling { line: _, eligible, unmet, findings, fees, fee_lines, appointment, .. } = expect;
        self.table("[expect]");
        self.expected("eligible", eligible.as_ref());
        self.expected("unmet", unmet.as_ref());
        self.expected("findings", findings.as_ref());
        self.expected("fees", fees.as_ref());
        self.expected("fee_lines", fee_lines.as_ref());
        self.some("appointment", appointment.as_ref().map(|appointment| clock(appointment.value)));
        self.expected("refused", expect.refused.as_ref());
        self.absent(&expect.absent);
        self.expected("notices", expect.notices.as_ref());
        self.holds(&expect.holds);
        self.values("[expect.values]", &expect.values);
    }

    fn step(&mut self, step: &PlayedStep) {
        self.table("[[step]]");
        self.line("at", clock(step.at));
        self.line("by", step.by.name());
        self.line("action", step.deed.name());
        if !step.note.is_empty() {
            self.line("note", step.note.as_str());
        }
        self.some("new_grounds", step.new_grounds.clone());
        self.some("unit", step.unit.clone());
        self.some("papers", step.papers.as_deref().map(ids));
        if !step.ask.is_empty() {
            self.line("ask", step.ask.clone());
        }
        self.some("visit", step.visit.as_ref().map(site_visit));
        self.expected("result", step.result.as_ref());
        self.some("amount", step.amount);
        if !step.renamed.is_empty() {
            let renamed = step.renamed.iter().map(|(from, to)| (from.to_string(), Value::from(to.as_str())));
            self.line("renamed", Value::Table(renamed.collect()));
        }
        self.after(&step.expect);
        self.answers("[step.values]", &step.values);
        self.values("[step.has]", &step.expect.has);
    }

    fn after(&mut self, expect: &After) {
        self.expected("refused", expect.refused.as_ref());
        self.some("step", expect.step.as_ref().map(|step| one_or_many(&step.value)));
        self.expected("status", expect.status.as_ref());
        self.some("holder", expect.holder.as_ref().map(|holder| one_or_many(&holder.value)));
        self.some("officer", expect.officer.as_ref().map(|officer| one_or_many(&officer.value)));
        self.some("due", expect.due.as_ref().map(|due| due.value.map_or_else(|| STOPPED.to_owned(), clock)));
        self.expected("owed", expect.owed.as_ref());
        self.expected("pay_back", expect.pay_back.as_ref());
        self.absent(&expect.absent);
        self.expected("notices", expect.notices.as_ref());
        self.expected("issued", expect.issued.as_ref());
        self.expected("visits", expect.visits.as_ref());
        self.expected("number", expect.number.as_ref());
        self.expected("valid_until", expect.valid_until.as_ref());
        self.expected("follows", expect.follows.as_ref());
        self.holds(&expect.holds);
    }
}

/// Returns an appointment on the spot as a step makes it.
fn site_visit(visit: &SiteVisitInput) -> Value {
    let SiteVisitInput { day, from, to, place, note } = visit;
    let time = |time: &Time| time.strftime("%H:%M").to_string();
    let keys = [
        ("on", day.map(|day| day.to_string())),
        ("from", from.as_ref().map(time)),
        ("to", to.as_ref().map(time)),
        ("place", Some(place.clone()).filter(|place| !place.is_empty())),
        ("note", Some(note.clone()).filter(|note| !note.is_empty())),
    ];
    let keys = keys.into_iter().filter_map(|(key, value)| Some((key.to_owned(), Value::from(value?))));
    Value::Table(keys.collect())
}

/// Returns one text as a text, and several as a list.
fn one_or_many(texts: &[String]) -> Value {
    match texts {
        [one] => Value::from(one.as_str()),
        several => Value::from(several.to_vec()),
    }
}
