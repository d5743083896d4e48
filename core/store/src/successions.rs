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
    /// Records that units gave their work to others. The same moves again change nothing.
    pub async fn add_successions(&self, moves: &[PlaceMove]) -> Result<(), Fault> {
        let known = successions(self.connection()).await?;
        let after = known.then(moves);
        if after == known {
            return Ok(());
        }
        self.set_setting(SUCCESSIONS, &serde_json::to_string(&after)?).await
    }
}
