//! The warning about answers that no case or bracket of a fee fits.

use crate::reading::node::FileTable;
use motcua_domain::expression::{Condition, Expression};
use motcua_domain::form::reach::{is_plain, reach, required_paths};
use motcua_domain::form::types::ExpressionScope;
use motcua_domain::procedure::fee::{Fee, FeeCase, FeeRate, FeeTable};
use motcua_domain::text;
use motcua_domain::text::Text;

/// Warns if no case or bracket may fit some answers. All answers that the fee reads are known.
pub(super) fn check_covered(table: &FileTable<'_>, fee: &Fee, scope: ExpressionScope<'_>) {
    let (uncovered, words) = match &fee.rate {
        FeeRate::Cases(cases) => (no_case(cases), GapWords::of_cases()),
        FeeRate::Table(brackets) => (outside(brackets), GapWords::of_brackets()),
        FeeRate::Amount(_) | FeeRate::Formula(_) => return,
    };
    let Some(uncovered) = uncovered else { return };
    let reach = Expression::parse(&uncovered).ok().and_then(|none| {
        let given = given(&none, fee, scope);
        reach(&none, given.as_ref(), scope).or_else(|| reach(&none, fee.when.expression(), scope))
    });
    let message = match reach {
        Some(reach) if !reach.can_hold => return,
        Some(_) => words.gap,
        None => words.undecided,
    };
    table.warn("fee-gap", table.span.clone(), message, words.help);
}

/// Returns what holds when the fee is owed: its condition, and that the required questions which a condition reads are
/// answered while they are shown.
fn given(uncovered: &Expression, fee: &Fee, scope: ExpressionScope<'_>) -> Option<Expression> {
    let answered = |path: String| {
        let id = path.split('.').next().unwrap_or_default();
        match &scope.find(id)?.shown {
            Condition::Fixed(true) => Some(format!("{path} != null")),
            Condition::Fixed(false) => None,
            // A question is hidden as well while an answer that its condition reads is missing.
            Condition::When(shown) => is_plain(shown).then(|| {
                let missing: Vec<String> = shown.names().iter().map(|name| format!("{name} == null || ")).collect();
                format!("({}!({}) || {path} != null)", missing.concat(), shown.source())
            }),
        }
    };
    let owed = fee.when.expression().map(|when| format!("({})", when.source()));
    let required = required_paths(uncovered, scope.form).into_iter().filter_map(answered);
    let facts: Vec<String> = owed.into_iter().chain(required).collect();
    Expression::parse(&facts.join(" && ")).ok()
}

/// The words about a rate of which nothing may fit.
struct GapWords {
    /// The message if nothing fits some answers.
    gap: Text,
    /// The message if trials cannot decide.
    undecided: Text,
    help: Text,
}

impl GapWords {
    fn of_cases() -> Self {
        Self {
            gap: text!(
                "với một số câu trả lời, không trường hợp nào của khoản phí phù hợp, khi đó không phải nộp gì",
                "with some answers no case of the fee fits, and then nothing is owed"
            ),
            undecided: text!(
                "lệnh kiểm tra không xác định được lúc nào cũng có một trường hợp của khoản phí phù hợp hay không. \
                 Nếu không có, người nộp không phải nộp gì",
                "the check cannot decide whether a case of the fee always fits. If none does, nothing is owed"
            ),
            help: text!(
                "hãy thêm một trường hợp cuối không có `when`, hoặc sửa các điều kiện",
                "add a last case without `when`, or correct the conditions"
            ),
        }
    }

    fn of_brackets() -> Self {
        Self {
            gap: text!(
                "với một số câu trả lời, không bậc nào của khoản phí phù hợp, khi đó không ai nộp hồ sơ được",
                "with some answers no bracket of the fee fits, and then nobody can file"
            ),
            undecided: text!(
                "lệnh kiểm tra không xác định được lúc nào cũng có một bậc của khoản phí phù hợp hay không. Nếu \
                 không có, không ai nộp hồ sơ được",
                "the check cannot decide whether a bracket of the fee always fits. If none does, nobody can file"
            ),
            help: text!(
                "hãy thêm một bậc không có mốc cuối, hoặc giới hạn số đó bằng `min` và `max` của trường",
                "add a bracket without an end, or limit the number by `min` and `max` of its field"
            ),
        }
    }
}

/// Returns the condition under which no case fits, unless one fits always.
fn no_case(cases: &[FeeCase]) -> Option<String> {
    if cases.iter().any(|case| matches!(case.when, Condition::Fixed(true))) {
        return None;
    }
    let conditions = cases.iter().filter_map(|case| case.when.expression());
    let none: Vec<String> = conditions.map(|when| format!("!({})", when.source())).collect();
    Some(if none.is_empty() { "true".to_owned() } else { none.join(" && ") })
}

/// Returns the condition under which a number is outside of a table, unless every number is inside.
fn outside(table: &FeeTable) -> Option<String> {
    // The number may be a choice between two, which binds less than a comparison.
    let by = format!("({})", table.by.source());
    let too_small = table.from.map(|edge| format!("{by} {} {}", if edge.included { "<=" } else { "<" }, edge.at));
    let end = table.brackets.last().and_then(|last| last.to);
    let too_large = end.map(|edge| format!("{by} {} {}", if edge.included { ">" } else { ">=" }, edge.at));
    let both: Vec<String> = too_small.into_iter().chain(too_large).collect();
    (!both.is_empty()).then(|| both.join(" || "))
}

#[cfg(test)]
mod tests {
    use super::{Expression, FeeTable, outside};
    use motcua_domain::procedure::fee::{BracketEdge, FeeBracket};

    #[test]
    fn the_number_of_a_table_is_compared_as_a_whole() {
        let by = Expression::parse("deep == true ? 500.0 : flow").expect("it is CEL");
        let edge = |at, included| Some(BracketEdge { at, included });
        let brackets = vec![FeeBracket { to: edge(200.0, true), amount: None, percent: Some(1.0) }];
        let table = FeeTable { by, marginal: false, from: edge(0.0, false), brackets };
        let by = "(deep == true ? 500.0 : flow)";
        assert_eq!(outside(&table), Some(format!("{by} < 0 || {by} > 200")));
    }
}
