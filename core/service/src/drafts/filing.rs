//! Filing a draft.

use super::signers::{consents, without_consent};
use super::{DraftSeen, DraftService, DraftView};
use crate::admission::admission;
use crate::plugins::told_of;
use crate::{Error, InputRule};
use jiff::Timestamp;
use motcua_catalogue::Live;
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::command::Filing;
use motcua_domain::dossier::decide::decide_filing;
use motcua_domain::dossier::event::Recorded;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::dossier::verdict::Verdict;
use motcua_domain::names::{AgencyId, CommandId, DossierCode};
use motcua_domain::people::organisation::Actor;
use motcua_domain::time::calendar::local;
use motcua_store::journal::{Append, Day};
use motcua_store::lists;
use uuid::Uuid;

/// The outcome of a draft that no longer exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UsedDraft {
    /// The draft was filed as this dossier.
    Filed(DossierCode),
    /// The draft became a supplement of this dossier.
    Supplemented(DossierCode),
}

impl DraftService {
    /// Files a draft as it is and returns the dossier's code, for programs without a review page. Filing the same draft
    /// again returns the same code.
    pub async fn file(&self, actor: &Actor, draft: Uuid, consent: bool) -> Result<DossierCode, Error> {
        let filed = self.file_once(actor, draft, consent, None).await;
        or_before(filed, self.filed_before(actor, draft)).await
    }

    /// Files a draft as [`Self::file`] does, unless it differs from the draft that the applicant reviewed.
    pub async fn file_reviewed(
        &self,
        actor: &Actor,
        draft: Uuid,
        consent: bool,
        reviewed: &DraftSeen,
    ) -> Result<DossierCode, Error> {
        let filed = self.file_once(actor, draft, consent, Some(reviewed)).await;
        or_before(filed, self.filed_before(actor, draft)).await
    }

    /// Returns the outcome of a draft of the applicant, if it was filed or became a supplement.
    pub async fn used_draft(&self, actor: &Actor, draft: Uuid) -> Result<Option<UsedDraft>, Error> {
        match self.filed_before(actor, draft).await {
            Ok(code) => return Ok(Some(UsedDraft::Filed(code))),
            Err(Error::NotFound) => {}
            Err(error) => return Err(error),
        }
        match self.supplemented_before(actor, draft, None).await {
            Ok(code) => Ok(Some(UsedDraft::Supplemented(code))),
            Err(Error::NotFound | Error::Refused(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn filed_before(&self, actor: &Actor, draft: Uuid) -> Result<DossierCode, Error> {
        let code = lists::of_draft(self.database.reader(), draft).await?.ok_or(Error::NotFound)?;
        self.dossiers.readable(actor, &code).await?;
        Ok(code)
    }

    async fn file_once(
        &self,
        actor: &Actor,
        id: Uuid,
        consent: bool,
        reviewed: Option<&DraftSeen>,
    ) -> Result<DossierCode, Error> {
        let (view, applicant, filed) = self.draft_to_file(actor, id).await?;
        if view.draft.dossier.is_some() {
            return Err(Error::NotFound);
        }
        // A counter files for many people, and for one person as often as the person comes.
        if !view.is_at_counter() {
            self.quotas.may_file(filed)?;
        }
        let (procedure, now) = (&view.procedure, self.clock.now());
        let agency = self.follow_version(&view).await?;
        let agency = self.province.agency(&agency).ok_or(Refusal::Closed)?;
        let papers = view.draft.attached();
        let verdicts = self.verdicts_as_reviewed(&view, reviewed, now).await?;
        let (follows, invitations) = (self.followed(&view).await?, self.invitations(&view).await?);
        let day = local(now).date();
        let filing = Filing {
            // The transaction draws the number, and the decision needs none.
            code: DossierCode::new(&agency.code, day, 0),
            draft: id,
            agency: agency.id.clone(),
            applicant,
            typed: view.draft.typed.clone(),
            papers,
            on_paper: view.on_paper().to_vec(),
            verdicts,
            follows,
            consent,
            consents: consents(&invitations),
        };
        let event = match decide_filing(self.procedures.rules(procedure), actor, filing, now) {
            Ok(event) => event,
            Err(refusal) => return Err(self.procedures.refused(&view.draft.version, procedure, refusal).await),
        };
        if let (Some(filed), Some(reviewed)) = (event.submitted().and_then(|content| content.filed), reviewed)
            && !reviewed.is_same(&DraftSeen::of_filed(filed))
        {
            return Err(Error::Invalid(InputRule::DraftChanged));
        }
        let tell = told_of(procedure, &event);
        let recorded = Recorded { at: now, actor: actor.reference(), event, choices: Vec::new() };
        let after = Dossier::replay([&recorded]).map_err(Error::fault)?;
        let numbered = Some(Day { agency_code: agency.code.clone(), date: day });
        let filed = &after.filed;
        let ended_invitations = without_consent(&invitations, &filed.signatures);
        let admission = admission(procedure, Some(&filed.agency), &filed.applicant.id, &filed.values, now);
        let command = CommandId::of_draft(id);
        let draft = Some(view.draft.state());
        let (organisation, publication) = (None, None);
        let append = Append {
            command,
            recorded,
            before: None,
            after,
            draft,
            ended_invitations,
            tell,
            numbered,
            drawn: None,
            organisation,
            admission,
            publication,
            send: self.dossiers.send_times(now),
        };
        let filed = Box::pin(self.dossiers.append_filing(append)).await?.ok_or(Refusal::Changed)?;
        Ok(filed.filed.code)
    }

    /// Returns the verdicts as the plugins give them, for a draft that is filed now and was reviewed before.
    ///
    /// Plugins get the time of the review. Their verdict on the same draft is then the one that the applicant saw, even
    /// if it depends on the second.
    pub(super) async fn verdicts_as_reviewed(
        &self,
        view: &DraftView,
        reviewed: Option<&DraftSeen>,
        now: Timestamp,
    ) -> Result<Vec<Verdict>, Error> {
        let asked = reviewed.map_or(now, |reviewed| reviewed.time_to_ask(now));
        let mut verdicts = self.plugins.verdicts(&view.procedure, &view.draft, asked).await?;
        // Plugins get whole seconds.
        let second = Timestamp::from_second(asked.as_second()).ok();
        for basis in verdicts.iter_mut().filter_map(|verdict| verdict.basis.as_mut()) {
            basis.at = second;
        }
        Ok(verdicts)
    }

    /// Returns the agency to which a draft is filed. Moves a draft of an older version to the offered one, because only
    /// offered versions can be filed. The applicant then reviews the draft again.
    async fn follow_version(&self, view: &DraftView) -> Result<AgencyId, Error> {
        let (draft, agency) = (&view.draft, self.agency_of(view)?);
        let catalogue = self.procedures.catalogue();
        let offered = |live: &&Live| live.is_open() && live.offers.contains(&agency);
        let live = catalogue.procedure(&draft.procedure).filter(offered).ok_or(Refusal::Closed)?;
        if live.version == draft.version {
            return Ok(agency);
        }
        let transaction = self.database.begin().await?;
        // An agency to which the answers lead is not fixed before the filing, as long as they lead to one.
        let fixed = if live.procedure.led_by.is_some() { view.agency().ok() } else { Some(agency) };
        transaction.move_draft(draft.id, &live.version, fixed.as_ref()).await?;
        transaction.commit().await?;
        Err(Refusal::VersionChanged.into())
    }
}

/// Returns the earlier answer to the same request, if this request was rejected.
///
/// A second click may find the draft deleted, or its place taken.
pub(super) async fn or_before(
    answer: Result<DossierCode, Error>,
    before: impl Future<Output = Result<DossierCode, Error>>,
) -> Result<DossierCode, Error> {
    let refused = match answer {
        Ok(code) => return Ok(code),
        Err(error @ (Error::Fault(_) | Error::Unavailable)) => return Err(error),
        Err(refused) => refused,
    };
    match before.await {
        // The journal cannot be read now.
        Err(error @ (Error::Fault(_) | Error::Unavailable)) => Err(error),
        found => found.map_err(|_| refused),
    }
}
