//! The sections `[sessions]` and `[quotas]` of `motcua.toml`: the end of sessions, and the quotas of one account.

use crate::reading::keys::{Shape, keys};
use crate::reading::node::FileTable;
use jiff::SignedDuration;
use motcua_domain::text;
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

/// The shortest and the longest time that can be written, in seconds.
const SHORTEST: i64 = 60;
const LONGEST: i64 = 31 * 24 * 60 * 60;

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
    let time = |key, default: SignedDuration, example: &str| {
        let Some(text) = table.string(key) else { return default };
        let time = text.value.parse::<SignedDuration>().ok();
        let time = time.filter(|time| (SHORTEST..=LONGEST).contains(&time.as_secs()));
        if time.is_none() {
            let written = text.value;
            let message = text!(
                "`{written}` không phải là thời gian từ 1 phút đến 31 ngày",
                "`{written}` is not a time from 1 minute to 31 days"
            );
            let help = text!("hãy viết {key} = \"{example}\"", "write {key} = \"{example}\"");
            table.mistake("bad-duration", text.span, message, help);
        }
        time.unwrap_or(default)
    };
    let sessions = SessionSettings { idle: time("idle", default.idle, "2h"), end: time("end", default.end, "14h") };
    table.finish();
    sessions
}
