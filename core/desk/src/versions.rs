//! Published versions and their plugins.

use crate::{Desk, Error};
use jiff::Timestamp;
use motcua_domain::calendar::local;
use motcua_domain::decide::Rules;
use motcua_domain::event::Verdict;
use motcua_domain::judge::judge;
use motcua_domain::names::Digest;
use motcua_domain::procedure::Procedure;
use motcua_store::versions;
use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Versions that were read from the database; they never change.
#[derive(Debug, Default)]
pub(crate) struct Cache(Mutex<HashMap<Digest, Arc<Procedure>>>);

/// What a plugin is told of a form: its values, normalised and without what is hidden.
pub(crate) fn plugin_input(procedure: &Procedure, typed: &Map<String, Json>, now: Timestamp) -> Json {
    let values = judge(&procedure.form, typed, now).values;
    json!({ "procedure": procedure.code, "today": local(now).date().to_string(), "values": values })
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
        procedure: &Procedure,
        typed: &Map<String, Json>,
    ) -> Result<Option<Verdict>, Error> {
        let Some(plugin) = &procedure.plugin else { return Ok(None) };
        let input = plugin_input(procedure, typed, self.now());
        let (sandbox, component) = (self.inner.sandbox.clone(), plugin.component.clone());
        // Off the async threads: a plugin may use its whole budget.
        let call = move || sandbox.validate(&component, &input);
        let found = tokio::task::spawn_blocking(call).await.map_err(Error::fault)?;
        let (findings, fault) = match found {
            Ok(findings) => (findings, None),
            Err(fault) => {
                tracing::error!(code = %procedure.code, component = %plugin.component, %fault, "plugin failed");
                (Vec::new(), Some(fault.to_string()))
            }
        };
        Ok(Some(Verdict { component: plugin.component.clone(), findings, fault }))
    }
}
