//! The list of dossiers on which an officer works.

use crate::pages::applicant::{DossierLine, line};
use crate::pages::desk_filters::{DeskChip, DeskField, DeskFilter, OfficeQuery, chips, shown};
use crate::pages::render::ok;
use crate::state::Portal;
use crate::theme::Page;
use crate::view::format;
use crate::view::site_visit::span;
use crate::web::failure::Failure;
use crate::web::person::Officer;
use crate::web::typing::Query;
use crate::web::{address, limits};
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::Timestamp;
use motcua_domain::people::access::{Deed, may};
use motcua_domain::text::Language;
use motcua_service::{BULK_MOST, COUNTED, ComingSiteVisit, DeskPlace, DeskRow, DeskRows, OfficerView};
use serde::Serialize;

/// The list of dossiers to work on.
#[derive(Debug, Clone, Serialize)]
pub struct DeskPage {
    /// `todo`, `open`, `waiting`, `taken-part` or `ended`.
    pub view: &'static str,
    /// The views, each with its number of lines under the search and the filters.
    pub tabs: Vec<DeskTab>,
    /// The typed words of the search, or an empty text.
    pub query: String,
    /// The address of the view with its filters and without the search, or an empty text.
    pub without_words: String,
    /// The filters with the values to choose from.
    pub filters: Vec<DeskFilter>,
    /// The chosen filters.
    pub chosen: Vec<DeskChip>,
    /// The address of the view without filters and search.
    pub without: String,
    /// The names of the asked filters whose values are unknown. The list is shown without them.
    pub unknown: Vec<&'static str>,
    /// The dossiers of the view, the late ones first.
    pub dossiers: Vec<DossierLine>,
    /// The address of the first dossiers of the view, on a later page, or an empty text.
    pub first: String,
    /// The address of the dossiers after these, or an empty text.
    pub next: String,
    /// The number of overdue dossiers among those on the page.
    pub overdue: usize,
    /// Procedures of the officer's agencies whose automatic check is suspended.
    pub unchecked: Vec<String>,
    /// The coming appointments on the spot of the officer's units, the next one first, in the view `todo`.
    pub visits: Vec<DeskVisit>,
    /// There are more appointments than the page shows.
    pub more_visits: bool,
    /// The dossiers can be ticked, to do the same with all of them.
    pub ticks: bool,
    /// The search and the filters as hidden fields of the form with the ticks.
    pub fields: Vec<DeskField>,
    /// The lines of the page as the form with the ticks posts them.
    pub shown: String,
    /// The number of dossiers of the view that can be chosen together, up to 1,000.
    pub all: String,
    /// The view has more dossiers than `all` says.
    pub more_than_all: bool,
}

/// A view of an officer's list.
#[derive(Debug, Clone, Serialize)]
pub struct DeskTab {
    /// The name of the view. The text is under `view-<name>`.
    pub view: &'static str,
    /// The address of the view with the same search and filters.
    pub address: String,
    /// The number of its lines, up to 1,000.
    pub count: String,
    /// The view has more lines than `count` says.
    pub more: bool,
    /// The page shows this view.
    pub current: bool,
}

impl DeskTab {
    /// Returns the views with their numbers of lines.
    fn all(counts: [u64; OfficerView::ALL.len()], query: &OfficeQuery, shown: &str, language: Language) -> Vec<Self> {
        let tab = |(view, count): (OfficerView, u64)| Self {
            view: view.name(),
            address: query.address(view.name(), ""),
            count: format::count(count.min(COUNTED), language),
            more: count > COUNTED,
            current: view.name() == shown,
        };
        OfficerView::ALL.into_iter().zip(counts).map(tab).collect()
    }
}

/// Returns the lines of a page as its form posts them.
fn posted_lines(lines: &[DossierLine]) -> String {
    lines.iter().map(|line| format!("{}~{}", line.code, line.stay)).collect::<Vec<_>>().join(" ")
}

/// A coming appointment on the spot.
#[derive(Debug, Clone, Serialize)]
pub struct DeskVisit {
    /// The code of the dossier.
    pub code: String,
    /// The day and the time.
    pub time: String,
    /// The place.
    pub place: String,
    /// The name of the procedure.
    pub procedure: String,
    /// The name of the applicant.
    pub applicant: String,
}

impl DeskVisit {
    /// Returns an appointment in a language.
    fn of(visit: ComingSiteVisit, language: Language) -> Self {
        let [from, to] = [visit.from, visit.to].map(|at| Timestamp::from_second(at).unwrap_or_default());
        Self {
            time: span(from, to, language),
            procedure: visit.procedure.get(language).to_owned(),
            code: visit.code,
            place: visit.place,
            applicant: visit.applicant,
        }
    }

    /// Returns an appointment for checking a theme.
    fn sample() -> Self {
        Self {
            code: "H09.01-261124-0001".into(),
            time: "thứ Hai 30/11/2026, 09:00-10:00".into(),
            place: "12 Lê Lợi".into(),
            procedure: "Thủ tục".into(),
            applicant: "An".into(),
        }
    }
}

impl Page for DeskPage {
    const TEMPLATE: &'static str = "desk.html";
    fn samples() -> Vec<Self> {
        let page = |view, dossiers: Vec<DossierLine>| Self {
            view,
            tabs: DeskTab::all([12, 50, 0, 10_001, 10_000], &OfficeQuery::default(), view, Language::Vi),
            query: "an".into(),
            without_words: "/desk?view=todo".into(),
            filters: DeskFilter::samples(),
            chosen: if view == "open" { chips(&DeskFilter::samples(), &OfficeQuery::default(), view) } else { vec![] },
            without: "/desk?view=open".into(),
            unknown: if view == "waiting" {
                vec!["procedure", "step", "unit", "officer", "due", "channel", "unread"]
            } else {
                vec![]
            },
            first: if view == "open" { "/desk?view=open".into() } else { String::new() },
            next: if dossiers.is_empty() {
                String::new()
            } else {
                "/desk?view=todo&after=1~1~H09.01-261124-0001".into()
            },
            overdue: dossiers.len(),
            unchecked: if view == "todo" { vec!["Thủ tục".into()] } else { vec![] },
            visits: if view == "todo" { vec![DeskVisit::sample()] } else { vec![] },
            more_visits: view == "todo",
            ticks: ["todo", "open"].contains(&view),
            fields: OfficeQuery { q: "an".into(), ..OfficeQuery::default() }.fields(),
            shown: posted_lines(&dossiers),
            all: "1.000".into(),
            more_than_all: view == "open",
            dossiers,
        };
        vec![
            page("todo", DossierLine::samples()),
            page("open", DossierLine::samples()),
            page("waiting", vec![]),
            page("taken-part", DossierLine::samples()),
            page("ended", DossierLine::samples()),
        ]
    }
}

/// `GET /desk?view=&q=&after=` with filters: the list of dossiers, with late ones on top. The code of a dossier leads to its
/// page.
pub async fn desk(
    State(portal): State<Portal>,
    Query(wanted): Query<OfficeQuery>,
    visitor: Officer,
) -> Result<Response, Failure> {
    let view = OfficerView::named(&wanted.view);
    let (name, language) = (view.name(), visitor.language());
    let lists = &portal.services.lists;
    if let Some(code) = lists.desk_code(visitor.actor(), &wanted.q).await? {
        return Ok(Redirect::to(&address::dossier(code)).into_response());
    }
    let after = DeskPlace::parse(&wanted.after);
    let filters = lists.desk_filters(visitor.actor(), &wanted.asked()).await?;
    let DeskRows { rows, last } = lists.desk(visitor.actor(), view, &filters.wish, after.as_ref()).await?;
    let counts = lists.desk_counts(visitor.actor(), &filters.wish).await?;
    let query = wanted.known(&filters);
    // The page of a dossier leads back to its list and on to the next one.
    let list = query.list(name);
    let opened = |row: DeskRow| {
        let place = row.place.as_ref().filter(|_| limits::fits_in_another(&list));
        let place = place.map(|place| address::in_list(&list, &place.to_string()));
        let shown = line(row, language);
        let to = place.map_or_else(|| address::dossier(&shown.code), |place| address::dossier_in(&shown.code, &place));
        DossierLine { to, ..shown }
    };
    let dossiers: Vec<DossierLine> = rows.into_iter().map(opened).collect();
    let overdue = dossiers.iter().filter(|line| line.punctuality == "overdue").count();
    let unchecked = portal.services.plugins.unchecked(visitor.actor());
    let unchecked = unchecked.iter().map(|procedure| procedure.name.get(language).to_owned()).collect();
    let offered = shown(&filters, language);
    let chosen = chips(&offered, &query, name);
    let has_words = !query.q.trim().is_empty();
    let shows_visits = view == OfficerView::Todo && !has_words && chosen.is_empty() && after.is_none();
    let (visits, more_visits) =
        if shows_visits { lists.site_visits(visitor.actor()).await? } else { (Vec::new(), false) };
    let most = u64::try_from(BULK_MOST).unwrap_or(u64::MAX);
    let of_view = OfficerView::ALL.into_iter().zip(counts).find(|(known, _)| *known == view);
    let all = of_view.map_or(0, |(_, count)| count);
    let has_work = matches!(view, OfficerView::Todo | OfficerView::Open) && !dossiers.is_empty();
    let page = DeskPage {
        view: name,
        tabs: DeskTab::all(counts, &query, name, language),
        first: after.map_or_else(String::new, |_| query.address(name, "")),
        next: last.map_or_else(String::new, |last| query.address(name, &last.to_string())),
        without_words: if has_words { query.without(name, "q") } else { String::new() },
        filters: offered,
        chosen,
        without: address::desk(name, &[]),
        unknown: filters.unknown,
        overdue,
        unchecked,
        visits: visits.into_iter().map(|visit| DeskVisit::of(visit, language)).collect(),
        more_visits,
        ticks: has_work && may(visitor.actor(), Deed::WorkInBulk, None),
        fields: query.fields(),
        shown: posted_lines(&dossiers),
        all: format::count(all.min(most), language),
        more_than_all: all > most,
        dossiers,
        query: query.q,
    };
    Ok(ok(&portal, &visitor, &page))
}
