//! The limits of fields as rules over answers, because limits and rules may contradict one another.

use crate::reading::node::{FileTable, WrittenExpressions};
use motcua_domain::expression::Expression;
use motcua_domain::form::Field;
use motcua_domain::form::reach::reach;
use motcua_domain::form::types::{ExpressionScope, WantedType, type_problems};
use motcua_domain::text;
use std::ops::Range;

/// A limit that is an expression.
struct WrittenLimit<'f> {
    key: &'static str,
    bound: &'f Expression,
    /// The field is compared with the limit.
    rule: Expression,
}

/// Returns the limits that are expressions, as rules over answers. Reports a field whose limits no answer fits, and returns
/// none of its limits.
pub(super) fn checked(table: &FileTable<'_>, fields: &[&Field], written: &WrittenExpressions) -> Vec<Expression> {
    let scope = ExpressionScope { form: fields, group: &[], asked: &[] };
    let mut rules = Vec::new();
    for field in fields.iter().filter(|field| !written.faulty.contains(&field.id)) {
        let limits = limits_of(field, scope, written);
        let Some(key) = crossed(&limits, scope) else {
            rules.extend(limits.into_iter().map(|limit| limit.rule));
            continue;
        };
        let limit = limits.iter().find(|limit| limit.key == key);
        let span = limit.and_then(|limit| place_of(table, limit, written)).unwrap_or_else(|| table.span.clone());
        let id = &field.id;
        let message = text!(
            "không câu trả lời nào của `{id}` nằm trong các giới hạn của trường",
            "no answer of `{id}` lies within the limits of the field"
        );
        let help = text!("hãy sửa `min`, `max` hoặc `past` của trường", "correct `min`, `max` or `past` of the field");
        table.mistake("out-of-range", span, message, help);
    }
    rules
}

/// Returns the limits of a field that are expressions and whose types fit.
fn limits_of<'f>(field: &'f Field, scope: ExpressionScope<'_>, written: &WrittenExpressions) -> Vec<WrittenLimit<'f>> {
    let read = |(key, sign, bound): (&'static str, &str, &'f Option<Expression>)| {
        let bound = bound.as_ref().filter(|bound| !written.names_faulty(bound))?;
        let rule = Expression::parse(&format!("{} {sign} ({})", field.id, bound.source())).ok()?;
        type_problems(&rule, scope, WantedType::Condition).is_empty().then_some(WrittenLimit { key, bound, rule })
    };
    [("min", ">=", &field.at_least), ("max", "<=", &field.at_most)].into_iter().filter_map(read).collect()
}

/// Returns the key of the limit that no answer fits, alone or together with the limit before it.
fn crossed(limits: &[WrittenLimit<'_>], scope: ExpressionScope<'_>) -> Option<&'static str> {
    if limits.is_empty() {
        return None;
    }
    let never =
        |rule: &Expression, with: Option<&Expression>| reach(rule, with, scope).is_some_and(|reach| !reach.can_hold);
    // A limit that reads a missing answer is none.
    let names: Vec<&String> = limits.iter().flat_map(|limit| limit.rule.names()).collect();
    let given: Vec<String> = names.iter().map(|name| format!("{name} != null")).collect();
    let given = Expression::parse(&given.join(" && ")).ok()?;
    if !reach(&given, None, scope)?.can_hold {
        return None;
    }
    let alone = limits.iter().find(|limit| never(&limit.rule, None));
    let together = || match limits {
        [least, most] if never(&least.rule, Some(&most.rule)) => Some(most),
        _ => None,
    };
    alone.or_else(together).map(|limit| limit.key)
}

/// Returns the place of a limit. Several fields may have the same one.
fn place_of(table: &FileTable<'_>, limit: &WrittenLimit<'_>, written: &WrittenExpressions) -> Option<Range<usize>> {
    let follows_key = |span: &Range<usize>| {
        let before = table.source.text.get(..span.start).unwrap_or_default();
        before.trim_end_matches([' ', '=', '"', '\'']).ends_with(limit.key)
    };
    let places = written.all.iter().filter(|one| one.group.is_none() && one.expression == *limit.bound);
    places.map(|one| &one.span).find(|span| follows_key(span)).cloned()
}
