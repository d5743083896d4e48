//! The order of questions: each after the questions that it reads.
//!
//! An answer rests on other answers by what shows the question, by its proposal, by its formula and by the entry above
//! it. Its findings read further answers, such as those of `required` and of limits. Two questions may require each
//! other. Only answers that rest on one another have no order.

use crate::form::Field;
use std::collections::{BTreeMap, BTreeSet};

/// The order in which questions are judged, and their readers.
pub struct QuestionOrder<'a> {
    /// The questions, by their indices.
    pub order: Vec<usize>,
    /// The questions that read the answer of this name.
    pub readers: BTreeMap<&'a str, Vec<usize>>,
    /// Some answers rest on one another, so the order is a beginning only.
    pub has_rings: bool,
}

/// The questions that read an answer, by the name of the answer.
type QuestionReaders<'a> = BTreeMap<&'a str, Vec<usize>>;

/// Returns the questions by the names that `names_of` adds for each.
fn readers<'a>(fields: &[&'a Field], names_of: impl Fn(&'a Field, &mut BTreeSet<&'a str>)) -> QuestionReaders<'a> {
    let mut readers = QuestionReaders::new();
    for (at, field) in fields.iter().enumerate() {
        let mut names = BTreeSet::new();
        names_of(field, &mut names);
        for name in names {
            readers.entry(name).or_default().push(at);
        }
    }
    readers
}

/// The questions of one kind of reading that still wait for others.
struct WaitingQuestions<'r, 'a> {
    readers: &'r QuestionReaders<'a>,
    /// The number of questions for which each question waits.
    open: Vec<usize>,
    /// The questions that wait for none, and have no place yet.
    free: BTreeSet<usize>,
}

impl<'r, 'a> WaitingQuestions<'r, 'a> {
    fn new(fields: &[&'a Field], readers: &'r QuestionReaders<'a>) -> Self {
        let mut open = vec![0_usize; fields.len()];
        for field in fields {
            for reader in readers.get(field.id.as_str()).into_iter().flatten() {
                if let Some(open) = open.get_mut(*reader) {
                    *open += 1;
                }
            }
        }
        let free = (0..fields.len()).filter(|at| open.get(*at) == Some(&0)).collect();
        Self { readers, open, free }
    }

    /// Notes that a question has its place. Those in `rest` have none.
    fn place(&mut self, at: usize, name: &str, rest: &BTreeSet<usize>) {
        self.free.remove(&at);
        for reader in self.readers.get(name).into_iter().flatten() {
            let Some(open) = self.open.get_mut(*reader) else { continue };
            *open = open.saturating_sub(1);
            if *open == 0 && rest.contains(reader) {
                self.free.insert(*reader);
            }
        }
    }
}

impl<'a> QuestionOrder<'a> {
    /// Sorts questions. Takes steps in proportion to the questions and the names in them.
    pub fn of(fields: &[&'a Field]) -> Self {
        let all = readers(fields, Field::reads);
        let answers = readers(fields, Field::rests_on);
        let mut order = Vec::with_capacity(fields.len());
        let mut has_rings = false;
        let (mut reading, mut resting) = (WaitingQuestions::new(fields, &all), WaitingQuestions::new(fields, &answers));
        let mut rest: BTreeSet<usize> = (0..fields.len()).collect();
        loop {
            // A question that reads nothing open comes first. Without one, a finding may be found again later.
            let next = reading.free.first().or_else(|| resting.free.first()).copied();
            let Some(at) = next.or_else(|| rest.first().copied()) else { break };
            has_rings |= next.is_none();
            rest.remove(&at);
            order.push(at);
            let name = fields.get(at).map_or("", |field| field.id.as_str());
            reading.place(at, name, &rest);
            resting.place(at, name, &rest);
        }
        Self { order, readers: all, has_rings }
    }
}

/// Questions by their names, each with the names of the answers on which its answer rests.
type RestingQuestions<'a> = BTreeMap<&'a str, (&'a Field, BTreeSet<&'a str>)>;

/// Returns the rings of answers that rest on one another, each with its questions in order. A group or a table is in no
/// ring, because a row may read the others without resting on itself. A question that rests on itself alone is in no
/// ring.
pub fn rings<'a>(fields: &[&'a Field]) -> Vec<Vec<&'a Field>> {
    let mut rests_on = RestingQuestions::new();
    for field in fields.iter().copied().filter(|field| field.kind.rows().is_none()) {
        let mut names = BTreeSet::new();
        field.rests_on(&mut names);
        names.remove(field.id.as_str());
        rests_on.insert(field.id.as_str(), (field, names));
    }
    let mut rings = Vec::new();
    loop {
        peel(&mut rests_on);
        let Some((first, _)) = rests_on.first_key_value() else { break };
        let ring = walk(first, &rests_on);
        for field in &ring {
            rests_on.remove(field.id.as_str());
        }
        if ring.is_empty() {
            break;
        }
        rings.push(ring);
    }
    rings
}

/// Removes the questions that rest on no other question of the map, until each rests on one.
fn peel<'a>(rests_on: &mut RestingQuestions<'a>) {
    loop {
        let ends: Vec<&'a Field> = rests_on
            .values()
            .filter(|(_, names)| !names.iter().any(|name| rests_on.contains_key(name)))
            .map(|(field, _)| *field)
            .collect();
        if ends.is_empty() {
            return;
        }
        for field in ends {
            rests_on.remove(field.id.as_str());
        }
    }
}

/// Follows the questions from `first`, each of which rests on the next, and returns the ring into which they lead.
fn walk<'a>(first: &str, rests_on: &RestingQuestions<'a>) -> Vec<&'a Field> {
    let mut way: Vec<&'a Field> = Vec::new();
    let mut at = rests_on.get(first);
    while let Some((field, names)) = at {
        if let Some(begin) = way.iter().position(|known| known.id == field.id) {
            return way.split_off(begin);
        }
        way.push(field);
        at = names.iter().find_map(|name| rests_on.get(name));
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::{Condition, Expression};
    use crate::form::{FieldKind, kinds};
    use crate::text::Text;

    fn cel(text: &str) -> Expression {
        Expression::parse(text).expect("it is CEL")
    }

    fn shown(id: &str, condition: &str) -> Field {
        let shown = Condition::When(cel(condition));
        Field { shown, ..Field::new(id, Text::vi(id), FieldKind::YesNo) }
    }

    fn named<'a>(rings: &[Vec<&'a Field>]) -> Vec<Vec<&'a str>> {
        rings.iter().map(|ring| ring.iter().map(|field| field.id.as_str()).collect()).collect()
    }

    #[test]
    fn each_question_comes_after_those_that_it_reads() {
        let fields = [shown("c", "b == true"), shown("b", "a == true"), shown("a", "other == 1")];
        let fields: Vec<&Field> = fields.iter().collect();
        let sorted = QuestionOrder::of(&fields);
        assert_eq!((sorted.order, sorted.has_rings), (vec![2, 1, 0], false));
    }

    #[test]
    fn two_questions_may_require_each_other_and_not_show_each_other() {
        let required = |id: &str, condition: &str| Field {
            required: Condition::When(cel(condition)),
            ..Field::new(id, Text::vi(id), FieldKind::YesNo)
        };
        let either = [required("a", "b == null"), required("b", "a == null")];
        let either: Vec<&Field> = either.iter().collect();
        assert!(!QuestionOrder::of(&either).has_rings);
        assert_eq!(named(&rings(&either)), [[""; 0]; 0]);
        let fields =
            [shown("x", "a == true"), shown("a", "b == true"), shown("b", "c == true"), shown("c", "a != true")];
        let fields: Vec<&Field> = fields.iter().collect();
        assert!(QuestionOrder::of(&fields).has_rings);
        assert_eq!(named(&rings(&fields)), [["a", "b", "c"]], "`x` only follows from the ring");
    }

    #[test]
    fn a_row_may_read_a_sum_over_all_rows() {
        let computed = |id: &str, value: &str| {
            let kind = FieldKind::Computed(kinds::Computed { value: Some(cel(value)), unit: None, helper: false });
            Field::new(id, Text::vi(id), kind)
        };
        let whole = FieldKind::Integer(kinds::Integer { min: None, max: None, unit: None });
        let inner = vec![Field::new("share", Text::vi("share"), whole), computed("part", "share * 100 / total")];
        let rows = FieldKind::Group(kinds::Group { min: 0, max: 9, fields: inner });
        let fields = [Field::new("members", Text::vi("members"), rows), computed("total", "members.sum(m, m.share)")];
        let fields: Vec<&Field> = fields.iter().collect();
        assert!(QuestionOrder::of(&fields).has_rings, "they are judged in rounds");
        assert!(rings(&fields).is_empty());
    }
}
