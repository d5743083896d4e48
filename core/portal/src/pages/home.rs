//! The first page.

use crate::pages::public::{ProcedureLine, line, sample_line};
use crate::pages::render::ok;
use crate::state::Portal;
use crate::state::per_release::PerRelease;
use crate::theme::Page;
use crate::view::event_icon::{event_icon, event_icons};
use crate::view::format;
use crate::web::address;
use crate::web::failure::Failure;
use crate::web::visitor::Visitor;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use motcua_domain::fold::fold;
use motcua_domain::number;
use motcua_domain::procedure::changes::Release;
use motcua_domain::text::Language;
use motcua_domain::time::calendar::local;
use motcua_service::catalogue::{Live, Snapshot};
use motcua_service::{PublicSums, WorkPlaces};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

/// The most procedures that are shown as new or changed.
const MOST_NEW: usize = 5;

/// The most changes that are shown of a procedure.
const MOST_CHANGES: usize = 3;

/// The most procedures that are shown.
const MOST_SHOWN: usize = 6;

/// The most announcements that are shown.
const MOST_ANNOUNCED: usize = 3;

/// The time after the first release in which a portal gets its first procedures, in seconds. They are not news.
const FIRST_DAY: i64 = 24 * 60 * 60;

/// The first page.
#[derive(Debug, Clone, Serialize)]
pub struct HomePage {
    /// The announcements of the province for this day, the latest first.
    pub announcements: Vec<AnnouncementContext>,
    /// A few procedures: those that were filed most, or the ones with the highest level first.
    pub procedures: Vec<ProcedureLine>,
    /// The procedures are those that were filed most in the last 90 days.
    pub is_most_filed: bool,
    /// The life events of all procedures.
    pub life_events: Vec<LifeEventLink>,
    /// The figures of the whole province, or none without dossiers.
    pub figures: Option<HomeFigures>,
    /// The agencies that offer procedures, in the order of `organisation.toml`.
    pub agencies: Vec<CatalogueLink>,
    /// The procedures that are new or changed, the latest first. The first procedures of a portal are left out.
    pub news: Vec<ProcedureNews>,
    /// The number of procedures that accept applications.
    pub count: usize,
    /// The number of procedures that are wholly online.
    pub whole: usize,
}

/// An announcement of the province.
#[derive(Debug, Clone, Serialize)]
pub struct AnnouncementContext {
    /// The title.
    pub title: String,
    /// The text in limited Markdown, for the filter `page_markdown`.
    pub text: String,
    /// The language of the announcement: `vi` or `en`.
    pub language: &'static str,
    /// The first day on which it is shown, or an empty text.
    pub from: String,
}

/// The figures of the whole province, by the same rules as on the page of the public figures.
#[derive(Debug, Clone, Serialize)]
pub struct HomeFigures {
    /// The number of dossiers that were filed today.
    pub received: String,
    /// The number of dossiers with a result of this month.
    pub results: String,
    /// The percentage of early and punctual results of this month, or an empty text without results.
    pub in_time_share: String,
    /// The time of the figures.
    pub at: String,
}

/// A link to the procedures of a life event.
#[derive(Debug, Clone, Serialize)]
pub struct LifeEventLink {
    /// The address of the list.
    pub url: String,
    /// The words for the life event.
    pub name: String,
    /// The word for its picture, for the part `event_icon.html`.
    pub icon: &'static str,
    /// The number of procedures in the list.
    pub count: usize,
}

/// A link to a part of the catalogue.
#[derive(Debug, Clone, Serialize)]
pub struct CatalogueLink {
    /// The address of the list.
    pub url: String,
    /// The name of the agency.
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
        let event = |icon| LifeEventLink {
            url: "/procedures?event=C%C3%B3+con+nh%E1%BB%8F".into(),
            name: "Có con nhỏ".into(),
            icon,
            count: 12,
        };
        let announced = |from: &str| AnnouncementContext {
            title: "Nghỉ Tết".into(),
            text: "Bộ phận một cửa **nghỉ** đến hết ngày 03/01/2027.".into(),
            language: "vi",
            from: from.into(),
        };
        let figures = |share: &str| HomeFigures {
            received: "1.240".into(),
            results: "18.020".into(),
            in_time_share: share.into(),
            at: "24/11/2026 08:00".into(),
        };
        let full = Self {
            announcements: vec![announced("20/11/2026"), announced("")],
            procedures: vec![sample_line()],
            is_most_filed: true,
            life_events: event_icons().map(event).collect(),
            figures: Some(figures("98 %")),
            agencies: vec![link("/procedures?agency=so", "Sở Mẫu")],
            news: vec![news(true, &[]), news(false, &["Lệ phí: 8.000 đồng thay cho 10.000 đồng"])],
            count: 1,
            whole: 1,
        };
        let new = Self {
            announcements: vec![],
            procedures: vec![],
            is_most_filed: false,
            life_events: vec![],
            figures: None,
            agencies: vec![],
            news: vec![],
            count: 0,
            whole: 0,
        };
        let without_results =
            Self { figures: Some(figures("")), is_most_filed: false, procedures: vec![sample_line()], ..new.clone() };
        vec![full, new, without_results]
    }
}

/// The language of a first page, its day, and the time of its figures.
type HomeKey = (Language, Date, Option<Timestamp>);

/// The first page in each language, without its shell, built once for each release, day and time of the figures.
pub type SharedHomes = PerRelease<HomeKey, HomePage>;

/// Returns the first pages for the handler. They are built in these places.
pub fn shared(places: &Arc<WorkPlaces>) -> Extension<Arc<SharedHomes>> {
    Extension(Arc::new(SharedHomes::new(4, places)))
}

/// `GET /`: search, announcements, life events, agencies, news, procedures, figures.
pub async fn home(
    State(portal): State<Portal>,
    Extension(shared): Extension<Arc<SharedHomes>>,
    visitor: Visitor,
) -> Result<Response, Failure> {
    let (language, catalogue, own) = (visitor.language(), portal.services.procedures.catalogue(), portal.clone());
    let sums = portal.services.statistics.known().await;
    let (day, release) = (local(portal.services.now()).date(), catalogue.number);
    let key = (language, day, sums.as_ref().map(|sums| sums.at));
    let make = move || HomeReader { portal: &own, catalogue: &catalogue, sums: sums.as_deref(), language }.page(day);
    let page = shared.get(release, key, make).await?;
    Ok(ok(&portal, &visitor, &*page))
}

/// The reader of a first page, which is the same for everybody.
struct HomeReader<'a> {
    portal: &'a Portal,
    catalogue: &'a Snapshot,
    sums: Option<&'a PublicSums>,
    language: Language,
}

impl HomeReader<'_> {
    /// Returns the first page of a day, without its shell.
    fn page(&self, day: Date) -> HomePage {
        let most_filed = self.most_filed();
        let is_most_filed = !most_filed.is_empty();
        let shown = if is_most_filed { most_filed } else { self.highest() };
        let lines = shown.into_iter().take(MOST_SHOWN);
        HomePage {
            announcements: self.announcements(day),
            procedures: lines.map(|live| line(self.portal, live.whole(), self.language)).collect(),
            is_most_filed,
            life_events: self.life_events(),
            figures: self.figures(),
            agencies: self.agencies(),
            news: news(self.catalogue, self.language),
            count: self.catalogue.open().len(),
            whole: self.catalogue.open().filter(|live| live.procedure.level == 4).count(),
        }
    }

    fn announcements(&self, day: Date) -> Vec<AnnouncementContext> {
        let found = self.portal.theme.announced(self.language, day).into_iter().take(MOST_ANNOUNCED);
        let context = found.map(|(language, announcement)| AnnouncementContext {
            title: announcement.page.title.clone(),
            text: announcement.page.text.clone(),
            language: language.tag(),
            from: announcement.from.map_or_else(String::new, |from| format::day(from, self.language)),
        });
        context.collect()
    }

    /// Returns the procedures that accept applications and were filed most.
    fn most_filed(&self) -> Vec<&Live> {
        let Some(sums) = self.sums else { return Vec::new() };
        let open: HashMap<&str, &Live> =
            self.catalogue.open().map(|live| (live.procedure.code.as_str(), live)).collect();
        sums.most_filed().into_iter().filter_map(|code| open.get(code).copied()).collect()
    }

    /// Returns the procedures that accept applications, those that are wholly online first.
    fn highest(&self) -> Vec<&Live> {
        let mut first: Vec<&Live> = self.catalogue.open().collect();
        first.sort_by_key(|live| Reverse(live.procedure.level));
        first
    }

    fn life_events(&self) -> Vec<LifeEventLink> {
        let offered = self.catalogue.offered();
        let events = offered.life_events.values().map(|event| {
            let name = event.text.get(self.language).to_owned();
            let icon = event_icon(event.text.get(Language::Vi));
            LifeEventLink { url: address::catalogue(&[("event", name.as_str())]), name, icon, count: event.count }
        });
        let mut events: Vec<LifeEventLink> = events.collect();
        events.sort_by_cached_key(|event| (fold(&event.name), event.name.clone()));
        events
    }

    fn agencies(&self) -> Vec<CatalogueLink> {
        let offered = self.catalogue.offered();
        let agencies = self.portal.services.province().agencies.iter().filter_map(|agency| {
            let count = *offered.agencies.get(&agency.id)?;
            let url = address::catalogue(&[("agency", agency.id.as_str())]);
            Some(CatalogueLink { url, name: agency.name.get(self.language).to_owned(), count })
        });
        agencies.collect()
    }

    fn figures(&self) -> Option<HomeFigures> {
        let sums = self.sums.filter(|sums| !sums.rows().is_empty())?;
        let month = sums.this_month();
        Some(HomeFigures {
            received: number::whole(sums.filed_today(), self.language),
            results: number::whole(month.results(), self.language),
            in_time_share: month.in_time_share().map_or_else(String::new, |percent| format!("{percent} %")),
            at: format::moment(sums.at, self.language),
        })
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
