//! The public figures: sums over dossiers, and the services that agencies offer, for everybody.

mod samples;

use crate::pages::public::AgencyContext;
use crate::pages::render::ok;
use crate::state::Portal;
use crate::view::csv::table;
use crate::view::format;
use crate::view::units::agency_name;
use crate::web::address;
use crate::web::download::csv;
use crate::web::failure::Failure;
use crate::web::typing::Query;
use crate::web::visitor::Visitor;
use axum::extract::State;
use axum::response::Response;
use motcua_domain::names::AgencyId;
use motcua_domain::number;
use motcua_domain::text::Language;
use motcua_service::catalogue::{PlannedServices, Snapshot};
use motcua_service::{FigurePeriod, MonthlySums, PublicFigures, PublicSums, ServiceLevels, service_levels};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::iter;

/// The most lines of the page. The table for spreadsheets has all.
const MOST_LINES: usize = 100;

/// The most lines of the plot.
const MOST_PLOTTED: usize = 24;

/// The width of the longest bar of the plot.
const PLOT_WIDTH: i64 = 1000;

/// The word for the services by level, which are no figures of dossiers.
const LEVELS: &str = "level";

/// The property by which dossiers are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FigureGrouping {
    Agency,
    Field,
    Procedure,
    Month,
}

impl FigureGrouping {
    const ALL: [Self; 4] = [Self::Agency, Self::Field, Self::Procedure, Self::Month];

    const fn name(self) -> &'static str {
        match self {
            Self::Agency => "agency",
            Self::Field => "field",
            Self::Procedure => "procedure",
            Self::Month => "month",
        }
    }
}

/// The figures that a visitor wants.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct PublicFiguresQuery {
    #[serde(default)]
    by: String,
    #[serde(default)]
    agency: String,
    #[serde(default)]
    period: String,
}

/// The public figures.
#[derive(Debug, Clone, Serialize)]
pub struct PublicFiguresPage {
    /// The word for the grouping, under `figures-by-<word>`.
    pub by: &'static str,
    /// The words for the groupings to choose from.
    pub groupings: Vec<&'static str>,
    /// The id of the chosen agency, or an empty text for all.
    pub agency: String,
    /// The agencies to choose from.
    pub agencies: Vec<AgencyContext>,
    /// The chosen period: a year, a month such as `2026-11`, or an empty text for all time.
    pub period: String,
    /// The periods to choose from, the latest first.
    pub periods: Vec<PeriodContext>,
    /// The figures by group.
    pub lines: Vec<PublicFiguresLine>,
    /// The number of groups that the page leaves out.
    pub left_out: usize,
    /// The figures of all groups together.
    pub total: PublicFiguresLine,
    /// The lines of the plot.
    pub plotted: Vec<PlottedLine>,
    /// The services by agency.
    pub services: Vec<ServicesLine>,
    /// The services of the province, each once.
    pub all_services: ServicesLine,
    /// An agency has a plan.
    pub has_plan: bool,
    /// The time of the figures.
    pub at: String,
    /// The address of the figures as a table for spreadsheets.
    pub table: String,
    /// The address of the services as a table for spreadsheets.
    pub services_table: String,
}

/// A period to choose.
#[derive(Debug, Clone, Serialize)]
pub struct PeriodContext {
    /// The period as it is sent, such as `2026-11`.
    pub id: String,
    /// The period as it is shown, such as `11/2026`.
    pub name: String,
}

/// The figures of a group of dossiers.
#[derive(Debug, Clone, Serialize)]
pub struct PublicFiguresLine {
    /// The name of the group, or an empty text for all dossiers.
    pub name: String,
    /// The number of dossiers that were filed in the period.
    pub received: String,
    /// The number of early and punctual results of the period.
    pub in_time: String,
    /// The number of late results of the period.
    pub late: String,
    /// There are late results.
    pub is_late: bool,
    /// The percentage of early and punctual results, or an empty text without results.
    pub in_time_share: String,
    /// The number of dossiers that had not ended by the end of the period.
    pub in_progress: String,
    /// The mean of the ratings, of 10 points, or an empty text if there are too few ratings.
    pub satisfaction: String,
}

/// A line of the plot. The widths are parts of 1,000.
#[derive(Debug, Clone, Serialize)]
pub struct PlottedLine {
    /// The name of the group.
    pub name: String,
    /// The number of dossiers that were filed in the period.
    pub received: String,
    /// The number of early and punctual results of the period.
    pub in_time: String,
    /// The number of late results of the period.
    pub late: String,
    /// The width of the bar of filed dossiers.
    pub received_width: i64,
    /// The width of the bar of early and punctual results.
    pub in_time_width: i64,
    /// The width of the bar of late results, which begins at the end of the other bar.
    pub late_width: i64,
}

/// The services that an agency offers, by level.
#[derive(Debug, Clone, Serialize)]
pub struct ServicesLine {
    /// The name of the agency, or an empty text for the province.
    pub agency: String,
    /// The number of services of all levels.
    pub all: u32,
    /// The number of services of level 3.
    pub level_3: u32,
    /// The number of planned services of level 3, or an empty text without a plan.
    pub planned_level_3: String,
    /// The number of services of level 4.
    pub level_4: u32,
    /// The number of planned services of level 4, or an empty text without a plan.
    pub planned_level_4: String,
}

/// Figures with the names of their groups.
struct FoundFigures {
    by: FigureGrouping,
    agency: String,
    period: FigurePeriod,
    lines: Vec<(String, PublicFigures)>,
    total: PublicFigures,
}

/// The reader of figures for one request.
struct FiguresReader<'a> {
    portal: &'a Portal,
    catalogue: &'a Snapshot,
    sums: &'a PublicSums,
    language: Language,
}

impl FiguresReader<'_> {
    /// Returns the group of a procedure's dossiers at an agency. The groups of months are the months themselves.
    fn group(&self, by: FigureGrouping, agency: &str, procedure: &str) -> String {
        let live = || self.catalogue.procedure(&procedure.into());
        match by {
            FigureGrouping::Agency => agency.to_owned(),
            FigureGrouping::Procedure => procedure.to_owned(),
            FigureGrouping::Field => {
                live().map_or_else(String::new, |live| live.procedure.field.get(self.language).to_owned())
            }
            FigureGrouping::Month => String::new(),
        }
    }

    /// Returns the name of a group.
    fn name(&self, by: FigureGrouping, group: &str) -> String {
        match by {
            FigureGrouping::Agency => {
                agency_name(&self.portal.services.province().agencies, &group.into(), self.language)
            }
            FigureGrouping::Field if group.is_empty() => self.portal.theme.text(self.language, "figures-no-field"),
            FigureGrouping::Field => group.to_owned(),
            FigureGrouping::Procedure => {
                let live = self.catalogue.procedure(&group.into());
                // The code stays text in a spreadsheet, because it stands behind the name.
                live.map_or_else(
                    || group.to_owned(),
                    |live| format!("{} ({group})", live.procedure.name.get(self.language)),
                )
            }
            FigureGrouping::Month if group.is_empty() => self.portal.theme.text(self.language, "figures-earlier"),
            FigureGrouping::Month => month_name(group),
        }
    }

    /// Returns the figures that a visitor wants.
    fn find(&self, asked: &PublicFiguresQuery) -> FoundFigures {
        let by = FigureGrouping::ALL.into_iter().find(|by| by.name() == asked.by).unwrap_or(FigureGrouping::Agency);
        let period = FigurePeriod::parse(&asked.period).unwrap_or_default();
        let is_known = self.portal.services.province().agency(&asked.agency.as_str().into()).is_some();
        let agency = if is_known { asked.agency.clone() } else { String::new() };
        let counts = |id: &str| agency.is_empty() || id == agency;
        let total = self.sums.grouped(&period, |sums: &MonthlySums| counts(&sums.agency).then_some(()));
        let lines: Vec<(String, PublicFigures)> = if by == FigureGrouping::Month {
            let mut months = self.sums.by_month(&period, |sums| counts(&sums.agency));
            months.reverse();
            months.into_iter().map(|(month, figures)| (self.name(by, &month), figures)).collect()
        } else {
            // A group of a procedure that is offered has figures, even if they are all 0.
            let offers = self.catalogue.open().flat_map(|live| live.offers.iter().map(move |agency| (live, agency)));
            let offered = offers.filter(|(_, agency)| counts(agency.as_str()));
            let offered = offered.map(|(live, agency)| self.group(by, agency.as_str(), live.procedure.code.as_str()));
            let mut groups: BTreeMap<String, PublicFigures> =
                offered.map(|group| (group, PublicFigures::default())).collect();
            groups.extend(
                self.sums.grouped(&period, |sums| {
                    counts(&sums.agency).then(|| self.group(by, &sums.agency, &sums.procedure))
                }),
            );
            let mut lines: Vec<(String, PublicFigures)> =
                groups.into_iter().map(|(group, figures)| (self.name(by, &group), figures)).collect();
            lines.sort_by(|(one, of_one), (other, of_other)| {
                of_other.received().cmp(&of_one.received()).then_with(|| one.cmp(other))
            });
            lines
        };
        FoundFigures { by, agency, period, lines, total: total.get(&()).copied().unwrap_or_default() }
    }

    /// Returns the agencies that offer services or have dossiers, in the order of the organisation.
    fn agencies(&self) -> Vec<AgencyContext> {
        let offering = self.catalogue.open().flat_map(|live| live.offers.iter().map(AgencyId::as_str));
        let known: BTreeSet<&str> = offering.chain(self.sums.rows().iter().map(|sums| sums.agency.as_str())).collect();
        let agencies = self.portal.services.province().agencies.iter();
        let named = agencies.filter(|agency| known.contains(agency.id.as_str()));
        named.map(|agency| AgencyContext::of(agency, self.language)).collect()
    }

    /// Returns the periods to choose from: each year, with its months.
    fn periods(&self) -> Vec<PeriodContext> {
        let mut periods: Vec<PeriodContext> = Vec::new();
        let mut year = String::new();
        for month in self.sums.months().into_iter().rev().filter(|month| !month.is_empty()) {
            let own = month.split('-').next().unwrap_or_default();
            if own != year {
                own.clone_into(&mut year);
                periods.push(PeriodContext { id: year.clone(), name: year.clone() });
            }
            periods.push(PeriodContext { name: month_name(&month), id: month });
        }
        periods
    }

    /// Returns the services of the province, and those of each agency that offers services or has a plan.
    fn services(&self) -> (ServicesLine, Vec<ServicesLine>) {
        let (whole, agencies) = service_levels(self.catalogue);
        let province = self.portal.services.province();
        let line = |name: String, levels: ServiceLevels, plan: Option<PlannedServices>| ServicesLine {
            agency: name,
            all: levels.all,
            level_3: levels.level_3,
            planned_level_3: plan.map_or_else(String::new, |plan| plan.level_3.to_string()),
            level_4: levels.level_4,
            planned_level_4: plan.map_or_else(String::new, |plan| plan.level_4.to_string()),
        };
        let planned = province.planned(None);
        let lines = province.agencies.iter().filter_map(|agency| {
            let (levels, plan) = (agencies.get(&agency.id).copied(), province.planned(Some(&agency.id)));
            let is_shown = levels.is_some() || plan.is_some();
            is_shown.then(|| line(agency.name.get(self.language).to_owned(), levels.unwrap_or_default(), plan))
        });
        (line(String::new(), whole, planned), lines.collect())
    }

    /// Returns the page.
    fn page(&self, asked: &PublicFiguresQuery) -> PublicFiguresPage {
        let found = self.find(asked);
        let (all_services, services) = self.services();
        let shown = found.lines.iter().take(MOST_LINES);
        PublicFiguresPage {
            by: found.by.name(),
            groupings: FigureGrouping::ALL.map(FigureGrouping::name).to_vec(),
            agencies: self.agencies(),
            periods: self.periods(),
            lines: shown.map(|(name, figures)| line(name.clone(), *figures, self.language)).collect(),
            left_out: found.lines.len().saturating_sub(MOST_LINES),
            total: line(String::new(), found.total, self.language),
            plotted: plotted(&found.lines, self.language),
            has_plan: !all_services.planned_level_3.is_empty(),
            services,
            all_services,
            at: format::moment(self.sums.at, self.language),
            table: address::public_figures_table(found.by.name(), &found.agency, found.period.as_str()),
            services_table: address::public_figures_table(LEVELS, "", ""),
            period: found.period.as_str().to_owned(),
            agency: found.agency,
        }
    }

    fn heads(&self, keys: &[&str]) -> Vec<String> {
        keys.iter().map(|key| self.portal.theme.text(self.language, key)).collect()
    }

    /// Returns the figures as a table for spreadsheets.
    fn table(&self, asked: &PublicFiguresQuery) -> String {
        let found = self.find(asked);
        let lines = found.lines.iter().map(|(name, figures)| cells(name, figures, self.language).to_vec());
        table(iter::once(self.heads(&FIGURE_HEADS)).chain(lines))
    }

    /// Returns the services as a table for spreadsheets.
    fn services_table(&self) -> String {
        let lines = self.services().1.into_iter().map(|line| {
            let [all, level_3, level_4] = [line.all, line.level_3, line.level_4].map(|count| count.to_string());
            vec![line.agency, all, level_3, line.planned_level_3, level_4, line.planned_level_4]
        });
        table(iter::once(self.heads(&SERVICE_HEADS)).chain(lines))
    }
}

/// The texts above the columns of the figures.
const FIGURE_HEADS: [&str; 7] = [
    "figures-group",
    "figures-received",
    "figures-in-time",
    "figures-late",
    "figures-in-time-share",
    "figures-in-progress",
    "figures-satisfaction",
];

/// The texts above the columns of the services.
const SERVICE_HEADS: [&str; 6] = [
    "agency",
    "figures-services",
    "figures-level-3",
    "figures-planned-level-3",
    "figures-level-4",
    "figures-planned-level-4",
];

/// Returns a month such as `2026-11` as people write it.
fn month_name(month: &str) -> String {
    month.split_once('-').map_or_else(|| month.to_owned(), |(year, month)| format!("{month}/{year}"))
}

/// Returns the figures of a group as the page shows them.
fn line(name: String, figures: PublicFigures, language: Language) -> PublicFiguresLine {
    let count = |dossiers: i64| number::whole(dossiers, language);
    let share = figures.in_time_share();
    PublicFiguresLine {
        name,
        received: count(figures.received()),
        in_time: count(figures.in_time()),
        late: count(figures.late()),
        is_late: figures.late() > 0,
        in_time_share: share.map_or_else(String::new, |percent| format!("{percent} %")),
        in_progress: count(figures.in_progress()),
        satisfaction: satisfaction(&figures, language),
    }
}

fn satisfaction(figures: &PublicFigures, language: Language) -> String {
    figures.satisfaction().map_or_else(String::new, |mean| format::tenths(mean, language))
}

/// Returns the cells of a group, in the order of [`FIGURE_HEADS`].
fn cells(name: &str, figures: &PublicFigures, language: Language) -> [String; FIGURE_HEADS.len()] {
    [
        name.to_owned(),
        figures.received().to_string(),
        figures.in_time().to_string(),
        figures.late().to_string(),
        figures.in_time_share().map_or_else(String::new, |percent| percent.to_string()),
        figures.in_progress().to_string(),
        satisfaction(figures, language),
    ]
}

/// Returns the first lines with dossiers as bars. The longest bar is as wide as the plot.
fn plotted(lines: &[(String, PublicFigures)], language: Language) -> Vec<PlottedLine> {
    let shown = lines.iter().filter(|(_, figures)| figures.received() + figures.results() > 0).take(MOST_PLOTTED);
    let shown: Vec<&(String, PublicFigures)> = shown.collect();
    let most = shown.iter().map(|(_, figures)| figures.received().max(figures.results())).max().unwrap_or_default();
    let width = |count: i64| (count * PLOT_WIDTH).checked_div(most).unwrap_or_default();
    let bar = |(name, figures): &(String, PublicFigures)| PlottedLine {
        name: name.clone(),
        received: number::whole(figures.received(), language),
        in_time: number::whole(figures.in_time(), language),
        late: number::whole(figures.late(), language),
        received_width: width(figures.received()),
        in_time_width: width(figures.in_time()),
        late_width: width(figures.late()),
    };
    shown.into_iter().map(bar).collect()
}

/// Reads the figures, and computes an answer off the async threads.
async fn read<T: Send + 'static>(
    portal: &Portal,
    language: Language,
    answer: impl FnOnce(&FiguresReader<'_>) -> T + Send + 'static,
) -> Result<T, Failure> {
    let (sums, own) = (portal.services.statistics.sums().await?, portal.clone());
    let work = move || {
        let catalogue = own.services.procedures.catalogue();
        answer(&FiguresReader { portal: &own, catalogue: &catalogue, sums: &sums, language })
    };
    Ok(portal.work.searches.run(work).await?)
}

/// `GET /figures?by=&agency=&period=`: the public figures.
pub async fn figures(
    State(portal): State<Portal>,
    visitor: Visitor,
    Query(asked): Query<PublicFiguresQuery>,
) -> Result<Response, Failure> {
    let page = read(&portal, visitor.language(), move |reader| reader.page(&asked)).await?;
    Ok(ok(&portal, &visitor, &page))
}

/// `GET /figures.csv?by=&agency=&period=`: the same figures, or the services by level, as a table for spreadsheets.
pub async fn export(
    State(portal): State<Portal>,
    visitor: Visitor,
    Query(asked): Query<PublicFiguresQuery>,
) -> Result<Response, Failure> {
    let make = move |reader: &FiguresReader<'_>| {
        if asked.by == LEVELS { reader.services_table() } else { reader.table(&asked) }
    };
    Ok(csv("figures.csv", read(&portal, visitor.language(), make).await?))
}
