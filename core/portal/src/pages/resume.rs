//! The page with a form that was not sent, so that one press sends it.

use crate::pages::render::in_language;
use crate::state::Portal;
use crate::theme::Page;
use crate::web::address::own_path;
use crate::web::again::{CarriedField, PROOF};
use crate::web::typing::Query;
use crate::web::visitor::{PostedForm, Visitor};
use axum::extract::{Path, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};

/// The page after logging in, from which one press sends the form that was posted.
#[derive(Debug, Clone, Serialize)]
pub struct ResumePage {
    /// The address to which the form is posted.
    pub action: String,
    /// The fields of the form that was posted. The list is empty if nothing could be carried.
    pub carried: Vec<CarriedField>,
    /// The form is sent in parts, and its files have to be chosen again.
    pub upload: bool,
    /// The proof as it was posted, so that the form is still the same command. Use it in the place of `shell.proof`.
    pub proof: String,
}

impl Page for ResumePage {
    const TEMPLATE: &'static str = "resume.html";
    fn samples() -> Vec<Self> {
        let page =
            |upload| Self { action: "/drafts/x/1".into(), carried: CarriedField::samples(), upload, proof: "0".into() };
        vec![page(false), page(true), Self { carried: vec![], ..page(false) }]
    }
}

/// The address to which a carried form is posted.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct CarriedQuery {
    #[serde(default)]
    back: String,
    /// `yes` if the form is sent in parts.
    #[serde(default)]
    upload: String,
}

/// `POST /language/{tag}?back=&upload=`: changes the language on a page that carries a form, and carries the form on.
///
/// The proof stays the one that was posted, so that the form is still the same command.
pub async fn language(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path(tag): Path<String>,
    Query(to): Query<CarriedQuery>,
    posted: PostedForm,
) -> Response {
    let proof = posted.get(PROOF).to_owned();
    let carried = CarriedField::all(posted.0.into_iter().filter(|(name, _)| name != PROOF));
    let page = ResumePage { action: own_path(&to.back), carried, upload: to.upload == "yes", proof };
    in_language(&portal, &visitor, portal.theme.language(&tag), &page)
}
