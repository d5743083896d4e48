//! The checks of an expression's types, before anybody answers.

use crate::dates::PartialDate;
use crate::expression::{
    Expression, FunctionParameters, FunctionResult, MOST_STEPS, MacroFold, ParameterType, TODAY, function,
    function_names, most_steps, pattern_problem, row_usage, row_words,
};
use crate::form::FieldKind;
use crate::form::kinds::{AnswerType as Type, Structure};
use crate::form::trial::failing;
use crate::text;
use crate::text::Text;
use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue, SelectExpr, operators as op};
use std::collections::BTreeMap;
use words::{compare_first, impossible, not_applied, not_called_so, short_pattern, unwanted, written_as};

mod compare;
mod words;

pub use crate::form::scope::ExpressionScope;

/// A problem of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpressionProblem {
    pub message: Text,
    pub help: Text,
}

/// The type that an expression must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WantedType {
    /// True or false.
    Condition,
    /// A number, a text, true or false.
    Value,
    /// A number, whole or decimal.
    Number,
    /// A day, or the known parts of one.
    Date,
    /// A day with a time, which is a text, or a day.
    DateTime,
}

/// Returns all problems with the types of an expression.
pub fn type_problems(
    expression: &Expression,
    scope: ExpressionScope<'_>,
    wanted: WantedType,
) -> Vec<ExpressionProblem> {
    let mut check =
        ExpressionCheck { scope, bound: Vec::new(), problems: Vec::new(), depth: 0, known: BTreeMap::new() };
    let found = check.infer(expression.ast());
    let fits = match wanted {
        WantedType::Condition => matches!(found, Type::Bool | Type::Any),
        WantedType::Value => {
            !matches!(found, Type::List(_) | Type::Parts(_) | Type::Rows(..) | Type::Place | Type::Null)
        }
        WantedType::Number => found.is_number() || found == Type::Any,
        WantedType::Date => found.is_date() || found == Type::Any,
        WantedType::DateTime => found.is_text() || found == Type::Any,
    };
    if check.problems.is_empty() && !fits {
        check.problems.push(unwanted(wanted, &found));
    }
    let steps = most_steps(expression, &|name| scope.longest(name));
    if check.problems.is_empty() && steps > MOST_STEPS {
        let message = text!(
            "biểu thức có thể mất {steps} bước tính, mà một lần tính chỉ được {MOST_STEPS}",
            "this can take {steps} steps, and an evaluation may take {MOST_STEPS}"
        );
        let help = text!(
            "hãy duyệt ít danh sách lồng nhau hơn, cho ít dòng hơn, hoặc đưa một phần vào trường tự tính",
            "go through fewer lists within one another, allow fewer rows, or put a part into a computed field"
        );
        check.problems.push(ExpressionProblem { message, help });
    }
    if check.problems.is_empty()
        && let Some(found) = failing(expression, scope)
    {
        check.problems.push(impossible(&found));
    }
    check.problems
}

struct ExpressionCheck<'a> {
    scope: ExpressionScope<'a>,
    /// Names that a macro such as `exists` binds.
    bound: Vec<(String, Type<'a>)>,
    problems: Vec<ExpressionProblem>,
    depth: usize,
    /// The types of the fields that were named so far. Each field is examined once, however often it is named.
    known: BTreeMap<String, Type<'a>>,
}

/// The depth to which the types of computed values are followed.
const DEEPEST: usize = 1;

impl<'a> ExpressionCheck<'a> {
    fn say(&mut self, message: Text, help: Text) -> Type<'a> {
        self.problems.push(ExpressionProblem { message, help });
        Type::Any
    }

    fn of_kind(&mut self, kind: &'a FieldKind) -> Type<'a> {
        match kind.formula() {
            Some(value) if self.depth < DEEPEST => {
                let mut inner = ExpressionCheck {
                    scope: self.scope,
                    bound: Vec::new(),
                    problems: Vec::new(),
                    depth: self.depth + 1,
                    known: BTreeMap::new(),
                };
                inner.infer_owned(value)
            }
            Some(_) | None => kind.answer_type(),
        }
    }

    /// Returns the type like [`Self::infer`], if the type does not outlive the expression.
    fn infer_owned(&mut self, expression: &Expression) -> Type<'a> {
        match self.infer(expression.ast()) {
            Type::List(_) | Type::Parts(_) | Type::Rows(..) => Type::Any,
            plain => plain,
        }
    }

    fn infer(&mut self, at: &IdedExpr) -> Type<'a> {
        match &at.expr {
            Expr::Literal(literal) => match literal {
                LiteralValue::Boolean(_) => Type::Bool,
                LiteralValue::Int(_) | LiteralValue::UInt(_) => Type::Int,
                LiteralValue::Double(_) => Type::Float,
                LiteralValue::String(text) if PartialDate::of_text(text.inner()).is_some() => Type::Date,
                LiteralValue::String(_) => Type::Text,
                LiteralValue::Null => Type::Null,
                LiteralValue::Bytes(_) => Type::Any,
            },
            Expr::Ident(name) => self.name(name),
            Expr::Select(select) => self.select(select),
            Expr::Call(call) => self.call(call),
            Expr::List(list) => {
                let kinds: Vec<Type<'a>> = list.elements.iter().map(|element| self.infer(element)).collect();
                let first = kinds.first().cloned().unwrap_or(Type::Any);
                Type::List(Box::new(if kinds.iter().all(|kind| *kind == first) { first } else { Type::Any }))
            }
            Expr::Comprehension(inner) => self.comprehension(inner),
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => Type::Any,
        }
    }

    fn name(&mut self, name: &str) -> Type<'a> {
        if let Some((_, kind)) = self.bound.iter().rev().find(|(bound, _)| bound == name) {
            return kind.clone();
        }
        if name == TODAY {
            return Type::Date;
        }
        if let Some((field, _)) = self.scope.asked(name) {
            return Type::List(Box::new(self.of_kind(&field.kind)));
        }
        match self.scope.find(name) {
            Some(field) if matches!(field.kind.structure(), Structure::Explanation) => {
                let message = text!(
                    "`{name}` là phần giải thích, không ai trả lời",
                    "`{name}` is an explanation, which nobody answers"
                );
                self.say(message, text!("hãy nêu tên một trường có câu trả lời", "name a field that is answered"))
            }
            Some(field) => {
                if let Some(known) = self.known.get(name) {
                    return known.clone();
                }
                let found = self.of_kind(&field.kind);
                self.known.insert(name.to_owned(), found.clone());
                found
            }
            None => Type::Any,
        }
    }

    fn select(&mut self, select: &SelectExpr) -> Type<'a> {
        let whole = self.infer(&select.operand);
        let found = match &whole {
            Type::Parts(parts) => match parts.iter().find(|(id, _)| *id == select.field) {
                Some((_, kind)) => self.of_kind(kind),
                None => {
                    let known: Vec<&str> = parts.iter().map(|(id, _)| *id).collect();
                    let (part, known) = (&select.field, known.join(", "));
                    let message = text!("không có phần `{part}`", "there is no part `{part}`");
                    self.say(message, text!("các phần là {known}", "parts are {known}"))
                }
            },
            Type::Rows(rows, fields) => {
                if rows.iter().any(|row| row.value == select.field) {
                    Type::of_parts(fields)
                } else {
                    let known: Vec<&str> = rows.iter().map(|row| row.value.as_str()).collect();
                    let (row, known) = (&select.field, known.join(", "));
                    let message = text!("không có dòng `{row}`", "there is no row `{row}`");
                    self.say(message, text!("các dòng là {known}", "rows are {known}"))
                }
            }
            Type::Any => Type::Any,
            Type::Place => self.of_place(&select.field),
            other => {
                let (part, (vi, en)) = (&select.field, other.name());
                let message = text!("không lấy được `.{part}` từ {vi}", "`.{part}` cannot be asked of {en}");
                let help = text!(
                    "hãy nêu tên một khối, một bảng, một mục của danh mục hoặc ngày có `precision`: chúng có các phần",
                    "name a block, a table, an entry of a registry or a date with `precision`: these have parts"
                );
                self.say(message, help)
            }
        };
        if select.test { Type::Bool } else { found }
    }

    /// Reports a part of a place on a map.
    fn of_place(&mut self, part: &str) -> Type<'a> {
        let message = text!("vị trí trên bản đồ không có phần `{part}`", "a place on a map has no part `{part}`");
        let help = text!(
            "hãy hỏi điều đó, ví dụ diện tích, trong một trường bên cạnh bản đồ",
            "ask for it in a field beside the map, such as its area"
        );
        self.say(message, help)
    }

    fn comprehension(&mut self, inner: &ComprehensionExpr) -> Type<'a> {
        let element = match self.infer(&inner.iter_range) {
            Type::List(element) => *element,
            // A loop goes through the names of rows.
            Type::Rows(..) => Type::Text,
            Type::Any | Type::Parts(_) => Type::Any,
            other => {
                let (vi, en) = other.name();
                let message = text!("{vi} không có phần tử để xét", "{en} has no members to look at");
                self.say(message, text!("hãy nêu tên một nhóm hoặc một danh sách", "name a group or a list"))
            }
        };
        self.free_name(&inner.iter_var);
        let before = self.bound.len();
        if let Some(MacroFold::Collects { guard, item }) = MacroFold::of(inner) {
            self.bound.push((inner.iter_var.clone(), element));
            if let Some(guard) = guard {
                self.keeps(guard);
            }
            let item = self.infer(item);
            self.bound.truncate(before);
            return Type::List(Box::new(item));
        }
        let start = self.infer(&inner.accu_init);
        let accumulated = match start {
            Type::List(_) => Type::Any,
            plain => plain,
        };
        self.bound.push((inner.iter_var.clone(), element));
        self.bound.push((inner.accu_var.clone(), accumulated));
        self.infer(&inner.loop_cond);
        self.infer(&inner.loop_step);
        let result = self.infer(&inner.result);
        self.bound.truncate(before);
        result
    }

    /// Checks that the name of a row hides nothing.
    fn free_name(&mut self, name: &str) {
        let is_bound = self.bound.iter().any(|(bound, _)| bound == name);
        let (vi, en) = match (is_bound, self.scope.knows(name)) {
            (true, _) => ("dòng của một vòng lặp khác bên ngoài", "the row of another loop around this one"),
            (false, true) => ("một trường", "a field"),
            (false, false) if name == TODAY => ("ngày hiện tại", "the present day"),
            (false, false) => return,
        };
        let message =
            text!("`{name}` là {vi}, mà ở đây lại đặt tên cho một dòng", "`{name}` is {en}, and names a row here");
        let help = text!(
            "hãy đặt cho dòng một tên riêng, ví dụ `m` trong `members.any(m, m.age >= 60)`",
            "give the row a name of its own, such as `m` in `members.any(m, m.age >= 60)`"
        );
        self.say(message, help);
    }

    /// Checks the condition for which a loop keeps a row.
    fn keeps(&mut self, guard: &IdedExpr) {
        let found = self.infer(guard);
        if !matches!(found, Type::Bool | Type::Any) {
            let (vi, en) = found.name();
            let message = text!(
                "các dòng được chọn bằng điều kiện, nhưng đây là {vi}",
                "rows are kept by a condition, but this is {en}"
            );
            self.say(message, compare_first());
        }
    }

    fn call(&mut self, call: &CallExpr) -> Type<'a> {
        let target = call.target.as_ref().map(|target| self.infer(target));
        let given: Vec<Type<'a>> = call.args.iter().map(|argument| self.infer(argument)).collect();
        match (call.func_name.as_str(), given.as_slice()) {
            (op::LOGICAL_AND | op::LOGICAL_OR | op::LOGICAL_NOT, given) => {
                if let Some(other) = given.iter().find(|kind| !matches!(kind, Type::Bool | Type::Any)) {
                    let (vi, en) = other.name();
                    let message = text!(
                        "`&&`, `||` và `!` nối các điều kiện, nhưng đây là {vi}",
                        "`&&`, `||` and `!` join conditions, but this is {en}"
                    );
                    self.say(message, compare_first());
                }
                Type::Bool
            }
            (op::EQUALS | op::NOT_EQUALS, [left, right]) => {
                self.alike(left, right, &call.args);
                Type::Bool
            }
            (op::LESS | op::LESS_EQUALS | op::GREATER | op::GREATER_EQUALS, [left, right]) => {
                let ordered =
                    |kind: &Type<'_>| kind.is_number() || kind.is_text() || matches!(kind, Type::Any | Type::Null);
                if !ordered(left) || !ordered(right) {
                    let other = if ordered(left) { right } else { left };
                    let help = match compare::days_between(&call.func_name, (left, right), &call.args) {
                        Some(days) => text!("hãy đếm số ngày: `{days}`", "count the days: `{days}`"),
                        None if other.is_date() => compare::year_of(&call.args),
                        None => text!("hãy dùng == hoặc !=", "use == or !="),
                    };
                    let (vi, en) = other.name();
                    self.say(text!("không so sánh lớn bé được {vi}", "{en} is not more or less than another"), help);
                } else {
                    self.alike(left, right, &call.args);
                }
                Type::Bool
            }
            (op::ADD | op::SUBSTRACT | op::MULTIPLY | op::DIVIDE | op::MODULO, [left, right]) => {
                self.reckon(&call.func_name, left, right)
            }
            (op::NEGATE, [kind]) => kind.clone(),
            (op::CONDITIONAL, [_, left, right]) => {
                if left == right {
                    left.clone()
                } else {
                    Type::Any
                }
            }
            (op::IN, [left, Type::List(element)]) => {
                self.alike(left, element, &call.args);
                Type::Bool
            }
            (op::IN | op::NOT_STRICTLY_FALSE, _) => Type::Bool,
            (op::INDEX, [Type::List(element), _]) => (**element).clone(),
            (op::INDEX, [Type::Rows(_, fields), _]) => Type::of_parts(fields),
            (op::INDEX, [Type::Place, _]) => self.of_place("[…]"),
            (name, given) if name.starts_with(|c: char| c.is_alphabetic()) => self.function(call, target, given),
            _ => Type::Any,
        }
    }

    /// Checks a call with the table of functions that the evaluation uses.
    fn function(&mut self, call: &CallExpr, target: Option<Type<'a>>, given: &[Type<'a>]) -> Type<'a> {
        let name = call.func_name.as_str();
        let Some(function) = function(name) else {
            if let Some(usage) = row_usage(name) {
                return self.say(not_called_so(name), written_as(usage));
            }
            let rows: Vec<&str> = row_words().collect();
            let (functions, rows) = (function_names().join(", "), rows.join(", "));
            let help = text!(
                "các hàm là {functions}; các hàm trên dòng là {rows}",
                "functions are {functions}; of rows {rows}"
            );
            return self.say(text!("không có hàm `{name}`", "there is no function `{name}`"), help);
        };
        let member = target.is_some();
        let given: Vec<Type<'a>> = target.into_iter().chain(given.iter().cloned()).collect();
        let help = written_as(function.usage);
        if !function.takes(member, given.len()) {
            return self.say(not_called_so(name), help);
        }
        self.no_age(call);
        let mut argument = Type::Any;
        match function.parameters {
            FunctionParameters::Each(parameters) => {
                for (kind, parameter) in given.iter().zip(parameters) {
                    if !takes(*parameter, kind) {
                        self.say(not_applied(name, kind.name()), help.clone());
                    }
                }
                if parameters.contains(&ParameterType::Pattern)
                    && let Some(message) = pattern_problem(call)
                {
                    self.say(message, short_pattern());
                }
            }
            FunctionParameters::OfOneKind => {
                argument = match given.as_slice() {
                    [Type::List(element)] => (**element).clone(),
                    several => self.one_of(several),
                };
            }
            FunctionParameters::Numbers => match given.as_slice() {
                [Type::List(element)] if element.is_number() => argument = (**element).clone(),
                [Type::Any | Type::Null] => {}
                [Type::List(element)] if matches!(**element, Type::Any | Type::Null) => {}
                other => {
                    let each = match other {
                        [Type::List(element)] => element.name(),
                        [whole, ..] => whole.name(),
                        [] => Type::Any.name(),
                    };
                    self.say(not_applied(name, each), help);
                }
            },
        }
        match function.result {
            FunctionResult::Bool => Type::Bool,
            FunctionResult::Int => Type::Int,
            FunctionResult::Decimal => Type::Float,
            FunctionResult::Text => Type::Text,
            FunctionResult::Date => Type::Date,
            FunctionResult::Argument => argument,
        }
    }

    /// Returns the type of the smallest or the largest of several values, which must have one type.
    fn one_of(&mut self, several: &[Type<'a>]) -> Type<'a> {
        let known = several.iter().find(|kind| !matches!(kind, Type::Any)).cloned().unwrap_or(Type::Any);
        if several.iter().all(|kind| matches!(kind, Type::Any) || *kind == known) {
            return known;
        }
        let help = text!(
            "hãy viết double(…) quanh số nguyên đứng cạnh số thập phân",
            "write double(…) around a whole number that stands beside a decimal number"
        );
        let message =
            text!("`min` và `max` chọn trong các giá trị cùng loại", "`min` and `max` choose among values of one kind");
        self.say(message, help)
    }

    fn reckon(&mut self, sign: &str, left: &Type<'a>, right: &Type<'a>) -> Type<'a> {
        match (left, right) {
            (Type::Int, Type::Float) | (Type::Float, Type::Int) => {
                let message = text!(
                    "không tính chung được số nguyên với số thập phân",
                    "a whole number and a decimal number cannot be reckoned with together"
                );
                let help = text!(
                    "hãy viết double(…) quanh số nguyên, hoặc viết 1.0 thay cho 1",
                    "write double(…) around the whole number, or 1.0 instead of 1"
                );
                self.say(message, help)
            }
            (Type::Any, other) | (other, Type::Any) => {
                if other.is_number() {
                    other.clone()
                } else {
                    Type::Any
                }
            }
            (left, right) if left == right && left.is_number() => left.clone(),
            (left, right) if sign == op::ADD && left.is_text() && right.is_text() => Type::Text,
            (Type::List(_), Type::List(_)) if sign == op::ADD => left.clone(),
            (left, right) => {
                let ((vi, en), (other_vi, other_en)) = (left.name(), right.name());
                let message =
                    text!("không tính được với {vi} và {other_vi}", "{en} and {other_en} cannot be reckoned with");
                self.say(message, text!("hãy tính với các số cùng loại", "reckon with numbers of one kind"))
            }
        }
    }
}

/// Returns whether a function takes an argument of this type. A missing answer is a value of every type.
fn takes(parameter: ParameterType, kind: &Type<'_>) -> bool {
    match kind {
        Type::Any | Type::Null | Type::Date => !matches!((parameter, kind), (ParameterType::Whole, Type::Date)),
        Type::Text => !matches!(parameter, ParameterType::Date | ParameterType::Whole),
        Type::Int => matches!(parameter, ParameterType::Number | ParameterType::Plain | ParameterType::Whole),
        Type::Float => matches!(parameter, ParameterType::Number | ParameterType::Plain),
        Type::Bool => matches!(parameter, ParameterType::Plain),
        Type::List(_) | Type::Rows(..) => matches!(parameter, ParameterType::Countable),
        Type::Parts(_) => matches!(parameter, ParameterType::Date) && kind.is_date(),
        Type::Place => false,
    }
}

#[cfg(test)]
mod tests;
