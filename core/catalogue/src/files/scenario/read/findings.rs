//! Reads the findings that a scenario expects, and the conditions that it expects not to be met.

use super::{Expectation, KnownVersions, expected_texts};
use crate::reading::node::{FileTable, Placed};
use motcua_domain::form::FieldKind;
use motcua_domain::form::kinds::AnswerType;
use motcua_domain::text;

/// The codes of the findings that the rules of a form give. A plugin has codes of its own.
const CODES: [&str; 26] = [
    "account-number",
    "alternatives",
    "check",
    "choice",
    "citizen-number",
    "citizen-number-mismatch",
    "consent",
    "corners",
    "count",
    "crossing",
    "date",
    "date-time",
    "decimal",
    "decimals",
    "email",
    "file-missing",
    "future",
    "integer",
    "no-agency",
    "paper-missing",
    "phone",
    "place",
    "place-outside",
    "range",
    "required",
    "tax-code",
];

/// The codes that say that something is too long, or too much.
const CODES_OF_SIZE: [&str; 2] = ["too-long", "too-many-files"];

/// The place of a finding about the form as a whole, and the first word of that of a paper.
const FORM: &str = "form";
const PAPERS: &str = "papers";

/// Reads the expected findings. Reports those that no rule can give.
pub(super) fn read_findings(table: &FileTable<'_>, versions: KnownVersions<'_>) -> Option<Expectation<Vec<String>>> {
    let has_plugin = versions.all().any(|procedure| !procedure.plugins.is_empty());
    if table.has("findings") && !has_plugin {
        for finding in table.strings("findings") {
            check(table, &finding, versions);
        }
    }
    expected_texts(table, "findings")
}

/// Reads the texts of the conditions that are expected not to be met. Reports those that no condition has.
pub(super) fn read_unmet(table: &FileTable<'_>, versions: KnownVersions<'_>) -> Option<Expectation<Vec<String>>> {
    if table.has("unmet") {
        let asked = versions.all().filter_map(|procedure| procedure.eligibility.as_ref());
        let known: Vec<&str> =
            asked.flat_map(|asked| &asked.conditions).map(|condition| condition.text.vi.as_str()).collect();
        for text in table.strings("unmet").iter().filter(|text| !known.contains(&text.value.as_str())) {
            versions.unknown(table, "condition", text, known.iter().copied());
        }
    }
    expected_texts(table, "unmet")
}

/// Reports a finding whose place or code no rule of the procedure has.
fn check(table: &FileTable<'_>, finding: &Placed<String>, versions: KnownVersions<'_>) {
    let Some((path, code)) = finding.value.split_once(": ") else {
        let written = &finding.value;
        let message = text!("`{written}` không có dạng `vị trí: mã lỗi`", "`{written}` is not written as `path: code`");
        let help = text!("hãy viết, chẳng hạn, \"depth: required\"", "write, for example, \"depth: required\"");
        table.mistake("wrong-type", finding.span.clone(), message, help);
        return;
    };
    let part = |value: &str| Placed { value: value.to_owned(), span: finding.span.clone() };
    let mut names = path.split('.');
    let first = names.next().unwrap_or_default();
    let fields: Vec<&str> = versions.form_fields().into_iter().map(|field| field.id.as_str()).collect();
    if first == PAPERS && !fields.contains(&PAPERS) {
        let (paper, papers) = (names.next().unwrap_or_default(), versions.papers());
        if !papers.contains(&paper) {
            versions.unknown(table, "paper", &part(paper), papers.into_iter());
        }
    } else if first != FORM && !fields.contains(&first) {
        versions.unknown(table, "field", &part(first), fields.into_iter());
    } else if code == "check" {
        check_rule(table, &part(path), versions);
    }
    let codes = || CODES.into_iter().chain(CODES_OF_SIZE);
    if !codes().any(|known| known == code) {
        versions.unknown(table, "code of a finding", &part(code), codes());
    }
}

/// Reports a finding of a rule at a place at which no rule stands. Conditions before the form are its rules too, at the
/// fields that ask the same, so the fields with few answers of a procedure with such conditions are left out.
fn check_rule(table: &FileTable<'_>, path: &Placed<String>, versions: KnownVersions<'_>) {
    let has_few =
        |kind: &FieldKind| kind.exclusive_choices().is_some() || matches!(kind.answer_type(), AnswerType::Bool);
    let is_asked_before =
        versions.form_fields().into_iter().any(|field| field.id == path.value && has_few(&field.kind));
    if is_asked_before && versions.all().any(|procedure| procedure.eligibility.is_some()) {
        return;
    }
    let rules = versions.all().flat_map(|procedure| &procedure.form.checks);
    let places: Vec<&str> = rules.map(|rule| rule.field.as_deref().unwrap_or(FORM)).collect();
    if !places.contains(&path.value.as_str()) {
        versions.unknown(table, "field with a rule", path, places.into_iter());
    }
}
