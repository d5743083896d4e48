//! Verifying the journal: the chain of each dossier, the chain of version 0.1, and the lists that are computed from it.

use crate::log::LogTrust;
use crate::projections::{ListedRows, RebuiltRows};
use crate::rows::journal;
use crate::{Database, Fault};
use motcua_domain::dossier::event::Recorded;
use motcua_domain::dossier::journal::{
    JournalEntry, MigratedFrom, entry_hash, entry_hash_0_1, genesis, payload_digest,
};
use motcua_domain::names::{Digest, DossierCode};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Statement};

/// The number of entries that are read at a time. The content of an entry may have half a megabyte.
const PAGE: u64 = 200;

/// The most findings that a report names. Further ones are only counted.
const MOST_FINDINGS: usize = 100;

/// The finding about an entry without content, whose hash fits. The lists of other dossiers can still be recomputed.
const REMOVED: &str = "its content was removed; no command of Motcua erases contents yet";

/// The result of verifying.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JournalReport {
    pub entries: u64,
    pub dossiers: u64,
    /// The number of entries from a journal of version 0.1.
    pub migrated: u64,
    /// The number of sealed entries in the log, and of waiting ones.
    pub sealed: u64,
    pub unsealed: u64,
    /// The log's last head, if there is one.
    pub head: Option<String>,
    /// The first findings.
    pub findings: Vec<JournalFinding>,
    /// The number of findings.
    pub wrong: u64,
    /// Something is wrong with the journal or the log, and not only with the lists.
    pub journal_is_wrong: bool,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalFinding {
    pub dossier: String,
    /// The entry, or none if the finding is about the dossier as a whole.
    pub version: Option<i64>,
    pub event: String,
    pub reason: String,
}

impl JournalReport {
    /// Returns whether there is no finding.
    pub const fn is_sound(&self) -> bool {
        self.wrong == 0
    }

    pub(crate) fn add(&mut self, finding: JournalFinding) {
        self.journal_is_wrong |= finding.version.is_some() || finding.dossier.is_empty();
        self.keep(finding);
    }

    /// Adds a finding about the lists as a whole, which can be recomputed.
    pub(crate) fn about_lists(&mut self, reason: String) {
        self.keep(JournalFinding { dossier: String::new(), version: None, event: String::new(), reason });
    }

    /// Adds a finding that is no evidence against other dossiers' journals, nor of a change to this one.
    fn keep(&mut self, finding: JournalFinding) {
        self.wrong += 1;
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(finding);
        }
    }

    pub(crate) fn about(&mut self, entry: &journal::Model, reason: &str) {
        self.add(JournalFinding::of(entry, reason.to_owned()));
    }
}

impl JournalFinding {
    fn of(entry: &journal::Model, reason: String) -> Self {
        Self { dossier: entry.dossier.clone(), version: Some(entry.version), event: entry.event.clone(), reason }
    }
}

impl std::fmt::Display for JournalFinding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.version {
            Some(version) => {
                write!(f, "entry {version} ({}) of dossier {}: {}", self.event, self.dossier, self.reason)
            }
            None if self.dossier.is_empty() => f.write_str(&self.reason),
            None => write!(f, "dossier {}: {}", self.dossier, self.reason),
        }
    }
}

/// An entry, with its leaf in the log or its mark that it waits for one.
#[derive(FromQueryResult)]
struct FoundEntry {
    #[sea_orm(nested)]
    entry: journal::Model,
    leaf: Option<i64>,
    waiting: Option<i64>,
}

/// The dossier whose entries are read.
struct WalkedDossier {
    code: String,
    version: i64,
    hash: Digest,
    /// The events, as long as all of them could be read.
    events: Option<Vec<Recorded>>,
}

impl Database {
    /// Recomputes the hash of every entry, verifies the log over all entries, and compares the lists with the journal.
    pub async fn verify(&self, trust: &LogTrust) -> Result<JournalReport, Fault> {
        let mut report = JournalReport::default();
        self.verify_chains(&mut report).await?;
        self.verify_log(trust, &mut report).await?;
        self.verify_old_chain(&mut report).await?;
        self.verify_figures(&mut report).await?;
        self.verify_listed(&mut report).await?;
        Ok(report)
    }

    async fn verify_chains(&self, report: &mut JournalReport) -> Result<(), Fault> {
        let start = || WalkedDossier { code: String::new(), version: 0, hash: genesis(), events: Some(Vec::new()) };
        let mut walked = start();
        loop {
            let page = self.entries_after(&walked.code, walked.version).await?;
            if page.is_empty() {
                return self.compare_lists(&walked, report).await;
            }
            for FoundEntry { entry, leaf, waiting } in page {
                if entry.dossier != walked.code {
                    self.compare_lists(&walked, report).await?;
                    report.dossiers += 1;
                    walked = WalkedDossier { code: entry.dossier.clone(), ..start() };
                }
                report.entries += 1;
                if leaf.or(waiting).is_none() {
                    report.about(
                        &entry,
                        "it is neither in the log nor waits for it: it was put there behind the portal's back",
                    );
                }
                walked.take(&entry, report);
            }
        }
    }

    /// Reads the next entries in the order of their key.
    ///
    /// Subqueries look each entry up in the log, because a join might be planned as a pass over the whole tables, once
    /// for each page.
    async fn entries_after(&self, dossier: &str, version: i64) -> Result<Vec<FoundEntry>, Fault> {
        const SQL: &str = "SELECT j.*,
                (SELECT l.number FROM log_leaf l WHERE l.dossier = j.dossier AND l.version = j.version) AS leaf,
                (SELECT u.version FROM unsealed u WHERE u.dossier = j.dossier AND u.version = j.version) AS waiting
            FROM journal j WHERE (j.dossier, j.version) > ($1, $2) ORDER BY j.dossier, j.version LIMIT $3";
        let values = [dossier.into(), version.into(), i64::try_from(PAGE).unwrap_or(i64::MAX).into()];
        let query = Statement::from_sql_and_values(self.backend(), SQL, values);
        Ok(FoundEntry::find_by_statement(query).all(self.reader()).await?)
    }

    /// Finds dossiers of the lists that the journal lacks.
    async fn verify_listed(&self, report: &mut JournalReport) -> Result<(), Fault> {
        let mut last = String::new();
        loop {
            let page = self.listed_after(&last).await?;
            let Some(end) = page.last() else { return Ok(()) };
            last.clone_from(&end.code);
            for listed in page.into_iter().filter(|listed| listed.entry.is_none()) {
                let reason = "it stands in the lists, and the journal has no entry of it".to_owned();
                report.add(JournalFinding { dossier: listed.code, version: None, event: String::new(), reason });
            }
        }
    }

    /// Compares the rows of a dossier with those that follow from its journal.
    ///
    /// If an event cannot be read, only the version of the dossier's row is compared. A dossier that was changed since
    /// its entries were read is compared at the next run.
    async fn compare_lists(&self, walked: &WalkedDossier, report: &mut JournalReport) -> Result<(), Fault> {
        let Some(code) = DossierCode::parse(&walked.code) else { return Ok(()) };
        let made = match walked.events.as_ref().map(|events| RebuiltRows::from_journal(events, &code)).transpose() {
            Ok(made) => made.map(ListedRows::made).transpose()?,
            Err(fault) => {
                let (dossier, reason) = (walked.code.clone(), fault.to_string());
                report.add(JournalFinding { dossier, version: None, event: String::new(), reason });
                return Ok(());
            }
        };
        let shown = ListedRows::read(self.reader(), &code).await?;
        let (is_same, remedy) = match &made {
            Some(made) => (*made == shown, "run: motcua audit rebuild"),
            None => {
                (shown.version() == Some(walked.version), "restore its journal first, then run: motcua audit rebuild")
            }
        };
        if is_same {
            return Ok(());
        }
        let next = self.entries_after(&walked.code, walked.version).await?;
        if next.first().is_none_or(|next| next.entry.dossier != walked.code) {
            let reason = match shown.version() {
                None => format!("the lists lack it; {remedy}"),
                Some(version) if version < walked.version => {
                    format!("the lists show it as it stood at entry {version}; {remedy}")
                }
                Some(_) => format!("the lists show it otherwise than its journal says; {remedy}"),
            };
            report.add(JournalFinding { dossier: walked.code.clone(), version: None, event: String::new(), reason });
        }
        Ok(())
    }

    /// Recomputes the one chain that a journal of version 0.1 had.
    async fn verify_old_chain(&self, report: &mut JournalReport) -> Result<(), Fault> {
        let (mut number, mut previous) = (0_i64, genesis().0);
        loop {
            let page = journal::Entity::find()
                .filter(journal::Column::OldNumber.gt(number))
                .order_by_asc(journal::Column::OldNumber)
                .limit(PAGE)
                .all(self.reader())
                .await?;
            if page.is_empty() {
                return Ok(());
            }
            for entry in page {
                let old = entry.old_number.unwrap_or_default();
                number += 1;
                if old != number {
                    report.about(&entry, &format!("event {number} of the journal of version 0.1 is missing before it"));
                    number = old;
                } else if entry_hash_0_1(&previous, old, &as_entry(&entry, &Digest(entry.payload_digest.clone()))).0
                    != entry.old_hash.clone().unwrap_or_default()
                {
                    report.about(&entry, "it does not fit the hash that version 0.1 gave it");
                }
                report.migrated += 1;
                previous = entry.old_hash.unwrap_or_default();
            }
        }
    }
}

impl WalkedDossier {
    /// Processes the next entry of the dossier.
    fn take(&mut self, entry: &journal::Model, report: &mut JournalReport) {
        let digest = Digest(entry.payload_digest.clone());
        let hash = entry_hash(&self.hash, &as_entry(entry, &digest));
        if entry.version != self.version + 1 {
            report.about(entry, &format!("entry {} of the dossier is missing before it", self.version + 1));
        } else if hash.as_str() != entry.hash {
            report.about(entry, "its content does not fit its hash: it was changed after it was written");
        }
        let recorded = read_payload(entry, &digest, report);
        // The rows of the lists can be computed only if all events could be read.
        self.events = self.events.take().zip(recorded).map(|(mut events, recorded)| {
            events.push(recorded);
            events
        });
        self.version = entry.version;
        self.hash = Digest(entry.hash.clone());
    }
}

/// Returns the event of an entry, if its payload is the one that was written and can be read.
fn read_payload(entry: &journal::Model, digest: &Digest, report: &mut JournalReport) -> Option<Recorded> {
    let Some(payload) = &entry.payload else {
        report.keep(JournalFinding::of(entry, REMOVED.to_owned()));
        return None;
    };
    if payload_digest(payload) != *digest {
        report.about(entry, "its payload does not fit its digest: it was changed after it was written");
        return None;
    }
    match serde_json::from_str::<Recorded>(payload) {
        Ok(recorded) => {
            if recorded.event.name() != entry.event || recorded.at.to_string() != entry.at {
                report.about(entry, "its columns do not say what its payload says");
            }
            Some(recorded)
        }
        Err(error) => {
            report.keep(JournalFinding::of(entry, format!("its payload cannot be read: {error}")));
            None
        }
    }
}

pub(crate) fn as_entry<'a>(entry: &'a journal::Model, payload_digest: &'a Digest) -> JournalEntry<'a> {
    JournalEntry {
        dossier: &entry.dossier,
        version: entry.version,
        at: &entry.at,
        event: &entry.event,
        command: &entry.command,
        payload_digest,
        migrated: entry.old_number.zip(entry.old_hash.as_deref()).map(|(number, hash)| MigratedFrom { number, hash }),
    }
}
