//! What people ask for, and why the rules may say no.

use crate::calendar::YearMissing;
use crate::event::{Applicant, Assignee, AttachedPaper, Payment, Rating, StoredFile, Verdict};
use crate::judge::Finding;
use crate::money::Dong;
use crate::names::{ActionId, DossierCode};
use crate::organisation::Post;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

/// A wish to change a dossier.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Take an action that the current step offers.
    Act(Box<Act>),
    /// Give what was missing.
    Supplement {
        typed: Map<String, Json>,
        papers: Vec<AttachedPaper>,
        verdict: Option<Verdict>,
    },
    Withdraw {
        reason: String,
    },
    /// Close a dossier whose applicant let a limit pass.
    Lapse,
    RecordPayment(Payment),
    SendMessage {
        text: String,
    },
    Rate(Rating),
}

/// An action with what it needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Act {
    pub action: ActionId,
    /// The version of the dossier that the officer had before them.
    pub seen: u32,
    pub note: String,
    /// The officer chosen for the next step, with the posts they hold.
    pub assignee: Option<(Assignee, Vec<Post>)>,
    pub result: Option<StoredFile>,
    /// Why more is asked after a first request at the same step.
    pub new_grounds: Option<String>,
}

/// A dossier to be filed.
#[derive(Debug, Clone, PartialEq)]
pub struct Filing {
    pub code: DossierCode,
    pub draft: Uuid,
    pub applicant: Applicant,
    pub typed: Map<String, Json>,
    pub papers: Vec<AttachedPaper>,
    pub verdict: Option<Verdict>,
    /// The applicant agreed that the data are used for this procedure.
    pub consent: bool,
}

/// The rules say no. Shown to the person who asked; nothing has changed.
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
    #[error("a result that is ready can no longer be withdrawn")]
    AlreadyProcessed,
    #[error("only a dossier that has ended can be rated")]
    NotEnded,
    #[error("the service has been rated already")]
    RatedAlready,
    #[error("each criterion has 0 to 2 points")]
    BadRating,
    #[error(transparent)]
    NoCalendar(#[from] YearMissing),
    #[error("the procedure's own check is not working now; try again later")]
    PluginFailed,
    #[error("the procedure can no longer be applied for")]
    Closed,
    #[error("the procedure has changed since the draft was begun; look over the form again")]
    VersionChanged,
}

/// Gives every refusal its word.
macro_rules! codes {
    ($($refusal:pat => $code:literal,)*) => {
        impl Refusal {
            /// A stable word for the refusal; the portal has its text in each language under `refusal-<code>`.
            pub const fn code(&self) -> &'static str {
                use Refusal::*;
                match self {
                    $($refusal => $code,)*
                }
            }

            /// All words that [`Self::code`] gives.
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
    AlreadyProcessed => "already-processed",
    NotEnded => "not-ended",
    RatedAlready => "rated-already",
    BadRating => "bad-rating",
    NoCalendar(_) => "no-calendar",
    PluginFailed => "plugin-failed",
    Closed => "closed",
    VersionChanged => "version-changed",
}

impl Refusal {
    /// The amount that the refusal is about, if about one.
    pub const fn owed(&self) -> Option<Dong> {
        match self {
            Self::NotPaid { owed } | Self::WrongAmount { owed } => Some(*owed),
            _ => None,
        }
    }
}
