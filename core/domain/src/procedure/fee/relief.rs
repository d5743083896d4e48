//! Exemptions from a fee, and reductions of a fee.

use super::words::{both, either};
use crate::expression::{Condition, ExactDecimal};
use crate::text::Text;
use serde::{Deserialize, Serialize};

/// All of a fee, in percent.
const WHOLE: u8 = 100;

/// An exemption from a fee, or a reduction of a fee, for some applicants.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeeRelief {
    /// The description of the applicants: `Hộ nghèo`.
    pub name: Text,
    pub when: Condition,
    /// The share of the fee that is not owed, in percent. An exemption has 100.
    pub percent: u8,
    /// The legal basis in words, which stay in Vietnamese.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
}

impl FeeRelief {
    /// The percent of an exemption.
    pub const EXEMPT: u8 = WHOLE;

    pub(super) const fn is_exemption(&self) -> bool {
        self.percent >= WHOLE
    }

    /// Returns the rest of an amount.
    pub(super) fn rest(&self, amount: ExactDecimal) -> Option<ExactDecimal> {
        let rest = ExactDecimal::whole(i64::from(WHOLE.saturating_sub(self.percent)));
        amount.times(rest)?.over(ExactDecimal::whole(i64::from(WHOLE)))
    }

    /// Describes the relief with its legal basis.
    pub(super) fn words(&self) -> Text {
        let basis = self.basis.as_ref().map(|basis| format!(" ({basis})")).unwrap_or_default();
        both(|language| {
            let share = if self.is_exemption() {
                either(language, "miễn", "exempt").to_owned()
            } else {
                format!("{} {}%", either(language, "giảm", "reduced by"), self.percent)
            };
            format!("{share}: {}{basis}", self.name.get(language))
        })
    }
}
