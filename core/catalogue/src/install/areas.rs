//! The areas of agencies, which are entries of registries.

use crate::province::Province;
use crate::reading::diagnostic::{MistakeReport, SourceFile};
use crate::reading::tree::{ORGANISATION, Tree};
use motcua_domain::people::organisation::Agency;
use motcua_domain::text;
use std::ops::Range;

/// The most unknown areas that are told.
const MOST_UNKNOWN: usize = 10;

/// Warns of areas whose code no registry has, because no answer leads to their agency.
pub(super) fn check(tree: &Tree, province: &Province, report: &MistakeReport) {
    let registries = &province.registries.0;
    let areas = province.agencies.iter().flat_map(|agency| agency.areas.iter().map(move |area| (agency, area)));
    let is_known = |area: &str| registries.values().any(|registry| registry.entry(area).is_some());
    let unknown: Vec<(&Agency, &String)> = areas.filter(|(_, area)| !is_known(area)).take(MOST_UNKNOWN).collect();
    if unknown.is_empty() {
        return;
    }
    let Some(source) = SourceFile::read(tree, ORGANISATION, report) else { return };
    let known: Vec<String> = registries.keys().map(|name| format!("registries/{name}.csv")).collect();
    let help = match known.as_slice() {
        [] => text!(
            "hãy thêm danh mục địa bàn, ví dụ registries/communes.csv",
            "add the registry of the areas, such as registries/communes.csv",
        ),
        known => {
            let (vi, en) = (known.join(" hoặc "), known.join(" or "));
            text!("hãy viết một mã của {vi}", "write a code of {en}")
        }
    };
    let before = report.mark();
    for (agency, area) in unknown {
        let agency = &agency.id;
        let message = text!(
            "không danh mục nào có địa bàn `{area}`, nên không câu trả lời nào dẫn đến `{agency}` qua nó",
            "no registry has the area `{area}`, so no answer leads to `{agency}` by it",
        );
        report.warn("unknown-name", &source, place(&source.text, agency.as_str(), area), message, help.clone());
    }
    // A registry with a mistake may lack entries.
    let files: Vec<&str> = tree.files("registries", ".csv").collect();
    report.rest_on(before, &files);
}

/// Returns the place of an area, which stands after the id of its agency.
fn place(text: &str, agency: &str, area: &str) -> Range<usize> {
    let start = text.find(agency).unwrap_or(0);
    let rest = text.get(start..).unwrap_or_default();
    let at = ["\"", "'"].into_iter().find_map(|quote| rest.find(&format!("{quote}{area}{quote}")));
    at.map_or(0..0, |at| start + at..start + at + area.len() + 2)
}
