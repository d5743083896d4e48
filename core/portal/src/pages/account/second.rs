//! The second step of an officer's log-in: a code of an app, or setting the app up.

use super::{LoginPage, after_log_in, shown_again, taken_along, welcome};
use crate::pages::render::{html, ok, to_wait};
use crate::state::Portal;
use crate::state::throttle::GuessTarget;
use crate::theme::Page;
use crate::view::otp::otp_address;
use crate::view::vietqr::qr_svg;
use crate::web::address;
use crate::web::again::CarriedField;
use crate::web::device;
use crate::web::failure::Failure;
use crate::web::visitor::{PostedForm, Visitor, device_cookie, session_cookie};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse as _, Redirect, Response};
use motcua_domain::identity;
use motcua_service::{Error, FactorLogIn, InputRule, NewFactor, login_of_ticket};
use serde::Serialize;

/// The second step of an officer's log-in.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SecondStepPage {
    /// The proof that the password was right, which the form sends back.
    pub ticket: String,
    /// The secret that the app takes, if the officer sets it up, or an empty text.
    pub secret: String,
    /// The same secret as a QR code (SVG), or an empty text.
    pub qr: String,
    /// The rule that was broken, under `refusal-<code>`, or an empty text.
    pub problem: &'static str,
    /// The minutes until the next try is allowed, or 0.
    pub wait: i64,
    /// Too much time has passed since the password, so the log-in begins again.
    pub old: bool,
    /// The recovery codes, after the app was set up. They are shown once.
    pub codes: Vec<String>,
    /// The address after the log-in.
    pub next: String,
    /// The carried fields, as in `LoginPage`.
    pub carried: Vec<CarriedField>,
    /// The session had ended when a form was posted.
    pub ended: bool,
    /// The carried form was an upload.
    pub upload: bool,
    /// The upload was so large that none of its fields are carried.
    pub too_large: bool,
}

impl SecondStepPage {
    /// Returns the step that asks for a code, and leads on as the log-in does.
    pub fn asking(ticket: String, log_in: LoginPage) -> Self {
        let LoginPage { next, carried, ended, upload, too_large, .. } = log_in;
        Self { ticket, next, carried, ended, upload, too_large, ..Self::default() }
    }

    /// Returns the same step with an app to set up, which knows the portal by the name of the province.
    pub fn setting_up(self, portal: &Portal, visitor: &Visitor, factor: &NewFactor) -> Self {
        let issuer = portal.services.province().name.get(visitor.language());
        let qr = qr_svg(&otp_address(issuer, &factor.login, &factor.secret));
        Self { ticket: factor.ticket.clone(), secret: factor.secret.clone(), qr, ..self }
    }
}

impl Page for SecondStepPage {
    const TEMPLATE: &'static str = "second_step.html";
    fn samples() -> Vec<Self> {
        let plain = Self { ticket: "0.1.2.lan.khdt".into(), next: "/desk".into(), ..Self::default() };
        let set_up = Self { secret: "JBSWY3DPEHPK3PXP".into(), qr: qr_svg("otpauth://totp/x"), ..plain.clone() };
        let wrong = |page: &Self| Self { problem: InputRule::FactorCode.word(), ..page.clone() };
        let carried = Self { carried: CarriedField::samples(), ended: true, ..plain.clone() };
        vec![
            wrong(&plain),
            wrong(&set_up),
            Self { wait: 5, ..plain.clone() },
            Self { old: true, ..plain.clone() },
            Self { codes: vec!["abcd-efgh-jkmn-pqrs".into()], ..plain.clone() },
            carried,
            set_up,
            plain,
        ]
    }
}

/// `GET /login/code`: leads to the log-in, because the password comes first.
pub async fn back() -> Redirect {
    Redirect::to(address::LOG_IN)
}

/// `POST /login/code`: opens the session of an officer whose password was right, by a code.
pub async fn code(
    State(portal): State<Portal>,
    visitor: Visitor,
    headers: HeaderMap,
    posted: PostedForm,
) -> Result<Response, Failure> {
    let (next, carry) = taken_along(&posted);
    let ticket = posted.get("ticket");
    let account = identity::login(login_of_ticket(ticket));
    let page = SecondStepPage::asking(ticket.to_owned(), LoginPage::carrying(&next, carry.clone()));
    let page = match portal.services.people.factor_of_ticket(ticket).await {
        Ok(Some(factor)) => page.setting_up(&portal, &visitor, &factor),
        Ok(None) => page,
        Err(Error::Invalid(_)) => SecondStepPage { old: true, ..page },
        Err(error) => return Err(error.into()),
    };
    if let Some(shown) = shown_again(&portal, &visitor, &posted, &page) {
        return Ok(shown);
    }
    if page.old {
        return Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    // Wrong codes and wrong passwords of an account count together.
    let guesser = visitor.guesser(&portal, Some(&account));
    let attempt = match portal.throttle.begin(GuessTarget::Account(&account), guesser, portal.services.now()) {
        Ok(attempt) => attempt,
        Err(wait) => {
            let page = SecondStepPage { wait: wait.minutes(), ..page };
            return Ok(to_wait(&portal, &visitor, wait, &page));
        }
    };
    let done = portal.services.people.finish_log_in(ticket, posted.get("code"), &device::words(&headers)).await;
    match done {
        Ok(FactorLogIn { logged_in, recovery_codes }) if recovery_codes.is_empty() => {
            attempt.was_right();
            Ok(welcome(&portal, &visitor, &account, &logged_in, next, carry).await)
        }
        Ok(FactorLogIn { logged_in, recovery_codes }) => {
            attempt.was_right();
            let device = device_cookie(&portal, &portal.services.people.name_device(&account));
            let session = session_cookie(&portal, &logged_in.token);
            let cookies = AppendHeaders([(header::SET_COOKIE, session), (header::SET_COOKIE, device)]);
            let next = after_log_in(&logged_in.actor, &next).to_owned();
            let page = SecondStepPage { codes: recovery_codes, next, ..SecondStepPage::default() };
            Ok((cookies, ok(&portal, &visitor.with_session(&logged_in), &page)).into_response())
        }
        Err(Error::Invalid(rule)) => {
            attempt.counts();
            let page = SecondStepPage { problem: rule.word(), ..page };
            Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(error) => {
            attempt.was_not_judged();
            Err(error.into())
        }
    }
}
