//! The commands on the accounts, the journal, the files and the dossiers of an install folder.

use crate::cli::InstallDir;
use clap::Subcommand;
use std::path::PathBuf;

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
    /// Remove the second factor of an officer, who lost the device, and end their sessions.
    ResetFactor {
        /// The log-in name.
        login: String,
    },
    /// Let an officer log in at a provider for staff, as a subject there.
    Link {
        /// The log-in of the officer.
        login: String,
        /// The id of the provider under the tables `login` of motcua.toml.
        #[arg(long)]
        provider: String,
        /// The subject of the officer at the provider, the claim `sub`.
        #[arg(long)]
        subject: String,
    },
    /// Take the subjects at a provider away from an officer.
    Unlink {
        /// The log-in of the officer.
        login: String,
        /// The id of the provider under the tables `login` of motcua.toml.
        #[arg(long)]
        provider: String,
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
pub enum ConnectCommand {
    /// Ask a system of motcua.toml as the portal would, and print what it answers.
    Test {
        /// The id of a provider under the tables `login` of motcua.toml, or the name of the gateway under `payment`.
        name: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum MailCommand {
    /// Send one mail to an address over the server of motcua.toml, and print the server's answer.
    Test {
        /// The address, such as your own.
        address: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum SmsCommand {
    /// Send one message to a phone over the gateway of motcua.toml, and print the gateway's answer.
    Test {
        /// The mobile number, such as your own.
        number: String,
        /// The way: `sms` or `zalo`. By default the first way of motcua.toml.
        #[arg(long)]
        channel: Option<String>,
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
