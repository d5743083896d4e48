//! The limits of one account, so that nobody alone fills the disk or the officers' lists.
//!
//! A day is the province's, because the pages tell people about today and tomorrow.

use crate::common::CommonParts;
use crate::rights::applicant;
use crate::{Error, InputRule, TimeSource};
use jiff::civil::Date;
use motcua_catalogue::settings::Quotas;
use motcua_domain::names::UserId;
use motcua_domain::people::organisation::Actor;
use motcua_store::drafts::Draft;
use motcua_store::usage::{self, HeldFiles};
use motcua_store::{Database, Transaction};

/// The name of the counter of files in a period.
const FILES: &str = "files";
const BYTES: &str = "bytes";
const MESSAGES: &str = "messages";
const SUGGESTIONS: &str = "suggestions";
const CODES: &str = "codes";
const EXPORTS: &str = "exports";

/// The most codes that an account gets in a day, for all purposes together.
const CODES_A_DAY: i64 = 10;

/// The most exports of an account in a day.
const EXPORTS_A_DAY: i64 = 5;

/// The number of applicants for whom an officer at the counter may upload: the quotas of the officer's uploads are so
/// many times those of one applicant.
const AT_COUNTER: u32 = 20;

const HOUR: i64 = 60 * 60;

fn megabytes(count: u32) -> i64 {
    i64::from(count) << 20
}

/// Returns how many times the quotas of one applicant hold for the account that fills a draft in.
const fn times(draft: &Draft) -> u32 {
    if draft.intake.is_some() { AT_COUNTER } else { 1 }
}

fn number(day: Date) -> i64 {
    i64::from(day.year()) * 10_000 + i64::from(day.month()) * 100 + i64::from(day.day())
}

/// The quotas of accounts. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct AccountQuotas {
    database: Database,
    clock: TimeSource,
    limits: Quotas,
}

impl AccountQuotas {
    pub(crate) fn new(common: &CommonParts, limits: Quotas) -> Self {
        let CommonParts { database, clock, .. } = common.clone();
        Self { database, clock, limits }
    }

    /// Rejects an upload to a draft before it is read, if the account that fills the draft in may upload nothing more
    /// today.
    pub(crate) async fn may_upload(&self, draft: &Draft) -> Result<(), Error> {
        self.has_room_today(draft.filled_by(), times(draft)).await
    }

    /// Rejects a file with a message before it is read, and counts it otherwise, as for a file that is uploaded to a
    /// draft. Files of staff do not count.
    pub(crate) async fn count_sent_file(&self, actor: &Actor) -> Result<(), Error> {
        let Ok(account) = applicant(actor) else { return Ok(()) };
        self.has_room_today(account, 1).await?;
        self.count_file_of(account, 1).await
    }

    /// Counts the bytes of a file that was received with a message, and rejects it if the applicant has reached today's
    /// limit. Files of staff do not count.
    pub(crate) async fn count_sent_bytes(&self, actor: &Actor, bytes: u64) -> Result<(), Error> {
        let Ok(account) = applicant(actor) else { return Ok(()) };
        self.count_bytes_of(account, 1, bytes).await
    }

    /// Breaks a rule if an account has uploaded as much today as it may, with `times` the quotas of one applicant.
    async fn has_room_today(&self, account: &UserId, times: u32) -> Result<(), Error> {
        let (reader, day) = (self.database.reader(), self.today());
        let files = usage::used(reader, account, FILES, day).await?;
        let bytes = usage::used(reader, account, BYTES, day).await?;
        if files >= self.files_a_day(times) || bytes >= self.bytes_a_day(times) {
            return Err(Error::Invalid(InputRule::QuotaDay));
        }
        Ok(())
    }

    /// Counts a file that is uploaded to a draft in any case, and rejects it if the account that fills the draft in has
    /// reached today's limit.
    pub(crate) async fn count_file(&self, draft: &Draft) -> Result<(), Error> {
        self.count_file_of(draft.filled_by(), times(draft)).await
    }

    /// Counts the bytes of a received file, and rejects it if the account that fills the draft in has reached today's
    /// limit.
    pub(crate) async fn count_bytes(&self, draft: &Draft, bytes: u64) -> Result<(), Error> {
        self.count_bytes_of(draft.filled_by(), times(draft), bytes).await
    }

    /// Counts a file of an account in any case, and rejects it beyond today's limit for `times` applicants.
    async fn count_file_of(&self, account: &UserId, times: u32) -> Result<(), Error> {
        self.count(account, (FILES, self.today()), 1, self.files_a_day(times), InputRule::QuotaDay).await
    }

    /// Counts bytes of an account in any case, and rejects them beyond today's limit for `times` applicants.
    async fn count_bytes_of(&self, account: &UserId, times: u32, bytes: u64) -> Result<(), Error> {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        self.count(account, (BYTES, self.today()), bytes, self.bytes_a_day(times), InputRule::QuotaDay).await
    }

    fn files_a_day(&self, times: u32) -> i64 {
        i64::from(self.limits.day_files) * i64::from(times)
    }

    fn bytes_a_day(&self, times: u32) -> i64 {
        megabytes(self.limits.day_megabytes) * i64::from(times)
    }

    /// Returns the number of the province's day, the period of every quota by day.
    fn today(&self) -> i64 {
        number(self.clock.today())
    }

    /// Counts more of something in a period, in any case, and breaks a rule if the account then has more than `most`.
    async fn count(
        &self,
        account: &UserId,
        (what, period): (&str, i64),
        more: i64,
        most: i64,
        rule: InputRule,
    ) -> Result<(), Error> {
        let transaction = self.database.begin().await?;
        let used = transaction.use_up(account, what, period, more).await?;
        transaction.commit().await?;
        if used > most { Err(Error::Invalid(rule)) } else { Ok(()) }
    }

    /// Rejects a change with which a draft, or the account that fills it in, exceeds its limit, before the change is
    /// committed.
    pub(crate) async fn within(&self, transaction: &Transaction, draft: &Draft) -> Result<(), Error> {
        let (connection, quotas) = (transaction.connection(), &self.limits);
        let exceeds = |held: HeldFiles, files: u32, size: u32, times: u32| {
            held.files > i64::from(files) * i64::from(times) || held.bytes > megabytes(size) * i64::from(times)
        };
        let held = usage::of_draft(connection, draft.id).await?;
        if exceeds(held, quotas.draft_files, quotas.draft_megabytes, 1) {
            return Err(Error::Invalid(InputRule::QuotaDraft));
        }
        let held = match &draft.intake {
            Some(intake) => usage::of_officer(connection, &intake.officer).await?,
            None => usage::of_account(connection, &draft.account).await?,
        };
        if exceeds(held, quotas.account_files, quotas.account_megabytes, times(draft)) {
            return Err(Error::Invalid(InputRule::QuotaAccount));
        }
        Ok(())
    }

    /// Rejects another draft if the account has as many as it may have. A draft that supplements a dossier does not
    /// count.
    pub(crate) fn may_begin_draft(&self, known: &[Draft]) -> Result<(), Error> {
        let kept = known.iter().filter(|draft| draft.dossier.is_none()).count();
        let most = usize::try_from(self.limits.drafts).unwrap_or(usize::MAX);
        if kept >= most { Err(Error::Invalid(InputRule::TooManyDrafts)) } else { Ok(()) }
    }

    /// Returns the moment from which filings count.
    pub(crate) fn an_hour_ago(&self) -> i64 {
        self.clock.now().as_second() - HOUR
    }

    /// Rejects another dossier if the account has filed as many as it may within an hour. Dossiers that are filed at
    /// the same moment may pass.
    pub(crate) fn may_file(&self, filed: u64) -> Result<(), Error> {
        let most = u64::from(self.limits.filings_per_hour);
        if filed >= most { Err(Error::Invalid(InputRule::QuotaFilings)) } else { Ok(()) }
    }

    /// Counts a message of an applicant, and rejects it if the account has reached this hour's limit. Messages of staff
    /// do not count.
    pub(crate) async fn count_message(&self, actor: &Actor) -> Result<(), Error> {
        let Ok(account) = applicant(actor) else { return Ok(()) };
        let hour = self.clock.now().as_second().div_euclid(HOUR);
        let most = i64::from(self.limits.messages_per_hour);
        self.count(account, (MESSAGES, hour), 1, most, InputRule::QuotaMessages).await
    }

    /// Counts a complaint or a suggestion, and rejects it if the account has reached today's limit.
    pub(crate) async fn count_suggestion(&self, account: &UserId) -> Result<(), Error> {
        let most = i64::from(self.limits.suggestions_per_day);
        self.count(account, (SUGGESTIONS, self.today()), 1, most, InputRule::QuotaSuggestions).await
    }

    /// Counts a code that is sent, and rejects it if the account has reached today's limit.
    pub(crate) async fn count_code(&self, account: &UserId) -> Result<(), Error> {
        self.count(account, (CODES, self.today()), 1, CODES_A_DAY, InputRule::QuotaCodes).await
    }

    /// Counts an export, and rejects it if the account has reached today's limit.
    pub(crate) async fn count_export(&self, account: &UserId) -> Result<(), Error> {
        self.count(account, (EXPORTS, self.today()), 1, EXPORTS_A_DAY, InputRule::QuotaExports).await
    }
}
