//! Supplements: the draft in which somebody gives what the office asked for, and giving it.
//!
//! The applicant fills in a draft of their own. An officer at the counter fills in another for an applicant who came
//! there. The first one that is given supplements the dossier, and the other one is refused.

use super::filing::or_before;
use super::{DraftSeen, DraftService};
use crate::rights::{applicant, clerk};
use crate::{Error, InputRule};
use motcua_domain::dossier::command::{Command, SuppliedPapers};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::names::{CommandId, DossierCode, UserId};
use motcua_domain::people::organisation::Actor;
use motcua_domain::time::calendar::local;
use motcua_store::drafts::{self, Draft, Intake};
use motcua_store::{Fault, journal};
use uuid::Uuid;

impl DraftService {
    /// Returns the draft in which `actor` supplements a dossier: the applicant, or an officer of the counter for them. A new
    /// draft begins with the filed answers.
    pub async fn start_supplement(&self, actor: &Actor, code: &DossierCode) -> Result<Uuid, Error> {
        let (filler, is_at_counter) = match actor {
            Actor::Officer { .. } => (clerk(actor)?, true),
            Actor::Applicant { .. } | Actor::System => (applicant(actor)?, false),
        };
        let dossier = self.dossiers.readable(actor, code).await?;
        if !dossier.may_supplement(actor) {
            return Err(Refusal::NothingAwaited.into());
        }
        let begun = |draft: &&Draft| draft.dossier.as_ref() == Some(code);
        let known = self.filled_in(filler, is_at_counter).await?;
        if let Some(draft) = known.iter().find(begun) {
            return Ok(draft.id);
        }
        let now = self.clock.now().as_second();
        let intake = is_at_counter.then(|| Intake { officer: filler.clone(), on_paper: dossier.on_paper.clone() });
        let draft = Draft {
            id: self.ids.next(),
            account: dossier.filed.applicant.id.clone(),
            procedure: dossier.filed.procedure.clone(),
            // The version that decides on the dossier. A migration may have moved the dossier since it was filed.
            version: dossier.procedure.clone(),
            agency: Some(dossier.filed.agency.clone()),
            dossier: Some(code.clone()),
            typed: dossier.values.clone(),
            papers: self.renumbered(dossier.papers.into_iter()),
            created_at: now,
            updated_at: now,
            intake,
        };
        let transaction = self.database.begin().await?;
        transaction.lock_account(filler).await?;
        let known = if is_at_counter {
            drafts::intakes_of(transaction.connection(), filler).await?
        } else {
            drafts::drafts_of(transaction.connection(), filler).await?
        };
        if let Some(draft) = known.iter().find(begun) {
            return Ok(draft.id);
        }
        if is_at_counter && known.len() >= usize::try_from(drafts::INTAKES).unwrap_or(usize::MAX) {
            return Err(Error::Invalid(InputRule::TooManyDrafts));
        }
        transaction.add_draft(&draft).await?;
        transaction.commit().await?;
        Ok(draft.id)
    }

    /// Returns the drafts that an account fills in: those at the counter, or its own.
    async fn filled_in(&self, filler: &UserId, is_at_counter: bool) -> Result<Vec<Draft>, Fault> {
        let reader = self.database.reader();
        if is_at_counter { drafts::intakes_of(reader, filler).await } else { drafts::drafts_of(reader, filler).await }
    }

    /// Supplements a dossier, for programs without a review page. The draft becomes the dossier's content.
    ///
    /// Supplementing with the same draft again returns the same code.
    pub async fn supplement(&self, actor: &Actor, draft: Uuid) -> Result<DossierCode, Error> {
        let given = self.supplement_once(actor, draft, None).await;
        or_before(given, self.supplemented_before(actor, draft, None)).await
    }

    /// Supplements a dossier as [`Self::supplement`] does, unless the draft differs from the one that the applicant
    /// reviewed. `named` is the dossier that the review named.
    pub async fn supplement_reviewed(
        &self,
        actor: &Actor,
        draft: Uuid,
        reviewed: &DraftSeen,
        named: Option<&DossierCode>,
    ) -> Result<DossierCode, Error> {
        let given = self.supplement_once(actor, draft, Some(reviewed)).await;
        or_before(given, self.supplemented_before(actor, draft, named)).await
    }

    /// Returns the dossier that a draft supplemented, by the command that its journal keeps from the same person. An officer
    /// names the dossier, because the draft is gone.
    pub(super) async fn supplemented_before(
        &self,
        actor: &Actor,
        draft: Uuid,
        named: Option<&DossierCode>,
    ) -> Result<DossierCode, Error> {
        let reader = self.database.reader();
        let code = match actor {
            Actor::Officer { .. } => named.cloned(),
            Actor::Applicant { .. } | Actor::System => drafts::supplemented(reader, applicant(actor)?, draft).await?,
        };
        let code = code.ok_or(Error::NotFound)?;
        let found = journal::journaled(reader, &code).await?;
        let given = found.is_some_and(|found| found.has(&CommandId::of_draft(draft), &actor.reference()));
        if given { Ok(code) } else { Err(Error::NotFound) }
    }

    async fn supplement_once(
        &self,
        actor: &Actor,
        draft: Uuid,
        reviewed: Option<&DraftSeen>,
    ) -> Result<DossierCode, Error> {
        let view = self.draft(actor, draft).await?;
        let code = view.draft.dossier.clone().ok_or(Error::NotFound)?;
        let papers = SuppliedPapers { attached: view.draft.attached(), on_paper: view.on_paper().to_vec() };
        let (kept, now) = (&view.draft, self.clock.now());
        if let Some(reviewed) = reviewed
            && !reviewed.is_same(&self.review_at(&view, reviewed.time_to_ask(now)).await?.seen)
        {
            return Err(Error::Invalid(InputRule::DraftChanged));
        }
        let verdicts = self.verdicts_as_reviewed(&view, reviewed, now).await?;
        let (version, typed) = (kept.version.clone(), kept.typed.clone());
        // Rules may name the day, and the decision comes later than this comparison.
        let reviewed_on = reviewed.map(|_| local(now).date());
        let command = Command::Supplement { version, typed, papers, verdicts, reviewed_on };
        let id = CommandId::of_draft(draft);
        let changed = self.dossiers.change_and(actor, &code, &command, Some(kept.state()), &id).await;
        Box::pin(self.dossiers.extended_if_faulty(actor, &code, changed)).await?;
        Ok(code)
    }
}
