//! The progress and the reports of deeds on many dossiers.

use crate::pages::bulk::{posted_lines, word_of};
use crate::pages::render::ok;
use crate::state::Portal;
use crate::theme::{Page, PageLanguage};
use crate::view::csv::table;
use crate::view::format;
use crate::web::address;
use crate::web::download::csv;
use crate::web::failure::Failure;
use crate::web::person::{Officer, PostedBy};
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::text::Language;
use motcua_service::{BulkDeed, BulkOutcome, BulkReport, BulkResult, BulkWork, InputRule};
use serde::Serialize;
use std::iter;

/// The latest deeds on many dossiers.
#[derive(Debug, Clone, Serialize)]
pub struct BulkWorksPage {
    /// The works, the latest first. An auditor sees those of everybody.
    pub works: Vec<BulkWorkContext>,
}

/// A deed on many dossiers.
#[derive(Debug, Clone, Serialize)]
pub struct BulkWorkContext {
    /// The address of its page.
    pub href: String,
    /// The word for the deed, under `bulk-deed-<word>`: `take`, `release`, `give` or `act`.
    pub deed: &'static str,
    /// The name of the action or of the officer, or an empty text.
    pub label: String,
    /// The note that goes with each dossier, or an empty text.
    pub note: String,
    /// The name of the officer who began it.
    pub author: String,
    /// The time of its beginning.
    pub at: String,
    /// `running`, `stopped` or `ended`. The text is under `bulk-state-<word>`.
    pub state: &'static str,
    /// The number of all dossiers.
    pub all: u64,
    /// The number of dossiers with which it is done.
    pub done: u64,
    /// The number of dossiers for which the rules refused it.
    pub refused: u64,
    /// The number of dossiers whose turn has not come.
    pub open: u64,
}

/// A deed on many dossiers with its report.
#[derive(Debug, Clone, Serialize)]
pub struct BulkWorkPage {
    /// The deed with its progress.
    pub work: BulkWorkContext,
    /// The dossiers: the refused ones first, then those that wait, then the others.
    pub lines: Vec<BulkLineContext>,
    /// The reader can stop it.
    pub may_stop: bool,
    /// The lines that can be tried again, which a form posts as `lines`, or an empty text.
    pub again: String,
    /// The value of the deed, which the form posts as `deed`.
    pub value: String,
    /// The id of the officer to whom the steps go, which the form posts as `to`, or an empty text.
    pub to: String,
}

/// A dossier with what became of it.
#[derive(Debug, Clone, Serialize)]
pub struct BulkLineContext {
    /// The code of the dossier.
    pub code: String,
    /// `open`, `done` or `refused`. The text is under `bulk-line-<word>`.
    pub state: &'static str,
    /// The word of the rule that refused it, under `refusal-<code>`, or an empty text.
    pub refusal: &'static str,
    /// The time of the outcome, or an empty text.
    pub at: String,
}

impl BulkWorkContext {
    fn of(work: &BulkWork, language: Language) -> Self {
        let counts = work.counts;
        let state = match (counts.open, work.stopped) {
            (0, _) => "ended",
            (_, true) => "stopped",
            (_, false) => "running",
        };
        let (deed, note) = match &work.deed {
            BulkDeed::Take => ("take", ""),
            BulkDeed::Release => ("release", ""),
            BulkDeed::Give { note, .. } => ("give", note.as_str()),
            BulkDeed::Act { note, .. } => ("act", note.as_str()),
        };
        Self {
            href: address::bulk(&work.id),
            deed,
            label: work.label.get(language).to_owned(),
            note: note.to_owned(),
            author: work.author.clone(),
            at: format::second(work.at, language),
            state,
            all: counts.open.saturating_add(counts.done).saturating_add(counts.refused),
            done: counts.done,
            refused: counts.refused,
            open: counts.open,
        }
    }

    /// Returns a work in a state for checking a theme.
    fn sample(deed: &'static str, state: &'static str) -> Self {
        let label = if matches!(deed, "give" | "act") { "Tiếp nhận" } else { "" };
        Self {
            href: "/desk/bulk/1".into(),
            deed,
            label: label.into(),
            note: if deed == "act" { "Đủ giấy tờ.".into() } else { String::new() },
            author: "Lê Thị Mai".into(),
            at: "24/11/2026 08:00".into(),
            state,
            all: 40,
            done: 30,
            refused: 3,
            open: if state == "ended" { 0 } else { 7 },
        }
    }
}

impl BulkLineContext {
    fn of(result: &BulkResult, language: Language) -> Self {
        let (state, refusal) = match &result.outcome {
            BulkOutcome::Open => ("open", ""),
            BulkOutcome::Done => ("done", ""),
            BulkOutcome::Refused(word) => ("refused", known(word)),
        };
        let at = result.at.map_or_else(String::new, |at| format::second(at, language));
        Self { code: result.line.code.to_string(), state, refusal, at }
    }

    /// Returns the place of the line in the report.
    fn place(&self) -> usize {
        ["refused", "open"].iter().position(|state| *state == self.state).unwrap_or(2)
    }
}

/// Returns the word of a rule, or that of the most general one if an earlier version knew it alone.
fn known(word: &str) -> &'static str {
    let rules = InputRule::ALL.iter().map(|rule| rule.word());
    let mut all = Refusal::CODES.iter().copied().chain(rules);
    all.find(|code| *code == word).unwrap_or_else(|| Refusal::NotAllowed.code())
}

impl Page for BulkWorksPage {
    const TEMPLATE: &'static str = "bulk_works.html";
    fn samples() -> Vec<Self> {
        let works = vec![
            BulkWorkContext::sample("act", "running"),
            BulkWorkContext::sample("take", "stopped"),
            BulkWorkContext::sample("release", "ended"),
            BulkWorkContext::sample("give", "ended"),
        ];
        vec![Self { works: vec![] }, Self { works }]
    }
}

impl Page for BulkWorkPage {
    const TEMPLATE: &'static str = "bulk_work.html";
    fn samples() -> Vec<Self> {
        let line = |state: &'static str, refusal: &'static str| BulkLineContext {
            code: "H09.01-261124-0001".into(),
            state,
            refusal,
            at: if state == "open" { String::new() } else { "24/11/2026 08:00".into() },
        };
        let running = Self {
            work: BulkWorkContext::sample("act", "running"),
            lines: vec![line("refused", "changed"), line("open", ""), line("done", "")],
            may_stop: true,
            again: String::new(),
            value: "do:accept".into(),
            to: String::new(),
        };
        let again = Self {
            work: BulkWorkContext::sample("give", "stopped"),
            may_stop: false,
            again: "H09.01-261124-0001~0~".into(),
            value: "give".into(),
            to: "1".into(),
            ..running.clone()
        };
        let ended = Self {
            work: BulkWorkContext::sample("take", "ended"),
            lines: vec![line("done", "")],
            may_stop: false,
            ..running.clone()
        };
        vec![running, again, ended]
    }
}

/// `GET /desk/bulk`: the latest deeds of the officer on many dossiers.
pub async fn list(State(portal): State<Portal>, visitor: Officer) -> Result<Response, Failure> {
    let works = portal.services.bulk.works(visitor.actor()).await?;
    let works = works.iter().map(|work| BulkWorkContext::of(work, visitor.language())).collect();
    Ok(ok(&portal, &visitor, &BulkWorksPage { works }))
}

/// `GET /desk/bulk/{id}`: the progress and the report of a deed on many dossiers.
pub async fn show(State(portal): State<Portal>, Path(id): Path<String>, visitor: Officer) -> Result<Response, Failure> {
    let language = visitor.language();
    let BulkReport { work, results, is_own } = portal.services.bulk.report(visitor.actor(), &id).await?;
    let shown = BulkWorkContext::of(&work, language);
    let may_stop = is_own && shown.state == "running";
    let is_left = |result: &&BulkResult| result.outcome != BulkOutcome::Done;
    let left = results.iter().filter(is_left).map(|result| &result.line);
    let again = if is_own && !may_stop { posted_lines(left) } else { String::new() };
    let mut lines: Vec<BulkLineContext> = results.iter().map(|result| BulkLineContext::of(result, language)).collect();
    lines.sort_by_key(BulkLineContext::place);
    let to = match &work.deed {
        BulkDeed::Give { to, .. } => to.to_string(),
        BulkDeed::Take | BulkDeed::Release | BulkDeed::Act { .. } => String::new(),
    };
    let page = BulkWorkPage { work: shown, lines, may_stop, again, value: word_of(&work.deed), to };
    Ok(ok(&portal, &visitor, &page))
}

/// `POST /desk/bulk/{id}/stop`: stops a deed on many dossiers. The dossiers that are done stay done.
pub async fn stop(
    State(portal): State<Portal>,
    Path(id): Path<String>,
    PostedBy(visitor, _): PostedBy<Officer>,
) -> Result<Response, Failure> {
    portal.services.bulk.stop(visitor.actor(), &id).await?;
    Ok(Redirect::to(&address::bulk(id)).into_response())
}

/// The texts above the columns of the report as a table.
const COLUMNS: [&str; 4] = ["code", "bulk-line-state", "bulk-line-reason", "bulk-line-at"];

/// `GET /desk/bulk/{id}/lines.csv`: the report as a table for spreadsheets.
pub async fn export(
    State(portal): State<Portal>,
    Path(id): Path<String>,
    visitor: Officer,
) -> Result<Response, Failure> {
    let report = portal.services.bulk.report(visitor.actor(), &id).await?;
    let language = visitor.page_language();
    let results = report.results.iter().map(|result| BulkLineContext::of(result, visitor.language()));
    let results = results.map(|line| cells(&portal, language, line));
    let columns = COLUMNS.map(|key| portal.theme.text(language, key));
    Ok(csv("bulk.csv", table(iter::once(columns).chain(results))))
}

/// Returns the cells of a line, in the order of [`COLUMNS`].
fn cells(portal: &Portal, language: PageLanguage, line: BulkLineContext) -> [String; COLUMNS.len()] {
    let text = |key: String| portal.theme.text(language, &key);
    let refusal = match line.refusal {
        "" => String::new(),
        word => text(format!("refusal-{word}")),
    };
    [line.code, text(format!("bulk-line-{}", line.state)), refusal, line.at]
}

#[cfg(test)]
mod tests {
    use super::known;

    #[test]
    fn a_stored_word_that_no_rule_has_any_more_is_shown_as_the_most_general_one() {
        assert_eq!(known("not-paid"), "not-paid");
        assert_eq!(known("dossier-unreadable"), "dossier-unreadable");
        assert_eq!(known("gone"), "not-allowed");
    }
}
