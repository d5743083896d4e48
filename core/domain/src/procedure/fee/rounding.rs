//! The rounding of an amount.

use super::words::{both, either};
use crate::expression::ExactDecimal;
use crate::money::Dong;
use crate::text::Text;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// The rounding of an amount to a multiple of some đồng.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rounding {
    /// The rounded amount is a multiple of this.
    pub to: Dong,
    pub way: RoundingWay,
}

/// The direction of a rounding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RoundingWay {
    /// To the nearest multiple. The middle is rounded up.
    HalfUp,
    Up,
    Down,
}

impl RoundingWay {
    pub const ALL: [Self; 3] = [Self::HalfUp, Self::Up, Self::Down];

    /// Returns the configuration word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HalfUp => "half-up",
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

impl Rounding {
    /// The rounding of a fee that states none, because there are no parts of a đồng.
    pub const TO_DONG: Self = Self { to: Dong(1), way: RoundingWay::HalfUp };

    /// Rounds an amount that is not negative. Returns `None` if it is too large.
    pub(super) fn apply(self, amount: ExactDecimal) -> Option<Dong> {
        let (times, rest) = amount.divided(self.to.0)?;
        let goes_up = match self.way {
            RoundingWay::HalfUp => rest.plus(rest)?.compare(ExactDecimal::whole(self.to.0))? != Ordering::Less,
            RoundingWay::Up => !rest.is_zero(),
            RoundingWay::Down => false,
        };
        times.checked_add(i64::from(goes_up))?.checked_mul(self.to.0).map(Dong)
    }

    /// Describes the rounding.
    pub(super) fn words(self) -> Text {
        let (vi, en) = match self.way {
            RoundingWay::HalfUp => ("làm tròn đến", "rounded to"),
            RoundingWay::Up => ("làm tròn lên đến", "rounded up to"),
            RoundingWay::Down => ("làm tròn xuống đến", "rounded down to"),
        };
        both(|language| format!("{} {}", either(language, vi, en), self.to.shown(language)))
    }
}
