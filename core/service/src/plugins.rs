//! Asking plugins: their inputs, the use of their answers, and their failures.
//!
//! A plugin runs on threads of its own and never holds a transaction. Its answer is stored with everything that is
//! needed to ask it again.

use crate::drafts::{DraftView, attached};
use crate::releases::manager;
use crate::{DraftSeen, Error, Services};
use jiff::Timestamp;
use motcua_domain::dossier::decide::{Rules, computed};
use motcua_domain::dossier::verdict::{Verdict, VerdictBasis};
use motcua_domain::form::FieldKind;
use motcua_domain::form::judge::{JudgeFacts, judge};
use motcua_domain::media::AttachedPaper;
use motcua_domain::names::{Digest, UserId};
use motcua_domain::people::organisation::Actor;
use motcua_domain::procedure::Procedure;
use motcua_domain::procedure::plugin::{PluginLimits, PluginUse, Policy};
use motcua_domain::text::Text;
use motcua_domain::time::calendar::local;
use motcua_sandbox::{ComponentFacts, ContractExport, PluginCall, PluginFault, PluginFigures, Sandbox, digest};
use motcua_store::jobs;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::oneshot;

/// The beginning of the setting's name for a suspension. The component's digest follows.
const SUSPENDED: &str = "plugin-suspended/";

/// The sandbox, and the most that the province lets plugins do. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PluginHost {
    pub sandbox: Sandbox,
    pub policy: Arc<Policy>,
    applicant: Arc<str>,
}

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

/// Returns the input of a plugin: the procedure, the time, the plugin's settings, and the subject.
pub(crate) fn told(
    procedure: &Procedure,
    version: &Digest,
    plugin: &PluginUse,
    now: Timestamp,
    about: (&str, impl Serialize),
) -> Json {
    let local = local(now);
    let told = [
        ("procedure", json!(procedure.code)),
        ("version", json!(version)),
        ("now", json!(local.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())),
        ("today", json!(local.date().to_string())),
        ("settings", json!(plugin.settings)),
        (about.0, json!(about.1)),
    ];
    told.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

impl PluginHost {
    /// Creates the plugins in a sandbox, under a policy.
    pub fn new(sandbox: Sandbox, policy: Arc<Policy>) -> Self {
        Self { sandbox, policy, applicant: Arc::from("") }
    }

    /// Returns the same plugins for a dossier of this applicant.
    pub(crate) fn about(&self, applicant: &UserId) -> Self {
        Self { applicant: Arc::from(applicant.as_str()), ..self.clone() }
    }

    /// Returns the plugin to call, if the province allows the procedure's grant.
    pub(crate) fn ask<'a>(&'a self, plugin: &'a PluginUse) -> Result<PluginCall<'a>, String> {
        match self.policy.excess(plugin).first() {
            Some(excess) => Err(excess.to_string()),
            None => Ok(PluginCall {
                component: &plugin.component,
                limits: plugin.limits.limits(),
                grant: &plugin.grant,
                applicant: &self.applicant,
            }),
        }
    }

    pub(crate) fn basis(&self, plugin: &PluginUse, input: &Json, fuel: u64) -> VerdictBasis {
        let digest_of = |name: &String| Some((name.clone(), self.sandbox.registry_digest(name)?));
        VerdictBasis {
            input: digest(input.to_string().as_bytes()),
            registries: plugin.grant.lookup.iter().filter_map(digest_of).collect(),
            fuel,
            at: None,
        }
    }

    /// Returns the answers of all plugins of a procedure to the typed form. Blocks, because each plugin may use its
    /// whole budget.
    pub fn consult(
        &self,
        rules: Rules<'_>,
        version: &Digest,
        typed: &Map<String, Json>,
        papers: &[AttachedPaper],
        now: Timestamp,
    ) -> Vec<Verdict> {
        let procedure = rules.procedure;
        let judged = |computed: Option<&Map<String, Json>>| {
            let given = JudgeFacts { now, registries: rules.registries, files: papers, computed };
            judge(&procedure.form, typed, given).values
        };
        let plain = judged(None);
        let mut verdicts: Vec<Verdict> =
            procedure.plugins.iter().map(|plugin| self.compute(procedure, version, plugin, &plain, now)).collect();
        let computed = computed(&verdicts);
        let values = if computed.is_empty() { plain } else { judged(Some(&computed)) };
        for (plugin, verdict) in procedure.plugins.iter().zip(&mut verdicts) {
            self.judge(procedure, version, plugin, &values, now, verdict);
        }
        verdicts
    }

    /// Begins a verdict with the values of the fields that plugins compute.
    pub(crate) fn compute(
        &self,
        procedure: &Procedure,
        version: &Digest,
        plugin: &PluginUse,
        values: &Map<String, Json>,
        now: Timestamp,
    ) -> Verdict {
        let mut verdict = Verdict::begin(plugin.component.clone());
        let left = |field: &str| {
            procedure.form.fields().any(|(_, known)| known.id == field && known.kind.is_left_to_plugins())
        };
        match self.ask(plugin) {
            Err(reason) => verdict.fault = Some(reason),
            Ok(ask) if self.sandbox.exports(&plugin.component, ContractExport::Compute) => {
                let input = told(procedure, version, plugin, now, ("values", values));
                let (answer, spent) = self.sandbox.compute(&ask, &input);
                verdict.basis = Some(self.basis(plugin, &input, spent.fuel));
                match answer {
                    Ok(computed) => verdict.computed = computed.into_iter().filter(|(name, _)| left(name)).collect(),
                    Err(fault) => verdict.fault = Some(failed(procedure, plugin, &fault)),
                }
            }
            Ok(_) => {}
        }
        verdict
    }

    /// Adds a plugin's findings about the values, and its fees.
    pub(crate) fn judge(
        &self,
        procedure: &Procedure,
        version: &Digest,
        plugin: &PluginUse,
        values: &Map<String, Json>,
        now: Timestamp,
        verdict: &mut Verdict,
    ) {
        let Ok(ask) = self.ask(plugin) else { return };
        let input = told(procedure, version, plugin, now, ("values", values));
        let mut fuel = verdict.basis.as_ref().map_or(0, |basis| basis.fuel);
        let mut faults = Vec::new();
        if !self.sandbox.knows(&plugin.component) {
            faults.push(PluginFault::NotLoaded(plugin.component.clone()));
        }
        if self.sandbox.exports(&plugin.component, ContractExport::Validate) {
            let (answer, spent) = self.sandbox.validate(&ask, &input);
            fuel += spent.fuel;
            verdict.findings = answer.unwrap_or_else(|fault| {
                faults.push(fault);
                Vec::new()
            });
        }
        if self.sandbox.exports(&plugin.component, ContractExport::AssessFees) {
            let (answer, spent) = self.sandbox.assess_fees(&ask, &input);
            fuel += spent.fuel;
            verdict.fees = answer.unwrap_or_else(|fault| {
                faults.push(fault);
                Vec::new()
            });
        }
        for fault in &faults {
            let words = failed(procedure, plugin, fault);
            verdict.fault.get_or_insert(words);
        }
        verdict.basis = Some(self.basis(plugin, &input, fuel));
    }
}

/// Logs a failure and returns it in words.
pub(crate) fn failed(procedure: &Procedure, plugin: &PluginUse, fault: &PluginFault) -> String {
    tracing::error!(code = %procedure.code, plugin = plugin.name, component = %plugin.component, %fault, "plugin failed");
    fault.to_string()
}

impl PluginHost {
    /// Returns the plugins' proposals for a new form. Blocks.
    fn propose(&self, procedure: &Procedure, version: &Digest, applicant: &Json, now: Timestamp) -> Map<String, Json> {
        let mut proposed = Map::new();
        for plugin in &procedure.plugins {
            let Ok(ask) = self.ask(plugin) else { continue };
            if !self.sandbox.exports(&plugin.component, ContractExport::Prefill) {
                continue;
            }
            match self.sandbox.prefill(&ask, &told(procedure, version, plugin, now, ("applicant", applicant))).0 {
                Ok(values) => proposed.extend(values),
                // A missing proposal harms nobody.
                Err(fault) => drop(failed(procedure, plugin, &fault)),
            }
        }
        let takes = |name: &String| {
            let field = procedure.form.fields().find(|(_, field)| field.id == *name).map(|(_, field)| &field.kind);
            field.is_some_and(FieldKind::may_be_proposed)
        };
        proposed.into_iter().filter(|(name, _)| takes(name)).collect()
    }
}

impl Services {
    /// Returns the plugins' proposals for a new form.
    pub(crate) async fn proposals(
        &self,
        procedure: &Arc<Procedure>,
        version: &Digest,
        account: &UserId,
        applicant: Json,
    ) -> Result<Map<String, Json>, Error> {
        let proposes =
            |plugin: &PluginUse| self.inner.plugins.sandbox.exports(&plugin.component, ContractExport::Prefill);
        if !procedure.plugins.iter().any(proposes) {
            return Ok(Map::new());
        }
        let plugins = self.inner.plugins.about(account);
        let (known, version, now) = (procedure.clone(), version.clone(), self.now());
        let ask = move || plugins.propose(&known, &version, &applicant, now);
        Ok(self.apart(procedure, ask).await?.unwrap_or_default())
    }

    /// Returns the verdicts of the plugins of a draft's procedure.
    pub(crate) async fn verdicts(&self, view: &DraftView, now: Timestamp) -> Result<Vec<Verdict>, Error> {
        let DraftView { procedure, draft, .. } = view;
        if procedure.plugins.is_empty() {
            return Ok(Vec::new());
        }
        let (services, known, version) = (self.clone(), procedure.clone(), draft.version.clone());
        let (plugins, typed, papers) = (self.inner.plugins.about(&draft.account), draft.typed.clone(), attached(draft));
        let ask = move || plugins.consult(services.rules(&known), &version, &typed, &papers, now);
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

    /// Returns the verdicts as [`Self::verdicts`] does, for a draft that is filed now and was reviewed before.
    ///
    /// Plugins get the time of the review. Their verdict on the same draft is then the one that the applicant saw, even
    /// if it depends on the second.
    pub(crate) async fn verdicts_as_reviewed(
        &self,
        view: &DraftView,
        reviewed: Option<&DraftSeen>,
        now: Timestamp,
    ) -> Result<Vec<Verdict>, Error> {
        let asked = reviewed.map_or(now, |reviewed| reviewed.time_to_ask(now));
        let mut verdicts = self.verdicts(view, asked).await?;
        // Plugins get whole seconds.
        let second = Timestamp::from_second(asked.as_second()).ok();
        for basis in verdicts.iter_mut().filter_map(|verdict| verdict.basis.as_mut()) {
            basis.at = second;
        }
        Ok(verdicts)
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
        if let Err(fault) = self.inner.plugins.sandbox.spawn(components.clone(), work) {
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
        if !self.inner.plugins.sandbox.is_suspended(component) {
            return Ok(());
        }
        let name = format!("{SUSPENDED}{component}");
        if jobs::setting(self.inner.database.reader(), &name).await?.is_some() {
            return Ok(());
        }
        let last = self.inner.plugins.sandbox.figures(component).and_then(|figures| figures.last_fault);
        let reason = format!("it cannot be started: {}", last.unwrap_or_default());
        tracing::error!(%component, reason, "a plugin is suspended");
        self.keep_suspension(component, String::new(), reason).await
    }

    async fn keep_suspension(&self, component: &Digest, by: String, reason: String) -> Result<(), Error> {
        let suspension = PluginSuspension { at: self.now().as_second(), by, reason };
        let value = serde_json::to_string(&suspension).map_err(Error::fault)?;
        let transaction = self.inner.database.begin().await?;
        transaction.set_setting(&format!("{SUSPENDED}{component}"), &value).await?;
        transaction.commit().await?;
        self.inner.plugins.sandbox.suspend(component, true);
        Ok(())
    }

    async fn suspensions(&self) -> Result<BTreeMap<Digest, PluginSuspension>, Error> {
        let known = jobs::settings(self.inner.database.reader(), SUSPENDED).await?;
        let read = |(name, value): (String, String)| {
            let component = name.strip_prefix(SUSPENDED)?.to_owned();
            Some((Digest(component), serde_json::from_str(&value).ok()?))
        };
        Ok(known.into_iter().filter_map(read).collect())
    }

    /// Applies the suspensions and resumptions by other nodes and administrators.
    pub async fn follow_suspensions(&self) -> Result<(), Error> {
        let suspended = self.suspensions().await?;
        for component in self.inner.plugins.sandbox.components() {
            let now = suspended.contains_key(&component);
            if now != self.inner.plugins.sandbox.is_suspended(&component) {
                self.inner.plugins.sandbox.suspend(&component, now);
            }
        }
        Ok(())
    }

    /// Returns the plugins of offered procedures.
    pub async fn plugins(&self, actor: &Actor) -> Result<Vec<PluginView>, Error> {
        manager(actor)?;
        self.refresh().await?;
        self.follow_suspensions().await?;
        let mut suspended = self.suspensions().await?;
        let signers = self.signers().await?;
        let mut views: BTreeMap<Digest, PluginView> = BTreeMap::new();
        let catalogue = self.catalogue();
        for live in catalogue.all().iter().filter(|live| live.is_open()) {
            for plugin in &live.procedure.plugins {
                let component = &plugin.component;
                let view = views.entry(component.clone()).or_insert_with(|| PluginView {
                    component: component.clone(),
                    names: BTreeSet::new(),
                    about: self.inner.plugins.sandbox.about(component),
                    figures: self.inner.plugins.sandbox.figures(component).unwrap_or_default(),
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
        let installed = motcua_store::versions::installed(self.inner.database.reader()).await?;
        Ok(installed.into_iter().filter_map(|one| Some((one.version, one.signer?))).collect())
    }

    /// Returns one plugin of an offered procedure.
    pub async fn plugin(&self, actor: &Actor, component: &Digest) -> Result<PluginView, Error> {
        let all = self.plugins(actor).await?;
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
        let transaction = self.inner.database.begin().await?;
        transaction.remove_setting(&format!("{SUSPENDED}{component}")).await?;
        transaction.commit().await?;
        self.inner.plugins.sandbox.suspend(component, false);
        tracing::info!(%component, by, "a plugin is resumed");
        Ok(())
    }

    /// Returns whether a plugin of the procedure computes fees beside the procedure's own.
    pub fn reckons_fees(&self, procedure: &Procedure) -> bool {
        let assesses =
            |plugin: &PluginUse| self.inner.plugins.sandbox.exports(&plugin.component, ContractExport::AssessFees);
        procedure.plugins.iter().any(assesses)
    }

    /// Returns the offered procedures of an officer's agencies whose plugin is suspended. People do its checks.
    pub fn unchecked(&self, actor: &Actor) -> Vec<Arc<Procedure>> {
        let Actor::Officer { posts, .. } = actor else { return Vec::new() };
        let catalogue = self.catalogue();
        let theirs = |procedure: &Procedure| posts.iter().any(|post| post.agency == procedure.agency);
        let suspended = |plugin: &PluginUse| self.inner.plugins.sandbox.is_suspended(&plugin.component);
        let open = catalogue.all().iter().filter(|live| live.is_open()).map(|live| &live.procedure);
        open.filter(|procedure| theirs(procedure) && procedure.plugins.iter().any(suspended)).cloned().collect()
    }
}
