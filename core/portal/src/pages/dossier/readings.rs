//! The journal of a dossier, and its readings by staff.

use crate::pages::render::ok;
use crate::state::Portal;
use crate::theme::Page;
use crate::view::format;
use crate::view::timeline::{HappenedContext, StoryReader};
use crate::web::address::code;
use crate::web::failure::Failure;
use crate::web::person::Person;
use axum::extract::{Path, State};
use axum::response::Response;
use motcua_domain::people::organisation::Actor;
use motcua_service::{DossierReading, StoryEvent};
use serde::Serialize;

/// The journal of a dossier, and its readings by staff.
#[derive(Debug, Clone, Serialize)]
pub struct ReadingsPage {
    /// The code of the dossier.
    pub code: String,
    /// All events of the dossier with the hashes of their entries, for officers who may read the journal.
    pub events: Vec<HappenedContext>,
    /// The readings, the latest first.
    pub readings: Vec<ReadingLine>,
    /// There are earlier readings.
    pub more: bool,
}

/// A reading of a dossier by a member of the staff.
#[derive(Debug, Clone, Serialize)]
pub struct ReadingLine {
    /// The time of the reading.
    pub at: String,
    /// The name of the reader.
    pub name: String,
}

impl Page for ReadingsPage {
    const TEMPLATE: &'static str = "readings.html";
    fn samples() -> Vec<Self> {
        let code = "H09.01-261124-0001".to_owned();
        let reading = ReadingLine { at: "24/11/2026 08:00".into(), name: "Lê Thị Mai".into() };
        vec![
            Self { code: code.clone(), events: vec![], readings: vec![], more: false },
            Self { code, events: HappenedContext::samples(), readings: vec![reading], more: true },
        ]
    }
}

/// `GET /dossiers/{code}/readings`: the readings of the dossier by staff, for its applicant and for auditors, and for
/// auditors every event with its hash.
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
    let events = match visitor.actor() {
        Actor::Officer { .. } => portal.services.dossiers.journal_of(visitor.actor(), &code).await?,
        Actor::Applicant { .. } | Actor::System => Vec::new(),
    };
    let agency = portal.theme.text(visitor.page_language(), "agency");
    let entry = |event: StoryEvent| {
        let hash = event.hash.to_string();
        HappenedContext { hash, ..HappenedContext::of(event, &agency, visitor.language(), StoryReader::Staff) }
    };
    let events = events.into_iter().map(entry).collect();
    let readings = readings.into_iter().map(line).collect();
    let page = ReadingsPage { code: code.to_string(), events, readings, more };
    Ok(ok(&portal, &visitor, &page))
}
