//! Bulk work of officers: the same deed on many dossiers, looked at first, then done in the background.
//!
//! Each dossier is a change of its own, with the id of its line as the id of the command, and is decided with the rights that
//! the author has at that moment. So a worker that was killed goes on where it stopped, and does nothing twice.

use crate::common::CommonParts;
use crate::dossiers::{BulkAction, BulkDeed, BulkLine, BulkSight, DossierService, refusal_of};
use crate::{Error, InputRule, TimeSource};
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::event::StayId;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::names::{AgencyId, CommandId, DossierCode, UnitId, UserId};
use motcua_domain::people::access::{AccessSubject, Deed, may};
use motcua_domain::people::organisation::{Actor, Role};
use motcua_domain::text::Text;
use motcua_domain::time::calendar::local;
use motcua_domain::workflow::UnitPlace;
use motcua_store::bulk::{self, BULK_JOB, BulkCount, bulk_state};
use motcua_store::desk::{self, DeskPlace, DeskWish, OfficerView};
use motcua_store::jobs::{Job, JobKind, LEASE};
use motcua_store::{Database, accounts, bulk_line_row, bulk_work_row, is_duplicate};
use std::collections::HashSet;
use std::sync::Arc;

/// The most dossiers of bulk work.
pub const BULK_MOST: usize = 1000;

/// The most dossiers that a worker does in one lease.
const PORTION: u64 = 50;

/// The seconds of a lease that are left for the last dossier.
const RESERVE: i64 = LEASE / 3 * 2;

/// The most posts whose holders are offered as the next officers.
const MOST_POSTS: usize = 10;

/// The seconds for which the report of bulk work is kept: 90 days.
const KEPT: i64 = 90 * 86_400;

/// An action that is offered for chosen lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkOffer {
    pub action: BulkAction,
    /// The number of lines at which the action is open.
    pub lines: usize,
}

/// The chosen lines, as the officer sees them before anything is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkPreview {
    pub sights: Vec<BulkSight>,
    /// The actions of the steps that need nothing but a note, those for the most lines first.
    pub offers: Vec<BulkOffer>,
    /// The officers to whom the steps can be given, with their names.
    pub officers: Vec<(UserId, String)>,
}

/// The outcome of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BulkOutcome {
    Open,
    Done,
    /// The word of the rule that refused the deed.
    Refused(String),
}

/// A line of bulk work with its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkResult {
    pub line: BulkLine,
    pub outcome: BulkOutcome,
    /// The time of the outcome in seconds since 1970.
    pub at: Option<i64>,
}

/// The numbers of lines of bulk work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BulkCounts {
    pub open: u64,
    pub done: u64,
    pub refused: u64,
}

/// Bulk work with its progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkWork {
    pub id: String,
    pub author: String,
    pub deed: BulkDeed,
    /// The name of the action, or of the officer to whom the steps go. Empty for other deeds.
    pub label: Text,
    /// The time of its beginning in seconds since 1970.
    pub at: i64,
    /// The author stopped the work before its end.
    pub stopped: bool,
    pub counts: BulkCounts,
}

/// Bulk work with its report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkReport {
    pub work: BulkWork,
    /// The lines, in the order of the list from which they came.
    pub results: Vec<BulkResult>,
    /// The reader is the author, and can stop the work and try lines again.
    pub is_own: bool,
}

/// The bulk work of officers.
#[derive(Debug)]
pub struct BulkService {
    database: Database,
    clock: TimeSource,
    dossiers: Arc<DossierService>,
}

impl BulkService {
    pub(crate) fn new(common: &CommonParts, dossiers: Arc<DossierService>) -> Self {
        let CommonParts { database, clock, .. } = common.clone();
        Self { database, clock, dossiers }
    }

    /// Returns the lines that an officer sees in a view with filters now, at most [`BULK_MOST`], and whether there are more.
    pub async fn lines_of(
        &self,
        actor: &Actor,
        view: OfficerView,
        wish: &DeskWish,
    ) -> Result<(Vec<BulkLine>, bool), Error> {
        permit(actor)?;
        let most = u64::try_from(BULK_MOST).unwrap_or(u64::MAX).saturating_add(1);
        let mut places = desk::places(self.database.reader(), actor, view, wish, most).await?;
        let more = places.len() > BULK_MOST;
        places.truncate(BULK_MOST);
        let line = |place: &DeskPlace| {
            let stay = place.stay().and_then(|stay| StayId::try_from(stay).ok());
            Some(BulkLine { code: DossierCode::parse(place.code())?, stay, seen: None })
        };
        Ok((places.iter().filter_map(line).collect(), more))
    }

    /// Looks at chosen lines: what the officer could do with them, and which of them the rules would refuse. Writes nothing.
    pub async fn preview(
        &self,
        actor: &Actor,
        lines: &[BulkLine],
        deed: Option<&BulkDeed>,
    ) -> Result<BulkPreview, Error> {
        permit(actor)?;
        let sights = self.dossiers.look_over(actor, &distinct(lines), deed).await?;
        let officers = self.officers(&sights).await?;
        Ok(BulkPreview { offers: offers(&sights), officers, sights })
    }

    /// Returns the chosen dossiers that the officer may read, each once, in the order of the lines. Each is a reading.
    pub async fn read_all(&self, actor: &Actor, lines: &[BulkLine]) -> Result<Vec<Dossier>, Error> {
        permit(actor)?;
        let Actor::Officer { id, name, .. } = actor else { return Err(Refusal::NotAllowed.into()) };
        let (mut seen, mut dossiers) = (HashSet::new(), Vec::new());
        for line in distinct(lines) {
            if !seen.insert(line.code.clone()) {
                continue;
            }
            match self.dossiers.readable(actor, &line.code).await {
                Ok(dossier) => dossiers.push(dossier),
                Err(Error::NotFound | Error::Erased) => {}
                Err(error) => return Err(error),
            }
        }
        if dossiers.is_empty() {
            return Err(Error::Invalid(InputRule::BulkEmpty));
        }
        let codes: Vec<&DossierCode> = dossiers.iter().map(|dossier| &dossier.filed.code).collect();
        self.dossiers.log_readings(id, name, &codes).await?;
        Ok(dossiers)
    }

    /// Returns the officers who hold the posts of these steps.
    async fn officers(&self, sights: &[BulkSight]) -> Result<Vec<(UserId, String)>, Error> {
        let mut posts: Vec<&(Role, UnitPlace)> = Vec::new();
        for post in sights.iter().filter_map(|sight| sight.post.as_ref()) {
            if posts.len() < MOST_POSTS && !posts.contains(&post) {
                posts.push(post);
            }
        }
        let mut officers: Vec<(UserId, String)> = Vec::new();
        for (role, place) in posts {
            for row in accounts::holders(self.database.reader(), *role, &place.agency, &place.unit).await? {
                if officers.iter().all(|(id, _)| id.as_str() != row.id) {
                    officers.push((UserId(row.id), row.name));
                }
            }
        }
        Ok(officers)
    }

    /// Begins bulk work on lines that the officer saw, and returns its id. The same command is the same work.
    pub async fn start(
        &self,
        actor: &Actor,
        command: &CommandId,
        lines: &[BulkLine],
        deed: &BulkDeed,
    ) -> Result<String, Error> {
        permit(actor)?;
        let Actor::Officer { id: account, name, .. } = actor else { return Err(Refusal::NotAllowed.into()) };
        let (id, lines) = (command.0.clone(), distinct(lines));
        if bulk::work(self.database.reader(), &id).await?.is_some() {
            return Ok(id);
        }
        let row = |(number, line): (usize, &BulkLine)| {
            Some(bulk_line_row::Model {
                work: id.clone(),
                dossier: line.code.to_string(),
                stay: i64::from(line.stay?),
                number: i64::try_from(number).unwrap_or(i64::MAX),
                seen: i64::from(line.seen?),
                state: bulk_state::OPEN.to_owned(),
                refusal: None,
                at: None,
            })
        };
        let rows: Vec<bulk_line_row::Model> = lines.iter().enumerate().filter_map(row).collect();
        if rows.is_empty() {
            return Err(Error::Invalid(InputRule::BulkEmpty));
        }
        let label = self.label(actor, &lines, deed).await?;
        let work = bulk_work_row::Model {
            id: id.clone(),
            account: account.to_string(),
            account_name: name.clone(),
            deed: serde_json::to_string(deed).map_err(Error::fault)?,
            label: serde_json::to_string(&label).map_err(Error::fault)?,
            created_at: self.clock.now().as_second(),
            stopped: false,
        };
        let transaction = self.database.begin().await?;
        match transaction.add_bulk_work(work, rows).await {
            Ok(()) => transaction.commit().await?,
            // Another click was faster.
            Err(fault) if is_duplicate(&fault) => drop(transaction),
            Err(fault) => return Err(fault.into()),
        }
        Ok(id)
    }

    /// Returns the name of the action or of the officer in a deed.
    async fn label(&self, actor: &Actor, lines: &[BulkLine], deed: &BulkDeed) -> Result<Text, Error> {
        Ok(match deed {
            BulkDeed::Take | BulkDeed::Release => Text::default(),
            BulkDeed::Give { to, .. } => {
                Text::vi(accounts::name_of(self.database.reader(), to).await?.unwrap_or_default())
            }
            BulkDeed::Act { action, .. } => {
                let first: Vec<BulkLine> = lines.iter().take(1).cloned().collect();
                let sights = self.dossiers.look_over(actor, &first, None).await?;
                let named = sights.into_iter().flat_map(|sight| sight.actions).find(|known| known.id == *action);
                named.map_or_else(|| Text::vi(action.as_str()), |named| named.name)
            }
        })
    }

    /// Returns the latest bulk work that an officer may see: their own, or that of everybody for an auditor.
    pub async fn works(&self, actor: &Actor) -> Result<Vec<BulkWork>, Error> {
        let Actor::Officer { id, posts, .. } = actor else { return Err(Refusal::NotAllowed.into()) };
        if !may(actor, Deed::ReadDesk, None) {
            return Err(Refusal::NotAllowed.into());
        }
        let everybody = posts.iter().any(|post| post.role == Role::Auditor);
        let reader = self.database.reader();
        let mut rows = bulk::works(reader, Some(id).filter(|_| !everybody)).await?;
        rows.retain(|row| allows(actor, Deed::ReadBulkWork, row));
        let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        let counted = bulk::counts(reader, &ids).await?;
        rows.iter().map(|row| work_of(row, &counted)).collect()
    }

    /// Returns bulk work with its report. For everybody but its author and auditors it does not exist.
    pub async fn report(&self, actor: &Actor, id: &str) -> Result<BulkReport, Error> {
        let row = self.readable(actor, id).await?;
        let reader = self.database.reader();
        let lines = bulk::lines(reader, id).await?;
        let work = work_of(&row, &bulk::counts(reader, &[id]).await?)?;
        let results = lines.into_iter().filter_map(result_of).collect();
        Ok(BulkReport { work, results, is_own: allows(actor, Deed::StopBulkWork, &row) })
    }

    /// Stops bulk work. The dossiers that are done stay done.
    pub async fn stop(&self, actor: &Actor, id: &str) -> Result<(), Error> {
        let row = self.readable(actor, id).await?;
        if !allows(actor, Deed::StopBulkWork, &row) {
            return Err(Refusal::NotAllowed.into());
        }
        let transaction = self.database.begin().await?;
        transaction.stop_bulk_work(id).await?;
        Ok(transaction.commit().await?)
    }

    async fn readable(&self, actor: &Actor, id: &str) -> Result<bulk_work_row::Model, Error> {
        let row = bulk::work(self.database.reader(), id).await?;
        row.filter(|row| allows(actor, Deed::ReadBulkWork, row)).ok_or(Error::NotFound)
    }

    /// Deletes the reports that are older than 90 days, and returns how many they were.
    pub async fn forget_old(&self) -> Result<u64, Error> {
        let transaction = self.database.begin().await?;
        let count = transaction.forget_bulk_work(self.clock.now().as_second().saturating_sub(KEPT)).await?;
        transaction.commit().await?;
        Ok(count)
    }

    /// Does the bulk work that waits, and returns the number of lines that got an outcome.
    pub async fn run(&self) -> Result<usize, Error> {
        let mut done = 0;
        loop {
            let now = self.clock.now().as_second();
            let leased = self.database.lease_jobs_of(&[JobKind::Bulk], now, 1).await?;
            let Some(job) = leased.into_iter().next() else { return Ok(done) };
            let outcome = Box::pin(self.run_some(&job, &mut done)).await;
            let (transaction, now) = (self.database.begin().await?, self.clock.now().as_second());
            match outcome {
                Ok(true) => transaction.finish_job(&job).await?,
                // The work of others comes first, then the rest of this one.
                Ok(false) => transaction.release_job(&job, now).await?,
                Err(error) => {
                    tracing::warn!(job = job.key, %error, attempts = job.attempts, "bulk work failed");
                    transaction.fail_job(&job, now, &error.to_string()).await?;
                }
            }
            transaction.commit().await?;
        }
    }

    /// Does a portion of bulk work. Returns whether nothing is left of it.
    async fn run_some(&self, job: &Job, done: &mut usize) -> Result<bool, Error> {
        let reader = self.database.reader();
        let id = job.key.strip_prefix(BULK_JOB).unwrap_or_default();
        let Some(work) = bulk::work(reader, id).await?.filter(|work| !work.stopped) else { return Ok(true) };
        let deed: BulkDeed = serde_json::from_str(&work.deed).map_err(Error::fault)?;
        let lines = bulk::open_lines(reader, id, PORTION).await?;
        for line in &lines {
            let is_over = self.clock.now().as_second() >= job.leased_until - RESERVE;
            if is_over || bulk::work(reader, id).await?.is_none_or(|work| work.stopped) {
                return Ok(false);
            }
            let refusal = Box::pin(self.carry_out(&work, &deed, line)).await?;
            let transaction = self.database.begin().await?;
            transaction.set_bulk_outcome(line, refusal, self.clock.now().as_second()).await?;
            transaction.commit().await?;
            *done += 1;
        }
        Ok(lines.is_empty())
    }

    /// Does the deed of a line, and returns the word of the rule that refused it.
    async fn carry_out(
        &self,
        work: &bulk_work_row::Model,
        deed: &BulkDeed,
        line: &bulk_line_row::Model,
    ) -> Result<Option<&'static str>, Error> {
        let read = (DossierCode::parse(&line.dossier), StayId::try_from(line.stay), u32::try_from(line.seen));
        let (Some(code), Ok(stay), Ok(seen)) = read else { return Ok(Some(Refusal::Changed.code())) };
        let actor = self.author(work).await?;
        // The id follows from the line, so the journal knows whether the deed is done.
        let command = CommandId(format!("{BULK_JOB}{}/{}/{}", line.work, line.dossier, line.stay));
        match self.dossiers.change(&actor, &code, command, deed.change(stay, seen)).await {
            Ok(_) => Ok(None),
            Err(error) => refusal_of(error).map(Some),
        }
    }

    /// Returns the author of bulk work with the posts that they hold now. A person whose account is closed holds none.
    async fn author(&self, work: &bulk_work_row::Model) -> Result<Actor, Error> {
        let (reader, id) = (self.database.reader(), UserId(work.account.clone()));
        let found = accounts::by_id(reader, &id).await?;
        let found = found.filter(|row| row.closed.is_none() && row.kind == accounts::kind::OFFICER);
        if let Some(account) = found {
            return Ok(accounts::actor(reader, &account, local(self.clock.now()).date()).await?);
        }
        Ok(Actor::Officer {
            id,
            name: work.account_name.clone(),
            posts: Vec::new(),
            stands_for: Vec::new(),
            approves_own: Vec::new(),
            own_accounts: Vec::new(),
        })
    }
}

/// Refuses an actor who may not do bulk work.
fn permit(actor: &Actor) -> Result<(), Error> {
    if may(actor, Deed::WorkInBulk, None) { Ok(()) } else { Err(Refusal::NotAllowed.into()) }
}

/// Returns whether an actor has a right on bulk work.
fn allows(actor: &Actor, deed: Deed, work: &bulk_work_row::Model) -> bool {
    let (owner, agency, unit) = (UserId(work.account.clone()), AgencyId(String::new()), UnitId(String::new()));
    let subject = AccessSubject { owner: &owner, agency: &agency, unit: &unit, role: None, assignee: None, past: &[] };
    may(actor, deed, Some(subject))
}

/// Returns the lines, each once, at most [`BULK_MOST`].
fn distinct(lines: &[BulkLine]) -> Vec<BulkLine> {
    let mut known = HashSet::new();
    let fresh = lines.iter().filter(|line| known.insert((line.code.as_str(), line.stay)));
    fresh.take(BULK_MOST).cloned().collect()
}

/// Returns the actions that are open at these lines. An action whose id has another name at another step is left out,
/// because it may be another action.
fn offers(sights: &[BulkSight]) -> Vec<BulkOffer> {
    let mut offers: Vec<BulkOffer> = Vec::new();
    let mut unclear = HashSet::new();
    for action in sights.iter().flat_map(|sight| &sight.actions) {
        match offers.iter_mut().find(|offer| offer.action.id == action.id) {
            Some(offer) if offer.action.name == action.name => offer.lines += 1,
            Some(_) => {
                unclear.insert(&action.id);
            }
            None => offers.push(BulkOffer { action: action.clone(), lines: 1 }),
        }
    }
    offers.retain(|offer| !unclear.contains(&offer.action.id));
    offers.sort_by_key(|offer| std::cmp::Reverse(offer.lines));
    offers
}

/// Returns bulk work with its counts.
fn work_of(row: &bulk_work_row::Model, counted: &[BulkCount]) -> Result<BulkWork, Error> {
    let mut counts = BulkCounts::default();
    for found in counted.iter().filter(|found| found.work == row.id) {
        let number = u64::try_from(found.count).unwrap_or_default();
        match found.state.as_str() {
            bulk_state::DONE => counts.done = number,
            bulk_state::REFUSED => counts.refused = number,
            _ => counts.open = number,
        }
    }
    Ok(BulkWork {
        id: row.id.clone(),
        author: row.account_name.clone(),
        deed: serde_json::from_str(&row.deed).map_err(Error::fault)?,
        label: serde_json::from_str(&row.label).map_err(Error::fault)?,
        at: row.created_at,
        stopped: row.stopped,
        counts,
    })
}

/// Returns a line with its outcome.
fn result_of(row: bulk_line_row::Model) -> Option<BulkResult> {
    let outcome = match row.state.as_str() {
        bulk_state::DONE => BulkOutcome::Done,
        bulk_state::REFUSED => BulkOutcome::Refused(row.refusal.unwrap_or_default()),
        _ => BulkOutcome::Open,
    };
    let (stay, seen) = (StayId::try_from(row.stay).ok(), u32::try_from(row.seen).ok());
    let line = BulkLine { code: DossierCode::parse(&row.dossier)?, stay, seen };
    Some(BulkResult { line, outcome, at: row.at })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sight(actions: &[(&str, &str)]) -> BulkSight {
        let action = |(id, name): &(&str, &str)| BulkAction { id: (*id).into(), name: Text::vi(*name) };
        let code = DossierCode::parse("H09.14-261126-0003").expect("a code");
        let line = BulkLine { code, stay: None, seen: None };
        BulkSight { line, actions: actions.iter().map(action).collect(), post: None, refusal: None }
    }

    #[test]
    fn an_action_is_offered_with_its_lines_unless_its_id_means_two_things() {
        let sights =
            [sight(&[("go", "Đi"), ("end", "Trả")]), sight(&[("end", "Trả")]), sight(&[("go", "Đến"), ("end", "Trả")])];
        let found: Vec<(String, usize)> =
            offers(&sights).into_iter().map(|offer| (offer.action.id.0, offer.lines)).collect();
        assert_eq!(found, [("end".to_owned(), 3)]);
    }

    #[test]
    fn a_line_that_is_chosen_twice_is_one() {
        let line = sight(&[]).line;
        let other = BulkLine { stay: Some(1), ..line.clone() };
        assert_eq!(distinct(&[line.clone(), other.clone(), line.clone()]), [line, other]);
    }
}
