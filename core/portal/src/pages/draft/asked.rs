//! The answers and papers that the office asked for in a supplement: the page that has them all, where each is, and what
//! is still as it was.

use crate::view::format::{self, AnswerSection};
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::event::MissingPart;
use motcua_domain::form::judge::Finding;
use motcua_domain::form::kinds::File;
use motcua_domain::form::{Field, FieldKind, Section};
use motcua_domain::media::AttachedPaper;
use motcua_domain::names::{Digest, PaperId};
use motcua_domain::procedure::Paper;
use motcua_domain::procedure::delivery::DELIVERY;
use motcua_domain::text::{Language, Text};
use motcua_service::DraftView;
use serde::Serialize;
use serde_json::{Map, Value as Json};
use std::borrow::Cow;

/// The page of a supplement with everything that the request names, and with nothing else.
pub const ASKED: &str = "asked";

/// The beginning of the places of papers.
const PAPERS: &str = "papers.";

/// The page of a draft on which the applicant chooses how to get the result.
pub const DELIVERY_PAGE: &str = "delivery";

/// An answer or a paper that the office asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AskedContext {
    /// The question, or the name of the paper.
    pub label: String,
    /// The page of the draft with the part: `asked`, a number, or `papers`.
    pub page: String,
    /// The anchor of the part on that page.
    pub place: String,
    /// The part is on the page that is shown.
    pub here: bool,
}

impl AskedContext {
    fn of(view: &DraftView, part: &MissingPart, page: &str, language: Language) -> Self {
        let (on, place) = place_of(view, &part.place);
        let here = on == page;
        Self { label: part.name.get(language).to_owned(), page: on, place: place.to_owned(), here }
    }

    /// Returns a part for checking a theme.
    pub fn sample(here: bool) -> Self {
        let (page, place) = if here { ("1", "name") } else { ("papers", "papers.charter") };
        let label = if here { "Họ tên" } else { "Điều lệ" };
        Self { label: label.to_owned(), page: page.to_owned(), place: place.to_owned(), here }
    }
}

/// The parts of a supplement that are still as they were.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnchangedParts {
    /// The parts that the office asked for by name.
    pub asked: Vec<AskedContext>,
    /// Nothing at all was changed.
    pub all: bool,
}

/// Returns the parts that the last request names and the form still has.
fn parts(view: &DraftView) -> impl Iterator<Item = &MissingPart> {
    let request = view.dossier.as_ref().and_then(|dossier| dossier.supplements.last());
    let named = request.into_iter().flat_map(|request| &request.missing);
    named.filter(move |part| is_there(view, &part.place))
}

/// Returns a place without the beginning that tells a paper.
fn bare(place: &str) -> &str {
    place.strip_prefix(PAPERS).unwrap_or(place)
}

/// Returns whether a draft has a page with everything that the request names. An officer at the counter goes through all
/// pages, because papers are ticked off on theirs.
pub fn has_one_page(view: &DraftView) -> bool {
    !view.is_at_counter() && parts(view).next().is_some()
}

/// Returns whether the request names the place of a finding, of an answer or of a paper. An id alone is that of a question
/// or of a paper.
fn is_asked(view: &DraftView, path: &str) -> bool {
    let id = bare(path).split('.').next().unwrap_or_default();
    parts(view).any(|part| bare(&part.place) == id)
}

/// Returns a paper as a question that takes files.
fn as_question(paper: &Paper) -> Field {
    let Paper { accept, max_bytes, max_files, .. } = paper;
    let kind = FieldKind::File(File { accept: accept.clone(), max_bytes: *max_bytes, max_files: *max_files });
    Field {
        help: paper.help.clone(),
        required: paper.required.clone(),
        basis: paper.basis.clone(),
        ..Field::new(paper.id.as_str(), paper.name.clone(), kind)
    }
}

/// Returns the questions of a page of the form, or those that the request names with its papers as questions.
pub fn questions<'a>(view: &'a DraftView, page: &str) -> Option<Cow<'a, Section>> {
    let form = &view.procedure.form;
    if page != ASKED {
        return form.sections.get(page.parse::<usize>().ok()?.checked_sub(1)?).map(Cow::Borrowed);
    }
    if !has_one_page(view) {
        return None;
    }
    let named = |place: &str| parts(view).any(|part| part.place == place);
    let asked = form.fields().map(|(_, field)| field).filter(|field| named(&field.id)).cloned();
    let papers = view.procedure.papers.iter().filter(|paper| named(&format!("{PAPERS}{}", paper.id))).map(as_question);
    let fields = asked.chain(papers).collect();
    Some(Cow::Owned(Section { id: ASKED.to_owned(), title: Text::default(), help: None, fields }))
}

/// Returns the findings that stand on a page, each with its place there.
pub fn on_page(view: &DraftView, page: &str, findings: &[Finding]) -> Vec<Finding> {
    if page == ASKED {
        let asked = findings.iter().filter(|finding| is_asked(view, &finding.path));
        return asked.map(|found| Finding { path: bare(&found.path).to_owned(), ..found.clone() }).collect();
    }
    findings.iter().filter(|finding| section_of(view, &finding.path) == page).cloned().collect()
}

/// Returns the answers that were not asked for, section by section.
pub fn other_answers(view: &DraftView, values: &Map<String, Json>, language: Language) -> Vec<AnswerSection> {
    let mut sections = format::answers(&view.procedure, values, language);
    for section in &mut sections {
        section.answers.retain(|answer| !is_asked(view, &answer.id));
    }
    sections.retain(|section| !section.answers.is_empty());
    sections
}

/// Returns the papers that were not asked for.
pub fn other_papers(view: &DraftView) -> impl Iterator<Item = &Paper> {
    view.procedure.papers.iter().filter(move |paper| !is_asked(view, &format!("{PAPERS}{}", paper.id)))
}

/// Returns whether the procedure has a paper or a question at a place.
fn is_there(view: &DraftView, place: &str) -> bool {
    match place.strip_prefix(PAPERS) {
        Some(id) => view.procedure.papers.iter().any(|paper| paper.id.as_str() == id),
        None => view.procedure.form.fields().any(|(_, field)| field.id == place),
    }
}

/// Returns what the office asked for, as a page of the draft shows it.
pub fn asked(view: &DraftView, page: &str, language: Language) -> Vec<AskedContext> {
    parts(view).map(|part| AskedContext::of(view, part, page, language)).collect()
}

/// Returns the page on which the place of a finding, of an answer or of a paper is: the one with everything that was asked
/// for, if it is there, too.
pub fn page_of(view: &DraftView, path: &str) -> String {
    if has_one_page(view) && is_asked(view, path) { ASKED.to_owned() } else { section_of(view, path) }
}

/// Returns the page as [`page_of`] does, and the anchor of the place on it. A paper is a question on the page with everything
/// that was asked for.
pub fn place_of<'a>(view: &DraftView, path: &'a str) -> (String, &'a str) {
    let page = page_of(view, path);
    let place = if page == ASKED { bare(path) } else { path };
    (page, place)
}

/// Returns the page of the form on which a place is, the papers, or the review.
fn section_of(view: &DraftView, path: &str) -> String {
    if path.starts_with(PAPERS) {
        return "papers".to_owned();
    }
    let field = path.split('.').next().unwrap_or_default();
    if field == DELIVERY {
        return DELIVERY_PAGE.to_owned();
    }
    let section = view.procedure.form.sections.iter().position(|section| section.fields.iter().any(|f| f.id == field));
    section.map_or_else(|| "review".to_owned(), |at| (at + 1).to_string())
}

/// Returns the page with what the office asked for, or with the first part of it, or the first page.
pub fn first_page(view: &DraftView) -> String {
    parts(view).next().map_or_else(|| "1".to_owned(), |part| page_of(view, &part.place))
}

/// Returns the parts of a supplement that are as they were in its dossier. `values` are the answers of the draft as they
/// are judged.
pub fn unchanged(view: &DraftView, values: &Map<String, Json>, language: Language) -> UnchangedParts {
    let Some(dossier) = &view.dossier else { return UnchangedParts::default() };
    let is_same_answer = |id: &str| given(values.get(id)) == given(dossier.values.get(id));
    let is_same_paper = |id: &PaperId| {
        let attached = view.draft.papers.iter().map(|paper| &paper.attached);
        digests(attached, id) == digests(dossier.papers.iter(), id)
            && view.on_paper().contains(id) == dossier.on_paper.contains(id)
    };
    let is_same = |part: &&MissingPart| match part.place.strip_prefix(PAPERS) {
        Some(id) => is_same_paper(&PaperId::from(id)),
        None => is_same_answer(&part.place) && is_same_file(view, dossier, &part.place),
    };
    let asked = parts(view).filter(is_same).map(|part| AskedContext::of(view, part, "review", language)).collect();
    let is_asked = |field: &&Field| !field.kind.is_helper();
    let mut fields = view.procedure.form.fields().map(|(_, field)| field).filter(is_asked);
    let all = fields.all(|field| is_same_answer(&field.id) && is_same_file(view, dossier, &field.id))
        && view.procedure.papers.iter().all(|paper| is_same_paper(&paper.id));
    UnchangedParts { asked, all }
}

/// Returns whether a field of the form has the same files as in the dossier. A field that takes no files has none.
fn is_same_file(view: &DraftView, dossier: &Dossier, field: &str) -> bool {
    let id = PaperId::from(field);
    digests(view.draft.papers.iter().map(|paper| &paper.attached), &id) == digests(dossier.papers.iter(), &id)
}

/// Returns an answer, if there is one.
fn given(value: Option<&Json>) -> Option<&Json> {
    value.filter(|value| !value.is_null())
}

/// Returns the contents of the files of a paper, in their order.
fn digests<'a>(attached: impl Iterator<Item = &'a AttachedPaper>, id: &PaperId) -> Vec<&'a Digest> {
    attached.filter(|attached| attached.paper == *id).map(|attached| &attached.file.digest).collect()
}
