//! The audit: the sealed events of all dossiers, the readings, and what happens to the accounts of officers, each newest
//! first.
//!
//! ```text
//! log_leaf ──► audit_event      within seconds, behind the sealing (follow_log)
//!              reading          with each reading
//!              staff_event      with each log-in and each change of an officer's account
//! ```
//!
//! The rows have ids of officers and of nobody else.

use crate::rows::{account, audit_event, log_leaf, reading, setting, staff_event, unsealed};
use crate::{Database, Fault, Transaction};
use jiff::Timestamp;
use motcua_domain::people::organisation::ActorRef;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Statement, Value,
};
use serde::Deserialize;
use std::collections::HashMap;

/// The number of entries that are followed in one transaction. The content of an entry may have half a megabyte.
const FOLLOWED_AT_ONCE: i64 = 200;

/// The kinds of events in the life of an officer's account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaffEventKind {
    LoggedIn,
    LogInFailed,
    Locked,
    Unlocked,
    /// A command of the operator set the password.
    PasswordSet,
    /// A code for a new password was handed out, and the old password holds no more.
    PasswordReset,
    /// The officer set a new password.
    PasswordChanged,
    /// The officer set the second factor up.
    FactorSet,
    /// The second factor was removed.
    FactorReset,
    /// The officer logged in by a recovery code.
    RecoveryUsed,
    /// A command of the operator linked a subject of a provider.
    SubjectLinked,
    /// A command of the operator took subjects of a provider away.
    SubjectsTaken,
}

impl StaffEventKind {
    /// All kinds.
    pub const ALL: [Self; 12] = [
        Self::LoggedIn,
        Self::LogInFailed,
        Self::Locked,
        Self::Unlocked,
        Self::PasswordSet,
        Self::PasswordReset,
        Self::PasswordChanged,
        Self::FactorSet,
        Self::FactorReset,
        Self::RecoveryUsed,
        Self::SubjectLinked,
        Self::SubjectsTaken,
    ];

    /// Returns the value of `staff_event.kind`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LoggedIn => "logged-in",
            Self::LogInFailed => "log-in-failed",
            Self::Locked => "locked",
            Self::Unlocked => "unlocked",
            Self::PasswordSet => "password-set",
            Self::PasswordReset => "password-reset",
            Self::PasswordChanged => "password-changed",
            Self::FactorSet => "factor-set",
            Self::FactorReset => "factor-reset",
            Self::RecoveryUsed => "recovery-used",
            Self::SubjectLinked => "subject-linked",
            Self::SubjectsTaken => "subjects-taken",
        }
    }
}

/// The rows of the audit that a reader wants. Empty criteria fit every row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// The account of the officer.
    pub officer: Option<String>,
    /// The word for the event.
    pub kind: Option<String>,
    /// The code of the dossier.
    pub dossier: Option<String>,
    pub agency: Option<String>,
    /// The first moment, in seconds since 1970.
    pub from: Option<i64>,
    /// The moment before which the rows are, in seconds since 1970.
    pub until: Option<i64>,
    /// The last row of the page before: its moment and its key.
    pub before: Option<(i64, String)>,
    /// The most rows.
    pub most: u64,
}

/// The words for the actors of an event who are no officers. Officers have the word `officer`.
pub mod actor {
    pub const OFFICER: &str = "officer";
    pub const APPLICANT: &str = "applicant";
    pub const SYSTEM: &str = "system";
    /// The content of the entry was erased, and its actor with it.
    pub const ERASED: &str = "erased";
}

/// An entry of the log that the audit does not have yet.
#[derive(FromQueryResult)]
struct NewEntry {
    number: i64,
    dossier: String,
    version: i64,
    at: String,
    event: String,
    payload: Option<String>,
    agency: String,
}

/// The actor of an entry. Everything else in its content is skipped.
#[derive(Deserialize)]
struct EntryActor {
    actor: ActorRef,
}

#[derive(FromQueryResult)]
struct LastNumber {
    last: i64,
}

#[derive(FromQueryResult)]
struct LastLogIn {
    account: String,
    at: Option<i64>,
}

impl NewEntry {
    fn row(self) -> audit_event::Model {
        let read = self.payload.as_deref().map(serde_json::from_str::<EntryActor>);
        let (actor, officer) = match read.and_then(Result::ok).map(|read| read.actor) {
            Some(ActorRef::Officer { id, .. }) => (actor::OFFICER, Some(id.to_string())),
            Some(ActorRef::Applicant { .. }) => (actor::APPLICANT, None),
            Some(ActorRef::System) => (actor::SYSTEM, None),
            None => (actor::ERASED, None),
        };
        audit_event::Model {
            number: self.number,
            at: self.at.parse::<Timestamp>().map_or(0, Timestamp::as_second),
            dossier: self.dossier,
            version: self.version,
            event: self.event,
            actor: actor.to_owned(),
            officer,
            agency: self.agency,
        }
    }
}

/// Returns the condition that a column has a value, if one is wanted.
fn is(column: impl ColumnTrait, wanted: Option<&str>) -> Condition {
    wanted.map_or_else(Condition::all, |value| Condition::all().add(column.eq(value)))
}

/// Returns the condition that a moment is within the wanted time.
fn within(at: impl ColumnTrait, query: &AuditQuery) -> Condition {
    let mut condition = Condition::all();
    if let Some(from) = query.from {
        condition = condition.add(at.gte(from));
    }
    if let Some(until) = query.until {
        condition = condition.add(at.lt(until));
    }
    condition
}

/// Returns the condition that a row is behind the last one that was read, in a list from the newest on. `read` makes the
/// value of the key column from its text.
fn before<V: Into<Value>>(
    at: impl ColumnTrait,
    key: impl ColumnTrait,
    query: &AuditQuery,
    read: impl Fn(&str) -> V,
) -> Condition {
    query.before.as_ref().map_or_else(Condition::all, |(last_at, last_key)| {
        // The first condition lets an index be used, and the second one is about the same moment.
        let earlier = Condition::any().add(at.lt(*last_at)).add(key.lt(read(last_key)));
        Condition::all().add(at.lte(*last_at)).add(earlier)
    })
}

/// Returns the sealed events that a query wants, newest first.
pub async fn events(connection: &impl ConnectionTrait, query: &AuditQuery) -> Result<Vec<audit_event::Model>, Fault> {
    use audit_event::Column;
    let found = audit_event::Entity::find()
        .filter(is(Column::Officer, query.officer.as_deref()))
        .filter(is(Column::Event, query.kind.as_deref()))
        .filter(is(Column::Dossier, query.dossier.as_deref()))
        .filter(is(Column::Agency, query.agency.as_deref()))
        .filter(within(Column::At, query))
        .filter(before(Column::At, Column::Number, query, |number| number.parse().unwrap_or(i64::MAX)));
    let found = found.order_by_desc(Column::At).order_by_desc(Column::Number).limit(query.most);
    Ok(found.all(connection).await?)
}

/// Returns the readings that a query wants, newest first. A reading has neither a kind nor an agency.
pub async fn readings(connection: &impl ConnectionTrait, query: &AuditQuery) -> Result<Vec<reading::Model>, Fault> {
    use reading::Column;
    let found = reading::Entity::find()
        .filter(is(Column::Account, query.officer.as_deref()))
        .filter(is(Column::Dossier, query.dossier.as_deref()))
        .filter(within(Column::At, query))
        .filter(before(Column::At, Column::Id, query, str::to_owned));
    Ok(found.order_by_desc(Column::At).order_by_desc(Column::Id).limit(query.most).all(connection).await?)
}

/// Returns the log-ins of officers and the changes of their accounts that a query wants, newest first. They have neither a
/// dossier nor an agency.
pub async fn of_staff(connection: &impl ConnectionTrait, query: &AuditQuery) -> Result<Vec<staff_event::Model>, Fault> {
    use staff_event::Column;
    let found = staff_event::Entity::find()
        .filter(is(Column::Account, query.officer.as_deref()))
        .filter(is(Column::Kind, query.kind.as_deref()))
        .filter(within(Column::At, query))
        .filter(before(Column::At, Column::Id, query, str::to_owned));
    Ok(found.order_by_desc(Column::At).order_by_desc(Column::Id).limit(query.most).all(connection).await?)
}

/// Returns the names and the log-ins of officers, by their accounts. Accounts of anybody else are left out.
pub async fn officers_named(
    connection: &impl ConnectionTrait,
    ids: Vec<String>,
) -> Result<HashMap<String, (String, String)>, Fault> {
    let found = account::Entity::find()
        .filter(account::Column::Id.is_in(ids))
        .filter(account::Column::Kind.eq(crate::accounts::kind::OFFICER));
    let rows = found.all(connection).await?;
    Ok(rows.into_iter().map(|row| (row.id, (row.name, row.login))).collect())
}

/// Returns the moment of the last log-in of each officer, by the account.
pub async fn last_log_ins(connection: &impl ConnectionTrait) -> Result<HashMap<String, i64>, Fault> {
    // One step into the index for each officer, because there are many log-ins after years.
    const SQL: &str = "SELECT a.id AS account,
            (SELECT MAX(s.at) FROM staff_event s WHERE s.kind = $1 AND s.account = a.id) AS at
        FROM account a WHERE a.kind = $2";
    let values = [StaffEventKind::LoggedIn.name().into(), crate::accounts::kind::OFFICER.into()];
    let query = Statement::from_sql_and_values(connection.get_database_backend(), SQL, values);
    let rows = LastLogIn::find_by_statement(query).all(connection).await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.account, row.at?))).collect())
}

/// Returns the number of entries that wait to be sealed.
pub async fn unsealed_entries(connection: &impl ConnectionTrait) -> Result<u64, Fault> {
    Ok(unsealed::Entity::find().count(connection).await?)
}

impl Database {
    /// Adds sealed entries to the audit, and returns how many it read. If there are more, the next call takes them.
    pub async fn follow_log(&self) -> Result<usize, Fault> {
        const LAST: &str = "SELECT COALESCE(MAX(number), -1) AS last FROM audit_event";
        const NEW: &str = "SELECT l.number, l.dossier, l.version, j.at, j.event, j.payload,
                COALESCE(d.agency, '') AS agency
            FROM log_leaf l JOIN journal j ON j.dossier = l.dossier AND j.version = l.version
            LEFT JOIN dossier d ON d.code = l.dossier
            WHERE l.number > $1 ORDER BY l.number LIMIT $2";
        let (reader, backend) = (self.reader(), self.backend());
        let last = LastNumber::find_by_statement(Statement::from_string(backend, LAST)).one(reader).await?;
        let last = last.map_or(-1, |row| row.last);
        let ahead = log_leaf::Entity::find().filter(log_leaf::Column::Number.gt(last));
        if ahead.one(reader).await?.is_none() {
            return Ok(0);
        }
        let values = [last.into(), FOLLOWED_AT_ONCE.into()];
        let new = NewEntry::find_by_statement(Statement::from_sql_and_values(backend, NEW, values)).all(reader).await?;
        if new.is_empty() {
            return Ok(0);
        }
        let count = new.len();
        let transaction = self.begin().await?;
        for entry in new {
            // Another node may follow the log at the same time, and writes the same rows.
            let known = OnConflict::column(audit_event::Column::Number).do_nothing().to_owned();
            let insert = audit_event::Entity::insert(entry.row().into_active_model()).on_conflict(known);
            insert.exec_without_returning(transaction.connection()).await?;
        }
        transaction.commit().await?;
        Ok(count)
    }
}

impl Transaction {
    /// Records what happened to the account of an officer. An id that exists is a duplicate fault.
    pub async fn add_staff_event(&self, row: staff_event::Model) -> Result<(), Fault> {
        staff_event::Entity::insert(row.into_active_model()).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Deletes a value that the portal stores about itself, and returns whether it was there. Of several callers at once,
    /// one gets yes.
    pub async fn take_setting(&self, name: &str) -> Result<bool, Fault> {
        let deleted = setting::Entity::delete_by_id(name).exec(self.connection()).await?;
        Ok(deleted.rows_affected == 1)
    }
}
