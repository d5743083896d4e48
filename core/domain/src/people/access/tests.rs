//! Tests of the table of rights.

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
    Actor::Officer {
        id,
        name,
        posts: vec![post],
        stands_for: Vec::new(),
        approves_own: Vec::new(),
        own_accounts: Vec::new(),
    }
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
            Deed::ReversePayment,
            Deed::RecordRefund,
            Deed::VerifyPhone,
            Deed::ReceiveAtCounter,
            Deed::HandOverAccount,
            Deed::SupplementAtCounter,
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
    for deed in [
        Deed::ReadDossier,
        Deed::Supplement,
        Deed::Withdraw,
        Deed::ChangeDelivery,
        Deed::Rate,
        Deed::PayOnline,
        Deed::SendMessage,
    ] {
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

/// The part of the portal that a deed is about.
#[derive(Debug, PartialEq, Eq)]
enum Matter {
    /// The deed changes a dossier, or what somebody else decides on.
    Change,
    /// The deed shows a dossier with its contents or its history.
    Dossier,
    /// The deed shows lists and figures.
    Look,
    /// The deed runs the portal.
    Portal,
}

fn matter_of(deed: Deed) -> Matter {
    match deed {
        Deed::File
        | Deed::ActOnStep
        | Deed::Supplement
        | Deed::SupplementAtCounter
        | Deed::Withdraw
        | Deed::ChangeDelivery
        | Deed::Rate
        | Deed::SendMessage
        | Deed::PayOnline
        | Deed::RecordPayment
        | Deed::ReversePayment
        | Deed::RecordRefund
        | Deed::CloseCash
        | Deed::CloseCashOfOther
        | Deed::VerifyPhone
        | Deed::MeetApplicant
        | Deed::ReceiveAtCounter
        | Deed::HandOverAccount
        | Deed::CorrectName
        | Deed::Lapse
        | Deed::Tend
        | Deed::TakeStep
        | Deed::GiveStep
        | Deed::Undo
        | Deed::WorkInBulk
        | Deed::StopBulkWork
        | Deed::EditAnswers
        | Deed::MoveDossiers
        | Deed::Delegate
        | Deed::SendSuggestion => Matter::Change,
        Deed::ReadDossier | Deed::ReadJournal | Deed::TakeRegister => Matter::Dossier,
        Deed::ReadDesk
        | Deed::ReadStatistics
        | Deed::ReadSuggestions
        | Deed::ReadAudit
        | Deed::ListCash
        | Deed::ReadCash
        | Deed::ReadAccountActs
        | Deed::ReadBulkWork
        | Deed::ReadAnswers => Matter::Look,
        Deed::ManageProcedures | Deed::ManageJobs | Deed::ManagePeople => Matter::Portal,
    }
}

#[test]
fn an_auditor_only_looks_and_an_administrator_neither_reads_nor_changes_a_dossier() {
    let is_of = |who: &AllowedActors, role: Role| *who == Office(role) || *who == Anywhere(role);
    for (deed, allowed) in TABLE {
        let has = |role: Role| allowed.iter().any(|who| is_of(who, role));
        match matter_of(*deed) {
            Matter::Change => assert!(!has(Auditor) && !has(Role::Admin), "{deed:?}"),
            Matter::Dossier => assert!(!has(Role::Admin), "{deed:?}"),
            Matter::Portal => assert!(!has(Auditor), "{deed:?}"),
            Matter::Look => {}
        }
    }
    let (auditor, admin) = (officer("x", "so-noivu", "tt", Auditor), officer("x", "so-tttt", "cntt", Role::Admin));
    assert!(may(&auditor, Deed::ReadAudit, None) && !may(&admin, Deed::ReadAudit, None));
    assert!(!may(&auditor, Deed::ManagePeople, None) && may(&admin, Deed::ManagePeople, None));
}

#[test]
fn bulk_work_is_read_by_its_author_and_by_auditors_and_stopped_by_its_author_alone() {
    let author = officer("an", "so-khdt", "mot-cua", Counter);
    assert!(allowed(&author, Deed::ReadBulkWork) && allowed(&author, Deed::StopBulkWork));
    let auditor = officer("x", "so-noivu", "thanh-tra", Auditor);
    assert!(allowed(&auditor, Deed::ReadBulkWork) && !allowed(&auditor, Deed::StopBulkWork));
    assert!(!allowed(&auditor, Deed::WorkInBulk) && allowed(&author, Deed::WorkInBulk));
    for role in [Counter, UnitHead, Specialist, Appraiser, Leader, Role::Admin] {
        let colleague = officer("x", "so-tnmt", "nuoc", role);
        assert!(!allowed(&colleague, Deed::ReadBulkWork) && !allowed(&colleague, Deed::StopBulkWork), "{role:?}");
    }
    let applicant = Actor::Applicant { id: "an".into(), name: "An".to_owned() };
    for deed in [Deed::WorkInBulk, Deed::ReadBulkWork, Deed::StopBulkWork] {
        assert!(!allowed(&applicant, deed), "{deed:?}");
    }
}

#[test]
fn those_who_take_payments_record_refunds_and_nobody_else() {
    let allowed_to = |deed: Deed| TABLE.iter().find(|(listed, _)| *listed == deed).map(|(_, who)| *who);
    assert_eq!(allowed_to(Deed::RecordRefund), allowed_to(Deed::RecordPayment));
    assert_eq!(allowed_to(Deed::ReversePayment), allowed_to(Deed::RecordPayment));
    let owner = Actor::Applicant { id: "an".into(), name: "An".to_owned() };
    assert!(!allowed(&owner, Deed::RecordRefund) && !allowed(&owner, Deed::RecordPayment));
    assert!(allowed(&officer("x", "so-tnmt", "mot-cua", Counter), Deed::RecordRefund));
}

#[test]
fn nobody_takes_back_a_payment_of_their_own_or_pays_money_back_to_themself() {
    let own = officer("an", "so-tnmt", "mot-cua", Counter);
    for deed in [Deed::ReversePayment, Deed::RecordRefund] {
        assert!(!allowed(&own, deed), "{deed:?}");
        assert!(allowed(&officer("x", "so-tnmt", "mot-cua", Counter), deed), "{deed:?}");
        for role in [UnitHead, Specialist, Appraiser, Leader, Auditor, Role::Admin] {
            assert!(!allowed(&officer("x", "so-tnmt", "nuoc", role), deed), "{role:?} {deed:?}");
        }
        assert!(!allowed(&Actor::System, deed), "{deed:?}");
    }
}

/// The deeds by which staff change something that is no dossier and no account of an applicant.
const OF_NO_APPLICANT: [Deed; 7] = [
    Deed::CloseCash,
    Deed::CloseCashOfOther,
    Deed::MeetApplicant,
    Deed::WorkInBulk,
    Deed::StopBulkWork,
    Deed::EditAnswers,
    Deed::Delegate,
];

#[test]
fn nobody_handles_their_own_dossier_by_any_act_of_staff() {
    let posts: Vec<Post> =
        Role::OF_OFFICERS.map(|role| Post { agency: "so-tnmt".into(), unit: "nuoc".into(), role }).to_vec();
    let staff = |own_accounts: Vec<UserId>| Actor::Officer {
        id: "binh".into(),
        name: "binh".to_owned(),
        posts: posts.clone(),
        stands_for: Vec::new(),
        approves_own: Vec::new(),
        own_accounts,
    };
    let (colleague, owner) = (staff(Vec::new()), staff(vec!["khac".into(), "an".into()]));
    let mut handling = 0;
    for (deed, _) in TABLE {
        if matter_of(*deed) != Matter::Change || OF_NO_APPLICANT.contains(deed) || !allowed(&colleague, *deed) {
            assert_eq!(allowed(&colleague, *deed), allowed(&owner, *deed), "{deed:?}");
            continue;
        }
        handling += 1;
        assert!(!allowed(&owner, *deed), "{deed:?}");
        let (of_an, agency, unit, assignee) = ("an".into(), "so-tnmt".into(), "nuoc".into(), "binh".into());
        let (role, assignee) = (Some(Specialist), Some(&assignee));
        let subject = AccessSubject { owner: &of_an, agency: &agency, unit: &unit, role, assignee, past: &[] };
        assert_eq!(bar(&owner, *deed, Some(subject)), Some(AccessBar::OwnDossier), "{deed:?}");
    }
    assert_eq!(handling, 14, "every act of staff");
    assert!(allowed(&owner, Deed::ReadDossier));
    // The owner's rights as an applicant are those of the other account.
    let applicant = Actor::Applicant { id: "an".into(), name: "An".to_owned() };
    assert!(allowed(&applicant, Deed::Withdraw) && !allowed(&owner, Deed::Withdraw));
}

#[test]
fn a_cashier_closes_their_own_day_and_those_above_see_it() {
    // The organisation chose no other post for the agency.
    let allowed = |actor: &Actor, deed: Deed| {
        let (owner, agency, unit) = ("an".into(), "so-tnmt".into(), "nuoc".into());
        let (role, assignee, past) = (None, None, &[][..]);
        may(actor, deed, Some(AccessSubject { owner: &owner, agency: &agency, unit: &unit, role, assignee, past }))
    };
    let own = officer("an", "so-tnmt", "mot-cua", Counter);
    assert!(allowed(&own, Deed::CloseCash) && allowed(&own, Deed::ReadCash));
    let colleague = officer("x", "so-tnmt", "mot-cua", Counter);
    assert!(!allowed(&colleague, Deed::CloseCash) && !allowed(&colleague, Deed::ReadCash));
    assert!(!allowed(&officer("an", "so-khdt", "mot-cua", Counter), Deed::ReadCash), "at another agency");
    for (role, reads) in [(Leader, true), (Auditor, true), (UnitHead, false), (Specialist, false), (Role::Admin, false)]
    {
        let other = officer("x", "so-tnmt", "nuoc", role);
        assert_eq!((allowed(&other, Deed::ReadCash), allowed(&other, Deed::CloseCash)), (reads, false), "{role:?}");
    }
    let owner = Actor::Applicant { id: "an".into(), name: "An".to_owned() };
    assert!(!allowed(&owner, Deed::ReadCash) && !allowed(&owner, Deed::CloseCash));
}

#[test]
fn the_day_of_a_cashier_who_is_away_is_closed_by_the_post_that_the_organisation_chose_and_by_nobody_else() {
    let (cashier, agency, unit) = ("an".into(), "so-tnmt".into(), "ke-toan".into());
    let close = |actor: &Actor, chosen: Option<Role>| {
        let subject =
            AccessSubject { owner: &cashier, agency: &agency, unit: &unit, role: chosen, assignee: None, past: &[] };
        may(actor, Deed::CloseCashOfOther, Some(subject))
    };
    let accountant = officer("x", "so-tnmt", "ke-toan", UnitHead);
    assert!(close(&accountant, Some(UnitHead)) && !close(&accountant, Some(Leader)) && !close(&accountant, None));
    for other in [
        officer("x", "so-tnmt", "nuoc", UnitHead),
        officer("x", "so-khdt", "ke-toan", UnitHead),
        officer("an", "so-tnmt", "mot-cua", Counter),
        officer("x", "so-tnmt", "lanh-dao", Leader),
        officer("x", "so-tnmt", "ke-toan", Auditor),
        of("x", Vec::new(), vec![absent("y", accountant.posts())]),
        Actor::System,
    ] {
        assert!(!close(&other, Some(UnitHead)), "{other:?}");
    }
    assert!(close(&officer("x", "so-tnmt", "lanh-dao", Leader), Some(Leader)), "a leader serves the whole agency");
}

#[test]
fn a_counter_receives_at_its_own_agency_and_nobody_for_themself() {
    for deed in [Deed::ReceiveAtCounter, Deed::HandOverAccount, Deed::SupplementAtCounter] {
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
    for deed in [Deed::ReceiveAtCounter, Deed::SupplementAtCounter] {
        assert!(!allowed(&officer("an", "so-tnmt", "mot-cua", Counter), deed), "{deed:?}: their own dossier");
    }
}

#[test]
fn a_counter_corrects_names_and_does_not_read_the_record_of_it() {
    for role in [UnitHead, Specialist, Appraiser, Leader, Auditor, Role::Admin] {
        assert!(!allowed(&officer("x", "so-tnmt", "nuoc", role), Deed::CorrectName), "{role:?}");
        let reads = matches!(role, Leader | Auditor);
        assert_eq!(allowed(&officer("x", "so-tnmt", "nuoc", role), Deed::ReadAccountActs), reads, "{role:?}");
    }
    let counter = officer("x", "so-tnmt", "mot-cua", Counter);
    assert!(allowed(&counter, Deed::CorrectName) && !allowed(&counter, Deed::ReadAccountActs));
}

const ROLES: [Role; 7] = Role::OF_POSTS;

/// The deeds that a deputy may do for an officer on leave.
const OF_DEPUTIES: [Deed; 6] =
    [Deed::ReadDossier, Deed::SendMessage, Deed::Undo, Deed::ActOnStep, Deed::TakeStep, Deed::ReadDesk];

fn places() -> [(AgencyId, UnitId); 3] {
    [("so-tnmt", "nuoc"), ("so-tnmt", "dat"), ("so-khdt", "nuoc")].map(|(agency, unit)| (agency.into(), unit.into()))
}

fn post_of((role, place): (usize, usize)) -> Post {
    let (agency, unit) = places()[place].clone();
    Post { agency, unit, role: ROLES[role] }
}

fn posts() -> impl Strategy<Value = Vec<Post>> {
    vec((0..ROLES.len(), 0..3_usize).prop_map(post_of), 0..4)
}

fn of(id: &str, posts: Vec<Post>, stands_for: Vec<AbsentOfficer>) -> Actor {
    Actor::Officer {
        id: id.into(),
        name: id.to_owned(),
        posts,
        stands_for,
        approves_own: Vec::new(),
        own_accounts: Vec::new(),
    }
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
