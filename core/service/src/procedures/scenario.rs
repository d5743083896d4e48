//! Playing an author's scenario through the real rules and the real plugin, without a database.

mod compare;
mod coverage;
mod deeds;
mod issued;
mod record;
mod signed;

pub use coverage::{CoverageKind, CoveredItem, ProcedureCoverage};
pub use record::{NotRecordable, filed, record};

use crate::host::PluginHost;
use compare::{
    carried_out, clock, eligible, fits, found_value, holders, in_order, listed, officers, open_steps, plain,
    refusal_words, refused, shown_findings, site_visits, status_word, was_filed,
};
use deeds::misplaced;
use jiff::Timestamp;
use motcua_catalogue::Province;
use motcua_catalogue::scenario::{Expectation, ExpectedValue, PlayedStep, Scenario, ScenarioDeed};
use motcua_domain::dossier::command::Filing;
use motcua_domain::dossier::decide::{GivenPapers, Rules, decide, decide_filing, findings, holds_now, owed};
use motcua_domain::dossier::event::{Applicant, Recorded};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::dossier::verdict::Verdict;
use motcua_domain::dossier::{Dossier, notice_of};
use motcua_domain::expression::Expression;
use motcua_domain::form::judge::{Finding, JudgeFacts, Judged, Severity, judge};
use motcua_domain::media::{AttachedPaper, StoredFile};
use motcua_domain::money::Dong;
use motcua_domain::names::{AgencyId, Digest, DossierCode, PaperId};
use motcua_domain::people::organisation::Actor;
use motcua_domain::procedure::{FeeLine, Procedure};
use motcua_domain::text;
use motcua_domain::text::{Language, Text};
use motcua_domain::time::calendar::local;
use serde_json::{Map, Value as Json};
use std::borrow::Cow;
use uuid::Uuid;

/// A difference from the author's expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScenarioMismatch {
    /// The line of the expectation, or else of the step or the table to which the difference belongs.
    pub line: usize,
    pub what: &'static str,
    pub expected: Text,
    pub found: Text,
}

/// Plays a scenario of the procedure of `coverage` and returns all differences from it. Adds everything that the
/// scenario touches to `coverage`. The plugins have to be loaded.
pub fn play(
    province: &Province,
    plugins: &PluginHost,
    scenario: &Scenario,
    coverage: &mut ProcedureCoverage<'_>,
) -> Vec<ScenarioMismatch> {
    let present = coverage.procedure();
    let version = scenario.version.as_ref().map_or(present, |version| &*version.procedure);
    let rules =
        Rules { procedure: version, calendar: &province.calendar, registries: &province.registries, choices: &[] };
    let input = ScenarioInput { typed: scenario.typed_in_form(version), papers: scenario.papers.clone() };
    let agency = agency_of(province, version, scenario, &input);
    let (first, last) = (in_agency(version, &agency), in_agency(present, &agency));
    let mut stage = ScenarioPlay {
        province,
        version,
        last: last.as_ref(),
        rules,
        plugins,
        scenario,
        agency: &agency,
        input,
        coverage,
        mismatches: Vec::new(),
    };
    for what in plugins.not_done(present) {
        stage.compare(1, "plugin", text!("mọi việc đều được làm", "every task done"), what);
    }
    if let Some(dossier) = stage.file() {
        stage.rules.procedure = first.as_ref();
        stage.compare_holds(&scenario.expect.holds, &dossier);
        stage.steps(dossier);
    }
    stage.mismatches
}

/// Returns the agency that the scenario names, or to which its answers lead. Otherwise the first one.
fn agency_of(province: &Province, procedure: &Procedure, scenario: &Scenario, input: &ScenarioInput) -> AgencyId {
    let led = || {
        let files = attached(&input.papers);
        let given = JudgeFacts { now: scenario.at, registries: &province.registries, files: &files, computed: None };
        let values = judge(&procedure.form, &input.typed, given).values;
        procedure.led_to(&values, &province.agencies).map(|agency| agency.id.clone())
    };
    scenario.agency.clone().or_else(led).unwrap_or_else(|| province.place_of(procedure).agency)
}

/// Returns a procedure with the units of an agency in the place of those that its workflow names without their agency.
fn in_agency<'p>(procedure: &'p Procedure, agency: &AgencyId) -> Cow<'p, Procedure> {
    let own = procedure.workflow.in_agency(agency);
    own.map_or(Cow::Borrowed(procedure), |workflow| Cow::Owned(Procedure { workflow, ..procedure.clone() }))
}

struct ScenarioPlay<'a, 'p: 'a, 'c> {
    province: &'a Province,
    /// The version that the dossier follows, as all agencies offer it.
    version: &'a Procedure,
    /// The present version with the units of the agency.
    last: &'a Procedure,
    /// The rules of the version that the dossier follows, after the filing with the units of the agency.
    rules: Rules<'a>,
    plugins: &'a PluginHost,
    scenario: &'a Scenario,
    /// The agency to which the applicant applies.
    agency: &'a AgencyId,
    input: ScenarioInput,
    coverage: &'c mut ProcedureCoverage<'p>,
    mismatches: Vec<ScenarioMismatch>,
}

fn applicant() -> Applicant {
    Applicant { id: "applicant".into(), name: "Người nộp".to_owned(), phone: "0912345678".to_owned(), email: None }
}

/// Returns the code of a dossier that was filed at a time.
fn code_at(filed: Timestamp, number: u32) -> DossierCode {
    DossierCode::new("H00", local(filed).date(), number)
}

fn citizen() -> Actor {
    Actor::Applicant { id: applicant().id, name: applicant().name }
}

/// Returns a file in the place of one that a person would choose.
fn stand_in(name: &str) -> StoredFile {
    StoredFile {
        digest: Digest("0".repeat(64)),
        name: name.to_owned(),
        media_type: "application/pdf".to_owned(),
        bytes: 1,
    }
}

/// The name of a file that the scenario does not name.
const FILE: &str = "tep.pdf";

fn attached(papers: &[PaperId]) -> Vec<AttachedPaper> {
    papers.iter().map(|paper| AttachedPaper { paper: paper.clone(), file: stand_in(FILE) }).collect()
}

/// The applicant's answers and papers after the last supplement.
#[derive(Clone)]
struct ScenarioInput {
    typed: Map<String, Json>,
    papers: Vec<PaperId>,
}

/// The result of judging what the applicant files.
struct JudgedFiling {
    findings: Vec<Finding>,
    values: Map<String, Json>,
    verdicts: Vec<Verdict>,
}

impl<'a, 'p: 'a> ScenarioPlay<'a, 'p, '_> {
    fn compare(&mut self, line: usize, what: &'static str, expected: Text, found: Text) {
        if expected != found {
            self.mismatches.push(ScenarioMismatch { line, what, expected, found });
        }
    }

    fn compare_texts(&mut self, what: &'static str, expected: Option<&Expectation<Vec<String>>>, found: &[String]) {
        if let Some(expected) = expected {
            self.compare(expected.line, what, listed(&expected.value), listed(found));
        }
    }

    fn compare_money(&mut self, what: &'static str, expected: Option<&Expectation<i64>>, found: Dong) {
        if let Some(expected) = expected {
            self.compare(expected.line, what, plain(Dong(expected.value).to_string()), plain(found.to_string()));
        }
    }

    /// Returns the coverage while the dossier follows the present version.
    fn coverage(&mut self) -> Option<&mut ProcedureCoverage<'p>> {
        let is_present = std::ptr::eq(self.version, self.coverage.procedure());
        is_present.then_some(&mut *self.coverage)
    }

    /// Compares the values of fields, and those that must be absent. Answers of officers come before those of the form.
    fn compare_values(
        &mut self,
        expected: &[ExpectedValue],
        absent: &[Expectation<String>],
        known: &Map<String, Json>,
    ) {
        for ExpectedValue { line, field, value } in expected {
            let found = known.get(field).unwrap_or(&Json::Null);
            if !fits(value, found) {
                self.compare(*line, "value", plain(format!("{field} = {value}")), found_value(field, found));
            }
        }
        for Expectation { line, value: field } in absent {
            let found = known.get(field).unwrap_or(&Json::Null);
            self.compare(*line, "value", found_value(field, &Json::Null), found_value(field, found));
        }
    }

    fn compare_holds(&mut self, expected: &[Expectation<Expression>], dossier: &Dossier) {
        for Expectation { line, value: condition } in expected {
            let found = match holds_now(self.rules, dossier, condition) {
                Ok(true) => continue,
                Ok(false) => text!("không thỏa mãn", "does not hold"),
                Err(fault) => fault.text(),
            };
            self.compare(*line, "holds", plain(condition.source()), found);
        }
    }

    /// Returns the answers of the plugins. A plugin that does not answer is a difference, whatever the procedure does
    /// without the answer.
    fn verdicts(&mut self, line: usize, values: &Map<String, Json>, now: Timestamp) -> Vec<Verdict> {
        if self.version.plugins.is_empty() {
            return Vec::new();
        }
        let version = self.version.digest();
        let verdicts = self.plugins.consult(self.rules, &version, values, &attached(&self.input.papers), now);
        for verdict in &verdicts {
            self.plugin_answered(line, &verdict.component, verdict.fault.as_deref());
        }
        verdicts
    }

    fn plugin_answered(&mut self, line: usize, component: &Digest, fault: Option<&str>) {
        let Some(fault) = fault else { return };
        let plugin = self.rules.procedure.plugins.iter().find(|plugin| plugin.component == *component);
        let name = plugin.map_or_else(|| component.short(), |plugin| plugin.name.as_str());
        let expected = text!("{name} trả lời", "{name} answers");
        let found = text!("{name} không trả lời: {fault}", "{name} did not answer: {fault}");
        self.compare(line, "plugin", expected, found);
    }

    /// Compares the answers before the form. Returns whether the applicant goes on to the form.
    fn may_apply(&mut self) -> bool {
        let (Some(asked), Some(typed)) = (&self.rules.procedure.eligibility, &self.scenario.eligibility) else {
            return true;
        };
        let now = self.scenario.at;
        let result = asked.judge(typed, now, self.rules.registries);
        if let Some(coverage) = self.coverage() {
            coverage.eligibility(&result.values, now);
        }
        let expect = &self.scenario.expect;
        let (line, expected) = expect.eligible.as_ref().map_or((expect.line, true), |known| (known.line, known.value));
        let is_eligible = result.is_eligible();
        let found = match &result.fault {
            Some(fault) if result.is_undecided() => fault.text(),
            _ if !result.findings.is_empty() => listed(&shown_findings(&result.findings)),
            _ => eligible(is_eligible),
        };
        let unmet: Vec<String> = result.unmet.iter().map(|text| text.vi.clone()).collect();
        self.compare(line, "eligible", eligible(expected), found);
        self.compare_texts("unmet", expect.unmet.as_ref(), &unmet);
        if let Some(step) = self.scenario.steps.first().filter(|_| !is_eligible) {
            let found = text!("chưa nộp: người nộp không đủ điều kiện", "not filed: the applicant is not eligible");
            self.compare(step.line, "filing", was_filed(), found);
        }
        is_eligible
    }

    fn file(&mut self) -> Option<Dossier> {
        if !self.may_apply() {
            return None;
        }
        let (now, line) = (self.scenario.at, self.scenario.expect.line);
        let JudgedFiling { findings, values, verdicts } = self.judge()?;
        self.compare_findings(&findings);
        let expect = &self.scenario.expect;
        let fees = owed(self.rules.procedure, self.agency, &values, &verdicts, now);
        self.compare_fees(&fees);
        self.compare_values(&expect.values, &expect.absent, &values);
        let consents = self.consents(&values, &fees);
        let filing = Filing {
            code: code_at(now, 1),
            draft: Uuid::nil(),
            agency: self.agency.clone(),
            applicant: applicant(),
            typed: self.input.typed.clone(),
            papers: attached(&self.input.papers),
            on_paper: Vec::new(),
            verdicts,
            follows: self.earlier(),
            consent: true,
            consents,
        };
        let event = match decide_filing(self.rules, &citizen(), filing, now) {
            Ok(event) => event,
            Err(Refusal::Incomplete(_)) if expect.refused.is_none() => {
                if let Some(step) = self.scenario.steps.first() {
                    let found = text!("bị từ chối: xem các lỗi của biểu mẫu", "refused: see the findings");
                    self.compare(step.line, "filing", was_filed(), found);
                }
                return None;
            }
            Err(refusal) => {
                let (line, expected) = expect
                    .refused
                    .as_ref()
                    .map_or_else(|| (line, was_filed()), |expected| (expected.line, refused(&expected.value)));
                self.compare(line, "filing", expected, refused(refusal.code()));
                return None;
            }
        };
        if let Some(expected) = &expect.refused {
            self.compare(expected.line, "filing", refused(&expected.value), was_filed());
        }
        let recorded = Recorded { at: now, actor: citizen().reference(), event, choices: Vec::new() };
        let dossier = Dossier::replay([&recorded]).ok()?;
        if let Some(expected) = &expect.appointment {
            let shown = |at: Timestamp| plain(clock(at));
            let found = dossier.filed.appointment.map_or_else(|| text!("chưa biết", "not known yet"), shown);
            self.compare(expected.line, "appointment", shown(expected.value), found);
        }
        self.compare_notice(expect.notices.as_ref(), &recorded, None, &dossier);
        self.cover(&dossier, None);
        Some(dossier)
    }

    /// Judges what the applicant files, with the answers of the plugins.
    fn judge(&mut self) -> Option<JudgedFiling> {
        let (now, line, typed) = (self.scenario.at, self.scenario.expect.line, self.input.typed.clone());
        let verdicts = self.verdicts(line, &typed, now);
        let attached = attached(&self.input.papers);
        let given = GivenPapers::from(attached.as_slice());
        let Judged { values, findings, fault } = findings(self.rules, self.agency, &typed, given, &verdicts, now);
        let (papers, agency) = (&self.scenario.papers, self.agency);
        if let Some(coverage) = self.coverage() {
            coverage.form(agency, &values, papers, &findings, now);
        }
        if let Some(fault) = fault {
            self.compare(line, "filing", text!("xét được biểu mẫu", "judged"), fault.text());
            return None;
        }
        Some(JudgedFiling { findings, values, verdicts })
    }

    fn compare_findings(&mut self, found: &[Finding]) {
        let expect = &self.scenario.expect;
        let shown = shown_findings(found);
        match &expect.findings {
            Some(expected) => {
                let mut sorted = expected.value.clone();
                sorted.sort();
                self.compare(expected.line, "findings", listed(&sorted), listed(&shown));
            }
            // A scenario that does not mention findings expects a form that can be filed.
            None if found.iter().any(|finding| finding.severity == Severity::Error) => {
                self.compare(expect.line, "findings", listed(&[]), listed(&shown));
            }
            None => {}
        }
    }

    fn compare_fees(&mut self, fees: &[FeeLine]) {
        let agency = self.agency;
        if let Some(coverage) = self.coverage() {
            coverage.fees(agency, fees);
        }
        let expect = &self.scenario.expect;
        self.compare_money("fees", expect.fees.as_ref(), fees.iter().map(|line| line.amount).sum());
        let lines: Vec<String> = fees.iter().map(|line| line.words(Language::Vi)).collect();
        self.compare_texts("fee lines", expect.fee_lines.as_ref(), &lines);
    }

    fn compare_notice(
        &mut self,
        expected: Option<&Expectation<Vec<String>>>,
        recorded: &Recorded,
        before: Option<&Dossier>,
        after: &Dossier,
    ) {
        let notice = notice_of(recorded, before, after).map(str::to_owned);
        self.compare_texts("notices", expected, notice.as_slice());
    }

    fn steps(&mut self, mut dossier: Dossier) {
        let mut before = self.scenario.at;
        for step in &self.scenario.steps {
            if step.at < before {
                let earliest = clock(before);
                let expected = text!("không trước {earliest}", "not before {earliest}");
                self.compare(step.line, "time", expected, plain(clock(step.at)));
            }
            before = step.at;
            let Some(after) = self.step(&dossier, step) else { continue };
            dossier = after;
        }
    }

    /// Takes a step. Returns the dossier after it, or nothing if the rules refuse.
    fn step(&mut self, dossier: &Dossier, step: &PlayedStep) -> Option<Dossier> {
        if let Some(named) = misplaced(dossier, step) {
            let open = open_steps(&self.rules.procedure.workflow, dossier);
            self.compare(step.line, "step", plain(named.to_string()), listed(&open));
            return None;
        }
        let before = (self.input.clone(), self.version, self.rules);
        if step.deed == ScenarioDeed::Migrate {
            // The move is decided under the rules of the version to which it leads.
            self.version = self.coverage.procedure();
            self.rules.procedure = self.last;
        }
        let actor = self.actor(dossier, step);
        let command = self.command(dossier, step);
        if let Some(named) = step.result.as_ref().filter(|named| !named.value.is_empty())
            && !self.takes_result(dossier, step)
        {
            let found = text!("thao tác không nhận tệp nào", "the action takes no file");
            self.compare(named.line, "result", plain(named.value.as_str()), found);
        }
        let taken = self.stay(dossier, step).map(|stay| (stay.id, stay.at.step.clone()));
        let choices = self.plugins.choices(self.rules.procedure, dossier, &command, step.at);
        let of_plugins = [Refusal::RuleFailed.code(), Refusal::RuleUnanswered.code()];
        let is_fault_expected =
            step.expect.refused.as_ref().is_some_and(|refused| of_plugins.contains(&refused.value.as_str()));
        for choice in choices.iter().filter(|_| !is_fault_expected) {
            self.plugin_answered(step.line, &choice.component, choice.fault.as_deref());
        }
        let event = match decide(Rules { choices: &choices, ..self.rules }, dossier, &actor, command, step.at) {
            Ok(event) => event,
            Err(refusal) => {
                (self.input, self.version, self.rules) = before;
                let (line, expected) = step.expect.refused.as_ref().map_or_else(
                    || (step.line, carried_out()),
                    |expected| (expected.line, plain(expected.value.as_str())),
                );
                let wanted = step.expect.refused.as_ref().map(|refused| refused.value.as_str());
                let found = refusal_words(&refusal, wanted);
                self.compare(line, "refused", expected, found);
                self.cover_closed(&refusal, taken.as_ref().map(|(_, at)| at), step);
                return None;
            }
        };
        if let Some(expected) = &step.expect.refused {
            self.compare(expected.line, "refused", plain(expected.value.as_str()), carried_out());
        }
        let recorded = Recorded { at: step.at, actor: actor.reference(), event, choices };
        let mut after = dossier.clone();
        if after.apply(&recorded).is_err() {
            return None;
        }
        self.cover(&after, taken.as_ref().map(|(stay, taken)| (*stay, taken, step)));
        self.compare_notice(step.expect.notices.as_ref(), &recorded, Some(dossier), &after);
        self.compare_state(step, &after);
        Some(after)
    }

    fn compare_state(&mut self, step: &PlayedStep, dossier: &Dossier) {
        let expect = &step.expect;
        let workflow = &self.rules.procedure.workflow;
        let expected = expect.step.as_ref().map(|step| Expectation { value: in_order(workflow, &step.value), ..*step });
        self.compare_texts("step", expected.as_ref(), &open_steps(workflow, dossier));
        if let Some(expected) = &expect.status {
            self.compare(expected.line, "status", plain(expected.value.as_str()), plain(status_word(dossier)));
        }
        self.compare_texts("holder", expect.holder.as_ref(), &holders(workflow, dossier));
        self.compare_texts("officer", expect.officer.as_ref(), &officers(workflow, dossier));
        if let Some(expected) = &expect.due {
            let shown = |due: Option<Timestamp>| plain(due.map_or_else(|| "stopped".to_owned(), clock));
            self.compare(expected.line, "due", shown(expected.value), shown(dossier.flow.whole.due()));
        }
        self.compare_money("owed", expect.owed.as_ref(), dossier.owed());
        self.compare_money("pay_back", expect.pay_back.as_ref(), dossier.to_pay_back());
        let issued: Vec<String> = dossier.issued_results().into_iter().map(|file| file.name.clone()).collect();
        self.compare_texts("issued", expect.issued.as_ref(), &issued);
        self.compare_texts("visits", expect.visits.as_ref(), &site_visits(dossier));
        self.compare_result(step, dossier);
        let mut known = dossier.values.clone();
        known.extend(dossier.flow.office.clone());
        self.compare_values(&expect.has, &expect.absent, &known);
        self.compare_holds(&expect.holds, dossier);
    }
}
