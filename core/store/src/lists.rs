//! Lists over the projections. Each returns a bounded number of rows in the order of an index.
//!
//! A search for words reads the rows of its view one by one until it has found enough, because it looks for the words
//! anywhere in a text.

use crate::Fault;
use crate::projections::queue;
use crate::rows::{dossier, notice_seen, reading, reading_position, stay};
use motcua_domain::fold::fold;
use motcua_domain::names::{AgencyId, Digest, DossierCode, UserId};
use sea_orm::sea_query::{Expr, LikeExpr, OnConflict};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Statement,
};
use std::collections::HashMap;
use uuid::Uuid;

/// The most rows that a list shows.
pub const PAGE: u64 = 50;

/// The most dossiers that an applicant's list shows.
pub const DOSSIERS: u64 = 200;

/// The most readings that the list of a dossier shows.
pub const READINGS: u64 = 200;

/// The number of readings that are deleted in one transaction.
const FORGOTTEN_AT_ONCE: i64 = 5000;

/// The number of readings that are logged with one statement. Each takes six parameters, and databases limit these.
const LOGGED_AT_ONCE: usize = 500;

/// Returns the condition that a folded text has all words of a search, or none if the search has no words.
pub(crate) fn has_words(column: impl ColumnTrait, search: &str) -> Option<Condition> {
    let mut all = Condition::all();
    for word in fold(search).split_whitespace() {
        let literally = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let pattern = LikeExpr::new(format!("%{literally}%")).escape('\\');
        all = all.add(ColumnTrait::like(&column, pattern));
    }
    Some(all).filter(|all| !all.is_empty())
}

/// Returns the dossiers of an applicant, latest first, at most [`DOSSIERS`] and one more.
pub async fn of_applicant(connection: &impl ConnectionTrait, applicant: &UserId) -> Result<Vec<dossier::Model>, Fault> {
    Ok(dossier::Entity::find()
        .filter(dossier::Column::Applicant.eq(applicant.as_str()))
        .order_by_desc(dossier::Column::FiledAt)
        .order_by_desc(dossier::Column::Code)
        .limit(DOSSIERS + 1)
        .all(connection)
        .await?)
}

/// Returns whether an applicant has dossiers at another agency than this one.
pub async fn has_dossiers_elsewhere(
    connection: &impl ConnectionTrait,
    applicant: &UserId,
    agency: &AgencyId,
) -> Result<bool, Fault> {
    let elsewhere = dossier::Entity::find()
        .filter(dossier::Column::Applicant.eq(applicant.as_str()))
        .filter(dossier::Column::Agency.ne(agency.as_str()));
    Ok(elsewhere.one(connection).await?.is_some())
}

/// Returns the row of a dossier.
pub async fn row(connection: &impl ConnectionTrait, code: &DossierCode) -> Result<Option<dossier::Model>, Fault> {
    Ok(dossier::Entity::find_by_id(code.as_str()).one(connection).await?)
}

/// Returns the dossier that was filed from a draft.
pub async fn of_draft(connection: &impl ConnectionTrait, draft: Uuid) -> Result<Option<DossierCode>, Fault> {
    let row = dossier::Entity::find().filter(dossier::Column::Draft.eq(draft.to_string())).one(connection).await?;
    Ok(row.and_then(|row| DossierCode::parse(&row.code)))
}

/// Returns the codes of open dossiers after `after`, in order, at most `most`: of all, or of those under one version.
pub async fn open_codes(
    connection: &impl ConnectionTrait,
    version: Option<&Digest>,
    after: &str,
    most: u64,
) -> Result<Vec<DossierCode>, Fault> {
    let mut query = dossier::Entity::find()
        .select_only()
        .column(dossier::Column::Code)
        .filter(Expr::cust(queue::IS_OPEN))
        .filter(dossier::Column::Code.gt(after));
    if let Some(version) = version {
        query = query.filter(dossier::Column::ProcedureVersion.eq(version.as_str()));
    }
    let codes: Vec<String> = query.order_by_asc(dossier::Column::Code).limit(most).into_tuple().all(connection).await?;
    Ok(codes.iter().filter_map(|code| DossierCode::parse(code)).collect())
}

/// Returns how many open steps each of these officers has.
pub async fn loads(connection: &impl ConnectionTrait, officers: &[String]) -> Result<HashMap<String, i64>, Fault> {
    let rows: Vec<(String, i64)> = stay::Entity::find()
        .select_only()
        .column(stay::Column::Assignee)
        .column_as(stay::Column::Number.count(), "open")
        .filter(stay::Column::Assignee.is_in(officers))
        .group_by(stay::Column::Assignee)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(rows.into_iter().collect())
}

/// A notice, and whether its applicant has not seen it yet.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct StoredNotice {
    pub dossier: String,
    pub version: i64,
    pub procedure_name: String,
    pub at: i64,
    pub event: String,
    pub unread: bool,
}

/// Returns the latest notices of an applicant, at most [`PAGE`] and one more.
pub async fn notices(connection: &impl ConnectionTrait, account: &UserId) -> Result<Vec<StoredNotice>, Fault> {
    const SQL: &str = "SELECT n.dossier, n.version, n.procedure_name, n.at, n.event,
               s.version IS NULL OR n.version > s.version AS unread
        FROM (SELECT * FROM notice WHERE account = $1 ORDER BY at DESC, dossier DESC, version DESC LIMIT $2) n
        LEFT JOIN notice_seen s ON s.account = n.account AND s.dossier = n.dossier
        ORDER BY n.at DESC, n.dossier DESC, n.version DESC";
    let values = [account.as_str().into(), i64::try_from(PAGE + 1).unwrap_or(i64::MAX).into()];
    let query = Statement::from_sql_and_values(connection.get_database_backend(), SQL, values);
    Ok(StoredNotice::find_by_statement(query).all(connection).await?)
}

/// Returns the readings of a dossier by staff, latest first, at most [`READINGS`] and one more.
pub async fn readings(connection: &impl ConnectionTrait, code: &DossierCode) -> Result<Vec<reading::Model>, Fault> {
    Ok(reading::Entity::find()
        .filter(reading::Column::Dossier.eq(code.as_str()))
        .order_by_desc(reading::Column::At)
        .limit(READINGS + 1)
        .all(connection)
        .await?)
}

/// A reading of one of an applicant's dossiers, or of their account by a counter. The latter has no dossier.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct OwnReadingRow {
    pub dossier: String,
    pub procedure_name: String,
    pub account_name: String,
    pub at: i64,
    pub posts: String,
}

/// Returns the readings of an applicant's account and dossiers by staff, latest first, at most [`READINGS`] and one more.
pub async fn own_readings(connection: &impl ConnectionTrait, applicant: &UserId) -> Result<Vec<OwnReadingRow>, Fault> {
    // A counter that finds an account logs the reading under the id of the account.
    const SQL: &str = "SELECT own.dossier, own.procedure_name, own.account_name, own.at, own.posts
        FROM (SELECT r.id, r.dossier, d.procedure_name, r.account_name, r.at, r.posts
              FROM dossier d JOIN reading r ON r.dossier = d.code WHERE d.applicant = $1
              UNION ALL SELECT r.id, '', '{\"vi\":\"\"}', r.account_name, r.at, r.posts
              FROM reading r WHERE r.dossier = $1) AS own
        ORDER BY own.at DESC, own.id DESC LIMIT $2";
    let values = [applicant.as_str().into(), i64::try_from(READINGS + 1).unwrap_or(i64::MAX).into()];
    let query = Statement::from_sql_and_values(connection.get_database_backend(), SQL, values);
    Ok(OwnReadingRow::find_by_statement(query).all(connection).await?)
}

/// The account under which readings by commands of the operator are logged.
const OPERATOR: &str = "operator";

impl crate::Database {
    /// Logs that a command of the operator read a dossier. The log shows `command` in the place of a name.
    pub async fn log_command_reading(&self, code: &DossierCode, command: &str, at: i64) -> Result<(), Fault> {
        let row = reading::Model {
            id: Uuid::now_v7().to_string(),
            dossier: code.to_string(),
            account: OPERATOR.to_owned(),
            account_name: command.to_owned(),
            at,
            posts: String::new(),
        };
        let transaction = self.begin().await?;
        transaction.add_readings(vec![row]).await?;
        transaction.commit().await
    }

    /// Deletes the readings before a moment, and the searches of counters that found nobody. Returns how many it deleted.
    pub async fn forget_readings(&self, before: i64) -> Result<u64, Fault> {
        // An id begins with its time, so the oldest are the first of their key.
        const READ: &str = "DELETE FROM reading WHERE at < $1 AND id IN (SELECT id FROM reading ORDER BY id LIMIT $2)";
        const SOUGHT: &str = "DELETE FROM account_act WHERE at < $1 AND id IN
            (SELECT id FROM account_act WHERE kind = 'sought' ORDER BY id LIMIT $2)";
        Ok(self.forget(READ, before).await? + self.forget(SOUGHT, before).await?)
    }

    /// Carries out a statement until it deletes nothing more. It deletes some thousand rows in a transaction.
    async fn forget(&self, sql: &str, before: i64) -> Result<u64, Fault> {
        let mut forgotten = 0;
        loop {
            let transaction = self.begin().await?;
            let values = [before.into(), FORGOTTEN_AT_ONCE.into()];
            let statement = Statement::from_sql_and_values(self.backend(), sql, values);
            let deleted = transaction.connection().execute_raw(statement).await?.rows_affected();
            transaction.commit().await?;
            if deleted == 0 {
                return Ok(forgotten);
            }
            forgotten += deleted;
        }
    }
}

/// Returns the version up to which an officer has read a dossier, or `None` if the officer has never opened it.
pub async fn reading_position(
    connection: &impl ConnectionTrait,
    officer: &UserId,
    code: &DossierCode,
) -> Result<Option<i64>, Fault> {
    let key = (officer.to_string(), code.to_string());
    Ok(reading_position::Entity::find_by_id(key).one(connection).await?.map(|row| row.version))
}

impl crate::Transaction {
    /// Records that an applicant has seen all notices of each dossier up to the latest of `notices`.
    pub async fn set_notices_seen(&self, account: &UserId, notices: &[StoredNotice]) -> Result<(), Fault> {
        let mut latest: HashMap<&str, i64> = HashMap::new();
        for notice in notices {
            let version = latest.entry(&notice.dossier).or_default();
            *version = Ord::max(notice.version, *version);
        }
        for (dossier, version) in latest {
            let row = notice_seen::Model { account: account.to_string(), dossier: dossier.to_owned(), version };
            let key = [notice_seen::Column::Account, notice_seen::Column::Dossier];
            // Another page of the applicant may have shown later notices meanwhile.
            let seen = OnConflict::columns(key)
                .update_column(notice_seen::Column::Version)
                .action_and_where(Expr::cust("notice_seen.version < excluded.version"))
                .to_owned();
            let insert = notice_seen::Entity::insert(row.into_active_model()).on_conflict(seen);
            insert.exec_without_returning(self.connection()).await?;
        }
        Ok(())
    }

    /// Records that an officer has read a dossier up to a version. The position never goes back.
    pub async fn set_reading_position(&self, account: &UserId, code: &DossierCode, version: u32) -> Result<(), Fault> {
        use reading_position::Column;
        let row = reading_position::Model {
            account: account.to_string(),
            dossier: code.to_string(),
            version: i64::from(version),
        };
        let further = OnConflict::columns([Column::Account, Column::Dossier])
            .update_column(Column::Version)
            .action_and_where(Expr::cust("reading_position.version < excluded.version"))
            .to_owned();
        let insert = reading_position::Entity::insert(row.into_active_model()).on_conflict(further);
        insert.exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Logs readings of dossiers, some hundred with a statement.
    pub async fn add_readings(&self, rows: Vec<reading::Model>) -> Result<(), Fault> {
        let mut rows = rows.into_iter();
        loop {
            let some = rows.by_ref().take(LOGGED_AT_ONCE).map(IntoActiveModel::into_active_model);
            let some: Vec<reading::ActiveModel> = some.collect();
            if some.is_empty() {
                return Ok(());
            }
            reading::Entity::insert_many(some).exec_without_returning(self.connection()).await?;
        }
    }
}
