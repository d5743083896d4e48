//! The arguments of the command line: the commands, with a file for each group of them.

mod installed;
mod plugin;
mod procedure;
mod workflow;

pub use installed::{AuditCommand, DossiersCommand, FilesCommand, OrgCommand, UserCommand};
pub use plugin::{PluginCommand, PluginLanguage, TrialArguments};
pub use procedure::{NewProcedure, ProcedureCommand};
pub use workflow::{SimulateArguments, WorkflowCommand};

use clap::{Args, Parser, Subcommand, ValueEnum};
use motcua_catalogue::operating::Listen;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Motcua: build and run a province's online public-service portal.
///
/// A province is a folder: motcua.toml, organisation.toml, calendar/, workflows/, procedures/, themes/.
/// Exit codes: 0 fine, 1 findings or a failure, 2 wrong usage.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Cli {
    #[command(subcommand)]
    pub command: CliCommand,
}

#[derive(Debug, Subcommand)]
pub enum CliCommand {
    /// Create a new install folder that works, to be changed into your province.
    Init {
        /// The folder to create; it must not exist or be empty.
        dir: PathBuf,
        /// The sample to begin with.
        #[arg(long, value_enum, default_value_t = SampleFolder::Minimal)]
        sample: SampleFolder,
    },
    /// Find every mistake in an install folder, with file, line, column and remedy.
    Check {
        /// The install folder.
        dir: PathBuf,
        /// The format of the output: for people, or JSON for tools.
        #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
        format: OutputFormat,
    },
    /// Run the portal of an install folder.
    Serve {
        /// The install folder.
        #[arg(long, default_value = ".")]
        dir: PathBuf,
        /// Address and port, or `unix:` and the path of a socket, instead of those in motcua.toml.
        #[arg(long)]
        listen: Option<Listen>,
        /// Do not bring the database schema up to date; refuse to start if it is outdated.
        #[arg(long)]
        no_migrate: bool,
        /// Publish the procedures of the install folder even if the portal has replaced their versions.
        #[arg(long)]
        publish_older: bool,
    },
    /// Bring the database schema up to date, under the role of `database_migrate_url` if motcua.toml names one.
    Migrate {
        /// The install folder.
        #[arg(long, default_value = ".")]
        dir: PathBuf,
        /// Only list the pending migrations; exit code 1 if there is one.
        #[arg(long)]
        status: bool,
        /// Grant this role of PostgreSQL exactly the rights of a running portal. It can then add to the journal and
        /// cannot change it.
        #[arg(long, value_name = "ROLE", conflicts_with = "status")]
        grant: Option<String>,
    },
    /// Create the sample province with people and dossiers in every state, and run it.
    ///
    /// The folder is created once; running the command again serves the existing folder.
    Demo {
        /// The folder to create.
        #[arg(long, default_value = "demo")]
        dir: PathBuf,
        /// Address and port.
        #[arg(long, default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
    },
    /// Procedures: write, test, preview, pack, install, publish and retire them.
    Procedure {
        #[command(subcommand)]
        command: ProcedureCommand,
    },
    /// Workflows: convert them to and from other tools' formats, and simulate them.
    Workflow {
        #[command(subcommand)]
        command: WorkflowCommand,
    },
    /// Plugins: write, build, check, run, measure and sign rules that need code.
    Plugin {
        #[command(subcommand)]
        command: PluginCommand,
    },
    /// Officers' accounts.
    User {
        /// The install folder.
        #[arg(long, default_value = ".", global = true)]
        dir: PathBuf,
        #[command(subcommand)]
        command: UserCommand,
    },
    /// The journal: prove that nobody changed it, or rebuild the tables that follow from it.
    Audit {
        /// The install folder.
        #[arg(long, default_value = ".", global = true)]
        dir: PathBuf,
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// The stored files: check them, or delete those that nothing refers to.
    Files {
        /// The install folder.
        #[arg(long, default_value = ".", global = true)]
        dir: PathBuf,
        #[command(subcommand)]
        command: FilesCommand,
    },
    /// Write the database, the files and the install folder into one archive, while the portal runs.
    ///
    /// The archive is a tar file. It holds personal data and secrets, so keep it as safe as the portal, or encrypt it.
    Backup {
        /// The install folder.
        #[arg(long, default_value = ".")]
        dir: PathBuf,
        /// The archive to write, outside of the install folder; it must not exist.
        #[arg(long)]
        to: PathBuf,
        /// Encrypt the archive for the owner of this public key of age, `age1…`; may be given several times.
        #[arg(long)]
        recipient: Vec<String>,
    },
    /// Unpack an archive of `backup` into a new folder and prove that everything came back unchanged.
    ///
    /// The journal is verified and every file is compared with its digest.
    Restore {
        /// The archive.
        archive: PathBuf,
        /// The folder to create; it must not exist or be empty.
        #[arg(long)]
        dir: PathBuf,
        /// An empty database to restore into, instead of the one in motcua.toml; the command writes it there.
        #[arg(long)]
        database: Option<String>,
        /// The file with the secret key of an encrypted archive, as `age-keygen` writes it.
        #[arg(long)]
        identity: Option<PathBuf>,
    },
    /// The organisation: agencies that are dissolved, merged or renamed.
    Org {
        #[command(subcommand)]
        command: OrgCommand,
    },
    /// Dossiers under way, many at once.
    Dossier {
        #[command(subcommand)]
        command: DossiersCommand,
    },
    /// Themes.
    Theme {
        #[command(subcommand)]
        command: ThemeCommand,
    },
    /// Write the JSON Schemas of all files of an install folder, for editors.
    Schema {
        /// The folder to write them to.
        #[arg(default_value = "schemas")]
        dir: PathBuf,
    },
    /// Explain a mistake that `check` found: a page for its code, or the list of all codes.
    Explain {
        /// The code, such as `unknown-key`.
        code: Option<String>,
    },
    /// Find problems of an installation: folder, database, files, theme, passwords.
    Doctor {
        /// The install folder.
        #[arg(long, default_value = ".")]
        dir: PathBuf,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum SampleFolder {
    /// One agency, one procedure.
    Minimal,
    /// The province of the demonstration.
    Binhduong,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    Text,
    Json,
}

/// The place of the province.
#[derive(Debug, Args)]
pub struct InstallDir {
    /// The install folder.
    #[arg(long, default_value = ".")]
    pub dir: PathBuf,
}

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// List the officers, and whether each can log in.
    List,
    /// Add an officer whom organisation.toml does not name, such as a temporary helper. Set a password next.
    Add {
        /// The name to log in with.
        login: String,
        /// The name that people see.
        #[arg(long)]
        name: String,
        /// A post, as `agency/unit/role`; several times for several posts.
        #[arg(long = "post")]
        posts: Vec<String>,
    },
    /// Keep an account from logging in and end its sessions, at once and on all nodes.
    Lock {
        /// The log-in name or phone number.
        login: String,
    },
    /// Let a locked account log in again.
    Unlock {
        /// The log-in name or phone number.
        login: String,
    },
    /// Set a new password of an account and end its sessions.
    Password {
        /// The log-in name or phone number.
        login: String,
        /// Read the password from standard input instead of generating one.
        #[arg(long)]
        stdin: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum OrgCommand {
    /// Move the work of units to their successors: posts, open dossiers, and dossiers that come to the units later.
    ///
    /// Each dossier moves in a transaction of its own. The same command again continues work that was stopped.
    Apply {
        /// The plan: `date`, `reason`, and `[[move]]` with `from` and `to` as `agency/unit`.
        plan: PathBuf,
        #[command(flatten)]
        dir: InstallDir,
        /// Print the effects, and change nothing.
        #[arg(long = "try")]
        only_try: bool,
        /// Move at most so many dossiers. The same command again moves the next ones.
        #[arg(long)]
        at_most: Option<usize>,
    },
}

#[derive(Debug, Subcommand)]
pub enum DossiersCommand {
    /// Move the open dossiers of one version of a procedure to another; none, if one would be stranded.
    ///
    /// Each dossier moves in a transaction of its own. The same command again continues work that was stopped.
    Migrate {
        /// The beginning of the old version's digest.
        from: String,
        /// The beginning of the new version's digest.
        to: String,
        /// A step that has another name in the new version, as OLD=NEW.
        #[arg(long)]
        step: Vec<String>,
        /// The reason, for the journal.
        #[arg(long)]
        reason: String,
        /// Print the effects, and change nothing.
        #[arg(long = "try")]
        only_try: bool,
        /// Move at most so many dossiers. The same command again moves the next ones.
        #[arg(long)]
        at_most: Option<usize>,
        #[command(flatten)]
        dir: InstallDir,
    },
    /// Repeat all questions to plugins about a dossier, and compare the answers.
    Replay {
        /// The dossier's code.
        code: String,
        #[command(flatten)]
        dir: InstallDir,
    },
}

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

#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Recompute every hash of the journal, and compare the lists with it. Names all changed entries.
    Verify {
        /// A file with a head that `audit head` printed earlier; the log must still begin with it. By default the log
        /// is compared with the head in `log-head` of the install folder.
        #[arg(long)]
        kept: Option<PathBuf>,
    },
    /// Recompute the lists from the journal, while the portal may run. The journal is verified first.
    Rebuild,
    /// Print the log's last signed head, to be stored or published elsewhere.
    Head,
    /// Write the proof of a dossier's entries, which anybody can check without the portal.
    Prove {
        code: String,
        /// The file to write.
        #[arg(long)]
        to: PathBuf,
    },
    /// Write the proof that the log begins with an older head, which anybody can check without the portal.
    Consistency {
        /// A file with the older head, as `audit head` printed it.
        old: PathBuf,
        /// A file with the newer head; by default the last head of the log.
        new: Option<PathBuf>,
        /// The file to write.
        #[arg(long)]
        to: PathBuf,
    },
    /// Check a proof of `audit prove`, of `audit consistency` or of the portal's pages. Needs neither an install folder
    /// nor a database.
    CheckProof {
        file: PathBuf,
        /// The log's public key as the province publishes it; may be given several times.
        #[arg(long)]
        key: Vec<String>,
    },
    /// Replace the key of the log, and record the new key in the log.
    RotateKey,
    /// Delete the log of readings of dossiers by staff before a day. The portal may run.
    ForgetReadings {
        /// The first day whose readings stay, such as 2021-01-01.
        #[arg(long)]
        before: jiff::civil::Date,
    },
}

#[derive(Debug, Subcommand)]
pub enum FilesCommand {
    /// Read every stored file and compare it with its digest. Names the lost ones and everything that refers to them.
    Verify,
    /// Delete files that nothing has referred to for a week. The portal does the same once a day.
    Sweep {
        /// Only list the files to delete.
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum ThemeCommand {
    /// Render every page of a theme with sample data, in both languages.
    Check {
        /// The theme's folder, such as themes/binhduong.
        dir: PathBuf,
    },
}
