//! The commands of people and of the portal, with the table of the files that decide them.
//!
//! Each command has a file of its own with the same parts in the same order: the command as a manual explains it, the
//! right that it needs, `decide`, `apply`, and the condition under which a page offers it.

pub(super) mod act;
pub(super) mod announce_expiry;
pub(super) mod announce_late;
pub(super) mod apologise;
pub(super) mod change_delivery;
pub(super) mod elapse;
pub(super) mod escalate;
pub(super) mod extend;
pub(super) mod file;
pub(super) mod give;
pub(super) mod lapse;
pub(super) mod message;
pub(super) mod migrate;
pub(super) mod pay;
pub(super) mod rate;
pub(super) mod refund;
pub(super) mod release;
pub(super) mod remind;
pub(super) mod reschedule;
pub(super) mod return_to_post;
pub(super) mod reverse_payment;
pub(super) mod supplement;
pub(super) mod take;
pub(super) mod transfer;
pub(super) mod undo;
pub(super) mod withdraw;

use crate::dossier::Dossier;
use crate::dossier::case::Case;
use crate::dossier::event::{Event, Payment, PlaceMove, Rating, Refund, StayId};
use crate::dossier::flow::Stay;
use crate::dossier::refusal::Refusal;
use crate::dossier::succession::Successions;
use crate::dossier::verdict::Verdict;
use crate::expression::RuleFault;
use crate::media::StoredFile;
use crate::names::{ActionId, Digest, StepId};
use crate::people::organisation::Actor;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

pub use crate::dossier::staff::Candidate;
pub use act::Act;
pub use file::Filing;
pub use supplement::SuppliedPapers;

/// A command to change a dossier.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Command {
    /// Take an action that a step offers.
    Act(Box<Act>),
    /// Supply the missing answers and papers.
    Supplement {
        /// The version of the procedure whose form the applicant filled in.
        version: Digest,
        typed: Map<String, Json>,
        papers: SuppliedPapers,
        verdicts: Vec<Verdict>,
        /// The day for which the applicant reviewed the fees and the limit. `None` for programs without a review.
        reviewed_on: Option<Date>,
    },
    Withdraw {
        reason: String,
    },
    /// Close a dossier whose applicant let a limit pass.
    Lapse,
    /// Take the timed action at a step.
    Elapse {
        stay: StayId,
        staff: Vec<Candidate>,
    },
    /// Remind the officer of a step's limit.
    Remind {
        stay: StayId,
    },
    /// Escalate a step whose limit has passed to a superior.
    Escalate {
        stay: StayId,
    },
    /// Tell the applicant that the appointment passes without a result.
    AnnounceLate,
    /// Tell the applicant that the validity of the result ends soon.
    AnnounceExpiry {
        /// A later result follows the result already.
        followed: bool,
    },
    /// Give the applicant more time, because of a fault of the procedure's rules.
    Extend {
        fault: RuleFault,
    },
    /// Recompute all due times, because the calendar has changed.
    Reschedule {
        reason: String,
    },
    /// Take a step without an officer.
    Take {
        stay: StayId,
        seen: u32,
    },
    /// Give a step to another officer.
    Give {
        stay: StayId,
        seen: u32,
        to: Candidate,
        note: String,
    },
    /// Release a step to all holders of its post.
    Release {
        stay: StayId,
        seen: u32,
    },
    /// Return a step of an officer who no longer holds its post to all holders of the post.
    ReturnToPost {
        stay: StayId,
        reason: String,
        /// The officer who has the step, with the posts that they hold now. Empty if they left.
        staff: Vec<Candidate>,
    },
    /// Take one's own last action back.
    Undo {
        seen: u32,
    },
    /// Transfer the work of units to other units.
    Transfer {
        reason: String,
        moves: Vec<PlaceMove>,
    },
    /// Move to another version of the procedure, which is that of the rules.
    Migrate {
        reason: String,
        /// The version that the dossier leaves, to which the names of `steps` belong.
        from: Digest,
        version: Digest,
        /// The steps that have another name in the new version.
        steps: BTreeMap<StepId, StepId>,
    },
    RecordPayment(Payment),
    /// Take back the record of a payment that was recorded by mistake.
    ReversePayment {
        /// The version of the dossier with which the payment was recorded.
        entry: u32,
        reason: String,
    },
    /// Record an amount that the agency paid back.
    RecordRefund(Refund),
    /// Choose another way to get the result, or another address.
    ChangeDelivery {
        /// The input of the questions for the delivery.
        typed: Map<String, Json>,
    },
    SendMessage {
        text: String,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        files: Vec<StoredFile>,
    },
    /// Apologise for a late dossier, and name a new day for the result.
    Apologise {
        text: String,
        promised: Date,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        files: Vec<StoredFile>,
    },
    Rate(Rating),
}

/// The officers whom a decision needs to know, with the posts that they hold now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NeededStaff {
    /// The officers among whom the workflow assigns steps, and those who had a step before.
    OfWorkflow,
    /// The officer who has this stay.
    OfStay(StayId),
}

/// An action that a command takes at a stay.
#[derive(Debug, Clone, Copy)]
pub struct TakenAction<'a> {
    /// The stay of the action. `None` means the only stay.
    pub stay: Option<StayId>,
    /// The action. `None` means the timed action of the step.
    pub action: Option<&'a ActionId>,
    /// The officers to whom the next steps can be assigned.
    pub staff: &'a [Candidate],
}

/// The properties of a command that matter before and after its decision.
#[derive(Debug, Clone, Copy, Default)]
pub struct CommandProfile<'a> {
    /// The action about which the workflow may ask a plugin.
    pub takes: Option<TakenAction<'a>>,
    /// The version of the procedure to which the dossier moves. The command is decided under its rules.
    pub version: Option<&'a Digest>,
    /// The command sends a message, and an account sends a bounded number of them.
    pub is_message: bool,
    /// Steps go on or come back with the command, perhaps at a unit or an officer that is not there any more.
    pub resumes_steps: bool,
    /// An officer gets a step with the command, and has to hold the post of the step.
    pub assigns_steps: bool,
}

impl Command {
    /// Returns the event of the command. A refusal changes nothing.
    pub(super) fn decide(self, case: Case<'_>, actor: &Actor) -> Result<Event, Refusal> {
        match self {
            Self::Act(act) => act::decide(case, actor, *act),
            Self::Supplement { version, typed, papers, verdicts, reviewed_on } => {
                supplement::decide(case, actor, (&version, reviewed_on), &typed, papers, verdicts)
            }
            Self::Withdraw { reason } => withdraw::decide(case, actor, reason),
            Self::Lapse => lapse::decide(case, actor),
            Self::RecordPayment(payment) => pay::decide(case, actor, payment),
            Self::ReversePayment { entry, reason } => reverse_payment::decide(case, actor, entry, reason),
            Self::RecordRefund(refund) => refund::decide(case, actor, refund),
            Self::ChangeDelivery { typed } => change_delivery::decide(case, actor, &typed),
            Self::SendMessage { text, files } => message::decide(case, actor, text, files),
            Self::Apologise { text, promised, files } => apologise::decide(case, actor, text, promised, files),
            Self::Rate(rating) => rate::decide(case, actor, rating),
            Self::Take { stay, seen } => take::decide(case, actor, stay, seen),
            Self::Give { stay, seen, to, note } => give::decide(case, actor, stay, seen, to, note),
            Self::Release { stay, seen } => release::decide(case, actor, stay, seen),
            Self::ReturnToPost { stay, reason, staff } => return_to_post::decide(case, actor, stay, reason, &staff),
            Self::Undo { seen } => undo::decide(case, actor, seen),
            Self::Elapse { stay, staff } => elapse::decide(case, actor, stay, staff),
            Self::Remind { stay } => remind::decide(case, actor, stay),
            Self::Escalate { stay } => escalate::decide(case, actor, stay),
            Self::AnnounceLate => announce_late::decide(case, actor),
            Self::AnnounceExpiry { followed } => announce_expiry::decide(case, actor, followed),
            Self::Extend { fault } => extend::decide(case, actor, fault),
            Self::Reschedule { reason } => reschedule::decide(case, actor, reason),
            Self::Transfer { reason, moves } => transfer::decide(case, actor, reason, moves),
            Self::Migrate { reason, from, version, steps } => {
                migrate::decide(case, actor, reason, (&from, version), &steps)
            }
        }
    }

    /// Returns the properties that matter to the caller of the decision.
    pub fn profile(&self) -> CommandProfile<'_> {
        let plain = CommandProfile::default();
        match self {
            Self::Act(act) => {
                let taken = TakenAction { stay: act.stay, action: Some(&act.action), staff: &act.staff };
                CommandProfile { takes: Some(taken), assigns_steps: true, ..plain }
            }
            Self::Elapse { stay, staff } => {
                let taken = TakenAction { stay: Some(*stay), action: None, staff };
                CommandProfile { takes: Some(taken), ..plain }
            }
            Self::Migrate { version, .. } => CommandProfile { version: Some(version), ..plain },
            Self::SendMessage { .. } | Self::Apologise { .. } => CommandProfile { is_message: true, ..plain },
            Self::Supplement { .. } | Self::RecordPayment(_) | Self::Undo { .. } => {
                CommandProfile { resumes_steps: true, ..plain }
            }
            Self::Take { .. } | Self::Give { .. } => CommandProfile { assigns_steps: true, ..plain },
            Self::Withdraw { .. }
            | Self::Lapse
            | Self::Remind { .. }
            | Self::Escalate { .. }
            | Self::AnnounceLate
            | Self::AnnounceExpiry { .. }
            | Self::Extend { .. }
            | Self::Reschedule { .. }
            | Self::Release { .. }
            | Self::ReturnToPost { .. }
            | Self::Transfer { .. }
            | Self::ChangeDelivery { .. }
            | Self::ReversePayment { .. }
            | Self::RecordRefund(_)
            | Self::Rate(_) => plain,
        }
    }

    /// Returns the officers whom the decision needs to know and the list for them, or `None` if it needs nobody.
    pub fn staff(&mut self) -> Option<(NeededStaff, &mut Vec<Candidate>)> {
        match self {
            Self::Act(act) => Some((NeededStaff::OfWorkflow, &mut act.as_mut().staff)),
            Self::Elapse { staff, .. } => Some((NeededStaff::OfWorkflow, staff)),
            Self::ReturnToPost { stay, staff, .. } => Some((NeededStaff::OfStay(*stay), staff)),
            Self::Supplement { .. }
            | Self::Withdraw { .. }
            | Self::Lapse
            | Self::Remind { .. }
            | Self::Escalate { .. }
            | Self::AnnounceLate
            | Self::AnnounceExpiry { .. }
            | Self::Extend { .. }
            | Self::Reschedule { .. }
            | Self::Take { .. }
            | Self::Give { .. }
            | Self::Release { .. }
            | Self::Undo { .. }
            | Self::Transfer { .. }
            | Self::Migrate { .. }
            | Self::ChangeDelivery { .. }
            | Self::RecordPayment(_)
            | Self::ReversePayment { .. }
            | Self::RecordRefund(_)
            | Self::SendMessage { .. }
            | Self::Apologise { .. }
            | Self::Rate(_) => None,
        }
    }

    /// Returns the officer whom a person chose for a step. They may hold other posts since.
    pub fn officer(&mut self) -> Option<&mut Candidate> {
        match self {
            Self::Act(act) => act.assignee.as_mut(),
            Self::Give { to, .. } => Some(to),
            Self::Supplement { .. }
            | Self::Withdraw { .. }
            | Self::Lapse
            | Self::Elapse { .. }
            | Self::Remind { .. }
            | Self::Escalate { .. }
            | Self::AnnounceLate
            | Self::AnnounceExpiry { .. }
            | Self::Extend { .. }
            | Self::Reschedule { .. }
            | Self::Take { .. }
            | Self::Release { .. }
            | Self::ReturnToPost { .. }
            | Self::Undo { .. }
            | Self::Transfer { .. }
            | Self::Migrate { .. }
            | Self::ChangeDelivery { .. }
            | Self::RecordPayment(_)
            | Self::ReversePayment { .. }
            | Self::RecordRefund(_)
            | Self::SendMessage { .. }
            | Self::Apologise { .. }
            | Self::Rate(_) => None,
        }
    }

    /// Replaces the units to which the command gives work by those that have their work now, because a reorganisation may
    /// have given it to others since.
    pub fn follow(&mut self, successions: &Successions) {
        match self {
            Self::Act(act) => {
                for place in &mut act.places {
                    let now = successions.resolve(place).clone();
                    *place = now;
                }
            }
            Self::Transfer { moves, .. } => {
                for moved in moves {
                    let now = successions.destination(moved).clone();
                    moved.to = now;
                }
            }
            Self::Supplement { .. }
            | Self::Withdraw { .. }
            | Self::Lapse
            | Self::Elapse { .. }
            | Self::Remind { .. }
            | Self::Escalate { .. }
            | Self::AnnounceLate
            | Self::AnnounceExpiry { .. }
            | Self::Extend { .. }
            | Self::Reschedule { .. }
            | Self::Take { .. }
            | Self::Give { .. }
            | Self::Release { .. }
            | Self::ReturnToPost { .. }
            | Self::Undo { .. }
            | Self::Migrate { .. }
            | Self::ChangeDelivery { .. }
            | Self::RecordPayment(_)
            | Self::ReversePayment { .. }
            | Self::RecordRefund(_)
            | Self::SendMessage { .. }
            | Self::Apologise { .. }
            | Self::Rate(_) => {}
        }
    }

    /// Returns the open stay at which a person gives the command, if the command names a stay.
    pub fn stay<'a>(&self, dossier: &'a Dossier) -> Option<&'a Stay> {
        match self {
            Self::Act(act) => dossier.flow.stay(act.stay),
            Self::Take { stay, .. } | Self::Give { stay, .. } | Self::Release { stay, .. } => {
                dossier.flow.stay(Some(*stay))
            }
            Self::Supplement { .. }
            | Self::Withdraw { .. }
            | Self::Lapse
            | Self::RecordPayment(_)
            | Self::ReversePayment { .. }
            | Self::RecordRefund(_)
            | Self::SendMessage { .. }
            | Self::Apologise { .. }
            | Self::Rate(_)
            | Self::Undo { .. }
            | Self::ReturnToPost { .. }
            | Self::Elapse { .. }
            | Self::Remind { .. }
            | Self::Escalate { .. }
            | Self::AnnounceLate
            | Self::AnnounceExpiry { .. }
            | Self::Extend { .. }
            | Self::Reschedule { .. }
            | Self::Transfer { .. }
            | Self::Migrate { .. }
            | Self::ChangeDelivery { .. } => None,
        }
    }
}
