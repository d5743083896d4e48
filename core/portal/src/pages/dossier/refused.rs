//! The control of a dossier's page to which a refusal leads.

use crate::pages::dossier::attempt::{Attempt, AttemptPart};
use crate::pages::dossier::steps::{ActionContext, StepContext};
use crate::view::field::FieldContext;
use motcua_domain::dossier::event::{CRITERIA, StayId};
use motcua_domain::names::ActionId;

/// Returns the id of the control that a refusal is about, or an empty text if it is about none that the page has.
pub fn refused_control(attempt: &Attempt, steps: &[StepContext]) -> String {
    let Some(part) = &attempt.part else { return String::new() };
    match (part, attempt.refusal.as_str()) {
        (AttemptPart::Message, "bad-message") => "message".to_owned(),
        (AttemptPart::Message, "bad-promise") => "promised".to_owned(),
        (AttemptPart::Message, word) if word == "too-many-message-files" || is_about_file(word) => {
            "message-files".to_owned()
        }
        (AttemptPart::Rating, "bad-rating") => {
            let is_open = |name: &&str| attempt.typed(part, name).is_empty();
            CRITERIA.into_iter().find(is_open).map_or_else(|| "rating-text".to_owned(), |name| format!("rating-{name}"))
        }
        (AttemptPart::Payment, "receipt-missing" | "receipt-of-book" | "receipt-taken") => "receipt".to_owned(),
        (AttemptPart::Payment, "wrong-amount") => "payment-amount".to_owned(),
        (AttemptPart::Refund, "receipt-missing" | "receipt-of-book" | "receipt-taken") => "refund-receipt".to_owned(),
        (AttemptPart::Refund, "wrong-refund") => "refund-amount".to_owned(),
        (AttemptPart::Withdrawal, "note-missing") => "reason".to_owned(),
        (AttemptPart::Give(stay), "assignee-missing" | "assignee-unfit") => format!("to-{stay}"),
        (AttemptPart::Act(stay, action), refusal) => of_action(*stay, action, refusal, steps).unwrap_or_default(),
        _ => String::new(),
    }
}

/// Returns the least number of units to choose, if the refusal is that there are too few, or 0.
pub fn least_places(attempt: &Attempt, steps: &[StepContext]) -> u32 {
    match (&attempt.part, attempt.refusal.as_str()) {
        (Some(AttemptPart::Act(stay, action)), "places-missing") => {
            find(*stay, action, steps).map_or(0, |(_, action)| action.least_places)
        }
        _ => 0,
    }
}

/// Returns the bound that an appointment on the spot breaks, if the refusal is about one, or an empty text.
pub fn refused_bound(attempt: &Attempt, steps: &[StepContext]) -> String {
    let Some(AttemptPart::Act(stay, action)) = &attempt.part else { return String::new() };
    let visit = find(*stay, action, steps).and_then(|(_, action)| action.visit.as_ref());
    match (visit, attempt.refusal.as_str()) {
        (Some(visit), "visit-too-soon") => visit.earliest.clone(),
        (Some(visit), "visit-too-late") => visit.latest.clone(),
        _ => String::new(),
    }
}

/// Returns an action on the page, with its step.
fn find<'a>(
    stay: Option<StayId>,
    action: &ActionId,
    steps: &'a [StepContext],
) -> Option<(&'a StepContext, &'a ActionContext)> {
    let step = steps.iter().find(|step| stay.is_none_or(|stay| stay == step.stay))?;
    Some((step, step.actions.iter().find(|known| known.id == action.0)?))
}

/// Returns the id of the control of an action that a refusal is about.
fn of_action(stay: Option<StayId>, action: &ActionId, refusal: &str, steps: &[StepContext]) -> Option<String> {
    let (step, action) = find(stay, action, steps)?;
    let id = |control: &str| format!("{control}-{}-{}", step.stay, action.id);
    match refusal {
        "receiver-incomplete" | "item-incomplete" | "not-by-post" => Some(id("receiver")),
        "note-missing" if action.tells && action.reason.trim().is_empty() => Some(id("reason")),
        "note-missing" => Some(id("note")),
        "assignee-missing" | "assignee-unfit" if action.assignee => Some(id("assignee")),
        "places-missing" => Some(id("ask")),
        "visit-times" => visit_control(action, "visit-to").map(id),
        "visit-place" => visit_control(action, "visit-place").map(id),
        word if word.starts_with("visit-") => visit_control(action, "visit-day").map(id),
        "asked-already" if action.asked_before => Some(id("grounds")),
        "incomplete" | "closed-by-answers" => step.fields.iter().find_map(finding_within),
        word if action.result && is_about_file(word) => Some(id("result")),
        _ => None,
    }
}

/// Returns a control of the form for an appointment on the spot, if the action has the form.
fn visit_control<'a>(action: &ActionContext, control: &'a str) -> Option<&'a str> {
    action.visit.as_ref().filter(|visit| !visit.calls_off).map(|_| control)
}

/// Returns whether a refusal is about the file of a result or of a message.
fn is_about_file(refusal: &str) -> bool {
    ["result-missing", "picture-too-large", "upload-broken"].contains(&refusal) || refusal.starts_with("file-")
}

/// Returns the place of the first finding about a field or a field within it.
fn finding_within(field: &FieldContext) -> Option<String> {
    let own = field.findings.iter().find(|finding| finding.error).map(|finding| finding.path.clone());
    own.or_else(|| field.rows.iter().flat_map(|row| &row.fields).find_map(finding_within))
}
