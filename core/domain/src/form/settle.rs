//! Questions whose answers depend on one another.
//!
//! They are judged in an order in which each comes after those that it reads, so each is judged once. A question whose
//! findings read a later answer is judged once more. Answers that rest on one another have no such order: each change
//! causes the questions that read it to be judged again, until nothing changes.

use crate::form::Field;
use crate::form::order::QuestionOrder;
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

/// Questions that are asked together.
pub struct Questions<'a> {
    fields: Vec<&'a Field>,
    sorted: QuestionOrder<'a>,
}

impl<'a> Questions<'a> {
    pub fn new(fields: impl IntoIterator<Item = &'a Field>) -> Self {
        let fields: Vec<&'a Field> = fields.into_iter().collect();
        let sorted = QuestionOrder::of(&fields);
        Self { fields, sorted }
    }

    /// Judges each question with `judge`, which receives the answers so far, until no answer changes. `context` has the
    /// answers around the questions. Conditions that contradict one another end after as many rounds as there are
    /// questions. A question that `judge` no longer judges has its last answer. Returns the answers, and the findings
    /// in the order of the questions.
    pub fn settle<T>(
        &self,
        mut context: Map<String, Json>,
        judge: impl Fn(&'a Field, &Map<String, Json>) -> Option<(Option<Json>, Vec<T>)>,
    ) -> (Map<String, Json>, Vec<T>) {
        let mut answers: Vec<(Option<Json>, Vec<T>)> = self.fields.iter().map(|_| (None, Vec::new())).collect();
        let mut due: BTreeSet<usize> = (0..self.fields.len()).collect();
        for _ in 0..=self.fields.len() {
            if due.is_empty() {
                break;
            }
            for at in &self.sorted.order {
                if !due.remove(at) {
                    continue;
                }
                let (Some(field), Some(answer)) = (self.fields.get(*at), answers.get_mut(*at)) else { continue };
                let Some(judged) = judge(field, &context) else { continue };
                let before = std::mem::replace(answer, judged);
                if answer.0 == before.0 {
                    continue;
                }
                match &answer.0 {
                    Some(value) => drop(context.insert(field.id.clone(), value.clone())),
                    None => drop(context.remove(&field.id)),
                }
                due.extend(self.sorted.readers.get(field.id.as_str()).into_iter().flatten());
            }
        }
        let mut values = Map::new();
        let mut findings = Vec::new();
        for (field, (value, found)) in self.fields.iter().zip(answers) {
            values.extend(value.map(|value| (field.id.clone(), value)));
            findings.extend(found);
        }
        (values, findings)
    }

    /// Returns each question with an estimate of its judgings: one, and another if it reads a later answer. Among
    /// answers that rest on one another, each that it reads may cause one.
    pub fn judgings(&self) -> Vec<(&'a Field, usize)> {
        let mut position = vec![0_usize; self.fields.len()];
        for (place, at) in self.sorted.order.iter().enumerate() {
            if let Some(position) = position.get_mut(*at) {
                *position = place;
            }
        }
        let mut times = vec![1_usize; self.fields.len()];
        for (field, own) in self.fields.iter().zip(&position) {
            for reader in self.sorted.readers.get(field.id.as_str()).into_iter().flatten() {
                let (Some(times), Some(place)) = (times.get_mut(*reader), position.get(*reader)) else { continue };
                if self.sorted.has_rings {
                    *times += 1;
                } else if place <= own {
                    *times = 2;
                }
            }
        }
        self.fields.iter().copied().zip(times).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::{Condition, Expression};
    use crate::form::FieldKind;
    use crate::text::Text;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use std::cell::Cell;

    fn shown_by(id: usize, condition: Option<String>) -> Field {
        let mut field = Field::new(&format!("f{id}"), Text::vi("?"), FieldKind::YesNo);
        if let Some(condition) = condition {
            field.shown = Condition::When(Expression::parse(&condition).expect("it is CEL"));
        }
        field
    }

    /// Returns the number of questions answered with yes if all shown questions are, and the number of judgings.
    fn answered(fields: &[Field]) -> (usize, usize) {
        let judged = Cell::new(0);
        let (values, _) = Questions::new(fields).settle(Map::new(), |field, context| {
            judged.set(judged.get() + 1);
            Some((field.shown.holds(context).then_some(Json::Bool(true)), Vec::<()>::new()))
        });
        (values.len(), judged.get())
    }

    #[test]
    fn each_question_of_a_chain_is_judged_once_wherever_it_stands() {
        let after = |id: usize| shown_by(id, (id > 0).then(|| format!("f{} == true", id - 1)));
        let forward: Vec<Field> = (0..500).map(after).collect();
        let backward: Vec<Field> = (0..500).rev().map(after).collect();
        for chain in [forward, backward] {
            assert_eq!(answered(&chain), (500, 500));
        }
    }

    #[test]
    fn questions_are_judged_no_more_often_than_is_told_beforehand() {
        let times = |fields: &[Field]| -> Vec<usize> {
            Questions::new(fields).judgings().iter().map(|(_, times)| *times).collect()
        };
        let after = |id: usize| shown_by(id, (id > 0).then(|| format!("f{} == true", id - 1)));
        let chain: Vec<Field> = (0..50).rev().map(after).collect();
        assert_eq!(times(&chain), [1; 50]);
        let required = |id: usize, other: usize| {
            let when = Expression::parse(&format!("f{other} == null")).expect("it is CEL");
            Field { required: Condition::When(when), ..shown_by(id, None) }
        };
        let either = [required(0, 1), required(1, 0)];
        assert_eq!(times(&either), [2, 1], "the first is judged again when the second has its answer");
        assert!(answered(&either).1 <= 3);
        let ring = [shown_by(0, Some("f1 != true".to_owned())), shown_by(1, Some("f0 != true".to_owned()))];
        assert_eq!(times(&ring), [2, 2]);
        assert!(answered(&ring).1 <= 4);
    }

    #[test]
    fn conditions_that_contradict_themselves_end_after_as_many_rounds_as_there_are_questions() {
        let liars: Vec<Field> = (0..20).map(|id| shown_by(id, Some(format!("f{id} != true")))).collect();
        let (_, judged) = answered(&liars);
        assert!(judged <= 20 * 21, "{judged}");
    }

    /// Returns the answer to a question, and whether it is required, as its only note.
    fn judged(field: &Field, context: &Map<String, Json>) -> (Option<Json>, Vec<bool>) {
        (field.shown.holds(context).then_some(Json::Bool(true)), vec![field.required.holds(context)])
    }

    /// Judges all questions with the answers of the round before, until nothing changes.
    fn in_rounds(fields: &[Field]) -> (Map<String, Json>, Vec<bool>) {
        let mut context = Map::new();
        for _ in 0..=fields.len() {
            let round: Vec<_> = fields.iter().map(|field| (field.id.clone(), judged(field, &context))).collect();
            context = round.into_iter().filter_map(|(id, (value, _))| Some((id, value?))).collect();
        }
        let notes = fields.iter().flat_map(|field| judged(field, &context).1).collect();
        (context, notes)
    }

    proptest! {
        #[test]
        fn questions_in_order_get_the_answers_of_a_fixed_point(
            conditions in vec((any::<prop::sample::Index>(), any::<bool>(), any::<prop::sample::Index>()), 1..30),
            moved in any::<prop::sample::Index>(),
        ) {
            let count = conditions.len();
            let mut fields: Vec<Field> = Vec::new();
            for (id, (shown, is_shown, required)) in conditions.iter().enumerate() {
                // A question is shown by an earlier one, and required by any.
                let when = (id > 0).then(|| format!("f{} {}= true", shown.index(id), if *is_shown { "=" } else { "!" }));
                let by = Expression::parse(&format!("f{} == true", required.index(count))).expect("it is CEL");
                fields.push(Field { required: Condition::When(by), ..shown_by(id, when) });
            }
            fields.rotate_left(moved.index(count));
            fields.reverse();
            let settled = Questions::new(&fields).settle(Map::new(), |field, context| Some(judged(field, context)));
            prop_assert_eq!(settled, in_rounds(&fields));
        }
    }
}
