//! The organisation of the province as decisions need it: its revision, and the succession of units.
//!
//! Each transaction that changes units, officers, posts or locks begins with [`Transaction::change_organisation`], and
//! its commit writes a new revision. A decision rests on the organisation of a revision, and [`crate::journal::Append`]
//! names it. The transaction that appends checks that the revision is still the current one.
//!
//! **SQLite** has one writer, so the change of a dossier and the change of the organisation are in an order. If the
//! organisation changed first, the check rejects the change of the dossier. Otherwise the dossier is there before the
//! organisation changes. The caller that changed the organisation then looks through the open dossiers, and finds it.
//!
//! **PostgreSQL** locks the row of the revision for share in the statement that writes, until the commit:
//!
//! - The organisation changed before the lock. PostgreSQL reads a row again that it had to wait for, or that is newer
//!   than the snapshot of the statement. The row has another value, so nothing is written.
//! - The organisation changes after the lock. The transaction that changes it writes the revision as its last statement,
//!   which waits for the lock and so for the commit. The caller that changes the organisation then looks through the open
//!   dossiers, and finds the dossier as it was written.
//!
//! A shared advisory lock would not do, because the statement would go on with a snapshot that is older than the lock.

use crate::jobs::setting;
use crate::rows::setting as setting_row;
use crate::{Database, Fault, Transaction};
use motcua_domain::dossier::event::PlaceMove;
use motcua_domain::dossier::succession::Successions;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

/// The setting with the revision of the organisation.
pub(crate) const REVISION: &str = "organisation";

/// The setting with the table of successions.
const SUCCESSIONS: &str = "successions";

/// The revision of the organisation. No two changes of the organisation have the same revision.
///
/// A counter would repeat a number after the database went back to an older state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrganisationRevision(pub(crate) String);

/// The organisation as the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOrganisation {
    pub revision: OrganisationRevision,
    pub successions: Successions,
}

/// Returns the units that have the work of dissolved or reorganised units now.
pub async fn successions(connection: &impl ConnectionTrait) -> Result<Successions, Fault> {
    read_successions(setting(connection, SUCCESSIONS).await?)
}

fn read_successions(stored: Option<String>) -> Result<Successions, Fault> {
    Ok(stored.map(|stored| serde_json::from_str(&stored)).transpose()?.unwrap_or_default())
}

/// Returns the organisation, or none if it has no revision yet. One statement reads both, so that they belong together.
async fn stored(connection: &impl ConnectionTrait) -> Result<Option<StoredOrganisation>, Fault> {
    let names = setting_row::Column::Name.is_in([REVISION, SUCCESSIONS]);
    let (mut revision, mut successions) = (None, None);
    for row in setting_row::Entity::find().filter(names).all(connection).await? {
        match row.name.as_str() {
            REVISION => revision = Some(OrganisationRevision(row.value)),
            _ => successions = Some(row.value),
        }
    }
    let Some(revision) = revision else { return Ok(None) };
    Ok(Some(StoredOrganisation { revision, successions: read_successions(successions)? }))
}

impl Database {
    /// Returns the organisation. A database from before revisions gets its first one.
    pub async fn organisation(&self) -> Result<StoredOrganisation, Fault> {
        if let Some(known) = stored(self.reader()).await? {
            return Ok(known);
        }
        let transaction = self.begin().await?;
        transaction.add_setting(REVISION, &new_revision()).await?;
        transaction.commit().await?;
        let missing = || Fault::Unreadable("the setting organisation is missing".to_owned());
        stored(self.reader()).await?.ok_or_else(missing)
    }
}

fn new_revision() -> String {
    Uuid::now_v7().to_string()
}

impl Transaction {
    /// Begins a change of officers, their posts or the succession of units. The commit writes a new revision, so that
    /// changes of dossiers wait only for the commit.
    ///
    /// One transaction at a time does this. Otherwise two reorganisations at the same time would lose the entries of
    /// one, because the table of successions is written as a whole.
    pub async fn change_organisation(&self) -> Result<(), Fault> {
        self.lock_organisation().await?;
        self.note_organisation_changed();
        Ok(())
    }

    /// Writes a new revision of the organisation.
    pub(crate) async fn write_revision(&self) -> Result<(), Fault> {
        self.set_setting(REVISION, &new_revision()).await
    }

    /// Moves the work of units to others: the posts of officers, and the table of successions. The same moves again
    /// change nothing. Returns how many posts moved.
    pub async fn move_units(&self, moves: &[PlaceMove]) -> Result<u64, Fault> {
        self.change_organisation().await?;
        let mut posts = 0;
        for PlaceMove { from, to } in moves {
            posts += self.move_posts(from, to).await?;
        }
        let known = successions(self.connection()).await?;
        let after = known.then(moves);
        if after != known {
            self.set_setting(SUCCESSIONS, &serde_json::to_string(&after)?).await?;
        }
        Ok(posts)
    }
}
