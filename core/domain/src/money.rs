//! Amounts of money.

mod words;

use crate::number;
use crate::text::Language;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A whole number of đồng, never a floating point number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Dong(pub i64);

/// An account to which fees can be transferred.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BankAccount {
    /// The bank's six-digit number in the interbank network.
    pub bin: String,
    pub account: String,
    /// The holder in capitals without diacritics, as banks write it.
    pub holder: String,
}

impl fmt::Display for Dong {
    /// Writes `1.200.000 đ`: grouped the Vietnamese way.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown(Language::Vi))
    }
}

impl Dong {
    /// Returns the amount for readers: `1.200.000 đ`, or `1,200,000 đ` in English.
    pub fn shown(self, language: Language) -> String {
        format!("{} đ", number::whole(self.0, language))
    }
}

impl std::iter::Sum for Dong {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        Self(amounts.fold(0_i64, |sum, amount| sum.saturating_add(amount.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::Dong;
    use crate::text::Language;

    #[test]
    fn dong_are_grouped_by_thousands() {
        assert_eq!(Dong(0).to_string(), "0 đ");
        assert_eq!(Dong(28_000).to_string(), "28.000 đ");
        assert_eq!(Dong(-1_200_000).to_string(), "-1.200.000 đ");
        assert_eq!(Dong(1_200_000).shown(Language::En), "1,200,000 đ");
    }
}
