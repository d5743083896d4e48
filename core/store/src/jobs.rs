//! Scheduled jobs. The jobs of a dossier follow from its state, and a change inserts its jobs in its own transaction. A
//! node leases a job before running it. The job's effect and its deletion commit together, so each job takes effect once.
//! A job that the rules refuse stays as long as it follows from the state of its dossier.

use crate::rows::{job, notice, setting};
use crate::{Database, Fault, Transaction};
use jiff::Timestamp;
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::event::StayId;
use motcua_domain::names::{Digest, DossierCode};
use motcua_domain::time::clock::Clock;
use sea_orm::sea_query::{LockType, OnConflict};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Statement,
};

/// The kinds of jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobKind {
    /// Close a dossier whose applicant let a limit pass.
    Lapse,
    /// Take the action of a step's timer.
    Timer,
    Remind,
    Escalate,
    /// Tell the applicant that the appointment passes without a result.
    Late,
    /// Tell the applicant that the validity of the result ends soon.
    Expiry,
    /// Recompute the due times of all open dossiers.
    Calendar,
    /// Let a plugin notify another system of an event.
    Connect,
    /// Send the applicant the notice of an event of a dossier or a suggestion by e-mail.
    Mail,
    /// Send the applicant such a notice to the phone.
    Sms,
    /// Do a deed on the dossiers that an officer chose.
    Bulk,
    /// Send an officer the digest of a day by e-mail.
    Digest,
    /// Ask the payment gateway what became of a payment.
    Payment,
}

impl JobKind {
    /// The kinds of jobs that follow from the state of a dossier.
    pub const OF_DOSSIERS: [Self; 6] =
        [Self::Lapse, Self::Timer, Self::Remind, Self::Escalate, Self::Late, Self::Expiry];

    /// The kinds of jobs that send a mail.
    pub const OF_MAILS: [Self; 2] = [Self::Mail, Self::Digest];

    /// Returns the word for the kind in the table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lapse => "lapse",
            Self::Timer => "timer",
            Self::Remind => "remind",
            Self::Escalate => "escalate",
            Self::Late => "late",
            Self::Expiry => "expiry",
            Self::Calendar => "calendar",
            Self::Connect => "connect",
            Self::Mail => "mail",
            Self::Sms => "sms",
            Self::Bulk => "bulk",
            Self::Digest => "digest",
            Self::Payment => "payment",
        }
    }

    /// Returns the kinds by which plugins speak with other systems, or all others but mails, messages to phones, bulk work
    /// and payments.
    pub fn together(connect: bool) -> impl Iterator<Item = Self> {
        let all = Self::OF_DOSSIERS.into_iter().chain([Self::Calendar, Self::Connect]);
        all.filter(move |kind| (*kind == Self::Connect) == connect)
    }

    fn parse(name: &str) -> Option<Self> {
        let others = Self::OF_MAILS.into_iter().chain([Self::Sms, Self::Bulk, Self::Payment]);
        let mut all = [false, true].into_iter().flat_map(Self::together).chain(others);
        all.find(|kind| kind.name() == name)
    }
}

/// A job that was leased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub key: String,
    pub kind: JobKind,
    /// None for jobs that concern all dossiers.
    pub dossier: Option<DossierCode>,
    pub stay: StayId,
    /// The number of times that the job was begun, this time included.
    pub attempts: i64,
    /// The end of the lease. A job with another end of its lease was leased by another node meanwhile, or is due again.
    pub leased_until: i64,
}

/// A job that failed often, and that an administrator is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadJob {
    pub key: String,
    pub kind: String,
    pub dossier: String,
    pub attempts: i64,
    pub error: String,
}

/// The length of a lease, in seconds. After it, other nodes can take the jobs of a node that was killed.
pub const LEASE: i64 = 60;

/// The number of attempts after which an administrator is shown a job. The job is still tried.
pub const MOST_ATTEMPTS: i64 = 8;

/// The longest pause after which a failed job is tried again, in seconds: a day.
const LONGEST_PAUSE: i64 = 86_400;

/// The time of a job that runs only if an administrator asks for it.
const NEVER: i64 = i64::MAX;

/// The length of the pause after which a refused job is tried again, in seconds. A change of the dossier ends the pause.
pub const REFUSED_PAUSE: i64 = 3600;

/// Returns whether a job follows from the state of a dossier.
pub fn follows_from(dossier: &Dossier, job: &Job) -> bool {
    of(dossier).iter().any(|row| row.key == job.key)
}

/// Returns the jobs that follow from the state of a dossier.
pub(crate) fn of(dossier: &Dossier) -> Vec<job::Model> {
    let mut jobs = Vec::new();
    let mut add = |kind: JobKind, stay: StayId, at: Timestamp| {
        let code = &dossier.filed.code;
        jobs.push(job::Model {
            // The moment is part of the key, so a limit that moves is another job.
            key: format!("{}/{code}/{stay}/{}", kind.name(), at.as_second()),
            kind: kind.name().to_owned(),
            dossier: code.to_string(),
            stay: Some(i64::from(stay)),
            // Instants are whole seconds here, and the moment itself must have passed.
            run_at: at.as_second() + 1,
            attempts: 0,
            leased_until: 0,
            dead: false,
            error: None,
        });
    };
    for stay in &dossier.flow.stays {
        if let Some(until) = stay.waits.as_ref().and_then(|wait| wait.clock().due()) {
            add(JobKind::Lapse, stay.id, until);
        }
        if let Some(at) = stay.timer.as_ref().and_then(Clock::due) {
            add(JobKind::Timer, stay.id, at);
        }
        if let Some(at) = stay.reminds_at() {
            add(JobKind::Remind, stay.id, at);
        }
        if stay.escalate.is_some()
            && !stay.escalated
            && let Some(due) = stay.due()
        {
            add(JobKind::Escalate, stay.id, due);
        }
    }
    if let Some(at) = dossier.late_notice_at() {
        // No stay is meant. The number keeps the keys of all jobs alike.
        add(JobKind::Late, 0, at);
    }
    if let Some(at) = dossier.expiry_notice_at() {
        add(JobKind::Expiry, 0, at);
    }
    jobs
}

/// Returns the job that notifies a component of the event that led to this state of the dossier.
pub(crate) fn connect(component: &Digest, after: &Dossier, at: Timestamp) -> job::Model {
    let code = after.filed.code.as_str();
    after_event(JobKind::Connect, code, &format!("{}/{component}", after.version), at)
}

/// The moments from which a notice is sent, each none if the portal sends none that way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SendTimes {
    /// By e-mail.
    pub mail: Option<Timestamp>,
    /// To a phone.
    pub sms: Option<Timestamp>,
}

/// Returns the jobs that send a notice.
///
/// The key of each names the event, and an event is appended once, so no event has two jobs of a kind.
pub(crate) fn sending(notice: &notice::Model, send: SendTimes) -> impl Iterator<Item = job::Model> {
    let ways = [(JobKind::Mail, send.mail), (JobKind::Sms, send.sms)];
    ways.into_iter()
        .filter_map(move |(kind, from)| Some(after_event(kind, &notice.dossier, &notice.version.to_string(), from?)))
}

/// Returns a job that an event of a dossier causes once, whatever becomes of the dossier.
fn after_event(kind: JobKind, code: &str, event: &str, at: Timestamp) -> job::Model {
    job::Model {
        key: format!("{}/{code}/{event}", kind.name()),
        kind: kind.name().to_owned(),
        dossier: code.to_owned(),
        stay: None,
        run_at: at.as_second(),
        attempts: 0,
        leased_until: 0,
        dead: false,
        error: None,
    }
}

impl Job {
    /// Returns the event of a notification: the version of the dossier after it, and the component.
    pub fn told(&self) -> Option<(usize, Digest)> {
        let mut parts = self.key.rsplitn(3, '/');
        let (component, version) = (parts.next()?, parts.next()?);
        Some((version.parse().ok()?, Digest(component.to_owned())))
    }

    /// Returns the notice that is sent by e-mail or to a phone: the dossier or the suggestion of which it tells, and its version after the
    /// event.
    pub fn mailed(&self) -> Option<(&str, i64)> {
        let (begin, version) = self.key.rsplit_once('/')?;
        let (_, subject) = begin.split_once('/')?;
        Some((subject, version.parse().ok()?))
    }
}

impl Job {
    /// Returns the digest that is sent by e-mail: the account of its officer, and its day.
    pub fn digested(&self) -> Option<(&str, &str)> {
        let (begin, day) = self.key.rsplit_once('/')?;
        let (_, officer) = begin.split_once('/')?;
        Some((officer, day))
    }
}

fn read(row: job::Model) -> Result<Job, Fault> {
    let kind = JobKind::parse(&row.kind).ok_or_else(|| Fault::Unreadable(format!("kind of job {}", row.kind)))?;
    let stay = row.stay.and_then(|stay| StayId::try_from(stay).ok()).unwrap_or(0);
    let dossier = DossierCode::parse(&row.dossier);
    Ok(Job { kind, dossier, stay, attempts: row.attempts, leased_until: row.leased_until, key: row.key })
}

/// Returns the condition of a job whose lease is still the caller's.
///
/// Another node may have leased the job after the end of the lease. A change of the dossier makes a job due again, without
/// a lease.
fn leased(job: &Job) -> Condition {
    Condition::all().add(job::Column::Key.eq(&job.key)).add(job::Column::LeasedUntil.eq(job.leased_until))
}

impl Database {
    /// Leases jobs that are due, at most `most`: those that speak with other systems, or all others.
    ///
    /// No other node gets the same job while the lease lasts. Jobs of kinds that only a newer version of the portal knows
    /// stay where they are, so that they stop no others.
    pub async fn lease_jobs(&self, now: i64, most: u64, connect: bool) -> Result<Vec<Job>, Fault> {
        self.lease_jobs_of(&JobKind::together(connect).collect::<Vec<_>>(), now, most).await
    }

    /// Leases jobs of these kinds as [`Self::lease_jobs`] does.
    pub async fn lease_jobs_of(&self, kinds: &[JobKind], now: i64, most: u64) -> Result<Vec<Job>, Fault> {
        let kinds: Vec<String> = kinds.iter().map(|kind| format!("'{}'", kind.name())).collect();
        let kinds = kinds.join(", ");
        let transaction = self.begin().await?;
        let connection = transaction.connection();
        let backend = connection.get_database_backend();
        // Nodes do not wait for one another's locks. Each skips the rows that another one has locked.
        let skip = if backend == DbBackend::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" };
        let sql = format!(
            "UPDATE job SET leased_until = $1, attempts = attempts + 1
             WHERE key IN (SELECT key FROM job WHERE dead IN (FALSE, TRUE) AND run_at <= $2 AND leased_until <= $2
                           AND kind IN ({kinds})
                           ORDER BY run_at LIMIT $3 {skip}) RETURNING *"
        );
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let values = [(now + LEASE).into(), now.into(), most.into()];
        let statement = Statement::from_sql_and_values(backend, sql, values);
        let rows = job::Model::find_by_statement(statement).all(connection).await?;
        transaction.commit().await?;
        rows.into_iter().map(read).collect()
    }
}

impl Database {
    /// Returns a secret of the portal. If none is stored under this name, stores `fresh` and returns it.
    pub async fn secret(&self, name: &str, fresh: &[u8]) -> Result<Vec<u8>, Fault> {
        let row = setting::Model { name: name.to_owned(), value: hex::encode(fresh) };
        let known = OnConflict::column(setting::Column::Name).do_nothing().to_owned();
        let insert = setting::Entity::insert(row.into_active_model()).on_conflict(known);
        insert.exec_without_returning(self.writer()).await?;
        let value = setting(self.writer(), name).await?.unwrap_or_default();
        hex::decode(value).map_err(|error| Fault::Unreadable(error.to_string()))
    }
}

impl Transaction {
    /// Locks a leased job until the commit, and returns whether the lease is still the caller's.
    pub async fn holds_lease(&self, job: &Job) -> Result<bool, Fault> {
        let row = job::Entity::find().filter(leased(job)).select_only().column(job::Column::Key);
        let found = row.lock(LockType::Update).into_tuple::<String>().one(self.connection()).await?;
        Ok(found.is_some())
    }

    /// Gives the lease of a job back before the job is done. The job is due at once, and the try does not count.
    pub async fn release_job(&self, job: &Job, now: i64) -> Result<(), Fault> {
        job::Entity::update_many()
            .col_expr(job::Column::LeasedUntil, 0.into())
            .col_expr(job::Column::RunAt, now.into())
            .col_expr(job::Column::Attempts, (job.attempts - 1).max(0).into())
            .filter(leased(job))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Deletes a job that is done.
    pub async fn finish_job(&self, done: &Job) -> Result<(), Fault> {
        job::Entity::delete_many().filter(leased(done)).exec(self.connection()).await?;
        Ok(())
    }

    /// Records that a job failed.
    ///
    /// The job is retried later, after a longer time with each failure, and at last once a day. Then an administrator is
    /// shown the job.
    pub async fn fail_job(&self, failed: &Job, now: i64, error: &str) -> Result<(), Fault> {
        let pause = 30_i64.saturating_mul(1_i64 << failed.attempts.clamp(0, 12)).min(LONGEST_PAUSE);
        self.put_off(failed, now.saturating_add(pause), error, failed.attempts >= MOST_ATTEMPTS).await
    }

    /// Records that a job would fail again. The job is not tried until an administrator asks for it.
    pub async fn give_up_job(&self, failed: &Job, error: &str) -> Result<(), Fault> {
        self.put_off(failed, NEVER, error, true).await
    }

    /// Records that the rules refused a job that is due.
    ///
    /// The job is tried again when its dossier changes, and after a pause. A refusal is no failed try, so no administrator
    /// is shown the job because of it.
    pub async fn refuse_job(&self, refused: &Job, now: i64, refusal: &str) -> Result<(), Fault> {
        job::Entity::update_many()
            .col_expr(job::Column::LeasedUntil, 0.into())
            .col_expr(job::Column::RunAt, (now + REFUSED_PAUSE).into())
            .col_expr(job::Column::Attempts, (refused.attempts - 1).max(0).into())
            .col_expr(job::Column::Dead, false.into())
            .col_expr(job::Column::Error, refusal.chars().take(500).collect::<String>().into())
            .filter(leased(refused))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    async fn put_off(&self, failed: &Job, run_at: i64, error: &str, dead: bool) -> Result<(), Fault> {
        job::Entity::update_many()
            .col_expr(job::Column::LeasedUntil, 0.into())
            .col_expr(job::Column::RunAt, run_at.into())
            .col_expr(job::Column::Dead, dead.into())
            .col_expr(job::Column::Error, error.chars().take(500).collect::<String>().into())
            .filter(leased(failed))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Lets a job that an administrator is shown run again. Any other job stays as it is.
    pub async fn retry_job(&self, key: &str, now: i64) -> Result<(), Fault> {
        self.retry_dead(Condition::all().add(job::Column::Key.eq(key)), now).await
    }

    /// Lets all jobs that an administrator is shown run again.
    pub async fn retry_all_jobs(&self, now: i64) -> Result<(), Fault> {
        self.retry_dead(Condition::all(), now).await
    }

    async fn retry_dead(&self, which: Condition, now: i64) -> Result<(), Fault> {
        job::Entity::update_many()
            .col_expr(job::Column::Attempts, 0.into())
            .col_expr(job::Column::RunAt, now.into())
            .col_expr(job::Column::Dead, false.into())
            .filter(which.add(job::Column::Dead.eq(true)))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Adds a job that follows from no dossier. If the job exists, it starts again with all its tries.
    pub async fn add_job(&self, key: &str, kind: JobKind, now: i64) -> Result<(), Fault> {
        let row = job::Model {
            key: key.to_owned(),
            kind: kind.name().to_owned(),
            dossier: String::new(),
            stay: None,
            run_at: now,
            attempts: 0,
            leased_until: 0,
            dead: false,
            error: None,
        };
        let again = [job::Column::RunAt, job::Column::Attempts, job::Column::Dead];
        let known = OnConflict::column(job::Column::Key).update_columns(again).to_owned();
        let insert = job::Entity::insert(row.into_active_model()).on_conflict(known);
        insert.exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Stores a value about the portal itself, unless a value of this name exists.
    pub async fn add_setting(&self, name: &str, value: &str) -> Result<(), Fault> {
        let row = setting::Model { name: name.to_owned(), value: value.to_owned() };
        let known = OnConflict::column(setting::Column::Name).do_nothing().to_owned();
        let insert = setting::Entity::insert(row.into_active_model()).on_conflict(known);
        insert.exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Deletes a value that the portal stores about itself.
    pub async fn remove_setting(&self, name: &str) -> Result<(), Fault> {
        setting::Entity::delete_by_id(name).exec(self.connection()).await?;
        Ok(())
    }

    /// Stores a value about the portal itself.
    pub async fn set_setting(&self, name: &str, value: &str) -> Result<(), Fault> {
        let row = setting::Model { name: name.to_owned(), value: value.to_owned() };
        let update = OnConflict::column(setting::Column::Name).update_column(setting::Column::Value).to_owned();
        let insert = setting::Entity::insert(row.into_active_model()).on_conflict(update);
        insert.exec_without_returning(self.connection()).await?;
        Ok(())
    }
}

/// Returns the jobs that an administrator is shown.
pub async fn dead(connection: &impl ConnectionTrait) -> Result<Vec<DeadJob>, Fault> {
    let rows = job::Entity::find().filter(job::Column::Dead.eq(true)).order_by_asc(job::Column::RunAt).limit(200);
    let dead = |row: job::Model| DeadJob {
        key: row.key,
        kind: row.kind,
        dossier: row.dossier,
        attempts: row.attempts,
        error: row.error.unwrap_or_default(),
    };
    Ok(rows.all(connection).await?.into_iter().map(dead).collect())
}

/// Returns how many jobs wait for their time, and how many of them should have run before `now`.
pub async fn waiting(connection: &impl ConnectionTrait, now: i64) -> Result<(u64, u64), Fault> {
    use sea_orm::PaginatorTrait as _;
    let all = job::Entity::find().filter(job::Column::Dead.eq(false));
    let late = all.clone().filter(job::Column::RunAt.lte(now));
    Ok((all.count(connection).await?, late.count(connection).await?))
}

/// Returns all values of the portal whose names begin with `begin`.
pub async fn settings(connection: &impl ConnectionTrait, begin: &str) -> Result<Vec<(String, String)>, Fault> {
    let rows = setting::Entity::find().filter(setting::Column::Name.starts_with(begin)).all(connection).await?;
    Ok(rows.into_iter().map(|row| (row.name, row.value)).collect())
}

/// Returns a value that the portal stores about itself.
pub async fn setting(connection: &impl ConnectionTrait, name: &str) -> Result<Option<String>, Fault> {
    Ok(setting::Entity::find_by_id(name).one(connection).await?.map(|row| row.value))
}
