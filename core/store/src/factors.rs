//! Second factors of officers: the nonce of each secret, the last step of time that was used, and recovery codes.

use crate::rows::{recovery_code, second_factor};
use crate::{Fault, Transaction};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect, Statement,
    Value,
};
use std::collections::HashSet;

/// Returns the second factor of an account.
pub async fn of(connection: &impl ConnectionTrait, account: &str) -> Result<Option<second_factor::Model>, Fault> {
    Ok(second_factor::Entity::find_by_id(account).one(connection).await?)
}

/// Returns the accounts that have a second factor.
pub async fn accounts(connection: &impl ConnectionTrait) -> Result<HashSet<String>, Fault> {
    let ids = second_factor::Entity::find().select_only().column(second_factor::Column::Account);
    let ids: Vec<String> = ids.into_tuple().all(connection).await?;
    Ok(ids.into_iter().collect())
}

/// Returns the number of recovery codes of an account that were not used.
pub async fn unused_codes(connection: &impl ConnectionTrait, account: &str) -> Result<u64, Fault> {
    let unused = recovery_code::Entity::find()
        .filter(recovery_code::Column::Account.eq(account))
        .filter(recovery_code::Column::UsedAt.is_null());
    Ok(unused.count(connection).await?)
}

impl Transaction {
    /// Adds the second factor of an account with the hashes of its recovery codes. A second one is a duplicate fault.
    pub async fn add_factor(&self, row: second_factor::Model, hashes: &[String]) -> Result<(), Fault> {
        let account = row.account.clone();
        second_factor::Entity::insert(row.into_active_model()).exec_without_returning(self.connection()).await?;
        for hash in hashes {
            let row = recovery_code::Model { account: account.clone(), hash: hash.clone(), used_at: None };
            recovery_code::Entity::insert(row.into_active_model()).exec_without_returning(self.connection()).await?;
        }
        Ok(())
    }

    /// Removes the second factor of an account with its recovery codes, and returns whether it had one.
    pub async fn remove_factor(&self, account: &str) -> Result<bool, Fault> {
        recovery_code::Entity::delete_many()
            .filter(recovery_code::Column::Account.eq(account))
            .exec(self.connection())
            .await?;
        let removed = second_factor::Entity::delete_by_id(account).exec(self.connection()).await?;
        Ok(removed.rows_affected == 1)
    }

    /// Takes a code of a step of time. Returns no if a code of this step or a later one was taken before.
    pub async fn take_step(&self, account: &str, step: i64) -> Result<bool, Fault> {
        const SQL: &str = "UPDATE second_factor SET last_step = $2 WHERE account = $1 AND last_step < $2";
        self.changes_one(SQL, vec![account.into(), step.into()]).await
    }

    /// Takes a recovery code by its hash. Returns no if there is none, or if it was taken before.
    pub async fn take_recovery_code(&self, account: &str, hash: &str, now: i64) -> Result<bool, Fault> {
        const SQL: &str = "UPDATE recovery_code SET used_at = $3 WHERE account = $1 AND hash = $2 AND used_at IS NULL";
        self.changes_one(SQL, vec![account.into(), hash.into(), now.into()]).await
    }

    async fn changes_one(&self, sql: &str, values: Vec<Value>) -> Result<bool, Fault> {
        let connection = self.connection();
        let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
        Ok(connection.execute_raw(statement).await?.rows_affected() == 1)
    }
}
