//! The commands of people and of the portal. Each command has a file in `commands/` with its rules.

use crate::dossier::Dossier;
use crate::dossier::event::{Applicant, Payment, PlaceMove, Rating, StayId};
use crate::dossier::flow::Stay;
use crate::dossier::verdict::Verdict;
use crate::media::{AttachedPaper, StoredFile};
use crate::names::{ActionId, Digest, DossierCode, StepId, UserId};
use crate::people::organisation::Post;
use crate::workflow::UnitPlace;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A command to change a dossier.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Take an action that a step offers.
    Act(Box<Act>),
    /// Supply the missing answers and papers.
    Supplement {
        /// The version of the procedure whose form the applicant filled in.
        version: Digest,
        typed: Map<String, Json>,
        papers: Vec<AttachedPaper>,
        verdicts: Vec<Verdict>,
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
    SendMessage {
        text: String,
    },
    Rate(Rating),
}

impl Command {
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
            | Self::SendMessage { .. }
            | Self::Rate(_)
            | Self::Undo { .. }
            | Self::ReturnToPost { .. }
            | Self::Elapse { .. }
            | Self::Remind { .. }
            | Self::Escalate { .. }
            | Self::AnnounceLate
            | Self::Reschedule { .. }
            | Self::Transfer { .. }
            | Self::Migrate { .. } => None,
        }
    }
}

/// An action with its input.
#[derive(Debug, Clone, PartialEq)]
pub struct Act {
    /// The stay at which the action is taken. `None` means the only stay.
    pub stay: Option<StayId>,
    pub action: ActionId,
    /// The version of the dossier that the officer saw.
    pub seen: u32,
    /// The note for the staff, or what the applicant writes at their own step.
    pub note: String,
    /// The words to the applicant, if the action tells the applicant something.
    pub reason: String,
    /// The officer chosen for the next step.
    pub assignee: Option<Candidate>,
    pub result: Option<StoredFile>,
    /// The reason for a further request after a first request at the same step.
    pub new_grounds: Option<String>,
    /// The input of the step's form.
    pub typed: Map<String, Json>,
    /// The units that the officer chose to ask.
    pub places: Vec<UnitPlace>,
    /// The officers to whom the next steps can be assigned: by load, by area, by name, or because they had the step
    /// before. Each has the posts that they hold now.
    pub staff: Vec<Candidate>,
}

/// An officer to whom a step may be assigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub id: UserId,
    pub login: String,
    pub name: String,
    pub posts: Vec<Post>,
    /// The number of open steps.
    pub open: u32,
}

/// A dossier to be filed.
#[derive(Debug, Clone, PartialEq)]
pub struct Filing {
    pub code: DossierCode,
    pub draft: Uuid,
    pub applicant: Applicant,
    pub typed: Map<String, Json>,
    pub papers: Vec<AttachedPaper>,
    pub verdicts: Vec<Verdict>,
    /// The applicant agreed to the use of the data for this procedure.
    pub consent: bool,
}
