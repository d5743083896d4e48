//! The sets of conditions that hold together, before the form is known that asks for the answers.

use crate::expression::Expression;
use crate::form::reach::{compared_literals, holds_if_it_fits};
use crate::form::trial::{nth, parsed};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// The most evaluations for conditions that read the same answers.
const MOST_TRIED: usize = 5_000;

/// Returns the sets of conditions that hold together for some answers, each as bits in the order of the conditions. A
/// condition on which trials cannot decide holds or fails beside any other.
pub fn held_together(conditions: &[&Expression]) -> BTreeSet<u32> {
    let mut sets = BTreeSet::from([0]);
    for group in groups(conditions) {
        let own = group.tried().unwrap_or_else(|| group.every_set());
        sets = sets.iter().flat_map(|set| own.iter().map(move |more| set | more)).collect();
    }
    sets
}

/// Returns whether trials can decide on a condition before the form is known: it compares single answers with constants.
pub fn compares_constants(condition: &Expression) -> bool {
    compared_literals(condition).is_some()
}

/// Conditions that read the same answers.
struct ConditionGroup<'e> {
    /// The literals beside each name, as JSON text.
    literals: BTreeMap<String, BTreeSet<String>>,
    /// The conditions, each with its bit.
    members: Vec<(u32, &'e Expression)>,
    is_decided: bool,
}

/// Returns the conditions by the answers that they read.
fn groups<'e>(conditions: &[&'e Expression]) -> Vec<ConditionGroup<'e>> {
    let mut groups: Vec<ConditionGroup<'e>> = Vec::new();
    for (number, condition) in conditions.iter().enumerate() {
        let compared = compared_literals(condition);
        let is_decided = compared.is_some();
        let members = vec![(1_u32 << number, *condition)];
        let mut own = ConditionGroup { literals: compared.unwrap_or_default(), members, is_decided };
        let (same, others): (Vec<_>, Vec<_>) = groups.into_iter().partition(|group| group.reads_the_same(&own));
        groups = others;
        for group in same {
            own.members.extend(group.members);
            for (name, literals) in group.literals {
                own.literals.entry(name).or_default().extend(literals);
            }
        }
        groups.push(own);
    }
    groups
}

impl ConditionGroup<'_> {
    /// Returns whether two groups read the same answer, or parts of it.
    fn reads_the_same(&self, other: &Self) -> bool {
        let field = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
        let own: BTreeSet<String> = self.literals.keys().map(|name| field(name)).collect();
        other.literals.keys().any(|name| own.contains(&field(name)))
    }

    /// Returns the sets that hold for some answers. Returns `None` if trials cannot decide.
    fn tried(&self) -> Option<BTreeSet<u32>> {
        let is_part = |name: &String| {
            let is_of = |whole: &String| name.strip_prefix(whole.as_str()).is_some_and(|rest| rest.starts_with('.'));
            self.literals.keys().any(is_of)
        };
        if !self.is_decided || self.literals.keys().any(is_part) {
            return None;
        }
        let domains: Vec<(String, Vec<Json>)> =
            self.literals.iter().map(|(name, literals)| (name.clone(), answers(&parsed(literals)))).collect();
        let mut count = 1_usize;
        for (_, values) in &domains {
            count = count.checked_mul(values.len()).filter(|count| count * self.members.len() <= MOST_TRIED)?;
        }
        // Answers of a kind that one of the conditions does not take are never given.
        let of_answers = |number: usize| {
            let values = nth(&domains, number);
            let bit = |(bit, condition): &(u32, &Expression)| {
                holds_if_it_fits(condition, &values).map(|holds| u32::from(holds) * bit)
            };
            self.members.iter().map(bit).sum::<Option<u32>>()
        };
        Some((0..count).filter_map(of_answers).collect())
    }

    /// Returns all sets.
    fn every_set(&self) -> BTreeSet<u32> {
        let mut sets = BTreeSet::from([0]);
        for (bit, _) in &self.members {
            let with: Vec<u32> = sets.iter().map(|set| set | bit).collect();
            sets.extend(with);
        }
        sets
    }
}

/// Returns answers of all kinds that make a difference to comparisons with literals.
fn answers(literals: &[Json]) -> Vec<Json> {
    let mut values = vec![Json::Null, Json::Bool(true), Json::Bool(false), Json::from("")];
    for text in literals.iter().filter_map(Json::as_str) {
        values.extend([Json::from(text), Json::from(format!("{text}\u{1}"))]);
    }
    for number in literals.iter().filter_map(Json::as_i64) {
        values.extend([number.saturating_sub(1), number, number.saturating_add(1)].map(Json::from));
    }
    let mut numbers: Vec<f64> = literals.iter().filter_map(Json::as_f64).collect();
    numbers.sort_by(f64::total_cmp);
    let ends = numbers.first().map(|least| least - 0.5).into_iter().chain(numbers.last().map(|most| most + 0.5));
    let between = numbers.windows(2).map(|pair| pair.iter().sum::<f64>() / 2.0);
    values.extend(ends.chain(between).map(Json::from));
    values.extend(literals.iter().filter(|literal| literal.is_f64()).cloned());
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sets(conditions: &[&str]) -> Vec<u32> {
        let read = |text: &&str| Expression::parse(text).expect("it is CEL");
        let read: Vec<Expression> = conditions.iter().map(read).collect();
        held_together(&read.iter().collect::<Vec<_>>()).into_iter().collect()
    }

    #[test]
    fn conditions_that_exclude_each_other_never_hold_together() {
        for both in [
            ["x == 'a'", "x != 'a'"],
            ["x == 'a'", "x == 'b'"],
            ["x", "!x"],
            ["x > 3", "x <= 3"],
            ["x < 0.5", "x >= 0.5"],
            ["o.sex == 'male'", "o.sex == 'female'"],
        ] {
            let found = sets(&both);
            assert!(found.contains(&1) && found.contains(&2) && !found.contains(&3), "{both:?}: {found:?}");
        }
        let one_of_two = sets(&["x == 'a'", "x in ['a', 'b']"]);
        assert!(one_of_two.contains(&3) && !one_of_two.contains(&1), "the first holds only with the second");
        assert!(sets(&["x > 3", "x < 5"]).contains(&3));
    }

    #[test]
    fn conditions_on_other_answers_or_beyond_trials_hold_in_every_combination() {
        for both in [
            ["x == 'a'", "y == 'a'"],
            ["size(x) > 1", "size(x) <= 1"],
            ["x == y", "x != y"],
            ["x == ['a']", "x != ['a']"],
            ["x == []", "'a' in x"],
        ] {
            assert_eq!(sets(&both), [0, 1, 2, 3], "{both:?}");
        }
        assert_eq!(sets(&[]), [0]);
    }
}
