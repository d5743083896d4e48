//! The price before bounds, reliefs and rounding.

use super::words::{both, measured, money, plain};
use crate::expression::ExactDecimal;
use crate::text::{Language, Text};

/// A part of a price.
#[derive(Debug, Clone, Copy)]
pub(super) enum PricePart {
    Flat(ExactDecimal),
    Each { count: ExactDecimal, price: ExactDecimal },
    Share { percent: ExactDecimal, of: ExactDecimal },
}

impl PricePart {
    /// Returns the amount, or `None` if it is too large.
    pub fn amount(self) -> Option<ExactDecimal> {
        match self {
            Self::Flat(amount) => Some(amount),
            Self::Each { count, price } => count.times(price),
            Self::Share { percent, of } => of.times(percent)?.over(ExactDecimal::whole(100)),
        }
    }

    /// Describes how the part is computed.
    pub fn words(self, unit: Option<&Text>, language: Language) -> String {
        match self {
            Self::Flat(amount) => money(amount, language),
            Self::Each { count, price } => {
                format!("{} × {}", measured(&plain(count, language), unit, language), money(price, language))
            }
            Self::Share { percent, of } => format!("{}% × {}", plain(percent, language), plain(of, language)),
        }
    }
}

/// A price that is the sum of its parts.
#[derive(Debug, Clone)]
pub(super) struct FeePrice {
    /// The case or the bracket.
    pub label: Option<Text>,
    pub parts: Vec<PricePart>,
}

impl FeePrice {
    /// Returns the sum, or `None` if it is too large.
    pub fn amount(&self) -> Option<ExactDecimal> {
        self.parts.iter().try_fold(ExactDecimal::whole(0), |sum, part| sum.plus(part.amount()?))
    }

    /// Returns the price for so many units.
    pub fn times(self, count: ExactDecimal) -> Option<Self> {
        let price = self.amount()?;
        Some(Self { parts: vec![PricePart::Each { count, price }], ..self })
    }

    /// Returns whether the amount alone says everything.
    pub fn is_flat(&self) -> bool {
        self.label.is_none() && matches!(self.parts.as_slice(), [PricePart::Flat(_)])
    }

    /// Describes how the price is computed.
    pub fn words(&self, unit: Option<&Text>) -> Text {
        both(|language| {
            let parts: Vec<String> = self.parts.iter().map(|part| part.words(unit, language)).collect();
            let label = self.label.as_ref().map(|label| format!("{}: ", label.get(language))).unwrap_or_default();
            format!("{label}{}", parts.join(" + "))
        })
    }
}
