//! `motcua init`

use crate::cli::SampleFolder;
use crate::{CommandOutcome, folder};
use motcua_domain::time::calendar::local;
use motcua_service::TimeSource;
use std::path::Path;

pub fn run(dir: &Path, sample: SampleFolder) -> anyhow::Result<CommandOutcome> {
    match sample {
        SampleFolder::Minimal => folder::write_minimal(dir, local(TimeSource::System.now()).year())?,
        SampleFolder::Binhduong => folder::write_binhduong(dir)?,
    }
    let dir = dir.display();
    println!("Made {dir}. Next:");
    println!("  motcua check {dir}                                   find mistakes after every change");
    println!("  motcua user password LOGIN --dir {dir}               give an officer of organisation.toml a password");
    println!("  motcua user list --dir {dir}                         the officers, and who can log in");
    println!("  motcua serve --dir {dir}                             run the portal");
    Ok(CommandOutcome::Fine)
}
