//! The times that events store, also those of earlier versions of the portal.

use crate::time::calendar::WorkingLength;
use crate::time::clock::Clock;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A time as an event stores it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RecordedTime {
    Clock(Clock),
    /// Earlier versions of the portal stored the moment alone.
    Moment(Timestamp),
}

impl RecordedTime {
    /// Returns the clock. If the event has the moment alone, the clock runs since the event, with a length of the kind
    /// that `length` makes of seconds.
    pub fn into_clock(self, since: Timestamp, length: impl FnOnce(i64) -> WorkingLength) -> Clock {
        match self {
            Self::Clock(clock) => clock,
            Self::Moment(due) => {
                let left = length(due.as_second().saturating_sub(since.as_second()).max(0));
                Clock::Running { since, left, due }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::calendar::instant;
    use crate::time::calendar::tests::office;
    use jiff::civil::date;

    #[test]
    fn times_of_earlier_versions_are_read() {
        let read = |text: &str| serde_json::from_str::<RecordedTime>(text).expect("a time");
        let (since, due) = (instant(date(2026, 3, 2).at(9, 0, 0, 0)), instant(date(2026, 4, 1).at(23, 59, 59, 0)));
        let clock = read(&format!("\"{due}\"")).into_clock(since, WorkingLength::Applicant);
        assert_eq!(clock.due(), Some(due));
        assert_eq!(clock.recomputed(&office()), clock, "the calendar gives the same time");
        let written = serde_json::to_string(&RecordedTime::Clock(clock.clone())).expect("JSON");
        assert_eq!(read(&written), RecordedTime::Clock(clock));
        let stopped = r#"{"state":"stopped","at":"2026-03-02T02:00:00Z","left":{"working":-60}}"#;
        let stopped: Clock = serde_json::from_str(stopped).expect("a clock");
        assert!(stopped.is_late(due), "a negative rest was late");
        assert_eq!(stopped.resume(&office(), due).due(), Some(since));
    }
}
