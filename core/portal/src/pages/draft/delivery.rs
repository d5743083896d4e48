//! The page of a draft on which the applicant chooses how to get the result. It looks like a page of the form.

use crate::pages::draft::asked::DELIVERY_PAGE;
use crate::pages::draft::form::{FormPage, JudgedQuery};
use crate::pages::draft::progress::Progress;
use crate::pages::render::{html, ok};
use crate::state::Portal;
use crate::view::delivery::{asks_address, carrier_fee, delivery_fields, first_of_address};
use crate::web::failure::Failure;
use crate::web::person::{Person, PostedBy};
use crate::web::typing::Query;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use motcua_domain::procedure::delivery::{DELIVERY, questions, typed_in_draft};
use motcua_domain::text::Language;
use motcua_service::{DraftView, Error, typed_in};
use serde_json::Value as Json;
use uuid::Uuid;

/// Returns the page, with the findings if the applicant has seen the questions.
fn page_of(portal: &Portal, view: &DraftView, is_judged: bool, language: Language) -> FormPage {
    let now = portal.services.now();
    let registries = &portal.services.province().registries;
    let typed = typed_in_draft(&view.draft.typed);
    let (fields, findings) = delivery_fields(&view.procedure, registries, &typed, is_judged, (now, language));
    let progress = Progress::new(view, DELIVERY_PAGE, now, language);
    let text = |key: &str| portal.theme.text(language, key);
    let fee = match carrier_fee(&view.procedure, language) {
        fee if fee.is_empty() => text("delivery-fee-open"),
        fee => format!("{}: **{fee}**", text("delivery-fee")),
    };
    FormPage {
        title: text("page-delivery"),
        help: format!("{}\n\n{fee}", text("delivery-help")),
        fields,
        findings,
        ..FormPage::empty(progress, DELIVERY_PAGE)
    }
}

/// `GET /drafts/{id}/delivery`: the choice of the way to get the result, if the procedure sends results by post.
pub async fn show(
    State(portal): State<Portal>,
    Path(id): Path<Uuid>,
    Query(query): Query<JudgedQuery>,
    visitor: Person,
) -> Result<Response, Failure> {
    let view = portal.services.drafts.draft(visitor.actor(), id).await?;
    if !view.asks_delivery() {
        return Err(Error::NotFound.into());
    }
    Ok(ok(&portal, &visitor, &page_of(&portal, &view, query.judged, visitor.language())))
}

/// `POST /drafts/{id}/delivery`: saves the choice as it was typed, then goes on, or shows what is missing.
pub async fn save(
    State(portal): State<Portal>,
    Path(id): Path<Uuid>,
    PostedBy(visitor, posted): PostedBy<Person>,
) -> Result<Response, Failure> {
    let (actor, language, now) = (visitor.actor(), visitor.language(), portal.services.now());
    let view = match portal.services.drafts.save_delivery(actor, id, &posted.0).await {
        Ok(view) => view,
        Err(Error::Invalid(rule)) => {
            let mut view = portal.services.drafts.draft(actor, id).await?;
            let typed = typed_in(questions(), &format!("{DELIVERY}."), &posted.0);
            view.draft.typed.insert(DELIVERY.to_owned(), Json::Object(typed));
            let page = FormPage { refusal: rule.word().to_owned(), ..page_of(&portal, &view, false, language) };
            return Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &page));
        }
        Err(error) => return Err(error.into()),
    };
    let wish = posted.get("do");
    if wish == "refresh" {
        let is_judged = posted.get("draft-judged") == "true";
        return Ok(ok(&portal, &visitor, &page_of(&portal, &view, is_judged, language)));
    }
    let leads = Progress::new(&view, DELIVERY_PAGE, now, language).leads(
        &portal.theme,
        DELIVERY_PAGE,
        if wish.is_empty() { "next" } else { wish },
    );
    let leads = leads.ok_or(Error::NotFound)?;
    let goes_on = wish.is_empty() || wish == "next";
    if !goes_on || portal.services.drafts.delivery(&view, now).findings.is_empty() {
        return Ok(leads);
    }
    // Nobody is blamed for questions that were not on the page.
    let was_asked = asks_address(&posted.0);
    let page = page_of(&portal, &view, was_asked, language);
    let focus = if was_asked { String::new() } else { first_of_address() };
    Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &FormPage { focus, ..page }))
}
