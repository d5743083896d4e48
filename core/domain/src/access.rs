//! Who may do what: one table for the whole portal. What is not in it is forbidden.

use crate::names::{AgencyId, UnitId, UserId};
use crate::organisation::{Actor, Role};

/// Something that needs a right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Deed {
    /// Keep drafts and file dossiers.
    File,
    /// See a dossier with all it holds.
    ReadDossier,
    /// Take an action that the current step offers.
    ActOnStep,
    /// Give what was missing.
    Supplement,
    Withdraw,
    Rate,
    /// Write a message in a dossier.
    SendMessage,
    RecordPayment,
    /// Close a dossier whose applicant let a limit pass.
    Lapse,
    /// Do what time does: take a timed action, remind, put before a superior, reckon anew.
    Tend,
    /// Take a step that nobody has, or give one's own back or to a colleague.
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
    /// See figures about dossiers.
    ReadStatistics,
    /// See who did what to a dossier, and who read it.
    ReadJournal,
    /// Install, publish and retire procedures.
    ManageProcedures,
    /// See what the portal could not do by itself, and let it try again.
    ManageJobs,
}

/// Who a line of the table lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Any applicant with an account.
    AnyApplicant,
    /// The applicant whose dossier it is.
    Owner,
    /// An officer whose post serves the dossier in this role.
    Office(Role),
    /// An officer with this role, anywhere.
    Anywhere(Role),
    /// The officer to whom the current step belongs.
    StepHolder,
    /// The portal itself.
    System,
}

use Role::{Appraiser, Auditor, Counter, Leader, Specialist, UnitHead};
use Who::{AnyApplicant, Anywhere, Office, Owner, StepHolder, System};

/// The table.
pub const TABLE: &[(Deed, &[Who])] = &[
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
        ],
    ),
    (Deed::ActOnStep, &[StepHolder]),
    (Deed::Supplement, &[Owner]),
    (Deed::Withdraw, &[Owner]),
    (Deed::Rate, &[Owner]),
    (
        Deed::SendMessage,
        &[Owner, Office(Counter), Office(UnitHead), Office(Specialist), Office(Appraiser), Office(Leader)],
    ),
    (Deed::RecordPayment, &[Office(Counter)]),
    (Deed::Lapse, &[System, Office(Counter)]),
    (Deed::Tend, &[System]),
    (Deed::TakeStep, &[StepHolder]),
    (Deed::GiveStep, &[Office(UnitHead), Office(Leader)]),
    (Deed::Undo, &[Office(Counter), Office(UnitHead), Office(Specialist), Office(Appraiser), Office(Leader)]),
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
        ],
    ),
    (Deed::ReadStatistics, &[Anywhere(Leader), Anywhere(Auditor), Anywhere(Role::Admin)]),
    (Deed::ReadJournal, &[Owner, Office(Leader), Anywhere(Auditor)]),
    (Deed::ManageProcedures, &[System, Anywhere(Role::Admin)]),
    (Deed::ManageJobs, &[Anywhere(Role::Admin)]),
];

/// The dossier that a deed is about.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    pub owner: &'a UserId,
    pub agency: &'a AgencyId,
    pub unit: &'a UnitId,
    /// The role of the step that it is about, if about one.
    pub role: Option<Role>,
    /// The officer whom that step is given to, if to one.
    pub assignee: Option<&'a UserId>,
}

/// Whether `actor` may do `deed`, to `subject` where the deed is about a dossier.
pub fn may(actor: &Actor, deed: Deed, subject: Option<Subject<'_>>) -> bool {
    TABLE
        .iter()
        .filter(|(listed, _)| *listed == deed)
        .flat_map(|(_, who)| *who)
        .any(|who| matches(actor, *who, subject))
}

fn matches(actor: &Actor, who: Who, subject: Option<Subject<'_>>) -> bool {
    let serves = |role: Role| {
        subject.is_some_and(|subject| actor.posts().iter().any(|post| post.serves(role, subject.agency, subject.unit)))
    };
    match (who, actor) {
        (AnyApplicant, Actor::Applicant { .. }) | (System, Actor::System) => true,
        (Owner, Actor::Applicant { id, .. }) => subject.is_some_and(|subject| subject.owner == id),
        (Office(role), Actor::Officer { .. }) => serves(role),
        (Anywhere(role), Actor::Officer { posts, .. }) => posts.iter().any(|post| post.role == role),
        (StepHolder, Actor::Officer { id, stands_for, .. }) => subject.is_some_and(|subject| {
            let own = |assignee: &UserId| assignee == id || stands_for.contains(assignee);
            subject.role.is_some_and(serves) && subject.assignee.is_none_or(own)
        }),
        (StepHolder, Actor::Applicant { id, .. }) => {
            subject.is_some_and(|subject| subject.role == Some(Role::Applicant) && subject.owner == id)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organisation::Post;

    fn officer(id: &str, agency: &str, unit: &str, role: Role) -> Actor {
        let post = Post { agency: agency.into(), unit: unit.into(), role };
        Actor::Officer { id: id.into(), name: id.to_owned(), posts: vec![post], stands_for: Vec::new() }
    }

    fn allowed(actor: &Actor, deed: Deed) -> bool {
        let (owner, agency, unit, assignee) = ("an".into(), "so-tnmt".into(), "nuoc".into(), "binh".into());
        let subject =
            Subject { owner: &owner, agency: &agency, unit: &unit, role: Some(Specialist), assignee: Some(&assignee) };
        may(actor, deed, Some(subject))
    }

    #[test]
    fn an_officer_of_another_agency_sees_nothing() {
        for role in [Counter, UnitHead, Specialist, Appraiser, Leader, Role::Admin] {
            let stranger = officer("x", "so-khdt", "nuoc", role);
            for deed in [Deed::ReadDossier, Deed::ActOnStep, Deed::SendMessage, Deed::RecordPayment, Deed::ReadJournal]
            {
                assert!(!allowed(&stranger, deed), "{role:?} {deed:?}");
            }
        }
    }

    #[test]
    fn an_officer_of_another_unit_sees_nothing_unless_the_post_is_for_the_whole_agency() {
        for role in [UnitHead, Specialist, Appraiser] {
            assert!(!allowed(&officer("x", "so-tnmt", "dat", role), Deed::ReadDossier));
        }
        assert!(allowed(&officer("x", "so-tnmt", "mot-cua", Counter), Deed::ReadDossier));
    }

    #[test]
    fn only_the_assignee_acts_on_an_assigned_step() {
        assert!(allowed(&officer("binh", "so-tnmt", "nuoc", Specialist), Deed::ActOnStep));
        assert!(!allowed(&officer("chi", "so-tnmt", "nuoc", Specialist), Deed::ActOnStep));
        assert!(!allowed(&officer("binh", "so-tnmt", "nuoc", Leader), Deed::ActOnStep));
    }

    #[test]
    fn an_applicant_reaches_only_their_own_dossier() {
        let own = Actor::Applicant { id: "an".into(), name: "An".to_owned() };
        let other = Actor::Applicant { id: "em".into(), name: "Em".to_owned() };
        for deed in [Deed::ReadDossier, Deed::Supplement, Deed::Withdraw, Deed::Rate, Deed::SendMessage] {
            assert!(allowed(&own, deed) && !allowed(&other, deed), "{deed:?}");
        }
    }

    #[test]
    fn every_deed_is_in_the_table_once_and_an_auditor_changes_nothing() {
        let mut seen = std::collections::HashSet::new();
        assert!(TABLE.iter().all(|(deed, who)| seen.insert(*deed) && !who.is_empty()));
        let auditor = officer("x", "so-noivu", "thanh-tra", Auditor);
        for deed in [Deed::ActOnStep, Deed::SendMessage, Deed::RecordPayment, Deed::Lapse, Deed::File] {
            assert!(!allowed(&auditor, deed), "{deed:?}");
        }
    }
}
