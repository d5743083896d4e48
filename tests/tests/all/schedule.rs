//! Scheduled work follows from the state of dossiers, and small provinces show what the law makes of it.

use crate::command_line::{path, run, said};
use jiff::civil::date;
use motcua_tests::flow::{APPRAISER, COUNTER, Office, workflow};
use motcua_tests::portal::Kind;
use std::path::Path;

on_both_kinds! {
    a_timed_action_that_was_closed_when_due_is_taken_when_its_condition_comes_true
    a_refused_job_never_waits_for_an_administrator
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
