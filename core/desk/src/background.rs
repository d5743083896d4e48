//! What the portal does by itself when time passes.

use crate::{Desk, Error};
use motcua_domain::command::Command;
use motcua_domain::organisation::Actor;
use motcua_store::lists;

impl Desk {
    /// Closes dossiers whose applicant let a limit pass. Gives how many.
    pub async fn lapse_due(&self) -> Result<usize, Error> {
        let due = lists::lapsed(self.inner.database.reader(), self.now().as_second()).await?;
        let mut closed = 0;
        for code in due {
            match self.change_and(&Actor::System, &code, &Command::Lapse, None).await {
                Ok(_) => closed += 1,
                // The applicant answered meanwhile.
                Err(Error::Refused(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(closed)
    }
}
