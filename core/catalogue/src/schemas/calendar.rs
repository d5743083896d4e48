//! `calendar/<year>.toml`.

use schemars::JsonSchema;

/// `calendar/<year>.toml`: counter hours, holidays and compensatory days.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    #[schemars(range(min = 2000, max = 2200))]
    year: i64,
    /// The hours of a working day. 8 by default.
    working_day_hours: Option<f64>,
    week: Week,
    holiday: Option<Vec<Holiday>>,
    compensatory: Option<Vec<Compensatory>>,
}

/// Sessions by day, such as `["07:30-11:30", "13:00-17:00"]`.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Week {
    monday: Option<Vec<String>>,
    tuesday: Option<Vec<String>>,
    wednesday: Option<Vec<String>>,
    thursday: Option<Vec<String>>,
    friday: Option<Vec<String>>,
    saturday: Option<Vec<String>>,
    sunday: Option<Vec<String>>,
}

/// One day, or the days of `from` and `to`.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    name: String,
    date: Option<String>,
    from: Option<String>,
    to: Option<String>,
}

/// A working day that compensates for another day.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Compensatory {
    date: String,
    sessions: Option<Vec<String>>,
}
