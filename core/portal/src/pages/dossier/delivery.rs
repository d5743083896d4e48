//! The page of a dossier on which the applicant chooses another way to get the result.

use crate::pages::dossier::attempt::MOVED;
use crate::pages::draft::controls::widget;
use crate::pages::render::{html, ok};
use crate::state::Portal;
use crate::theme::Page;
use crate::view::delivery::{asks_address, carrier_fee, delivery_fields, first_of_address};
use crate::view::field::{FieldContext, FindingContext};
use crate::web::address::{self, code};
use crate::web::failure::Failure;
use crate::web::person::{Person, PostedBy};
use crate::web::visitor::{command, language_cookie};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::names::DossierCode;
use motcua_domain::procedure::delivery::{DELIVERY, PostalAddress, questions};
use motcua_service::{DossierChange, Error, typed_in};
use serde::Serialize;
use serde_json::{Map, Value as Json};

/// The choice of another way to get the result.
#[derive(Debug, Clone, Serialize)]
pub struct DeliveryPage {
    /// The code of the dossier.
    pub code: String,
    /// The question for the way, and those for the address once the post is chosen.
    pub fields: Vec<FieldContext>,
    /// The mistakes in the address.
    pub findings: Vec<FindingContext>,
    /// The amount that the carrier takes when it hands the result over, or an empty text if it is not stated.
    pub fee: String,
    /// The rule that was broken, under `refusal-<code>`, or an empty text.
    pub refusal: String,
    /// The name of the question at which the page begins, or an empty text.
    pub focus: String,
}

impl Page for DeliveryPage {
    const TEMPLATE: &'static str = "delivery.html";
    fn samples() -> Vec<Self> {
        let page = Self {
            code: "H09.01-261124-0001".into(),
            fields: vec![widget("choice", false), widget("line", true)],
            findings: vec![],
            fee: "30.000 đ".into(),
            refusal: String::new(),
            focus: "name".into(),
        };
        let finding = FindingContext { path: "name".into(), error: true, text: "Hãy nhập họ tên.".into() };
        let wrong = Self { findings: vec![finding], fee: String::new(), focus: String::new(), ..page.clone() };
        let same = Self { refusal: "nothing-changes".into(), focus: String::new(), ..page.clone() };
        vec![page, wrong, same]
    }
}

/// Returns the page with what was typed, for the applicant who may choose now. `typed` is none for a page that is opened.
async fn page_of(
    portal: &Portal,
    visitor: &Person,
    code: &DossierCode,
    typed: Option<Map<String, Json>>,
    is_judged: bool,
) -> Result<DeliveryPage, Failure> {
    let view = portal.services.dossiers.dossier(visitor.actor(), code).await?;
    if !view.dossier.may_change_delivery(visitor.actor(), &view.procedure) {
        return Err(Error::NotFound.into());
    }
    let (now, language) = (portal.services.now(), visitor.language());
    let known = || view.dossier.post.as_ref().map(PostalAddress::retyped).unwrap_or_default();
    let typed = typed.unwrap_or_else(known);
    let registries = &portal.services.province().registries;
    let (fields, findings) = delivery_fields(&view.procedure, registries, &typed, is_judged, (now, language));
    Ok(DeliveryPage {
        code: code.to_string(),
        fields,
        findings,
        fee: carrier_fee(&view.procedure, language),
        refusal: String::new(),
        focus: String::new(),
    })
}

/// `GET /dossiers/{code}/delivery`: the way to get the result, for the applicant before the result is handed over.
pub async fn show(
    State(portal): State<Portal>,
    Path(path): Path<String>,
    visitor: Person,
) -> Result<Response, Failure> {
    let page = page_of(&portal, &visitor, &code(&path)?, None, false).await?;
    Ok(ok(&portal, &visitor, &page))
}

/// `POST /dossiers/{code}/delivery`: the applicant chooses another way. Posting twice changes it once.
pub async fn change(
    State(portal): State<Portal>,
    Path(path): Path<String>,
    PostedBy(visitor, posted): PostedBy<Person>,
) -> Result<Response, Failure> {
    let code = code(&path)?;
    let typed = typed_in(questions(), &format!("{DELIVERY}."), &posted.0);
    let wish = posted.get("do");
    if let Some(tag) = wish.strip_prefix("language:") {
        let language = portal.theme.language(tag);
        let visitor = visitor.reading(language);
        let page = page_of(&portal, &visitor, &code, Some(typed), false).await?;
        let cookie = [(header::SET_COOKIE, language_cookie(&portal.theme, language))];
        return Ok((cookie, ok(&portal, &visitor, &page)).into_response());
    }
    if wish == "refresh" {
        return Ok(ok(&portal, &visitor, &page_of(&portal, &visitor, &code, Some(typed), false).await?));
    }
    let wanted: DossierChange = Command::ChangeDelivery { typed: typed.clone() }.into();
    let id = command(posted.get("proof"), &(&code, &wanted))?;
    let refusal = match portal.services.dossiers.change(visitor.actor(), &code, id, wanted).await {
        Ok(_) => return Ok(Redirect::to(&address::dossier_done(&code, MOVED, "")).into_response()),
        Err(Error::Refused(refusal)) if refusal != Refusal::NotAllowed => refusal,
        Err(error) => return Err(error.into()),
    };
    // Nobody is blamed for questions that were not on the page.
    let was_asked = asks_address(&posted.0);
    let page = page_of(&portal, &visitor, &code, Some(typed), was_asked).await?;
    let page = match refusal {
        Refusal::Incomplete(_) if was_asked => page,
        Refusal::Incomplete(_) => DeliveryPage { focus: first_of_address(), ..page },
        refusal => DeliveryPage { refusal: refusal.code().to_owned(), ..page },
    };
    Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &page))
}
