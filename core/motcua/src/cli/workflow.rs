//! The commands on workflows.

use crate::cli::{InstallDir, OutputFormat};
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum WorkflowCommand {
    /// Write the workflow of a procedure as BPMN 2.0 with its diagram.
    Export {
        /// Agency and name, such as `so-tuphap/doi-ten`.
        at: String,
        #[command(flatten)]
        dir: InstallDir,
        /// The file to write; by default the standard output.
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Simulate a procedure: how long dossiers wait, how many are late, and where they queue.
    Simulate(Box<SimulateArguments>),
    /// Write `workflows/NAME.toml` from a BPMN 2.0 document, and list the parts that were ignored or guessed.
    Import {
        /// The document.
        document: PathBuf,
        /// The name of the workflow, such as `one-stop`.
        name: String,
        #[command(flatten)]
        dir: InstallDir,
    },
}

/// The settings of a simulation. The officers are those of organisation.toml. Unknown values are assumed, and the
/// output lists them.
#[derive(Debug, Args)]
pub struct SimulateArguments {
    /// Agency and name of the procedure, such as `so-tuphap/doi-ten`.
    pub at: String,
    #[command(flatten)]
    pub dir: InstallDir,
    /// A file with assumptions: `arrivals`, `share`, `applicant_days`, `branches`, and `[step.ID]` with `minutes` and
    /// `ways`.
    #[arg(long)]
    pub plan: Option<PathBuf>,
    /// Take the assumptions from the journal of this procedure's dossiers; a plan goes before them.
    #[arg(long)]
    pub from_journal: bool,
    /// Compare with more officers, or fewer: `specialist+2`, `so-tuphap/ho-tich/specialist-1`.
    #[arg(long = "with")]
    pub with: Vec<String>,
    /// Compare with another limit, such as `3 working-days`.
    #[arg(long)]
    pub limit: Option<String>,
    /// The number of simulated working days; the first fifth does not count.
    #[arg(long, default_value_t = 120)]
    pub days: u32,
    /// The number of runs, each with other chances.
    #[arg(long, default_value_t = 20)]
    pub runs: u32,
    /// The seed of the chances; the same number gives the same chances.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// The first day; by default today.
    #[arg(long)]
    pub from: Option<jiff::civil::Date>,
    /// The format of the output: for people, or JSON for tools.
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    pub format: OutputFormat,
    /// Draw the distribution of the dossiers' durations as an SVG file.
    #[arg(long)]
    pub plot: Option<PathBuf>,
}
