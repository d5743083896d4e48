//! Paying over a payment gateway: the page from which people go there, the way back, and the call-back of the gateway.

use crate::pages::render::html;
use crate::state::Portal;
use crate::theme::Page;
use crate::web::address::code;
use crate::web::failure::Failure;
use crate::web::person::{Applicant, PostedBy};
use crate::web::security::allow_form;
use crate::web::visitor::{Visitor, command};
use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::names::DossierCode;
use motcua_service::{Error, OnlinePayment, OnlineState};
use serde::Serialize;

/// The word for a payment of which the portal knows nothing for certain.
const UNKNOWN: &str = "unknown";

/// The page from which an applicant goes to the payment gateway.
#[derive(Debug, Clone, Serialize)]
pub struct PayPage {
    /// The code of the dossier.
    pub code: String,
    /// The amount that can be paid now with its unit, or an empty text.
    pub owed: String,
    /// The word for the last payment that was begun, under `pay-state-<word>`, or an empty text.
    pub last: &'static str,
    /// The rule that was broken, under `refusal-<code>`, or an empty text.
    pub problem: &'static str,
}

/// The page to which a browser comes back from the payment gateway.
#[derive(Debug, Clone, Serialize)]
pub struct PayReturnPage {
    /// The code of the dossier, or an empty text if the portal knows nothing for certain.
    pub code: String,
    /// The amount with its unit, or an empty text.
    pub amount: String,
    /// The word for the state of the payment, under `pay-state-<word>`.
    pub state: &'static str,
}

impl Page for PayPage {
    const TEMPLATE: &'static str = "pay.html";
    fn samples() -> Vec<Self> {
        let page = |owed: &str, last, problem| {
            let (code, owed) = ("H09.01-261124-0001".to_owned(), owed.to_owned());
            Self { code, owed, last, problem }
        };
        let states = OnlineState::ALL.map(|state| page("2 đ", state.name(), ""));
        [page("", "", "nothing-owed"), page("2 đ", "", "")].into_iter().chain(states).collect()
    }
}

impl Page for PayReturnPage {
    const TEMPLATE: &'static str = "pay_return.html";
    fn samples() -> Vec<Self> {
        let known = OnlineState::ALL.map(|state| Self {
            code: "H09.01-261124-0001".into(),
            amount: "2 đ".into(),
            state: state.name(),
        });
        known.into_iter().chain([Self { code: String::new(), amount: String::new(), state: UNKNOWN }]).collect()
    }
}

async fn answer(
    portal: &Portal,
    visitor: &Applicant,
    code: &DossierCode,
    problem: &'static str,
) -> Result<Response, Failure> {
    let offer = portal.services.payments.offer(visitor.actor(), code).await?;
    let page = PayPage {
        code: code.to_string(),
        owed: offer.owed.map_or_else(String::new, |owed| owed.shown(visitor.language())),
        last: offer.last.map_or("", |last| last.state.name()),
        problem,
    };
    let status = if problem.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut response = html(portal, visitor, status, &page);
    if let Some(origin) = portal.services.payments.origin() {
        allow_form(&mut response, origin);
    }
    Ok(response)
}

/// `GET /dossiers/{code}/pay`: the amount to pay, and the button that leads to the gateway.
pub async fn show(
    State(portal): State<Portal>,
    Path(path): Path<String>,
    visitor: Applicant,
) -> Result<Response, Failure> {
    answer(&portal, &visitor, &code(&path)?, "").await
}

/// `POST /dossiers/{code}/pay`: begins a payment, and sends the browser to the gateway.
pub async fn begin(
    State(portal): State<Portal>,
    Path(path): Path<String>,
    PostedBy(visitor, posted): PostedBy<Applicant>,
) -> Result<Response, Failure> {
    let code = code(&path)?;
    let click = command(posted.get("proof"), &("pay", &code))?;
    let network = visitor.network_name();
    let from = (visitor.language(), network.as_str());
    match Box::pin(portal.services.payments.begin(visitor.actor(), &code, &click, from)).await {
        Ok(address) => Ok(Redirect::to(&address).into_response()),
        Err(Error::Refused(refusal)) if refusal != Refusal::NotAllowed => {
            answer(&portal, &visitor, &code, refusal.code()).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /payment/return`: the state of the payment, for a browser that comes back from the gateway. Its parameters count
/// only if the gateway signed them.
pub async fn back(
    State(portal): State<Portal>,
    RawQuery(query): RawQuery,
    visitor: Visitor,
) -> Result<Response, Failure> {
    let found = Box::pin(portal.services.payments.came_back(&parameters(query))).await?;
    let (status, page) = match found {
        Some(OnlinePayment { code, amount, state }) => {
            let (code, amount) = (code.to_string(), amount.shown(visitor.language()));
            (StatusCode::OK, PayReturnPage { code, amount, state: state.name() })
        }
        None => {
            let page = PayReturnPage { code: String::new(), amount: String::new(), state: UNKNOWN };
            (StatusCode::UNPROCESSABLE_ENTITY, page)
        }
    };
    Ok(html(&portal, &visitor, status, &page))
}

/// `GET /payment/notice`: the call-back of the gateway, which has no session. It is answered after its word is committed.
pub async fn notice(State(portal): State<Portal>, RawQuery(query): RawQuery) -> Response {
    if portal.services.payments.origin().is_none() {
        return StatusCode::NOT_FOUND.into_response();
    }
    let (code, words) = Box::pin(portal.services.payments.called_back(&parameters(query))).await.code();
    let body = serde_json::json!({ "RspCode": code, "Message": words }).to_string();
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// Returns the parameters of an address. Parameters that cannot be read are none, and no signature holds for them.
fn parameters(query: Option<String>) -> Vec<(String, String)> {
    serde_urlencoded::from_str(&query.unwrap_or_default()).unwrap_or_default()
}
