//! The words for what a dossier waits for.

use crate::view::format;
use crate::view::units::place_name;
use motcua_domain::dossier::{Dossier, Stay, Turn};
use motcua_domain::people::organisation::Agency;
use motcua_domain::procedure::Procedure;
use motcua_domain::text::Language;
use serde::Serialize;

/// The thing that a dossier waits for.
#[derive(Debug, Clone, Serialize)]
pub struct WaitingContext {
    /// The text is under `waiting-<word>`.
    pub what: &'static str,
    /// The steps that are not done yet, each with its unit.
    pub steps: String,
    /// The time until which the applicant can answer, or the appointment of the dossier if it waits for the office. It
    /// is an empty text if there is none.
    pub until: String,
    /// The steps that begin when other branches are done, or an empty text.
    pub joins: String,
}

impl WaitingContext {
    /// Returns everything that a dossier can wait for, for checking a theme.
    pub fn samples() -> Vec<Self> {
        let sample = |what| Self {
            what,
            steps: "Thẩm định – Sở Mẫu".into(),
            until: if what == "collection" { String::new() } else { "27/11/2026 08:00".into() },
            joins: if what == "office" { "Tổng hợp".into() } else { String::new() },
        };
        ["office", "collection", "supplement", "payment", "step"].into_iter().map(sample).collect()
    }
}

/// Returns what an open dossier waits for.
pub fn waiting(
    agencies: &[Agency],
    dossier: &Dossier,
    procedure: &Procedure,
    language: Language,
) -> Option<WaitingContext> {
    let turn = dossier.turn();
    let what = match turn {
        Turn::Ended => return None,
        Turn::Office if dossier.flow.processed_at.is_some() => "collection",
        Turn::Office => "office",
        Turn::Supplement { .. } => "supplement",
        Turn::Payment { .. } => "payment",
        Turn::Applicant { .. } => "step",
    };
    let is_meant = |stay: &&Stay| match turn {
        Turn::Office => stay.waits_for_office(),
        _ => !stay.waits_for_office(),
    };
    let named = |stay: &Stay| {
        let name = stay.at.name.get(language);
        let place = stay.at.place.as_ref().map(|place| place_name(agencies, place, language));
        place.map_or_else(|| name.to_owned(), |place| format!("{name} – {place}"))
    };
    let steps: Vec<String> = dossier.flow.stays.iter().filter(is_meant).map(named).collect();
    let mut joins: Vec<&str> = Vec::new();
    for branch in dossier.flow.arrived.iter().filter(|branch| !branch.spent) {
        let step = procedure.workflow.step(&branch.to);
        joins.extend(step.map(|step| step.name.get(language)).filter(|name| !joins.contains(name)));
    }
    let until = match turn {
        Turn::Office => dossier.due_or_passed(),
        _ => turn.applicant_until(),
    };
    Some(WaitingContext {
        what,
        steps: steps.join("; "),
        until: until.map_or_else(String::new, |until| format::moment(until, language)),
        joins: joins.join("; "),
    })
}
