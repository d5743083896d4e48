//! The sealed log over all dossiers: sealing it, and proofs for citizens.

mod publish;
mod verification;

pub use publish::PublishPlaces;
pub use verification::{ChainState, JournalVerification};

use crate::common::CommonParts;
use crate::dossiers::DossierService;
use crate::{Error, TimeSource};
use motcua_domain::dossier::event::Recorded;
use motcua_domain::dossier::is_for_applicant;
use motcua_domain::names::DossierCode;
use motcua_domain::people::access::Deed;
use motcua_domain::people::organisation::Actor;
use motcua_domain::transparency::keys::LogKey;
use motcua_domain::transparency::note::VerifierKey;
use motcua_domain::transparency::proof::{Proof, ProvenEntry};
use motcua_domain::transparency::tile::TileId;
use motcua_store::Database;
use motcua_store::log::{Sealed, SignedHead, Signer};
use std::sync::Arc;

/// The log's settings in the install folder.
#[derive(Debug, Default)]
pub struct LogSetup {
    /// The keys with which this node seals the log, or none if the folder has no key.
    pub signer: Option<Signer>,
    /// The public keys of the log, the oldest first.
    pub keys: Vec<VerifierKey>,
    pub publishing: PublishPlaces,
}

/// The public keys of the log, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogKeys {
    pub keys: Vec<LogKey>,
    /// The install folder has no keys, so those in the database are trusted.
    pub believed: bool,
}

/// The sealed log over all dossiers.
#[derive(Debug)]
pub struct LogService {
    database: Database,
    clock: TimeSource,
    log: LogSetup,
    dossiers: Arc<DossierService>,
}

impl LogService {
    pub(crate) fn new(common: &CommonParts, log: LogSetup, dossiers: Arc<DossierService>) -> Self {
        let CommonParts { database, clock, .. } = common.clone();
        Self { database, clock, log, dossiers }
    }

    /// Seals committed entries and returns their number. The number is 0 if nothing waits, or if another node seals.
    pub async fn seal(&self) -> Result<u64, Error> {
        let Some(signer) = &self.log.signer else { return Ok(0) };
        match self.database.seal(signer, self.clock.now()).await? {
            Sealed::Entries(count) => Ok(count),
            Sealed::Busy => Ok(0),
        }
    }

    /// Returns the last signed head of the log.
    pub async fn head(&self) -> Result<Option<SignedHead>, Error> {
        Ok(self.database.log_head().await?)
    }

    /// Returns the public keys of the log.
    ///
    /// They are those of the install folder, because anybody who can write into the database can replace the keys
    /// there.
    pub async fn keys(&self) -> Result<LogKeys, Error> {
        let folder = &self.log.keys;
        Ok(LogKeys { keys: self.database.known_log_keys(folder).await?, believed: folder.is_empty() })
    }

    /// Returns the first hashes of a tile of the log, if a signed head covers them.
    pub async fn tile(&self, tile: TileId, width: usize) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.database.log_tile(tile, width).await?)
    }

    /// Returns the proof of a dossier, for a person who may read it.
    ///
    /// The proof contains the contents of entries for a person who may read the journal. The applicant gets those that are
    /// the applicant's own or addressed to them. A proof also holds without contents.
    pub async fn proof(&self, actor: &Actor, code: &DossierCode) -> Result<Proof, Error> {
        let dossier = self.dossiers.readable(actor, code).await?;
        let mut proof = self.database.prove(code).await?.ok_or(Error::NotFound)?;
        if let Actor::Officer { id, name, .. } = actor {
            self.dossiers.log_reading(id, name, code).await?;
        }
        let reads_journal = dossier.lets(actor, Deed::ReadJournal);
        let is_applicant = matches!(actor, Actor::Applicant { .. });
        for entry in &mut proof.entries {
            if !reads_journal || (is_applicant && !is_readable_by_applicant(entry)) {
                entry.payload = None;
            }
        }
        Ok(proof)
    }

    /// Returns when the log was last signed, if it contains all entries of a dossier.
    pub async fn sealed_at(&self, code: &DossierCode) -> Result<Option<i64>, Error> {
        Ok(self.database.sealed_at(code.as_str()).await?)
    }
}

/// Returns whether the content of an entry is for the applicant, too. A content that cannot be read is not.
fn is_readable_by_applicant(entry: &ProvenEntry) -> bool {
    let recorded = entry.payload.as_deref().map(serde_json::from_str::<Recorded>);
    recorded.is_some_and(|recorded| recorded.is_ok_and(|recorded| is_for_applicant(&recorded)))
}
