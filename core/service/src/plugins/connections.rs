//! Notifications to other systems about a dossier: after the commit, at least once, by the procedure's plugin.

use super::PluginService;
use crate::Error;
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::event::Event;
use motcua_domain::names::Digest;
use motcua_domain::procedure::Procedure;
use motcua_sandbox::{NotifyTrouble, PluginFault};
use motcua_store::jobs::Job;
use motcua_store::journal;
use serde_json::{Map, Value as Json, json};

/// The reason why another system was not notified, if another attempt would fail too.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NoMoreRetries(pub String);

/// The reason why this attempt to notify another system failed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct NotNotified(String);

/// Returns the components that are notified of an event.
pub(crate) fn told_of(procedure: &Procedure, event: &Event) -> Vec<Digest> {
    let told = procedure.plugins.iter().filter(|plugin| plugin.tell.iter().any(|name| name == event.name()));
    told.map(|plugin| plugin.component.clone()).collect()
}

impl PluginService {
    /// Lets a plugin notify another system of an event.
    pub(crate) async fn connect(&self, job: &Job) -> Result<(), Error> {
        let in_vain = |why: &str| Error::fault(NoMoreRetries(why.to_owned()));
        let (version, component) = job.told().ok_or_else(|| in_vain("the job's name cannot be read"))?;
        let code = job.dossier.as_ref().ok_or_else(|| in_vain("the job names no dossier"))?;
        let events = journal::events(self.database.reader(), code).await?;
        let recorded = version.checked_sub(1).and_then(|at| events.get(at));
        let recorded = recorded.ok_or_else(|| in_vain("the journal has no such event"))?;
        let dossier = Dossier::replay(events.iter().take(version)).map_err(Error::fault)?;
        let procedure = self.procedures.version(&dossier.procedure).await?;
        let plugin = procedure.plugins.iter().find(|plugin| plugin.component == component).cloned();
        let plugin = plugin.ok_or_else(|| in_vain("the procedure no longer asks this plugin"))?;
        let mut about = Map::new();
        about.extend(
            [
                ("code", json!(code)),
                ("procedure", json!(dossier.filed.procedure)),
                ("procedure_name", json!(dossier.filed.procedure_name.vi)),
                ("version", json!(dossier.procedure)),
                ("agency", json!(dossier.place.agency)),
                ("status", json!(dossier.status().name())),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        if plugin.grant.values {
            about.insert("values".to_owned(), Json::Object(dossier.values.clone()));
        }
        let known = &self.host.policy.secrets;
        let secret = |name: &String| Some((name.clone(), json!(known.get(name)?.0)));
        let secrets: Map<String, Json> = plugin.grant.secrets.iter().filter_map(secret).collect();
        let event = json!({
            "id": format!("{code}.{version}"), "type": recorded.event.name(), "at": recorded.at.to_string(),
            "timestamp": self.clock.now().as_second(), "dossier": about, "settings": plugin.settings, "secrets": secrets,
        });
        let plugins = self.host.about(&dossier.filed.applicant.id);
        // The call waits for another system, so it does not occupy one of the threads for plugins.
        let call = move || plugins.ask(&plugin).map(|ask| plugins.sandbox.connect(&ask, &event).0);
        let outcome = tokio::task::spawn_blocking(call).await.map_err(Error::fault)?;
        self.note_suspension(&component).await?;
        match outcome.map_err(|reason| in_vain(&reason))? {
            Ok(Ok(())) => Ok(()),
            Ok(Err(NotifyTrouble::Never(why))) => Err(in_vain(&why)),
            Ok(Err(NotifyTrouble::Again(why))) => Err(Error::fault(NotNotified(why))),
            Err(fault @ (PluginFault::NotExported(_) | PluginFault::Input { .. })) => Err(in_vain(&fault.to_string())),
            Err(fault) => Err(Error::fault(fault)),
        }
    }
}
