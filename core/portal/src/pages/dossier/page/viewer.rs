//! The papers of a dossier beside its answers, one of which is shown, for the staff.

use super::shown::{files, results};
use crate::view::files::FileContext;
use crate::view::mark::MarkContext;
use crate::web::download::displayed;
use motcua_domain::text::Language;
use motcua_service::DossierView;
use serde::Serialize;

/// The papers of a dossier, one of which is shown.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ViewerContext {
    /// The papers in the order of the procedure, and the result at the end.
    pub papers: Vec<ViewerPaper>,
    /// The file that is shown, or none if there is no file.
    pub shown: Option<ShownFile>,
}

/// A paper with its files, or the result.
#[derive(Debug, Clone, Serialize)]
pub struct ViewerPaper {
    /// The name that a request for a supplement gives the paper, such as `papers.map`, or an empty text for the result.
    pub place: String,
    /// The name of the paper, or an empty text for the result.
    pub name: String,
    /// A counter has seen the paper.
    pub on_paper: bool,
    /// The files, which may be none.
    pub files: Vec<ViewerFile>,
    /// The mark with which an officer says that the paper is not right, where one is wanted.
    pub mark: Option<MarkContext>,
    /// The names of the files before the last supplement if the supplement changed them, or an empty text.
    pub former: Option<String>,
}

/// A file that can be shown.
#[derive(Debug, Clone, Serialize)]
pub struct ViewerFile {
    /// The number of the file in the dossier, from 1, which the page gets as `paper`.
    pub number: usize,
    /// The name, the size and the address of the file.
    pub file: FileContext,
    /// The file is shown.
    pub open: bool,
}

/// The file that is shown.
#[derive(Debug, Clone, Serialize)]
pub struct ShownFile {
    /// The number of the file in the dossier, from 1.
    pub number: usize,
    /// The number of files.
    pub count: usize,
    /// The name, the size and the address of the file.
    pub file: FileContext,
    /// `pdf` and `picture` stand in the page. `other` is a file that a browser only saves.
    pub kind: &'static str,
    /// The number of the file before it, or 0.
    pub previous: usize,
    /// The number of the file after it, or 0.
    pub next: usize,
}

/// Returns the papers of a dossier, also those without a file. `wanted` has the number of the file to show. Without
/// one, the first file is shown that a browser displays.
pub fn viewer(view: &DossierView, wanted: &str, language: Language) -> ViewerContext {
    let dossier = &view.dossier;
    let of_papers = view.procedure.papers.iter().map(|paper| {
        let attached = dossier.papers.iter().filter(|attached| attached.paper == paper.id);
        let found = attached.map(|attached| &attached.file).collect::<Vec<_>>();
        let on_paper = dossier.on_paper.contains(&paper.id);
        (format!("papers.{}", paper.id), paper.name.get(language).to_owned(), on_paper, found)
    });
    let (issued, _) = results(dossier, false);
    let mut all: Vec<(FileContext, &'static str)> = Vec::new();
    let mut papers = Vec::new();
    for (place, name, on_paper, found) in of_papers.chain([(String::new(), String::new(), false, issued)]) {
        let shown = files(dossier, found.iter().copied(), language);
        let mut lines = Vec::with_capacity(found.len());
        for (stored, file) in found.iter().zip(shown) {
            all.push((file.clone(), displayed(&stored.media_type)));
            lines.push(ViewerFile { number: all.len(), file, open: false });
        }
        papers.push(ViewerPaper { place, name, on_paper, files: lines, mark: None, former: None });
    }
    let shown = chosen(all, wanted);
    let number = shown.as_ref().map(|shown| shown.number);
    for line in papers.iter_mut().flat_map(|paper| &mut paper.files) {
        line.open = Some(line.number) == number;
    }
    ViewerContext { papers, shown }
}

/// Returns the file to show.
fn chosen(files: Vec<(FileContext, &'static str)>, wanted: &str) -> Option<ShownFile> {
    let count = files.len();
    let wanted = wanted.parse::<usize>().ok().filter(|number| (1..=count).contains(number));
    let first = files.iter().position(|(_, kind)| *kind != "other").unwrap_or(0);
    let at = wanted.map_or(first, |number| number.saturating_sub(1));
    let (file, kind) = files.into_iter().nth(at)?;
    let next = if at + 2 > count { 0 } else { at + 2 };
    Some(ShownFile { number: at + 1, count, file, kind, previous: at, next })
}

impl ViewerContext {
    /// Leaves out the papers about which the page has nothing to show.
    pub fn without_empty(mut self) -> Self {
        self.papers.retain(|paper| {
            paper.on_paper || paper.mark.is_some() || paper.former.is_some() || !paper.files.is_empty()
        });
        self
    }

    /// Returns papers for checking a theme, of which one of a kind is shown.
    pub fn sample(kind: &'static str) -> Self {
        let line = |number, open| ViewerFile { number, file: FileContext::sample(), open };
        let paper = |place: &str, name: &str, files: Vec<ViewerFile>| ViewerPaper {
            place: place.into(),
            name: name.into(),
            on_paper: place == "papers.map",
            mark: (!files.is_empty() && !place.is_empty()).then(|| MarkContext::sample(true)),
            former: (place == "papers.charter").then(|| "cũ.pdf".to_owned()),
            files,
        };
        Self {
            papers: vec![
                paper("papers.charter", "Điều lệ", vec![line(1, false), line(2, true)]),
                paper("papers.map", "Bản đồ", vec![]),
                paper("papers.plan", "Đề án", vec![]),
                paper("", "", vec![line(3, false)]),
            ],
            shown: chosen(
                vec![(FileContext::sample(), kind), (FileContext::sample(), kind), (FileContext::sample(), kind)],
                "2",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(kinds: &[&'static str], wanted: &str) -> Option<(usize, usize, usize)> {
        let files = kinds.iter().map(|kind| (FileContext::sample(), *kind)).collect();
        chosen(files, wanted).map(|shown| (shown.previous, shown.number, shown.next))
    }

    #[test]
    fn the_first_file_that_a_browser_displays_is_shown_until_another_is_chosen() {
        let kinds = ["other", "pdf", "picture"];
        assert_eq!(number(&kinds, ""), Some((1, 2, 3)));
        assert_eq!(number(&kinds, "1"), Some((0, 1, 2)));
        assert_eq!(number(&kinds, "3"), Some((2, 3, 0)));
        for wanted in ["0", "4", "-1", "x", "99999999999999999999999"] {
            assert_eq!(number(&kinds, wanted), Some((1, 2, 3)), "{wanted}");
        }
        assert_eq!(number(&["other"], ""), Some((0, 1, 0)));
        assert_eq!(number(&[], "1"), None);
    }
}
