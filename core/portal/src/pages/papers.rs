//! The papers of a draft: attached, taken from the wallet, put together, taken off.

use crate::Portal;
use crate::context::html;
use crate::failure::{Carry, Failure};
use crate::format;
use crate::pages::apply::Progress;
use crate::pages::public::template_url;
use crate::theme::Page;
use crate::visitor::{Posted, Visitor};
use crate::web::download::stored;
use crate::web::upload::Upload;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use motcua_desk::{DraftView, Error, Rule, WalletPaper};
use motcua_domain::names::{Digest, PaperId};
use motcua_domain::organisation::Actor;
use motcua_domain::procedure::MediaKind;
use motcua_domain::text::Language;
use serde::Serialize;
use uuid::Uuid;

/// The papers of a draft.
#[derive(Debug, Clone, Serialize)]
pub struct PapersPage {
    pub progress: Progress,
    pub before: String,
    pub papers: Vec<PaperContext>,
    /// The rule that an upload broke, under `refusal-<code>`.
    pub problem: Option<String>,
}

/// A paper with what is attached.
#[derive(Debug, Clone, Serialize)]
pub struct PaperContext {
    pub id: String,
    pub name: String,
    pub help: String,
    pub required: bool,
    /// Words such as `PDF, JPEG`.
    pub accept: String,
    /// What the browser's file dialogue offers.
    pub accept_types: String,
    pub max_size: String,
    pub full: bool,
    pub kind: &'static str,
    /// How many copies the agency needs on paper.
    pub count: u32,
    /// Where the form to fill in is, or an empty text.
    pub template: String,
    pub files: Vec<FileContext>,
    /// Papers of the wallet that can be used again.
    pub wallet: Vec<FileContext>,
    /// Its photographs can be made one PDF.
    pub combinable: bool,
}

/// A file in a list.
#[derive(Debug, Clone, Serialize)]
pub struct FileContext {
    pub id: String,
    pub url: String,
    pub name: String,
    pub size: String,
}

impl FileContext {
    pub fn sample() -> Self {
        Self { id: "0".into(), url: "/".into(), name: "a.pdf".into(), size: "1 kB".into() }
    }
}

impl Page for PapersPage {
    const TEMPLATE: &'static str = "papers.html";
    fn samples() -> Vec<Self> {
        let file = FileContext::sample();
        let paper = |files: Vec<FileContext>| PaperContext {
            id: "charter".into(),
            name: "Điều lệ".into(),
            help: if files.is_empty() { String::new() } else { "Ký".into() },
            required: files.is_empty(),
            accept: "PDF".into(),
            accept_types: "application/pdf".into(),
            max_size: "10 MB".into(),
            full: !files.is_empty(),
            kind: "copy",
            count: if files.is_empty() { 1 } else { 2 },
            template: if files.is_empty() { String::new() } else { "/templates/0/mau.docx".into() },
            wallet: if files.is_empty() { vec![FileContext::sample()] } else { vec![] },
            combinable: !files.is_empty(),
            files,
        };
        let page = |problem: Option<&str>, dossier| Self {
            progress: Progress::sample(dossier),
            before: "1".into(),
            papers: vec![paper(vec![]), paper(vec![file.clone()])],
            problem: problem.map(str::to_owned),
        };
        let rules = [
            "file-too-large",
            "file-empty",
            "file-type",
            "upload-broken",
            "too-many-files",
            "file-missing",
            "photos-unreadable",
            "too-few-photos",
        ];
        std::iter::once(page(None, "")).chain(rules.into_iter().map(|rule| page(Some(rule), "H09"))).collect()
    }
}

/// The files that are attached as a paper.
pub fn files(view: &DraftView, paper: &PaperId, language: Language) -> Vec<FileContext> {
    let attached = view.draft.papers.iter().filter(|file| file.attached.paper == *paper);
    attached
        .map(|file| FileContext {
            id: file.id.to_string(),
            url: format!("/drafts/{}/files/{}", view.draft.id, file.attached.file.digest),
            name: file.attached.file.name.clone(),
            size: format::size(file.attached.file.bytes, language),
        })
        .collect()
}

/// The page of the papers.
pub async fn papers_page(
    portal: &Portal,
    visitor: &Visitor,
    view: &DraftView,
    problem: Option<Rule>,
) -> Result<PapersPage, Failure> {
    let language = visitor.language();
    let values = &portal.desk.values(view);
    let wallet = portal.desk.wallet(visitor.actor()?).await?;
    let progress = Progress::new(view, "papers", language);
    let papers = view.procedure.papers.iter().map(|paper| {
        let files = files(view, &paper.id, language);
        let media = |media_type: &str| MediaKind::from_media_type(media_type);
        let fits = |known: &&WalletPaper| {
            let here = view
                .draft
                .papers
                .iter()
                .any(|file| file.attached.paper == paper.id && file.attached.file.digest == known.file.digest);
            !here && media(&known.file.media_type).is_some_and(|media| paper.accept.contains(&media))
        };
        let photos = view.draft.papers.iter().filter(|file| {
            file.attached.paper == paper.id && media(&file.attached.file.media_type).is_some_and(MediaKind::is_photo)
        });
        PaperContext {
            kind: paper.kind.name(),
            count: paper.count,
            template: paper.template.as_ref().map_or_else(String::new, template_url),
            wallet: wallet.iter().filter(fits).take(MOST_PROPOSED).map(|known| from_wallet(known, language)).collect(),
            combinable: paper.accept.contains(&MediaKind::Pdf) && photos.count() > 1,
            id: paper.id.to_string(),
            name: paper.name.get(language).to_owned(),
            help: paper.help.as_ref().map_or_else(String::new, |help| help.get(language).to_owned()),
            required: paper.required.holds(values),
            accept: paper.accept.iter().map(|kind| kind.name().to_uppercase()).collect::<Vec<_>>().join(", "),
            accept_types: paper.accept.iter().map(|kind| kind.media_type()).collect::<Vec<_>>().join(","),
            max_size: format::size(paper.max_bytes, language),
            full: files.len() >= paper.max_files,
            files,
        }
    });
    Ok(PapersPage {
        papers: papers.collect(),
        before: progress.before("papers"),
        problem: problem.map(|rule| rule.word().to_owned()),
        progress,
    })
}

/// How many papers of the wallet are proposed for one paper.
const MOST_PROPOSED: usize = 20;

/// A paper of the wallet, with what it was attached as.
pub fn from_wallet(known: &WalletPaper, language: Language) -> FileContext {
    let added = format::second(known.added_at, language);
    FileContext {
        id: known.file.digest.to_string(),
        url: format!("/account/papers/{}", known.file.digest),
        name: format!("{} – {}", known.paper_name, known.file.name),
        size: format!("{}, {added}", format::size(known.file.bytes, language)),
    }
}

/// `POST /drafts/{id}/papers/{paper}`: attaches files, several at once.
pub async fn attach(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path((id, paper)): Path<(Uuid, String)>,
    mut upload: Upload,
) -> Result<Response, Failure> {
    let Ok(actor) = visitor.actor() else {
        upload.drain().await;
        return Err(Failure::LogIn(Carry::default()));
    };
    require_own(&portal, actor, id, &mut upload).await?;
    let mut taken = 0;
    let mut problem = None;
    while let Some(field) = upload.next().await? {
        let Some(name) = field.file_name() else { continue };
        match portal.desk.attach(actor, id, &PaperId(paper.clone()), &name, field).await {
            Ok(()) => taken += 1,
            Err(Error::Invalid(rule)) => {
                problem = Some(rule);
                break;
            }
            Err(error) => {
                upload.drain().await;
                return Err(error.into());
            }
        }
    }
    upload.drain().await;
    if taken == 0 && problem.is_none() {
        problem = Some(Rule::FileMissing);
    }
    back_to_papers(&portal, &visitor, id, problem.map_or(Ok(()), |rule| Err(Error::Invalid(rule)))).await
}

/// Refuses an upload to a draft that is not the actor's, before its files are read. If the database is not available,
/// nothing is refused, because the page of that fault carries the texts of the form.
pub async fn require_own(portal: &Portal, actor: &Actor, id: Uuid, upload: &mut Upload) -> Result<(), Failure> {
    match portal.desk.draft(actor, id).await {
        Ok(_) | Err(Error::Unavailable) => Ok(()),
        Err(error) => {
            upload.drain().await;
            Err(error.into())
        }
    }
}

/// After something was done to the papers: the page again, with the rule that was broken if one was.
async fn back_to_papers(
    portal: &Portal,
    visitor: &Visitor,
    id: Uuid,
    done: Result<(), Error>,
) -> Result<Response, Failure> {
    let rule = match done {
        Ok(()) => return Ok(Redirect::to(&format!("/drafts/{id}/papers")).into_response()),
        Err(Error::Invalid(rule)) => rule,
        Err(error) => return Err(error.into()),
    };
    let view = portal.desk.draft(visitor.actor()?, id).await?;
    let page = papers_page(portal, visitor, &view, Some(rule)).await?;
    Ok(html(portal, visitor, StatusCode::UNPROCESSABLE_ENTITY, &page))
}

/// `POST /drafts/{id}/papers/{paper}/reuse`: attaches a paper of the wallet.
pub async fn reuse(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path((id, paper)): Path<(Uuid, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let actor = visitor.actor_for(&posted.0)?;
    let digest = Digest(posted.get("paper").to_owned());
    let done = portal.desk.reuse(actor, id, &PaperId(paper), &digest).await;
    back_to_papers(&portal, &visitor, id, done).await
}

/// `POST /drafts/{id}/papers/{paper}/combine`: makes one PDF of the photographs.
pub async fn combine(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path((id, paper)): Path<(Uuid, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let done = portal.desk.combine(visitor.actor_for(&posted.0)?, id, &PaperId(paper)).await;
    back_to_papers(&portal, &visitor, id, done).await
}

/// `POST /drafts/{id}/detach/{attached}`: takes a file off again.
pub async fn detach(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path((id, attached)): Path<(Uuid, Uuid)>,
    posted: Posted,
) -> Result<Redirect, Failure> {
    portal.desk.detach(visitor.actor_for(&posted.0)?, id, attached).await?;
    Ok(Redirect::to(&format!("/drafts/{id}/papers")))
}

/// `GET /drafts/{id}/files/{digest}`: a file of one's own draft.
pub async fn file(
    State(portal): State<Portal>,
    visitor: Visitor,
    headers: HeaderMap,
    Path((id, digest)): Path<(Uuid, String)>,
) -> Result<Response, Failure> {
    let (paper, content) = portal.desk.draft_file(visitor.actor()?, id, &Digest(digest)).await?;
    Ok(stored(&headers, &paper.file, content))
}
