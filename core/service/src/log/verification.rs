//! Verifying the journal for auditors: one verification at a time, in the background, because it reads every entry.

use super::LogService;
use crate::Error;
use crate::rights::auditor;
use motcua_domain::people::organisation::Actor;
use motcua_store::log::{LogTrust, SignedHead};
use motcua_store::{audit, jobs};
use serde::{Deserialize, Serialize};

/// The setting that says that an auditor wants a verification. Its value is the moment of the wish.
const WANTED: &str = "audit-verification-wanted";

/// The setting that says that a node verifies now. Its value is the moment of the beginning.
const RUNNING: &str = "audit-verification-running";

/// The setting with the result of the last verification.
const RESULT: &str = "audit-verification";

/// The time after which a verification that has not ended is given up, in seconds: a day. Its node has died.
const GIVEN_UP: i64 = 24 * 60 * 60;

/// The most findings that a result keeps.
const MOST_KEPT: usize = 20;

/// The result of a verification that an auditor wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalVerification {
    /// The moment of the end, in seconds since 1970.
    pub at: i64,
    pub entries: u64,
    pub dossiers: u64,
    pub sealed: u64,
    pub unsealed: u64,
    /// The number of findings.
    pub wrong: u64,
    /// The first findings, in English. They name dossiers and entries, and nobody.
    pub findings: Vec<String>,
}

/// The state of the journal's chains and of the log over them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChainState {
    /// The last signed head of the log.
    pub head: Option<SignedHead>,
    /// The number of entries that wait to be sealed.
    pub unsealed: u64,
    /// The last verification.
    pub verified: Option<JournalVerification>,
    /// A verification waits or runs.
    pub is_awaited: bool,
}

impl LogService {
    /// Returns the state of the chains, for an auditor.
    pub async fn chain_state(&self, actor: &Actor) -> Result<ChainState, Error> {
        auditor(actor)?;
        let reader = self.database.reader();
        let verified = jobs::setting(reader, RESULT).await?;
        let is_wanted = jobs::setting(reader, WANTED).await?.is_some();
        Ok(ChainState {
            head: self.database.log_head().await?,
            unsealed: audit::unsealed_entries(reader).await?,
            verified: verified.and_then(|verified| serde_json::from_str(&verified).ok()),
            is_awaited: is_wanted || self.is_verifying().await?,
        })
    }

    /// Notes that an auditor wants the journal to be verified. A wish that waits already stays.
    pub async fn want_verification(&self, actor: &Actor) -> Result<(), Error> {
        auditor(actor)?;
        let transaction = self.database.begin().await?;
        transaction.add_setting(WANTED, &self.clock.now().as_second().to_string()).await?;
        Ok(transaction.commit().await?)
    }

    /// Verifies the journal if an auditor wants that, and no other node does so. Returns whether it did.
    pub async fn verify_if_wanted(&self) -> Result<bool, Error> {
        let is_wanted = jobs::setting(self.database.reader(), WANTED).await?.is_some();
        if !is_wanted || self.is_verifying().await? {
            return Ok(false);
        }
        let transaction = self.database.begin().await?;
        if !transaction.take_setting(WANTED).await? {
            return Ok(false);
        }
        transaction.set_setting(RUNNING, &self.clock.now().as_second().to_string()).await?;
        transaction.commit().await?;
        let kept = match &self.log.signer {
            Some(signer) => signer.kept.last().await.map(|head| head.note),
            None => None,
        };
        let trust = LogTrust { keys: self.log.keys.clone(), kept };
        let report = Box::pin(self.database.verify(&trust)).await;
        let transaction = self.database.begin().await?;
        transaction.remove_setting(RUNNING).await?;
        if let Ok(report) = &report {
            let result = JournalVerification {
                at: self.clock.now().as_second(),
                entries: report.entries,
                dossiers: report.dossiers,
                sealed: report.sealed,
                unsealed: report.unsealed,
                wrong: report.wrong,
                findings: report.findings.iter().take(MOST_KEPT).map(ToString::to_string).collect(),
            };
            transaction.set_setting(RESULT, &serde_json::to_string(&result).map_err(Error::fault)?).await?;
        }
        transaction.commit().await?;
        let report = report?;
        if !report.is_sound() {
            tracing::error!(findings = report.wrong, "the journal is not sound; run: motcua audit verify");
        }
        Ok(true)
    }

    /// Returns whether a node verifies the journal now.
    async fn is_verifying(&self) -> Result<bool, Error> {
        let since = jobs::setting(self.database.reader(), RUNNING).await?;
        let since = since.and_then(|since| since.parse::<i64>().ok());
        Ok(since.is_some_and(|since| self.clock.now().as_second() - since < GIVEN_UP))
    }
}
