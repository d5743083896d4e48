//! Appending a change to the journal. A change is one short transaction: the entry under its unique key (dossier,
//! version), the rows of lists, the jobs, and the mark that the entry is not sealed yet.
//!
//! Changes of different dossiers never wait for one another, except that filings at the same agency draw their number
//! from the same counter, and cash from the same book.

use super::admission::{Admission, NotAdmitted};
use super::numbers::{Day, NumberDraw};
use super::read::{Journaled, journaled};
use super::receipts::{NEXT_RECEIPT, receipt_of};
use crate::batch::{Batch, ColumnValue, OnExistingRow};
use crate::drafts::DraftState;
use crate::jobs::{self, SendTimes};
use crate::organisation::{OrganisationRevision, REVISION};
use crate::projections::{ChangedRows, notice};
use crate::published::Publication;
use crate::rows::{co_signing, counted_filing, draft, journal, published_result, setting, unsealed};
use crate::{Database, Fault, lists};
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::event::{Event, Recorded};
use motcua_domain::dossier::journal::{JournalEntry, entry_hash, genesis, payload_digest};
use motcua_domain::dossier::receipts::BookSeries;
use motcua_domain::names::{CommandId, Digest, DossierCode};
use sea_orm::ActiveValue::Set;
use sea_orm::DbBackend;
use std::borrow::Cow;
use std::sync::Arc;

/// A change that was decided and is to be appended.
#[derive(Debug, Clone)]
pub struct Append {
    /// The command that caused the change. The same command is carried out once.
    pub command: CommandId,
    pub recorded: Recorded,
    /// The dossier as the decision saw it, or none for a filing.
    pub before: Option<Journaled>,
    pub after: Dossier,
    /// The draft that the change uses up, as the decision saw it.
    pub draft: Option<DraftState>,
    /// For a filing: the ids of the invitations of people whose consent it does not have. They end with the draft.
    pub ended_invitations: Vec<String>,
    /// The components that are notified of the change afterwards.
    pub tell: Vec<Digest>,
    /// For a filing: the day under which the dossier is numbered.
    pub numbered: Option<Day>,
    /// For cash without a typed number: the book that gives the number.
    pub drawn: Option<BookSeries>,
    /// The organisation that the decision saw, if the decision rests on one.
    pub organisation: Option<OrganisationRevision>,
    /// For a filing, and for a supplement that names another holder: the bounds of the procedure.
    pub admission: Option<Admission>,
    /// For the end of a dossier: the publication of its result.
    pub publication: Option<Publication>,
    /// The moments from which the notice of the change is sent.
    pub send: SendTimes,
}

/// The result of appending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appended {
    /// The entry is in the journal, and this is the dossier's last one.
    Done(ChainHead),
    /// Another change of the same dossier, of the draft or of the organisation was faster. Nothing was written.
    Overtaken,
    /// A bound of the procedure on its filings is reached, or a number was used before. Nothing was written.
    NotAdmitted(NotAdmitted),
}

/// The last entry of a dossier's chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainHead {
    pub code: DossierCode,
    pub version: u32,
    pub hash: Digest,
    /// The number that a book gave to the change.
    pub receipt: Option<String>,
    /// The rows of the dossier's lists were not at the version before, so they have to be computed from the journal.
    pub rows_are_behind: bool,
}

/// The rows of a change.
#[derive(Debug)]
pub(crate) struct PreparedChange {
    pub batch: Batch,
    head: ChainHead,
}

/// The most tries of a change when rows are in its way. A filing draws another number if its code exists already, and
/// any other change first repairs the rows of its dossier.
const MOST_TRIES: usize = 3;

/// The table of the numbers of receipts. Its key refuses a number that was used before.
const NUMBERS: &str = "receipt_number";

/// Returns whether a row with this key exists as soon as the dossier's chain has an entry of that version.
fn is_of_the_chain(key: &str) -> bool {
    ["journal", "unsealed"].iter().any(|table| key.contains(table))
}

impl PreparedChange {
    /// Returns the result, given how many rows the batch updated.
    pub fn appended(&self, updated: usize) -> Appended {
        Appended::Done(ChainHead { rows_are_behind: updated < self.batch.updates(), ..self.head.clone() })
    }
}

impl Append {
    /// Returns the statement that draws the number of the change, if it needs one.
    pub(crate) fn draw(&self) -> Option<NumberDraw> {
        match (&self.numbered, &self.drawn) {
            (Some(day), _) => Some(NumberDraw { sql: Day::NEXT, values: vec![day.agency_code.clone(), day.in_code()] }),
            (None, Some(series)) => Some(NumberDraw { sql: NEXT_RECEIPT, values: vec![series.name()] }),
            (None, None) => None,
        }
    }

    /// Computes the rows of the change. A filing gets the number of its day, and cash that of its book.
    pub(crate) fn prepare(&self, backend: DbBackend, number: Option<i64>) -> Result<PreparedChange, Fault> {
        let (mut recorded, mut after) = (Cow::Borrowed(&self.recorded), Cow::Borrowed(&self.after));
        if let (Some(day), Some(number)) = (&self.numbered, number) {
            let code = day.code(number)?;
            if let Event::Filed(filed) = &mut recorded.to_mut().event {
                filed.code = code.clone();
            }
            after.to_mut().filed.code = code;
        }
        let receipt = self.drawn.as_ref().zip(number).map(|(series, number)| receipt_of(series, number)).transpose()?;
        if let Some(receipt) = &receipt {
            recorded.to_mut().draw(receipt);
            after.to_mut().draw(receipt);
        }
        let before = self.before.as_ref().map(|before| &before.dossier);
        let entry = self.entry(&recorded, &after)?;
        let code = after.filed.code.clone();
        let (version, hash) = (after.version, Digest(entry.hash.clone()));
        let head = ChainHead { code, version, hash, receipt, rows_are_behind: false };
        let mut rows = ChangedRows::default();
        rows.project(before, &after, recorded.at)?;
        rows.money.add(&recorded, before, &after);
        rows.jobs.extend(self.tell.iter().map(|component| jobs::connect(component, &after, recorded.at)));
        let told = notice(&recorded, before, &after)?;
        rows.jobs.extend(told.iter().flat_map(|notice| jobs::sending(notice, self.send)));
        rows.notices.extend(told);
        let mut batch = Batch::new(backend);
        rows.add_to(&mut batch)?;
        let waiting = unsealed::Model { dossier: entry.dossier.clone(), version: entry.version };
        batch.insert::<unsealed::Entity>([waiting], OnExistingRow::Refuse)?;
        batch.insert::<journal::Entity>([entry], OnExistingRow::Refuse)?;
        if let Some(publication) = &self.publication {
            let published = publication.row(&after, recorded.at.as_second())?;
            batch.insert::<published_result::Entity>([published], OnExistingRow::Keep)?;
        }
        if let Some(admission) = &self.admission {
            let counted = admission.row(&after.filed.code, &after.filed.agency, after.filed_at.as_second());
            let known = if self.before.is_some() { OnExistingRow::Replace } else { OnExistingRow::Refuse };
            batch.insert::<counted_filing::Entity>([counted], known)?;
        }
        if let Some(before) = &self.before {
            batch.build_on::<journal::Entity>([
                (journal::Column::Dossier, ColumnValue::Text(before.dossier.filed.code.to_string())),
                (journal::Column::Version, ColumnValue::Number(before.dossier.version.into())),
                (journal::Column::Hash, ColumnValue::Text(before.hash.to_string())),
            ]);
        }
        if let Some(draft) = &self.draft {
            batch.use_up::<draft::Entity>([
                (draft::Column::Id, ColumnValue::Text(draft.id.to_string())),
                (draft::Column::UpdatedAt, ColumnValue::Number(draft.updated_at)),
            ]);
        }
        let ended = |id: &String| co_signing::ActiveModel { id: Set(id.clone()), ..Default::default() };
        batch.delete::<co_signing::Entity>(self.ended_invitations.iter().map(ended))?;
        if let Some(OrganisationRevision(revision)) = &self.organisation {
            batch.keep::<setting::Entity>([
                (setting::Column::Name, ColumnValue::Text(REVISION.to_owned())),
                (setting::Column::Value, ColumnValue::Text(revision.clone())),
            ]);
        }
        Ok(PreparedChange { batch, head })
    }

    fn entry(&self, recorded: &Recorded, after: &Dossier) -> Result<journal::Model, Fault> {
        let payload = serde_json::to_string(recorded)?;
        let digest = payload_digest(&payload);
        let (at, event) = (recorded.at.to_string(), recorded.event.name());
        let entry = JournalEntry {
            dossier: after.filed.code.as_str(),
            version: i64::from(after.version),
            at: &at,
            event,
            command: self.command.as_str(),
            payload_digest: &digest,
            migrated: None,
        };
        let genesis = genesis();
        let previous = self.before.as_ref().map_or(&genesis, |before| &before.hash);
        let hash = entry_hash(previous, &entry);
        Ok(journal::Model {
            dossier: entry.dossier.to_owned(),
            version: entry.version,
            event: event.to_owned(),
            command: self.command.to_string(),
            payload_digest: digest.0,
            payload: Some(payload),
            old_number: None,
            old_hash: None,
            hash: hash.0,
            at,
        })
    }
}

impl Database {
    /// Appends a change. Returns [`Appended::Done`] only after the commit.
    ///
    /// After [`Fault::Unavailable`] it is unknown whether the change was written. [`Database::find_appended`] tells.
    pub async fn append(&self, append: &Arc<Append>) -> Result<Appended, Fault> {
        let mut tries = 0;
        let appended = loop {
            let appended = match self.sqlite() {
                Some(writer) => writer.append(append).await,
                None => self.append_on_postgres(append).await,
            };
            tries += 1;
            match appended {
                Err(Fault::Overtaken) => break Appended::Overtaken,
                Err(Fault::Duplicate { key }) if tries < MOST_TRIES && key.contains(NUMBERS) => {
                    let Some(series) = &append.drawn else {
                        // The same command may have been carried out meanwhile.
                        let is_done = self.find_appended(append).await?.is_some();
                        let taken = Appended::NotAdmitted(NotAdmitted::NumberTaken);
                        break if is_done { Appended::Overtaken } else { taken };
                    };
                    let transaction = self.begin().await?;
                    transaction.raise_book(series).await?;
                    transaction.commit().await?;
                }
                Err(Fault::Duplicate { key }) if tries < MOST_TRIES && !key.contains("draft") => {
                    if let Some(day) = &append.numbered {
                        let transaction = self.begin().await?;
                        transaction.raise_counter(day).await?;
                        transaction.commit().await?;
                    } else if is_of_the_chain(&key) {
                        break Appended::Overtaken;
                    } else if let Some(before) = &append.before {
                        self.repair(&before.dossier.filed.code).await?;
                    }
                }
                appended => break self.noted(appended)?,
            }
        };
        if let Appended::Done(head) = &appended
            && head.rows_are_behind
        {
            // The change is committed, even if the repair of its rows fails.
            if let Err(fault) = self.repair(&head.code).await {
                tracing::error!(dossier = %head.code, %fault, "the rows of a dossier could not be made");
            }
        }
        Ok(appended)
    }

    /// Computes the rows of a dossier from its journal, because a change found others.
    async fn repair(&self, code: &DossierCode) -> Result<(), Fault> {
        tracing::error!(dossier = %code, "the rows of a dossier were not as its journal says; they are rebuilt");
        self.rebuild_dossier(code).await
    }

    async fn append_on_postgres(&self, append: &Append) -> Result<Appended, Fault> {
        let draw = append.draw();
        if draw.is_none() && append.admission.is_none() {
            let prepared = append.prepare(DbBackend::Postgres, None)?;
            // One statement is one transaction.
            let updated = prepared.batch.run(self.writer()).await?;
            return Ok(prepared.appended(updated));
        }
        let transaction = self.begin().await?;
        if let Some(admission) = &append.admission
            && let Some(refused) = transaction.admit(admission).await?
        {
            return Ok(Appended::NotAdmitted(refused));
        }
        let number = match &draw {
            Some(draw) => Some(draw.next(transaction.connection()).await?),
            None => None,
        };
        let prepared = append.prepare(DbBackend::Postgres, number)?;
        let updated = prepared.batch.run(transaction.connection()).await?;
        transaction.commit().await?;
        Ok(prepared.appended(updated))
    }

    /// Returns the dossier, if the journal has this very change: its command, by the same person.
    pub async fn find_appended(&self, append: &Append) -> Result<Option<Journaled>, Fault> {
        let code = match (&append.before, append.draft) {
            (Some(before), _) => Some(before.dossier.filed.code.clone()),
            (None, Some(draft)) => lists::of_draft(self.writer(), draft.id).await?,
            (None, None) => None,
        };
        let Some(code) = code else { return Ok(None) };
        let found = journaled(self.writer(), &code).await?;
        Ok(found.filter(|found| found.has(&append.command, &append.recorded.actor)))
    }
}
