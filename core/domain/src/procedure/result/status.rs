//! The standing of a result on a day.

use super::EarlierEffect;
use jiff::civil::Date;

/// The standing of a result on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResultStatus {
    Valid,
    /// Its last day has passed.
    Expired,
    /// A later result ended it.
    Ended,
    /// A later result took its place.
    Replaced,
}

impl ResultStatus {
    pub const ALL: [Self; 4] = [Self::Valid, Self::Expired, Self::Ended, Self::Replaced];

    /// Returns the word for tables and pages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Expired => "expired",
            Self::Ended => "ended",
            Self::Replaced => "replaced",
        }
    }

    /// Returns the standing of a result on a day. `until` is the last day of its validity, and `later` the effect of a
    /// result that follows it. An end counts more than a replacement, because nothing is valid after an end.
    pub fn of(until: Option<Date>, today: Date, later: Option<EarlierEffect>) -> Self {
        match later {
            Some(EarlierEffect::Ended) => Self::Ended,
            Some(EarlierEffect::Replaced) => Self::Replaced,
            None if until.is_some_and(|until| until < today) => Self::Expired,
            None => Self::Valid,
        }
    }
}
