//! The pages of a form, and the targets of their buttons.

use crate::pages::draft::asked::{ASKED, on_page, other_answers, other_papers, questions};
use crate::pages::draft::controls::{FROM_CASE, WIDGETS, say, widget};
use crate::pages::draft::papers::{self, ReceivedForm, files, papers_page};
use crate::pages::draft::progress::{ChangeContext, Progress};
use crate::pages::draft::review::review_page;
use crate::pages::draft::seen::page_seen;
use crate::pages::render::{html, ok};
use crate::pages::results::{ResultOffer, named_result, offers};
use crate::state::Portal;
use crate::theme::Page;
use crate::view::by_place::ByPlace;
use crate::view::field::{self, FieldContext, FieldsContext, FindingContext, LeadingAreas, finding};
use crate::view::files::PaperFiles;
use crate::view::format::{self, AnswerLine, AnswerSection};
use crate::view::place_map::{TilesContext, draws_places};
use crate::view::refused;
use crate::web::address;
use crate::web::failure::Failure;
use crate::web::person::Person;
use crate::web::security::allow_map;
use crate::web::typing::{Query, change_rows, with_language};
use crate::web::visitor::{PostedForm, Visitor};
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use motcua_domain::expression::WorkBudget;
use motcua_domain::form::judge::Finding;
use motcua_domain::form::taken;
use motcua_domain::names::PaperId;
use motcua_domain::people::organisation::Actor;
use motcua_domain::text::Language;
use motcua_domain::time::calendar::local;
use motcua_service::catalogue::map::MapSettings;
use motcua_service::{DraftSeen, DraftView, EarlierDossier, Error, FieldOverlap, InputRule, PageSeen, typed_in};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

/// A page of the form.
#[derive(Debug, Clone, Serialize)]
pub struct FormPage {
    /// The draft with its pages.
    pub progress: Progress,
    /// The number of the page, from `1`, `delivery`, or `asked` for everything that the request for a supplement names.
    pub page: String,
    /// The page before, or an empty text on the first one.
    pub before: String,
    /// The next page: a number, `papers`, `delivery` or `review`.
    pub after: String,
    /// The title of the page, or an empty text for `asked`.
    pub title: String,
    /// The help about the page in the limited Markdown, or an empty text.
    pub help: String,
    /// The fields that are shown, in their order. On the page `asked`, papers are fields that take files.
    pub fields: Vec<FieldContext>,
    /// The answers that were not asked for, section by section. Other pages than `asked` have none.
    pub other_answers: Vec<AnswerSection>,
    /// The papers that were not asked for, with their files. Other pages than `asked` have none.
    pub other_papers: Vec<PaperFiles>,
    /// A field takes files, so the form is sent in parts.
    pub takes_files: bool,
    /// A field is a place that people draw, so the page loads `map.js`.
    pub draws_places: bool,
    /// The tiles below the places that people draw, or none.
    pub tiles: Option<TilesContext>,
    /// The obstacles on this page, shown on top after an attempt to go on.
    pub findings: Vec<FindingContext>,
    /// The rule that kept the page from being saved, under `refusal-<code>`, or an empty text.
    pub refusal: String,
    /// Fields that another page of the same draft changed meanwhile, with the content that it wrote.
    pub overlaps: Vec<ChangeContext>,
    /// The applicant's earlier results from which the form can be filled, on its first page.
    pub earlier: Vec<ResultOffer>,
    /// The applicant's earlier dossiers whose answers the form can take, on its first page.
    pub own_dossiers: Vec<DossierOffer>,
    /// The name of the row or of the question at which the page begins, such as `members.2`, or an empty text.
    pub focus: String,
    /// The number of the applicant's earlier result that the form names already, on its first page, or an empty text.
    pub followed: String,
    /// The saved answers as a short code, which the form posts as `draft-stored`. It shows later which fields somebody
    /// else changed.
    pub stored: String,
    /// The shown answers as a short code, which the form posts as `draft-shown`. It shows later which fields the person
    /// changed.
    pub shown: String,
}

/// An earlier dossier of the applicant whose answers a form can take.
#[derive(Debug, Clone, Serialize)]
pub struct DossierOffer {
    /// The code of the dossier, which the button posts behind `use:`.
    pub code: String,
    /// The name of the procedure.
    pub procedure: String,
    /// The day on which the dossier was filed.
    pub day: String,
}

impl Page for FormPage {
    const TEMPLATE: &'static str = "form.html";
    const ALWAYS: &'static [&'static str] = &[STORED, SHOWN];
    fn samples() -> Vec<Self> {
        let mut fields: Vec<FieldContext> =
            WIDGETS.iter().flat_map(|name| [widget(name, true), widget(name, false)]).collect();
        let row = |fields: &[FieldContext]| {
            vec![field::RowContext { index: 0, label: "Hàng".into(), fields: fields.to_vec() }]
        };
        let block = FieldContext { rows: row(&fields), ..widget("block", true) };
        fields.push(block.clone());
        let table = FieldContext { rows: row(&fields[..2]), ..widget("table", false) };
        let group = FieldContext { rows: row(&[block]), ..widget("group", true) };
        fields.extend([table, group]);
        let page = Self {
            progress: Progress::sample(""),
            page: "1".into(),
            before: String::new(),
            after: "papers".into(),
            title: "Trang".into(),
            help: "Trợ giúp".into(),
            fields,
            other_answers: vec![],
            other_papers: vec![],
            takes_files: true,
            draws_places: true,
            tiles: Some(TilesContext::sample()),
            findings: vec![say(true)],
            refusal: "draft-too-large".into(),
            overlaps: vec![ChangeContext::sample("Bình"), ChangeContext::sample("")],
            earlier: vec![ResultOffer::sample()],
            own_dossiers: vec![DossierOffer {
                code: "H09.01-261124-0001".into(),
                procedure: "Thủ tục mẫu".into(),
                day: "24/11/2026".into(),
            }],
            focus: String::new(),
            followed: "11/GP-STNMT".into(),
            stored: "field.name:0".into(),
            shown: "field.name:0".into(),
        };
        let answers = vec![AnswerLine::plain("Họ tên".into(), "An".into())];
        let supplement = Self {
            fields: page.fields.clone(),
            other_answers: vec![AnswerSection { title: "Trang".into(), answers }],
            other_papers: vec![PaperFiles { name: "Điều lệ".into(), on_paper: false, files: vec![] }],
            before: "1".into(),
            after: page.after.clone(),
            focus: "name.0".into(),
            stored: page.stored.clone(),
            shown: page.shown.clone(),
            ..Self::empty(Progress::sample("H09.01-261124-0001"), ASKED)
        };
        vec![page, supplement]
    }
}

impl FormPage {
    /// Returns a page of a draft without questions.
    pub fn empty(progress: Progress, page: &str) -> Self {
        Self {
            page: page.to_owned(),
            before: progress.before(page),
            after: progress.after(page),
            progress,
            title: String::new(),
            help: String::new(),
            fields: Vec::new(),
            other_answers: Vec::new(),
            other_papers: Vec::new(),
            takes_files: false,
            draws_places: false,
            tiles: None,
            findings: Vec::new(),
            refusal: String::new(),
            overlaps: Vec::new(),
            earlier: Vec::new(),
            own_dossiers: Vec::new(),
            focus: String::new(),
            followed: String::new(),
            stored: String::new(),
            shown: String::new(),
        }
    }
}

/// Returns a page of the form with its findings. `stored` is the content of the draft. `view` may have typed answers
/// that could not be saved.
fn form_page(
    portal: &Portal,
    view: &DraftView,
    stored: &Map<String, Json>,
    values: &Map<String, Json>,
    findings: &[Finding],
    page: &str,
    language: Language,
) -> Option<FormPage> {
    let section = questions(view, page)?;
    let findings = on_page(view, page, findings);
    let attached = |id: &str| files(view, &PaperId(id.to_owned()), language);
    let (by_place, work) = (ByPlace::new(&findings), WorkBudget::at(portal.services.now()));
    let registries = &portal.services.province().registries;
    let areas = LeadingAreas::of(&view.procedure, &portal.services.province().agencies);
    // The answer leads nowhere else if the agency is certain.
    let areas = areas.as_ref().filter(|_| view.agency().is_err());
    let (documents, files) = (view.procedure.legal_documents(), &attached);
    let around = FieldsContext { findings: &by_place, work: &work, registries, language, areas, files, documents };
    let progress = Progress::new(view, page, portal.services.now(), language);
    let mut fields = field::fields(&section.fields, "", &view.draft.typed, values, values, around);
    for shown in fields.iter_mut().filter(|shown| view.procedure.is_asked_before(&shown.name)) {
        let field = section.fields.iter().find(|field| field.id == shown.name);
        let answer = field.zip(values.get(&shown.name)).filter(|_| shown.findings.is_empty());
        shown.given = answer.map_or_else(String::new, |(field, value)| format::typed(field, value, language));
    }
    for shown in &mut fields {
        let source = taken::source(&view.draft.typed, &shown.name).map(|source| match source {
            taken::OWN_CASE => FROM_CASE,
            dossier => dossier,
        });
        source.unwrap_or_default().clone_into(&mut shown.taken);
        if source.is_some() {
            // An answer that has to be looked over is not folded away.
            shown.given.clear();
        }
    }
    let seen = page_seen(&section.fields, &fields, &view.draft.typed, stored, language);
    let (other_answers, other_papers) = others(view, values, page, language);
    let draws_places = draws_places(&section.fields);
    let map = portal.settings.map.as_ref().filter(|_| draws_places);
    Some(FormPage {
        title: section.title.get(language).to_owned(),
        help: section.help.as_ref().map_or_else(String::new, |help| help.get(language).to_owned()),
        stored: seen.stored.to_string(),
        shown: seen.shown.unwrap_or_default().to_string(),
        fields,
        other_answers,
        other_papers,
        takes_files: section.fields.iter().any(|field| field.kind.takes_files()),
        draws_places,
        tiles: map.map(|map| TilesContext::of(map, language)),
        findings: findings.iter().map(|found| finding(found, language)).collect(),
        ..FormPage::empty(progress, page)
    })
}

/// Returns the answers and the papers that were not asked for, if the page has what was.
fn others(
    view: &DraftView,
    values: &Map<String, Json>,
    page: &str,
    language: Language,
) -> (Vec<AnswerSection>, Vec<PaperFiles>) {
    if page != ASKED {
        return (Vec::new(), Vec::new());
    }
    let papers = other_papers(view).map(|paper| PaperFiles {
        name: paper.name.get(language).to_owned(),
        on_paper: view.on_paper().contains(&paper.id),
        files: files(view, &paper.id, language),
    });
    (other_answers(view, values, language), papers.collect())
}

/// Answers with a page of the form. If people draw a place on it, the page may load the tiles of the map.
fn answer(portal: &Portal, visitor: &Visitor, status: StatusCode, page: &FormPage) -> Response {
    let mut response = html(portal, visitor, status, page);
    if page.draws_places {
        allow_map(&mut response, portal.settings.map.as_ref().map_or("", MapSettings::origin));
    }
    response
}

/// The query of a page that may show the obstacles.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct JudgedQuery {
    #[serde(default)]
    pub judged: bool,
}

/// `GET /drafts/{id}/{page}`: a page of the form, the papers or the review.
pub async fn page(
    State(portal): State<Portal>,
    Path((id, page)): Path<(Uuid, String)>,
    Query(query): Query<JudgedQuery>,
    visitor: Person,
) -> Result<Response, Failure> {
    let language = visitor.language();
    let view = portal.services.drafts.draft(visitor.actor(), id).await?;
    // The plugin runs only for pages that show its answer.
    if page == "review" {
        let review = portal.services.drafts.review(&view).await?;
        let signers = portal.services.drafts.signers(&view, &review).await?;
        let page = review_page(&view, &review, signers, None, (portal.services.now(), language));
        return Ok(ok(&portal, &visitor, &page));
    }
    let values = portal.services.drafts.values(&view);
    if page == "papers" {
        return Ok(ok(&portal, &visitor, &papers_page(&portal, &visitor, &view, Vec::new()).await?));
    }
    let findings = if query.judged { portal.services.drafts.review(&view).await?.findings } else { Vec::new() };
    let typed = &view.draft.typed;
    let page = form_page(&portal, &view, typed, &values, &findings, &page, language).ok_or(Error::NotFound)?;
    let is_first = page.before.is_empty() && view.dossier.is_none();
    let mut earlier = if is_first { offers(&portal, visitor.actor(), &view).await? } else { Vec::new() };
    let own_dossiers = if is_first { own_dossiers(&portal, &visitor, &view).await? } else { Vec::new() };
    let named = named_result(&view, &values);
    let followed = if earlier.iter().any(|offer| offer.number == named) { named } else { String::new() };
    earlier.retain(|offer| offer.number != followed);
    Ok(answer(&portal, &visitor, StatusCode::OK, &FormPage { earlier, own_dossiers, followed, ..page }))
}

/// Returns the applicant's earlier dossiers whose answers a draft can take.
async fn own_dossiers(portal: &Portal, visitor: &Person, view: &DraftView) -> Result<Vec<DossierOffer>, Failure> {
    let language = visitor.language();
    let found = portal.services.drafts.earlier_dossiers(visitor.actor(), view).await?;
    let offer = |dossier: &EarlierDossier| DossierOffer {
        code: dossier.code.to_string(),
        procedure: dossier.procedure.get(language).to_owned(),
        day: format::day(local(dossier.filed_at).date(), language),
    };
    Ok(found.iter().map(offer).collect())
}

/// `POST /drafts/{id}/{page}`: saves a page of the form or of the papers, then adds or removes a row, or goes to the
/// chosen page.
pub async fn save(
    State(portal): State<Portal>,
    Path((id, page)): Path<(Uuid, String)>,
    request: Request,
) -> Result<Response, Failure> {
    if page == "papers" {
        return papers::save(&portal, id, request).await;
    }
    let ReceivedForm { visitor, mut posted, refused, .. } = papers::receive(&portal, id, None, request).await?;
    let (actor, language) = (visitor.actor(), visitor.language());
    with_language(&mut posted.0, language);
    let wish = posted.get("do").to_owned();
    change_rows(&mut posted.0, &wish);
    let before = portal.services.drafts.draft(actor, id).await?;
    let asked = ids(&before, &page).ok_or(Error::NotFound)?;
    // A page on which every question is hidden shows nothing. A form that remembers nothing is another case.
    let remembers = posted.0.iter().any(|(name, _)| name == SHOWN);
    let seen = PageSeen {
        stored: DraftSeen::parse(posted.get(STORED)),
        shown: remembers.then(|| DraftSeen::parse(posted.get(SHOWN))),
    };
    let saved = match portal.services.drafts.save_seen(actor, id, &asked, &posted.0, &seen).await {
        Ok(saved) => saved,
        Err(Error::Invalid(rule)) => {
            let shown = unsaved(&portal, &before, &posted, &page, rule, language).ok_or(Error::NotFound)?;
            return Ok(answer(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &shown));
        }
        Err(error) => return Err(error.into()),
    };
    if let Some(attached) = wish.strip_prefix("detach:").and_then(|attached| attached.parse().ok()) {
        portal.services.drafts.detach(actor, id, attached).await?;
    }
    let mut view = portal.services.drafts.draft(actor, id).await?;
    // The page shows the posted answers, even if another page changed the same field.
    let stored = std::mem::replace(&mut view.draft.typed, saved.view.draft.typed);
    let findings: Vec<Finding> =
        refused.iter().map(|refused| refused::finding(&portal.theme, &view, refused)).collect();
    if !findings.is_empty() || !saved.overlaps.is_empty() {
        let shown = obstructed(&portal, &view, &stored, &findings, &page, language).ok_or(Error::NotFound)?;
        let shown = FormPage { overlaps: overlaps(&view, &saved.overlaps, language), ..shown };
        return Ok(answer(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &shown));
    }
    if is_filled(&portal, actor, id, &wish).await? {
        return Ok(Redirect::to(&address::first_page(id)).into_response());
    }
    if ["remove:", "add:", "detach:", "refresh"].iter().any(|kind| wish.starts_with(kind)) {
        let page = form_page(&portal, &view, &stored, &portal.services.drafts.values(&view), &[], &page, language)
            .ok_or(Error::NotFound)?;
        let focus = field::changed_row(&page.fields, &wish);
        return Ok(answer(&portal, &visitor, StatusCode::OK, &FormPage { focus, ..page }));
    }
    let progress = Progress::new(&view, &page, portal.services.now(), language);
    // A page that shows the obstacles shows them in the other language too.
    let judged = if posted.get(JUDGED) == "true" { "?judged=true" } else { "" };
    let leads = match wish.strip_prefix("language:") {
        Some(tag) => Some(progress.in_language(&portal.theme, &format!("{page}{judged}"), tag)),
        None => progress.leads(&portal.theme, &page, if wish.is_empty() { "next" } else { &wish }),
    };
    let leads = leads.ok_or(Error::NotFound)?;
    if !wish.is_empty() && wish != "next" {
        return Ok(leads);
    }
    let review = portal.services.drafts.review(&view).await?;
    let shown = form_page(&portal, &view, &stored, &review.values, &review.findings, &page, language);
    let shown = shown.ok_or(Error::NotFound)?;
    let values = portal.services.drafts.values(&before);
    let asked = form_page(&portal, &before, &before.draft.typed, &values, &[], &page, language);
    let asked = asked.map_or_else(Vec::new, |asked| asked.fields);
    let new_question = field::new_question(&shown.fields, &asked, &posted.0);
    let focus = new_question.map(|name| name.split('.').next().unwrap_or_default().to_owned());
    let stands_in_the_way = shown.findings.iter().any(|finding| finding.error);
    Ok(if stands_in_the_way || focus.is_some() {
        let shown = FormPage { focus: focus.unwrap_or_default(), ..shown };
        answer(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &shown)
    } else {
        leads
    })
}

/// The name of the field of a page that shows the obstacles.
const JUDGED: &str = "draft-judged";

/// The names of the fields with the content that a page showed.
const STORED: &str = "draft-stored";
const SHOWN: &str = "draft-shown";

/// The beginning of the value of a button that fills in the form from an earlier result. The code of the dossier that
/// ended with the result follows.
const FILL: &str = "fill:";

/// The beginning of the value of a button that takes the answers of an earlier dossier. The code of the dossier follows.
const USE: &str = "use:";

/// Fills in the form from an earlier result or from an earlier dossier, if the button wants it, and returns whether it
/// does.
async fn is_filled(portal: &Portal, actor: &Actor, id: Uuid, wish: &str) -> Result<bool, Failure> {
    if let Some(result) = wish.strip_prefix(FILL) {
        portal.services.drafts.fill_from_result(actor, id, &address::code(result)?).await?;
    } else if let Some(dossier) = wish.strip_prefix(USE) {
        portal.services.drafts.use_earlier(actor, id, &address::code(dossier)?).await?;
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// Returns the page with the findings about files that were sent along. A file of a question that is not on this page
/// any more is named on top, and leads to the form.
fn obstructed(
    portal: &Portal,
    view: &DraftView,
    stored: &Map<String, Json>,
    findings: &[Finding],
    page: &str,
    language: Language,
) -> Option<FormPage> {
    let values = portal.services.drafts.values(view);
    let shown = form_page(portal, view, stored, &values, findings, page, language)?;
    let elsewhere = findings.iter().filter(|found| on_page(view, page, std::slice::from_ref(*found)).is_empty());
    let elsewhere = elsewhere.map(|found| FindingContext { path: "page".to_owned(), ..finding(found, language) });
    let findings = shown.findings.iter().cloned().chain(elsewhere).collect();
    Some(FormPage { findings, ..shown })
}

/// Returns the page with the typed answers that could not be saved, and the rule that they broke.
fn unsaved(
    portal: &Portal,
    before: &DraftView,
    posted: &PostedForm,
    page: &str,
    rule: InputRule,
    language: Language,
) -> Option<FormPage> {
    let mut view = before.clone();
    view.draft.typed.extend(typed_in(&questions(before, page)?.fields, "", &posted.0));
    let shown =
        form_page(portal, &view, &before.draft.typed, &portal.services.drafts.values(&view), &[], page, language)?;
    Some(FormPage { refusal: rule.word().to_owned(), ..shown })
}

/// Returns the ids of the questions of a page.
fn ids(view: &DraftView, page: &str) -> Option<Vec<String>> {
    Some(questions(view, page)?.fields.iter().map(|field| field.id.clone()).collect())
}

/// Returns the content that another page of the same draft wrote meanwhile.
fn overlaps(view: &DraftView, overlaps: &[FieldOverlap], language: Language) -> Vec<ChangeContext> {
    let fields = || view.procedure.form.sections.iter().flat_map(|section| &section.fields);
    let of = |overlap: &FieldOverlap| {
        let field = fields().find(|field| field.id == overlap.field)?;
        let text = format::typed(field, &overlap.stored, language);
        Some(ChangeContext { label: field.label.get(language).to_owned(), text })
    };
    overlaps.iter().filter_map(of).collect()
}
