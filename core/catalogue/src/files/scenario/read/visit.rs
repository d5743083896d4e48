//! Reads the appointment on the spot that an officer makes in a scenario.

use super::{KnownVersions, ScenarioDeed};
use crate::reading::node::FileTable;
use jiff::civil::Time;
use motcua_domain::dossier::site_visit::SiteVisitInput;
use motcua_domain::text;

/// Reads the visit of a step. Its action must make one.
pub(super) fn read_visit(
    step: &FileTable<'_>,
    deed: Option<&ScenarioDeed>,
    versions: KnownVersions<'_>,
) -> Option<SiteVisitInput> {
    let table = step.table("visit")?;
    let day = table.date("on").map(|day| day.value);
    if !table.names_key("on") {
        table.missing("on", "2026-11-30");
    }
    let (from, to) = (read_time(&table, "from", "\"09:00\""), read_time(&table, "to", "\"10:00\""));
    let text = |key: &'static str| table.string(key).map_or_else(String::new, |text| text.value);
    let (place, note) = (text("place"), text("note"));
    table.finish();
    if deed.is_some_and(|deed| !makes_visit(deed, versions)) {
        let message = text!("thao tác này không đặt lịch hẹn nào", "this action makes no visit");
        let help = text!(
            "hãy bỏ `visit`, hoặc để thao tác của quy trình đặt lịch hẹn",
            "remove `visit`, or let the action of the workflow make one"
        );
        step.mistake("bad-visit", table.span.clone(), message, help);
    }
    Some(SiteVisitInput { day, from, to, place, note })
}

/// Returns whether an action of the workflow makes a visit.
fn makes_visit(deed: &ScenarioDeed, versions: KnownVersions<'_>) -> bool {
    let ScenarioDeed::Act(id) = deed else { return false };
    let mut actions = versions.steps().flat_map(|step| &step.actions).filter(|action| action.id == *id);
    actions.any(|action| action.visit.as_ref().is_some_and(|rule| !rule.calls_off))
}

/// Reads a time of the wall clock.
fn read_time(table: &FileTable<'_>, key: &'static str, example: &str) -> Option<Time> {
    let text = table.required_string(key, example)?;
    let time: Option<Time> = text.value.parse().ok();
    if time.is_none() {
        let written = &text.value;
        let message = text!("`{written}` không phải là một giờ", "`{written}` is not a time");
        table.mistake("bad-time", text.span, message, text!("hãy viết như {example}", "write it as {example}"));
    }
    time
}
