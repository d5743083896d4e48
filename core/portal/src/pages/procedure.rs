//! The page of a procedure, and its questions of eligibility.

use crate::pages::open_data;
use crate::pages::public::{ProcedureLine, line, sample_line, template_url};
use crate::pages::render::{in_language, ok};
use crate::state::Portal;
use crate::state::per_release::PerRelease;
use crate::theme::Page;
use crate::view::by_place::ByPlace;
use crate::view::diagram;
use crate::view::field::{self, FieldContext, FieldsContext, FindingContext, finding};
use crate::view::format::{self, FeeContext, FeeRowContext};
use crate::web::address;
use crate::web::failure::Failure;
use crate::web::typing::with_language;
use crate::web::visitor::{PostedForm, Visitor};
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use motcua_domain::expression::{Condition, WorkBudget};
use motcua_domain::procedure::Paper;
use motcua_domain::procedure::changes::Release;
use motcua_domain::text::{Language, Text};
use motcua_service::catalogue::Live;
use motcua_service::{Error, WorkPlaces};
use serde::Serialize;
use serde_json::Value as Json;
use std::sync::Arc;

/// The page of a procedure.
#[derive(Debug, Clone, Serialize)]
pub struct ProcedurePage {
    /// The name, the agency, the limit and the like, as in lists.
    pub line: ProcedureLine,
    /// The national code of the procedure, such as `1.001612`.
    pub code: String,
    /// The procedure accepts applications.
    pub open: bool,
    /// Questions come before the form.
    pub asks_eligibility: bool,
    /// Other limits in some cases.
    pub limit_cases: Vec<LimitCaseContext>,
    /// The words for the kinds of applicants, under `audience-<word>`: `citizen`, `household`, `business` or `foreign`.
    pub audience: Vec<&'static str>,
    /// The result that the applicant gets.
    pub result: String,
    /// The postal address of the agency, or an empty text.
    pub address: String,
    /// The phone number of the agency, or an empty text.
    pub phone: String,
    /// The instructions, in their order.
    pub how_to: Vec<String>,
    /// The conditions for a positive result.
    pub conditions: Vec<String>,
    /// The laws and decrees.
    pub legal_basis: Vec<String>,
    /// The papers to attach.
    pub papers: Vec<PaperLine>,
    /// The fees and charges. The list is empty if the procedure is free.
    pub fees: Vec<FeeContext>,
    /// The applicant may owe more, because a plugin computes fees from the answers.
    pub reckons_fees: bool,
    /// The steps of the workflow.
    pub steps: Vec<StepLine>,
    /// The drawn workflow.
    pub diagram: String,
    /// The releases and retirements, the latest first.
    pub history: Vec<ReleaseLine>,
    /// The address of the JSON Schema of its data.
    pub schema: String,
    /// The procedure for other machines: schema.org `GovernmentService`.
    pub json_ld: Json,
}

/// A release or a retirement.
#[derive(Debug, Clone, Serialize)]
pub struct ReleaseLine {
    /// The time of the release.
    pub at: String,
    /// The beginning of the version's digest.
    pub version: String,
    /// The procedure was retired, and nothing was released.
    pub retired: bool,
    /// The first release, which has no changes.
    pub first: bool,
    /// The changes since the release before, one sentence each.
    pub changes: Vec<String>,
}

/// A paper that the procedure needs.
#[derive(Debug, Clone, Serialize)]
pub struct PaperLine {
    /// The name of the paper.
    pub name: String,
    /// The help in the limited Markdown, or an empty text.
    pub help: String,
    /// The word for the form of the paper, under `paper-<word>`: `original`, `certified-copy`, `copy` or `electronic`.
    pub kind: &'static str,
    /// `always`, `sometimes` or `never`.
    pub required: &'static str,
    /// The number of copies that the agency needs on paper.
    pub count: u32,
    /// The address of the form to fill in, or an empty text.
    pub template: String,
}

/// Another limit in some cases.
#[derive(Debug, Clone, Serialize)]
pub struct LimitCaseContext {
    /// The name of the case.
    pub name: String,
    /// The limit, such as `8 working days`.
    pub limit: String,
}

/// A step of the workflow with its own limit.
#[derive(Debug, Clone, Serialize)]
pub struct StepLine {
    /// The name of the step.
    pub name: String,
    /// The word for the role that takes the step, under `role-<word>`.
    pub role: &'static str,
    /// The limit of the step, or an empty text.
    pub limit: String,
}

impl Page for ProcedurePage {
    const TEMPLATE: &'static str = "procedure.html";
    fn samples() -> Vec<Self> {
        let paper = |required| PaperLine {
            name: "Điều lệ".into(),
            help: "Ký".into(),
            kind: "copy",
            required,
            count: 2,
            template: "/".into(),
        };
        let release = |retired, first| ReleaseLine {
            at: "24/11/2026 08:00".into(),
            version: "0123456789ab".into(),
            retired,
            first,
            changes: if first { vec![] } else { vec!["Lệ phí: 1 đ → 2 đ.".into()] },
        };
        let row = FeeRowContext { name: "Từ 200 đến dưới 500".into(), price: "1.100.000 đ".into() };
        let fee = |kind, sometimes| FeeContext {
            name: "Phí".into(),
            kind,
            amount: "50.000 đ".into(),
            sometimes,
            computation: String::new(),
            rows: if sometimes { vec![row.clone()] } else { vec![] },
            notes: if sometimes { vec!["miễn: hộ nghèo".into()] } else { vec![] },
        };
        let full = Self {
            line: sample_line(),
            code: "1.000001".into(),
            open: true,
            asks_eligibility: true,
            limit_cases: vec![LimitCaseContext {
                name: "Phải xác minh".into(), limit: "8 ngày làm việc".into()
            }],
            history: vec![release(true, false), release(false, false), release(false, true)],
            schema: "/schemas/0.json".into(),
            json_ld: Json::Null,
            audience: vec!["citizen", "household", "business", "foreign"],
            result: "Giấy phép".into(),
            address: "Đường Lê Lợi".into(),
            phone: "0274".into(),
            how_to: vec!["Nộp".into()],
            conditions: vec!["Điều kiện".into()],
            legal_basis: vec!["Luật".into()],
            papers: vec![paper("always"), paper("sometimes"), paper("never")],
            fees: vec![fee("fee", true), fee("charge", false)],
            reckons_fees: true,
            steps: vec![StepLine { name: "Tiếp nhận".into(), role: "counter", limit: "4 giờ".into() }],
            diagram: "<svg></svg>".into(),
        };
        let bare = Self {
            audience: vec![],
            open: false,
            asks_eligibility: false,
            limit_cases: vec![],
            history: vec![],
            how_to: vec![],
            conditions: vec![],
            legal_basis: vec![],
            papers: vec![],
            fees: vec![],
            reckons_fees: false,
            address: String::new(),
            phone: String::new(),
            ..full.clone()
        };
        vec![full, bare]
    }
}

fn texts(texts: &[Text], language: Language) -> Vec<String> {
    texts.iter().map(|text| text.get(language).to_owned()).collect()
}

/// Returns the procedure at an address.
pub fn at(portal: &Portal, agency: &str, slug: &str) -> Result<Live, Failure> {
    let live = portal.services.procedures.catalogue().at(&address::procedure(agency, slug)).cloned();
    Ok(live.ok_or(Error::NotFound)?)
}

fn paper_line(paper: &Paper, language: Language) -> PaperLine {
    PaperLine {
        name: paper.name.get(language).to_owned(),
        help: paper.help.as_ref().map_or_else(String::new, |help| help.get(language).to_owned()),
        kind: paper.kind.name(),
        required: match paper.required {
            Condition::Fixed(true) => "always",
            Condition::Fixed(false) => "never",
            Condition::When(_) => "sometimes",
        },
        count: paper.count,
        template: paper.template.as_ref().map_or_else(String::new, template_url),
    }
}

fn history(releases: &[Release], language: Language) -> Vec<ReleaseLine> {
    let line = |(at, release): (usize, &Release)| ReleaseLine {
        at: format::second(release.at, language),
        version: release.version.short().to_owned(),
        retired: release.retired,
        first: at + 1 == releases.len(),
        changes: release.changes.iter().map(|change| change.0.get(language).to_owned()).collect(),
    };
    releases.iter().enumerate().map(line).collect()
}

/// The page of a procedure by its path, without its shell, built once for each release. There is no page if the
/// agency no longer exists.
pub type SharedProcedures = PerRelease<(String, Language), Option<ProcedurePage>>;

/// Returns the pages of procedures for the handler. They are built in these places.
pub fn shared(places: &Arc<WorkPlaces>) -> Extension<Arc<SharedProcedures>> {
    // 2,000 procedures in two languages. A page has some 20 kB.
    Extension(Arc::new(SharedProcedures::new(4000, places)))
}

/// `GET /procedures/{agency}/{slug}`: the page of one procedure.
pub async fn show(
    State(portal): State<Portal>,
    Extension(shared): Extension<Arc<SharedProcedures>>,
    visitor: Visitor,
    Path((agency, slug)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let (language, catalogue) = (visitor.language(), portal.services.procedures.catalogue());
    let path = address::procedure(&agency, &slug);
    let live = catalogue.at(&path).cloned().ok_or(Error::NotFound)?;
    let own = portal.clone();
    let make = move || page(&own, &live, language);
    let made = shared.get(catalogue.number, (path, language), make).await?;
    let page = Option::as_ref(&made).ok_or(Error::NotFound)?;
    Ok(ok(&portal, &visitor, page))
}

/// Returns the page without its shell, unless the agency of the procedure no longer exists.
fn page(portal: &Portal, live: &Live, language: Language) -> Option<ProcedurePage> {
    let procedure = &live.procedure;
    let office = portal.services.province().agency(&procedure.agency)?;
    let cases = procedure.limit_cases.iter().map(|case| LimitCaseContext {
        name: case.name.get(language).to_owned(),
        limit: format::limit(case.limit, language),
    });
    let fees = procedure.fees.iter().map(|fee| format::fee(fee, language));
    let steps = procedure.workflow.steps.iter().map(|step| StepLine {
        name: step.name.get(language).to_owned(),
        role: step.role.name(),
        limit: step.limit.map_or_else(String::new, |limit| format::limit(limit, language)),
    });
    Some(ProcedurePage {
        line: line(portal, procedure, language),
        code: procedure.code.to_string(),
        open: live.is_open(),
        asks_eligibility: procedure.eligibility.is_some(),
        limit_cases: cases.collect(),
        audience: procedure.audience.iter().map(|audience| audience.name()).collect(),
        result: procedure.result.get(language).to_owned(),
        address: office.address.get(language).to_owned(),
        phone: office.phone.clone(),
        how_to: texts(&procedure.how_to, language),
        conditions: texts(&procedure.conditions, language),
        legal_basis: texts(&procedure.legal_basis, language),
        papers: procedure.papers.iter().map(|paper| paper_line(paper, language)).collect(),
        fees: fees.collect(),
        reckons_fees: portal.services.plugins.reckons_fees(procedure),
        steps: steps.collect(),
        diagram: diagram::of_procedure(&portal.services.province().agencies, procedure, language),
        history: history(&live.history, language),
        schema: address::schema(&format!("{}.json", live.version)),
        json_ld: open_data::government_service(portal, live),
    })
}

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
pub async fn eligibility_form(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path((agency, slug)): Path<(String, String)>,
) -> Result<Response, Failure> {
    eligibility_page(&portal, &visitor, &at(&portal, &agency, &slug)?, None).await
}

/// `POST /procedures/{agency}/{slug}/eligibility`: whether the conditions are met. The answers are not stored.
pub async fn eligibility(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path((agency, slug)): Path<(String, String)>,
    mut posted: PostedForm,
) -> Result<Response, Failure> {
    with_language(&mut posted.0, visitor.language());
    let live = at(&portal, &agency, &slug)?;
    if let Some(language) = posted.language() {
        let page = eligibility_of(&portal, &live, language, Some(&posted), false).await?;
        return Ok(in_language(&portal, &visitor, language, &page));
    }
    eligibility_page(&portal, &visitor, &live, Some(&posted)).await
}

async fn eligibility_page(
    portal: &Portal,
    visitor: &Visitor,
    live: &Live,
    posted: Option<&PostedForm>,
) -> Result<Response, Failure> {
    Ok(ok(portal, visitor, &eligibility_of(portal, live, visitor.language(), posted, posted.is_some()).await?))
}

/// Returns the questions with the posted answers, and with their result on demand.
async fn eligibility_of(
    portal: &Portal,
    live: &Live,
    language: Language,
    posted: Option<&PostedForm>,
    judged: bool,
) -> Result<EligibilityPage, Failure> {
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
        line: line(portal, &live.procedure, language),
        help: asked.help.as_ref().map_or_else(String::new, |help| help.get(language).to_owned()),
        fields: field::fields(&asked.fields, "", &outcome.typed, &outcome.values, &outcome.values, around),
        findings: outcome.findings.iter().map(|found| finding(found, language)).collect(),
        unmet: texts(&outcome.unmet, language),
        undecided: outcome.undecided,
        eligible: judged && !outcome.undecided && outcome.findings.is_empty() && outcome.unmet.is_empty(),
    })
}
