//! Published versions and their plugins.

use crate::{Desk, Error};
use jiff::Timestamp;
use motcua_domain::calendar::local;
use motcua_domain::decide::Rules;
use motcua_domain::event::Verdict;
use motcua_domain::judge::judge;
use motcua_domain::names::Digest;
use motcua_domain::procedure::Procedure;
use motcua_sandbox::Sandbox;
use motcua_store::versions;
use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Versions that were read from the database; they never change.
#[derive(Debug, Default)]
pub(crate) struct Cache(Mutex<HashMap<Digest, Arc<Procedure>>>);

/// What a procedure's plugin says of the values of a form, normalised and without what is hidden; `None` if it has no
/// plugin. Blocks: a plugin may use its whole budget.
pub(crate) fn ask_plugin(
    sandbox: &Sandbox,
    procedure: &Procedure,
    typed: &Map<String, Json>,
    now: Timestamp,
) -> Option<Verdict> {
    let component = &procedure.plugin.as_ref()?.component;
    let values = judge(&procedure.form, typed, now).values;
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
    /// Publishes every procedure of the install folder whose version is new, and loads the plugins.
    pub(crate) async fn publish(&self) -> Result<(), Error> {
        let inner = &self.inner;
        for bytes in inner.install.components.values() {
            inner.sandbox.load(bytes).map_err(Error::fault)?;
        }
        let transaction = inner.database.begin().await?;
        for (digest, bytes) in &inner.install.components {
            transaction.add_component(digest, bytes).await?;
        }
        for procedure in &inner.install.procedures {
            if transaction.publish(procedure, self.now().as_second()).await? {
                tracing::info!(code = %procedure.code, version = %procedure.digest(), "published");
            }
        }
        Ok(transaction.commit().await?)
    }

    /// The version with this digest, with its plugin loaded.
    pub(crate) async fn version(&self, digest: &Digest) -> Result<Arc<Procedure>, Error> {
        let cache = &self.inner.versions.0;
        if let Some(known) = cache.lock().unwrap_or_else(PoisonError::into_inner).get(digest) {
            return Ok(known.clone());
        }
        let reader = self.inner.database.reader();
        let procedure = versions::version(reader, digest).await?.ok_or(Error::NotFound)?;
        if let Some(plugin) = &procedure.plugin
            && let Some(bytes) = versions::component(reader, &plugin.component).await?
        {
            let sandbox = self.inner.sandbox.clone();
            let load = move || sandbox.load(&bytes);
            let loaded = tokio::task::spawn_blocking(load).await.map_err(Error::fault)?;
            if let Err(fault) = loaded {
                tracing::error!(code = %procedure.code, %fault, "the plugin of a published version cannot be loaded");
            }
        }
        let procedure = Arc::new(procedure);
        let mut cache = cache.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(cache.entry(digest.clone()).or_insert(procedure).clone())
    }

    /// What decisions under this version rest on.
    pub(crate) fn rules<'a>(&'a self, procedure: &'a Procedure) -> Rules<'a> {
        Rules { procedure, calendar: &self.inner.install.calendar }
    }

    /// What the procedure's plugin says of what was typed; `None` if it has no plugin.
    pub(crate) async fn verdict(
        &self,
        procedure: &Arc<Procedure>,
        typed: &Map<String, Json>,
    ) -> Result<Option<Verdict>, Error> {
        if procedure.plugin.is_none() {
            return Ok(None);
        }
        let (sandbox, procedure) = (self.inner.sandbox.clone(), procedure.clone());
        let (typed, now) = (typed.clone(), self.now());
        // Off the async threads.
        let ask = move || ask_plugin(&sandbox, &procedure, &typed, now);
        tokio::task::spawn_blocking(ask).await.map_err(Error::fault)
    }
}
