//! What everybody sees: the catalogue and the look-up.

use crate::Portal;
use crate::context::{html, ok};
use crate::failure::Failure;
use crate::format;
use crate::theme::Page;
use crate::timeline::{TimelineStep, timeline};
use crate::visitor::{Posted, Visitor, language_cookie};
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use motcua_desk::Error;
use motcua_domain::names::DossierCode;
use motcua_domain::procedure::Procedure;
use motcua_domain::text::{Language, Text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A procedure in a list.
#[derive(Debug, Clone, Serialize)]
pub struct ProcedureLine {
    pub url: String,
    pub name: String,
    pub summary: String,
    pub agency: String,
    pub field: String,
    pub level: u8,
    pub limit: String,
}

fn line(portal: &Portal, procedure: &Procedure, language: Language) -> ProcedureLine {
    ProcedureLine {
        url: url(procedure),
        name: procedure.name.get(language).to_owned(),
        summary: procedure.summary.get(language).to_owned(),
        agency: agency_name(portal, procedure, language),
        field: procedure.field.get(language).to_owned(),
        level: procedure.level,
        limit: format::limit(procedure.limit, language),
    }
}

/// The address of a procedure's page.
pub fn url(procedure: &Procedure) -> String {
    format!("/procedures/{}/{}", procedure.agency, procedure.slug)
}

fn agency_name(portal: &Portal, procedure: &Procedure, language: Language) -> String {
    let agency = portal.desk.install().agency(&procedure.agency);
    agency.map_or_else(String::new, |agency| agency.name.get(language).to_owned())
}

/// The first page.
#[derive(Debug, Clone, Serialize)]
pub struct HomePage {
    pub procedures: Vec<ProcedureLine>,
    pub life_events: Vec<String>,
    pub count: usize,
    pub whole: usize,
}

impl Page for HomePage {
    const TEMPLATE: &'static str = "home.html";
    fn samples() -> Vec<Self> {
        vec![
            Self { procedures: vec![sample_line()], life_events: vec!["Có con nhỏ".into()], count: 1, whole: 1 },
            Self { procedures: vec![], life_events: vec![], count: 0, whole: 0 },
        ]
    }
}

fn sample_line() -> ProcedureLine {
    ProcedureLine {
        url: "/procedures/so/thu-tuc".into(),
        name: "Thủ tục mẫu".into(),
        summary: "Tóm tắt".into(),
        agency: "Sở Mẫu".into(),
        field: "Lĩnh vực".into(),
        level: 4,
        limit: "3 ngày làm việc".into(),
    }
}

fn life_events(portal: &Portal, language: Language) -> Vec<String> {
    let events = portal.desk.install().procedures.iter().flat_map(|procedure| &procedure.life_events);
    let names: BTreeSet<String> = events.map(|event| event.get(language).to_owned()).collect();
    names.into_iter().collect()
}

/// `GET /`: search, life events, the procedures.
pub async fn home(State(portal): State<Portal>, visitor: Visitor) -> Response {
    let language = visitor.language();
    let procedures = &portal.desk.install().procedures;
    let mut first: Vec<&Procedure> = procedures.iter().collect();
    // What can be done wholly online comes first.
    first.sort_by_key(|procedure| std::cmp::Reverse(procedure.level));
    let page = HomePage {
        procedures: first.into_iter().take(6).map(|procedure| line(&portal, procedure, language)).collect(),
        life_events: life_events(&portal, language),
        count: procedures.len(),
        whole: procedures.iter().filter(|procedure| procedure.level == 4).count(),
    };
    ok(&portal, &visitor, &page)
}

/// What was searched for.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    q: String,
    #[serde(default)]
    agency: String,
    #[serde(default)]
    event: String,
    /// From 1.
    #[serde(default)]
    page: usize,
}

/// How many procedures a page of the list shows.
const PER_PAGE: usize = 30;

/// The list of procedures.
#[derive(Debug, Clone, Serialize)]
pub struct ProceduresPage {
    pub query: String,
    pub agency: String,
    pub event: String,
    pub agencies: Vec<(String, String)>,
    pub life_events: Vec<String>,
    /// How many were found on all pages together.
    pub found: usize,
    pub page: usize,
    pub pages: usize,
    pub procedures: Vec<ProcedureLine>,
}

impl Page for ProceduresPage {
    const TEMPLATE: &'static str = "procedures.html";
    fn samples() -> Vec<Self> {
        let found = Self {
            query: "khai sinh".into(),
            agency: "so".into(),
            event: String::new(),
            agencies: vec![("so".into(), "Sở Mẫu".into())],
            life_events: vec!["Có con nhỏ".into()],
            found: 75,
            page: 2,
            pages: 3,
            procedures: vec![sample_line()],
        };
        let nothing = Self { procedures: vec![], found: 0, page: 1, pages: 1, ..found.clone() };
        vec![nothing, found]
    }
}

/// `GET /procedures?q=&agency=&event=&page=`: the procedures that fit, the best first.
pub async fn procedures(
    State(portal): State<Portal>,
    visitor: Visitor,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    let language = visitor.language();
    let install = portal.desk.install();
    let found: Vec<&Procedure> = if wanted.q.trim().is_empty() {
        install.procedures.iter().collect()
    } else {
        let hits = portal.desk.search().find(&wanted.q, 300).map_err(Error::fault)?;
        hits.into_iter().filter_map(|at| install.procedures.get(at)).collect()
    };
    let fits = |procedure: &&Procedure| {
        let event = |text: &Text| text.vi == wanted.event || text.en.as_deref() == Some(&wanted.event);
        (wanted.agency.is_empty() || procedure.agency.as_str() == wanted.agency)
            && (wanted.event.is_empty() || procedure.life_events.iter().any(event))
    };
    let with_procedures = |id: &str| install.procedures.iter().any(|procedure| procedure.agency.as_str() == id);
    let found: Vec<&Procedure> = found.into_iter().filter(fits).collect();
    let pages = found.len().div_ceil(PER_PAGE).max(1);
    let at = wanted.page.clamp(1, pages);
    let shown = found.iter().skip((at - 1) * PER_PAGE).take(PER_PAGE);
    let page = ProceduresPage {
        found: found.len(),
        page: at,
        pages,
        procedures: shown.map(|procedure| line(&portal, procedure, language)).collect(),
        agencies: install
            .agencies
            .iter()
            .filter(|agency| with_procedures(agency.id.as_str()))
            .map(|agency| (agency.id.to_string(), agency.name.get(language).to_owned()))
            .collect(),
        life_events: life_events(&portal, language),
        query: wanted.q,
        agency: wanted.agency,
        event: wanted.event,
    };
    Ok(ok(&portal, &visitor, &page))
}

/// Everything about a procedure.
#[derive(Debug, Clone, Serialize)]
pub struct ProcedurePage {
    pub line: ProcedureLine,
    pub code: String,
    pub audience: Vec<&'static str>,
    pub result: String,
    pub address: String,
    pub phone: String,
    pub how_to: Vec<String>,
    pub conditions: Vec<String>,
    pub legal_basis: Vec<String>,
    pub papers: Vec<PaperLine>,
    pub fees: Vec<FeeContext>,
    pub steps: Vec<StepLine>,
}

/// A paper that is asked for.
#[derive(Debug, Clone, Serialize)]
pub struct PaperLine {
    pub name: String,
    pub help: String,
    pub kind: &'static str,
    /// `always`, `sometimes` or `never`.
    pub required: &'static str,
}

/// Something that has to be paid.
#[derive(Debug, Clone, Serialize)]
pub struct FeeContext {
    pub name: String,
    /// `fee` or `charge`.
    pub kind: &'static str,
    pub amount: String,
    pub sometimes: bool,
}

/// A step of the workflow with its own limit.
#[derive(Debug, Clone, Serialize)]
pub struct StepLine {
    pub name: String,
    pub role: &'static str,
    pub limit: String,
}

impl Page for ProcedurePage {
    const TEMPLATE: &'static str = "procedure.html";
    fn samples() -> Vec<Self> {
        let paper = |required| PaperLine { name: "Điều lệ".into(), help: "Ký".into(), kind: "copy", required };
        let fee = |kind, sometimes| FeeContext { name: "Phí".into(), kind, amount: "50.000 đ".into(), sometimes };
        let full = Self {
            line: sample_line(),
            code: "1.000001".into(),
            audience: vec!["citizen", "household", "business", "foreign"],
            result: "Giấy phép".into(),
            address: "Đường Lê Lợi".into(),
            phone: "0274".into(),
            how_to: vec!["Nộp".into()],
            conditions: vec!["Điều kiện".into()],
            legal_basis: vec!["Luật".into()],
            papers: vec![paper("always"), paper("sometimes"), paper("never")],
            fees: vec![fee("fee", true), fee("charge", false)],
            steps: vec![StepLine { name: "Tiếp nhận".into(), role: "counter", limit: "4 giờ".into() }],
        };
        let bare = Self {
            audience: vec![],
            how_to: vec![],
            conditions: vec![],
            legal_basis: vec![],
            papers: vec![],
            fees: vec![],
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

/// `GET /procedures/{agency}/{slug}`: everything about one procedure.
pub async fn procedure(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path((agency, slug)): Path<(String, String)>,
) -> Result<Response, Failure> {
    use motcua_domain::expression::Condition;
    let language = visitor.language();
    let install = portal.desk.install();
    let procedure = install.by_slug(&agency, &slug).ok_or(Error::NotFound)?;
    let office = install.agency(&procedure.agency).ok_or(Error::NotFound)?;
    let page = ProcedurePage {
        line: line(&portal, procedure, language),
        code: procedure.code.to_string(),
        audience: procedure.audience.iter().map(|audience| audience.name()).collect(),
        result: procedure.result.get(language).to_owned(),
        address: office.address.get(language).to_owned(),
        phone: office.phone.clone(),
        how_to: texts(&procedure.how_to, language),
        conditions: texts(&procedure.conditions, language),
        legal_basis: texts(&procedure.legal_basis, language),
        papers: procedure
            .papers
            .iter()
            .map(|paper| PaperLine {
                name: paper.name.get(language).to_owned(),
                help: paper.help.as_ref().map_or_else(String::new, |help| help.get(language).to_owned()),
                kind: paper.kind.name(),
                required: match paper.required {
                    Condition::Fixed(true) => "always",
                    Condition::Fixed(false) => "never",
                    Condition::When(_) => "sometimes",
                },
            })
            .collect(),
        fees: procedure
            .fees
            .iter()
            .map(|fee| FeeContext {
                name: fee.name.get(language).to_owned(),
                kind: format::fee_kind(fee.kind),
                amount: fee.amount.to_string(),
                sometimes: matches!(fee.when, Condition::When(_)),
            })
            .collect(),
        steps: procedure
            .workflow
            .steps
            .iter()
            .map(|step| StepLine {
                name: step.name.get(language).to_owned(),
                role: step.role.name(),
                limit: step.limit.map_or_else(String::new, |limit| format::limit(limit, language)),
            })
            .collect(),
    };
    Ok(ok(&portal, &visitor, &page))
}

/// Following a dossier without logging in.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LookUpPage {
    pub code: String,
    pub not_found: bool,
    pub found: Option<FoundDossier>,
}

/// What the look-up shows: nothing personal.
#[derive(Debug, Clone, Serialize)]
pub struct FoundDossier {
    pub code: String,
    pub procedure: String,
    pub status: &'static str,
    pub punctuality: &'static str,
    pub filed: String,
    pub due: String,
    pub steps: Vec<TimelineStep>,
}

impl Page for LookUpPage {
    const TEMPLATE: &'static str = "lookup.html";
    fn samples() -> Vec<Self> {
        let found = FoundDossier {
            code: "H09.01-261124-0001".into(),
            procedure: "Thủ tục".into(),
            status: "processing",
            punctuality: "overdue",
            filed: "24/11/2026 08:00".into(),
            due: "27/11/2026 08:00".into(),
            steps: TimelineStep::samples(),
        };
        let code = "H09".to_owned();
        vec![
            Self::default(),
            Self { code: code.clone(), not_found: true, found: None },
            Self {
                code: code.clone(),
                not_found: false,
                found: Some(FoundDossier { due: String::new(), ..found.clone() }),
            },
            Self { code, not_found: false, found: Some(found) },
        ]
    }
}

/// The code in the address, such as the one in a QR code.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct CodeQuery {
    #[serde(default)]
    code: String,
}

/// `GET /lookup?code=`: asks for the code and the last digits of the phone number.
pub async fn look_up_form(State(portal): State<Portal>, visitor: Visitor, Query(query): Query<CodeQuery>) -> Response {
    ok(&portal, &visitor, &LookUpPage { code: query.code, ..LookUpPage::default() })
}

/// `POST /lookup`: how a dossier stands, for who knows the code and the last four digits of the phone number.
pub async fn look_up(State(portal): State<Portal>, visitor: Visitor, posted: Posted) -> Result<Response, Failure> {
    let language = visitor.language();
    let typed = posted.get("code").trim().to_owned();
    let keys = [format!("lookup {}", visitor.address()), format!("lookup {typed}")];
    if !portal.throttle.allows(&keys) {
        return Err(Failure::TooManyTries);
    }
    let found = match DossierCode::parse(&typed) {
        Some(code) => portal.desk.look_up(&code, posted.get("digits").trim()).await,
        None => Err(Error::NotFound),
    };
    let view = match found {
        Ok(view) => view,
        Err(Error::NotFound) => {
            let page = LookUpPage { code: typed, not_found: true, found: None };
            return Ok(html(&portal, &visitor, StatusCode::NOT_FOUND, &page));
        }
        Err(error) => return Err(error.into()),
    };
    let dossier = &view.dossier;
    let found = FoundDossier {
        code: dossier.filed.code.to_string(),
        procedure: dossier.filed.procedure_name.get(language).to_owned(),
        status: dossier.status().name(),
        punctuality: format::punctuality(dossier.punctuality(portal.desk.now())),
        filed: format::moment(dossier.filed_at, language),
        due: dossier.clocks.whole.due().map_or_else(String::new, |due| format::moment(due, language)),
        steps: timeline(dossier, portal.desk.now(), language, false),
    };
    Ok(ok(&portal, &visitor, &LookUpPage { code: typed, not_found: false, found: Some(found) }))
}

/// Where to go back to.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Back {
    #[serde(default)]
    back: String,
}

/// `GET /language/{tag}?back=`: changes the language and goes back.
pub async fn language(Path(tag): Path<String>, Query(back): Query<Back>) -> Response {
    let cookie = language_cookie(Language::from_tag(&tag));
    ([(header::SET_COOKIE, cookie)], Redirect::to(&own_path(&back.back))).into_response()
}

/// A path on this portal; anything else becomes the first page, so that nobody is sent elsewhere.
pub fn own_path(path: &str) -> String {
    let own = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && path.bytes().all(|b| (0x21..0x7f).contains(&b));
    if own { path.to_owned() } else { "/".to_owned() }
}

/// Every address that is no page.
pub async fn nothing_here() -> Failure {
    Failure::Desk(Error::NotFound)
}
