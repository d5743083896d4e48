//! The table of rights for the whole portal. Everything that the table does not allow is forbidden.

use crate::dossier::visit::Visit;
use crate::names::{AgencyId, UnitId, UserId};
use crate::people::organisation::{AbsentOfficer, Actor, Post, Role};

/// Something that needs a right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Deed {
    /// Keep drafts and file dossiers.
    File,
    /// See a dossier with all its contents.
    ReadDossier,
    /// Take an action that the current step offers.
    ActOnStep,
    /// Supply the missing answers and papers.
    Supplement,
    /// Supply the answers and papers that the applicant brought to the counter.
    SupplementAtCounter,
    Withdraw,
    /// Choose another way to get the result, or another address.
    ChangeDelivery,
    Rate,
    /// Write a message in a dossier.
    SendMessage,
    RecordPayment,
    /// Pay what is owed over a payment gateway.
    PayOnline,
    /// Take back the record of a payment that was recorded by mistake.
    ReversePayment,
    RecordRefund,
    /// See the list of cashiers.
    ListCash,
    /// See the money that a cashier took and paid back.
    ReadCash,
    /// Close one's own day as a cashier, and hand the cash over.
    CloseCash,
    /// Close the day of a cashier who is away.
    CloseCashOfOther,
    /// Say that the number of the applicant is the applicant's.
    VerifyPhone,
    /// Find or open the account of a person who came to the counter.
    MeetApplicant,
    /// File the dossier of a person who came with paper.
    ReceiveAtCounter,
    /// Hand the account that a counter opened to its owner, who came to the counter.
    HandOverAccount,
    /// Correct the name of an account that a counter opened and nobody has taken over.
    CorrectName,
    /// See what was done with accounts that counters opened.
    ReadAccountActs,
    /// Close a dossier whose applicant let a limit pass.
    Lapse,
    /// Do scheduled work: take a timed action, remind, escalate to a superior, recompute due times.
    Tend,
    /// Take a step that has no officer, or release or give one's own step.
    TakeStep,
    /// Give a step of one's unit to another officer.
    GiveStep,
    /// Take back one's own last action.
    Undo,
    /// Move dossiers to another unit or another version of their procedure.
    MoveDossiers,
    /// Say who stands for oneself while on leave.
    Delegate,
    /// See the list of dossiers to work on.
    ReadDesk,
    /// Do the same with many dossiers at once. Each of them needs the right for the deed itself, too.
    WorkInBulk,
    /// See the progress and the report of bulk work.
    ReadBulkWork,
    /// Stop bulk work.
    StopBulkWork,
    /// See the standard answers of an agency, and the record of their changes.
    ReadAnswers,
    /// Write and remove standard answers of an agency.
    EditAnswers,
    /// See figures about dossiers.
    ReadStatistics,
    /// Take along the register of the dossiers of a figure, with the names of applicants.
    TakeRegister,
    /// See the history of a dossier: the deeds and the readers.
    ReadJournal,
    /// Install, publish and retire procedures.
    ManageProcedures,
    /// See failed jobs of the portal, and retry them.
    ManageJobs,
    /// Send complaints and suggestions. [`crate::suggestion::access`] decides about one of them.
    SendSuggestion,
    /// See the list of complaints and suggestions.
    ReadSuggestions,
    /// See the events, the readings and the log-ins of everybody, and let the journal be verified.
    ReadAudit,
    /// See the accounts of officers, lock and unlock them, and hand out codes for new passwords.
    ManagePeople,
}

/// The people whom a line of the table allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AllowedActors {
    /// Any applicant with an account.
    AnyApplicant,
    /// The applicant whose dossier it is.
    Owner,
    /// The officer at the counter whose cash it is. The owner of the subject is the cashier.
    Cashier,
    /// An officer with the post that the subject names, which the organisation chose for the deed.
    NamedPost,
    /// The officer who asked for the bulk work. The owner of the subject is that officer.
    Author,
    /// An officer whose post serves the dossier in this role.
    Office(Role),
    /// An officer with this role, anywhere.
    Anywhere(Role),
    /// The officer to whom the current step belongs, or the deputy of such an officer.
    StepHolder,
    /// The deputy to whom a step of the dossier belongs for an officer on leave.
    Deputy,
    /// An officer who stands in for an officer on leave now.
    AnyDeputy,
    /// The portal itself.
    System,
}

/// A reason that excludes even people whom the table allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessBar {
    /// The step judges the officer's own proposal from another step of the dossier. The configuration can lift this for
    /// a post, with a reason. A deputy is always excluded.
    OwnProposal,
    /// The dossier, or the account that the deed is about, is the officer's own as an applicant.
    OwnDossier,
}

/// The bars, with the deeds that they forbid. Nobody handles their own dossier: that bar has every deed by which staff
/// change a dossier or an account of an applicant.
pub const BARS: &[(AccessBar, &[Deed])] = &[
    (
        AccessBar::OwnDossier,
        &[
            Deed::ActOnStep,
            Deed::SupplementAtCounter,
            Deed::SendMessage,
            Deed::RecordPayment,
            Deed::ReversePayment,
            Deed::RecordRefund,
            Deed::VerifyPhone,
            Deed::ReceiveAtCounter,
            Deed::HandOverAccount,
            Deed::CorrectName,
            Deed::Lapse,
            Deed::TakeStep,
            Deed::GiveStep,
            Deed::Undo,
        ],
    ),
    (AccessBar::OwnProposal, &[Deed::ActOnStep]),
];

use AllowedActors::{
    AnyApplicant, AnyDeputy, Anywhere, Author, Cashier, Deputy, NamedPost, Office, Owner, StepHolder, System,
};
use Role::{Appraiser, Auditor, Counter, Leader, Specialist, UnitHead};

/// The table.
pub const TABLE: &[(Deed, &[AllowedActors])] = &[
    (Deed::File, &[AnyApplicant]),
    (
        Deed::ReadDossier,
        &[
            Owner,
            Office(Counter),
            Office(UnitHead),
            Office(Specialist),
            Office(Appraiser),
            Office(Leader),
            Anywhere(Auditor),
            Deputy,
        ],
    ),
    (Deed::ActOnStep, &[StepHolder]),
    (Deed::Supplement, &[Owner]),
    (Deed::SupplementAtCounter, &[Office(Counter)]),
    (Deed::Withdraw, &[Owner]),
    (Deed::ChangeDelivery, &[Owner]),
    (Deed::Rate, &[Owner]),
    (
        Deed::SendMessage,
        &[Owner, Office(Counter), Office(UnitHead), Office(Specialist), Office(Appraiser), Office(Leader), Deputy],
    ),
    (Deed::PayOnline, &[Owner]),
    (Deed::RecordPayment, &[Office(Counter)]),
    (Deed::ReversePayment, &[Office(Counter)]),
    (Deed::RecordRefund, &[Office(Counter)]),
    (Deed::ListCash, &[Anywhere(Counter), Anywhere(Leader), Anywhere(Auditor), NamedPost]),
    (Deed::ReadCash, &[Cashier, Office(Leader), Anywhere(Auditor), NamedPost]),
    (Deed::CloseCash, &[Cashier]),
    (Deed::CloseCashOfOther, &[NamedPost]),
    (Deed::VerifyPhone, &[Office(Counter)]),
    (Deed::MeetApplicant, &[Anywhere(Counter)]),
    (Deed::ReceiveAtCounter, &[Office(Counter)]),
    (Deed::HandOverAccount, &[Office(Counter)]),
    (Deed::CorrectName, &[Anywhere(Counter)]),
    (Deed::ReadAccountActs, &[Anywhere(Leader), Anywhere(Auditor)]),
    (Deed::Lapse, &[System, Office(Counter)]),
    (Deed::Tend, &[System]),
    (Deed::TakeStep, &[StepHolder]),
    (Deed::GiveStep, &[Office(UnitHead), Office(Leader)]),
    (Deed::Undo, &[Office(Counter), Office(UnitHead), Office(Specialist), Office(Appraiser), Office(Leader), Deputy]),
    (Deed::MoveDossiers, &[System]),
    (
        Deed::Delegate,
        &[Anywhere(Counter), Anywhere(UnitHead), Anywhere(Specialist), Anywhere(Appraiser), Anywhere(Leader)],
    ),
    (
        Deed::ReadDesk,
        &[
            Anywhere(Counter),
            Anywhere(UnitHead),
            Anywhere(Specialist),
            Anywhere(Appraiser),
            Anywhere(Leader),
            Anywhere(Auditor),
            AnyDeputy,
        ],
    ),
    (
        Deed::WorkInBulk,
        &[Anywhere(Counter), Anywhere(UnitHead), Anywhere(Specialist), Anywhere(Appraiser), Anywhere(Leader)],
    ),
    (Deed::ReadBulkWork, &[Author, Anywhere(Auditor)]),
    (Deed::StopBulkWork, &[Author]),
    (Deed::ReadAnswers, &[Office(Leader), Anywhere(Auditor)]),
    (Deed::EditAnswers, &[Office(Leader)]),
    (Deed::ReadStatistics, &[Anywhere(Leader), Anywhere(Auditor), Anywhere(Role::Admin)]),
    (Deed::TakeRegister, &[Anywhere(Leader), Anywhere(Auditor)]),
    (Deed::ReadJournal, &[Owner, Office(Leader), Anywhere(Auditor)]),
    (Deed::ManageProcedures, &[System, Anywhere(Role::Admin)]),
    (Deed::ManageJobs, &[Anywhere(Role::Admin)]),
    (Deed::SendSuggestion, &[AnyApplicant]),
    (Deed::ReadSuggestions, &[Anywhere(Leader), Anywhere(Auditor), Anywhere(Role::Admin)]),
    (Deed::ReadAudit, &[Anywhere(Auditor)]),
    (Deed::ManagePeople, &[Anywhere(Role::Admin)]),
];

/// The dossier that a deed is about.
#[derive(Debug, Clone, Copy)]
pub struct AccessSubject<'a> {
    pub owner: &'a UserId,
    pub agency: &'a AgencyId,
    pub unit: &'a UnitId,
    /// The role of the step, if the deed is about a step, or of the post that the organisation chose for the deed.
    pub role: Option<Role>,
    /// The officer to whom the step is assigned, if any.
    pub assignee: Option<&'a UserId>,
    /// The stays that have ended.
    pub past: &'a [Visit],
}

/// Returns whether `actor` may do `deed`, to `subject` where the deed is about a dossier.
pub fn may(actor: &Actor, deed: Deed, subject: Option<AccessSubject<'_>>) -> bool {
    is_listed(actor, deed, subject) && bars(actor, deed, subject).next().is_none()
}

/// Returns the bar that keeps `actor` from a deed that the table would allow.
pub fn bar(actor: &Actor, deed: Deed, subject: Option<AccessSubject<'_>>) -> Option<AccessBar> {
    bars(actor, deed, subject).next().filter(|_| is_listed(actor, deed, subject))
}

fn is_listed(actor: &Actor, deed: Deed, subject: Option<AccessSubject<'_>>) -> bool {
    TABLE
        .iter()
        .filter(|(listed, _)| *listed == deed)
        .flat_map(|(_, who)| *who)
        .any(|who| matches(actor, *who, subject))
}

fn bars<'a>(actor: &'a Actor, deed: Deed, subject: Option<AccessSubject<'a>>) -> impl Iterator<Item = AccessBar> + 'a {
    let bars = BARS.iter().filter(move |(_, deeds)| deeds.contains(&deed)).map(|(bar, _)| *bar);
    bars.filter(move |bar| match bar {
        AccessBar::OwnProposal => subject.is_some_and(|subject| judges_own(actor, subject)),
        AccessBar::OwnDossier => {
            matches!(actor, Actor::Officer { .. }) && subject.is_some_and(|subject| actor.owns(subject.owner))
        }
    })
}

/// Returns whether the step judges a proposal of the actor, and the post does not allow that.
fn judges_own(actor: &Actor, subject: AccessSubject<'_>) -> bool {
    let (Actor::Officer { id, approves_own, .. }, Some(role)) = (actor, subject.role) else { return false };
    let proposed = |visit: &Visit| {
        let left = visit.left.as_ref().filter(|left| left.action.is_some());
        role.judges(visit.at.role) && left.is_some_and(|left| left.by.user() == Some(id))
    };
    let own = holding(actor, subject) == Some(Holding::Own);
    let allowed = own && approves_own.iter().any(|post| post.serves(role, subject.agency, subject.unit));
    !allowed && subject.past.iter().any(proposed)
}

/// The right by which an officer has a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holding<'a> {
    Own,
    For(&'a AbsentOfficer),
}

/// Returns the right by which the step of `subject` belongs to `actor`.
fn holding<'a>(actor: &'a Actor, subject: AccessSubject<'_>) -> Option<Holding<'a>> {
    let (Actor::Officer { id, posts, stands_for, .. }, Some(role)) = (actor, subject.role) else { return None };
    let serve = |posts: &[Post]| posts.iter().any(|post| post.serves(role, subject.agency, subject.unit));
    let is_free_for = |officer: &UserId| subject.assignee.is_none_or(|assignee| assignee == officer);
    if serve(posts) && is_free_for(id) {
        return Some(Holding::Own);
    }
    stands_for.iter().find(|absent| serve(&absent.posts) && is_free_for(&absent.id)).map(Holding::For)
}

/// Returns the officer on leave for whom `actor` has the step of `subject`. Own posts come first.
pub fn acting_for<'a>(actor: &'a Actor, subject: AccessSubject<'_>) -> Option<&'a AbsentOfficer> {
    match holding(actor, subject)? {
        Holding::For(absent) => Some(absent),
        Holding::Own => None,
    }
}

fn matches(actor: &Actor, who: AllowedActors, subject: Option<AccessSubject<'_>>) -> bool {
    let serves = |role: Role| {
        subject.is_some_and(|subject| actor.posts().iter().any(|post| post.serves(role, subject.agency, subject.unit)))
    };
    match (who, actor) {
        (AnyApplicant, Actor::Applicant { .. }) | (System, Actor::System) => true,
        (Owner, Actor::Applicant { id, .. }) => subject.is_some_and(|subject| subject.owner == id),
        (Author, Actor::Officer { id, .. }) => subject.is_some_and(|subject| subject.owner == id),
        (Cashier, Actor::Officer { id, .. }) => subject.is_some_and(|subject| subject.owner == id) && serves(Counter),
        (Office(role), Actor::Officer { .. }) => serves(role),
        (NamedPost, Actor::Officer { .. }) => subject.and_then(|subject| subject.role).is_some_and(serves),
        (Anywhere(role), Actor::Officer { posts, .. }) => posts.iter().any(|post| post.role == role),
        (StepHolder, Actor::Officer { .. }) => subject.is_some_and(|subject| holding(actor, subject).is_some()),
        (Deputy, Actor::Officer { .. }) => subject.is_some_and(|subject| acting_for(actor, subject).is_some()),
        (AnyDeputy, Actor::Officer { stands_for, .. }) => !stands_for.is_empty(),
        (StepHolder, Actor::Applicant { id, .. }) => {
            subject.is_some_and(|subject| subject.role == Some(Role::Applicant) && subject.owner == id)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
