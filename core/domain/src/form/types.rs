//! The checks of an expression's types, before anybody answers.

use crate::dates::PartialDate;
use crate::expression::{
    Expression, FunctionParameters, FunctionResult, MOST_STEPS, MacroFold, ParameterType, TODAY, function,
    function_names, most_steps, pattern_problem, row_usage, row_words,
};
use crate::form::FieldKind;
use crate::form::kinds::{AnswerType as Type, Structure};
use crate::form::trial::failing;
use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue, SelectExpr, operators as op};
use std::collections::BTreeMap;

mod compare;

pub use crate::form::scope::ExpressionScope;

/// A problem of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpressionProblem {
    pub message: String,
    pub help: String,
}

fn problem(message: impl Into<String>, help: impl Into<String>) -> ExpressionProblem {
    ExpressionProblem { message: message.into(), help: help.into() }
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
    };
    if check.problems.is_empty() && !fits {
        let (message, help) = match wanted {
            WantedType::Condition => (
                format!("this gives {}, not true or false", found.name()),
                "compare it with something, such as `depth > 30`",
            ),
            WantedType::Value => (format!("this gives {}, not one value", found.name()), "name the part that is meant"),
            WantedType::Number => (
                format!("this gives {}, not a number", found.name()),
                "name a field with a number, or compute one, such as `pages * copies`",
            ),
        };
        check.problems.push(problem(message, help));
    }
    let steps = most_steps(expression, &|name| scope.longest(name));
    if check.problems.is_empty() && steps > MOST_STEPS {
        check.problems.push(problem(
            format!("this can take {steps} steps, and an evaluation may take {MOST_STEPS}"),
            "go through fewer lists within one another, allow fewer rows, or put a part into a computed field",
        ));
    }
    if check.problems.is_empty()
        && let Some(found) = failing(expression, scope)
    {
        check.problems.push(problem(
            match found.answers.as_str() {
                "" => format!("this cannot be evaluated: {}", found.reason),
                answers => format!("this cannot be evaluated for {answers}: {}", found.reason),
            },
            "ask first whether it can be, such as `wells > 0 && depth / wells > 3`",
        ));
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
    fn say(&mut self, message: impl Into<String>, help: impl Into<String>) -> Type<'a> {
        self.problems.push(problem(message, help));
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
                self.say(format!("`{name}` is an explanation, which nobody answers"), "name a field that is answered")
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
                    let message = format!("there is no part `{}`", select.field);
                    self.say(message, format!("parts are {}", known.join(", ")))
                }
            },
            Type::Rows(rows, fields) => {
                if rows.iter().any(|row| row.value == select.field) {
                    Type::of_parts(fields)
                } else {
                    let known: Vec<&str> = rows.iter().map(|row| row.value.as_str()).collect();
                    let message = format!("there is no row `{}`", select.field);
                    self.say(message, format!("rows are {}", known.join(", ")))
                }
            }
            Type::Any => Type::Any,
            Type::Place => self.of_place(&select.field),
            other => {
                let message = format!("`.{}` cannot be asked of {}", select.field, other.name());
                self.say(
                    message,
                    "name a block, a table, an entry of a registry or a date with `precision`: these have parts",
                )
            }
        };
        if select.test { Type::Bool } else { found }
    }

    /// Reports a part of a place on a map.
    fn of_place(&mut self, part: &str) -> Type<'a> {
        let message = format!("a place on a map has no part `{part}`");
        self.say(message, "ask for it in a field beside the map, such as its area")
    }

    fn comprehension(&mut self, inner: &ComprehensionExpr) -> Type<'a> {
        let element = match self.infer(&inner.iter_range) {
            Type::List(element) => *element,
            // A loop goes through the names of rows.
            Type::Rows(..) => Type::Text,
            Type::Any | Type::Parts(_) => Type::Any,
            other => self.say(format!("{} has no members to look at", other.name()), "name a group or a list"),
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
        let what = match (is_bound, self.scope.knows(name)) {
            (true, _) => "the row of another loop around this one",
            (false, true) => "a field",
            (false, false) if name == TODAY => "the present day",
            (false, false) => return,
        };
        let message = format!("`{name}` is {what}, and names a row here");
        self.say(message, "give the row a name of its own, such as `m` in `members.any(m, m.age >= 60)`");
    }

    /// Checks the condition for which a loop keeps a row.
    fn keeps(&mut self, guard: &IdedExpr) {
        let found = self.infer(guard);
        if !matches!(found, Type::Bool | Type::Any) {
            let message = format!("rows are kept by a condition, but this is {}", found.name());
            self.say(message, "compare it with something first");
        }
    }

    fn call(&mut self, call: &CallExpr) -> Type<'a> {
        let target = call.target.as_ref().map(|target| self.infer(target));
        let given: Vec<Type<'a>> = call.args.iter().map(|argument| self.infer(argument)).collect();
        match (call.func_name.as_str(), given.as_slice()) {
            (op::LOGICAL_AND | op::LOGICAL_OR | op::LOGICAL_NOT, given) => {
                if let Some(other) = given.iter().find(|kind| !matches!(kind, Type::Bool | Type::Any)) {
                    let message = format!("`&&`, `||` and `!` join conditions, but this is {}", other.name());
                    self.say(message, "compare it with something first");
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
                    self.say(format!("{} is not more or less than another", other.name()), "use == or !=");
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
                return self.say(format!("`{name}` is not called like this"), format!("write it as in `{usage}`"));
            }
            let rows: Vec<&str> = row_words().collect();
            let help = format!("functions are {}; of rows {}", function_names().join(", "), rows.join(", "));
            return self.say(format!("there is no function `{name}`"), help);
        };
        let member = target.is_some();
        let given: Vec<Type<'a>> = target.into_iter().chain(given.iter().cloned()).collect();
        let help = format!("write it as in `{}`", function.usage);
        if !function.takes(member, given.len()) {
            return self.say(format!("`{name}` is not called like this"), help);
        }
        let mut argument = Type::Any;
        match function.parameters {
            FunctionParameters::Each(parameters) => {
                for (kind, parameter) in given.iter().zip(parameters) {
                    if !takes(*parameter, kind) {
                        self.say(format!("`{name}` cannot be applied to {}", kind.name()), help.clone());
                    }
                }
                if parameters.contains(&ParameterType::Pattern)
                    && let Some(message) = pattern_problem(call)
                {
                    let help = "write a short pattern in quotes, such as `code.matches('^[A-Z]{2}[0-9]{4}$')`";
                    self.say(message, help);
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
                    self.say(format!("`{name}` cannot be applied to {each}"), help);
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
        let help = "write double(…) around a whole number that stands beside a decimal number";
        self.say("`min` and `max` choose among values of one kind", help)
    }

    fn reckon(&mut self, sign: &str, left: &Type<'a>, right: &Type<'a>) -> Type<'a> {
        match (left, right) {
            (Type::Int, Type::Float) | (Type::Float, Type::Int) => self.say(
                "a whole number and a decimal number cannot be reckoned with together",
                "write double(…) around the whole number, or 1.0 instead of 1",
            ),
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
                let message = format!("{} and {} cannot be reckoned with", left.name(), right.name());
                self.say(message, "reckon with numbers of one kind")
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
