//! A forgotten password.

use crate::pages::account::shown_again;
use crate::pages::render::{html, ok, to_wait};
use crate::state::Portal;
use crate::state::throttle::GuessTarget;
use crate::theme::Page;
use crate::web::address;
use crate::web::device;
use crate::web::failure::Failure;
use crate::web::typing::Query;
use crate::web::visitor::{PostedForm, Visitor};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use motcua_domain::identity;
use motcua_domain::people::organisation::Actor;
use motcua_service::{Error, InputRule};
use serde::{Deserialize, Serialize};

/// The page for a forgotten password. It says the same whether an account exists or not.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ForgottenPage {
    /// The typed phone number or e-mail address with which the person logs in, or an empty text.
    pub login: String,
    /// The portal sends mails or messages to phones. Otherwise a counter helps.
    pub sends_codes: bool,
    /// A code was asked for.
    pub asked: bool,
    /// The password was replaced.
    pub done: bool,
    /// The rule that was broken, under `refusal-<code>`, or an empty text.
    pub problem: &'static str,
    /// The id of the field with the problem, or an empty text.
    pub field: &'static str,
    /// The minutes until the next try is allowed, or 0.
    pub wait: i64,
    /// Too many others do the same at this moment.
    pub busy: bool,
}

impl Page for ForgottenPage {
    const TEMPLATE: &'static str = "forgotten.html";
    fn samples() -> Vec<Self> {
        let plain = Self { sends_codes: true, ..Self::default() };
        let typed = Self { login: "0912345678".into(), asked: true, ..plain.clone() };
        let rules = [
            InputRule::CodeWrong,
            InputRule::PasswordShort,
            InputRule::PasswordLong,
            InputRule::PasswordCommon,
            InputRule::ClaimByStaff,
        ];
        let mut samples = vec![
            Self::default(),
            plain.clone(),
            typed.clone(),
            Self { done: true, ..plain.clone() },
            Self { wait: 5, ..plain.clone() },
            Self { busy: true, ..plain },
        ];
        samples.extend(rules.map(|rule| typed.clone().broken(rule)));
        samples
    }
}

impl ForgottenPage {
    /// Returns the page that says which rule the form broke.
    fn broken(self, rule: InputRule) -> Self {
        let field = match rule {
            InputRule::CodeWrong => "code",
            InputRule::ClaimByStaff => "",
            _ => "password",
        };
        Self { problem: rule.word(), field, ..self }
    }
}

/// The query with the change that was just made.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ForgottenQuery {
    #[serde(default)]
    done: String,
}

/// `GET /password`: asks for the log-in, and for the code that was sent.
pub async fn show(State(portal): State<Portal>, Query(query): Query<ForgottenQuery>, visitor: Visitor) -> Response {
    let sends_codes = portal.services.account.reaches_people();
    let page = ForgottenPage { sends_codes, done: query.done == "yes", ..ForgottenPage::default() };
    ok(&portal, &visitor, &page)
}

/// `POST /password`: sends a code, or sets a new password by the code that was sent.
pub async fn post(
    State(portal): State<Portal>,
    visitor: Visitor,
    headers: HeaderMap,
    posted: PostedForm,
) -> Result<Response, Failure> {
    let has_code = posted.0.iter().any(|(name, _)| name == "code");
    let sends_codes = portal.services.account.reaches_people();
    let login = posted.get("login").trim().to_owned();
    let page = ForgottenPage { login, sends_codes, asked: has_code, ..ForgottenPage::default() };
    if let Some(shown) = shown_again(&portal, &visitor, &posted, &page) {
        return Ok(shown);
    }
    if !has_code {
        return Ok(ask(&portal, &visitor, page));
    }
    // Nobody takes over the account of a person who came with paper while an officer is logged in beside them.
    if visitor.session().is_some_and(|session| matches!(session.actor, Actor::Officer { .. })) {
        return Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &page.broken(InputRule::ClaimByStaff)));
    }
    replace(&portal, &visitor, &posted, &device::words(&headers), page).await
}

/// Sends a code. Requests count as tries of their network.
fn ask(portal: &Portal, visitor: &Visitor, page: ForgottenPage) -> Response {
    let guesser = visitor.guesser(portal, None);
    match portal.throttle.begin(GuessTarget::Any, guesser, portal.services.now()) {
        Ok(attempt) => attempt.counts(),
        Err(wait) => {
            let page = ForgottenPage { wait: wait.minutes(), ..page };
            return to_wait(portal, visitor, wait, &page);
        }
    }
    let asked = portal.services.account.ask_for_password(&page.login, visitor.language(), portal.theme.clone());
    match asked {
        Ok(()) => ok(portal, visitor, &ForgottenPage { asked: true, ..page }),
        Err(_) => html(portal, visitor, StatusCode::SERVICE_UNAVAILABLE, &ForgottenPage { busy: true, ..page }),
    }
}

/// Sets a new password by the code that was sent.
async fn replace(
    portal: &Portal,
    visitor: &Visitor,
    posted: &PostedForm,
    device: &str,
    page: ForgottenPage,
) -> Result<Response, Failure> {
    let account = identity::login(&page.login);
    let guesser = visitor.guesser(portal, Some(&account));
    let attempt = match portal.throttle.begin(GuessTarget::Code(&account), guesser, portal.services.now()) {
        Ok(attempt) => attempt,
        Err(wait) => {
            let page = ForgottenPage { wait: wait.minutes(), ..page };
            return Ok(to_wait(portal, visitor, wait, &page));
        }
    };
    let (code, password) = (posted.get("code"), posted.get("password"));
    let replaced = portal.services.account.replace_password(&page.login, code, password, device).await;
    match replaced {
        Ok(()) => {
            attempt.was_right();
            Ok(Redirect::to(address::PASSWORD_REPLACED).into_response())
        }
        Err(Error::Invalid(rule)) => {
            if rule == InputRule::CodeWrong {
                attempt.counts();
            } else {
                attempt.was_right();
            }
            Ok(html(portal, visitor, StatusCode::UNPROCESSABLE_ENTITY, &page.broken(rule)))
        }
        Err(Error::Busy) => {
            attempt.was_not_judged();
            let page = ForgottenPage { busy: true, ..page };
            Ok(html(portal, visitor, StatusCode::SERVICE_UNAVAILABLE, &page))
        }
        Err(error) => {
            attempt.was_not_judged();
            Err(error.into())
        }
    }
}
