//! Figures of a period, and the very dossiers behind each of them.
//!
//! A figure is a condition on rows of dossiers. The count and the list of a figure read the same condition, so the figure
//! is the number of the rows. Within a scope the figures add up:
//!
//! ```text
//! received + carried over = ended + in progress
//! received                = online + at the counter
//! ended                   = with a result + not received + withdrawn + lapsed
//! in time                 = early + on time
//! ```
//!
//! A result is judged when it exists, even if it is not handed over yet, as in all figures of the kit.

use crate::figures::{came_late, has_result, is_in_time};
use crate::projections::{IS_LATE, queue};
use motcua_domain::dossier::event::{Channel, DossierOutcome};

/// A figure of dossiers. `condition` says in SQL which dossiers it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CountedFigure {
    /// Filed in the period.
    Received,
    /// Filed in the period, in the portal.
    Online,
    /// Filed in the period, at a counter.
    AtCounter,
    /// Filed before the period, and not ended when it began.
    CarriedOver,
    /// Ended in the period.
    Ended,
    /// Ended in the period with a result of the agency, be it a refusal.
    WithResult,
    /// Ended in the period with a result that entered the register of results.
    Registered,
    /// Ended in the period by a refusal in substance, or by a silence that refuses. They are among those with a result.
    Refused,
    /// Ended in the period, because the agency declined to receive it. It has no result, so it is never in time.
    NotReceived,
    /// Ended in the period, because the applicant withdrew it.
    Withdrawn,
    /// Ended in the period, because the applicant let a limit pass.
    Lapsed,
    /// Filed before the end of the period, and not ended by then.
    InProgress,
    /// In progress at the end of the period, still open, and past its due time now.
    Overdue,
    /// In progress at the end of the period, and waiting for the applicant now.
    Waiting,
    /// With a result of the period that came no later than it was due: the early and the punctual ones.
    InTime,
    /// With a result of the period that came before the day it was due.
    Early,
    /// With a result of the period that came on the day it was due.
    OnTime,
    /// With a result of the period that came after it was due.
    Late,
    /// Ended in the period, and rated by the applicant.
    Rated,
}

impl CountedFigure {
    /// All figures, in the order of tables.
    pub const ALL: [Self; 19] = [
        Self::Received,
        Self::Online,
        Self::AtCounter,
        Self::CarriedOver,
        Self::Ended,
        Self::WithResult,
        Self::Registered,
        Self::Refused,
        Self::NotReceived,
        Self::Withdrawn,
        Self::Lapsed,
        Self::InProgress,
        Self::Overdue,
        Self::Waiting,
        Self::InTime,
        Self::Early,
        Self::OnTime,
        Self::Late,
        Self::Rated,
    ];

    /// Returns the word for addresses and texts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Online => "online",
            Self::AtCounter => "at-counter",
            Self::CarriedOver => "carried-over",
            Self::Ended => "ended",
            Self::WithResult => "with-result",
            Self::Registered => "registered",
            Self::Refused => "refused",
            Self::NotReceived => "not-received",
            Self::Withdrawn => "withdrawn",
            Self::Lapsed => "lapsed",
            Self::InProgress => "in-progress",
            Self::Overdue => "overdue",
            Self::Waiting => "waiting",
            Self::InTime => "in-time",
            Self::Early => "early",
            Self::OnTime => "on-time",
            Self::Late => "late",
            Self::Rated => "rated",
        }
    }

    /// Returns the condition of the dossiers that the figure counts. Its parameters are
    /// the present moment, the beginning of the period, and its end.
    pub(crate) fn condition(self) -> String {
        match self {
            Self::Received => FILED.to_owned(),
            Self::Online => format!("{FILED} AND channel = '{}'", Channel::Online.name()),
            Self::AtCounter => format!("{FILED} AND channel = '{}'", Channel::Counter.name()),
            Self::CarriedOver => "filed_at < $2 AND (ended_at IS NULL OR ended_at >= $2)".to_owned(),
            Self::Ended => ENDED.to_owned(),
            Self::WithResult => ended_as(DossierOutcome::has_result),
            Self::Registered => {
                let ended = ended_as(DossierOutcome::has_result);
                format!("{ended} AND EXISTS (SELECT 1 FROM result WHERE result.dossier = dossier.code)")
            }
            Self::Refused => {
                ended_as(|outcome| matches!(outcome, DossierOutcome::Refused | DossierOutcome::RefusedBySilence))
            }
            Self::NotReceived => ended_as(|outcome| outcome == DossierOutcome::NotReceived),
            Self::Withdrawn => ended_as(|outcome| outcome == DossierOutcome::Withdrawn),
            Self::Lapsed => ended_as(|outcome| outcome == DossierOutcome::Lapsed),
            Self::InProgress => IN_PROGRESS.to_owned(),
            Self::Overdue => format!("{IN_PROGRESS} AND {} AND {IS_LATE}", queue::IS_OPEN),
            Self::Waiting => format!("{IN_PROGRESS} AND queue = '{}'", queue::APPLICANT),
            Self::InTime => format!("{PROCESSED} AND {}", is_in_time()),
            Self::Early => format!("{PROCESSED} AND {} AND ended_punctuality = 'early'", has_result()),
            Self::OnTime => format!("{PROCESSED} AND {} AND ended_punctuality = 'on-time'", has_result()),
            Self::Late => format!("{PROCESSED} AND {}", came_late()),
            Self::Rated => format!("{ENDED} AND rating IS NOT NULL"),
        }
    }
}

/// The condition of dossiers that were filed in the period.
const FILED: &str = "filed_at >= $2 AND filed_at < $3";

/// The condition of dossiers that ended in the period.
const ENDED: &str = "ended_at >= $2 AND ended_at < $3";

/// The condition of dossiers whose result came in the period.
const PROCESSED: &str = "processed_at >= $2 AND processed_at < $3";

/// The condition of dossiers that were in progress at the end of the period.
const IN_PROGRESS: &str = "filed_at < $3 AND (ended_at IS NULL OR ended_at >= $3)";

/// The condition of all dossiers that any figure of the period may count.
pub(crate) const TOUCHED: &str = "filed_at < $3 AND (ended_at IS NULL OR ended_at >= $2)";

/// Returns the condition of dossiers that ended in the period with one of these outcomes.
fn ended_as(is_one: impl Fn(DossierOutcome) -> bool) -> String {
    let words = DossierOutcome::ALL.into_iter().filter(|outcome| is_one(*outcome));
    let words: Vec<String> = words.map(|outcome| format!("'{}'", outcome.name())).collect();
    format!("{ENDED} AND outcome IN ({})", words.join(", "))
}

/// A figure of steps that somebody took in the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepFigure {
    /// All of them.
    Taken,
    /// Before the day the step was due.
    Early,
    /// On the day the step was due.
    OnTime,
    /// After the step was due.
    Late,
    /// The step has no limit.
    Unlimited,
}

impl StepFigure {
    /// All figures, in the order of tables.
    pub const ALL: [Self; 5] = [Self::Taken, Self::Early, Self::OnTime, Self::Late, Self::Unlimited];

    /// Returns the word for addresses and texts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Taken => "step-taken",
            Self::Early => "step-early",
            Self::OnTime => "step-on-time",
            Self::Late => "step-late",
            Self::Unlimited => "step-unlimited",
        }
    }

    /// Returns the condition of the taken steps that the figure counts.
    pub(crate) const fn condition(self) -> &'static str {
        match self {
            Self::Taken => "$1 = $1",
            Self::Early => "s.punctuality = 'early'",
            Self::OnTime => "s.punctuality = 'on-time'",
            Self::Late => "s.punctuality = 'late'",
            Self::Unlimited => "s.punctuality IS NULL",
        }
    }
}

/// The condition of steps that were taken in the period.
pub(crate) const TAKEN: &str = "s.left_at >= $2 AND s.left_at < $3";

/// A figure whose dossiers are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListedFigure {
    Dossiers(CountedFigure),
    Steps(StepFigure),
}

impl ListedFigure {
    /// Returns the figure with a word.
    pub fn parse(word: &str) -> Option<Self> {
        let dossiers = CountedFigure::ALL.into_iter().find(|figure| figure.name() == word).map(Self::Dossiers);
        dossiers.or_else(|| StepFigure::ALL.into_iter().find(|figure| figure.name() == word).map(Self::Steps))
    }

    /// Returns the word for addresses and texts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dossiers(figure) => figure.name(),
            Self::Steps(figure) => figure.name(),
        }
    }
}
