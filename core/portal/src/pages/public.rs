//! Procedures in lists, the language of pages, and addresses without a page.

use crate::state::Portal;
use crate::view::{by_agency, format};
use crate::web::address::{self, own_path};
use crate::web::failure::Failure;
use crate::web::typing::Query;
use crate::web::visitor::language_cookie;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use motcua_domain::people::organisation::Agency;
use motcua_domain::procedure::FormTemplate;
use motcua_domain::text::{Language, Text};
use motcua_service::Error;
use motcua_service::catalogue::OfferAt;
use serde::{Deserialize, Serialize};

/// An agency with its name.
#[derive(Debug, Clone, Serialize)]
pub struct AgencyContext {
    /// The id of the agency, as in `organisation.toml`.
    pub id: String,
    /// The name of the agency.
    pub name: String,
}

impl AgencyContext {
    /// Returns an agency in a language.
    pub fn of(agency: &Agency, language: Language) -> Self {
        Self { id: agency.id.to_string(), name: agency.name.get(language).to_owned() }
    }
}

/// A procedure in a list.
#[derive(Debug, Clone, Serialize)]
pub struct ProcedureLine {
    /// The address of the procedure's page.
    pub url: String,
    /// The name of the procedure.
    pub name: String,
    /// A summary in one or two sentences, or an empty text.
    pub summary: String,
    /// The name of the agency.
    pub agency: String,
    /// Several agencies offer the procedure, and this line is of all of them.
    pub several: bool,
    /// The field of law.
    pub field: String,
    /// The level of the online service, from 1 to 4. Level 4 is wholly online.
    pub level: u8,
    /// The limit for the whole dossier, such as `3 working days`.
    pub limit: String,
    /// The agencies differ in the limit, and it is the shortest and the longest.
    pub limit_by_agency: bool,
}

/// Returns a procedure as a line of a list.
pub fn line(portal: &Portal, offer: OfferAt<'_>, language: Language) -> ProcedureLine {
    let (procedure, count) = (&offer.live.procedure, offer.live.offers.len());
    let (limit, limit_by_agency) = match offer.agency {
        Some(agency) => (format::limit(procedure.limit_in(agency), language), false),
        None => by_agency::limit(procedure, &offer.live.offers, language),
    };
    ProcedureLine {
        url: offer.path(),
        name: procedure.name.get(language).to_owned(),
        summary: procedure.summary.get(language).to_owned(),
        agency: provider(portal, offer).get(language).to_owned(),
        several: offer.agency.is_none() && count > 1,
        field: procedure.field.get(language).to_owned(),
        level: procedure.level,
        limit,
        limit_by_agency,
    }
}

/// Returns the name of the agency that offers a procedure, or the number of agencies.
pub fn provider(portal: &Portal, offer: OfferAt<'_>) -> Text {
    let Some(id) = offer.agency else {
        let count = offer.live.offers.len();
        return if count == 0 {
            Text::default()
        } else {
            Text::new(format!("{count} cơ quan"), format!("{count} agencies"))
        };
    };
    portal.services.province().agency(id).map(|agency| agency.name.clone()).unwrap_or_default()
}

/// Returns the address of a form to download.
pub fn template_url(template: &FormTemplate) -> String {
    address::template(&template.digest, &template.file)
}

pub fn sample_line() -> ProcedureLine {
    ProcedureLine {
        url: "/procedures/so/thu-tuc".into(),
        name: "Thủ tục mẫu".into(),
        summary: "Tóm tắt".into(),
        agency: "Sở Mẫu".into(),
        several: false,
        field: "Lĩnh vực".into(),
        level: 4,
        limit: "3 ngày làm việc".into(),
        limit_by_agency: false,
    }
}

/// The address to go back to.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct BackQuery {
    #[serde(default)]
    back: String,
}

/// `GET /language/{tag}?back=`: changes the language and goes back.
pub async fn language(
    State(portal): State<Portal>,
    Path(tag): Path<String>,
    Query(back): Query<BackQuery>,
) -> Response {
    let cookie = language_cookie(&portal.theme, portal.theme.language(&tag));
    ([(header::SET_COOKIE, cookie)], Redirect::to(&own_path(&back.back))).into_response()
}

/// Answers every unknown address.
pub async fn nothing_here() -> Failure {
    Failure::Services(Error::NotFound)
}
