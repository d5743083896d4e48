//! Places that follow the succession of units.

use super::DossierService;
use crate::Error;
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::succession::Successions;
use motcua_domain::names::{AgencyId, Digest};
use motcua_domain::people::organisation::Actor;
use motcua_domain::procedure::Procedure;
use motcua_domain::workflow::UnitPlace;
use motcua_store::successions::successions;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The reason in the journal for a dossier that comes to a unit whose work another unit has.
const REASON: &str = "Đơn vị được giao hồ sơ đã được tổ chức lại.";

/// The most versions that are kept. A version can be there once for each agency that offers it.
const MOST_VERSIONS: usize = 2000;

/// The versions at the units of today. A version is copied once, and not for each decision.
#[derive(Debug, Default)]
pub(crate) struct VersionsToday(Mutex<SucceededVersions>);

/// The versions as they are under one table of successions, for all agencies or for one.
#[derive(Debug, Default)]
struct SucceededVersions {
    successions: Successions,
    versions: HashMap<(Digest, Option<AgencyId>), Arc<Procedure>>,
}

impl VersionsToday {
    /// Returns a version at the units of today for dossiers of an agency. Another table of successions than the last
    /// one makes all versions again.
    fn version(
        &self,
        digest: &Digest,
        agency: &AgencyId,
        procedure: &Arc<Procedure>,
        successions: Successions,
    ) -> Arc<Procedure> {
        let own_agency = procedure.workflow.names_own_agency().then(|| agency.clone());
        let key = (digest.clone(), own_agency);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.successions != successions || known.versions.len() >= MOST_VERSIONS {
            *known = SucceededVersions { successions, versions: HashMap::new() };
        }
        if let Some(today) = known.versions.get(&key) {
            return Arc::clone(today);
        }
        let own = procedure.workflow.in_agency(agency);
        let moved = known.successions.applied_to(own.as_ref().unwrap_or(&procedure.workflow));
        let today = match moved.or(own) {
            Some(workflow) => Arc::new(Procedure { workflow, ..procedure.as_ref().clone() }),
            None => Arc::clone(procedure),
        };
        known.versions.insert(key, Arc::clone(&today));
        today
    }
}

impl DossierService {
    /// Returns the version with this digest as decisions about dossiers of an agency need it today: a step at a unit of
    /// the own agency is at that of this agency, and a step at a unit that was dissolved is at the successor.
    ///
    /// The table of successions is read for each decision, because another process may have changed it.
    pub(crate) async fn version_today(&self, digest: &Digest, agency: &AgencyId) -> Result<Arc<Procedure>, Error> {
        let procedure = self.procedures.version(digest).await?;
        if !procedure.workflow.names_places() {
            return Ok(procedure);
        }
        let successions = successions(self.database.reader()).await?;
        Ok(self.today.version(digest, agency, &procedure, successions))
    }

    /// Returns the units that have the work of these units today, for a choice on a page from before a reorganisation.
    pub(crate) async fn places_today(&self, places: Vec<UnitPlace>) -> Result<Vec<UnitPlace>, Error> {
        if places.is_empty() {
            return Ok(places);
        }
        let successions = successions(self.database.reader()).await?;
        Ok(places.iter().map(|place| successions.resolve(place).clone()).collect())
    }

    /// Transfers a dossier that was filed with a unit whose work another unit has, or that came back to one.
    ///
    /// The change before is committed, so a failure is logged. Applying the reorganisation again transfers the dossier.
    pub(crate) async fn transfer_to_today(&self, dossier: &Dossier) {
        if let Err(error) = self.transfer_to_successors(dossier).await {
            tracing::error!(dossier = %dossier.filed.code, %error, "a dossier stays with a dissolved unit");
        }
    }

    async fn transfer_to_successors(&self, dossier: &Dossier) -> Result<(), Error> {
        let successions = successions(self.database.reader()).await?;
        let stays = dossier.flow.stays.iter().map(|stay| dossier.place_of(stay));
        let moves = successions.of(stays.chain([&dossier.place]));
        if moves.is_empty() {
            return Ok(());
        }
        let command = Command::Transfer { reason: REASON.to_owned(), moves };
        self.change_and(&Actor::System, &dossier.filed.code, &command, None, &self.ids.command()).await.map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use motcua_domain::dossier::event::PlaceMove;
    use motcua_domain::form::Form;
    use motcua_domain::people::organisation::Role;
    use motcua_domain::text::Text;
    use motcua_domain::time::calendar::Limit;
    use motcua_domain::workflow::own_agency::OWN_AGENCY;
    use motcua_domain::workflow::{NationalStatus, Step, Workflow};

    fn place(unit: &str) -> UnitPlace {
        UnitPlace { agency: "so".into(), unit: unit.into() }
    }

    fn unit(version: &Procedure) -> Option<UnitPlace> {
        version.workflow.steps[0].place.clone()
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
            limit_cases: vec![],
            waiting_days: 30,
            result: Text::default(),
            how_to: vec![],
            conditions: vec![],
            eligibility: None,
            legal_basis: vec![],
            papers: vec![],
            fees: vec![],
            form: Form::default(),
            workflow: Workflow::new("w", vec![step], Vec::new()),
            plugins: vec![],
            offered_by: None,
            led_by: None,
            terms: vec![],
        }
    }

    #[test]
    fn a_version_is_copied_once_for_each_table_of_successions() {
        let procedure = Arc::new(at(place("a")));
        let (today, digest) = (VersionsToday::default(), Digest("0".repeat(64)));
        let version = |successions| today.version(&digest, &"so".into(), &procedure, successions);
        assert!(Arc::ptr_eq(&version(Successions::default()), &procedure), "nothing is copied");
        let moved = version(successions("b"));
        assert_eq!(unit(&moved), Some(place("b")));
        assert!(Arc::ptr_eq(&moved, &version(successions("b"))), "once");
        assert_eq!(unit(&version(successions("c"))), Some(place("c")));
    }

    #[test]
    fn a_version_with_a_unit_of_the_own_agency_is_copied_once_for_each_agency() {
        let procedure = Arc::new(at(UnitPlace { agency: OWN_AGENCY.into(), unit: "a".into() }));
        let (today, digest) = (VersionsToday::default(), Digest("0".repeat(64)));
        let version = |agency: &str| today.version(&digest, &agency.into(), &procedure, successions("b"));
        let (own, other) = (version("so"), version("xa"));
        assert_eq!(unit(&own), Some(place("b")), "the successor of the own unit");
        assert_eq!(unit(&other), Some(UnitPlace { agency: "xa".into(), unit: "a".into() }));
        assert!(Arc::ptr_eq(&own, &version("so")) && Arc::ptr_eq(&other, &version("xa")), "once");
    }
}
