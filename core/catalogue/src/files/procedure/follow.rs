//! The workflow of a procedure: its parameters and limits, and the meaning of its conditions on this form.

use crate::context::ProcedureContext;
use crate::files::form;
use crate::files::workflow::places::{StepPlaces, WorkflowPlaces};
use crate::files::workflow::{Templates, WorkflowTemplate, file_of, reminder_problem};
use crate::reading::diagnostic::{MistakeReport, SourceFile};
use crate::reading::node::{FileTable, Placed, WrittenExpressions, parse_limit};
use crate::reading::tree::ORGANISATION;
use motcua_domain::form::Form;
use motcua_domain::legal::LegalDocument;
use motcua_domain::procedure::LimitCase;
use motcua_domain::text;
use motcua_domain::text::{Language, Text};
use motcua_domain::time::calendar::Limit;
use motcua_domain::workflow::{Step, UnitPlace, Workflow};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

mod bases;
mod came;
mod conditions;
mod limits;
mod posts;
mod visits;
mod ways;

/// The limits of a procedure.
pub struct ProcedureLimits<'a> {
    pub whole: Option<&'a Placed<Limit>>,
    /// The shortest limit of an agency whose steps have no limits of their own, outside of all cases.
    pub shortest: Option<Placed<Limit>>,
    pub cases: &'a [LimitCase],
}

/// Returns the workflow that a procedure names, adapted to this procedure. `own` has the unit of each agency that
/// offers the procedure, as far as they are known.
pub fn read(
    root: &FileTable<'_>,
    context: &ProcedureContext<'_>,
    limits_of: &ProcedureLimits<'_>,
    own: &[UnitPlace],
    form: &Form,
    documents: &[LegalDocument],
    written: &WrittenExpressions,
) -> Option<Workflow> {
    let name = root.required_string("workflow", "\"one-stop\"");
    let limits = root.table("step_limits");
    let parameters = root.table("workflow_with");
    let name = name?;
    let templates = context.workflows;
    let Some(template) = templates.0.get(&name.value) else {
        let known = templates.0.keys().map(String::as_str);
        root.resting_on(&[&file_of(&name.value)], || root.unknown_word("workflow", &name, known));
        return None;
    };
    // A mistake in the file of the workflow, or of one of its parts, may cause all that follows.
    let mut causes = templates.files_of(&name.value);
    if !written.faulty.is_empty() || form::has_wrong_section(&root.source.text) {
        causes.push(root.source.file.clone());
    }
    let causes: Vec<&str> = causes.iter().map(String::as_str).collect();
    root.resting_on(&causes, || {
        let mut values = BTreeMap::new();
        let (mut workflow, places) = match &parameters {
            Some(table) => with_parameters(table, context, &name.value, template, &mut values)
                .map(|(workflow, places)| (workflow, Cow::Owned(places)))?,
            None => (template.workflow.clone(), Cow::Borrowed(&template.places)),
        };
        if let Some(limits) = &limits {
            set_limits(limits, &mut workflow, &template.workflow);
        }
        let named = NamedWorkflow { id: &name.value, span: name.span.clone(), values: &values };
        let folder = &context.folder();
        let check = FollowCheck { root, named: &named, workflow: &workflow, places: &places, templates, folder, form };
        check.conditions(own);
        check.bases(documents);
        check.reminders();
        check.visits(limits_of);
        check.limits(limits_of, &template.workflow);
        if !own.is_empty() {
            root.resting_on(&[ORGANISATION], || check.posts(context.province, own));
        }
        Some(workflow)
    })
}

/// The workflow as the procedure names it.
struct NamedWorkflow<'a> {
    id: &'a str,
    /// The place at which the procedure names it.
    span: Range<usize>,
    /// The places of the procedure's own values for parameters.
    values: &'a BTreeMap<String, Range<usize>>,
}

/// Puts the limits under `[step_limits]` into the steps of a workflow, whose steps are those of the template.
fn set_limits(limits: &FileTable<'_>, workflow: &mut Workflow, template: &Workflow) {
    let mut of_above = Vec::new();
    for (step, text) in limits.free_strings() {
        match workflow.steps.iter_mut().find(|known| known.id.as_str() == step.value) {
            Some(known) => known.limit = parse_limit(limits, &text).or(known.limit),
            None if limits.is_of_above(&step.value) => of_above.push(step),
            None => limits.unknown_word("step", &step, template.steps.iter().map(|step| step.id.as_str())),
        }
    }
    limits.finish_misplaced(of_above.iter().map(|key| (key.value.as_str(), key.span.clone())).collect(), "");
}

/// Returns the template with the procedure's own values for parameters. Reports each mistake that they cause at the
/// value, if one value alone causes it, and otherwise at the table.
fn with_parameters(
    table: &FileTable<'_>,
    context: &ProcedureContext<'_>,
    id: &str,
    template: &WorkflowTemplate,
    spans: &mut BTreeMap<String, Range<usize>>,
) -> Option<(Workflow, WorkflowPlaces)> {
    let known = &template.parameters;
    let (mut values, mut of_above) = (BTreeMap::new(), Vec::new());
    for (name, value) in table.free_strings() {
        if known.contains_key(&name.value) {
            spans.insert(name.value.clone(), value.span);
            values.insert(name.value, value.value);
        } else if table.is_of_above(&name.value) {
            of_above.push(name);
        } else {
            table.unknown_word("parameter", &name, known.keys().map(String::as_str));
        }
    }
    table.finish_misplaced(of_above.iter().map(|key| (key.value.as_str(), key.span.clone())).collect(), "");
    let report = MistakeReport::default();
    let read = context.workflows.with(id, &values, context.province.workflow_context(), &report);
    let mut fits = true;
    // The mistakes of the file itself are reported at the file.
    for mistake in report.finish().iter().filter(|mistake| !template.mistakes.contains(mistake)) {
        let value = template.parameter_at(mistake.span()).and_then(|name| spans.get(name));
        let (file, line, column) = (&mistake.file, mistake.line, mistake.column);
        let (vi, en) = (mistake.message.get(Language::Vi), mistake.message.get(Language::En));
        let message = text!(
            "với các tham số này, quy trình có lỗi tại {file}:{line}:{column}: {vi}",
            "with these parameters the workflow has a mistake at {file}:{line}:{column}: {en}"
        );
        table.mistake("bad-parameter", value.unwrap_or(&table.span).clone(), message, mistake.help.clone());
        fits = false;
    }
    read.filter(|_| fits)
}

struct FollowCheck<'a> {
    root: &'a FileTable<'a>,
    named: &'a NamedWorkflow<'a>,
    workflow: &'a Workflow,
    places: &'a WorkflowPlaces,
    templates: &'a Templates,
    /// The folder of the procedure.
    folder: &'a str,
    form: &'a Form,
}

/// A place in a file.
struct Spot<'a> {
    source: &'a SourceFile,
    span: Range<usize>,
}

impl FollowCheck<'_> {
    /// Returns the place of something in a step. A parameter that the procedure sets has its place at the value.
    fn spot(&self, step: &Step, of: impl FnOnce(&StepPlaces) -> Option<&Range<usize>>) -> Spot<'_> {
        let own = |span: &Range<usize>| Spot { source: self.root.source, span: span.clone() };
        let in_workflow = || {
            let places = self.places.get(&step.id)?;
            let span = of(places)?;
            let template = self.templates.0.get(&places.workflow)?;
            let set = template.parameter_at(span).filter(|_| places.workflow == self.named.id);
            let value = set.and_then(|name| self.named.values.get(name));
            let source = self.templates.source(&places.workflow)?;
            Some(value.map_or_else(|| Spot { source, span: span.clone() }, own))
        };
        in_workflow().unwrap_or_else(|| own(&self.named.span))
    }

    /// Reports a mistake at its place in the workflow. Many procedures may follow the workflow, so the message names
    /// this one.
    fn mistake(&self, spot: &Spot<'_>, code: &'static str, message: impl Into<Text>, help: impl Into<Text>) {
        self.root.report.add(code, spot.source, spot.span.clone(), self.of_procedure(&message.into()), help);
    }

    /// Checks that each reminder fits the limit of its step, and that each escalation has one. The procedure may have
    /// set the limit.
    fn reminders(&self) {
        for step in &self.workflow.steps {
            if let Some((message, help)) = step.remind.and_then(|remind| reminder_problem(remind, step.limit)) {
                let spot = self.spot(step, |places| Some(&places.remind));
                self.mistake(&spot, "bad-reminder", in_step(step, message), help);
            }
            if let (Some(role), None) = (step.escalate, step.limit) {
                let (id, role) = (&step.id, role.name());
                let message = text!(
                    "bước `{id}` được báo cấp trên giữ vai trò `{role}` khi quá thời hạn, nhưng bước không có thời hạn",
                    "step `{id}` is escalated to the {role} after its limit, and has none"
                );
                let help = text!(
                    "hãy đặt thời hạn cho bước, hoặc bỏ `escalate`",
                    "give the step a limit, or remove `escalate`"
                );
                let spot = self.spot(step, |places| Some(&places.escalate));
                self.mistake(&spot, "no-escalation", message, help);
            }
        }
    }

    /// Reports a warning like a mistake.
    fn warn(&self, spot: &Spot<'_>, code: &'static str, message: impl Into<Text>, help: impl Into<Text>) {
        self.root.report.warn(code, spot.source, spot.span.clone(), self.of_procedure(&message.into()), help);
    }

    /// Returns a message that names the procedure.
    fn of_procedure(&self, message: &Text) -> Text {
        let (folder, vi, en) = (self.folder, message.get(Language::Vi), message.get(Language::En));
        text!("đối với {folder}: {vi}", "for {folder}: {en}")
    }
}

/// Returns a message that names its step.
fn in_step(step: &Step, message: impl Into<Text>) -> Text {
    let (id, message) = (&step.id, message.into());
    let (vi, en) = (message.get(Language::Vi), message.get(Language::En));
    text!("bước `{id}`: {vi}", "step `{id}`: {en}")
}
