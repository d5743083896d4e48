//! Fees, charges and deposits: the rules of a procedure about them, and the amounts that a dossier owes.
//!
//! A fee is computed in this order: its rate, the least and the greatest amount, the number of units (`per`), a
//! reduction, and the rounding.

mod deposit;
mod price;
mod relief;
mod rounding;
mod table;
#[cfg(test)]
mod tests;
mod words;

pub use relief::FeeRelief;
pub use rounding::{Rounding, RoundingWay};
pub use table::{BracketEdge, FeeBracket, FeeTable};

use crate::dossier::event::DossierOutcome;
use crate::expression::{CannotEvaluate, Condition, ExactDecimal, Expression, RuleFault, WorkBudget};
use crate::legal::LegalReference;
use crate::money::Dong;
use crate::text;
use crate::text::{Language, Text};
use price::{FeePrice, PricePart};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::cmp::Ordering;
use words::{both, either, joined, measured, plain};

/// The highest fee.
const MOST: Dong = Dong(1_000_000_000_000);

/// A fee for a service (*phí*), a charge of state (*lệ phí*) or a deposit (*tiền ký quỹ*).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fee {
    pub name: Text,
    pub kind: FeeKind,
    /// The outcomes with which the agency keeps a deposit. With every other outcome the deposit goes back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept_by: Vec<DossierOutcome>,
    #[serde(flatten)]
    pub rate: FeeRate,
    /// The condition under which the fee is owed.
    pub when: Condition,
    /// The rule in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Text>,
    /// The number of units, each of which is charged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<Expression>,
    /// The word for a unit of the table's number, or else of `per`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Text>,
    /// The word for a unit of `per`, if `unit` is that of the table's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_unit: Option<Text>,
    /// The least price of one unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<Dong>,
    /// The greatest price of one unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Dong>,
    /// Exemptions, and then reductions. The first that fits counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reliefs: Vec<FeeRelief>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<Rounding>,
    /// The legal basis of the fee.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub basis: Vec<LegalReference>,
}

/// The way in which the price of one unit is found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FeeRate {
    Amount(Dong),
    /// The first case that fits counts. If none fits, nothing is owed.
    Cases(Vec<FeeCase>),
    Table(FeeTable),
    Formula(Expression),
}

/// An amount for some cases.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeeCase {
    /// The description of the cases.
    pub name: Text,
    pub when: Condition,
    pub amount: Dong,
}

/// The kinds of dues, which are listed apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FeeKind {
    /// *Phí*.
    Fee,
    /// *Lệ phí*.
    Charge,
    /// *Tiền ký quỹ, tiền đặt trước*.
    Deposit,
}

impl FeeKind {
    pub const ALL: [Self; 3] = [Self::Fee, Self::Charge, Self::Deposit];

    /// Returns the word for configuration and texts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fee => "fee",
            Self::Charge => "charge",
            Self::Deposit => "deposit",
        }
    }
}

/// One amount that a dossier owes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeeLine {
    pub name: Text,
    pub kind: FeeKind,
    /// The outcomes with which the agency keeps a deposit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept_by: Vec<DossierOutcome>,
    pub amount: Dong,
    /// The computation of the amount, unless the amount is fixed: `3 bản × 8.000 đ`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub computation: Option<Text>,
}

impl FeeLine {
    /// Describes the line: `Phí cấp bản sao: 24.000 đ (3 bản × 8.000 đ)`.
    pub fn words(&self, language: Language) -> String {
        let computation = self.computation.as_ref().map(|text| format!(" ({})", text.get(language)));
        let amount = self.amount.shown(language);
        format!("{}: {amount}{}", self.name.get(language), computation.unwrap_or_default())
    }
}

/// Returns the amounts that are owed under these fees, within the budget of a judgement. If the rule of a fee cannot be
/// evaluated, or an answer that its amount needs is missing, that fee is not owed. The budget stores the fault of a
/// rule, and the filing is refused because of the fault.
pub(super) fn lines(fees: &[Fee], values: &Map<String, Json>, work: &WorkBudget) -> Vec<FeeLine> {
    fees.iter().filter_map(|fee| fee.line(values, work).ok().flatten()).collect()
}

/// Returns whether a condition holds. A condition over a missing answer does not.
fn applies(condition: &Condition, values: &Map<String, Json>, work: &WorkBudget) -> Result<bool, CannotEvaluate> {
    match condition.outcome(values, work) {
        Err(CannotEvaluate::Unanswered { .. }) => Ok(false),
        outcome => outcome,
    }
}

/// Returns the first case whose condition holds.
fn first<'a, T>(
    cases: &'a [T],
    when: impl Fn(&T) -> &Condition,
    values: &Map<String, Json>,
    work: &WorkBudget,
) -> Result<Option<&'a T>, CannotEvaluate> {
    for case in cases {
        if applies(when(case), values, work)? {
            return Ok(Some(case));
        }
    }
    Ok(None)
}

impl Fee {
    /// Returns a fee of a fixed amount.
    pub fn fixed(name: Text, kind: FeeKind, amount: Dong, when: Condition) -> Self {
        Self {
            name,
            kind,
            kept_by: Vec::new(),
            rate: FeeRate::Amount(amount),
            when,
            help: None,
            per: None,
            unit: None,
            per_unit: None,
            at_least: None,
            at_most: None,
            reliefs: Vec::new(),
            round: None,
            basis: Vec::new(),
        }
    }

    /// Returns all expressions of the fee.
    pub fn expressions(&self) -> Vec<&Expression> {
        let cases = match &self.rate {
            FeeRate::Cases(cases) => cases.as_slice(),
            FeeRate::Amount(_) | FeeRate::Table(_) | FeeRate::Formula(_) => &[],
        };
        let number = match &self.rate {
            FeeRate::Table(table) => Some(&table.by),
            FeeRate::Formula(formula) => Some(formula),
            FeeRate::Amount(_) | FeeRate::Cases(_) => None,
        };
        let conditions = std::iter::once(&self.when)
            .chain(cases.iter().map(|case| &case.when))
            .chain(self.reliefs.iter().map(|relief| &relief.when));
        conditions.filter_map(Condition::expression).chain(number).chain(&self.per).collect()
    }

    fn line(&self, values: &Map<String, Json>, work: &WorkBudget) -> Result<Option<FeeLine>, CannotEvaluate> {
        if !applies(&self.when, values, work)? {
            return Ok(None);
        }
        let owing = |amount, computation| {
            let (name, kept_by) = (self.name.clone(), self.kept_by.clone());
            FeeLine { name, kind: self.kind, kept_by, amount, computation }
        };
        let relief = first(&self.reliefs, |relief| &relief.when, values, work)?;
        if let Some(exemption) = relief.filter(|relief| relief.is_exemption()) {
            return Ok(Some(owing(Dong(0), Some(exemption.words()))));
        }
        let Some(price) = self.price(values, work)? else { return Ok(None) };
        let count = self.per.as_ref().map(|per| per.decimal_within(values, work)).transpose()?;
        let settled = self.settled(price, count, relief);
        let outside = || self.fault(text!("là số âm hoặc quá lớn", "is negative or too large"), work);
        let (amount, computation) = settled.ok_or_else(outside)?;
        Ok(Some(owing(amount, computation)))
    }

    /// Returns the failure of the fee, and stores it as the fault of its author.
    fn fault(&self, reason: Text, work: &WorkBudget) -> CannotEvaluate {
        let rule = self.name.vi.clone();
        work.keep_broken(Some(RuleFault::broken(&rule, &reason)));
        CannotEvaluate::Fails { expression: rule, reason }
    }

    /// Returns the price of one unit, or `None` if no case fits.
    fn price(&self, values: &Map<String, Json>, work: &WorkBudget) -> Result<Option<FeePrice>, CannotEvaluate> {
        let flat = |amount: Dong| vec![PricePart::Flat(ExactDecimal::whole(amount.0))];
        Ok(Some(match &self.rate {
            FeeRate::Amount(amount) => FeePrice { label: None, parts: flat(*amount) },
            FeeRate::Cases(cases) => {
                let Some(case) = first(cases, |case| &case.when, values, work)? else { return Ok(None) };
                FeePrice { label: Some(case.name.clone()), parts: flat(case.amount) }
            }
            FeeRate::Table(table) => {
                let number = table.by.decimal_within(values, work)?;
                // The reason goes to the operator and into the journal, so it has no number of an answer.
                let (vi, en) = ("bảng phí không có bậc nào cho số này", "its table has no bracket for the number");
                let missing = || self.fault(Text::new(vi, en), work);
                let parts = table.parts(number).ok_or_else(missing)?;
                FeePrice { label: self.bracket(table, number), parts }
            }
            FeeRate::Formula(formula) => {
                let amount = formula.decimal_within(values, work)?;
                FeePrice { label: self.help.clone(), parts: vec![PricePart::Flat(amount)] }
            }
        }))
    }

    /// Describes the bracket of a number: `350 m³ (từ 200 đến dưới 500)`. The parts of a marginal table say enough.
    fn bracket(&self, table: &FeeTable, number: ExactDecimal) -> Option<Text> {
        let range = table.range(table.position(number).filter(|_| !table.marginal)?, None);
        let number = |language| measured(&plain(number, language), self.unit.as_ref(), language);
        Some(both(|language| format!("{} ({})", number(language), range.get(language))))
    }

    /// Returns the amount for so many units after its bounds, a reduction and the rounding, and how it was computed.
    /// Returns `None` if a number is negative or too large.
    fn settled(
        &self,
        price: FeePrice,
        count: Option<ExactDecimal>,
        relief: Option<&FeeRelief>,
    ) -> Option<(Dong, Option<Text>)> {
        let exact = |amount: Dong| ExactDecimal::whole(amount.0);
        let owable = |amount: ExactDecimal| {
            let order = amount.compare(exact(Dong(0)))?;
            (order != Ordering::Less).then_some(amount)
        };
        // A fixed amount has no bounds, so its units are a part of its price.
        let is_fixed = matches!(self.rate, FeeRate::Amount(_) | FeeRate::Cases(_));
        let (price, count) = match count {
            Some(count) if is_fixed => (price.times(count)?, None),
            count => (price, count),
        };
        let mut amount = owable(price.amount()?)?;
        let mut steps = vec![price.words(if is_fixed { self.charged_unit() } else { self.unit.as_ref() })];
        if let Some(least) = self.at_least
            && amount.compare(exact(least))? == Ordering::Less
        {
            amount = exact(least);
            steps.push(self.at_least_words(least));
        }
        if let Some(most) = self.at_most
            && amount.compare(exact(most))? == Ordering::Greater
        {
            amount = exact(most);
            steps.push(self.at_most_words(most));
        }
        if let Some(count) = count {
            let units = PricePart::Each { count, price: amount };
            amount = owable(units.amount()?)?;
            steps.push(both(|language| units.words(self.charged_unit(), language)));
        }
        if let Some(relief) = relief {
            amount = relief.rest(amount)?;
            steps.push(relief.words());
        }
        let rounding = self.round.unwrap_or(Rounding::TO_DONG);
        let owed = rounding.apply(amount)?;
        if exact(owed).compare(amount)? != Ordering::Equal {
            steps.push(rounding.words());
        }
        let is_plain = price.is_flat() && steps.len() == 1;
        (owed <= MOST).then(|| (owed, (!is_plain).then(|| joined(&steps, "; "))))
    }

    /// Describes the rate: `8.000 đ/bản`, or the way in which the amount is found.
    pub fn rate_words(&self) -> Text {
        let unit = self.charged_unit();
        both(|language| {
            let rate = match &self.rate {
                FeeRate::Amount(amount) => amount.shown(language),
                FeeRate::Cases(_) => either(language, "theo trường hợp", "by case").to_owned(),
                FeeRate::Table(_) => either(language, "theo bảng", "by the table").to_owned(),
                FeeRate::Formula(_) => either(language, "theo công thức", "by a formula").to_owned(),
            };
            match (&self.per, &self.rate, unit) {
                (None, _, _) => rate,
                (Some(_), FeeRate::Amount(_), Some(unit)) => format!("{rate}/{}", unit.get(language)),
                (Some(_), _, unit) => {
                    let unit = unit.map_or_else(|| either(language, "đơn vị", "units"), |unit| unit.get(language));
                    format!("{rate}, {} {unit}", either(language, "nhân với số", "times the number of"))
                }
            }
        })
    }

    /// Returns the cases or the brackets, each with its price in words.
    pub fn rows(&self) -> Vec<(Text, Text)> {
        match &self.rate {
            FeeRate::Amount(_) | FeeRate::Formula(_) => Vec::new(),
            FeeRate::Cases(cases) => {
                let row = |case: &FeeCase| (case.name.clone(), both(|language| case.amount.shown(language)));
                cases.iter().map(row).collect()
            }
            FeeRate::Table(table) => table.rows(self.unit.as_ref()),
        }
    }

    /// Describes the rule, the bounds, the reliefs, the rounding, and when a deposit goes back.
    pub fn notes(&self) -> Vec<Text> {
        let is_marginal = matches!(&self.rate, FeeRate::Table(table) if table.marginal);
        let marginal = is_marginal
            .then(|| Text::new("mỗi phần tính theo mức của phần đó", "each part is charged by its own bracket"));
        let least = self.at_least.map(|least| self.at_least_words(least));
        let bounds = least.into_iter().chain(self.at_most.map(|most| self.at_most_words(most)));
        let reliefs = self.reliefs.iter().map(FeeRelief::words);
        let rounding = self.round.map(Rounding::words);
        let computed = self.help.clone().into_iter().chain(marginal).chain(bounds).chain(reliefs).chain(rounding);
        computed.chain(self.deposit_words()).collect()
    }

    /// Returns the word for a unit of `per`. The unit of a table is that of its own number.
    fn charged_unit(&self) -> Option<&Text> {
        let other = || self.unit.as_ref().filter(|_| !matches!(self.rate, FeeRate::Table(_)));
        self.per_unit.as_ref().or_else(other)
    }

    fn at_least_words(&self, least: Dong) -> Text {
        both(|language| format!("{} {}", either(language, "tối thiểu", "at least"), self.for_each(least, language)))
    }

    fn at_most_words(&self, most: Dong) -> Text {
        both(|language| format!("{} {}", either(language, "tối đa", "at most"), self.for_each(most, language)))
    }

    /// Formats a bound, which is that of one unit if units are charged: `200.000 đ/bản`.
    fn for_each(&self, amount: Dong, language: Language) -> String {
        let amount = amount.shown(language);
        match (&self.per, self.charged_unit()) {
            (None, _) => amount,
            (Some(_), Some(unit)) => format!("{amount}/{}", unit.get(language)),
            (Some(_), None) => format!("{amount} {}", either(language, "cho mỗi đơn vị", "for each unit")),
        }
    }
}
