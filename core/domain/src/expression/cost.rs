//! An estimate of the work of an expression, before anybody answers.

use super::Expression;
use cel::common::ast::{Expr, IdedExpr, operators as op};

/// The assumed length of an unknown list: the most rows of a group.
const UNKNOWN: usize = 200;

/// Returns the most steps of an evaluation, if the list behind each name is as long as `longest` returns.
///
/// The number is an estimate that warns authors in time. The budget of the evaluation is the guarantee.
pub fn most_steps(expression: &Expression, longest: &dyn Fn(&str) -> Option<usize>) -> usize {
    steps(expression.ast(), longest)
}

fn steps(at: &IdedExpr, longest: &dyn Fn(&str) -> Option<usize>) -> usize {
    match &at.expr {
        Expr::Literal(_) | Expr::Ident(_) | Expr::Unspecified => 1,
        Expr::Select(select) => sum(std::iter::once(&*select.operand), longest),
        Expr::List(list) => sum(list.elements.iter(), longest).saturating_add(list.elements.len()),
        Expr::Map(map) => sum(map.entries.iter().flat_map(|entry| super::entry_parts(&entry.expr)), longest),
        Expr::Struct(made) => sum(made.entries.iter().flat_map(|entry| super::entry_parts(&entry.expr)), longest),
        Expr::Call(call) => {
            let compared = match (call.func_name.as_str(), call.args.as_slice()) {
                (op::IN | op::EQUALS | op::NOT_EQUALS | op::ADD, [left, right]) => {
                    length(left, longest).unwrap_or(0).saturating_add(length(right, longest).unwrap_or(0))
                }
                ("min" | "max" | "sum", [list]) => length(list, longest).unwrap_or(0),
                _ => 0,
            };
            sum(call.target.iter().map(|target| &**target).chain(&call.args), longest).saturating_add(compared)
        }
        Expr::Comprehension(inner) => {
            let rows = length(&inner.iter_range, longest).unwrap_or(UNKNOWN);
            let each = steps(&inner.loop_step, longest);
            steps(&inner.iter_range, longest).saturating_add(rows.saturating_mul(each)).saturating_add(1)
        }
    }
}

/// Returns the parts of an expression at every depth, with the expression itself.
pub(crate) fn parts(whole: &IdedExpr) -> Vec<&IdedExpr> {
    let mut all = Vec::new();
    let mut open = vec![whole];
    while let Some(at) = open.pop() {
        all.push(at);
        match &at.expr {
            Expr::Call(call) => open.extend(call.target.iter().map(|target| &**target).chain(&call.args)),
            Expr::Select(select) => open.push(&select.operand),
            Expr::List(list) => open.extend(&list.elements),
            Expr::Comprehension(inner) => {
                open.extend([&inner.iter_range, &inner.accu_init, &inner.loop_cond, &inner.loop_step, &inner.result]);
            }
            Expr::Map(map) => open.extend(map.entries.iter().flat_map(|entry| super::entry_parts(&entry.expr))),
            Expr::Struct(made) => open.extend(made.entries.iter().flat_map(|entry| super::entry_parts(&entry.expr))),
            Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => {}
        }
    }
    all
}

fn sum<'a>(parts: impl Iterator<Item = &'a IdedExpr>, longest: &dyn Fn(&str) -> Option<usize>) -> usize {
    parts.fold(1, |sum, part| sum.saturating_add(steps(part, longest)))
}

/// Returns the length of the list that an expression returns. Returns nothing if the value may be no list.
fn length(at: &IdedExpr, longest: &dyn Fn(&str) -> Option<usize>) -> Option<usize> {
    match &at.expr {
        Expr::List(list) => Some(list.elements.len()),
        Expr::Ident(name) => longest(name),
        Expr::Comprehension(inner) if matches!(inner.accu_init.expr, Expr::List(_)) => {
            length(&inner.iter_range, longest)
        }
        Expr::Call(call) => match (call.func_name.as_str(), call.args.as_slice()) {
            (op::ADD, [left, right]) => Some(length(left, longest)?.saturating_add(length(right, longest)?)),
            (op::CONDITIONAL, [_, yes, no]) => length(yes, longest).max(length(no, longest)),
            _ => None,
        },
        _ => None,
    }
}
