//! The answers and papers that the office asked for in a supplement: where each is, and what is still as it was.

use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::event::MissingPart;
use motcua_domain::form::Field;
use motcua_domain::media::AttachedPaper;
use motcua_domain::names::{Digest, PaperId};
use motcua_domain::procedure::delivery::DELIVERY;
use motcua_domain::text::Language;
use motcua_service::DraftView;
use serde::Serialize;
use serde_json::{Map, Value as Json};

/// The page of a draft on which the applicant chooses how to get the result.
pub const DELIVERY_PAGE: &str = "delivery";

/// An answer or a paper that the office asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AskedContext {
    /// The question, or the name of the paper.
    pub label: String,
    /// The page of the draft with the part: a number, or `papers`.
    pub page: String,
    /// The anchor of the part on that page.
    pub place: String,
    /// The part is on the page that is shown.
    pub here: bool,
}

impl AskedContext {
    fn of(view: &DraftView, part: &MissingPart, page: &str, language: Language) -> Self {
        let on = page_of(view, &part.place);
        let here = on == page;
        Self { label: part.name.get(language).to_owned(), page: on, place: part.place.clone(), here }
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

/// Returns whether the procedure has a paper or a question at a place.
fn is_there(view: &DraftView, place: &str) -> bool {
    match place.strip_prefix("papers.") {
        Some(id) => view.procedure.papers.iter().any(|paper| paper.id.as_str() == id),
        None => view.procedure.form.fields().any(|(_, field)| field.id == place),
    }
}

/// Returns what the office asked for, as a page of the draft shows it.
pub fn asked(view: &DraftView, page: &str, language: Language) -> Vec<AskedContext> {
    parts(view).map(|part| AskedContext::of(view, part, page, language)).collect()
}

/// Returns the page on which the place of a finding, of an answer or of a paper is.
pub fn page_of(view: &DraftView, path: &str) -> String {
    if path.starts_with("papers.") {
        return "papers".to_owned();
    }
    let field = path.split('.').next().unwrap_or_default();
    if field == DELIVERY {
        return DELIVERY_PAGE.to_owned();
    }
    let section = view.procedure.form.sections.iter().position(|section| section.fields.iter().any(|f| f.id == field));
    section.map_or_else(|| "review".to_owned(), |at| (at + 1).to_string())
}

/// Returns the page with the first part that the office asked for, or the first page.
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
    let is_same = |part: &&MissingPart| match part.place.strip_prefix("papers.") {
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
