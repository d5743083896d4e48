//! The wish of an officer about the daily digest by e-mail.

use crate::pages::render::{html, in_language, ok};
use crate::state::Portal;
use crate::theme::Page;
use crate::view::format;
use crate::web::address;
use crate::web::failure::Failure;
use crate::web::person::{Officer, Person, PostedBy};
use crate::web::typing::Query;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use motcua_service::Error;
use serde::{Deserialize, Serialize};

/// The wish of an officer about digests.
#[derive(Debug, Clone, Default, Serialize)]
pub struct DigestPage {
    /// The portal sends mails.
    pub available: bool,
    /// The address to which digests go, or an empty text if the officer wants none.
    pub address: String,
    /// The typed address, or the one to which digests go.
    pub typed: String,
    /// The time at which the mail server refused the address for good, or an empty text. It gets no mails.
    pub refused: String,
    /// The digests are written in the other language than the page.
    pub other_language: bool,
    /// The wish was just stored.
    pub done: bool,
    /// The rule that was broken, under `refusal-<code>`, or an empty text.
    pub refusal: &'static str,
}

impl Page for DigestPage {
    const TEMPLATE: &'static str = "digest.html";
    fn samples() -> Vec<Self> {
        let off = Self { available: true, ..Self::default() };
        let address = "mai@example.vn".to_owned();
        let on = Self { address: address.clone(), typed: address, done: true, ..off.clone() };
        let refused = Self { refused: "24/11/2026 08:00".into(), done: false, ..on.clone() };
        let other = Self { other_language: true, ..on.clone() };
        let wrong = Self { typed: "mai".into(), refusal: "email", ..off.clone() };
        vec![Self::default(), off, on, refused, other, wrong]
    }
}

/// The word for what was just done.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct DigestQuery {
    #[serde(default)]
    done: String,
}

async fn page_of(portal: &Portal, visitor: &Person) -> Result<DigestPage, Failure> {
    let language = visitor.language();
    let Some(wish) = portal.services.mail.digest_wish(visitor.actor()).await? else { return Ok(DigestPage::default()) };
    let other_language = wish.address.is_some() && wish.language != language;
    let address = wish.address.unwrap_or_default();
    let refused = wish.refused_at.map_or_else(String::new, |at| format::second(at, language));
    Ok(DigestPage {
        available: true,
        typed: address.clone(),
        address,
        refused,
        other_language,
        ..DigestPage::default()
    })
}

/// `GET /desk/notices`: the address to which digests go.
pub async fn show(
    State(portal): State<Portal>,
    Query(query): Query<DigestQuery>,
    visitor: Officer,
) -> Result<Response, Failure> {
    let page = DigestPage { done: query.done == "yes", ..page_of(&portal, &visitor).await? };
    Ok(ok(&portal, &visitor, &page))
}

/// `POST /desk/notices`: lets digests go to an address in the language of the page, or ends them.
pub async fn choose(
    State(portal): State<Portal>,
    PostedBy(visitor, posted): PostedBy<Officer>,
) -> Result<Response, Failure> {
    let typed = posted.get("address").trim().to_owned();
    if let Some(language) = posted.language(&portal) {
        let page = DigestPage { typed, ..page_of(&portal, &visitor.reading(language)).await? };
        return Ok(in_language(&portal, &visitor, language, &page));
    }
    let (mail, actor) = (&portal.services.mail, visitor.actor());
    let done = if posted.get("wanted") == "no" {
        mail.end_digests(actor).await
    } else {
        mail.send_digests(actor, &typed, visitor.language()).await
    };
    match done {
        Ok(()) => Ok(Redirect::to(address::DIGEST_CHANGED).into_response()),
        Err(Error::Invalid(rule)) => {
            let page = DigestPage { typed, refusal: rule.word(), ..page_of(&portal, &visitor).await? };
            Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(error) => Err(error.into()),
    }
}
