//! The way to get the result, which an applicant chooses before a draft is filed.

use super::{DraftService, DraftView, is_too_large};
use crate::typed::typed_in;
use crate::{Error, InputRule};
use jiff::Timestamp;
use motcua_domain::people::organisation::Actor;
use motcua_domain::procedure::delivery::{DELIVERY, JudgedDelivery, questions};
use motcua_store::drafts::Draft;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

impl DraftView {
    /// Returns whether the applicant chooses how to get the result. A supplement leaves the choice as it is: the page of the
    /// dossier changes it.
    pub fn asks_delivery(&self) -> bool {
        self.draft.dossier.is_none() && self.procedure.post.is_some()
    }
}

impl DraftService {
    /// Saves the way to get the result and the address for the post as they were typed, right or wrong. The posted names
    /// begin with [`DELIVERY`].
    pub async fn save_delivery(
        &self,
        actor: &Actor,
        id: Uuid,
        posted: &[(String, String)],
    ) -> Result<DraftView, Error> {
        let mut view = self.draft(actor, id).await?;
        if !view.asks_delivery() {
            return Err(Error::NotFound);
        }
        let typed = typed_in(questions(), &format!("{DELIVERY}."), posted);
        let answers = Map::from_iter([(DELIVERY.to_owned(), Json::Object(typed))]);
        let transaction = self.database.begin().await?;
        let saved = transaction.save_draft(id, answers, self.clock.now().as_second()).await?.ok_or(Error::NotFound)?;
        view.draft = Draft { version: view.draft.version, ..saved };
        if is_too_large(&view.draft.typed) {
            return Err(Error::Invalid(InputRule::DraftTooLarge));
        }
        transaction.commit().await?;
        Ok(view)
    }

    /// Judges the choice of a draft. A supplement has none.
    pub fn delivery(&self, view: &DraftView, now: Timestamp) -> JudgedDelivery {
        if !view.asks_delivery() {
            return JudgedDelivery::default();
        }
        view.procedure.delivery_of_draft(&view.draft.typed, &self.province.registries, now)
    }
}
