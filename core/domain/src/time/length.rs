//! The lengths of time that run on the calendar.

use serde::{Deserialize, Serialize};

/// A length of time on the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WorkingLength {
    /// Seconds within the sessions of the calendar. It ends at the very second.
    Working(i64),
    /// Whole working days after the day on which it begins. It ends with the last session of the last day.
    Days(i64),
    /// Seconds of the wall clock. It ends with the last session of the last day.
    Calendar(i64),
    /// Seconds of the wall clock that the applicant has. It ends at 24:00 of the last day.
    Applicant(i64),
    /// Seconds of the wall clock. It ends at the very second, on any day. Times have it of which earlier versions of the
    /// portal stored the moment alone.
    Exact(i64),
}

impl WorkingLength {
    /// Returns the number of seconds, or of days. Entries of earlier versions have negative numbers, once a limit has
    /// been passed.
    pub const fn amount(self) -> i64 {
        match self {
            Self::Working(amount)
            | Self::Days(amount)
            | Self::Calendar(amount)
            | Self::Applicant(amount)
            | Self::Exact(amount) => amount,
        }
    }

    /// Returns a length of the same kind.
    #[must_use]
    pub const fn with(self, amount: i64) -> Self {
        match self {
            Self::Working(_) => Self::Working(amount),
            Self::Days(_) => Self::Days(amount),
            Self::Calendar(_) => Self::Calendar(amount),
            Self::Applicant(_) => Self::Applicant(amount),
            Self::Exact(_) => Self::Exact(amount),
        }
    }

    /// Returns the rest after subtracting this number of seconds or days. Nothing is left of a length that is used up.
    #[must_use]
    pub fn minus(self, amount: i64) -> Self {
        self.with(self.amount().saturating_sub(amount).max(0))
    }

    /// Returns no time of the same kind.
    #[must_use]
    pub const fn used_up(self) -> Self {
        self.with(0)
    }

    /// Returns the rest after subtracting `other`. Returns `None` if the two have different kinds, or if nothing is
    /// left.
    pub fn less(self, other: Self) -> Option<Self> {
        let left = self.amount().saturating_sub(other.amount());
        (self.used_up() == other.used_up() && left > 0).then(|| self.with(left))
    }
}
