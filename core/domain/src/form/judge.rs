//! Judges the input of a form: returns normalised values and findings.
//!
//! A draft stores the input letter by letter, right or wrong. Judging it returns the values for filing and for plugins.
//! Hidden fields are neither checked nor stored.

use crate::expression::{Expression, QUESTION_STEPS, RuleFault, WorkBudget};
use crate::form::answer::within;
use crate::form::kinds::{Block, Computed, File, Input, SingleKind, Structure, plain};
use crate::form::settle::Questions;
use crate::form::{AnswerRows, Field, FieldChoice, Form, FormCheck, row_context, weight};
use crate::media::AttachedPaper;
use crate::registry::Registries;
use crate::text::{Language, Text};
use jiff::Timestamp;
use serde_json::{Map, Value as Json};

pub use crate::form::finding::{Finding, Severity};

/// The outcome of judging a form.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Judged {
    pub values: Map<String, Json>,
    pub findings: Vec<Finding>,
    /// The fault of the rules, if they have one: the budget of the judgement ended, or a rule could not be evaluated.
    /// Values and findings are then incomplete.
    pub fault: Option<RuleFault>,
}

/// The facts besides the form's own rules.
#[derive(Debug, Clone, Copy)]
pub struct JudgeFacts<'a> {
    pub now: Timestamp,
    pub registries: &'a Registries,
    /// The attached files, including those of file fields.
    pub files: &'a [AttachedPaper],
    /// The values of computed fields from plugins.
    pub computed: Option<&'a Map<String, Json>>,
}

impl Judged {
    /// Returns whether the form can be filed.
    pub fn complete(&self) -> bool {
        self.fault.is_none() && self.findings.iter().all(|finding| finding.severity != Severity::Error)
    }
}

/// Judges all sections of `form` for the input.
///
/// A condition or a computed value may read any field, also a later one, so each field is judged after those that it
/// reads. Conditions that contradict one another are judged in rounds, at most as many as the form has fields. A
/// condition on a hidden field's value reads null, even if a person filled in the field while it was shown.
///
/// All this has one budget of work ([`WorkBudget`]). A judgement that exceeds it, or one of whose rules cannot be
/// evaluated, reports the fault, and its result is incomplete.
pub fn judge(form: &Form, typed: &Map<String, Json>, given: JudgeFacts<'_>) -> Judged {
    let fields: Vec<&Field> = form.fields().map(|(_, field)| field).collect();
    judge_all(&fields, &form.checks, typed, given)
}

/// Judges questions that are asked together.
pub fn judge_fields(fields: &[&Field], typed: &Map<String, Json>, given: JudgeFacts<'_>) -> Judged {
    judge_all(fields, &[], typed, given)
}

fn judge_all(fields: &[&Field], checks: &[FormCheck], typed: &Map<String, Json>, given: JudgeFacts<'_>) -> Judged {
    let work = WorkBudget::at(given.now);
    let around = JudgeContext { prefix: "", given, work: &work };
    let (values, mut findings) = judge_questions(&Questions::new(fields.iter().copied()), typed, Map::new(), around);
    for check in checks {
        if !kept(&check.holds, &values, &work) {
            let path = check.field.clone().unwrap_or_default();
            findings.push(Finding::error(path, "check", check.text.clone()));
        }
    }
    Judged { values, findings, fault: work.into_fault() }
}

/// The context of the questions at one place, beside the answers.
#[derive(Clone, Copy)]
struct JudgeContext<'a> {
    /// The path of the place.
    prefix: &'a str,
    given: JudgeFacts<'a>,
    work: &'a WorkBudget,
}

/// Judges questions with the answers around them.
fn judge_questions(
    questions: &Questions<'_>,
    typed: &Map<String, Json>,
    context: Map<String, Json>,
    around: JudgeContext<'_>,
) -> (Map<String, Json>, Vec<Finding>) {
    let JudgeContext { prefix, given, work } = around;
    let before = work.take_broken();
    let (values, notes) = questions.settle(context, |field, context| {
        if !work.take(QUESTION_STEPS, || format!("{prefix}{}", field.id)) {
            return None;
        }
        let mut judged = Judged::default();
        if field.shown.holds_within(context, work) {
            JudgedField { field, typed: typed.get(&field.id), context, prefix, given, work }.judge(&mut judged);
        }
        let found = judged.findings.into_iter().map(JudgeNote::Finding);
        // An answer may change until all are settled, so a rule is broken only if it fails in the last round.
        let notes: Vec<JudgeNote> = work.take_broken().into_iter().map(JudgeNote::Fault).chain(found).collect();
        Some((judged.values.remove(&field.id), notes))
    });
    work.keep_broken(before);
    let mut findings = Vec::new();
    for note in notes {
        match note {
            JudgeNote::Finding(finding) => findings.push(finding),
            JudgeNote::Fault(fault) => work.keep_broken(Some(fault)),
        }
    }
    (values, findings)
}

/// A note on one question.
enum JudgeNote {
    Finding(Finding),
    /// A rule that failed at the question.
    Fault(RuleFault),
}

/// Returns whether a rule holds. A rule with a missing answer is skipped. A rule that cannot be evaluated counts as
/// kept, because it is not the applicant's fault. `work` stores it, and nobody can file until it is corrected.
pub fn kept(rule: &Expression, values: &Map<String, Json>, work: &WorkBudget) -> bool {
    let answered = |name: &String| values.get(name).is_some_and(|value| !value.is_null());
    !rule.names().iter().all(answered) || rule.holds_within(values, work).unwrap_or(true)
}

/// One field at its place.
struct JudgedField<'a> {
    field: &'a Field,
    typed: Option<&'a Json>,
    /// The answers that conditions read.
    context: &'a Map<String, Json>,
    prefix: &'a str,
    given: JudgeFacts<'a>,
    work: &'a WorkBudget,
}

/// The questions of which a field consists.
struct InnerQuestions<'a> {
    questions: Questions<'a>,
    around: Map<String, Json>,
    /// The steps of copying the surrounding answers.
    copying: usize,
}

impl JudgedField<'_> {
    fn judge(&self, judged: &mut Judged) {
        let path = format!("{}{}", self.prefix, self.field.id);
        match self.field.kind.structure() {
            Structure::Single(kind) => self.single(kind, path, judged),
            Structure::Block(block) => self.block(block, &path, judged),
            Structure::Rows(AnswerRows::Added { least, most }, _) => self.group((least, most), &path, judged),
            Structure::Rows(AnswerRows::Named(rows), _) => self.table(rows, &path, judged),
            Structure::Files(kind) => self.files(kind.max_files, &path, judged),
            Structure::Computed(kind) => {
                let value = kind.value.as_ref().map_or_else(|| self.by_plugin(), |value| self.value(value, &path));
                judged.values.extend(value.map(|value| (self.field.id.clone(), value)));
            }
            Structure::Explanation => {}
        }
    }

    /// Returns the value that a plugin computed.
    fn by_plugin(&self) -> Option<Json> {
        let value = self.given.computed?.get(&self.field.id)?;
        Computed::takes(value).then(|| value.clone())
    }

    fn table(&self, rows: &[FieldChoice], path: &str, judged: &mut Judged) {
        let inner = self.inner();
        let mut values = Map::new();
        for row in rows {
            let typed = self.typed.and_then(|typed| typed.get(&row.value));
            let before = judged.findings.len();
            let part = self.parts(&inner, typed, &format!("{path}.{}.", row.value), judged);
            name_row(&row.label, judged.findings.iter_mut().skip(before));
            values.insert(row.value.clone(), Json::Object(part));
        }
        self.keep(Json::Object(values), judged);
    }

    fn keep(&self, value: Json, judged: &mut Judged) {
        judged.values.insert(self.field.id.clone(), value);
    }

    /// Returns whether an answer is required. Nothing is required once the budget has ended.
    fn required(&self) -> bool {
        self.field.required.holds_within(self.context, self.work) && !self.work.is_over()
    }

    /// Returns the value of an expression. A stored text takes memory from the budget.
    fn value(&self, expression: &Expression, path: &str) -> Option<Json> {
        let value = expression.value_within(self.context, self.work).ok()?;
        let bytes = value.as_str().map_or(0, str::len);
        self.work.keep(bytes, || path.to_owned()).then_some(value)
    }

    fn single(&self, kind: &dyn SingleKind, path: String, judged: &mut Judged) {
        // Without an input, the author's proposal is the value.
        let proposed = match (self.typed, &self.field.default) {
            (None, Some(default)) => self.value(default, &path),
            _ => None,
        };
        let typed = self.typed.or(proposed.as_ref());
        let limit = |limit: &Option<Expression>| self.value(limit.as_ref()?, &path);
        let JudgeFacts { now, registries, .. } = self.given;
        match kind.read(&Input { typed, context: self.context, now, registries }) {
            Ok(Some(value)) => {
                let (least, most) = (limit(&self.field.at_least), limit(&self.field.at_most));
                if let Err((code, text)) = within(&value, least.as_ref(), most.as_ref()) {
                    judged.findings.push(Finding::error(path.as_str(), code, text));
                }
                let contradictions = kind.contradictions(&value, self.context).into_iter();
                judged.findings.extend(contradictions.map(|(code, text)| Finding::error(path.as_str(), code, text)));
                self.keep(value, judged);
            }
            Ok(None) if self.required() => {
                let (code, text) = kind.missing(&self.field.label);
                judged.findings.push(Finding::error(path, code, text));
            }
            Ok(None) => {}
            Err((code, text)) => judged.findings.push(Finding::error(path, code, text)),
        }
    }

    /// Returns the questions of which the field consists, and the surrounding answers that they read.
    fn inner(&self) -> InnerQuestions<'_> {
        let fields = self.field.kind.parts();
        let around = row_context(fields, self.context, &Map::new(), self.work);
        let copying = around.values().map(weight).sum();
        InnerQuestions { questions: Questions::new(fields), around, copying }
    }

    /// Judges the answers of one row. Conditions in it read the row's own answers before those of the form.
    fn parts(
        &self,
        inner: &InnerQuestions<'_>,
        typed: Option<&Json>,
        prefix: &str,
        judged: &mut Judged,
    ) -> Map<String, Json> {
        if !self.work.take(inner.copying, || prefix.trim_end_matches('.').to_owned()) {
            return Map::new();
        }
        let empty = Map::new();
        let typed = typed.and_then(Json::as_object).unwrap_or(&empty);
        let around = JudgeContext { prefix, given: self.given, work: self.work };
        let (values, mut findings) = judge_questions(&inner.questions, typed, inner.around.clone(), around);
        judged.findings.append(&mut findings);
        values
    }

    fn group(&self, (min, max): (usize, usize), path: &str, judged: &mut Judged) {
        let rows = self.typed.and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
        let count = rows.len();
        if count < min || count > max {
            let (vi, en) = (&self.field.label.vi, self.field.label.get(Language::En));
            let text = Text::new(
                format!("“{vi}”: cần từ {min} đến {max} dòng, hiện có {count}."),
                format!("“{en}”: from {min} to {max} rows are needed, there are {count}."),
            );
            judged.findings.push(Finding::error(path, "count", text));
        }
        let inner = self.inner();
        let row = |(at, row): (usize, &Json)| {
            let before = judged.findings.len();
            let part = self.parts(&inner, Some(row), &format!("{path}.{at}."), judged);
            name_row(&self.numbered(at + 1), judged.findings.iter_mut().skip(before));
            Json::Object(part)
        };
        let kept = rows.iter().take(max).enumerate().map(row).collect();
        self.keep(kept, judged);
    }

    /// Returns the name of a row of a group by its number.
    fn numbered(&self, number: usize) -> Text {
        let (vi, en) = self.field.label.both();
        Text::new(format!("{vi}, dòng {number}"), format!("{en}, row {number}"))
    }

    /// Judges an address, a person, an organisation or a bank account. An optional block may stay empty as a whole.
    fn block(&self, block: &Block, path: &str, judged: &mut Judged) {
        let mut inner = Judged::default();
        let mut values = self.parts(&self.inner(), self.typed, &format!("{path}."), &mut inner);
        if !self.required() && !self.typed.is_some_and(anything) {
            return;
        }
        for (part, (code, text)) in (block.complete)(&mut values) {
            inner.findings.push(Finding::error(format!("{path}.{part}"), code, text));
        }
        judged.findings.append(&mut inner.findings);
        if !values.is_empty() {
            self.keep(Json::Object(values), judged);
        }
    }

    fn files(&self, most: usize, path: &str, judged: &mut Judged) {
        let attached = self.given.files.iter().filter(|file| file.paper.as_str() == self.field.id);
        let files: Vec<Json> = attached.map(File::value).collect();
        if files.is_empty() && self.required() {
            let (vi, en) = (&self.field.label.vi, self.field.label.get(Language::En));
            let text = Text::new(format!("Hãy đính kèm “{vi}”."), format!("Attach “{en}”."));
            judged.findings.push(Finding::error(path, "file-missing", text));
        }
        if files.len() > most {
            let text = Text::new(format!("Tối đa {most} tệp."), format!("At most {most} files."));
            judged.findings.push(Finding::error(path, "too-many-files", text));
        }
        if !files.is_empty() {
            self.keep(Json::Array(files), judged);
        }
    }
}

/// Names the row of findings in their texts, because the rows of a group ask the same.
fn name_row<'f>(row: &Text, findings: impl Iterator<Item = &'f mut Finding>) {
    let (row_vi, row_en) = row.both();
    for finding in findings {
        let (vi, en) = finding.text.both();
        finding.text = Text::new(format!("{row_vi}: {vi}"), format!("{row_en}: {en}"));
    }
}

/// Returns whether the input contains anything.
pub(crate) fn anything(typed: &Json) -> bool {
    match typed {
        Json::Object(parts) => parts.values().any(anything),
        Json::Array(items) => items.iter().any(anything),
        other => !plain(Some(other)).is_empty(),
    }
}

#[cfg(test)]
mod tests;
