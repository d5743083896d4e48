//! The space and the quotas that an account uses.

use crate::rows::account_usage;
use crate::{Fault, Transaction};
use motcua_domain::names::UserId;
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult, Statement};
use uuid::Uuid;

/// The number of files and their total size.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromQueryResult)]
pub struct HeldFiles {
    pub files: i64,
    pub bytes: i64,
}

/// Returns the files that are attached to a draft.
pub async fn of_draft(connection: &impl ConnectionTrait, draft: Uuid) -> Result<HeldFiles, Fault> {
    const SQL: &str = "SELECT COUNT(*) AS files, CAST(COALESCE(SUM(f.bytes), 0) AS BIGINT) AS bytes
                       FROM draft_paper p JOIN file f ON f.digest = p.digest WHERE p.draft = $1";
    held(connection, SQL, &draft.to_string()).await
}

/// Returns the files in the own drafts and the paper wallet of an account. A file that is in both counts once. The drafts
/// that an officer fills in for the account are not among them.
pub async fn of_account(connection: &impl ConnectionTrait, account: &UserId) -> Result<HeldFiles, Fault> {
    const SQL: &str = "SELECT COUNT(*) AS files, CAST(COALESCE(SUM(f.bytes), 0) AS BIGINT) AS bytes
                       FROM file f JOIN (
                            SELECT p.digest FROM draft d JOIN draft_paper p ON p.draft = d.id
                            WHERE d.account = $1 AND d.officer IS NULL
                            UNION SELECT w.digest FROM wallet_paper w WHERE w.account = $1
                       ) own ON own.digest = f.digest";
    held(connection, SQL, account.as_str()).await
}

/// Returns the files in the drafts that an officer fills in at the counter. A file that is in two of them counts once.
pub async fn of_officer(connection: &impl ConnectionTrait, officer: &UserId) -> Result<HeldFiles, Fault> {
    const SQL: &str = "SELECT COUNT(*) AS files, CAST(COALESCE(SUM(f.bytes), 0) AS BIGINT) AS bytes
                       FROM file f JOIN (
                            SELECT DISTINCT p.digest FROM draft d JOIN draft_paper p ON p.draft = d.id
                            WHERE d.officer = $1
                       ) own ON own.digest = f.digest";
    held(connection, SQL, officer.as_str()).await
}

async fn held(connection: &impl ConnectionTrait, sql: &str, of: &str) -> Result<HeldFiles, Fault> {
    let query = Statement::from_sql_and_values(connection.get_database_backend(), sql, [of.into()]);
    Ok(HeldFiles::find_by_statement(query).one(connection).await?.unwrap_or_default())
}

/// Returns how much of a quota an account used in a period.
pub async fn used(connection: &impl ConnectionTrait, account: &UserId, what: &str, period: i64) -> Result<i64, Fault> {
    let row = account_usage::Entity::find_by_id((account.to_string(), what.to_owned())).one(connection).await?;
    Ok(row.filter(|row| row.period == period).map_or(0, |row| row.amount))
}

impl Transaction {
    /// Records that an account used more of a quota, and returns how much it used in this period.
    pub async fn use_up(&self, account: &UserId, what: &str, period: i64, amount: i64) -> Result<i64, Fault> {
        const SQL: &str = "INSERT INTO account_usage (account, what, period, amount) VALUES ($1, $2, $3, $4)
            ON CONFLICT (account, what) DO UPDATE SET
                amount = excluded.amount
                    + CASE WHEN account_usage.period = excluded.period THEN account_usage.amount ELSE 0 END,
                period = excluded.period
            RETURNING amount";
        let connection = self.connection();
        let values = [account.as_str().into(), what.into(), period.into(), amount.into()];
        let query = Statement::from_sql_and_values(connection.get_database_backend(), SQL, values);
        let row = connection.query_one_raw(query).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(amount))
    }
}
