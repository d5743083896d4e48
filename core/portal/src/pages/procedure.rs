//! The page of a procedure.

mod own_case;
mod samples;

use crate::pages::open_data;
use crate::pages::procedure::own_case::OwnCaseContext;
use crate::pages::public::{ProcedureLine, line, template_url};
use crate::pages::render::{for_everybody, ok};
use crate::state::Portal;
use crate::state::per_release::PerRelease;
use crate::theme::Page;
use crate::view::basis::{BasisContext, FoundedRule};
use crate::view::by_agency;
use crate::view::delivery::carrier_fee;
use crate::view::diagram;
use crate::view::format::{self, FeeContext};
use crate::view::window::{BoundsContext, WindowContext};
use crate::web::address;
use crate::web::failure::Failure;
use crate::web::typing::Query;
use crate::web::visitor::Visitor;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use motcua_domain::expression::Condition;
use motcua_domain::fold::fold;
use motcua_domain::legal::{LegalDocuments, LegalReference};
use motcua_domain::names::AgencyId;
use motcua_domain::people::organisation::Agency;
use motcua_domain::procedure::changes::Release;
use motcua_domain::procedure::{Paper, ResultPublication};
use motcua_domain::text::{Language, Text};
use motcua_domain::workflow::Step;
use motcua_service::catalogue::{Live, OfferAt, Snapshot};
use motcua_service::{Error, WorkPlaces};
use serde::{Deserialize, Serialize};
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
    /// The time in which the procedure accepts applications.
    pub window: WindowContext,
    /// The bounds on the number of filings.
    pub bounds: BoundsContext,
    /// Questions come before the form.
    pub asks_eligibility: bool,
    /// The questions about the visitor's own case, or none if no paper, fee or limit depends on answers.
    pub case: Option<OwnCaseContext>,
    /// The legal basis of the limit.
    pub limit_basis: Vec<BasisContext>,
    /// The word for the meaning of the agency's silence, under `silence-<word>`: `approval` or `refusal`. An empty text if
    /// it has none.
    pub silence: &'static str,
    /// The law that gives the silence its meaning.
    pub silence_basis: Vec<BasisContext>,
    /// Other limits in some cases.
    pub limit_cases: Vec<LimitCaseContext>,
    /// The words for the kinds of applicants, under `audience-<word>`: `citizen`, `household`, `business` or `foreign`.
    pub audience: Vec<&'static str>,
    /// The word for who may file for another person, under `on-behalf-<word>`: `with-proof` or `anybody`. An empty text if
    /// everybody files for themself.
    pub on_behalf: &'static str,
    /// The result that the applicant gets.
    pub result: String,
    /// The applicant can get the result by post.
    pub by_post: bool,
    /// The amount that the carrier then takes, or an empty text if it is not stated.
    pub carrier_fee: String,
    /// The postal address of the agency, or an empty text.
    pub address: String,
    /// The phone number of the agency, or an empty text.
    pub phone: String,
    /// The hours of the counter, or an empty text.
    pub hours: String,
    /// The address of a page that shows the agency on a map, or an empty text.
    pub map: String,
    /// The agencies that offer the procedure, if there are several and the page is of none of them.
    pub agencies: Vec<OfferingLine>,
    /// The question whose answer leads to one of several agencies, or an empty text.
    pub led_by: String,
    /// The words by which the visitor looks for an agency.
    pub agency_query: String,
    /// The address of the page with all agencies, if the page is of one of several. Otherwise an empty text.
    pub others: String,
    /// The instructions, in their order.
    pub how_to: Vec<String>,
    /// The conditions for a positive result.
    pub conditions: Vec<String>,
    /// The rules of the form that name their legal basis.
    pub rules: Vec<FoundedRule>,
    /// The laws and decrees.
    pub legal_basis: Vec<BasisContext>,
    /// The word for the publication of the result, under `publishes-<word>`: `result`, or `holder` if the name of the
    /// holder is published too. An empty text if nothing is.
    pub publishes: &'static str,
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
    /// Other procedures that people may need beside this one, the nearest first.
    pub related: Vec<ProcedureLine>,
    /// The releases and retirements, the latest first.
    pub history: Vec<ReleaseLine>,
    /// The address of the JSON Schema of its data.
    pub schema: String,
    /// The procedure for other machines: schema.org `GovernmentService`.
    pub json_ld: Json,
}

/// An agency that offers a procedure.
#[derive(Debug, Clone, Serialize)]
pub struct OfferingLine {
    /// The address at which it does.
    pub url: String,
    /// The name of the agency.
    pub name: String,
    /// The postal address of the agency, or an empty text.
    pub address: String,
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
    /// The legal basis of asking for it.
    pub basis: Vec<BasisContext>,
}

/// Another limit in some cases.
#[derive(Debug, Clone, Serialize)]
pub struct LimitCaseContext {
    /// The name of the case.
    pub name: String,
    /// The limit, such as `8 working days`.
    pub limit: String,
    /// The legal basis of the limit.
    pub basis: Vec<BasisContext>,
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
    /// The legal basis of the step and its actions.
    pub basis: Vec<BasisContext>,
}

impl Page for ProcedurePage {
    const TEMPLATE: &'static str = "procedure.html";
    fn samples() -> Vec<Self> {
        samples::all()
    }
}

/// Returns texts in a language.
fn texts(texts: &[Text], language: Language) -> Vec<String> {
    texts.iter().map(|text| text.get(language).to_owned()).collect()
}

/// A procedure at an address, with the agency that the address names.
#[derive(Debug, Clone)]
pub struct FoundOffer {
    pub live: Live,
    pub agency: Option<AgencyId>,
}

impl FoundOffer {
    /// Returns the offer for pages.
    pub const fn offer(&self) -> OfferAt<'_> {
        OfferAt { live: &self.live, agency: self.agency.as_ref() }
    }
}

/// Returns the procedure at an address. The first part of the address is an agency, or a group of procedures.
pub fn at(portal: &Portal, first: &str, slug: &str) -> Result<FoundOffer, Failure> {
    find(&portal.services.procedures.catalogue(), &address::procedure(first, slug))
}

fn find(catalogue: &Snapshot, path: &str) -> Result<FoundOffer, Failure> {
    let found = catalogue.offer_at(path).ok_or(Error::NotFound)?;
    Ok(FoundOffer { live: found.live.clone(), agency: found.agency.cloned() })
}

fn paper_line(paper: &Paper, documents: LegalDocuments<'_>, language: Language) -> PaperLine {
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
        basis: BasisContext::cited(&documents.citations(&paper.basis), language),
    }
}

/// Returns a step with the legal bases of the step and of its actions, each once.
fn step_line(step: &Step, documents: LegalDocuments<'_>, language: Language) -> StepLine {
    let mut basis: Vec<LegalReference> = Vec::new();
    for reference in step.basis.iter().chain(step.actions.iter().flat_map(|action| &action.basis)) {
        if !basis.contains(reference) {
            basis.push(reference.clone());
        }
    }
    StepLine {
        name: step.name.get(language).to_owned(),
        role: step.role.name(),
        limit: step.limit.map_or_else(String::new, |limit| format::limit(limit, language)),
        basis: BasisContext::cited(&documents.citations(&basis), language),
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
pub type SharedProcedures = PerRelease<(String, Language), Option<Arc<ProcedurePage>>>;

/// Returns the pages of procedures for the handler. They are built in these places.
pub fn shared(places: &Arc<WorkPlaces>) -> Extension<Arc<SharedProcedures>> {
    // 2,000 procedures in two languages. A page has some 20 kB.
    Extension(Arc::new(SharedProcedures::new(4000, places)))
}

/// The words by which a visitor looks for an agency.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct AgencyQuery {
    #[serde(default)]
    agency: String,
}

/// The most characters of the words that are looked for.
const MOST_LETTERS: usize = 100;

/// `GET /procedures/{agency}/{slug}?agency=&case.FIELD=`: the page of one procedure. If several agencies offer it, the
/// page is that of one of them, or has those whose names have the words. Answers about the visitor's own case make a page
/// of its own, which is not kept.
pub async fn show(
    State(portal): State<Portal>,
    Extension(shared): Extension<Arc<SharedProcedures>>,
    visitor: Visitor,
    headers: HeaderMap,
    Path((agency, slug)): Path<(String, String)>,
    Query(asked): Query<AgencyQuery>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let (language, catalogue) = (visitor.language(), portal.services.procedures.catalogue());
    let path = address::procedure(&agency, &slug);
    let found = find(&catalogue, &path)?;
    let window = found.live.procedure.window;
    let answers = own_case::answers(&found.live.procedure, &query, language);
    let case = if answers.is_empty() { None } else { own_case::context(&portal, found.offer(), &answers, language) };
    let own = portal.clone();
    let make = move || page(&own, found.offer(), language).map(Arc::new);
    let made = shared.get(catalogue.number, (path.clone(), language), make).await?;
    let page = Option::as_ref(&made).ok_or(Error::NotFound)?;
    let looks_for_agency = !page.agencies.is_empty() && !asked.agency.trim().is_empty();
    if window.is_always() && !looks_for_agency && case.is_none() {
        return Ok(for_everybody(&portal, &visitor, &headers, (catalogue.number, path.as_str()), page).await);
    }
    // The page is built once, and its window opens and closes.
    let window = WindowContext::at(window, portal.services.now(), language);
    let page = ProcedurePage { window, ..ProcedurePage::clone(page) };
    let page = if case.is_some() { ProcedurePage { case, ..page } } else { page };
    let page = if looks_for_agency { page.with_agencies(&asked.agency) } else { page };
    Ok(ok(&portal, &visitor, &page))
}

impl ProcedurePage {
    /// Returns the page with the agencies whose names have all these words.
    fn with_agencies(mut self, asked: &str) -> Self {
        let asked: String = asked.chars().take(MOST_LETTERS).collect();
        let folded = fold(&asked);
        let has = |name: &str| folded.split_whitespace().all(|word| name.contains(word));
        self.agencies.retain(|agency| has(&fold(&agency.name)));
        Self { agency_query: asked, ..self }
    }
}

/// Returns the agencies that offer a procedure, each with the address at which it does.
fn offering(portal: &Portal, live: &Live, language: Language) -> Vec<OfferingLine> {
    let province = portal.services.province();
    let agencies = live.offers.iter().filter_map(|id| province.agency(id));
    let line = |agency: &Agency| OfferingLine {
        url: live.procedure.path_in(&agency.id),
        name: agency.name.get(language).to_owned(),
        address: agency.address.get(language).to_owned(),
    };
    agencies.map(line).collect()
}

/// Returns the procedures that people may need beside one, at the same agency where it offers them.
fn related(portal: &Portal, offer: OfferAt<'_>, language: Language) -> Vec<ProcedureLine> {
    let catalogue = portal.services.procedures.catalogue();
    let at = |other: &Live| match offer.agency {
        Some(agency) => line(portal, other.offer_of(agency.as_str()), language),
        None => line(portal, other.whole(), language),
    };
    catalogue.related(&offer.live.procedure).into_iter().map(at).collect()
}

/// Returns the page without its shell, unless no agency offers the procedure any more.
fn page(portal: &Portal, offer: OfferAt<'_>, language: Language) -> Option<ProcedurePage> {
    let (live, procedure, province) = (offer.live, &offer.live.procedure, portal.services.province());
    if live.offers.is_empty() {
        return None;
    }
    let office = offer.agency.and_then(|id| province.agency(id));
    let line = line(portal, offer, language);
    let place = offer.agency.map_or_else(|| province.place_of(procedure), |agency| procedure.place_in(agency));
    let hours = offer.agency.and_then(|agency| procedure.terms_of(agency)).and_then(|terms| terms.hours.as_ref());
    let hours = hours.or_else(|| office.and_then(|office| office.hours.as_ref()));
    let led_by = procedure.leading_field().filter(|_| line.several);
    let documents = procedure.legal_documents();
    let based = |basis: &[LegalReference]| BasisContext::cited(&documents.citations(basis), language);
    let cases = procedure.limit_cases.iter().map(|case| LimitCaseContext {
        name: case.name.get(language).to_owned(),
        limit: format::limit(case.limit, language),
        basis: based(&case.basis),
    });
    let fees: Vec<FeeContext> = match offer.agency {
        Some(agency) => procedure.fees_of(agency).iter().map(|fee| format::fee(fee, documents, language)).collect(),
        None => by_agency::fees(procedure, &live.offers, language),
    };
    let steps = procedure.workflow.steps.iter().map(|step| step_line(step, documents, language));
    Some(ProcedurePage {
        agencies: if line.several { offering(portal, live, language) } else { Vec::new() },
        led_by: led_by.map_or_else(String::new, |field| field.label.get(language).to_owned()),
        agency_query: String::new(),
        others: if line.several || live.offers.len() == 1 { String::new() } else { procedure.path() },
        line,
        code: procedure.code.to_string(),
        open: live.is_open(),
        window: WindowContext::always(),
        bounds: BoundsContext::of(procedure, language),
        asks_eligibility: procedure.eligibility.is_some(),
        case: own_case::context(portal, offer, &[], language),
        limit_basis: based(&procedure.limit_basis),
        publishes: procedure.publish.map_or("", ResultPublication::name),
        silence: procedure.silence.as_ref().map_or("", |silence| silence.means.name()),
        silence_basis: procedure.silence.as_ref().map_or_else(Vec::new, |silence| based(&silence.basis)),
        limit_cases: cases.collect(),
        audience: procedure.audience.iter().map(|audience| audience.name()).collect(),
        on_behalf: if procedure.on_behalf.is_nobody() { "" } else { procedure.on_behalf.name() },
        result: procedure.result.get(language).to_owned(),
        by_post: procedure.post.is_some(),
        carrier_fee: carrier_fee(procedure, language),
        address: office.map_or_else(String::new, |office| office.address.get(language).to_owned()),
        phone: office.map_or_else(String::new, |office| office.phone.clone()),
        hours: hours.map_or_else(String::new, |hours| hours.get(language).to_owned()),
        map: office.and_then(|office| office.map.clone()).unwrap_or_default(),
        how_to: texts(&procedure.how_to, language),
        conditions: texts(&procedure.conditions, language),
        rules: FoundedRule::named(&procedure.form, documents, language),
        legal_basis: BasisContext::listed(&procedure.legal_basis, language),
        papers: procedure.papers.iter().map(|paper| paper_line(paper, documents, language)).collect(),
        fees,
        reckons_fees: portal.services.plugins.reckons_fees(procedure),
        steps: steps.collect(),
        diagram: diagram::of_procedure(&province.agencies, procedure, &place, language),
        related: related(portal, offer, language),
        history: history(&live.history, language),
        schema: address::schema(&format!("{}.json", live.version)),
        json_ld: open_data::government_service(portal, offer),
    })
}
