//! The meaning of an agency's silence: what follows by law if its limit passes without an answer.

use crate::legal::LegalReference;
use serde::{Deserialize, Serialize};

/// The consequence of a limit that passes without an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    pub means: SilenceMeaning,
    /// The law that says so.
    pub basis: Vec<LegalReference>,
}

/// The meaning of a silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SilenceMeaning {
    Approval,
    Refusal,
}

impl SilenceMeaning {
    pub const ALL: [Self; 2] = [Self::Approval, Self::Refusal];

    /// Returns the configuration word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Approval => "approval",
            Self::Refusal => "refusal",
        }
    }
}
