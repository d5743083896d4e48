//! `motcua migrate`

use crate::CommandOutcome;
use crate::access::CommandAccess;
use crate::commands::audit;
use crate::runtime::ProvinceFolder;
use anyhow::{Context as _, bail, ensure};
use motcua_service::TimeSource;
use motcua_store::projections::Rebuilt;
use motcua_store::{Database, Granted};
use std::path::Path;

pub async fn run(
    dir: &Path,
    status: bool,
    role: Option<&str>,
    access: CommandAccess,
) -> anyhow::Result<CommandOutcome> {
    let database = ProvinceFolder::read(dir, &TimeSource::System)?.to(access).database_to_migrate().await?;
    ensure!(role.is_none() || database.kind() == "postgresql", "SQLite has no roles; leave --grant out");
    let pending = database.pending_migrations().await?;
    for name in &pending {
        println!("{} {name}", if status { "pending:" } else { "applying:" });
    }
    if pending.is_empty() {
        println!("the database schema is up to date");
    }
    if status {
        return Ok(if pending.is_empty() { CommandOutcome::Fine } else { CommandOutcome::Findings });
    }
    let rebuilt = database.migrate().await?.unwrap_or_default();
    if let Some(role) = role {
        grant(&database, role).await?;
    }
    database.close().await?;
    Ok(if rebuilt == Rebuilt::default() { CommandOutcome::Fine } else { audit::tell_rebuilt(&rebuilt) })
}

async fn grant(database: &Database, role: &str) -> anyhow::Result<()> {
    let granted = database.grant(role).await;
    match granted.with_context(|| format!("cannot grant to {role}; the schema is up to date all the same"))? {
        Granted::Done => println!("{role} may serve the portal, and cannot change the journal"),
        Granted::TooMighty { role: other, way } => {
            let of = if other == role { String::new() } else { format!(", a member of the role {other}, which") };
            bail!(
                "{role} could change the journal all the same: {role}{of} {way}. Nothing was granted. Take this away \
                 from it, or make a role of its own: CREATE ROLE motcua LOGIN PASSWORD '…'. A right of everybody is \
                 taken away by REVOKE … FROM PUBLIC"
            )
        }
    }
    Ok(())
}
