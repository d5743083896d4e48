//! The rating at a counter: a page for a tablet that stands there, without a log-in.
//!
//! Every page but the empty first one goes back to it by itself, so that nobody sees what the person before typed.

use crate::pages::dossier::attempt::CriterionContext;
use crate::pages::lookup::{LookedUp, look_up_one};
use crate::pages::render::{html, in_language, ok, to_wait};
use crate::state::Portal;
use crate::theme::{Page, PageLanguage};
use crate::web::address;
use crate::web::again::{PROOF, WISH};
use crate::web::failure::Failure;
use crate::web::typing::Query;
use crate::web::visitor::{PostedForm, Visitor, command};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use motcua_domain::dossier::event::{CRITERIA, Rating};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::names::DossierCode;
use motcua_domain::text::narrow;
use motcua_service::Error;
use serde::{Deserialize, Serialize};

/// The word for the page that asks for the code.
const CODE: &str = "code";

/// The word for the page that asks for the rating.
const RATE: &str = "rate";

/// The word for the page that thanks.
const DONE: &str = "done";

/// The wish for more time, which shows the page again.
const MORE: &str = "more";

/// The seconds after which a page with something typed goes back to the first one.
const PATIENCE: u32 = 180;

/// The seconds after which the thanks go back to the first page.
const THANKS: u32 = 15;

/// The page for a tablet at a counter.
#[derive(Debug, Clone, Default, Serialize)]
pub struct KioskPage {
    /// The page as a word: `code`, `rate` or `done`.
    pub step: &'static str,
    /// The typed code.
    pub code: String,
    /// The typed digits of the phone number.
    pub digits: String,
    /// The name of the procedure, or an empty text while the dossier is not known.
    pub procedure: String,
    /// The criteria with the chosen points.
    pub criteria: Vec<CriterionContext>,
    /// No dossier has this code with this phone number.
    pub not_found: bool,
    /// The minutes until the next try is allowed, or 0.
    pub wait: i64,
    /// The word for the rule against the rating, under `refusal-<word>`, or an empty text.
    pub refusal: &'static str,
    /// The minutes after which the page goes back to the first one, or 0 if it stays.
    pub minutes: u32,
}

impl Page for KioskPage {
    const TEMPLATE: &'static str = "kiosk.html";
    fn samples() -> Vec<Self> {
        let first = Self { step: CODE, ..Self::default() };
        let typed = Self { code: "H09".into(), digits: "5678".into(), minutes: PATIENCE / 60, ..first.clone() };
        let criteria = CRITERIA.into_iter().zip([Some(2), None, Some(1), Some(0), None]);
        let criteria = criteria.map(|(name, points)| CriterionContext { name, points }).collect();
        let rate = Self { step: RATE, procedure: "Thủ tục".into(), criteria, ..typed.clone() };
        vec![
            first,
            Self { not_found: true, ..typed.clone() },
            Self { wait: 15, ..typed.clone() },
            Self { refusal: "not-ended", ..typed },
            Self { refusal: "bad-rating", ..rate.clone() },
            rate,
            Self { step: DONE, ..Self::default() },
        ]
    }
}

/// The outcome of a rating in the address.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct KioskQuery {
    #[serde(default)]
    done: String,
}

/// Lets a page go back to the first one after some seconds. Browsers do so without script.
fn back_after(seconds: u32, page: Response) -> Response {
    ([(header::REFRESH, format!("{seconds}; url={}", address::KIOSK))], page).into_response()
}

/// `GET /kiosk?done=`: the first page, or the thanks.
pub async fn show(State(portal): State<Portal>, visitor: Visitor, Query(query): Query<KioskQuery>) -> Response {
    if query.done.is_empty() {
        return ok(&portal, &visitor, &KioskPage { step: CODE, ..KioskPage::default() });
    }
    back_after(THANKS, ok(&portal, &visitor, &KioskPage { step: DONE, ..KioskPage::default() }))
}

/// `POST /kiosk`: asks for the rating of a dossier, or takes the rating.
pub async fn post(State(portal): State<Portal>, visitor: Visitor, posted: PostedForm) -> Result<Response, Failure> {
    let page = answer(&portal, &visitor, &posted).await?;
    let done = || Redirect::to(address::KIOSK_DONE).into_response();
    Ok(page.map_or_else(done, |page| back_after(PATIENCE, page)))
}

/// Returns the page that follows a form, or none when the dossier is rated.
async fn answer(portal: &Portal, visitor: &Visitor, posted: &PostedForm) -> Result<Option<Response>, Failure> {
    let typed = |name: &str| narrow(posted.get(name)).trim().to_owned();
    let page = KioskPage {
        step: CODE,
        code: typed("code"),
        digits: typed("digits"),
        minutes: PATIENCE / 60,
        ..KioskPage::default()
    };
    let (rates, language) = (posted.get("step") == RATE, posted.language(portal));
    if !rates && let Some(language) = language {
        return Ok(Some(in_language(portal, visitor, language, &page)));
    }
    let code = DossierCode::parse(&page.code);
    let view = match look_up_one(portal, visitor, code.as_ref(), &page.digits).await? {
        LookedUp::Found(view) => view,
        LookedUp::Nothing => {
            let page = KioskPage { not_found: true, ..page };
            return Ok(Some(html(portal, visitor, StatusCode::NOT_FOUND, &page)));
        }
        LookedUp::Wait(wait) => {
            let page = KioskPage { wait: wait.minutes(), ..page };
            return Ok(Some(to_wait(portal, visitor, wait, &page)));
        }
    };
    let dossier = &view.dossier;
    let points = CRITERIA.map(|name| posted.get(name).parse::<u8>().ok());
    let asks = |page: KioskPage| KioskPage {
        step: RATE,
        procedure: dossier
            .filed
            .procedure_name
            .get(language.map_or_else(|| visitor.language(), PageLanguage::content))
            .to_owned(),
        criteria: CRITERIA.into_iter().zip(points).map(|(name, points)| CriterionContext { name, points }).collect(),
        ..page
    };
    if let Some(language) = language {
        return Ok(Some(in_language(portal, visitor, language, &asks(page))));
    }
    let refusal = if rates && posted.get(WISH) != MORE {
        let id = command(posted.get(PROOF), &("kiosk", &dossier.filed.code, points))?;
        let rating = Rating { points: points.map(|of| of.unwrap_or(u8::MAX)), text: String::new(), at_counter: true };
        let rated = portal.services.dossiers.rate_at_counter(&dossier.filed.code, &page.digits, id, rating).await;
        match rated {
            Ok(_) => return Ok(None),
            Err(Error::Refused(refusal)) => Some(refusal),
            Err(error) => return Err(error.into()),
        }
    } else {
        dossier.refuses_rating()
    };
    Ok(Some(match refusal {
        None => ok(portal, visitor, &asks(page)),
        Some(Refusal::BadRating) => {
            let page = KioskPage { refusal: Refusal::BadRating.code(), ..asks(page) };
            html(portal, visitor, StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Some(refusal) => {
            let page = KioskPage { refusal: refusal.code(), ..page };
            html(portal, visitor, StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }))
}
