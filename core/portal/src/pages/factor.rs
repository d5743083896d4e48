//! The second factor of an officer who is logged in: its state, and setting it up.

use crate::pages::account::shown_again;
use crate::pages::own::proven::judged;
use crate::pages::render::{html, ok};
use crate::state::Portal;
use crate::theme::Page;
use crate::view::format;
use crate::view::otp::otp_address;
use crate::view::vietqr::qr_svg;
use crate::web::failure::Failure;
use crate::web::person::{Kind as _, Officer};
use crate::web::visitor::{PostedForm, Visitor};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use motcua_service::{InputRule, NewFactor};
use serde::Serialize;

/// The second factor of an officer.
#[derive(Debug, Clone, Default, Serialize)]
pub struct FactorPage {
    /// The name with which the officer logs in.
    pub login: String,
    /// The time at which the second factor was set up, or an empty text.
    pub since: String,
    /// The number of recovery codes that were not used.
    pub left: u64,
    /// The nonce that the form for setting up sends back, or an empty text.
    pub nonce: String,
    /// The secret that the app takes, or an empty text.
    pub secret: String,
    /// The same secret as a QR code (SVG), or an empty text.
    pub qr: String,
    /// The recovery codes, after the app was set up. They are shown once.
    pub codes: Vec<String>,
    /// The rule that was broken, under `refusal-<code>`, or an empty text.
    pub problem: &'static str,
    /// The id of the field with the problem, or an empty text.
    pub field: &'static str,
}

impl Page for FactorPage {
    const TEMPLATE: &'static str = "factor.html";
    fn samples() -> Vec<Self> {
        let plain = Self { login: "lan.khdt".into(), ..Self::default() };
        let new = Self {
            nonce: "0".into(),
            secret: "JBSWY3DPEHPK3PXP".into(),
            qr: qr_svg("otpauth://totp/x"),
            ..plain.clone()
        };
        let set = Self { since: "24/11/2026 08:00".into(), left: 10, ..plain };
        let codes = Self { codes: vec!["abcd-efgh-jkmn-pqrs".into()], ..set.clone() };
        let broken = [InputRule::FactorCode, InputRule::PasswordWrong].map(|rule| new.clone().broken(rule));
        [set, codes, new].into_iter().chain(broken).collect()
    }
}

impl FactorPage {
    /// Returns the page that says which rule the form broke.
    fn broken(self, rule: InputRule) -> Self {
        let field = if rule == InputRule::FactorCode { "code" } else { "password" };
        Self { problem: rule.word(), field, ..self }
    }

    /// Returns the page with an app to set up.
    fn setting_up(self, factor: NewFactor, issuer: &str) -> Self {
        let qr = qr_svg(&otp_address(issuer, &factor.login, &factor.secret));
        Self { login: factor.login, nonce: factor.ticket, secret: factor.secret, qr, ..self }
    }
}

/// Returns the page of the officer. `nonce` is that of a form that is shown again, or an empty text.
async fn page_of(portal: &Portal, visitor: &Officer, nonce: &str) -> Result<FactorPage, Failure> {
    let people = &portal.services.people;
    let state = people.factor_state(visitor.actor()).await?;
    let login = people.login_name(visitor.actor()).await?;
    let language = visitor.language();
    let since = state.since.map(|since| format::second(since, language)).unwrap_or_default();
    let page = FactorPage { login, since, left: state.recovery_codes, ..FactorPage::default() };
    if state.since.is_some() {
        return Ok(page);
    }
    let factor = if nonce.is_empty() {
        people.new_factor(visitor.actor()).await?
    } else {
        people.same_factor(visitor.actor(), nonce).await?
    };
    Ok(page.setting_up(factor, portal.services.province().name.get(language)))
}

/// `GET /account/factor`: the state of the officer's second factor, or an app to set up.
pub async fn show(State(portal): State<Portal>, visitor: Officer) -> Result<Response, Failure> {
    let page = page_of(&portal, &visitor, "").await?;
    Ok(ok(&portal, &visitor, &page))
}

/// `POST /account/factor`: sets the second factor up, by the password and a code of the app.
pub async fn set(State(portal): State<Portal>, visitor: Visitor, posted: PostedForm) -> Result<Response, Failure> {
    // A log-in does not carry passwords.
    let visitor = Officer::of(visitor)?;
    let (password, nonce, code) = (posted.get("password"), posted.get("nonce"), posted.get("code"));
    let page = page_of(&portal, &visitor, nonce).await?;
    if let Some(shown) = shown_again(&portal, &visitor, &posted, &page) {
        return Ok(shown);
    }
    let set = portal.services.people.set_factor(visitor.actor(), password, nonce, code);
    match judged(&portal, &visitor, set).await? {
        Ok(codes) => {
            let page = FactorPage { codes: codes.unwrap_or_default(), ..page_of(&portal, &visitor, nonce).await? };
            Ok(ok(&portal, &visitor, &page))
        }
        Err(rule) => {
            let page = page.broken(rule);
            Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
    }
}
