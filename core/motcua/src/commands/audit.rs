//! `motcua audit`

use crate::Outcome;
use crate::cli::Audit;
use crate::runtime::Province;
use motcua_desk::Clock;
use motcua_store::journal::{self, Audit as Found};
use std::path::Path;

pub async fn run(dir: &Path, command: Audit) -> anyhow::Result<Outcome> {
    let database = Province::read(dir, &Clock::System)?.database().await?;
    match command {
        Audit::Rebuild => {
            let transaction = database.begin().await?;
            transaction.lock_journal().await?;
            transaction.rebuild_projections().await?;
            transaction.commit().await?;
            println!("the lists were made anew from the journal");
            Ok(Outcome::Fine)
        }
        Audit::Verify { kept } => match journal::verify(&database, kept.as_deref()).await? {
            Found::Sound { entries, head } => {
                println!("the journal is sound: {entries} events");
                println!("head {head}");
                println!(
                    "Keep this head elsewhere; with --kept HEAD a later run proves that nothing before it changed."
                );
                Ok(Outcome::Fine)
            }
            Found::Broken { number, dossier, event, reason } => {
                println!("the journal was changed: event {number} ({event}) of dossier {dossier}: {reason}");
                Ok(Outcome::Findings)
            }
            Found::HeadMissing { entries } => {
                println!(
                    "the journal's {entries} events follow from one another, but the kept head is not among them:"
                );
                println!("events were taken off its end, or it was written anew");
                Ok(Outcome::Findings)
            }
        },
    }
}
