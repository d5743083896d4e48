//! The organisation as decisions need it: the succession of units, and the officers with the posts that they hold.
//!
//! The node keeps the organisation of one revision in memory, so a change of a dossier reads nothing of it. Another
//! process may have changed the organisation since. The transaction that appends therefore checks the revision, and
//! otherwise the change is decided again. [`motcua_store::organisation`] has the proof. A refusal counts only on the
//! organisation of its time, because it appends nothing.
//!
//! Whatever is read for a decision is read after the revision, so it is not older than the revision. If it is newer,
//! the check rejects the change.

use super::DossierService;
use super::append::AppendOutcome;
use crate::Error;
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::command::{Candidate, Command};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::dossier::succession::Successions;
use motcua_domain::names::{AgencyId, Digest, UserId};
use motcua_domain::people::organisation::Actor;
use motcua_domain::procedure::Procedure;
use motcua_store::accounts;
use motcua_store::journal::Append;
use motcua_store::organisation::{OrganisationRevision, StoredOrganisation};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The most versions and the most officers of a revision in memory. When there are more, all are dropped.
const MOST: usize = 4096;

/// The most times that a filing is appended because the organisation changed meanwhile.
const MOST_TRIES: usize = 10;

/// The reason in the journal for a dossier that comes to a unit whose work another unit has.
const REASON: &str = "Đơn vị được giao hồ sơ đã được tổ chức lại.";

/// A version for dossiers of an agency. The agency is missing if all agencies have the same units in it.
type VersionOfAgency = (Digest, Option<AgencyId>);

/// The organisation at one revision.
#[derive(Debug)]
pub struct OrganisationState {
    pub revision: OrganisationRevision,
    pub successions: Successions,
    /// The versions that name units, with the units that have the work at this revision.
    versions: Mutex<HashMap<VersionOfAgency, Arc<Procedure>>>,
    /// The officers that decisions needed to know. A person who left is none.
    officers: Mutex<HashMap<UserId, Option<Candidate>>>,
}

/// The organisation that this node read last.
#[derive(Debug, Default)]
pub struct KnownOrganisation(Mutex<Option<Arc<OrganisationState>>>);

impl KnownOrganisation {
    fn get(&self) -> Option<Arc<OrganisationState>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Stores what the database has, unless it is known.
    fn keep(&self, stored: StoredOrganisation) -> Arc<OrganisationState> {
        if let Some(known) = self.get().filter(|known| known.revision == stored.revision) {
            return known;
        }
        let StoredOrganisation { revision, successions } = stored;
        let (versions, officers) = (Mutex::default(), Mutex::default());
        let new = Arc::new(OrganisationState { revision, successions, versions, officers });
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&new));
        new
    }
}

impl OrganisationState {
    /// Returns a version as decisions about dossiers of an agency need it: a step at a unit of the own agency is at that of
    /// this agency, and a step at a unit that was dissolved is at the successor.
    fn version(&self, digest: &Digest, agency: &AgencyId, procedure: &Arc<Procedure>) -> Arc<Procedure> {
        if !procedure.workflow.names_places() {
            return Arc::clone(procedure);
        }
        let own_agency = procedure.workflow.names_own_agency().then(|| agency.clone());
        let key = (digest.clone(), own_agency);
        let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(today) = versions.get(&key) {
            return Arc::clone(today);
        }
        let own = procedure.workflow.in_agency(agency);
        let moved = self.successions.applied_to(own.as_ref().unwrap_or(&procedure.workflow));
        let today = match moved.or(own) {
            Some(workflow) => Arc::new(Procedure { workflow, ..procedure.as_ref().clone() }),
            None => Arc::clone(procedure),
        };
        if versions.len() >= MOST {
            versions.clear();
        }
        versions.insert(key, Arc::clone(&today));
        today
    }
}

impl DossierService {
    /// Returns the organisation as this node read it last. It may be old.
    pub(crate) async fn organisation(&self) -> Result<Arc<OrganisationState>, Error> {
        match self.organisation.get() {
            Some(known) => Ok(known),
            None => self.organisation_now().await,
        }
    }

    /// Reads the organisation.
    pub(crate) async fn organisation_now(&self) -> Result<Arc<OrganisationState>, Error> {
        Ok(self.organisation.keep(self.database.organisation().await?))
    }

    /// Returns the version with this digest as it is decided in this organisation.
    pub(crate) async fn version_in(
        &self,
        organisation: &OrganisationState,
        digest: &Digest,
        agency: &AgencyId,
    ) -> Result<Arc<Procedure>, Error> {
        Ok(organisation.version(digest, agency, &self.procedures.version(digest).await?))
    }

    /// Returns the version with this digest as a page shows it now.
    pub(crate) async fn version_today(&self, digest: &Digest, agency: &AgencyId) -> Result<Arc<Procedure>, Error> {
        let procedure = self.procedures.version(digest).await?;
        if !procedure.workflow.names_places() {
            return Ok(procedure);
        }
        Ok(self.organisation_now().await?.version(digest, agency, &procedure))
    }

    /// Returns an officer with the posts that they hold in this organisation, or none if they left.
    pub(crate) async fn officer(
        &self,
        organisation: &OrganisationState,
        id: &UserId,
    ) -> Result<Option<Candidate>, Error> {
        let known = organisation.officers.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let found = accounts::as_candidate(self.database.reader(), id).await?;
        let mut officers = organisation.officers.lock().unwrap_or_else(PoisonError::into_inner);
        if officers.len() >= MOST {
            officers.clear();
        }
        officers.insert(id.clone(), found.clone());
        drop(officers);
        Ok(found)
    }

    /// Replaces the units to which a command gives work by the units that have their work in this organisation, and the
    /// posts of the officer whom a person chose by the present ones.
    pub(super) async fn bring_up_to_date(
        &self,
        command: &mut Command,
        organisation: &OrganisationState,
    ) -> Result<(), Error> {
        command.follow(&organisation.successions);
        if let Some(chosen) = command.officer() {
            match self.officer(organisation, &chosen.id).await? {
                Some(today) => *chosen = today,
                None => chosen.posts.clear(),
            }
        }
        Ok(())
    }

    /// Appends a filing, and lets the dossier follow the succession of units. Returns none if the draft has changed.
    ///
    /// The decision on a filing does not rest on the organisation, so the same filing is appended again after a change
    /// of the organisation.
    pub(crate) async fn append_filing(&self, mut append: Append) -> Result<Option<Dossier>, Error> {
        let mut organisation = self.organisation().await?;
        for _ in 0..MOST_TRIES {
            append.organisation = Some(organisation.revision.clone());
            match self.append(append).await? {
                AppendOutcome::Written(filed) => {
                    Box::pin(self.follow_organisation(&filed, &organisation)).await;
                    return Ok(Some(*filed));
                }
                AppendOutcome::Overtaken(rejected) => {
                    let now = self.organisation_now().await?;
                    if now.revision == organisation.revision {
                        return Ok(None);
                    }
                    (append, organisation) = (*rejected, now);
                }
            }
        }
        Ok(None)
    }

    /// Transfers a dossier whose steps are at units whose work other units have. Returns the dossier if it moved.
    pub(super) async fn transfer_to_successors(
        &self,
        dossier: &Dossier,
        organisation: &OrganisationState,
    ) -> Result<Option<Dossier>, Error> {
        let stays = dossier.flow.stays.iter().map(|stay| dossier.place_of(stay));
        let moves = organisation.successions.of(stays.chain([&dossier.place]));
        if moves.is_empty() {
            return Ok(None);
        }
        let command = Command::Transfer { reason: REASON.to_owned(), moves };
        match self.change_once(&Actor::System, &dossier.filed.code, &command, None, &self.ids.command()).await {
            Ok(written) => Ok(Some(written.dossier)),
            Err(Error::Refused(Refusal::NothingChanges | Refusal::Ended)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use motcua_domain::dossier::event::PlaceMove;
    use motcua_domain::form::Form;
    use motcua_domain::people::organisation::Role;
    use motcua_domain::procedure::on_behalf::OnBehalf;
    use motcua_domain::procedure::{FilingBounds, FilingWindow};
    use motcua_domain::text::Text;
    use motcua_domain::time::calendar::Limit;
    use motcua_domain::workflow::own_agency::OWN_AGENCY;
    use motcua_domain::workflow::{NationalStatus, Step, UnitPlace, Workflow};

    fn place(unit: &str) -> UnitPlace {
        UnitPlace { agency: "so".into(), unit: unit.into() }
    }

    fn unit(version: &Procedure) -> Option<UnitPlace> {
        version.workflow.steps[0].place.clone()
    }

    fn organisation(successions: Successions) -> OrganisationState {
        let (versions, officers) = (Mutex::default(), Mutex::default());
        OrganisationState { revision: OrganisationRevision::default(), successions, versions, officers }
    }

    fn successions(to: &str) -> Successions {
        Successions::default().then(&[PlaceMove { from: place("a"), to: place(to) }])
    }

    /// Returns a procedure with one step, at this unit.
    fn at(place: UnitPlace) -> Procedure {
        let mut step = Step::new("work", Text::vi("Xử lý"), Role::Specialist, NationalStatus::Processing);
        step.place = Some(place);
        Procedure {
            code: "1.000001".into(),
            slug: "thu".into(),
            name: Text::vi("Thử"),
            summary: Text::default(),
            group: "so".into(),
            unit: "phong".into(),
            field: Text::default(),
            audience: vec![],
            life_events: vec![],
            keywords: vec![],
            level: 3,
            limit: Limit::WorkingDays(5),
            limit_basis: vec![],
            window: FilingWindow::default(),
            on_behalf: OnBehalf::default(),
            bounds: FilingBounds::default(),
            silence: None,
            publish: None,
            post: None,
            limit_cases: vec![],
            waiting_days: 30,
            result: Text::default(),
            register: None,
            how_to: vec![],
            conditions: vec![],
            eligibility: None,
            legal_basis: vec![],
            papers: vec![],
            fees: vec![],
            form: Form::default(),
            alternatives: vec![],
            signers: vec![],
            workflow: Workflow::new("w", vec![step], Vec::new()),
            plugins: vec![],
            offered_by: None,
            led_by: None,
            terms: vec![],
        }
    }

    #[test]
    fn a_version_is_copied_once_for_each_revision_of_the_organisation() {
        let (procedure, digest) = (Arc::new(at(place("a"))), Digest("0".repeat(64)));
        let version = |known: &OrganisationState| known.version(&digest, &"so".into(), &procedure);
        assert!(Arc::ptr_eq(&version(&organisation(Successions::default())), &procedure), "nothing is copied");
        let known = organisation(successions("b"));
        let moved = version(&known);
        assert_eq!(unit(&moved), Some(place("b")));
        assert!(Arc::ptr_eq(&moved, &version(&known)), "once");
        assert_eq!(unit(&version(&organisation(successions("c")))), Some(place("c")));
    }

    #[test]
    fn a_version_with_a_unit_of_the_own_agency_is_copied_once_for_each_agency() {
        let procedure = Arc::new(at(UnitPlace { agency: OWN_AGENCY.into(), unit: "a".into() }));
        let (known, digest) = (organisation(successions("b")), Digest("0".repeat(64)));
        let version = |agency: &str| known.version(&digest, &agency.into(), &procedure);
        let (own, other) = (version("so"), version("xa"));
        assert_eq!(unit(&own), Some(place("b")), "the successor of the own unit");
        assert_eq!(unit(&other), Some(UnitPlace { agency: "xa".into(), unit: "a".into() }));
        assert!(Arc::ptr_eq(&own, &version("so")) && Arc::ptr_eq(&other, &version("xa")), "once");
    }
}
