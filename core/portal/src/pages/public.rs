//! The public catalogue.

use crate::pages::render::ok;
use crate::state::Portal;
use crate::state::per_release::PerRelease;
use crate::theme::Page;
use crate::view::format;
use crate::web::address::{self, own_path};
use crate::web::failure::Failure;
use crate::web::typing::Query;
use crate::web::visitor::{Visitor, language_cookie};
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use motcua_domain::names::AgencyId;
use motcua_domain::procedure::{Audience, FormTemplate, Procedure};
use motcua_domain::text::{Language, Text};
use motcua_service::catalogue::{Live, OfferAt, SearchWish, Snapshot};
use motcua_service::{Error, WorkPlaces};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A procedure in a list.
#[derive(Debug, Clone, Serialize)]
pub struct ProcedureLine {
    /// The address of the procedure's page.
    pub url: String,
    /// The name of the procedure.
    pub name: String,
    /// A summary in one or two sentences, or an empty text.
    pub summary: String,
    /// The name of the agency.
    pub agency: String,
    /// Several agencies offer the procedure, and this line is of all of them.
    pub several: bool,
    /// The field of law.
    pub field: String,
    /// The level of the online service, from 1 to 4. Level 4 is wholly online.
    pub level: u8,
    /// The limit for the whole dossier, such as `3 working days`.
    pub limit: String,
}

/// Returns a procedure as a line of a list.
pub fn line(portal: &Portal, offer: OfferAt<'_>, language: Language) -> ProcedureLine {
    let (procedure, count) = (&offer.live.procedure, offer.live.offers.len());
    ProcedureLine {
        url: offer.path(),
        name: procedure.name.get(language).to_owned(),
        summary: procedure.summary.get(language).to_owned(),
        agency: provider(portal, offer).get(language).to_owned(),
        several: offer.agency.is_none() && count > 1,
        field: procedure.field.get(language).to_owned(),
        level: procedure.level,
        limit: format::limit(offer.agency.map_or(procedure.limit, |agency| procedure.limit_in(agency)), language),
    }
}

/// Returns the name of the agency that offers a procedure, or the number of agencies.
pub fn provider(portal: &Portal, offer: OfferAt<'_>) -> Text {
    let Some(id) = offer.agency else {
        let count = offer.live.offers.len();
        return if count == 0 {
            Text::default()
        } else {
            Text::new(format!("{count} cơ quan"), format!("{count} agencies"))
        };
    };
    portal.services.province().agency(id).map(|agency| agency.name.clone()).unwrap_or_default()
}

/// Returns the address of a form to download.
pub fn template_url(template: &FormTemplate) -> String {
    address::template(&template.digest, &template.file)
}

/// The first page.
#[derive(Debug, Clone, Serialize)]
pub struct HomePage {
    /// A few procedures, the ones with the highest level first.
    pub procedures: Vec<ProcedureLine>,
    /// The life events of all procedures, each once.
    pub life_events: Vec<String>,
    /// The number of procedures that accept applications.
    pub count: usize,
    /// The number of procedures that are wholly online.
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

pub fn sample_line() -> ProcedureLine {
    ProcedureLine {
        url: "/procedures/so/thu-tuc".into(),
        name: "Thủ tục mẫu".into(),
        summary: "Tóm tắt".into(),
        agency: "Sở Mẫu".into(),
        several: false,
        field: "Lĩnh vực".into(),
        level: 4,
        limit: "3 ngày làm việc".into(),
    }
}

/// Returns the words of all procedures, each once.
fn words(catalogue: &Snapshot, of: impl Fn(&Procedure) -> Vec<&str>) -> Vec<String> {
    let names: BTreeSet<&str> = catalogue.open().flat_map(|live| of(&live.procedure)).collect();
    names.into_iter().filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn life_events(catalogue: &Snapshot, language: Language) -> Vec<String> {
    words(catalogue, |procedure| procedure.life_events.iter().map(|event| event.get(language)).collect())
}

/// The first page in each language, without its shell, built once for each release.
pub type SharedHomes = PerRelease<Language, HomePage>;

/// Returns the first pages for the handler. They are built in these places.
pub fn shared(places: &Arc<WorkPlaces>) -> Extension<Arc<SharedHomes>> {
    Extension(Arc::new(SharedHomes::new(2, places)))
}

/// `GET /`: search, life events, the procedures.
pub async fn home(
    State(portal): State<Portal>,
    Extension(shared): Extension<Arc<SharedHomes>>,
    visitor: Visitor,
) -> Result<Response, Failure> {
    let (language, catalogue, own) = (visitor.language(), portal.services.procedures.catalogue(), portal.clone());
    let page = shared.get(catalogue.number, language, move || first(&own, &catalogue, language)).await?;
    Ok(ok(&portal, &visitor, &*page))
}

/// Returns the first page without its shell.
fn first(portal: &Portal, catalogue: &Snapshot, language: Language) -> HomePage {
    let mut first: Vec<&Live> = catalogue.open().collect();
    // Procedures that are wholly online come first.
    first.sort_by_key(|live| std::cmp::Reverse(live.procedure.level));
    HomePage {
        count: first.len(),
        whole: first.iter().filter(|live| live.procedure.level == 4).count(),
        procedures: first.into_iter().take(6).map(|live| line(portal, live.whole(), language)).collect(),
        life_events: life_events(catalogue, language),
    }
}

/// The search of a visitor.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct SearchQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    agency: String,
    #[serde(default)]
    field: String,
    #[serde(default)]
    level: String,
    #[serde(default)]
    audience: String,
    #[serde(default)]
    event: String,
    /// From 1.
    #[serde(default)]
    page: usize,
}

/// The number of procedures on a page of the list.
const PER_PAGE: usize = 30;

/// The list of procedures.
#[derive(Debug, Clone, Serialize)]
pub struct ProceduresPage {
    /// The typed words of the search, or an empty text.
    pub query: String,
    /// The id of the chosen agency, or an empty text for all.
    pub agency: String,
    /// The chosen field of law, or an empty text for all.
    pub field: String,
    /// The chosen level as a text, `1` to `4`, or an empty text for all.
    pub level: String,
    /// The word for the chosen kind of applicant, or an empty text for all.
    pub audience: String,
    /// The chosen life event, or an empty text for all.
    pub event: String,
    /// The agencies to choose from.
    pub agencies: Vec<AgencyContext>,
    /// The fields of law to choose from.
    pub fields: Vec<String>,
    /// The words for the kinds of applicants to choose from, under `audience-<word>`.
    pub audiences: Vec<&'static str>,
    /// The life events to choose from.
    pub life_events: Vec<String>,
    /// The number of results on all pages together.
    pub found: usize,
    /// The number of this page of the results, from 1.
    pub page: usize,
    /// The number of pages of results, at least 1.
    pub pages: usize,
    /// The results on this page, the best first.
    pub procedures: Vec<ProcedureLine>,
}

/// An agency that offers procedures.
#[derive(Debug, Clone, Serialize)]
pub struct AgencyContext {
    /// The id of the agency, as in `organisation.toml`.
    pub id: String,
    /// The name of the agency.
    pub name: String,
}

impl Page for ProceduresPage {
    const TEMPLATE: &'static str = "procedures.html";
    fn samples() -> Vec<Self> {
        let found = Self {
            query: "khai sinh".into(),
            agency: "so".into(),
            field: "Lĩnh vực".into(),
            level: "4".into(),
            audience: "citizen".into(),
            event: String::new(),
            agencies: vec![AgencyContext { id: "so".into(), name: "Sở Mẫu".into() }],
            fields: vec!["Lĩnh vực".into()],
            audiences: vec!["citizen", "household", "business", "foreign"],
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

/// `GET /procedures?q=&agency=&field=&level=&audience=&event=&page=`: the procedures that fit, the best first.
pub async fn procedures(
    State(portal): State<Portal>,
    visitor: Visitor,
    Query(asked): Query<SearchQuery>,
) -> Result<Response, Failure> {
    let (language, own) = (visitor.language(), portal.clone());
    let page = portal.work.searches.run(move || search(&own, asked, language)).await??;
    Ok(ok(&portal, &visitor, &page))
}

/// Searches, and returns the wanted page of the list.
fn search(portal: &Portal, asked: SearchQuery, language: Language) -> Result<ProceduresPage, Error> {
    let catalogue = portal.services.procedures.catalogue();
    let wanted = SearchWish {
        words: asked.q.clone(),
        agency: asked.agency.clone(),
        field: asked.field.clone(),
        level: asked.level.parse().ok(),
        audience: Audience::ALL.into_iter().find(|audience| audience.name() == asked.audience),
        event: asked.event.clone(),
    };
    let found = catalogue.find(&wanted).map_err(Error::fault)?;
    let offering: BTreeSet<&str> = catalogue.open().flat_map(|live| live.offers.iter().map(AgencyId::as_str)).collect();
    let agencies = portal.services.province().agencies.iter().filter(|agency| offering.contains(agency.id.as_str()));
    let agencies =
        agencies.map(|agency| AgencyContext { id: agency.id.to_string(), name: agency.name.get(language).to_owned() });
    let pages = found.len().div_ceil(PER_PAGE).max(1);
    let at = asked.page.clamp(1, pages);
    let shown = found.iter().skip((at - 1) * PER_PAGE).take(PER_PAGE);
    Ok(ProceduresPage {
        found: found.len(),
        page: at,
        pages,
        procedures: shown.map(|live| line(portal, live.offer_of(&asked.agency), language)).collect(),
        agencies: agencies.collect(),
        fields: words(&catalogue, |procedure| vec![procedure.field.get(language)]),
        audiences: Audience::ALL.map(Audience::name).to_vec(),
        life_events: life_events(&catalogue, language),
        query: asked.q,
        agency: asked.agency,
        field: asked.field,
        level: asked.level,
        audience: asked.audience,
        event: asked.event,
    })
}

/// The address to go back to.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct BackQuery {
    #[serde(default)]
    back: String,
}

/// `GET /language/{tag}?back=`: changes the language and goes back.
pub async fn language(Path(tag): Path<String>, Query(back): Query<BackQuery>) -> Response {
    let cookie = language_cookie(Language::from_tag(&tag));
    ([(header::SET_COOKIE, cookie)], Redirect::to(&own_path(&back.back))).into_response()
}

/// Answers every unknown address.
pub async fn nothing_here() -> Failure {
    Failure::Services(Error::NotFound)
}
