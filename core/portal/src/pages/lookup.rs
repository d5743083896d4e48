//! Following dossiers without logging in.

use crate::pages::render::{html, in_language, ok, to_wait};
use crate::state::Portal;
use crate::state::throttle::{GuessTarget, ThrottleWait};
use crate::theme::Page;
use crate::view::format;
use crate::view::timeline::{StoryReader, TimelineStep, timeline};
use crate::view::units::agency_name;
use crate::web::again::WISH;
use crate::web::failure::Failure;
use crate::web::typing::Query;
use crate::web::visitor::{PostedForm, Visitor};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use motcua_domain::names::DossierCode;
use motcua_domain::text::narrow;
use motcua_service::{Error, PublicDossier};
use serde::{Deserialize, Serialize};

/// The most dossiers that are looked up at once.
const MOST_ROWS: usize = 5;

/// The wish for one more row.
const ADD: &str = "add";

/// The page for following dossiers without logging in.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LookUpPage {
    /// The rows of the form, at least one.
    pub rows: Vec<LookUpRow>,
    /// The form can have one more row.
    pub may_add: bool,
    /// A row was added, and its first field gets the focus.
    pub added: bool,
    /// At least one row has no dossier.
    pub not_found: bool,
    /// The minutes until the next try is allowed, or 0.
    pub wait: i64,
    /// The dossiers that were found.
    pub found: Vec<FoundDossier>,
}

/// A row of the form: a code, and the second secret of its dossier.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LookUpRow {
    /// The number of the row, from 1.
    pub number: usize,
    /// The end of the names of the row's fields: an empty text for the first row, then `.2` and so on.
    pub end: String,
    /// The typed code, or the one in the address.
    pub code: String,
    /// The typed digits of the phone number.
    pub digits: String,
    /// No dossier has this code with this phone number.
    pub not_found: bool,
}

/// The public data of a dossier, without personal data.
#[derive(Debug, Clone, Serialize)]
pub struct FoundDossier {
    /// The code of the dossier.
    pub code: String,
    /// The name of the procedure.
    pub procedure: String,
    /// The name of the agency that has the dossier.
    pub agency: String,
    /// The word for the status, under `status-<word>`, such as `processing`.
    pub status: &'static str,
    /// The punctuality as a word, under `punctuality-<word>`: `early`, `on-time`, `late`, `not-yet-due` or `overdue`.
    pub punctuality: &'static str,
    /// The time of the filing.
    pub filed: String,
    /// The due time of the whole dossier, or an empty text while none is known.
    pub due: String,
    /// The time until which the office waits for the applicant, or an empty text.
    pub waits_until: String,
    /// The new day for the result that the office named because it is late, or an empty text.
    pub promised: String,
    /// The steps up to now, without names of people.
    pub steps: Vec<TimelineStep>,
}

impl Page for LookUpPage {
    const TEMPLATE: &'static str = "lookup.html";
    fn samples() -> Vec<Self> {
        let found = FoundDossier {
            code: "H09.01-261124-0001".into(),
            procedure: "Thủ tục".into(),
            agency: "Sở Mẫu".into(),
            status: "processing",
            punctuality: "overdue",
            filed: "24/11/2026 08:00".into(),
            due: "27/11/2026 08:00".into(),
            waits_until: String::new(),
            promised: "30/11/2026".into(),
            steps: TimelineStep::samples(),
        };
        let row = |number, not_found| LookUpRow {
            code: "H09".into(),
            digits: "5678".into(),
            not_found,
            ..LookUpRow::numbered(number)
        };
        let stopped = FoundDossier {
            due: String::new(),
            promised: String::new(),
            waits_until: "30/11/2026 17:00".into(),
            ..found.clone()
        };
        vec![
            Self::with(vec![LookUpRow::numbered(0)]),
            Self { not_found: true, ..Self::with(vec![row(0, true)]) },
            Self { wait: 1, ..Self::with(vec![row(0, false)]) },
            Self { wait: 15, may_add: false, ..Self::with(vec![row(0, false)]) },
            Self { added: true, ..Self::with(vec![row(0, false), LookUpRow::numbered(1)]) },
            Self { found: vec![stopped], not_found: true, ..Self::with(vec![row(0, false), row(1, true)]) },
            Self { found: vec![found], ..Self::with(vec![row(0, false)]) },
        ]
    }
}

impl LookUpRow {
    /// Returns an empty row, by its number from 0.
    fn numbered(at: usize) -> Self {
        let end = if at == 0 { String::new() } else { format!(".{}", at + 1) };
        Self { number: at + 1, end, ..Self::default() }
    }

    /// Returns the row as it was posted, by its number from 0.
    fn posted(at: usize, posted: &PostedForm) -> Self {
        let row = Self::numbered(at);
        let typed = |name: &str| posted.get(&format!("{name}{}", row.end)).to_owned();
        let (code, digits) = (narrow(&typed("code")).trim().to_owned(), typed("digits"));
        Self { code, digits, ..row }
    }

    const fn is_blank(&self) -> bool {
        self.code.is_empty() && self.digits.is_empty()
    }
}

impl LookUpPage {
    /// Returns a page with these rows, or with an empty one.
    fn with(mut rows: Vec<LookUpRow>) -> Self {
        if rows.is_empty() {
            rows.push(LookUpRow::numbered(0));
        }
        Self { may_add: rows.len() < MOST_ROWS, rows, ..Self::default() }
    }

    /// Returns the page as it was posted, without blank rows.
    fn posted(posted: &PostedForm) -> Self {
        let rows = (0..MOST_ROWS).map(|at| LookUpRow::posted(at, posted)).filter(|row| !row.is_blank());
        // The rows move up into the place of blank ones.
        let rows = rows.enumerate().map(|(at, row)| {
            let LookUpRow { number, end, .. } = LookUpRow::numbered(at);
            LookUpRow { number, end, ..row }
        });
        Self::with(rows.collect())
    }
}

/// The code in the address, such as the one in a QR code.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct CodeQuery {
    #[serde(default)]
    code: String,
}

/// `GET /lookup?code=`: a form for codes, each with the last digits of the phone number.
pub async fn look_up_form(State(portal): State<Portal>, visitor: Visitor, Query(query): Query<CodeQuery>) -> Response {
    let row = LookUpRow { code: query.code, ..LookUpRow::numbered(0) };
    ok(&portal, &visitor, &LookUpPage::with(vec![row]))
}

/// The outcome of one try.
pub enum LookedUp {
    /// The code and the digits belong to this dossier.
    Found(Box<PublicDossier>),
    /// No dossier has both.
    Nothing,
    /// The visitor guessed too often.
    Wait(ThrottleWait),
}

/// Looks a dossier up by its code and the last four digits of the phone number, unless the visitor has to wait.
pub async fn look_up_one(
    portal: &Portal,
    visitor: &Visitor,
    code: Option<&DossierCode>,
    digits: &str,
) -> Result<LookedUp, Failure> {
    let subject = code.map_or(GuessTarget::Any, |code| GuessTarget::Dossier(code.as_str()));
    let attempt = match portal.throttle.begin(subject, visitor.guesser(portal, None), portal.services.now()) {
        Ok(attempt) => attempt,
        Err(wait) => return Ok(LookedUp::Wait(wait)),
    };
    let found = match code {
        Some(code) => portal.services.dossiers.look_up(code, narrow(digits).trim()).await,
        None => Err(Error::NotFound),
    };
    match found {
        Ok(view) => {
            attempt.was_right();
            Ok(LookedUp::Found(Box::new(view)))
        }
        Err(Error::NotFound) => {
            attempt.counts();
            Ok(LookedUp::Nothing)
        }
        Err(error) => {
            attempt.was_not_judged();
            Err(error.into())
        }
    }
}

/// `POST /lookup`: the state of dossiers, for people who know their codes and the last four digits of the phone numbers.
pub async fn look_up(State(portal): State<Portal>, visitor: Visitor, posted: PostedForm) -> Result<Response, Failure> {
    let mut page = LookUpPage::posted(&posted);
    if let Some(language) = posted.language(&portal) {
        return Ok(in_language(&portal, &visitor, language, &page));
    }
    if posted.get(WISH) == ADD {
        let at = page.rows.len();
        if at < MOST_ROWS {
            page.rows.push(LookUpRow::numbered(at));
        }
        let page = LookUpPage { added: at < MOST_ROWS, ..LookUpPage::with(page.rows) };
        return Ok(ok(&portal, &visitor, &page));
    }
    for row in &mut page.rows {
        let code = DossierCode::parse(&row.code);
        match look_up_one(&portal, &visitor, code.as_ref(), &row.digits).await? {
            LookedUp::Found(view) => page.found.push(found(&portal, &visitor, &view)),
            LookedUp::Nothing => row.not_found = true,
            LookedUp::Wait(wait) => {
                page.wait = wait.minutes();
                return Ok(to_wait(&portal, &visitor, wait, &page));
            }
        }
    }
    page.not_found = page.rows.iter().any(|row| row.not_found);
    let status = if page.found.is_empty() { StatusCode::NOT_FOUND } else { StatusCode::OK };
    Ok(html(&portal, &visitor, status, &page))
}

/// Returns the public data of a dossier in the visitor's language.
fn found(portal: &Portal, visitor: &Visitor, view: &PublicDossier) -> FoundDossier {
    let (dossier, now, language) = (&view.dossier, portal.services.now(), visitor.language());
    let agencies = &portal.services.province().agencies;
    let until = dossier.turn().applicant_until();
    let apology = dossier.late_since(now).and_then(|_| dossier.apology());
    FoundDossier {
        code: dossier.filed.code.to_string(),
        procedure: dossier.filed.procedure_name.get(language).to_owned(),
        agency: agency_name(agencies, &dossier.place.agency, language),
        status: dossier.status().name(),
        punctuality: format::punctuality(dossier.punctuality(now)),
        filed: format::moment(dossier.filed_at, language),
        due: dossier.flow.whole.due().map_or_else(String::new, |due| format::moment(due, language)),
        waits_until: until.map_or_else(String::new, |until| format::moment(until, language)),
        promised: apology.map_or_else(String::new, |(_, day)| format::day(day, language)),
        steps: timeline(agencies, now, dossier, None, language, StoryReader::Stranger),
    }
}
