//! Places that follow the succession of units.

use super::DossierService;
use crate::Error;
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::succession::Successions;
use motcua_domain::names::Digest;
use motcua_domain::people::organisation::Actor;
use motcua_domain::procedure::Procedure;
use motcua_domain::workflow::UnitPlace;
use motcua_store::successions::successions;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The reason in the journal for a dossier that comes to a unit whose work another unit has.
const REASON: &str = "Đơn vị được giao hồ sơ đã được tổ chức lại.";

/// The versions at the units of today. A version is copied once, and not for each decision.
#[derive(Debug, Default)]
pub(crate) struct VersionsToday(Mutex<SucceededVersions>);

/// The versions as they are under one table of successions.
#[derive(Debug, Default)]
struct SucceededVersions {
    successions: Successions,
    versions: HashMap<Digest, Arc<Procedure>>,
}

impl VersionsToday {
    /// Returns a version at the units of today. Another table of successions than the last one makes all versions again.
    fn version(&self, digest: &Digest, procedure: &Arc<Procedure>, successions: Successions) -> Arc<Procedure> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.successions != successions {
            *known = SucceededVersions { successions, versions: HashMap::new() };
        }
        if let Some(today) = known.versions.get(digest) {
            return Arc::clone(today);
        }
        let today = match known.successions.applied_to(&procedure.workflow) {
            Some(workflow) => Arc::new(Procedure { workflow, ..procedure.as_ref().clone() }),
            None => Arc::clone(procedure),
        };
        known.versions.insert(digest.clone(), Arc::clone(&today));
        today
    }
}

impl DossierService {
    /// Returns the version with this digest as decisions need it today: a step at a unit that was dissolved is at the
    /// successor.
    ///
    /// The table of successions is read for each decision, because another process may have changed it.
    pub(crate) async fn version_today(&self, digest: &Digest) -> Result<Arc<Procedure>, Error> {
        let procedure = self.procedures.version(digest).await?;
        if !procedure.workflow.names_places() {
            return Ok(procedure);
        }
        let successions = successions(self.database.reader()).await?;
        Ok(self.today.version(digest, &procedure, successions))
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
    use motcua_domain::workflow::{NationalStatus, Step, Workflow};

    fn place(unit: &str) -> UnitPlace {
        UnitPlace { agency: "so".into(), unit: unit.into() }
    }

    fn successions(to: &str) -> Successions {
        Successions::default().then(&[PlaceMove { from: place("a"), to: place(to) }])
    }

    fn procedure(workflow: Workflow) -> Procedure {
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
            workflow,
            plugins: vec![],
            offered_by: None,
            led_by: None,
            terms: vec![],
        }
    }

    #[test]
    fn a_version_is_copied_once_for_each_table_of_successions() {
        let mut step = Step::new("work", Text::vi("Xử lý"), Role::Specialist, NationalStatus::Processing);
        step.place = Some(place("a"));
        let workflow = Workflow::new("w", vec![step], Vec::new());
        let procedure = Arc::new(procedure(workflow));
        let (today, digest) = (VersionsToday::default(), Digest("0".repeat(64)));
        let unit = |version: &Procedure| version.workflow.steps[0].place.clone();
        let unmoved = today.version(&digest, &procedure, Successions::default());
        assert!(Arc::ptr_eq(&unmoved, &procedure), "nothing is copied");
        let moved = today.version(&digest, &procedure, successions("b"));
        assert_eq!(unit(&moved), Some(place("b")));
        assert!(Arc::ptr_eq(&moved, &today.version(&digest, &procedure, successions("b"))), "once");
        assert_eq!(unit(&today.version(&digest, &procedure, successions("c"))), Some(place("c")));
    }
}
