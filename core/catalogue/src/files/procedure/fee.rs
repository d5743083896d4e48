//! `[[fee]]` of a procedure: a fee or a charge, with the rule for its amount.

use super::cases::CaseTurns;
use crate::reading::keys::{BASIS, CONDITION, Shape, keys};
use crate::reading::node::{ExpressionNames, ExpressionPurpose, FileTable};
use motcua_domain::expression::{Condition, Expression};
use motcua_domain::form::reach::reach;
use motcua_domain::form::types::ExpressionScope;
use motcua_domain::legal::{LegalDocument, LegalDocuments};
use motcua_domain::money::Dong;
use motcua_domain::procedure::fee::{
    BracketEdge, Fee, FeeBracket, FeeCase, FeeKind, FeeRate, FeeRelief, FeeTable, Rounding, RoundingWay,
};
use std::cmp::Ordering;
use std::ops::Range;

/// An amount in whole đồng.
const AMOUNT: Shape = Shape::Integer(0, 1_000_000_000_000);

keys! {
    /// A fee or a charge. It has one of `amount`, `case`, `bracket` and `formula`. Its amount is computed in this
    /// order: this rate, `at_least`, `at_most`, `per`, `reduce`, `round`.
    pub(crate) FEE = "Fee" {
        required {
            name: Shape::Words,
        }
        optional {
            /// The amount in whole đồng.
            amount: AMOUNT,
            /// `fee` (phí) for a service, `charge` (lệ phí) of state.
            kind: Shape::Word(|| FeeKind::ALL.map(FeeKind::name).to_vec()),
            /// The condition under which it is owed. The default is `true`.
            when: CONDITION,
            /// The rule in words. A formula must have it.
            help: Shape::Words,
            /// The number of units, each of which is charged, in CEL: `"copies"`.
            per: Shape::Text,
            /// The word for a unit of `by`, or else of `per`.
            unit: Shape::Words,
            /// The word for a unit of `per`, if `unit` is that of `by`.
            per_unit: Shape::Words,
            case: Shape::Tables(&CASE),
            /// The number that chooses the bracket, in CEL: `"flow"`.
            by: Shape::Text,
            bracket: Shape::Tables(&BRACKET),
            /// Each bracket charges its own part of the number, `amount` for each unit, and the amounts are added.
            marginal: Shape::Boolean,
            /// The amount in CEL: `"area * 1500.0"`.
            formula: Shape::Text,
            /// The least price of one unit, if a table or a formula gives the price.
            at_least: AMOUNT,
            /// The greatest price of one unit, if a table or a formula gives the price.
            at_most: AMOUNT,
            exempt: Shape::Tables(&EXEMPT),
            reduce: Shape::Tables(&REDUCE),
            /// The rounding of the amount. A formula and a percentage must have it.
            round: Shape::Table(&ROUND),
            /// The legal basis of the fee, as `basis` of a paper.
            basis: BASIS,
        }
    }

    /// An amount for some cases. The first case that fits counts.
    CASE = "FeeCase" {
        required {
            name: Shape::Words,
            amount: AMOUNT,
        }
        optional {
            /// The condition. A case without it fits always.
            when: CONDITION,
        }
    }

    /// A bracket of a table, in ascending order. It begins where the one before ends, if it does not say where. With
    /// both `amount` and `percent`, the percentage is that of the part above its beginning.
    BRACKET = "FeeBracket" {
        optional {
            /// The first number.
            from: Shape::Number,
            /// The greatest number that is too small.
            above: Shape::Number,
            /// The last number.
            up_to: Shape::Number,
            /// The least number that is too large.
            below: Shape::Number,
            amount: AMOUNT,
            /// A share of the number.
            percent: Shape::Number,
        }
    }

    /// An exemption. The line is shown with 0 đ and the reason.
    EXEMPT = "FeeExemption" {
        required {
            name: Shape::Words,
            when: CONDITION,
        }
        optional {
            /// The legal basis: a reference as `basis` of a paper, or free words.
            basis: Shape::Text,
        }
    }

    /// A reduction. The first one that fits counts.
    REDUCE = "FeeReduction" {
        required {
            name: Shape::Words,
            when: CONDITION,
            /// The share that is not owed.
            percent: Shape::Integer(1, 99),
        }
        optional {
            /// The legal basis: a reference as `basis` of a paper, or free words.
            basis: Shape::Text,
        }
    }

    ROUND = "Rounding" {
        required {
            /// The amount becomes a multiple of this.
            to: Shape::Integer(1, 1_000_000_000),
            way: Shape::Word(|| RoundingWay::ALL.map(RoundingWay::name).to_vec()),
        }
    }
}

/// Reads a fee.
pub(super) fn read(
    table: &FileTable<'_>,
    names: ExpressionNames<'_>,
    scope: ExpressionScope<'_>,
    documents: &[LegalDocument],
) -> Option<Fee> {
    let name = table.required_text("name");
    let kind = table.word("kind", &FeeKind::ALL, FeeKind::name).unwrap_or(FeeKind::Fee);
    let when = table.condition("when", true, names, ExpressionPurpose::When, None);
    let rate = read_rate(table, names, CaseTurns::new(scope, when.expression()));
    let help = table.text("help");
    let per = table.number_expression("per", names);
    let (unit, per_unit) = (table.text("unit"), table.text("per_unit"));
    let (at_least, at_most) = (table.integer("at_least").map(Dong), table.integer("at_most").map(Dong));
    if at_least.zip(at_most).is_some_and(|(least, most)| least > most) {
        let help = "write an `at_most` that is not below `at_least`";
        table.mistake("out-of-range", table.place("at_most"), "no amount lies between `at_least` and `at_most`", help);
    }
    let bound = ["at_least", "at_most"].into_iter().find(|key| table.names_key(key));
    if let (Some(FeeRate::Amount(_) | FeeRate::Cases(_)), Some(bound)) = (&rate, bound) {
        let help = "remove it. For a sum over units, write a marginal table `by` their number";
        table.mistake("bad-fee", table.place(bound), "an amount that is written needs no bounds", help);
    }
    let reliefs = read_reliefs(table, names, documents);
    let basis = table.basis("basis");
    let round = table.table("round").and_then(|round| read_round(&round));
    if rate.as_ref().is_some_and(has_fractions) && !table.has("round") {
        table.missing("round", "{ to = 1_000, way = \"half-up\" }");
    }
    if matches!(rate, Some(FeeRate::Formula(_))) && !table.has("help") {
        table.missing("help", "{ vi = \"diện tích × 1.500 đồng\", en = \"area × 1,500 đồng\" }");
    }
    table.finish();
    let fee = Fee {
        name: name?,
        kind,
        rate: rate?,
        when,
        help,
        per,
        unit,
        per_unit,
        at_least,
        at_most,
        reliefs,
        round,
        basis,
    };
    check_covered(table, &fee, scope);
    Some(fee)
}

/// Returns whether an amount can have parts of a đồng.
fn has_fractions(rate: &FeeRate) -> bool {
    match rate {
        FeeRate::Amount(_) | FeeRate::Cases(_) => false,
        FeeRate::Table(table) => table.brackets.iter().any(|bracket| bracket.percent.is_some()),
        FeeRate::Formula(_) => true,
    }
}

/// Reads the one rate of a fee.
fn read_rate(table: &FileTable<'_>, names: ExpressionNames<'_>, turns: CaseTurns<'_>) -> Option<FeeRate> {
    let amount = table.integer("amount").map(|amount| FeeRate::Amount(Dong(amount)));
    let cases = read_cases(table, names, turns).map(FeeRate::Cases);
    let formula = table.number_expression("formula", names).map(FeeRate::Formula);
    let brackets = read_table(table, names).map(FeeRate::Table);
    let written: Vec<&str> =
        ["amount", "case", "formula", "bracket"].into_iter().filter(|key| table.names_key(key)).collect();
    match written.as_slice() {
        [] if table.names_key("by") => table.missing("[[fee.bracket]]", "\nup_to = 500\namount = 50_000"),
        [] => table.missing("amount", "50_000"),
        [_] => {}
        several => {
            let message = format!("the fee has several rates: {}", several.join(", "));
            table.mistake("bad-fee", table.span.clone(), &message, "leave one of them, or write several fees");
            return None;
        }
    }
    amount.or(cases).or(formula).or(brackets)
}

fn read_cases(table: &FileTable<'_>, names: ExpressionNames<'_>, mut turns: CaseTurns<'_>) -> Option<Vec<FeeCase>> {
    let mut cases = Vec::new();
    let mut fits_always = false;
    for case in table.tables("case") {
        if fits_always {
            let help = "put the case without a condition last";
            case.mistake("bad-fee", case.span.clone(), "the case before this one fits always", help);
        }
        let name = case.required_text("name");
        let when = case.condition("when", true, names, ExpressionPurpose::When, None);
        turns.check(&case, names, &when);
        let amount = case.integer("amount");
        if !case.has("amount") {
            case.missing("amount", "50_000");
        }
        case.finish();
        fits_always = matches!(when, Condition::Fixed(true));
        cases.extend(name.zip(amount).map(|(name, amount)| FeeCase { name, when, amount: Dong(amount) }));
    }
    (!cases.is_empty()).then_some(cases)
}

/// A bracket as it is written, with its edges as far as they are written.
struct WrittenBracket {
    start: Option<BracketEdge>,
    bracket: FeeBracket,
    span: Range<usize>,
}

fn read_table(table: &FileTable<'_>, names: ExpressionNames<'_>) -> Option<FeeTable> {
    let by = table.number_expression("by", names);
    let marginal = table.boolean("marginal").unwrap_or(false);
    let written: Vec<WrittenBracket> = table.tables("bracket").iter().map(read_bracket).collect();
    if written.is_empty() {
        if table.names_key("marginal") {
            let help = "add `by` and [[fee.bracket]], or remove `marginal`";
            table.mistake("bad-fee", table.place("marginal"), "only a table of brackets can be marginal", help);
        }
        return None;
    }
    if !table.names_key("by") {
        table.missing("by", "\"flow\"");
    }
    let from = written.first().and_then(|first| first.start);
    Some(FeeTable { by: by?, marginal, from, brackets: in_line(table, written)? })
}

fn read_bracket(table: &FileTable<'_>) -> WrittenBracket {
    let edge = |key, included| table.number(key).map(|at| BracketEdge { at, included });
    let (from, above) = (edge("from", false), edge("above", true));
    let (up_to, below) = (edge("up_to", true), edge("below", false));
    for [one, other] in [["from", "above"], ["up_to", "below"]] {
        if table.names_key(one) && table.names_key(other) {
            let message = format!("`{one}` and `{other}` say the same edge twice");
            table.mistake("bad-brackets", table.place(other), &message, "leave one of them");
        }
    }
    let amount = table.integer("amount").map(Dong);
    let percent = table.number("percent");
    if percent.is_some_and(|percent| !(0.0..=100.0).contains(&percent)) {
        let help = "write a number from 0 to 100";
        table.mistake("out-of-range", table.place("percent"), "a percentage is from 0 to 100", help);
    }
    if !table.names_key("amount") && !table.names_key("percent") {
        table.missing("amount", "50_000");
    }
    table.finish();
    let bracket = FeeBracket { to: up_to.or(below), amount, percent };
    WrittenBracket { start: from.or(above), bracket, span: table.span.clone() }
}

/// Compares two edges by the numbers that are below them.
fn order(one: BracketEdge, other: BracketEdge) -> Ordering {
    one.at.total_cmp(&other.at).then(one.included.cmp(&other.included))
}

/// Returns the brackets, each of which ends where the next one begins. Reports gaps, overlaps and a wrong order.
fn in_line(table: &FileTable<'_>, written: Vec<WrittenBracket>) -> Option<Vec<FeeBracket>> {
    let mut brackets: Vec<FeeBracket> = Vec::new();
    let mut start: Option<BracketEdge> = None;
    let mut is_sound = true;
    for WrittenBracket { start: own, bracket, span } in written {
        let problem = brackets.last_mut().and_then(|before| {
            let problem = between(start, before.to, own);
            before.to = before.to.or(own);
            problem
        });
        let begins = own.or_else(|| brackets.last().and_then(|before| before.to));
        let is_empty = begins.zip(bracket.to).is_some_and(|(begins, ends)| order(begins, ends) != Ordering::Less);
        let ends_early = || "the bracket ends before it begins".to_owned();
        if let Some(message) = problem.or_else(|| is_empty.then(ends_early)) {
            is_sound = false;
            let help = "write the brackets in ascending order, each from where the one before ends";
            table.mistake("bad-brackets", span, &message, help);
        }
        start = begins;
        brackets.push(bracket);
    }
    is_sound.then_some(brackets)
}

/// Returns the problem between the bracket before, with its edges, and one that begins here.
fn between(start: Option<BracketEdge>, end: Option<BracketEdge>, own: Option<BracketEdge>) -> Option<String> {
    let (Some(end), Some(own)) = (end, own) else {
        let is_open = end.is_none() && own.is_none();
        return is_open.then(|| "no edge is between this bracket and the one before".to_owned());
    };
    match order(end, own) {
        Ordering::Equal => None,
        Ordering::Less => Some(format!("no bracket has the numbers between {} and {}", end.at, own.at)),
        Ordering::Greater if start.is_some_and(|start| order(own, start) == Ordering::Less) => {
            Some("the brackets are not in ascending order".to_owned())
        }
        Ordering::Greater => Some(format!("two brackets have the numbers from {} to {}", own.at, end.at)),
    }
}

fn read_reliefs(table: &FileTable<'_>, names: ExpressionNames<'_>, documents: &[LegalDocument]) -> Vec<FeeRelief> {
    let read = |relief: &FileTable<'_>, percent: Option<i64>| {
        let name = relief.required_text("name");
        let when = relief.condition("when", true, names, ExpressionPurpose::When, None);
        if !relief.has("when") {
            relief.missing("when", "\"poor == true\"");
        }
        let basis = read_basis(relief, documents);
        relief.finish();
        Some(FeeRelief { name: name?, when, percent: u8::try_from(percent?).ok()?, basis })
    };
    let mut reliefs: Vec<FeeRelief> = Vec::new();
    reliefs.extend(table.tables("exempt").iter().filter_map(|exempt| read(exempt, Some(FeeRelief::EXEMPT.into()))));
    for reduction in table.tables("reduce") {
        let percent = reduction.integer("percent");
        if !reduction.has("percent") {
            reduction.missing("percent", "50");
        }
        reliefs.extend(read(&reduction, percent));
    }
    reliefs
}

/// Reads the legal basis of a relief: a reference to a document, in its Vietnamese words, or free words.
fn read_basis(relief: &FileTable<'_>, own: &[LegalDocument]) -> Option<String> {
    let documents = LegalDocuments { own, of_workflow: &[] };
    let text = relief.string("basis")?;
    let is_reference = text.value.contains('#') && !text.value.contains(char::is_whitespace);
    if !is_reference && documents.find(&text.value).is_none() {
        return Some(text.value);
    }
    let reference = relief.reference(text)?;
    documents.citation(&reference).map(|citation| citation.words.vi)
}

fn read_round(table: &FileTable<'_>) -> Option<Rounding> {
    let to = table.integer("to");
    if !table.has("to") {
        table.missing("to", "1_000");
    }
    let way = table.word("way", &RoundingWay::ALL, RoundingWay::name);
    if !table.has("way") {
        table.missing("way", "\"half-up\"");
    }
    table.finish();
    Some(Rounding { to: Dong(to?), way: way? })
}

/// Warns if no case or bracket may fit some answers.
fn check_covered(table: &FileTable<'_>, fee: &Fee, scope: ExpressionScope<'_>) {
    let (uncovered, key, then, help) = match &fee.rate {
        FeeRate::Cases(cases) => {
            (no_case(cases), "case", "nothing is owed", "add a last case without `when`, or correct the conditions")
        }
        FeeRate::Table(brackets) => (
            outside(brackets),
            "bracket",
            "nobody can file",
            "add a bracket without an end, or limit the number by `min` and `max` of its field",
        ),
        FeeRate::Amount(_) | FeeRate::Formula(_) => return,
    };
    let is_known = |expression: &Expression| expression.names().iter().all(|name| scope.knows(name));
    let Some(uncovered) = uncovered.filter(|_| fee.expressions().into_iter().all(is_known)) else { return };
    let reach = Expression::parse(&uncovered).ok().and_then(|none| reach(&none, fee.when.expression(), scope));
    let message = match reach {
        Some(reach) if !reach.can_hold => return,
        Some(_) => format!("with some answers no {key} of the fee fits, and then {then}"),
        None => format!("the check cannot decide whether a {key} of the fee always fits. If none does, {then}"),
    };
    table.warn("fee-gap", table.span.clone(), &message, help);
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
    use super::{BracketEdge, Expression, FeeBracket, FeeTable, outside};

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
