//! The rights of each command on the portal's database and install folder.
//!
//! [`Province`](crate::runtime::ProvinceFolder) opens the database and the files for looking, unless the caller allows more.
//! A command that only looks can therefore change nothing, even by mistake, because its connections refuse to write.

use crate::cli::{
    AuditCommand, CliCommand, FilesCommand, PluginCommand, ProcedureCommand, TestArguments, ThemeCommand, UserCommand,
    WorkflowCommand,
};

/// The rights of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommandAccess {
    /// The command reads. It creates, migrates and publishes nothing, and writes only the file that its arguments name.
    Look,
    /// The command makes the changes in its help, and creates whatever they need. It neither publishes nor retires the
    /// procedures of the install folder.
    Change,
    /// The command runs a portal: it brings the schema up to date and follows the install folder.
    Serve,
}

impl CommandAccess {
    /// Returns whether the database and the folder of files may be written to.
    pub fn writes(self) -> bool {
        self != Self::Look
    }
}

impl CliCommand {
    /// Returns the rights of the command.
    pub const fn access(&self) -> CommandAccess {
        match self {
            Self::Serve { .. } | Self::Demo { .. } => CommandAccess::Serve,
            Self::Procedure { command } => of_procedure(command),
            Self::Plugin { command } => of_plugin(command),
            Self::Audit { command, .. } => of_audit(command),
            Self::Check { fix: false, .. }
            | Self::Migrate { status: true, .. }
            | Self::Workflow { command: WorkflowCommand::Export { .. } | WorkflowCommand::Simulate(_) }
            | Self::User { command: UserCommand::List, .. }
            | Self::Files { command: FilesCommand::Verify | FilesCommand::Sweep { dry_run: true }, .. }
            | Self::Theme { command: ThemeCommand::Check { .. } | ThemeCommand::Preview { .. } }
            | Self::Connect { .. }
            | Self::Mail { .. }
            | Self::Sms { .. }
            | Self::Explain { .. }
            | Self::Doctor { .. } => CommandAccess::Look,
            // `dossier replay` logs a reading of the dossier. `org apply --try` and `dossier migrate --try` do
            // everything in a transaction and undo it.
            Self::Init { .. }
            | Self::Check { .. }
            | Self::Migrate { .. }
            | Self::Workflow { .. }
            | Self::User { .. }
            | Self::Files { .. }
            | Self::Backup { .. }
            | Self::Restore { .. }
            | Self::Org { .. }
            | Self::Dossier { .. }
            | Self::Theme { .. }
            | Self::Schema { .. } => CommandAccess::Change,
        }
    }
}

const fn of_procedure(command: &ProcedureCommand) -> CommandAccess {
    match command {
        ProcedureCommand::Test(TestArguments { record: None, .. })
        | ProcedureCommand::List { .. }
        | ProcedureCommand::Pack { .. }
        | ProcedureCommand::Diagram { .. }
        | ProcedureCommand::Diff { .. }
        | ProcedureCommand::Keep { .. }
        | ProcedureCommand::Rename { write: false, .. }
        | ProcedureCommand::Source { .. }
        | ProcedureCommand::Export { .. } => CommandAccess::Look,
        ProcedureCommand::Preview { .. } => CommandAccess::Serve,
        // Recording logs a reading of the dossier.
        ProcedureCommand::Test(TestArguments { record: Some(_), .. })
        | ProcedureCommand::New(_)
        | ProcedureCommand::Share { .. }
        | ProcedureCommand::Install { .. }
        | ProcedureCommand::Publish { .. }
        | ProcedureCommand::Retire { .. }
        | ProcedureCommand::Set { .. }
        | ProcedureCommand::Rename { .. }
        | ProcedureCommand::Import { .. } => CommandAccess::Change,
    }
}

const fn of_plugin(command: &PluginCommand) -> CommandAccess {
    match command {
        PluginCommand::Check { .. }
        | PluginCommand::Run { .. }
        | PluginCommand::Bench { .. }
        | PluginCommand::Inspect { .. }
        | PluginCommand::Verify { .. } => CommandAccess::Look,
        PluginCommand::New { .. } | PluginCommand::Build { .. } | PluginCommand::Sign { .. } => CommandAccess::Change,
    }
}

const fn of_audit(command: &AuditCommand) -> CommandAccess {
    match command {
        AuditCommand::Verify { .. }
        | AuditCommand::Head
        | AuditCommand::Consistency { .. }
        | AuditCommand::CheckProof { .. } => CommandAccess::Look,
        // `prove` logs a reading of the dossier.
        AuditCommand::Prove { .. }
        | AuditCommand::Rebuild
        | AuditCommand::RotateKey
        | AuditCommand::ForgetReadings { .. } => CommandAccess::Change,
    }
}
