//! Logging out here, and the offer to log out at a provider too.

use crate::pages::render::ok;
use crate::state::Portal;
use crate::theme::Page;
use crate::web::address;
use crate::web::failure::Failure;
use crate::web::visitor::{PostedForm, Visitor};
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Serialize;

/// The page after logging out here, if the person logged in at a provider, where they are still logged in.
#[derive(Debug, Clone, Serialize)]
pub struct LoggedOutPage {
    /// The name of the provider.
    pub provider: String,
    /// The address at which the person logs out there too.
    pub to: String,
}

impl Page for LoggedOutPage {
    const TEMPLATE: &'static str = "logged_out.html";
    fn samples() -> Vec<Self> {
        vec![Self { provider: "VNeID".into(), to: "https://id.example.vn/logout".into() }]
    }
}

/// `POST /logout`: logs out here, and offers to log out at the provider too.
///
/// The offer is a link, because a form of ours is sent nowhere else.
pub async fn post(State(portal): State<Portal>, visitor: Visitor, _: PostedForm) -> Result<Response, Failure> {
    let people = &portal.services.people;
    let back = format!("{}{}", portal.settings.base_url, address::HOME);
    // The person is logged out here, whatever is known of the provider.
    let there = people.log_out_at(visitor.token(), &back).await.unwrap_or_default();
    people.log_out(visitor.token()).await?;
    let Some((name, to)) = there.filter(|_| visitor.session().is_some()) else {
        return Ok(Redirect::to(address::HOME).into_response());
    };
    let stranger = visitor.without_session();
    let page = LoggedOutPage { provider: name.get(visitor.language()).to_owned(), to };
    Ok(ok(&portal, &stranger, &page))
}
