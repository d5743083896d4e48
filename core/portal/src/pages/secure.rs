//! The security of an account: its password, and failed log-ins.

use crate::pages::render::{html, ok};
use crate::state::Portal;
use crate::state::throttle::GuessTarget;
use crate::theme::Page;
use crate::view::format;
use crate::web::address;
use crate::web::failure::Failure;
use crate::web::person::{Kind as _, Person};
use crate::web::typing::Query;
use crate::web::visitor::{PostedForm, Visitor};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::Timestamp;
use motcua_service::{Error, InputRule};
use serde::{Deserialize, Serialize};

/// The security of an account.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SecurityPage {
    /// The times of failed log-ins, the latest first.
    pub failures: Vec<String>,
    /// The password was changed.
    pub changed: bool,
    /// The rule that was broken, under `refusal-<code>`, or an empty text.
    pub refusal: String,
}

impl Page for SecurityPage {
    const TEMPLATE: &'static str = "security.html";
    fn samples() -> Vec<Self> {
        let broken = |rule: &str| Self { refusal: rule.into(), ..Self::default() };
        let rules = ["password-wrong", "password-short", "password-long", "password-common"];
        let failed = Self { failures: vec!["24/11/2026 08:00".into()], changed: true, ..Self::default() };
        [Self::default(), failed].into_iter().chain(rules.into_iter().map(broken)).collect()
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
    Ok(SecurityPage { failures: moments.into_iter().filter_map(moment).collect(), ..SecurityPage::default() })
}

/// `GET /account/security`: failed log-ins, and a form for a new password.
pub async fn show(
    State(portal): State<Portal>,
    Query(done): Query<SecurityQuery>,
    visitor: Person,
) -> Result<Response, Failure> {
    let page = SecurityPage { changed: done.changed == "yes", ..page_of(&portal, &visitor).await? };
    Ok(ok(&portal, &visitor, &page))
}

/// `POST /account/security`: changes the password and ends the other sessions of the person.
pub async fn change(State(portal): State<Portal>, visitor: Visitor, posted: PostedForm) -> Result<Response, Failure> {
    // A log-in does not carry passwords.
    let visitor = Person::of(visitor)?;
    let actor = visitor.actor();
    let person = actor.reference().user().map(ToString::to_string).unwrap_or_default();
    let guesser = visitor.guesser(&portal, None);
    let attempt = portal.throttle.begin(GuessTarget::Password(&person), guesser, portal.services.now());
    let attempt = attempt.map_err(Failure::TooManyTries)?;
    let changed = portal
        .services
        .people
        .change_password(actor, visitor.token(), posted.get("old_password"), posted.get("new_password"))
        .await;
    let rule = match changed {
        Ok(()) => {
            attempt.was_right();
            return Ok(Redirect::to(address::PASSWORD_CHANGED).into_response());
        }
        Err(Error::Invalid(rule)) => rule,
        Err(error) => {
            attempt.was_not_judged();
            return Err(error.into());
        }
    };
    if rule == InputRule::PasswordWrong {
        attempt.counts();
    } else {
        attempt.was_right();
    }
    let page = SecurityPage { refusal: rule.word().to_owned(), ..page_of(&portal, &visitor).await? };
    Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &page))
}
