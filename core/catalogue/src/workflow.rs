//! `workflows/<id>.toml`: templates that procedures share.

use crate::node::Table;
use motcua_domain::names::StepId;
use motcua_domain::organisation::Role;
use motcua_domain::workflow::{Action, Effect, NationalStatus, Requirement, Step, Workflow};
use std::ops::Range;

/// The words for effects.
pub const EFFECTS: [&str; 6] = ["advance", "request-payment", "request-supplement", "decline", "refuse", "hand-over"];

/// Reads one template; `id` is the name of its file.
pub fn read(root: &Table<'_>, id: &str) -> Workflow {
    let before = root.report.len();
    let mut steps = Vec::new();
    let mut spans: Vec<(StepId, Range<usize>)> = Vec::new();
    for table in root.tables("step") {
        let step_id = table.required_string("id", "\"intake\"");
        let name = table.required_text("name");
        let role = table.word("role", &Role::ALL, Role::name);
        if role.is_none() && table.string("role").is_none() {
            table.missing("role", "\"specialist\"");
        }
        let status =
            table.word("status", &NationalStatus::OF_STEPS, NationalStatus::name).unwrap_or(NationalStatus::Processing);
        let limit = table.limit("limit").map(|limit| limit.value);
        let mut actions = Vec::new();
        for action in table.tables("action") {
            actions.extend(read_action(&action));
            action.finish();
        }
        table.finish();
        if let (Some(id), Some(name), Some(role)) = (step_id, name, role) {
            let id = StepId(id.value);
            spans.push((id.clone(), id_span(&table)));
            steps.push(Step { id, name, role, limit, status, actions });
        }
    }
    let workflow = Workflow { id: id.to_owned(), steps };
    if root.report.len() == before {
        for problem in workflow.problems() {
            let span = spans.iter().find(|(id, _)| Some(id) == problem.step()).map_or(0..0, |(_, span)| span.clone());
            root.mistake(
                "unsound-workflow",
                span,
                &problem.to_string(),
                "change the actions so that every step is reached and leads to an end",
            );
        }
    }
    workflow
}

fn id_span(table: &Table<'_>) -> Range<usize> {
    table.string("id").map_or_else(|| table.span.clone(), |id| id.span)
}

fn read_action(table: &Table<'_>) -> Option<Action> {
    let id = table.required_string("id", "\"accept\"");
    let name = table.required_text("name");
    let effect = table.required_string("effect", "\"advance\"");
    let to = table.string("to").map(|to| StepId(to.value));
    let requires = table.words("requires", &Requirement::ALL, Requirement::name);
    let (id, name, effect) = (id?, name?, effect?);
    let to_step = || {
        if to.is_none() {
            table.missing("to", "\"processing\"");
        }
        to.clone()
    };
    let effect = match effect.value.as_str() {
        "advance" => Effect::Advance { to: to_step()? },
        "request-payment" => Effect::RequestPayment { to: to_step()? },
        "request-supplement" => Effect::RequestSupplement,
        "decline" => Effect::Decline,
        "refuse" => Effect::Refuse,
        "hand-over" => Effect::HandOver,
        _ => {
            table.unknown_word("effect", &effect, EFFECTS.into_iter());
            return None;
        }
    };
    Some(Action { id: id.value.as_str().into(), name, effect, requires })
}
