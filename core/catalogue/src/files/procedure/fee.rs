//! `[[fee]]` of a procedure: a fee, a charge or a deposit, with the rule for its amount.

use super::cases::CaseTurns;
use crate::reading::keys::{BASIS, CONDITION, Shape, keys};
use crate::reading::node::{ExpressionNames, ExpressionPurpose, FileTable};
use motcua_domain::dossier::event::DossierOutcome;
use motcua_domain::expression::{Condition, Expression};
use motcua_domain::form::types::ExpressionScope;
use motcua_domain::legal::{LegalDocument, LegalDocuments};
use motcua_domain::money::Dong;
use motcua_domain::procedure::fee::{
    BracketEdge, Fee, FeeBracket, FeeCase, FeeKind, FeeRate, FeeRelief, FeeTable, Rounding, RoundingWay,
};
use motcua_domain::text;
use motcua_domain::text::Text;
use std::cmp::Ordering;
use std::ops::Range;

mod gap;
mod unanswered;

/// An amount in whole đồng.
pub(super) const AMOUNT: Shape = Shape::Integer(0, 1_000_000_000_000);

keys! {
    /// A fee, a charge or a deposit. It has one of `amount`, `case`, `bracket` and `formula`. Its amount is computed in this
    /// order: this rate, `at_least`, `at_most`, `per`, `reduce`, `round`.
    pub(crate) FEE = "Fee" {
        required {
            name: Shape::Words,
        }
        optional {
            /// The amount in whole đồng.
            amount: AMOUNT,
            /// `fee` (phí) for a service, `charge` (lệ phí) of state, `deposit` (tiền ký quỹ) that goes back with the end
            /// of the dossier.
            kind: Shape::Word(|| FeeKind::ALL.map(FeeKind::name).to_vec()),
            /// The outcomes with which the agency keeps a deposit. By default, it always goes back.
            kept_by: Shape::List(&Shape::Word(|| DossierOutcome::ALL.map(DossierOutcome::name).to_vec())),
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
    let kept_by = table.words("kept_by", &DossierOutcome::ALL, DossierOutcome::name);
    if kind != FeeKind::Deposit && table.names_key("kept_by") {
        let message = text!("chỉ tiền ký quỹ mới được giữ lại hoặc hoàn trả", "only a deposit is kept or goes back");
        let help =
            text!("hãy viết kind = \"deposit\", hoặc bỏ `kept_by`", "write kind = \"deposit\", or remove `kept_by`");
        table.mistake("bad-fee", table.place("kept_by"), message, help);
    }
    let when = table.condition("when", true, names, ExpressionPurpose::When, None);
    let rate = read_rate(table, names, CaseTurns::new(scope, when.expression()));
    let help = table.text("help");
    let per = table.number_expression("per", names);
    let (unit, per_unit) = (table.text("unit"), table.text("per_unit"));
    let (at_least, at_most) = (table.integer("at_least").map(Dong), table.integer("at_most").map(Dong));
    check_bounds(table, rate.as_ref(), at_least.zip(at_most));
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
        kept_by,
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
    let is_known = |expression: &Expression| expression.names().iter().all(|name| scope.knows(name));
    // An unknown name is a mistake already.
    if fee.expressions().into_iter().all(is_known) {
        gap::check_covered(table, &fee, scope);
        unanswered::check_answered(table, &fee, scope);
    }
    Some(fee)
}

/// Checks that an amount lies between the bounds, and that an amount that is written has none.
fn check_bounds(table: &FileTable<'_>, rate: Option<&FeeRate>, both: Option<(Dong, Dong)>) {
    if both.is_some_and(|(least, most)| least > most) {
        let message = text!(
            "không có số tiền nào nằm giữa `at_least` và `at_most`",
            "no amount lies between `at_least` and `at_most`"
        );
        let help =
            text!("hãy viết `at_most` không nhỏ hơn `at_least`", "write an `at_most` that is not below `at_least`");
        table.mistake("out-of-range", table.place("at_most"), message, help);
    }
    let bound = ["at_least", "at_most"].into_iter().find(|key| table.names_key(key));
    if let (Some(FeeRate::Amount(_) | FeeRate::Cases(_)), Some(bound)) = (rate, bound) {
        let message = text!(
            "số tiền đã ghi cụ thể thì không cần mức tối thiểu hay tối đa",
            "an amount that is written needs no bounds"
        );
        let help = text!(
            "hãy bỏ khóa này. Nếu tính tổng theo số lượng, hãy viết bảng `marginal` với `by` là số lượng đó",
            "remove it. For a sum over units, write a marginal table `by` their number"
        );
        table.mistake("bad-fee", table.place(bound), message, help);
    }
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
            let several = several.join(", ");
            let message = text!("khoản phí có nhiều cách tính: {several}", "the fee has several rates: {several}");
            let help = text!(
                "hãy chỉ giữ lại một cách, hoặc viết thành nhiều khoản phí",
                "leave one of them, or write several fees"
            );
            table.mistake("bad-fee", table.span.clone(), message, help);
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
            let message = text!("trường hợp đứng trước luôn áp dụng", "the case before this one fits always");
            let help = text!("hãy đặt trường hợp không có điều kiện ở cuối", "put the case without a condition last");
            case.mistake("bad-fee", case.span.clone(), message, help);
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
            let message =
                text!("chỉ bảng chia bậc mới dùng được `marginal`", "only a table of brackets can be marginal");
            let help = text!(
                "hãy thêm `by` và [[fee.bracket]], hoặc bỏ `marginal`",
                "add `by` and [[fee.bracket]], or remove `marginal`"
            );
            table.mistake("bad-fee", table.place("marginal"), message, help);
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
            let message =
                text!("`{one}` và `{other}` cùng ghi một mốc hai lần", "`{one}` and `{other}` say the same edge twice");
            let help = text!("hãy chỉ giữ lại một khóa", "leave one of them");
            table.mistake("bad-brackets", table.place(other), message, help);
        }
    }
    let amount = table.integer("amount").map(Dong);
    let percent = table.number("percent");
    if percent.is_some_and(|percent| !(0.0..=100.0).contains(&percent)) {
        let message = text!("tỷ lệ phần trăm phải từ 0 đến 100", "a percentage is from 0 to 100");
        let help = text!("hãy viết một số từ 0 đến 100", "write a number from 0 to 100");
        table.mistake("out-of-range", table.place("percent"), message, help);
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
        let ends_early = || text!("bậc này kết thúc trước khi bắt đầu", "the bracket ends before it begins");
        if let Some(message) = problem.or_else(|| is_empty.then(ends_early)) {
            is_sound = false;
            let help = text!(
                "hãy viết các bậc theo thứ tự tăng dần, bậc sau bắt đầu ở chỗ bậc trước kết thúc",
                "write the brackets in ascending order, each from where the one before ends"
            );
            table.mistake("bad-brackets", span, message, help);
        }
        start = begins;
        brackets.push(bracket);
    }
    is_sound.then_some(brackets)
}

/// Returns the problem between the bracket before, with its edges, and one that begins here.
fn between(start: Option<BracketEdge>, end: Option<BracketEdge>, own: Option<BracketEdge>) -> Option<Text> {
    let (Some(end), Some(own)) = (end, own) else {
        let is_open = end.is_none() && own.is_none();
        return is_open.then(|| {
            text!("không có mốc nào giữa bậc này và bậc trước", "no edge is between this bracket and the one before")
        });
    };
    let (ends, begins) = (end.at, own.at);
    match order(end, own) {
        Ordering::Equal => None,
        Ordering::Less => Some(text!(
            "không có bậc nào cho các số giữa {ends} và {begins}",
            "no bracket has the numbers between {ends} and {begins}"
        )),
        Ordering::Greater if start.is_some_and(|start| order(own, start) == Ordering::Less) => {
            Some(text!("các bậc không theo thứ tự tăng dần", "the brackets are not in ascending order"))
        }
        Ordering::Greater => Some(text!(
            "các số từ {begins} đến {ends} nằm trong hai bậc",
            "two brackets have the numbers from {begins} to {ends}"
        )),
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
