//! Evaluates an expression with a budget of work and memory.
//!
//! CEL has no endless loops, but nested macros multiply, and so do joined texts and lists. The parser is the crate
//! `cel`. Its interpreter has no budget, so this module walks the parsed tree itself. A test compares both.

use super::macros::MacroFold;
use super::numbers::{arithmetic, double, int, too_large, whole_number};
use super::stop::{EvaluationOutcome, EvaluationStop, fails};
use super::value::ExpressionValue;
use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, SelectExpr, operators as op,
};
use serde_json::{Map, Value as Json};
use std::cmp::Ordering;
use std::rc::Rc;

/// The most steps of one evaluation. A step is a node of the expression, an item of a list that is compared or copied,
/// or 256 bytes of a text.
pub const MOST_STEPS: usize = 200_000;

/// The most bytes of texts and lists that one evaluation may build.
const MOST_BYTES: usize = 1 << 20;

/// The bytes of a text that are read in one step.
const BYTES_A_STEP: usize = 256;

/// The functions that an expression may call, beside operators and macros. `has` is a macro that is written like a
/// function.
pub const FUNCTIONS: [&str; 10] =
    ["size", "int", "double", "string", "contains", "startsWith", "endsWith", "min", "max", "has"];

/// An evaluation that is under way.
pub(super) struct Evaluation<'a> {
    values: &'a Map<String, Json>,
    /// The names that macros around the current place bind.
    bound: Vec<(&'a str, ExpressionValue<'a>)>,
    /// The initial number of steps, and the steps that are left.
    given: usize,
    steps: usize,
    bytes: usize,
}

impl<'a> Evaluation<'a> {
    /// Begins an evaluation within the steps that the judgement has left. A name without a value is null.
    pub fn new(values: &'a Map<String, Json>, left: usize) -> Self {
        let given = MOST_STEPS.min(left);
        Self { values, bound: Vec::new(), given, steps: given, bytes: MOST_BYTES }
    }

    /// Returns how many steps were taken.
    pub const fn spent(&self) -> usize {
        self.given - self.steps
    }

    /// Takes steps from the budget.
    fn spend(&mut self, steps: usize) -> EvaluationOutcome<()> {
        self.steps = self.steps.checked_sub(steps).ok_or(EvaluationStop::OverBudget)?;
        Ok(())
    }

    /// Takes from the budget the memory that is about to be filled, and the work to fill it.
    fn build(&mut self, items: usize, bytes: usize) -> EvaluationOutcome<()> {
        self.spend(items.saturating_add(bytes / BYTES_A_STEP))?;
        self.bytes = self.bytes.checked_sub(bytes).ok_or(EvaluationStop::OverBudget)?;
        Ok(())
    }

    /// Returns the value of an expression.
    pub fn value(&mut self, at: &'a IdedExpr) -> EvaluationOutcome<ExpressionValue<'a>> {
        self.spend(1)?;
        match &at.expr {
            Expr::Literal(literal) => literal_value(literal),
            Expr::Ident(name) => Ok(self.name(name)),
            Expr::Select(select) => self.select(select),
            Expr::Call(call) => self.call(call),
            Expr::List(list) => {
                let items: Vec<ExpressionValue<'a>> =
                    list.elements.iter().map(|item| self.value(item)).collect::<EvaluationOutcome<_>>()?;
                self.list(items)
            }
            Expr::Map(map) => self.parts(map.entries.iter().map(|entry| &entry.expr)),
            Expr::Comprehension(inner) => self.macro_over(inner),
            Expr::Struct(_) | Expr::Unspecified => fails("an expression has no structures"),
        }
    }

    /// Returns the value of an expression that is true or false.
    fn truth(&mut self, at: &'a IdedExpr) -> EvaluationOutcome<bool> {
        match self.value(at)? {
            ExpressionValue::Bool(truth) => Ok(truth),
            other => fails(format!("{} is not true or false", other.type_name())),
        }
    }

    fn name(&self, name: &str) -> ExpressionValue<'a> {
        if let Some((_, value)) = self.bound.iter().rev().find(|(bound, _)| *bound == name) {
            return value.clone();
        }
        self.values.get(name).map_or(ExpressionValue::Null, ExpressionValue::of)
    }

    fn list(&mut self, items: Vec<ExpressionValue<'a>>) -> EvaluationOutcome<ExpressionValue<'a>> {
        self.build(items.len(), items.len().saturating_mul(size_of::<ExpressionValue<'_>>()))?;
        Ok(ExpressionValue::BuiltList(items.into()))
    }

    fn parts(&mut self, entries: impl Iterator<Item = &'a EntryExpr>) -> EvaluationOutcome<ExpressionValue<'a>> {
        let mut parts: Vec<(Rc<str>, ExpressionValue<'a>)> = Vec::new();
        for entry in entries {
            let EntryExpr::MapEntry(entry) = entry else { return fails("an expression has no structures") };
            let key = self.value(&entry.key)?;
            let Some(key) = key.text() else { return fails(format!("{} is not the name of a part", key.type_name())) };
            self.build(1 + parts.len(), key.len() + size_of::<ExpressionValue<'_>>())?;
            if parts.iter().any(|(known, _)| **known == *key) {
                return fails(format!("the part `{key}` is written twice"));
            }
            let value = self.value(&entry.value)?;
            parts.push((key.into(), value));
        }
        Ok(ExpressionValue::BuiltParts(parts.into()))
    }

    fn select(&mut self, select: &'a SelectExpr) -> EvaluationOutcome<ExpressionValue<'a>> {
        let whole = self.value(&select.operand)?;
        let Some(count) = whole.count() else { return fails(format!("{} has no parts", whole.type_name())) };
        self.search(&whole, count)?;
        match whole.part(&select.field) {
            found if select.test => Ok(ExpressionValue::Bool(found.is_some())),
            Some(part) => Ok(part),
            None if self.is_bound(&select.operand) => Err(EvaluationStop::Unanswered),
            None => fails(format!("there is no part `{}`", select.field)),
        }
    }

    /// Returns whether an expression is the name that a macro binds: a row.
    fn is_bound(&self, at: &IdedExpr) -> bool {
        matches!(&at.expr, Expr::Ident(name) if self.bound.iter().any(|(bound, _)| *bound == name.as_str()))
    }

    /// Takes the work of finding a part by its name.
    fn search(&mut self, whole: &ExpressionValue<'a>, count: usize) -> EvaluationOutcome<()> {
        self.spend(if matches!(whole, ExpressionValue::BuiltParts(_)) { count } else { 1 })
    }

    fn call(&mut self, call: &'a CallExpr) -> EvaluationOutcome<ExpressionValue<'a>> {
        let name = call.func_name.as_str();
        match (name, call.target.as_deref(), call.args.as_slice()) {
            (op::CONDITIONAL, None, [condition, yes, no]) => {
                let chosen = if self.truth(condition)? { yes } else { no };
                self.value(chosen)
            }
            (op::LOGICAL_OR, None, [left, right]) => self.joined(left, right, true),
            (op::LOGICAL_AND, None, [left, right]) => self.joined(left, right, false),
            (op::LOGICAL_NOT, None, [inner]) => Ok(ExpressionValue::Bool(!self.truth(inner)?)),
            (_, target, args) => {
                let member = target.is_some();
                let given: Vec<ExpressionValue<'a>> =
                    target.into_iter().chain(args).map(|at| self.value(at)).collect::<EvaluationOutcome<_>>()?;
                if member { self.member(name, &given) } else { self.applied(name, &given) }
            }
        }
    }

    /// Joins two conditions. `deciding` is the value of one side that decides regardless of the other side.
    fn joined(
        &mut self,
        left: &'a IdedExpr,
        right: &'a IdedExpr,
        deciding: bool,
    ) -> EvaluationOutcome<ExpressionValue<'a>> {
        let left = self.truth(left);
        match left {
            Ok(truth) if truth == deciding => return Ok(ExpressionValue::Bool(deciding)),
            Err(EvaluationStop::OverBudget) => return Err(EvaluationStop::OverBudget),
            _ => {}
        }
        let right = self.truth(right)?;
        match left {
            Err(stop) if right != deciding => Err(stop),
            _ => Ok(ExpressionValue::Bool(right)),
        }
    }

    /// Applies an operator or a function.
    fn applied(&mut self, name: &str, given: &[ExpressionValue<'a>]) -> EvaluationOutcome<ExpressionValue<'a>> {
        match (name, given) {
            (op::EQUALS, [left, right]) => Ok(ExpressionValue::Bool(self.equal(left, right)?)),
            (op::NOT_EQUALS, [left, right]) => Ok(ExpressionValue::Bool(!self.equal(left, right)?)),
            (op::LESS, [left, right]) => Ok(ExpressionValue::Bool(self.order(left, right)?.is_lt())),
            (op::LESS_EQUALS, [left, right]) => Ok(ExpressionValue::Bool(self.order(left, right)?.is_le())),
            (op::GREATER, [left, right]) => Ok(ExpressionValue::Bool(self.order(left, right)?.is_gt())),
            (op::GREATER_EQUALS, [left, right]) => Ok(ExpressionValue::Bool(self.order(left, right)?.is_ge())),
            (op::IN, [item, whole]) => self.is_in(item, whole),
            (op::INDEX, [whole, at]) => self.index(whole, at),
            (op::ADD, [left, right]) => self.sum(left, right),
            (op::SUBSTRACT | op::MULTIPLY | op::DIVIDE | op::MODULO, [left, right]) => arithmetic(name, left, right),
            (op::NEGATE, [ExpressionValue::Int(number)]) => {
                number.checked_neg().map_or_else(too_large, |n| Ok(ExpressionValue::Int(n)))
            }
            (op::NEGATE, [ExpressionValue::Float(number)]) => Ok(ExpressionValue::Float(-number)),
            ("size", [whole]) => self.size(whole),
            ("int", [value]) => int(value),
            ("double", [value]) => double(value),
            ("string", [value]) => self.string(value),
            ("min" | "max", [whole]) => {
                let length = whole.length().unwrap_or(0);
                self.build(length, length.saturating_mul(size_of::<ExpressionValue<'_>>()))?;
                let items: Vec<ExpressionValue<'a>> = (0..length).filter_map(|at| whole.item(at)).collect();
                self.extreme(&items, wanted(name))
            }
            ("min" | "max", several) => self.extreme(several, wanted(name)),
            _ => {
                let types: Vec<&str> = given.iter().map(ExpressionValue::type_name).collect();
                fails(format!("`{name}` cannot be applied to {}", types.join(" and ")))
            }
        }
    }

    /// Calls a function that is written behind a value, such as `name.startsWith('A')`.
    fn member(&mut self, name: &str, given: &[ExpressionValue<'a>]) -> EvaluationOutcome<ExpressionValue<'a>> {
        if let ("size", [whole]) = (name, given) {
            return self.size(whole);
        }
        let [whole, part] = given else { return fails(format!("there is no function `{name}`")) };
        let (Some(whole), Some(part)) = (whole.text(), part.text()) else {
            return fails(format!("`{name}` looks into texts"));
        };
        self.spend(whole.len() / BYTES_A_STEP)?;
        match name {
            "contains" => Ok(ExpressionValue::Bool(whole.contains(part))),
            "startsWith" => Ok(ExpressionValue::Bool(whole.starts_with(part))),
            "endsWith" => Ok(ExpressionValue::Bool(whole.ends_with(part))),
            _ => fails(format!("there is no function `{name}`")),
        }
    }

    /// Returns whether two values are equal. Values of different types differ, except whole and decimal numbers.
    fn equal(&mut self, left: &ExpressionValue<'a>, right: &ExpressionValue<'a>) -> EvaluationOutcome<bool> {
        self.spend(1)?;
        if let (Some(left), Some(right)) = (left.text(), right.text()) {
            self.spend(left.len().min(right.len()) / BYTES_A_STEP)?;
            return Ok(left == right);
        }
        if let (Some(length), Some(other)) = (left.length(), right.length()) {
            if length != other {
                return Ok(false);
            }
            for (left, right) in (0..length).filter_map(|at| Some((left.item(at)?, right.item(at)?))) {
                if !self.equal(&left, &right)? {
                    return Ok(false);
                }
            }
            return Ok(true);
        }
        if let (Some(count), Some(other)) = (left.count(), right.count()) {
            return if count == other { self.same_parts(left, right) } else { Ok(false) };
        }
        Ok(match (left, right) {
            (ExpressionValue::Null, ExpressionValue::Null) => true,
            (ExpressionValue::Bool(left), ExpressionValue::Bool(right)) => left == right,
            _ => left.compare_numbers(right) == Some(Ordering::Equal),
        })
    }

    fn same_parts(&mut self, left: &ExpressionValue<'a>, right: &ExpressionValue<'a>) -> EvaluationOutcome<bool> {
        let keys = left.keys();
        for key in keys.iter().filter_map(ExpressionValue::text) {
            self.search(left, keys.len())?;
            self.search(right, keys.len())?;
            match (left.part(key), right.part(key)) {
                (Some(left), Some(right)) if self.equal(&left, &right)? => {}
                _ => return Ok(false),
            }
        }
        Ok(true)
    }

    fn order(&mut self, left: &ExpressionValue<'a>, right: &ExpressionValue<'a>) -> EvaluationOutcome<Ordering> {
        if let (Some(left), Some(right)) = (left.text(), right.text()) {
            self.spend(left.len().min(right.len()) / BYTES_A_STEP)?;
            return Ok(left.cmp(right));
        }
        let order = match (left, right) {
            (ExpressionValue::Bool(left), ExpressionValue::Bool(right)) => Some(left.cmp(right)),
            _ => left.compare_numbers(right),
        };
        order.map_or_else(|| fails(format!("{} is not more or less than {}", left.type_name(), right.type_name())), Ok)
    }

    fn is_in(
        &mut self,
        item: &ExpressionValue<'a>,
        whole: &ExpressionValue<'a>,
    ) -> EvaluationOutcome<ExpressionValue<'a>> {
        if let Some(length) = whole.length() {
            for known in (0..length).filter_map(|at| whole.item(at)) {
                if self.equal(item, &known)? {
                    return Ok(ExpressionValue::Bool(true));
                }
            }
            return Ok(ExpressionValue::Bool(false));
        }
        match (whole.count(), item.text()) {
            (Some(count), Some(name)) => {
                self.search(whole, count)?;
                Ok(ExpressionValue::Bool(whole.part(name).is_some()))
            }
            _ => fails(format!("{} has no members", whole.type_name())),
        }
    }

    fn index(
        &mut self,
        whole: &ExpressionValue<'a>,
        at: &ExpressionValue<'a>,
    ) -> EvaluationOutcome<ExpressionValue<'a>> {
        if let (Some(count), Some(name)) = (whole.count(), at.text()) {
            self.search(whole, count)?;
            return whole.part(name).map_or_else(|| fails(format!("there is no part `{name}`")), Ok);
        }
        let number = match at {
            ExpressionValue::Int(number) => usize::try_from(*number).ok(),
            ExpressionValue::Float(_) => whole_number(at).and_then(|number| usize::try_from(number).ok()),
            _ => None,
        };
        let item = number.and_then(|number| whole.item(number));
        item.map_or_else(|| fails(format!("{} has no item at this place", whole.type_name())), Ok)
    }

    fn sum(
        &mut self,
        left: &ExpressionValue<'a>,
        right: &ExpressionValue<'a>,
    ) -> EvaluationOutcome<ExpressionValue<'a>> {
        if let (Some(left), Some(right)) = (left.text(), right.text()) {
            self.build(0, left.len().saturating_add(right.len()))?;
            return Ok(ExpressionValue::BuiltText([left, right].concat().into()));
        }
        if let (Some(first), Some(second)) = (left.length(), right.length()) {
            // Takes the budget before building the list.
            let length = first.saturating_add(second);
            self.build(length, length.saturating_mul(size_of::<ExpressionValue<'_>>()))?;
            let items = (0..first).filter_map(|at| left.item(at)).chain((0..second).filter_map(|at| right.item(at)));
            return Ok(ExpressionValue::BuiltList(items.collect()));
        }
        arithmetic(op::ADD, left, right)
    }

    fn size(&mut self, whole: &ExpressionValue<'a>) -> EvaluationOutcome<ExpressionValue<'a>> {
        let size = match whole.text() {
            Some(text) => {
                self.spend(text.len() / BYTES_A_STEP)?;
                Some(text.chars().count())
            }
            None => whole.length().or_else(|| whole.count()),
        };
        let size = size.and_then(|size| i64::try_from(size).ok());
        size.map_or_else(|| fails(format!("{} has no size", whole.type_name())), |size| Ok(ExpressionValue::Int(size)))
    }

    fn string(&mut self, value: &ExpressionValue<'a>) -> EvaluationOutcome<ExpressionValue<'a>> {
        let text = match value {
            ExpressionValue::Text(_) | ExpressionValue::BuiltText(_) => return Ok(value.clone()),
            ExpressionValue::Int(number) => number.to_string(),
            ExpressionValue::Float(number) => number.to_string(),
            ExpressionValue::Bool(truth) => truth.to_string(),
            other => return fails(format!("{} cannot be written as a text", other.type_name())),
        };
        self.build(0, text.len())?;
        Ok(ExpressionValue::BuiltText(text.into()))
    }

    /// Returns the list that a macro goes through: a list itself, or the names of parts.
    fn members(&mut self, whole: ExpressionValue<'a>) -> EvaluationOutcome<ExpressionValue<'a>> {
        if whole.length().is_some() {
            return Ok(whole);
        }
        let Some(count) = whole.count() else { return fails(format!("{} has no members", whole.type_name())) };
        self.build(count, count.saturating_mul(size_of::<ExpressionValue<'_>>()))?;
        Ok(ExpressionValue::BuiltList(whole.keys().into()))
    }

    /// Returns the smallest or the largest of several values of one type.
    fn extreme(&mut self, several: &[ExpressionValue<'a>], wanted: Ordering) -> EvaluationOutcome<ExpressionValue<'a>> {
        let Some((first, others)) = several.split_first() else { return fails("there is no value to choose from") };
        let mut best = first;
        for other in others {
            if std::mem::discriminant(&plain(best)) != std::mem::discriminant(&plain(other)) {
                return fails(format!("{} and {} are not of one kind", best.type_name(), other.type_name()));
            }
            self.spend(1)?;
            if self.order(other, best)? == wanted {
                best = other;
            }
        }
        Ok(best.clone())
    }

    fn macro_over(&mut self, inner: &'a ComprehensionExpr) -> EvaluationOutcome<ExpressionValue<'a>> {
        let Some(fold) = MacroFold::of(inner) else { return fails("a loop of this kind is not known") };
        let whole = self.value(&inner.iter_range)?;
        let list = self.members(whole)?;
        let members = (0..list.length().unwrap_or(0)).filter_map(|at| list.item(at));
        let name = inner.iter_var.as_str();
        match fold {
            MacroFold::Decides { body, deciding } => {
                let mut pending = None;
                for member in members {
                    match self.within(name, member, |this| this.truth(body)) {
                        Ok(truth) if truth == deciding => return Ok(ExpressionValue::Bool(deciding)),
                        Ok(_) => {}
                        Err(EvaluationStop::OverBudget) => return Err(EvaluationStop::OverBudget),
                        // A later member may still decide.
                        Err(stop) => pending = Some(stop),
                    }
                }
                pending.map_or(Ok(ExpressionValue::Bool(!deciding)), Err)
            }
            MacroFold::One { guard } => {
                let mut found = 0_usize;
                for member in members {
                    found += usize::from(self.within(name, member, |this| this.truth(guard))?);
                }
                Ok(ExpressionValue::Bool(found == 1))
            }
            MacroFold::Collects { guard, item } => {
                let mut items = Vec::new();
                for member in members {
                    let collected =
                        self.within(name, member, |this| -> EvaluationOutcome<Option<ExpressionValue<'a>>> {
                            match guard {
                                Some(guard) if !this.truth(guard)? => Ok(None),
                                _ => this.value(item).map(Some),
                            }
                        })?;
                    self.build(1, size_of::<ExpressionValue<'_>>())?;
                    items.extend(collected);
                }
                self.list(items)
            }
        }
    }

    fn within<T>(&mut self, name: &'a str, value: ExpressionValue<'a>, run: impl FnOnce(&mut Self) -> T) -> T {
        self.bound.push((name, value));
        let outcome = run(self);
        self.bound.pop();
        outcome
    }
}

fn literal_value(literal: &LiteralValue) -> EvaluationOutcome<ExpressionValue<'_>> {
    match literal {
        LiteralValue::Boolean(truth) => Ok(ExpressionValue::Bool(*truth.inner())),
        LiteralValue::Int(number) => Ok(ExpressionValue::Int(*number.inner())),
        LiteralValue::UInt(number) => {
            i64::try_from(*number.inner()).map_or_else(|_| too_large(), |number| Ok(ExpressionValue::Int(number)))
        }
        LiteralValue::Double(number) => Ok(ExpressionValue::Float(*number.inner())),
        LiteralValue::String(text) => Ok(ExpressionValue::Text(text.inner())),
        LiteralValue::Null => Ok(ExpressionValue::Null),
        LiteralValue::Bytes(_) => fails("an expression has no bytes"),
    }
}

/// Returns a value of the same type without the contents, for a comparison of types.
const fn plain<'a>(value: &ExpressionValue<'a>) -> ExpressionValue<'a> {
    match value {
        ExpressionValue::Bool(_) => ExpressionValue::Bool(false),
        ExpressionValue::Int(_) => ExpressionValue::Int(0),
        ExpressionValue::Float(_) => ExpressionValue::Float(0.0),
        ExpressionValue::Text(_) | ExpressionValue::BuiltText(_) => ExpressionValue::Text(""),
        _ => ExpressionValue::Null,
    }
}

fn wanted(name: &str) -> Ordering {
    if name == "min" { Ordering::Less } else { Ordering::Greater }
}
