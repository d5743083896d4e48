//! Reminding applicants once of what the office asked of them, before their time ends.

use super::JobService;
use crate::Error;
use jiff::SignedDuration;
use motcua_store::asked::waiting_dossiers;

/// The time before the end at which an applicant is reminded.
const BEFORE: SignedDuration = SignedDuration::from_hours(3 * 24);

/// The time for which an applicant who was told something of the dossier is not reminded.
const JUST_TOLD: SignedDuration = SignedDuration::from_hours(24);

/// The most dossiers of one round.
const AT_ONCE: i64 = 200;

impl JobService {
    /// Reminds the applicants of dossiers that wait for them for three days more at most: for a supplement, a payment or a
    /// step of theirs. Each is reminded once of an end, on the portal and by the ways that they want. Returns the number of
    /// dossiers.
    pub async fn remind_of_asked(&self) -> Result<usize, Error> {
        let mut told = 0;
        loop {
            let now = self.clock.now();
            let times = (now.as_second(), (now + BEFORE).as_second(), (now - JUST_TOLD).as_second());
            let waiting = waiting_dossiers(self.database.reader(), times, AT_ONCE).await?;
            if waiting.is_empty() {
                return Ok(told);
            }
            let (transaction, send) = (self.database.begin().await?, self.senders.due(now));
            for dossier in &waiting {
                told += usize::from(transaction.remind_of(dossier, now.as_second(), send).await?);
            }
            transaction.commit().await?;
        }
    }
}
