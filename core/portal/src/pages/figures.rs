//! The figures of the agencies, for their leaders, auditors and administrators: since the beginning, and of a period.

use crate::pages::counting::asked::{AskedFigures, CountingQuery, PresetPeriod, presets};
use crate::pages::counting::lines::{CountedLine, CountedStepLine, LineMaker};
use crate::pages::counting::quality::QualityContext;
use crate::pages::render::ok;
use crate::state::Portal;
use crate::theme::Page;
use crate::view::format;
use crate::web::address;
use crate::web::failure::Failure;
use crate::web::person::Officer;
use crate::web::typing::Query;
use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;
use motcua_domain::dossier::event::Channel;
use motcua_domain::names::AgencyId;
use motcua_domain::number;
use motcua_domain::text::Language;
use motcua_domain::time::calendar::local;
use motcua_service::{
    AgencyFigures, CountedFigure, CountedFigures, CountingGroup, StepFigure, in_time_share, mean_tenths,
};
use serde::Serialize;

/// Figures per agency.
#[derive(Debug, Clone, Serialize)]
pub struct FiguresPage {
    /// The agencies whose figures the reader may see, since the beginning.
    pub agencies: Vec<FiguresLine>,
    /// The figures of a period.
    pub period: CountedPeriod,
}

/// The figures of a period.
#[derive(Debug, Clone, Serialize)]
pub struct CountedPeriod {
    /// The word for the grouping, under `counted-by-<word>`.
    pub by: &'static str,
    /// The words for the groupings to choose from.
    pub groupings: Vec<&'static str>,
    /// The first day as a form sends it, such as `2026-11-01`, or an empty text.
    pub from: String,
    /// The last day as a form sends it, or an empty text.
    pub to: String,
    /// Periods that are often asked for.
    pub presets: Vec<PeriodPreset>,
    /// The properties to which the figures can be narrowed.
    pub filters: Vec<FigureFilter>,
    /// The words for the figures of dossiers, in the order of the columns.
    pub figures: Vec<&'static str>,
    /// The figures by group.
    pub lines: Vec<CountedLine>,
    /// The figures of all groups together.
    pub total: CountedLine,
    /// The words for the figures of steps, in the order of the columns.
    pub step_figures: Vec<&'static str>,
    /// The figures of the steps that were taken in the period.
    pub steps: Vec<CountedStepLine>,
    /// The quality index of the period.
    pub quality: QualityContext,
    /// The moment of the figures.
    pub at: String,
    /// The address of the figures as a table for spreadsheets (CSV).
    pub csv: String,
    /// The address of the figures as a workbook (XLSX).
    pub xlsx: String,
}

/// A period that is often asked for.
#[derive(Debug, Clone, Serialize)]
pub struct PeriodPreset {
    /// The word for the period, under `period-<word>`.
    pub word: &'static str,
    /// The address of its figures.
    pub address: String,
    /// The page shows this period.
    pub is_now: bool,
}

/// A property to which figures can be narrowed.
#[derive(Debug, Clone, Serialize)]
pub struct FigureFilter {
    /// The name of the field, and the word for it under `counted-by-<word>`.
    pub name: &'static str,
    /// The chosen value, or an empty text for all.
    pub chosen: String,
    /// The values to choose from.
    pub choices: Vec<FigureChoice>,
}

/// A value to which figures can be narrowed.
#[derive(Debug, Clone, Serialize)]
pub struct FigureChoice {
    /// The value as a form sends it.
    pub id: String,
    /// The name of the value.
    pub name: String,
}

/// The figures of one agency.
#[derive(Debug, Clone, Serialize)]
pub struct FiguresLine {
    /// The name of the agency.
    pub agency: String,
    /// The beginning of the addresses of the agency's dossiers. The word for a figure completes it.
    pub rows: String,
    /// The number of filed dossiers, open and ended.
    pub filed: String,
    /// The number of dossiers among them that came at a counter.
    pub at_counter: String,
    /// The number of open dossiers.
    pub open: String,
    /// The number of open dossiers that are past their due time.
    pub overdue: String,
    /// There are such dossiers.
    pub is_late: bool,
    /// The number of open dossiers that wait for the applicant.
    pub waiting: String,
    /// The number of ended dossiers.
    pub ended: String,
    /// The number of dossiers with an early or punctual result.
    pub in_time: String,
    /// The number of dossiers with a late result.
    pub late: String,
    /// The percentage of early and punctual results, or an empty text.
    pub in_time_share: String,
    /// Average points of 10, or an empty text.
    pub rating: String,
}

impl CountedPeriod {
    /// Returns figures of a period for checking a theme.
    fn sample(lines: Vec<CountedLine>) -> Self {
        let preset = |(word, is_now)| PeriodPreset { word, address: "/desk/figures?by=agency".into(), is_now };
        let choice = FigureChoice { id: "so".into(), name: "Sở Mẫu".into() };
        let filter = |name| FigureFilter { name, chosen: "so".into(), choices: vec![choice.clone()] };
        Self {
            by: CountingGroup::Agency.name(),
            groupings: CountingGroup::ALL.map(CountingGroup::name).to_vec(),
            from: "2026-11-01".into(),
            to: "2026-11-30".into(),
            presets: presets(Date::ZERO).map(|(word, ..)| (word, word == "this-month")).map(preset).to_vec(),
            filters: CountingGroup::ALL.map(|by| filter(by.name())).to_vec(),
            figures: CountedFigure::ALL.map(CountedFigure::name).to_vec(),
            total: CountedLine::sample("", if lines.is_empty() { "" } else { "9,5" }),
            step_figures: StepFigure::ALL.map(StepFigure::name).to_vec(),
            steps: if lines.is_empty() {
                vec![]
            } else {
                vec![CountedStepLine::sample("80 %"), CountedStepLine::sample("")]
            },
            quality: QualityContext::sample(!lines.is_empty()),
            lines,
            at: "24/11/2026 08:00".into(),
            csv: "/desk/figures.csv?by=agency".into(),
            xlsx: "/desk/figures.xlsx?by=agency".into(),
        }
    }
}

impl Page for FiguresPage {
    const TEMPLATE: &'static str = "figures.html";
    fn samples() -> Vec<Self> {
        let line = FiguresLine {
            agency: "Sở Mẫu".into(),
            rows: "/desk/figures/dossiers?by=agency&figure=".into(),
            filed: "10".into(),
            at_counter: "3".into(),
            open: "5".into(),
            overdue: "1".into(),
            is_late: true,
            waiting: "1".into(),
            ended: "5".into(),
            in_time: "4".into(),
            late: "1".into(),
            in_time_share: "80 %".into(),
            rating: "9,5".into(),
        };
        let empty = FiguresLine {
            overdue: "0".into(),
            is_late: false,
            in_time_share: String::new(),
            rating: String::new(),
            ..line.clone()
        };
        let counted = vec![CountedLine::sample("Sở Mẫu", "9,5"), CountedLine::sample("Sở Khác", "")];
        vec![
            Self { agencies: vec![], period: CountedPeriod::sample(vec![]) },
            Self { agencies: vec![line, empty], period: CountedPeriod::sample(counted) },
        ]
    }
}

/// Returns the properties to which figures can be narrowed, each with its values.
fn filters(maker: LineMaker<'_>, only: Option<&AgencyId>) -> Vec<FigureFilter> {
    let LineMaker { portal, asked, language } = maker;
    let (wish, agencies) = (&asked.wish, &portal.services.province().agencies);
    let agency = wish.agency.as_ref().or(only);
    let choice = |id: &str, name: &str| FigureChoice { id: id.to_owned(), name: name.to_owned() };
    let of_agencies = agencies.iter().filter(|agency| only.is_none_or(|only| agency.id == *only));
    let of_agencies = of_agencies.map(|agency| choice(agency.id.as_str(), agency.name.get(language)));
    let units = agencies.iter().filter(|known| agency.is_some_and(|agency| known.id == *agency));
    let units = units.flat_map(|agency| &agency.units);
    let catalogue = portal.services.procedures.catalogue();
    let procedures = catalogue.open().map(|live| {
        let code = live.procedure.code.as_str();
        choice(code, &format!("{} ({code})", live.procedure.name.get(language)))
    });
    let channel = |channel: Channel| {
        choice(channel.name(), &portal.theme.text(language, &format!("counted-channel-{}", channel.name())))
    };
    let filter = |by: CountingGroup, chosen: Option<&str>, choices: Vec<FigureChoice>| FigureFilter {
        name: by.name(),
        chosen: chosen.unwrap_or_default().to_owned(),
        choices,
    };
    vec![
        filter(CountingGroup::Agency, agency.map(AgencyId::as_str), of_agencies.collect()),
        filter(
            CountingGroup::Unit,
            wish.unit.as_deref(),
            units.map(|unit| choice(unit.id.as_str(), unit.name.get(language))).collect(),
        ),
        filter(CountingGroup::Procedure, wish.procedure.as_deref(), procedures.collect()),
        filter(CountingGroup::Channel, wish.channel.as_deref(), Channel::ALL.map(channel).to_vec()),
    ]
}

/// Returns the figures of a period.
fn period(maker: LineMaker<'_>, found: &CountedFigures, today: Date) -> CountedPeriod {
    let LineMaker { asked, language, .. } = maker;
    let day = |day: Option<Date>| day.map_or_else(String::new, |day| day.to_string());
    let preset = |(word, from, to): PresetPeriod| {
        let (first, last) = (day(from), day(to));
        PeriodPreset {
            word,
            address: asked.address(address::FIGURES, &[("from", first.as_str()), ("to", last.as_str())]),
            is_now: (from, to) == (asked.wish.from, asked.wish.to),
        }
    };
    let (lines, total) = maker.lines(found);
    CountedPeriod {
        by: asked.by.name(),
        groupings: CountingGroup::ALL.map(CountingGroup::name).to_vec(),
        from: day(asked.wish.from),
        to: day(asked.wish.to),
        presets: presets(today).map(preset).to_vec(),
        filters: filters(maker, found.only.as_ref()),
        figures: CountedFigure::ALL.map(CountedFigure::name).to_vec(),
        lines,
        total,
        step_figures: StepFigure::ALL.map(StepFigure::name).to_vec(),
        steps: found.steps.iter().map(|step| maker.step(step)).collect(),
        quality: maker.quality(found),
        at: format::moment(found.at, language),
        csv: asked.address(address::FIGURES_CSV, &[]),
        xlsx: asked.address(address::FIGURES_XLSX, &[]),
    }
}

/// Returns the figures of an agency since the beginning.
fn line(found: AgencyFigures, asked: &AskedFigures, language: Language) -> FiguresLine {
    let figures = found.figures;
    let count = |dossiers: i64| number::whole(dossiers, language);
    let share = in_time_share(figures.in_time, figures.late);
    let rating = mean_tenths(figures.points, figures.rated);
    FiguresLine {
        agency: found.agency.get(language).to_owned(),
        rows: asked.rows(&[
            ("from", ""),
            ("to", ""),
            ("agency", found.id.as_str()),
            ("unit", ""),
            ("procedure", ""),
            ("channel", ""),
            ("step", ""),
        ]),
        filed: count(figures.filed),
        at_counter: count(figures.at_counter),
        open: count(figures.open),
        overdue: count(figures.overdue),
        is_late: figures.overdue > 0,
        waiting: count(figures.waiting),
        ended: count(figures.ended),
        in_time: count(figures.in_time),
        late: count(figures.late),
        in_time_share: share.map_or_else(String::new, |percent| format!("{percent} %")),
        rating: rating.map_or_else(String::new, |mean| format::tenths(mean, language)),
    }
}

/// `GET /desk/figures?by=&from=&to=&agency=&unit=&procedure=&channel=`: the figures of the agencies, computed from their
/// dossiers.
pub async fn figures(
    State(portal): State<Portal>,
    Query(query): Query<CountingQuery>,
    visitor: Officer,
) -> Result<Response, Failure> {
    let language = visitor.language();
    let today = local(portal.services.now()).date();
    let asked = AskedFigures::read(&query, today);
    let found = portal.services.counting.figures(visitor.actor(), &asked.wish, asked.by).await?;
    let whole = portal.services.lists.figures(visitor.actor()).await?;
    let maker = LineMaker { portal: &portal, asked: &asked, language };
    let page = FiguresPage {
        agencies: whole.into_iter().map(|found| line(found, &asked, language)).collect(),
        period: period(maker, &found, today),
    };
    Ok(ok(&portal, &visitor, &page))
}
