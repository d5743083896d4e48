//! Drafts at the counter. Such a draft belongs to a person who came with paper, and an officer fills it in.

use super::{DraftService, DraftView};
use crate::rights::clerk;
use crate::{Error, InputRule};
use motcua_catalogue::SearchWish;
use motcua_domain::dossier::decide::may_receive;
use motcua_domain::dossier::refusal::{Refusal, within};
use motcua_domain::names::{AgencyId, PaperId, ProcedureCode, UserId};
use motcua_domain::people::access::Deed;
use motcua_domain::people::organisation::{Actor, Role};
use motcua_domain::procedure::Procedure;
use motcua_domain::text::Text;
use motcua_store::drafts::{self, Draft, Intake};
use motcua_store::{account_row, accounts};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

/// The most procedures that a search at the counter shows.
const MOST_OFFERS: usize = 20;

/// A procedure that a counter receives for an agency.
#[derive(Debug, Clone)]
pub struct CounterOffer {
    pub procedure: Arc<Procedure>,
    pub agency: AgencyId,
    pub agency_name: Text,
}

impl DraftService {
    /// Returns whether a draft is one that `actor` fills in.
    pub(super) fn fills_in(actor: &Actor, view: &DraftView) -> bool {
        let DraftView { draft, procedure, .. } = view;
        match (actor, &draft.intake) {
            (Actor::Applicant { id, .. }, None) => *id == draft.account,
            (Actor::Officer { id, .. }, Some(intake)) => {
                let receives = |agency: &AgencyId| may_receive(procedure, agency, actor, &draft.account);
                let is_received = match &view.dossier {
                    Some(dossier) => dossier.lets(actor, Deed::SupplementAtCounter),
                    None => view.agency().is_ok_and(|agency| receives(&agency)),
                };
                *id == intake.officer && is_received
            }
            (Actor::Applicant { .. }, Some(_)) | (Actor::Officer { .. }, None) | (Actor::System, _) => false,
        }
    }

    /// Returns the open procedures that the officer's counter receives and that fit the words, the best first.
    pub fn receivable(&self, actor: &Actor, words: &str) -> Result<Vec<CounterOffer>, Error> {
        clerk(actor)?;
        let at_counter = actor.posts().iter().filter(|post| post.role == Role::Counter);
        let agencies: BTreeSet<&AgencyId> = at_counter.map(|post| &post.agency).collect();
        // The person is not known yet.
        let nobody = UserId(String::new());
        let wish = SearchWish { words: words.to_owned(), ..SearchWish::default() };
        let catalogue = self.procedures.catalogue();
        let mut offers = Vec::new();
        for live in catalogue.find(&wish).map_err(Error::fault)? {
            for agency in agencies.iter().copied().filter(|agency| live.offers.contains(agency)) {
                if offers.len() < MOST_OFFERS && may_receive(&live.procedure, agency, actor, &nobody) {
                    let name = self.province.agency(agency).map(|agency| agency.name.clone());
                    offers.push(CounterOffer {
                        procedure: live.procedure.clone(),
                        agency: agency.clone(),
                        agency_name: name.unwrap_or_default(),
                    });
                }
            }
        }
        Ok(offers)
    }

    /// Begins the draft of a person who came to the counter, and returns it. If the officer began the same draft before,
    /// it goes on.
    pub async fn receive(
        &self,
        actor: &Actor,
        owner: &UserId,
        (code, agency): (&ProcedureCode, &AgencyId),
    ) -> Result<Uuid, Error> {
        let officer = clerk(actor)?;
        let catalogue = self.procedures.catalogue();
        let live = catalogue.procedure(code).ok_or(Error::NotFound)?;
        if !may_receive(&live.procedure, agency, actor, owner) {
            return Err(Refusal::NotAllowed.into());
        }
        if !live.is_open() || !live.offers.contains(agency) {
            return Err(Refusal::Closed.into());
        }
        within(live.procedure.window, self.clock.now())?;
        let is_applicant = |row: &account_row::Model| row.kind == accounts::kind::APPLICANT && row.closed.is_none();
        let known = accounts::by_id(self.database.reader(), owner).await?.filter(is_applicant);
        let known = known.ok_or(Error::NotFound)?;
        let is_begun = |draft: &&Draft| {
            draft.account == *owner
                && draft.dossier.is_none()
                && draft.procedure == *code
                && draft.version == live.version
                && draft.agency.as_ref() == Some(agency)
        };
        if let Some(draft) = drafts::intakes_of(self.database.reader(), officer).await?.iter().find(is_begun) {
            return Ok(draft.id);
        }
        self.check_bounds(&live.procedure, Some(agency), owner).await?;
        let applicant = json!({ "name": known.name, "phone": known.phone, "email": known.email });
        let typed = self.plugins.proposals(&live.procedure, &live.version, owner, applicant).await?;
        let now = self.clock.now().as_second();
        let draft = Draft {
            id: self.ids.next(),
            account: owner.clone(),
            procedure: code.clone(),
            version: live.version.clone(),
            agency: Some(agency.clone()),
            dossier: None,
            typed,
            papers: Vec::new(),
            created_at: now,
            updated_at: now,
            intake: Some(Intake { officer: officer.clone(), on_paper: Vec::new() }),
        };
        let transaction = self.database.begin().await?;
        transaction.lock_account(officer).await?;
        let begun = drafts::intakes_of(transaction.connection(), officer).await?;
        if let Some(draft) = begun.iter().find(is_begun) {
            return Ok(draft.id);
        }
        if begun.len() >= usize::try_from(drafts::INTAKES).unwrap_or(usize::MAX) {
            return Err(Error::Invalid(InputRule::TooManyDrafts));
        }
        transaction.add_draft(&draft).await?;
        transaction.commit().await?;
        Ok(draft.id)
    }

    /// Returns the drafts that the officer fills in at the counter, latest first. They have no answers and no papers.
    pub async fn at_counter(&self, actor: &Actor) -> Result<Vec<DraftView>, Error> {
        let officer = clerk(actor)?;
        let mut listed = Vec::new();
        for draft in drafts::intakes_of(self.database.reader(), officer).await? {
            let procedure = self.procedures.version(&draft.version).await?;
            let account = accounts::by_id(self.database.reader(), &draft.account).await?;
            let mut view = DraftView::new(draft, procedure, None, &self.province);
            view.for_person = account.map_or_else(String::new, |row| row.name);
            if Self::fills_in(actor, &view) {
                listed.push(view);
            }
        }
        Ok(listed)
    }

    /// Records the papers of a draft that the officer has seen on paper.
    pub async fn check_off(&self, actor: &Actor, id: Uuid, seen: &[PaperId]) -> Result<(), Error> {
        let view = self.draft(actor, id).await?;
        if !view.is_at_counter() {
            return Err(Refusal::NotAllowed.into());
        }
        let papers = view.procedure.papers.iter().map(|paper| &paper.id);
        let on_paper: Vec<PaperId> = papers.filter(|paper| seen.contains(paper)).cloned().collect();
        let transaction = self.database.begin().await?;
        if !transaction.set_on_paper(id, &on_paper, self.clock.now().as_second()).await? {
            return Err(Error::NotFound);
        }
        Ok(transaction.commit().await?)
    }
}
