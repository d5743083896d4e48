//! The register of results: the lines of lists, and the page of the staff with its table for spreadsheets.

use crate::pages::render::ok;
use crate::state::Portal;
use crate::theme::Page;
use crate::view::csv::table;
use crate::view::format;
use crate::web::download::csv;
use crate::web::failure::Failure;
use crate::web::person::{Officer, PostedBy};
use crate::web::typing::Query;
use axum::extract::State;
use axum::response::Response;
use motcua_domain::people::organisation::Actor;
use motcua_domain::procedure::result::{EarlierEffect, FollowRule, ResultStatus, text_at};
use motcua_domain::text::Language;
use motcua_service::{DraftView, ListedResult, RegisterSearch, RegisteredResult};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::iter;

/// The days within which results end, among which an officer chooses.
const WITHIN: [u32; 4] = [30, 60, 90, 180];

/// The most earlier results that a form offers.
const MOST_OFFERED: usize = 5;

/// The texts above the columns of the table for spreadsheets.
const COLUMNS: [&str; 10] = [
    "result-number",
    "results-name",
    "results-kind",
    "results-holder",
    "results-identity",
    "results-from",
    "results-until",
    "results-status",
    "code",
    "results-later",
];

/// A result in a list.
#[derive(Debug, Clone, Serialize)]
pub struct ResultLine {
    /// The code of the dossier that ended with the result.
    pub dossier: String,
    /// The number of the result.
    pub number: String,
    /// The words of the result.
    pub name: String,
    /// The name of the holder.
    pub holder: String,
    /// The day of issue.
    pub from: String,
    /// The last day of the validity, or an empty text if it is unlimited.
    pub until: String,
    /// The standing as a word, under `result-<word>`: `valid`, `expired`, `ended` or `replaced`.
    pub status: &'static str,
    /// The number of the result that replaced or ended this one, or an empty text.
    pub later: String,
    /// The procedures with which the applicant can renew, change or end the result.
    pub next: Vec<FollowingProcedure>,
}

/// A procedure that follows a result.
#[derive(Debug, Clone, Serialize)]
pub struct FollowingProcedure {
    /// The name of the procedure.
    pub name: String,
    /// The address of a form that begins a draft. It posts the code of the result's dossier as `result`.
    pub address: String,
}

/// An earlier result of the applicant, from which a form can be filled.
#[derive(Debug, Clone, Serialize)]
pub struct ResultOffer {
    /// The code of the dossier that ended with the result, which the button posts behind `fill:`.
    pub dossier: String,
    /// The number of the result.
    pub number: String,
}

impl ResultOffer {
    /// Returns an offer for checking a theme.
    pub fn sample() -> Self {
        Self { dossier: "H09.01-261124-0001".into(), number: "12/GP-STNMT".into() }
    }
}

/// Returns the address of the form that begins a draft of the procedure at a path.
fn apply(path: &str) -> String {
    format!("{path}/apply")
}

/// Returns the earlier results of an applicant from which a draft can be filled, at most [`MOST_OFFERED`].
pub async fn offers(portal: &Portal, actor: &Actor, view: &DraftView) -> Result<Vec<ResultOffer>, Failure> {
    let own = portal.services.drafts.results_for(actor, view).await?;
    let offer =
        |result: &RegisteredResult| ResultOffer { dossier: result.dossier.to_string(), number: result.number.clone() };
    Ok(own.iter().take(MOST_OFFERED).map(offer).collect())
}

/// Returns the number of the earlier result that the answers of a draft name, or an empty text.
pub fn named_result(view: &DraftView, values: &Map<String, Json>) -> String {
    let follows = view.procedure.register.as_ref().and_then(|rule| rule.follows.as_ref());
    let field = follows.and_then(FollowRule::number_field);
    field.and_then(|field| text_at(values, field)).unwrap_or_default()
}

/// Returns a result of the applicant, with the offered procedures that follow it. They are those of the agency that has
/// the dossier of the result, if it offers them.
pub fn own_line(portal: &Portal, listed: &ListedResult, language: Language) -> ResultLine {
    let result = &listed.result;
    let catalogue = portal.services.procedures.catalogue();
    let follows = catalogue
        .open()
        .filter(|live| result.later.is_none() && live.procedure.follows(&result.kind, &result.procedure));
    let next = follows.map(|live| FollowingProcedure {
        name: live.procedure.name.get(language).to_owned(),
        address: apply(&live.offer_of(result.agency.as_str()).path()),
    });
    ResultLine { next: next.collect(), ..result_line(listed, language) }
}

/// Returns a result in a language.
pub fn result_line(listed: &ListedResult, language: Language) -> ResultLine {
    let ListedResult { result, status } = listed;
    ResultLine {
        dossier: result.dossier.to_string(),
        number: result.number.clone(),
        name: result.name.get(language).to_owned(),
        holder: result.holder.name.clone(),
        from: format::day(result.from, language),
        until: result.until.map_or_else(String::new, |day| format::day(day, language)),
        status: status.name(),
        later: result.later.as_ref().map_or_else(String::new, |later| later.number.clone()),
        next: Vec::new(),
    }
}

impl ResultLine {
    /// Returns lines for checking a theme: every standing.
    pub fn samples() -> Vec<Self> {
        let following = || FollowingProcedure {
            name: "Gia hạn giấy phép".into(),
            address: "/procedures/so/gia-han/apply".into(),
        };
        let line = |status: ResultStatus| Self {
            dossier: "H09.01-261124-0001".into(),
            number: "12/GP-STNMT".into(),
            name: "Giấy phép".into(),
            holder: "Nguyễn Văn An".into(),
            from: "24/11/2026".into(),
            until: if status == ResultStatus::Valid { String::new() } else { "24/11/2027".into() },
            status: status.name(),
            later: if EarlierEffect::ALL.iter().any(|effect| effect.name() == status.name()) {
                "13/GP-STNMT".into()
            } else {
                String::new()
            },
            next: if status == ResultStatus::Valid { vec![following()] } else { vec![] },
        };
        ResultStatus::ALL.into_iter().map(line).collect()
    }
}

/// The part of the register that an address names. Words that are searched for are posted, because they can be numbers
/// of people.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ResultsQuery {
    #[serde(default)]
    within: String,
}

/// Returns the search for words and for results that end within some days.
fn search_of(words: &str, within: &str) -> RegisterSearch {
    RegisterSearch { words: words.to_owned(), within_days: within.trim().parse().ok() }
}

/// The results of the agencies whose dossiers the reader may read.
#[derive(Debug, Clone, Serialize)]
pub struct ResultsPage {
    /// The typed words of the search, or an empty text.
    pub query: String,
    /// The days within which the results end, or an empty text for all results.
    pub within: String,
    /// The numbers of days that can be chosen.
    pub choices: Vec<String>,
    /// The results: those that end soonest if `within` is chosen, and otherwise the latest.
    pub results: Vec<ResultLine>,
    /// There are more results than the page shows.
    pub more: bool,
}

impl Page for ResultsPage {
    const TEMPLATE: &'static str = "results.html";
    fn samples() -> Vec<Self> {
        let page = |results: Vec<ResultLine>| Self {
            query: "an".into(),
            within: if results.is_empty() { String::new() } else { "90".into() },
            choices: WITHIN.map(|days| days.to_string()).to_vec(),
            more: !results.is_empty(),
            results,
        };
        vec![page(vec![]), page(ResultLine::samples())]
    }
}

/// Returns the page of a search in the register.
async fn found(portal: &Portal, visitor: &Officer, search: RegisterSearch) -> Result<Response, Failure> {
    let (found, more) = portal.services.register.list(visitor.actor(), &search).await?;
    let page = ResultsPage {
        within: search.within_days.map_or_else(String::new, |days| days.to_string()),
        query: search.words,
        choices: WITHIN.map(|days| days.to_string()).to_vec(),
        results: found.iter().map(|listed| result_line(listed, visitor.language())).collect(),
        more,
    };
    Ok(ok(portal, visitor, &page))
}

/// Returns the results of a search as a table for spreadsheets. Each counts as a reading of its dossier.
async fn taken_along(portal: &Portal, visitor: &Officer, search: RegisterSearch) -> Result<Response, Failure> {
    let found = portal.services.register.export(visitor.actor(), &search).await?;
    let text = |key: &str| portal.theme.text(visitor.page_language(), key);
    let statuses = ResultStatus::ALL.map(|status| (status.name(), text(&format!("result-{}", status.name()))));
    let language = visitor.language();
    let lines = found.iter().map(|listed| cells(listed, &statuses, language));
    Ok(csv("results.csv", table(iter::once(COLUMNS.map(text)).chain(lines))))
}

/// `GET /results?within=`: the results of the agencies whose dossiers the officer may read.
pub async fn results(
    State(portal): State<Portal>,
    Query(wanted): Query<ResultsQuery>,
    visitor: Officer,
) -> Result<Response, Failure> {
    found(&portal, &visitor, search_of("", &wanted.within)).await
}

/// `POST /results`: the results that have some words, and that end within some days.
pub async fn search(
    State(portal): State<Portal>,
    PostedBy(visitor, posted): PostedBy<Officer>,
) -> Result<Response, Failure> {
    found(&portal, &visitor, search_of(posted.get("q"), posted.get("within"))).await
}

/// `GET /results.csv?within=`: the results as a table for spreadsheets.
pub async fn export(
    State(portal): State<Portal>,
    Query(wanted): Query<ResultsQuery>,
    visitor: Officer,
) -> Result<Response, Failure> {
    taken_along(&portal, &visitor, search_of("", &wanted.within)).await
}

/// `POST /results.csv`: the found results as a table for spreadsheets.
pub async fn export_found(
    State(portal): State<Portal>,
    PostedBy(visitor, posted): PostedBy<Officer>,
) -> Result<Response, Failure> {
    taken_along(&portal, &visitor, search_of(posted.get("q"), posted.get("within"))).await
}

/// Returns the cells of a result, in the order of [`COLUMNS`].
fn cells(listed: &ListedResult, statuses: &[(&str, String)], language: Language) -> [String; COLUMNS.len()] {
    let ListedResult { result, status } = listed;
    let known = statuses.iter().find(|(name, _)| *name == status.name());
    [
        result.number.clone(),
        result.name.get(language).to_owned(),
        result.kind.to_string(),
        result.holder.name.clone(),
        result.holder.identity.clone().unwrap_or_default(),
        result.from.to_string(),
        result.until.map_or_else(String::new, |day| day.to_string()),
        known.map_or_else(|| status.name().to_owned(), |(_, text)| text.clone()),
        result.dossier.to_string(),
        result.later.as_ref().map_or_else(String::new, |later| later.number.clone()),
    ]
}
