//! Words that are almost right: the known word that the author likely meant, and the correction if it is certain.

use super::{FileTable, Placed};
use crate::reading::patch::TextPatch;
use motcua_domain::text;
use motcua_domain::text::{Language, Text};
use std::ops::Range;

impl FileTable<'_> {
    /// Ties the missing key to the one that was written with other letters, and proposes the right letters if they are
    /// certain.
    pub(super) fn finish_misspelt(&self, name: &str, span: &Range<usize>, known: &str) {
        let written = self.report.len().saturating_sub(1);
        for (_, missing) in self.missed.borrow().iter().filter(|(key, _)| key == known) {
            self.report.tie(*missing, written);
        }
        let asked = self.asked.borrow();
        if !self.entries.contains_key(known) && sole_nearest(name, asked.iter().copied()).is_some() {
            self.propose(name, span, known);
        }
    }

    /// Proposes to write `known` for a word, if the file has exactly this word at the place. Another number is another
    /// name, and no wrong letter.
    fn propose(&self, word: &str, span: &Range<usize>, known: &str) {
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        if digits(word) != digits(known) {
            return;
        }
        let written = self.source.text.get(span.clone()).unwrap_or_default();
        let is_bare = known.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        let is_plain = !known.contains(|letter: char| letter.is_control() || "\"'\\".contains(letter));
        let in_quotes =
            |quote: &str| written.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) == Some(word);
        let bytes = if written == word && is_bare {
            span.clone()
        } else if is_plain && (in_quotes("\"") || in_quotes("'")) {
            span.start + 1..span.end - 1
        } else {
            return;
        };
        self.report.fix_latest(TextPatch { bytes, text: known.to_owned() });
    }

    /// Reports a word that is not among the known ones.
    pub fn unknown_word<'n>(&self, key: &str, word: &Placed<String>, known: impl Iterator<Item = &'n str>) {
        let known: Vec<&str> = known.collect();
        let all = known.join(", ");
        let near = nearest(&word.value, known.iter().copied());
        let help = match near {
            Some(near) => did_you_mean(near),
            None if known.is_empty() => text!(
                "chưa khai báo mục nào như vậy, nên hãy khai báo trước, hoặc bỏ phần này",
                "there is none yet, so declare it first, or leave this out",
            ),
            None if known.len() == 1 => text!("hãy viết {all}", "write one of {all}"),
            None => text!("hãy viết một trong các từ {all}", "write one of {all}"),
        };
        let (written, noun) = (&word.value, noun(key));
        let (vi, en) = (noun.get(Language::Vi), noun.get(Language::En));
        // A longer noun has the word inside.
        let vi = if vi.contains(" nào ") { vi.to_owned() } else { format!("{vi} nào") };
        let message = text!("không có {vi} là `{written}`", "`{written}` is not a known {en}");
        self.mistake("unknown-name", word.span.clone(), message, help);
        self.report.name_latest(&word.value, near);
        let is_certain = !DECIDING.contains(&key) && !self.stands_elsewhere(word);
        if let Some(known) = sole_nearest(&word.value, known.iter().copied()).filter(|_| is_certain) {
            self.propose(&word.value, &word.span, known);
        }
    }

    /// Returns whether the file has a word at another place too. Such a word is hardly written with a wrong letter.
    fn stands_elsewhere(&self, word: &Placed<String>) -> bool {
        let text = self.source.text.as_str();
        let is_letter = |letter: char| letter.is_alphanumeric() || "-_./".contains(letter);
        text.match_indices(word.value.as_str()).any(|(start, _)| {
            let end = start + word.value.len();
            let (before, after) = (text.get(..start).unwrap_or_default(), text.get(end..).unwrap_or_default());
            let is_whole = !before.ends_with(is_letter) && !after.starts_with(is_letter);
            is_whole && !(word.span.start <= start && end <= word.span.end)
        })
    }
}

/// The keys whose values decide about the hierarchy, about rights or about money, so that a person corrects them.
const DECIDING: [&str; 13] = [
    "agency",
    "agency before this one",
    "agency that offers this",
    "by",
    "escalate",
    "group",
    "kind of agency",
    "on_behalf",
    "one_per",
    "posts",
    "registry",
    "role",
    "way",
];

/// Returns the advice to write a word that is near.
pub fn did_you_mean(near: &str) -> Text {
    text!("có phải ý bạn là `{near}` không?", "did you mean `{near}`?")
}

/// The nouns for the values of keys, in Vietnamese and in English.
const NOUNS: [(&str, &str, &str); 60] = [
    ("accept", "loại tệp", "kind of file"),
    ("action", "thao tác", "action"),
    ("actor", "người thực hiện", "actor"),
    ("agency", "cơ quan", "agency"),
    ("agency before this one", "cơ quan nào đứng trước cơ quan này trong tệp", "agency before this one"),
    ("agency that offers this", "cơ quan nào cung cấp thủ tục này", "agency that offers this"),
    ("applicant_end", "cách tính hạn của người nộp", "applicant end"),
    ("at", "đơn vị", "unit"),
    ("at_most_per", "khoảng thời gian giới hạn", "at most per"),
    ("audience", "đối tượng thực hiện", "audience"),
    ("builtin", "thành phần bổ sung nào của bộ công cụ", "plugin of the kit"),
    ("by", "cách giao bước", "way to assign a step"),
    ("code of a finding", "mã lỗi", "code of a finding"),
    ("condition", "điều kiện", "condition"),
    ("count", "cách đếm", "way to count"),
    ("day_off", "cách tính ngày nghỉ", "day off"),
    ("earlier", "cách xử lý kết quả trước", "earlier"),
    ("effect", "kết quả nào của thao tác", "effect"),
    ("escalate", "vai trò", "role"),
    ("field", "trường", "field"),
    ("field of kind date", "trường nào thuộc loại date", "field of kind date"),
    ("field of kind registry", "trường nào thuộc loại registry", "field of kind registry"),
    ("field or paper", "trường hoặc giấy tờ", "field or paper"),
    ("field with a rule", "trường nào có quy tắc", "field with a rule"),
    ("first_day", "cách tính ngày đầu", "first day"),
    ("format", "định dạng", "format"),
    ("from", "nguồn nào của giá trị", "source of a value"),
    ("group", "nhóm", "group"),
    ("join", "cách gộp các nhánh", "join"),
    ("kept_by", "kết cục của hồ sơ", "kept by"),
    ("kind", "loại", "kind"),
    ("kind of agency", "loại cơ quan", "kind of agency"),
    ("means", "nghĩa của việc im lặng", "means"),
    ("methods", "cách thực hiện", "method"),
    ("notice", "thông báo", "notice"),
    ("on_behalf", "người được nộp thay", "on behalf"),
    ("on_failure", "cách xử lý khi hỏng", "consequence of a failure"),
    ("one_per", "trường", "one per"),
    ("one_while", "khoảng thời gian", "one while"),
    ("paper", "giấy tờ", "paper"),
    ("parameter", "tham số", "parameter"),
    ("part", "phần", "part"),
    ("posts", "vị trí công tác", "post"),
    ("precision", "độ chính xác", "precision"),
    ("refusal", "mã từ chối", "refusal"),
    ("registry", "danh mục", "registry"),
    ("requires", "yêu cầu", "requirement"),
    ("role", "vai trò", "role"),
    ("row", "dòng", "row"),
    ("security", "cách bảo mật", "security"),
    (
        "sex or field with the choice `male`",
        "trường nào hỏi giới tính, hoặc có lựa chọn `male`,",
        "sex or field with the choice `male`",
    ),
    ("shape", "hình", "shape"),
    ("signer", "người ký", "signer"),
    ("status", "trạng thái", "status"),
    ("step", "bước", "step"),
    ("tell", "sự kiện", "event"),
    ("unit", "đơn vị", "unit"),
    ("units", "đơn vị", "unit"),
    ("way", "cách làm tròn", "way to round"),
    ("workflow", "quy trình", "workflow"),
];

/// Returns the noun for the values of a key.
fn noun(key: &str) -> Text {
    match NOUNS.iter().find(|(of, _, _)| *of == key) {
        Some((_, vi, en)) => Text::new(*vi, *en),
        None => Text::new(format!("giá trị `{key}`"), key.replace('_', " ")),
    }
}

/// Returns the known word that the author meant, if no other word is near.
fn sole_nearest<'n>(word: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let mut near = known.filter(|candidate| is_near(word, candidate));
    let first = near.next()?;
    near.all(|other| other == first).then_some(first)
}

/// Returns whether the author of a word may have meant a known word. A word without diacritics is no misspelt word that
/// has them.
fn is_near(word: &str, known: &str) -> bool {
    (known.is_ascii() || !word.is_ascii())
        && strsim::damerau_levenshtein(word, known) <= known.chars().count().max(3) / 3
}

/// Returns the known word that the author likely meant.
pub fn nearest<'n>(word: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    known
        .filter(|candidate| is_near(word, candidate))
        .min_by_key(|candidate| (strsim::damerau_levenshtein(word, candidate), *candidate))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_authors_are_refused_by_nouns_and_not_by_keys() {
        for key in ["refusal", "paper", "one_per", "agency before this one"] {
            let noun = noun(key);
            assert!(!noun.get(Language::Vi).contains('`'), "{noun:?}");
        }
        assert_eq!(noun("one_per").get(Language::En), "one per");
    }
}
