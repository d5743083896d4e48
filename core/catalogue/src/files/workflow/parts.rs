//! Parts of a workflow: the steps of another workflow, included under new names.

use crate::reading::node::{FileTable, Placed};
use motcua_domain::legal::LegalDocument;
use motcua_domain::names::{StageId, StepId};
use motcua_domain::text;
use motcua_domain::workflow::{Cancels, Effect, NationalStatus, Requirement, Step, UnitPlace, Workflow};

/// Returns the name of a part's step in the whole.
pub fn of_part(prefix: &str, step: &StepId) -> StepId {
    StepId(format!("{prefix}.{step}"))
}

/// Adds the documents of a part to those of the whole. An id names one document in all parts.
pub fn take_documents(
    table: &FileTable<'_>,
    template: &Placed<String>,
    part: Vec<LegalDocument>,
    documents: &mut Vec<LegalDocument>,
) {
    for document in part {
        let known = documents.iter().find(|known| known.id.is_some() && known.id == document.id);
        if known.is_some_and(|known| *known != document) {
            let id = document.id.as_deref().unwrap_or_default();
            let workflow = &template.value;
            let message = text!(
                "`{id}` là mã của một văn bản khác trong quy trình `{workflow}`",
                "`{id}` names another document in the workflow `{workflow}`"
            );
            let help = text!("hãy đặt cho mỗi văn bản một mã riêng", "give each document its own id");
            table.mistake("duplicate", template.span.clone(), message, help);
        } else if known.is_none() && !documents.contains(&document) {
            documents.push(document);
        }
    }
}

/// Returns a step of a part under its new name. At the end of the part, the whole continues.
pub fn inlined(
    mut step: Step,
    prefix: &str,
    stage: &StageId,
    place: Option<&UnitPlace>,
    then: &StepId,
    refused: Option<&StepId>,
) -> Step {
    let own = |id: &StepId| of_part(prefix, id);
    step.id = own(&step.id);
    step.stage = Some(stage.clone());
    step.place = step.place.or_else(|| place.cloned());
    if matches!(step.status, NationalStatus::Filed | NationalStatus::Received | NationalStatus::Processed) {
        step.status = NationalStatus::Processing;
    }
    if let Some(many) = &mut step.many {
        many.then = own(&many.then);
    }
    for action in &mut step.actions {
        action.during = action.during.as_ref().map(own);
        if let Cancels::Steps(steps) = &mut action.cancels {
            for step in steps {
                *step = own(step);
            }
        }
        match &mut action.effect {
            Effect::Advance { to } | Effect::RequestPayment { to } => *to = own(to),
            Effect::Split { to } => to.iter_mut().for_each(|branch| branch.to = own(&branch.to)),
            effect @ (Effect::HandOver | Effect::Finish) => *effect = Effect::Advance { to: then.clone() },
            effect @ (Effect::Refuse | Effect::Decline) => {
                if let Some(to) = refused {
                    *effect = Effect::Advance { to: to.clone() };
                    if !action.requires.contains(&Requirement::Note) {
                        action.requires.push(Requirement::Note);
                    }
                }
            }
            Effect::RequestSupplement | Effect::Answer => {}
        }
    }
    step
}

/// Redirects the actions that lead to a part to its first step.
pub fn lead_into_parts(workflow: &mut Workflow) {
    let parts: Vec<(StepId, StepId)> = workflow
        .stages
        .iter()
        .filter_map(|stage| {
            let prefix = format!("{}.", stage.id);
            let first = workflow.steps.iter().find(|step| step.id.as_str().starts_with(&prefix))?;
            Some((StepId(stage.id.to_string()), first.id.clone()))
        })
        .collect();
    let lead = |to: &mut StepId| {
        if let Some((_, first)) = parts.iter().find(|(part, _)| part == to) {
            *to = first.clone();
        }
    };
    for step in &mut workflow.steps {
        if let Some(many) = &mut step.many {
            lead(&mut many.then);
        }
        for action in &mut step.actions {
            match &mut action.effect {
                Effect::Advance { to } | Effect::RequestPayment { to } => lead(to),
                Effect::Split { to } => to.iter_mut().for_each(|branch| lead(&mut branch.to)),
                _ => {}
            }
        }
    }
}
