//! The parts of a procedure that its scenarios touch, and those that none of them touches.

use super::compare::plain;
use jiff::Timestamp;
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::decide::{self, Rules};
use motcua_domain::expression::{CannotEvaluate, Condition, Expression, WorkBudget};
use motcua_domain::form::judge::Finding;
use motcua_domain::form::kinds::Structure;
use motcua_domain::form::{Field, row_context};
use motcua_domain::names::{ActionId, AgencyId, PaperId, StepId};
use motcua_domain::procedure::fee::FeeRate;
use motcua_domain::procedure::{Fee, FeeLine, Procedure};
use motcua_domain::text;
use motcua_domain::text::{Language, Text};
use motcua_domain::workflow::{Action, Effect, Step, Workflow};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// A kind of part that scenarios can touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CoverageKind {
    /// An action of the workflow, which is touched when it is carried out.
    Action,
    /// One outcome of a condition: true or false.
    Condition,
    /// A fee, which is touched when it is owed.
    Fee,
    /// A paper, which is touched when it is attached.
    Paper,
    /// A field or a paper whose answer can be missing, which is touched by a finding about it.
    Finding,
}

impl CoverageKind {
    /// Returns the word for tools.
    pub const fn name(self) -> &'static str {
        self.words().1
    }

    /// Returns the word in Vietnamese and in English.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Action => ("thao tác", "action"),
            Self::Condition => ("điều kiện", "condition"),
            Self::Fee => ("phí", "fee"),
            Self::Paper => ("giấy tờ", "paper"),
            Self::Finding => ("lỗi", "finding"),
        }
    }
}

/// A part of a procedure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoveredItem {
    pub kind: CoverageKind,
    /// The name of the part, in the words of the files.
    pub name: Text,
}

/// The parts of a procedure, each with whether a scenario touched it.
#[derive(Debug)]
pub struct ProcedureCoverage<'p> {
    procedure: &'p Procedure,
    conditions: Vec<CoveredCondition<'p>>,
    parts: CoveredParts,
}

/// The parts by kind and English name, each with its name and whether it was touched.
#[derive(Debug, Default)]
struct CoveredParts(BTreeMap<(CoverageKind, String), (Text, bool)>);

impl CoveredParts {
    fn add(&mut self, kind: CoverageKind, name: Text) {
        self.0.insert((kind, name.get(Language::En).to_owned()), (name, false));
    }

    /// Touches a part, if the procedure has it.
    fn touch(&mut self, kind: CoverageKind, name: &Text) {
        if let Some((_, touched)) = self.0.get_mut(&(kind, name.get(Language::En).to_owned())) {
            *touched = true;
        }
    }
}

/// The place of a condition, which says when it is evaluated, and on which answers.
#[derive(Debug, Clone, Copy)]
enum ConditionScope<'p> {
    /// The questions before the form.
    Eligibility,
    Form,
    /// The form of an applicant who owes these fees: those of the procedure, or of a single agency.
    Fees(&'p [Fee]),
    /// Each row of a field.
    Rows(&'p Field),
    /// An action of a step at which the dossier stands.
    Action(&'p StepId),
    /// An action that the answers at its step open. It is evaluated when somebody gives them.
    OwnForm(&'p StepId),
    /// A branch of an action that was carried out at a step.
    Branch(&'p StepId, &'p ActionId),
    /// The questions to the officer at a step.
    Step(&'p StepId),
}

#[derive(Debug)]
struct CoveredCondition<'p> {
    /// The place in words, such as `required of paper x`.
    place: Text,
    expression: &'p Expression,
    scope: ConditionScope<'p>,
    /// The condition is a rule, which is skipped while one of its answers is missing.
    is_rule: bool,
}

impl CoveredCondition<'_> {
    fn name(&self, outcome: bool) -> Text {
        let ((vi, en), source) = (self.place.both(), self.expression.source());
        let truth = if outcome { "đúng" } else { "sai" };
        text!("{vi} `{source}` là {truth}", "{en} `{source}` is {outcome}")
    }

    /// Touches the outcome of the condition for these values, if it has one.
    fn evaluate(&self, parts: &mut CoveredParts, values: &Map<String, Json>, work: &WorkBudget) {
        let is_answered = |name: &String| values.get(name).is_some_and(|value| !value.is_null());
        if self.is_rule && !self.expression.names().iter().all(is_answered) {
            return;
        }
        let holds = match self.expression.holds_within(values, work) {
            Ok(holds) => holds,
            Err(CannotEvaluate::Unanswered { .. }) => false,
            Err(CannotEvaluate::Fails { .. } | CannotEvaluate::OverBudget { .. }) => return,
        };
        parts.touch(CoverageKind::Condition, &self.name(holds));
    }
}

impl<'p> ProcedureCoverage<'p> {
    /// Returns the parts of a procedure before any scenario.
    pub fn new(procedure: &'p Procedure) -> Self {
        let conditions = conditions(procedure);
        let mut parts = CoveredParts::default();
        for condition in &conditions {
            parts.add(CoverageKind::Condition, condition.name(true));
            parts.add(CoverageKind::Condition, condition.name(false));
        }
        for step in &procedure.workflow.steps {
            for action in &step.actions {
                parts.add(CoverageKind::Action, action_name(&step.id, &action.id));
            }
        }
        for (agency, fees) in all_fees(procedure) {
            for fee in fees {
                parts.add(CoverageKind::Fee, fee_name(&fee.name, agency));
            }
        }
        for paper in &procedure.papers {
            parts.add(CoverageKind::Paper, plain(paper.id.as_str()));
            if paper.required != NEVER {
                parts.add(CoverageKind::Finding, plain(format!("papers.{}", paper.id)));
            }
        }
        for (_, field) in procedure.form.fields().filter(|(_, field)| field.required != NEVER) {
            match field.kind.structure() {
                Structure::Single(_) | Structure::Block(_) | Structure::Rows(..) | Structure::Files(_) => {
                    parts.add(CoverageKind::Finding, plain(field.id.as_str()));
                }
                Structure::Computed(_) | Structure::Explanation => {}
            }
        }
        Self { procedure, conditions, parts }
    }

    /// Returns the procedure.
    pub const fn procedure(&self) -> &'p Procedure {
        self.procedure
    }

    /// Returns the number of parts that scenarios touched, and of all parts.
    pub fn counts(&self) -> (usize, usize) {
        let touched = self.parts.0.values().filter(|(_, touched)| *touched).count();
        (touched, self.parts.0.len())
    }

    /// Returns the share of parts that scenarios touched, in whole percent. A procedure without parts has 100.
    pub fn percent(&self) -> usize {
        let (touched, all) = self.counts();
        (touched * 100).checked_div(all).unwrap_or(100)
    }

    /// Returns the parts that no scenario touched, by kind and name.
    pub fn untouched(&self) -> Vec<CoveredItem> {
        let untouched = self.parts.0.iter().filter(|(_, (_, touched))| !*touched);
        untouched.map(|((kind, _), (name, _))| CoveredItem { kind: *kind, name: name.clone() }).collect()
    }

    fn evaluate(&mut self, values: &Map<String, Json>, now: Timestamp, is_meant: impl Fn(ConditionScope<'_>) -> bool) {
        for condition in self.conditions.iter().filter(|condition| is_meant(condition.scope)) {
            condition.evaluate(&mut self.parts, values, &WorkBudget::at(now));
        }
    }

    /// Adds the answers before the form.
    pub(super) fn eligibility(&mut self, values: &Map<String, Json>, now: Timestamp) {
        self.evaluate(values, now, |scope| matches!(scope, ConditionScope::Eligibility));
    }

    /// Adds a form with its papers and findings, with which an applicant applies to an agency.
    pub(super) fn form(
        &mut self,
        agency: &AgencyId,
        values: &Map<String, Json>,
        papers: &[PaperId],
        findings: &[Finding],
        now: Timestamp,
    ) {
        let owed = self.procedure.fees_of(agency);
        self.evaluate(values, now, |scope| match scope {
            ConditionScope::Form => true,
            ConditionScope::Fees(fees) => std::ptr::eq(fees, owed),
            ConditionScope::Eligibility
            | ConditionScope::Rows(_)
            | ConditionScope::Action(_)
            | ConditionScope::OwnForm(_)
            | ConditionScope::Branch(..)
            | ConditionScope::Step(_) => false,
        });
        self.rows(values, now);
        for paper in papers {
            self.parts.touch(CoverageKind::Paper, &plain(paper.as_str()));
        }
        for finding in findings {
            let mut path = finding.path.split('.');
            let field = path.next().unwrap_or_default().to_owned();
            let place = if field == "papers" { finding.path.clone() } else { field };
            self.parts.touch(CoverageKind::Finding, &plain(place));
        }
    }

    /// Evaluates the conditions in each row.
    fn rows(&mut self, values: &Map<String, Json>, now: Timestamp) {
        for condition in &self.conditions {
            let ConditionScope::Rows(field) = condition.scope else { continue };
            let rows: Vec<&Json> = match values.get(&field.id) {
                Some(Json::Array(rows)) => rows.iter().collect(),
                Some(Json::Object(rows)) => rows.values().collect(),
                _ => Vec::new(),
            };
            for row in rows.into_iter().filter_map(Json::as_object) {
                let work = WorkBudget::at(now);
                let context = row_context(field.kind.parts(), values, row, &work);
                condition.evaluate(&mut self.parts, &context, &work);
            }
        }
    }

    /// Adds the fees that are owed to an agency.
    pub(super) fn fees(&mut self, agency: &AgencyId, fees: &[FeeLine]) {
        let own = self.procedure.terms_of(agency).filter(|terms| !terms.fees.is_empty()).map(|terms| &terms.agency);
        for line in fees {
            self.parts.touch(CoverageKind::Fee, &fee_name(&line.name, own));
        }
    }

    /// Adds the conditions of the actions that are offered where the dossier stands.
    pub(super) fn stands(&mut self, rules: Rules<'_>, dossier: &Dossier) {
        for condition in &self.conditions {
            let ConditionScope::Action(at) = condition.scope else { continue };
            if dossier.flow.stays.iter().any(|stay| stay.at.step == *at)
                && let Some(step) = rules.procedure.workflow.step(at)
                && let Some(holds) = decide::holds(rules, dossier, step, condition.expression, &Map::new())
            {
                self.parts.touch(CoverageKind::Condition, &condition.name(holds));
            }
        }
    }

    /// Adds that the answers closed an action of a step, to somebody who tried it.
    pub(super) fn closed(&mut self, workflow: &Workflow, step: &StepId, action: &ActionId) {
        let when = workflow.step(step).and_then(|known| known.action(action)?.when.as_ref());
        for condition in self.conditions.iter().filter(|condition| Some(condition.expression) == when) {
            if matches!(condition.scope, ConditionScope::Action(at) | ConditionScope::OwnForm(at) if at == step) {
                self.parts.touch(CoverageKind::Condition, &condition.name(false));
            }
        }
    }

    /// Adds an action that was carried out at a step, with the answers of the officer.
    pub(super) fn action(
        &mut self,
        (rules, after): (Rules<'_>, &Dossier),
        (step, action): (&StepId, &ActionId),
        answers: &Map<String, Json>,
        now: Timestamp,
    ) {
        self.parts.touch(CoverageKind::Action, &action_name(step, action));
        let Some(at_step) = rules.procedure.workflow.step(step) else { return };
        let asks_form = at_step.action(action).is_some_and(|action| at_step.asks_form(action));
        for condition in &self.conditions {
            let is_decided = match condition.scope {
                ConditionScope::Branch(at, taken) => at == step && taken == action,
                ConditionScope::OwnForm(at) => at == step && asks_form,
                ConditionScope::Step(at) => {
                    if at == step {
                        condition.evaluate(&mut self.parts, answers, &WorkBudget::at(now));
                    }
                    false
                }
                ConditionScope::Eligibility
                | ConditionScope::Form
                | ConditionScope::Fees(_)
                | ConditionScope::Rows(_)
                | ConditionScope::Action(_) => false,
            };
            if is_decided && let Some(holds) = decide::holds(rules, after, at_step, condition.expression, answers) {
                self.parts.touch(CoverageKind::Condition, &condition.name(holds));
            }
        }
    }
}

/// The condition of what is never required.
const NEVER: Condition = Condition::Fixed(false);

fn action_name(step: &StepId, action: &ActionId) -> Text {
    text!("{action} ở {step}", "{action} at {step}")
}

/// Returns the fees of a procedure, and those of single agencies.
fn all_fees(procedure: &Procedure) -> impl Iterator<Item = (Option<&AgencyId>, &[Fee])> {
    let of_agencies = procedure.terms.iter().map(|terms| (Some(&terms.agency), terms.fees.as_slice()));
    std::iter::once((None, procedure.fees.as_slice())).chain(of_agencies)
}

/// Returns the name of a fee, with the agency if it is the fee of a single one.
fn fee_name(name: &Text, agency: Option<&AgencyId>) -> Text {
    let name = &name.vi;
    agency.map_or_else(|| plain(name), |agency| text!("{name} ở {agency}", "{name} in {agency}"))
}

/// Returns all conditions of a procedure that are not simply `true` or `false`.
fn conditions(procedure: &Procedure) -> Vec<CoveredCondition<'_>> {
    let mut found = FoundConditions(Vec::new());
    if let Some(asked) = &procedure.eligibility {
        for field in &asked.fields {
            found.field(field, "", ConditionScope::Eligibility);
        }
        for condition in &asked.conditions {
            let place = text!("điều kiện trước biểu mẫu", "eligibility");
            found.rule(place, &condition.holds, ConditionScope::Eligibility);
        }
    }
    for (_, field) in procedure.form.fields() {
        found.field(field, "", ConditionScope::Form);
        if field.kind.rows().is_some() {
            for part in field.kind.parts() {
                found.field(part, &format!("{}.", field.id), ConditionScope::Rows(field));
            }
        }
    }
    for check in &procedure.form.checks {
        found.rule(text!("quy tắc của biểu mẫu", "check"), &check.holds, ConditionScope::Form);
    }
    for rule in &procedure.alternatives {
        let of = rule.of.join(", ");
        let place = text!("when của các lựa chọn thay thế {of}", "when of alternatives {of}");
        found.condition(place, &rule.when, ConditionScope::Form);
    }
    for signer in &procedure.signers {
        let id = &signer.id;
        found.condition(text!("when của người ký {id}", "when of signer {id}"), &signer.when, ConditionScope::Form);
    }
    for paper in &procedure.papers {
        let id = &paper.id;
        let place = text!("required của giấy tờ {id}", "required of paper {id}");
        found.condition(place, &paper.required, ConditionScope::Form);
    }
    for (agency, fees) in all_fees(procedure) {
        for fee in fees {
            found.fee(fee, &fee_name(&fee.name, agency), ConditionScope::Fees(fees));
        }
    }
    for case in &procedure.limit_cases {
        let name = &case.name.vi;
        found.condition(text!("thời hạn của {name}", "limit of {name}"), &case.when, ConditionScope::Form);
    }
    for step in &procedure.workflow.steps {
        for field in &step.form {
            found.field(field, &format!("{}.", step.id), ConditionScope::Step(&step.id));
        }
        for action in &step.actions {
            found.action(step, action);
        }
    }
    found.0
}

struct FoundConditions<'p>(Vec<CoveredCondition<'p>>);

impl<'p> FoundConditions<'p> {
    fn condition(&mut self, place: Text, condition: &'p Condition, scope: ConditionScope<'p>) {
        if let Some(expression) = condition.expression() {
            self.0.push(CoveredCondition { place, expression, scope, is_rule: false });
        }
    }

    fn rule(&mut self, place: Text, expression: &'p Expression, scope: ConditionScope<'p>) {
        self.0.push(CoveredCondition { place, expression, scope, is_rule: true });
    }

    fn field(&mut self, field: &'p Field, prefix: &str, scope: ConditionScope<'p>) {
        for (key, condition) in [("shown", &field.shown), ("required", &field.required)] {
            let id = &field.id;
            let place = text!("{key} của trường {prefix}{id}", "{key} of field {prefix}{id}");
            self.condition(place, condition, scope);
        }
    }

    fn fee(&mut self, fee: &'p Fee, name: &Text, scope: ConditionScope<'p>) {
        let (vi, en) = name.both();
        let of = |what: &str| text!("{what} của phí {vi}", "{what} of fee {en}");
        self.condition(of("when"), &fee.when, scope);
        let cases = match &fee.rate {
            FeeRate::Cases(cases) => cases.as_slice(),
            FeeRate::Amount(_) | FeeRate::Table(_) | FeeRate::Formula(_) => &[],
        };
        for case in cases {
            self.condition(of(&case.name.vi), &case.when, scope);
        }
        for relief in &fee.reliefs {
            self.condition(of(&relief.name.vi), &relief.when, scope);
        }
    }

    fn action(&mut self, step: &'p Step, action: &'p Action) {
        let name = action_name(&step.id, &action.id);
        let (vi, en) = name.both();
        if let Some(expression) = &action.when {
            let is_own = step.is_opened_by_form(action);
            let scope = if is_own { ConditionScope::OwnForm(&step.id) } else { ConditionScope::Action(&step.id) };
            let place = text!("when của {vi}", "when of {en}");
            self.0.push(CoveredCondition { place, expression, scope, is_rule: false });
        }
        let Effect::Split { to } = &action.effect else { return };
        for branch in to {
            if let Some(expression) = &branch.when {
                let to = &branch.to;
                let place = text!("nhánh đến {to} của {vi}", "branch to {to} of {en}");
                let scope = ConditionScope::Branch(&step.id, &action.id);
                self.0.push(CoveredCondition { place, expression, scope, is_rule: false });
            }
        }
    }
}
