//! An estimate of the work of judging a form, before anybody answers.
//!
//! The budget of the judgement ([`Work`](crate::expression::WorkBudget)) is the guarantee. The estimate warns authors in
//! time.

use crate::expression::{Expression, MOST_WORK, QUESTION_STEPS, most_steps};
use crate::form::kinds::Structure;
use crate::form::scope::ExpressionScope;
use crate::form::settle::Questions;
use crate::form::{AnswerRows, Field, FieldKind, named_around};

/// The most work of judging a form.
#[derive(Debug, Clone, Copy, Default)]
pub struct JudgingLoad<'a> {
    /// All steps together.
    pub steps: usize,
    /// The steps of the heaviest expression, over all rows.
    pub most: usize,
    pub heaviest: Option<&'a Expression>,
}

impl<'a> JudgingLoad<'a> {
    /// Estimates the work for questions that are asked together, and for rules over their answers.
    pub fn of(fields: &[&'a Field], rules: impl IntoIterator<Item = &'a Expression>) -> Self {
        let mut load = Self::default();
        let scope = ExpressionScope { form: fields, group: &[], asked: &[] };
        load.questions(fields, scope, 1);
        for rule in rules {
            load.expression(rule, scope, 1);
        }
        load
    }

    /// Returns whether the load fits into the budget of a judgement.
    pub const fn fits(&self) -> bool {
        self.steps <= MOST_WORK
    }

    fn expression(&mut self, expression: &'a Expression, scope: ExpressionScope<'_>, times: usize) {
        let steps = most_steps(expression, &|name| scope.longest(name)).saturating_mul(times);
        self.steps = self.steps.saturating_add(steps);
        if steps > self.most {
            (self.most, self.heaviest) = (steps, Some(expression));
        }
    }

    fn questions(&mut self, fields: &[&'a Field], scope: ExpressionScope<'_>, times: usize) {
        for (field, judgings) in Questions::new(fields.iter().copied()).judgings() {
            let times = times.saturating_mul(judgings);
            self.steps = self.steps.saturating_add(times.saturating_mul(QUESTION_STEPS));
            for expression in field.expressions() {
                self.expression(expression, scope, times);
            }
            let parts = field.kind.parts();
            let rows = times.saturating_mul(rows(&field.kind));
            let around = named_around(parts).into_iter().filter_map(|name| scope.find(name));
            let copying = around.fold(0_usize, |sum, field| sum.saturating_add(values(field)));
            self.steps = self.steps.saturating_add(rows.saturating_mul(copying));
            let within: Vec<&Field> = parts.iter().collect();
            self.questions(&within, ExpressionScope { group: parts, ..scope }, rows);
        }
    }
}

/// Returns how often a form asks the parts of a kind.
fn rows(kind: &FieldKind) -> usize {
    kind.rows().map_or(1, AnswerRows::most)
}

/// Returns the most values of the answer to a field, including the answer itself.
fn values(field: &Field) -> usize {
    let inner = match field.kind.structure() {
        Structure::Single(kind) => kind.longest().unwrap_or(0),
        Structure::Files(kind) => kind.max_files.saturating_mul(5),
        Structure::Computed(_) | Structure::Explanation => 0,
        Structure::Block(_) | Structure::Rows(..) => {
            let parts = field.kind.parts();
            let parts = parts.iter().fold(usize::from(!parts.is_empty()), |sum, part| sum.saturating_add(values(part)));
            rows(&field.kind).saturating_mul(parts)
        }
    };
    inner.saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::Condition;
    use crate::form::kinds;
    use crate::text::Text;

    fn cel(text: &str) -> Expression {
        Expression::parse(text).expect("it is CEL")
    }

    fn field(id: &str, kind: FieldKind) -> Field {
        Field::new(id, Text::vi(id), kind)
    }

    /// Returns a group of so many rows, each field of which is shown by this condition.
    fn group(rows: usize, fields: usize, shown: &str) -> Field {
        let inner = |number| {
            let mut inner = field(&format!("f{number}"), FieldKind::Text(kinds::Text { max: 10 }));
            inner.shown = Condition::When(cel(shown));
            inner
        };
        field("rows", FieldKind::Group(kinds::Group { min: 0, max: rows, fields: (0..fields).map(inner).collect() }))
    }

    #[test]
    fn a_large_form_with_ordinary_conditions_fits_and_one_with_heavy_conditions_does_not() {
        let kind = field("kind", FieldKind::Text(kinds::Text { max: 10 }));
        let ordinary = group(200, 200, "kind == 'a'");
        assert!(JudgingLoad::of(&[&kind, &ordinary], []).fits());
        let lines = group(200, 1, "true");
        let heavy = group(200, 200, "kind == 'a' && lines.exists(l, l.f0 == kind)");
        let lines = Field { id: "lines".to_owned(), ..lines };
        let load = JudgingLoad::of(&[&kind, &lines, &heavy], []);
        assert!(!load.fits());
        assert_eq!(load.heaviest.map(Expression::source), Some("kind == 'a' && lines.exists(l, l.f0 == kind)"));
    }

    #[test]
    fn rules_and_what_is_copied_for_each_row_count() {
        let rule = cel("rows.all(r, r.f0 != '')");
        let small = group(200, 1, "true");
        let without = JudgingLoad::of(&[&small], []);
        let with = JudgingLoad::of(&[&small], [&rule]);
        assert!(with.steps > without.steps + 200, "{} {}", with.steps, without.steps);
        let names = group(200, 1, "size(others) > 0");
        let others = Field { id: "others".to_owned(), ..group(200, 200, "true") };
        let copied = JudgingLoad::of(&[&others, &names], []).steps - JudgingLoad::of(&[&others], []).steps;
        assert!(copied > 200 * 200 * 200, "{copied}");
    }
}
