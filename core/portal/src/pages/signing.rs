//! The pages of a person who is invited to sign the draft of another one.

use crate::pages::draft::papers::files_at;
use crate::pages::draft::progress::agency_name;
use crate::pages::render::{html, in_language, ok};
use crate::state::Portal;
use crate::state::throttle::GuessTarget;
use crate::theme::Page;
use crate::view::files::{FileContext, PaperFiles};
use crate::view::format::{self, AnswerLine, AnswerSection, FeeContext};
use crate::web::address;
use crate::web::download::{DownloadQuery, stored};
use crate::web::failure::Failure;
use crate::web::person::{Applicant, Person, PostedBy};
use crate::web::typing;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::money::Dong;
use motcua_domain::names::Digest;
use motcua_domain::procedure::Paper;
use motcua_domain::text::Language;
use motcua_service::{
    DraftToSign, Error, InputRule, InvitationView, LinkSecret, SignedDossier, SigningLine, SigningState, SigningView,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The name of the field with the content that the person read.
const READ: &str = "read";

/// An invitation, before the person has proved to be the invited one.
#[derive(Debug, Clone, Serialize)]
pub struct InvitationPage {
    /// The secret of the link, which the form posts.
    pub link: String,
    /// The name of the procedure.
    pub procedure: String,
    /// The role of the invited person.
    pub role: String,
    /// The name of the applicant.
    pub applicant: String,
    /// The typed number, or an empty text.
    pub number: String,
    /// The rule that was broken, under `refusal-<code>`, or an empty text.
    pub refusal: String,
}

impl Page for InvitationPage {
    const TEMPLATE: &'static str = "invitation.html";
    const ALWAYS: &'static [&'static str] = &["link", "number"];
    fn samples() -> Vec<Self> {
        let page = Self {
            link: "0".into(),
            procedure: "Thủ tục".into(),
            role: "Bên nữ".into(),
            applicant: "Nguyễn Văn An".into(),
            number: String::new(),
            refusal: String::new(),
        };
        let refused = |rule: &str| Self { refusal: rule.into(), number: "12".into(), ..page.clone() };
        vec![page.clone(), refused("signer-number"), refused("signer-twice")]
    }
}

impl InvitationPage {
    fn of(view: &InvitationView, link: &str, language: Language) -> Self {
        Self {
            link: link.to_owned(),
            procedure: view.procedure.get(language).to_owned(),
            role: view.role.get(language).to_owned(),
            applicant: view.applicant.clone(),
            number: String::new(),
            refusal: String::new(),
        }
    }
}

/// A draft that the person is asked to sign.
#[derive(Debug, Clone, Serialize)]
pub struct SigningPage {
    /// The id of the invitation, for the addresses of the forms.
    pub id: String,
    /// The name of the procedure.
    pub procedure: String,
    /// The name of the agency to which the draft will be filed, or an empty text.
    pub agency: String,
    /// The role of the person.
    pub role: String,
    /// The name of the applicant.
    pub applicant: String,
    /// The answers to the form, section by section.
    pub sections: Vec<AnswerSection>,
    /// All papers of the procedure, also those without files.
    pub papers: Vec<PaperFiles>,
    /// The fees and charges for these answers.
    pub fees: Vec<FeeContext>,
    /// The sum of the fees with its unit.
    pub total: String,
    /// The words of the consent, or an empty text for those of the theme.
    pub consent: String,
    /// The word for the state, under `signing-<word>`: `opened`, `signed`, `changed` or `declined`.
    pub state: &'static str,
    /// The time of the consent, or an empty text.
    pub at: String,
    /// The form can be filed as it is, so that the person can consent.
    pub complete: bool,
    /// The content of the page, to which the person consents.
    pub read: String,
    /// The typed reason for declining, or an empty text.
    pub reason: String,
    /// The rule that was broken, under `refusal-<code>`, or an empty text.
    pub refusal: String,
}

impl Page for SigningPage {
    const TEMPLATE: &'static str = "signing.html";
    const ALWAYS: &'static [&'static str] = &[READ];
    fn samples() -> Vec<Self> {
        let paper = |name: &str, files| PaperFiles { name: name.into(), on_paper: false, files };
        let of = |state: &'static str| Self {
            id: "0".into(),
            procedure: "Thủ tục".into(),
            agency: "Sở Mẫu".into(),
            role: "Bên nữ".into(),
            applicant: "Nguyễn Văn An".into(),
            sections: vec![AnswerSection {
                title: "Trang".into(),
                answers: vec![AnswerLine::plain("Họ tên".into(), "An".into())],
            }],
            papers: vec![paper("Điều lệ", vec![FileContext::sample()]), paper("Khác", vec![])],
            fees: FeeContext::samples(),
            total: "2 đ".into(),
            consent: String::new(),
            state,
            at: if state == "signed" { "24/11/2026 08:00".into() } else { String::new() },
            complete: true,
            read: "0".into(),
            reason: String::new(),
            refusal: String::new(),
        };
        let refused = |rule: &str| Self { refusal: rule.into(), reason: "Vì".into(), ..of("opened") };
        vec![
            of("opened"),
            of("signed"),
            of("changed"),
            Self { reason: "Sai tên".into(), ..of("declined") },
            Self { consent: "Tôi đồng ý góp vốn.".into(), agency: String::new(), fees: vec![], ..of("opened") },
            Self { complete: false, ..of("opened") },
            refused("signer-reason"),
            refused("draft-changed"),
            refused("incomplete"),
        ]
    }
}

/// A dossier that the person signed, without its content.
#[derive(Debug, Clone, Serialize)]
pub struct SignedPage {
    /// The code of the dossier.
    pub code: String,
    /// The name of the procedure.
    pub procedure: String,
    /// The role of the person.
    pub role: String,
    /// The word for the status, under `status-<word>`, such as `processing`.
    pub status: String,
    /// The time of the consent.
    pub signed: String,
    /// The time of the filing.
    pub filed: String,
}

impl Page for SignedPage {
    const TEMPLATE: &'static str = "signed.html";
    fn samples() -> Vec<Self> {
        vec![Self {
            code: "H09.01-261124-0001".into(),
            procedure: "Thủ tục".into(),
            role: "Bên nữ".into(),
            status: "processing".into(),
            signed: "24/11/2026 08:00".into(),
            filed: "24/11/2026 09:00".into(),
        }]
    }
}

impl SignedPage {
    fn of(dossier: SignedDossier, language: Language) -> Self {
        Self {
            procedure: dossier.procedure.get(language).to_owned(),
            role: dossier.role.get(language).to_owned(),
            code: dossier.code,
            status: dossier.status,
            signed: format::second(dossier.signed_at, language),
            filed: format::second(dossier.filed_at, language),
        }
    }
}

/// A line of the list of what a person signed or is asked to sign.
#[derive(Debug, Clone, Serialize)]
pub struct SigningContext {
    /// The id of the invitation, for the address `/account/signing/<id>`.
    pub id: String,
    /// The name of the procedure.
    pub procedure: String,
    /// The role of the person.
    pub role: String,
    /// The word for the state, under `my-signing-<word>`: `asked`, `answered`, `declined` or `filed`.
    pub state: &'static str,
    /// The code of the dossier, or an empty text before the filing.
    pub code: String,
    /// The word for the status of the dossier, under `status-<word>`, or an empty text before the filing.
    pub status: String,
}

impl SigningContext {
    /// Returns a line in a language.
    pub fn of(line: SigningLine, language: Language) -> Self {
        let state = match (&line.dossier, line.declined, line.answered) {
            (Some(_), ..) => "filed",
            (None, true, _) => "declined",
            (None, false, true) => "answered",
            (None, false, false) => "asked",
        };
        let (code, status) = line.dossier.map_or_else(Default::default, |dossier| (dossier.code, dossier.status));
        Self {
            id: line.id.to_string(),
            procedure: line.procedure.get(language).to_owned(),
            role: line.role.get(language).to_owned(),
            state,
            code,
            status,
        }
    }

    /// Returns lines for checking a theme.
    pub fn samples() -> Vec<Self> {
        let line = |state: &'static str| Self {
            id: "0".into(),
            procedure: "Thủ tục".into(),
            role: "Bên nữ".into(),
            state,
            code: if state == "filed" { "H09.01-261124-0001".into() } else { String::new() },
            status: if state == "filed" { "processing".into() } else { String::new() },
        };
        ["asked", "answered", "declined", "filed"].map(line).to_vec()
    }
}

/// The secret of a link in the address.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct LinkQuery {
    #[serde(default)]
    link: String,
}

/// `GET /sign?link=`: the invitation of a link, for somebody who is logged in.
pub async fn invitation(
    State(portal): State<Portal>,
    typing::Query(query): typing::Query<LinkQuery>,
    visitor: Applicant,
) -> Result<Response, Failure> {
    if query.link.is_empty() {
        // The address of the form, after a log-in or for the other language.
        return Ok(Redirect::to(address::ACCOUNT).into_response());
    }
    let secret = LinkSecret::parse(&query.link);
    let view = portal.services.drafts.invitation(visitor.actor(), secret.as_ref()).await?;
    if let Some(id) = view.opened {
        return Ok(Redirect::to(&address::signing(id)).into_response());
    }
    Ok(ok(&portal, &visitor, &InvitationPage::of(&view, &query.link, visitor.language())))
}

/// `POST /sign`: accepts an invitation with the person's number. Posting twice accepts it once.
pub async fn accept(
    State(portal): State<Portal>,
    PostedBy(visitor, posted): PostedBy<Applicant>,
) -> Result<Response, Failure> {
    let (link, number) = (posted.get("link"), posted.get("number"));
    let secret = LinkSecret::parse(link);
    if let Some(language) = posted.language(&portal) {
        let view = portal.services.drafts.invitation(visitor.actor(), secret.as_ref()).await?;
        let page = InvitationPage { number: number.to_owned(), ..InvitationPage::of(&view, link, language.content()) };
        return Ok(in_language(&portal, &visitor, language, &page));
    }
    let guesser = visitor.guesser(&portal, None);
    let attempt = portal.throttle.begin(GuessTarget::Any, guesser, portal.services.now());
    let attempt = attempt.map_err(Failure::TooManyTries)?;
    let drafts = &portal.services.drafts;
    let rule = match drafts.accept_invitation(visitor.actor(), secret.as_ref(), number).await {
        Ok(id) => {
            attempt.was_right();
            return Ok(Redirect::to(&address::signing(id)).into_response());
        }
        Err(Error::Invalid(rule)) => rule,
        Err(error @ Error::Refused(Refusal::NoInvitation)) => {
            attempt.counts();
            return Err(error.into());
        }
        Err(error) => {
            attempt.was_not_judged();
            return Err(error.into());
        }
    };
    if rule == InputRule::SignerNumber {
        attempt.counts();
    } else {
        attempt.was_right();
    }
    let view = drafts.invitation(visitor.actor(), secret.as_ref()).await?;
    let page = InvitationPage {
        number: number.to_owned(),
        refusal: rule.word().to_owned(),
        ..InvitationPage::of(&view, link, visitor.language())
    };
    Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &page))
}

/// Returns the page of a draft that the person is asked to sign.
fn page_of(id: Uuid, open: &DraftToSign, language: Language) -> SigningPage {
    let DraftToSign { view, review, applicant, signer, state } = open;
    let (word, at, reason) = match state {
        SigningState::Signed { at, .. } => ("signed", format::second(*at, language), String::new()),
        SigningState::Changed { .. } => ("changed", String::new(), String::new()),
        SigningState::Declined { reason, .. } => ("declined", String::new(), reason.clone()),
        SigningState::Missing | SigningState::Invited { .. } | SigningState::Expired | SigningState::Opened { .. } => {
            ("opened", String::new(), String::new())
        }
    };
    let agency = review.agency_name.as_ref().map(|name| name.get(language).to_owned());
    let folder = address::signing_files(id);
    let paper = |paper: &Paper| PaperFiles {
        name: paper.name.get(language).to_owned(),
        on_paper: view.on_paper().contains(&paper.id),
        files: files_at(&folder, view, &paper.id, language),
    };
    SigningPage {
        id: id.to_string(),
        procedure: view.procedure.name.get(language).to_owned(),
        agency: agency.unwrap_or_else(|| agency_name(view, language)),
        role: signer.name.get(language).to_owned(),
        applicant: applicant.clone(),
        sections: format::answers(&view.procedure, &review.values, language),
        papers: view.procedure.papers.iter().map(paper).collect(),
        fees: format::fee_lines(&review.fees, language),
        total: review.fees.iter().map(|fee| fee.amount).sum::<Dong>().shown(language),
        consent: signer.consent.as_ref().map_or_else(String::new, |words| words.get(language).to_owned()),
        state: word,
        at,
        complete: review.complete(),
        read: review.signing.content.as_ref().map_or_else(String::new, ToString::to_string),
        reason,
        refusal: String::new(),
    }
}

/// `GET /account/signing/{id}`: a draft to sign, or the dossier that it became.
pub async fn show(State(portal): State<Portal>, Path(id): Path<Uuid>, visitor: Applicant) -> Result<Response, Failure> {
    let language = visitor.language();
    Ok(match portal.services.drafts.signing(visitor.actor(), id).await? {
        SigningView::Draft(open) => ok(&portal, &visitor, &page_of(id, &open, language)),
        SigningView::Filed(dossier) => ok(&portal, &visitor, &SignedPage::of(dossier, language)),
    })
}

/// `POST /account/signing/{id}/consent`: consents to the content that the page showed. Posting twice consents once.
pub async fn consent(
    State(portal): State<Portal>,
    Path(id): Path<Uuid>,
    PostedBy(visitor, posted): PostedBy<Applicant>,
) -> Result<Response, Failure> {
    // The box is required, so a form without it is not one of ours, and it is refused as a filing without consent is.
    let consented = match posted.get("consent") {
        "yes" => portal.services.drafts.consent(visitor.actor(), id, posted.get(READ)).await,
        _ => Err(Refusal::NoConsent.into()),
    };
    after(&portal, &visitor, id, consented, "").await
}

/// `POST /account/signing/{id}/decline`: declines with a reason. Posting twice declines once.
pub async fn decline(
    State(portal): State<Portal>,
    Path(id): Path<Uuid>,
    PostedBy(visitor, posted): PostedBy<Applicant>,
) -> Result<Response, Failure> {
    let reason = posted.get("reason");
    if let Some(language) = posted.language(&portal)
        && let SigningView::Draft(open) = portal.services.drafts.signing(visitor.actor(), id).await?
    {
        let page = SigningPage { reason: reason.to_owned(), ..page_of(id, &open, language.content()) };
        return Ok(in_language(&portal, &visitor, language, &page));
    }
    let declined = portal.services.drafts.decline(visitor.actor(), id, reason).await;
    after(&portal, &visitor, id, declined, reason).await
}

/// Leads back to the page, or shows it again with the rule that was broken.
async fn after(
    portal: &Portal,
    visitor: &Person,
    id: Uuid,
    done: Result<(), Error>,
    typed: &str,
) -> Result<Response, Failure> {
    let refusal = match done {
        Ok(()) => return Ok(Redirect::to(&address::signing(id)).into_response()),
        Err(Error::Invalid(rule)) => rule.word(),
        Err(Error::Refused(refusal)) if refusal != Refusal::NotAllowed => refusal.code(),
        Err(error) => return Err(error.into()),
    };
    let language = visitor.language();
    match portal.services.drafts.signing(visitor.actor(), id).await? {
        SigningView::Draft(open) => {
            let page = page_of(id, &open, language);
            let reason = if typed.is_empty() { page.reason.clone() } else { typed.to_owned() };
            let page = SigningPage { refusal: refusal.to_owned(), reason, ..page };
            Ok(html(portal, visitor, StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        SigningView::Filed(_) => Ok(Redirect::to(&address::signing(id)).into_response()),
    }
}

/// `GET /account/signing/{id}/files/{digest}?name=`: a file of a draft to sign.
pub async fn file(
    State(portal): State<Portal>,
    headers: HeaderMap,
    Path((id, digest)): Path<(Uuid, String)>,
    Query(wanted): Query<DownloadQuery>,
    visitor: Applicant,
) -> Result<Response, Failure> {
    let (paper, content) =
        portal.services.drafts.file_to_sign(visitor.actor(), id, &Digest(digest), &wanted.name).await?;
    Ok(stored(&headers, &paper.file, content))
}
