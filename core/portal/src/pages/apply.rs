//! Applying: the pages of a form, its papers, the review and the filing.

use crate::Portal;
use crate::again::is_upload;
use crate::context::{html, ok};
use crate::failure::{Carry, Failure};
use crate::field::{self, Around, FieldContext, FindingContext, finding};
use crate::format::{self, Answer, AnswerSection};
use crate::pages::papers::{FileContext, files, papers_page, require_own};
use crate::theme::Page;
use crate::typing::{Query, with_language};
use crate::visitor::{Posted, Visitor};
use crate::web::upload::Upload;
use axum::extract::{FromRequest as _, Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use motcua_desk::{DraftView, Error, Review, Rule};
use motcua_domain::command::Refusal;
use motcua_domain::form::Kind;
use motcua_domain::judge::Finding;
use motcua_domain::names::PaperId;
use motcua_domain::text::{Language, Text};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

/// `POST /procedures/{agency}/{slug}/apply`: begins a draft, or goes on with the one that is there.
pub async fn start(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path((agency, slug)): Path<(String, String)>,
    _: Posted,
) -> Result<Redirect, Failure> {
    let actor = visitor.actor()?;
    let catalogue = portal.desk.catalogue();
    let live = catalogue.at(&format!("/procedures/{agency}/{slug}")).ok_or(Error::NotFound)?;
    let id = portal.desk.start_draft(actor, &live.procedure.code).await?;
    Ok(Redirect::to(&format!("/drafts/{id}/1")))
}

/// `GET /procedures/{agency}/{slug}/apply`: where logging in or registering leads back to.
pub async fn back_to_procedure(Path((agency, slug)): Path<(String, String)>) -> Redirect {
    Redirect::to(&format!("/procedures/{agency}/{slug}"))
}

/// Where the applicant is.
#[derive(Debug, Clone, Serialize)]
pub struct Progress {
    pub id: String,
    pub procedure: String,
    /// The dossier that is supplemented, or an empty text.
    pub dossier: String,
    /// What the office asked for, or an empty text.
    pub request: String,
    pub steps: Vec<ProgressStep>,
    pub saved: String,
}

/// One of the pages.
#[derive(Debug, Clone, Serialize)]
pub struct ProgressStep {
    pub page: String,
    /// The title of a page of the form; empty for the pages `papers` and `review`.
    pub title: String,
    pub current: bool,
}

impl Progress {
    pub fn new(view: &DraftView, page: &str, language: Language) -> Self {
        let form = view.procedure.form.sections.iter().enumerate();
        let mut steps: Vec<(String, String)> =
            form.map(|(at, section)| ((at + 1).to_string(), section.title.get(language).to_owned())).collect();
        // These two have their titles in the theme's texts.
        if !view.procedure.papers.is_empty() {
            steps.push(("papers".to_owned(), String::new()));
        }
        steps.push(("review".to_owned(), String::new()));
        let request = view.dossier.as_ref().and_then(|dossier| dossier.supplements.last());
        Self {
            id: view.draft.id.to_string(),
            procedure: view.procedure.name.get(language).to_owned(),
            dossier: view.draft.dossier.as_ref().map_or_else(String::new, ToString::to_string),
            request: request.map_or_else(String::new, |request| request.what.clone()),
            steps: steps.into_iter().map(|(at, title)| ProgressStep { current: at == page, page: at, title }).collect(),
            saved: format::second(view.draft.updated_at, language),
        }
    }

    pub fn after(&self, page: &str) -> String {
        let at = self.steps.iter().position(|step| step.page == page).unwrap_or(0);
        self.steps.get(at + 1).map_or_else(|| "review".to_owned(), |step| step.page.clone())
    }

    pub fn before(&self, page: &str) -> String {
        let at = self.steps.iter().position(|step| step.page == page).unwrap_or(0);
        at.checked_sub(1).and_then(|at| self.steps.get(at)).map_or_else(String::new, |step| step.page.clone())
    }

    pub fn sample(dossier: &str) -> Self {
        let step = |page: &str, title: &str, current| ProgressStep { page: page.into(), title: title.into(), current };
        Self {
            id: "0".into(),
            procedure: "Thủ tục".into(),
            dossier: dossier.into(),
            request: if dossier.is_empty() { String::new() } else { "Thiếu chữ ký".into() },
            steps: vec![step("1", "Trang", true), step("papers", "", false), step("review", "", false)],
            saved: "24/11/2026 08:00".into(),
        }
    }
}

/// One page of the form.
#[derive(Debug, Clone, Serialize)]
pub struct FormPage {
    pub progress: Progress,
    pub page: String,
    pub before: String,
    pub after: String,
    pub title: String,
    pub help: String,
    pub fields: Vec<FieldContext>,
    /// A field takes files, so the form is sent in parts.
    pub takes_files: bool,
    /// What stands in the way on this page, shown on top after trying to go on.
    pub findings: Vec<FindingContext>,
}

impl Page for FormPage {
    const TEMPLATE: &'static str = "form.html";
    fn samples() -> Vec<Self> {
        let say = |error| FindingContext { path: "name".into(), error, text: "Hãy nhập tên.".into() };
        let widget = |widget: &'static str, found: bool| FieldContext {
            name: "name".into(),
            label: "Họ tên".into(),
            help: if found { "Như trong giấy tờ".into() } else { String::new() },
            widget,
            required: found,
            value: "An".into(),
            choices: vec![field::ChoiceContext { value: "a".into(), label: "A".into(), chosen: found }],
            unit: if found { "m".into() } else { String::new() },
            inputmode: "text",
            autocomplete: "off",
            placeholder: "",
            findings: if found { vec![say(true), say(false)] } else { vec![] },
            rows: vec![],
            more: found,
            depends: found,
            files: if found { vec![FileContext::sample()] } else { vec![] },
            accept: "application/pdf".into(),
            precision: "day",
            boxes: vec![field::BoxContext { part: "day", value: "2".into(), autocomplete: "off" }],
        };
        let mut fields: Vec<FieldContext> = [
            "line",
            "date",
            "text",
            "choice",
            "choices",
            "select",
            "search",
            "yes-no",
            "consent",
            "explanation",
            "computed",
            "map",
            "file",
        ]
        .into_iter()
        .flat_map(|name| [widget(name, true), widget(name, false)])
        .collect();
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
            takes_files: true,
            findings: vec![say(true)],
        };
        let supplement = Self {
            progress: Progress::sample("H09.01-261124-0001"),
            findings: vec![],
            help: String::new(),
            before: "1".into(),
            takes_files: false,
            ..page.clone()
        };
        vec![page, supplement]
    }
}

/// Everything once more, before filing.
#[derive(Debug, Clone, Serialize)]
pub struct ReviewPage {
    pub progress: Progress,
    pub before: String,
    pub sections: Vec<AnswerSection>,
    pub papers: Vec<(String, Vec<FileContext>)>,
    pub fees: Vec<(String, &'static str, String)>,
    pub total: String,
    pub limit: String,
    pub level: u8,
    /// What stands in the way, each with the page to go to.
    pub findings: Vec<(FindingContext, String)>,
    pub complete: bool,
    pub plugin_failed: bool,
    /// A rule was broken when filing, under `refusal-<code>`.
    pub refusal: Option<String>,
}

impl Page for ReviewPage {
    const TEMPLATE: &'static str = "review.html";
    fn samples() -> Vec<Self> {
        let answer =
            |rows| Answer { rows, outline: "0,0 1,1 0,1".into(), ..Answer::plain("Họ tên".into(), "An".into()) };
        let say = |error| FindingContext { path: "name".into(), error, text: "Hãy nhập tên.".into() };
        let file = FileContext::sample();
        let page = Self {
            progress: Progress::sample(""),
            before: "papers".into(),
            sections: vec![AnswerSection {
                title: "Trang".into(),
                answers: vec![answer(vec![]), answer(vec![vec![answer(vec![])]])],
            }],
            papers: vec![("Điều lệ".into(), vec![file]), ("Khác".into(), vec![])],
            fees: vec![("Phí".into(), "fee", "50.000 đ".into()), ("Lệ phí".into(), "charge", "1 đ".into())],
            total: "50.001 đ".into(),
            limit: "3 ngày làm việc".into(),
            level: 4,
            findings: vec![],
            complete: true,
            plugin_failed: false,
            refusal: None,
        };
        let wrong = Self {
            findings: vec![(say(true), "1".into()), (say(false), "papers".into())],
            complete: false,
            plugin_failed: true,
            refusal: Some("no-consent".into()),
            fees: vec![],
            progress: Progress::sample("H09.01-261124-0001"),
            ..page.clone()
        };
        vec![page, wrong]
    }
}

/// The page on which the place of a finding is.
fn page_of(view: &DraftView, path: &str) -> String {
    if path.starts_with("papers.") {
        return "papers".to_owned();
    }
    let field = path.split('.').next().unwrap_or_default();
    let section = view.procedure.form.sections.iter().position(|section| section.fields.iter().any(|f| f.id == field));
    section.map_or_else(|| "review".to_owned(), |at| (at + 1).to_string())
}

fn on_page(view: &DraftView, page: &str, findings: &[Finding]) -> Vec<Finding> {
    findings.iter().filter(|finding| page_of(view, &finding.path) == page).cloned().collect()
}

/// A page of the form with those of the findings that lie on it.
fn form_page(
    portal: &Portal,
    view: &DraftView,
    values: &Map<String, Json>,
    findings: &[Finding],
    page: &str,
    language: Language,
) -> Option<FormPage> {
    let at: usize = page.parse().ok()?;
    let section = view.procedure.form.sections.get(at.checked_sub(1)?)?;
    let findings = on_page(view, page, findings);
    let attached = |id: &str| files(view, &PaperId(id.to_owned()), language);
    let around =
        Around { findings: &findings, registries: &portal.desk.province().registries, language, files: &attached };
    let progress = Progress::new(view, page, language);
    Some(FormPage {
        before: progress.before(page),
        after: progress.after(page),
        page: page.to_owned(),
        title: section.title.get(language).to_owned(),
        help: section.help.as_ref().map_or_else(String::new, |help| help.get(language).to_owned()),
        fields: field::fields(&section.fields, "", &view.draft.typed, values, values, around),
        takes_files: section.fields.iter().any(|field| matches!(field.kind, Kind::File { .. })),
        findings: findings.iter().map(|found| finding(found, language)).collect(),
        progress,
    })
}

fn review_page(view: &DraftView, review: &Review, refusal: Option<&str>, language: Language) -> ReviewPage {
    let progress = Progress::new(view, "review", language);
    ReviewPage {
        before: progress.before("review"),
        sections: format::answers(&view.procedure.form, &review.values, language),
        papers: view
            .procedure
            .papers
            .iter()
            .map(|paper| (paper.name.get(language).to_owned(), files(view, &paper.id, language)))
            .collect(),
        fees: format::fee_lines(&review.fees, language),
        total: review.fees.iter().map(|fee| fee.amount).sum::<motcua_domain::money::Dong>().shown(language),
        limit: format::limit(view.procedure.limit_for(&review.values), language),
        level: view.procedure.level,
        findings: review.findings.iter().map(|found| (finding(found, language), page_of(view, &found.path))).collect(),
        complete: review.complete(),
        plugin_failed: review.plugin_failed,
        refusal: refusal.map(str::to_owned),
        progress,
    }
}

/// Whether to show what stands in the way.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Judged {
    #[serde(default)]
    judged: bool,
}

/// `GET /drafts/{id}/{page}`: a page of the form, the papers or the review.
pub async fn page(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path((id, page)): Path<(Uuid, String)>,
    Query(query): Query<Judged>,
) -> Result<Response, Failure> {
    let language = visitor.language();
    let view = portal.desk.draft(visitor.actor()?, id).await?;
    // The plugin is asked only where what it says is shown.
    if page == "review" {
        let review = portal.desk.review(&view).await?;
        return Ok(ok(&portal, &visitor, &review_page(&view, &review, None, language)));
    }
    let values = portal.desk.values(&view);
    if page == "papers" {
        return Ok(ok(&portal, &visitor, &papers_page(&portal, &visitor, &view, None).await?));
    }
    let findings = if query.judged { portal.desk.review(&view).await?.findings } else { Vec::new() };
    let page = form_page(&portal, &view, &values, &findings, &page, language).ok_or(Error::NotFound)?;
    Ok(ok(&portal, &visitor, &page))
}

/// `POST /drafts/{id}/{page}`: saves a page of the form, then adds or removes a row, or goes where was asked.
pub async fn save(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path((id, page)): Path<(Uuid, String)>,
    request: Request,
) -> Result<Response, Failure> {
    let language = visitor.language();
    let (mut posted, problem) = posted_with_files(&portal, &visitor, id, request).await?;
    let actor = visitor.actor_for(&posted.0)?;
    let section = page.parse::<usize>().ok().and_then(|page| page.checked_sub(1)).ok_or(Error::NotFound)?;
    with_language(&mut posted.0, language);
    let wish = posted.get("do").to_owned();
    if let Some(row) = wish.strip_prefix("remove:") {
        let prefix = format!("{row}.");
        posted.0.retain(|(name, _)| !name.starts_with(&prefix));
    }
    if let Some(group) = wish.strip_prefix("add:") {
        let rows = posted.0.iter().filter_map(|(name, _)| {
            name.strip_prefix(group)?.strip_prefix('.')?.split('.').next()?.parse::<usize>().ok()
        });
        let next = rows.max().map_or(0, |last| last.saturating_add(1));
        posted.0.push((format!("{group}.{next}._"), String::new()));
    }
    let before = portal.desk.draft(actor, id).await?;
    let view = portal.desk.save_page(actor, id, section, &posted.0).await?;
    if let Some(attached) = wish.strip_prefix("detach:").and_then(|attached| attached.parse().ok()) {
        portal.desk.detach(actor, id, attached).await?;
    }
    let view = portal.desk.draft(actor, view.draft.id).await?;
    if let Some((field, rule)) = problem {
        let page = upload_problem(&portal, &view, &page, &field, rule, language).ok_or(Error::NotFound)?;
        return Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    if ["remove:", "add:", "detach:", "refresh"].iter().any(|kind| wish.starts_with(kind)) {
        let page =
            form_page(&portal, &view, &portal.desk.values(&view), &[], &page, language).ok_or(Error::NotFound)?;
        return Ok(ok(&portal, &visitor, &page));
    }
    let review = portal.desk.review(&view).await?;
    let shown = form_page(&portal, &view, &review.values, &review.findings, &page, language).ok_or(Error::NotFound)?;
    let values_before = portal.desk.values(&before);
    let asked_before =
        form_page(&portal, &before, &values_before, &[], &page, language).map_or(0, |page| page.fields.len());
    let new_questions = shown.fields.len() > asked_before;
    let stands_in_the_way = shown.findings.iter().any(|finding| finding.error);
    Ok(match wish.as_str() {
        "back" => Redirect::to(&format!("/drafts/{id}/{}", shown.before)).into_response(),
        "later" => Redirect::to("/account").into_response(),
        _ if stands_in_the_way || new_questions => html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &shown),
        _ => Redirect::to(&format!("/drafts/{id}/{}", shown.after)).into_response(),
    })
}

/// What was posted, with the files of file fields attached on the way. Also a file that was not taken, with its field.
async fn posted_with_files(
    portal: &Portal,
    visitor: &Visitor,
    id: Uuid,
    request: Request,
) -> Result<(Posted, Option<(String, Rule)>), Failure> {
    if !is_upload(request.headers()) {
        return Ok((Posted::from_request(request, portal).await?, None));
    }
    let mut upload = Upload::from_request(request, portal).await?;
    if let Ok(actor) = visitor.actor() {
        require_own(portal, actor, id, &mut upload).await?;
    }
    let mut posted = Posted(Vec::new());
    let (mut problem, mut chosen) = (None, false);
    while let Some(field) = upload.next().await? {
        let name = field.name().to_owned();
        match (field.file_name(), visitor.actor()) {
            (Some(file), Ok(actor)) if problem.is_none() => {
                chosen = true;
                match portal.desk.attach(actor, id, &PaperId(name.clone()), &file, field).await {
                    Ok(()) => {}
                    Err(Error::Invalid(rule)) => problem = Some((name, rule)),
                    Err(error) => {
                        upload.drain().await;
                        return Err(error.into());
                    }
                }
            }
            (Some(_), _) => {}
            (None, _) if field.is_file() => {}
            (None, _) => posted.0.push((name, field.text().await?)),
        }
    }
    if visitor.actor().is_err() {
        return Err(Failure::LogIn(Carry { posted: posted.0, upload: true }));
    }
    if !chosen {
        visitor.keep(upload.texts(&posted.0), true);
    }
    Ok((posted, problem))
}

/// The page with a word about the file that was not taken.
fn upload_problem(
    portal: &Portal,
    view: &DraftView,
    page: &str,
    field: &str,
    rule: Rule,
    language: Language,
) -> Option<FormPage> {
    let key = format!("refusal-{}", rule.word());
    let words = |language| portal.theme.text(language, &key);
    let finding = Finding::error(field, rule.word(), Text::new(words(Language::Vi), words(Language::En)));
    form_page(portal, view, &portal.desk.values(view), &[finding], page, language)
}

/// `POST /drafts/{id}/discard`: throws the draft away.
pub async fn discard(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path(id): Path<Uuid>,
    posted: Posted,
) -> Result<Redirect, Failure> {
    portal.desk.discard_draft(visitor.actor_for(&posted.0)?, id).await?;
    Ok(Redirect::to("/account"))
}

/// `POST /drafts/{id}/file`: files the draft. Posting twice files once.
pub async fn submit(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path(id): Path<Uuid>,
    posted: Posted,
) -> Result<Response, Failure> {
    let actor = visitor.actor_for(&posted.0)?;
    match portal.desk.file(actor, id, posted.get("consent") == "yes").await {
        Ok(code) => Ok(Redirect::to(&format!("/dossiers/{code}/receipt")).into_response()),
        Err(error) => not_filed(&portal, &visitor, id, error).await,
    }
}

/// `POST /drafts/{id}/supplement`: gives what was missing. Posting twice gives it once.
pub async fn supplement(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path(id): Path<Uuid>,
    posted: Posted,
) -> Result<Response, Failure> {
    let actor = visitor.actor_for(&posted.0)?;
    match portal.desk.supplement(actor, id).await {
        Ok(code) => Ok(Redirect::to(&format!("/dossiers/{code}")).into_response()),
        Err(error) => not_filed(&portal, &visitor, id, error).await,
    }
}

/// The review again, with the rule that was broken.
async fn not_filed(portal: &Portal, visitor: &Visitor, id: Uuid, error: Error) -> Result<Response, Failure> {
    let refusal = match error {
        Error::Refused(refusal) if refusal != Refusal::NotAllowed => refusal,
        error => return Err(error.into()),
    };
    let view = portal.desk.draft(visitor.actor()?, id).await?;
    let review = portal.desk.review(&view).await?;
    let page = review_page(&view, &review, Some(refusal.code()), visitor.language());
    Ok(html(portal, visitor, StatusCode::UNPROCESSABLE_ENTITY, &page))
}
