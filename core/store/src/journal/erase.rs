//! Erasing contents after their time. The entries stay, and so do their hashes, which cover a content by its digest.

use crate::rows::{co_signing, counted_filing, dossier, journal, published_result};
use crate::{Fault, Transaction};
use motcua_domain::names::DossierCode;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

impl Transaction {
    /// Erases the content of all entries of a dossier that has ended, and returns how many entries had one.
    ///
    /// The dossier cannot be read afterwards, and reading it returns [`Fault::Erased`]. Its rows in the lists stay as
    /// they are, but for the person who took the result and for the number of somebody for whom another person filed.
    pub async fn erase_payloads(&self, code: &DossierCode) -> Result<u64, Fault> {
        let erase = journal::Entity::update_many()
            .col_expr(journal::Column::Payload, Option::<String>::None.into())
            .filter(journal::Column::Dossier.eq(code.as_str()))
            .filter(journal::Column::Payload.is_not_null());
        let erased = erase.exec(self.connection()).await?.rows_affected;
        // The digest of an answer would tell the answer to a person who guesses it.
        counted_filing::Entity::update_many()
            .col_expr(counted_filing::Column::Holder, Option::<String>::None.into())
            .filter(counted_filing::Column::Dossier.eq(code.as_str()))
            .exec(self.connection())
            .await?;
        published_result::Entity::update_many()
            .col_expr(published_result::Column::Holder, Option::<String>::None.into())
            .filter(published_result::Column::Dossier.eq(code.as_str()))
            .exec(self.connection())
            .await?;
        // The applicant's own row stays, but not what was written down about a third person.
        dossier::Entity::update_many()
            .col_expr(dossier::Column::Receiver, Option::<String>::None.into())
            .col_expr(dossier::Column::Represented, Option::<String>::None.into())
            .filter(dossier::Column::Code.eq(code.as_str()))
            .exec(self.connection())
            .await?;
        // The people who signed do not find the dossier any more.
        let draft = dossier::Entity::find()
            .select_only()
            .column(dossier::Column::Draft)
            .filter(dossier::Column::Code.eq(code.as_str()))
            .into_query();
        co_signing::Entity::delete_many()
            .filter(co_signing::Column::Draft.in_subquery(draft))
            .exec(self.connection())
            .await?;
        Ok(erased)
    }
}
