//! Trials of what conditions read of rows: the answers of several units, such as votes.

use crate::expression::{Condition, names_of, parts};
use crate::form::kinds::{AnswerType, Structure};
use crate::form::scope::ExpressionScope;
use crate::form::{AnswerRows, Field};
use cel::common::ast::{Expr, IdedExpr, LiteralValue, operators as op};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

/// The most lists of rows that are tried.
const MOST_LISTS: usize = 1_000;

/// The names that a part of a condition reads, and the parts of their rows.
pub(super) struct ReadRows {
    pub names: BTreeSet<String>,
    pub parts: BTreeSet<String>,
}

/// Returns what a part of a condition reads. Returns `None` if the order of rows may make a difference.
pub(super) fn read_rows(at: &IdedExpr) -> Option<ReadRows> {
    let mut read = BTreeSet::new();
    for part in parts(at) {
        match &part.expr {
            Expr::Call(call) if call.func_name == op::INDEX => return None,
            Expr::Select(select) => _ = read.insert(select.field.clone()),
            _ => {}
        }
    }
    let names = names_of(at).into_iter().map(str::to_owned).collect();
    Some(ReadRows { names, parts: read })
}

/// Returns the lists of rows that make a difference to conditions which read these parts. Returns `None` if trials
/// cannot decide: the rows are no answers of units, or a part is no question with few answers.
pub(super) fn lists(field: &Field, read: &BTreeSet<String>, scope: ExpressionScope<'_>) -> Option<Vec<Json>> {
    let Structure::Rows(AnswerRows::Added { least, most }, fields) = field.kind.structure() else { return None };
    let is_asked = |part: &Field| scope.asked.iter().any(|(asked, _)| asked.id == part.id);
    if !fields.iter().any(is_asked) {
        return None;
    }
    let mut rows = vec![Map::new()];
    for name in read {
        let part = fields.iter().find(|part| part.id == *name).filter(|part| is_asked(part))?;
        let answers = few_answers(part)?;
        let with = |row: &Map<String, Json>| {
            let row = row.clone();
            answers.iter().map(move |answer| {
                let mut row = row.clone();
                row.insert(name.clone(), answer.clone());
                row
            })
        };
        rows = rows.iter().flat_map(with).collect();
    }
    let rows: Vec<Json> = rows.into_iter().map(Json::Object).collect();
    // The order makes no difference, so a row stands before no earlier kind of rows. Lists below the least length are
    // only the beginnings of others.
    let mut longest: Vec<Vec<usize>> = vec![Vec::new()];
    let mut all = longest.clone();
    for _ in 0..most {
        let longer = |list: &Vec<usize>| {
            let list = list.clone();
            let first = list.last().copied().unwrap_or(0);
            (first..rows.len()).map(move |next| [list.as_slice(), &[next]].concat())
        };
        longest = longest.iter().flat_map(longer).collect();
        if all.len() + longest.len() > MOST_LISTS {
            return None;
        }
        all.extend(longest.iter().cloned());
    }
    let list = |kinds: Vec<usize>| kinds.into_iter().filter_map(|kind| rows.get(kind).cloned()).collect::<Json>();
    Some(all.into_iter().filter(|kinds| kinds.len() >= least).map(list).collect())
}

/// Returns the answers of a question for yes or no, or for one of some choices.
fn few_answers(part: &Field) -> Option<Vec<Json>> {
    let Structure::Single(kind) = part.kind.structure() else { return None };
    let is_few = kind.exclusive_choices().is_some() || matches!(kind.answer_type(), AnswerType::Bool);
    let mut answers = kind.candidates(&[]).filter(|_| is_few)?;
    if part.required != Condition::Fixed(true) || part.shown != Condition::Fixed(true) {
        answers.push(Json::Null);
    }
    Some(answers)
}

/// Returns the texts among which a formula chooses, such as `'a'` and `'b'` of `x > 5 ? 'a' : 'b'`.
pub(super) fn chosen_texts(at: &IdedExpr) -> Option<BTreeSet<String>> {
    match &at.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(BTreeSet::from([text.inner().to_owned()])),
        Expr::Call(call) if call.func_name == op::CONDITIONAL => {
            let [_, yes, no] = call.args.as_slice() else { return None };
            let mut texts = chosen_texts(yes)?;
            texts.extend(chosen_texts(no)?);
            Some(texts)
        }
        _ => None,
    }
}
