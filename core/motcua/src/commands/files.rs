//! `motcua files`

use crate::Outcome;
use crate::access::Access;
use crate::cli::Files;
use crate::runtime::Province;
use motcua_desk::Clock;
use motcua_store::files::CheckDepth;
use std::path::Path;

pub async fn run(dir: &Path, command: Files, access: Access) -> anyhow::Result<Outcome> {
    let province = Province::read(dir, &Clock::System)?.to(access);
    let (database, files) = (province.database().await?, province.files()?);
    match command {
        Files::Verify => {
            let checked = files.verify(&database, CheckDepth::Content).await?;
            for finding in &checked.findings {
                println!("{finding}");
            }
            println!("{} files are as they were stored", checked.sound);
            if checked.unfinished > 0 {
                println!("{} uploads broke off; motcua files sweep deletes them after a week", checked.unfinished);
            }
            if checked.findings.is_empty() {
                return Ok(Outcome::Fine);
            }
            println!("{} files are lost; restore them from a backup", checked.findings.len());
            Ok(Outcome::Findings)
        }
        Files::Sweep { dry_run } => {
            let swept = files.sweep(&database, Clock::System.now().as_second(), dry_run).await?;
            let verb = if dry_run { "would delete" } else { "deleted" };
            println!("{verb} {} files ({} bytes) and {} unfinished uploads", swept.files, swept.bytes, swept.uploads);
            Ok(Outcome::Fine)
        }
    }
}
