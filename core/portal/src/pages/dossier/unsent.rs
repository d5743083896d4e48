//! The texts that were typed into boxes that the page of a dossier no longer has, with the labels of the boxes.

use crate::pages::dossier::attempt::{AttemptPart, prefix};
use crate::state::Portal;
use motcua_domain::dossier::event::StayId;
use motcua_domain::dossier::index;
use motcua_domain::names::ActionId;
use motcua_domain::text::Language;
use motcua_service::{DossierView, action_name};
use serde::Serialize;

/// A typed text without a place on the page.
#[derive(Debug, Clone, Serialize)]
pub struct UnsentContext {
    /// The name of the box. The page posts the text again under it, after `unsent.`.
    pub field: String,
    /// The label of the box, or an empty text if the procedure has no such box any more.
    pub label: String,
    /// The text as it was typed.
    pub text: String,
}

impl UnsentContext {
    /// Returns texts for checking a theme.
    pub fn samples() -> Vec<Self> {
        let text =
            |field: &str, label: &str| Self { field: field.into(), label: label.into(), text: "Xem lại".into() };
        vec![text("act.1.act.note", "Tiếp nhận – Ghi chú nội bộ"), text("fill.1.area", "")]
    }
}

/// Returns texts without a place, each with the label of its box. `texts` has them by the names of their boxes.
pub fn unsent(
    portal: &Portal,
    view: &DossierView,
    texts: Vec<(String, String)>,
    by_applicant: bool,
    language: Language,
) -> Vec<UnsentContext> {
    let shown = |(field, text): (String, String)| {
        let label = label(portal, view, &field, by_applicant, language);
        UnsentContext { field, label, text }
    };
    texts.into_iter().map(shown).collect()
}

/// Returns the label of a box.
fn label(portal: &Portal, view: &DossierView, field: &str, by_applicant: bool, language: Language) -> String {
    let said = |key: &str| portal.theme.text(language, key);
    let (scope, end) = field.rsplit_once('.').unwrap_or_default();
    // The reason for a mark has the name of the marked part within its own.
    let scope = scope.split_once(".mark.").map_or(scope, |(scope, _)| scope);
    match AttemptPart::parse(scope) {
        Some(AttemptPart::Message) => said("write-message"),
        Some(AttemptPart::Rating) => said("rate-text"),
        Some(AttemptPart::Payment) => said("receipt-number"),
        Some(AttemptPart::Refund) => said("refund-receipt"),
        Some(AttemptPart::Withdrawal) => said("withdraw-reason"),
        Some(AttemptPart::Give(_)) => format!("{} – {}", said("give-step"), said("internal-note")),
        Some(AttemptPart::Act(stay, action)) => {
            let key = match end {
                "reason" => "reason-to-applicant",
                "new_grounds" => "new-grounds",
                "visit_place" => "visit-place",
                "visit_note" => "visit-note",
                "why" => "mark-why",
                _ if by_applicant => "note",
                _ => "internal-note",
            };
            let action = action_at(view, stay, &action, language);
            if action.is_empty() { said(key) } else { format!("{action} – {}", said(key)) }
        }
        None => question(view, field, language).unwrap_or_default(),
    }
}

/// Returns the name of an action at a stay, or an empty text if the procedure has no such action any more.
fn action_at(view: &DossierView, stay: Option<StayId>, action: &ActionId, language: Language) -> String {
    let visit = stay.and_then(|stay| view.dossier.flow.visits.get(index(stay)));
    let name = action_name(&view.procedure, visit.map(|visit| &visit.at.step), action);
    name.map_or_else(String::new, |name| name.get(language).to_owned())
}

/// Returns the step and the question of a field of its form.
fn question(view: &DossierView, name: &str, language: Language) -> Option<String> {
    let stay: StayId = name.strip_prefix("fill.")?.split('.').next()?.parse().ok()?;
    let visit = view.dossier.flow.visits.get(index(stay))?;
    let step = view.procedure.workflow.step(&visit.at.step)?;
    let first = name.strip_prefix(prefix(stay).as_str())?.split('.').next()?;
    let field = step.form.iter().find(|field| field.id == first)?;
    Some(format!("{} – {}", visit.name().get(language), field.label.get(language)))
}
