//! The papers of a draft: attaching them, reusing them from the wallet, combining them, removing them.

use crate::pages::draft::progress::Progress;
use crate::pages::public::template_url;
use crate::pages::render::html;
use crate::state::Portal;
use crate::theme::Page;
use crate::view::basis::BasisContext;
use crate::view::files::FileContext;
use crate::view::format;
use crate::view::refused::{MOST_REFUSED, Refused, ShownProblem, names, offered};
use crate::web::address;
use crate::web::again::is_upload;
use crate::web::download::{DownloadQuery, stored, url};
use crate::web::failure::Failure;
use crate::web::person::{Person, PostedBy, UploadBy};
use crate::web::upload::ProvenUpload;
use crate::web::visitor::PostedForm;
use axum::extract::{FromRequest as _, Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use motcua_domain::expression::WorkBudget;
use motcua_domain::names::{Digest, PaperId};
use motcua_domain::people::organisation::Actor;
use motcua_domain::procedure::MediaKind;
use motcua_domain::text::Language;
use motcua_service::{DraftView, Error, InputRule, WalletPaper};
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// The papers of a draft.
#[derive(Debug, Clone, Serialize)]
pub struct PapersPage {
    /// The draft with its pages.
    pub progress: Progress,
    /// The page before, or an empty text on the first one.
    pub before: String,
    /// The papers of the procedure, each with its attached files.
    pub papers: Vec<PaperContext>,
    /// The reasons why an operation on the papers failed. The files that were sent along and are not named here are
    /// attached.
    pub problems: Vec<ShownProblem>,
}

/// A paper with its attached files.
#[derive(Debug, Clone, Serialize)]
pub struct PaperContext {
    /// The id of the paper, for addresses and names of fields.
    pub id: String,
    /// The name of the paper.
    pub name: String,
    /// The help in the limited Markdown, or an empty text.
    pub help: String,
    /// The legal basis of asking for the paper.
    pub basis: Vec<BasisContext>,
    /// The paper must be attached.
    pub required: bool,
    /// Words such as `PDF, JPEG`.
    pub accept: String,
    /// The types that the browser's file dialogue offers.
    pub accept_types: String,
    /// The size of the largest file, such as `10 MB`.
    pub max_size: String,
    /// No more files can be attached.
    pub full: bool,
    /// The word for the form of the paper, under `paper-<word>`: `original`, `certified-copy`, `copy` or `electronic`.
    pub kind: &'static str,
    /// The number of copies that the agency needs on paper.
    pub count: u32,
    /// The address of the form to fill in, or an empty text.
    pub template: String,
    /// The officer at the counter has seen the paper.
    pub seen: bool,
    /// The attached files.
    pub files: Vec<FileContext>,
    /// Papers of the wallet that were attached as the same paper before.
    pub wallet: Vec<FileContext>,
    /// Other papers of the wallet whose kind of file fits.
    pub wallet_others: Vec<FileContext>,
    /// Its photographs can be combined into one PDF.
    pub combinable: bool,
}

impl Page for PapersPage {
    const TEMPLATE: &'static str = "papers.html";
    fn samples() -> Vec<Self> {
        let file = FileContext::sample();
        let paper = |files: Vec<FileContext>| PaperContext {
            id: "charter".into(),
            name: "Điều lệ".into(),
            help: if files.is_empty() { String::new() } else { "Ký".into() },
            basis: if files.is_empty() { vec![] } else { BasisContext::samples() },
            required: files.is_empty(),
            accept: "PDF".into(),
            accept_types: "application/pdf".into(),
            max_size: "10 MB".into(),
            full: !files.is_empty(),
            kind: "copy",
            count: if files.is_empty() { 1 } else { 2 },
            seen: !files.is_empty(),
            template: if files.is_empty() { String::new() } else { "/templates/0/mau.docx".into() },
            wallet: if files.is_empty() { vec![FileContext::sample()] } else { vec![] },
            wallet_others: if files.is_empty() { vec![FileContext::sample()] } else { vec![] },
            combinable: !files.is_empty(),
            files,
        };
        let page = |problems: Vec<ShownProblem>, dossier| Self {
            progress: Progress::sample(dossier),
            before: "1".into(),
            papers: vec![paper(vec![]), paper(vec![file.clone()])],
            problems,
        };
        std::iter::once(page(vec![], ""))
            .chain(ShownProblem::samples().into_iter().map(|problems| page(problems, "H09")))
            .collect()
    }
}

/// Returns the files that are attached as a paper.
pub fn files(view: &DraftView, paper: &PaperId, language: Language) -> Vec<FileContext> {
    files_at(&address::draft_files(view.draft.id), view, paper, language)
}

/// Returns the files of a paper, each with its address in a folder.
pub fn files_at(folder: &str, view: &DraftView, paper: &PaperId, language: Language) -> Vec<FileContext> {
    let attached = view.draft.papers.iter().filter(|file| file.attached.paper == *paper);
    let all: Vec<_> = view.draft.papers.iter().map(|file| &file.attached.file).collect();
    attached
        .map(|file| FileContext {
            id: file.id.to_string(),
            url: url(folder, &file.attached.file, &all),
            name: file.attached.file.name.clone(),
            size: format::size(file.attached.file.bytes, language),
        })
        .collect()
}

/// Returns the page of the papers.
pub async fn papers_page(
    portal: &Portal,
    visitor: &Person,
    view: &DraftView,
    problems: Vec<ShownProblem>,
) -> Result<PapersPage, Failure> {
    let language = visitor.language();
    let values = &portal.services.drafts.values(view);
    let wallet = portal.services.drafts.wallet_for(visitor.actor(), view).await?;
    let progress = Progress::new(view, "papers", portal.services.now(), language);
    let work = WorkBudget::at(portal.services.now());
    let names_of_wallet = wallet_names(portal, &wallet, language);
    let proposed = |known: &WalletPaper| from_wallet(known, &names_of_wallet, language);
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
        let is_same = |known: &&WalletPaper| known.paper_name == paper.name.vi;
        let (same, others): (Vec<&WalletPaper>, Vec<&WalletPaper>) = wallet.iter().filter(fits).partition(is_same);
        PaperContext {
            kind: paper.kind.name(),
            count: paper.count,
            template: paper.template.as_ref().map_or_else(String::new, template_url),
            wallet: same.into_iter().take(MOST_PROPOSED).map(proposed).collect(),
            wallet_others: others.into_iter().take(MOST_PROPOSED).map(proposed).collect(),
            combinable: paper.accept.contains(&MediaKind::Pdf) && photos.count() > 1,
            id: paper.id.to_string(),
            name: paper.name.get(language).to_owned(),
            help: paper.help.as_ref().map_or_else(String::new, |help| help.get(language).to_owned()),
            basis: BasisContext::cited(&view.procedure.legal_documents().citations(&paper.basis), language),
            required: paper.required.holds_within(values, &work),
            accept: names(&paper.accept),
            accept_types: offered(&paper.accept),
            max_size: format::size(paper.max_bytes, language),
            full: files.len() >= paper.max_files,
            seen: view.on_paper().contains(&paper.id),
            files,
        }
    });
    Ok(PapersPage { papers: papers.collect(), before: progress.before("papers"), problems, progress })
}

/// The most papers of the wallet that are proposed for one paper, of the same and of other ones.
const MOST_PROPOSED: usize = 20;

/// Returns the names of the papers of a wallet in the reader's language, by their Vietnamese names.
///
/// A wallet keeps Vietnamese names. The other name is that of a paper or a field of an offered procedure. A name that has
/// none is left out.
pub fn wallet_names(portal: &Portal, wallet: &[WalletPaper], language: Language) -> HashMap<String, String> {
    let wanted: HashSet<&str> = match language {
        Language::Vi => HashSet::new(),
        Language::En => wallet.iter().map(|known| known.paper_name.as_str()).collect(),
    };
    let mut names = HashMap::new();
    let catalogue = portal.services.procedures.catalogue();
    for live in catalogue.all() {
        if names.len() == wanted.len() {
            break;
        }
        let fields = live.procedure.form.fields().map(|(_, field)| &field.label);
        for name in live.procedure.papers.iter().map(|paper| &paper.name).chain(fields) {
            if wanted.contains(name.vi.as_str()) {
                let other = name.en.iter().map(|en| (name.vi.clone(), en.clone()));
                names.extend(other);
            }
        }
    }
    names
}

/// Returns a paper of the wallet, with the name of the paper as which it was attached. `names` is that of
/// [`wallet_names`].
pub fn from_wallet(known: &WalletPaper, names: &HashMap<String, String>, language: Language) -> FileContext {
    let paper_name = names.get(&known.paper_name).unwrap_or(&known.paper_name);
    let added = format::second(known.added_at, language);
    FileContext {
        id: known.file.digest.to_string(),
        url: address::wallet_file(&known.file.digest),
        name: format!("{paper_name} – {}", known.file.name),
        size: format!("{}, {added}", format::size(known.file.bytes, language)),
    }
}

/// A form of a draft, with the outcome for its files. They are attached while they stream in.
pub struct ReceivedForm {
    pub visitor: Person,
    pub posted: PostedForm,
    /// The number of attached files.
    taken: usize,
    /// The files that were rejected.
    pub refused: Vec<Refused>,
}

/// The name of a file without a place of attachment.
const FILE: &str = "file";

/// The beginning of the names of files on the page of the papers. The paper follows.
const PLACE: &str = "file.";

/// Reads a form of a draft, and attaches its files at the places in their names.
///
/// A file without a place is attached as `paper`. A rejected file does not stop the others.
pub async fn receive(
    portal: &Portal,
    id: Uuid,
    paper: Option<&PaperId>,
    request: Request,
) -> Result<ReceivedForm, Failure> {
    receive_without(portal, id, paper, None, request).await
}

/// The name of the field that says that the page has a box for each paper that the officer has seen.
const CHECKS: &str = "draft-checks";

/// The name of these boxes.
const SEEN: &str = "draft-seen";

/// Reads a form of a draft as [`receive`] does, and leaves out the files for the paper `left_out`. Stores the papers that
/// an officer at the counter has ticked.
async fn receive_without(
    portal: &Portal,
    id: Uuid,
    paper: Option<&PaperId>,
    left_out: Option<&PaperId>,
    request: Request,
) -> Result<ReceivedForm, Failure> {
    let received = receive_files(portal, id, paper, left_out, request).await?;
    if !received.posted.get(CHECKS).is_empty() {
        let ticked = received.posted.0.iter().filter(|(name, _)| name == SEEN);
        let seen: Vec<PaperId> = ticked.map(|(_, paper)| PaperId(paper.clone())).collect();
        portal.services.drafts.check_off(received.visitor.actor(), id, &seen).await?;
    }
    Ok(received)
}

async fn receive_files(
    portal: &Portal,
    id: Uuid,
    paper: Option<&PaperId>,
    left_out: Option<&PaperId>,
    request: Request,
) -> Result<ReceivedForm, Failure> {
    if !is_upload(request.headers()) {
        let PostedBy(visitor, posted) = PostedBy::<Person>::from_request(request, portal).await?;
        return Ok(ReceivedForm { visitor, posted, taken: 0, refused: Vec::new() });
    }
    let UploadBy(visitor, mut upload) = UploadBy::<Person>::from_request(request, portal).await?;
    require_own(portal, visitor.actor(), id, &mut upload).await?;
    let mut received = ReceivedForm { visitor, posted: PostedForm(Vec::new()), taken: 0, refused: Vec::new() };
    while let Some(field) = upload.next().await? {
        let name = field.name().to_owned();
        let Some(file) = field.file_name() else {
            if !field.is_file() {
                received.posted.0.push((name, field.text().await?));
            }
            continue;
        };
        if received.refused.len() >= MOST_REFUSED {
            continue;
        }
        let place = match paper {
            Some(paper) if name == FILE => paper.clone(),
            _ => PaperId(name.strip_prefix(PLACE).unwrap_or(&name).to_owned()),
        };
        if left_out == Some(&place) {
            received.refused.push(Refused { place, file, rule: InputRule::FileLeftOut });
            continue;
        }
        match portal.services.drafts.attach(received.visitor.actor(), id, &place, &file, field).await {
            Ok(()) => received.taken += 1,
            Err(Error::Invalid(rule)) => {
                received.refused.push(Refused { place, file, rule });
                if rule == InputRule::UploadBroken {
                    break;
                }
            }
            Err(error) => {
                upload.keep(&received.visitor, received.posted.0).await;
                upload.drain().await;
                return Err(error.into());
            }
        }
    }
    upload.drain().await;
    received.visitor.keep(upload.texts(&received.posted.0), true);
    Ok(received)
}

/// `POST /drafts/{id}/papers`: attaches every file that was chosen, and goes to the chosen page.
pub async fn save(portal: &Portal, id: Uuid, request: Request) -> Result<Response, Failure> {
    let ReceivedForm { visitor, posted, refused, .. } = receive(portal, id, None, request).await?;
    if !refused.is_empty() {
        return back_to_papers(portal, &visitor, id, None, &refused).await;
    }
    let view = portal.services.drafts.draft(visitor.actor(), id).await?;
    let progress = Progress::new(&view, "papers", portal.services.now(), visitor.language());
    let wish = posted.get("do");
    Ok(progress
        .leads(&portal.theme, "papers", wish)
        .unwrap_or_else(|| Redirect::to(&address::draft(id, "papers")).into_response()))
}

/// `POST /drafts/{id}/papers/{paper}`: attaches files, several at once.
pub async fn attach(
    State(portal): State<Portal>,
    Path((id, paper)): Path<(Uuid, String)>,
    request: Request,
) -> Result<Response, Failure> {
    let paper = PaperId(paper);
    let ReceivedForm { visitor, taken, mut refused, .. } = receive(&portal, id, Some(&paper), request).await?;
    if taken == 0 && refused.is_empty() {
        refused.push(Refused { place: paper.clone(), file: String::new(), rule: InputRule::FileMissing });
    }
    back_to_papers(&portal, &visitor, id, Some(&paper), &refused).await
}

/// Rejects an upload to a draft that is not the actor's, before its files are read.
///
/// If the database is not available, nothing is rejected, because the page of that fault carries the texts of the form.
async fn require_own(portal: &Portal, actor: &Actor, id: Uuid, upload: &mut ProvenUpload) -> Result<(), Failure> {
    match portal.services.drafts.draft(actor, id).await {
        Ok(_) | Err(Error::Unavailable) => Ok(()),
        Err(error) => {
            upload.drain().await;
            Err(error.into())
        }
    }
}

/// Shows the papers again after an operation on one of them, with the rejected files and the reasons. Without any, the
/// page begins at the paper.
async fn back_to_papers(
    portal: &Portal,
    visitor: &Person,
    id: Uuid,
    place: Option<&PaperId>,
    refused: &[Refused],
) -> Result<Response, Failure> {
    if refused.is_empty() {
        let anchor = place.map_or_else(String::new, |paper| format!("#papers.{paper}"));
        return Ok(Redirect::to(&[address::draft(id, "papers"), anchor].concat()).into_response());
    }
    let view = portal.services.drafts.draft(visitor.actor(), id).await?;
    let problems = refused.iter().map(|refused| ShownProblem::new(&view, refused, visitor.language())).collect();
    let page = papers_page(portal, visitor, &view, problems).await?;
    Ok(html(portal, visitor, StatusCode::UNPROCESSABLE_ENTITY, &page))
}

/// Puts the refusal of an operation on a paper, if it was refused, before those of the files that were sent along.
fn with_refusal(place: &PaperId, done: Result<(), Error>, mut refused: Vec<Refused>) -> Result<Vec<Refused>, Failure> {
    match done {
        Ok(()) => {}
        Err(Error::Invalid(rule)) => refused.insert(0, Refused { place: place.clone(), file: String::new(), rule }),
        Err(error) => return Err(error.into()),
    }
    Ok(refused)
}

/// `POST /drafts/{id}/papers/{paper}/reuse`: attaches a paper of the wallet in the place of the files that were chosen
/// for the same paper.
pub async fn reuse(
    State(portal): State<Portal>,
    Path((id, paper)): Path<(Uuid, String)>,
    request: Request,
) -> Result<Response, Failure> {
    let place = PaperId(paper);
    let received = receive_without(&portal, id, None, Some(&place), request).await?;
    let ReceivedForm { visitor, posted, refused, .. } = received;
    // The page has a list for each paper, and older pages have a form for each.
    let chosen = [posted.get(&format!("wallet.{place}")), posted.get("paper")];
    let done = match chosen.into_iter().find(|digest| !digest.is_empty()) {
        Some(digest) => portal.services.drafts.reuse(visitor.actor(), id, &place, &Digest(digest.to_owned())).await,
        None => Err(Error::Invalid(InputRule::WalletPaperMissing)),
    };
    back_to_papers(&portal, &visitor, id, Some(&place), &with_refusal(&place, done, refused)?).await
}

/// `POST /drafts/{id}/papers/{paper}/combine`: combines the photographs into one PDF.
pub async fn combine(
    State(portal): State<Portal>,
    Path((id, paper)): Path<(Uuid, String)>,
    request: Request,
) -> Result<Response, Failure> {
    let ReceivedForm { visitor, refused, .. } = receive(&portal, id, None, request).await?;
    let paper = PaperId(paper);
    let done = portal.services.drafts.combine(visitor.actor(), id, &paper).await;
    back_to_papers(&portal, &visitor, id, Some(&paper), &with_refusal(&paper, done, refused)?).await
}

/// `POST /drafts/{id}/detach/{attached}`: removes a file.
pub async fn detach(
    State(portal): State<Portal>,
    Path((id, attached)): Path<(Uuid, Uuid)>,
    request: Request,
) -> Result<Response, Failure> {
    let ReceivedForm { visitor, refused, .. } = receive(&portal, id, None, request).await?;
    portal.services.drafts.detach(visitor.actor(), id, attached).await?;
    back_to_papers(&portal, &visitor, id, None, &refused).await
}

/// `GET /drafts/{id}/files/{digest}?name=`: a file of a draft.
pub async fn file(
    State(portal): State<Portal>,
    headers: HeaderMap,
    Path((id, digest)): Path<(Uuid, String)>,
    Query(wanted): Query<DownloadQuery>,
    visitor: Person,
) -> Result<Response, Failure> {
    let (paper, content) =
        portal.services.drafts.draft_file(visitor.actor(), id, &Digest(digest), &wanted.name).await?;
    Ok(stored(&headers, &paper.file, content))
}
