//! The words in which expectations and what was found are compared.

use super::ScenarioMismatch;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::dossier::{Dossier, Stay};
use motcua_domain::form::judge::Finding;
use motcua_domain::people::organisation::Role;
use motcua_domain::text;
use motcua_domain::text::Text;
use motcua_domain::workflow::{Step, Workflow};
use serde_json::Value as Json;
use std::cmp::Ordering;

pub(super) use motcua_catalogue::scenario::clock;
use motcua_catalogue::scenario::visit_words;

/// The subjects of differences that are no keys of the file, in English and in Vietnamese.
const SUBJECTS: [(&str, &str); 5] = [
    ("fee lines", "các dòng phí"),
    ("filing", "việc nộp hồ sơ"),
    ("plugin", "thành phần bổ sung"),
    ("time", "thời điểm"),
    ("value", "giá trị"),
];

impl ScenarioMismatch {
    /// Returns the subject of the difference in words.
    pub fn subject(&self) -> Text {
        let vi = SUBJECTS.iter().find(|(en, _)| *en == self.what).map_or(self.what, |(_, vi)| *vi);
        Text::new(vi, self.what)
    }

    /// Returns the difference on one line, with its place in the file of the scenario.
    pub fn text(&self, file: &str) -> Text {
        let (line, subject) = (self.line, self.subject());
        let ((vi, en), (expected_vi, expected_en)) = (subject.both(), self.expected.both());
        let (found_vi, found_en) = self.found.both();
        text!(
            "{file}:{line}: {vi}: mong đợi {expected_vi}, thực tế {found_vi}",
            "{file}:{line}: {en}: expected {expected_en}, found {found_en}"
        )
    }
}

/// Returns words that are the same in both languages, such as names, numbers and words of files.
pub(super) fn plain(words: impl Into<String>) -> Text {
    Text::vi(words)
}

pub(super) fn listed(lines: &[String]) -> Text {
    if lines.is_empty() { text!("không có", "none") } else { plain(lines.join(", ")) }
}

pub(super) fn eligible(is_eligible: bool) -> Text {
    if is_eligible {
        text!("đủ điều kiện", "eligible")
    } else {
        text!("không đủ điều kiện", "not eligible")
    }
}

pub(super) fn was_filed() -> Text {
    text!("đã nộp", "filed")
}

/// Returns the words for a filing that the rules refuse with this code.
pub(super) fn refused(code: &str) -> Text {
    text!("bị từ chối: {code}", "refused: {code}")
}

pub(super) fn carried_out() -> Text {
    text!("đã thực hiện", "carried out")
}

/// Returns `path: code` of each finding, sorted.
pub(super) fn shown_findings(findings: &[Finding]) -> Vec<String> {
    let path = |finding: &Finding| if finding.path.is_empty() { "form".to_owned() } else { finding.path.clone() };
    let mut shown: Vec<String> =
        findings.iter().map(|finding| format!("{}: {}", path(finding), finding.code)).collect();
    shown.sort();
    shown
}

/// Returns the code of a refusal. If another one was expected, the answers that are missing or wrong stand behind it.
pub(super) fn refusal_words(refusal: &Refusal, expected: Option<&str>) -> Text {
    let code = refusal.code();
    match refusal {
        Refusal::Incomplete(findings) | Refusal::ClosedByAnswers(findings)
            if Some(code) != expected && !findings.is_empty() =>
        {
            plain(format!("{code} ({})", shown_findings(findings).join(", ")))
        }
        _ => plain(code),
    }
}

/// Describes the value that a field has.
pub(super) fn found_value(field: &str, found: &Json) -> Text {
    if found.is_null() {
        text!("{field} không có giá trị", "{field} has no value")
    } else {
        plain(format!("{field} = {found}"))
    }
}

/// Returns whether a value has every part that is expected. A text fits the entry of a registry that has this code.
pub(super) fn fits(expected: &Json, found: &Json) -> bool {
    match (expected, found) {
        (Json::Object(expected), Json::Object(found)) => {
            expected.iter().all(|(part, value)| fits(value, found.get(part).unwrap_or(&Json::Null)))
        }
        (Json::Array(expected), Json::Array(found)) => {
            expected.len() == found.len() && expected.iter().zip(found).all(|(expected, found)| fits(expected, found))
        }
        (Json::Number(expected), Json::Number(found)) => {
            let same = expected.as_f64().zip(found.as_f64()).and_then(|(expected, found)| expected.partial_cmp(&found));
            expected == found || same == Some(Ordering::Equal)
        }
        (Json::String(code), Json::Object(entry)) => entry.get("code").and_then(Json::as_str) == Some(code.as_str()),
        (expected, found) => expected == found,
    }
}

/// Returns the steps at which a dossier stands, in the order of the workflow.
pub(super) fn open_steps(workflow: &Workflow, dossier: &Dossier) -> Vec<String> {
    let open = |step: &&Step| dossier.flow.stays.iter().any(|stay| stay.at.step == step.id);
    workflow.steps.iter().filter(open).map(|step| step.id.to_string()).collect()
}

/// Returns the names of steps in the order of the workflow.
pub(super) fn in_order(workflow: &Workflow, steps: &[String]) -> Vec<String> {
    let mut steps = steps.to_vec();
    steps.sort_by_key(|step| workflow.steps.iter().position(|known| known.id.as_str() == step));
    steps
}

/// Returns the word of the status or, at the end, of the outcome.
pub(super) fn status_word(dossier: &Dossier) -> &'static str {
    dossier.flow.ended.as_ref().map_or_else(|| dossier.status().name(), |end| end.outcome.name())
}

/// Returns the appointments on the spot that were not called off, in the order in which they were made.
pub(super) fn site_visits(dossier: &Dossier) -> Vec<String> {
    let kept = dossier.site_visits.iter().filter(|planned| !dossier.is_off(planned));
    kept.map(|planned| visit_words(&planned.visit)).collect()
}

/// Returns the open stays in the order of the workflow.
fn open_stays<'d>(workflow: &Workflow, dossier: &'d Dossier) -> Vec<&'d Stay> {
    let mut stays: Vec<&Stay> = dossier.flow.stays.iter().collect();
    stays.sort_by_key(|stay| workflow.steps.iter().position(|step| step.id == stay.at.step));
    stays
}

/// Returns the posts that have the open steps. The posts of some roles belong to the agency as a whole.
pub(super) fn holders(workflow: &Workflow, dossier: &Dossier) -> Vec<String> {
    let holder = |stay: &Stay| match stay.at.role {
        Role::Applicant => Role::Applicant.name().to_owned(),
        role => {
            let place = dossier.place_of(stay);
            let unit = if role.is_bound_to_unit() { format!("{}/", place.unit) } else { String::new() };
            format!("{}/{unit}{}", place.agency, role.name())
        }
    };
    open_stays(workflow, dossier).into_iter().map(holder).collect()
}

/// Returns the log-ins of the officers to whom the open steps are assigned.
pub(super) fn officers(workflow: &Workflow, dossier: &Dossier) -> Vec<String> {
    let assigned = open_stays(workflow, dossier).into_iter().filter_map(|stay| stay.assignee.as_ref());
    assigned.map(|assignee| assignee.id.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::{fits, refusal_words};
    use motcua_domain::dossier::refusal::Refusal;
    use motcua_domain::form::judge::Finding;
    use motcua_domain::text::Text;
    use serde_json::json;

    #[test]
    fn a_refusal_that_nobody_expected_names_the_answers_that_are_missing() {
        let missing = Finding::error("score".to_owned(), "required", Text::default());
        let refusal = Refusal::Incomplete(vec![missing]);
        assert_eq!(refusal_words(&refusal, None).vi, "incomplete (score: required)");
        assert_eq!(refusal_words(&refusal, Some("incomplete")).vi, "incomplete");
        assert_eq!(refusal_words(&Refusal::Ended, None).vi, "ended");
    }

    #[test]
    fn a_value_fits_if_it_has_every_part_that_is_expected() {
        let address = json!({ "commune": { "code": "25747", "name": "Phường Phú Cường" }, "detail": "Khu phố 3" });
        assert!(fits(&json!({ "commune": "25747" }), &address));
        assert!(!fits(&json!({ "commune": "25748" }), &address));
        assert!(!fits(&json!({ "village": "Khu phố 3" }), &address));
        assert!(fits(&json!([{ "share": 40 }, {}]), &json!([{ "share": 40.0 }, { "share": 60.0 }])));
        assert!(!fits(&json!([{ "share": 40 }]), &json!([{ "share": 40.0 }, { "share": 60.0 }])), "a row is missing");
        assert!(!fits(&json!("5"), &json!(5)));
    }
}
