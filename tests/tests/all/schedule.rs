//! Scheduled work follows from the state of dossiers, and small provinces show what the law makes of it.

use crate::command_line::{path, run, said};
use jiff::Timestamp;
use jiff::civil::date;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::time::calendar::instant;
use motcua_service::Error;
use motcua_store::jobs::{Job, MOST_ATTEMPTS};
use motcua_tests::flow::{APPRAISER, COUNTER, Office, With, workflow};
use motcua_tests::portal::Kind;
use std::path::Path;

on_both_kinds! {
    a_timed_action_that_was_closed_when_due_is_taken_when_its_condition_comes_true
    a_refused_job_never_waits_for_an_administrator
    a_job_that_failed_too_often_is_still_tried_and_one_that_was_given_up_is_not
    an_administrator_lets_all_failed_jobs_run_again_at_once
}

#[test]
fn every_case_of_the_fixtures_is_checked_and_comes_out_as_its_scenarios_say() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases");
    let mut played = 0;
    for case in std::fs::read_dir(cases).expect("the cases") {
        let folder = case.expect("a case").path();
        said(&run(&["check", path(&folder)]), 0);
        let told = said(&run(&["procedure", "test", path(&folder)]), 0);
        assert!(told.contains(" 0 failed") && !told.contains("0 scenarios passed"), "{}: {told}", folder.display());
        played += 1;
    }
    assert!(played >= 3, "{played} cases");
}

/// A timed action that is open only while another branch is at a later step.
const LATER: [&str; 5] = [
    "a counter | go advance; to = ['x', 'work']",
    "x unit-head | next advance; to = 'b'",
    "b appraiser | on advance; to = 'd'",
    "work specialist | silence advance; to = 'd'; after = '2 working-days'; during = 'b' | on advance; to = 'd'",
    "d leader; join = 'all' | done hand-over",
];

async fn a_timed_action_that_was_closed_when_due_is_taken_when_its_condition_comes_true(kind: Kind) {
    let office = Office::open(kind, &workflow(&LATER), &[]).await;
    let case = office.file(false, false).await;
    case.act(COUNTER, "go").await.expect("it parts");
    assert_eq!(office.at(date(2026, 3, 10).at(9, 0, 0, 0)).await, 0, "it is closed");
    assert_eq!(case.open().await, "work x");
    case.act("phuc.tnmt", "next").await.expect("the milestone comes");
    assert_eq!(office.at(date(2026, 3, 10).at(9, 0, 1, 0)).await, 1, "it is tried again at once");
    assert_eq!(case.open().await, "b");
    case.act(APPRAISER, "on").await.expect("the other branch");
    assert_eq!(case.open().await, "d");
}

async fn a_refused_job_never_waits_for_an_administrator(kind: Kind) {
    let office = Office::open(kind, &workflow(&LATER), &[]).await;
    let case = office.file(false, false).await;
    case.act(COUNTER, "go").await.expect("it parts");
    let admin = office.actor("quantri").await;
    for day in 10..30 {
        assert_eq!(office.at(date(2026, 3, day).at(9, 0, 0, 0)).await, 0, "it is closed");
        let (dead, waiting, _) = office.services.jobs.list(&admin).await.expect("seen");
        // The notice of a late dossier may wait beside it.
        assert!(dead.is_empty() && waiting >= 1, "it stays due: {dead:?}, {waiting} wait");
    }
}

/// Files dossiers whose applicants let a limit pass, and leases their jobs.
async fn overdue(office: &Office, dossiers: usize, now: Timestamp) -> Vec<Job> {
    for _ in 0..dossiers {
        let case = office.file(false, false).await;
        case.act_with(COUNTER, "more", With { note: "Thiếu.", ..With::default() }).await.expect("asked");
    }
    office.clock.set(now);
    let leased = office.services.database().lease_jobs(now.as_second(), 50, false).await.expect("leased");
    leased.into_iter().map(|job| Job { attempts: MOST_ATTEMPTS, ..job }).collect()
}

async fn a_job_that_failed_too_often_is_still_tried_and_one_that_was_given_up_is_not(kind: Kind) {
    let office = Office::open(kind, &workflow(&["a counter | more request-supplement | done hand-over"]), &[]).await;
    let now = instant(date(2026, 5, 4).at(9, 0, 0, 0));
    let jobs = overdue(&office, 2, now).await;
    let transaction = office.services.database().begin().await.expect("a transaction");
    transaction.fail_job(&jobs[0], now.as_second(), "no disk").await.expect("failed");
    transaction.give_up_job(&jobs[1], "gone").await.expect("given up");
    transaction.commit().await.expect("committed");
    assert_eq!(office.services.jobs.run_jobs().await.expect("they run"), 0, "both wait");
    let admin = office.actor("quantri").await;
    assert_eq!(office.services.jobs.list(&admin).await.expect("seen").0.len(), 2);
    assert_eq!(office.at(date(2026, 5, 5).at(9, 0, 0, 0)).await, 1, "nobody asked for it");
    assert_eq!(office.at(date(2027, 5, 5).at(9, 0, 0, 0)).await, 0);
    let (dead, _, _) = office.services.jobs.list(&admin).await.expect("seen");
    assert_eq!((dead.len(), dead[0].error.as_str()), (1, "gone"));
}

async fn an_administrator_lets_all_failed_jobs_run_again_at_once(kind: Kind) {
    let office = Office::open(kind, &workflow(&["a counter | more request-supplement | done hand-over"]), &[]).await;
    let now = instant(date(2026, 5, 4).at(9, 0, 0, 0));
    let jobs = overdue(&office, 3, now).await;
    let transaction = office.services.database().begin().await.expect("a transaction");
    for job in &jobs {
        transaction.fail_job(job, now.as_second(), "no disk").await.expect("failed");
    }
    transaction.commit().await.expect("committed");
    let counter = office.actor(COUNTER).await;
    let asked = office.services.jobs.retry_all_jobs(&counter).await;
    assert!(matches!(asked, Err(Error::Refused(Refusal::NotAllowed))), "{asked:?}");
    assert_eq!(office.services.jobs.run_jobs().await.expect("they run"), 0, "they wait");
    let admin = office.actor("quantri").await;
    office.services.jobs.retry_all_jobs(&admin).await.expect("tried again");
    assert_eq!(office.services.jobs.run_jobs().await.expect("they run"), 3);
    assert!(office.services.jobs.list(&admin).await.expect("seen").0.is_empty());
}
