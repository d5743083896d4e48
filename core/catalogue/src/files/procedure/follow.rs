//! The workflow of a procedure: its parameters and limits, and the meaning of its conditions on this form.

use crate::context::ProcedureContext;
use crate::files::workflow::places::{StepPlaces, WorkflowPlaces};
use crate::files::workflow::{Templates, WorkflowTemplate, file_of, reminder_problem};
use crate::reading::diagnostic::{MistakeReport, SourceFile};
use crate::reading::node::{FileTable, Placed, WrittenExpressions, parse_limit};
use crate::reading::tree::ORGANISATION;
use motcua_domain::expression::{Condition, Expression};
use motcua_domain::form::load::JudgingLoad;
use motcua_domain::form::reach::reach;
use motcua_domain::form::types::{ExpressionScope, WantedType, type_problems};
use motcua_domain::form::{Field, Form};
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
mod conditions;
mod limits;
mod posts;
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
    if !written.faulty.is_empty() {
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
    for (step, text) in limits.free_strings() {
        match workflow.steps.iter_mut().find(|known| known.id.as_str() == step.value) {
            Some(known) => known.limit = parse_limit(limits, &text).or(known.limit),
            None => limits.unknown_word("step", &step, template.steps.iter().map(|step| step.id.as_str())),
        }
    }
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
    let mut values = BTreeMap::new();
    for (name, value) in table.free_strings() {
        if known.contains_key(&name.value) {
            spans.insert(name.value.clone(), value.span);
            values.insert(name.value, value.value);
        } else {
            table.unknown_word("parameter", &name, known.keys().map(String::as_str));
        }
    }
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
                    "bước `{id}` được báo cấp trên cho vai trò `{role}` khi quá thời hạn, nhưng bước không có thời hạn",
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

    /// Checks that each question to officers has an id of its own.
    fn ids_of_fields(&self) {
        let mut known: BTreeSet<&str> = self.form.fields().map(|(_, field)| field.id.as_str()).collect();
        for step in &self.workflow.steps {
            for field in step.form.iter().filter(|field| !known.insert(&field.id)) {
                let message = format!("officers fill in `{}`, which is the id of another answer", field.id);
                let spot = self.spot(step, |places| Some(&places.id));
                self.mistake(&spot, "duplicate", &message, "give the officers' field an id of its own");
            }
        }
    }

    /// Returns how to count the answers of several units, if an expression reads them.
    fn counted(&self, expression: &Expression, scope: ExpressionScope<'_>) -> Option<String> {
        let is_read = |field: &Field| expression.names().contains(&field.id);
        let (field, _) = scope.asked.iter().find(|(field, _)| is_read(field))?;
        let rows = self.workflow.steps_with_rows(self.form);
        let rows = rows.iter().find(|(step, _)| step.form.contains(field)).map(|(_, name)| name);
        let id = &field.id;
        let count =
            rows.map_or_else(|| format!("size({id}) == 2"), |rows| format!("{rows}.count(v, v.{id} == …) >= 2"));
        Some(format!("`{id}` is a list, because several units answer it: count the answers, such as `{count}`"))
    }

    /// Checks that conditions of actions and branches name answers of the form and of officers.
    fn conditions(&self, own: &[UnitPlace]) {
        self.ids_of_fields();
        // Rows name each unit with its agency, so the first agency that offers the procedure stands for all.
        let of_agency = own.first().and_then(|place| self.workflow.in_agency(&place.agency));
        let answers = of_agency.as_ref().unwrap_or(self.workflow).answers(self.form);
        let single = answers.all();
        for step in &self.workflow.steps {
            // At the step itself, its questions have the answers that are given now, and never those of other units.
            let elsewhere: Vec<(&Field, usize)> =
                answers.asked.iter().copied().filter(|(field, _)| !step.form.contains(field)).collect();
            let scope = ExpressionScope { form: &single, group: &step.form, asked: &elsewhere };
            for action in &step.actions {
                self.action(step, action, scope);
                self.own_answers(step, action);
            }
            self.way_on(step, scope);
            self.undecided(step, scope);
            let filled: Vec<&Field> = step.form.iter().collect();
            if let Some(message) = too_heavy(&JudgingLoad::of(&filled, [])) {
                let spot = self.spot(step, |places| Some(&places.id));
                self.mistake(&spot, "overrun", &format!("step `{}`: {message}", step.id), LIGHTER);
            }
            if let Assign::Area { field, .. } = &step.assign
                && !self.form.fields().any(|(_, known)| known.id == *field)
            {
                let message = format!("step `{}` is given by the area `{field}`, which the form does not ask", step.id);
                let spot = self.spot(step, |places| Some(&places.assign));
                self.mistake(&spot, "unknown-field", &message, "name a field of the form");
            }
        }
    }

    /// Reports an action that answers to the step's own form would open, although nobody fills in the form with it.
    fn own_answers(&self, step: &Step, action: &Action) {
        let read = step.read_by(action);
        let (Some(field), false) = (read.first(), step.asks_form(action)) else { return };
        let message = format!(
            "action `{}` of step `{}` reads `{}`, which nobody fills in with this action",
            action.id, step.id, field.id
        );
        let spot = self.spot(step, |places| places.actions.get(&action.id).map(|places| &places.when));
        let help = "name an answer of an earlier step: a timed action and a request to the applicant fill in nothing";
        self.mistake(&spot, "never-holds", &message, help);
    }

    fn action(&self, step: &Step, action: &Action, scope: ExpressionScope<'_>) {
        let place = format!("action `{}` of step `{}`", action.id, step.id);
        for expression in action.expressions() {
            let source = expression.source();
            let is_when = action.when.as_ref().is_some_and(|when| std::ptr::eq(when, expression));
            let spot = self.spot(step, |places| {
                places.actions.get(&action.id).map(|places| if is_when { &places.when } else { &places.to })
            });
            let unknown: Vec<&str> =
                expression.names().iter().map(String::as_str).filter(|name| !scope.knows(name)).collect();
            for name in &unknown {
                let message = format!("{place} asks for `{source}`, but there is no field `{name}`");
                self.mistake(&spot, "unknown-field", &message, "add the field to the form, or choose another workflow");
            }
            if !unknown.is_empty() {
                continue;
            }
            let problems = type_problems(expression, scope, WantedType::Condition);
            for problem in &problems {
                let message = format!("{place} asks for `{source}`: {}", problem.message);
                let help = self.counted(expression, scope).unwrap_or_else(|| problem.help.clone());
                self.mistake(&spot, "type", &message, &help);
            }
            if problems.is_empty() && reach(expression, None, scope).is_some_and(|reach| !reach.can_hold) {
                let message = format!("{place} asks for `{source}`, which no answers make true");
                self.mistake(&spot, "never-holds", &message, "correct the condition, or remove the action");
            }
        }
        if let Effect::Split { to } = &action.effect
            && to.iter().all(|branch| branch.when.is_some())
        {
            let spot = self.spot(step, |places| places.actions.get(&action.id).map(|places| &places.to));
            let conditions = to.iter().filter_map(|branch| branch.when.as_ref());
            match self.ways(step, scope).closed_by(conditions) {
                Some(Closing::Answers(answers)) => {
                    let message = format!("{place} parts into branches that may all be closed: {answers}");
                    self.mistake(&spot, "no-way-on", &message, ANOTHER_WAY);
                }
                Some(Closing::Nothing) => {}
                None => {
                    let message = format!("the check cannot decide whether all branches of {place} may be closed");
                    self.warn(&spot, "undecided", &format!("{message}; it takes one for always open"), DECIDED_WAY);
                }
            }
        }
    }

    /// Returns the actions of a step with which people go on, whatever happens elsewhere.
    fn ways_on(step: &Step) -> Vec<&Action> {
        let open = |action: &&Action| {
            action.is_for_people() && action.effect != Effect::RequestSupplement && action.during.is_none()
        };
        step.actions.iter().filter(open).collect()
    }

    /// Returns what closes ways at a step. The answers of officers up to then are those of the step's form, and of the
    /// steps that every dossier passes before it.
    fn ways<'a>(&'a self, step: &'a Step, scope: ExpressionScope<'a>) -> WaysOn<'a> {
        let reads = |field: &Field| {
            let mut read = step.actions.iter().flat_map(Action::expressions).flat_map(Expression::names);
            read.any(|name| *name == field.id)
        };
        let is_passed = |other: &&Step| {
            let asks_one = other.id != step.id && other.many.is_none();
            asks_one && other.form.iter().any(reads) && !self.workflow.begins_without(&step.id, &other.id)
        };
        let before = self.workflow.steps.iter().filter(is_passed).flat_map(|other| &other.form);
        let before = before.filter(|field| field.shown == Condition::Fixed(true));
        WaysOn { form: self.form, scope, filled: step.form.iter().chain(before).collect() }
    }

    /// Checks that a person can act whatever the answers are.
    fn way_on(&self, step: &Step, scope: ExpressionScope<'_>) {
        let actions = Self::ways_on(step);
        if actions.is_empty() || actions.iter().any(|action| action.when.is_none()) {
            return;
        }
        let closed = self.ways(step, scope).closed_by(actions.iter().filter_map(|action| action.when.as_ref()));
        if let Some(Closing::Answers(answers)) = closed {
            let message = format!("with some answers no action of step `{}` is open: {answers}", step.id);
            let spot = self.spot(step, |places| Some(&places.id));
            self.mistake(&spot, "no-way-on", &message, ANOTHER_WAY);
        }
    }

    /// Names the actions whose conditions the check cannot decide, if a dossier could get stuck without them.
    fn undecided(&self, step: &Step, scope: ExpressionScope<'_>) {
        let is_known = |when: &Expression| when.names().iter().all(|name| scope.knows(name));
        let unclear = |action: &&Action| {
            action.when.as_ref().is_some_and(|when| is_known(when) && reach(when, None, scope).is_none())
        };
        let unclear: Vec<&Action> = step.actions.iter().filter(unclear).collect();
        if unclear.is_empty() {
            return;
        }
        let ways = Self::ways_on(step);
        let all_closed = ways.iter().all(|action| action.when.is_some())
            && self.ways(step, scope).closed_by(ways.iter().filter_map(|action| action.when.as_ref())).is_none();
        let mut without = self.workflow.clone();
        for other in without.steps.iter_mut().filter(|other| other.id == step.id) {
            other.actions.retain(|action| !unclear.iter().any(|unclear| unclear.id == action.id));
        }
        if !all_closed && without.ends_from(&[Token::single(0)], &[]) {
            return;
        }
        for action in unclear {
            let asked = action.when.as_ref().map_or("", Expression::source);
            let message = format!(
                "the check takes action `{}` of step `{}` for always possible, because it cannot decide `{asked}`",
                action.id, step.id
            );
            let spot = self.spot(step, |places| places.actions.get(&action.id).map(|places| &places.when));
            self.warn(&spot, "undecided", &message, DECIDED_WAY);
        }
    }
}

/// Returns a message that names its step.
fn in_step(step: &Step, message: impl Into<Text>) -> Text {
    let (id, message) = (&step.id, message.into());
    let (vi, en) = (message.get(Language::Vi), message.get(Language::En));
    text!("bước `{id}`: {vi}", "step `{id}`: {en}")
}
