//! One-time codes, the addresses and numbers that are known to be their owner's, and the end of an account.

use crate::accounts::closed;
use crate::rows::{account, dossier, one_time_code, verified_contact};
use crate::{Fault, Transaction};
use motcua_domain::names::{DossierCode, UserId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Statement, Value,
};

/// The purpose of a one-time code. An account has one code for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodePurpose {
    /// The code proves that an address belongs to the owner of the account.
    Email,
    /// The code proves that a number belongs to the owner of the account.
    Phone,
    /// The code lets the owner set a new password.
    Password,
    /// A counter handed the code out. It lets the owner set the first password of an account that the counter opened.
    Claim,
    /// An administrator handed the code out to an officer, who sets a new password with it.
    Reset,
}

impl CodePurpose {
    /// Returns the value of `one_time_code.purpose`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Password => "password",
            Self::Claim => "claim",
            Self::Reset => "reset",
        }
    }
}

/// A way to reach a person, which can be known to be theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContactChannel {
    Email,
    Phone,
}

impl ContactChannel {
    /// Returns the value of `verified_contact.channel`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
        }
    }
}

/// Returns the last code of an account for a purpose.
pub async fn code(
    connection: &impl ConnectionTrait,
    account: &UserId,
    purpose: CodePurpose,
) -> Result<Option<one_time_code::Model>, Fault> {
    let key = (account.to_string(), purpose.name().to_owned());
    Ok(one_time_code::Entity::find_by_id(key).one(connection).await?)
}

/// Returns the moment since which a value is known to be the owner's, in seconds since 1970.
pub async fn verified_at(
    connection: &impl ConnectionTrait,
    account: &UserId,
    channel: ContactChannel,
    value: &str,
) -> Result<Option<i64>, Fault> {
    let key = (account.to_string(), channel.name().to_owned());
    let row = verified_contact::Entity::find_by_id(key).one(connection).await?;
    Ok(row.filter(|row| row.value == value).map(|row| row.at))
}

/// Returns the number of dossiers of an applicant that have not ended.
pub async fn open_dossiers(connection: &impl ConnectionTrait, applicant: &UserId) -> Result<i64, Fault> {
    const SQL: &str = "SELECT COUNT(*) FROM dossier WHERE applicant = $1 AND outcome IS NULL";
    let values = [applicant.as_str().into()];
    let query = Statement::from_sql_and_values(connection.get_database_backend(), SQL, values);
    let row = connection.query_one_raw(query).await?;
    Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(0))
}

/// The most dossiers of an applicant whose codes are listed.
const MOST_CODES: u64 = 10_000;

/// Returns the codes of an applicant's dossiers in order, ten thousand at most.
pub async fn dossier_codes(connection: &impl ConnectionTrait, applicant: &UserId) -> Result<Vec<DossierCode>, Fault> {
    let codes: Vec<String> = dossier::Entity::find()
        .select_only()
        .column(dossier::Column::Code)
        .filter(dossier::Column::Applicant.eq(applicant.as_str()))
        .order_by_asc(dossier::Column::Code)
        .limit(MOST_CODES)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(codes.iter().filter_map(|code| DossierCode::parse(code)).collect())
}

/// The data that goes with an account, in this order. Everything that was filed stays.
const ERASED: [&str; 13] = [
    "DELETE FROM co_signing WHERE draft IN (SELECT id FROM draft WHERE account = $1)",
    "DELETE FROM notice WHERE account = $1 AND dossier IN (SELECT id FROM draft WHERE account = $1)",
    "DELETE FROM draft WHERE account = $1",
    "DELETE FROM wallet_paper WHERE account = $1",
    "DELETE FROM mail_choice WHERE account = $1",
    "DELETE FROM phone_choice WHERE account = $1",
    "DELETE FROM verified_contact WHERE account = $1",
    "DELETE FROM one_time_code WHERE account = $1",
    "DELETE FROM failed_log_in WHERE account = $1",
    "DELETE FROM login_attempt WHERE account = $1",
    "DELETE FROM external_login WHERE account = $1",
    "DELETE FROM notice_seen WHERE account = $1",
    "DELETE FROM account_usage WHERE account = $1",
];

impl Transaction {
    /// Replaces the code of an account for a purpose.
    pub async fn set_code(&self, row: one_time_code::Model) -> Result<(), Fault> {
        use one_time_code::Column;
        let change = OnConflict::columns([Column::Account, Column::Purpose])
            .update_columns([
                Column::Target,
                Column::Hash,
                Column::CreatedAt,
                Column::ExpiresAt,
                Column::Tries,
                Column::UsedAt,
            ])
            .to_owned();
        let insert = one_time_code::Entity::insert(row.into_active_model()).on_conflict(change);
        insert.exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Deletes a code that could not be sent.
    pub async fn remove_code(&self, account: &UserId, purpose: CodePurpose, hash: &str) -> Result<(), Fault> {
        one_time_code::Entity::delete_many()
            .filter(one_time_code::Column::Account.eq(account.as_str()))
            .filter(one_time_code::Column::Purpose.eq(purpose.name()))
            .filter(one_time_code::Column::Hash.eq(hash))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Counts a try of a code, and returns the code. Returns none if the code has expired, or if it was tried `most`
    /// times before.
    pub async fn try_code(
        &self,
        account: &UserId,
        purpose: CodePurpose,
        now: i64,
        most: i64,
    ) -> Result<Option<one_time_code::Model>, Fault> {
        const SQL: &str = "UPDATE one_time_code SET tries = tries + 1
            WHERE account = $1 AND purpose = $2 AND expires_at > $3 AND tries < $4";
        let values = [account.as_str().into(), purpose.name().into(), now.into(), most.into()];
        if self.changed(SQL, values).await? == 0 {
            return Ok(None);
        }
        code(self.connection(), account, purpose).await
    }

    /// Uses a code up. Returns whether it was not used before and no other code has replaced it.
    pub async fn use_code(&self, code: &one_time_code::Model, now: i64) -> Result<bool, Fault> {
        const SQL: &str = "UPDATE one_time_code SET used_at = $4
            WHERE account = $1 AND purpose = $2 AND hash = $3 AND used_at IS NULL";
        let values =
            [code.account.as_str().into(), code.purpose.as_str().into(), code.hash.as_str().into(), now.into()];
        Ok(self.changed(SQL, values).await? == 1)
    }

    /// Stores that a value is known to be the owner's since a moment.
    pub async fn set_verified(
        &self,
        account: &UserId,
        channel: ContactChannel,
        value: &str,
        at: i64,
    ) -> Result<(), Fault> {
        use verified_contact::Column;
        let row = verified_contact::Model {
            account: account.to_string(),
            channel: channel.name().to_owned(),
            value: value.to_owned(),
            at,
        };
        let change = OnConflict::columns([Column::Account, Column::Channel])
            .update_columns([Column::Value, Column::At])
            .to_owned();
        let insert = verified_contact::Entity::insert(row.into_active_model()).on_conflict(change);
        insert.exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Changes the e-mail address of an account.
    pub async fn set_email(&self, account: &UserId, email: &str) -> Result<(), Fault> {
        account::Entity::update_many()
            .col_expr(account::Column::Email, email.into())
            .filter(account::Column::Id.eq(account.as_str()))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Changes the phone number of an account.
    pub async fn set_phone(&self, account: &UserId, phone: &str) -> Result<(), Fault> {
        account::Entity::update_many()
            .col_expr(account::Column::Phone, phone.into())
            .filter(account::Column::Id.eq(account.as_str()))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Deletes an account: its profile, drafts, papers and settings. Its row stays closed under the log-in `left`,
    /// because filed dossiers refer to it.
    pub async fn erase_account(&self, account: &UserId, left: &str) -> Result<(), Fault> {
        const SQL: &str = "UPDATE account SET login = $2, name = '', phone = '', email = NULL, password = ''
            WHERE id = $1";
        for statement in ERASED {
            self.changed(statement, [account.as_str().into()]).await?;
        }
        self.changed(SQL, [account.as_str().into(), left.into()]).await?;
        // It also ends the sessions.
        self.close_account(account.as_str(), Some(closed::DELETED)).await
    }

    /// Carries out a statement, and returns the number of changed rows.
    async fn changed<const VALUES: usize>(&self, sql: &str, values: [Value; VALUES]) -> Result<u64, Fault> {
        let connection = self.connection();
        let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
        Ok(connection.execute_raw(statement).await?.rows_affected())
    }
}
