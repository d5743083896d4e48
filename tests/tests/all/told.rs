//! Notices of applicants, and what each reader of a page sees.

use crate::store::rows;
use jiff::SignedDuration;
use motcua_store::log::LogTrust;
use motcua_tests::flow::{COUNTER, Office, SPECIALIST, workflow};
use motcua_tests::portal::Kind;

on_both_kinds! {
    an_applicant_is_told_once_that_the_appointment_passes_without_a_result
    an_applicant_is_told_that_a_step_is_theirs_although_the_status_is_the_same
}

/// Returns the words of all notices, in order.
async fn notices(office: &Office) -> Vec<String> {
    let told = rows(office.services.database(), "SELECT event FROM notice ORDER BY dossier, version").await;
    told.iter().map(|row| row["event"].as_str().expect("a word").to_owned()).collect()
}

async fn an_applicant_is_told_once_that_the_appointment_passes_without_a_result(kind: Kind) {
    let office = Office::open(kind, &workflow(&["a counter | done hand-over"]), &[]).await;
    let (late, done) = (office.file(false, false).await, office.file(false, false).await);
    done.act(COUNTER, "done").await.expect("handed over");
    let at = late.dossier().await.late_notice_at().expect("an appointment");
    office.clock.set(at);
    assert_eq!(office.services.jobs.run_jobs().await.expect("jobs run"), 0, "the moment itself must have passed");
    office.clock.set(at + SignedDuration::from_secs(1));
    assert_eq!(office.services.jobs.run_jobs().await.expect("jobs run"), 1);
    office.clock.set(at + SignedDuration::from_hours(24 * 30));
    assert_eq!(office.services.jobs.run_jobs().await.expect("jobs run"), 0, "once");
    assert_eq!(notices(&office).await, ["filed", "late-soon", "filed", "returned"]);
    let report = office.services.database().verify(&LogTrust::default()).await.expect("read");
    assert!(report.is_sound(), "{:?}", report.findings);
}

async fn an_applicant_is_told_that_a_step_is_theirs_although_the_status_is_the_same(kind: Kind) {
    let thu = workflow(&[
        "a specialist; status = 'processing' | ask advance; to = 'b' | done hand-over",
        "b applicant; status = 'processing' | answer advance; to = 'a'",
    ]);
    let office = Office::open(kind, &thu, &[]).await;
    let case = office.file(false, false).await;
    for _ in 0..2 {
        case.act(SPECIALIST, "ask").await.expect("asked");
        case.act("0912345678", "answer").await.expect("answered");
    }
    let told = notices(&office).await;
    assert_eq!(told.iter().filter(|word| *word == "step-requested").count(), 2, "{told:?}");
}
