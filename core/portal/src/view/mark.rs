//! The parts of a dossier that an officer marks as not right, and the request that follows from the marks.

use crate::view::basis::BasisContext;
use serde::Serialize;

/// A paper or a question that an officer can mark as not right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MarkContext {
    /// `papers.<id>` for a paper, or the id of a field: the value of the tick.
    pub place: String,
    /// The beginning of the names of the controls: that of the action that requests a supplement.
    pub part: String,
    /// The name of the paper, or the question.
    pub label: String,
    /// The part is marked.
    pub chosen: bool,
    /// The reason that the officer typed, or an empty text.
    pub why: String,
    /// The legal bases of asking for the part. The applicant reads them.
    pub basis: Vec<BasisContext>,
}

impl MarkContext {
    /// Returns a mark for checking a theme.
    pub fn sample(chosen: bool) -> Self {
        Self {
            place: if chosen { "papers.charter".into() } else { "name".into() },
            part: "act.1.act".into(),
            label: "Điều lệ".into(),
            chosen,
            why: if chosen { "Thiếu trang 2".into() } else { String::new() },
            basis: BasisContext::samples(),
        }
    }
}

/// Returns the words to the applicant that follow from the marks: `intro`, and each marked part with its reason and its
/// legal basis on a line of its own. Returns an empty text if nothing is marked.
pub fn letter(marks: &[MarkContext], intro: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for mark in marks.iter().filter(|mark| mark.chosen) {
        let why = if mark.why.is_empty() { String::new() } else { format!(": {}", mark.why) };
        let basis: Vec<&str> = mark.basis.iter().map(|basis| basis.text.as_str()).collect();
        let basis = if basis.is_empty() { String::new() } else { format!(" ({})", basis.join("; ")) };
        lines.push(format!("{}. {}{why}{basis}", lines.len() + 1, mark.label));
    }
    if lines.is_empty() { String::new() } else { format!("{intro}\n{}", lines.join("\n")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_has_each_marked_part_with_its_reason_and_its_legal_basis() {
        let plain = MarkContext { why: String::new(), basis: Vec::new(), ..MarkContext::sample(true) };
        let marks = [MarkContext::sample(true), MarkContext::sample(false), plain];
        let expected = "Đề nghị bổ sung:\n\
            1. Điều lệ: Thiếu trang 2 (khoản 1 Điều 16 Luật Hộ tịch; Nghị định)\n\
            2. Điều lệ";
        assert_eq!(letter(&marks, "Đề nghị bổ sung:"), expected);
        assert_eq!(letter(&[MarkContext::sample(false)], "Đề nghị bổ sung:"), "");
    }
}
