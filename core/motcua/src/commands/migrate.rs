//! `motcua migrate`

use crate::Outcome;
use crate::runtime::Province;
use motcua_desk::Clock;
use std::path::Path;

pub async fn run(dir: &Path, status: bool) -> anyhow::Result<Outcome> {
    let database = Province::read(dir, &Clock::System)?.database().await?;
    let pending = database.pending_migrations().await?;
    for name in &pending {
        println!("{} {name}", if status { "pending:" } else { "applying:" });
    }
    if pending.is_empty() {
        println!("the database schema is up to date");
    }
    if status {
        return Ok(if pending.is_empty() { Outcome::Fine } else { Outcome::Findings });
    }
    database.migrate().await?;
    database.close().await?;
    Ok(Outcome::Fine)
}
