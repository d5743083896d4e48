//! The log of readings of all dossiers of an applicant.

use crate::pages::render::ok;
use crate::state::Portal;
use crate::theme::Page;
use crate::view::format;
use crate::view::units::agency_name;
use crate::web::failure::Failure;
use crate::web::person::Applicant;
use axum::extract::State;
use axum::response::Response;
use motcua_domain::names::AgencyId;
use motcua_domain::text::Language;
use motcua_service::OwnReading;
use serde::Serialize;

/// The readings of an applicant's dossiers by staff.
#[derive(Debug, Clone, Serialize)]
pub struct ReadersPage {
    /// The readings, the latest first.
    pub readings: Vec<ReaderLine>,
    /// There are earlier readings.
    pub more: bool,
}

/// A reading of a dossier by a member of the staff, or of the account by a counter.
#[derive(Debug, Clone, Serialize)]
pub struct ReaderLine {
    /// The time of the reading.
    pub at: String,
    /// The code of the dossier, or an empty text for the account.
    pub dossier: String,
    /// The name of the procedure, or an empty text for the account.
    pub procedure: String,
    /// The name of the reader.
    pub name: String,
    /// The posts of the reader at that time. It is empty for commands of the operator and for old readings.
    pub posts: Vec<ReaderPost>,
}

/// A post of a reader.
#[derive(Debug, Clone, Serialize)]
pub struct ReaderPost {
    /// The name of the agency.
    pub agency: String,
    /// The word for the role, under `role-<word>`.
    pub role: String,
}

impl Page for ReadersPage {
    const TEMPLATE: &'static str = "readers.html";
    fn samples() -> Vec<Self> {
        let post = ReaderPost { agency: "Sở Mẫu".into(), role: "specialist".into() };
        let line = |posts| ReaderLine {
            at: "24/11/2026 08:00".into(),
            dossier: "H09.01-261124-0001".into(),
            procedure: "Thủ tục".into(),
            name: "Lê Thị Mai".into(),
            posts,
        };
        let account = ReaderLine { dossier: String::new(), procedure: String::new(), ..line(vec![post.clone()]) };
        let readings = vec![account, line(vec![post.clone()]), line(vec![post.clone(), post]), line(vec![])];
        vec![Self { readings: vec![], more: false }, Self { readings, more: true }]
    }
}

/// `GET /account/readings`: the readings of the applicant's dossiers by staff, each with the posts of the reader.
pub async fn show(State(portal): State<Portal>, visitor: Applicant) -> Result<Response, Failure> {
    let language = visitor.language();
    let (readings, more) = portal.services.lists.own_readings(visitor.actor()).await?;
    let readings = readings.into_iter().map(|reading| line(&portal, reading, language)).collect();
    Ok(ok(&portal, &visitor, &ReadersPage { readings, more }))
}

fn line(portal: &Portal, reading: OwnReading, language: Language) -> ReaderLine {
    let agencies = &portal.services.province().agencies;
    let post = |(id, role): (String, String)| {
        let agency = agency_name(agencies, &AgencyId(id), language);
        ReaderPost { agency, role }
    };
    ReaderLine {
        at: format::second(reading.at, language),
        dossier: reading.dossier,
        procedure: reading.procedure.get(language).to_owned(),
        name: reading.name,
        posts: reading.posts.into_iter().map(post).collect(),
    }
}
