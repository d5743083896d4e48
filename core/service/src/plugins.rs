//! Plugins as the portal uses them: asking them about drafts and dossiers, and suspending those that fail.
//!
//! A plugin runs on threads of its own and never holds a transaction.

mod connections;
mod meaning;
mod replay;

pub(crate) use connections::{NoMoreRetries, told_of};
pub use replay::ReplayedAnswer;

use crate::common::CommonParts;
use crate::host::{PluginHost, failed, questions};
use crate::procedures::ProcedureService;
use crate::rights::manager;
use crate::{Error, TimeSource};
use jiff::Timestamp;
use motcua_catalogue::{Live, Province};
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::verdict::{PluginChoice, Verdict};
use motcua_domain::names::{Digest, UserId};
use motcua_domain::people::organisation::Actor;
use motcua_domain::procedure::Procedure;
use motcua_domain::procedure::plugin::{PluginLimits, PluginUse};
use motcua_domain::text::Text;
use motcua_sandbox::{ComponentFacts, ContractExport, PluginFault, PluginFigures};
use motcua_store::drafts::Draft;
use motcua_store::{Database, jobs};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::oneshot;

/// The beginning of the setting's name for a suspension. The component's digest follows.
const SUSPENDED: &str = "plugin-suspended/";

/// The reason why a plugin is no longer called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginSuspension {
    /// Seconds since 1970.
    pub at: i64,
    /// The administrator, or an empty text if the portal suspended the plugin.
    pub by: String,
    pub reason: String,
}

/// A plugin as administrators see it.
#[derive(Debug, Clone)]
pub struct PluginView {
    pub component: Digest,
    /// The names that authors use for it.
    pub names: BTreeSet<String>,
    pub about: Option<ComponentFacts>,
    /// The figures since this node started.
    pub figures: PluginFigures,
    pub suspended: Option<PluginSuspension>,
    /// The offered procedures that use it, each with its grant.
    pub used_by: Vec<UsingProcedure>,
}

/// A procedure that uses a plugin.
#[derive(Debug, Clone)]
pub struct UsingProcedure {
    pub procedure: Arc<Procedure>,
    /// The signer of the package that brought it, or none if it came with the install folder or unsigned.
    pub signer: Option<String>,
    /// Its grant, in words.
    pub grant: Vec<Text>,
    pub limits: PluginLimits,
}

/// The plugins of procedures: their answers, their notifications to other systems, and their suspensions.
#[derive(Debug, Clone)]
pub struct PluginService {
    database: Database,
    clock: TimeSource,
    province: Arc<Province>,
    host: PluginHost,
    procedures: Arc<ProcedureService>,
}

impl PluginService {
    pub(crate) fn new(common: &CommonParts, host: PluginHost, procedures: Arc<ProcedureService>) -> Self {
        let CommonParts { database, clock, province, .. } = common.clone();
        Self { database, clock, province, host, procedures }
    }

    /// Returns the plugins' proposals for a new form.
    pub(crate) async fn proposals(
        &self,
        procedure: &Arc<Procedure>,
        version: &Digest,
        account: &UserId,
        applicant: Json,
    ) -> Result<Map<String, Json>, Error> {
        let proposes = |plugin: &PluginUse| self.host.sandbox.exports(&plugin.component, ContractExport::Prefill);
        if !procedure.plugins.iter().any(proposes) {
            return Ok(Map::new());
        }
        let plugins = self.host.about(account);
        let (known, version, now) = (procedure.clone(), version.clone(), self.clock.now());
        let ask = move || plugins.propose(&known, &version, &applicant, now);
        Ok(self.apart(procedure, ask).await?.unwrap_or_default())
    }

    /// Returns the verdicts of the plugins of a draft's procedure.
    pub(crate) async fn verdicts(
        &self,
        procedure: &Arc<Procedure>,
        draft: &Draft,
        now: Timestamp,
    ) -> Result<Vec<Verdict>, Error> {
        if procedure.plugins.is_empty() {
            return Ok(Vec::new());
        }
        let (procedures, known, version) = (self.procedures.clone(), procedure.clone(), draft.version.clone());
        let (plugins, typed, papers) = (self.host.about(&draft.account), draft.typed.clone(), draft.attached());
        let ask = move || plugins.consult(procedures.rules(&known), &version, &typed, &papers, now);
        match self.apart(procedure, ask).await? {
            Ok(verdicts) => Ok(verdicts),
            Err(fault) => {
                let unanswered = |plugin: &PluginUse| Verdict {
                    fault: Some(failed(procedure, plugin, &fault)),
                    ..Verdict::begin(plugin.component.clone())
                };
                Ok(procedure.plugins.iter().map(unanswered).collect())
            }
        }
    }

    /// Returns the plugins' choices before a command is decided.
    pub(crate) async fn choices(
        &self,
        procedure: &Arc<Procedure>,
        dossier: &Dossier,
        actor: &Actor,
        command: &Command,
        now: Timestamp,
    ) -> Result<Vec<PluginChoice>, Error> {
        let questions = questions(procedure, dossier, command);
        // The decision rejects a person who may not act, so no plugin is asked for that.
        let may = matches!(actor, Actor::System) || dossier.acts_at(actor).next().is_some();
        if questions.is_empty() || !may {
            return Ok(Vec::new());
        }
        let plugins = self.host.about(&dossier.filed.applicant.id);
        let (known, state, asked, asking) = (procedure.clone(), dossier.clone(), questions.clone(), plugins.clone());
        let ask = move || asking.choose(&known, &state, asked, now);
        let answered = self.apart(procedure, ask).await?;
        Ok(answered.unwrap_or_else(|fault| plugins.unasked(procedure, questions, &fault)))
    }

    /// Runs work that asks a procedure's plugins on the threads for them. Afterwards checks whether a plugin failed too
    /// often.
    pub(crate) async fn apart<T: Send + 'static>(
        &self,
        procedure: &Procedure,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Result<T, PluginFault>, Error> {
        let (answer, answered) = oneshot::channel();
        let components = procedure.plugins.iter().map(|plugin| &plugin.component);
        // The caller may have gone.
        let work = move || drop(answer.send(work()));
        if let Err(fault) = self.host.sandbox.spawn(components.clone(), work) {
            return Ok(Err(fault));
        }
        // A panic in the work drops the sender.
        let Ok(answer) = answered.await else { return Ok(Err(PluginFault::Broke)) };
        for component in components {
            self.note_suspension(component).await?;
        }
        Ok(Ok(answer))
    }

    /// Stores the suspension of a plugin that has failed so often that the sandbox no longer calls it.
    pub(crate) async fn note_suspension(&self, component: &Digest) -> Result<(), Error> {
        if !self.host.sandbox.is_suspended(component) {
            return Ok(());
        }
        let name = format!("{SUSPENDED}{component}");
        if jobs::setting(self.database.reader(), &name).await?.is_some() {
            return Ok(());
        }
        let last = self.host.sandbox.figures(component).and_then(|figures| figures.last_fault);
        let reason = format!("it cannot be started: {}", last.unwrap_or_default());
        tracing::error!(%component, reason, "a plugin is suspended");
        self.keep_suspension(component, String::new(), reason).await
    }

    async fn keep_suspension(&self, component: &Digest, by: String, reason: String) -> Result<(), Error> {
        let suspension = PluginSuspension { at: self.clock.now().as_second(), by, reason };
        let value = serde_json::to_string(&suspension).map_err(Error::fault)?;
        let transaction = self.database.begin().await?;
        // Another node, or an administrator, may have suspended the plugin at this moment. The first reason stays.
        transaction.add_setting(&format!("{SUSPENDED}{component}"), &value).await?;
        transaction.commit().await?;
        self.host.sandbox.suspend(component, true);
        Ok(())
    }

    async fn suspensions(&self) -> Result<BTreeMap<Digest, PluginSuspension>, Error> {
        let known = jobs::settings(self.database.reader(), SUSPENDED).await?;
        let read = |(name, value): (String, String)| {
            let component = name.strip_prefix(SUSPENDED)?.to_owned();
            Some((Digest(component), serde_json::from_str(&value).ok()?))
        };
        Ok(known.into_iter().filter_map(read).collect())
    }

    /// Applies the suspensions and resumptions by other nodes and administrators.
    pub async fn follow_suspensions(&self) -> Result<(), Error> {
        let suspended = self.suspensions().await?;
        for component in self.host.sandbox.components() {
            let now = suspended.contains_key(&component);
            if now != self.host.sandbox.is_suspended(&component) {
                self.host.sandbox.suspend(&component, now);
            }
        }
        Ok(())
    }

    /// Returns the plugins of offered procedures.
    pub async fn list(&self, actor: &Actor) -> Result<Vec<PluginView>, Error> {
        manager(actor)?;
        self.procedures.refresh().await?;
        self.follow_suspensions().await?;
        let mut suspended = self.suspensions().await?;
        let signers = self.signers().await?;
        let mut views: BTreeMap<Digest, PluginView> = BTreeMap::new();
        let catalogue = self.procedures.catalogue();
        for live in catalogue.all().iter().filter(|live| live.is_open()) {
            for plugin in &live.procedure.plugins {
                let component = &plugin.component;
                let view = views.entry(component.clone()).or_insert_with(|| PluginView {
                    component: component.clone(),
                    names: BTreeSet::new(),
                    about: self.host.sandbox.about(component),
                    figures: self.host.sandbox.figures(component).unwrap_or_default(),
                    suspended: suspended.remove(component),
                    used_by: Vec::new(),
                });
                view.names.insert(plugin.name.clone());
                view.used_by.push(UsingProcedure {
                    procedure: live.procedure.clone(),
                    signer: signers.get(&live.version).cloned(),
                    grant: plugin.grant.words(),
                    limits: plugin.limits.limits(),
                });
            }
        }
        Ok(views.into_values().collect())
    }

    async fn signers(&self) -> Result<BTreeMap<Digest, String>, Error> {
        let installed = motcua_store::versions::installed(self.database.reader()).await?;
        Ok(installed.into_iter().filter_map(|one| Some((one.version, one.signer?))).collect())
    }

    /// Returns one plugin of an offered procedure.
    pub async fn plugin(&self, actor: &Actor, component: &Digest) -> Result<PluginView, Error> {
        let all = self.list(actor).await?;
        all.into_iter().find(|view| view.component == *component).ok_or(Error::NotFound)
    }

    /// Suspends a plugin on all nodes, until it is resumed. A suspended plugin stays as it is.
    pub async fn suspend_plugin(&self, actor: &Actor, component: &Digest) -> Result<(), Error> {
        let by = manager(actor)?;
        if self.plugin(actor, component).await?.suspended.is_some() {
            return Ok(());
        }
        self.keep_suspension(component, by, String::new()).await
    }

    /// Resumes a plugin.
    pub async fn resume_plugin(&self, actor: &Actor, component: &Digest) -> Result<(), Error> {
        let by = manager(actor)?;
        self.plugin(actor, component).await?;
        let transaction = self.database.begin().await?;
        transaction.remove_setting(&format!("{SUSPENDED}{component}")).await?;
        transaction.commit().await?;
        self.host.sandbox.suspend(component, false);
        tracing::info!(%component, by, "a plugin is resumed");
        Ok(())
    }

    /// Returns whether a plugin of the procedure computes fees beside the procedure's own.
    pub fn reckons_fees(&self, procedure: &Procedure) -> bool {
        let assesses = |plugin: &PluginUse| self.host.sandbox.exports(&plugin.component, ContractExport::AssessFees);
        procedure.plugins.iter().any(assesses)
    }

    /// Returns the offered procedures of an officer's agencies whose plugin is suspended. People do its checks.
    pub fn unchecked(&self, actor: &Actor) -> Vec<Arc<Procedure>> {
        let Actor::Officer { posts, .. } = actor else { return Vec::new() };
        let catalogue = self.procedures.catalogue();
        let theirs = |live: &&Live| posts.iter().any(|post| live.offers.contains(&post.agency));
        let suspended = |plugin: &PluginUse| self.host.sandbox.is_suspended(&plugin.component);
        let open = catalogue.open().filter(theirs).map(|live| &live.procedure);
        open.filter(|procedure| procedure.plugins.iter().any(suspended)).cloned().collect()
    }
}
