//! Installed versions and their plugins.

use super::ProcedureService;
use crate::Error;
use motcua_domain::dossier::decide::Rules;
use motcua_domain::form::judge::{JudgeFacts, Judged, judge};
use motcua_domain::media::AttachedPaper;
use motcua_domain::names::Digest;
use motcua_domain::procedure::Procedure;
use motcua_domain::procedure::plugin::PluginLimits;
use motcua_sandbox::PluginFault;
use motcua_store::versions;
use serde_json::{Map, Value as Json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The versions that were read. They never change.
#[derive(Debug, Default)]
pub(crate) struct VersionCache(Mutex<HashMap<Digest, Arc<Procedure>>>);

impl VersionCache {
    fn get(&self, digest: &Digest) -> Option<Arc<Procedure>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(digest).cloned()
    }

    /// Stores a version whose plugin is loaded.
    pub(crate) fn keep(&self, digest: Digest, procedure: Arc<Procedure>) -> Arc<Procedure> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(digest).or_insert(procedure).clone()
    }
}

impl ProcedureService {
    /// Returns the version with this digest, with its plugin loaded.
    pub(crate) async fn version(&self, digest: &Digest) -> Result<Arc<Procedure>, Error> {
        if let Some(known) = self.versions.get(digest) {
            return Ok(known);
        }
        let reader = self.database.reader();
        let procedure = versions::version(reader, digest).await?.ok_or(Error::NotFound)?;
        let sandbox = &self.host.sandbox;
        for plugin in procedure.plugins.iter().filter(|plugin| !sandbox.knows(&plugin.component)) {
            if let Some(bytes) = versions::content(reader, &plugin.component).await?
                && let Err(fault) = self.load_component(bytes, plugin.limits.limits()).await?
            {
                tracing::error!(code = %procedure.code, %fault, "the plugin of an installed version cannot be loaded");
            }
        }
        Ok(self.versions.keep(digest.clone(), Arc::new(procedure)))
    }

    /// Reads the versions that open dossiers and drafts follow, so that no request waits for their plugins.
    pub(crate) async fn read_followed(&self) -> Result<(), Error> {
        for version in versions::followed(self.database.reader()).await? {
            self.version(&version).await?;
        }
        Ok(())
    }

    /// Loads a component, which may have to be compiled. The work runs off the async threads, and few components are
    /// loaded at once.
    pub(crate) async fn load_component(
        &self,
        bytes: Vec<u8>,
        limits: PluginLimits,
    ) -> Result<Result<Digest, PluginFault>, Error> {
        let sandbox = self.host.sandbox.clone();
        self.compiling.run(move || sandbox.load(&bytes, &limits)).await
    }

    /// Returns the rules for decisions under this version.
    pub(crate) fn rules<'a>(&'a self, procedure: &'a Procedure) -> Rules<'a> {
        let province = &self.province;
        Rules { procedure, calendar: &province.calendar, registries: &province.registries, choices: &[] }
    }

    /// Judges a typed form by the form's own rules. Fields that plugins compute are absent.
    pub(crate) fn judge(&self, procedure: &Procedure, typed: &Map<String, Json>, files: &[AttachedPaper]) -> Judged {
        let registries = &self.province.registries;
        judge(&procedure.form, typed, JudgeFacts { now: self.clock.now(), registries, files, computed: None })
    }
}
