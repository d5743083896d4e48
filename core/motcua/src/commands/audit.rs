//! `motcua audit`

use crate::Outcome;
use crate::cli::Audit;
use crate::runtime::Province;
use motcua_desk::Clock;
use motcua_store::Database;
use motcua_store::journal::Report;
use std::path::Path;

pub async fn run(dir: &Path, command: Audit) -> anyhow::Result<Outcome> {
    let database = Province::read(dir, &Clock::System)?.database().await?;
    match command {
        Audit::Rebuild => rebuild(&database).await,
        Audit::Verify => Ok(tell(&database.verify().await?)),
    }
}

/// Prints what was found.
fn tell(report: &Report) -> Outcome {
    if report.is_sound() {
        println!("the journal is sound: {} events of {} dossiers", report.entries, report.dossiers);
        if report.migrated > 0 {
            println!("{} of them have the hashes of version 0.1, which fit too", report.migrated);
        }
        return Outcome::Fine;
    }
    println!("{} things are wrong:", report.wrong);
    for finding in &report.findings {
        println!("- {finding}");
    }
    Outcome::Findings
}

/// Makes the lists again from a journal that is sound. What the journal lacks is kept.
async fn rebuild(database: &Database) -> anyhow::Result<Outcome> {
    let report = database.verify().await?;
    let of_journal = |finding: &&motcua_store::journal::Finding| finding.version.is_some();
    if report.findings.iter().any(|finding| of_journal(&finding)) {
        tell(&report);
        println!("The lists were left as they are, because they may be the last evidence. Restore the journal first.");
        return Ok(Outcome::Findings);
    }
    let rebuilt = database.rebuild_projections().await?;
    println!("the lists of {} dossiers were made again from the journal", rebuilt.dossiers);
    if rebuilt.without_journal.is_empty() {
        return Ok(Outcome::Fine);
    }
    println!("the journal lacks {} dossiers, which stay in the lists:", rebuilt.without_journal.len());
    for code in &rebuilt.without_journal {
        println!("- {code}");
    }
    Ok(Outcome::Findings)
}
