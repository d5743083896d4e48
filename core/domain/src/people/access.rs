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
    Withdraw,
    Rate,
    /// Write a message in a dossier.
    SendMessage,
    RecordPayment,
    RecordRefund,
    /// Say that the number of the applicant is the applicant's.
    VerifyPhone,
    /// Find or open the account of a person who came to the counter.
    MeetApplicant,
    /// File the dossier of a person who came with paper.
    ReceiveAtCounter,
    /// Hand the account that a counter opened to its owner, who came to the counter.
    HandOverAccount,
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
    /// See figures about dossiers.
    ReadStatistics,
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
}

/// The people whom a line of the table allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AllowedActors {
    /// Any applicant with an account.
    AnyApplicant,
    /// The applicant whose dossier it is.
    Owner,
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
    /// The dossier is the officer's own.
    OwnDossier,
}

/// The bars, by the deeds that they forbid.
pub const BARS: &[(Deed, AccessBar)] =
    &[(Deed::ActOnStep, AccessBar::OwnProposal), (Deed::ReceiveAtCounter, AccessBar::OwnDossier)];

use AllowedActors::{AnyApplicant, AnyDeputy, Anywhere, Deputy, Office, Owner, StepHolder, System};
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
    (Deed::Withdraw, &[Owner]),
    (Deed::Rate, &[Owner]),
    (
        Deed::SendMessage,
        &[Owner, Office(Counter), Office(UnitHead), Office(Specialist), Office(Appraiser), Office(Leader), Deputy],
    ),
    (Deed::RecordPayment, &[Office(Counter)]),
    (Deed::RecordRefund, &[Office(Counter)]),
    (Deed::VerifyPhone, &[Office(Counter)]),
    (Deed::MeetApplicant, &[Anywhere(Counter)]),
    (Deed::ReceiveAtCounter, &[Office(Counter)]),
    (Deed::HandOverAccount, &[Office(Counter)]),
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
    (Deed::ReadStatistics, &[Anywhere(Leader), Anywhere(Auditor), Anywhere(Role::Admin)]),
    (Deed::ReadJournal, &[Owner, Office(Leader), Anywhere(Auditor)]),
    (Deed::ManageProcedures, &[System, Anywhere(Role::Admin)]),
    (Deed::ManageJobs, &[Anywhere(Role::Admin)]),
    (Deed::SendSuggestion, &[AnyApplicant]),
    (Deed::ReadSuggestions, &[Anywhere(Leader), Anywhere(Auditor), Anywhere(Role::Admin)]),
];

/// The dossier that a deed is about.
#[derive(Debug, Clone, Copy)]
pub struct AccessSubject<'a> {
    pub owner: &'a UserId,
    pub agency: &'a AgencyId,
    pub unit: &'a UnitId,
    /// The role of the step, if the deed is about a step.
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
    let bars = BARS.iter().filter(move |(listed, _)| *listed == deed).map(|(_, bar)| *bar);
    bars.filter(move |bar| match bar {
        AccessBar::OwnProposal => subject.is_some_and(|subject| judges_own(actor, subject)),
        AccessBar::OwnDossier => {
            subject.is_some_and(|subject| matches!(actor, Actor::Officer { id, .. } if id == subject.owner))
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
        (Office(role), Actor::Officer { .. }) => serves(role),
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
mod tests {
    use super::*;
    use crate::dossier::event::RecordedStep;
    use crate::dossier::visit::{VisitEnd, VisitNotes};
    use crate::people::organisation::ActorRef;
    use crate::text::Text;
    use crate::workflow::NationalStatus;
    use jiff::Timestamp;
    use proptest::collection::vec;
    use proptest::prelude::{Strategy, prop_assert, prop_assert_eq, proptest};
    use serde_json::Map;
    fn officer(id: &str, agency: &str, unit: &str, role: Role) -> Actor {
        let post = Post { agency: agency.into(), unit: unit.into(), role };
        let (id, name) = (id.into(), id.to_owned());
        Actor::Officer { id, name, posts: vec![post], stands_for: Vec::new(), approves_own: Vec::new() }
    }

    fn allowed(actor: &Actor, deed: Deed) -> bool {
        let (owner, agency, unit, assignee) = ("an".into(), "so-tnmt".into(), "nuoc".into(), "binh".into());
        let (role, assignee) = (Some(Specialist), Some(&assignee));
        may(actor, deed, Some(AccessSubject { owner: &owner, agency: &agency, unit: &unit, role, assignee, past: &[] }))
    }

    #[test]
    fn an_officer_of_another_agency_sees_nothing() {
        for role in [Counter, UnitHead, Specialist, Appraiser, Leader, Role::Admin] {
            let stranger = officer("x", "so-khdt", "nuoc", role);
            let of_counter = [
                Deed::RecordPayment,
                Deed::RecordRefund,
                Deed::VerifyPhone,
                Deed::ReceiveAtCounter,
                Deed::HandOverAccount,
            ];
            let others = [Deed::ReadDossier, Deed::ActOnStep, Deed::SendMessage, Deed::ReadJournal];
            for deed in of_counter.into_iter().chain(others) {
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

    #[test]
    fn those_who_take_payments_record_refunds_and_nobody_else() {
        let allowed_to = |deed: Deed| TABLE.iter().find(|(listed, _)| *listed == deed).map(|(_, who)| *who);
        assert_eq!(allowed_to(Deed::RecordRefund), allowed_to(Deed::RecordPayment));
        let owner = Actor::Applicant { id: "an".into(), name: "An".to_owned() };
        assert!(!allowed(&owner, Deed::RecordRefund) && !allowed(&owner, Deed::RecordPayment));
        assert!(allowed(&officer("x", "so-tnmt", "mot-cua", Counter), Deed::RecordRefund));
    }

    #[test]
    fn a_counter_receives_at_its_own_agency_and_nobody_for_themself() {
        for deed in [Deed::ReceiveAtCounter, Deed::HandOverAccount] {
            assert!(allowed(&officer("x", "so-tnmt", "mot-cua", Counter), deed), "{deed:?}");
            assert!(!allowed(&officer("x", "so-khdt", "mot-cua", Counter), deed), "{deed:?} elsewhere");
            for role in [UnitHead, Specialist, Appraiser, Leader, Auditor, Role::Admin] {
                assert!(!allowed(&officer("x", "so-tnmt", "nuoc", role), deed), "{deed:?} {role:?}");
            }
            let owner = Actor::Applicant { id: "an".into(), name: "An".to_owned() };
            assert!(!allowed(&owner, deed) && !allowed(&Actor::System, deed), "{deed:?}");
            let post = Post { agency: "so-tnmt".into(), unit: "mot-cua".into(), role: Counter };
            assert!(!allowed(&of("x", Vec::new(), vec![absent("y", &[post])]), deed), "a deputy has steps alone");
        }
        assert!(!allowed(&officer("an", "so-tnmt", "mot-cua", Counter), Deed::ReceiveAtCounter), "their own dossier");
    }

    const ROLES: [Role; 7] = Role::OF_POSTS;

    /// The deeds that a deputy may do for an officer on leave.
    const OF_DEPUTIES: [Deed; 6] =
        [Deed::ReadDossier, Deed::SendMessage, Deed::Undo, Deed::ActOnStep, Deed::TakeStep, Deed::ReadDesk];

    fn places() -> [(AgencyId, UnitId); 3] {
        [("so-tnmt", "nuoc"), ("so-tnmt", "dat"), ("so-khdt", "nuoc")]
            .map(|(agency, unit)| (agency.into(), unit.into()))
    }

    fn post_of((role, place): (usize, usize)) -> Post {
        let (agency, unit) = places()[place].clone();
        Post { agency, unit, role: ROLES[role] }
    }

    fn posts() -> impl Strategy<Value = Vec<Post>> {
        vec((0..ROLES.len(), 0..3_usize).prop_map(post_of), 0..4)
    }

    fn of(id: &str, posts: Vec<Post>, stands_for: Vec<AbsentOfficer>) -> Actor {
        Actor::Officer { id: id.into(), name: id.to_owned(), posts, stands_for, approves_own: Vec::new() }
    }

    fn absent(id: &str, posts: &[Post]) -> AbsentOfficer {
        let posts = posts.iter().filter(|post| post.role.takes_steps()).cloned().collect();
        AbsentOfficer { id: id.into(), name: id.to_owned(), posts }
    }

    /// Returns a stay that has ended.
    fn visit(role: Role, by: &str) -> Visit {
        let by = ActorRef::Officer { id: by.into(), name: by.to_owned(), acting_for: None };
        let left = VisitEnd { at: Timestamp::UNIX_EPOCH, by, action: Some("on".into()), punctuality: None };
        let (step, name, status) = ("a".into(), Text::vi("a"), NationalStatus::Processing);
        Visit {
            at: RecordedStep { step, name, role, status, place: None, stage: None },
            entered: Timestamp::UNIX_EPOCH,
            left: Some(left),
            notes: VisitNotes::default(),
            answers: Map::new(),
            result: None,
            asked: None,
        }
    }

    #[test]
    fn a_deputy_of_an_administrator_or_an_auditor_has_no_right_of_theirs() {
        for role in [Role::Admin, Auditor] {
            let post = Post { agency: "so-tnmt".into(), unit: "nuoc".into(), role };
            let deputy = of("son", Vec::new(), vec![absent("mai", &[post])]);
            for (deed, _) in TABLE.iter().filter(|(deed, _)| *deed != Deed::ReadDesk) {
                assert!(!allowed(&deputy, *deed) && !may(&deputy, *deed, None), "{role:?} {deed:?}");
            }
        }
    }

    #[test]
    fn nobody_approves_what_they_proposed_unless_the_post_may() {
        let (owner, agency, unit) = ("an".into(), "so-tnmt".into(), "nuoc".into());
        let past = [visit(Counter, "binh"), visit(Specialist, "binh")];
        let subject = |role| AccessSubject {
            owner: &owner,
            agency: &agency,
            unit: &unit,
            role: Some(role),
            assignee: None,
            past: &past,
        };
        let post = |role| Post { agency: "so-tnmt".into(), unit: "nuoc".into(), role };
        let act = |actor: &Actor, role| may(actor, Deed::ActOnStep, Some(subject(role)));
        for judge in [Appraiser, Leader] {
            assert!(!act(&of("binh", vec![post(judge)], Vec::new()), judge), "{judge:?}");
            assert!(act(&of("chi", vec![post(judge)], Vec::new()), judge), "{judge:?}");
            let deputy = of("binh", Vec::new(), vec![absent("chi", &[post(judge)])]);
            assert!(!act(&deputy, judge), "nor for {judge:?} on leave");
            let mut lifted = of("binh", vec![post(judge)], Vec::new());
            if let Actor::Officer { approves_own, .. } = &mut lifted {
                approves_own.push(post(judge));
            }
            assert!(act(&lifted, judge), "{judge:?} alone in the unit");
        }
        for own_step in [Counter, UnitHead, Specialist] {
            assert!(act(&of("binh", vec![post(own_step)], Vec::new()), own_step), "{own_step:?} judges nothing");
        }
    }

    proptest! {
        #[test]
        fn a_deputy_gets_the_steps_of_who_is_away_and_nothing_else(
            own in posts(),
            of_absent in posts(),
            place in 0..3_usize,
            role in 0..5_usize,
            assignee in 0..4_usize,
        ) {
            let (agency, unit) = places()[place].clone();
            let owner: UserId = "an".into();
            let people: [UserId; 3] = ["son".into(), "mai".into(), "chi".into()];
            let (role, assignee) = (Some(ROLES[role]), people.get(assignee));
            let subject = AccessSubject { owner: &owner, agency: &agency, unit: &unit, role, assignee, past: &[] };
            let alone = of("son", own.clone(), Vec::new());
            let deputy = of("son", own, vec![absent("mai", &of_absent)]);
            let away = of("mai", of_absent, Vec::new());
            for (deed, _) in TABLE {
                for subject in [None, Some(subject), Some(AccessSubject { role: None, ..subject })] {
                    let (without, with) = (may(&alone, *deed, subject), may(&deputy, *deed, subject));
                    prop_assert!(with || !without, "a deputy loses nothing: {deed:?}");
                    prop_assert!(with == without || OF_DEPUTIES.contains(deed), "{deed:?}");
                    let has_step = may(&away, Deed::TakeStep, subject);
                    prop_assert!(with == without || *deed == Deed::ReadDesk || has_step, "{deed:?} without a step");
                }
            }
            let takes = |actor: &Actor| may(actor, Deed::TakeStep, Some(subject));
            prop_assert_eq!(takes(&deputy), takes(&alone) || takes(&away));
        }

        #[test]
        fn who_acts_at_a_step_that_judges_did_not_propose_it(
            roles in vec((0..ROLES.len(), 0..3_usize), 0..5),
            own in posts(),
            of_absent in posts(),
            place in 0..3_usize,
            role in 0..5_usize,
        ) {
            let people = ["son", "mai", "chi"];
            let past: Vec<Visit> = roles.into_iter().map(|(role, by)| visit(ROLES[role], people[by])).collect();
            let (agency, unit) = places()[place].clone();
            let (owner, role): (UserId, Role) = ("an".into(), ROLES[role]);
            let subject =
                AccessSubject { owner: &owner, agency: &agency, unit: &unit, role: Some(role), assignee: None, past: &past };
            let actor = of("son", own, vec![absent("mai", &of_absent)]);
            let by_son = |visit: &&Visit| visit.left.as_ref().and_then(|left| left.by.user()) == Some(&"son".into());
            let proposed = past.iter().filter(by_son).any(|visit| role.judges(visit.at.role));
            prop_assert!(!(proposed && may(&actor, Deed::ActOnStep, Some(subject))));
            prop_assert_eq!(
                may(&actor, Deed::TakeStep, Some(subject)) && !proposed,
                may(&actor, Deed::ActOnStep, Some(subject))
            );
        }
    }
}
