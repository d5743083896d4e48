//! An applicant's own pages: dossiers, drafts and notices.

use crate::pages::draft::papers::{from_wallet, wallet_names};
use crate::pages::draft::progress::agency_name;
use crate::pages::mail::MailContext;
use crate::pages::render::ok;
use crate::pages::results::{ResultLine, own_line};
use crate::pages::signing::SigningContext;
use crate::pages::sms::PhoneContext;
use crate::state::Portal;
use crate::theme::Page;
use crate::view::files::FileContext;
use crate::view::format;
use crate::view::site_visit::visit_time;
use crate::web::address;
use crate::web::download::stored;
use crate::web::failure::Failure;
use crate::web::person::{Applicant, PostedBy};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{Redirect, Response};
use motcua_domain::dossier::event::{DossierOutcome, SiteVisit};
use motcua_domain::dossier::{ASKED_NOTICE, DRAFT_NOTICE, NOTICES};
use motcua_domain::names::Digest;
use motcua_domain::suggestion::notice::SUGGESTION_NOTICES;
use motcua_domain::text::Language;
use motcua_domain::time::clock::Punctuality;
use motcua_service::{DeskRow, NoticeSubject, RowNews};
use serde::Serialize;

/// A line of a list of dossiers.
#[derive(Debug, Clone, Serialize)]
pub struct DossierLine {
    /// The code of the dossier, which is also the end of its address `/dossiers/<code>`.
    pub code: String,
    /// The address of the dossier, which in an officer's list names the list and the place in it.
    pub to: String,
    /// The number of the step in an officer's list of steps, or an empty text.
    pub stay: String,
    /// The name of the procedure.
    pub procedure: String,
    /// The name of the applicant.
    pub applicant: String,
    /// The name of the current step.
    pub step: String,
    /// The word for the status, under `status-<word>`, such as `processing`.
    pub status: String,
    /// The officer who has the current step, or an empty text.
    pub assignee: String,
    /// The time of the filing.
    pub filed: String,
    /// The due time of the whole dossier, or of the applicant's answer.
    pub due: String,
    /// The time in `due` is a limit for the applicant, and the dossier waits for the applicant.
    pub waits: bool,
    /// The due time of the current step, for officers only.
    pub step_due: String,
    /// The punctuality as a word, under `punctuality-<word>`: `early`, `on-time`, `late`, `not-yet-due` or `overdue`.
    pub punctuality: &'static str,
    /// The current step has passed its own limit. Only officers see this.
    pub step_late: bool,
    /// The step was escalated because it was late.
    pub escalated: bool,
    /// The applicant wrote, and no officer has answered or acted since. Only officers see this.
    pub unanswered: bool,
    /// The agency owes the applicant money. Only officers see this.
    pub pays_back: bool,
    /// All steps that officers can take are at other agencies than the dossier's own. Only officers see this.
    pub elsewhere: bool,
    /// The things that happened since the officer last opened the dossier: `new`, `message`, `supplement` or `handed`. Each
    /// has a text under `desk-news-<word>`.
    pub news: Vec<&'static str>,
    /// The dossier has ended.
    pub ended: bool,
    /// The applicant could rate the service now.
    pub to_rate: bool,
}

/// Returns a row in a language.
pub fn line(row: DeskRow, language: Language) -> DossierLine {
    let ended = row.outcome.is_some();
    let asks = |word: &str| DossierOutcome::ALL.into_iter().any(|end| end.name() == word && end.asks_for_rating());
    let to_rate = !row.rated && row.outcome.as_deref().is_some_and(asks);
    let moment = |at: Option<i64>| at.filter(|_| !ended).map_or_else(String::new, |at| format::second(at, language));
    DossierLine {
        to: address::dossier(&row.code),
        code: row.code,
        stay: row.stay.map_or_else(String::new, |stay| stay.to_string()),
        procedure: row.procedure.get(language).to_owned(),
        applicant: row.applicant,
        step: row.step.get(language).to_owned(),
        status: row.status,
        assignee: row.assignee.unwrap_or_default(),
        filed: format::second(row.filed_at, language),
        due: moment(row.waiting_until.or(row.due_at)),
        waits: row.waiting_until.is_some(),
        step_due: moment(row.step_due_at),
        step_late: row.step_late,
        escalated: row.escalated,
        punctuality: format::punctuality(row.punctuality),
        unanswered: row.unanswered,
        pays_back: row.pays_back,
        elsewhere: row.elsewhere,
        news: row.news.into_iter().map(RowNews::name).collect(),
        ended,
        to_rate,
    }
}

impl DossierLine {
    /// Returns lines for checking a theme: every status and punctuality.
    pub fn samples() -> Vec<Self> {
        let all =
            [Punctuality::Early, Punctuality::OnTime, Punctuality::Late, Punctuality::NotYetDue, Punctuality::Overdue];
        let statuses = motcua_domain::workflow::NationalStatus::ALL;
        statuses
            .iter()
            .enumerate()
            .map(|(at, status)| Self {
                code: "H09.01-261124-0001".into(),
                to: address::dossier("H09.01-261124-0001"),
                stay: if at % 2 == 0 { at.to_string() } else { String::new() },
                procedure: "Thủ tục".into(),
                applicant: "Nguyễn Văn An".into(),
                step: "Thẩm định".into(),
                status: status.name().into(),
                assignee: if at % 2 == 0 { "Lê Thị Mai".into() } else { String::new() },
                filed: "24/11/2026 08:00".into(),
                due: if at % 3 == 0 { String::new() } else { "27/11/2026 08:00".into() },
                waits: at % 2 == 0,
                step_due: if at % 2 == 0 { String::new() } else { "25/11/2026 08:00".into() },
                step_late: at % 2 == 1,
                escalated: at % 2 == 1,
                punctuality: format::punctuality(all[at % all.len()]),
                unanswered: at % 2 == 0,
                pays_back: at % 2 == 1,
                elsewhere: at % 3 == 1,
                news: RowNews::ALL.get(at).map(|news| news.name()).into_iter().collect(),
                ended: at > 6,
                to_rate: at > 7,
            })
            .collect()
    }
}

/// The applicant's dossiers and drafts.
#[derive(Debug, Clone, Serialize)]
pub struct AccountPage {
    /// The drafts that are not filed yet.
    pub drafts: Vec<DraftLine>,
    /// The filed dossiers.
    pub dossiers: Vec<DossierLine>,
    /// There are older dossiers.
    pub more: bool,
    /// The applications of others that the person signed or is asked to sign.
    pub signings: Vec<SigningContext>,
    /// The wish about notices by e-mail, or none if the portal sends none or the applicant has no address.
    pub mail: Option<MailContext>,
    /// The wish about notices on the phone, or none if the portal sends none.
    pub phone: Option<PhoneContext>,
}

/// A draft in a list.
#[derive(Debug, Clone, Serialize)]
pub struct DraftLine {
    /// The id of the draft, for the address `/drafts/<id>/<page>`.
    pub id: String,
    /// The name of the procedure.
    pub procedure: String,
    /// The agency to which the applicant applies.
    pub agency: String,
    /// The time of the last change.
    pub saved: String,
    /// The dossier that it supplements, or an empty text.
    pub dossier: String,
}

impl Page for AccountPage {
    const TEMPLATE: &'static str = "account.html";
    fn samples() -> Vec<Self> {
        let draft = |dossier: &str| DraftLine {
            id: "0".into(),
            procedure: "Thủ tục".into(),
            agency: "Sở Mẫu".into(),
            saved: "24/11/2026 08:00".into(),
            dossier: dossier.into(),
        };
        let empty =
            || Self { drafts: vec![], dossiers: vec![], more: false, signings: vec![], mail: None, phone: None };
        let with = |mail| Self { mail: Some(mail), ..empty() };
        let on_phone = |verified, channel, refused| Self {
            phone: Some(PhoneContext::sample(verified, channel, refused)),
            ..empty()
        };
        vec![
            empty(),
            Self {
                drafts: vec![draft(""), draft("H09.01-261124-0001")],
                dossiers: DossierLine::samples(),
                more: true,
                signings: SigningContext::samples(),
                mail: Some(MailContext::sample(true, "")),
                phone: Some(PhoneContext::sample(true, "sms", "")),
            },
            with(MailContext::sample(false, "")),
            with(MailContext::sample(true, "24/11/2026 08:00")),
            on_phone(false, "sms", ""),
            on_phone(true, "zalo", ""),
            on_phone(true, "", ""),
            on_phone(true, "sms", "24/11/2026 08:00"),
        ]
    }
}

/// `GET /account`: the applicant's dossiers and drafts.
pub async fn overview(State(portal): State<Portal>, visitor: Applicant) -> Result<Response, Failure> {
    let language = visitor.language();
    let actor = visitor.actor();
    let drafts = portal.services.drafts.list(actor).await?.into_iter().map(|view| DraftLine {
        id: view.draft.id.to_string(),
        procedure: view.procedure.name.get(language).to_owned(),
        agency: agency_name(&view, language),
        saved: format::second(view.draft.updated_at, language),
        dossier: view.draft.dossier.map_or_else(String::new, |code| code.to_string()),
    });
    let (dossiers, more) = portal.services.lists.my_dossiers(actor).await?;
    let signings = portal.services.drafts.signings(actor).await?;
    let page = AccountPage {
        drafts: drafts.collect(),
        dossiers: dossiers.into_iter().map(|row| line(row, language)).collect(),
        more,
        signings: signings.into_iter().map(|line| SigningContext::of(line, language)).collect(),
        mail: portal.services.mail.wish(actor).await?.map(|wish| MailContext::of(wish, language)),
        phone: portal.services.sms.wish(actor).await?.map(|wish| PhoneContext::of(wish, language)),
    };
    Ok(ok(&portal, &visitor, &page))
}

/// The notices of the applicant.
#[derive(Debug, Clone, Serialize)]
pub struct NoticesPage {
    /// The notices.
    pub notices: Vec<NoticeLine>,
    /// There are older notices.
    pub more: bool,
}

/// A notice.
#[derive(Debug, Clone, Serialize)]
pub struct NoticeLine {
    /// The code of the dossier, or an empty text if the notice is about something else.
    pub dossier: String,
    /// The address of the draft of which the notice tells, or an empty text.
    pub draft: String,
    /// The id of the complaint or suggestion, for the address `/suggestions/<id>`, or an empty text.
    pub suggestion: String,
    /// The name of the procedure, or an empty text.
    pub procedure: String,
    /// The time of the event.
    pub at: String,
    /// The text is under `notice-<event>`.
    pub event: String,
    /// The time and the place of an appointment on the spot, or an empty text.
    pub visit: String,
    /// The applicant has not seen the notice before.
    pub unread: bool,
}

impl Page for NoticesPage {
    const TEMPLATE: &'static str = "notices.html";
    fn samples() -> Vec<Self> {
        let notice = |(at, event): (usize, &str)| NoticeLine {
            dossier: if NOTICES.contains(&event) || event == ASKED_NOTICE {
                "H09.01-261124-0001".into()
            } else {
                String::new()
            },
            draft: if event == DRAFT_NOTICE { address::first_page(0) } else { String::new() },
            suggestion: if SUGGESTION_NOTICES.contains(&event) { "0".into() } else { String::new() },
            procedure: if event == "suggestion-declined" { String::new() } else { "Thủ tục".into() },
            at: "24/11/2026 08:00".into(),
            event: event.into(),
            visit: if event == "visit-made" { "thứ Hai 30/11/2026, 09:00-10:00".into() } else { String::new() },
            unread: at % 2 == 0,
        };
        let notices = NOTICES
            .into_iter()
            .chain(SUGGESTION_NOTICES)
            .chain([DRAFT_NOTICE, ASKED_NOTICE])
            .enumerate()
            .map(notice)
            .collect();
        vec![Self { notices: vec![], more: false }, Self { notices, more: true }]
    }
}

/// `GET /account/notices`: the notices about the applicant's dossiers, drafts, complaints and suggestions. All of them count as read
/// afterwards.
pub async fn notices(State(portal): State<Portal>, visitor: Applicant) -> Result<Response, Failure> {
    let language = visitor.language();
    let (notices, more) = portal.services.lists.read_notices(visitor.session()).await?;
    let notices = notices.into_iter().map(|notice| {
        let none = String::new;
        let (dossier, suggestion, draft) = match notice.subject {
            NoticeSubject::Dossier(code) => (code, none(), none()),
            NoticeSubject::Suggestion(id) => (none(), id.to_string(), none()),
            NoticeSubject::Draft(id) => (none(), none(), address::first_page(id)),
        };
        NoticeLine {
            dossier,
            draft,
            suggestion,
            procedure: notice.procedure.get(language).to_owned(),
            at: format::second(notice.at, language),
            event: notice.event,
            visit: notice.visit.map_or_else(String::new, |visit| told_visit(&visit, language)),
            unread: notice.unread,
        }
    });
    Ok(ok(&portal, &visitor, &NoticesPage { notices: notices.collect(), more }))
}

/// Formats the time and the place of an appointment on the spot.
fn told_visit(visit: &SiteVisit, language: Language) -> String {
    format!("{}, {}", visit_time(visit, language), visit.place)
}

/// The results and the papers of the applicant.
#[derive(Debug, Clone, Serialize)]
pub struct WalletPage {
    /// The results that the applicant's dossiers ended with, the latest first.
    pub results: Vec<ResultLine>,
    /// The papers that the applicant attached before and can attach again.
    pub papers: Vec<FileContext>,
}

impl Page for WalletPage {
    const TEMPLATE: &'static str = "wallet.html";
    fn samples() -> Vec<Self> {
        let full = Self { results: ResultLine::samples(), papers: vec![FileContext::sample()] };
        vec![full, Self { results: vec![], papers: vec![] }]
    }
}

/// `GET /account/papers`: the results of the applicant, and the papers that they attached before and can use again.
pub async fn wallet(State(portal): State<Portal>, visitor: Applicant) -> Result<Response, Failure> {
    let papers = portal.services.drafts.wallet(visitor.actor()).await?;
    let names = wallet_names(&portal, &papers, visitor.language());
    let papers = papers.iter().map(|paper| from_wallet(paper, &names, visitor.language())).collect();
    let results = portal.services.register.own(visitor.actor()).await?;
    let results = results.iter().map(|listed| own_line(&portal, listed, visitor.language())).collect();
    Ok(ok(&portal, &visitor, &WalletPage { results, papers }))
}

/// `GET /account/papers/{digest}`: a paper of the applicant's own wallet.
pub async fn wallet_file(
    State(portal): State<Portal>,
    headers: HeaderMap,
    Path(digest): Path<String>,
    visitor: Applicant,
) -> Result<Response, Failure> {
    let (paper, content) = portal.services.drafts.wallet_file(visitor.actor(), &Digest(digest)).await?;
    Ok(stored(&headers, &paper.file, content))
}

/// `POST /account/papers/{digest}/forget`: removes a paper from the wallet.
pub async fn forget(
    State(portal): State<Portal>,
    Path(digest): Path<String>,
    PostedBy(visitor, _): PostedBy<Applicant>,
) -> Result<Redirect, Failure> {
    portal.services.drafts.forget_paper(visitor.actor(), &Digest(digest)).await?;
    Ok(Redirect::to(address::WALLET))
}
