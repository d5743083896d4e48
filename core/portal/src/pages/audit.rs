//! The audit for auditors: events, readings and log-ins, with tables for spreadsheets, and the state of the journal.

use crate::pages::public::AgencyContext;
use crate::pages::render::ok;
use crate::state::Portal;
use crate::theme::Page;
use crate::view::csv::table;
use crate::view::format;
use crate::view::units::agency_name;
use crate::web::address;
use crate::web::download::csv;
use crate::web::failure::Failure;
use crate::web::person::{Officer, PostedBy};
use crate::web::typing::Query;
use axum::extract::{Path, State};
use axum::response::{Redirect, Response};
use jiff::Timestamp;
use motcua_domain::dossier::event::EVENTS;
use motcua_domain::text::Language;
use motcua_domain::time::calendar::local;
use motcua_service::{AuditList, AuditRow, AuditSearch, ChainState, Error, StaffEventKind};
use serde::{Deserialize, Serialize};
use std::iter;

/// The heads of the tables for spreadsheets.
const HEADS: [&str; 9] = ["at", "actor", "name", "login", "what", "dossier", "agency", "by", "device"];

/// A list of the audit with its search.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AuditPage {
    /// `events`, `readings` or `staff`.
    pub list: &'static str,
    /// The typed log-in of an officer, or an empty text.
    pub officer: String,
    /// The chosen word for an event, or an empty text.
    pub kind: String,
    /// The words for events that can be chosen.
    pub kinds: Vec<&'static str>,
    /// The typed code of a dossier, or an empty text.
    pub dossier: String,
    /// The id of the chosen agency, or an empty text.
    pub agency: String,
    /// The agencies that can be chosen.
    pub agencies: Vec<AgencyContext>,
    /// The first day as it was chosen, or an empty text.
    pub from: String,
    /// The last day as it was chosen, or an empty text.
    pub until: String,
    /// The rows, the newest first.
    pub rows: Vec<AuditLine>,
    /// The address of the newest rows, on a later page, or an empty text.
    pub first: String,
    /// The address of the rows before these, or an empty text.
    pub next: String,
    /// The address of the table for spreadsheets.
    pub table: String,
    /// The state of the journal, on the first page of the events.
    pub chain: Option<ChainContext>,
}

/// A row of the audit.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AuditLine {
    /// The time.
    pub at: String,
    /// The kind of the actor, under `audit-actor-<word>`, unless the actor is an officer with a name.
    pub actor: String,
    /// The name of the officer, or an empty text.
    pub name: String,
    /// The log-in of the officer, or an empty text.
    pub login: String,
    /// The word for the event or for what was read.
    pub kind: String,
    /// The word has a text: under `event-<word>`, `audit-read-<word>` or `staff-event-<word>`.
    pub known: bool,
    /// The code of the dossier, or an empty text.
    pub dossier: String,
    /// The name of the agency, or an empty text.
    pub agency: String,
    /// The name of the officer who changed the account, or an empty text.
    pub by: String,
    /// The device of a log-in, or an empty text.
    pub device: String,
}

/// The state of the journal.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ChainContext {
    /// The time of the last signed head, or an empty text.
    pub head_at: String,
    /// The number of entries under the head.
    pub size: String,
    /// The number of entries that wait to be sealed.
    pub unsealed: u64,
    /// The journal is being verified, or will be soon.
    pub awaited: bool,
    /// The last verification, or none.
    pub verified: Option<VerifiedContext>,
}

/// The result of the last verification.
#[derive(Debug, Clone, Default, Serialize)]
pub struct VerifiedContext {
    /// The time of its end.
    pub at: String,
    /// The number of entries.
    pub entries: String,
    /// The number of dossiers.
    pub dossiers: String,
    /// The number of findings.
    pub wrong: u64,
    /// The first findings, in English.
    pub findings: Vec<String>,
}

impl AuditLine {
    /// Returns a row of an officer for checking a theme.
    fn sample() -> Self {
        Self {
            at: "24/11/2026 08:00".into(),
            actor: "officer".into(),
            name: "Trần Văn Bình".into(),
            login: "binh.phucuong".into(),
            known: true,
            ..Self::default()
        }
    }

    /// Returns rows of events for checking a theme: every event, and every kind of actor.
    fn events() -> Vec<Self> {
        let event = |kind: &str| Self {
            kind: kind.into(),
            dossier: "H09.01-261124-0001".into(),
            agency: "Sở Mẫu".into(),
            ..Self::sample()
        };
        let by_nobody =
            |actor: &str| Self { actor: actor.into(), name: String::new(), login: String::new(), ..event("filed") };
        let others = ["officer", "applicant", "system", "erased"].map(by_nobody);
        let unknown = Self { known: false, agency: String::new(), ..event("of-later") };
        EVENTS.iter().map(|kind| event(kind)).chain(others).chain([unknown]).collect()
    }

    /// Returns rows of readings for checking a theme.
    fn readings() -> Vec<Self> {
        let read = |kind: &str| Self {
            kind: kind.into(),
            dossier: if kind == "dossier" { "H09.01-261124-0001".into() } else { String::new() },
            login: if kind == "other" { String::new() } else { "binh.phucuong".into() },
            ..Self::sample()
        };
        ["dossier", "audit", "other"].map(read).to_vec()
    }

    /// Returns rows of accounts for checking a theme: every kind, by officers and by nobody.
    fn of_staff() -> Vec<Self> {
        let by = |(kind, by): (&StaffEventKind, &str)| Self {
            kind: kind.name().into(),
            by: by.into(),
            device: if by.is_empty() { String::new() } else { "Firefox, Linux".into() },
            ..Self::sample()
        };
        let all = StaffEventKind::ALL.iter();
        all.flat_map(|kind| [(kind, ""), (kind, "Nguyễn Văn An")]).map(by).collect()
    }
}

impl ChainContext {
    /// Returns a state of the journal for checking a theme.
    fn sample(wrong: u64) -> Self {
        let verified = VerifiedContext {
            at: "24/11/2026 08:00".into(),
            entries: "1.234".into(),
            dossiers: "100".into(),
            wrong,
            findings: if wrong == 0 { vec![] } else { vec!["dossier x: its rows differ".into()] },
        };
        Self {
            head_at: "24/11/2026 08:00".into(),
            size: "1.234".into(),
            unsealed: 2,
            awaited: wrong > 0,
            verified: Some(verified),
        }
    }
}

impl Page for AuditPage {
    const TEMPLATE: &'static str = "audit.html";
    fn samples() -> Vec<Self> {
        let events = Self {
            list: AuditList::Events.name(),
            kinds: kinds(AuditList::Events),
            agencies: vec![AgencyContext { id: "so".into(), name: "Sở Mẫu".into() }],
            agency: "so".into(),
            kind: "filed".into(),
            rows: AuditLine::events(),
            next: "/audit/events?at=1&key=1".into(),
            table: "/audit/events/table".into(),
            chain: Some(ChainContext::sample(0)),
            ..Self::default()
        };
        let readings = Self {
            list: AuditList::Readings.name(),
            officer: "binh.phucuong".into(),
            dossier: "H09.01-261124-0001".into(),
            from: "2026-11-01".into(),
            until: "2026-11-24".into(),
            rows: AuditLine::readings(),
            first: "/audit/readings".into(),
            table: "/audit/readings/table".into(),
            ..Self::default()
        };
        let staff = Self {
            list: AuditList::Staff.name(),
            kinds: kinds(AuditList::Staff),
            kind: "locked".into(),
            rows: AuditLine::of_staff(),
            table: "/audit/staff/table".into(),
            ..Self::default()
        };
        let empty = |chain| Self { rows: vec![], next: String::new(), chain: Some(chain), ..events.clone() };
        let others = [empty(ChainContext::default()), empty(ChainContext::sample(1))];
        [events.clone(), readings, staff].into_iter().chain(others).collect()
    }
}

/// The rows that an auditor wants to see.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct AuditWish {
    #[serde(default)]
    officer: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    dossier: String,
    #[serde(default)]
    agency: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    until: String,
    /// The place of the last row of the page before.
    #[serde(default)]
    at: String,
    #[serde(default)]
    key: String,
}

impl AuditWish {
    fn search(&self) -> AuditSearch {
        AuditSearch {
            officer: self.officer.clone(),
            kind: self.kind.clone(),
            dossier: self.dossier.clone(),
            agency: self.agency.clone(),
            from: self.from.trim().parse().ok(),
            until: self.until.trim().parse().ok(),
        }
    }

    /// Returns the address of these rows: `of` is the list, or the table for spreadsheets of a list.
    fn address(&self, of: &str, place: Option<&(i64, String)>) -> String {
        let at = place.map(|(at, _)| at.to_string()).unwrap_or_default();
        let key = place.map(|(_, key)| key.as_str()).unwrap_or_default();
        let query = [
            ("officer", self.officer.as_str()),
            ("kind", self.kind.as_str()),
            ("dossier", self.dossier.as_str()),
            ("agency", self.agency.as_str()),
            ("from", self.from.as_str()),
            ("until", self.until.as_str()),
            ("at", at.as_str()),
            ("key", key),
        ];
        address::audit(of, &query)
    }
}

/// Returns the words for events that a list has.
fn kinds(list: AuditList) -> Vec<&'static str> {
    match list {
        AuditList::Events => EVENTS.to_vec(),
        AuditList::Readings => Vec::new(),
        AuditList::Staff => StaffEventKind::ALL.map(StaffEventKind::name).to_vec(),
    }
}

fn list_of(name: &str) -> Result<AuditList, Failure> {
    AuditList::parse(name).ok_or(Failure::Services(Error::NotFound))
}

/// `GET /audit/{list}?officer=&kind=&dossier=&agency=&from=&until=&at=&key=`: a page of the audit.
pub async fn show(
    State(portal): State<Portal>,
    Path(list): Path<String>,
    Query(wish): Query<AuditWish>,
    visitor: Officer,
) -> Result<Response, Failure> {
    let (list, language) = (list_of(&list)?, visitor.language());
    let before = wish.at.parse().ok().map(|at: i64| (at, wish.key.clone()));
    let is_first = before.is_none();
    let (rows, last) = portal.services.audit.list(visitor.actor(), list, &wish.search(), before).await?;
    let chain = if list == AuditList::Events && is_first {
        Some(chain(portal.services.log.chain_state(visitor.actor()).await?, language))
    } else {
        None
    };
    let (agencies, known) = (&portal.services.province().agencies, kinds(list));
    let line = |row: AuditRow| AuditLine {
        at: format::second(row.at, language),
        known: list == AuditList::Readings || known.contains(&row.kind.as_str()),
        agency: if row.agency.is_empty() {
            String::new()
        } else {
            agency_name(agencies, &row.agency.as_str().into(), language)
        },
        actor: row.actor,
        name: row.name,
        login: row.login,
        kind: row.kind,
        dossier: row.dossier,
        by: row.by,
        device: row.device,
    };
    let page = AuditPage {
        list: list.name(),
        rows: rows.into_iter().map(line).collect(),
        first: if is_first { String::new() } else { wish.address(list.name(), None) },
        next: last.map_or_else(String::new, |last| wish.address(list.name(), Some(&last))),
        table: wish.address(&format!("{}/table", list.name()), None),
        agencies: agencies.iter().map(|agency| AgencyContext::of(agency, language)).collect(),
        kinds: kinds(list),
        officer: wish.officer,
        kind: wish.kind,
        dossier: wish.dossier,
        agency: wish.agency,
        from: wish.from,
        until: wish.until,
        chain,
    };
    Ok(ok(&portal, &visitor, &page))
}

fn chain(state: ChainState, language: Language) -> ChainContext {
    ChainContext {
        head_at: state.head.as_ref().map(|head| format::second(head.at, language)).unwrap_or_default(),
        size: state.head.as_ref().map(|head| format::count(head.size, language)).unwrap_or_default(),
        unsealed: state.unsealed,
        awaited: state.is_awaited,
        verified: state.verified.map(|verified| VerifiedContext {
            at: format::second(verified.at, language),
            entries: format::count(verified.entries, language),
            dossiers: format::count(verified.dossiers, language),
            wrong: verified.wrong,
            findings: verified.findings,
        }),
    }
}

/// `GET /audit/{list}/table?…`: the same rows as a table for spreadsheets. The export is logged as a reading.
pub async fn export(
    State(portal): State<Portal>,
    Path(list): Path<String>,
    Query(wish): Query<AuditWish>,
    visitor: Officer,
) -> Result<Response, Failure> {
    let list = list_of(&list)?;
    let found = portal.services.audit.export(visitor.actor(), list, &wish.search()).await?;
    let lines = iter::once(HEADS.map(str::to_owned)).chain(found.into_iter().map(cells));
    Ok(csv(&format!("audit-{}.csv", list.name()), table(lines)))
}

/// Returns the cells of a row, in the order of [`HEADS`]. The time is that in Vietnam.
fn cells(found: AuditRow) -> [String; HEADS.len()] {
    let at = Timestamp::from_second(found.at).map(|at| local(at).to_string()).unwrap_or_default();
    [at, found.actor, found.name, found.login, found.kind, found.dossier, found.agency, found.by, found.device]
}

/// `POST /audit/verify`: lets the journal be verified in the background.
pub async fn verify(
    State(portal): State<Portal>,
    PostedBy(visitor, _): PostedBy<Officer>,
) -> Result<Redirect, Failure> {
    portal.services.log.want_verification(visitor.actor()).await?;
    Ok(Redirect::to(address::AUDIT_CHAIN))
}
