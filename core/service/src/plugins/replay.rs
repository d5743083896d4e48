//! Asking plugins again. The same component with the same basis gives the same answer on any machine.

use super::PluginService;
use super::meaning::{compare, same_fault, same_value};
use crate::Error;
use jiff::Timestamp;
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::decide::computed;
use motcua_domain::dossier::event::Submission;
use motcua_domain::dossier::verdict::{PluginChoice, Verdict, VerdictBasis};
use motcua_domain::form::FieldKind;
use motcua_domain::form::judge::{JudgeFacts, judge};
use motcua_domain::media::AttachedPaper;
use motcua_domain::names::{Digest, DossierCode};
use motcua_domain::procedure::Procedure;
use motcua_store::journal;
use serde_json::{Map, Value as Json};

/// The repetition of one answer of a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayedAnswer {
    /// The number of the event in the dossier's journal, from 1.
    pub event: usize,
    pub at: Timestamp,
    pub name: &'static str,
    /// The question: `verdict`, or the question of a choice.
    pub asked: String,
    pub plugin: String,
    pub component: Digest,
    pub fuel: u64,
    /// The differences, or nothing if the answer is the same.
    pub differences: Vec<String>,
}

/// Returns the differences between two answers, and their possible reasons.
fn differences(old: Option<&VerdictBasis>, new: Option<&VerdictBasis>, same: &[(&str, bool)]) -> Vec<String> {
    let mut found: Vec<String> =
        same.iter().filter(|(_, same)| !same).map(|(what, _)| format!("{what} differ")).collect();
    if let (Some(old), Some(new)) = (old, new) {
        if old.input != new.input {
            found.push("it is asked something else: the input cannot be made again".to_owned());
        }
        for (name, digest) in &old.registries {
            if new.registries.get(name) != Some(digest) {
                found.push(format!("the registry `{name}` has changed since"));
            }
        }
        if old.fuel != new.fuel {
            found.push(format!("it used {} units of fuel, {} before", new.fuel, old.fuel));
        }
    }
    found
}

impl PluginService {
    /// Repeats all questions to plugins about a dossier.
    pub async fn replay(&self, code: &DossierCode) -> Result<Vec<ReplayedAnswer>, Error> {
        let events = journal::events(self.database.reader(), code).await?;
        if events.is_empty() {
            return Err(Error::NotFound);
        }
        let mut replayed = Vec::new();
        for (at, recorded) in events.iter().enumerate() {
            let before = events.get(..at).filter(|before| !before.is_empty());
            let before = before.map(Dossier::replay).transpose().map_err(Error::fault)?;
            let submitted = recorded.event.submitted().and_then(|content| {
                let version = match content.filed {
                    Some(filed) => &filed.version,
                    None => &before.as_ref()?.procedure,
                };
                Some((content, version))
            });
            let one = |asked: String, component: &Digest, procedure: &Procedure, fuel, differences| ReplayedAnswer {
                event: at + 1,
                at: recorded.at,
                name: recorded.event.name(),
                asked,
                plugin: name_of(procedure, component),
                component: component.clone(),
                fuel,
                differences,
            };
            if let Some((content, version)) = submitted.filter(|(content, _)| !content.verdicts.is_empty()) {
                let Submission { values, papers, verdicts, .. } = content;
                let procedure = self.procedures.version(version).await?;
                let told_at = verdicts.iter().find_map(|verdict| verdict.basis.as_ref()?.at);
                let (services, known, at) = (self.clone(), procedure.clone(), told_at.unwrap_or(recorded.at));
                let (version, values, papers, old) =
                    (version.clone(), values.clone(), papers.to_vec(), verdicts.to_vec());
                let again = move || services.verdicts_again(&known, &version, &values, &papers, &old, at);
                let again = self.apart(&procedure, again).await?.map_err(Error::fault)?;
                for (old, new) in verdicts.iter().zip(again) {
                    let same = compare(old, &new);
                    let found = differences(old.basis.as_ref(), new.basis.as_ref(), &same);
                    let fuel = new.basis.map_or(0, |basis| basis.fuel);
                    replayed.push(one("verdict".to_owned(), &old.component, &procedure, fuel, found));
                }
            }
            if let Some(before) = before.filter(|_| !recorded.choices.is_empty()) {
                let procedure = self.procedures.version(&before.procedure).await?;
                for old in &recorded.choices {
                    let (services, known, at) = (self.clone(), procedure.clone(), recorded.at);
                    let (state, chosen) = (before.clone(), old.clone());
                    let again = move || services.choice_again(&known, &state, &chosen, at);
                    let new = self.apart(&procedure, again).await?.map_err(Error::fault)?;
                    let failures = same_fault(old.fault.as_ref(), new.fault.as_ref());
                    let same = [("the choices", old.choice == new.choice), ("the failures", failures)];
                    let found = differences(old.basis.as_ref(), new.basis.as_ref(), &same);
                    let fuel = new.basis.map_or(0, |basis| basis.fuel);
                    replayed.push(one(old.question.clone(), &old.component, &procedure, fuel, found));
                }
            }
        }
        Ok(replayed)
    }

    fn verdicts_again(
        &self,
        procedure: &Procedure,
        version: &Digest,
        values: &Map<String, Json>,
        papers: &[AttachedPaper],
        verdicts: &[Verdict],
        at: Timestamp,
    ) -> Vec<Verdict> {
        let plain = self.before_plugins(procedure, values, papers, at);
        let plugins =
            procedure.plugins.iter().filter(|plugin| verdicts.iter().any(|old| old.component == plugin.component));
        let mut again: Vec<Verdict> =
            plugins.clone().map(|plugin| self.host.compute(procedure, version, plugin, &plain, at)).collect();
        let values = if computed(&again).is_empty() { &plain } else { values };
        for (plugin, verdict) in plugins.zip(&mut again) {
            self.host.judge(procedure, version, plugin, values, at, verdict);
        }
        again
    }

    /// Returns the values before plugins computed theirs. Values that rest on those are not there.
    fn before_plugins(
        &self,
        procedure: &Procedure,
        values: &Map<String, Json>,
        papers: &[AttachedPaper],
        now: Timestamp,
    ) -> Map<String, Json> {
        let kind =
            |name: &str| procedure.form.fields().find(|(_, field)| field.id == name).map(|(_, field)| &field.kind);
        if !procedure.form.fields().any(|(_, field)| field.kind.is_left_to_plugins()) {
            return values.clone();
        }
        let registries = &self.province.registries;
        let without =
            judge(&procedure.form, values, JudgeFacts { now, registries, files: papers, computed: None }).values;
        let is_computed = |name: &str| kind(name).is_some_and(FieldKind::is_computed);
        let kept = values.iter().filter(|(name, _)| !is_computed(name) || without.contains_key(*name));
        kept.map(|(name, value)| {
            // A value that differs only by the cleaning of texts stays as it was filed.
            let other = without.get(name).filter(|again| is_computed(name) && !same_value(value, again));
            (name.clone(), other.unwrap_or(value).clone())
        })
        .collect()
    }

    fn choice_again(&self, procedure: &Procedure, before: &Dossier, old: &PluginChoice, at: Timestamp) -> PluginChoice {
        let again = self.host.choose_again(procedure, before, old, at);
        again.unwrap_or_else(|| PluginChoice {
            choice: None,
            fault: Some("the procedure asks no plugin".to_owned()),
            ..old.clone()
        })
    }
}

fn name_of(procedure: &Procedure, component: &Digest) -> String {
    let plugin = procedure.plugins.iter().find(|plugin| plugin.component == *component);
    plugin.map(|plugin| plugin.name.clone()).unwrap_or_default()
}
