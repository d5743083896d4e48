//! Earlier results that a draft renews, changes or ends.

use super::{DraftService, DraftView};
use crate::Error;
use crate::rights::applicant;
use motcua_domain::dossier::event::EarlierResult;
use motcua_domain::names::DossierCode;
use motcua_domain::people::organisation::Actor;
use motcua_domain::procedure::Procedure;
use motcua_domain::procedure::result::{FollowRule, ResultRule, text_at};
use motcua_store::register::{self, RegisteredResult};
use uuid::Uuid;

/// Returns the rule about the earlier results that a procedure follows.
fn follows_of(procedure: &Procedure) -> Option<(&ResultRule, &FollowRule)> {
    let rule = procedure.register.as_ref()?;
    Some((rule, rule.follows.as_ref()?))
}

impl DraftService {
    /// Returns the applicant's own results that a procedure can follow, latest first.
    pub async fn results_to_follow(
        &self,
        actor: &Actor,
        procedure: &Procedure,
    ) -> Result<Vec<RegisteredResult>, Error> {
        let account = applicant(actor)?;
        if follows_of(procedure).is_none() {
            return Ok(Vec::new());
        }
        let mut own = register::of_applicant(self.database.reader(), account).await?;
        own.retain(|result| result.later.is_none() && procedure.follows(&result.kind, &result.procedure));
        Ok(own)
    }

    /// Returns the applicant's own results that a draft can follow. An officer at the counter sees none of them.
    pub async fn results_for(&self, actor: &Actor, view: &DraftView) -> Result<Vec<RegisteredResult>, Error> {
        if view.is_at_counter() { Ok(Vec::new()) } else { self.results_to_follow(actor, &view.procedure).await }
    }

    /// Writes the facts of one of the applicant's own results into a draft whose procedure follows such results.
    pub async fn fill_from_result(&self, actor: &Actor, id: Uuid, code: &DossierCode) -> Result<(), Error> {
        let view = self.draft(actor, id).await?;
        let own = self.results_to_follow(actor, &view.procedure).await?;
        let result = own.iter().find(|result| result.dossier == *code).ok_or(Error::NotFound)?;
        let (_, follows) = follows_of(&view.procedure).ok_or(Error::NotFound)?;
        let answers = follows.filled(&result.number, result.from, result.until, &result.data);
        let transaction = self.database.begin().await?;
        transaction.save_draft(id, answers, self.clock.now().as_second()).await?.ok_or(Error::NotFound)?;
        Ok(transaction.commit().await?)
    }

    /// Returns the result whose number is in the draft. An applicant may follow a result of their own, and one of the
    /// holder whose identity number they give.
    pub(crate) async fn followed(&self, view: &DraftView) -> Result<Option<EarlierResult>, Error> {
        let Some((rule, follows)) = follows_of(&view.procedure) else { return Ok(None) };
        let values = self.values(view);
        let number = follows.number_field().and_then(|field| text_at(&values, field));
        let Some(number) = number else { return Ok(None) };
        let identity = rule.identity.as_ref().and_then(|path| text_at(&values, path));
        let may_follow = |result: &&RegisteredResult| {
            let is_own = result.account == view.draft.account;
            let is_of_holder = identity.is_some() && result.holder.identity == identity;
            result.later.is_none()
                && (is_own || is_of_holder)
                && view.procedure.follows(&result.kind, &result.procedure)
        };
        let found = register::of_number(self.database.reader(), &number).await?;
        Ok(found.iter().find(may_follow).map(RegisteredResult::as_earlier))
    }
}
