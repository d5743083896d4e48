//! The sections `[sessions]` and `[quotas]` of `motcua.toml`: the end of sessions, and the quotas of one account.

use super::operating::duration;
use crate::reading::keys::{Shape, keys};
use crate::reading::node::FileTable;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

keys! {
    /// The time at which sessions end.
    pub(super) SESSIONS = "Sessions" {
        optional {
            /// The time after the last page, such as `30m`. `2h` by default.
            idle: Shape::Text,
            /// The time after the log-in, regardless of activity. `14h` by default.
            end: Shape::Text,
        }
    }
}

/// The largest number that can be written.
const LARGEST: i64 = 1_000_000_000;

/// The time at which a session ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SessionSettings {
    /// The time after the last page.
    pub idle: SignedDuration,
    /// The time after the log-in, regardless of activity.
    pub end: SignedDuration,
}

impl Default for SessionSettings {
    /// Returns two hours without a page, and a working day with the evening after it.
    fn default() -> Self {
        Self { idle: SignedDuration::from_hours(2), end: SignedDuration::from_hours(14) }
    }
}

numbers! {
    /// The quotas of one applicant's account.
    Quotas, QUOTAS = "Quotas" {
        /// The most drafts at once.
        drafts: 50 (at most LARGEST),
        /// The most files of one draft.
        draft_files: 200 (at most LARGEST),
        /// The most MB of the files of one draft.
        draft_megabytes: 500 (at most LARGEST),
        /// The most files of the drafts and the paper wallet together.
        account_files: 2_000 (at most LARGEST),
        /// The most MB of the files of the drafts and the paper wallet together.
        account_megabytes: 4_000 (at most LARGEST),
        /// The most files uploaded in a day.
        day_files: 300 (at most LARGEST),
        /// The most MB uploaded in a day.
        day_megabytes: 1_000 (at most LARGEST),
        /// The most messages written in an hour.
        messages_per_hour: 20 (at most LARGEST),
        /// The most dossiers filed in an hour.
        filings_per_hour: 30 (at most LARGEST),
        /// The most complaints and suggestions sent in a day.
        suggestions_per_day: 10 (at most LARGEST),
    }
}

/// Reads the section `[sessions]`.
pub fn read_sessions(table: &FileTable<'_>) -> SessionSettings {
    let default = SessionSettings::default();
    let sessions = SessionSettings {
        idle: duration(table, "idle", "2h").unwrap_or(default.idle),
        end: duration(table, "end", "14h").unwrap_or(default.end),
    };
    table.finish();
    sessions
}
