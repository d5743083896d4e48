//! Checks by trial whether a condition can hold at all.

use crate::expression::{CannotEvaluate, Condition, Expression, TODAY, WorkBudget};
use crate::form::Field;
use crate::form::day_trial::DayTerms;
use crate::form::row_trial::{chosen_texts, lists, read_rows};
use crate::form::scope::ExpressionScope;
use crate::form::trial::{TRIED_ON, days, domain, every_answer, in_every_order, literals, nth, on_days, parsed, path};
use crate::text::Text;
use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators as op};
use jiff::civil::Date;
use serde_json::{Map, Value as Json};
use std::borrow::Cow;
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
/// must hold too. Returns `None` if trials cannot decide: the condition computes with answers of many values, compares
/// answers of different kinds, reads texts or lists, or has too many combinations.
pub fn reach(condition: &Expression, with: Option<&Expression>, scope: ExpressionScope<'_>) -> Option<Reach> {
    let tried = Combinations::of(std::iter::once(condition).chain(with), scope)?;
    let mut found = Reach { can_hold: false, can_fail: false };
    for values in tried.values() {
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

/// Returns answers for which a condition does not hold although `with` does, such as `fit = false`. Returns `None` if
/// there are none, or if trials cannot decide.
pub fn answers_that_fail(
    condition: &Expression,
    with: Option<&Expression>,
    scope: ExpressionScope<'_>,
) -> Option<Text> {
    failing_answers((condition, with), &[], scope, |_| true)?.example
}

/// The result of looking for answers for which a condition does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriedAnswers {
    /// The first such answers in words, if there are any.
    pub example: Option<Text>,
}

/// Looks for answers as [`answers_that_fail`] does, among those that `is_possible` accepts. They are answers by path, and
/// tried for the conditions `more` too, so that each of these has one value for them. Returns `None` if trials cannot
/// decide.
pub fn failing_answers(
    (condition, with): (&Expression, Option<&Expression>),
    more: &[&Expression],
    scope: ExpressionScope<'_>,
    mut is_possible: impl FnMut(&Map<String, Json>) -> bool,
) -> Option<TriedAnswers> {
    let tried = Combinations::of(std::iter::once(condition).chain(with).chain(more.iter().copied()), scope)?;
    let fails = |values: &Map<String, Json>| with.is_none_or(|with| holds(with, values)) && !holds(condition, values);
    let found = tried.values().find(|values| fails(values) && is_possible(values));
    Some(TriedAnswers { example: found.as_ref().map(in_words) })
}

/// Returns answers by path in words.
fn in_words(values: &Map<String, Json>) -> Text {
    let words = |(name, value): (&String, &Json)| match value {
        Json::Null => (format!("`{name}` không được trả lời"), format!("`{name}` is not answered")),
        // The samples of other texts only stand for texts.
        Json::String(text) if text.contains(char::is_control) => {
            (format!("`{name}` là một chuỗi khác"), format!("`{name}` is another text"))
        }
        other => (format!("{name} = {other}"), format!("{name} = {other}")),
    };
    let (vi, en): (Vec<String>, Vec<String>) = values.iter().map(words).unzip();
    Text::new(vi.join(", "), en.join(", "))
}

/// Returns whether a condition can hold while none of the `earlier` conditions does, so that its case gets its turn.
/// `with` must hold too. Returns `None` if trials cannot decide.
pub fn can_hold_after(
    condition: &Expression,
    earlier: &[&Expression],
    with: Option<&Expression>,
    scope: ExpressionScope<'_>,
) -> Option<bool> {
    let tried = Combinations::of(earlier.iter().copied().chain(with).chain([condition]), scope)?;
    let mut values = tried.values();
    Some(values.any(|values| {
        holds(condition, &values)
            && with.is_none_or(|with| holds(with, &values))
            && !earlier.iter().any(|before| holds(before, &values))
    }))
}

/// Returns whether some answers keep all rules together. Required fields are answered while they are shown, and a rule
/// with a missing answer is kept. Returns `None` if trials cannot decide.
pub fn can_be_kept(rules: &[&Expression], scope: ExpressionScope<'_>) -> Option<bool> {
    let tried = Combinations::of(rules.iter().copied(), scope)?;
    let is_answered =
        |name: &String, values: &Map<String, Json>| values.get(name).is_some_and(|value| !value.is_null());
    let mut values = tried.values();
    Some(values.any(|values| {
        let given = nested(&values);
        let is_kept = |rule: &&Expression| {
            let is_missing = |name: &String| given.get(name).is_none_or(Json::is_null);
            rule.names().iter().any(is_missing) || holds(rule, &values)
        };
        let is_given =
            |(name, _): &(String, Vec<Json>)| is_answered(name, &values) || !tried.requires(name, &values, scope);
        tried.domains.iter().all(is_given) && rules.iter().all(is_kept)
    }))
}

/// Returns the fields, and the parts of fields, that a condition compares and that are surely answered while these fields
/// are shown, such as `depth` and `owner.sex`.
pub fn required_paths(condition: &Expression, fields: &[&Field]) -> Vec<String> {
    let scope = ExpressionScope { form: fields, group: &[], asked: &[] };
    let mut samples = Samples::default();
    plain(condition.ast(), &mut samples);
    let is_required = |field: Option<&Field>| field.is_some_and(|field| field.required == Condition::Fixed(true));
    let names = samples.literals.into_keys();
    names.filter(|name| is_required(scope.find(whole(name))) && is_required(scope.at(name))).collect()
}

/// The combinations of answers that make a difference to conditions.
struct Combinations<'a> {
    domains: Vec<(String, Vec<Json>)>,
    count: usize,
    /// The conditions under which the fields are shown, each with a name of the field or of one of its parts.
    hiding: Vec<(String, &'a Expression)>,
}

impl<'a> Combinations<'a> {
    fn of<'e>(conditions: impl Iterator<Item = &'e Expression>, scope: ExpressionScope<'a>) -> Option<Self> {
        let mut samples = Samples::default();
        let mut asked = 0_usize;
        for condition in conditions {
            if !plain(condition.ast(), &mut samples) {
                return None;
            }
            asked += 1;
        }
        let hiding = follow(&mut samples, scope)?;
        let mut domains: Vec<(String, Vec<Json>)> = Vec::new();
        let mut count = 1_usize;
        let each = asked.max(2) + hiding.len() * hiding.len();
        let days = samples.days(scope)?;
        for name in samples.literals.keys().cloned() {
            let values = match days.get(name.as_str()) {
                Some(days) => on_days(scope.at(&name)?, days)?,
                None => answers(&samples, &name, scope)?,
            };
            count = count.checked_mul(values.len()).filter(|count| count * each <= MOST_TRIED)?;
            domains.push((name, values));
        }
        Some(Self { domains, count, hiding })
    }

    /// Returns whether a field or a part of one surely has to be answered beside these answers.
    fn requires(&self, name: &str, values: &Map<String, Json>, scope: ExpressionScope<'_>) -> bool {
        let (Some(field), Some(asked)) = (scope.find(whole(name)), scope.at(name)) else { return false };
        let is_shown = match &field.shown {
            Condition::Fixed(shown) => *shown,
            Condition::When(shown) => self.hiding.iter().any(|(hidden, _)| hidden == name) && holds(shown, values),
        };
        let is_required = |field: &Field| field.required == Condition::Fixed(true) && !field.kind.is_computed();
        is_shown && is_required(field) && is_required(asked)
    }

    fn values(&self) -> impl Iterator<Item = Map<String, Json>> {
        (0..self.count).map(|number| {
            let mut values = nth(&self.domains, number);
            hide(&self.hiding, &mut values);
            values
        })
    }
}

/// The names in a condition: ids of fields, or the paths of parts such as `owner.sex`.
#[derive(Debug, Clone, Default)]
struct Samples {
    /// The literals beside each name, as JSON text.
    literals: BTreeMap<String, BTreeSet<String>>,
    /// The names that are compared with one another.
    pairs: BTreeSet<(String, String)>,
    /// The parts of rows that parts of the condition read, by the name of the rows.
    rows: BTreeMap<String, BTreeSet<String>>,
    /// The numbers with which the age of each date is compared.
    ages: BTreeMap<String, BTreeSet<i64>>,
    /// The parts of comparisons of days.
    days: DayTerms,
}

impl Samples {
    fn add(&mut self, name: &str) -> &mut BTreeSet<String> {
        self.literals.entry(name.to_owned()).or_default()
    }

    /// Returns a name with all names that are compared with it, or with one of those.
    fn together<'s>(&'s self, name: &'s str) -> BTreeSet<&'s str> {
        let mut found = BTreeSet::from([name]);
        let mut open = vec![name];
        while let Some(name) = open.pop() {
            for (left, right) in &self.pairs {
                for (one, other) in [(left, right), (right, left)] {
                    if one == name && found.insert(other.as_str()) {
                        open.push(other.as_str());
                    }
                }
            }
        }
        found
    }

    /// Returns the days that are tried, by the name of the date. Returns `None` if trials on one day cannot decide.
    fn days(&self, scope: ExpressionScope<'_>) -> Option<BTreeMap<&str, BTreeSet<Date>>> {
        let mut terms = self.days.clone();
        let dates: BTreeSet<&str> = self.days.names.iter().flat_map(|name| self.together(name)).collect();
        for name in &dates {
            terms.with_today |= scope.at(name)?.kind.is_past();
            // What holds of an age and of a day together depends on the day of the trial.
            if self.ages.contains_key(*name) || self.rows.contains_key(*name) {
                return None;
            }
            for written in parsed(self.literals.get(*name).into_iter().flatten()) {
                terms.written.insert(written.as_str()?.parse().ok()?);
            }
        }
        terms.names = dates.iter().map(|name| (*name).to_owned()).collect();
        let days = terms.candidates()?;
        Some(dates.into_iter().map(|name| (name, days.clone())).collect())
    }
}

/// Returns whether trials can decide on a condition, apart from the number of combinations. They try answers and no days.
pub fn is_plain(condition: &Expression) -> bool {
    plain_samples(condition).is_some()
}

/// Returns what a plain condition compares.
fn plain_samples(condition: &Expression) -> Option<Samples> {
    let mut samples = Samples::default();
    let is_tried = plain(condition.ast(), &mut samples);
    let is_on_a_day = samples.days.with_today || !samples.days.names.is_empty() || !samples.ages.is_empty();
    let is_plain = is_tried && !is_on_a_day && !samples.literals.contains_key(TODAY) && samples.rows.is_empty();
    is_plain.then_some(samples)
}

/// Returns the names in a condition, each with the literals beside it as JSON text. Returns `None` if the condition does
/// more than compare single answers with literals.
pub(super) fn compared_literals(condition: &Expression) -> Option<BTreeMap<String, BTreeSet<String>>> {
    let samples = plain_samples(condition).filter(|samples| samples.pairs.is_empty());
    samples.map(|samples| samples.literals)
}

/// Returns whether a condition holds for answers by path.
pub fn holds(condition: &Expression, values: &Map<String, Json>) -> bool {
    Condition::When(condition.clone()).holds_within(&nested(values), &WorkBudget::on(TRIED_ON))
}

/// Returns the same as [`holds`], but `None` if the condition fails, because it takes no answers of this kind.
pub(super) fn holds_if_it_fits(condition: &Expression, values: &Map<String, Json>) -> Option<bool> {
    match condition.holds_within(&nested(values), &WorkBudget::on(TRIED_ON)) {
        Ok(holds) => Some(holds),
        Err(CannotEvaluate::Unanswered { .. }) => Some(false),
        Err(_) => None,
    }
}

/// Returns answers by field, from answers by path. A missing part is left out, as in a form.
fn nested(values: &Map<String, Json>) -> Cow<'_, Map<String, Json>> {
    if !values.keys().any(|path| path.contains('.')) {
        return Cow::Borrowed(values);
    }
    let mut all = Map::new();
    for (path, value) in values.iter().filter(|(_, value)| !value.is_null()) {
        put(&mut all, path, value);
    }
    Cow::Owned(all)
}

/// Puts an answer at a path.
fn put(answers: &mut Map<String, Json>, path: &str, value: &Json) {
    let Some((name, rest)) = path.split_once('.') else {
        answers.insert(path.to_owned(), value.clone());
        return;
    };
    if let Json::Object(inner) = answers.entry(name).or_insert_with(|| Json::Object(Map::new())) {
        put(inner, rest, value);
    }
}

/// Returns the id of the field at a path.
fn whole(path: &str) -> &str {
    path.split_once('.').map_or(path, |(field, _)| field)
}

/// Returns the conditions under which the named fields are shown, as far as trials can evaluate them too. Adds the
/// fields that those conditions name. A condition that cannot be tried is assumed to show its field always.
fn follow<'a>(samples: &mut Samples, scope: ExpressionScope<'a>) -> Option<Vec<(String, &'a Expression)>> {
    let mut hiding = Vec::new();
    let mut followed = BTreeSet::new();
    while let Some(name) = samples.literals.keys().find(|name| !followed.contains(*name)).cloned() {
        if samples.literals.len() > MOST_NAMES {
            return None;
        }
        if let Condition::When(shown) = &scope.find(whole(&name))?.shown {
            let mut more = samples.clone();
            if plain(shown.ast(), &mut more) && more.literals.keys().all(|name| scope.at(name).is_some()) {
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

/// Returns whether an expression only joins comparisons of an answer with a literal or with another answer, comparisons
/// of an age with a number, comparisons of days, and what it reads of rows or of answers with few values. Collects the
/// names and literals.
fn plain(at: &IdedExpr, samples: &mut Samples) -> bool {
    match &at.expr {
        Expr::Literal(LiteralValue::Boolean(_)) => true,
        Expr::Ident(_) | Expr::Select(_) => {
            let Some(name) = path(at) else { return of_rows(at, samples) };
            samples.add(&name);
            true
        }
        Expr::Call(call) => match call.func_name.as_str() {
            op::LOGICAL_AND | op::LOGICAL_OR | op::LOGICAL_NOT => call.args.iter().all(|inner| plain(inner, samples)),
            op::EQUALS | op::NOT_EQUALS | op::LESS | op::LESS_EQUALS | op::GREATER | op::GREATER_EQUALS | op::IN => {
                compared(call, samples) || of_rows(at, samples)
            }
            _ => of_rows(at, samples),
        },
        _ => of_rows(at, samples),
    }
}

/// Collects what a part of a condition reads of rows. Returns whether the order of the rows makes no difference.
fn of_rows(at: &IdedExpr, samples: &mut Samples) -> bool {
    let Some(read) = read_rows(at).filter(|read| !read.names.is_empty()) else { return false };
    for name in &read.names {
        samples.add(name);
        samples.rows.entry(name.clone()).or_default().extend(read.parts.iter().cloned());
    }
    true
}

/// Returns whether a comparison is one of an answer with a literal or with another answer, or of an age with a number.
/// Collects the names and literals.
fn compared(call: &CallExpr, samples: &mut Samples) -> bool {
    let [left, right] = call.args.as_slice() else { return false };
    if let Some((name, number)) = aged(left).zip(Some(right)).or_else(|| aged(right).zip(Some(left))) {
        return plain_age(&name, number, samples);
    }
    if let Some(terms) = DayTerms::of(call) {
        for name in &terms.names {
            samples.add(name);
        }
        samples.days.extend(terms);
        return true;
    }
    let (name, written) = match (path(left), path(right)) {
        (Some(left), Some(right)) if call.func_name != op::IN => {
            samples.add(&left);
            samples.add(&right);
            samples.pairs.insert((left, right));
            return true;
        }
        (Some(name), _) => (name, right),
        (_, Some(name)) if call.func_name != op::IN => (name, left),
        _ => return false,
    };
    // An answer with several choices is compared with a whole list, which is none of the literals that are tried.
    if call.func_name != op::IN && matches!(written.expr, Expr::List(_)) {
        return false;
    }
    let Some(literals) = literals(written) else { return false };
    samples.add(&name).extend(literals);
    true
}

/// Returns the name of the date since which, or until which, a call counts the years: `age(birth, today)`.
fn aged(at: &IdedExpr) -> Option<String> {
    let Expr::Call(call) = &at.expr else { return None };
    let ([from, to], "age" | "years") = (call.args.as_slice(), call.func_name.as_str()) else { return None };
    let (from, to) = (path(from)?, path(to)?);
    match (from == TODAY, to == TODAY) {
        (false, true) => Some(from),
        (true, false) => Some(to),
        (true, true) | (false, false) => None,
    }
}

/// Collects the whole numbers with which an age is compared. Returns whether it is compared with nothing else.
fn plain_age(name: &str, written: &IdedExpr, samples: &mut Samples) -> bool {
    let read = |literals: Vec<String>| literals.iter().map(|text| text.parse().ok()).collect::<Option<Vec<i64>>>();
    let Some(numbers) = literals(written).and_then(read) else { return false };
    samples.add(name);
    samples.ages.entry(name.to_owned()).or_default().extend(numbers);
    true
}

/// Returns the answers of a field that make a difference to the comparisons of its name.
fn answers(samples: &Samples, name: &str, scope: ExpressionScope<'_>) -> Option<Vec<Json>> {
    let field = scope.at(name)?;
    let together = samples.together(name);
    let is_alone = together.len() == 1 && samples.literals.get(name).is_none_or(BTreeSet::is_empty);
    if let Some(read) = samples.rows.get(name).filter(|_| is_alone)
        && let Some(lists) = lists(field, read, scope)
    {
        return Some(lists);
    }
    if together.iter().any(|name| samples.rows.contains_key(*name)) {
        // A condition may look at such answers in any way, so all of them are tried.
        let are_few = together.iter().all(|name| scope.at(name).and_then(every_answer).is_some());
        return if are_few { every_answer(field) } else { None };
    }
    if let Some(formula) = field.kind.formula() {
        // Answers from which the value follows are not tried beside it.
        let is_apart = |other: &String| other == name || !formula.names().iter().any(|read| read == whole(other));
        let mut values: Vec<Json> = chosen_texts(formula.ast())?.into_iter().map(Json::from).collect();
        values.push(Json::Null);
        return (together.len() == 1 && samples.literals.keys().all(is_apart)).then_some(values);
    }
    if let Some(ages) = samples.ages.get(name) {
        // What holds of an age and of a day together depends on the day of the trial.
        return if is_alone { days(field, ages) } else { None };
    }
    let mut written = parsed(together.iter().filter_map(|name| samples.literals.get(*name)).flatten());
    if together.len() > 1 {
        let fields: Vec<&Field> = together.iter().map(|name| scope.at(name)).collect::<Option<_>>()?;
        written = in_every_order(&fields, written)?;
    }
    domain(field, &written)
}
