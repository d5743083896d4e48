//! The sealed log: its last signed head, its public keys, and the check of a proof file.

use crate::pages::render::{html, ok};
use crate::state::Portal;
use crate::state::throttle::GuessTarget;
use crate::theme::Page;
use crate::view::format;
use crate::web::address::{self, code};
use crate::web::download::named;
use crate::web::failure::Failure;
use crate::web::limits::{LARGEST_PROOF, SMALL_PROOF};
use crate::web::person::Person;
use crate::web::upload::ProvenUpload;
use crate::web::visitor::Visitor;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use motcua_domain::dossier::event::EVENTS;
use motcua_domain::text::Language;
use motcua_domain::transparency::keys::{LogKey, require_turn};
use motcua_domain::transparency::note::VerifierKey;
use motcua_domain::transparency::proof::{Proof, Proven, ProvenEntry, Unproven};
use motcua_domain::transparency::tile::TileId;
use motcua_service::{Aside, Error, LogKeys};
use serde::Serialize;

/// The longest detail that the page shows, in characters. A detail may quote the file.
const LONGEST_DETAIL: usize = 400;

// The reasons why the page cannot check a file. Each has a text under `unproven-<word>`.
const NOTHING_CHOSEN: &str = "nothing-chosen";
const TOO_LARGE: &str = "too-large";
const NOT_JSON: &str = "not-json";
const NOT_A_PROOF: &str = "not-a-proof";
/// The portal has no key of a log, so it trusts no signature.
const NO_KEY: &str = "no-key";

/// The log, with the outcome of a check if a file was uploaded.
#[derive(Debug, Clone, Serialize)]
pub struct LogPage {
    /// The last signed head, or none until the portal signs the first one.
    pub head: Option<HeadContext>,
    /// The public keys in their text form.
    pub keys: Vec<String>,
    /// The portal has no keys outside of the database, so it trusts those in the database.
    pub keys_believed: bool,
    /// The size of the largest file that can be checked.
    pub largest: String,
    /// The contents of the uploaded proof, or none unless it is valid.
    pub proven: Option<ProvenContext>,
    /// The reason why the uploaded file proves nothing, or none.
    pub problem: Option<ProblemContext>,
}

/// The last signed head of the log.
#[derive(Debug, Clone, Serialize)]
pub struct HeadContext {
    /// The date of the head.
    pub at: String,
    /// The number of entries of all dossiers.
    pub size: u64,
    /// The signed checkpoint.
    pub note: String,
}

/// The contents of a valid proof, without anything personal.
#[derive(Debug, Clone, Serialize)]
pub struct ProvenContext {
    /// The code of the dossier.
    pub dossier: String,
    /// The date of the head in the proof.
    pub at: String,
    /// The entries of the dossier, the oldest first.
    pub entries: Vec<EntryContext>,
}

/// A proven entry.
#[derive(Debug, Clone, Serialize)]
pub struct EntryContext {
    /// The number of the entry in the dossier's journal, from 1.
    pub version: i64,
    /// The time of the entry.
    pub at: String,
    /// The word for the event.
    pub event: String,
    /// The event has a text under `event-<word>`.
    pub known: bool,
    /// The portal has erased the contents.
    pub erased: bool,
}

/// The reason why a file proves nothing.
#[derive(Debug, Clone, Serialize)]
pub struct ProblemContext {
    /// The text is under `unproven-<word>`.
    pub word: &'static str,
    /// The version of the wrong or missing entry.
    pub entry: Option<i64>,
    /// The exact reason in English, or an empty text.
    pub detail: String,
}

impl ProblemContext {
    fn of(word: &'static str) -> Self {
        Self { word, entry: None, detail: String::new() }
    }
}

impl From<Unproven> for ProblemContext {
    fn from(reason: Unproven) -> Self {
        let detail = reason.to_string().chars().take(LONGEST_DETAIL).collect();
        Self { word: reason.word(), entry: reason.entry(), detail }
    }
}

impl Page for LogPage {
    const TEMPLATE: &'static str = "log.html";
    fn samples() -> Vec<Self> {
        let page = Self {
            head: Some(HeadContext {
                at: "24/11/2026 08:00".into(),
                size: 1234,
                note: "motcua.example/log\n1234\nAA==\n\n— motcua.example/log AA==\n".into(),
            }),
            keys: vec!["motcua.example/log+00000000+AA==".into()],
            keys_believed: false,
            largest: "2,0 MB".into(),
            proven: None,
            problem: None,
        };
        let empty = Self { head: None, keys: vec![], ..page.clone() };
        let entry = |(version, event): (i64, &str)| EntryContext {
            version,
            at: "24/11/2026 08:00".into(),
            event: event.into(),
            known: EVENTS.contains(&event),
            erased: version == 2,
        };
        let proven = ProvenContext {
            dossier: "H09.01-261124-0001".into(),
            at: "24/11/2026 08:00".into(),
            entries: (1..).zip(EVENTS.into_iter().chain(["unheard-of"])).map(entry).collect(),
        };
        let words = [NOTHING_CHOSEN, TOO_LARGE, NOT_JSON, NOT_A_PROOF, NO_KEY].into_iter().chain(Unproven::WORDS);
        let problem = |word: &'static str| Self { problem: Some(ProblemContext::of(word)), ..page.clone() };
        let mut samples: Vec<Self> = words.map(problem).collect();
        let detailed = ProblemContext { word: "payload", entry: Some(3), detail: "The contents do not match.".into() };
        samples.push(Self { problem: Some(detailed), ..page.clone() });
        samples.push(Self { proven: Some(proven), ..page.clone() });
        samples.extend([empty, Self { keys_believed: true, ..page.clone() }, page]);
        samples
    }
}

/// Returns the page without the outcome of a check.
async fn page(portal: &Portal, language: Language) -> Result<LogPage, Failure> {
    let head = portal.services.log.head().await?;
    let LogKeys { keys, believed } = portal.services.log.keys().await?;
    Ok(LogPage {
        head: head.map(|head| HeadContext { at: format::second(head.at, language), size: head.size, note: head.note }),
        keys: keys.iter().map(|key| key.verifier.to_string()).collect(),
        keys_believed: believed,
        largest: format::size(LARGEST_PROOF as u64, language),
        proven: None,
        problem: None,
    })
}

/// `GET /log`: the last signed head, the public keys, and a form to check a proof.
pub async fn show(State(portal): State<Portal>, visitor: Visitor) -> Result<Response, Failure> {
    let shown = page(&portal, visitor.language()).await?;
    Ok(ok(&portal, &visitor, &shown))
}

/// `GET /log/checkpoint`: the last signed head as a note, for programs.
pub async fn checkpoint(State(portal): State<Portal>) -> Result<Response, Failure> {
    let head = portal.services.log.head().await?.ok_or(Error::NotFound)?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], head.note).into_response())
}

/// `GET /log/tile/…`: hashes of the tree (C2SP tlog-tiles). With them and two checkpoints anybody can prove that the
/// newer one begins with the older one.
pub async fn tile(State(portal): State<Portal>, Path(path): Path<String>) -> Result<Response, Failure> {
    let (tile, width) = TileId::parse(&format!("tile/{path}")).ok_or(Error::NotFound)?;
    let hashes = portal.services.log.tile(tile, width).await?.ok_or(Error::NotFound)?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], hashes).into_response())
}

/// `GET /log/check`: leads back to the form, for example after a change of language.
pub async fn back() -> Redirect {
    Redirect::to(address::LOG)
}

/// `POST /log/check`: checks an uploaded proof against the keys of this log.
pub async fn check(
    State(portal): State<Portal>,
    visitor: Visitor,
    mut upload: ProvenUpload,
) -> Result<Response, Failure> {
    // A large file with many signatures costs time.
    let guesser = visitor.guesser(&portal, None);
    let file = match portal.throttle.begin(GuessTarget::Any, guesser, portal.services.now()) {
        Ok(attempt) => {
            attempt.counts();
            chosen_file(&portal, &mut upload).await
        }
        Err(wait) => Err(Failure::TooManyTries(wait)),
    };
    upload.drain().await;
    let language = visitor.language();
    let outcome = match file? {
        Ok(file) => {
            let LogKeys { keys, .. } = portal.services.log.keys().await?;
            // The whole file has arrived, so no slow client holds a place. A large file waits for the place on the disk.
            let place = portal.work.proofs.enter().await?;
            let bytes = file.content().await?;
            place.run(move || check_file(&bytes, &keys, language)).await?
        }
        Err(word) => Err(ProblemContext::of(word)),
    };
    let shown = page(&portal, language).await?;
    Ok(match outcome {
        Ok(proven) => ok(&portal, &visitor, &LogPage { proven: Some(proven), ..shown }),
        Err(problem) => {
            let shown = LogPage { problem: Some(problem), ..shown };
            html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &shown)
        }
    })
}

/// Reads the first chosen file, or returns the word for the reason why the file cannot be checked.
async fn chosen_file(portal: &Portal, upload: &mut ProvenUpload) -> Result<Result<Aside, &'static str>, Failure> {
    while let Some(field) = upload.next().await? {
        if field.file_name().is_some() {
            return Ok(portal.services.files.set_aside(field, SMALL_PROOF, LARGEST_PROOF).await?.ok_or(TOO_LARGE));
        }
    }
    Ok(Err(NOTHING_CHOSEN))
}

/// Checks the bytes of a proof file against the keys of the log.
fn check_file(bytes: &[u8], keys: &[LogKey], language: Language) -> Result<ProvenContext, ProblemContext> {
    let unreadable = |error: serde_json::Error| if error.is_data() { NOT_A_PROOF } else { NOT_JSON };
    let proof: Proof = serde_json::from_slice(bytes).map_err(|error| ProblemContext::of(unreadable(error)))?;
    // Without a trusted key, the proof would be checked against the keys in the file.
    if keys.is_empty() {
        return Err(ProblemContext::of(NO_KEY));
    }
    let verifiers: Vec<VerifierKey> = keys.iter().map(|key| key.verifier.clone()).collect();
    let Proven { head, signed_by, .. } = proof.check(&verifiers)?;
    require_turn(&head, &signed_by, keys).map_err(Unproven::from)?;
    Ok(ProvenContext {
        at: format::moment(head.at, language),
        entries: proof.entries.iter().map(|entry| entry_context(entry, language)).collect(),
        dossier: proof.dossier,
    })
}

fn entry_context(entry: &ProvenEntry, language: Language) -> EntryContext {
    let at = entry.at.parse::<Timestamp>();
    EntryContext {
        version: entry.version,
        at: at.map_or_else(|_| entry.at.clone(), |at| format::moment(at, language)),
        event: entry.event.clone(),
        known: EVENTS.contains(&entry.event.as_str()),
        erased: entry.payload.is_none(),
    }
}

/// `GET /dossiers/{code}/proof`: the proof of a dossier's entries, for those who may read the dossier.
pub async fn proof(
    State(portal): State<Portal>,
    Path(path): Path<String>,
    visitor: Person,
) -> Result<Response, Failure> {
    let actor = visitor.actor();
    let code = code(&path)?;
    let proof = portal.services.log.proof(actor, &code).await?;
    let json = serde_json::to_vec_pretty(&proof).map_err(Error::fault)?;
    Ok(named(&format!("{code}-proof.json"), "application/json", json.len() as u64, Body::from(json)))
}
