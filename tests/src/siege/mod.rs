//! A portal under siege: citizens who insist on its promises, a calendar that changes, and trouble.

pub mod calendar;
pub mod citizen;
pub mod load;
pub mod moves;
pub mod trouble;

use crate::process::motcua;
use anyhow::ensure;
use std::path::Path;

/// Verifies the journal by `motcua audit verify`, and returns the first line of its answer.
pub fn audit(dir: &Path) -> anyhow::Result<String> {
    let output = motcua().args(["audit", "verify", "--dir"]).arg(dir).output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(output.status.success(), "{said}");
    Ok(said.lines().next().unwrap_or_default().to_owned())
}
