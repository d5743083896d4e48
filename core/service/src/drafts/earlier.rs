//! The answers of an applicant's earlier dossier in a new draft.

use super::{DraftService, DraftView, is_too_large};
use crate::rights::applicant;
use crate::{Error, InputRule};
use jiff::Timestamp;
use motcua_domain::dossier::Dossier;
use motcua_domain::form::judge::JudgeFacts;
use motcua_domain::form::reuse::{EarlierAnswers, reusable};
use motcua_domain::form::taken;
use motcua_domain::names::DossierCode;
use motcua_domain::people::organisation::Actor;
use motcua_domain::text::Text;
use motcua_store::lists;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

/// The most earlier dossiers that a draft offers.
const MOST_OFFERED: usize = 3;

/// The most dossiers whose answers are compared with the questions of a draft.
const MOST_READ: usize = 10;

/// The least number of answers for which a dossier of another procedure is offered.
const LEAST_OF_OTHERS: usize = 3;

/// An earlier dossier whose answers a draft can take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierDossier {
    pub code: DossierCode,
    pub procedure: Text,
    pub filed_at: Timestamp,
}

impl DraftService {
    /// Returns the applicant's earlier dossiers whose answers a new draft can take, at most three. Those of
    /// the same procedure come first, and each group has the latest first.
    pub async fn earlier_dossiers(&self, actor: &Actor, view: &DraftView) -> Result<Vec<EarlierDossier>, Error> {
        let mut offered = Vec::new();
        // An officer at the counter does not look into what the person filed before.
        let Actor::Applicant { id: account, .. } = actor else { return Ok(offered) };
        if view.dossier.is_some() {
            return Ok(offered);
        }
        let mut rows = lists::of_applicant(self.database.reader(), account).await?;
        // The sort is stable, so the latest stay first.
        rows.sort_by_key(|row| row.procedure != view.draft.procedure.as_str());
        let codes = rows.iter().take(MOST_READ).filter_map(|row| DossierCode::parse(&row.code));
        for code in codes {
            if offered.len() == MOST_OFFERED {
                break;
            }
            let dossier = match self.own_dossier(actor, &code).await {
                Ok(dossier) => dossier,
                Err(Error::NotFound | Error::Erased) => continue,
                Err(error) => return Err(error),
            };
            let is_same = dossier.filed.procedure == view.draft.procedure;
            let least = if is_same { 1 } else { LEAST_OF_OTHERS };
            if self.answers_of(view, &dossier).await?.len() >= least {
                let (procedure, filed_at) = (dossier.filed.procedure_name, dossier.filed_at);
                offered.push(EarlierDossier { code, procedure, filed_at });
            }
        }
        Ok(offered)
    }

    /// Writes the answers of one of the applicant's earlier dossiers into the empty questions of a new draft, each with
    /// a mark that names the dossier.
    pub async fn use_earlier(&self, actor: &Actor, id: Uuid, code: &DossierCode) -> Result<(), Error> {
        let view = self.draft(actor, id).await?;
        if view.dossier.is_some() {
            return Err(Error::NotFound);
        }
        let dossier = self.own_dossier(actor, code).await?;
        let mut answers = self.answers_of(&view, &dossier).await?;
        let transaction = self.database.begin().await?;
        let stored = transaction.lock_draft(id).await?.ok_or(Error::NotFound)?.typed;
        // A question that another page answered meanwhile keeps its answer.
        answers.retain(|field, _| stored.get(field) == view.draft.typed.get(field));
        let ids: Vec<String> = answers.keys().cloned().collect();
        let mut marks = taken::marks_alone(&stored);
        taken::mark(&mut marks, ids, code.as_str());
        answers.extend(marks);
        let mut typed = stored;
        typed.extend(answers.clone());
        if is_too_large(&typed) {
            return Err(Error::Invalid(InputRule::DraftTooLarge));
        }
        transaction.save_draft(id, answers, self.clock.now().as_second()).await?.ok_or(Error::NotFound)?;
        Ok(transaction.commit().await?)
    }

    /// Returns a dossier that the applicant filed. For anybody else, and for a person who only takes part in it, the
    /// dossier does not exist.
    async fn own_dossier(&self, actor: &Actor, code: &DossierCode) -> Result<Dossier, Error> {
        let account = applicant(actor)?;
        let dossier = self.dossiers.readable(actor, code).await?;
        if dossier.filed.applicant.id == *account { Ok(dossier) } else { Err(Error::NotFound) }
    }

    /// Returns the answers of a dossier that a draft can take.
    async fn answers_of(&self, view: &DraftView, dossier: &Dossier) -> Result<Map<String, Json>, Error> {
        let before = self.procedures.version(&dossier.procedure).await?;
        let earlier = EarlierAnswers { form: &before.form, values: &dossier.values };
        let (now, registries, files) = (self.clock.now(), &self.province.registries, view.draft.attached());
        let facts = JudgeFacts { now, registries, files: &files, computed: None };
        Ok(reusable(earlier, &view.procedure.form, &view.draft.typed, facts))
    }
}
