//! The record of acts with accounts that a counter opened, for the leaders of its agency and for auditors.

use super::AccountService;
use crate::Error;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::names::UserId;
use motcua_domain::people::access::{Deed, may};
use motcua_domain::people::organisation::{Actor, Role};
use motcua_store::account_act_row;
use motcua_store::account_acts::{self, ACTS, AccountActKind, ListedAccountAct};

impl AccountService {
    /// Returns the acts with accounts before the act `before`, or the latest ones if it is empty, and whether there are
    /// earlier ones. A leader sees those at the own agency, and an auditor sees all.
    pub async fn acts(&self, actor: &Actor, before: &str) -> Result<(Vec<ListedAccountAct>, bool), Error> {
        if !may(actor, Deed::ReadAccountActs, None) {
            return Err(Refusal::NotAllowed.into());
        }
        let everywhere = actor.posts().iter().any(|post| post.role == Role::Auditor);
        let own = actor.posts().iter().find(|post| post.role == Role::Leader).map(|post| &post.agency);
        let only = if everywhere { None } else { own };
        let mut acts = account_acts::acts(self.database.reader(), only, before).await?;
        let most = usize::try_from(ACTS).unwrap_or(usize::MAX);
        let more = acts.len() > most;
        acts.truncate(most);
        Ok((acts, more))
    }

    /// Returns the record of an act of an officer at a counter with an account, which is none for a search that found
    /// nothing. The agency is that of the officer's first counter.
    pub(super) fn counter_act(
        &self,
        actor: &Actor,
        kind: AccountActKind,
        account: Option<&UserId>,
    ) -> account_act_row::Model {
        let (officer, officer_name) = match actor {
            Actor::Officer { id, name, .. } => (Some(id.to_string()), name.clone()),
            Actor::Applicant { .. } | Actor::System => (None, String::new()),
        };
        let counter = actor.posts().iter().find(|post| post.role == Role::Counter);
        account_act_row::Model {
            id: self.ids.next().to_string(),
            kind: kind.name().to_owned(),
            at: self.clock.now().as_second(),
            account: account.map(UserId::to_string),
            agency: counter.map_or_else(String::new, |post| post.agency.to_string()),
            officer,
            officer_name,
            dossier: None,
            basis: None,
            old_name: None,
            new_name: None,
            detail: String::new(),
        }
    }
}

/// Returns the last three digits of a number. They let an auditor tell searches apart, and do not say whom the officer
/// looked for.
pub(super) fn masked(number: &str) -> String {
    let skipped = number.chars().count().saturating_sub(3);
    format!("…{}", number.chars().skip(skipped).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn a_search_is_told_by_the_end_of_its_number_alone() {
        assert_eq!(masked("074195000321"), "…321");
        assert_eq!(masked("12"), "…12");
    }
}
