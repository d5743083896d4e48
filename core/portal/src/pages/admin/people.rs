//! The officers with their accounts, for administrators.

use crate::pages::render::{html, ok};
use crate::state::Portal;
use crate::theme::Page;
use crate::view::format;
use crate::view::units::agency_name;
use crate::web::address;
use crate::web::again::PROOF;
use crate::web::failure::Failure;
use crate::web::person::{Officer, PostedBy};
use crate::web::typing::Query;
use crate::web::visitor::command;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use motcua_domain::people::organisation::{Post, Role};
use motcua_service::{Error, InputRule, OfficerState, StaffMember};
use serde::{Deserialize, Serialize};

/// The officers with their accounts.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PeoplePage {
    /// The officers, by log-in.
    pub officers: Vec<StaffLine>,
    /// The word for what the administrator did, under `people-done-<word>`, or an empty text.
    pub done: &'static str,
    /// The rule that was broken, under `refusal-<code>`, or an empty text.
    pub refusal: &'static str,
    /// The log-in of the officer for whom a code was made, or an empty text.
    pub login: String,
    /// The code, which is shown once, or an empty text.
    pub code: String,
}

/// An officer with the account.
#[derive(Debug, Clone, Default, Serialize)]
pub struct StaffLine {
    /// The name with which the officer logs in.
    pub login: String,
    /// The name of the officer.
    pub name: String,
    /// The state of the account in words that follow the name.
    pub state: String,
    /// The posts.
    pub posts: Vec<StaffPost>,
    /// The time of the last log-in, or an empty text.
    pub last: String,
    /// The officer can be locked.
    pub can_lock: bool,
    /// The officer can be unlocked.
    pub can_unlock: bool,
    /// The officer can get a code for a new password.
    pub can_reset: bool,
    /// The officer has a second factor that can be removed.
    pub has_factor: bool,
}

/// A post of an officer.
#[derive(Debug, Clone, Serialize)]
pub struct StaffPost {
    /// The word for the role, under `role-<word>`.
    pub role: &'static str,
    /// The name of the agency.
    pub agency: String,
}

impl Page for PeoplePage {
    const TEMPLATE: &'static str = "admin_people.html";
    fn samples() -> Vec<Self> {
        let post = |role: Role| StaffPost { role: role.name(), agency: "Sở Mẫu".into() };
        let line = StaffLine {
            login: "binh.phucuong".into(),
            name: "Trần Văn Bình".into(),
            state: "đăng nhập được".into(),
            posts: Role::OF_POSTS.map(post).to_vec(),
            last: "24/11/2026 08:00".into(),
            can_lock: true,
            can_unlock: false,
            can_reset: true,
            has_factor: true,
        };
        let locked = StaffLine {
            login: "lan.khdt".into(),
            posts: vec![],
            last: String::new(),
            can_lock: false,
            can_unlock: true,
            can_reset: true,
            ..line.clone()
        };
        let own = StaffLine { can_lock: false, can_reset: false, has_factor: false, ..line.clone() };
        let page = Self { officers: vec![line, locked, own], ..Self::default() };
        let done = |done| Self { done, login: "lan.khdt".into(), ..page.clone() };
        let rules = [InputRule::OwnAccount, InputRule::OfficerRemoved];
        let refused = rules.map(|rule| Self { refusal: rule.word(), ..page.clone() });
        let code = Self { code: "12345678".into(), ..done("reset") };
        let told = [done("locked"), done("unlocked"), done("factor"), done("reset-before"), code];
        [Self::default(), page.clone()].into_iter().chain(told).chain(refused).collect()
    }
}

/// The query with the change that was just made.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct PeopleQuery {
    #[serde(default)]
    done: String,
}

/// The words for changes after which the list is opened again.
const DONE: [&str; 3] = ["locked", "unlocked", "factor"];

async fn page_of(portal: &Portal, visitor: &Officer) -> Result<PeoplePage, Failure> {
    let language = visitor.language();
    let agencies = &portal.services.province().agencies;
    let post =
        |post: &Post| StaffPost { role: post.role.name(), agency: agency_name(agencies, &post.agency, language) };
    let line = |officer: StaffMember| StaffLine {
        state: officer.state.text().get(language).to_owned(),
        posts: officer.posts.iter().map(post).collect(),
        last: officer.last_log_in.map(|at| format::second(at, language)).unwrap_or_default(),
        can_lock: !officer.is_self && !officer.state.is_locked(),
        can_unlock: !officer.is_self && officer.state == OfficerState::Locked,
        can_reset: !officer.is_self && !officer.state.is_gone(),
        has_factor: !officer.is_self && officer.has_factor,
        login: officer.login,
        name: officer.name,
    };
    let officers = portal.services.people.staff(visitor.actor()).await?;
    Ok(PeoplePage { officers: officers.into_iter().map(line).collect(), ..PeoplePage::default() })
}

/// `GET /admin/people`: the officers with their accounts.
pub async fn show(
    State(portal): State<Portal>,
    Query(query): Query<PeopleQuery>,
    visitor: Officer,
) -> Result<Response, Failure> {
    let done = DONE.into_iter().find(|done| *done == query.done).unwrap_or_default();
    let page = PeoplePage { done, ..page_of(&portal, &visitor).await? };
    Ok(ok(&portal, &visitor, &page))
}

/// `POST /admin/people/lock`: locks the account of another officer, or unlocks it.
pub async fn lock(
    State(portal): State<Portal>,
    PostedBy(visitor, posted): PostedBy<Officer>,
) -> Result<Response, Failure> {
    let is_locked = posted.get("locked") == "yes";
    let locked = Box::pin(portal.services.lock_officer(visitor.actor(), posted.get("login"), is_locked)).await;
    match locked {
        Ok(()) => {
            let done = if is_locked { "locked" } else { "unlocked" };
            Ok(Redirect::to(&address::people_done(done)).into_response())
        }
        Err(error) => refused(&portal, &visitor, error).await,
    }
}

/// `POST /admin/people/reset`: makes a code by which another officer sets a new password, and shows it once.
pub async fn reset(
    State(portal): State<Portal>,
    PostedBy(visitor, posted): PostedBy<Officer>,
) -> Result<Response, Failure> {
    let login = posted.get("login");
    let command = command(posted.get(PROOF), &("reset", login))?;
    match portal.services.account.reset_officer(visitor.actor(), login, &command).await {
        Ok(code) => {
            let done = if code.is_some() { "reset" } else { "reset-before" };
            let (login, code) = (login.to_owned(), code.unwrap_or_default());
            let page = PeoplePage { done, login, code, ..page_of(&portal, &visitor).await? };
            Ok(ok(&portal, &visitor, &page))
        }
        Err(error) => refused(&portal, &visitor, error).await,
    }
}

/// `POST /admin/people/factor`: removes the second factor of another officer, who lost the device.
pub async fn factor(
    State(portal): State<Portal>,
    PostedBy(visitor, posted): PostedBy<Officer>,
) -> Result<Response, Failure> {
    match portal.services.people.reset_factor(visitor.actor(), posted.get("login")).await {
        Ok(()) => Ok(Redirect::to(&address::people_done("factor")).into_response()),
        Err(error) => refused(&portal, &visitor, error).await,
    }
}

/// Shows the officers again with the rule that a change broke.
async fn refused(portal: &Portal, visitor: &Officer, error: Error) -> Result<Response, Failure> {
    let Error::Invalid(rule) = error else { return Err(error.into()) };
    let page = PeoplePage { refusal: rule.word(), ..page_of(portal, visitor).await? };
    Ok(html(portal, visitor, StatusCode::UNPROCESSABLE_ENTITY, &page))
}
