//! The succession of units, as reorganisations recorded it.

use crate::jobs::setting;
use crate::{Fault, Transaction};
use motcua_domain::dossier::event::PlaceMove;
use motcua_domain::dossier::succession::Successions;
use sea_orm::ConnectionTrait;

/// The setting with the table of successions.
const SUCCESSIONS: &str = "successions";

/// Returns the units that have the work of dissolved or reorganised units now.
pub async fn successions(connection: &impl ConnectionTrait) -> Result<Successions, Fault> {
    let stored = setting(connection, SUCCESSIONS).await?;
    Ok(stored.map(|stored| serde_json::from_str(&stored)).transpose()?.unwrap_or_default())
}

impl Transaction {
    /// Moves the work of units to others: the posts of officers, and the table of successions. The same moves again change
    /// nothing. Returns how many posts moved.
    ///
    /// The table is read, changed and written as a whole, so one transaction at a time does this. Otherwise two
    /// reorganisations at the same time would lose the entries of one.
    pub async fn move_units(&self, moves: &[PlaceMove]) -> Result<u64, Fault> {
        self.lock_officers().await?;
        let mut posts = 0;
        for PlaceMove { from, to } in moves {
            posts += self.move_posts(from, to).await?;
        }
        let known = successions(self.connection()).await?;
        let after = known.then(moves);
        if after != known {
            self.set_setting(SUCCESSIONS, &serde_json::to_string(&after)?).await?;
        }
        Ok(posts)
    }
}
