//! Queries of figures of a period, and of the rows that a figure counts.

use crate::counted::{CountedFigure, ListedFigure, StepFigure, TAKEN, TOUCHED};
use crate::desk::DeskPlace;
use crate::{Database, DatabaseReader, Fault};
use motcua_domain::names::AgencyId;
use sea_orm::{ConnectionTrait as _, DbBackend, FromQueryResult, QueryResult, Statement, Value};

/// The end of a period that has none, in seconds since 1970.
const FOR_EVER: i64 = i64::MAX;

/// The dossiers or steps that figures are about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CountingScope {
    /// The present moment in seconds since 1970, for what is overdue.
    pub now: i64,
    /// The first second of the period. `None` means from the beginning.
    pub from: Option<i64>,
    /// The second after the period. `None` means without an end.
    pub to: Option<i64>,
    pub agency: Option<AgencyId>,
    /// The unit that has the dossier, or that took the step.
    pub unit: Option<String>,
    /// The code of the procedure.
    pub procedure: Option<String>,
    /// The word for the channel.
    pub channel: Option<String>,
    /// The name of the step as it is stored. Only figures of steps have one.
    pub step: Option<String>,
}

impl CountingScope {
    /// Returns the parameters: the present moment, the beginning and the end of the period, and the chosen properties.
    fn values(&self) -> Vec<Value> {
        let times = [self.now, self.from.unwrap_or(0), self.to.unwrap_or(FOR_EVER)];
        let agency = self.agency.as_ref().map(AgencyId::as_str);
        let words = [agency, self.unit.as_deref(), self.procedure.as_deref(), self.channel.as_deref()];
        let words = words.into_iter().chain([self.step.as_deref()]).flatten();
        times.into_iter().map(Value::from).chain(words.map(Value::from)).collect()
    }

    /// Returns the conditions of the chosen properties, each after an `AND`. The tables of the place and of the dossier
    /// are named so.
    fn chosen(&self, place: &str, dossier: &str) -> String {
        let columns = [
            (self.agency.is_some(), format!("{place}agency")),
            (self.unit.is_some(), format!("{place}unit")),
            (self.procedure.is_some(), format!("{dossier}procedure")),
            (self.channel.is_some(), format!("{dossier}channel")),
            (self.step.is_some(), format!("{place}step_name")),
        ];
        let chosen = columns.into_iter().filter(|(is_chosen, _)| *is_chosen).map(|(_, column)| column);
        let conditions =
            (4..).zip(chosen).map(|(number, column): (usize, String)| format!(" AND {column} = ${number}"));
        conditions.collect::<Vec<_>>().concat()
    }

    /// Returns the same scope for dossiers, which have no chosen step.
    fn of_dossiers(&self) -> Self {
        Self { step: None, ..self.clone() }
    }
}

/// The property by which dossiers are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountingGroup {
    Agency,
    /// The unit with its agency, as `agency/unit`.
    Unit,
    Procedure,
    Channel,
}

impl CountingGroup {
    /// All groupings, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Agency, Self::Unit, Self::Procedure, Self::Channel];

    /// Returns the word for addresses and texts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Agency => "agency",
            Self::Unit => "unit",
            Self::Procedure => "procedure",
            Self::Channel => "channel",
        }
    }

    const fn key(self) -> &'static str {
        match self {
            Self::Agency => "agency",
            Self::Unit => "agency || '/' || unit",
            Self::Procedure => "procedure",
            Self::Channel => "channel",
        }
    }
}

/// The figures of a group of dossiers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CountedGroup {
    /// The agency, the unit with its agency, the procedure or the channel.
    pub key: String,
    /// The figures, in the order of [`CountedFigure::ALL`].
    counts: Vec<i64>,
    /// The points of the rated dossiers.
    pub points: i64,
    /// The fees of the received dossiers that the agency has, in đồng.
    pub collected: i64,
}

impl CountedGroup {
    /// Returns a figure.
    pub fn count(&self, figure: CountedFigure) -> i64 {
        let place = CountedFigure::ALL.iter().position(|known| *known == figure);
        place.and_then(|place| self.counts.get(place)).copied().unwrap_or_default()
    }

    /// Returns the sums over groups.
    pub fn total(groups: &[Self]) -> Self {
        Self {
            key: String::new(),
            counts: CountedFigure::ALL.map(|figure| groups.iter().map(|group| group.count(figure)).sum()).to_vec(),
            points: groups.iter().map(|group| group.points).sum(),
            collected: groups.iter().map(|group| group.collected).sum(),
        }
    }

    fn read(row: &QueryResult) -> Result<Self, Fault> {
        let counts = (0..CountedFigure::ALL.len()).map(|place| row.try_get::<i64>("", &format!("figure_{place}")));
        Ok(Self {
            key: row.try_get("", "part")?,
            counts: counts.collect::<Result<_, _>>()?,
            points: row.try_get("", "points")?,
            collected: row.try_get("", "collected")?,
        })
    }
}

/// The figures of a step at a unit.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct CountedStep {
    pub agency: String,
    pub unit: String,
    /// The name of the step as it is stored, a text in JSON.
    pub step_name: String,
    pub taken: i64,
    pub early: i64,
    pub on_time: i64,
    pub late: i64,
    pub unlimited: i64,
}

impl CountedStep {
    /// Returns a figure.
    pub const fn count(&self, figure: StepFigure) -> i64 {
        match figure {
            StepFigure::Taken => self.taken,
            StepFigure::Early => self.early,
            StepFigure::OnTime => self.on_time,
            StepFigure::Late => self.late,
            StepFigure::Unlimited => self.unlimited,
        }
    }
}

/// A dossier that a figure counts, or one of its steps.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct CountedRow {
    /// The moment of the filing, or of the step, by which the list is sorted.
    pub at: i64,
    /// The number of the step, or 0.
    pub number: i64,
    pub code: String,
    pub procedure: String,
    pub procedure_name: String,
    pub agency: String,
    pub unit: String,
    /// The step that was taken, or at which the dossier is.
    pub step_name: String,
    pub applicant_name: String,
    pub phone: String,
    pub channel: String,
    pub outcome: Option<String>,
    pub filed_at: i64,
    pub due_at: Option<i64>,
    pub processed_at: Option<i64>,
    pub ended_at: Option<i64>,
    /// The person who took the result at the counter, as a line of the register.
    pub receiver: Option<String>,
    /// The punctuality of the step that was taken, or of the dossier.
    pub punctuality: Option<String>,
    pub collected: i64,
}

impl CountedRow {
    /// Returns the punctuality of the step, or of the result. A dossier that ended without a result was in time for nothing.
    pub fn judged(&self) -> Option<&str> {
        let is_of_step = self.number != 0;
        self.punctuality.as_deref().filter(|_| is_of_step || self.processed_at.is_some() || self.ended_at.is_none())
    }

    /// Returns the place of the row in its list.
    pub fn place(&self) -> DeskPlace {
        DeskPlace { rank: self.at, code: self.code.clone(), number: self.number }
    }
}

/// The columns of a row that are those of the dossier.
const COLUMNS: &str =
    "d.code, d.procedure, d.procedure_name, d.applicant_name, d.phone, d.channel, d.outcome, d.filed_at,
    d.due_at, d.processed_at, d.ended_at, d.receiver, d.collected";

/// Returns a column that counts the rows that meet a condition.
fn counted(condition: &str, name: &str) -> String {
    format!("CAST(SUM(CASE WHEN {condition} THEN 1 ELSE 0 END) AS BIGINT) AS {name}")
}

/// Returns the query of the figures of dossiers.
fn groups(backend: DbBackend, scope: &CountingScope, by: CountingGroup) -> Statement {
    let scope = scope.of_dossiers();
    let figures = CountedFigure::ALL.into_iter().enumerate();
    let figures = figures.map(|(place, figure)| counted(&figure.condition(), &format!("figure_{place}")));
    let sum = |condition: &str, column: &str, name: &str| {
        format!("CAST(SUM(CASE WHEN {condition} THEN {column} ELSE 0 END) AS BIGINT) AS {name}")
    };
    let sql = format!(
        "SELECT {key} AS part, {figures}, {points}, {collected}
         FROM dossier WHERE {TOUCHED}{chosen} GROUP BY {key} ORDER BY {key}",
        key = by.key(),
        figures = figures.collect::<Vec<_>>().join(", "),
        points = sum(&CountedFigure::Rated.condition(), "rating", "points"),
        collected = sum(&CountedFigure::Received.condition(), "collected", "collected"),
        chosen = scope.chosen("", ""),
    );
    Statement::from_sql_and_values(backend, &sql, scope.values())
}

/// Returns the query of the figures of steps.
fn steps(backend: DbBackend, scope: &CountingScope) -> Statement {
    let columns = [
        counted(StepFigure::Taken.condition(), "taken"),
        counted(StepFigure::Early.condition(), "early"),
        counted(StepFigure::OnTime.condition(), "on_time"),
        counted(StepFigure::Late.condition(), "late"),
        counted(StepFigure::Unlimited.condition(), "unlimited"),
    ];
    let sql = format!(
        "SELECT s.agency, s.unit, s.step_name, {columns}
         FROM taken_step s JOIN dossier d ON d.code = s.dossier WHERE {TAKEN}{chosen}
         GROUP BY s.agency, s.unit, s.step_name ORDER BY s.agency, s.unit, s.step_name",
        columns = columns.join(", "),
        chosen = scope.chosen("s.", "d."),
    );
    Statement::from_sql_and_values(backend, &sql, scope.values())
}

/// Returns the query of the rows of a figure after a place, at most `most`, in the order of their moments.
fn rows(
    backend: DbBackend,
    scope: &CountingScope,
    figure: ListedFigure,
    after: Option<&DeskPlace>,
    most: u64,
) -> Statement {
    let (scope, from) = match figure {
        ListedFigure::Dossiers(figure) => {
            let scope = scope.of_dossiers();
            let columns = "filed_at AS at, CAST(0 AS BIGINT) AS number, agency, unit, step_name,
                           ended_punctuality AS punctuality, due_at < $1 AS was_due";
            let condition = figure.condition();
            let chosen = scope.chosen("", "");
            let from = format!(
                "(SELECT code AS dossier, {columns} FROM dossier WHERE {TOUCHED} AND {condition}{chosen}) AS r
                 JOIN dossier d ON d.code = r.dossier"
            );
            (scope, from)
        }
        ListedFigure::Steps(figure) => {
            let columns = "s.dossier, s.left_at AS at, s.number, s.agency, s.unit, s.step_name, s.punctuality,
                           s.left_at < $1 AS was_due";
            let condition = figure.condition();
            let chosen = scope.chosen("s.", "c.");
            let from = format!(
                "(SELECT {columns} FROM taken_step s JOIN dossier c ON c.code = s.dossier
                  WHERE {TAKEN} AND {condition}{chosen}) AS r
                 JOIN dossier d ON d.code = r.dossier"
            );
            (scope.clone(), from)
        }
    };
    let mut values = scope.values();
    let mut later = String::new();
    if let Some(place) = after {
        let first = values.len() + 1;
        let (second, third) = (first + 1, first + 2);
        later = format!(
            "WHERE r.at > ${first} OR (r.at = ${first} AND (r.dossier > ${second}
                OR (r.dossier = ${second} AND r.number > ${third})))"
        );
        values.extend([Value::from(place.rank), Value::from(place.code.as_str()), Value::from(place.number)]);
    }
    values.push(Value::from(i64::try_from(most).unwrap_or(i64::MAX)));
    let sql = format!(
        "SELECT r.at, r.number, r.agency, r.unit, r.step_name, r.punctuality, {COLUMNS} FROM {from} {later}
         ORDER BY r.at, r.dossier, r.number LIMIT ${limit}",
        limit = values.len(),
    );
    Statement::from_sql_and_values(backend, &sql, values)
}

async fn read_groups(reader: DatabaseReader, query: Statement) -> Result<Vec<CountedGroup>, Fault> {
    reader.query_all_raw(query).await?.iter().map(CountedGroup::read).collect()
}

async fn read_steps(reader: DatabaseReader, query: Statement) -> Result<Vec<CountedStep>, Fault> {
    Ok(CountedStep::find_by_statement(query).all(&reader).await?)
}

async fn read_rows(reader: DatabaseReader, query: Statement) -> Result<Vec<CountedRow>, Fault> {
    Ok(CountedRow::find_by_statement(query).all(&reader).await?)
}

impl Database {
    /// Returns the figures of the dossiers of a scope by group. A replica answers if there is one.
    pub async fn count_groups(&self, scope: &CountingScope, by: CountingGroup) -> Result<Vec<CountedGroup>, Fault> {
        let query = groups(self.backend(), scope, by);
        self.read_behind(|reader: DatabaseReader| read_groups(reader, query.clone())).await
    }

    /// Returns the figures of the steps of a scope. A replica answers if there is one.
    pub async fn count_steps(&self, scope: &CountingScope) -> Result<Vec<CountedStep>, Fault> {
        let query = steps(self.backend(), scope);
        self.read_behind(|reader: DatabaseReader| read_steps(reader, query.clone())).await
    }

    /// Returns the rows that a figure counts, those after a place or the first ones, at most `most`, in the order of
    /// their moments. A replica answers if there is one.
    pub async fn counted_rows(
        &self,
        scope: &CountingScope,
        figure: ListedFigure,
        after: Option<&DeskPlace>,
        most: u64,
    ) -> Result<Vec<CountedRow>, Fault> {
        let query = rows(self.backend(), scope, figure, after, most);
        self.read_behind(|reader: DatabaseReader| read_rows(reader, query.clone())).await
    }
}
