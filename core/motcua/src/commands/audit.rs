//! `motcua audit`

use crate::cli::Audit;
use crate::runtime::Province;
use crate::{Outcome, log_key};
use anyhow::{Context as _, bail};
use motcua_desk::Clock;
use motcua_domain::names::DossierCode;
use motcua_domain::transparency::note::VerifierKey;
use motcua_domain::transparency::proof::Proof;
use motcua_store::Database;
use motcua_store::journal::Report;
use motcua_store::log::{Sealed, Trust};
use std::path::Path;

/// The largest proof file that is read, in bytes.
const LARGEST_PROOF: u64 = 16 << 20;

pub async fn run(dir: &Path, command: Audit) -> anyhow::Result<Outcome> {
    if let Audit::CheckProof { file, key } = &command {
        return check_proof(file, key);
    }
    let province = Province::read(dir, &Clock::System)?;
    let database = province.database().await?;
    match command {
        Audit::Verify { kept } => {
            let kept = kept.map(|file| read(&file)).transpose()?;
            let trust = Trust { keys: log_key::public(dir)?, kept };
            Ok(tell(&database.verify(&trust).await?))
        }
        Audit::Rebuild => rebuild(dir, &database).await,
        Audit::Head => head(&database).await,
        Audit::Prove { code, to } => prove(&database, &code, &to).await,
        Audit::RotateKey => rotate(dir, &database).await,
        Audit::CheckProof { .. } => Ok(Outcome::Fine),
    }
}

fn read(file: &Path) -> anyhow::Result<String> {
    let cannot_read = || format!("cannot read {}", file.display());
    let bytes = std::fs::metadata(file).with_context(cannot_read)?.len();
    if bytes > LARGEST_PROOF {
        bail!("{} is larger than {LARGEST_PROOF} bytes", file.display());
    }
    std::fs::read_to_string(file).with_context(cannot_read)
}

/// Prints what was found.
pub fn tell(report: &Report) -> Outcome {
    if !report.is_sound() {
        println!("{} things are wrong:", report.wrong);
        for finding in &report.findings {
            println!("- {finding}");
        }
        return Outcome::Findings;
    }
    println!("the journal is sound: {} events of {} dossiers", report.entries, report.dossiers);
    if report.migrated > 0 {
        println!("{} of them have the hashes of version 0.1, which fit too", report.migrated);
    }
    println!(
        "{} are sealed in the log; {} wait and are protected by their chain alone",
        report.sealed, report.unsealed
    );
    if let Some(head) = &report.head {
        println!("the signed head:\n{head}");
        println!("Keep it elsewhere: with --kept FILE a later run proves that nothing before it changed.");
    }
    Outcome::Fine
}

/// Makes the lists again from a journal that is sound. What the journal lacks is kept.
async fn rebuild(dir: &Path, database: &Database) -> anyhow::Result<Outcome> {
    let report = database.verify(&Trust { keys: log_key::public(dir)?, kept: None }).await?;
    if report.journal_is_wrong {
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

/// Prints the last signed head and nothing else, so that it can be kept in a file.
async fn head(database: &Database) -> anyhow::Result<Outcome> {
    let Some(head) = database.log_head().await? else { bail!("nothing is sealed yet; the portal seals while it runs") };
    print!("{}", head.note);
    Ok(Outcome::Fine)
}

async fn prove(database: &Database, code: &str, to: &Path) -> anyhow::Result<Outcome> {
    let code = DossierCode::parse(code).with_context(|| format!("`{code}` is not the code of a dossier"))?;
    let Some(proof) = database.prove(&code).await? else {
        bail!("the log has no entry of {code}; the portal seals entries while it runs");
    };
    let text = serde_json::to_string_pretty(&proof)?;
    std::fs::write(to, text).with_context(|| format!("cannot write {}", to.display()))?;
    println!("wrote the proof of {} entries of {code} to {}", proof.entries.len(), to.display());
    println!("Anybody can check it without the portal: motcua audit check-proof {}", to.display());
    Ok(Outcome::Fine)
}

fn check_proof(file: &Path, keys: &[String]) -> anyhow::Result<Outcome> {
    let trusted = keys.iter().map(|key| key.parse().with_context(|| format!("`{key}` is not a key")));
    let trusted: Vec<VerifierKey> = trusted.collect::<anyhow::Result<_>>()?;
    let text = read(file)?;
    let proof: Proof = serde_json::from_str(&text).with_context(|| format!("{} is not a proof", file.display()))?;
    let proven = match proof.check(&trusted) {
        Ok(proven) => proven,
        Err(error) => {
            println!("not proven: {error}");
            return Ok(Outcome::Findings);
        }
    };
    println!("proven: {} entries of dossier {}, in this order", proven.entries, proof.dossier);
    for entry in &proof.entries {
        let erased = if entry.payload.is_none() { " (its content is not in the file)" } else { "" };
        println!("  {} {} {}{erased}", entry.version, entry.at, entry.event);
    }
    println!("under the head of {} with {} entries, signed by {}", proven.head.at, proven.head.size, proven.signed_by);
    if proven.key_is_from_the_file {
        println!("The key comes from the same file. Compare it with the key that the province publishes, or name that");
        println!("one with --key.");
    }
    Ok(Outcome::Fine)
}

async fn rotate(dir: &Path, database: &Database) -> anyhow::Result<Outcome> {
    let old = log_key::read(dir)?.with_context(|| format!("{} has no {}", dir.display(), log_key::SECRET))?;
    let new = log_key::next(dir, &old)?;
    if database.log_keys().await?.last() == Some(new.verifier()) {
        // The command was stopped after the log had told of the key.
        log_key::take_over(dir, &new)?;
        println!("the new key {} is in place", new.verifier());
        return Ok(Outcome::Fine);
    }
    match database.rotate_log_key(&old, new.verifier(), Clock::System.now()).await? {
        Sealed::Entries(_) => {
            log_key::take_over(dir, &new)?;
            println!("the log tells of the new key {}", new.verifier());
            println!("Copy {} and {} to every node and start the nodes again.", log_key::SECRET, log_key::PUBLIC);
            Ok(Outcome::Fine)
        }
        Sealed::Busy => bail!("a node seals now; run the command again"),
        Sealed::OtherKey(key) => bail!("the log is signed with another key: {key}"),
    }
}
