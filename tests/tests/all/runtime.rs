//! Officers and time: the holders of steps, undone actions, scheduled work, and dossiers that move.

use jiff::civil::date;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::event::PlaceMove;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::people::organisation::Actor;
use motcua_domain::time::calendar::{instant, local};
use motcua_domain::time::clock::Clock;
use motcua_domain::workflow::UnitPlace;
use motcua_service::{DossierChange, Error, InputRule, ReorganiseMode};
use motcua_store::jobs::{Job, JobKind, LEASE, MOST_ATTEMPTS};
use motcua_tests::flow::{COUNTER, Case, LEADER, Office, SPECIALIST, With, bare, workflow};
use motcua_tests::portal::Kind;
use std::collections::BTreeMap;

on_both_kinds! {
    a_step_is_taken_given_on_and_given_back
    an_officer_on_leave_is_stood_for_on_those_days_only
    the_last_action_is_taken_back_by_who_took_it_while_nobody_outside_was_told
    steps_are_given_by_load_by_name_and_by_area
    what_an_officer_fills_in_decides_the_way
    time_takes_no_action_that_is_closed
    time_reminds_and_puts_what_is_late_before_a_superior
    a_limit_that_the_applicant_lets_pass_is_noticed_once_whatever_the_clock_does
    two_nodes_never_run_the_same_job_and_a_failed_one_waits_for_an_administrator
    a_holiday_announced_later_moves_open_due_times_with_the_reason
    a_dissolved_unit_gives_its_open_dossiers_and_posts_to_its_successor
    a_dossier_goes_on_under_a_newer_version_unless_it_would_be_stranded
    a_supplement_is_given_under_the_version_to_which_its_dossier_was_moved
    two_officers_act_at_once_and_one_is_told_what_happened_meanwhile
}

/// At `dang-ky-kinh-doanh` two specialists hold the same post.
const PAIR: [&str; 2] = ["mai.khdt", "son.khdt"];

fn pair(assign: &str) -> String {
    workflow(&[
        "a counter | go advance; to = 'b'",
        &format!(
            "b specialist; at = 'so-khdt/dang-ky-kinh-doanh'; {assign} | on advance; to = 'd' | back advance; to = 'a'"
        ),
        "d leader | done hand-over | redo advance; to = 'b'",
    ])
}

async fn a_step_is_taken_given_on_and_given_back(kind: Kind) {
    let office = Office::open(kind, &pair(""), &[]).await;
    let case = office.file(false, false).await;
    let seen = case.act(COUNTER, "go").await.expect("it begins").version;
    assert_eq!((case.todo_of(PAIR[0]).await.len(), case.todo_of(PAIR[1]).await.len()), (1, 1), "nobody's yet");
    let taken = case.change(PAIR[0], Command::Take { stay: 1, seen }).await.expect("taken");
    assert!(case.todo_of(PAIR[1]).await.is_empty(), "it is one officer's now");
    assert_eq!(case.act(PAIR[1], "on").await, Err(Refusal::NotAllowed));
    let late = case.change(PAIR[1], Command::Take { stay: 1, seen }).await;
    assert_eq!(late, Err(Refusal::NotAllowed), "who is slower does not take it away");

    let to = office.actor(PAIR[1]).await.reference().user().cloned().expect("an officer");
    let give = |seen| DossierChange::Give { stay: 1, seen, to: to.clone(), note: "Nhờ anh".to_owned() };
    let stranger = office.actor(SPECIALIST).await.reference().user().cloned().expect("an officer");
    let unfit = DossierChange::Give { stay: 1, seen: taken.version, to: stranger, note: String::new() };
    assert_eq!(case.change(PAIR[0], unfit).await, Err(Refusal::AssigneeUnfit));
    let given = case.change(PAIR[0], give(taken.version)).await.expect("given on");
    case.act_with(PAIR[1], "back", With::default()).await.expect("the other acts now");
    case.act(COUNTER, "go").await.expect("and it comes back");
    assert_eq!(case.todo_of(PAIR[1]).await.len(), 1, "to who had it");
    assert!(case.todo_of(PAIR[0]).await.is_empty());
    assert!(given.version < case.dossier().await.version);

    let seen = case.dossier().await.version;
    // The head of the unit may give it back in an officer's stead.
    case.change("hung.khdt", Command::Release { stay: 3, seen }).await.expect("given back");
    assert_eq!((case.todo_of(PAIR[0]).await.len(), case.todo_of(PAIR[1]).await.len()), (1, 1));
}

async fn an_officer_on_leave_is_stood_for_on_those_days_only(kind: Kind) {
    let office = Office::open(kind, &pair(""), &[]).await;
    let case = office.file(false, false).await;
    let seen = case.act(COUNTER, "go").await.expect("it begins").version;
    case.change(PAIR[0], Command::Take { stay: 1, seen }).await.expect("Mai has it");
    let (mai, son) = (office.actor(PAIR[0]).await, office.actor(PAIR[1]).await);
    let id = |actor: &Actor| actor.reference().user().cloned().expect("an officer");
    let wrong = office.services.people.delegate(&mai, &id(&son), date(2026, 3, 6), date(2026, 3, 5)).await;
    assert!(matches!(wrong, Err(Error::Invalid(InputRule::LeaveDates))));
    let stranger = office.actor(SPECIALIST).await;
    let elsewhere = office.services.people.delegate(&mai, &id(&stranger), date(2026, 3, 5), date(2026, 3, 6)).await;
    assert!(matches!(elsewhere, Err(Error::Refused(Refusal::AssigneeUnfit))), "only colleagues stand for one another");
    office.services.people.delegate(&mai, &id(&son), date(2026, 3, 5), date(2026, 3, 6)).await.expect("named");
    assert!(case.todo_of(PAIR[1]).await.is_empty(), "not yet");
    office.at(date(2026, 3, 6).at(16, 0, 0, 0)).await;
    assert_eq!(case.todo_of(PAIR[1]).await.len(), 1, "on the last day still");
    office.at(date(2026, 3, 9).at(8, 0, 0, 0)).await;
    assert_eq!(case.act(PAIR[1], "on").await, Err(Refusal::NotAllowed), "no longer");
    office.at(date(2026, 3, 5).at(8, 0, 0, 0)).await;
    let done = case.act(PAIR[1], "on").await.expect("a deputy acts");
    let left = done.flow.visits[1].left.clone().expect("it is done");
    assert!(left.by.is_same(&son.reference()), "under the deputy's own name");
    assert_eq!(left.by.acting_for().map(|absent| &absent.id), Some(&id(&mai)), "acting for who is away");
}

async fn the_last_action_is_taken_back_by_who_took_it_while_nobody_outside_was_told(kind: Kind) {
    let thu = workflow(&[
        "a counter; status = 'received' | go advance; to = 'b'",
        "b specialist | on advance; to = 'c'",
        "c leader | on advance; to = 'd'",
        "d counter; status = 'processed' | done hand-over",
    ]);
    let office = Office::open(kind, &thu, &[]).await;
    let case = office.file(false, false).await;
    let told = case.act(COUNTER, "go").await.expect("received");
    let undo = |seen| Command::Undo { seen };
    assert_eq!(case.change(COUNTER, undo(told.version)).await, Err(Refusal::LeftTheHouse), "its status has changed");
    let moved = case.act(SPECIALIST, "on").await.expect("on to the leader");
    assert_eq!(case.change(COUNTER, undo(moved.version)).await, Err(Refusal::NothingToUndo), "not one's own");
    let back = case.change(SPECIALIST, undo(moved.version)).await.expect("taken back");
    assert_eq!(back.flow, told.flow, "nothing of it is left");
    assert_eq!(case.change(SPECIALIST, undo(back.version)).await, Err(Refusal::NothingToUndo), "once");
    case.act(SPECIALIST, "on").await.expect("again");
    let ready = case.act(LEADER, "on").await.expect("the result is there");
    assert_eq!(case.change(LEADER, undo(ready.version)).await, Err(Refusal::LeftTheHouse), "the applicant was told");
}

async fn steps_are_given_by_load_by_name_and_by_area(kind: Kind) {
    let office = Office::open(kind, &pair("assign = { by = 'load' }"), &[]).await;
    for (count, who) in [(1, 0), (1, 1), (2, 0), (2, 1)] {
        let case = office.file(false, false).await;
        case.act(COUNTER, "go").await.expect("given by load");
        let loads = [case.todo_of(PAIR[0]).await.len(), case.todo_of(PAIR[1]).await.len()];
        assert!(loads[0].abs_diff(loads[1]) <= 1 && loads.contains(&count), "{loads:?} {who}");
    }
    let named = Office::open(kind, &pair("assign = { by = 'person', login = 'son.khdt' }"), &[]).await;
    let case = named.file(false, false).await;
    case.act(COUNTER, "go").await.expect("given by name");
    assert_eq!((case.todo_of(PAIR[0]).await.len(), case.todo_of(PAIR[1]).await.len()), (0, 1));
    let registry = [("registries/phu-trach.csv", "code,name\nbac,mai.khdt\nnam,son.khdt\n")];
    let by_area = "assign = { by = 'area', field = 'area', registry = 'phu-trach' }";
    let office = Office::open(kind, &pair(by_area), &registry).await;
    for (north, loads) in [(true, (1, 0)), (false, (1, 1))] {
        let case = office.file(north, false).await;
        case.act(COUNTER, "go").await.expect("given by area");
        assert_eq!((case.todo_of(PAIR[0]).await.len(), case.todo_of(PAIR[1]).await.len()), loads);
    }
}

async fn what_an_officer_fills_in_decides_the_way(kind: Kind) {
    let choices = "choices = [{ value = 'clear', label = 'Rõ' }, { value = 'doubt', label = 'Còn vướng' }]";
    let field = format!("field = [{{ id = 'opinion', label = 'Nhận định', kind = 'one-of', {choices} }}]");
    let thu = workflow(&[
        &format!(
            "a counter; {field} | go advance; to = [{{ step = 'b', when = \"opinion == 'clear'\" }}, {{ step = 'c', when = \"opinion == 'doubt'\" }}]"
        ),
        "b specialist | on advance; to = 'd'",
        "c appraiser | on advance; to = 'd'",
        "d leader; join = 'begun' | done hand-over; when = \"opinion == 'clear'\" | stop refuse",
    ]);
    let office = Office::open(kind, &thu, &[]).await;
    let case = office.file(false, false).await;
    let refused = case.act(COUNTER, "go").await;
    assert!(matches!(&refused, Err(Refusal::Incomplete(findings)) if findings[0].path == "opinion"), "{refused:?}");
    let filled = [("opinion", "doubt")];
    case.act_with(COUNTER, "go", With { filled: &filled, ..With::default() }).await.expect("filled in");
    assert_eq!(case.open().await, "c");
    case.act("nga.tnmt", "on").await.expect("appraised");
    assert_eq!(case.act(LEADER, "done").await, Err(Refusal::ActionClosed), "what was filled in closes it");

    // The fields of the last action are stored too.
    let last = workflow(&[&format!("a counter; {field} | done hand-over")]);
    let office = Office::open(kind, &last, &[]).await;
    let case = office.file(false, false).await;
    case.act_with(COUNTER, "done", With { filled: &filled, ..With::default() }).await.expect("the end");
    let ended = case.dossier().await.flow;
    assert_eq!(
        (ended.office["opinion"].as_str(), ended.visits[0].answers["opinion"].as_str()),
        (Some("doubt"), Some("doubt"))
    );
}

async fn time_takes_no_action_that_is_closed(kind: Kind) {
    let thu = workflow(&["a counter | late refuse; after = '2 working-days'; when = 'deep' | done hand-over"]);
    let office = Office::open(kind, &thu, &[]).await;
    let (open, closed) = (office.file(true, false).await, office.file(false, false).await);
    assert_eq!(office.at(date(2026, 3, 6).at(9, 0, 0, 0)).await, 1);
    assert_eq!((open.open().await.as_str(), closed.open().await.as_str()), ("end", "a"));
}

async fn time_reminds_and_puts_what_is_late_before_a_superior(kind: Kind) {
    let thu = workflow(&[
        "a counter | go advance; to = 'b'",
        "b specialist; limit = '2 working-days'; remind = '4 working-hours'; escalate = 'leader' | on advance; to = 'd'",
        "d leader | done hand-over",
    ]);
    let office = Office::open(kind, &thu, &[]).await;
    let case = office.file(false, false).await;
    case.act(COUNTER, "go").await.expect("it begins");
    assert_eq!(office.at(date(2026, 3, 4).at(9, 0, 0, 0)).await, 0, "more than four hours are left");
    assert_eq!(office.at(date(2026, 3, 4).at(16, 30, 0, 0)).await, 1, "four are left");
    assert_eq!(office.at(date(2026, 3, 4).at(16, 50, 0, 0)).await, 0, "once");
    assert!(case.todo_of(LEADER).await.is_empty());
    assert_eq!(office.at(date(2026, 3, 5).at(9, 30, 0, 0)).await, 1, "the limit has passed");
    assert_eq!(case.todo_of(LEADER).await, ["b"], "the leader sees it");
    assert_eq!(case.act(LEADER, "on").await, Err(Refusal::NotAllowed), "but it stays the specialist's");
    case.act(SPECIALIST, "on").await.expect("late, but done");
}

async fn a_limit_that_the_applicant_lets_pass_is_noticed_once_whatever_the_clock_does(kind: Kind) {
    let thu = workflow(&["a counter | more request-supplement | done hand-over"]);
    let office = Office::open(kind, &thu, &[]).await;
    let case = office.file(false, false).await;
    case.act_with(COUNTER, "more", With { note: "Thiếu.", ..With::default() }).await.expect("asked");
    assert_eq!(office.at(date(2026, 4, 2).at(12, 0, 0, 0)).await, 0, "the last day counts");
    // Forwards, and back before anything ran.
    office.clock.set(instant(date(2027, 1, 1).at(0, 0, 0, 0)));
    assert_eq!(office.at(date(2026, 3, 10).at(9, 0, 0, 0)).await, 0);
    assert_eq!(case.open().await, "a");
    assert_eq!(office.at(date(2026, 4, 3).at(0, 0, 1, 0)).await, 1);
    assert_eq!(case.open().await, "end");
    assert_eq!(office.at(date(2026, 3, 1).at(9, 0, 0, 0)).await, 0, "backwards");
    assert_eq!(office.at(date(2026, 6, 1).at(9, 0, 0, 0)).await, 0, "and forwards: once");
}

async fn two_nodes_never_run_the_same_job_and_a_failed_one_waits_for_an_administrator(kind: Kind) {
    let thu = workflow(&["a counter | more request-supplement | done hand-over"]);
    let office = Office::open(kind, &thu, &[]).await;
    for _ in 0..12 {
        let case = office.file(false, false).await;
        case.act_with(COUNTER, "more", With { note: "Thiếu.", ..With::default() }).await.expect("asked");
    }
    let database = office.services.database();
    let now = instant(date(2026, 5, 4).at(9, 0, 0, 0)).as_second();
    let nodes = (0..4).map(|_| async { database.lease_jobs(now, 5, false).await.expect("leased") });
    let leased: Vec<Job> = futures::future::join_all(nodes).await.concat();
    let mut keys: Vec<&str> = leased.iter().map(|job| job.key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), leased.len(), "each is one node's");
    assert!(database.lease_jobs(now + LEASE - 1, 50, false).await.expect("leased").len() + leased.len() <= 12);
    // The nodes are killed. When their leases have run out, the jobs are leased again.
    let again = database.lease_jobs(now + 2 * LEASE, 50, false).await.expect("leased");
    assert_eq!(again.len(), 12);

    let transaction = database.begin().await.expect("a transaction");
    let failing = Job { attempts: MOST_ATTEMPTS, ..again[0].clone() };
    transaction.fail_job(&failing, now, "no calendar").await.expect("failed");
    transaction.commit().await.expect("committed");
    assert_eq!(again[0].kind, JobKind::Lapse);
    office.clock.set(instant(date(2026, 5, 4).at(9, 10, 0, 0)));
    assert_eq!(
        office.services.jobs.run_jobs().await.expect("they run"),
        11,
        "the failed one is left alone for a while"
    );
    let admin = office.actor("quantri").await;
    let (dead, _, _) = office.services.jobs.list(&admin).await.expect("the administrator sees it");
    assert_eq!((dead.len(), dead[0].error.as_str()), (1, "no calendar"));
    office.services.jobs.retry_job(&admin, &dead[0].key).await.expect("tried again");
    assert_eq!(office.services.jobs.run_jobs().await.expect("they run"), 1);
    assert!(office.services.jobs.list(&admin).await.expect("seen").0.is_empty());
}

async fn a_holiday_announced_later_moves_open_due_times_with_the_reason(kind: Kind) {
    let thu = workflow(&["a counter; limit = '2 working-days' | done hand-over"]);
    let mut office = Office::open(kind, &thu, &[]).await;
    let code = office.file(false, false).await.code;
    let due = |clock: &Clock| clock.due().map(local);
    let before = Case { office: &office, code: code.clone() }.dossier().await;
    let file = office.dir.path().join("calendar/2026.toml");
    let calendar = std::fs::read_to_string(file).expect("the calendar");
    let holiday = "\n[[holiday]]\nname = \"Nghỉ bão\"\ndate = 2026-03-04\n";
    office.write("calendar/2026.toml", &format!("{calendar}{holiday}"));
    office.reopen().await;
    assert_eq!(office.services.jobs.run_jobs().await.expect("jobs run"), 1);
    assert_eq!(office.services.jobs.run_jobs().await.expect("jobs run"), 0, "once");
    let case = Case { office: &office, code };
    let after = case.dossier().await;
    assert_eq!(due(before.flow.stays[0].clock.as_ref().expect("a clock")), Some(date(2026, 3, 5).at(9, 0, 0, 0)));
    assert_eq!(due(after.flow.stays[0].clock.as_ref().expect("a clock")), Some(date(2026, 3, 6).at(9, 0, 0, 0)));
    assert_eq!(due(&after.flow.whole), Some(date(2026, 4, 15).at(9, 0, 0, 0)), "the appointment too");
    let reader = office.services.database().reader();
    let events = motcua_store::journal::events(reader, &case.code).await.expect("the journal");
    let said = serde_json::to_string(events.last().expect("an event")).expect("JSON");
    assert!(said.contains("rescheduled") && said.contains("2026-03-04 Nghỉ bão"), "{said}");
}

async fn a_dissolved_unit_gives_its_open_dossiers_and_posts_to_its_successor(kind: Kind) {
    let office = Office::open(kind, &pair(""), &[]).await;
    let (open, ended) = (office.file(false, false).await, office.file(false, false).await);
    open.act(COUNTER, "go").await.expect("at the other agency");
    for (who, action) in [(COUNTER, "go"), (PAIR[0], "on"), (LEADER, "done")] {
        ended.act(who, action).await.expect(action);
    }
    let place = |agency: &str, unit: &str| UnitPlace { agency: agency.into(), unit: unit.into() };
    let from = place("so-khdt", "dang-ky-kinh-doanh");
    let moves = [PlaceMove { from, to: place("so-congthuong", "thuong-mai") }];
    let version = open.dossier().await.version;
    let tried = office.services.dossiers.transfer(&moves, "Nghị quyết 01", ReorganiseMode::Try).await.expect("tried");
    assert_eq!((tried.moved.as_slice(), tried.posts), ([open.code.clone()].as_slice(), 3));
    assert_eq!(open.dossier().await.version, version, "trying changes nothing");
    assert_eq!(open.todo_of(PAIR[0]).await.len(), 1);
    let done =
        office.services.dossiers.transfer(&moves, "Nghị quyết 01", ReorganiseMode::Apply).await.expect("applied");
    assert_eq!(done, tried, "it does what it said");
    assert_eq!(open.todo_of("y.congthuong").await.len(), 1, "the successor's officers have it");
    assert_eq!(open.todo_of(PAIR[0]).await.len(), 1, "and those who moved with it");
    open.act(PAIR[0], "on").await.expect("they go on");
    let kept = ended.dossier().await;
    assert_eq!(kept.flow.visits[1].at.place, Some(place("so-khdt", "dang-ky-kinh-doanh")), "history keeps the name");
    let report = office.services.database().verify(&motcua_store::log::LogTrust::default()).await.expect("read");
    assert!(report.is_sound(), "{:?}", report.findings);
}

async fn a_dossier_goes_on_under_a_newer_version_unless_it_would_be_stranded(kind: Kind) {
    let mut office = Office::open(kind, &pair(""), &[]).await;
    let old = office.services.procedures.catalogue().procedure(&"9.900001".into()).expect("offered").version.clone();
    let codes = [office.file(false, false).await.code, office.file(false, false).await.code];
    Case { office: &office, code: codes[0].clone() }.act(COUNTER, "go").await.expect("at b");
    let newer = workflow(&[
        "a counter | go advance; to = 'work'",
        "work specialist; at = 'so-khdt/dang-ky-kinh-doanh' | on advance; to = 'check'",
        "check appraiser | on advance; to = 'd'",
        "d leader | done hand-over",
    ]);
    office.write("workflows/thu.toml", &newer);
    office.reopen().await;
    let new = office.services.procedures.catalogue().procedure(&"9.900001".into()).expect("offered").version.clone();
    assert_ne!(old, new);
    let stranded = office
        .services
        .dossiers
        .move_version(&old, &new, &BTreeMap::new(), "Quy trình mới", ReorganiseMode::Apply)
        .await;
    let stranded = stranded.expect("decided").stranded;
    assert_eq!(stranded, [(codes[0].clone(), "b".into())], "one has no step to stand at");
    let case = Case { office: &office, code: codes[1].clone() };
    assert_eq!(case.dossier().await.procedure, old, "so none is moved");
    let names = BTreeMap::from([("b".into(), "work".into())]);
    let moved = office
        .services
        .dossiers
        .move_version(&old, &new, &names, "Quy trình mới", ReorganiseMode::Apply)
        .await
        .expect("decided");
    assert_eq!(moved.moved.len(), 2);
    let case = Case { office: &office, code: codes[0].clone() };
    assert_eq!((case.open().await.as_str(), case.dossier().await.procedure), ("work", new));
    for (who, action) in [(PAIR[0], "on"), ("nga.tnmt", "on"), (LEADER, "done")] {
        case.act(who, action).await.expect("it goes the new way");
    }
    assert_eq!(case.open().await, "end");
}

async fn a_supplement_is_given_under_the_version_to_which_its_dossier_was_moved(kind: Kind) {
    let old = workflow(&["a counter | go advance; to = 'd' | ask request-supplement", "d leader | done hand-over"]);
    let mut office = Office::open(kind, &old, &[]).await;
    let version = |office: &Office| {
        office.services.procedures.catalogue().procedure(&"9.900001".into()).expect("offered").version.clone()
    };
    let old = version(&office);
    let mut codes = Vec::new();
    for _ in 0..2 {
        let case = office.file(false, false).await;
        let note = With { note: "Thiếu.", ..With::default() };
        case.act_with(COUNTER, "ask", note).await.expect("asked");
        codes.push(case.code);
    }
    let citizen = office.actor("nobody").await;
    let begun = office.services.drafts.start_supplement(&citizen, &codes[0]).await.expect("begun before");
    let view = office.services.drafts.draft(&citizen, begun).await.expect("a draft");
    assert_eq!(view.draft.version, old);
    let reviewed = office.services.drafts.review(&view).await.expect("a review").seen;
    let newer = workflow(&[
        "a counter | go advance; to = 'b' | ask request-supplement",
        "b specialist | on advance; to = 'd'",
        "d leader | done hand-over",
    ]);
    office.write("workflows/thu.toml", &newer);
    office.reopen().await;
    let new = version(&office);
    let moved = office
        .services
        .dossiers
        .move_version(&old, &new, &BTreeMap::new(), "Quy trình mới", ReorganiseMode::Apply)
        .await;
    assert_eq!(moved.expect("moved").moved.len(), 2);

    let services = &office.services;
    let later = services.drafts.start_supplement(&citizen, &codes[1]).await.expect("begun afterwards");
    assert_eq!(services.drafts.draft(&citizen, later).await.expect("a draft").draft.version, new);
    // A supplement that was begun before is looked over again under the new version.
    let view = services.drafts.draft(&citizen, begun).await.expect("a draft");
    assert_eq!(view.draft.version, new);
    let stale = services.drafts.supplement_reviewed(&citizen, begun, &reviewed, None).await;
    assert!(matches!(stale, Err(Error::Invalid(InputRule::DraftChanged))), "{stale:?}");
    for draft in [begun, later] {
        let view = services.drafts.draft(&citizen, draft).await.expect("a draft");
        let reviewed = services.drafts.review(&view).await.expect("a review").seen;
        services.drafts.supplement_reviewed(&citizen, draft, &reviewed, None).await.expect("given");
    }
    for code in codes {
        let case = Case { office: &office, code };
        assert_eq!(case.dossier().await.procedure, new);
        for (who, action) in [(COUNTER, "go"), (SPECIALIST, "on"), (LEADER, "done")] {
            case.act(who, action).await.expect("it goes the new way");
        }
    }
}

async fn two_officers_act_at_once_and_one_is_told_what_happened_meanwhile(kind: Kind) {
    let office = Office::open(kind, &pair(""), &[]).await;
    for _ in 0..8 {
        let case = office.file(false, false).await;
        let seen = case.act(COUNTER, "go").await.expect("it begins").version;
        let acts = |action: &str| bare(Some(1), action, seen, "", None);
        let (on, back) = tokio::join!(case.change(PAIR[0], acts("on")), case.change(PAIR[1], acts("back")));
        let told = match (&on, &back) {
            (Ok(_), Err(Refusal::Changed)) => 1,
            (Err(Refusal::Changed), Ok(_)) => 0,
            both => panic!("one wins and the other is told: {both:?}"),
        };
        let loser = office.actor(PAIR[told]).await;
        let meanwhile = office.services.dossiers.since(&loser, &case.code, seen).await.expect("told");
        assert_eq!((meanwhile.len(), meanwhile[0].event), (1, "advanced"));
        assert_eq!(Some(&meanwhile[0].by), Some(&office.actor(PAIR[1 - told]).await.reference()));
    }
}
