//! `motcua init`

use crate::cli::Sample;
use crate::{Outcome, folder};
use motcua_desk::Clock;
use motcua_domain::calendar::local;
use std::path::Path;

pub fn run(dir: &Path, sample: Sample) -> anyhow::Result<Outcome> {
    match sample {
        Sample::Minimal => folder::write_minimal(dir, local(Clock::System.now()).year())?,
        Sample::Binhduong => folder::write_binhduong(dir)?,
    }
    let dir = dir.display();
    println!("Made {dir}. Next:");
    println!("  motcua check {dir}                                   find mistakes after every change");
    println!("  motcua user password LOGIN --dir {dir}               give an officer of organisation.toml a password");
    println!("  motcua user list --dir {dir}                         the officers, and who can log in");
    println!("  motcua serve --dir {dir}                             run the portal");
    Ok(Outcome::Fine)
}
