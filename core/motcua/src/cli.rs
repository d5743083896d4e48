//! The arguments of the command line: the commands, with a file for each group of them.

mod installed;
mod plugin;
mod procedure;
mod workflow;

pub use installed::{
    AuditCommand, ConnectCommand, DossiersCommand, FilesCommand, MailCommand, OrgCommand, SmsCommand, UserCommand,
};
pub use plugin::{PluginCommand, PluginLanguage, TrialArguments};
pub use procedure::{NewProcedure, ProcedureCommand, RenamedKind, TestArguments};
pub use workflow::{SimulateArguments, WorkflowCommand};

pub use crate::language::OutputLanguage;
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
    /// The language of help and findings. By default that of the locale: Vietnamese, or else English.
    #[arg(long, value_enum, global = true)]
    pub lang: Option<OutputLanguage>,
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
        /// Make the corrections of mistakes that have exactly one, such as a key with a wrong letter.
        #[arg(long)]
        fix: bool,
        /// Also list what asks or binds an applicant and names no legal basis. It is no mistake.
        #[arg(long)]
        without_basis: bool,
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
    /// Systems that the portal speaks with: try one.
    Connect {
        /// The install folder.
        #[arg(long, default_value = ".", global = true)]
        dir: PathBuf,
        #[command(subcommand)]
        command: ConnectCommand,
    },
    /// Notices by e-mail: try the mail server.
    Mail {
        /// The install folder.
        #[arg(long, default_value = ".", global = true)]
        dir: PathBuf,
        #[command(subcommand)]
        command: MailCommand,
    },
    /// Messages to phones: try the gateway.
    Sms {
        /// The install folder.
        #[arg(long, default_value = ".", global = true)]
        dir: PathBuf,
        #[command(subcommand)]
        command: SmsCommand,
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
    /// Find problems of an installation: folder, database, files, theme, passwords, mail server.
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
pub enum ThemeCommand {
    /// Write a small theme to begin with: colours and a text that differ from those of the default theme.
    New {
        /// The folder to create, such as themes/tinh; it must not exist. Its name is the name of the theme.
        dir: PathBuf,
    },
    /// Render every page of a theme with sample data, in both languages.
    Check {
        /// The theme's folder, such as themes/binhduong, or a province, whose themes are checked.
        dir: PathBuf,
    },
    /// Show every page of a theme with sample data, and the components, in a browser on this machine.
    ///
    /// The files of the theme are read again for each page. The command opens no database and changes nothing.
    Preview {
        /// The install folder, which has the folder `themes`.
        #[arg(long, default_value = ".")]
        dir: PathBuf,
        /// The name of the theme, instead of the one in motcua.toml.
        #[arg(long)]
        theme: Option<String>,
        /// Address and port of this machine.
        #[arg(long, default_value = "127.0.0.1:8082")]
        listen: SocketAddr,
    },
}
