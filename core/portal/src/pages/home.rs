//! The first page.

use crate::pages::public::{ProcedureLine, line, sample_line};
use crate::pages::render::ok;
use crate::state::Portal;
use crate::state::per_release::PerRelease;
use crate::theme::Page;
use crate::view::format;
use crate::web::address;
use crate::web::failure::Failure;
use crate::web::visitor::Visitor;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use motcua_domain::procedure::changes::Release;
use motcua_domain::text::Language;
use motcua_service::WorkPlaces;
use motcua_service::catalogue::{Live, Snapshot};
use serde::Serialize;
use std::cmp::Reverse;
use std::sync::Arc;

/// The most procedures that are shown as new or changed.
const MOST_NEW: usize = 5;

/// The most changes that are shown of a procedure.
const MOST_CHANGES: usize = 3;

/// The time after the first release in which a portal gets its first procedures, in seconds. They are not news.
const FIRST_DAY: i64 = 24 * 60 * 60;

/// The first page.
#[derive(Debug, Clone, Serialize)]
pub struct HomePage {
    /// A few procedures, the ones with the highest level first.
    pub procedures: Vec<ProcedureLine>,
    /// The life events of all procedures.
    pub life_events: Vec<CatalogueLink>,
    /// The agencies that offer procedures, in the order of `organisation.toml`.
    pub agencies: Vec<CatalogueLink>,
    /// The procedures that are new or changed, the latest first. The first procedures of a portal are left out.
    pub news: Vec<ProcedureNews>,
    /// The number of procedures that accept applications.
    pub count: usize,
    /// The number of procedures that are wholly online.
    pub whole: usize,
}

/// A link to a part of the catalogue.
#[derive(Debug, Clone, Serialize)]
pub struct CatalogueLink {
    /// The address of the list.
    pub url: String,
    /// The name of the agency, or the words for the life event.
    pub name: String,
    /// The number of procedures in the list.
    pub count: usize,
}

/// A procedure that is new or changed.
#[derive(Debug, Clone, Serialize)]
pub struct ProcedureNews {
    /// The address of the procedure's page.
    pub url: String,
    /// The name of the procedure.
    pub name: String,
    /// The time of its latest release.
    pub at: String,
    /// The procedure was not offered before.
    pub is_new: bool,
    /// The first changes of the latest release, in words.
    pub changes: Vec<String>,
}

impl Page for HomePage {
    const TEMPLATE: &'static str = "home.html";
    fn samples() -> Vec<Self> {
        let link = |url: &str, name: &str| CatalogueLink { url: url.into(), name: name.into(), count: 12 };
        let news = |is_new: bool, changes: &[&str]| ProcedureNews {
            url: "/procedures/so/thu-tuc".into(),
            name: "Thủ tục mẫu".into(),
            at: "24/11/2026 08:00".into(),
            is_new,
            changes: changes.iter().map(|change| (*change).into()).collect(),
        };
        vec![
            Self {
                procedures: vec![sample_line()],
                life_events: vec![link("/procedures?event=C%C3%B3+con+nh%E1%BB%8F", "Có con nhỏ")],
                agencies: vec![link("/procedures?agency=so", "Sở Mẫu")],
                news: vec![news(true, &[]), news(false, &["Lệ phí: 8.000 đồng thay cho 10.000 đồng"])],
                count: 1,
                whole: 1,
            },
            Self { procedures: vec![], life_events: vec![], agencies: vec![], news: vec![], count: 0, whole: 0 },
        ]
    }
}

/// The first page in each language, without its shell, built once for each release.
pub type SharedHomes = PerRelease<Language, HomePage>;

/// Returns the first pages for the handler. They are built in these places.
pub fn shared(places: &Arc<WorkPlaces>) -> Extension<Arc<SharedHomes>> {
    Extension(Arc::new(SharedHomes::new(2, places)))
}

/// `GET /`: search, life events, agencies, news, the procedures.
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
    first.sort_by_key(|live| Reverse(live.procedure.level));
    let offered = catalogue.offered();
    let mut life_events: Vec<CatalogueLink> = offered
        .life_events
        .values()
        .map(|event| {
            let name = event.text.get(language).to_owned();
            CatalogueLink { url: address::catalogue(&[("event", name.as_str())]), name, count: event.count }
        })
        .collect();
    life_events.sort_by(|one, other| one.name.cmp(&other.name));
    let agencies = portal.services.province().agencies.iter().filter_map(|agency| {
        let count = *offered.agencies.get(&agency.id)?;
        let url = address::catalogue(&[("agency", agency.id.as_str())]);
        Some(CatalogueLink { url, name: agency.name.get(language).to_owned(), count })
    });
    HomePage {
        count: first.len(),
        whole: first.iter().filter(|live| live.procedure.level == 4).count(),
        procedures: first.into_iter().take(6).map(|live| line(portal, live.whole(), language)).collect(),
        life_events,
        agencies: agencies.collect(),
        news: news(catalogue, language),
    }
}

/// Returns the procedures whose latest release is later than the first ones of the portal.
fn news(catalogue: &Snapshot, language: Language) -> Vec<ProcedureNews> {
    let releases = catalogue.all().iter().flat_map(|live| &live.history);
    let Some(begun) = releases.map(|release| release.at).min() else { return Vec::new() };
    let latest = catalogue.open().filter_map(|live| Some((live, live.history.first()?)));
    let mut news: Vec<(&Live, &Release)> = latest.filter(|(_, release)| release.at - begun >= FIRST_DAY).collect();
    news.sort_by_key(|(_, release)| Reverse((release.at, release.number)));
    let shown = news.into_iter().take(MOST_NEW).map(|(live, release)| ProcedureNews {
        url: live.whole().path(),
        name: live.procedure.name.get(language).to_owned(),
        at: format::second(release.at, language),
        is_new: live.history.len() == 1,
        changes: release.changes.iter().take(MOST_CHANGES).map(|change| change.0.get(language).to_owned()).collect(),
    });
    shown.collect()
}
