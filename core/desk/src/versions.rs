//! Installed versions and their plugins.

use crate::{Desk, Error};
use jiff::Timestamp;
use motcua_domain::calendar::local;
use motcua_domain::decide::Rules;
use motcua_domain::event::{AttachedPaper, Verdict};
use motcua_domain::judge::{Given, Judged, judge};
use motcua_domain::names::Digest;
use motcua_domain::procedure::Procedure;
use motcua_sandbox::Sandbox;
use motcua_store::versions;
use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Versions that were read; they never change.
#[derive(Debug, Default)]
pub(crate) struct Cache(Mutex<HashMap<Digest, Arc<Procedure>>>);

impl Cache {
    fn get(&self, digest: &Digest) -> Option<Arc<Procedure>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(digest).cloned()
    }

    /// Keeps a version whose plugin is loaded.
    pub(crate) fn keep(&self, digest: Digest, procedure: Arc<Procedure>) -> Arc<Procedure> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(digest).or_insert(procedure).clone()
    }
}

/// What a procedure's plugin says of the values of a form; `None` if it has no plugin. Blocks: a plugin may use its
/// whole budget.
pub(crate) fn ask_plugin(
    sandbox: &Sandbox,
    procedure: &Procedure,
    values: &Map<String, Json>,
    now: Timestamp,
) -> Option<Verdict> {
    let component = &procedure.plugin.as_ref()?.component;
    let input = json!({ "procedure": procedure.code, "today": local(now).date().to_string(), "values": values });
    let (findings, fault) = match sandbox.validate(component, &input) {
        Ok(findings) => (findings, None),
        Err(fault) => {
            tracing::error!(code = %procedure.code, %component, %fault, "plugin failed");
            (Vec::new(), Some(fault.to_string()))
        }
    };
    Some(Verdict { component: component.clone(), findings, fault })
}

impl Desk {
    /// The version with this digest, with its plugin loaded.
    pub(crate) async fn version(&self, digest: &Digest) -> Result<Arc<Procedure>, Error> {
        if let Some(known) = self.inner.versions.get(digest) {
            return Ok(known);
        }
        let reader = self.inner.database.reader();
        let procedure = versions::version(reader, digest).await?.ok_or(Error::NotFound)?;
        if let Some(plugin) = &procedure.plugin
            && let Some(bytes) = versions::content(reader, &plugin.component).await?
            && let Err(fault) = self.load_component(bytes).await?
        {
            tracing::error!(code = %procedure.code, %fault, "the plugin of an installed version cannot be loaded");
        }
        Ok(self.inner.versions.keep(digest.clone(), Arc::new(procedure)))
    }

    /// Loads a component, off the async threads.
    pub(crate) async fn load_component(&self, bytes: Vec<u8>) -> Result<Result<Digest, motcua_sandbox::Fault>, Error> {
        let sandbox = self.inner.sandbox.clone();
        tokio::task::spawn_blocking(move || sandbox.load(&bytes)).await.map_err(Error::fault)
    }

    /// What decisions under this version rest on.
    pub(crate) fn rules<'a>(&'a self, procedure: &'a Procedure) -> Rules<'a> {
        let province = &self.inner.province;
        Rules { procedure, calendar: &province.calendar, registries: &province.registries }
    }

    /// What was typed into a form, judged by the form's own rules.
    pub(crate) fn judge(&self, procedure: &Procedure, typed: &Map<String, Json>, files: &[AttachedPaper]) -> Judged {
        let registries = &self.inner.province.registries;
        judge(&procedure.form, typed, Given { now: self.now(), registries, files })
    }

    /// What the procedure's plugin says of what was typed; `None` if it has no plugin.
    pub(crate) async fn verdict(
        &self,
        procedure: &Arc<Procedure>,
        typed: &Map<String, Json>,
        files: &[AttachedPaper],
    ) -> Result<Option<Verdict>, Error> {
        if procedure.plugin.is_none() {
            return Ok(None);
        }
        let values = self.judge(procedure, typed, files).values;
        let (sandbox, procedure, now) = (self.inner.sandbox.clone(), procedure.clone(), self.now());
        // Off the async threads.
        let ask = move || ask_plugin(&sandbox, &procedure, &values, now);
        tokio::task::spawn_blocking(ask).await.map_err(Error::fault)
    }
}
