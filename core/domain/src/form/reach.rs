//! Checks by trial whether a condition can hold at all.

use crate::expression::{Condition, Expression};
use crate::form::scope::ExpressionScope;
use crate::form::trial::{domain, literals, nth};
use cel::common::ast::{Expr, IdedExpr, LiteralValue, operators as op};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};

/// The possible results of a condition over all answers that the form allows: true, false or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    pub can_hold: bool,
    pub can_fail: bool,
}

/// The most answers in a condition. More answers have too many combinations in any case.
const MOST_NAMES: usize = 12;

/// The most evaluations for one question, so that no form makes the check slow.
const MOST_TRIED: usize = 5_000;

/// Tries a condition on every combination of answers that makes a difference, without those of hidden fields. `with`
/// must hold too. Returns `None` if trials cannot decide: the condition compares answers with one another, reads texts
/// or lists, or has too many combinations.
pub fn reach(condition: &Expression, with: Option<&Expression>, scope: ExpressionScope<'_>) -> Option<Reach> {
    let mut samples = Samples::new();
    if !std::iter::once(condition).chain(with).all(|expression| plain(expression.ast(), &mut samples)) {
        return None;
    }
    let hiding = follow(&mut samples, scope)?;
    let mut domains: Vec<(String, Vec<Json>)> = Vec::new();
    let mut combinations = 1_usize;
    let each = 2 + hiding.len() * hiding.len();
    for (name, literals) in samples {
        let values = domain(scope.find(&name)?, &literals)?;
        combinations = combinations.checked_mul(values.len()).filter(|count| count * each <= MOST_TRIED)?;
        domains.push((name, values));
    }
    let mut found = Reach { can_hold: false, can_fail: false };
    for number in 0..combinations {
        let mut values = nth(&domains, number);
        hide(&hiding, &mut values);
        if with.is_none_or(|with| holds(with, &values)) {
            let holds = holds(condition, &values);
            found.can_hold |= holds;
            found.can_fail |= !holds;
        }
        if found.can_hold && found.can_fail {
            break;
        }
    }
    Some(found)
}

/// The literals beside each name, as JSON text.
type Samples = BTreeMap<String, BTreeSet<String>>;

fn holds(condition: &Expression, values: &Map<String, Json>) -> bool {
    Condition::When(condition.clone()).holds(values)
}

/// Returns the conditions under which the named fields are shown, as far as trials can evaluate them too. Adds the
/// fields that those conditions name. A condition that cannot be tried is assumed to show its field always.
fn follow<'a>(samples: &mut Samples, scope: ExpressionScope<'a>) -> Option<Vec<(String, &'a Expression)>> {
    let mut hiding = Vec::new();
    let mut followed = BTreeSet::new();
    while let Some(name) = samples.keys().find(|name| !followed.contains(*name)).cloned() {
        if samples.len() > MOST_NAMES {
            return None;
        }
        if let Condition::When(shown) = &scope.find(&name)?.shown {
            let mut more = samples.clone();
            if plain(shown.ast(), &mut more) && more.keys().all(|name| scope.find(name).is_some()) {
                *samples = more;
                hiding.push((name.clone(), shown));
            }
        }
        followed.insert(name);
    }
    Some(hiding)
}

/// Removes the answers of hidden fields. Hiding one field may hide another.
fn hide(hiding: &[(String, &Expression)], values: &mut Map<String, Json>) {
    for _ in 0..hiding.len() {
        for (name, shown) in hiding {
            if !holds(shown, values) {
                values.insert(name.clone(), Json::Null);
            }
        }
    }
}

/// Returns whether an expression only joins comparisons of one answer with a literal, and collects the literals.
fn plain(at: &IdedExpr, samples: &mut Samples) -> bool {
    match &at.expr {
        Expr::Literal(LiteralValue::Boolean(_)) => true,
        Expr::Ident(name) => {
            samples.entry(name.clone()).or_default();
            true
        }
        Expr::Call(call) => match call.func_name.as_str() {
            op::LOGICAL_AND | op::LOGICAL_OR | op::LOGICAL_NOT => call.args.iter().all(|inner| plain(inner, samples)),
            op::EQUALS | op::NOT_EQUALS | op::LESS | op::LESS_EQUALS | op::GREATER | op::GREATER_EQUALS | op::IN => {
                let [left, right] = call.args.as_slice() else { return false };
                let (name, written) = match (&left.expr, &right.expr) {
                    (Expr::Ident(name), _) => (name, right),
                    (_, Expr::Ident(name)) if call.func_name != op::IN => (name, left),
                    _ => return false,
                };
                let Some(literals) = literals(written) else { return false };
                samples.entry(name.clone()).or_default().extend(literals);
                true
            }
            _ => false,
        },
        _ => false,
    }
}
