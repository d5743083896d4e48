//! The rows of a dossier in the lists, to be compared with those that follow from its journal.

use super::rebuild::RebuiltRows;
use super::{MoneyRows, jobs_of};
use crate::Fault;
use crate::jobs::JobKind;
use crate::rows::{
    dossier, dossier_file, job, name_part, notice, participation, partner, result, site_visit, stay, taken_step,
};
use motcua_domain::names::DossierCode;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, TryIntoModel as _};
use std::collections::BTreeSet;

/// The rows of a dossier in all lists.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ListedRows {
    dossier: Option<dossier::Model>,
    /// The other rows as JSON texts, in no order.
    others: BTreeSet<String>,
}

impl ListedRows {
    /// Returns the version of the dossier's row.
    pub fn version(&self) -> Option<i64> {
        self.dossier.as_ref().map(|row| row.version)
    }

    /// Returns the rows that follow from the journal.
    pub fn made(made: RebuiltRows) -> Result<Self, Fault> {
        let dossier = made.dossier.map(dossier::ActiveModel::try_into_model).transpose()?;
        let mut shown = Self { dossier, others: BTreeSet::new() };
        shown.add(&made.stays)?;
        shown.add(&made.partners)?;
        shown.add(&made.participations)?;
        shown.add(&made.name_parts)?;
        shown.add(made.result.as_slice())?;
        shown.add(&made.site_visits)?;
        shown.add(&made.steps)?;
        shown.add(&made.notices)?;
        shown.add(&made.files)?;
        shown.add(&made.money.movements)?;
        shown.add(&made.money.entries)?;
        shown.add_jobs(&made.jobs)?;
        Ok(shown)
    }

    /// Reads the rows in the lists.
    pub async fn read(connection: &impl ConnectionTrait, code: &DossierCode) -> Result<Self, Fault> {
        let dossier = dossier::Entity::find_by_id(code.as_str()).one(connection).await?;
        let mut shown = Self { dossier, others: BTreeSet::new() };
        shown.add_jobs(&job::Entity::find().filter(jobs_of(code)).all(connection).await?)?;
        let money = MoneyRows::read(connection, code).await?;
        shown.add(&money.movements)?;
        shown.add(&money.entries)?;
        let code = code.as_str();
        shown.add(&stay::Entity::find().filter(stay::Column::Dossier.eq(code)).all(connection).await?)?;
        shown.add(&partner::Entity::find().filter(partner::Column::Dossier.eq(code)).all(connection).await?)?;
        let took_part = participation::Entity::find().filter(participation::Column::Dossier.eq(code));
        shown.add(&took_part.all(connection).await?)?;
        shown.add(&name_part::Entity::find().filter(name_part::Column::Dossier.eq(code)).all(connection).await?)?;
        shown.add(&result::Entity::find().filter(result::Column::Dossier.eq(code)).all(connection).await?)?;
        shown.add(&site_visit::Entity::find().filter(site_visit::Column::Dossier.eq(code)).all(connection).await?)?;
        shown.add(&taken_step::Entity::find().filter(taken_step::Column::Dossier.eq(code)).all(connection).await?)?;
        shown.add(&notice::Entity::find().filter(notice::Column::Dossier.eq(code)).all(connection).await?)?;
        shown
            .add(&dossier_file::Entity::find().filter(dossier_file::Column::Dossier.eq(code)).all(connection).await?)?;
        Ok(shown)
    }

    fn add(&mut self, rows: &[impl serde::Serialize]) -> Result<(), Fault> {
        for row in rows {
            self.others.insert(serde_json::to_string(row)?);
        }
        Ok(())
    }

    /// Adds the keys of jobs that follow from the dossier. How often a job was tried does not follow from it.
    fn add_jobs(&mut self, rows: &[job::Model]) -> Result<(), Fault> {
        let follows = |row: &&job::Model| JobKind::OF_DOSSIERS.iter().any(|kind| kind.name() == row.kind);
        let keys: Vec<&str> = rows.iter().filter(follows).map(|row| row.key.as_str()).collect();
        self.add(&keys)
    }
}
