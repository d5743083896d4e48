//! The kinds of files that a place accepts, and the texts about rejected files.

use crate::theme::Theme;
use crate::view::format;
use motcua_domain::file_name::shown_name;
use motcua_domain::form::judge::Finding;
use motcua_domain::names::PaperId;
use motcua_domain::procedure::MediaKind;
use motcua_domain::text::{Language, Text};
use motcua_service::{DraftView, InputRule};
use serde::Serialize;

/// The most rejected files of one request. The portal skips the files after them.
pub const MOST_REFUSED: usize = 20;

/// A refusal at a paper or a file field.
#[derive(Debug, Clone)]
pub struct Refused {
    pub place: PaperId,
    /// The file as its sender named it. Empty if the refusal is not about one file.
    pub file: String,
    pub rule: InputRule,
}

/// A refusal as a page shows it.
#[derive(Debug, Clone, Serialize)]
pub struct ShownProblem {
    /// The file, or an empty text.
    pub file: String,
    /// The name of the paper, or an empty text if the procedure has no such paper any more.
    pub paper: String,
    /// The rule, under `refusal-<code>`.
    pub code: &'static str,
    /// The kinds of files that the paper accepts, such as `PDF, JPEG`, or an empty text if the rule is not about them.
    pub accept: String,
    /// The size of the largest file that the paper accepts, such as `10 MB`, or an empty text if `accept` is empty.
    pub max_size: String,
}

impl ShownProblem {
    /// Describes a refusal in a draft.
    pub fn new(view: &DraftView, refused: &Refused, language: Language) -> Self {
        let Refused { place, file, rule } = refused;
        let place = view.procedure.place(place);
        let limited =
            place.filter(|_| matches!(rule, InputRule::FileType | InputRule::FileTooLarge | InputRule::FileHeic));
        Self {
            file: if file.is_empty() { String::new() } else { shown_name(file) },
            paper: place.map_or_else(String::new, |place| place.name.get(language).to_owned()),
            code: rule.word(),
            accept: limited.map_or_else(String::new, |place| names(place.accept)),
            max_size: limited.map_or_else(String::new, |place| format::size(place.max_bytes, language)),
        }
    }

    /// Returns problems for checking a theme: each rule with a file and without one, and a file of no paper.
    pub fn samples() -> Vec<Vec<Self>> {
        let problem = |rule: InputRule, of_file: bool| Self {
            file: if of_file { "a.exe".into() } else { String::new() },
            paper: "Điều lệ".into(),
            code: rule.word(),
            accept: if of_file { "PDF".into() } else { String::new() },
            max_size: if of_file { "10 MB".into() } else { String::new() },
        };
        let of_no_paper = Self { paper: String::new(), ..problem(InputRule::PaperGone, true) };
        let each = InputRule::ALL.iter().map(|rule| vec![problem(*rule, true), problem(*rule, false)]);
        each.chain([vec![of_no_paper]]).collect()
    }
}

/// Describes a refusal at a file field as a finding of the form.
pub fn finding(theme: &Theme, view: &DraftView, refused: &Refused) -> Finding {
    let words = |language| {
        let ShownProblem { file, code, accept, max_size, .. } = ShownProblem::new(view, refused, language);
        let taken = if accept.is_empty() { String::new() } else { format!(" ({accept}; {max_size})") };
        format!("“{file}”: {}{taken}", theme.text(language, &format!("refusal-{code}")))
    };
    Finding::error(refused.place.as_str(), refused.rule.word(), Text::new(words(Language::Vi), words(Language::En)))
}

/// Returns the names of kinds of files: `PDF, JPEG`.
pub fn names(kinds: &[MediaKind]) -> String {
    kinds.iter().map(|kind| kind.name().to_uppercase()).collect::<Vec<_>>().join(", ")
}

/// Returns the attribute `accept` of a file input. It has the file endings too, because browsers do not know all media
/// types.
pub fn offered(kinds: &[MediaKind]) -> String {
    kinds.iter().map(|kind| format!("{},.{}", kind.media_type(), kind.extension())).collect::<Vec<_>>().join(",")
}
