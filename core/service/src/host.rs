//! Asking plugins in the sandbox: their inputs, the use of their answers, and their failures.
//!
//! The answer of a plugin is stored with everything that is needed to ask it again.

mod choices;

pub(crate) use choices::questions;

use jiff::Timestamp;
use motcua_domain::dossier::decide::{Rules, computed};
use motcua_domain::dossier::verdict::{Verdict, VerdictBasis};
use motcua_domain::form::judge::{Finding, JudgeFacts, judge};
use motcua_domain::form::proposal::fitting;
use motcua_domain::media::AttachedPaper;
use motcua_domain::names::{Digest, UserId};
use motcua_domain::procedure::Procedure;
use motcua_domain::procedure::plugin::{PluginUse, Policy};
use motcua_domain::text::Text;
use motcua_domain::time::calendar::local;
use motcua_sandbox::{ContractExport, PluginCall, PluginFault, Sandbox, digest};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// The sandbox, and the most that the province lets plugins do. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PluginHost {
    pub sandbox: Sandbox,
    pub policy: Arc<Policy>,
    applicant: Arc<str>,
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
            let found = answer.unwrap_or_else(|fault| {
                faults.push(fault);
                Vec::new()
            });
            verdict.findings = found.into_iter().map(|finding| worded(finding, &plugin.name)).collect();
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

/// Returns a finding with words in Vietnamese. A finding without any words names the plugin instead.
fn worded(mut finding: Finding, plugin: &str) -> Finding {
    finding.text.en = finding.text.en.filter(|en| !en.is_empty());
    if finding.text.vi.is_empty() {
        finding.text.vi = finding.text.en.clone().unwrap_or_default();
    }
    if finding.text.vi.is_empty() {
        let code = &finding.code;
        finding.text = Text::new(
            format!("Phần kiểm tra “{plugin}” có ý kiến ở đây nhưng không nêu lý do (mã “{code}”)."),
            format!("The check “{plugin}” has an objection here and gives no reason (code “{code}”)."),
        );
    }
    finding
}

/// Logs a failure and returns it in words.
pub(crate) fn failed(procedure: &Procedure, plugin: &PluginUse, fault: &PluginFault) -> String {
    tracing::error!(code = %procedure.code, plugin = plugin.name, component = %plugin.component, %fault, "plugin failed");
    fault.to_string()
}

impl PluginHost {
    /// Returns the plugins' proposals for a new form. Blocks.
    pub(crate) fn propose(
        &self,
        procedure: &Procedure,
        version: &Digest,
        applicant: &Json,
        now: Timestamp,
    ) -> Map<String, Json> {
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
        let fitting = |(name, value): (String, Json)| {
            let field = procedure.form.fields().map(|(_, field)| field).find(|field| field.id == name)?;
            let kind = Some(&field.kind).filter(|kind| kind.may_be_proposed())?;
            Some((name, fitting(kind, value)?))
        };
        proposed.into_iter().filter_map(fitting).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::worded;
    use motcua_domain::form::judge::Finding;
    use motcua_domain::text::{Language, Text};

    #[test]
    fn a_finding_without_words_names_its_plugin() {
        let said = |vi: &str, en: &str| worded(Finding::error("name", "short", Text::new(vi, en)), "identity").text;
        assert_eq!(said("Tên ngắn", "Short name"), Text::new("Tên ngắn", "Short name"));
        assert_eq!(said("Tên ngắn", "").get(Language::En), "Tên ngắn");
        assert_eq!(said("", "Short name").vi, "Short name");
        let nothing = said("", "");
        assert!(nothing.vi.contains("“identity”") && nothing.vi.contains("“short”"), "{nothing:?}");
        assert!(nothing.get(Language::En).contains("“identity”"), "{nothing:?}");
    }
}
