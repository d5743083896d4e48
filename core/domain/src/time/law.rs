//! The rules of law by which a period begins and ends. They are settings of the calendar, because laws change. The
//! default follows the Civil Code of 2015, articles 147 and 148.

/// The way to count a limit in working days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DayCount {
    /// Hour by hour through the sessions, from the hour of receipt.
    #[default]
    Hours,
    /// By whole days. The limit ends with the last session of the last day.
    Days,
}

/// The first day of a period of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FirstDay {
    /// The day after the event (article 147).
    #[default]
    Next,
    /// The day of the event.
    Same,
}

/// The end of a period whose last day is a day off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DayOff {
    /// The end of the next working day (article 148, clause 5).
    #[default]
    Moves,
    /// The day off itself.
    Stays,
}

/// The end of the last day of the applicant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ApplicantEnd {
    /// 24:00 (article 148, clause 6).
    #[default]
    Midnight,
    /// The end of the last session.
    Closing,
}

impl DayCount {
    pub const ALL: [Self; 2] = [Self::Hours, Self::Days];

    /// Returns the word for the calendar's file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hours => "hours",
            Self::Days => "days",
        }
    }
}

impl FirstDay {
    pub const ALL: [Self; 2] = [Self::Next, Self::Same];

    /// Returns the word for the calendar's file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Next => "next-day",
            Self::Same => "same-day",
        }
    }
}

impl DayOff {
    pub const ALL: [Self; 2] = [Self::Moves, Self::Stays];

    /// Returns the word for the calendar's file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Moves => "next-working-day",
            Self::Stays => "same-day",
        }
    }
}

impl ApplicantEnd {
    pub const ALL: [Self; 2] = [Self::Midnight, Self::Closing];

    /// Returns the word for the calendar's file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Midnight => "midnight",
            Self::Closing => "last-session",
        }
    }
}

/// The rules by which periods begin and end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PeriodRules {
    pub count: DayCount,
    pub first_day: FirstDay,
    pub day_off: DayOff,
    pub applicant_end: ApplicantEnd,
    /// The laws that state these rules.
    pub source: Option<String>,
}

impl PeriodRules {
    /// Returns the number of days after the day of the event until the last day of a period.
    pub fn days_after(&self, days: u32) -> i64 {
        let first = match self.first_day {
            FirstDay::Next => 0,
            FirstDay::Same => 1,
        };
        i64::from(days).saturating_sub(first).max(0)
    }

    /// Returns the rules that affect due times, in words.
    pub fn words(&self) -> String {
        let Self { count, first_day, day_off, applicant_end, .. } = self;
        format!("{}, {}, {}, {}", count.name(), first_day.name(), day_off.name(), applicant_end.name())
    }
}
