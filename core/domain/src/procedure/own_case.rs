//! The case of a citizen who has not applied: the few questions on which papers, fees and the limit depend, and what
//! the answers to them decide.
//!
//! A term is decided once every answer that it reads is settled. An answer is settled if it was given, if it follows
//! from settled answers, or if settled answers hide its question. Other answers of the form cannot change a term that is
//! decided, so the page promises nothing that the form takes back.

use crate::expression::{CannotEvaluate, Condition, Expression, WorkBudget};
use crate::form::finding::{Finding, Severity};
use crate::form::judge::{JudgeFacts, Judged, anything, judge_fields};
use crate::form::{Field, FormCheck};
use crate::names::AgencyId;
use crate::procedure::fee::{self, Fee, FeeLine};
use crate::procedure::{LimitCase, Paper, Procedure};
use crate::registry::Registries;
use crate::time::calendar::Limit;
use jiff::Timestamp;
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};

/// The most questions of a case.
pub const MOST_CASE_QUESTIONS: usize = 8;

/// A term of a procedure in a case.
#[derive(Debug, Clone, PartialEq)]
pub enum CaseTerm<'a, T> {
    Decided(T),
    /// The term depends on the answers to these questions. Without a question, nobody knows it before the form is
    /// filled in.
    Open(Vec<&'a Field>),
}

/// The limit in a case.
#[derive(Debug, Clone, PartialEq)]
pub struct LimitOfCase<'a> {
    /// The case of the procedure that has this limit, or `None` outside of the special cases.
    pub case: Option<&'a LimitCase>,
    pub limit: Limit,
}

/// The answers of a case.
#[derive(Debug)]
pub struct OwnCase<'a> {
    procedure: &'a Procedure,
    /// The questions of the case, in the order of the form.
    pub questions: Vec<&'a Field>,
    pub typed: Map<String, Json>,
    /// The answers that are right, and the values that follow from them.
    pub values: Map<String, Json>,
    /// The wrong answers. A question without an answer has no finding.
    pub findings: Vec<Finding>,
    fields: BTreeMap<&'a str, &'a Field>,
    settled: BTreeSet<&'a str>,
    work: WorkBudget,
}

/// Returns the names that a field reads for its value and for being asked.
fn names_behind(field: &Field) -> impl Iterator<Item = &str> {
    let read = [field.shown.expression(), field.kind.formula()];
    read.into_iter().flatten().flat_map(Expression::names).map(String::as_str)
}

impl Procedure {
    /// Returns the fields of the form by their names.
    fn fields_by_name(&self) -> BTreeMap<&str, &Field> {
        self.form.fields().map(|(_, field)| (field.id.as_str(), field)).collect()
    }

    /// Returns the names on which the papers, the fees and the limit rest, with those behind them.
    fn names_of_terms<'a>(&'a self, fields: &BTreeMap<&'a str, &'a Field>) -> BTreeSet<&'a str> {
        let papers = self.papers.iter().filter_map(|paper| paper.required.expression());
        let limits = self.limit_cases.iter().filter_map(|case| case.when.expression());
        let fees = self.fees.iter().chain(self.terms.iter().flat_map(|terms| &terms.fees)).flat_map(Fee::expressions);
        let read = papers.chain(limits).chain(fees).flat_map(Expression::names);
        let mut open: Vec<&str> = read.map(String::as_str).collect();
        let mut found = BTreeSet::new();
        while let Some(name) = open.pop() {
            if found.insert(name) {
                open.extend(fields.get(name).copied().into_iter().flat_map(names_behind));
            }
        }
        found
    }

    /// Returns the questions on which the papers, the fees and the limit depend, in the order of the form, at most
    /// [`MOST_CASE_QUESTIONS`]. A question for a name, a number of a person or a place is none of them.
    pub fn case_questions(&self) -> Vec<&Field> {
        let names = self.names_of_terms(&self.fields_by_name());
        let asked = self.form.fields().map(|(_, field)| field);
        let asked = asked.filter(|field| names.contains(field.id.as_str()) && field.kind.describes_case());
        asked.take(MOST_CASE_QUESTIONS).collect()
    }

    /// Returns the questions whose answers go on into a new draft: those of eligibility that the form asks, too, and
    /// those of a case.
    pub fn carried_fields(&self) -> impl Iterator<Item = &Field> {
        let of_case = self.case_questions().into_iter().filter(move |field| !self.is_asked_before(&field.id));
        self.asked_twice().chain(of_case)
    }

    /// Returns the case with these answers to its questions at a moment.
    pub fn own_case(&self, typed: Map<String, Json>, now: Timestamp, registries: &Registries) -> OwnCase<'_> {
        let (fields, questions) = (self.fields_by_name(), self.case_questions());
        let names = self.names_of_terms(&fields);
        let in_order = self.form.fields().map(|(_, field)| field);
        let judged: Vec<&Field> = in_order.filter(|field| names.contains(field.id.as_str())).collect();
        let facts = JudgeFacts { now, registries, files: &[], computed: None };
        // Without an answer, a proposal of the author is no answer either.
        let mut answers: Map<String, Json> = judged.iter().map(|field| (field.id.clone(), Json::Null)).collect();
        let is_asked = |id: &str| questions.iter().any(|field| field.id == id);
        answers.extend(typed.iter().filter(|(id, _)| is_asked(id)).map(|(id, typed)| (id.clone(), typed.clone())));
        let Judged { values, mut findings, fault } = judge_fields(&judged, &answers, facts);
        findings.retain(|found| answers.get(&found.path).is_some_and(anything));
        let mut case = OwnCase {
            procedure: self,
            questions,
            typed,
            values,
            findings,
            fields,
            settled: BTreeSet::new(),
            work: WorkBudget::at(now),
        };
        // Nothing is settled if a rule of the author is faulty.
        if fault.is_none() {
            case.settle(&names);
        }
        case
    }
}

impl<'a> OwnCase<'a> {
    /// Returns whether the citizen has answered a question.
    pub fn is_begun(&self) -> bool {
        self.questions.iter().any(|field| self.typed.get(&field.id).is_some_and(anything))
    }

    /// Finds the settled answers among these names.
    fn settle(&mut self, names: &BTreeSet<&'a str>) {
        // Each round settles one answer at least, or it is the last.
        for _ in names {
            let is_new = |name: &&&str| !self.settled.contains(**name) && self.settles(name);
            let found: Vec<&'a str> = names.iter().filter(is_new).copied().collect();
            if found.is_empty() {
                break;
            }
            self.settled.extend(found);
        }
    }

    /// Returns whether the settled answers settle another one.
    fn settles(&self, name: &str) -> bool {
        let Some(field) = self.fields.get(name).copied() else { return false };
        match self.holds(&field.shown) {
            CaseTerm::Open(_) => false,
            CaseTerm::Decided(false) => true,
            CaseTerm::Decided(true) => match field.kind.formula() {
                Some(formula) => self.are_settled(formula),
                None => self.is_answered(field),
            },
        }
    }

    fn are_settled(&self, expression: &Expression) -> bool {
        expression.names().iter().all(|name| self.settled.contains(name.as_str()))
    }

    /// Returns whether a question of the case has a right answer.
    fn is_answered(&self, field: &Field) -> bool {
        let is_wrong = |found: &Finding| found.path == field.id && found.severity == Severity::Error;
        let is_asked = self.questions.iter().any(|asked| asked.id == field.id);
        is_asked && self.values.contains_key(&field.id) && !self.findings.iter().any(is_wrong)
    }

    /// Returns the questions that have to be answered before these expressions are decided, or `None` if they are
    /// decided. A value that a plugin computes is named by its own label, unless nobody sees it.
    fn open(&self, expressions: impl IntoIterator<Item = &'a Expression>) -> Option<Vec<&'a Field>> {
        let names = expressions.into_iter().flat_map(Expression::names).map(String::as_str);
        let is_open = |name: &&str| !self.settled.contains(*name);
        let mut open: Vec<&str> = names.filter(is_open).collect();
        if open.is_empty() {
            return None;
        }
        let mut seen = BTreeSet::new();
        let mut missing = BTreeSet::new();
        while let Some(name) = open.pop() {
            let Some(field) = self.fields.get(name).copied().filter(|field| seen.insert(field.id.as_str())) else {
                continue;
            };
            let behind: Vec<&str> = names_behind(field).filter(is_open).collect();
            if behind.is_empty() {
                missing.insert(field.id.as_str());
            }
            open.extend(behind);
        }
        let in_order = self.procedure.form.fields().map(|(_, field)| field);
        let is_named = |field: &&Field| missing.contains(field.id.as_str()) && !field.kind.is_helper();
        Some(in_order.filter(is_named).collect())
    }

    /// Returns whether a condition holds. A condition that cannot be evaluated stays open.
    fn holds(&self, condition: &'a Condition) -> CaseTerm<'a, bool> {
        if let Some(open) = self.open(condition.expression()) {
            return CaseTerm::Open(open);
        }
        match condition.outcome(&self.values, &self.work) {
            Ok(holds) => CaseTerm::Decided(holds),
            Err(CannotEvaluate::Unanswered { .. }) => CaseTerm::Decided(false),
            Err(CannotEvaluate::Fails { .. } | CannotEvaluate::OverBudget { .. }) => {
                drop(self.work.take_broken());
                CaseTerm::Open(Vec::new())
            }
        }
    }

    /// Returns whether a paper is needed.
    pub fn paper(&self, paper: &'a Paper) -> CaseTerm<'a, bool> {
        self.holds(&paper.required)
    }

    /// Returns the limit at an agency. A case counts only after all cases before it were decided not to fit.
    pub fn limit(&self, agency: &AgencyId) -> CaseTerm<'a, LimitOfCase<'a>> {
        for case in &self.procedure.limit_cases {
            match self.holds(&case.when) {
                CaseTerm::Decided(false) => {}
                CaseTerm::Decided(true) => {
                    return CaseTerm::Decided(LimitOfCase { case: Some(case), limit: case.limit });
                }
                CaseTerm::Open(open) => return CaseTerm::Open(open),
            }
        }
        CaseTerm::Decided(LimitOfCase { case: None, limit: self.procedure.limit_in(agency) })
    }

    /// Returns the amount of a fee, or `None` if it is not owed.
    pub fn fee(&self, fee: &'a Fee) -> CaseTerm<'a, Option<FeeLine>> {
        match self.holds(&fee.when) {
            CaseTerm::Decided(true) => {}
            CaseTerm::Decided(false) => return CaseTerm::Decided(None),
            CaseTerm::Open(open) => return CaseTerm::Open(open),
        }
        if let Some(open) = self.open(fee.expressions()) {
            return CaseTerm::Open(open);
        }
        let line = fee::lines(std::slice::from_ref(fee), &self.values, &self.work).pop();
        let is_faulty = self.work.take_broken().is_some() || self.work.is_over();
        if is_faulty { CaseTerm::Open(Vec::new()) } else { CaseTerm::Decided(line) }
    }

    /// Returns the conditions of eligibility that the answers decide and do not meet.
    pub fn unmet(&self) -> Vec<&'a FormCheck> {
        let conditions = self.procedure.eligibility.iter().flat_map(|asked| &asked.conditions);
        let is_unmet = |condition: &&FormCheck| {
            let is_known = |name: &String| self.values.get(name).is_some_and(|value| !value.is_null());
            let is_decided = self.are_settled(&condition.holds) && condition.holds.names().iter().all(is_known);
            is_decided && condition.holds.holds_within(&self.values, &self.work) == Ok(false)
        };
        conditions.filter(is_unmet).collect()
    }
}
