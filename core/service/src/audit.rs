//! The audit: every event of everybody, every reading by the staff, and every log-in of an officer, for auditors.

use crate::Error;
use crate::common::CommonParts;
use crate::dossiers::DossierService;
use crate::lists::cut;
use crate::rights::auditor;
use jiff::ToSpan as _;
use jiff::civil::Date;
use motcua_domain::identity;
use motcua_domain::names::DossierCode;
use motcua_domain::people::organisation::Actor;
use motcua_domain::time::calendar::instant;
use motcua_store::audit::{self, AuditQuery};
use motcua_store::{Database, accounts, audit_event_row, reading_row, staff_event_row};
use std::collections::HashMap;
use std::sync::Arc;

/// The rows of a page.
const PAGE: u64 = 50;

/// The most rows that a table for spreadsheets has.
pub const MOST_AUDITED: u64 = 10_000;

/// The beginning of the words under which an export is logged as a reading, in the place of a dossier's code.
const EXPORTED: &str = "audit-";

/// A list of the audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditList {
    /// The sealed events of all dossiers.
    Events,
    /// The readings by the staff.
    Readings,
    /// The log-ins of officers, and the changes of their accounts.
    Staff,
}

impl AuditList {
    /// All lists, in their order on the page.
    pub const ALL: [Self; 3] = [Self::Events, Self::Readings, Self::Staff];

    /// Returns the word in addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Readings => "readings",
            Self::Staff => "staff",
        }
    }

    /// Returns the list with this word.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.name() == name)
    }
}

/// A search in the audit. Empty criteria fit everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditSearch {
    /// The log-in of an officer.
    pub officer: String,
    /// The word for the event.
    pub kind: String,
    /// The code of a dossier, as somebody types it.
    pub dossier: String,
    pub agency: String,
    /// The first and the last day, in Vietnam.
    pub from: Option<Date>,
    pub until: Option<Date>,
}

/// The place of a row in a list of the audit: its moment and its key.
pub type AuditPlace = (i64, String);

/// A row of the audit. Only officers are named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditRow {
    pub key: String,
    /// In seconds since 1970.
    pub at: i64,
    /// The kind of the actor: `officer`, `applicant`, `system`, `erased`, or `operator` with the name of a command.
    pub actor: String,
    /// The name and the log-in of the officer, or empty texts.
    pub name: String,
    pub login: String,
    /// The word for the event, or for what was read: `dossier`, `audit` or `other`.
    pub kind: String,
    /// The code of the dossier, or an empty text.
    pub dossier: String,
    /// The id of the agency, or an empty text.
    pub agency: String,
    /// The name of the officer who changed the account, or an empty text.
    pub by: String,
    /// The device of a log-in in words, or an empty text.
    pub device: String,
}

/// The audit of the portal.
#[derive(Debug)]
pub struct AuditService {
    database: Database,
    dossiers: Arc<DossierService>,
}

impl AuditService {
    pub(crate) fn new(common: &CommonParts, dossiers: Arc<DossierService>) -> Self {
        Self { database: common.database.clone(), dossiers }
    }

    /// Adds sealed entries to the audit. Returns their number.
    pub async fn follow_log(&self) -> Result<usize, Error> {
        let mut all = 0;
        loop {
            match self.database.follow_log().await? {
                0 => return Ok(all),
                followed => all += followed,
            }
        }
    }

    /// Returns a page of a list, newest first, and the place of its last row if others follow.
    pub async fn list(
        &self,
        actor: &Actor,
        list: AuditList,
        search: &AuditSearch,
        before: Option<AuditPlace>,
    ) -> Result<(Vec<AuditRow>, Option<AuditPlace>), Error> {
        auditor(actor)?;
        let mut rows = self.found(list, search, before, PAGE + 1).await?;
        let has_more = cut(&mut rows, PAGE);
        let last = rows.last().filter(|_| has_more).map(|row| (row.at, row.key.clone()));
        Ok((rows, last))
    }

    /// Returns the rows of a list for a table, at most [`MOST_AUDITED`]. The export is logged as a reading.
    pub async fn export(&self, actor: &Actor, list: AuditList, search: &AuditSearch) -> Result<Vec<AuditRow>, Error> {
        auditor(actor)?;
        let rows = self.found(list, search, None, MOST_AUDITED).await?;
        if let Actor::Officer { id, name, .. } = actor {
            self.dossiers.log_readings(id, name, &[format!("{EXPORTED}{}", list.name())]).await?;
        }
        Ok(rows)
    }

    async fn found(
        &self,
        list: AuditList,
        search: &AuditSearch,
        before: Option<AuditPlace>,
        most: u64,
    ) -> Result<Vec<AuditRow>, Error> {
        let reader = self.database.reader();
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let officer = match given(&search.officer) {
            Some(login) => match accounts::by_login(reader, &identity::login(&login)).await? {
                // An applicant's account is nobody whom the audit shows.
                Some(account) if account.kind == accounts::kind::OFFICER => Some(account.id),
                _ => return Ok(Vec::new()),
            },
            None => None,
        };
        let dossier =
            given(&search.dossier).map(|typed| DossierCode::parse(&typed).map_or(typed, |code| code.to_string()));
        let midnight = |day: Date| instant(day.at(0, 0, 0, 0)).as_second();
        let query = AuditQuery {
            officer,
            kind: given(&search.kind),
            dossier,
            agency: given(&search.agency),
            from: search.from.map(midnight),
            until: search.until.and_then(|day| day.checked_add(1.day()).ok()).map(midnight),
            before,
            most,
        };
        match list {
            AuditList::Events => self.events(&query).await,
            AuditList::Readings => self.readings(&query).await,
            AuditList::Staff => self.of_staff(&query).await,
        }
    }

    async fn events(&self, query: &AuditQuery) -> Result<Vec<AuditRow>, Error> {
        let rows = audit::events(self.database.reader(), query).await?;
        let named = self.named(rows.iter().filter_map(|row| row.officer.clone())).await?;
        let row = |row: audit_event_row::Model| {
            let (name, login) = name_of(&named, row.officer.as_deref());
            AuditRow {
                key: row.number.to_string(),
                at: row.at,
                actor: row.actor,
                name,
                login,
                kind: row.event,
                dossier: row.dossier,
                agency: row.agency,
                ..AuditRow::default()
            }
        };
        Ok(rows.into_iter().map(row).collect())
    }

    async fn readings(&self, query: &AuditQuery) -> Result<Vec<AuditRow>, Error> {
        let rows = audit::readings(self.database.reader(), query).await?;
        let named = self.named(rows.iter().map(|row| row.account.clone())).await?;
        let row = |row: reading_row::Model| {
            let known = named.get(&row.account);
            // The account of an applicant or a suggestion stands in the place of a code, too.
            let code = DossierCode::parse(&row.dossier).map(|code| code.to_string());
            let kind = match &code {
                Some(_) => "dossier",
                None if row.dossier.starts_with(EXPORTED) => "audit",
                None => "other",
            };
            AuditRow {
                key: row.id,
                at: row.at,
                actor: if known.is_some() { "officer" } else { "operator" }.to_owned(),
                name: row.account_name,
                login: known.map(|(_, login)| login.clone()).unwrap_or_default(),
                kind: kind.to_owned(),
                dossier: code.unwrap_or_default(),
                ..AuditRow::default()
            }
        };
        Ok(rows.into_iter().map(row).collect())
    }

    async fn of_staff(&self, query: &AuditQuery) -> Result<Vec<AuditRow>, Error> {
        let rows = audit::of_staff(self.database.reader(), query).await?;
        let people = rows.iter().flat_map(|row| std::iter::once(row.account.clone()).chain(row.by_account.clone()));
        let named = self.named(people).await?;
        let row = |row: staff_event_row::Model| {
            let (name, login) = name_of(&named, Some(&row.account));
            AuditRow {
                key: row.id,
                at: row.at,
                actor: "officer".to_owned(),
                name,
                login,
                kind: row.kind,
                by: name_of(&named, row.by_account.as_deref()).0,
                device: row.device,
                ..AuditRow::default()
            }
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// Returns the names and the log-ins of officers by their accounts.
    async fn named(
        &self,
        ids: impl Iterator<Item = String> + Send,
    ) -> Result<HashMap<String, (String, String)>, Error> {
        let mut ids: Vec<String> = ids.collect();
        ids.sort_unstable();
        ids.dedup();
        Ok(audit::officers_named(self.database.reader(), ids).await?)
    }
}

/// Returns the name and the log-in of an officer, or empty texts.
fn name_of(named: &HashMap<String, (String, String)>, id: Option<&str>) -> (String, String) {
    id.and_then(|id| named.get(id)).cloned().unwrap_or_default()
}
