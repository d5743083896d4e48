//! The questions before the form: whether a person has the right to apply.

use crate::pages::procedure::{at, texts};
use crate::pages::public::{ProcedureLine, line, sample_line};
use crate::pages::render::{in_language, ok};
use crate::state::Portal;
use crate::theme::Page;
use crate::view::by_place::ByPlace;
use crate::view::field::{self, FieldContext, FieldsContext, FindingContext, finding};
use crate::web::failure::Failure;
use crate::web::typing::with_language;
use crate::web::visitor::{PostedForm, Visitor};
use axum::extract::{Path, State};
use axum::response::Response;
use motcua_domain::expression::WorkBudget;
use motcua_domain::text::Language;
use motcua_service::Error;
use motcua_service::catalogue::OfferAt;
use serde::Serialize;

/// The questions of eligibility, and the result of the answers.
#[derive(Debug, Clone, Serialize)]
pub struct EligibilityPage {
    /// The procedure, as in lists.
    pub line: ProcedureLine,
    /// The help about the questions in the limited Markdown, or an empty text.
    pub help: String,
    /// The questions with their answers.
    pub fields: Vec<FieldContext>,
    /// The missing and wrong answers.
    pub findings: Vec<FindingContext>,
    /// The conditions that are not met.
    pub unmet: Vec<String>,
    /// A rule of the procedure could not be evaluated, so nobody knows whether the conditions are met.
    pub undecided: bool,
    /// All questions are answered and all conditions met.
    pub eligible: bool,
}

impl Page for EligibilityPage {
    const TEMPLATE: &'static str = "eligibility.html";
    fn samples() -> Vec<Self> {
        let page = Self {
            line: sample_line(),
            help: "Trả lời".into(),
            fields: vec![],
            findings: vec![],
            unmet: vec![],
            undecided: false,
            eligible: true,
        };
        let say = FindingContext { path: "age".into(), error: true, text: "Hãy nhập.".into() };
        let not = Self {
            eligible: false,
            unmet: vec!["Đủ 18 tuổi".into()],
            findings: vec![say],
            help: String::new(),
            ..page.clone()
        };
        let undecided = Self { eligible: false, undecided: true, ..page.clone() };
        vec![page, not, undecided]
    }
}

/// `GET /procedures/{agency}/{slug}/eligibility`: the questions.
pub async fn questions(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path((agency, slug)): Path<(String, String)>,
) -> Result<Response, Failure> {
    respond(&portal, &visitor, at(&portal, &agency, &slug)?.offer(), None).await
}

/// `POST /procedures/{agency}/{slug}/eligibility`: whether the conditions are met. The answers are not stored.
pub async fn answer(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path((agency, slug)): Path<(String, String)>,
    mut posted: PostedForm,
) -> Result<Response, Failure> {
    with_language(&mut posted.0, visitor.language());
    let found = at(&portal, &agency, &slug)?;
    if let Some(language) = posted.language() {
        let shown = page(&portal, found.offer(), language, Some(&posted), false).await?;
        return Ok(in_language(&portal, &visitor, language, &shown));
    }
    respond(&portal, &visitor, found.offer(), Some(&posted)).await
}

async fn respond(
    portal: &Portal,
    visitor: &Visitor,
    offer: OfferAt<'_>,
    posted: Option<&PostedForm>,
) -> Result<Response, Failure> {
    Ok(ok(portal, visitor, &page(portal, offer, visitor.language(), posted, posted.is_some()).await?))
}

/// Returns the questions with the posted answers, and with their result on demand.
async fn page(
    portal: &Portal,
    offer: OfferAt<'_>,
    language: Language,
    posted: Option<&PostedForm>,
    judged: bool,
) -> Result<EligibilityPage, Failure> {
    let live = offer.live;
    if !live.is_open() {
        return Err(Error::NotFound.into());
    }
    let typed = posted.map(|posted| posted.0.as_slice());
    let outcome = portal.services.procedures.eligibility(&live.version, &live.procedure, typed).await;
    let (asked, mut outcome) = live.procedure.eligibility.as_ref().zip(outcome).ok_or(Error::NotFound)?;
    if !judged {
        outcome.findings.clear();
        outcome.unmet.clear();
        outcome.undecided = false;
    }
    let registries = &portal.services.province().registries;
    let (findings, work) = (ByPlace::new(&outcome.findings), WorkBudget::at(portal.services.now()));
    let around = FieldsContext { findings: &findings, work: &work, registries, language, files: &|_| Vec::new() };
    Ok(EligibilityPage {
        line: line(portal, offer, language),
        help: asked.help.as_ref().map_or_else(String::new, |help| help.get(language).to_owned()),
        fields: field::fields(&asked.fields, "", &outcome.typed, &outcome.values, &outcome.values, around),
        findings: outcome.findings.iter().map(|found| finding(found, language)).collect(),
        unmet: texts(&outcome.unmet, language),
        undecided: outcome.undecided,
        eligible: judged && !outcome.undecided && outcome.findings.is_empty() && outcome.unmet.is_empty(),
    })
}
