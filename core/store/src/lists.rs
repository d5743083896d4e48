//! Lists over the projections. Each returns a bounded number of rows in the order of an index.
//!
//! A search for words reads the rows of its view one by one until it has found enough, because it looks for the words
//! anywhere in a text.

use crate::Fault;
use crate::projections::{post_key, queue};
use crate::rows::{dossier, notice_seen, partner, reading, stay};
use motcua_domain::fold::fold;
use motcua_domain::names::{Digest, DossierCode, UserId};
use motcua_domain::people::organisation::{Actor, Post, Role};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, OnConflict};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Statement,
};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// The dossiers that an officer looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfficerView {
    /// Dossiers whose current step the officer can take, and those for which the officer's counter owes the applicant
    /// money.
    Todo,
    /// Dossiers that wait for the applicant.
    Waiting,
    /// All open dossiers of the officer's agency or unit, and those in which it takes part for another one.
    Open,
    /// Dossiers that have ended.
    Ended,
}

/// The most rows that a list shows.
pub const PAGE: u64 = 50;

/// The most dossiers that an applicant's list shows.
pub const DOSSIERS: u64 = 200;

/// The most readings that the list of a dossier shows.
pub const READINGS: u64 = 200;

/// The number of readings that are deleted in one transaction.
const FORGOTTEN_AT_ONCE: i64 = 5000;

/// A line of an officer's list: a dossier and, in a list of steps, the step that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficerLine {
    pub dossier: dossier::Model,
    pub stay: Option<stay::Model>,
}

/// Returns the dossiers that an officer sees in a view, the most urgent first, at most [`PAGE`] and one more.
///
/// Every list is read in the order of an index, so that its cost does not grow with the table.
pub async fn desk(
    connection: &impl ConnectionTrait,
    actor: &Actor,
    view: OfficerView,
    search: &str,
) -> Result<Vec<OfficerLine>, Fault> {
    let words = searched(search);
    let queue = match view {
        OfficerView::Todo => return todo(connection, actor, words).await,
        OfficerView::Waiting => queue::APPLICANT,
        OfficerView::Open => queue::OFFICE,
        OfficerView::Ended => queue::ENDED,
    };
    let mut found: Vec<dossier::Model> = Vec::new();
    for scope in actor.posts().iter().filter_map(|post| reach(post, queue)) {
        let mut query = dossier::Entity::find().filter(scope);
        if let Some(words) = &words {
            query = query.filter(words.clone());
        }
        found.extend(query.order_by_asc(dossier::Column::Rank).limit(PAGE + 1).all(connection).await?);
    }
    for scope in actor.posts().iter().filter_map(|post| reach_as_partner(post, queue)) {
        let mut query = partner::Entity::find().filter(scope).select_only().column(partner::Column::Dossier);
        if let Some(words) = &words {
            let fitting = dossier::Entity::find().select_only().column(dossier::Column::Code).filter(words.clone());
            query = query.filter(partner::Column::Dossier.in_subquery(fitting.into_query()));
        }
        let ranked = query.order_by_asc(partner::Column::Rank).limit(PAGE + 1);
        let codes: Vec<String> = ranked.into_tuple().all(connection).await?;
        found.extend(dossier::Entity::find().filter(dossier::Column::Code.is_in(codes)).all(connection).await?);
    }
    found.sort_by(|a, b| (a.rank, &a.code).cmp(&(b.rank, &b.code)));
    found.dedup_by(|a, b| a.code == b.code);
    found.truncate(usize::try_from(PAGE + 1).unwrap_or(usize::MAX));
    Ok(found.into_iter().map(|dossier| OfficerLine { dossier, stay: None }).collect())
}

/// Returns the condition of a search for a code or for words, or none if the text is empty.
fn searched(search: &str) -> Option<Condition> {
    if let Some(code) = DossierCode::parse(search) {
        return Some(Condition::all().add(dossier::Column::Code.eq(code.as_str())));
    }
    has_words(dossier::Column::Search, search)
}

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

/// Returns the steps that an officer can take: those of the post, of officers on leave, and escalated ones. The dossiers
/// with money to pay back stand among them.
async fn todo(
    connection: &impl ConnectionTrait,
    actor: &Actor,
    words: Option<Condition>,
) -> Result<Vec<OfficerLine>, Fault> {
    let Actor::Officer { id, posts, stands_for, .. } = actor else { return Ok(Vec::new()) };
    let mut scopes: Vec<Condition> = Vec::new();
    let own = posts.iter().map(|post| (id, post));
    let for_others = stands_for.iter().flat_map(|absent| absent.posts.iter().map(move |post| (&absent.id, post)));
    for (officer, post) in own.clone().chain(for_others) {
        let key = post_key(post.role, &post.agency, &post.unit);
        let of_post = || Condition::all().add(stay::Column::Post.eq(key.as_str()));
        scopes.push(of_post().add(stay::Column::Assignee.is_null()));
        scopes.push(of_post().add(stay::Column::Assignee.eq(officer.as_str())));
    }
    for (_, post) in own {
        let key = post_key(post.role, &post.agency, &post.unit);
        scopes.push(Condition::all().add(stay::Column::Superior.eq(key.as_str())));
    }
    let mut found: Vec<stay::Model> = Vec::new();
    for scope in scopes {
        let mut query = stay::Entity::find().filter(scope);
        if let Some(words) = &words {
            let fitting = dossier::Entity::find().select_only().column(dossier::Column::Code).filter(words.clone());
            query = query.filter(stay::Column::Dossier.in_subquery(fitting.into_query()));
        }
        found.extend(query.order_by_asc(stay::Column::Rank).limit(PAGE + 1).all(connection).await?);
    }
    found.sort_by(|a, b| (a.rank, &a.dossier, a.number).cmp(&(b.rank, &b.dossier, b.number)));
    found.dedup();
    found.truncate(usize::try_from(PAGE + 1).unwrap_or(usize::MAX));
    let codes = dossier::Column::Code.is_in(found.iter().map(|stay| stay.dossier.as_str()));
    let rows = dossier::Entity::find().filter(codes).all(connection).await?;
    let rows: HashMap<String, dossier::Model> = rows.into_iter().map(|row| (row.code.clone(), row)).collect();
    let line = |stay: stay::Model| Some(OfficerLine { dossier: rows.get(&stay.dossier)?.clone(), stay: Some(stay) });
    let mut lines: Vec<OfficerLine> = found.into_iter().filter_map(line).collect();
    let mut owing = owing(connection, posts, words.as_ref()).await?;
    owing.retain(|dossier| !rows.contains_key(&dossier.code));
    lines.extend(owing.into_iter().map(|dossier| OfficerLine { dossier, stay: None }));
    lines.sort_by_key(|line| line.stay.as_ref().map_or(line.dossier.rank, |stay| stay.rank));
    lines.truncate(usize::try_from(PAGE + 1).unwrap_or(usize::MAX));
    Ok(lines)
}

/// Returns the dossiers for which these posts pay money back to the applicant.
async fn owing(
    connection: &impl ConnectionTrait,
    posts: &[Post],
    words: Option<&Condition>,
) -> Result<Vec<dossier::Model>, Fault> {
    let counters = posts.iter().filter(|post| post.role == Role::Counter);
    let keys: BTreeSet<String> = counters.map(|post| post_key(post.role, &post.agency, &post.unit)).collect();
    let mut found = Vec::new();
    for key in keys {
        let mut query = dossier::Entity::find().filter(dossier::Column::PayBack.eq(key));
        if let Some(words) = words {
            query = query.filter(words.clone());
        }
        found.extend(query.order_by_asc(dossier::Column::Rank).limit(PAGE + 1).all(connection).await?);
    }
    Ok(found)
}

/// Returns the dossiers in a queue that a post may read, or none for posts that reach no dossier.
fn reach(post: &Post, queue: &str) -> Option<Condition> {
    let in_queue = dossier::Column::Queue.eq(queue);
    Some(match post.role {
        Role::Admin | Role::Applicant => return None,
        // The expression of the index for all agencies.
        Role::Auditor => Condition::all().add(Expr::cust("queue || ''").eq(queue)),
        role => {
            let of_agency = Condition::all().add(dossier::Column::Agency.eq(post.agency.as_str())).add(in_queue);
            let unit = dossier::Column::Unit.eq(post.unit.as_str());
            if role.is_bound_to_unit() { of_agency.add(unit) } else { of_agency }
        }
    })
}

/// Returns the dossiers in a queue in which a post takes part for another unit, or none for posts that take no steps.
fn reach_as_partner(post: &Post, queue: &str) -> Option<Condition> {
    let of_agency = partner::Column::Agency.eq(post.agency.as_str()).and(partner::Column::Queue.eq(queue));
    let all = Condition::all().add(of_agency);
    let all = if post.role.is_bound_to_unit() { all.add(partner::Column::Unit.eq(post.unit.as_str())) } else { all };
    post.role.takes_steps().then_some(all)
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

/// A reading of one of an applicant's dossiers.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct OwnReadingRow {
    pub dossier: String,
    pub procedure_name: String,
    pub account_name: String,
    pub at: i64,
    pub posts: String,
}

/// Returns the readings of all dossiers of an applicant by staff, latest first, at most [`READINGS`] and one more.
pub async fn own_readings(connection: &impl ConnectionTrait, applicant: &UserId) -> Result<Vec<OwnReadingRow>, Fault> {
    const SQL: &str = "SELECT r.dossier, d.procedure_name, r.account_name, r.at, r.posts
        FROM dossier d JOIN reading r ON r.dossier = d.code WHERE d.applicant = $1
        ORDER BY r.at DESC, r.id DESC LIMIT $2";
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
        transaction.add_reading(row).await?;
        transaction.commit().await
    }

    /// Deletes the readings before a moment, some thousand in a transaction, and returns how many it deleted.
    pub async fn forget_readings(&self, before: i64) -> Result<u64, Fault> {
        // An id begins with its time, so the oldest are the first of their key.
        const SQL: &str = "DELETE FROM reading WHERE at < $1 AND id IN (SELECT id FROM reading ORDER BY id LIMIT $2)";
        let mut forgotten = 0;
        loop {
            let transaction = self.begin().await?;
            let values = [before.into(), FORGOTTEN_AT_ONCE.into()];
            let statement = Statement::from_sql_and_values(self.backend(), SQL, values);
            let deleted = transaction.connection().execute_raw(statement).await?.rows_affected();
            transaction.commit().await?;
            if deleted == 0 {
                return Ok(forgotten);
            }
            forgotten += deleted;
        }
    }
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

    /// Logs that an officer read a dossier.
    pub async fn add_reading(&self, row: reading::Model) -> Result<(), Fault> {
        reading::Entity::insert(row.into_active_model()).exec_without_returning(self.connection()).await?;
        Ok(())
    }
}
