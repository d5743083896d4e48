//! A fee by a table of brackets.

use super::price::PricePart;
use super::words::{both, either, measured};
use crate::expression::{ExactDecimal, Expression};
use crate::money::Dong;
use crate::number;
use crate::text::{Language, Text};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// A table of brackets. Each number between its two ends has exactly one bracket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeeTable {
    /// The number that chooses the bracket.
    pub by: Expression,
    /// Each bracket charges its own part of the number, and the amounts are added. Otherwise one bracket charges all.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub marginal: bool,
    /// The end of the numbers that are too small for the table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<BracketEdge>,
    /// The brackets in ascending order. Each begins where the one before ends.
    pub brackets: Vec<FeeBracket>,
}

/// A bracket of a table. With both an amount and a percentage, the percentage is that of the part above its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FeeBracket {
    /// The end of its numbers. The last bracket may have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<BracketEdge>,
    /// In a marginal table, the amount for each unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Dong>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<f64>,
}

/// An edge between two brackets.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BracketEdge {
    pub at: f64,
    /// The number at the edge belongs to the smaller numbers.
    pub included: bool,
}

impl BracketEdge {
    fn exact(self) -> Option<ExactDecimal> {
        ExactDecimal::of_float(self.at)
    }

    /// Returns whether a number is on the side of the smaller numbers.
    fn is_not_below(self, number: ExactDecimal) -> bool {
        let order = self.exact().and_then(|at| number.compare(at));
        order.is_some_and(|order| order == Ordering::Less || self.included && order == Ordering::Equal)
    }
}

impl FeeTable {
    /// Returns the position of the bracket that has a number, if one has.
    pub(super) fn position(&self, number: ExactDecimal) -> Option<usize> {
        let is_too_small = self.from.is_some_and(|from| from.is_not_below(number));
        let has = |bracket: &FeeBracket| bracket.to.is_none_or(|to| to.is_not_below(number));
        if is_too_small { None } else { self.brackets.iter().position(has) }
    }

    /// Returns the edge at which a bracket begins.
    fn start(&self, position: usize) -> Option<BracketEdge> {
        match position.checked_sub(1) {
            Some(before) => self.brackets.get(before)?.to,
            None => self.from,
        }
    }

    /// Returns the parts of the price for a number, or `None` if no bracket has it.
    pub(super) fn parts(&self, number: ExactDecimal) -> Option<Vec<PricePart>> {
        let position = self.position(number)?;
        let start = |position| self.start(position).map_or(Some(ExactDecimal::whole(0)), BracketEdge::exact);
        let percent = |bracket: &FeeBracket| bracket.percent.and_then(ExactDecimal::of_float);
        let exact = |amount: Dong| ExactDecimal::whole(amount.0);
        if self.marginal {
            let mut parts = Vec::new();
            for (at, bracket) in self.brackets.iter().enumerate().take(position + 1) {
                let end = if at == position { number } else { bracket.to?.exact()? };
                let count = end.plus(start(at)?.negated())?;
                parts.extend(bracket.amount.map(|amount| PricePart::Each { count, price: exact(amount) }));
                parts.extend(percent(bracket).map(|percent| PricePart::Share { percent, of: count }));
            }
            return Some(parts);
        }
        let bracket = self.brackets.get(position)?;
        let of = if bracket.amount.is_some() { number.plus(start(position)?.negated())? } else { number };
        let flat = bracket.amount.map(|amount| PricePart::Flat(exact(amount)));
        let share = percent(bracket).map(|percent| PricePart::Share { percent, of });
        Some(flat.into_iter().chain(share).collect())
    }

    /// Describes the numbers of a bracket: `từ 200 đến dưới 500`.
    pub fn range(&self, position: usize, unit: Option<&Text>) -> Text {
        let end = self.brackets.get(position).and_then(|bracket| bracket.to);
        both(|language| {
            let shown = |edge: BracketEdge| number::decimal(edge.at, language);
            let from = self.start(position).map(|from| {
                let word = if from.included { ("trên", "over") } else { ("từ", "from") };
                format!("{} {}", either(language, word.0, word.1), shown(from))
            });
            let to = end.map(|to| {
                let word = match (to.included, from.is_some(), language) {
                    (true, _, Language::Vi) => "đến",
                    (true, _, Language::En) => "up to",
                    (false, true, Language::Vi) => "đến dưới",
                    (false, false, Language::Vi) => "dưới",
                    (false, true, Language::En) => "to below",
                    (false, false, Language::En) => "below",
                };
                format!("{word} {}", shown(to))
            });
            let range: Vec<String> = from.into_iter().chain(to).collect();
            if range.is_empty() {
                return either(language, "mọi mức", "any number").to_owned();
            }
            measured(&range.join(" "), unit, language)
        })
    }

    /// Describes the price of a bracket.
    fn price(&self, position: usize, bracket: FeeBracket, unit: Option<&Text>) -> Text {
        both(|language| {
            let each = unit.map_or_else(|| either(language, "đơn vị", "unit"), |unit| unit.get(language));
            let amount = bracket.amount.map(|amount| {
                let amount = amount.shown(language);
                if self.marginal { format!("{amount}/{each}") } else { amount }
            });
            let percent = bracket.percent.map(|percent| {
                let percent = format!("{}%", number::decimal(percent, language));
                let above = self.start(position).filter(|_| !self.marginal && bracket.amount.is_some());
                let above = above.map(|from| number::decimal(from.at, language));
                match (self.marginal, above) {
                    (true, _) => format!("{percent} {}", either(language, "của phần này", "of this part")),
                    (false, Some(above)) => {
                        format!("{percent} {} {above}", either(language, "của phần vượt quá", "of the part over"))
                    }
                    (false, None) => percent,
                }
            });
            amount.into_iter().chain(percent).collect::<Vec<_>>().join(" + ")
        })
    }

    /// Returns the range and the price of each bracket, in words.
    pub(super) fn rows(&self, unit: Option<&Text>) -> Vec<(Text, Text)> {
        let brackets = self.brackets.iter().enumerate();
        brackets.map(|(at, bracket)| (self.range(at, unit), self.price(at, *bracket, unit))).collect()
    }

    /// Returns the least and the greatest number of each bracket, for machines.
    pub fn bounds(&self) -> impl Iterator<Item = (Option<f64>, Option<f64>, &FeeBracket)> {
        let at = |edge: BracketEdge| edge.at;
        let brackets = self.brackets.iter().enumerate();
        brackets.map(move |(place, bracket)| (self.start(place).map(at), bracket.to.map(at), bracket))
    }
}
