//! The commands on plugins.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// A component to try, and its limits.
#[derive(Debug, Args)]
pub struct TrialArguments {
    /// The component.
    pub component: PathBuf,
    /// An install folder, whose registries can be looked up.
    #[arg(long)]
    pub dir: Option<PathBuf>,
    /// A registry that it may look up; may be given several times.
    #[arg(long)]
    pub lookup: Vec<String>,
    /// Units of fuel, instead of 20 million.
    #[arg(long)]
    pub fuel: Option<u64>,
    /// Wall time, instead of 100.
    #[arg(long)]
    pub milliseconds: Option<u64>,
    /// Memory, instead of 16.
    #[arg(long)]
    pub memory_mib: Option<u32>,
    /// The size of the file, instead of 2.
    #[arg(long)]
    pub component_mib: Option<u32>,
    /// Core modules that it consists of, instead of 4.
    #[arg(long)]
    pub instances: Option<u32>,
    /// Entries of a table, instead of 10000.
    #[arg(long)]
    pub table_entries: Option<u32>,
}

/// The language of a new plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PluginLanguage {
    Rust,
    Javascript,
    Python,
}

#[derive(Debug, Subcommand)]
pub enum PluginCommand {
    /// Write a plugin to begin with, whose types are those of a procedure's form.
    New {
        /// Its name, which is that of its folder and file.
        name: String,
        /// The folder of the procedure, such as procedures/so-tuphap/doi-ten.
        #[arg(long)]
        procedure: PathBuf,
        /// The language. Rust plugins are small and fast; the others contain an interpreter.
        #[arg(long, value_enum, default_value_t = PluginLanguage::Rust)]
        language: PluginLanguage,
        /// The folder in which to create the plugin's folder; by default here.
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Build the plugin in a folder, with the tools of its language.
    Build {
        /// The plugin's folder.
        #[arg(default_value = ".")]
        dir: PathBuf,
    },
    /// Print the imports, exports and needs of a component, or why it is unfit.
    Check {
        #[command(flatten)]
        tried: TrialArguments,
    },
    /// Ask a component about a dossier, and print findings, fees, values, fuel and memory.
    Run {
        #[command(flatten)]
        tried: TrialArguments,
        /// JSON of the form's values, or of the whole input; or a scenario in TOML.
        #[arg(long)]
        dossier: PathBuf,
        /// One of validate, assess-fees, compute, route, prefill, connect; by default the one that judges the form.
        #[arg(long)]
        ask: Option<String>,
    },
    /// Measure a component: microseconds and fuel of a call.
    Bench {
        #[command(flatten)]
        tried: TrialArguments,
        /// JSON of the form's values, or of the whole input; or a scenario in TOML.
        #[arg(long)]
        dossier: PathBuf,
        /// The number of calls.
        #[arg(long, default_value_t = 1000)]
        calls: usize,
    },
    /// Show a component's digest, size, signature, exports and imports.
    Inspect {
        /// The component.
        component: PathBuf,
    },
    /// Sign a component or a package with a secret key of minisign; the signature is written beside it.
    Sign {
        component: PathBuf,
        /// The secret key; its password is asked, or read from MINISIGN_PASSWORD.
        #[arg(long)]
        key: PathBuf,
    },
    /// Check whether the signature beside a component or a package is by this key.
    Verify {
        component: PathBuf,
        /// The .pub file, or its last line.
        #[arg(long)]
        key: String,
    },
}
