//! Evaluates an expression with a budget of work and memory.
//!
//! CEL has no endless loops, but nested macros multiply, and so do joined texts and lists. The parser is the crate
//! `cel`. Its interpreter has no budget, so this module walks the parsed tree itself. A test compares both.

use super::call::FunctionCall;
use super::compare::{equal, is_ordered, search};
use super::decimal::ExactDecimal;
use super::functions::function;
use super::macros::MacroFold;
use super::meter::EvaluationMeter;
use super::numbers::{arithmetic, negated, too_large};
use super::pattern::Patterns;
use super::stop::{EvaluationOutcome, EvaluationStop, fails, unfit};
use super::value::ExpressionValue;
use crate::text;
use crate::text::Text;
use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, SelectExpr, operators as op,
};
use jiff::civil::Date;
use serde_json::{Map, Value as Json};
use std::cmp::Ordering;
use std::rc::Rc;

/// An evaluation that is under way.
pub(super) struct Evaluation<'a> {
    values: &'a Map<String, Json>,
    /// The names that macros around the current place bind.
    bound: Vec<(&'a str, ExpressionValue<'a>)>,
    patterns: &'a Patterns,
    /// The day on which the answers are judged.
    today: Option<Date>,
    meter: EvaluationMeter,
}

/// The name of the day on which the answers are judged.
pub(crate) const TODAY: &str = "today";

impl<'a> Evaluation<'a> {
    /// Begins an evaluation on a day, within the steps that the judgement has left. A name without a value is null.
    pub const fn new(values: &'a Map<String, Json>, patterns: &'a Patterns, today: Option<Date>, left: usize) -> Self {
        Self { values, bound: Vec::new(), patterns, today, meter: EvaluationMeter::new(left) }
    }

    /// Returns how many steps were taken.
    pub const fn spent(&self) -> usize {
        self.meter.spent()
    }

    /// Returns the value of an expression.
    pub fn value(&mut self, at: &'a IdedExpr) -> EvaluationOutcome<ExpressionValue<'a>> {
        self.meter.spend(1)?;
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
            Expr::Struct(_) | Expr::Unspecified => no_structures(),
        }
    }

    /// Returns the value of an expression that is true or false.
    fn truth(&mut self, at: &'a IdedExpr) -> EvaluationOutcome<bool> {
        match self.value(at)? {
            ExpressionValue::Bool(truth) => Ok(truth),
            other => unfit(&[&other], || {
                let (vi, en) = other.type_name();
                text!("{vi} không phải là đúng hoặc sai", "{en} is not true or false")
            }),
        }
    }

    fn name(&self, name: &str) -> ExpressionValue<'a> {
        if let Some((_, value)) = self.bound.iter().rev().find(|(bound, _)| *bound == name) {
            return value.clone();
        }
        if name == TODAY {
            let text = |day: Date| ExpressionValue::BuiltText(day.to_string().into());
            return self.today.map_or(ExpressionValue::Null, text);
        }
        self.values.get(name).map_or(ExpressionValue::Null, ExpressionValue::of)
    }

    fn list(&mut self, items: Vec<ExpressionValue<'a>>) -> EvaluationOutcome<ExpressionValue<'a>> {
        self.meter.build_list::<ExpressionValue<'_>>(items.len())?;
        Ok(ExpressionValue::BuiltList(items.into()))
    }

    fn parts(&mut self, entries: impl Iterator<Item = &'a EntryExpr>) -> EvaluationOutcome<ExpressionValue<'a>> {
        let mut parts: Vec<(Rc<str>, ExpressionValue<'a>)> = Vec::new();
        for entry in entries {
            let EntryExpr::MapEntry(entry) = entry else { return no_structures() };
            let key = self.value(&entry.key)?;
            let Some(key) = key.text() else {
                return unfit(&[&key], || {
                    let (vi, en) = key.type_name();
                    text!("{vi} không phải là tên của một phần", "{en} is not the name of a part")
                });
            };
            self.meter.build(1 + parts.len(), key.len() + size_of::<ExpressionValue<'_>>())?;
            if parts.iter().any(|(known, _)| **known == *key) {
                return fails(text!("một phần được viết hai lần", "a part is written twice"));
            }
            let value = self.value(&entry.value)?;
            parts.push((key.into(), value));
        }
        Ok(ExpressionValue::BuiltParts(parts.into()))
    }

    fn select(&mut self, select: &'a SelectExpr) -> EvaluationOutcome<ExpressionValue<'a>> {
        let whole = self.value(&select.operand)?;
        let Some(count) = whole.count() else {
            return unfit(&[&whole], || {
                let (vi, en) = whole.type_name();
                text!("{vi} không có các phần", "{en} has no parts")
            });
        };
        search(&mut self.meter, &whole, count)?;
        match whole.part(&select.field) {
            found if select.test => Ok(ExpressionValue::Bool(found.is_some())),
            Some(part) => Ok(part),
            None => lacking(&whole, || {
                let part = &select.field;
                text!("không có phần `{part}`", "there is no part `{part}`")
            }),
        }
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
                match function(name) {
                    Some(function) => {
                        let mut call = FunctionCall { meter: &mut self.meter, patterns: self.patterns };
                        function.apply(&mut call, member, &given)
                    }
                    None => self.operator(name, &given),
                }
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
        let right = match self.truth(right) {
            Err(EvaluationStop::OverBudget) => return Err(EvaluationStop::OverBudget),
            right => right,
        };
        match (left, right) {
            (Ok(_), Ok(truth)) => Ok(ExpressionValue::Bool(truth)),
            (Err(_), Ok(truth)) if truth == deciding => Ok(ExpressionValue::Bool(deciding)),
            (Err(stop), Err(other)) => Err(stop.or(other)),
            (Err(stop), Ok(_)) | (Ok(_), Err(stop)) => Err(stop),
        }
    }

    fn operator(&mut self, name: &str, given: &[ExpressionValue<'a>]) -> EvaluationOutcome<ExpressionValue<'a>> {
        let meter = &mut self.meter;
        match (name, given) {
            (op::EQUALS, [left, right]) => Ok(ExpressionValue::Bool(equal(meter, left, right)?)),
            (op::NOT_EQUALS, [left, right]) => Ok(ExpressionValue::Bool(!equal(meter, left, right)?)),
            (op::LESS, [left, right]) => is_ordered(meter, left, right, Ordering::is_lt).map(ExpressionValue::Bool),
            (op::LESS_EQUALS, [left, right]) => {
                is_ordered(meter, left, right, Ordering::is_le).map(ExpressionValue::Bool)
            }
            (op::GREATER, [left, right]) => is_ordered(meter, left, right, Ordering::is_gt).map(ExpressionValue::Bool),
            (op::GREATER_EQUALS, [left, right]) => {
                is_ordered(meter, left, right, Ordering::is_ge).map(ExpressionValue::Bool)
            }
            (op::IN, [item, whole]) => self.is_in(item, whole),
            (op::INDEX, [whole, at]) => self.index(whole, at),
            (op::ADD, [left, right]) => self.sum(left, right),
            (op::SUBSTRACT | op::MULTIPLY | op::DIVIDE | op::MODULO, [left, right]) => arithmetic(name, left, right),
            (op::NEGATE, [value]) => negated(value),
            _ => fails(text!("không có hàm `{name}`", "there is no function `{name}`")),
        }
    }

    fn is_in(
        &mut self,
        item: &ExpressionValue<'a>,
        whole: &ExpressionValue<'a>,
    ) -> EvaluationOutcome<ExpressionValue<'a>> {
        if let Some(length) = whole.length() {
            for known in (0..length).filter_map(|at| whole.item(at)) {
                if equal(&mut self.meter, item, &known)? {
                    return Ok(ExpressionValue::Bool(true));
                }
            }
            return Ok(ExpressionValue::Bool(false));
        }
        match (whole.count(), item.text()) {
            (Some(count), Some(name)) => {
                search(&mut self.meter, whole, count)?;
                Ok(ExpressionValue::Bool(whole.part(name).is_some()))
            }
            _ => unfit(&[item, whole], || {
                let ((vi, en), (item_vi, item_en)) = (whole.type_name(), item.type_name());
                text!("{vi} không có phần tử là {item_vi}", "{en} has no member {item_en}")
            }),
        }
    }

    fn index(
        &mut self,
        whole: &ExpressionValue<'a>,
        at: &ExpressionValue<'a>,
    ) -> EvaluationOutcome<ExpressionValue<'a>> {
        if let (Some(count), Some(name)) = (whole.count(), at.text()) {
            search(&mut self.meter, whole, count)?;
            let nothing = || text!("không có phần nào mang tên này", "there is no part of this name");
            return whole.part(name).map_or_else(|| lacking(whole, nothing), Ok);
        }
        let number = match at {
            ExpressionValue::Decimal(number) => number.as_whole(),
            other => other.whole(),
        };
        let (Some(number), Some(_)) = (number, whole.length()) else {
            return unfit(&[whole, at], || {
                let ((vi, en), (at_vi, at_en)) = (whole.type_name(), at.type_name());
                text!("{vi} không có mục tại {at_vi}", "{en} has no item at {at_en}")
            });
        };
        let item = usize::try_from(number).ok().and_then(|number| whole.item(number));
        let nothing = || text!("không có mục số {number}", "there is no item {number}");
        item.map_or_else(|| lacking(whole, nothing), Ok)
    }

    fn sum(
        &mut self,
        left: &ExpressionValue<'a>,
        right: &ExpressionValue<'a>,
    ) -> EvaluationOutcome<ExpressionValue<'a>> {
        if let (Some(left), Some(right)) = (left.text(), right.text()) {
            self.meter.build(0, left.len().saturating_add(right.len()))?;
            return Ok(ExpressionValue::BuiltText([left, right].concat().into()));
        }
        if let (Some(first), Some(second)) = (left.length(), right.length()) {
            // Takes the budget before building the list.
            let length = first.saturating_add(second);
            self.meter.build_list::<ExpressionValue<'_>>(length)?;
            let items = (0..first).filter_map(|at| left.item(at)).chain((0..second).filter_map(|at| right.item(at)));
            return Ok(ExpressionValue::BuiltList(items.collect()));
        }
        arithmetic(op::ADD, left, right)
    }

    /// Returns the list that a macro goes through: a list itself, or the names of parts.
    fn members(&mut self, whole: ExpressionValue<'a>) -> EvaluationOutcome<ExpressionValue<'a>> {
        if whole.length().is_some() {
            return Ok(whole);
        }
        let Some(count) = whole.count() else {
            return unfit(&[&whole], || {
                let (vi, en) = whole.type_name();
                text!("{vi} không có phần tử", "{en} has no members")
            });
        };
        self.meter.build_list::<ExpressionValue<'_>>(count)?;
        Ok(ExpressionValue::BuiltList(whole.keys().into()))
    }

    fn macro_over(&mut self, inner: &'a ComprehensionExpr) -> EvaluationOutcome<ExpressionValue<'a>> {
        let Some(fold) = MacroFold::of(inner) else {
            return fails(text!("không có loại vòng lặp này", "a loop of this kind is not known"));
        };
        let whole = self.value(&inner.iter_range)?;
        let list = self.members(whole)?;
        let members = (0..list.length().unwrap_or(0)).filter_map(|at| list.item(at));
        let name = inner.iter_var.as_str();
        match fold {
            MacroFold::Decides { body, deciding } => {
                let mut pending: Option<EvaluationStop> = None;
                for member in members {
                    match self.within(name, member, |this| this.truth(body)) {
                        Ok(truth) if truth == deciding => return Ok(ExpressionValue::Bool(deciding)),
                        Ok(_) => {}
                        Err(EvaluationStop::OverBudget) => return Err(EvaluationStop::OverBudget),
                        // A later member may still decide.
                        Err(stop) => {
                            pending = Some(match pending.take() {
                                Some(before) => before.or(stop),
                                None => stop,
                            });
                        }
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
                    self.meter.build_list::<ExpressionValue<'_>>(1)?;
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
        LiteralValue::Double(number) => {
            let number = ExactDecimal::of_float(*number.inner());
            number.map_or_else(too_large, |number| Ok(ExpressionValue::Decimal(number)))
        }
        LiteralValue::String(text) => Ok(ExpressionValue::Text(text.inner())),
        LiteralValue::Null => Ok(ExpressionValue::Null),
        LiteralValue::Bytes(_) => fails(text!("biểu thức không có giá trị kiểu byte", "an expression has no bytes")),
    }
}

fn no_structures<T>() -> EvaluationOutcome<T> {
    fails(text!("biểu thức không có cấu trúc", "an expression has no structures"))
}

/// Stops because a value lacks a part or an item. What an answer lacks was not answered. What the author wrote is never
/// complete by answering.
fn lacking<T>(whole: &ExpressionValue<'_>, reason: impl FnOnce() -> Text) -> EvaluationOutcome<T> {
    if matches!(whole, ExpressionValue::Parts(_) | ExpressionValue::List(_)) {
        return Err(EvaluationStop::Unanswered);
    }
    fails(reason())
}
