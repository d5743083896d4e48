//! Officers as administrators see them, and the record of what happens to their accounts.

use super::{OfficerState, PeopleService};
use crate::rights::administrator;
use crate::{Error, InputRule};
use motcua_domain::names::UserId;
use motcua_domain::people::organisation::{Actor, Post};
use motcua_store::audit::{self, StaffEventKind};
use motcua_store::{Transaction, account_row, accounts, factors, staff_event_row};

/// An officer as administrators see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffMember {
    pub login: String,
    pub name: String,
    pub state: OfficerState,
    pub posts: Vec<Post>,
    /// The last log-in in seconds since 1970, if one is known.
    pub last_log_in: Option<i64>,
    /// The officer types a code at each log-in.
    pub has_factor: bool,
    /// The officer is the administrator who looks.
    pub is_self: bool,
}

impl PeopleService {
    /// Returns the officers by log-in, for an administrator.
    pub async fn staff(&self, actor: &Actor) -> Result<Vec<StaffMember>, Error> {
        let own = administrator(actor)?;
        let reader = self.database.reader();
        let log_ins = audit::last_log_ins(reader).await?;
        let factors = factors::accounts(reader).await?;
        let mut posts = accounts::all_posts(reader).await?;
        let member = |row: account_row::Model| StaffMember {
            state: OfficerState::of(&row, &self.province),
            posts: posts.remove(&row.id).unwrap_or_default(),
            last_log_in: log_ins.get(&row.id).copied(),
            has_factor: factors.contains(&row.id),
            is_self: row.id == own.as_str(),
            login: row.login,
            name: row.name,
        };
        Ok(accounts::officers(reader).await?.into_iter().map(member).collect())
    }

    /// Returns the account of another officer, for an administrator. Nobody administers their own account.
    pub(crate) async fn administered(&self, actor: &Actor, login: &str) -> Result<account_row::Model, Error> {
        let own = administrator(actor)?;
        let account = self.account_of(login).await?;
        if account.kind != accounts::kind::OFFICER {
            return Err(Error::NotFound);
        }
        if account.id == own.as_str() {
            return Err(Error::Invalid(InputRule::OwnAccount));
        }
        Ok(account)
    }

    /// Records what happened to the account of an officer, and who did it. `by` is none for a command of the operator.
    /// Accounts of applicants have no record.
    pub(crate) async fn record(
        &self,
        transaction: &Transaction,
        account: &account_row::Model,
        kind: StaffEventKind,
        by: Option<&UserId>,
    ) -> Result<(), Error> {
        let row = self.staff_event(account, kind, by, "");
        if account.kind == accounts::kind::OFFICER {
            transaction.add_staff_event(row).await?;
        }
        Ok(())
    }

    /// Returns the record of what happened to the account of an officer, on a device in words.
    pub(crate) fn staff_event(
        &self,
        account: &account_row::Model,
        kind: StaffEventKind,
        by: Option<&UserId>,
        device: &str,
    ) -> staff_event_row::Model {
        staff_event_row::Model {
            id: self.ids.next().to_string(),
            at: self.clock.now().as_second(),
            kind: kind.name().to_owned(),
            account: account.id.clone(),
            by_account: by.map(ToString::to_string),
            device: device.to_owned(),
        }
    }
}
