//! Dossiers under way while versions, people and places change.

use crate::store::tamper;
use jiff::civil::date;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::event::{Event, PlaceMove};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::names::{Digest, DossierCode};
use motcua_domain::people::organisation::Actor;
use motcua_domain::workflow::UnitPlace;
use motcua_service::{DraftPart, DraftReview, Error, InputRule, ReorganiseMode};
use motcua_store::log::LogTrust;
use motcua_store::{journal, lists};
use motcua_tests::flow::{COUNTER, Case, LEADER, Office, PROCEDURE, SPECIALIST, With, bare, workflow};
use motcua_tests::portal::Kind;
use motcua_tests::process::motcua;
use serde_json::json;
use std::collections::BTreeMap;
use uuid::Uuid;

on_both_kinds! {
    a_moved_dossier_is_supplemented_with_what_only_the_new_version_asks
    a_supplement_that_was_begun_before_the_move_keeps_what_was_typed_and_says_what_is_missing
    the_steps_of_an_officer_who_left_return_to_the_post_with_the_reason
    a_locked_officer_has_no_step_that_others_cannot_take
    doctor_counts_the_steps_that_are_in_nobodys_list
    a_deputy_who_takes_a_step_keeps_it_in_their_list
    a_dossier_that_comes_to_a_dissolved_unit_later_goes_to_its_successor
    a_dossier_that_is_filed_with_a_dissolved_unit_goes_to_its_successor
    a_step_that_comes_back_with_an_undo_returns_to_its_post_if_its_officer_left
    a_step_that_comes_back_with_an_undo_goes_to_the_successor_of_its_unit
    a_unit_that_was_chosen_before_a_reorganisation_is_asked_by_its_successor
    a_move_to_another_version_that_was_stopped_in_the_middle_is_finished_by_the_same_command
    a_reorganisation_in_portions_moves_every_dossier_once
    what_happens_at_another_branch_or_agency_and_what_is_written_does_not_refuse_an_officer
}

/// Returns a move of a unit's work to `so-congthuong/thuong-mai`, where `y.congthuong` is a specialist.
pub(super) fn to_trade(agency: &str, unit: &str) -> [PlaceMove; 1] {
    let place = |agency: &str, unit: &str| UnitPlace { agency: agency.into(), unit: unit.into() };
    [PlaceMove { from: place(agency, unit), to: place("so-congthuong", "thuong-mai") }]
}

/// Two officers who hold the post of step `b`, and the head of their unit.
const PAIR: [&str; 2] = ["mai.khdt", "son.khdt"];
const HEAD: &str = "hung.khdt";

/// Returns a workflow whose second step the pair takes.
fn at_the_pair() -> String {
    workflow(&[
        "a counter | go advance; to = 'b'",
        "b specialist; at = 'so-khdt/dang-ky-kinh-doanh' | on advance; to = 'd' | ask request-supplement",
        "d leader | done hand-over | redo advance; to = 'b'",
    ])
}

/// Lets one of the pair take step `b` of a new dossier.
async fn taken<'a>(office: &'a Office, login: &str) -> Case<'a> {
    let case = office.file(false, false).await;
    let seen = case.act(COUNTER, "go").await.expect("it begins").version;
    case.change(login, Command::Take { stay: 1, seen }).await.expect("taken");
    case
}

/// Takes an officer out of organisation.toml and starts the portal again.
async fn let_go(office: &mut Office, login: &str) {
    let file = office.dir.path().join("organisation.toml");
    let text = std::fs::read_to_string(file).expect("the organisation");
    let gone = text.replace(&format!("\"{login}\""), "\"another.person\"");
    assert_ne!(text, gone);
    office.write("organisation.toml", &gone);
    office.reopen().await;
}

/// Asserts that the last event released the step, and says why.
async fn assert_returned(office: &Office, code: &DossierCode) {
    let events = journal::events(office.services.database().reader(), code).await.expect("the journal");
    match &events.last().expect("an event").event {
        Event::Assigned { assignee: None, note: Some(reason), .. } => assert!(!reason.is_empty()),
        other => panic!("{other:?}"),
    }
}

/// The file of the procedure.
const FILE: &str = "procedures/so-tnmt/thu/procedure.toml";

/// A field that only the new version of the procedure has.
const OWNER: &str = "\n[[section.field]]\nid = \"owner\"\nlabel = \"Chủ giếng\"\nkind = \"text\"\n";

/// Returns the version that is offered.
fn offered(office: &Office) -> Digest {
    office.services.procedures.catalogue().procedure(&"9.900001".into()).expect("offered").version.clone()
}

/// Publishes a version that asks for the owner too, and moves the open dossiers to it.
async fn ask_for_the_owner(office: &mut Office) -> Digest {
    let old = offered(office);
    office.write(FILE, &format!("{PROCEDURE}{OWNER}"));
    office.reopen().await;
    let new = offered(office);
    assert_ne!(old, new);
    let moved =
        office.services.dossiers.move_version(&old, &new, &BTreeMap::new(), "Mẫu mới", ReorganiseMode::Apply).await;
    assert_eq!(moved.expect("moved").moved.len(), 1);
    new
}

async fn review(office: &Office, draft: Uuid) -> DraftReview {
    let citizen = office.actor("nobody").await;
    let view = office.services.drafts.draft(&citizen, draft).await.expect("a draft");
    office.services.drafts.review(&view).await.expect("a review")
}

/// Returns the fields of which the review complains.
fn complaints(review: &DraftReview) -> Vec<&str> {
    review.findings.iter().map(|finding| finding.path.as_str()).collect()
}

async fn type_in(office: &Office, draft: Uuid, field: &str, answer: &str) {
    let citizen = office.actor("nobody").await;
    let typed = [("deep", "true"), ("wide", "false"), ("area", "bac"), (field, answer)];
    let typed = typed.map(|(name, value)| (name.to_owned(), value.to_owned()));
    office.services.drafts.save_page(&citizen, draft, 0, &typed).await.expect("saved");
}

/// Gives the supplement as it was reviewed now, and checks that the dossier goes on to its end.
async fn goes_on(office: &Office, code: &DossierCode, draft: Uuid) {
    let (citizen, seen) = (office.actor("nobody").await, review(office, draft).await.seen);
    office.services.drafts.supplement_reviewed(&citizen, draft, &seen, None).await.expect("supplemented");
    let case = Case { office, code: code.clone() };
    assert_eq!(case.dossier().await.values.get("owner"), Some(&json!("Bà Tư")));
    for (who, action) in [(COUNTER, "go"), (LEADER, "done")] {
        case.act(who, action).await.expect("it goes on");
    }
    assert_eq!(case.open().await, "end");
}

fn asking() -> String {
    workflow(&["a counter | go advance; to = 'd' | ask request-supplement", "d leader | done hand-over"])
}

async fn a_moved_dossier_is_supplemented_with_what_only_the_new_version_asks(kind: Kind) {
    let mut office = Office::open(kind, &asking(), &[]).await;
    let code = office.file(true, false).await.code;
    let new = ask_for_the_owner(&mut office).await;
    let note = With { note: "Thiếu.", ..With::default() };
    Case { office: &office, code: code.clone() }.act_with(COUNTER, "ask", note).await.expect("asked");
    let citizen = office.actor("nobody").await;
    let draft = office.services.drafts.start_supplement(&citizen, &code).await.expect("a draft");
    let first = review(&office, draft).await;
    assert_eq!(complaints(&first), ["owner"], "the page says what is missing");
    let refused = office.services.drafts.supplement_reviewed(&citizen, draft, &first.seen, None).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::Incomplete(_)))), "{refused:?}");
    type_in(&office, draft, "owner", "Bà Tư").await;
    assert_eq!(office.services.drafts.draft(&citizen, draft).await.expect("a draft").draft.version, new);
    goes_on(&office, &code, draft).await;
}

async fn a_supplement_that_was_begun_before_the_move_keeps_what_was_typed_and_says_what_is_missing(kind: Kind) {
    let mut office = Office::open(kind, &asking(), &[]).await;
    let case = office.file(false, true).await;
    let note = With { note: "Thiếu.", ..With::default() };
    case.act_with(COUNTER, "ask", note).await.expect("asked");
    let code = case.code;
    let citizen = office.actor("nobody").await;
    let draft = office.services.drafts.start_supplement(&citizen, &code).await.expect("a draft");
    type_in(&office, draft, "wide", "false").await;
    let before = review(&office, draft).await;
    assert!(before.complete(), "{:?}", before.findings);
    ask_for_the_owner(&mut office).await;

    let stale = office.services.drafts.supplement_reviewed(&citizen, draft, &before.seen, None).await;
    assert!(matches!(stale, Err(Error::Invalid(InputRule::DraftChanged))), "{stale:?}");
    let after = review(&office, draft).await;
    assert!(after.seen.changed_since(&before.seen).contains(&DraftPart::Procedure), "the page says why");
    assert_eq!(complaints(&after), ["owner"]);
    let kept = |review: &DraftReview| ["deep", "wide", "area"].map(|field| review.values.get(field).cloned());
    assert_eq!(kept(&after), kept(&before), "everything typed is still there");
    type_in(&office, draft, "owner", "Bà Tư").await;
    goes_on(&office, &code, draft).await;
}

async fn the_steps_of_an_officer_who_left_return_to_the_post_with_the_reason(kind: Kind) {
    let mut office = Office::open(kind, &at_the_pair(), &[]).await;
    let open = taken(&office, PAIR[0]).await.code;
    let asked = taken(&office, PAIR[0]).await;
    let note = With { note: "Thiếu.", ..With::default() };
    asked.act_with(PAIR[0], "ask", note).await.expect("asked");
    let asked = asked.code;
    let sent = taken(&office, PAIR[0]).await;
    sent.act(PAIR[0], "on").await.expect("with the leader");
    let sent = sent.code;
    let own = taken(&office, PAIR[1]).await.code;
    let version = Case { office: &office, code: own.clone() }.dossier().await.version;
    let_go(&mut office, PAIR[0]).await;

    let case = |code: &DossierCode| Case { office: &office, code: code.clone() };
    assert_eq!(case(&own).dossier().await.version, version, "nothing happens to the steps of others");
    assert_returned(&office, &open).await;
    assert_eq!(case(&open).todo_of(PAIR[1]).await.len(), 2, "the step is in the list of the post");
    case(&sent).act(LEADER, "redo").await.expect("sent back");
    assert_eq!(case(&sent).todo_of(PAIR[1]).await.len(), 3, "it does not go to the officer who left");
    let citizen = office.actor("nobody").await;
    let draft = office.services.drafts.start_supplement(&citizen, &asked).await.expect("a draft");
    office.services.drafts.supplement(&citizen, draft).await.expect("supplemented");
    assert_returned(&office, &asked).await;
    assert_eq!(case(&asked).todo_of(PAIR[1]).await.len(), 4, "nor does the step that waited for the applicant");
    for code in [&open, &asked, &sent] {
        case(code).act(PAIR[1], "on").await.expect("a colleague goes on");
    }
    assert_eq!(office.services.dossiers.return_left_steps().await.expect("looked at"), 0, "once");
}

async fn a_locked_officer_has_no_step_that_others_cannot_take(kind: Kind) {
    let office = Office::open(kind, &at_the_pair(), &[]).await;
    let case = taken(&office, PAIR[0]).await;
    assert!(case.todo_of(PAIR[1]).await.is_empty());
    office.services.lock_account(PAIR[0], true).await.expect("locked");
    assert_returned(&office, &case.code).await;
    assert_eq!(case.todo_of(PAIR[1]).await.len(), 1);
    case.act(PAIR[1], "on").await.expect("a colleague goes on");
}

async fn doctor_counts_the_steps_that_are_in_nobodys_list(kind: Kind) {
    let office = Office::open(kind, &at_the_pair(), &[]).await;
    taken(&office, PAIR[0]).await;
    let doctor = || {
        let run = motcua().args(["doctor", "--dir"]).arg(office.dir.path()).output().expect("it runs");
        String::from_utf8_lossy(&run.stdout).into_owned()
    };
    let fine = doctor();
    assert!(fine.contains("open steps: each is in the list of an officer"), "{fine}");
    let of = |login: &str| format!("(SELECT id FROM account WHERE login = '{login}')");
    tamper(office.services.database(), &format!("DELETE FROM post_holding WHERE account = {}", of(PAIR[0]))).await;
    let told = doctor();
    assert!(told.contains("1 open step assigned to officers who do not hold the post"), "{told}");
    assert_eq!(office.services.dossiers.return_left_steps().await.expect("returned"), 1);
    tamper(office.services.database(), &format!("DELETE FROM post_holding WHERE account = {}", of(PAIR[1]))).await;
    let told = doctor();
    assert!(told.contains("1 open step at posts that nobody holds"), "{told}");
}

async fn a_deputy_who_takes_a_step_keeps_it_in_their_list(kind: Kind) {
    let office = Office::open(kind, &at_the_pair(), &[]).await;
    let case = office.file(false, false).await;
    let seen = case.act(COUNTER, "go").await.expect("it begins").version;
    let (mai, head) = (office.actor(PAIR[0]).await, office.actor(HEAD).await);
    let deputy = head.reference().user().cloned().expect("an officer");
    office.services.people.delegate(&mai, &deputy, date(2026, 3, 2), date(2026, 3, 6)).await.expect("named");
    case.change(HEAD, Command::Take { stay: 1, seen }).await.expect("taken");
    assert_eq!(case.todo_of(HEAD).await.len(), 1);
    assert!(case.todo_of(PAIR[1]).await.is_empty());
    case.act(HEAD, "on").await.expect("the deputy acts");
}

async fn a_dossier_that_comes_to_a_dissolved_unit_later_goes_to_its_successor(kind: Kind) {
    let thu = workflow(&[
        "a counter | go advance; to = 'b'; requires = ['assignee']",
        "b specialist; at = 'so-khdt/dang-ky-kinh-doanh' | on advance; to = 'd'",
        "d leader | done hand-over",
    ]);
    let office = Office::open(kind, &thu, &[]).await;
    let case = office.file(false, false).await;
    let moves = to_trade("so-khdt", "dang-ky-kinh-doanh");
    let done =
        office.services.dossiers.transfer(&moves, "Nghị quyết 01", ReorganiseMode::Apply).await.expect("applied");
    assert_eq!((done.moved.len(), done.untouched), (0, 1), "the dossier is not there yet");
    let view = office.services.dossiers.dossier(&office.actor(COUNTER).await, &case.code).await.expect("a view");
    let names: Vec<&str> = view.steps[0].assignees.iter().map(|(_, name)| name.as_str()).collect();
    let trade = office.actor("y.congthuong").await;
    let Actor::Officer { name, .. } = &trade else { panic!("an officer") };
    assert!(names.contains(&name.as_str()), "{name} is not among {names:?}");
    let with = With { assignee: Some("y.congthuong"), ..With::default() };
    let begun = case.act_with(COUNTER, "go", with).await.expect("it begins at the successor");
    assert_eq!(begun.place_of(&begun.flow.stays[0]), &moves[0].to);
    assert_eq!(case.todo_of("y.congthuong").await.len(), 1);
    case.act("y.congthuong", "on").await.expect("the successor acts");
}

async fn a_dossier_that_is_filed_with_a_dissolved_unit_goes_to_its_successor(kind: Kind) {
    let office = Office::open(kind, &at_the_pair(), &[]).await;
    let before = office.file(false, false).await;
    let moves = to_trade("so-tnmt", "tai-nguyen-nuoc");
    let done =
        office.services.dossiers.transfer(&moves, "Nghị quyết 02", ReorganiseMode::Apply).await.expect("applied");
    assert_eq!(done.moved, std::slice::from_ref(&before.code));
    let after = office.file(false, false).await.dossier().await;
    assert_eq!(after.place, moves[0].to);
    let events = journal::events(office.services.database().reader(), &after.filed.code).await.expect("the journal");
    assert_eq!(events.last().map(|last| last.event.name()), Some("transferred"));
    let again =
        office.services.dossiers.transfer(&moves, "Nghị quyết 02", ReorganiseMode::Apply).await.expect("applied");
    assert_eq!((again.moved.len(), again.untouched), (0, 2), "nothing is moved twice");
}

/// Returns a workflow whose two branches exclude each other. The second one is the pair's.
fn either() -> String {
    workflow(&[
        "a counter | go advance; to = ['b', 'c']",
        "b specialist | on advance; to = 'd'; cancels = ['c']",
        "c specialist; at = 'so-khdt/dang-ky-kinh-doanh' | on advance; to = 'd'; cancels = ['b']",
        "d leader | done hand-over",
    ])
}

async fn a_step_that_comes_back_with_an_undo_returns_to_its_post_if_its_officer_left(kind: Kind) {
    let mut office = Office::open(kind, &either(), &[]).await;
    let case = office.file(false, false).await;
    let seen = case.act(COUNTER, "go").await.expect("it parts").version;
    case.change(PAIR[0], Command::Take { stay: 2, seen }).await.expect("taken");
    let seen = case.act(SPECIALIST, "on").await.expect("the other branch ends").version;
    let code = case.code;
    let_go(&mut office, PAIR[0]).await;
    let case = Case { office: &office, code };
    case.change(SPECIALIST, Command::Undo { seen }).await.expect("undone");
    assert_returned(&office, &case.code).await;
    assert_eq!(case.todo_of(PAIR[1]).await.len(), 1, "a colleague has the step in their list");
}

async fn a_step_that_comes_back_with_an_undo_goes_to_the_successor_of_its_unit(kind: Kind) {
    let office = Office::open(kind, &either(), &[]).await;
    let case = office.file(false, false).await;
    case.act(COUNTER, "go").await.expect("it parts");
    let seen = case.act(SPECIALIST, "on").await.expect("the other branch ends").version;
    let moves = to_trade("so-khdt", "dang-ky-kinh-doanh");
    let done =
        office.services.dossiers.transfer(&moves, "Nghị quyết 01", ReorganiseMode::Apply).await.expect("applied");
    assert_eq!((done.moved.len(), done.untouched), (0, 1), "the dossier does not stand there");
    case.change(SPECIALIST, Command::Undo { seen }).await.expect("undone");
    let dossier = case.dossier().await;
    let back = dossier.flow.stay(Some(2)).expect("the branch is open again");
    assert_eq!(dossier.place_of(back), &moves[0].to);
    assert_eq!(case.todo_of("y.congthuong").await.len(), 1);
}

async fn a_unit_that_was_chosen_before_a_reorganisation_is_asked_by_its_successor(kind: Kind) {
    const UNITS: [&str; 2] = ["so-khdt/dang-ky-kinh-doanh", "so-tnmt/moi-truong"];
    let units = format!("units = ['{}', '{}']", UNITS[0], UNITS[1]);
    let thu = workflow(&[
        "a counter | go advance; to = 'ask'",
        &format!("ask specialist; ask = {{ {units}, then = 'd', choose = true }} | agree answer"),
        "d leader | done hand-over",
    ]);
    let office = Office::open(kind, &thu, &[]).await;
    let case = office.file(false, false).await;
    let moves = to_trade("so-khdt", "dang-ky-kinh-doanh");
    office.services.dossiers.transfer(&moves, "Nghị quyết 01", ReorganiseMode::Apply).await.expect("applied");
    let asked = case.act_with(COUNTER, "go", With { ask: &UNITS, ..With::default() }).await.expect("asked");
    assert_eq!(asked.flow.stays.len(), UNITS.len(), "no unit that the officer chose is left out");
    assert_eq!(asked.place_of(&asked.flow.stays[0]), &moves[0].to);
}

/// Returns how many events of this name the journal of a dossier has.
pub(super) async fn count_events(office: &Office, code: &DossierCode, name: &str) -> usize {
    let events = journal::events(office.services.database().reader(), code).await.expect("the journal");
    events.iter().filter(|recorded| recorded.event.name() == name).count()
}

async fn assert_sound(office: &Office) {
    let report = office.services.database().verify(&LogTrust::default()).await.expect("read");
    assert!(report.is_sound(), "{:?}", report.findings);
}

async fn a_move_to_another_version_that_was_stopped_in_the_middle_is_finished_by_the_same_command(kind: Kind) {
    const ALL: usize = 300;
    let thu = workflow(&["a counter | go advance; to = 'd'", "d leader | done hand-over"]);
    let mut office = Office::open(kind, &thu, &[]).await;
    let mut codes = Vec::new();
    for _ in 0..ALL {
        codes.push(office.file(false, false).await.code);
    }
    let old = offered(&office);
    let newer = "intake counter; limit = '2 working-days' | go advance; to = 'd'";
    office.write("workflows/thu.toml", &workflow(&[newer, "d leader | done hand-over"]));
    office.reopen().await;
    let new = offered(&office);
    let names = BTreeMap::from([("a".into(), "intake".into())]);
    let tried =
        office.services.dossiers.move_version(&old, &new, &names, "Mới", ReorganiseMode::Try).await.expect("tried");
    assert_eq!(tried.moved.len(), ALL);
    let few = ReorganiseMode::ApplyAtMost(40);
    let begun = office.services.dossiers.move_version(&old, &new, &names, "Mới", few).await.expect("begun");
    assert_eq!((begun.moved.len(), begun.left), (40, ALL - 40));
    // People go on in between: one dossier ends, another one is written in.
    let case = |at: usize| Case { office: &office, code: codes[at].clone() };
    case(ALL - 1).change("nobody", Command::Withdraw { reason: "Thôi.".to_owned() }).await.expect("withdrawn");
    case(ALL - 2)
        .change("nobody", Command::SendMessage { text: "Xin chào.".to_owned(), files: Vec::new() })
        .await
        .expect("sent");

    let (services, from, to, again) = (office.services.clone(), old.clone(), new.clone(), names.clone());
    let running = tokio::spawn(async move {
        services
            .dossiers
            .move_version(&from, &to, &again, "Mới", ReorganiseMode::Apply)
            .await
            .map(|done| done.moved.len())
    });
    let moved = async || {
        let reader = office.services.database().reader();
        lists::open_codes(reader, Some(&new), "", 1000).await.expect("read").len()
    };
    while moved().await < 80 && !running.is_finished() {
        tokio::task::yield_now().await;
    }
    running.abort();
    running.await.expect_err("it is stopped in the middle");
    let rest = office
        .services
        .dossiers
        .move_version(&old, &new, &names, "Mới", ReorganiseMode::Apply)
        .await
        .expect("finished");
    assert!(rest.stranded.is_empty() && rest.skipped.is_empty() && rest.unreadable.is_empty(), "{rest:?}");
    assert!(!rest.moved.is_empty() && rest.moved.len() < ALL - 40, "{}", rest.moved.len());
    assert_eq!(moved().await, ALL - 1);
    for code in &codes[..ALL - 1] {
        assert_eq!(count_events(&office, code, "migrated").await, 1, "{code}");
    }
    assert_eq!(count_events(&office, &codes[ALL - 1], "migrated").await, 0, "a dossier that has ended stays");
    assert!(case(0).dossier().await.flow.stays[0].clock.is_some(), "the new step's time runs");
    let nothing =
        office.services.dossiers.move_version(&old, &new, &names, "Mới", ReorganiseMode::Apply).await.expect("done");
    assert!(nothing.moved.is_empty());
    assert_sound(&office).await;
}

async fn a_reorganisation_in_portions_moves_every_dossier_once(kind: Kind) {
    let office = Office::open(kind, &at_the_pair(), &[]).await;
    let mut codes = Vec::new();
    for _ in 0..20 {
        let case = office.file(false, false).await;
        case.act(COUNTER, "go").await.expect("at b");
        codes.push(case.code);
    }
    let moves = to_trade("so-khdt", "dang-ky-kinh-doanh");
    let mut portions = Vec::new();
    for _ in 0..3 {
        let few = ReorganiseMode::ApplyAtMost(8);
        let done = office.services.dossiers.transfer(&moves, "Nghị quyết 01", few).await.expect("applied");
        portions.push((done.moved.len(), done.left));
    }
    assert_eq!(portions, [(8, 12), (8, 4), (4, 0)]);
    for code in &codes {
        assert_eq!(count_events(&office, code, "transferred").await, 1, "{code}");
    }
    assert_eq!(Case { office: &office, code: codes[0].clone() }.todo_of("y.congthuong").await.len(), 20);
    assert_sound(&office).await;
}

async fn what_happens_at_another_branch_or_agency_and_what_is_written_does_not_refuse_an_officer(kind: Kind) {
    let thu = workflow(&[
        "a counter | go advance; to = ['b', 'c']",
        "b specialist | on advance; to = 'd' | ask request-supplement",
        "c specialist; at = 'so-khdt/dang-ky-kinh-doanh' | on advance; to = 'e' | ask request-supplement",
        "e unit-head; at = 'so-khdt/dang-ky-kinh-doanh' | on advance; to = 'd'",
        "d leader; join = 'all' | done hand-over",
    ]);
    let office = Office::open(kind, &thu, &[]).await;
    let case = office.file(false, false).await;
    let seen = case.act(COUNTER, "go").await.expect("it parts").version;
    let (here, there) = (SPECIALIST, PAIR[0]);
    case.change("nobody", Command::SendMessage { text: "Xin chào.".to_owned(), files: Vec::new() })
        .await
        .expect("sent");
    case.change(there, Command::Take { stay: 2, seen }).await.expect("another agency takes its step");
    let note = With { note: "Thiếu.", ..With::default() };
    case.act_with(there, "ask", note).await.expect("another branch asks the applicant");
    case.change(here, bare(Some(1), "on", seen, "", None)).await.expect("the page of this branch is not old");

    // The answers of the applicant are others now, and every decision depends on them.
    let seen = case.dossier().await.version;
    let citizen = office.actor("nobody").await;
    let draft = office.services.drafts.start_supplement(&citizen, &case.code).await.expect("a draft");
    office.services.drafts.supplement(&citizen, draft).await.expect("supplemented");
    let old = case.change(there, bare(Some(2), "on", seen, "", None)).await;
    assert_eq!(old, Err(Refusal::Changed));
    case.act(there, "on").await.expect("as it is now");
}
