//! The questions before the form: whether a person has the right to apply.

use crate::pages::draft::progress::ChangeContext;
use crate::pages::procedure::at;
use crate::pages::public::{ProcedureLine, line, sample_line};
use crate::pages::render::{in_language, ok};
use crate::state::Portal;
use crate::theme::Page;
use crate::view::basis::FoundedRule;
use crate::view::by_place::ByPlace;
use crate::view::field::{self, FieldContext, FieldsContext, FindingContext, LeadingAreas, finding};
use crate::view::format;
use crate::web::again::CarriedField;
use crate::web::failure::Failure;
use crate::web::person::Applicant;
use crate::web::typing::with_language;
use crate::web::visitor::{PostedForm, Visitor};
use axum::extract::{Path, State};
use axum::response::Response;
use motcua_domain::dossier::refusal::within;
use motcua_domain::expression::WorkBudget;
use motcua_domain::people::organisation::Actor;
use motcua_domain::procedure::Procedure;
use motcua_domain::text::Language;
use motcua_service::catalogue::OfferAt;
use motcua_service::{Error, PAGE_LANGUAGE, belongs_to};
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
    pub unmet: Vec<FoundedRule>,
    /// A rule of the procedure could not be evaluated, so nobody knows whether the conditions are met.
    pub undecided: bool,
    /// All questions are answered and all conditions met.
    pub eligible: bool,
    /// The applicant has to choose one of several agencies before the form.
    pub chooses: bool,
    /// The form asks some of the questions, too, so their answers go on into it.
    pub goes_on: bool,
    /// The answers that go on into the form, as they were posted.
    pub given: Vec<CarriedField>,
    /// The answers about the visitor's own case that this page does not ask and that go on into the form.
    pub of_case: Vec<CarriedField>,
    /// The answers of a draft that the applicant has begun, where they differ from the given ones.
    pub begun: Vec<ChangeContext>,
}

/// The purposes of the buttons between the given answers and those of a draft that was begun.
pub const TAKE_GIVEN: &str = "take-given";
pub const KEEP_BEGUN: &str = "keep-begun";

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
            chooses: false,
            goes_on: true,
            given: CarriedField::samples(),
            of_case: vec![],
            begun: vec![],
        };
        let say = FindingContext { path: "age".into(), error: true, text: "Hãy nhập.".into() };
        let not = Self {
            eligible: false,
            goes_on: false,
            unmet: vec![FoundedRule::sample()],
            findings: vec![say],
            help: String::new(),
            ..page.clone()
        };
        let undecided = Self { eligible: false, undecided: true, ..page.clone() };
        let of_case = CarriedField::samples();
        let choosing = Self { chooses: true, goes_on: false, given: vec![], of_case, ..page.clone() };
        let begun = Self { begun: vec![ChangeContext::sample("Có"), ChangeContext::sample("")], ..page.clone() };
        let unjudged = Self { eligible: false, ..begun.clone() };
        vec![page, not, undecided, choosing, begun, unjudged]
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
    if let Some(language) = posted.language(&portal) {
        let shown = page(&portal, None, found.offer(), language.content(), Some(&posted), false).await?;
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
    let actor = visitor.session().map(|session| &session.actor);
    let applicant = actor.filter(|actor| matches!(actor, Actor::Applicant { .. }));
    let shown = page(portal, applicant, offer, visitor.language(), posted, posted.is_some()).await?;
    Ok(ok(portal, visitor, &shown))
}

/// Returns the page on which an applicant chooses between the given answers and those of a draft that was begun.
/// Returns none if there is no draft, or if it has no other answers.
pub async fn choice(
    portal: &Portal,
    visitor: &Applicant,
    offer: OfferAt<'_>,
    posted: &PostedForm,
) -> Result<Option<Response>, Failure> {
    let language = visitor.language();
    let begun = begun(portal, visitor.actor(), offer, posted, language).await?;
    if begun.is_empty() {
        return Ok(None);
    }
    let asked = page(portal, None, offer, language, Some(posted), false).await?;
    Ok(Some(ok(portal, visitor, &EligibilityPage { begun, ..asked })))
}

/// Returns the answers of the applicant's draft that differ from the posted ones.
async fn begun(
    portal: &Portal,
    applicant: &Actor,
    offer: OfferAt<'_>,
    posted: &PostedForm,
    language: Language,
) -> Result<Vec<ChangeContext>, Failure> {
    let code = &offer.live.procedure.code;
    let begun = portal.services.drafts.begun_otherwise(applicant, code, offer.agency, &posted.0).await?;
    let shown = begun.iter().map(|(field, answer)| ChangeContext {
        label: field.label.get(language).to_owned(),
        text: format::typed(field, answer, language),
    });
    Ok(shown.collect())
}

/// Returns the questions with the posted answers, and with their result on demand. An applicant who is eligible learns
/// of a draft with other answers.
async fn page(
    portal: &Portal,
    applicant: Option<&Actor>,
    offer: OfferAt<'_>,
    language: Language,
    posted: Option<&PostedForm>,
    judged: bool,
) -> Result<EligibilityPage, Failure> {
    let live = offer.live;
    if !live.is_open() {
        return Err(Error::NotFound.into());
    }
    within(live.procedure.window, portal.services.now()).map_err(Error::from)?;
    let typed = posted.map(|posted| posted.0.as_slice());
    let outcome = portal.services.procedures.eligibility(&live.version, &live.procedure, typed).await;
    let (asked, mut outcome) = live.procedure.eligibility.as_ref().zip(outcome).ok_or(Error::NotFound)?;
    if !judged {
        outcome.findings.clear();
        outcome.unmet.clear();
        outcome.undecided = false;
    }
    let line = line(portal, offer, language);
    let chooses = line.several && live.procedure.led_by.is_none();
    // The questions are asked again at the agency that the applicant chooses.
    let goes_on = !chooses && live.procedure.asked_twice().next().is_some();
    let eligible = judged && !outcome.undecided && outcome.findings.is_empty() && outcome.unmet.is_empty();
    let begun = match applicant.zip(posted).filter(|_| eligible && goes_on) {
        Some((applicant, posted)) => begun(portal, applicant, offer, posted, language).await?,
        None => Vec::new(),
    };
    let registries = &portal.services.province().registries;
    let (findings, work) = (ByPlace::new(&outcome.findings), WorkBudget::at(portal.services.now()));
    let areas = LeadingAreas::of(&live.procedure, &portal.services.province().agencies);
    let areas = areas.as_ref().filter(|_| offer.agency.is_none());
    let (documents, files) = (live.procedure.legal_documents(), &|_: &str| Vec::new());
    let around = FieldsContext { findings: &findings, work: &work, registries, language, areas, files, documents };
    let unmet = asked.conditions.iter().filter(|condition| outcome.unmet.contains(&condition.text));
    let of_case = posted.map(|posted| of_case(&live.procedure, posted)).unwrap_or_default();
    let carries = goes_on || (!chooses && !of_case.is_empty());
    let given = posted.filter(|_| carries).map(|posted| given(&live.procedure, posted)).unwrap_or_default();
    Ok(EligibilityPage {
        line,
        help: asked.help.as_ref().map_or_else(String::new, |help| help.get(language).to_owned()),
        fields: field::fields(&asked.fields, "", &outcome.typed, &outcome.values, &outcome.values, around),
        findings: outcome.findings.iter().map(|found| finding(found, language)).collect(),
        unmet: unmet.map(|condition| FoundedRule::of(condition, documents, language)).collect(),
        undecided: outcome.undecided,
        eligible,
        chooses,
        goes_on,
        given,
        of_case,
        begun,
    })
}

/// Returns the posted answers that go on into the form, with the language in which they were typed.
fn given(procedure: &Procedure, posted: &PostedForm) -> Vec<CarriedField> {
    let asked: Vec<&str> = procedure.carried_fields().map(|field| field.id.as_str()).collect();
    let goes_on = |name: &str| name == PAGE_LANGUAGE || asked.iter().any(|id| belongs_to(name, id));
    CarriedField::all(posted.0.iter().filter(|(name, _)| goes_on(name)).cloned())
}

/// Returns the posted answers of a case that are not asked before the form.
fn of_case(procedure: &Procedure, posted: &PostedForm) -> Vec<CarriedField> {
    let beside = procedure.case_questions().into_iter().filter(|field| !procedure.is_asked_before(&field.id));
    let asked: Vec<&str> = beside.map(|field| field.id.as_str()).collect();
    let goes_on = |name: &str| asked.iter().any(|id| belongs_to(name, id));
    CarriedField::all(posted.0.iter().filter(|(name, _)| goes_on(name)).cloned())
}
