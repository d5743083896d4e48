//! Doing the same with many dossiers: choosing the deed, reading before what the rules would refuse, and beginning.

use crate::pages::bulk_table::table_of;
use crate::pages::desk_filters::OfficeQuery;
use crate::pages::render::{html, in_language, ok};
use crate::pages::sheet::{SheetForm, sheet};
use crate::state::Portal;
use crate::theme::Page;
use crate::view::officer::OfficerContext;
use crate::web::address;
use crate::web::failure::Failure;
use crate::web::person::{Officer, Person, PostedBy};
use crate::web::visitor::{PostedForm, command};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use motcua_domain::names::{ActionId, UserId};
use motcua_domain::text::Language;
use motcua_service::{BULK_MOST, BulkDeed, BulkLine, BulkPreview, BulkSight, Error, InputRule, OfficerView};
use serde::Serialize;

/// The beginning of the word for an action in the field `deed`. The id of the action follows.
const ACTION: &str = "do:";

/// The deeds that every line has.
const PLAIN: [&str; 3] = ["take", "release", "give"];

/// The dossiers that an officer chose, and what can be done with all of them.
#[derive(Debug, Clone, Serialize)]
pub struct BulkPage {
    /// The number of the chosen dossiers.
    pub count: usize,
    /// The list has more dossiers than can be chosen together.
    pub more: bool,
    /// The chosen lines, which the form posts as `lines`.
    pub lines: String,
    /// The deeds to choose from.
    pub deeds: Vec<BulkChoice>,
    /// The officers to whom the steps can be given.
    pub officers: Vec<OfficerContext>,
    /// The id of the officer who was chosen, or an empty text.
    pub to: String,
    /// The typed note, or an empty text.
    pub note: String,
    /// The rule that was broken, under `refusal-<code>`, or an empty text.
    pub problem: &'static str,
    /// The answer of the rules to the chosen deed, if one was chosen.
    pub verdict: Option<BulkVerdict>,
}

/// A deed that can be chosen for many dossiers.
#[derive(Debug, Clone, Serialize)]
pub struct BulkChoice {
    /// The value, which the form posts as `deed`.
    pub value: String,
    /// The name of the action. If it is empty, the text is `bulk-deed-<value>`.
    pub label: String,
    /// The number of dossiers at whose step the action is open, or 0 for a deed that is no action.
    pub lines: usize,
    /// The deed is chosen.
    pub chosen: bool,
}

/// The answer of the rules before anything is done.
#[derive(Debug, Clone, Serialize)]
pub struct BulkVerdict {
    /// The value of the deed, which the form posts again.
    pub deed: String,
    /// The number of dossiers with which the deed can be done.
    pub can: usize,
    /// The lines with which the deed can be done, which the form posts as `lines`.
    pub lines: String,
    /// The dossiers for which the rules refuse the deed.
    pub cannot: Vec<BulkRefusal>,
}

/// A dossier for which the rules refuse a deed.
#[derive(Debug, Clone, Serialize)]
pub struct BulkRefusal {
    /// The code of the dossier.
    pub code: String,
    /// The word of the rule, under `refusal-<code>`.
    pub refusal: &'static str,
}

impl Page for BulkPage {
    const TEMPLATE: &'static str = "bulk.html";
    fn samples() -> Vec<Self> {
        let code = "H09.01-261124-0001";
        let choice = |value: &str, label: &str, lines: usize, chosen: bool| BulkChoice {
            value: value.into(),
            label: label.into(),
            lines,
            chosen,
        };
        let deeds = |chosen: bool| {
            let plain = PLAIN.map(|value| choice(value, "", 0, false));
            plain.into_iter().chain([choice("do:accept", "Tiếp nhận", 37, chosen)]).collect::<Vec<_>>()
        };
        let begun = Self {
            count: 40,
            more: true,
            lines: format!("{code}~0~"),
            deeds: deeds(false),
            officers: vec![OfficerContext::sample("1", "Lê Thị Mai")],
            to: String::new(),
            note: String::new(),
            problem: "",
            verdict: None,
        };
        let refused = BulkRefusal { code: code.into(), refusal: "not-paid" };
        let verdict =
            |can, cannot| Some(BulkVerdict { deed: "do:accept".into(), can, lines: format!("{code}~0~3"), cannot });
        let asked = Self {
            more: false,
            deeds: deeds(true),
            to: "1".into(),
            note: "Đủ giấy tờ.".into(),
            verdict: verdict(37, vec![refused.clone()]),
            ..begun.clone()
        };
        let all = Self { verdict: verdict(40, vec![]), ..asked.clone() };
        let none = Self { verdict: verdict(0, vec![refused]), ..asked.clone() };
        let undecided = Self { problem: InputRule::BulkDeed.word(), ..begun.clone() };
        let officers = vec![];
        let empty =
            Self { count: 0, lines: String::new(), officers, problem: InputRule::BulkEmpty.word(), ..begun.clone() };
        vec![begun, asked, all, none, undecided, empty]
    }
}

/// Reads lines that a form posts.
fn lines_in(text: &str) -> Vec<BulkLine> {
    text.split_whitespace().filter_map(BulkLine::parse).take(BULK_MOST).collect()
}

/// Writes lines as a form posts them.
pub fn posted_lines<'a>(lines: impl IntoIterator<Item = &'a BulkLine>) -> String {
    lines.into_iter().map(BulkLine::to_string).collect::<Vec<_>>().join(" ")
}

/// Returns the word for a deed in the field `deed`.
pub fn word_of(deed: &BulkDeed) -> String {
    match deed {
        BulkDeed::Take => "take".to_owned(),
        BulkDeed::Release => "release".to_owned(),
        BulkDeed::Give { .. } => "give".to_owned(),
        BulkDeed::Act { action, .. } => format!("{ACTION}{action}"),
    }
}

/// Reads the deed that a form posts.
fn deed_in(posted: &PostedForm) -> Option<BulkDeed> {
    let note = posted.get("note").to_owned();
    match posted.get("deed") {
        "take" => Some(BulkDeed::Take),
        "release" => Some(BulkDeed::Release),
        "give" => Some(BulkDeed::Give { to: UserId(posted.get("to").to_owned()), note }),
        word => word.strip_prefix(ACTION).map(|action| BulkDeed::Act { action: ActionId(action.to_owned()), note }),
    }
}

/// Returns the lines that a form chose, and whether the list has more: all of a view, all of a page, or the ticked ones.
async fn chosen(portal: &Portal, visitor: &Person, posted: &PostedForm) -> Result<(Vec<BulkLine>, bool), Failure> {
    match posted.get("scope") {
        "view" => {
            let (query, actor) = (OfficeQuery::posted(posted), visitor.actor());
            let filters = portal.services.lists.desk_filters(actor, &query.asked()).await?;
            Ok(portal.services.bulk.lines_of(actor, OfficerView::named(&query.view), &filters.wish).await?)
        }
        "page" => Ok((lines_in(posted.get("shown")), false)),
        _ => {
            let ticked = posted.0.iter().filter(|(name, _)| name == "line" || name == "lines");
            let lines: Vec<BulkLine> = ticked.flat_map(|(_, value)| lines_in(value)).take(BULK_MOST).collect();
            Ok((lines, false))
        }
    }
}

/// Returns the deeds that can be chosen for the lines of a preview.
fn choices(preview: &BulkPreview, chosen: &str, language: Language) -> Vec<BulkChoice> {
    let choice =
        |value: String, label: String, lines: usize| BulkChoice { chosen: value == chosen, value, label, lines };
    let plain = PLAIN.into_iter().map(|value| choice(value.to_owned(), String::new(), 0));
    let actions = preview.offers.iter().map(|offer| {
        let name = offer.action.name.get(language).to_owned();
        choice(format!("{ACTION}{}", offer.action.id), name, offer.lines)
    });
    plain.chain(actions).collect()
}

/// Returns what the rules answered to a deed.
fn verdict(sights: &[BulkSight], deed: String) -> BulkVerdict {
    let can: Vec<&BulkLine> = sights.iter().filter(|sight| sight.refusal.is_none()).map(|sight| &sight.line).collect();
    let refused = |sight: &BulkSight| {
        let refusal = sight.refusal?;
        Some(BulkRefusal { code: sight.line.code.to_string(), refusal })
    };
    let cannot = sights.iter().filter_map(refused).collect();
    BulkVerdict { deed, can: can.len(), lines: posted_lines(can), cannot }
}

/// Returns the page of these lines, with the answer of the rules to the posted deed.
async fn page(
    portal: &Portal,
    visitor: &Person,
    posted: &PostedForm,
    (lines, more): (Vec<BulkLine>, bool),
) -> Result<BulkPage, Failure> {
    let deed = deed_in(posted);
    let preview = portal.services.bulk.preview(visitor.actor(), &lines, deed.as_ref()).await?;
    let word = deed.as_ref().map(word_of);
    let problem = if preview.sights.is_empty() { InputRule::BulkEmpty.word() } else { "" };
    Ok(BulkPage {
        count: preview.sights.len(),
        more,
        lines: posted_lines(preview.sights.iter().map(|sight| &sight.line)),
        deeds: choices(&preview, word.as_deref().unwrap_or_default(), visitor.language()),
        officers: OfficerContext::all(&preview.officers),
        to: posted.get("to").to_owned(),
        note: posted.get("note").to_owned(),
        problem,
        verdict: word.filter(|_| problem.is_empty()).map(|word| verdict(&preview.sights, word)),
    })
}

/// `POST /desk/bulk`: shows the chosen dossiers with what can be done, and what the rules would refuse. Changes nothing.
pub async fn choose(
    State(portal): State<Portal>,
    PostedBy(visitor, posted): PostedBy<Officer>,
) -> Result<Response, Failure> {
    let lines = chosen(&portal, &visitor, &posted).await?;
    if let Some(language) = posted.language(&portal) {
        let shown = page(&portal, &visitor.reading(language), &posted, lines).await?;
        return Ok(in_language(&portal, &visitor, language, &shown));
    }
    let shown = page(&portal, &visitor, &posted, lines).await?;
    // The button of the form was pressed without a deed.
    let undecided = posted.get("do") == "preview" && shown.verdict.is_none() && shown.problem.is_empty();
    let problem = if undecided { InputRule::BulkDeed.word() } else { shown.problem };
    let shown = BulkPage { problem, ..shown };
    if problem.is_empty() {
        return Ok(ok(&portal, &visitor, &shown));
    }
    Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &shown))
}

/// `POST /desk/bulk/start`: begins the deed on the dossiers that the officer saw. The same form is the same work.
pub async fn start(
    State(portal): State<Portal>,
    PostedBy(visitor, posted): PostedBy<Officer>,
) -> Result<Response, Failure> {
    let lines = lines_in(posted.get("lines"));
    let problem = match deed_in(&posted) {
        None => InputRule::BulkDeed,
        Some(deed) => {
            let id = command(posted.get("proof"), &(&lines, &deed))?;
            match portal.services.bulk.start(visitor.actor(), &id, &lines, &deed).await {
                Ok(id) => return Ok(Redirect::to(&address::bulk(id)).into_response()),
                Err(Error::Invalid(rule)) => rule,
                Err(error) => return Err(error.into()),
            }
        }
    };
    let shown = page(&portal, &visitor, &posted, (lines, false)).await?;
    let shown = BulkPage { problem: problem.word(), ..shown };
    Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &shown))
}

/// `POST /desk/bulk/table`: the chosen dossiers as a table to take along, as CSV or, with the form `xlsx`, as a
/// workbook. Each is a reading.
pub async fn table(
    State(portal): State<Portal>,
    PostedBy(visitor, posted): PostedBy<Officer>,
) -> Result<Response, Failure> {
    let lines = lines_in(posted.get("lines"));
    match portal.services.bulk.read_all(visitor.actor(), &lines).await {
        Ok(dossiers) => {
            let form = if posted.get("form") == "xlsx" { SheetForm::Xlsx } else { SheetForm::Csv };
            sheet(&table_of(&portal, &visitor, &dossiers), "dossiers", form)
        }
        Err(Error::Invalid(rule)) => {
            let shown = page(&portal, &visitor, &posted, (lines, false)).await?;
            let shown = BulkPage { problem: rule.word(), ..shown };
            Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &shown))
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deed_is_read_as_it_is_written() {
        let posted = |word: &str| {
            let fields = [("deed", word), ("to", "7"), ("note", "Đủ.")];
            PostedForm(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
        };
        for word in ["take", "release", "give", "do:police.accept"] {
            assert_eq!(deed_in(&posted(word)).as_ref().map(word_of).as_deref(), Some(word));
        }
        for other in ["", "accept", "undo"] {
            assert_eq!(deed_in(&posted(other)), None, "{other}");
        }
    }

    #[test]
    fn lines_are_read_as_they_are_written_and_odd_ones_are_left_out() {
        let text = "H09.14-261126-0003~2~5 H09.14-261126-0004~0~";
        assert_eq!(posted_lines(&lines_in(text)), text);
        assert!(lines_in("x ~1~2 <b>").is_empty());
    }
}
