//! The section `[staff]` of `motcua.toml`: the log-in of officers.

use crate::reading::keys::{Shape, keys};
use crate::reading::node::FileTable;
use serde::{Deserialize, Serialize};

keys! {
    /// The log-in of officers.
    pub(super) STAFF = "Staff" {
        optional {
            /// `required`: every officer types a code of an app beside the password. `offered`, by default: those who set it up.
            second_factor: Shape::Word(|| SecondFactorRule::ALL.map(SecondFactorRule::name).to_vec()),
        }
    }
}

/// The section `[staff]`: the log-in of officers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StaffSettings {
    pub second_factor: SecondFactorRule,
}

/// The rule for the second factor of officers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecondFactorRule {
    /// An officer who set one up types a code at each log-in.
    #[default]
    Offered,
    /// Every officer sets one up at the first log-in.
    Required,
}

impl SecondFactorRule {
    pub const ALL: [Self; 2] = [Self::Offered, Self::Required];

    /// Returns the word in `motcua.toml`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::Required => "required",
        }
    }
}

/// Reads the section.
pub(super) fn read(table: &FileTable<'_>) -> StaffSettings {
    let rule = table.word("second_factor", &SecondFactorRule::ALL, SecondFactorRule::name);
    table.finish();
    StaffSettings { second_factor: rule.unwrap_or_default() }
}
