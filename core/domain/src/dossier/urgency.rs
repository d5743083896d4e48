//! The urgency of a dossier and of its steps.

use crate::dossier::{Dossier, Stay, Turn};
use crate::people::organisation::Role;
use crate::time::clock::Clock;
use jiff::Timestamp;

/// Returns the rank of something that is due at a moment: what has no limit comes after everything that has one.
fn rank_by(due: Option<Timestamp>) -> i64 {
    due.map_or(i64::MAX, Timestamp::as_second)
}

impl Turn {
    /// Returns until when the applicant has time, if the turn is the applicant's and has a limit.
    pub const fn applicant_until(self) -> Option<Timestamp> {
        match self {
            Self::Supplement { until } | Self::Payment { until } => Some(until),
            Self::Applicant { until } => until,
            Self::Office | Self::Ended => None,
        }
    }
}

impl Stay {
    /// Returns whether an officer can act at the stay: nothing is awaited from the applicant, whose step it is not.
    pub fn waits_for_office(&self) -> bool {
        self.waits.is_none() && self.at.role != Role::Applicant
    }

    /// Returns when the step is due, if its clock runs.
    pub fn due(&self) -> Option<Timestamp> {
        self.clock.as_ref().and_then(Clock::due)
    }

    /// Returns whether the step is late at `now` while its clock runs.
    pub fn runs_late(&self, now: Timestamp) -> bool {
        self.clock.as_ref().is_some_and(|clock| clock.runs_late(now))
    }
}

impl Dossier {
    /// Returns when the whole is due, or was when its clock stopped late, until there is a result.
    pub fn due_or_passed(&self) -> Option<Timestamp> {
        self.flow.whole.due_or_passed().filter(|_| self.flow.processed_at.is_none())
    }

    /// Returns the place of the dossier among those whose turn is the same: the lowest comes first. It follows from the
    /// limit of whose turn it is, and of ended dossiers the latest comes first. A dossier that only waits to be handed
    /// over comes after everything that has a limit. Limits of steps do not count: so most changes leave the rank as it
    /// is.
    pub fn rank(&self) -> i64 {
        match self.turn() {
            Turn::Office => rank_by(self.due_or_passed()),
            turn @ (Turn::Supplement { .. } | Turn::Payment { .. } | Turn::Applicant { .. }) => {
                rank_by(turn.applicant_until())
            }
            Turn::Ended => self.flow.ended.as_ref().map_or(0, |end| -end.at.as_second()),
        }
    }

    /// Returns the place of a stay among all that officers can act at: by its own limit or that of the whole, whichever
    /// comes first.
    pub fn rank_of(&self, stay: &Stay) -> i64 {
        rank_by(self.due_or_passed().into_iter().chain(stay.due()).min())
    }
}
