//! The review of a draft, and filing it as it was reviewed.

use crate::pages::dossier::attempt::SUPPLEMENTED;
use crate::pages::draft::asked::{AskedContext, DELIVERY_PAGE, page_of, place_of, unchanged};
use crate::pages::draft::papers::files;
use crate::pages::draft::progress::{ChangeContext, Progress};
use crate::pages::render::html;
use crate::state::Portal;
use crate::theme::Page;
use crate::view::delivery::DeliveryContext;
use crate::view::files::{FileContext, PaperFiles};
use crate::view::format::{self, AnswerLine, AnswerSection, FeeContext};
use crate::view::signer::SignerContext;
use crate::web::address;
use crate::web::failure::Failure;
use crate::web::person::{Person, PostedBy};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::form::{Field, taken};
use motcua_domain::money::Dong;
use motcua_domain::names::{DossierCode, PaperId};
use motcua_domain::people::organisation::Actor;
use motcua_domain::procedure::FeeLine;
use motcua_domain::procedure::delivery::PostalAddress;
use motcua_domain::text::Language;
use motcua_service::{DraftPart, DraftReview, DraftSeen, DraftView, Error, SignerView};
use serde::Serialize;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

/// The name of the field with the content of the review.
const REVIEWED: &str = "draft-reviewed";

/// The review before filing.
#[derive(Debug, Clone, Serialize)]
pub struct ReviewPage {
    /// The draft with its pages.
    pub progress: Progress,
    /// The page before.
    pub before: String,
    /// The answers to the form, section by section.
    pub sections: Vec<AnswerSection>,
    /// All papers of the procedure, also those without files.
    pub papers: Vec<PaperFiles>,
    /// The fees and charges for these answers.
    pub fees: Vec<FeeContext>,
    /// The sum of the fees with its unit.
    pub total: String,
    /// The sum of the fees before the supplement, if the supplement changes it, or an empty text.
    pub total_before: String,
    /// The limit for the whole dossier, such as `3 working days`.
    pub limit: String,
    /// The level of the online service, from 1 to 4.
    pub level: u8,
    /// The findings about the answers and papers.
    pub findings: Vec<ReviewFinding>,
    /// The questions whose answers come from the page of the procedure or from an earlier dossier, and that the
    /// applicant has not looked over.
    pub unseen: Vec<ReviewFinding>,
    /// The answers and papers that the office asked for by name, and that are as they were.
    pub unchanged: Vec<AskedContext>,
    /// A supplement changes nothing at all.
    pub nothing_new: bool,
    /// Nothing keeps the draft from being filed.
    pub complete: bool,
    /// A plugin could not check the answers.
    pub plugin_failed: bool,
    /// The way to get the result, or none if the procedure sends no results by post.
    pub delivery: Option<DeliveryContext>,
    /// The people who have to sign beside the applicant, with the states of their consents.
    pub signers: Vec<SignerContext>,
    /// The consent of one of them is missing, so the draft cannot be filed yet.
    pub unsigned: bool,
    /// A rule was broken when filing, under `refusal-<code>`.
    pub refusal: Option<String>,
    /// The code of the dossier that the applicant filed before, if there may be one only, or an empty text.
    pub earlier: String,
    /// The changes since the review from which the draft was to be filed.
    pub changes: Vec<ChangeContext>,
    /// The content of the page. The draft is filed only if it is still the same.
    pub seen: String,
}

/// A finding with the page on which the applicant corrects it.
#[derive(Debug, Clone, Serialize)]
pub struct ReviewFinding {
    /// The number of the page, `asked`, or `papers`.
    pub page: String,
    /// The field of the finding, as the anchor on that page.
    pub path: String,
    /// The finding in words.
    pub text: String,
}

impl Page for ReviewPage {
    const TEMPLATE: &'static str = "review.html";
    const ALWAYS: &'static [&'static str] = &[REVIEWED];
    fn samples() -> Vec<Self> {
        let answer = |rows| AnswerLine {
            rows,
            outline: "0,0 1,1 0,1".into(),
            ..AnswerLine::plain("Họ tên".into(), "An".into())
        };
        let say =
            |page: &str| ReviewFinding { page: page.into(), path: "name".into(), text: "Hãy nhập tên.".into() };
        let paper = |name: &str, files| PaperFiles { name: name.into(), on_paper: true, files };
        let page = Self {
            progress: Progress::sample(""),
            before: "papers".into(),
            sections: vec![AnswerSection {
                title: "Trang".into(),
                answers: vec![answer(vec![]), answer(vec![vec![answer(vec![])]])],
            }],
            papers: vec![paper("Điều lệ", vec![FileContext::sample()]), paper("Khác", vec![])],
            fees: FeeContext::samples(),
            total: "2 đ".into(),
            total_before: "1 đ".into(),
            limit: "3 ngày làm việc".into(),
            level: 4,
            findings: vec![],
            unseen: vec![say("1")],
            unchanged: vec![],
            nothing_new: false,
            complete: true,
            plugin_failed: false,
            delivery: Some(DeliveryContext::sample(true)),
            signers: vec![],
            unsigned: false,
            refusal: None,
            earlier: String::new(),
            changes: vec![],
            seen: "fees:0".into(),
        };
        let online = Progress { applicant: String::new(), ..Progress::sample("") };
        let unsigned = Self { progress: online, signers: SignerContext::samples(), unsigned: true, ..page.clone() };
        let wrong = Self {
            findings: vec![say("1"), say("papers")],
            unseen: vec![],
            unchanged: [true, false].map(AskedContext::sample).into(),
            delivery: None,
            complete: false,
            plugin_failed: true,
            refusal: Some("filed-before".into()),
            earlier: "H09.01-261124-0001".into(),
            changes: vec![ChangeContext::sample("Bình"), ChangeContext::sample("")],
            fees: vec![],
            progress: Progress::sample("H09.01-261124-0001"),
            ..page.clone()
        };
        let idle = Self {
            progress: Progress::sample("H09.01-261124-0001"),
            nothing_new: true,
            delivery: None,
            ..page.clone()
        };
        let carrier = DeliveryContext { fee: String::new(), ..DeliveryContext::sample(true) };
        let delivered =
            [DeliveryContext::sample(false), carrier].map(|way| Self { delivery: Some(way), ..page.clone() });
        [page, wrong, unsigned, idle].into_iter().chain(delivered).collect()
    }
}

/// Returns the questions whose answers have a mark, because nobody typed them into the form.
fn unseen(view: &DraftView, values: &Map<String, Json>, language: Language) -> Vec<ReviewFinding> {
    let is_marked = |field: &&Field| taken::source(&view.draft.typed, &field.id).is_some();
    let marked = view.procedure.form.fields().map(|(_, field)| field).filter(is_marked);
    let shown = marked.filter(|field| values.contains_key(&field.id));
    let named = shown.map(|field| ReviewFinding {
        page: page_of(view, &field.id),
        path: field.id.clone(),
        text: field.label.get(language).to_owned(),
    });
    named.collect()
}

/// Returns the review of a draft.
pub fn review_page(
    view: &DraftView,
    review: &DraftReview,
    signers: Vec<SignerView>,
    refusal: Option<&str>,
    (now, language): (Timestamp, Language),
) -> ReviewPage {
    let mut progress = Progress::new(view, "review", now, language);
    // The answers may have led to the agency.
    if let Some(agency) = &review.agency_name {
        agency.get(language).clone_into(&mut progress.agency);
    }
    let sum = |fees: &[FeeLine]| fees.iter().map(|fee| fee.amount).sum::<Dong>();
    let total = sum(&review.fees);
    let same = unchanged(view, &review.values, language);
    let before = view.dossier.as_ref().map(|dossier| sum(&dossier.fees)).filter(|before| *before != total);
    ReviewPage {
        before: progress.before("review"),
        sections: format::answers(&view.procedure, &review.values, language),
        papers: view
            .procedure
            .papers
            .iter()
            .map(|paper| PaperFiles {
                name: paper.name.get(language).to_owned(),
                on_paper: view.on_paper().contains(&paper.id),
                files: files(view, &paper.id, language),
            })
            .collect(),
        fees: format::fee_lines(&review.fees, language),
        total: total.shown(language),
        total_before: before.map_or_else(String::new, |before| before.shown(language)),
        limit: format::limit(review.limit, language),
        level: view.procedure.level,
        findings: review
            .findings
            .iter()
            .map(|found| {
                let (page, path) = place_of(view, &found.path);
                ReviewFinding { page, path: path.to_owned(), text: found.text.get(language).to_owned() }
            })
            .collect(),
        unseen: unseen(view, &review.values, language),
        unchanged: same.asked,
        nothing_new: same.all,
        complete: review.complete(),
        plugin_failed: review.plugin_failed,
        delivery: view.asks_delivery().then(|| DeliveryContext {
            change: address::draft(view.draft.id, DELIVERY_PAGE),
            ..DeliveryContext::of(review.post.as_ref(), &view.procedure, language)
        }),
        unsigned: !signers.iter().all(SignerView::has_signed),
        signers: signers.into_iter().map(|signer| SignerContext::of(signer, language)).collect(),
        refusal: refusal.or_else(|| review.fault.clone().map(|fault| Refusal::from(fault).code())).map(str::to_owned),
        earlier: String::new(),
        changes: Vec::new(),
        seen: review.seen.to_string(),
        progress,
    }
}

/// Returns the parts of a draft that changed, as the review shows them now.
fn changes(
    portal: &Portal,
    view: &DraftView,
    review: &DraftReview,
    parts: Vec<DraftPart>,
    language: Language,
) -> Vec<ChangeContext> {
    let fields = || view.procedure.form.sections.iter().flat_map(|section| &section.fields);
    let seen = |id: &str| fields().find(|field| field.id == id && !field.kind.is_helper());
    let names = |id: &PaperId| {
        let attached = view.draft.papers.iter().filter(|file| file.attached.paper == *id);
        attached.map(|file| file.attached.file.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let of = |part: DraftPart| match part {
        DraftPart::Procedure => Some(ChangeContext {
            label: portal.theme.text(language, "procedure"),
            text: portal.theme.text(language, "new-version"),
        }),
        DraftPart::Agency => Some(ChangeContext {
            label: portal.theme.text(language, "agency"),
            text: review.agency_name.as_ref().map_or_else(String::new, |name| name.get(language).to_owned()),
        }),
        DraftPart::Field(id) => seen(&id).map(|field| ChangeContext {
            label: field.label.get(language).to_owned(),
            text: review.values.get(&id).map_or_else(String::new, |value| format::typed(field, value, language)),
        }),
        DraftPart::Paper(id) => view
            .procedure
            .place(&id)
            .map(|place| ChangeContext { label: place.name.get(language).to_owned(), text: names(&id) }),
        DraftPart::Fees => Some(ChangeContext {
            label: portal.theme.text(language, "fees"),
            text: review.fees.iter().map(|fee| fee.amount).sum::<Dong>().shown(language),
        }),
        DraftPart::Limit => Some(ChangeContext {
            label: portal.theme.text(language, "limit"),
            text: format::limit(review.limit, language),
        }),
        DraftPart::Delivery => Some(ChangeContext {
            label: portal.theme.text(language, "page-delivery"),
            text: review
                .post
                .as_ref()
                .map_or_else(|| portal.theme.text(language, "delivery-counter"), PostalAddress::place),
        }),
    };
    parts.into_iter().filter_map(of).collect()
}

/// `POST /drafts/{id}/file`: files the draft. Posting twice files once.
pub async fn submit(
    State(portal): State<Portal>,
    Path(id): Path<Uuid>,
    PostedBy(visitor, posted): PostedBy<Person>,
) -> Result<Response, Failure> {
    let reviewed = DraftSeen::parse(posted.get(REVIEWED));
    match portal.services.drafts.file_reviewed(visitor.actor(), id, posted.get("consent") == "yes", &reviewed).await {
        Ok(code) => Ok(Redirect::to(&address::receipt(code)).into_response()),
        Err(error) => not_filed(&portal, &visitor, id, &reviewed, error).await,
    }
}

/// `POST /drafts/{id}/supplement`: supplements the dossier. Posting twice supplements it once. An officer gets the receipt.
pub async fn supplement(
    State(portal): State<Portal>,
    Path(id): Path<Uuid>,
    PostedBy(visitor, posted): PostedBy<Person>,
) -> Result<Response, Failure> {
    let reviewed = DraftSeen::parse(posted.get(REVIEWED));
    let named = DossierCode::parse(posted.get("dossier"));
    match portal.services.drafts.supplement_reviewed(visitor.actor(), id, &reviewed, named.as_ref()).await {
        Ok(code) if matches!(visitor.actor(), Actor::Officer { .. }) => {
            Ok(Redirect::to(&address::receipt(code)).into_response())
        }
        Ok(code) => Ok(Redirect::to(&address::dossier_done(code, SUPPLEMENTED, "")).into_response()),
        Err(error) => not_filed(&portal, &visitor, id, &reviewed, error).await,
    }
}

/// Shows the review again, with the rule that was broken and the changes since it was shown.
async fn not_filed(
    portal: &Portal,
    visitor: &Person,
    id: Uuid,
    reviewed: &DraftSeen,
    error: Error,
) -> Result<Response, Failure> {
    let earlier = match &error {
        Error::Refused(Refusal::FiledBefore { own: Some(code) }) => code.to_string(),
        _ => String::new(),
    };
    let refusal = match error {
        Error::Refused(refusal) if refusal != Refusal::NotAllowed => refusal.code(),
        Error::Invalid(rule) => rule.word(),
        error => return Err(error.into()),
    };
    let language = visitor.language();
    let view = portal.services.drafts.draft(visitor.actor(), id).await?;
    let review = portal.services.drafts.review(&view).await?;
    let signers = portal.services.drafts.signers(&view, &review).await?;
    let changed = if reviewed.is_empty() { Vec::new() } else { review.seen.changed_since(reviewed) };
    let changes = changes(portal, &view, &review, changed, language);
    let page = ReviewPage {
        earlier,
        changes,
        ..review_page(&view, &review, signers, Some(refusal), (portal.services.now(), language))
    };
    Ok(html(portal, visitor, StatusCode::UNPROCESSABLE_ENTITY, &page))
}
