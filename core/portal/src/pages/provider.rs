//! Logging in at a provider: the way there and the way back.

use crate::pages::account::second::SecondStepPage;
use crate::pages::account::{LoginPage, NextQuery, welcome};
use crate::pages::render::{html, ok};
use crate::state::Portal;
use crate::web::address::{self, own_path};
use crate::web::device;
use crate::web::failure::{Carry, Failure};
use crate::web::origin::require_own_page;
use crate::web::typing::Query;
use crate::web::visitor::Visitor;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use motcua_domain::people::organisation::Actor;
use motcua_service::{Error, InputRule, LogInStep, ProviderOutcome, ReturnedAnswer};
use serde::Deserialize;

/// The parameters with which a browser comes back.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct AnswerQuery {
    #[serde(default)]
    state: String,
    code: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

/// `GET /login/with/{provider}?next=`: sends the browser to the provider.
///
/// It is a link and no form, because a form of ours is sent nowhere else. A page of another site does not begin a log-in.
pub async fn begin(
    State(portal): State<Portal>,
    Path(provider): Path<String>,
    Query(query): Query<NextQuery>,
    headers: HeaderMap,
    visitor: Visitor,
) -> Result<Response, Failure> {
    require_own_page(&headers)?;
    let next = query.path();
    let network = visitor.network_name();
    match portal.services.people.begin_at_provider(&provider, visitor.token(), &network, &next, String::new()).await {
        Ok(address) => Ok(Redirect::to(&address).into_response()),
        Err(Error::Invalid(rule)) => Ok(refused(&portal, &visitor, &next, Carry::default(), rule)),
        Err(error) => Err(error.into()),
    }
}

/// `GET /login/with/{provider}/answer`: checks the answer of the provider, and opens a session under a new token, or asks
/// an officer for the code.
pub async fn answer(
    State(portal): State<Portal>,
    Path(provider): Path<String>,
    Query(query): Query<AnswerQuery>,
    headers: HeaderMap,
    visitor: Visitor,
) -> Result<Response, Failure> {
    let AnswerQuery { state, code, error, iss } = query;
    let answer = ReturnedAnswer { code, error, issuer: iss };
    let actor = visitor.session().map(|session| session.actor.clone());
    let device = device::words(&headers);
    let finished =
        portal.services.people.finish_at_provider(&provider, visitor.token(), actor.as_ref(), &state, answer, &device);
    match Box::pin(finished).await {
        Ok(ProviderOutcome::Recognised { step, login, next, carried }) => {
            Ok(recognised(&portal, &visitor, step, &login, &next, Carry::of_kept(&carried)).await)
        }
        Ok(ProviderOutcome::Linked) => Ok(Redirect::to(address::LOGIN_LINKED).into_response()),
        // A person who goes back after logging in is logged in.
        Err(Error::Invalid(InputRule::ProviderState)) if visitor.session().is_some() => {
            Ok(Redirect::to(address::HOME).into_response())
        }
        Ok(ProviderOutcome::Refused { rule, .. }) if matches!(actor, Some(Actor::Applicant { .. })) => {
            Ok(Redirect::to(&address::login_problem(rule.word())).into_response())
        }
        Ok(ProviderOutcome::Refused { rule, next, carried }) => {
            Ok(refused(&portal, &visitor, &next, Carry::of_kept(&carried), rule))
        }
        Err(Error::Invalid(rule)) => Ok(refused(&portal, &visitor, address::HOME, Carry::default(), rule)),
        Err(error) => Err(error.into()),
    }
}

/// Answers a person whom a provider recognised, as after a right password.
async fn recognised(
    portal: &Portal,
    visitor: &Visitor,
    step: LogInStep,
    login: &str,
    next: &str,
    carry: Carry,
) -> Response {
    match step {
        LogInStep::Done(logged_in) => welcome(portal, visitor, login, &logged_in, own_path(next), carry).await,
        LogInStep::Code(ticket) => {
            ok(portal, visitor, &SecondStepPage::asking(ticket, LoginPage::carrying(next, carry)))
        }
        LogInStep::SetUp(factor) => {
            let page = SecondStepPage::asking(factor.ticket.clone(), LoginPage::carrying(next, carry));
            ok(portal, visitor, &page.setting_up(portal, visitor, &factor))
        }
    }
}

/// Returns the page for logging in, which says why the provider brought nobody in. The password still works.
fn refused(portal: &Portal, visitor: &Visitor, next: &str, carry: Carry, rule: InputRule) -> Response {
    let status = match rule {
        InputRule::ProviderDown => StatusCode::SERVICE_UNAVAILABLE,
        InputRule::ProviderCrowd => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    html(portal, visitor, status, &LoginPage::refused(portal, visitor, next, carry, rule))
}
