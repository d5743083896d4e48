//! Accounts: registering, logging in and out.

use crate::Portal;
use crate::address::own_path;
use crate::context::{html, ok};
use crate::failure::{Carry, Failure};
use crate::state::throttle::Subject;
use crate::theme::Page;
use crate::typing::Query;
use crate::visitor::{Posted, Visitor, command, device_cookie, session_cookie};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use motcua_desk::{Error, LoggedIn, Registration, login_of};
use motcua_domain::access::{Deed, may};
use motcua_domain::organisation::Actor;
use serde::{Deserialize, Serialize};

/// Logging in.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LoginPage {
    pub login: String,
    pub wrong: bool,
    /// So many minutes have to pass before the next try; 0 if none.
    pub wait: i64,
    /// Too many others log in at this moment.
    pub busy: bool,
    /// Where to go afterwards.
    pub next: String,
    /// The session had ended while something was posted; it is carried through.
    pub carried: Vec<(String, String)>,
    /// The session had ended when a form was posted.
    pub ended: bool,
    /// What is carried was an upload.
    pub upload: bool,
    /// The upload was so large that nothing of it is carried.
    pub too_large: bool,
}

impl LoginPage {
    /// The log-in that leads to `next` and takes along what was posted there.
    pub fn carrying(next: &str, carry: Carry) -> Self {
        let carried: Vec<_> = carry.posted.into_iter().filter(|(name, _)| name != "proof").collect();
        let ended = carry.ended || !carried.is_empty();
        let Carry { upload, too_large, .. } = carry;
        Self { ended, next: own_path(next), carried, upload, too_large, ..Self::default() }
    }
}

impl Page for LoginPage {
    const TEMPLATE: &'static str = "login.html";
    fn samples() -> Vec<Self> {
        let carried = vec![("full_name".to_owned(), "An".to_owned())];
        vec![
            Self { next: "/".into(), ..Self::default() },
            Self {
                login: "0912345678".into(),
                wrong: true,
                next: "/account".into(),
                carried: carried.clone(),
                ended: true,
                upload: true,
                ..Self::default()
            },
            Self { next: "/account".into(), ended: true, upload: true, ..Self::default() },
            Self { next: "/account".into(), ended: true, upload: true, too_large: true, ..Self::default() },
            Self { next: "/account".into(), carried, ended: true, ..Self::default() },
            Self { wait: 1, ..Self::default() },
            Self { wait: 15, ..Self::default() },
            Self { busy: true, ..Self::default() },
        ]
    }
}

/// After logging in again: what had been posted goes on with one press.
#[derive(Debug, Clone, Serialize)]
pub struct ResumePage {
    pub action: String,
    pub carried: Vec<(String, String)>,
    pub upload: bool,
    pub proof: String,
}

impl Page for ResumePage {
    const TEMPLATE: &'static str = "resume.html";
    fn samples() -> Vec<Self> {
        let carried = vec![("full_name".to_owned(), "An".to_owned())];
        let page = |upload| Self { action: "/drafts/x/1".into(), carried: carried.clone(), upload, proof: "0".into() };
        vec![page(false), page(true), Self { carried: vec![], ..page(false) }]
    }
}

/// Where to go after logging in.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
}

/// `GET /login?next=`
pub async fn login_form(State(portal): State<Portal>, visitor: Visitor, Query(query): Query<Next>) -> Response {
    ok(&portal, &visitor, &LoginPage { next: own_path(&query.next), ..LoginPage::default() })
}

const CARRIED: &str = "carried.";

/// `POST /login`: opens a session under a new token.
pub async fn login(State(portal): State<Portal>, visitor: Visitor, posted: Posted) -> Result<Response, Failure> {
    let login = posted.get("login").trim().to_owned();
    let next = own_path(posted.get("next"));
    let carried: Vec<(String, String)> = posted
        .0
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix(CARRIED)?.to_owned(), value.clone())))
        .collect();
    let yes = |name| posted.get(name) == "yes";
    let carry = Carry { posted: carried, upload: yes("upload"), too_large: yes("too_large"), ended: yes("ended") };
    let again = LoginPage { login: login.clone(), ..LoginPage::carrying(&next, carry.clone()) };
    let account = login_of(&login);
    let guesser = visitor.guesser(&portal, Some(&account));
    let attempt = match portal.throttle.begin(Subject::Account(&account), guesser, portal.desk.now()) {
        Ok(attempt) => attempt,
        Err(wait) => {
            let page = LoginPage { wait: wait.minutes(), ..again };
            let answer = html(&portal, &visitor, StatusCode::TOO_MANY_REQUESTS, &page);
            return Ok((wait.header(), answer).into_response());
        }
    };
    match portal.desk.log_in(&login, posted.get("password")).await {
        Ok(logged_in) => {
            attempt.was_right();
            Ok(welcome(&portal, &visitor, &account, &logged_in, next, carry))
        }
        Err(Error::Invalid(_)) => {
            attempt.counts();
            let page = LoginPage { wrong: true, ..again };
            Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(Error::Busy) => {
            attempt.was_not_judged();
            let page = LoginPage { busy: true, ..again };
            Ok(html(&portal, &visitor, StatusCode::SERVICE_UNAVAILABLE, &page))
        }
        Err(error) => {
            attempt.was_not_judged();
            Err(error.into())
        }
    }
}

fn welcome(
    portal: &Portal,
    visitor: &Visitor,
    login: &str,
    logged_in: &LoggedIn,
    next: String,
    carry: Carry,
) -> Response {
    let device = device_cookie(portal, &portal.desk.name_device(login));
    let cookie =
        AppendHeaders([(header::SET_COOKIE, session_cookie(portal, &logged_in.token)), (header::SET_COOKIE, device)]);
    // A button without fields is pressed again; of an upload without fields nothing is left.
    if !carry.posted.is_empty() || (carry.ended && !carry.upload) {
        let proof = logged_in.token.form_proof();
        let page = ResumePage { action: next, carried: carry.posted, upload: carry.upload, proof };
        return (cookie, ok(portal, visitor, &page)).into_response();
    }
    let actor = &logged_in.actor;
    let home = match actor {
        Actor::Officer { .. } if may(actor, Deed::ReadDesk, None) => "/desk",
        Actor::Officer { .. } if may(actor, Deed::ReadStatistics, None) => "/figures",
        Actor::Officer { .. } | Actor::System => "/procedures",
        Actor::Applicant { .. } => "/account",
    };
    (cookie, Redirect::to(if next == "/" { home } else { &next })).into_response()
}

/// `POST /logout`
pub async fn logout(State(portal): State<Portal>, visitor: Visitor, _: Posted) -> Result<Response, Failure> {
    portal.desk.log_out(visitor.token()).await?;
    Ok(Redirect::to("/").into_response())
}

/// Opening an account.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RegisterPage {
    pub name: String,
    pub phone: String,
    pub email: String,
    /// The e-mail address is to be the log-in, because the phone number is taken.
    pub by_email: bool,
    /// The rule that was broken, under `refusal-<code>`.
    pub problem: Option<String>,
    pub next: String,
}

impl Page for RegisterPage {
    const TEMPLATE: &'static str = "register.html";
    fn samples() -> Vec<Self> {
        let broken =
            |rule: &str| Self { name: "An".into(), problem: Some(rule.into()), next: "/".into(), ..Self::default() };
        let rules = [
            "name",
            "phone",
            "email",
            "email-taken",
            "phone-taken",
            "password-short",
            "password-long",
            "password-common",
        ];
        std::iter::once(Self::default()).chain(rules.into_iter().map(broken)).collect()
    }
}

/// `GET /register?next=`
pub async fn register_form(State(portal): State<Portal>, visitor: Visitor, Query(query): Query<Next>) -> Response {
    ok(&portal, &visitor, &RegisterPage { next: own_path(&query.next), ..RegisterPage::default() })
}

/// `POST /register`: opens an account and logs in. Posting twice from one page opens one account.
pub async fn register(State(portal): State<Portal>, visitor: Visitor, posted: Posted) -> Result<Response, Failure> {
    let guesser = visitor.guesser(&portal, None);
    portal.throttle.begin(Subject::Any, guesser, portal.desk.now()).map_err(Failure::TooManyTries)?.counts();
    let page = RegisterPage {
        name: posted.get("name").to_owned(),
        phone: posted.get("phone").to_owned(),
        email: posted.get("email").to_owned(),
        by_email: posted.get("by_email") == "yes",
        problem: None,
        next: own_path(posted.get("next")),
    };
    let password = posted.get("password").to_owned();
    let registration = Registration {
        name: page.name.clone(),
        phone: page.phone.clone(),
        email: page.email.clone(),
        password: password.clone(),
        by_email: page.by_email,
    };
    let command = command(posted.get("proof"), &("register", &page.name, &page.phone, &page.email, page.by_email))?;
    match portal.desk.register_by(&command, registration).await {
        Ok(_) => {
            let login = if page.by_email { &page.email } else { &page.phone };
            let logged_in = portal.desk.log_in(login, &password).await?;
            Ok(welcome(&portal, &visitor, login, &logged_in, page.next.clone(), Carry::default()))
        }
        Err(Error::Invalid(rule)) => {
            let page = RegisterPage { problem: Some(rule.word().to_owned()), ..page };
            Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(error) => Err(error.into()),
    }
}
