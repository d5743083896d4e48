//! Questions whose answers depend on one another, judged until nothing changes.
//!
//! A changed answer causes only those questions to be judged again that read it. So the work grows with the number of
//! changes, and not with the number of questions times the length of the longest chain of conditions.

use crate::form::Field;
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};

/// Questions that are asked together.
pub struct Questions<'a> {
    fields: Vec<&'a Field>,
    /// The questions that read the answer of this name.
    readers: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> Questions<'a> {
    pub fn new(fields: impl IntoIterator<Item = &'a Field>) -> Self {
        let fields: Vec<&'a Field> = fields.into_iter().collect();
        let mut readers: BTreeMap<&'a str, Vec<usize>> = BTreeMap::new();
        for (at, field) in fields.iter().enumerate() {
            let mut names = BTreeSet::new();
            field.reads(&mut names);
            for name in names {
                readers.entry(name).or_default().push(at);
            }
        }
        Self { fields, readers }
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
            let mut changed = Vec::new();
            for at in std::mem::take(&mut due) {
                let (Some(field), Some(answer)) = (self.fields.get(at), answers.get_mut(at)) else { continue };
                let Some(judged) = judge(field, &context) else { continue };
                if judged.0 != answer.0 {
                    changed.push((field.id.as_str(), judged.0.clone()));
                }
                *answer = judged;
            }
            if changed.is_empty() {
                break;
            }
            for (name, value) in changed {
                match value {
                    Some(value) => drop(context.insert(name.to_owned(), value)),
                    None => drop(context.remove(name)),
                }
                due.extend(self.readers.get(name).into_iter().flatten());
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
}

impl<'a> Questions<'a> {
    /// Returns each question with an estimate of its judgings: one, and another after each change of an answer that it
    /// reads. Answers change one after the other at most along the longest chain of them.
    pub fn judgings(&self) -> Vec<(&'a Field, usize)> {
        let count = self.fields.len();
        let readers_of = |at: usize| {
            let readers = self.fields.get(at).and_then(|field| self.readers.get(field.id.as_str()));
            readers.into_iter().flatten().copied()
        };
        let mut looks = vec![0_usize; count];
        for reader in (0..count).flat_map(readers_of) {
            looks[reader] += 1;
        }
        // Questions that read themselves, directly or not, never settle, because their chain has no end.
        let mut chains = vec![count; count];
        let mut longest = vec![0_usize; count];
        let mut open = looks.clone();
        let mut ready: Vec<usize> = (0..count).filter(|at| open[*at] == 0).collect();
        while let Some(at) = ready.pop() {
            chains[at] = longest[at];
            for reader in readers_of(at) {
                longest[reader] = longest[reader].max(longest[at] + 1);
                open[reader] -= 1;
                if open[reader] == 0 {
                    ready.push(reader);
                }
            }
        }
        let times = chains.into_iter().zip(looks).map(|(chain, looks)| 1 + chain.min(looks));
        self.fields.iter().copied().zip(times).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::{Condition, Expression};
    use crate::form::FieldKind;
    use crate::text::Text;
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
    fn a_chain_of_conditions_is_judged_in_steps_that_grow_with_its_length() {
        let after = |id: usize| shown_by(id, (id > 0).then(|| format!("f{} == true", id - 1)));
        let forward: Vec<Field> = (0..500).map(after).collect();
        let backward: Vec<Field> = (0..500).rev().map(after).collect();
        for chain in [forward, backward] {
            let (values, judged) = answered(&chain);
            assert_eq!(values, 500);
            assert!(judged <= 2 * 500, "{judged}");
        }
    }

    #[test]
    fn questions_are_judged_no_more_often_than_is_told_beforehand() {
        let after = |id: usize| shown_by(id, (id > 0).then(|| format!("f{} == true", id - 1)));
        let chain: Vec<Field> = (0..50).map(after).collect();
        let most: usize = Questions::new(&chain).judgings().iter().map(|(_, times)| times).sum();
        assert_eq!(most, 1 + 49 * 2, "the first looks at nothing");
        assert!(answered(&chain).1 <= most);
        let both = [shown_by(0, None), shown_by(1, None), shown_by(2, Some("f0 == true || f1 == true".to_owned()))];
        let times: Vec<usize> = Questions::new(&both).judgings().iter().map(|(_, times)| *times).collect();
        assert_eq!(times, [1, 1, 2], "both answers are there after the first round");
        let ring = [shown_by(0, Some("f1 != true".to_owned())), shown_by(1, Some("f0 != true".to_owned()))];
        let times: Vec<usize> = Questions::new(&ring).judgings().iter().map(|(_, times)| *times).collect();
        assert_eq!(times, [2, 2]);
    }

    #[test]
    fn conditions_that_contradict_themselves_end_after_as_many_rounds_as_there_are_questions() {
        let liars: Vec<Field> = (0..20).map(|id| shown_by(id, Some(format!("f{id} != true")))).collect();
        let (_, judged) = answered(&liars);
        assert!(judged <= 20 * 21, "{judged}");
    }
}
