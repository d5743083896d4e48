//! The rights of each command on the portal's database and install folder.
//!
//! [`Province`](crate::runtime::Province) opens the database and the files for looking, unless the caller allows more.
//! A command that only looks can therefore change nothing, even by mistake, because its connections refuse to write.

use crate::cli::{Audit, Command, Files, Plugin, Procedure, User, Workflows};

/// The rights of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// The command reads. It creates, migrates and publishes nothing, and writes only the file that its arguments name.
    Look,
    /// The command makes the changes in its help, and creates whatever they need. It neither publishes nor retires the
    /// procedures of the install folder.
    Change,
    /// The command runs a portal: it brings the schema up to date and follows the install folder.
    Serve,
}

impl Access {
    /// Returns whether the database and the folder of files may be written to.
    pub fn writes(self) -> bool {
        self != Self::Look
    }
}

impl Command {
    /// Returns the rights of the command.
    pub const fn access(&self) -> Access {
        match self {
            Self::Serve { .. } | Self::Demo { .. } => Access::Serve,
            Self::Procedure { command } => of_procedure(command),
            Self::Plugin { command } => of_plugin(command),
            Self::Audit { command, .. } => of_audit(command),
            Self::Check { .. }
            | Self::Migrate { status: true, .. }
            | Self::Workflow { command: Workflows::Export { .. } | Workflows::Simulate(_) }
            | Self::User { command: User::List, .. }
            | Self::Files { command: Files::Verify | Files::Sweep { dry_run: true }, .. }
            | Self::Theme { .. }
            | Self::Explain { .. }
            | Self::Doctor { .. } => Access::Look,
            // `dossier replay` logs a reading of the dossier. `org apply --try` and `dossier migrate --try` do
            // everything in a transaction and undo it.
            Self::Init { .. }
            | Self::Migrate { .. }
            | Self::Workflow { .. }
            | Self::User { .. }
            | Self::Files { .. }
            | Self::Backup { .. }
            | Self::Restore { .. }
            | Self::Org { .. }
            | Self::Dossier { .. }
            | Self::Schema { .. } => Access::Change,
        }
    }
}

const fn of_procedure(command: &Procedure) -> Access {
    match command {
        Procedure::Test { .. }
        | Procedure::List { .. }
        | Procedure::Pack { .. }
        | Procedure::Diagram { .. }
        | Procedure::Diff { .. }
        | Procedure::Export { .. } => Access::Look,
        Procedure::Preview { .. } => Access::Serve,
        Procedure::New(_)
        | Procedure::Install { .. }
        | Procedure::Publish { .. }
        | Procedure::Retire { .. }
        | Procedure::Import { .. } => Access::Change,
    }
}

const fn of_plugin(command: &Plugin) -> Access {
    match command {
        Plugin::Check { .. }
        | Plugin::Run { .. }
        | Plugin::Bench { .. }
        | Plugin::Inspect { .. }
        | Plugin::Verify { .. } => Access::Look,
        Plugin::New { .. } | Plugin::Build { .. } | Plugin::Sign { .. } => Access::Change,
    }
}

const fn of_audit(command: &Audit) -> Access {
    match command {
        Audit::Verify { .. } | Audit::Head | Audit::Consistency { .. } | Audit::CheckProof { .. } => Access::Look,
        // `prove` logs a reading of the dossier.
        Audit::Prove { .. } | Audit::Rebuild | Audit::RotateKey | Audit::ForgetReadings { .. } => Access::Change,
    }
}
