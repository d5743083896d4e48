//! Telling applicants once of drafts that they left unfinished.

use super::JobService;
use crate::Error;
use jiff::SignedDuration;
use motcua_domain::text::Text;
use motcua_store::left_drafts::{LeftDraft, left_drafts};

/// The time after the last change from which a draft counts as left.
const LEFT: SignedDuration = SignedDuration::from_hours(3 * 24);

/// The age from which nobody is told of a draft any more. Its applicant gave it up, and an upgrade tells nobody of all
/// drafts of years.
const GIVEN_UP: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The most drafts of one round.
const AT_ONCE: i64 = 200;

impl JobService {
    /// Tells the applicants of drafts that they left three days ago, each draft once, on the portal and by e-mail to those
    /// who want it. Returns the number of drafts.
    pub async fn tell_of_left_drafts(&self) -> Result<usize, Error> {
        let mut told = 0;
        loop {
            let now = self.clock.now();
            let (since, until) = ((now - GIVEN_UP).as_second(), (now - LEFT).as_second());
            let left = left_drafts(self.database.reader(), since, until, AT_ONCE).await?;
            if left.is_empty() {
                return Ok(told);
            }
            let transaction = self.database.begin().await?;
            let send = self.senders.due(now);
            for draft in &left {
                told += usize::from(transaction.tell_of_draft(draft, &self.named(draft), now.as_second(), send).await?);
            }
            transaction.commit().await?;
        }
    }

    /// Returns the name of a draft's procedure, or an empty text if it is no longer known.
    fn named(&self, draft: &LeftDraft) -> Text {
        let catalogue = self.procedures.catalogue();
        catalogue.procedure(&draft.procedure).map(|live| live.procedure.name.clone()).unwrap_or_default()
    }
}
