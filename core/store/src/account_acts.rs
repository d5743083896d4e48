//! The record of acts with accounts that a counter opened, for auditors. Its rows are only ever inserted.

use crate::rows::account_act;
use crate::{Fault, Transaction};
use motcua_domain::names::{AgencyId, UserId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder, Statement,
};

/// The most acts that a page of the list shows.
pub const ACTS: u64 = 50;

/// A kind of act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountActKind {
    /// An officer looked for a person who has no account.
    Sought,
    /// An officer opened the account of a person.
    Opened,
    /// An officer corrected the name of an account that nobody has claimed.
    Renamed,
    /// An officer handed out the code by which the owner sets the first password.
    CodeHanded,
    /// Somebody used such a code up, and set the first password.
    Claimed,
}

impl AccountActKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Sought, Self::Opened, Self::Renamed, Self::CodeHanded, Self::Claimed];

    /// Returns the value of `account_act.kind`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sought => "sought",
            Self::Opened => "opened",
            Self::Renamed => "renamed",
            Self::CodeHanded => "code-handed",
            Self::Claimed => "claimed",
        }
    }
}

/// An act in the list, with the account as it is now.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct ListedAccountAct {
    pub id: String,
    pub kind: String,
    pub at: i64,
    pub agency: String,
    pub officer_name: String,
    pub dossier: Option<String>,
    pub old_name: Option<String>,
    pub new_name: Option<String>,
    pub detail: String,
    /// The name of the account, or an empty text if it was deleted or if the act is about none.
    pub account_name: String,
    /// The log-in of the account, or an empty text.
    pub login: String,
    /// The officer who opened the account, or an empty text if that was not recorded.
    pub opened_by: String,
    /// The officer who handed out the code by which the act was done, or an empty text.
    pub handed_by: String,
}

/// Returns the acts at the counters of an agency, or of all, before the act `before` or an empty text. The latest come
/// first, at most [`ACTS`] and one more.
pub async fn acts(
    connection: &impl ConnectionTrait,
    agency: Option<&AgencyId>,
    before: &str,
) -> Result<Vec<ListedAccountAct>, Fault> {
    let scope = if agency.is_some() { "c.agency = $1" } else { "$1 = ''" };
    let earlier = if before.is_empty() { "$2 = ''" } else { "c.id < $2" };
    let sql = format!(
        "SELECT c.id, c.kind, c.at, c.agency, c.officer_name, c.dossier, c.old_name, c.new_name, c.detail,
                COALESCE(a.name, '') AS account_name, COALESCE(a.login, '') AS login,
                COALESCE((SELECT MIN(o.officer_name) FROM account_act o
                          WHERE o.account = c.account AND o.kind = 'opened'), '') AS opened_by,
                COALESCE(b.officer_name, '') AS handed_by
         FROM account_act c LEFT JOIN account a ON a.id = c.account LEFT JOIN account_act b ON b.id = c.basis
         WHERE {scope} AND {earlier} ORDER BY c.id DESC LIMIT $3"
    );
    let most = i64::try_from(ACTS + 1).unwrap_or(i64::MAX);
    let values = [agency.map_or("", AgencyId::as_str).into(), before.into(), most.into()];
    let query = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    Ok(ListedAccountAct::find_by_statement(query).all(connection).await?)
}

/// Returns the last act of a kind with an account.
pub async fn last(
    connection: &impl ConnectionTrait,
    account: &UserId,
    kind: AccountActKind,
) -> Result<Option<account_act::Model>, Fault> {
    Ok(account_act::Entity::find()
        .filter(account_act::Column::Account.eq(account.as_str()))
        .filter(account_act::Column::Kind.eq(kind.name()))
        .order_by_desc(account_act::Column::Id)
        .one(connection)
        .await?)
}

impl Transaction {
    /// Records an act with an account.
    pub async fn add_account_act(&self, row: account_act::Model) -> Result<(), Fault> {
        account_act::Entity::insert(row.into_active_model()).exec_without_returning(self.connection()).await?;
        Ok(())
    }
}
