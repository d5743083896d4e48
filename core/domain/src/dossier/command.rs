//! The commands of people, and the reasons why the rules may refuse them.

use crate::dossier::event::{Applicant, Payment, PlaceMove, Rating, StayId};
use crate::dossier::verdict::Verdict;
use crate::expression::Overrun;
use crate::finding::Finding;
use crate::media::{AttachedPaper, StoredFile};
use crate::money::Dong;
use crate::names::{ActionId, Digest, DossierCode, StepId, UserId};
use crate::organisation::Post;
use crate::workflow::Place;
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

/// An action with its input.
#[derive(Debug, Clone, PartialEq)]
pub struct Act {
    /// The stay at which the action is taken. `None` means the only stay.
    pub stay: Option<StayId>,
    pub action: ActionId,
    /// The version of the dossier that the officer saw.
    pub seen: u32,
    pub note: String,
    /// The officer chosen for the next step.
    pub assignee: Option<Candidate>,
    pub result: Option<StoredFile>,
    /// The reason for a further request after a first request at the same step.
    pub new_grounds: Option<String>,
    /// The input of the step's form.
    pub typed: Map<String, Json>,
    /// The units that the officer chose to ask.
    pub places: Vec<Place>,
    /// The officers to whom the next steps can be assigned by load, by area or by name.
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

/// A refusal by the rules. The portal shows it to the person, and nothing has changed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error("you may not do this")]
    NotAllowed,
    #[error("the form or its papers are not complete")]
    Incomplete(Vec<Finding>),
    #[error("consent to the use of the data is needed")]
    NoConsent,
    #[error("the dossier has ended")]
    Ended,
    #[error("the dossier waits for the applicant")]
    WaitsForApplicant,
    #[error("nothing is awaited from the applicant")]
    NothingAwaited,
    #[error("the applicant's time has not run out")]
    TimeLeft,
    #[error("the current step does not offer this action")]
    NoSuchAction,
    #[error("the dossier has changed meanwhile")]
    Changed,
    #[error("a note with the reason is needed")]
    NoteMissing,
    #[error("choose the officer who takes the next step")]
    AssigneeMissing,
    #[error("this officer holds no post for the next step")]
    AssigneeUnfit,
    #[error("the file of the result is needed")]
    ResultMissing,
    #[error("{owed} must be paid first")]
    NotPaid { owed: Dong },
    #[error("a supplement was asked for at this step already; say what is new")]
    AskedAlready,
    #[error("nothing is owed")]
    NothingOwed,
    #[error("the amount owed is {owed}")]
    WrongAmount { owed: Dong },
    #[error("the number of the receipt is needed")]
    ReceiptMissing,
    #[error("the message is empty or longer than {max} characters")]
    BadMessage { max: usize },
    #[error("the dossier has {max} messages of the applicant, and takes no more")]
    TooManyMessages { max: usize },
    #[error("a result that is ready can no longer be withdrawn")]
    AlreadyProcessed,
    #[error("only a dossier that has ended can be rated")]
    NotEnded,
    #[error("the service has been rated already")]
    RatedAlready,
    #[error("each criterion has 0 to 2 points")]
    BadRating,
    #[error("the procedure's own check is not working now; try again later")]
    PluginFailed,
    #[error(transparent)]
    Overrun(#[from] Overrun),
    #[error("the procedure's rule gave no answer; write in the note what was checked instead")]
    RuleUnanswered,
    #[error("the procedure's rule gave no answer, and without it the action is not taken")]
    RuleFailed,
    #[error("the procedure can no longer be applied for")]
    Closed,
    #[error("the procedure has changed since the draft was begun; look over the form again")]
    VersionChanged,
    #[error("the action is not open for this dossier, or not at this moment")]
    ActionClosed,
    #[error("the procedure's rules do not choose this action for this dossier")]
    NotByRules,
    #[error("choose at least {least} of the units that can be asked")]
    PlacesMissing { least: u32 },
    #[error("no branch is open for this dossier")]
    NoBranch,
    #[error("the workflow leads nowhere from here")]
    Stuck,
    #[error("an officer has this step already")]
    TakenAlready,
    #[error("there is no action of your own to take back")]
    NothingToUndo,
    #[error("the applicant has been told or asked already, so this cannot be taken back")]
    LeftTheHouse,
    #[error("nothing would change")]
    NothingChanges,
    #[error("you proposed this yourself, so a colleague has to decide")]
    OwnProposal,
    #[error("the new version has no step for `{step}`, where the dossier stands")]
    Stranded { step: StepId },
}

/// Assigns each refusal its code.
macro_rules! codes {
    ($($refusal:pat => $code:literal,)*) => {
        impl Refusal {
            /// Returns a stable word for the refusal. The portal has its text in each language under `refusal-<code>`.
            pub const fn code(&self) -> &'static str {
                use Refusal::*;
                match self {
                    $($refusal => $code,)*
                }
            }

            /// All words that [`Self::code`] returns.
            pub const CODES: &'static [&'static str] = &[$($code),*];
        }
    };
}

codes! {
    NotAllowed => "not-allowed",
    Incomplete(_) => "incomplete",
    NoConsent => "no-consent",
    Ended => "ended",
    WaitsForApplicant => "waits-for-applicant",
    NothingAwaited => "nothing-awaited",
    TimeLeft => "time-left",
    NoSuchAction => "no-such-action",
    Changed => "changed",
    NoteMissing => "note-missing",
    AssigneeMissing => "assignee-missing",
    AssigneeUnfit => "assignee-unfit",
    ResultMissing => "result-missing",
    NotPaid { .. } => "not-paid",
    AskedAlready => "asked-already",
    NothingOwed => "nothing-owed",
    WrongAmount { .. } => "wrong-amount",
    ReceiptMissing => "receipt-missing",
    BadMessage { .. } => "bad-message",
    TooManyMessages { .. } => "too-many-messages",
    AlreadyProcessed => "already-processed",
    NotEnded => "not-ended",
    RatedAlready => "rated-already",
    BadRating => "bad-rating",
    PluginFailed => "plugin-failed",
    Overrun(_) => "overrun",
    RuleUnanswered => "rule-unanswered",
    RuleFailed => "rule-failed",
    Closed => "closed",
    VersionChanged => "version-changed",
    ActionClosed => "action-closed",
    NotByRules => "not-by-rules",
    PlacesMissing { .. } => "places-missing",
    NoBranch => "no-branch",
    Stuck => "stuck",
    TakenAlready => "taken-already",
    NothingToUndo => "nothing-to-undo",
    LeftTheHouse => "left-the-house",
    NothingChanges => "nothing-changes",
    OwnProposal => "own-proposal",
    Stranded { .. } => "stranded",
}

impl Refusal {
    /// Returns the amount, if the refusal is about an amount.
    pub const fn owed(&self) -> Option<Dong> {
        match self {
            Self::NotPaid { owed } | Self::WrongAmount { owed } => Some(*owed),
            _ => None,
        }
    }
}
