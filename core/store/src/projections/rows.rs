//! The rows that a change of a dossier writes, deletes or updates.

use super::{
    FILED, MoneyRows, issued, name_parts, participations, partners, row, site_visits, standing, stays, taken_steps,
};
use crate::batch::{Batch, OnExistingRow};
use crate::rows::{
    dossier, dossier_file, job, name_part, notice, participation, partner, result, site_visit, stay, taken_step,
};
use crate::{Fault, jobs};
use jiff::Timestamp;
use motcua_domain::dossier::Dossier;
use std::collections::BTreeSet;

/// Rows of projections.
#[derive(Debug, Default)]
pub(crate) struct ChangedRows {
    filed: Vec<dossier::ActiveModel>,
    standings: Vec<dossier::ActiveModel>,
    stays: Vec<stay::Model>,
    stays_gone: Vec<stay::Model>,
    partners: Vec<partner::Model>,
    partners_gone: Vec<partner::Model>,
    participations: Vec<participation::Model>,
    participations_gone: Vec<participation::Model>,
    name_parts: Vec<name_part::Model>,
    name_parts_gone: Vec<name_part::Model>,
    results: Vec<result::Model>,
    site_visits: Vec<site_visit::Model>,
    site_visits_gone: Vec<site_visit::Model>,
    steps: Vec<taken_step::Model>,
    steps_gone: Vec<taken_step::Model>,
    pub jobs: Vec<job::Model>,
    /// Jobs that were due before the change and follow from the state after it. Refused or dead ones are tried again.
    jobs_again: Vec<job::Model>,
    jobs_gone: Vec<job::Model>,
    files: Vec<dossier_file::Model>,
    pub notices: Vec<notice::Model>,
    pub money: MoneyRows,
}

impl ChangedRows {
    /// Adds the difference between a dossier before and after a change `at` a moment.
    pub fn project(&mut self, before: Option<&Dossier>, after: &Dossier, at: Timestamp) -> Result<(), Fault> {
        match before {
            None => self.filed.push(row(after)?),
            Some(_) => self.standings.push(standing(after)?),
        }
        let old = before.map(stays).transpose()?.unwrap_or_default();
        let new = stays(after)?;
        let numbered = |list: &[stay::Model], row: &stay::Model| list.iter().any(|known| known.number == row.number);
        self.stays_gone.extend(old.iter().filter(|row| !numbered(&new, row)).cloned());
        self.stays.extend(new.into_iter().filter(|row| !old.contains(row)));
        let (old, new) = (before.map(partners).unwrap_or_default(), partners(after));
        let has = |list: &[partner::Model], row: &partner::Model| {
            list.iter().any(|known| known.agency == row.agency && known.unit == row.unit)
        };
        self.partners_gone.extend(old.iter().filter(|row| !has(&new, row)).cloned());
        self.partners.extend(new.into_iter().filter(|row| !old.contains(row)));
        let (old, new) = (before.map(participations).unwrap_or_default(), participations(after));
        let has =
            |list: &[participation::Model], row: &participation::Model| list.iter().any(|known| known.who == row.who);
        self.participations_gone.extend(old.iter().filter(|row| !has(&new, row)).cloned());
        self.participations.extend(new.into_iter().filter(|row| !old.contains(row)));
        let (old, new) = (before.map(name_parts).unwrap_or_default(), name_parts(after));
        self.name_parts_gone.extend(old.iter().filter(|row| !new.contains(row)).cloned());
        self.name_parts.extend(new.into_iter().filter(|row| !old.contains(row)));
        let (old, new) = (before.map(site_visits).unwrap_or_default(), site_visits(after));
        let has =
            |list: &[site_visit::Model], row: &site_visit::Model| list.iter().any(|known| known.number == row.number);
        self.site_visits_gone.extend(old.iter().filter(|row| !has(&new, row)).cloned());
        self.site_visits.extend(new.into_iter().filter(|row| !old.contains(row)));
        let (old, new) = (before.map(taken_steps).transpose()?.unwrap_or_default(), taken_steps(after)?);
        let has =
            |list: &[taken_step::Model], row: &taken_step::Model| list.iter().any(|known| known.number == row.number);
        self.steps_gone.extend(old.iter().filter(|row| !has(&new, row)).cloned());
        self.steps.extend(new.into_iter().filter(|row| !old.contains(row)));
        let old = before.map(issued).transpose()?.flatten();
        self.results.extend(issued(after)?.filter(|row| old.as_ref() != Some(row)));
        let (old, new) = (before.map(jobs::of).unwrap_or_default(), jobs::of(after));
        let has = |list: &[job::Model], row: &job::Model| list.iter().any(|known| known.key == row.key);
        self.jobs_gone.extend(old.iter().filter(|row| !has(&new, row)).cloned());
        let (known_jobs, fresh_jobs): (Vec<_>, Vec<_>) = new.into_iter().partition(|row| has(&old, row));
        self.jobs.extend(fresh_jobs);
        self.jobs_again.extend(known_jobs.into_iter().filter(|row| row.run_at <= at.as_second()));
        let known = before.map(digests).unwrap_or_default();
        let code = after.filed.code.to_string();
        let fresh = digests(after).into_iter().filter(|digest| !known.contains(digest));
        let file = |digest: &str| dossier_file::Model { dossier: code.clone(), digest: digest.to_owned() };
        self.files.extend(fresh.map(file));
        Ok(())
    }

    /// Returns the rows of files alone.
    pub fn into_files(self) -> Vec<dossier_file::Model> {
        self.files
    }

    pub fn add_to(self, batch: &mut Batch) -> Result<(), Fault> {
        // The unique key of drafts rejects a draft that was filed already, and the journal's key rejects a code that
        // exists.
        batch.insert::<dossier::Entity>(self.filed, OnExistingRow::Refuse)?;
        batch.update::<dossier::Entity>(self.standings, FILED)?;
        batch.delete::<stay::Entity>(self.stays_gone)?;
        batch.insert::<stay::Entity>(self.stays, OnExistingRow::Replace)?;
        batch.delete::<partner::Entity>(self.partners_gone)?;
        batch.insert::<partner::Entity>(self.partners, OnExistingRow::Replace)?;
        batch.delete::<participation::Entity>(self.participations_gone)?;
        batch.insert::<participation::Entity>(self.participations, OnExistingRow::Replace)?;
        batch.delete::<name_part::Entity>(self.name_parts_gone)?;
        batch.insert::<name_part::Entity>(self.name_parts, OnExistingRow::Keep)?;
        batch.insert::<result::Entity>(self.results, OnExistingRow::Replace)?;
        batch.delete::<site_visit::Entity>(self.site_visits_gone)?;
        batch.insert::<site_visit::Entity>(self.site_visits, OnExistingRow::Replace)?;
        batch.delete::<taken_step::Entity>(self.steps_gone)?;
        batch.insert::<taken_step::Entity>(self.steps, OnExistingRow::Replace)?;
        batch.delete::<job::Entity>(self.jobs_gone)?;
        batch.insert::<job::Entity>(self.jobs, OnExistingRow::Keep)?;
        batch.insert::<job::Entity>(self.jobs_again, OnExistingRow::Replace)?;
        batch.insert::<dossier_file::Entity>(self.files, OnExistingRow::Keep)?;
        self.money.add_to(batch)?;
        batch.insert::<notice::Entity>(self.notices, OnExistingRow::Refuse)
    }
}

fn digests(dossier: &Dossier) -> BTreeSet<&str> {
    dossier.files().map(|file| file.digest.as_str()).collect()
}
