//! The standard answers of an agency: its leader writes them, and auditors see the record of their changes.

use crate::pages::render::{html, ok};
use crate::state::Portal;
use crate::theme::Page;
use crate::view::format;
use crate::web::address;
use crate::web::failure::Failure;
use crate::web::person::{Officer, Person, PostedBy};
use crate::web::typing::Query;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use motcua_domain::names::AgencyId;
use motcua_domain::standard_answer::{FIELDS, LONGEST_TEXT, LONGEST_TITLE};
use motcua_domain::text::Text;
use motcua_service::{AnswerChange, Error, StandardAnswer};
use serde::{Deserialize, Serialize};

/// The standard answers of an agency.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AnswersPage {
    /// The agencies whose answers the reader may see.
    pub agencies: Vec<AnswersOf>,
    /// The name of the agency, or an empty text if none is chosen.
    pub agency: String,
    /// The address of the agency's answers, to which their forms are posted.
    pub address: String,
    /// The reader can change the answers.
    pub may_edit: bool,
    /// The answers, by title.
    pub answers: Vec<AnswerForm>,
    /// The form for a new answer.
    pub fresh: AnswerForm,
    /// The last changes, the latest first.
    pub changes: Vec<AnswerChangeLine>,
    /// The names of the fields, each with its text under `answer-field-<name>`.
    pub fields: Vec<&'static str>,
    /// The longest title, in characters.
    pub longest_title: usize,
    /// The longest text, in characters.
    pub longest_text: usize,
    /// The answers were just changed.
    pub done: bool,
    /// The rule that was broken, under `refusal-<code>`, or an empty text.
    pub refusal: &'static str,
    /// The id of the control that the refusal is about, or an empty text.
    pub refused_control: String,
}

/// An agency with standard answers.
#[derive(Debug, Clone, Serialize)]
pub struct AnswersOf {
    /// The name of the agency.
    pub name: String,
    /// The address of its answers.
    pub address: String,
    /// The page shows this agency.
    pub current: bool,
}

/// A standard answer with its form.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AnswerForm {
    /// The id of the answer, or an empty text for a new one.
    pub id: String,
    /// The title, or the typed one.
    pub title: String,
    /// The text with its fields in braces, or the typed one.
    pub text: String,
    /// The form was refused, and is open.
    pub open: bool,
}

/// A change of a standard answer.
#[derive(Debug, Clone, Serialize)]
pub struct AnswerChangeLine {
    /// The word for the change, under `answer-<word>`: `added`, `changed` or `removed`.
    pub deed: String,
    /// The title after the change, or before the removal.
    pub title: String,
    /// The text after the change, or before the removal.
    pub text: String,
    /// The time of the change.
    pub at: String,
    /// The name of the officer.
    pub by: String,
}

impl Page for AnswersPage {
    const TEMPLATE: &'static str = "answers.html";
    fn samples() -> Vec<Self> {
        let agency = |current| AnswersOf { name: "Sở Mẫu".into(), address: "/desk/answers/so".into(), current };
        let answer =
            |open| AnswerForm { id: "1".into(), title: "Lời chào".into(), text: "Chào {name}".into(), open };
        let change = |deed: &str| AnswerChangeLine {
            deed: deed.into(),
            title: "Lời chào".into(),
            text: "Chào {name}".into(),
            at: "24/11/2026 08:00".into(),
            by: "Mai".into(),
        };
        let list = Self { agencies: vec![agency(false), agency(false)], ..Self::default() };
        let read = Self {
            agencies: vec![agency(true), agency(false)],
            agency: "Sở Mẫu".into(),
            address: "/desk/answers/so".into(),
            answers: vec![answer(false)],
            changes: ["added", "changed", "removed"].map(change).into(),
            fields: FIELDS.into(),
            longest_title: LONGEST_TITLE,
            longest_text: LONGEST_TEXT,
            ..Self::default()
        };
        let empty = Self { answers: vec![], changes: vec![], ..read.clone() };
        let edit = Self { may_edit: true, agencies: vec![agency(true)], done: true, ..read.clone() };
        let refused = |rule: &'static str, open| Self {
            done: false,
            answers: vec![answer(open)],
            fresh: AnswerForm { open: !open, ..AnswerForm::default() },
            refusal: rule,
            refused_control: if open { "text-1".into() } else { "title-new".into() },
            ..edit.clone()
        };
        let rules =
            [("answer-title", false), ("answer-text", true), ("answer-field", true), ("too-many-answers", false)];
        let refused = rules.map(|(rule, open)| refused(rule, open));
        [list, empty, read, edit].into_iter().chain(refused).collect()
    }
}

/// The word for what was just done.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct AnswersQuery {
    #[serde(default)]
    done: String,
}

/// Returns the page of an agency.
async fn page_of(portal: &Portal, visitor: &Person, agency: &AgencyId) -> Result<AnswersPage, Failure> {
    let (actor, language, services) = (visitor.actor(), visitor.language(), &portal.services.answers);
    let found = services.of_agency(actor, agency).await?;
    let form =
        |answer: StandardAnswer| AnswerForm { id: answer.id, title: answer.title, text: answer.text, open: false };
    let change = |change: AnswerChange| AnswerChangeLine {
        deed: change.deed,
        title: change.title,
        text: change.text,
        at: format::second(change.at, language),
        by: change.by,
    };
    Ok(AnswersPage {
        agencies: agencies(portal, visitor, Some(agency))?,
        agency: found.name.get(language).to_owned(),
        address: address::answers(agency.as_str()),
        may_edit: found.may_edit,
        answers: found.answers.into_iter().map(form).collect(),
        changes: found.changes.into_iter().map(change).collect(),
        fields: FIELDS.into(),
        longest_title: LONGEST_TITLE,
        longest_text: LONGEST_TEXT,
        ..AnswersPage::default()
    })
}

fn agencies(portal: &Portal, visitor: &Person, shown: Option<&AgencyId>) -> Result<Vec<AnswersOf>, Failure> {
    let seen = portal.services.answers.agencies(visitor.actor())?;
    let line = |(id, name): (AgencyId, Text)| AnswersOf {
        name: name.get(visitor.language()).to_owned(),
        address: address::answers(id.as_str()),
        current: shown == Some(&id),
    };
    Ok(seen.into_iter().map(line).collect())
}

/// `GET /desk/answers`: the agencies whose standard answers the reader may see. A single one is shown at once.
pub async fn list(State(portal): State<Portal>, visitor: Officer) -> Result<Response, Failure> {
    let agencies = agencies(&portal, &visitor, None)?;
    if let [only] = agencies.as_slice() {
        return Ok(Redirect::to(&only.address).into_response());
    }
    Ok(ok(&portal, &visitor, &AnswersPage { agencies, ..AnswersPage::default() }))
}

/// `GET /desk/answers/{agency}`: the standard answers of an agency.
pub async fn show(
    State(portal): State<Portal>,
    Path(agency): Path<String>,
    Query(query): Query<AnswersQuery>,
    visitor: Officer,
) -> Result<Response, Failure> {
    let page = page_of(&portal, &visitor, &AgencyId(agency)).await?;
    Ok(ok(&portal, &visitor, &AnswersPage { done: query.done == "yes", ..page }))
}

/// `POST /desk/answers/{agency}`: stores or removes a standard answer.
pub async fn change(
    State(portal): State<Portal>,
    Path(agency): Path<String>,
    PostedBy(visitor, posted): PostedBy<Officer>,
) -> Result<Response, Failure> {
    let (agency, services, actor) = (AgencyId(agency), &portal.services.answers, visitor.actor());
    let (id, title, text) = (posted.get("id"), posted.get("title"), posted.get("text"));
    let done = if posted.get("do") == "remove" {
        services.remove(actor, &agency, id).await
    } else {
        services.save(actor, &agency, id, title, text).await
    };
    let rule = match done {
        Ok(()) => return Ok(Redirect::to(&address::answers_changed(agency.as_str())).into_response()),
        Err(Error::Invalid(rule)) => rule.word(),
        Err(error) => return Err(error.into()),
    };
    let mut page = page_of(&portal, &visitor, &agency).await?;
    let typed = AnswerForm { id: id.to_owned(), title: title.to_owned(), text: text.to_owned(), open: true };
    let control = if ["answer-text", "answer-field"].contains(&rule) { "text" } else { "title" };
    page.refused_control = format!("{control}-{}", if id.is_empty() { "new" } else { id });
    page.refusal = rule;
    match page.answers.iter_mut().find(|answer| answer.id == id) {
        Some(answer) => *answer = typed,
        None => page.fresh = typed,
    }
    Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &page))
}
