//! The readings of a dossier by staff.

use crate::pages::render::ok;
use crate::state::Portal;
use crate::theme::Page;
use crate::view::format;
use crate::web::address::code;
use crate::web::failure::Failure;
use crate::web::person::Person;
use axum::extract::{Path, State};
use axum::response::Response;
use motcua_service::DossierReading;
use serde::Serialize;

/// The readings of a dossier by staff.
#[derive(Debug, Clone, Serialize)]
pub struct ReadingsPage {
    pub code: String,
    pub readings: Vec<ReadingLine>,
    /// There are earlier ones.
    pub more: bool,
}

/// A reading of a dossier by a member of the staff.
#[derive(Debug, Clone, Serialize)]
pub struct ReadingLine {
    pub at: String,
    pub name: String,
}

impl Page for ReadingsPage {
    const TEMPLATE: &'static str = "readings.html";
    fn samples() -> Vec<Self> {
        let code = "H09.01-261124-0001".to_owned();
        let reading = ReadingLine { at: "24/11/2026 08:00".into(), name: "Lê Thị Mai".into() };
        vec![
            Self { code: code.clone(), readings: vec![], more: false },
            Self { code, readings: vec![reading], more: true },
        ]
    }
}

/// `GET /dossiers/{code}/readings`: the readings of the dossier by staff, for its applicant and for auditors.
pub async fn readings(
    State(portal): State<Portal>,
    Path(path): Path<String>,
    visitor: Person,
) -> Result<Response, Failure> {
    let code = code(&path)?;
    let (readings, more) = portal.services.lists.readings(visitor.actor(), &code).await?;
    let line = |reading: DossierReading| ReadingLine {
        at: format::second(reading.at, visitor.language()),
        name: reading.name,
    };
    let page = ReadingsPage { code: code.to_string(), readings: readings.into_iter().map(line).collect(), more };
    Ok(ok(&portal, &visitor, &page))
}
