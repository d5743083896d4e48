//! Figures of agencies.
//!
//! ```text
//! an agency's figures = its open dossiers + its ended ones that are not counted + its row of `figure`
//!                       as many as the      those of the last seconds              sums over all that are counted
//!                       offices work on
//! ```
//!
//! The column `dossier.counted` says what `figure` has of a dossier. A change of a dossier neither reads nor writes
//! that column, so it costs nothing more, and a node of an older version leaves no sum behind. In the background each
//! ended dossier is added once, and its rating once, because neither changes afterwards.

use crate::journal::JournalReport;
use crate::projections::{IS_LATE, queue};
use crate::{Database, DatabaseReader, Fault, Transaction};
use motcua_domain::dossier::event::DossierOutcome;
use motcua_domain::names::AgencyId;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};
use std::collections::BTreeMap;

/// Figures of one agency.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct AgencySums {
    pub agency: String,
    pub filed: i64,
    pub open: i64,
    pub overdue: i64,
    pub waiting: i64,
    pub ended: i64,
    pub in_time: i64,
    pub late: i64,
    pub rated: i64,
    pub points: i64,
    /// The dossiers that came at a counter, open and ended.
    pub at_counter: i64,
}

/// The columns of `figure` that are sums.
const SUMS: [&str; 6] = ["ended", "in_time", "late", "rated", "points", "at_counter"];

/// The condition of the index `dossier_uncounted`: the ended dossiers that `figure` lacks, or whose rating it lacks.
///
/// A query must repeat it word for word.
const UNCOUNTED: &str = "CASE WHEN ended_at IS NOT NULL AND (counted = 0 OR (counted = 1 AND rating IS NOT NULL))
    THEN 1 ELSE 0 END = 1";

/// The amounts that an ended dossier adds to the sums.
#[derive(FromQueryResult)]
struct UncountedDossier {
    code: String,
    agency: String,
    ended: i64,
    in_time: i64,
    late: i64,
    rated: i64,
    points: i64,
    at_counter: i64,
}

#[derive(FromQueryResult)]
struct AgencyRow {
    agency: String,
}

/// Returns the condition of dossiers with a result of the agency, which exists before the dossier ends. A dossier that
/// was withdrawn, lapsed or was not received has none.
pub(crate) fn has_result() -> String {
    let without = DossierOutcome::ALL.into_iter().filter(|outcome| !outcome.has_result());
    let words: Vec<String> = without.map(|outcome| format!("'{}'", outcome.name())).collect();
    format!("processed_at IS NOT NULL AND (outcome IS NULL OR outcome NOT IN ({}))", words.join(", "))
}

/// Returns the condition of dossiers with an early or punctual result. All figures count by it.
pub(crate) fn is_in_time() -> String {
    format!("{} AND ended_punctuality IN ('early', 'on-time')", has_result())
}

/// Returns the condition of dossiers with a late result. All figures count by it.
pub(crate) fn came_late() -> String {
    format!("{} AND ended_punctuality = 'late'", has_result())
}

/// Returns the columns [`SUMS`] of a single dossier. Under the first condition it counts as ended, under the second its
/// punctuality counts, under the third its rating, and under the fourth its channel.
fn adds(ended: &str, judged: &str, rated: &str, came: &str) -> String {
    let one =
        |condition: &str, name: &str| format!("CAST(CASE WHEN {condition} THEN 1 ELSE 0 END AS BIGINT) AS {name}");
    [
        one(ended, "ended"),
        one(&format!("{judged} AND {}", is_in_time()), "in_time"),
        one(&format!("{judged} AND {}", came_late()), "late"),
        one(&format!("{rated} AND rating IS NOT NULL"), "rated"),
        format!("CAST(CASE WHEN {rated} THEN COALESCE(rating, 0) ELSE 0 END AS BIGINT) AS points"),
        one(&format!("{came} AND channel = 'counter'"), "at_counter"),
    ]
    .join(", ")
}

/// Returns the columns that an uncounted dossier adds.
fn adds_uncounted() -> String {
    adds("counted = 0", "counted = 0", "TRUE", "counted = 0")
}

fn each(names: &[&str], form: impl Fn(&str) -> String) -> String {
    names.iter().map(|name| form(name)).collect::<Vec<_>>().join(", ")
}

fn summed(name: &str) -> String {
    format!("CAST(SUM({name}) AS BIGINT) AS {name}")
}

async fn all(reader: DatabaseReader, query: Statement) -> Result<Vec<AgencySums>, Fault> {
    Ok(AgencySums::find_by_statement(query).all(&reader).await?)
}

impl Database {
    /// Returns the figures per agency, of all agencies or of one, as they are at one moment. A replica answers if there
    /// is one.
    pub async fn figures(&self, agency: Option<&AgencyId>, now: i64) -> Result<Vec<AgencySums>, Fault> {
        let statement = self.figures_at(agency, now);
        self.read_behind(|reader: DatabaseReader| all(reader, statement.clone())).await
    }

    /// Checks that the replica answers the queries that it gets, with the rights of its role. Returns whether there is
    /// a replica.
    pub async fn check_replica(&self, now: i64) -> Result<bool, Fault> {
        let Some(replica) = self.replica() else { return Ok(false) };
        replica.read(|reader| all(reader, self.figures_at(None, now))).await?;
        Ok(true)
    }

    /// Returns the query of the figures.
    fn figures_at(&self, agency: Option<&AgencyId>, now: i64) -> Statement {
        // Each condition has an index: that of open dossiers, and that of an agency's queues.
        let (is_open, only) = match agency {
            None => (queue::IS_OPEN.to_owned(), ""),
            Some(_) => (format!("queue IN ('{}', '{}')", queue::OFFICE, queue::APPLICANT), " AND agency = $2"),
        };
        let sql = format!(
            "SELECT agency, CAST(SUM(open + ended) AS BIGINT) AS filed, {columns}
             FROM (SELECT agency, 1 AS open, CASE WHEN {IS_LATE} THEN 1 ELSE 0 END AS overdue,
                          CASE WHEN queue = '{applicant}' THEN 1 ELSE 0 END AS waiting, {open}
                   FROM dossier WHERE {is_open}{only}
                   UNION ALL SELECT agency, 0, 0, 0, {uncounted} FROM dossier WHERE {UNCOUNTED}{only}
                   UNION ALL SELECT agency, 0, 0, 0, {sums} FROM figure WHERE TRUE{only}) AS part
             GROUP BY agency ORDER BY agency",
            columns = each(&[&["open", "overdue", "waiting"][..], &SUMS[..]].concat(), summed),
            applicant = queue::APPLICANT,
            open = adds("FALSE", "TRUE", "FALSE", "TRUE"),
            uncounted = adds_uncounted(),
            sums = SUMS.join(", "),
        );
        let mut values: Vec<Value> = vec![now.into()];
        values.extend(agency.map(|agency| Value::from(agency.as_str())));
        Statement::from_sql_and_values(self.backend(), sql, values)
    }

    /// Reads something that may be some seconds old, such as statistics. Decisions never rest on it, and it never shows
    /// a person's own latest change.
    ///
    /// The replica answers if there is one. If it fails, the database itself answers, and the replica rests for a
    /// while.
    pub(crate) async fn read_behind<T, F>(&self, read: impl Fn(DatabaseReader) -> F) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        if let Some(replica) = self.replica().filter(|replica| !replica.rests()) {
            match replica.read(&read).await {
                Ok(found) => return Ok(found),
                Err(fault) => {
                    replica.rest();
                    tracing::warn!(%fault, "the replica failed, so the database itself is read");
                }
            }
        }
        read(self.reader().clone()).await
    }

    /// Adds ended dossiers to the sums, at most `most`, and returns how many it added.
    ///
    /// Nodes that count at the same time skip each other's dossiers.
    pub async fn count_ended(&self, most: u64) -> Result<usize, Fault> {
        let any = format!("SELECT 1 FROM dossier WHERE {UNCOUNTED} LIMIT 1");
        if self.reader().query_one_raw(Statement::from_string(self.backend(), any)).await?.is_none() {
            return Ok(0);
        }
        let transaction = self.begin().await?;
        let added = transaction.count_ended(most).await?;
        transaction.commit().await?;
        Ok(added)
    }

    /// Recomputes the sums from the dossiers that are counted. Counting waits meanwhile, and changes of dossiers go on.
    pub(crate) async fn recount_figures(&self) -> Result<(), Fault> {
        let (names, sums) = (SUMS.join(", "), each(&SUMS, summed));
        let statements = [
            // Some rows may have been changed by hand, or written by another version of the code.
            "UPDATE dossier SET counted = CASE WHEN ended_at IS NULL THEN 0 ELSE 1 END
             WHERE (counted > 0 AND ended_at IS NULL) OR (counted = 2 AND rating IS NULL)"
                .to_owned(),
            "DELETE FROM figure".to_owned(),
            format!(
                "INSERT INTO figure (agency, {names}) SELECT agency, {sums}
                 FROM (SELECT agency, {} FROM dossier WHERE counted > 0) AS part GROUP BY agency",
                adds("TRUE", "TRUE", "counted = 2", "TRUE")
            ),
        ];
        let transaction = self.begin().await?;
        let connection = transaction.connection();
        if self.backend() == DbBackend::Postgres {
            let alone = "SET LOCAL statement_timeout = 0; LOCK TABLE figure IN EXCLUSIVE MODE";
            connection.execute_unprepared(alone).await?;
        }
        for sql in &statements {
            connection.execute_unprepared(sql).await?;
        }
        transaction.commit().await
    }

    /// Compares the sums with the dossiers that are counted, both as they are at one moment.
    pub(crate) async fn verify_figures(&self, report: &mut JournalReport) -> Result<(), Fault> {
        if !self.pending_migrations().await?.is_empty() {
            // The table comes with the next migration.
            return Ok(());
        }
        let ended = "ended_at IS NOT NULL";
        let counted = adds(ended, ended, &format!("{ended} AND counted = 2"), ended);
        let negative = each(&SUMS, |name| format!("-{name}"));
        let differs = SUMS.map(|name| format!("SUM({name}) <> 0")).join(" OR ");
        let sql = format!(
            "SELECT agency FROM (SELECT agency, {counted} FROM dossier WHERE counted > 0
                                 UNION ALL SELECT agency, {negative} FROM figure) AS part
             GROUP BY agency HAVING {differs} ORDER BY agency"
        );
        let query = AgencyRow::find_by_statement(Statement::from_string(self.backend(), sql));
        for AgencyRow { agency } in query.all(self.reader()).await? {
            report.about_lists(format!(
                "the figures of agency {agency} are not the sums over its dossiers; run: motcua audit rebuild"
            ));
        }
        Ok(())
    }
}

impl Transaction {
    async fn count_ended(&self, most: u64) -> Result<usize, Fault> {
        let connection = self.connection();
        let backend = connection.get_database_backend();
        let skip = if backend == DbBackend::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" };
        let sql = format!("SELECT code, agency, {} FROM dossier WHERE {UNCOUNTED} LIMIT $1 {skip}", adds_uncounted());
        let values = [i64::try_from(most).unwrap_or(i64::MAX).into()];
        let query = UncountedDossier::find_by_statement(Statement::from_sql_and_values(backend, sql, values));
        let ended = query.all(connection).await?;
        // The sums are sorted by agency, so that nodes that count at the same time do not deadlock.
        let mut sums: BTreeMap<&str, [i64; 6]> = BTreeMap::new();
        for row in &ended {
            // With its rating, if it has one by now.
            let values: [Value; 2] = [row.code.as_str().into(), (1 + row.rated).into()];
            let update = "UPDATE dossier SET counted = $2 WHERE code = $1";
            connection.execute_raw(Statement::from_sql_and_values(backend, update, values)).await?;
            let adds = [row.ended, row.in_time, row.late, row.rated, row.points, row.at_counter];
            for (sum, add) in sums.entry(&row.agency).or_default().iter_mut().zip(adds) {
                *sum += add;
            }
        }
        let (names, raised) =
            (SUMS.join(", "), each(&SUMS, |name| format!("{name} = figure.{name} + excluded.{name}")));
        let upsert = format!(
            "INSERT INTO figure (agency, {names}) VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (agency) DO UPDATE SET {raised}"
        );
        for (agency, adds) in sums {
            let values = std::iter::once(Value::from(agency)).chain(adds.map(Value::from));
            connection.execute_raw(Statement::from_sql_and_values(backend, &upsert, values)).await?;
        }
        Ok(ended.len())
    }
}
