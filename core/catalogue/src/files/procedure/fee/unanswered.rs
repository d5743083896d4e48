//! The warning about a number that may be unanswered while a fee is charged by it.

use crate::reading::node::FileTable;
use motcua_domain::expression::{Condition, Expression};
use motcua_domain::form::Field;
use motcua_domain::form::kinds::Structure;
use motcua_domain::form::reach::{reach, required_paths};
use motcua_domain::form::types::ExpressionScope;
use motcua_domain::procedure::fee::{Fee, FeeRate};
use motcua_domain::text;

/// The most computed fields that are followed one into another.
const DEEPEST: usize = 4;

/// Warns if a number by which the fee is charged may be unanswered while the fee is owed. All answers that the fee
/// reads are known.
pub(super) fn check_answered(table: &FileTable<'_>, fee: &Fee, scope: ExpressionScope<'_>) {
    let rate = match &fee.rate {
        FeeRate::Table(brackets) => Some(("by", &brackets.by)),
        FeeRate::Formula(formula) => Some(("formula", formula)),
        FeeRate::Amount(_) | FeeRate::Cases(_) => None,
    };
    for (key, number) in rate.into_iter().chain(fee.per.as_ref().map(|per| ("per", per))) {
        let Some(name) = unanswered(number, fee, scope, DEEPEST) else { continue };
        let message = text!(
            "khi phải nộp khoản phí này, `{name}` có thể không được trả lời, và khi đó không phải nộp gì",
            "`{name}` may be unanswered while the fee is owed, and then nothing is owed"
        );
        let help = text!(
            "hãy bắt buộc trả lời `{name}` mỗi khi phải nộp phí, hoặc viết số thay thế, ví dụ \
             `{name} == null ? 1 : {name}`",
            "require `{name}` whenever the fee is owed, or write a number instead, such as \
             `{name} == null ? 1 : {name}`"
        );
        table.warn("fee-gap", table.place(key), message, help);
    }
}

/// Returns the first answer without which a number is not known, and that may be missing while the fee is owed.
fn unanswered(number: &Expression, fee: &Fee, scope: ExpressionScope<'_>, deep: usize) -> Option<String> {
    // The number may be known without an answer that it asks for by a condition.
    if ["null", "has(", "?", "&&", "||"].iter().any(|part| number.source().contains(part)) {
        return None;
    }
    number.names().iter().find_map(|name| {
        let field = scope.find(name)?;
        if may_lack(field, fee, scope) {
            return Some(name.clone());
        }
        field.kind.formula().filter(|_| deep > 0).and_then(|formula| unanswered(formula, fee, scope, deep - 1))
    })
}

/// Returns whether a field surely has no answer for some answers with which the fee is owed.
fn may_lack(field: &Field, fee: &Fee, scope: ExpressionScope<'_>) -> bool {
    let is_single = matches!(field.kind.structure(), Structure::Single(_));
    let unless = |condition: &Condition| match condition {
        Condition::Fixed(true) => None,
        Condition::Fixed(false) => Some("true".to_owned()),
        Condition::When(when) => Some(format!("!({})", when.source())),
    };
    // Rows and computed values lack only while they are hidden.
    let reasons: Vec<String> =
        unless(&field.shown).into_iter().chain(unless(&field.required).filter(|_| is_single)).collect();
    if reasons.is_empty() {
        return false;
    }
    let mut facts = vec![format!("({})", reasons.join(" || "))];
    facts.extend(fee.when.expression().map(|when| format!("({})", when.source())));
    facts.extend(is_single.then(|| format!("{} == null", field.id)));
    let Ok(lacks) = Expression::parse(&facts.join(" && ")) else { return false };
    // A filed dossier has the answers that are always shown and required.
    let always: Vec<&Field> = scope.form.iter().copied().filter(|one| one.shown == Condition::Fixed(true)).collect();
    let given: Vec<String> =
        required_paths(&lacks, &always).into_iter().map(|path| format!("{path} != null")).collect();
    let given = Expression::parse(&given.join(" && ")).ok();
    reach(&lacks, given.as_ref(), scope).is_some_and(|reach| reach.can_hold)
}
