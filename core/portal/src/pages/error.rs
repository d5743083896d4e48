//! The page after a failed request: the failure, and the next step for the person.

use crate::pages::account::LoginPage;
use crate::pages::render::html;
use crate::state::Portal;
use crate::state::throttle::ThrottleWait;
use crate::theme::Page;
use crate::web::address::{self, own_path, page_of_form};
use crate::web::again::AgainForm;
use crate::web::failure::{Carry, Failure, ahead, behind};
use crate::web::visitor::Visitor;
use crate::web::{limits, request};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use motcua_domain::dossier::refusal::Refusal;
use motcua_service::{Error, InputRule, UsedDraft};
use serde::Serialize;

/// Turns failures into pages.
pub async fn render(State(portal): State<Portal>, mut request: Request, next: Next) -> Response {
    let visitor = request.extensions().get::<Visitor>().cloned();
    if let Some(visitor) = &visitor
        && let Some(failure) = ahead(&mut request)
    {
        return page(&portal, visitor, failure);
    }
    let address = request.uri().path_and_query().map_or(0, |address| address.as_str().len());
    let mut response = match address {
        ..=limits::ADDRESS => next.run(request).await,
        _ => Failure::AddressTooLong.into_response(),
    };
    let failure = behind(&mut response).or_else(|| misaddressed(&response));
    match (failure, visitor) {
        (Some(failure), Some(visitor)) => match used_draft(&portal, &visitor, &failure).await {
            Some(used) if visitor.posts() => page(&portal, &visitor, Failure::DraftUsed(used)),
            Some(used) => Redirect::to(&address_of(&used)).into_response(),
            None => page(&portal, &visitor, failure),
        },
        _ => response,
    }
}

/// Returns the outcome of the draft that a person looked for and that no longer exists.
///
/// A person who goes back or reloads after filing must not think that nothing was filed.
async fn used_draft(portal: &Portal, visitor: &Visitor, failure: &Failure) -> Option<UsedDraft> {
    let Failure::Services(Error::NotFound) = failure else { return None };
    let actor = &visitor.session()?.actor;
    let draft = address::draft_of(visitor.path())?.parse().ok()?;
    // If the outcome cannot be read now, the page shows the failure itself.
    portal.services.drafts.used_draft(actor, draft).await.ok().flatten()
}

/// Returns the address at which a person sees the outcome of a draft.
fn address_of(used: &UsedDraft) -> String {
    match used {
        UsedDraft::Filed(code) => address::receipt(code),
        UsedDraft::Supplemented(code) => address::dossier(code),
    }
}

/// Returns the failure behind a rejection by the router itself, whose plain words are for programmers: an unknown
/// address, a method that the address does not accept, an unreadable query.
fn misaddressed(response: &Response) -> Option<Failure> {
    let html =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let range = response.status() == StatusCode::RANGE_NOT_SATISFIABLE;
    (response.status().is_client_error() && !html && !range).then_some(Failure::Services(Error::NotFound))
}

/// The page of an error.
#[derive(Debug, Clone, Serialize)]
pub struct ErrorPage {
    /// The title and the advice are under `error-<kind>` and `error-<kind>-next`.
    pub kind: String,
    /// The rule that was broken, under `refusal-<code>`.
    pub refusal: Option<String>,
    /// The number of the fault in the log.
    pub incident: Option<String>,
    /// The minutes until the next try is allowed, or 0.
    pub minutes: i64,
    /// The posted form, if the page can send it again. The advice is then under `error-<kind>-again`.
    pub again: Option<AgainForm>,
    /// The address for going on, or an empty text.
    pub to: String,
    /// The text of the link to that address.
    pub to_text: &'static str,
}

impl Page for ErrorPage {
    const TEMPLATE: &'static str = "error.html";

    fn samples() -> Vec<Self> {
        let page = |kind: &str, refusal: Option<&str>, incident: Option<&str>| Self {
            kind: kind.to_owned(),
            refusal: refusal.map(str::to_owned),
            incident: incident.map(str::to_owned),
            minutes: 1,
            again: None,
            to: if kind == "not-found" { String::new() } else { "/account".to_owned() },
            to_text: "to-form",
        };
        let kinds = [
            "not-our-form",
            "too-large",
            "too-long",
            "address-too-long",
            "too-slow",
            "unreadable",
            "too-many-tries",
            "not-found",
            "erased",
            "draft-filed",
            "draft-supplemented",
        ];
        let mut samples: Vec<Self> = kinds.into_iter().map(|kind| page(kind, None, None)).collect();
        let codes = Refusal::CODES.iter().copied().chain(InputRule::ALL.iter().map(|rule| rule.word()));
        samples.extend(codes.map(|code| page("refused", Some(code), None)));
        samples.push(page("fault", None, Some("00c0ffee")));
        samples.push(Self { minutes: 15, ..page("too-many-tries", None, None) });
        for kind in ["unavailable", "busy", "fault", "not-our-form"] {
            samples.extend(AgainForm::samples().map(|again| Self { again, ..page(kind, None, None) }));
        }
        samples
    }
}

/// Returns the page for a failure.
pub fn page(portal: &Portal, visitor: &Visitor, failure: Failure) -> Response {
    let wait = if let Failure::TooManyTries(wait) = failure { Some(wait) } else { None };
    let (status, kind, refusal, incident) = match failure {
        Failure::LogIn(carry) => {
            let page = LoginPage::carrying(visitor.path(), Carry { ended: visitor.posts(), ..carry });
            let page = page.offering(portal, visitor);
            return html(portal, visitor, StatusCode::UNAUTHORIZED, &page);
        }
        Failure::Services(Error::NotFound) => (StatusCode::NOT_FOUND, "not-found", None, None),
        Failure::Services(Error::Refused(Refusal::NotAllowed)) => {
            (StatusCode::FORBIDDEN, "refused", Some("not-allowed".to_owned()), None)
        }
        Failure::Services(Error::Refused(refusal)) => {
            (StatusCode::UNPROCESSABLE_ENTITY, "refused", Some(refusal.code().to_owned()), None)
        }
        Failure::Services(Error::Busy | Error::Invalid(InputRule::TooBusy)) => {
            (StatusCode::SERVICE_UNAVAILABLE, "busy", None, None)
        }
        Failure::Services(Error::Invalid(rule)) => {
            (StatusCode::UNPROCESSABLE_ENTITY, "refused", Some(rule.word().to_owned()), None)
        }
        Failure::Services(Error::Duplicate) => {
            (StatusCode::UNPROCESSABLE_ENTITY, "refused", Some(Refusal::Changed.code().to_owned()), None)
        }
        Failure::Services(Error::Unavailable) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable", None, None),
        Failure::Services(Error::Erased) => (StatusCode::GONE, "erased", None, None),
        Failure::Services(Error::Fault(fault)) => {
            let incident = request::number();
            // The query may hold a person's input, and the path alone is enough to find the place.
            let path = visitor.path().split('?').next().unwrap_or_default();
            tracing::error!(%incident, %fault, path, "a request failed");
            (StatusCode::INTERNAL_SERVER_ERROR, "fault", None, Some(incident.to_string()))
        }
        Failure::NotOurForm => (StatusCode::FORBIDDEN, "not-our-form", None, None),
        Failure::TooLarge => {
            let kind = if visitor.uploads() { "too-large" } else { "too-long" };
            (StatusCode::PAYLOAD_TOO_LARGE, kind, None, None)
        }
        Failure::AddressTooLong => (StatusCode::URI_TOO_LONG, "address-too-long", None, None),
        Failure::TooSlow => (StatusCode::REQUEST_TIMEOUT, "too-slow", None, None),
        Failure::Unreadable => (StatusCode::BAD_REQUEST, "unreadable", None, None),
        Failure::TooManyTries(_) => (StatusCode::TOO_MANY_REQUESTS, "too-many-tries", None, None),
        Failure::DraftUsed(used) => return used_page(portal, visitor, &used),
    };
    let again = match kind {
        // The same form is the same command, even if the first one was carried out.
        "unavailable" | "busy" | "fault" => visitor.posted().cloned(),
        // The form is from a page of ours, so it is shown with a current proof.
        "not-our-form" => visitor.posted().map(|form| form.with_proof(visitor.token().form_proof())),
        _ => None,
    };
    let to = if visitor.posts() && kind != "not-found" { back_to(visitor) } else { String::new() };
    let minutes = wait.map_or(0, ThrottleWait::minutes);
    let page = ErrorPage { kind: kind.to_owned(), refusal, incident, minutes, again, to, to_text: "to-form" };
    let answer = html(portal, visitor, status, &page);
    (wait.map(ThrottleWait::header), answer).into_response()
}

/// Returns the page from which a form was posted.
fn back_to(visitor: &Visitor) -> String {
    own_path(&page_of_form(visitor.path()).unwrap_or_else(|| visitor.path().to_owned()))
}

/// Returns the page for a form that came after its draft was filed.
fn used_page(portal: &Portal, visitor: &Visitor, used: &UsedDraft) -> Response {
    let (kind, to_text) = match used {
        UsedDraft::Filed(_) => ("draft-filed", "receipt"),
        UsedDraft::Supplemented(_) => ("draft-supplemented", "follow"),
    };
    let page = ErrorPage {
        kind: kind.to_owned(),
        refusal: None,
        incident: None,
        minutes: 0,
        again: None,
        to: address_of(used),
        to_text,
    };
    html(portal, visitor, StatusCode::CONFLICT, &page)
}
