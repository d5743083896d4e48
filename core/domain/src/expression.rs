//! Conditions in CEL, the Common Expression Language.
//!
//! An expression is parsed once, when the portal reads its package. Its names are the fields of the form. Macros such
//! as `all` and `map` are loops, so each evaluation has a budget of work and memory, whoever wrote the expression. The
//! evaluations of one judgement share another budget ([`WorkBudget`]).

#[cfg(test)]
mod budget;
mod call;
mod compare;
mod cost;
mod days;
mod decimal;
mod evaluate;
mod functions;
mod macros;
mod meter;
mod nesting;
mod numbers;
#[cfg(test)]
mod oracle;
mod parsed;
mod pattern;
mod places;
mod rows;
mod stop;
#[cfg(test)]
mod table;
mod value;
mod work;

pub use cost::most_steps;
pub(crate) use cost::parts;
pub(crate) use decimal::ExactDecimal;
pub(crate) use evaluate::TODAY;
pub(crate) use functions::{FunctionParameters, FunctionResult, ParameterType, function, function_names};
pub(crate) use macros::MacroFold;
pub use meter::MOST_STEPS;
pub(crate) use pattern::pattern_problem;
pub(crate) use rows::{row_usage, row_words};
pub use work::{MOST_WORK, QUESTION_STEPS, RuleFault, WorkBudget};

use crate::text;
use crate::text::{Language, Text};
use cel::Program;
use cel::common::ast::{EntryExpr, Expr, IdedExpr};
use evaluate::Evaluation;
use nesting::nesting;
use pattern::Patterns;
use rows::with_row_words;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use stop::EvaluationStop;
use unicode_normalization::UnicodeNormalization;
use value::ExpressionValue;

/// The longest expression, in bytes.
const LONGEST: usize = 2000;

/// The greatest nesting of an expression. A limit exists because reading and evaluating use the stack of a thread.
const DEEPEST: usize = 10;

/// The most parts that may be joined in a chain, such as by `+`. Evaluating a chain uses the stack too.
const LONGEST_CHAIN: usize = 40;

fn entry_parts(entry: &EntryExpr) -> Vec<&IdedExpr> {
    match entry {
        EntryExpr::StructField(field) => vec![&field.value],
        EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
    }
}

/// Returns the nesting of calls and selections.
fn depth(whole: &IdedExpr) -> usize {
    let mut deepest = 0;
    let mut open = vec![(whole, 1)];
    while let Some((at, depth)) = open.pop() {
        deepest = deepest.max(depth);
        let mut within = |inner| open.push((inner, depth + 1));
        match &at.expr {
            Expr::Call(call) => call.target.iter().map(|target| &**target).chain(&call.args).for_each(&mut within),
            Expr::Select(select) => within(&select.operand),
            Expr::List(list) => list.elements.iter().for_each(&mut within),
            Expr::Comprehension(inner) => {
                [&inner.iter_range, &inner.accu_init, &inner.loop_cond, &inner.loop_step, &inner.result]
                    .into_iter()
                    .for_each(&mut within);
            }
            Expr::Map(map) => map.entries.iter().flat_map(|entry| entry_parts(&entry.expr)).for_each(&mut within),
            Expr::Struct(made) => made.entries.iter().flat_map(|entry| entry_parts(&entry.expr)).for_each(&mut within),
            Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => {}
        }
    }
    deepest
}

/// Returns the free names of a part of an expression.
pub(crate) fn names_of(at: &IdedExpr) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    free_names(at, &mut Vec::new(), &mut |name, _| {
        if !name.starts_with('@') {
            names.insert(name);
        }
    });
    names
}

/// Calls `found` with each free name, which no macro binds, and with the number of its node.
fn free_names<'a>(at: &'a IdedExpr, bound: &mut Vec<&'a str>, found: &mut impl FnMut(&'a str, u64)) {
    let mut within = |inner: &'a IdedExpr| free_names(inner, bound, found);
    match &at.expr {
        Expr::Ident(name) => {
            if !bound.contains(&name.as_str()) {
                found(name, at.id);
            }
        }
        Expr::Call(call) => call.target.iter().map(|target| &**target).chain(&call.args).for_each(within),
        Expr::Select(select) => within(&select.operand),
        Expr::List(list) => list.elements.iter().for_each(within),
        Expr::Map(map) => map.entries.iter().flat_map(|entry| entry_parts(&entry.expr)).for_each(within),
        Expr::Struct(made) => made.entries.iter().flat_map(|entry| entry_parts(&entry.expr)).for_each(within),
        Expr::Comprehension(inner) => {
            within(&inner.iter_range);
            within(&inner.accu_init);
            bound.push(&inner.iter_var);
            for part in [&inner.loop_cond, &inner.loop_step, &inner.result] {
                free_names(part, bound, found);
            }
            bound.pop();
        }
        Expr::Literal(_) | Expr::Unspecified => {}
    }
}

/// A parsed condition.
#[derive(Clone)]
pub struct Expression {
    source: String,
    names: Arc<[String]>,
    ast: Arc<IdedExpr>,
    patterns: Arc<Patterns>,
}

/// The expression cannot be parsed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.get(Language::En))]
pub struct NotCel(pub Text);

/// The expression has no value for these answers. This is a fault of the configuration, never of the applicant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotEvaluate {
    #[error("`{expression}`: {}", .reason.get(Language::En))]
    Fails { expression: String, reason: Text },
    #[error(
        "`{expression}` takes more than {most} steps, or builds more text than is allowed; go through fewer lists \
         within one another, or put a part into a computed field",
        most = MOST_STEPS
    )]
    OverBudget { expression: String },
    #[error("`{expression}`: an answer that it reads is missing")]
    Unanswered { expression: String },
}

impl Expression {
    /// Compiles `source`. Its texts are compared with answers, so they have composed letters (NFC) as answers have.
    pub fn parse(source: &str) -> Result<Self, NotCel> {
        parsed::once(source, Self::compile)
    }

    fn compile(source: &str) -> Result<Self, NotCel> {
        if source.len() > LONGEST {
            return Err(NotCel(text!("biểu thức dài hơn {LONGEST} ký tự", "it is longer than {LONGEST} characters")));
        }
        let composed: String = source.nfc().collect();
        if nesting(&composed)? > DEEPEST {
            return Err(NotCel(text!(
                "biểu thức lồng nhau sâu hơn {DEEPEST} lần",
                "it is nested deeper than {DEEPEST} times"
            )));
        }
        let program = Program::compile(&composed).map_err(|errors| {
            let first = errors.errors.first().map_or_else(|| errors.to_string(), |error| error.msg.clone());
            NotCel(Text::new(format!("bộ phân tích báo bằng tiếng Anh: {first}"), first))
        })?;
        // A chain that is too long is not copied either, because copying uses the stack.
        let is_short = depth(program.expression()) <= LONGEST_CHAIN;
        let ast = is_short.then(|| with_row_words(program.expression().clone()));
        let Some(ast) = ast.filter(|ast| depth(ast) <= LONGEST_CHAIN) else {
            return Err(NotCel(text!(
                "biểu thức nối hơn {LONGEST_CHAIN} phần; hãy đưa một số phần vào trường tự tính",
                "it joins more than {LONGEST_CHAIN} parts; put some into a computed field"
            )));
        };
        let mut names = BTreeSet::new();
        free_names(&ast, &mut Vec::new(), &mut |name, _| {
            if !name.starts_with('@') && name != TODAY {
                names.insert(name.to_owned());
            }
        });
        let patterns = Patterns::of(&parts(&ast));
        Ok(Self {
            source: source.to_owned(),
            names: names.into_iter().collect(),
            ast: Arc::new(ast),
            patterns: Arc::new(patterns),
        })
    }

    /// Returns the text of the author.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Returns the names that must be known before an evaluation. `today` is always known.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the parsed expression.
    pub(crate) fn ast(&self) -> &IdedExpr {
        &self.ast
    }

    /// Returns the failure of a rule, and stores it as the fault of its author.
    fn fail(&self, reason: Text, work: &WorkBudget) -> CannotEvaluate {
        work.keep_broken(Some(RuleFault::broken(&self.source, &reason)));
        CannotEvaluate::Fails { expression: self.source.clone(), reason }
    }

    fn unanswered(&self) -> CannotEvaluate {
        CannotEvaluate::Unanswered { expression: self.source.clone() }
    }

    fn evaluate<'a>(
        &'a self,
        values: &'a Map<String, Json>,
        work: &WorkBudget,
    ) -> Result<ExpressionValue<'a>, CannotEvaluate> {
        let mut evaluation = Evaluation::new(values, &self.patterns, work.today(), work.left());
        let outcome = evaluation.value(self.ast());
        work.done(evaluation.spent());
        outcome.map_err(|stop| match stop {
            EvaluationStop::OverBudget => {
                work.overrun(|| self.source.clone());
                CannotEvaluate::OverBudget { expression: self.source.clone() }
            }
            EvaluationStop::Unanswered => self.unanswered(),
            EvaluationStop::Fails(reason) => self.fail(*reason, work),
        })
    }

    /// Returns whether the condition holds for these values on no particular day. A name without a value is `null`.
    pub fn holds(&self, values: &Map<String, Json>) -> Result<bool, CannotEvaluate> {
        self.holds_within(values, &WorkBudget::undated())
    }

    /// Returns whether the condition holds for these values, within the budget of a judgement.
    pub fn holds_within(&self, values: &Map<String, Json>, work: &WorkBudget) -> Result<bool, CannotEvaluate> {
        match self.evaluate(values, work)? {
            ExpressionValue::Bool(holds) => Ok(holds),
            ExpressionValue::Null | ExpressionValue::Between(..) => Err(self.unanswered()),
            other => {
                let (vi, en) = other.type_name();
                Err(self.fail(text!("cho ra {vi}, không phải đúng hoặc sai", "gives {en}, not true or false"), work))
            }
        }
    }

    /// Returns the expression's value for these values on no particular day: a number, a text, true or false.
    pub fn value(&self, values: &Map<String, Json>) -> Result<Json, CannotEvaluate> {
        self.value_within(values, &WorkBudget::undated())
    }

    /// Returns the expression's value for these values, within the budget of a judgement.
    pub fn value_within(&self, values: &Map<String, Json>, work: &WorkBudget) -> Result<Json, CannotEvaluate> {
        let value = self.evaluate(values, work)?;
        let json = match &value {
            ExpressionValue::Null | ExpressionValue::Between(..) => return Err(self.unanswered()),
            ExpressionValue::Bool(truth) => Some(Json::from(*truth)),
            ExpressionValue::Int(number) => Some(Json::from(*number)),
            ExpressionValue::Zero => Some(Json::from(0)),
            ExpressionValue::Decimal(number) => number.float().map(Json::from),
            other => other.text().map(Json::from),
        };
        let (vi, en) = value.type_name();
        let reason = || {
            text!("cho ra {vi}, không phải số, chuỗi, đúng hoặc sai", "gives {en}, not a number, a text, true or false")
        };
        json.ok_or_else(|| self.fail(reason(), work))
    }

    /// Returns the number that the expression gives for these values, within the budget of a judgement.
    pub(crate) fn decimal_within(
        &self,
        values: &Map<String, Json>,
        work: &WorkBudget,
    ) -> Result<ExactDecimal, CannotEvaluate> {
        match self.evaluate(values, work)? {
            ExpressionValue::Null | ExpressionValue::Between(..) => Err(self.unanswered()),
            value => {
                let (vi, en) = value.type_name();
                let reason = || text!("cho ra {vi}, không phải số", "gives {en}, not a number");
                value.decimal().ok_or_else(|| self.fail(reason(), work))
            }
        }
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cel({})", self.source)
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Serialize for Expression {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.source)
    }
}

impl<'de> Deserialize<'de> for Expression {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let source = String::deserialize(deserializer)?;
        Self::parse(&source).map_err(serde::de::Error::custom)
    }
}

/// A condition for asking or showing something: `true`, `false` or an expression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Condition {
    Fixed(bool),
    When(Expression),
}

impl Condition {
    /// Returns whether the condition holds for these values. A condition over a missing answer (`depth > 150.0` without
    /// a depth, or in a row without one) does not hold. A condition that fails holds, so that nothing is left out
    /// without a person's look.
    pub fn holds(&self, values: &Map<String, Json>) -> bool {
        self.holds_within(values, &WorkBudget::undated())
    }

    /// Returns the same as [`Self::holds`], within the budget of a judgement, which stores the failure.
    pub fn holds_within(&self, values: &Map<String, Json>, work: &WorkBudget) -> bool {
        self.outcome(values, work).unwrap_or_else(|reason| !matches!(reason, CannotEvaluate::Unanswered { .. }))
    }

    /// Returns whether the condition surely holds, within the budget of a judgement. A condition that fails does not, so
    /// nobody owes anything because of it.
    pub fn surely_holds(&self, values: &Map<String, Json>, work: &WorkBudget) -> bool {
        self.outcome(values, work).unwrap_or(false)
    }

    /// Returns the expression of the condition, if it has one.
    pub const fn expression(&self) -> Option<&Expression> {
        match self {
            Self::When(expression) => Some(expression),
            Self::Fixed(_) => None,
        }
    }

    /// Returns whether the condition holds for these values, or the reason for which it cannot be evaluated.
    pub(crate) fn outcome(&self, values: &Map<String, Json>, work: &WorkBudget) -> Result<bool, CannotEvaluate> {
        match self {
            Self::Fixed(fixed) => Ok(*fixed),
            Self::When(expression) => expression.holds_within(values, work),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn values(json: Json) -> Map<String, Json> {
        json.as_object().expect("an object").clone()
    }

    #[test]
    fn what_a_row_leaves_out_counts_as_unanswered() {
        let rows = values(json!({ "works": [{ "name": "A" }, { "name": "B", "storeys": 5 }] }));
        let none = values(json!({ "works": [{ "name": "A" }, { "name": "B" }] }));
        let any = Expression::parse("works.exists(w, w.storeys > 3)").expect("it is CEL");
        assert!(any.holds(&rows).expect("the other row decides"));
        assert!(matches!(any.holds(&none), Err(CannotEvaluate::Unanswered { .. })));
        assert!(!Condition::When(any.clone()).holds(&none), "nothing is asked because of an empty cell");
        let all = Expression::parse("works.all(w, w.storeys > 3)").expect("it is CEL");
        assert!(
            crate::form::judge::kept(&all, &none, &WorkBudget::undated()),
            "nothing is refused because of an empty cell"
        );
        let all = Expression::parse("works.all(w, w.storeys > 9)").expect("it is CEL");
        assert!(
            !crate::form::judge::kept(&all, &rows, &WorkBudget::undated()),
            "the row that has an answer breaks the rule"
        );
    }

    #[test]
    fn conditions_are_evaluated_over_form_values() {
        let condition = Expression::parse("kind == 'deep' && depth > 30 && size(wells) >= 2").expect("it is CEL");
        assert_eq!(condition.names(), ["depth", "kind", "wells"]);
        let deep = values(json!({"kind": "deep", "depth": 31, "wells": [{"x": 1}, {"x": 2}]}));
        assert_eq!(condition.holds(&deep), Ok(true));
        let shallow = values(json!({"kind": "deep", "depth": 3, "wells": []}));
        assert_eq!(condition.holds(&shallow), Ok(false));
    }

    #[test]
    fn what_is_not_cel_is_refused_when_it_is_read() {
        assert!(Expression::parse("a ==").is_err());
        assert!(Expression::parse("1 + 1").expect("it is CEL").holds(&Map::new()).is_err());
    }

    #[test]
    fn a_condition_over_what_is_not_answered_does_not_hold() {
        let deep = Condition::When(Expression::parse("depth > 150.0").expect("it is CEL"));
        assert!(!deep.holds(&Map::new()));
        assert!(!deep.holds(&values(json!({"depth": null}))));
        assert!(!deep.holds(&values(json!({"depth": 65.5}))));
        assert!(deep.holds(&values(json!({"depth": 151.0}))));
        assert!(deep.holds(&values(json!({"depth": "sâu"}))), "somebody has to look at this");
    }

    #[test]
    fn names_that_a_macro_binds_are_no_answers() {
        let condition = Expression::parse("shops.all(s, s.near == far) && s == 1").expect("it is CEL");
        assert_eq!(condition.names(), ["far", "s", "shops"]);
        let inner = Expression::parse("shops.exists(s, s.rooms.exists(r, r > s.floor))").expect("it is CEL");
        assert_eq!(inner.names(), ["shops"]);
    }

    #[test]
    fn a_missing_value_is_null() {
        let condition = Expression::parse("kind == null").expect("it is CEL");
        assert_eq!(condition.holds(&Map::new()), Ok(true));
    }

    #[test]
    fn the_longest_expressions_are_read_and_reckoned_with_on_an_ordinary_thread() {
        let long = |most: usize| {
            [
                vec!["1"; most].join("+"),
                vec!["'x'"; most].join("+"),
                format!("a{}", ".b".repeat(most)),
                format!("a{}", "[0]".repeat(most)),
                format!("{}true", "!".repeat(most)),
                format!("{{'a': {}}} == a", vec!["1"; most - 2].join("+")),
                format!("{{{}: 1}} == a", vec!["1"; most - 2].join("+")),
                format!("T{{a: {}}} == a", vec!["1"; most - 2].join("+")),
            ]
        };
        for text in long(LONGEST_CHAIN - 1) {
            let expression = Expression::parse(&text).expect("it is not too long");
            let _ = expression.value(&values(json!({"a": {"b": 1}})));
        }
        for text in long(600) {
            if let Ok(expression) = Expression::parse(&text) {
                let _ = expression.value(&Map::new());
            }
        }
        let nested = |depth: usize| ["(".repeat(depth) + "1" + &")".repeat(depth), "true ? 1 : ".repeat(depth) + "1"];
        assert!(nested(DEEPEST).iter().all(|text| Expression::parse(text).is_ok()));
        for text in nested(DEEPEST + 1) {
            assert!(Expression::parse(&text).is_err_and(|error| error.to_string().contains("nested")), "{text}");
        }
        let many = vec!["a == 1"; 200].join(" && ");
        assert!(Expression::parse(&many).is_ok(), "conditions that are joined are no chain");
        assert!(Expression::parse("'((((((((((((((((((((((((((' == name").is_ok(), "a text is no nesting");
    }
}
