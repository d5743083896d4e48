//! The commands on procedures.

use crate::cli::{InstallDir, OutputFormat};
use clap::{Args, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

/// The properties of a new procedure. The command asks for missing ones.
#[derive(Debug, Args)]
pub struct NewProcedure {
    /// Agency and name, such as `so-tuphap/doi-ten`: folder and address of the procedure.
    pub at: String,
    /// The install folder.
    #[arg(long, default_value = ".")]
    pub dir: PathBuf,
    /// Code in the national database.
    #[arg(long)]
    pub code: Option<String>,
    /// Name, in Vietnamese.
    #[arg(long)]
    pub name: Option<String>,
    /// The unit that works on its dossiers.
    #[arg(long)]
    pub unit: Option<String>,
    /// Field of law, in Vietnamese.
    #[arg(long)]
    pub field: Option<String>,
    /// Time limit, such as `3 working-days`.
    #[arg(long)]
    pub limit: Option<String>,
    /// The result for the applicant, in Vietnamese.
    #[arg(long)]
    pub result: Option<String>,
    /// A file in workflows/, without `.toml`.
    #[arg(long)]
    pub workflow: Option<String>,
}

/// The scenarios to play, and what is told of them.
#[derive(Debug, Clone, Args)]
pub struct TestArguments {
    /// The install folder.
    #[arg(default_value = ".")]
    pub dir: PathBuf,
    /// Only scenarios whose file has this in its path.
    #[arg(long)]
    pub only: Option<String>,
    /// The format of the output: for people, or JSON for tools.
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    pub format: OutputFormat,
    /// Print which actions, conditions, fees, papers and findings no scenario touches.
    #[arg(long)]
    pub coverage: bool,
    /// The least share of the parts of each procedure that its scenarios must touch; exit code 1 if one has less.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub at_least: Option<u8>,
    /// Write a scenario that repeats the dossier with this code, and play it. It has what was typed, and neither the names
    /// of officers nor notes.
    #[arg(long, value_name = "CODE", conflicts_with_all = ["only", "coverage", "at_least"])]
    pub record: Option<String>,
    /// The name of the recorded scenario's file, without `.toml`.
    #[arg(long, requires = "record")]
    pub name: Option<String>,
}

impl TestArguments {
    /// Returns whether the coverage is told.
    pub const fn shows_coverage(&self) -> bool {
        self.coverage || self.at_least.is_some()
    }

    /// Returns the least share of the parts that scenarios must touch, in percent.
    pub fn least(&self) -> usize {
        self.at_least.map_or(0, usize::from)
    }
}

/// The kind of a thing that `procedure rename` gives another id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RenamedKind {
    Field,
    Paper,
    Step,
    Action,
}

#[derive(Debug, Subcommand)]
pub enum ProcedureCommand {
    /// Ask a few questions and write a procedure to begin with.
    New(Box<NewProcedure>),
    /// Let all agencies of a kind offer what one of them offers: move its folder to a group.
    Share {
        /// Agency and name, such as `ubnd-phu-cuong/dang-ky-khai-sinh`.
        at: String,
        /// The group, such as `cap-xa`: the first part of the address of the procedure as a whole.
        group: String,
        #[command(flatten)]
        dir: InstallDir,
    },
    /// Play the scenarios of all procedures, or of one, through the real rules and plugins.
    Test(TestArguments),
    /// The procedures of an install folder, or of its portal: code, version, address, name.
    List {
        /// The install folder.
        #[arg(default_value = ".")]
        dir: PathBuf,
        /// List the offered procedures, and the installed ones that wait to be published.
        #[arg(long)]
        published: bool,
    },
    /// Show the pages of an install folder as citizens and officers will see them, and reload them as files are saved.
    Preview {
        /// The install folder.
        #[arg(default_value = ".")]
        dir: PathBuf,
        /// Address and port. An address that other machines can open shows no pages of officers.
        #[arg(long, default_value = "127.0.0.1:8081")]
        listen: SocketAddr,
        /// When the preview ends, write a scenario for each dossier that was filed in it.
        #[arg(long)]
        record: bool,
    },
    /// Pack a procedure into one file for other portals.
    Pack {
        /// Agency and name, such as `so-tuphap/doi-ten`.
        at: String,
        #[command(flatten)]
        dir: InstallDir,
        /// The file to write; by default the name of the procedure with `.motcua`.
        #[arg(long)]
        out: Option<PathBuf>,
        /// A secret key of minisign for the signature; its password is asked, or read from MINISIGN_PASSWORD.
        #[arg(long)]
        sign: Option<PathBuf>,
    },
    /// Check a package, play its scenarios and install it on the portal, to be published.
    Install {
        /// The package. Its signature is expected beside it, with `.minisig` added to the name.
        package: PathBuf,
        #[command(flatten)]
        dir: InstallDir,
    },
    /// Draw the workflow of a procedure as SVG, with a lane for each unit. Each box leads to its line in the file.
    Diagram {
        /// Agency and name, such as `so-tuphap/doi-ten`; by default all procedures.
        at: Option<String>,
        #[command(flatten)]
        dir: InstallDir,
        /// The file to write, or the folder for all procedures; by default the standard output.
        #[arg(long)]
        out: Option<PathBuf>,
        /// Write the labels in English.
        #[arg(long)]
        english: bool,
    },
    /// Offer a procedure on the portal from now on, without stopping the portal.
    Publish {
        /// A package, `agency/name` in the folder, or the beginning of an installed version's digest.
        what: String,
        #[command(flatten)]
        dir: InstallDir,
    },
    /// Print the file of an installed version as its author wrote it, with its comments.
    Source {
        /// The beginning of the version's digest.
        version: String,
        #[command(flatten)]
        dir: InstallDir,
        /// Write all TOML files of the version into this new folder: the procedure, its scenarios and its workflows.
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Retire a procedure. Open dossiers go on.
    Retire {
        /// Its code.
        code: String,
        #[command(flatten)]
        dir: InstallDir,
    },
    /// Describe in words the changes for the citizen.
    Diff {
        /// A package, `agency/name` in the folder, or the beginning of an installed version's digest.
        new: String,
        /// The version to compare with; by default the offered one.
        old: Option<String>,
        #[command(flatten)]
        dir: InstallDir,
    },
    /// Write a version as a file, from which scenarios move dossiers to the present version.
    Keep {
        /// `agency/name` in the folder, a package, or the beginning of an installed version's digest.
        what: String,
        #[command(flatten)]
        dir: InstallDir,
        /// The file to write, such as procedures/so-tuphap/doi-ten/versions/2025.json.
        #[arg(long)]
        out: PathBuf,
    },
    /// Write the skeleton of a procedure from a record of the national database, as JSON.
    Import {
        /// The record, with keys such as MaTTHC and TenTTHC.
        record: PathBuf,
        /// Agency and name of the procedure to write, such as `so-tuphap/doi-ten`.
        at: String,
        #[command(flatten)]
        dir: InstallDir,
    },
    /// Set one value of a procedure's file, and change no other byte.
    ///
    /// The folder must have no new mistake afterwards, or nothing is written.
    Set {
        /// Agency and name, such as `so-tuphap/doi-ten`, or group and name if several agencies offer it.
        at: String,
        /// The path: keys with dots, and elements in brackets by their id, their agency or their number from 1, such
        /// as `section[request].field[copies].max`.
        path: String,
        /// The value: TOML if it fits, and otherwise a text.
        value: String,
        /// Another file than procedure.toml: a scenario such as `tests/straight.toml`, or a workflow such as
        /// `workflows/one-stop.toml`, which all its procedures follow.
        #[arg(long, default_value = "procedure.toml")]
        file: String,
        #[command(flatten)]
        dir: InstallDir,
    },
    /// List all uses of a field, a paper, a step or an action, and give it another id with `--write`.
    ///
    /// Uses are in the procedure, its workflow, its scenarios and their conditions. A step or an action is renamed for
    /// every procedure that follows the workflow. Settings of plugins are not looked at.
    Rename {
        /// Agency and name, such as `so-tuphap/doi-ten`, or group and name if several agencies offer it.
        at: String,
        #[arg(value_enum)]
        kind: RenamedKind,
        /// The id that it has.
        old: String,
        /// The id that it gets.
        new: String,
        /// Change the files. Otherwise the uses are only listed.
        #[arg(long)]
        write: bool,
        #[command(flatten)]
        dir: InstallDir,
    },
    /// Print the records of all procedures of an install folder as JSON.
    Export {
        /// The install folder.
        #[arg(default_value = ".")]
        dir: PathBuf,
    },
}
