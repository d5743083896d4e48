//! Rules that could not be evaluated, and judgements that exceeded their budget of work. The author of the form is at
//! fault, so the operator sees them, and the dossier waits.
//!
//! A report has the rule, how often it failed and the last dossier, and no answer of anybody. A node counts in memory, and
//! writes at the first, second, fourth, eighth … fault of a rule, and when another dossier is affected. So faults that a
//! visitor causes again and again cost the database little.

use super::ProcedureService;
use crate::Error;
use crate::rights::manager;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::expression::RuleFault;
use motcua_domain::names::{Digest, DossierCode};
use motcua_domain::people::organisation::Actor;
use motcua_domain::procedure::Procedure;
use motcua_store::{Database, DatabaseReader, jobs, versions};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The beginning of the setting's name for the faults of a version. The digest of the version follows.
const FAULTS: &str = "rule-fault/";

/// The beginning of the name under which earlier versions of the portal stored one fault of a version.
const OLD_FAULT: &str = "overrun/";

/// The most rules of a version that are reported.
const MOST_RULES: usize = 20;

/// The most rules that a node counts. With one more, it begins to count again.
const MOST_COUNTED: usize = 10_000;

/// A rule that could not be evaluated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedFault {
    pub fault: RuleFault,
    /// The number of its failures, or a smaller one if several nodes counted at once.
    pub times: u64,
    /// The last dossier that waits because of the rule.
    pub dossier: Option<DossierCode>,
}

/// A version of a procedure that is offered or followed, with its faulty rules.
#[derive(Debug, Clone)]
pub struct FaultyVersion {
    pub version: Digest,
    pub procedure: Arc<Procedure>,
    pub faults: Vec<ReportedFault>,
}

/// The faults that this node has counted, by version and rule.
#[derive(Debug, Default)]
pub(crate) struct ReportedFaults(Mutex<BTreeMap<(Digest, String), FaultCount>>);

/// The count of one rule.
#[derive(Debug, Default)]
struct FaultCount {
    times: u64,
    /// The faults that are not written yet.
    unwritten: u64,
    dossier: Option<DossierCode>,
}

impl ReportedFaults {
    fn counts(&self) -> MutexGuard<'_, BTreeMap<(Digest, String), FaultCount>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a fault. Returns the report that is to be written now, if any.
    fn count(&self, version: &Digest, dossier: Option<&DossierCode>, fault: &RuleFault) -> Option<ReportedFault> {
        let key = (version.clone(), fault.place().to_owned());
        let mut counts = self.counts();
        if counts.len() >= MOST_COUNTED && !counts.contains_key(&key) {
            counts.clear();
        }
        let count = counts.entry(key).or_default();
        count.times = count.times.saturating_add(1);
        count.unwritten = count.unwritten.saturating_add(1);
        let is_other = dossier.is_some_and(|dossier| count.dossier.as_ref() != Some(dossier));
        if !is_other && !count.times.is_power_of_two() {
            return None;
        }
        if is_other {
            count.dossier = dossier.cloned();
        }
        let times = std::mem::take(&mut count.unwritten);
        Some(ReportedFault { fault: fault.clone(), times, dossier: count.dossier.clone() })
    }

    /// Takes back a report that could not be written. The next fault of the rule is written, too.
    fn take_back(&self, version: &Digest, report: &ReportedFault) {
        if let Some(count) = self.counts().get_mut(&(version.clone(), report.fault.place().to_owned())) {
            count.times = 0;
            count.unwritten = count.unwritten.saturating_add(report.times);
        }
    }
}

/// Returns the stored faults with one more report.
fn with_report(mut known: Vec<ReportedFault>, new: ReportedFault) -> Vec<ReportedFault> {
    let at = known.iter().position(|known| known.fault.place() == new.fault.place());
    if let Some(same) = at.and_then(|at| known.get_mut(at)) {
        same.times = same.times.saturating_add(new.times);
        same.fault = new.fault;
        same.dossier = new.dossier.or_else(|| same.dossier.take());
        return known;
    }
    if known.len() >= MOST_RULES {
        // A visitor may cause rare faults, and they must not hide a frequent one.
        let rarest = known.iter().enumerate().min_by_key(|(_, known)| known.times).map(|(at, _)| at);
        known.remove(rarest.unwrap_or_default());
    }
    known.push(new);
    known
}

impl ProcedureService {
    /// Reports a fault in the rules of a version to the operator, with the dossier that waits because of it.
    ///
    /// A database that cannot be written to does not delay the answer. The next fault is then reported.
    pub(crate) async fn tell_fault(
        &self,
        version: &Digest,
        procedure: &Procedure,
        dossier: Option<&DossierCode>,
        fault: &RuleFault,
    ) {
        let Some(report) = self.told_faults.count(version, dossier, fault) else { return };
        tracing::error!(code = %procedure.code, %version, %fault, "a rule could not be evaluated");
        if let Err(error) = self.remember_fault(version, &report).await {
            tracing::warn!(%error, "a fault could not be remembered for the administrator's page");
            self.told_faults.take_back(version, &report);
        }
    }

    async fn remember_fault(&self, version: &Digest, report: &ReportedFault) -> Result<(), Error> {
        let name = format!("{FAULTS}{version}");
        let transaction = self.database.begin().await?;
        let known = jobs::setting(transaction.connection(), &name).await?;
        let known = known.and_then(|known| serde_json::from_str(&known).ok()).unwrap_or_default();
        let stored = serde_json::to_string(&with_report(known, report.clone())).map_err(Error::fault)?;
        transaction.set_setting(&name, &stored).await?;
        Ok(transaction.commit().await?)
    }

    /// Returns the refusal of a filing as an error, and reports a fault of the rules to the operator first.
    pub(crate) async fn refused(&self, version: &Digest, procedure: &Procedure, refusal: Refusal) -> Error {
        if let Refusal::FaultyRule(fault) = &refusal {
            self.tell_fault(version, procedure, None, fault).await;
        }
        refusal.into()
    }

    /// Returns the versions with faulty rules, for administrators.
    pub async fn rule_faults(&self, actor: &Actor) -> Result<Vec<FaultyVersion>, Error> {
        manager(actor)?;
        faulty_versions(&self.database).await
    }
}

/// Returns the versions with faulty rules: those that are offered, and those that open dossiers and drafts follow.
pub async fn faulty_versions(database: &Database) -> Result<Vec<FaultyVersion>, Error> {
    let reader = database.reader();
    let stored = stored_faults(reader).await?;
    let mut faulty = Vec::new();
    if stored.is_empty() {
        return Ok(faulty);
    }
    let mut in_use: BTreeSet<Digest> = versions::followed(reader).await?.into_iter().collect();
    let mut last = BTreeMap::new();
    for release in versions::releases(reader).await? {
        last.insert(release.code, Some(release.version).filter(|_| !release.retired));
    }
    in_use.extend(last.into_values().flatten());
    for (version, faults) in stored {
        if in_use.contains(&version)
            && let Some(procedure) = versions::version(reader, &version).await?
        {
            faulty.push(FaultyVersion { version, procedure: Arc::new(procedure), faults });
        }
    }
    Ok(faulty)
}

/// Returns all faults that were stored, by version.
async fn stored_faults(reader: &DatabaseReader) -> Result<BTreeMap<Digest, Vec<ReportedFault>>, Error> {
    let mut stored: BTreeMap<Digest, Vec<ReportedFault>> = BTreeMap::new();
    for (name, value) in jobs::settings(reader, FAULTS).await? {
        let Some(version) = name.strip_prefix(FAULTS) else { continue };
        stored.insert(Digest(version.to_owned()), serde_json::from_str(&value).unwrap_or_default());
    }
    for (name, value) in jobs::settings(reader, OLD_FAULT).await? {
        let Some(version) = name.strip_prefix(OLD_FAULT) else { continue };
        // The earliest versions stored only the place where a budget ended.
        let fault = serde_json::from_str(&value).unwrap_or(RuleFault::Overrun { at: value });
        let faults = stored.entry(Digest(version.to_owned())).or_default();
        if faults.iter().all(|known| known.fault.place() != fault.place()) {
            faults.push(ReportedFault { fault, times: 1, dossier: None });
        }
    }
    Ok(stored)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(rule: &str) -> RuleFault {
        RuleFault::Broken { rule: rule.to_owned(), reason: "division by zero".to_owned(), reason_vi: None }
    }

    fn code(number: u32) -> DossierCode {
        DossierCode::parse(&format!("H09.01-260105-{number:04}")).expect("a code")
    }

    #[test]
    fn every_fault_is_counted_and_few_are_written() {
        let (faults, version) = (ReportedFaults::default(), Digest("0".repeat(64)));
        let mut stored = Vec::new();
        let mut writes = 0;
        for _ in 0..1024 {
            if let Some(report) = faults.count(&version, None, &broken("1 / n")) {
                stored = with_report(stored, report);
                writes += 1;
            }
        }
        assert_eq!((stored.len(), stored[0].times, writes), (1, 1024, 11));
        for number in [1, 1, 2, 2, 2] {
            if let Some(report) = faults.count(&version, Some(&code(number)), &broken("1 / n")) {
                stored = with_report(stored, report);
                writes += 1;
            }
        }
        assert_eq!((stored[0].dossier.clone(), writes), (Some(code(2)), 13), "the last dossier is named");
    }

    #[test]
    fn a_report_that_could_not_be_written_is_written_with_the_next_fault() {
        let (faults, version) = (ReportedFaults::default(), Digest("0".repeat(64)));
        let report = faults.count(&version, None, &broken("1 / n")).expect("the first is written");
        faults.take_back(&version, &report);
        let report = faults.count(&version, None, &broken("1 / n"));
        assert_eq!(report.map(|report| report.times), Some(2));
    }

    #[test]
    fn the_report_of_a_version_has_a_bound() {
        let often = ReportedFault { fault: broken("often"), times: 9, dossier: None };
        let rules = (0..100).map(|rule| ReportedFault { fault: broken(&rule.to_string()), times: 1, dossier: None });
        let stored = rules.fold(vec![often.clone()], with_report);
        assert_eq!(stored.len(), MOST_RULES);
        assert!(stored.contains(&often), "rare faults hide no frequent one");
    }
}
