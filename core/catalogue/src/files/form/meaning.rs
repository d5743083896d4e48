//! The meaning of a form's expressions: their types, whether they can hold, their work, and what rests on what.

use super::limit_rules;
use crate::reading::node::{ExpressionPurpose, FileTable, WrittenExpression, WrittenExpressions};
use motcua_domain::expression::{Expression, MOST_WORK};
use motcua_domain::form::load::JudgingLoad;
use motcua_domain::form::reach::{can_be_kept, reach};
use motcua_domain::form::types::{ExpressionScope, WantedType, type_problems};
use motcua_domain::form::{Field, rings};
use motcua_domain::text;
use motcua_domain::text::Text;
use std::collections::BTreeSet;

/// Checks the types of all expressions, and whether conditions can hold. Skips the expressions that name a field with a
/// mistake, because its correction may change their meaning.
pub fn check_expressions(table: &FileTable<'_>, fields: &[&Field], written: &WrittenExpressions) {
    for WrittenExpression { expression, span, purpose, group, with } in &written.all {
        if written.names_faulty(expression) || with.as_ref().is_some_and(|with| written.names_faulty(with)) {
            continue;
        }
        let inner = fields.iter().find(|field| Some(&field.id) == group.as_ref()).map(|field| field.kind.parts());
        let scope = ExpressionScope { form: fields, group: inner.unwrap_or_default(), asked: &[] };
        let wanted = match purpose {
            ExpressionPurpose::When | ExpressionPurpose::Paper | ExpressionPurpose::Rule => WantedType::Condition,
            ExpressionPurpose::Value => WantedType::Value,
            ExpressionPurpose::Number => WantedType::Number,
            ExpressionPurpose::Day => WantedType::Date,
            ExpressionPurpose::Moment => WantedType::DateTime,
        };
        let problems = type_problems(expression, scope, wanted);
        let is_typed = problems.is_empty();
        for problem in problems {
            table.mistake("type", span.clone(), problem.message, problem.help);
        }
        if is_typed && wanted == WantedType::Condition {
            check_reach(table, expression, with.as_ref(), scope, span.clone(), *purpose);
        }
    }
    check_together(table, fields, written);
    check_rings(table, fields, &written.all);
}

/// Reports the first rule that no answers keep together with the rules before it and with the limits of the fields.
fn check_together(table: &FileTable<'_>, fields: &[&Field], written: &WrittenExpressions) {
    let scope = ExpressionScope { form: fields, group: &[], asked: &[] };
    let is_rule = |one: &&WrittenExpression| {
        one.purpose == ExpressionPurpose::Rule && one.group.is_none() && !written.names_faulty(&one.expression)
    };
    let limits = limit_rules::checked(table, fields, written);
    let mut before: Vec<&Expression> =
        limits.iter().filter(|limit| can_be_kept(&[*limit], scope) == Some(true)).collect();
    for WrittenExpression { expression, span, .. } in written.all.iter().filter(is_rule) {
        let kept_with = |others: &[&Expression]| {
            let rules: Vec<&Expression> = others.iter().copied().chain([expression]).collect();
            can_be_kept(&rules, scope)
        };
        if kept_with(&[]) != Some(true) {
            // Trials cannot decide on the rule, or the rule itself is reported already.
            continue;
        }
        let related = related(&before, expression, fields);
        let by_one = |other: &&Expression| kept_with(&[*other]) == Some(false);
        if kept_with(&related).map_or_else(|| related.iter().any(by_one), |is_kept| !is_kept) {
            let reads_limit = |limit: &Expression| related.iter().any(|rule| std::ptr::eq(*rule, limit));
            let message = if limits.iter().any(reads_limit) {
                text!(
                    "không câu trả lời nào thỏa mãn quy tắc này cùng các quy tắc trước đó và giới hạn của các trường",
                    "no answers keep this rule together with the rules before it and the limits of the fields"
                )
            } else {
                text!(
                    "không câu trả lời nào thỏa mãn quy tắc này cùng các quy tắc trước đó",
                    "no answers keep this rule together with the rules before it"
                )
            };
            let help = text!(
                "hãy sửa một trong các quy tắc: sẽ không ai nộp được hồ sơ",
                "correct one of the rules: nobody could file"
            );
            table.mistake("never-holds", span.clone(), message, help);
            return;
        }
        before.push(expression);
    }
}

/// Returns the rules about the answers that a rule reads, and about those that such rules read.
fn related<'e>(rules: &[&'e Expression], rule: &Expression, fields: &[&Field]) -> Vec<&'e Expression> {
    let mut names = read_with_hiding(rule, fields);
    let mut others: Vec<(&Expression, BTreeSet<String>)> =
        rules.iter().map(|other| (*other, read_with_hiding(other, fields))).collect();
    let mut found: Vec<&Expression> = Vec::new();
    while let Some(at) = others.iter().position(|(_, read)| !read.is_disjoint(&names)) {
        let (next, read) = others.remove(at);
        names.extend(read);
        found.push(next);
    }
    found
}

/// Returns the answers that a rule reads, and those that decide whether their fields are shown.
fn read_with_hiding(rule: &Expression, fields: &[&Field]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut open: Vec<String> = rule.names().to_vec();
    while let Some(name) = open.pop() {
        let field = fields.iter().find(|field| field.id == name);
        if names.insert(name) {
            let shown = field.and_then(|field| field.shown.expression());
            open.extend(shown.into_iter().flat_map(Expression::names).cloned());
        }
    }
    names
}

/// Reports the answers that rest on one another, at the first expression of the form that belongs to the ring.
fn check_rings(table: &FileTable<'_>, fields: &[&Field], written: &[WrittenExpression]) {
    for ring in rings(fields) {
        let names: Vec<&str> = ring.iter().map(|field| field.id.as_str()).collect();
        let Some(first) = names.first() else { continue };
        let round = names.join(" → ");
        let message = text!(
            "các câu trả lời này phụ thuộc lẫn nhau: {round} → {first}",
            "these answers rest on one another: {round} → {first}"
        );
        let asked = ring.iter().flat_map(|field| {
            let written = [field.shown.expression(), field.default.as_ref(), field.kind.formula()];
            written.into_iter().flatten()
        });
        let asked: Vec<&Expression> =
            asked.filter(|one| one.names().iter().any(|name| names.contains(&name.as_str()))).collect();
        let at = written.iter().find(|one| one.group.is_none() && asked.contains(&&one.expression));
        let help =
            text!("hãy để một trong số đó phụ thuộc vào câu trả lời khác", "let one of them rest on another answer");
        table.mistake("ring", at.map_or_else(|| table.span.clone(), |one| one.span.clone()), message, help);
    }
}

/// Reports the heaviest expression if judging these fields and conditions can take more work than a judgement may.
pub fn check_load<'a>(
    table: &FileTable<'_>,
    fields: &[&'a Field],
    conditions: impl IntoIterator<Item = &'a Expression>,
    written: &WrittenExpressions,
) {
    let load = JudgingLoad::of(fields, conditions);
    let Some(message) = too_heavy(&load) else { return };
    let at = load.heaviest.and_then(|heaviest| written.all.iter().find(|one| one.expression == *heaviest));
    table.mistake("overrun", at.map_or(0..0, |one| one.span.clone()), message, LIGHTER);
}

/// The advice for a form that is too heavy.
pub const LIGHTER: (&str, &str) = (
    "hãy cho ít dòng hơn, hỏi ít hơn ở mỗi dòng, hoặc đưa phần giống nhau của mọi dòng vào một trường tự tính bên cạnh",
    "allow fewer rows, ask less in each row, or put what is the same for all rows into a computed field beside them",
);

/// Returns the message about a form that can take too much work.
pub fn too_heavy(load: &JudgingLoad<'_>) -> Option<Text> {
    let (steps, most) = (load.steps, load.most);
    let all = || {
        text!(
            "việc xét phần này có thể mất {steps} bước tính, mà chỉ được {MOST_WORK}",
            "judging this can take {steps} steps, and may take {MOST_WORK}"
        )
    };
    let of_all = |heaviest: &Expression| {
        let source = heaviest.source();
        text!(
            "việc xét phần này có thể mất hơn {MOST_WORK} bước tính; biểu thức này chiếm {most} bước: {source}",
            "judging this can take more than {MOST_WORK} steps; this expression takes {most} of them: {source}"
        )
    };
    (!load.fits()).then(|| load.heaviest.map_or_else(all, of_all))
}

fn check_reach(
    table: &FileTable<'_>,
    expression: &Expression,
    with: Option<&Expression>,
    scope: ExpressionScope<'_>,
    span: std::ops::Range<usize>,
    purpose: ExpressionPurpose,
) {
    let Some(reach) = reach(expression, with, scope) else { return };
    let (code, message, help) = match purpose {
        ExpressionPurpose::Paper if !reach.can_hold => (
            "paper-never-required",
            text!("không câu trả lời nào khiến giấy tờ này bắt buộc", "no answers make this paper required"),
            text!(
                "hãy sửa điều kiện, hoặc viết required = false cho giấy tờ không bắt buộc",
                "correct the condition, or write required = false for a paper that may be given"
            ),
        ),
        ExpressionPurpose::Rule if !reach.can_hold => (
            "never-holds",
            text!("không câu trả lời nào thỏa mãn quy tắc này", "no answers keep this rule"),
            text!("hãy sửa quy tắc: sẽ không ai nộp được hồ sơ", "correct the rule: nobody could file"),
        ),
        ExpressionPurpose::Rule if !reach.can_fail => (
            "always-holds",
            text!("mọi câu trả lời đều thỏa mãn quy tắc này", "all answers keep this rule"),
            text!("hãy sửa, hoặc bỏ quy tắc", "correct it, or remove it"),
        ),
        ExpressionPurpose::When if !reach.can_hold => (
            "never-holds",
            text!("không câu trả lời nào làm điều kiện này đúng", "no answers make this true"),
            text!(
                "hãy xem giới hạn và lựa chọn của các trường, và khi nào các trường được hiện",
                "look at the limits and choices of the fields, and at when they are shown"
            ),
        ),
        ExpressionPurpose::Paper | ExpressionPurpose::When if !reach.can_fail => (
            "always-holds",
            text!("điều kiện này luôn đúng, dù trả lời thế nào", "this is true whatever is answered"),
            text!("hãy viết true, hoặc sửa điều kiện", "write true, or correct the condition"),
        ),
        ExpressionPurpose::Rule if is_kept_by_all(expression, scope) => {
            let message = text!(
                "mọi câu trả lời mà quy tắc này xét đến đều thỏa mãn nó",
                "all answers that this rule looks at keep it"
            );
            let help = text!(
                "hãy sửa, hoặc bỏ quy tắc: một quy tắc không xét câu trả lời còn thiếu",
                "correct it, or remove it: a rule with a missing answer is skipped"
            );
            table.warn("always-holds", span, message, help);
            return;
        }
        _ => return,
    };
    table.mistake(code, span, message, help);
}

/// Returns whether all answers keep a rule, which is skipped while one of them is missing.
fn is_kept_by_all(rule: &Expression, scope: ExpressionScope<'_>) -> bool {
    let given: Vec<String> = rule.names().iter().map(|name| format!("{name} != null")).collect();
    let given = Expression::parse(&given.join(" && ")).ok();
    given.and_then(|given| reach(rule, Some(&given), scope)).is_some_and(|reach| reach.can_hold && !reach.can_fail)
}
