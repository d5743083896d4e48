//! The number of the applicant of a dossier, which a counter verifies.

use crate::pages::render::{html, ok};
use crate::state::Portal;
use crate::theme::Page;
use crate::view::format;
use crate::web::address;
use crate::web::again::WISH;
use crate::web::failure::Failure;
use crate::web::person::{Person, PostedBy};
use crate::web::typing::Query;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use motcua_domain::names::DossierCode;
use motcua_service::{Error, InputRule};
use serde::{Deserialize, Serialize};

/// The number of the applicant of a dossier, for a counter.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PhonePage {
    /// The code of the dossier.
    pub code: String,
    /// The name of the applicant.
    pub name: String,
    /// The mobile number with which the dossier was filed.
    pub phone: String,
    /// The time since which the number is known to be the applicant's, or an empty text.
    pub verified: String,
    /// The account of the applicant still has this number.
    pub current: bool,
    /// A counter opened the account, and its owner cannot log in yet.
    pub unclaimed: bool,
    /// The code by which the owner sets the first password, if it was handed out now, or an empty text.
    pub handed: String,
    /// The number was verified now.
    pub done: bool,
    /// The rule that was broken, under `refusal-<code>`, or an empty text.
    pub problem: &'static str,
    /// The id of the field with the problem, or an empty text.
    pub field: &'static str,
}

impl Page for PhonePage {
    const TEMPLATE: &'static str = "phone.html";
    fn samples() -> Vec<Self> {
        let open = Self {
            code: "H09.01-261124-0001".into(),
            name: "Nguyễn Văn An".into(),
            phone: "0912345678".into(),
            current: true,
            ..Self::default()
        };
        let known = Self { verified: "24/11/2026 08:00".into(), ..open.clone() };
        let old = Self { current: false, ..open.clone() };
        let refused = Self { problem: "number-changed", ..old.clone() };
        let unclaimed = Self { unclaimed: true, ..open.clone() };
        let unlike = Self { problem: InputRule::PersonNumber.word(), field: CARD, ..unclaimed.clone() };
        let handed = Self { handed: "12345678".into(), ..unclaimed.clone() };
        let claimed = Self { problem: "account-claimed", ..open.clone() };
        vec![open, unclaimed, unlike, handed, claimed, Self { done: true, ..known.clone() }, known, old, refused]
    }
}

/// The query with the change that was just made.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct PhoneQuery {
    #[serde(default)]
    done: String,
}

async fn page_of(portal: &Portal, visitor: &Person, code: &DossierCode) -> Result<PhonePage, Failure> {
    let phone = portal.services.account.counter_phone(visitor.actor(), code).await?;
    let moment = |at: i64| format::second(at, visitor.language());
    Ok(PhonePage {
        code: code.to_string(),
        name: phone.name,
        phone: phone.phone,
        verified: phone.verified_at.map_or_else(String::new, moment),
        current: phone.is_current,
        unclaimed: phone.is_unclaimed,
        ..PhonePage::default()
    })
}

/// `GET /dossiers/{code}/phone`: the number of the applicant, for the counter of the dossier.
pub async fn show(
    State(portal): State<Portal>,
    Path(path): Path<String>,
    Query(query): Query<PhoneQuery>,
    visitor: Person,
) -> Result<Response, Failure> {
    let page = page_of(&portal, &visitor, &address::code(&path)?).await?;
    Ok(ok(&portal, &visitor, &PhonePage { done: query.done == "yes", ..page }))
}

/// The field with the citizen number, or the scan of the card, of the person who takes the account over.
const CARD: &str = "card";

/// The purpose of the button that hands the account to its owner.
const HAND_OVER: &str = "hand-over";

/// `POST /dossiers/{code}/phone`: the officer has seen that the number is the applicant's, or hands the account that a
/// counter opened to the applicant. The code for it is shown once.
pub async fn verify(
    State(portal): State<Portal>,
    Path(path): Path<String>,
    PostedBy(visitor, posted): PostedBy<Person>,
) -> Result<Response, Failure> {
    let code = address::code(&path)?;
    if posted.get(WISH) == HAND_OVER {
        return hand_over(&portal, &visitor, &code, posted.get(CARD)).await;
    }
    match portal.services.account.verify_phone(visitor.actor(), &code).await {
        Ok(()) => Ok(Redirect::to(&address::phone_verified(&code)).into_response()),
        Err(Error::Invalid(rule)) => {
            let page = PhonePage { problem: rule.word(), ..page_of(&portal, &visitor, &code).await? };
            Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(error) => Err(error.into()),
    }
}

/// Shows the code by which the applicant sets the first password of the account.
async fn hand_over(portal: &Portal, visitor: &Person, code: &DossierCode, card: &str) -> Result<Response, Failure> {
    let handed = match portal.services.account.hand_over(visitor.actor(), code, card).await {
        Ok(handed) => handed,
        Err(Error::Invalid(rule)) => {
            let field = if rule == InputRule::PersonNumber { CARD } else { "" };
            let page = PhonePage { problem: rule.word(), field, ..page_of(portal, visitor, code).await? };
            return Ok(html(portal, visitor, StatusCode::UNPROCESSABLE_ENTITY, &page));
        }
        Err(error) => return Err(error.into()),
    };
    let page = PhonePage { handed, ..page_of(portal, visitor, code).await? };
    Ok(ok(portal, visitor, &page))
}
