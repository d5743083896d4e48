//! The choices that a workflow leaves to plugins: the action, and the officer for a step.

use super::{PluginHost, failed, told};
use jiff::Timestamp;
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::command::{Candidate, Command, TakenAction};
use motcua_domain::dossier::verdict::PluginChoice;
use motcua_domain::dossier::verdict::{action_question, officer_question};
use motcua_domain::procedure::Procedure;
use motcua_domain::procedure::plugin::PluginUse;
use motcua_domain::text;
use motcua_domain::text::{Language, Text};
use motcua_domain::workflow::{Action, Assign, Effect, Requirement, Step, Workflow};
use motcua_sandbox::{ContractExport, PluginFault};

/// A question that the workflow leaves to a plugin.
#[derive(Clone)]
pub(crate) struct PluginQuestion {
    question: String,
    choices: Vec<String>,
}

/// Returns the questions to answer before a command is decided: whether a plugin allows the action, and who gets the
/// next steps.
pub(crate) fn questions(procedure: &Procedure, dossier: &Dossier, command: &Command) -> Vec<PluginQuestion> {
    let Some(TakenAction { stay, action, staff }) = command.profile().takes else { return Vec::new() };
    let workflow = &procedure.workflow;
    let step = dossier.flow.stay(stay).and_then(|stay| workflow.step(&stay.at.step));
    let Some(step) = step else { return Vec::new() };
    let taken = match action {
        Some(id) => step.action(id),
        None => step.timed().map(|(action, _)| action),
    };
    let Some(taken) = taken else { return Vec::new() };
    let mut questions = Vec::new();
    if action.is_some() && taken.requires.contains(&Requirement::Plugin) {
        let choices = step.left_to_plugin().map(|action| action.id.to_string()).collect();
        questions.push(PluginQuestion { question: action_question(step), choices });
    }
    for next in may_begin(workflow, dossier, step, taken).filter(|next| next.assign == Assign::Plugin) {
        let alone = [next.place.as_ref().unwrap_or(&dossier.place).clone()];
        let places = next.many.as_ref().map_or(alone.as_slice(), |many| many.places.as_slice());
        let serves = |candidate: &&Candidate| places.iter().any(|place| candidate.serves(next, place));
        let fit = staff.iter().filter(serves);
        let choices: Vec<String> = fit.map(|candidate| candidate.login.clone()).collect();
        if !choices.is_empty() {
            questions.push(PluginQuestion { question: officer_question(next), choices });
        }
    }
    questions
}

/// Returns the steps that an action at `step` may begin, each once: those to which it leads, the step after the answers
/// of several units, and the joins at which a branch waits already, because the action may be the last thing that they
/// wait for.
fn may_begin<'a>(
    workflow: &'a Workflow,
    dossier: &'a Dossier,
    step: &'a Step,
    action: &'a Action,
) -> impl Iterator<Item = &'a Step> {
    let leads_to = move |next: &Step| action.effect.targets().any(|to| *to == next.id);
    let is_answered = move |next: &Step| {
        action.effect == Effect::Answer && step.many.as_ref().is_some_and(|many| many.then == next.id)
    };
    let is_awaited = move |next: &Step| {
        next.joins_branches() && dossier.flow.arrived.iter().any(|branch| branch.to == next.id && !branch.spent)
    };
    workflow.steps.iter().filter(move |next| leads_to(next) || is_answered(next) || is_awaited(next))
}

impl PluginHost {
    /// Returns the plugins' choices before a command is decided. Blocks.
    pub(crate) fn choices(
        &self,
        procedure: &Procedure,
        dossier: &Dossier,
        command: &Command,
        now: Timestamp,
    ) -> Vec<PluginChoice> {
        self.choose(procedure, dossier, questions(procedure, dossier, command), now)
    }

    /// Returns the first plugin that makes choices. If none does, returns the first plugin, so that its failure is
    /// recorded.
    fn chooser<'a>(&self, procedure: &'a Procedure) -> Option<&'a PluginUse> {
        let chooses = |plugin: &&PluginUse| self.sandbox.exports(&plugin.component, ContractExport::Route);
        procedure.plugins.iter().find(chooses).or_else(|| procedure.plugins.first())
    }

    /// Returns the records of questions that could not be asked.
    pub(crate) fn unasked(
        &self,
        procedure: &Procedure,
        questions: Vec<PluginQuestion>,
        fault: &PluginFault,
    ) -> Vec<PluginChoice> {
        let Some(plugin) = self.chooser(procedure) else { return Vec::new() };
        let words = failed(procedure, plugin, fault);
        let unasked = |PluginQuestion { question, choices }| PluginChoice {
            component: plugin.component.clone(),
            question,
            choices,
            choice: None,
            fault: Some(words.clone()),
            basis: None,
        };
        questions.into_iter().map(unasked).collect()
    }

    /// Asks the first plugin that chooses.
    pub(crate) fn choose(
        &self,
        procedure: &Procedure,
        dossier: &Dossier,
        questions: Vec<PluginQuestion>,
        now: Timestamp,
    ) -> Vec<PluginChoice> {
        let Some(plugin) = self.chooser(procedure) else { return Vec::new() };
        let input = told(procedure, &dossier.procedure, plugin, now, ("values", &dossier.values));
        let choose = |PluginQuestion { question, choices }: PluginQuestion| {
            let (answer, fuel) = match self.ask(plugin) {
                Ok(ask) => {
                    let (answer, spent) = self.sandbox.route(&ask, &input, &question, &choices);
                    (answer.map_err(|fault| failed(procedure, plugin, &fault)), spent.fuel)
                }
                Err(reason) => (Err(reason), 0),
            };
            let basis = Some(self.basis(plugin, &input, fuel));
            let (choice, fault) = answer.map_or_else(|fault| (None, Some(fault)), |choice| (choice, None));
            PluginChoice { component: plugin.component.clone(), question, choices, choice, fault, basis }
        };
        questions.into_iter().map(choose).collect()
    }

    /// Asks for an earlier choice again.
    pub(crate) fn choose_again(
        &self,
        procedure: &Procedure,
        before: &Dossier,
        old: &PluginChoice,
        now: Timestamp,
    ) -> Option<PluginChoice> {
        let question = PluginQuestion { question: old.question.clone(), choices: old.choices.clone() };
        self.choose(procedure, before, vec![question], now).pop()
    }
}

/// Returns the interfaces that the plugins of a procedure have to export, each with the reason.
fn needed(procedure: &Procedure) -> Vec<(ContractExport, Text)> {
    let mut needed = Vec::new();
    for (_, field) in procedure.form.fields().filter(|(_, field)| field.kind.is_left_to_plugins()) {
        let id = &field.id;
        let why = text!("trường `{id}` được giao cho thành phần bổ sung", "the field `{id}` is left to a plugin");
        needed.push((ContractExport::Compute, why));
    }
    for step in &procedure.workflow.steps {
        for action in step.left_to_plugin() {
            let (action, step) = (&action.id, &step.id);
            let why = text!(
                "thao tác `{action}` của bước `{step}` cần một thành phần bổ sung chọn nó",
                "the action `{action}` of step `{step}` requires a plugin to choose it",
            );
            needed.push((ContractExport::Route, why));
        }
        if step.assign == Assign::Plugin {
            let step = &step.id;
            let why = text!(
                "việc chọn cán bộ của bước `{step}` được giao cho thành phần bổ sung",
                "the officer of step `{step}` is left to a plugin",
            );
            needed.push((ContractExport::Route, why));
        }
    }
    needed
}

impl PluginHost {
    /// Returns the settings of the author that a loaded plugin rejects.
    pub fn wrong_settings(&self, plugin: &PluginUse) -> Vec<String> {
        self.sandbox.wrong_settings(&plugin.component, &plugin.settings)
    }

    /// Returns the tasks that a procedure leaves to its plugins and that none of them does. The plugins have to be
    /// loaded.
    pub fn not_done(&self, procedure: &Procedure) -> Vec<Text> {
        let done = |export| procedure.plugins.iter().any(|plugin| self.sandbox.exports(&plugin.component, export));
        let missing = needed(procedure).into_iter().filter(|(export, _)| !done(*export));
        let told = |(export, why): (ContractExport, Text)| {
            let (vi, en, export) = (why.get(Language::Vi), why.get(Language::En), export.name());
            text!("{vi}, nhưng không thành phần bổ sung nào xuất `{export}`", "{en}, and no plugin exports `{export}`")
        };
        missing.map(told).collect()
    }
}
