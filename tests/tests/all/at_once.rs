//! Long work that is stopped on the way, and several nodes and commands that do the same at once.

use crate::moved::{count_events, to_trade};
use crate::store::tamper;
use jiff::SignedDuration;
use jiff::civil::date;
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::event::PlaceMove;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::people::organisation::Actor;
use motcua_domain::time::calendar::instant;
use motcua_service::{Error, ReorganiseMode, Services};
use motcua_store::jobs::{self, LEASE};
use motcua_store::{Database, organisation};
use motcua_tests::fill::file_copies;
use motcua_tests::flow::{COUNTER, Case, LEADER, Office, With, bare, workflow};
use motcua_tests::portal::Kind;
use motcua_tests::siege::moves::MoveSiege;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::Value as Json;
use tokio::task::JoinHandle;

on_both_kinds! {
    due_times_are_computed_on_by_another_node_from_where_a_stopped_one_was
    a_node_with_the_calendar_of_before_leaves_the_due_times_to_the_others
    the_outcome_of_a_job_counts_only_while_its_lease_lasts
    a_reorganisation_by_another_node_between_the_decision_and_the_append_is_seen
    an_officer_whom_another_node_removed_gets_no_new_step
    a_thousand_dossiers_move_once_under_load_by_a_command_that_is_killed
}

/// Announces a day off and starts the portal again.
async fn announce(office: &mut Office) {
    let file = office.dir.path().join("calendar/2026.toml");
    let calendar = std::fs::read_to_string(file).expect("the calendar");
    office.write("calendar/2026.toml", &format!("{calendar}\n[[holiday]]\nname = \"Nghỉ bão\"\ndate = 2026-03-04\n"));
    office.reopen().await;
}

/// Returns the last dossier whose due times are computed, while the job exists.
async fn progress(database: &Database) -> Option<String> {
    let stored = jobs::setting(database.reader(), "calendar-progress").await.expect("read")?;
    let progress: Json = serde_json::from_str(&stored).expect("the progress");
    progress["last"].as_str().map(str::to_owned)
}

fn limited() -> String {
    workflow(&["a counter; limit = '2 working-days' | done hand-over"])
}

async fn due_times_are_computed_on_by_another_node_from_where_a_stopped_one_was(kind: Kind) {
    const ALL: usize = 1000;
    let mut office = Office::open(kind, &limited(), &[]).await;
    let first = office.file(false, false).await.code;
    let others = file_copies(office.services.database(), &first, ALL - 1).await.expect("filed");
    announce(&mut office).await;
    let database = office.services.database();
    let services = office.services.clone();
    let running = tokio::spawn(async move { services.jobs.run_jobs().await });
    while progress(database).await.is_some_and(|last| last.is_empty()) && !running.is_finished() {
        tokio::task::yield_now().await;
    }
    running.abort();
    running.await.expect_err("it is stopped in the middle");

    // A node that began with the first dossier again would find that it cannot be read, and the job would fail.
    tamper(database, &format!("UPDATE journal SET payload = '{{}}' WHERE dossier = '{first}'")).await;
    let node = office.another_node().await;
    office.clock.set(office.clock.now() + SignedDuration::from_secs(2 * LEASE));
    assert_eq!(node.jobs.run_jobs().await.expect("jobs run"), 1);
    for code in &others {
        assert_eq!(count_events(&office, code, "rescheduled").await, 1, "{code}");
    }
    assert_eq!(progress(database).await, None, "the job is done");
    assert_eq!(node.jobs.run_jobs().await.expect("jobs run"), 0, "once");
}

async fn a_node_with_the_calendar_of_before_leaves_the_due_times_to_the_others(kind: Kind) {
    let mut office = Office::open(kind, &limited(), &[]).await;
    let code = office.file(false, false).await.code;
    let before = office.services.clone();
    announce(&mut office).await;
    assert_eq!(before.jobs.run_jobs().await.expect("jobs run"), 0, "it does not know the day off");
    assert_eq!(count_events(&office, &code, "rescheduled").await, 0);
    assert_eq!(office.services.jobs.run_jobs().await.expect("jobs run"), 1);
    assert_eq!(count_events(&office, &code, "rescheduled").await, 1);
}

async fn the_outcome_of_a_job_counts_only_while_its_lease_lasts(kind: Kind) {
    let office = Office::open(kind, &workflow(&["a counter | more request-supplement | done hand-over"]), &[]).await;
    let case = office.file(false, false).await;
    case.act_with(COUNTER, "more", With { note: "Thiếu.", ..With::default() }).await.expect("asked");
    let (database, now) = (office.services.database(), instant(date(2026, 5, 4).at(9, 0, 0, 0)));
    let lease = async |at: i64| database.lease_jobs(at, 50, false).await.expect("leased").remove(0);
    let slow = lease(now.as_second()).await;
    let own = lease(now.as_second() + LEASE).await;
    assert_eq!(slow.key, own.key, "the lease of the slow node has ended");

    let transaction = database.begin().await.expect("a transaction");
    assert!(!transaction.holds_lease(&slow).await.expect("read"));
    assert!(transaction.holds_lease(&own).await.expect("read"));
    transaction.fail_job(&slow, now.as_second(), "too slow").await.expect("failed");
    transaction.give_up_job(&slow, "too slow").await.expect("given up");
    transaction.refuse_job(&slow, now.as_second(), "too slow").await.expect("refused");
    transaction.release_job(&slow, now.as_second()).await.expect("released");
    transaction.finish_job(&slow).await.expect("finished");
    assert!(transaction.holds_lease(&own).await.expect("read"), "nothing has changed");
    transaction.finish_job(&own).await.expect("finished");
    assert!(!transaction.holds_lease(&own).await.expect("read"));
    transaction.commit().await.expect("committed");
}

/// Returns how many connections to the database wait for a lock.
async fn waiting(database: &Database) -> i64 {
    let sql = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let row = database.reader().query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await;
    row.expect("the query works").expect("a row").try_get_by_index(0).expect("a number")
}

#[tokio::test(flavor = "multi_thread")]
async fn two_reorganisations_at_the_same_time_both_count() {
    let office = Office::open(Kind::Postgres, &limited(), &[]).await;
    let (node, database) = (office.another_node().await, office.services.database());
    let plans = [to_trade("so-khdt", "dang-ky-kinh-doanh"), to_trade("so-tnmt", "moi-truong")];
    // Neither can write the table of successions before both have come as far as they can.
    let gate = database.begin().await.expect("a transaction");
    gate.connection().execute_unprepared("LOCK TABLE setting IN EXCLUSIVE MODE").await.expect("locked");
    let apply = |services: Services, moves: [PlaceMove; 1]| {
        tokio::spawn(async move {
            let done = services.dossiers.transfer(&moves, "Nghị quyết", ReorganiseMode::Apply).await;
            done.expect("applied");
        })
    };
    let [one, other] = plans.clone();
    let running = [apply(office.services.clone(), one), apply(node, other)];
    while waiting(database).await < 2 && running.iter().all(|apply| !apply.is_finished()) {
        tokio::task::yield_now().await;
    }
    gate.commit().await.expect("committed");
    for apply in running {
        apply.await.expect("both are applied");
    }
    let known = organisation::successions(database.reader()).await.expect("read");
    for [moved] in &plans {
        assert_eq!(known.resolve(&moved.from), &moved.to);
    }
}

/// Returns a workflow whose second step is at a unit that is reorganised, or whose officer is removed.
fn at_another_unit() -> String {
    workflow(&[
        "a counter | go advance; to = 'b'",
        "b specialist; at = 'so-khdt/dang-ky-kinh-doanh' | on advance; to = 'd'",
        "d leader | done hand-over | redo advance; to = 'b'",
    ])
}

/// Takes an action without looking at the dossier first, so that the node knows the organisation of before.
async fn act_unseen(case: &Case<'_>, actor: &Actor, action: &str) -> Dossier {
    let (services, seen) = (&case.office.services, case.dossier().await.version);
    let act = bare(None, action, seen, "", None);
    services.dossiers.change(actor, &case.code, services.new_command(), act).await.expect("acted")
}

async fn a_reorganisation_by_another_node_between_the_decision_and_the_append_is_seen(kind: Kind) {
    let office = Office::open(kind, &at_another_unit(), &[]).await;
    let node = office.another_node().await;
    let (first, case) = (office.file(false, false).await, office.file(false, false).await);
    let counter = office.actor(COUNTER).await;
    let moves = to_trade("so-khdt", "dang-ky-kinh-doanh");
    let begun = act_unseen(&first, &counter, "go").await;
    assert_eq!(begun.place_of(&begun.flow.stays[0]), &moves[0].from, "the node knows the organisation");

    let done = node.dossiers.transfer(&moves, "Nghị quyết", ReorganiseMode::Apply).await.expect("applied");
    assert_eq!((done.moved.len(), done.untouched), (1, 1), "the other dossier is not there yet");
    let begun = act_unseen(&case, &counter, "go").await;
    assert_eq!(begun.place_of(&begun.flow.stays[0]), &moves[0].to);
    assert_eq!(count_events(&office, &case.code, "transferred").await, 0, "the step begins there");
}

/// Returns a change of a case that runs, once it waits for the row that a transaction has locked.
async fn waiting_change(case: &Case<'_>, database: &Database) -> JoinHandle<Result<Dossier, Error>> {
    let (counter, services, code) = (case.office.actor(COUNTER).await, case.office.services.clone(), case.code.clone());
    let act = bare(None, "go", case.dossier().await.version, "", None);
    let running =
        tokio::spawn(async move { services.dossiers.change(&counter, &code, services.new_command(), act).await });
    while waiting(database).await < 1 && !running.is_finished() {
        tokio::task::yield_now().await;
    }
    running
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_waits_while_a_reorganisation_commits_is_decided_again() {
    let office = Office::open(Kind::Postgres, &at_another_unit(), &[]).await;
    let (node, database) = (office.another_node().await, office.services.database());
    let case = office.file(false, false).await;
    let gate = database.begin().await.expect("a transaction");
    let row = format!("SELECT 1 FROM dossier WHERE code = '{}' FOR UPDATE", case.code);
    gate.connection().execute_unprepared(&row).await.expect("locked");
    let running = waiting_change(&case, database).await;
    let moves = to_trade("so-khdt", "dang-ky-kinh-doanh");
    let done = node.dossiers.transfer(&moves, "Nghị quyết", ReorganiseMode::Apply).await.expect("applied");
    assert_eq!((done.moved.len(), done.untouched), (0, 1), "the dossier is not there yet");
    gate.commit().await.expect("committed");
    let begun = running.await.expect("it ran").expect("acted");
    assert_eq!(begun.place_of(&begun.flow.stays[0]), &moves[0].to);
    assert_eq!(count_events(&office, &case.code, "transferred").await, 0, "the step begins there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_waits_for_a_reorganisation_that_is_about_to_commit() {
    let office = Office::open(Kind::Postgres, &at_another_unit(), &[]).await;
    let (case, database) = (office.file(false, false).await, office.services.database());
    let moves = to_trade("so-khdt", "dang-ky-kinh-doanh");
    let reorganising = database.begin().await.expect("a transaction");
    reorganising.move_units(&moves).await.expect("moved");
    let written = "UPDATE setting SET value = 'another' WHERE name = 'organisation'";
    reorganising.connection().execute_unprepared(written).await.expect("written");
    let running = waiting_change(&case, database).await;
    reorganising.commit().await.expect("committed");
    let begun = running.await.expect("it ran").expect("acted");
    assert_eq!(begun.place_of(&begun.flow.stays[0]), &moves[0].to);
    assert_eq!(count_events(&office, &case.code, "transferred").await, 0, "the step begins there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reorganisation_waits_for_a_change_that_rests_on_the_organisation_of_before() {
    let office = Office::open(Kind::Postgres, &at_another_unit(), &[]).await;
    let (node, database) = (office.another_node().await, office.services.database());
    let case = office.file(false, false).await;
    case.act(COUNTER, "go").await.expect("the step begins");
    let change = database.begin().await.expect("a transaction");
    let held = "SELECT 1 FROM setting WHERE name = 'organisation' FOR SHARE";
    change.connection().execute_unprepared(held).await.expect("held");
    let moves = to_trade("so-khdt", "dang-ky-kinh-doanh");
    let plan = moves.clone();
    let running = tokio::spawn(async move { node.dossiers.transfer(&plan, "Nghị quyết", ReorganiseMode::Apply).await });
    while waiting(database).await < 1 && !running.is_finished() {
        tokio::task::yield_now().await;
    }
    assert!(!running.is_finished(), "the revision is written after the change");
    change.commit().await.expect("committed");
    let done = running.await.expect("it ran").expect("applied");
    assert_eq!((done.moved.len(), done.untouched), (1, 0));
}

async fn an_officer_whom_another_node_removed_gets_no_new_step(kind: Kind) {
    const OFFICER: &str = "mai.khdt";
    let office = Office::open(kind, &at_another_unit(), &[]).await;
    let node = office.another_node().await;
    let [first, second, third] =
        [office.file(false, false).await, office.file(false, false).await, office.file(false, false).await];
    let (officer, leader) = (office.actor(OFFICER).await, office.actor(LEADER).await);
    for case in [&first, &second] {
        let seen = case.act(COUNTER, "go").await.expect("it begins").version;
        case.change(OFFICER, Command::Take { stay: 1, seen }).await.expect("taken");
        case.act(OFFICER, "on").await.expect("with the leader");
    }
    let seen = third.act(COUNTER, "go").await.expect("it begins").version;
    let back = act_unseen(&first, &leader, "redo").await;
    assert!(back.flow.stays[0].assignee.is_some(), "the officer gets the step again, and the node knows the officer");

    node.lock_account(OFFICER, true).await.expect("locked");
    let back = act_unseen(&second, &leader, "redo").await;
    assert_eq!(back.flow.stays[0].assignee, None, "all holders of the post have the step");
    // The request of the officer began before the account was locked.
    let services = &office.services;
    let take = Command::Take { stay: 1, seen };
    let taken = services.dossiers.change(&officer, &third.code, services.new_command(), take).await;
    assert!(matches!(taken, Err(Error::Refused(Refusal::AssigneeUnfit))), "{taken:?}");
    let left = third.dossier().await;
    assert_eq!(left.flow.stays[0].assignee, None);
}

async fn a_thousand_dossiers_move_once_under_load_by_a_command_that_is_killed(kind: Kind) {
    let siege = MoveSiege { dossiers: 1000, kills: 3 };
    Box::pin(siege.run(kind, None)).await.expect("no promise is broken");
}
