//! Evaluates an expression with a budget of work and memory.
//!
//! CEL has no endless loops, but nested macros multiply, and so do joined texts and lists. The parser is the crate
//! `cel`. Its interpreter has no budget, so this module walks the parsed tree itself. A test compares both.

use super::macros::Fold;
use super::numbers::{arithmetic, double, int, too_large, whole_number};
use super::stop::{Outcome, Stop, fails};
use super::value::Value;
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
    bound: Vec<(&'a str, Value<'a>)>,
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
    fn spend(&mut self, steps: usize) -> Outcome<()> {
        self.steps = self.steps.checked_sub(steps).ok_or(Stop::OverBudget)?;
        Ok(())
    }

    /// Takes from the budget the memory that is about to be filled, and the work to fill it.
    fn build(&mut self, items: usize, bytes: usize) -> Outcome<()> {
        self.spend(items.saturating_add(bytes / BYTES_A_STEP))?;
        self.bytes = self.bytes.checked_sub(bytes).ok_or(Stop::OverBudget)?;
        Ok(())
    }

    /// Returns the value of an expression.
    pub fn value(&mut self, at: &'a IdedExpr) -> Outcome<Value<'a>> {
        self.spend(1)?;
        match &at.expr {
            Expr::Literal(literal) => literal_value(literal),
            Expr::Ident(name) => Ok(self.name(name)),
            Expr::Select(select) => self.select(select),
            Expr::Call(call) => self.call(call),
            Expr::List(list) => {
                let items: Vec<Value<'a>> =
                    list.elements.iter().map(|item| self.value(item)).collect::<Outcome<_>>()?;
                self.list(items)
            }
            Expr::Map(map) => self.parts(map.entries.iter().map(|entry| &entry.expr)),
            Expr::Comprehension(inner) => self.macro_over(inner),
            Expr::Struct(_) | Expr::Unspecified => fails("an expression has no structures"),
        }
    }

    /// Returns the value of an expression that is true or false.
    fn truth(&mut self, at: &'a IdedExpr) -> Outcome<bool> {
        match self.value(at)? {
            Value::Bool(truth) => Ok(truth),
            other => fails(format!("{} is not true or false", other.type_name())),
        }
    }

    fn name(&self, name: &str) -> Value<'a> {
        if let Some((_, value)) = self.bound.iter().rev().find(|(bound, _)| *bound == name) {
            return value.clone();
        }
        self.values.get(name).map_or(Value::Null, Value::of)
    }

    fn list(&mut self, items: Vec<Value<'a>>) -> Outcome<Value<'a>> {
        self.build(items.len(), items.len().saturating_mul(size_of::<Value<'_>>()))?;
        Ok(Value::BuiltList(items.into()))
    }

    fn parts(&mut self, entries: impl Iterator<Item = &'a EntryExpr>) -> Outcome<Value<'a>> {
        let mut parts: Vec<(Rc<str>, Value<'a>)> = Vec::new();
        for entry in entries {
            let EntryExpr::MapEntry(entry) = entry else { return fails("an expression has no structures") };
            let key = self.value(&entry.key)?;
            let Some(key) = key.text() else { return fails(format!("{} is not the name of a part", key.type_name())) };
            self.build(1 + parts.len(), key.len() + size_of::<Value<'_>>())?;
            if parts.iter().any(|(known, _)| **known == *key) {
                return fails(format!("the part `{key}` is written twice"));
            }
            let value = self.value(&entry.value)?;
            parts.push((key.into(), value));
        }
        Ok(Value::BuiltParts(parts.into()))
    }

    fn select(&mut self, select: &'a SelectExpr) -> Outcome<Value<'a>> {
        let whole = self.value(&select.operand)?;
        let Some(count) = whole.count() else { return fails(format!("{} has no parts", whole.type_name())) };
        self.search(&whole, count)?;
        match whole.part(&select.field) {
            found if select.test => Ok(Value::Bool(found.is_some())),
            Some(part) => Ok(part),
            None if self.is_bound(&select.operand) => Err(Stop::Unanswered),
            None => fails(format!("there is no part `{}`", select.field)),
        }
    }

    /// Returns whether an expression is the name that a macro binds: a row.
    fn is_bound(&self, at: &IdedExpr) -> bool {
        matches!(&at.expr, Expr::Ident(name) if self.bound.iter().any(|(bound, _)| *bound == name.as_str()))
    }

    /// Takes the work of finding a part by its name.
    fn search(&mut self, whole: &Value<'a>, count: usize) -> Outcome<()> {
        self.spend(if matches!(whole, Value::BuiltParts(_)) { count } else { 1 })
    }

    fn call(&mut self, call: &'a CallExpr) -> Outcome<Value<'a>> {
        let name = call.func_name.as_str();
        match (name, call.target.as_deref(), call.args.as_slice()) {
            (op::CONDITIONAL, None, [condition, yes, no]) => {
                let chosen = if self.truth(condition)? { yes } else { no };
                self.value(chosen)
            }
            (op::LOGICAL_OR, None, [left, right]) => self.joined(left, right, true),
            (op::LOGICAL_AND, None, [left, right]) => self.joined(left, right, false),
            (op::LOGICAL_NOT, None, [inner]) => Ok(Value::Bool(!self.truth(inner)?)),
            (_, target, args) => {
                let member = target.is_some();
                let given: Vec<Value<'a>> =
                    target.into_iter().chain(args).map(|at| self.value(at)).collect::<Outcome<_>>()?;
                if member { self.member(name, &given) } else { self.applied(name, &given) }
            }
        }
    }

    /// Joins two conditions. `deciding` is the value of one side that decides regardless of the other side.
    fn joined(&mut self, left: &'a IdedExpr, right: &'a IdedExpr, deciding: bool) -> Outcome<Value<'a>> {
        let left = self.truth(left);
        match left {
            Ok(truth) if truth == deciding => return Ok(Value::Bool(deciding)),
            Err(Stop::OverBudget) => return Err(Stop::OverBudget),
            _ => {}
        }
        let right = self.truth(right)?;
        match left {
            Err(stop) if right != deciding => Err(stop),
            _ => Ok(Value::Bool(right)),
        }
    }

    /// Applies an operator or a function.
    fn applied(&mut self, name: &str, given: &[Value<'a>]) -> Outcome<Value<'a>> {
        match (name, given) {
            (op::EQUALS, [left, right]) => Ok(Value::Bool(self.equal(left, right)?)),
            (op::NOT_EQUALS, [left, right]) => Ok(Value::Bool(!self.equal(left, right)?)),
            (op::LESS, [left, right]) => Ok(Value::Bool(self.order(left, right)?.is_lt())),
            (op::LESS_EQUALS, [left, right]) => Ok(Value::Bool(self.order(left, right)?.is_le())),
            (op::GREATER, [left, right]) => Ok(Value::Bool(self.order(left, right)?.is_gt())),
            (op::GREATER_EQUALS, [left, right]) => Ok(Value::Bool(self.order(left, right)?.is_ge())),
            (op::IN, [item, whole]) => self.is_in(item, whole),
            (op::INDEX, [whole, at]) => self.index(whole, at),
            (op::ADD, [left, right]) => self.sum(left, right),
            (op::SUBSTRACT | op::MULTIPLY | op::DIVIDE | op::MODULO, [left, right]) => arithmetic(name, left, right),
            (op::NEGATE, [Value::Int(number)]) => number.checked_neg().map_or_else(too_large, |n| Ok(Value::Int(n))),
            (op::NEGATE, [Value::Float(number)]) => Ok(Value::Float(-number)),
            ("size", [whole]) => self.size(whole),
            ("int", [value]) => int(value),
            ("double", [value]) => double(value),
            ("string", [value]) => self.string(value),
            ("min" | "max", [whole]) => {
                let length = whole.length().unwrap_or(0);
                self.build(length, length.saturating_mul(size_of::<Value<'_>>()))?;
                let items: Vec<Value<'a>> = (0..length).filter_map(|at| whole.item(at)).collect();
                self.extreme(&items, wanted(name))
            }
            ("min" | "max", several) => self.extreme(several, wanted(name)),
            _ => {
                let types: Vec<&str> = given.iter().map(Value::type_name).collect();
                fails(format!("`{name}` cannot be applied to {}", types.join(" and ")))
            }
        }
    }

    /// Calls a function that is written behind a value, such as `name.startsWith('A')`.
    fn member(&mut self, name: &str, given: &[Value<'a>]) -> Outcome<Value<'a>> {
        if let ("size", [whole]) = (name, given) {
            return self.size(whole);
        }
        let [whole, part] = given else { return fails(format!("there is no function `{name}`")) };
        let (Some(whole), Some(part)) = (whole.text(), part.text()) else {
            return fails(format!("`{name}` looks into texts"));
        };
        self.spend(whole.len() / BYTES_A_STEP)?;
        match name {
            "contains" => Ok(Value::Bool(whole.contains(part))),
            "startsWith" => Ok(Value::Bool(whole.starts_with(part))),
            "endsWith" => Ok(Value::Bool(whole.ends_with(part))),
            _ => fails(format!("there is no function `{name}`")),
        }
    }

    /// Returns whether two values are equal. Values of different types differ, except whole and decimal numbers.
    fn equal(&mut self, left: &Value<'a>, right: &Value<'a>) -> Outcome<bool> {
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
            (Value::Null, Value::Null) => true,
            (Value::Bool(left), Value::Bool(right)) => left == right,
            _ => left.compare_numbers(right) == Some(Ordering::Equal),
        })
    }

    fn same_parts(&mut self, left: &Value<'a>, right: &Value<'a>) -> Outcome<bool> {
        let keys = left.keys();
        for key in keys.iter().filter_map(Value::text) {
            self.search(left, keys.len())?;
            self.search(right, keys.len())?;
            match (left.part(key), right.part(key)) {
                (Some(left), Some(right)) if self.equal(&left, &right)? => {}
                _ => return Ok(false),
            }
        }
        Ok(true)
    }

    fn order(&mut self, left: &Value<'a>, right: &Value<'a>) -> Outcome<Ordering> {
        if let (Some(left), Some(right)) = (left.text(), right.text()) {
            self.spend(left.len().min(right.len()) / BYTES_A_STEP)?;
            return Ok(left.cmp(right));
        }
        let order = match (left, right) {
            (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
            _ => left.compare_numbers(right),
        };
        order.map_or_else(|| fails(format!("{} is not more or less than {}", left.type_name(), right.type_name())), Ok)
    }

    fn is_in(&mut self, item: &Value<'a>, whole: &Value<'a>) -> Outcome<Value<'a>> {
        if let Some(length) = whole.length() {
            for known in (0..length).filter_map(|at| whole.item(at)) {
                if self.equal(item, &known)? {
                    return Ok(Value::Bool(true));
                }
            }
            return Ok(Value::Bool(false));
        }
        match (whole.count(), item.text()) {
            (Some(count), Some(name)) => {
                self.search(whole, count)?;
                Ok(Value::Bool(whole.part(name).is_some()))
            }
            _ => fails(format!("{} has no members", whole.type_name())),
        }
    }

    fn index(&mut self, whole: &Value<'a>, at: &Value<'a>) -> Outcome<Value<'a>> {
        if let (Some(count), Some(name)) = (whole.count(), at.text()) {
            self.search(whole, count)?;
            return whole.part(name).map_or_else(|| fails(format!("there is no part `{name}`")), Ok);
        }
        let number = match at {
            Value::Int(number) => usize::try_from(*number).ok(),
            Value::Float(_) => whole_number(at).and_then(|number| usize::try_from(number).ok()),
            _ => None,
        };
        let item = number.and_then(|number| whole.item(number));
        item.map_or_else(|| fails(format!("{} has no item at this place", whole.type_name())), Ok)
    }

    fn sum(&mut self, left: &Value<'a>, right: &Value<'a>) -> Outcome<Value<'a>> {
        if let (Some(left), Some(right)) = (left.text(), right.text()) {
            self.build(0, left.len().saturating_add(right.len()))?;
            return Ok(Value::BuiltText([left, right].concat().into()));
        }
        if let (Some(first), Some(second)) = (left.length(), right.length()) {
            // Takes the budget before building the list.
            let length = first.saturating_add(second);
            self.build(length, length.saturating_mul(size_of::<Value<'_>>()))?;
            let items = (0..first).filter_map(|at| left.item(at)).chain((0..second).filter_map(|at| right.item(at)));
            return Ok(Value::BuiltList(items.collect()));
        }
        arithmetic(op::ADD, left, right)
    }

    fn size(&mut self, whole: &Value<'a>) -> Outcome<Value<'a>> {
        let size = match whole.text() {
            Some(text) => {
                self.spend(text.len() / BYTES_A_STEP)?;
                Some(text.chars().count())
            }
            None => whole.length().or_else(|| whole.count()),
        };
        let size = size.and_then(|size| i64::try_from(size).ok());
        size.map_or_else(|| fails(format!("{} has no size", whole.type_name())), |size| Ok(Value::Int(size)))
    }

    fn string(&mut self, value: &Value<'a>) -> Outcome<Value<'a>> {
        let text = match value {
            Value::Text(_) | Value::BuiltText(_) => return Ok(value.clone()),
            Value::Int(number) => number.to_string(),
            Value::Float(number) => number.to_string(),
            Value::Bool(truth) => truth.to_string(),
            other => return fails(format!("{} cannot be written as a text", other.type_name())),
        };
        self.build(0, text.len())?;
        Ok(Value::BuiltText(text.into()))
    }

    /// Returns the list that a macro goes through: a list itself, or the names of parts.
    fn members(&mut self, whole: Value<'a>) -> Outcome<Value<'a>> {
        if whole.length().is_some() {
            return Ok(whole);
        }
        let Some(count) = whole.count() else { return fails(format!("{} has no members", whole.type_name())) };
        self.build(count, count.saturating_mul(size_of::<Value<'_>>()))?;
        Ok(Value::BuiltList(whole.keys().into()))
    }

    /// Returns the smallest or the largest of several values of one type.
    fn extreme(&mut self, several: &[Value<'a>], wanted: Ordering) -> Outcome<Value<'a>> {
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

    fn macro_over(&mut self, inner: &'a ComprehensionExpr) -> Outcome<Value<'a>> {
        let Some(fold) = Fold::of(inner) else { return fails("a loop of this kind is not known") };
        let whole = self.value(&inner.iter_range)?;
        let list = self.members(whole)?;
        let members = (0..list.length().unwrap_or(0)).filter_map(|at| list.item(at));
        let name = inner.iter_var.as_str();
        match fold {
            Fold::Decides { body, deciding } => {
                let mut pending = None;
                for member in members {
                    match self.within(name, member, |this| this.truth(body)) {
                        Ok(truth) if truth == deciding => return Ok(Value::Bool(deciding)),
                        Ok(_) => {}
                        Err(Stop::OverBudget) => return Err(Stop::OverBudget),
                        // A later member may still decide.
                        Err(stop) => pending = Some(stop),
                    }
                }
                pending.map_or(Ok(Value::Bool(!deciding)), Err)
            }
            Fold::One { guard } => {
                let mut found = 0_usize;
                for member in members {
                    found += usize::from(self.within(name, member, |this| this.truth(guard))?);
                }
                Ok(Value::Bool(found == 1))
            }
            Fold::Collects { guard, item } => {
                let mut items = Vec::new();
                for member in members {
                    let collected = self.within(name, member, |this| -> Outcome<Option<Value<'a>>> {
                        match guard {
                            Some(guard) if !this.truth(guard)? => Ok(None),
                            _ => this.value(item).map(Some),
                        }
                    })?;
                    self.build(1, size_of::<Value<'_>>())?;
                    items.extend(collected);
                }
                self.list(items)
            }
        }
    }

    fn within<T>(&mut self, name: &'a str, value: Value<'a>, run: impl FnOnce(&mut Self) -> T) -> T {
        self.bound.push((name, value));
        let outcome = run(self);
        self.bound.pop();
        outcome
    }
}

fn literal_value(literal: &LiteralValue) -> Outcome<Value<'_>> {
    match literal {
        LiteralValue::Boolean(truth) => Ok(Value::Bool(*truth.inner())),
        LiteralValue::Int(number) => Ok(Value::Int(*number.inner())),
        LiteralValue::UInt(number) => {
            i64::try_from(*number.inner()).map_or_else(|_| too_large(), |number| Ok(Value::Int(number)))
        }
        LiteralValue::Double(number) => Ok(Value::Float(*number.inner())),
        LiteralValue::String(text) => Ok(Value::Text(text.inner())),
        LiteralValue::Null => Ok(Value::Null),
        LiteralValue::Bytes(_) => fails("an expression has no bytes"),
    }
}

/// Returns a value of the same type without the contents, for a comparison of types.
const fn plain<'a>(value: &Value<'a>) -> Value<'a> {
    match value {
        Value::Bool(_) => Value::Bool(false),
        Value::Int(_) => Value::Int(0),
        Value::Float(_) => Value::Float(0.0),
        Value::Text(_) | Value::BuiltText(_) => Value::Text(""),
        _ => Value::Null,
    }
}

fn wanted(name: &str) -> Ordering {
    if name == "min" { Ordering::Less } else { Ordering::Greater }
}
