//! A new password for an officer, by a code that an administrator hands out.

use super::{AccountService, random_code};
use crate::{Error, InputRule, OfficerState};
use motcua_domain::names::{CommandId, UserId};
use motcua_domain::people::organisation::Actor;
use motcua_store::audit::StaffEventKind;
use motcua_store::contacts::{self, CodePurpose};
use motcua_store::{account_row, accounts, code_row, is_duplicate, staff_event_row};

/// The time for which a code from an administrator is valid, in seconds: 3 days.
const RESET_TIME: i64 = 3 * 24 * 60 * 60;

impl AccountService {
    /// Makes the code by which another officer sets a new password. The old password holds no more, and the officer is
    /// logged out everywhere. Returns none if the same command did it before, because the code is shown once.
    pub async fn reset_officer(
        &self,
        actor: &Actor,
        login: &str,
        command: &CommandId,
    ) -> Result<Option<String>, Error> {
        let account = self.people.administered(actor, login).await?;
        let state = self.people.officer_state(login).await?;
        if state.is_some_and(OfficerState::is_gone) {
            return Err(Error::Invalid(InputRule::OfficerRemoved));
        }
        let now = self.clock.now().as_second();
        let handed = random_code();
        let row = code_row::Model {
            account: account.id.clone(),
            purpose: CodePurpose::Reset.name().to_owned(),
            target: account.login.clone(),
            hash: self.people.hash_code(&handed).await?,
            created_at: now,
            expires_at: now + RESET_TIME,
            tries: 0,
            used_at: None,
        };
        let by = actor.reference();
        let event = self.people.staff_event(&account, StaffEventKind::PasswordReset, by.user(), "");
        let transaction = self.database.begin().await?;
        // The id of the record is that of the command, so that a repeated form hands out no second code.
        let event = staff_event_row::Model { id: command.to_string(), ..event };
        match transaction.add_staff_event(event).await {
            Err(fault) if is_duplicate(&fault) => return Ok(None),
            other => other?,
        }
        transaction.set_code(row).await?;
        transaction.set_password(&account.id, "").await?;
        transaction.end_sessions(&account.id, None).await?;
        transaction.commit().await?;
        tracing::info!(account = %account.id, "an administrator handed out a code for a new password");
        Ok(Some(handed))
    }

    /// Returns the account of an officer whom a code of an administrator reaches, with the log-in for which the code was
    /// made.
    pub(super) async fn reached_by_administrator(
        &self,
        login: &str,
    ) -> Result<Option<(account_row::Model, String)>, Error> {
        let reader = self.database.reader();
        let is_open = |row: &account_row::Model| row.closed.is_none() && row.kind == accounts::kind::OFFICER;
        let Some(account) = accounts::by_login(reader, login).await?.filter(is_open) else { return Ok(None) };
        let code = contacts::code(reader, &UserId(account.id.clone()), CodePurpose::Reset).await?;
        let login = account.login.clone();
        // A form that is sent again finds its code used.
        let is_awaited = account.password.is_empty() || code.as_ref().is_some_and(|code| code.used_at.is_some());
        Ok((code.is_some() && is_awaited).then_some((account, login)))
    }
}
