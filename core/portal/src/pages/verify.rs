//! The check of a result by somebody to whom it is shown.

use crate::pages::render::{html, in_language, ok, to_wait};
use crate::state::Portal;
use crate::state::throttle::GuessTarget;
use crate::theme::Page;
use crate::view::format;
use crate::view::units::agency_name;
use crate::web::failure::Failure;
use crate::web::visitor::{PostedForm, Visitor};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use motcua_domain::dates::{self, Precision};
use motcua_domain::procedure::result::{ResultStatus, plain_number};
use motcua_domain::text::{Language, narrow};
use motcua_service::{Error, ListedResult};
use serde::Serialize;

/// The page on which a result is checked. It tells nothing but its validity to people who do not have the result.
#[derive(Debug, Clone, Default, Serialize)]
pub struct VerifyPage {
    /// The typed number of the result.
    pub number: String,
    /// The typed name of the holder.
    pub holder: String,
    /// The typed day of issue.
    pub day: String,
    /// The typed day is no day.
    pub is_no_day: bool,
    /// No result has all three.
    pub not_found: bool,
    /// The minutes until the next try is allowed, or 0.
    pub wait: i64,
    /// The result, or none until it was found.
    pub found: Option<VerifiedResult>,
}

/// A result that is genuine.
#[derive(Debug, Clone, Serialize)]
pub struct VerifiedResult {
    /// The number of the result.
    pub number: String,
    /// The words of the result.
    pub name: String,
    /// The name of the agency that issued it.
    pub agency: String,
    /// The day of issue.
    pub from: String,
    /// The last day of the validity, or an empty text if it is unlimited.
    pub until: String,
    /// The standing as a word, under `result-<word>`: `valid`, `expired`, `ended` or `replaced`.
    pub status: &'static str,
    /// The result is valid today.
    pub is_valid: bool,
}

impl VerifiedResult {
    fn of(portal: &Portal, listed: &ListedResult, language: Language) -> Self {
        let ListedResult { result, status } = listed;
        Self {
            number: result.number.clone(),
            name: result.name.get(language).to_owned(),
            agency: agency_name(&portal.services.province().agencies, &result.agency, language),
            from: format::day(result.from, language),
            until: result.until.map_or_else(String::new, |day| format::day(day, language)),
            status: status.name(),
            is_valid: *status == ResultStatus::Valid,
        }
    }
}

impl Page for VerifyPage {
    const TEMPLATE: &'static str = "verify.html";
    fn samples() -> Vec<Self> {
        let found = |status: &'static str, until: &str| VerifiedResult {
            number: "12/GP-STNMT".into(),
            name: "Giấy phép mẫu".into(),
            agency: "Sở Mẫu".into(),
            from: "24/11/2026".into(),
            until: until.into(),
            status,
            is_valid: status == "valid",
        };
        let typed = Self {
            number: "12/GP-STNMT".into(),
            holder: "Công ty An Bình".into(),
            day: "24/11/2026".into(),
            ..Self::default()
        };
        vec![
            Self::default(),
            Self { is_no_day: true, day: "mai".into(), ..typed.clone() },
            Self { not_found: true, ..typed.clone() },
            Self { wait: 1, ..typed.clone() },
            Self { found: Some(found("valid", "24/11/2028")), ..typed.clone() },
            Self { found: Some(found("replaced", "")), ..typed },
        ]
    }
}

/// `GET /verify`: a form for the number, the holder and the day of issue of a result.
pub async fn form(State(portal): State<Portal>, visitor: Visitor) -> Response {
    ok(&portal, &visitor, &VerifyPage::default())
}

/// `POST /verify`: the standing of a result, for people who have it before them.
pub async fn verify(State(portal): State<Portal>, visitor: Visitor, posted: PostedForm) -> Result<Response, Failure> {
    let typed = |name: &str| posted.get(name).trim().to_owned();
    let page =
        VerifyPage { number: typed("number"), holder: typed("holder"), day: typed("day"), ..VerifyPage::default() };
    if let Some(language) = posted.language(&portal) {
        return Ok(in_language(&portal, &visitor, language, &page));
    }
    let Some(day) = dates::read(&page.day, Precision::Day).ok().and_then(dates::PartialDate::day) else {
        let page = VerifyPage { is_no_day: true, ..page };
        return Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    let number = narrow(&page.number);
    let target = plain_number(&number);
    let guesser = visitor.guesser(&portal, None);
    let attempt = match portal.throttle.begin(GuessTarget::Result(&target), guesser, portal.services.now()) {
        Ok(attempt) => attempt,
        Err(wait) => {
            let page = VerifyPage { wait: wait.minutes(), ..page };
            return Ok(to_wait(&portal, &visitor, wait, &page));
        }
    };
    match portal.services.register.verify(&number, &page.holder, day).await {
        Ok(listed) => {
            attempt.was_right();
            let found = VerifiedResult::of(&portal, &listed, visitor.language());
            Ok(ok(&portal, &visitor, &VerifyPage { found: Some(found), ..page }))
        }
        Err(Error::NotFound) => {
            attempt.counts();
            // The check itself did its work.
            Ok(ok(&portal, &visitor, &VerifyPage { not_found: true, ..page }))
        }
        Err(error) => {
            attempt.was_not_judged();
            Err(error.into())
        }
    }
}
