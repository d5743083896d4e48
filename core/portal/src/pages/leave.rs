//! Officers on leave, and their deputies.

use crate::pages::render::{html, in_language, ok};
use crate::state::Portal;
use crate::theme::Page;
use crate::view::format;
use crate::view::officer::OfficerContext;
use crate::web::address;
use crate::web::failure::Failure;
use crate::web::person::{Officer, Person, PostedBy};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::civil::Date;
use motcua_domain::dossier::refusal::Refusal;
use motcua_service::Error;
use serde::Serialize;

/// The deputies of an officer.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LeavePage {
    /// The present and future times for which a deputy is named.
    pub leaves: Vec<LeaveLine>,
    /// The officers who can be deputies.
    pub colleagues: Vec<OfficerContext>,
    /// The number of the chosen deputy.
    pub deputy: String,
    /// The typed first day, such as `2026-12-01`, or an empty text.
    pub since: String,
    /// The typed last day, such as `2026-12-05`, or an empty text.
    pub until: String,
    /// The rule that was broken, or an empty text.
    pub refusal: String,
    /// The fields that are empty or unreadable, under `leave-missing-<word>`: `deputy`, `since` and `until`.
    pub missing: Vec<&'static str>,
}

/// A time for which a deputy is named.
#[derive(Debug, Clone, Serialize)]
pub struct LeaveLine {
    /// The number of the leave, for the address `/leave/<id>/end`.
    pub id: String,
    /// The deputy's name.
    pub deputy: String,
    /// The first day.
    pub since: String,
    /// The last day.
    pub until: String,
}

impl Page for LeavePage {
    const TEMPLATE: &'static str = "leave.html";
    fn samples() -> Vec<Self> {
        let leave =
            LeaveLine { id: "1".into(), deputy: "Mai".into(), since: "01/12/2026".into(), until: "05/12/2026".into() };
        let full = Self {
            leaves: vec![leave],
            colleagues: vec![OfficerContext::sample("1", "Mai")],
            deputy: "1".into(),
            since: "2026-12-01".into(),
            until: "2026-12-05".into(),
            refusal: "leave-dates".into(),
            missing: vec![],
        };
        let unfit = Self { refusal: "assignee-unfit".into(), ..full.clone() };
        let empty = Self { missing: vec!["deputy", "since", "until"], ..Self::default() };
        vec![Self::default(), full, unfit, empty]
    }
}

async fn leave_page(portal: &Portal, visitor: &Person, attempt: LeavePage) -> Result<LeavePage, Failure> {
    let actor = visitor.actor();
    let day = |day: Date| format::day(day, visitor.language());
    let leaves = portal.services.people.delegations(actor).await?.into_iter().map(|leave| LeaveLine {
        id: leave.id,
        deputy: leave.deputy,
        since: day(leave.since),
        until: day(leave.until),
    });
    let colleagues = OfficerContext::all(&portal.services.people.deputies(actor).await?);
    Ok(LeavePage { leaves: leaves.collect(), colleagues, ..attempt })
}

/// `GET /leave`: the deputies of the officer, today and later.
pub async fn show(State(portal): State<Portal>, visitor: Officer) -> Result<Response, Failure> {
    let page = leave_page(&portal, &visitor, LeavePage::default()).await?;
    Ok(ok(&portal, &visitor, &page))
}

/// `POST /leave`: lets a colleague take the officer's steps from one day to another.
pub async fn add(
    State(portal): State<Portal>,
    PostedBy(visitor, posted): PostedBy<Officer>,
) -> Result<Response, Failure> {
    let attempt = LeavePage {
        deputy: posted.get("deputy").to_owned(),
        since: posted.get("since").to_owned(),
        until: posted.get("until").to_owned(),
        ..LeavePage::default()
    };
    if let Some(language) = posted.language(&portal) {
        let page = leave_page(&portal, &visitor.reading(language), attempt).await?;
        return Ok(in_language(&portal, &visitor, language, &page));
    }
    let (since, until) = (attempt.since.parse::<Date>().ok(), attempt.until.parse::<Date>().ok());
    let fields = [("deputy", attempt.deputy.is_empty()), ("since", since.is_none()), ("until", until.is_none())];
    let missing: Vec<&'static str> = fields.into_iter().filter_map(|(name, lacks)| lacks.then_some(name)).collect();
    let (Some(since), Some(until), true) = (since, until, missing.is_empty()) else {
        let page = leave_page(&portal, &visitor, LeavePage { missing, ..attempt }).await?;
        return Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    let done = portal.services.people.delegate(visitor.actor(), &attempt.deputy.as_str().into(), since, until).await;
    let refusal = match done {
        Ok(()) => return Ok(Redirect::to(address::LEAVE).into_response()),
        Err(Error::Invalid(rule)) => rule.word(),
        Err(Error::Refused(refusal)) if refusal != Refusal::NotAllowed => refusal.code(),
        Err(error) => return Err(error.into()),
    };
    let attempt = LeavePage { refusal: refusal.to_owned(), ..attempt };
    let page = leave_page(&portal, &visitor, attempt).await?;
    Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &page))
}

/// `POST /leave/{id}/end`: ends a leave.
pub async fn end(
    State(portal): State<Portal>,
    Path(id): Path<String>,
    PostedBy(visitor, _): PostedBy<Officer>,
) -> Result<Redirect, Failure> {
    portal.services.people.end_delegation(visitor.actor(), &id).await?;
    Ok(Redirect::to(address::LEAVE))
}
