//! Tables to take along: the figures of a period as a report, and the register of the dossiers that a figure counts, as
//! form 06 has it. Each says who took it along, when, and from which address.

use crate::pages::counting::asked::{AskedFigures, CountingQuery};
use crate::pages::counting::lines::{CountedLine, LineMaker, stored_text};
use crate::pages::counting::quality::{QualityContext, QualityLine};
use crate::pages::counting::rows::figure;
use crate::pages::sheet::{RowTexts, SheetForm, sheet, taken_by};
use crate::state::Portal;
use crate::view::format;
use crate::view::units::place_name;
use crate::web::address;
use crate::web::failure::Failure;
use crate::web::person::Officer;
use crate::web::typing::Query;
use axum::extract::State;
use axum::response::Response;
use motcua_domain::time::calendar::local;
use motcua_domain::workflow::UnitPlace;
use motcua_service::spreadsheet::{SheetCell, Spreadsheet};
use motcua_service::{CountedFigure, CountedFigures, CountedGroup, CountedRow, CountedStep, MOST_ROWS, StepFigure};

/// The texts above the columns of the register.
const REGISTER: [&str; 16] = [
    "register-number",
    "code",
    "procedure",
    "register-applicant",
    "phone",
    "counted-by-unit",
    "register-step",
    "counted-by-channel",
    "register-filed",
    "register-due",
    "register-processed",
    "register-ended",
    "register-outcome",
    "register-receiver",
    "register-punctuality",
    "counted-collected",
];

/// Returns the lines above a table: its title, the period, what it is narrowed to, who took it along and when, and the
/// address of the view.
fn head(maker: LineMaker<'_>, visitor: &Officer, title: String, view: &str) -> Vec<String> {
    let LineMaker { portal, asked, language } = maker;
    let day = |day: Option<jiff::civil::Date>| day.map_or_else(|| "…".to_owned(), |day| format::day(day, language));
    let mut lines = vec![title, format!("{} – {}", day(asked.wish.from), day(asked.wish.to))];
    lines.extend(maker.chosen());
    lines.extend(taken_by(portal, visitor, view));
    lines
}

impl LineMaker<'_> {
    fn text(&self, key: &str) -> String {
        self.portal.theme.text(self.language, key)
    }

    /// Returns the cells of a group's figures, those of the page, as numbers.
    fn cells(&self, name: String, group: &CountedGroup) -> Vec<SheetCell> {
        let CountedLine { in_time_share, satisfaction, .. } = self.line(group);
        let counts = CountedFigure::ALL.map(|figure| SheetCell::Number(group.count(figure)));
        let shares = [SheetCell::Text(in_time_share), SheetCell::Text(satisfaction)];
        let fees = SheetCell::Number(group.collected);
        [SheetCell::Text(name)].into_iter().chain(counts).chain(shares).chain([fees]).collect()
    }

    /// Returns the lines of the steps, under a line with their columns.
    fn step_lines(&self, found: &CountedFigures) -> Vec<Vec<SheetCell>> {
        let mut columns = vec![self.text("counted-step"), self.text("counted-by-unit")];
        columns.extend(StepFigure::ALL.map(|figure| self.text(&format!("counted-{}", figure.name()))));
        columns.push(self.text("counted-in-time-share"));
        let step = |step: &CountedStep| -> Vec<SheetCell> {
            let line = self.step(step);
            let names = [line.step, line.place].map(SheetCell::Text);
            let counts = StepFigure::ALL.map(|figure| SheetCell::Number(step.count(figure)));
            names.into_iter().chain(counts).chain([SheetCell::Text(line.in_time_share)]).collect()
        };
        let columns = columns.into_iter().map(SheetCell::Text).collect();
        [columns].into_iter().chain(found.steps.iter().map(step)).collect()
    }

    /// Returns the lines of the quality index, under a line with their columns.
    fn quality_lines(&self, found: &CountedFigures) -> Vec<Vec<SheetCell>> {
        let QualityContext { groups, index } = self.quality(found);
        let heads = ["quality-group", "quality-weight", "quality-share", "quality-points"];
        let columns = heads.map(|key| SheetCell::Text(self.text(key))).to_vec();
        let group = |group: QualityLine| {
            let name = SheetCell::Text(self.text(&format!("quality-{}", group.word)));
            let [share, points] = [group.share, group.points].map(SheetCell::Text);
            vec![name, SheetCell::Number(group.weight), share, points]
        };
        let total = [self.text("quality-index"), String::new(), String::new(), index].map(SheetCell::Text).to_vec();
        [columns].into_iter().chain(groups.into_iter().map(group)).chain([total]).collect()
    }

    /// Returns the cells of a dossier in the register, in the order of [`REGISTER`].
    fn register_row(&self, texts: &RowTexts, number: i64, row: &CountedRow) -> Vec<SheetCell> {
        let agencies = &self.portal.services.province().agencies;
        let at = UnitPlace { agency: row.agency.as_str().into(), unit: row.unit.as_str().into() };
        let moment = |at: Option<i64>| at.map_or_else(String::new, |at| format::second(at, self.language));
        let cells = [
            row.code.clone(),
            stored_text(&row.procedure_name, self.language),
            row.applicant_name.clone(),
            row.phone.clone(),
            place_name(agencies, &at, self.language),
            stored_text(&row.step_name, self.language),
            texts.word("counted-channel", Some(&row.channel)),
            moment(Some(row.filed_at)),
            moment(row.due_at),
            moment(row.processed_at),
            moment(row.ended_at),
            texts.word("outcome", row.outcome.as_deref()),
            row.receiver.clone().unwrap_or_default(),
            texts.word("punctuality", row.judged()),
        ];
        let cells = cells.map(SheetCell::Text);
        [SheetCell::Number(number)].into_iter().chain(cells).chain([SheetCell::Number(row.collected)]).collect()
    }
}

/// Returns the figures of a period as a table. Taking them along is logged.
async fn figures(
    portal: &Portal,
    query: &CountingQuery,
    visitor: &Officer,
    form: SheetForm,
) -> Result<Response, Failure> {
    let asked = AskedFigures::read(query, local(portal.services.now()).date());
    let found = portal.services.counting.figures(visitor.actor(), &asked.wish, asked.by).await?;
    let maker = LineMaker { portal, asked: &asked, language: visitor.language() };
    let view = asked.address(address::FIGURES, &[]);
    let mut columns = vec![maker.text(&format!("counted-by-{}", asked.by.name()))];
    columns.extend(CountedFigure::ALL.map(|figure| maker.text(&format!("counted-{}", figure.name()))));
    columns.extend(["counted-in-time-share", "counted-satisfaction", "counted-collected"].map(|key| maker.text(key)));
    let groups = found.groups.iter().map(|group| maker.cells(maker.line(group).name, group));
    let total = maker.cells(maker.text("figures-total"), &CountedGroup::total(&found.groups));
    let mut rows: Vec<Vec<SheetCell>> = groups.chain([total]).collect();
    for lines in [maker.step_lines(&found), maker.quality_lines(&found)] {
        rows.push(Vec::new());
        rows.extend(lines);
    }
    let table =
        Spreadsheet { head: head(maker, visitor, maker.text("figures"), &view), columns, rows, foot: String::new() };
    portal.services.counting.log_export(visitor.actor(), address::FIGURES).await?;
    sheet(&table, "figures", form)
}

/// Returns the register of the dossiers that a figure counts. Each counts as a reading of its dossier.
async fn register(
    portal: &Portal,
    query: &CountingQuery,
    visitor: &Officer,
    form: SheetForm,
) -> Result<Response, Failure> {
    let asked = AskedFigures::read(query, local(portal.services.now()).date());
    let figure = figure(query)?;
    let (rows, more) = portal.services.counting.export_rows(visitor.actor(), &asked.wish, figure).await?;
    let maker = LineMaker { portal, asked: &asked, language: visitor.language() };
    let view = asked.address(address::COUNTED, &[("figure", figure.name())]);
    let title = format!("{} – {}", maker.text("register-06"), maker.text(&format!("counted-{}", figure.name())));
    let texts = RowTexts::of(|key| maker.text(key));
    let table = Spreadsheet {
        head: head(maker, visitor, title, &view),
        columns: REGISTER.map(|key| maker.text(key)).to_vec(),
        rows: (1..).zip(&rows).map(|(number, row)| maker.register_row(&texts, number, row)).collect(),
        foot: if more { format!("{} {MOST_ROWS}", maker.text("export-cut")) } else { String::new() },
    };
    sheet(&table, "register-06", form)
}

/// `GET /desk/figures.csv` with the parameters of the figures: the figures as a table for spreadsheets.
pub async fn figures_csv(
    State(portal): State<Portal>,
    Query(query): Query<CountingQuery>,
    visitor: Officer,
) -> Result<Response, Failure> {
    figures(&portal, &query, &visitor, SheetForm::Csv).await
}

/// `GET /desk/figures.xlsx` with the parameters of the figures: the figures as a workbook.
pub async fn figures_xlsx(
    State(portal): State<Portal>,
    Query(query): Query<CountingQuery>,
    visitor: Officer,
) -> Result<Response, Failure> {
    figures(&portal, &query, &visitor, SheetForm::Xlsx).await
}

/// `GET /desk/figures/dossiers.csv?figure=` with the parameters of the figures: the register as a table for
/// spreadsheets.
pub async fn rows_csv(
    State(portal): State<Portal>,
    Query(query): Query<CountingQuery>,
    visitor: Officer,
) -> Result<Response, Failure> {
    register(&portal, &query, &visitor, SheetForm::Csv).await
}

/// `GET /desk/figures/dossiers.xlsx?figure=` with the parameters of the figures: the register as a workbook.
pub async fn rows_xlsx(
    State(portal): State<Portal>,
    Query(query): Query<CountingQuery>,
    visitor: Officer,
) -> Result<Response, Failure> {
    register(&portal, &query, &visitor, SheetForm::Xlsx).await
}
