//! The reasons for which the rules refuse a command.

use crate::dossier::site_visit::SiteVisitFault;
use crate::expression::RuleFault;
use crate::form::finding::Finding;
use crate::money::Dong;
use crate::names::{DossierCode, StepId};
use crate::procedure::{FilingWindow, WindowState};
use crate::text::Text;
use jiff::Timestamp;

/// A refusal by the rules. The portal shows it to the person, and nothing has changed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error("you may not do this")]
    NotAllowed,
    #[error("the form or its papers are not complete")]
    Incomplete(Vec<Finding>),
    #[error("consent to the use of the data is needed")]
    NoConsent,
    /// The people whose consent is missing, in the words of the procedure.
    #[error("{} of those who have to sign have not consented to the present content", .missing.len())]
    Unsigned { missing: Vec<Text> },
    /// The link is wrong, or was used by another person, called back or replaced, or its time is over.
    #[error("the link of the invitation does not hold")]
    NoInvitation,
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
    #[error("at least 1 đ and at most {owed} can be paid")]
    WrongAmount { owed: Dong },
    #[error("nothing is to be paid back")]
    NothingToPayBack,
    #[error("at least 1 đ and at most {most} can be paid back")]
    WrongRefund { most: Dong },
    #[error("the number of the receipt is needed")]
    ReceiptMissing,
    #[error("the portal gives the numbers of this book, so nobody types them")]
    ReceiptOfBook,
    #[error("the agency has recorded this number before")]
    ReceiptTaken,
    #[error("there is no such payment, or it was reversed before")]
    NothingToReverse,
    #[error("the payment was paid back already, in whole or in part")]
    PaidBackAlready,
    #[error("the message is empty or longer than {max} characters")]
    BadMessage { max: usize },
    #[error("the dossier has {max} messages of the applicant, and takes no more")]
    TooManyMessages { max: usize },
    #[error("a message has at most {max} files")]
    TooManyMessageFiles { max: usize },
    #[error("a new day for the result is named only for a late dossier, and it is later than today")]
    BadPromise,
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
    FaultyRule(#[from] RuleFault),
    #[error("the procedure's rule gave no answer; write in the note what was checked instead")]
    RuleUnanswered,
    #[error("the procedure's rule gave no answer, and without it the action is not taken")]
    RuleFailed,
    #[error("the procedure can no longer be applied for")]
    Closed,
    #[error("the procedure accepts applications from {opens}")]
    NotYetOpen { opens: Timestamp },
    #[error("the procedure accepted applications until {closed}")]
    FilingEnded { closed: Timestamp },
    #[error("the procedure has as many dossiers as it may have in this period")]
    NoPlaceLeft,
    /// The code is there if the dossier is the applicant's own.
    #[error("a dossier was filed before, and there may be one only")]
    FiledBefore { own: Option<DossierCode> },
    #[error("the procedure has changed since the draft was begun; look over the form again")]
    VersionChanged,
    #[error("the action is not open for this dossier, or not at this moment")]
    ActionClosed,
    #[error("what was filled in closes this action")]
    ClosedByAnswers(Vec<Finding>),
    #[error("the procedure's rules do not choose this action for this dossier")]
    NotByRules,
    #[error("choose at least {least} of the units that can be asked")]
    PlacesMissing { least: u32 },
    #[error("no branch is open for this dossier")]
    NoBranch,
    #[error("the workflow leads nowhere from here")]
    Stuck,
    #[error(transparent)]
    UnfitSiteVisit(#[from] SiteVisitFault),
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
    #[error("who took the result needs a name, the number of a paper, and a relation to the applicant")]
    ReceiverIncomplete,
    #[error("the carrier and the number of the item are needed")]
    ItemIncomplete,
    #[error("the result does not go by post: the procedure does not offer it, or the applicant did not choose it")]
    NotByPost,
    #[error("this is your own dossier, so a colleague has to handle it")]
    OwnDossier,
    #[error("the new version has no step for `{step}`, where the dossier stands, or the dossier could get stuck there")]
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
    Unsigned { .. } => "unsigned",
    NoInvitation => "no-invitation",
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
    NothingToPayBack => "nothing-to-pay-back",
    WrongRefund { .. } => "wrong-refund",
    ReceiptMissing => "receipt-missing",
    ReceiptOfBook => "receipt-of-book",
    ReceiptTaken => "receipt-taken",
    NothingToReverse => "nothing-to-reverse",
    PaidBackAlready => "paid-back-already",
    BadMessage { .. } => "bad-message",
    TooManyMessages { .. } => "too-many-messages",
    TooManyMessageFiles { .. } => "too-many-message-files",
    BadPromise => "bad-promise",
    AlreadyProcessed => "already-processed",
    NotEnded => "not-ended",
    RatedAlready => "rated-already",
    BadRating => "bad-rating",
    PluginFailed => "plugin-failed",
    FaultyRule(RuleFault::Overrun { .. }) => "overrun",
    FaultyRule(RuleFault::Broken { .. }) => "rule-broken",
    RuleUnanswered => "rule-unanswered",
    RuleFailed => "rule-failed",
    Closed => "closed",
    NotYetOpen { .. } => "not-yet-open",
    FilingEnded { .. } => "filing-ended",
    NoPlaceLeft => "no-place-left",
    FiledBefore { .. } => "filed-before",
    VersionChanged => "version-changed",
    ActionClosed => "action-closed",
    ClosedByAnswers(_) => "closed-by-answers",
    NotByRules => "not-by-rules",
    PlacesMissing { .. } => "places-missing",
    NoBranch => "no-branch",
    Stuck => "stuck",
    UnfitSiteVisit(SiteVisitFault::Missing) => "visit-missing",
    UnfitSiteVisit(SiteVisitFault::BadTimes) => "visit-times",
    UnfitSiteVisit(SiteVisitFault::TooSoon { .. }) => "visit-too-soon",
    UnfitSiteVisit(SiteVisitFault::TooLate { .. }) => "visit-too-late",
    UnfitSiteVisit(SiteVisitFault::OutsideHours) => "visit-outside-hours",
    UnfitSiteVisit(SiteVisitFault::NoPlace { .. }) => "visit-place",
    UnfitSiteVisit(SiteVisitFault::UnknownYear { .. }) => "visit-year",
    UnfitSiteVisit(SiteVisitFault::NothingToCallOff) => "no-visit",
    TakenAlready => "taken-already",
    NothingToUndo => "nothing-to-undo",
    LeftTheHouse => "left-the-house",
    NothingChanges => "nothing-changes",
    OwnProposal => "own-proposal",
    ReceiverIncomplete => "receiver-incomplete",
    ItemIncomplete => "item-incomplete",
    NotByPost => "not-by-post",
    OwnDossier => "own-dossier",
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

/// Refuses a filing outside of the time in which the procedure accepts applications.
pub fn within(window: FilingWindow, now: Timestamp) -> Result<(), Refusal> {
    match window.at(now) {
        WindowState::Open => Ok(()),
        WindowState::Before { opens } => Err(Refusal::NotYetOpen { opens }),
        WindowState::After { closed } => Err(Refusal::FilingEnded { closed }),
    }
}
