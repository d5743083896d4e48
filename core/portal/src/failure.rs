//! What a person sees when something was not done: what happened, and what to do next.

use crate::Portal;
use crate::again::Again;
use crate::context::{Shell, html};
use crate::pages::account::LoginPage;
use crate::visitor::Visitor;
use crate::web::request;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use motcua_desk::{Error, Rule};
use motcua_domain::command::Refusal;
use serde::Serialize;
use std::sync::{Arc, Mutex, PoisonError};

/// Why a request was not answered as asked.
#[derive(Debug)]
pub enum Failure {
    Desk(Error),
    /// Somebody has to log in first; what they posted is carried through.
    LogIn(Carry),
    /// The form did not come from a page of ours, or the page is from before the log-in.
    NotOurForm,
    TooLarge,
    /// The body of the request did not arrive in time.
    TooSlow,
    Unreadable,
    TooManyTries,
}

/// What was posted when a session had ended.
#[derive(Debug, Clone, Default)]
pub struct Carry {
    pub posted: Vec<(String, String)>,
    /// It was an upload. Its files are not carried.
    pub upload: bool,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Desk(error)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Desk(Error::Refused(refusal))
    }
}

/// Lets [`render`] find the failure behind an answer.
#[derive(Clone)]
struct Carried(Arc<Mutex<Option<Failure>>>);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(Carried(Arc::new(Mutex::new(Some(self)))));
        response
    }
}

/// Turns failures into pages.
pub async fn render(State(portal): State<Portal>, request: Request, next: Next) -> Response {
    let visitor = request.extensions().get::<Visitor>().cloned();
    let mut response = next.run(request).await;
    let carried = response.extensions_mut().remove::<Carried>();
    let failure = carried.and_then(|carried| carried.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    let failure = failure.or_else(|| misaddressed(&response));
    match (failure, visitor) {
        (Some(failure), Some(visitor)) => page(&portal, &visitor, failure),
        _ => response,
    }
}

/// What the router itself turned away, in plain words for programmers: an address that is none, a method that is not
/// taken there, a query that cannot be read.
fn misaddressed(response: &Response) -> Option<Failure> {
    let html =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let range = response.status() == StatusCode::RANGE_NOT_SATISFIABLE;
    (response.status().is_client_error() && !html && !range).then_some(Failure::Desk(Error::NotFound))
}

/// The answer when a handler panicked. The panic itself is in the log.
pub fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    fault_in_plain_text("a handler panicked", "")
}

/// The page of an error.
#[derive(Debug, Clone, Serialize)]
pub struct ErrorPage {
    /// The title and the advice are under `error-<kind>` and `error-<kind>-next`.
    pub kind: String,
    /// The rule that was broken, under `refusal-<code>`.
    pub refusal: Option<String>,
    /// The number under which the fault stands in the log.
    pub incident: Option<String>,
    /// What was posted, if the page can send it again.
    pub again: Option<Again>,
}

impl crate::theme::Page for ErrorPage {
    const TEMPLATE: &'static str = "error.html";

    fn samples() -> Vec<Self> {
        let page = |kind: &str, refusal: Option<&str>, incident: Option<&str>| Self {
            kind: kind.to_owned(),
            refusal: refusal.map(str::to_owned),
            incident: incident.map(str::to_owned),
            again: None,
        };
        let kinds =
            ["not-our-form", "too-large", "too-slow", "unreadable", "too-many-tries", "not-found", "erased", "busy"];
        let mut samples: Vec<Self> = kinds.into_iter().map(|kind| page(kind, None, None)).collect();
        let codes = Refusal::CODES.iter().copied().chain(Rule::ALL.iter().map(|rule| rule.word()));
        samples.extend(codes.map(|code| page("refused", Some(code), None)));
        samples.push(page("fault", None, Some("00c0ffee")));
        samples.extend(Again::samples().map(|again| Self { again, ..page("unavailable", None, None) }));
        samples
    }
}

/// The page for a failure.
pub fn page(portal: &Portal, visitor: &Visitor, failure: Failure) -> Response {
    let (status, kind, refusal, incident) = match failure {
        Failure::LogIn(carry) => {
            let page = LoginPage::carrying(visitor.path(), carry);
            return html(portal, visitor, StatusCode::UNAUTHORIZED, &page);
        }
        Failure::Desk(Error::NotFound) => (StatusCode::NOT_FOUND, "not-found", None, None),
        Failure::Desk(Error::Refused(Refusal::NotAllowed)) => {
            (StatusCode::FORBIDDEN, "refused", Some("not-allowed".to_owned()), None)
        }
        Failure::Desk(Error::Refused(refusal)) => {
            (StatusCode::UNPROCESSABLE_ENTITY, "refused", Some(refusal.code().to_owned()), None)
        }
        Failure::Desk(Error::Invalid(rule)) => {
            (StatusCode::UNPROCESSABLE_ENTITY, "refused", Some(rule.word().to_owned()), None)
        }
        Failure::Desk(Error::Duplicate) => {
            (StatusCode::UNPROCESSABLE_ENTITY, "refused", Some(Refusal::Changed.code().to_owned()), None)
        }
        Failure::Desk(Error::Unavailable) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable", None, None),
        Failure::Desk(Error::Erased) => (StatusCode::GONE, "erased", None, None),
        Failure::Desk(Error::Fault(fault)) => {
            let incident = request::number();
            // The query may hold what a person typed; the path alone is enough to find the place.
            let path = visitor.path().split('?').next().unwrap_or_default();
            tracing::error!(%incident, %fault, path, "a request failed");
            (StatusCode::INTERNAL_SERVER_ERROR, "fault", None, Some(incident.to_string()))
        }
        Failure::NotOurForm => (StatusCode::FORBIDDEN, "not-our-form", None, None),
        Failure::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too-large", None, None),
        Failure::TooSlow => (StatusCode::REQUEST_TIMEOUT, "too-slow", None, None),
        Failure::Unreadable => (StatusCode::BAD_REQUEST, "unreadable", None, None),
        Failure::TooManyTries => (StatusCode::TOO_MANY_REQUESTS, "too-many-tries", None, None),
    };
    let again = visitor.posted().filter(|_| status == StatusCode::SERVICE_UNAVAILABLE).cloned();
    html(portal, visitor, status, &ErrorPage { kind: kind.to_owned(), refusal, incident, again })
}

/// The last resort, when even the page of an error cannot be rendered.
pub fn bare(shell: &Shell, problem: &minijinja::Error) -> Response {
    fault_in_plain_text(&format!("{problem:#}"), shell.lang)
}

fn fault_in_plain_text(problem: &str, lang: &str) -> Response {
    let incident = request::number();
    tracing::error!(%incident, problem, lang, "a page cannot be shown");
    let text = format!(
        "Lỗi hệ thống, mã {incident}. Vui lòng thử lại sau.\nSystem fault {incident}. Please try again later.\n"
    );
    (StatusCode::INTERNAL_SERVER_ERROR, text).into_response()
}
