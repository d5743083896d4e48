//! The security of an account: its password, its sessions, and failed log-ins.

use crate::pages::own::proven::judged;
use crate::pages::render::{html, ok};
use crate::state::Portal;
use crate::theme::Page;
use crate::view::format;
use crate::web::address;
use crate::web::failure::Failure;
use crate::web::person::{Kind as _, Person, PostedBy};
use crate::web::typing::Query;
use crate::web::visitor::{PostedForm, Visitor};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::Timestamp;
use motcua_domain::text::Language;
use motcua_service::{EndedSessions, ListedSession};
use serde::{Deserialize, Serialize};

/// The security of an account.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SecurityPage {
    /// The name with which the person logs in.
    pub login: String,
    /// The times of failed log-ins, the latest first.
    pub failures: Vec<String>,
    /// The password was changed.
    pub changed: bool,
    /// Sessions were ended.
    pub ended: bool,
    /// The sessions that are open, the last used first.
    pub sessions: Vec<SessionLine>,
    /// The rule that was broken, under `refusal-<code>`, or an empty text.
    pub refusal: String,
    /// The account has no password yet, and the person has just logged in at a provider.
    pub first: bool,
}

/// An open session of an account.
#[derive(Debug, Clone, Serialize)]
pub struct SessionLine {
    /// The name of the session, for the form that ends it.
    pub id: String,
    /// The browser and the system, such as `Firefox, Android`, or an empty text if they are not known.
    pub device: String,
    /// The time of the log-in, or an empty text if it is not known.
    pub opened: String,
    /// The time of the last use, within some minutes, or an empty text if it is not known.
    pub used: String,
    /// The session of the reader.
    pub is_this: bool,
}

impl SessionLine {
    fn of(session: ListedSession, language: Language) -> Self {
        let moment = |at: i64| if at == 0 { String::new() } else { format::second(at, language) };
        Self {
            id: session.id,
            device: session.device,
            opened: moment(session.opened_at),
            used: moment(session.used_at),
            is_this: session.is_this,
        }
    }
}

impl Page for SecurityPage {
    const TEMPLATE: &'static str = "security.html";
    fn samples() -> Vec<Self> {
        let plain = Self { login: "0912345678".into(), ..Self::default() };
        let broken = |rule: &str| Self { refusal: rule.into(), ..plain.clone() };
        let rules = ["password-wrong", "password-short", "password-long", "password-common"];
        let failed = Self { failures: vec!["24/11/2026 08:00".into()], changed: true, ..plain.clone() };
        let session = |device: &str, is_this| SessionLine {
            id: "0".into(),
            device: device.into(),
            opened: "24/11/2026 08:00".into(),
            used: "24/11/2026 09:00".into(),
            is_this,
        };
        let old = SessionLine { opened: String::new(), used: String::new(), ..session("", false) };
        let first = Self { first: true, ..plain.clone() };
        let sessions = vec![session("Firefox, Android", true), session("Chrome, Windows", false), old];
        let listed = Self { sessions, ended: true, ..plain.clone() };
        [plain.clone(), failed, listed, first].into_iter().chain(rules.into_iter().map(broken)).collect()
    }
}

/// The query with the change that was just made.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct SecurityQuery {
    #[serde(default)]
    changed: String,
}

async fn page_of(portal: &Portal, visitor: &Person) -> Result<SecurityPage, Failure> {
    let language = visitor.language();
    let moments = portal.services.people.failed_log_ins(visitor.actor()).await?;
    let moment = |at: i64| Timestamp::from_second(at).ok().map(|at| format::moment(at, language));
    let sessions = portal.services.people.sessions(visitor.actor(), visitor.token()).await?;
    let sessions = sessions.into_iter().map(|session| SessionLine::of(session, language)).collect();
    let login = portal.services.people.login_name(visitor.actor()).await?;
    let failures = moments.into_iter().filter_map(moment).collect();
    let first = portal.services.people.may_set_first_password(visitor.actor(), visitor.token()).await?;
    Ok(SecurityPage { login, failures, sessions, first, ..SecurityPage::default() })
}

/// `GET /account/security`: failed log-ins, and a form for a new password.
pub async fn show(
    State(portal): State<Portal>,
    Query(done): Query<SecurityQuery>,
    visitor: Person,
) -> Result<Response, Failure> {
    let (changed, ended) = (done.changed == "yes", done.changed == "sessions");
    let page = SecurityPage { changed, ended, ..page_of(&portal, &visitor).await? };
    Ok(ok(&portal, &visitor, &page))
}

/// `POST /account/security`: changes the password and ends the other sessions of the person.
pub async fn change(State(portal): State<Portal>, visitor: Visitor, posted: PostedForm) -> Result<Response, Failure> {
    // A log-in does not carry passwords.
    let visitor = Person::of(visitor)?;
    let (old, new) = (posted.get("old_password"), posted.get("new_password"));
    let changed = portal.services.people.change_password(visitor.actor(), visitor.token(), old, new);
    let Err(rule) = judged(&portal, &visitor, changed).await? else {
        return Ok(Redirect::to(address::PASSWORD_CHANGED).into_response());
    };
    let page = SecurityPage { refusal: rule.word().to_owned(), ..page_of(&portal, &visitor).await? };
    Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &page))
}

/// `POST /account/sessions`: ends one session of the person, or all others.
pub async fn end_sessions(
    State(portal): State<Portal>,
    PostedBy(visitor, posted): PostedBy<Person>,
) -> Result<Redirect, Failure> {
    let ended = match posted.get("session") {
        "others" => EndedSessions::Others,
        id => EndedSessions::One(id.to_owned()),
    };
    portal.services.people.end_sessions(visitor.actor(), visitor.token(), &ended).await?;
    Ok(Redirect::to(address::SESSIONS_ENDED))
}
