//! The people who sign a draft beside the applicant: their invitations by link.

use crate::pages::draft::progress::Progress;
use crate::pages::render::{html, ok};
use crate::state::Portal;
use crate::theme::Page;
use crate::view::signer::SignerContext;
use crate::web::address;
use crate::web::failure::Failure;
use crate::web::person::{Applicant, Person, PostedBy};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Redirect, Response};
use motcua_domain::names::SignerId;
use motcua_service::{Error, InputRule, LinkSecret};
use serde::Serialize;
use uuid::Uuid;

/// The people who sign a draft beside the applicant.
#[derive(Debug, Clone, Serialize)]
pub struct DraftSignersPage {
    /// The draft with its pages.
    pub progress: Progress,
    /// The people who have to sign.
    pub signers: Vec<SignerContext>,
    /// The link that was just made, which is shown once, or an empty text.
    pub link: String,
    /// The mark of the person whom the link invites, or an empty text.
    pub link_for: String,
    /// The rule that was broken, under `refusal-<code>`, or an empty text.
    pub refusal: String,
}

impl Page for DraftSignersPage {
    const TEMPLATE: &'static str = "draft_signers.html";
    const ALWAYS: &'static [&'static str] = &["signer", "person", "secret"];
    fn samples() -> Vec<Self> {
        let page = Self {
            progress: Progress::sample(""),
            signers: SignerContext::samples(),
            link: String::new(),
            link_for: String::new(),
            refusal: String::new(),
        };
        let made = Self { link: "https://x.vn/sign?link=0".into(), link_for: "0".into(), ..page.clone() };
        let refused = Self { refusal: "draft-changed".into(), ..page.clone() };
        vec![page, made, refused]
    }
}

async fn page_of(portal: &Portal, visitor: &Person, id: Uuid) -> Result<DraftSignersPage, Failure> {
    let (language, drafts) = (visitor.language(), &portal.services.drafts);
    let view = drafts.draft(visitor.actor(), id).await?;
    let review = drafts.review(&view).await?;
    let signers = drafts.signers(&view, &review).await?.into_iter().map(|signer| {
        let secret = LinkSecret::random().secret().to_owned();
        SignerContext { secret, ..SignerContext::of(signer, language) }
    });
    Ok(DraftSignersPage {
        signers: signers.collect(),
        progress: Progress::new(&view, "review", portal.services.now(), language),
        link: String::new(),
        link_for: String::new(),
        refusal: String::new(),
    })
}

/// `GET /drafts/{id}/signers`: the people who have to sign, with the states of their invitations.
pub async fn show(State(portal): State<Portal>, Path(id): Path<Uuid>, visitor: Applicant) -> Result<Response, Failure> {
    let page = page_of(&portal, &visitor, id).await?;
    Ok(ok(&portal, &visitor, &page))
}

/// `POST /drafts/{id}/signers`: invites a person and shows the link. Posting twice invites once and shows the same
/// link.
pub async fn invite(
    State(portal): State<Portal>,
    Path(id): Path<Uuid>,
    PostedBy(visitor, posted): PostedBy<Applicant>,
) -> Result<Response, Failure> {
    let (signer, person) = (SignerId(posted.get("signer").to_owned()), posted.get("person"));
    let invited = match LinkSecret::parse(posted.get("secret")) {
        Some(secret) => {
            let invited = portal.services.drafts.invite(visitor.actor(), id, &signer, person, &secret).await;
            invited.map(|()| secret)
        }
        None => Err(Error::Invalid(InputRule::DraftChanged)),
    };
    match invited {
        Ok(secret) => {
            let link = format!("{}{}", portal.settings.base_url, address::sign(secret.secret()));
            let page = page_of(&portal, &visitor, id).await?;
            let page = DraftSignersPage { link, link_for: person.to_owned(), ..page };
            Ok(ok(&portal, &visitor, &page))
        }
        Err(Error::Invalid(rule)) => {
            let page = page_of(&portal, &visitor, id).await?;
            let page = DraftSignersPage { refusal: rule.word().to_owned(), ..page };
            Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /drafts/{id}/signers/{invitation}/revoke`: calls an invitation back. Its link no longer holds, and its consent
/// ends.
pub async fn revoke(
    State(portal): State<Portal>,
    Path((id, invitation)): Path<(Uuid, Uuid)>,
    PostedBy(visitor, _): PostedBy<Applicant>,
) -> Result<Redirect, Failure> {
    portal.services.drafts.call_back(visitor.actor(), id, invitation).await?;
    Ok(Redirect::to(&address::draft(id, "signers")))
}
