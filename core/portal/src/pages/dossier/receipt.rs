//! The receipt of a dossier: form 01 of Circular 01/2018/TT-VPCP.

use crate::pages::dossier::sealed::sealed_at;
use crate::pages::render::ok;
use crate::state::Portal;
use crate::theme::Page;
use crate::view::delivery::DeliveryContext;
use crate::view::format::{self, FeeContext};
use crate::view::represented::RepresentedContext;
use crate::view::timeline::who;
use crate::view::vietqr::qr_svg;
use crate::web::address::{self, code};
use crate::web::failure::Failure;
use crate::web::person::Person;
use axum::extract::{Path, State};
use axum::response::Response;
use jiff::Timestamp;
use motcua_domain::media::AttachedPaper;
use motcua_domain::names::PaperId;
use motcua_domain::procedure::Procedure;
use motcua_domain::text::Language;
use motcua_domain::time::clock::Clock;
use motcua_service::{DossierView, Error};
use serde::Serialize;

/// The receipt: form 01, for keeping and printing.
#[derive(Debug, Clone, Serialize)]
pub struct ReceiptPage {
    /// The code of the dossier.
    pub code: String,
    /// The name of the procedure.
    pub procedure: String,
    /// The name of the agency that received the dossier.
    pub agency: String,
    /// The postal address of the agency, or an empty text.
    pub address: String,
    /// The phone number of the agency, or an empty text.
    pub agency_phone: String,
    /// The name of the applicant.
    pub applicant: String,
    /// The person or the organisation for whom the applicant filed, or none if they filed for themself.
    pub represented: Option<RepresentedContext>,
    /// The phone number of the applicant.
    pub phone: String,
    /// The e-mail address of the applicant, or an empty text.
    pub email: String,
    /// The name of the officer who received the dossier at the counter, or an empty text if it came online.
    pub received_by: String,
    /// The papers with files, and those that the counter has seen.
    pub papers: Vec<ReceivedPaper>,
    /// The limit for the whole dossier, such as `3 working days`.
    pub limit: String,
    /// The time of the filing.
    pub filed: String,
    /// The date of the log's last head if the log has all entries of the dossier, or an empty text.
    pub sealed: String,
    /// The time from which the limit counts.
    pub clock_from: String,
    /// The time of the appointment, or an empty text while the calendar of its year is not announced.
    pub appointment: String,
    /// The appointment was not known when the dossier was filed.
    pub appointment_later: bool,
    /// The delivery by post that was chosen with the filing, or none for the counter.
    pub delivery: Option<DeliveryContext>,
    /// The fees and charges of the filing.
    pub fees: Vec<FeeContext>,
    /// The sum of the fees with its unit.
    pub total: String,
    /// The supplements that the counter received, in their order.
    pub supplements: Vec<SupplementReceipt>,
    /// The due time after these supplements, or an empty text if there is none or it is that of the appointment.
    pub due_now: String,
    /// The whole address of the page on which the dossier can be followed.
    pub look_up: String,
    /// That address as a QR code: an `<svg>` element, to be shown with `safe`.
    pub qr: String,
}

/// A supplement that the counter received.
#[derive(Debug, Clone, Serialize)]
pub struct SupplementReceipt {
    /// The time at which it was received.
    pub at: String,
    /// The name of the officer who received it.
    pub by: String,
    /// The papers that came with it.
    pub papers: Vec<ReceivedPaper>,
}

/// A paper that was received.
#[derive(Debug, Clone, Serialize)]
pub struct ReceivedPaper {
    /// The name of the paper.
    pub name: String,
    /// The word for the kind of paper, under `paper-<word>`.
    pub kind: &'static str,
    /// The number of its files.
    pub files: usize,
    /// The counter has seen the paper.
    pub on_paper: bool,
}

impl Page for ReceiptPage {
    const TEMPLATE: &'static str = "receipt.html";
    fn samples() -> Vec<Self> {
        let paper = |name: &str, kind, files| ReceivedPaper { name: name.into(), kind, files, on_paper: files == 0 };
        let page = Self {
            code: "H09.01-261124-0001".into(),
            procedure: "Thủ tục".into(),
            agency: "Sở Mẫu".into(),
            address: "Đường".into(),
            agency_phone: "0274".into(),
            applicant: "An".into(),
            represented: Some(RepresentedContext::person()),
            phone: "0912345678".into(),
            email: "an@example.vn".into(),
            received_by: "Lan".into(),
            papers: vec![paper("Điều lệ", "copy", 1), paper("Đơn", "original", 2), paper("Giấy", "original", 0)],
            limit: "3 ngày làm việc".into(),
            filed: "24/11/2026 20:00".into(),
            sealed: "24/11/2026 20:05".into(),
            clock_from: "25/11/2026 07:30".into(),
            appointment: "27/11/2026 17:00".into(),
            appointment_later: true,
            delivery: Some(DeliveryContext::sample(true)),
            fees: FeeContext::samples(),
            total: "2 đ".into(),
            supplements: vec![
                SupplementReceipt {
                    at: "26/11/2026 09:00".into(),
                    by: "Lan".into(),
                    papers: vec![paper("Giấy", "original", 0)],
                },
                SupplementReceipt { at: "27/11/2026 09:00".into(), by: "Mai".into(), papers: vec![] },
            ],
            due_now: "30/11/2026 17:00".into(),
            look_up: "https://motcua.example/lookup".into(),
            qr: "<svg></svg>".into(),
        };
        let bare = Self {
            represented: Some(RepresentedContext::organisation()),
            appointment: String::new(),
            appointment_later: false,
            address: String::new(),
            email: String::new(),
            received_by: String::new(),
            sealed: String::new(),
            papers: vec![],
            delivery: None,
            fees: vec![],
            supplements: vec![],
            due_now: String::new(),
            ..page.clone()
        };
        vec![page, bare]
    }
}

/// `GET /dossiers/{code}/receipt`: the receipt with the appointment.
pub async fn show(
    State(portal): State<Portal>,
    Path(path): Path<String>,
    visitor: Person,
) -> Result<Response, Failure> {
    let (language, code) = (visitor.language(), code(&path)?);
    let view = portal.services.dossiers.dossier(visitor.actor(), &code).await?;
    let sealed = sealed_at(&portal, &code, language).await?;
    let (page, _) = receipt(&portal, &view, language).await?;
    Ok(ok(&portal, &visitor, &ReceiptPage { sealed, ..page }))
}

/// Returns the receipt of a dossier without the date of the log, and the time from which the limit counts.
pub async fn receipt(
    portal: &Portal,
    view: &DossierView,
    language: Language,
) -> Result<(ReceiptPage, Timestamp), Failure> {
    let filed = &view.dossier.filed;
    let province = portal.services.province();
    // An agency that was dissolved has a successor.
    let agency = province.agency(&filed.agency).or_else(|| province.agency(&view.dossier.place.agency));
    let agency = agency.ok_or(Error::NotFound)?;
    // The receipt stays as it was first issued. A supplement, another version or another calendar changes nothing.
    let procedure = portal.services.dossiers.filed_under(&view.dossier).await?;
    let answers_at = view.dossier.filed_at;
    let limit = filed.limit.unwrap_or_else(|| procedure.limit_for(&filed.agency, &filed.values, answers_at));
    let since = filed.clock_from.unwrap_or_else(|| began(&filed.clocks.whole, view.dossier.filed_at));
    let appointment = view.dossier.appointment;
    let supplements = view.dossier.received.iter().map(|supplement| SupplementReceipt {
        at: format::moment(supplement.at, language),
        by: who(&supplement.by, language),
        papers: received_papers(&view.procedure, &supplement.papers, &supplement.on_paper, language),
    });
    // The appointment stays as it was promised, and a supplement moves the due time.
    let due = view.dossier.flow.whole.due();
    let due_now = due.filter(|due| !view.dossier.received.is_empty() && Some(*due) != appointment);
    let look_up = format!("{}{}", portal.settings.base_url, address::look_up(&filed.code));
    let page = ReceiptPage {
        code: filed.code.to_string(),
        procedure: filed.procedure_name.get(language).to_owned(),
        agency: agency.name.get(language).to_owned(),
        address: agency.address.get(language).to_owned(),
        agency_phone: agency.phone.clone(),
        applicant: filed.applicant.name.clone(),
        represented: filed.represented().map(RepresentedContext::of),
        phone: filed.applicant.phone.clone(),
        email: filed.applicant.email.clone().unwrap_or_default(),
        received_by: filed.receiving_officer().to_owned(),
        papers: received_papers(&procedure, &filed.papers, &filed.on_paper, language),
        delivery: filed.post.as_deref().map(|post| DeliveryContext::of(Some(post), &procedure, language)),
        due_now: due_now.map_or_else(String::new, |at| format::moment(at, language)),
        supplements: supplements.collect(),
        limit: format::limit(limit, language),
        filed: format::moment(view.dossier.filed_at, language),
        sealed: String::new(),
        clock_from: format::moment(since, language),
        appointment: appointment.map_or_else(String::new, |at| format::moment(at, language)),
        appointment_later: appointment.is_some() && filed.appointment.is_none(),
        fees: format::fee_lines(&filed.fees, language),
        total: filed.fees.iter().map(|line| line.amount).sum::<motcua_domain::money::Dong>().shown(language),
        qr: qr_svg(&look_up),
        look_up,
    };
    Ok((page, since))
}

/// Returns the papers of a procedure that were received: those with files, and those that the counter has seen.
fn received_papers(
    procedure: &Procedure,
    attached: &[AttachedPaper],
    on_paper: &[PaperId],
    language: Language,
) -> Vec<ReceivedPaper> {
    let papers = procedure.papers.iter().map(|paper| {
        let files = attached.iter().filter(|file| file.paper == paper.id).count();
        let on_paper = on_paper.contains(&paper.id);
        ReceivedPaper { name: paper.name.get(language).to_owned(), kind: paper.kind.name(), files, on_paper }
    });
    papers.filter(|paper| paper.on_paper || paper.files > 0).collect()
}

/// Returns the time from which the limit counts, for a filing of a version that did not store it.
const fn began(whole: &Clock, filed_at: Timestamp) -> Timestamp {
    match whole {
        Clock::Running { since, .. } => *since,
        Clock::Stopped { at, .. } => *at,
        Clock::Unknown { .. } => filed_at,
    }
}
