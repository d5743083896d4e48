//! Following a dossier without logging in.

use crate::pages::render::{html, in_language, ok, to_wait};
use crate::state::Portal;
use crate::state::throttle::GuessTarget;
use crate::theme::Page;
use crate::view::format;
use crate::view::timeline::{StoryReader, TimelineStep, timeline};
use crate::web::failure::Failure;
use crate::web::typing::Query;
use crate::web::visitor::{PostedForm, Visitor};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use motcua_domain::names::DossierCode;
use motcua_domain::text::narrow;
use motcua_service::Error;
use serde::{Deserialize, Serialize};

/// The page for following a dossier without logging in.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LookUpPage {
    /// The typed code, or the one in the address.
    pub code: String,
    /// The typed digits of the phone number.
    pub digits: String,
    /// No dossier has this code with this phone number.
    pub not_found: bool,
    /// The minutes until the next try is allowed, or 0.
    pub wait: i64,
    /// The dossier, or none until it was found.
    pub found: Option<FoundDossier>,
}

/// The public data of a dossier, without personal data.
#[derive(Debug, Clone, Serialize)]
pub struct FoundDossier {
    /// The code of the dossier.
    pub code: String,
    /// The name of the procedure.
    pub procedure: String,
    /// The word for the status, under `status-<word>`, such as `processing`.
    pub status: &'static str,
    /// The punctuality as a word, under `punctuality-<word>`: `early`, `on-time`, `late`, `not-yet-due` or `overdue`.
    pub punctuality: &'static str,
    /// The time of the filing.
    pub filed: String,
    /// The due time of the whole dossier, or an empty text while none is known.
    pub due: String,
    /// The steps up to now, without names of people.
    pub steps: Vec<TimelineStep>,
}

impl Page for LookUpPage {
    const TEMPLATE: &'static str = "lookup.html";
    fn samples() -> Vec<Self> {
        let found = FoundDossier {
            code: "H09.01-261124-0001".into(),
            procedure: "Thủ tục".into(),
            status: "processing",
            punctuality: "overdue",
            filed: "24/11/2026 08:00".into(),
            due: "27/11/2026 08:00".into(),
            steps: TimelineStep::samples(),
        };
        let typed = Self { code: "H09".into(), digits: "5678".into(), ..Self::default() };
        vec![
            Self::default(),
            Self { not_found: true, ..typed.clone() },
            Self { wait: 1, ..typed.clone() },
            Self { wait: 15, ..typed.clone() },
            Self { found: Some(FoundDossier { due: String::new(), ..found.clone() }), ..typed.clone() },
            Self { found: Some(found), ..typed },
        ]
    }
}

/// The code in the address, such as the one in a QR code.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct CodeQuery {
    #[serde(default)]
    code: String,
}

/// `GET /lookup?code=`: a form for the code and the last digits of the phone number.
pub async fn look_up_form(State(portal): State<Portal>, visitor: Visitor, Query(query): Query<CodeQuery>) -> Response {
    ok(&portal, &visitor, &LookUpPage { code: query.code, ..LookUpPage::default() })
}

/// `POST /lookup`: the state of a dossier, for people who know the code and the last four digits of the phone number.
pub async fn look_up(State(portal): State<Portal>, visitor: Visitor, posted: PostedForm) -> Result<Response, Failure> {
    let language = visitor.language();
    let typed = narrow(posted.get("code")).trim().to_owned();
    let code = DossierCode::parse(&typed);
    let subject = code.as_ref().map_or(GuessTarget::Any, |code| GuessTarget::Dossier(code.as_str()));
    let page = LookUpPage { code: typed, digits: posted.get("digits").to_owned(), ..LookUpPage::default() };
    if let Some(language) = posted.language(&portal) {
        return Ok(in_language(&portal, &visitor, language, &page));
    }
    let attempt = match portal.throttle.begin(subject, visitor.guesser(&portal, None), portal.services.now()) {
        Ok(attempt) => attempt,
        Err(wait) => {
            let page = LookUpPage { wait: wait.minutes(), ..page };
            return Ok(to_wait(&portal, &visitor, wait, &page));
        }
    };
    let found = match &code {
        Some(code) => portal.services.dossiers.look_up(code, narrow(&page.digits).trim()).await,
        None => Err(Error::NotFound),
    };
    let view = match found {
        Ok(view) => {
            attempt.was_right();
            view
        }
        Err(Error::NotFound) => {
            attempt.counts();
            let page = LookUpPage { not_found: true, ..page };
            return Ok(html(&portal, &visitor, StatusCode::NOT_FOUND, &page));
        }
        Err(error) => {
            attempt.was_not_judged();
            return Err(error.into());
        }
    };
    let (dossier, now) = (&view.dossier, portal.services.now());
    let found = FoundDossier {
        code: dossier.filed.code.to_string(),
        procedure: dossier.filed.procedure_name.get(language).to_owned(),
        status: dossier.status().name(),
        punctuality: format::punctuality(dossier.punctuality(now)),
        filed: format::moment(dossier.filed_at, language),
        due: dossier.flow.whole.due().map_or_else(String::new, |due| format::moment(due, language)),
        steps: timeline(&portal.services.province().agencies, now, dossier, None, language, StoryReader::Stranger),
    };
    Ok(ok(&portal, &visitor, &LookUpPage { found: Some(found), ..page }))
}
