//! The dossiers that a figure counts, page by page.

use crate::pages::counting::asked::{AskedFigures, CountingQuery};
use crate::pages::counting::lines::{LineMaker, stored_text};
use crate::pages::render::ok;
use crate::state::Portal;
use crate::theme::Page;
use crate::view::format;
use crate::view::units::place_name;
use crate::web::address;
use crate::web::failure::Failure;
use crate::web::person::Officer;
use crate::web::typing::Query;
use axum::extract::State;
use axum::response::Response;
use motcua_domain::people::access::{Deed, may};
use motcua_domain::time::calendar::local;
use motcua_domain::workflow::UnitPlace;
use motcua_service::{CountedFigure, CountedRow, DeskPlace, Error, ListedFigure};
use serde::Serialize;

/// The dossiers that a figure counts.
#[derive(Debug, Clone, Serialize)]
pub struct CountedRowsPage {
    /// The word for the figure, under `counted-<word>`.
    pub figure: &'static str,
    /// The first day of the period, or an empty text.
    pub from: String,
    /// The last day of the period, or an empty text.
    pub to: String,
    /// The chosen agency, unit, procedure, channel and step, by their names.
    pub chosen: Vec<String>,
    /// The dossiers, or the steps, in the order of their moments.
    pub rows: Vec<CountedDossier>,
    /// The address of the figures.
    pub figures: String,
    /// The address of the first rows, on a later page, or an empty text.
    pub first: String,
    /// The address of the rows after these, or an empty text.
    pub next: String,
    /// The address of the register of these dossiers for spreadsheets (CSV), or an empty text for readers who may not
    /// read dossiers.
    pub csv: String,
    /// The address of the same register as a workbook (XLSX), or an empty text.
    pub xlsx: String,
}

/// A dossier that a figure counts. The list names no applicant.
#[derive(Debug, Clone, Serialize)]
pub struct CountedDossier {
    /// The code of the dossier.
    pub code: String,
    /// The name of the procedure.
    pub procedure: String,
    /// The unit that has the dossier, or that took the step.
    pub place: String,
    /// The step that was taken, or at which the dossier is.
    pub step: String,
    /// The word for the channel, under `counted-channel-<word>`.
    pub channel: String,
    /// The time of the filing.
    pub filed: String,
    /// The time by which the result is due, or an empty text.
    pub due: String,
    /// The time of the end, or an empty text.
    pub ended: String,
    /// The word for the outcome, under `outcome-<word>`, or an empty text.
    pub outcome: String,
    /// The word for the punctuality, under `punctuality-<word>`, or an empty text.
    pub punctuality: String,
}

impl Page for CountedRowsPage {
    const TEMPLATE: &'static str = "counted.html";
    fn samples() -> Vec<Self> {
        let row = CountedDossier {
            code: "H09.01-261124-0001".into(),
            procedure: "Thủ tục".into(),
            place: "Sở Mẫu – Phòng Một".into(),
            step: "Thẩm định".into(),
            channel: "counter".into(),
            filed: "24/11/2026 08:00".into(),
            due: "30/11/2026 17:00".into(),
            ended: "27/11/2026 08:00".into(),
            outcome: "returned".into(),
            punctuality: "early".into(),
        };
        let open = CountedDossier {
            channel: "online".into(),
            due: String::new(),
            ended: String::new(),
            outcome: String::new(),
            punctuality: String::new(),
            ..row.clone()
        };
        let page = |rows: Vec<CountedDossier>| Self {
            figure: CountedFigure::Received.name(),
            from: if rows.is_empty() { String::new() } else { "01/11/2026".into() },
            to: if rows.is_empty() { String::new() } else { "30/11/2026".into() },
            chosen: if rows.is_empty() { vec![] } else { vec!["Sở Mẫu".into()] },
            figures: "/desk/figures?by=agency".into(),
            first: if rows.is_empty() { String::new() } else { "/desk/figures/dossiers?by=agency".into() },
            next: if rows.is_empty() {
                String::new()
            } else {
                "/desk/figures/dossiers?after=1~0~H09.01-261124-0001".into()
            },
            csv: if rows.is_empty() { String::new() } else { "/desk/figures/dossiers.csv?by=agency".into() },
            xlsx: if rows.is_empty() { String::new() } else { "/desk/figures/dossiers.xlsx?by=agency".into() },
            rows,
        };
        vec![page(vec![]), page(vec![row, open])]
    }
}

impl LineMaker<'_> {
    /// Returns the names of what the figures are narrowed to.
    pub fn chosen(&self) -> Vec<String> {
        let wish = &self.asked.wish;
        let agencies = &self.portal.services.province().agencies;
        let place = wish.agency.as_ref().map(|agency| {
            let unit = wish.unit.as_deref().unwrap_or_default();
            place_name(agencies, &UnitPlace { agency: agency.clone(), unit: unit.into() }, self.language)
        });
        // A unit without its agency may be one of several agencies.
        let unit = wish.unit.clone().filter(|_| wish.agency.is_none());
        let procedure = wish.procedure.as_deref().map(|code| self.procedure(code));
        let channel = wish.channel.as_deref().map(|word| self.channel(word));
        let step = wish.step.as_deref().map(|step| stored_text(step, self.language));
        [place, unit, procedure, channel, step].into_iter().flatten().collect()
    }

    /// Returns a row in a language.
    fn row(&self, row: &CountedRow) -> CountedDossier {
        let agencies = &self.portal.services.province().agencies;
        let at = UnitPlace { agency: row.agency.as_str().into(), unit: row.unit.as_str().into() };
        let moment = |at: Option<i64>| at.map_or_else(String::new, |at| format::second(at, self.language));
        CountedDossier {
            code: row.code.clone(),
            procedure: stored_text(&row.procedure_name, self.language),
            place: place_name(agencies, &at, self.language),
            step: stored_text(&row.step_name, self.language),
            channel: row.channel.clone(),
            filed: format::second(row.filed_at, self.language),
            due: moment(row.due_at),
            ended: moment(row.ended_at),
            outcome: row.outcome.clone().unwrap_or_default(),
            punctuality: row.judged().unwrap_or_default().to_owned(),
        }
    }
}

/// Returns the figure that a query names. Without a word it is that of the received dossiers.
pub fn figure(query: &CountingQuery) -> Result<ListedFigure, Failure> {
    let word = if query.figure.is_empty() { CountedFigure::Received.name() } else { query.figure.as_str() };
    ListedFigure::parse(word).ok_or(Failure::Services(Error::NotFound))
}

/// `GET /desk/figures/dossiers?figure=&after=` and the parameters of the figures: the dossiers that a figure counts.
pub async fn rows(
    State(portal): State<Portal>,
    Query(query): Query<CountingQuery>,
    visitor: Officer,
) -> Result<Response, Failure> {
    let language = visitor.language();
    let asked = AskedFigures::read(&query, local(portal.services.now()).date());
    let after = DeskPlace::parse(&query.after);
    let figure = figure(&query)?;
    let found = portal.services.counting.rows(visitor.actor(), &asked.wish, figure, after.as_ref()).await?;
    let maker = LineMaker { portal: &portal, asked: &asked, language };
    let named = |path: &str| asked.address(path, &[("figure", figure.name())]);
    let takes = may(visitor.actor(), Deed::TakeRegister, None);
    let taken = |path: &str| if takes { named(path) } else { String::new() };
    let day = |day: Option<jiff::civil::Date>| day.map_or_else(String::new, |day| format::day(day, language));
    let next = |last: DeskPlace| {
        let last = last.to_string();
        asked.address(address::COUNTED, &[("figure", figure.name()), ("after", last.as_str())])
    };
    let page = CountedRowsPage {
        figure: figure.name(),
        from: day(asked.wish.from),
        to: day(asked.wish.to),
        chosen: maker.chosen(),
        rows: found.rows.iter().map(|row| maker.row(row)).collect(),
        figures: asked.address(address::FIGURES, &[("step", "")]),
        first: after.map_or_else(String::new, |_| named(address::COUNTED)),
        next: found.last.map_or_else(String::new, next),
        csv: taken(address::COUNTED_CSV),
        xlsx: taken(address::COUNTED_XLSX),
    };
    Ok(ok(&portal, &visitor, &page))
}
