//! Deleting the own account.

use crate::pages::account::shown_again;
use crate::pages::own::proven::judged;
use crate::pages::render::{html, ok};
use crate::state::Portal;
use crate::theme::Page;
use crate::web::address;
use crate::web::failure::{Carry, Failure};
use crate::web::person::{Applicant, Kind as _};
use crate::web::visitor::{PostedForm, Visitor};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use motcua_service::InputRule;
use serde::Serialize;

/// The page on which an applicant deletes the account.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LeavingPage {
    /// The name with which the applicant logs in, or an empty text once the account was deleted.
    pub login: String,
    /// The number of dossiers that have not ended. The account cannot be deleted before they do.
    pub open: i64,
    /// The account was deleted.
    pub done: bool,
    /// The box that says that the applicant is sure was ticked.
    pub sure: bool,
    /// The rule that was broken, under `refusal-<code>`, or `not-sure`, or an empty text.
    pub problem: &'static str,
    /// The id of the field with the problem, or an empty text.
    pub field: &'static str,
}

impl Page for LeavingPage {
    const TEMPLATE: &'static str = "leaving.html";
    fn samples() -> Vec<Self> {
        let plain = Self { login: "0912345678".into(), ..Self::default() };
        let sure = Self { sure: true, ..plain.clone() };
        vec![
            plain.clone(),
            Self { open: 2, ..plain.clone() },
            Self { done: true, ..Self::default() },
            Self { problem: "not-sure", field: "sure", ..plain },
            sure.clone().broken(InputRule::PasswordWrong),
            sure.broken(InputRule::OpenDossiers),
        ]
    }
}

impl LeavingPage {
    /// Returns the page that says which rule the form broke.
    fn broken(self, rule: InputRule) -> Self {
        let field = if rule == InputRule::PasswordWrong { "password" } else { "" };
        Self { problem: rule.word(), field, ..self }
    }
}

/// Returns the page for a visitor who is not logged in, if the account was deleted in this browser.
async fn stranger(portal: &Portal, visitor: &Visitor) -> Result<LeavingPage, Failure> {
    if portal.services.account.was_deleted_by(visitor.token()).await? {
        return Ok(LeavingPage { done: true, ..LeavingPage::default() });
    }
    Err(Failure::LogIn(Carry::default()))
}

async fn page_of(portal: &Portal, visitor: &Applicant) -> Result<LeavingPage, Failure> {
    let open = portal.services.account.open_dossiers(visitor.actor()).await?;
    let login = portal.services.people.login_name(visitor.actor()).await?;
    Ok(LeavingPage { login, open, ..LeavingPage::default() })
}

/// `GET /account/delete`: says what is deleted and what stays.
pub async fn show(State(portal): State<Portal>, visitor: Visitor) -> Result<Response, Failure> {
    if visitor.session().is_none() {
        let page = stranger(&portal, &visitor).await?;
        return Ok(ok(&portal, &visitor, &page));
    }
    let visitor = Applicant::of(visitor)?;
    let page = page_of(&portal, &visitor).await?;
    Ok(ok(&portal, &visitor, &page))
}

/// `POST /account/delete`: deletes the account. The password is typed again.
pub async fn delete(State(portal): State<Portal>, visitor: Visitor, posted: PostedForm) -> Result<Response, Failure> {
    if visitor.session().is_none() {
        stranger(&portal, &visitor).await?;
        return Ok(Redirect::to(address::LEAVING).into_response());
    }
    let visitor = Applicant::of(visitor)?;
    let page = LeavingPage { sure: posted.get("sure") == "yes", ..page_of(&portal, &visitor).await? };
    if let Some(shown) = shown_again(&portal, &visitor, &posted, &page) {
        return Ok(shown);
    }
    if !page.sure {
        let page = LeavingPage { problem: "not-sure", field: "sure", ..page };
        return Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let deleted = portal.services.account.delete(visitor.actor(), visitor.token(), posted.get("password"));
    match judged(&portal, &visitor, deleted).await? {
        Ok(()) => Ok(Redirect::to(address::LEAVING).into_response()),
        Err(rule) => Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &page.broken(rule))),
    }
}
