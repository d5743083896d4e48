//! The beginning and the end of a draft.

use crate::pages::eligibility::{KEEP_BEGUN, TAKE_GIVEN, choice};
use crate::pages::procedure::at;
use crate::state::Portal;
use crate::web::address;
use crate::web::again::WISH;
use crate::web::failure::Failure;
use crate::web::person::{Applicant, Person, PostedBy};
use crate::web::typing::with_language;
use crate::web::visitor::PostedForm;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use motcua_domain::people::organisation::Actor;
use uuid::Uuid;

/// `POST /procedures/{agency}/{slug}/apply`: begins a draft. The log-in of a person who is not logged in begins it.
pub async fn start(
    State(portal): State<Portal>,
    Path((agency, slug)): Path<(String, String)>,
    PostedBy(applicant, posted): PostedBy<Applicant>,
) -> Result<Response, Failure> {
    begin(&portal, &applicant, (&agency, &slug), posted).await
}

/// Begins a draft at the agency, or continues an existing one, and returns the redirection to it. A new draft takes the
/// answers that were given before the form, and the facts of an earlier result of the applicant if the form names one.
/// If an existing draft has other answers, the applicant chooses which of them to keep.
pub async fn begin(
    portal: &Portal,
    applicant: &Applicant,
    (agency, slug): (&str, &str),
    mut posted: PostedForm,
) -> Result<Response, Failure> {
    with_language(&mut posted.0, applicant.language());
    let found = at(portal, agency, slug)?;
    let (agency, code) = (found.agency.as_ref(), &found.live.procedure.code);
    if agency.is_none() && found.live.procedure.led_by.is_none() {
        // The page has the agencies, among which the applicant chooses.
        return Ok(Redirect::to(&found.offer().path()).into_response());
    }
    let takes_given = posted.get(WISH) == TAKE_GIVEN;
    let is_chosen = takes_given || posted.get(WISH) == KEEP_BEGUN;
    if !is_chosen && let Some(shown) = choice(portal, applicant, found.offer(), &posted).await? {
        return Ok(shown);
    }
    let id = portal.services.drafts.start_draft_with(applicant.actor(), code, agency, &posted.0).await?;
    if takes_given {
        portal.services.drafts.take_given(applicant.actor(), id, &posted.0).await?;
    }
    // A button beside an earlier result names the dossier that ended with it.
    if !posted.get("result").is_empty() {
        let result = address::code(posted.get("result"))?;
        portal.services.drafts.fill_from_result(applicant.actor(), id, &result).await?;
    }
    Ok(Redirect::to(&address::first_page(id)).into_response())
}

/// `GET /procedures/{agency}/{slug}/apply`: the address after logging in without the form.
pub async fn back_to_procedure(
    State(portal): State<Portal>,
    Path((agency, slug)): Path<(String, String)>,
) -> Result<Redirect, Failure> {
    Ok(Redirect::to(&at(&portal, &agency, &slug)?.offer().path()))
}

/// `POST /drafts/{id}/discard`: deletes the draft.
pub async fn discard(
    State(portal): State<Portal>,
    Path(id): Path<Uuid>,
    PostedBy(visitor, _): PostedBy<Person>,
) -> Result<Redirect, Failure> {
    portal.services.drafts.discard_draft(visitor.actor(), id).await?;
    let is_officer = matches!(visitor.actor(), Actor::Officer { .. });
    Ok(Redirect::to(if is_officer { address::COUNTER } else { address::ACCOUNT }))
}
