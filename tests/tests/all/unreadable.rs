//! Dossiers whose content was removed, or cannot be read. They concern nobody else.

use crate::command_line::said;
use crate::store::{code_in, rows, story, tamper};
use jiff::civil::date;
use motcua::runtime::{self, RuntimeOptions};
use motcua_domain::dossier::journal::{JournalEntry, entry_hash, payload_digest};
use motcua_domain::names::{Digest, DossierCode};
use motcua_service::TimeSource;
use motcua_store::journal::{JournalFinding, JournalReport};
use motcua_store::log::LogTrust;
use motcua_store::{Database, Fault, journal};
use motcua_tests::flow::{COUNTER, Case, Office, With, workflow};
use motcua_tests::portal::{App, Kind};
use motcua_tests::process::motcua;
use motcua_tests::walk;

on_both_kinds! {
    a_dossier_that_cannot_be_read_keeps_its_rows_and_stops_no_other
    removed_contents_are_named_and_leave_the_chain_and_the_rows_as_they_were
    the_lists_of_a_dossier_without_content_are_compared_by_their_version
    open_dossiers_that_cannot_be_read_are_named_and_stop_no_other
    a_job_of_a_dossier_without_content_ends_only_if_the_dossier_has_ended
    jobs_of_a_kind_that_only_a_newer_version_knows_stop_no_other
}

on_both! {
    an_erased_dossier_is_gone_for_those_who_could_read_it_and_nothing_to_others
}

/// Erases the content of a dossier, and returns the number of entries that had one.
async fn erase(database: &Database, code: &DossierCode) -> u64 {
    let transaction = database.begin().await.expect("a transaction");
    let erased = transaction.erase_payloads(code).await.expect("it is erased");
    transaction.commit().await.expect("it is committed");
    erased
}

/// Asserts that nothing is wrong but the missing contents of a dossier, and returns the report.
async fn assert_only_removed(database: &Database, code: &DossierCode) -> JournalReport {
    let report = database.verify(&LogTrust::default()).await.expect("read");
    let named = format!("of dossier {code}: its content was removed; no command of Motcua erases contents yet");
    let is_named = |finding: &JournalFinding| finding.to_string().ends_with(&named);
    assert!(!report.is_sound() && !report.journal_is_wrong, "{:?}", report.findings);
    assert!(report.findings.iter().all(is_named), "{:?}", report.findings);
    report
}

async fn removed_contents_are_named_and_leave_the_chain_and_the_rows_as_they_were(kind: Kind) {
    let (dir, services) = story(kind).await;
    let database = services.database();
    while services.log.seal().await.expect("it seals") > 0 {}
    let code = code_in(database, "ended").await;
    let row = format!("SELECT * FROM dossier WHERE code = '{code}'");
    let before = rows(database, &row).await;
    let erased = erase(database, &code).await;
    assert!(erased > 1, "{erased}");
    assert_eq!(erase(database, &code).await, 0);
    assert_eq!(assert_only_removed(database, &code).await.wrong, erased);
    for (words, told) in [("audit verify", "its content was removed"), ("doctor", "things are wrong")] {
        let run = motcua().args(words.split(' ')).arg("--dir").arg(dir.path()).output().expect("it runs");
        let printed = said(&run, 1);
        assert!(printed.contains(told), "{printed}");
    }
    let read = journal::dossier(database.reader(), &code).await;
    assert!(matches!(&read, Err(Fault::Erased { dossier }) if dossier == code.as_str()), "{read:?}");
    let proof = database.prove(&code).await.expect("read").expect("a proof");
    let keys = database.log_keys().await.expect("read");
    assert_eq!(proof.check(&keys).expect("proven").entries as u64, erased);
    assert_eq!(rows(database, &row).await, before);
    // The dossiers of its procedure are still read without it.
    let procedure = before[0]["procedure"].as_str().expect("a code").into();
    let past = journal::of_procedure(database.reader(), &procedure).await.expect("read");
    let of_procedure = format!("SELECT code FROM dossier WHERE procedure = '{procedure}'");
    assert_eq!(past.unreadable.len(), 1, "{:?}", past.unreadable);
    assert_eq!(past.dossiers.len() + 1, rows(database, &of_procedure).await.len());
}

async fn the_lists_of_a_dossier_without_content_are_compared_by_their_version(kind: Kind) {
    let (_dir, services) = story(kind).await;
    let database = services.database();
    let code = code_in(database, "office").await;
    let erased = erase(database, &code).await;
    assert_eq!(assert_only_removed(database, &code).await.wrong, erased);
    tamper(database, &format!("UPDATE dossier SET version = version - 1 WHERE code = '{code}'")).await;
    let report = database.verify(&LogTrust::default()).await.expect("read");
    assert_eq!(report.wrong, erased + 1, "{:?}", report.findings);
    let listed = format!("dossier {code}: the lists show it as it stood at entry ");
    assert!(report.findings.iter().any(|finding| finding.to_string().starts_with(&listed)), "{:?}", report.findings);
    // The lists of all others are recomputed.
    let rebuilt = database.rebuild_projections().await.expect("rebuilt");
    assert_eq!((rebuilt.erased, rebuilt.failed.count), (1, 0));
}

async fn open_dossiers_that_cannot_be_read_are_named_and_stop_no_other(kind: Kind) {
    let thu = workflow(&[
        "a counter | go advance; to = 'b'",
        "b specialist; at = 'so-khdt/dang-ky-kinh-doanh' | done hand-over",
    ]);
    let mut office = Office::open(kind, &thu, &[]).await;
    let mut codes = Vec::new();
    for _ in 0..3 {
        let case = office.file(false, false).await;
        case.act(COUNTER, "go").await.expect("at b");
        codes.push(case.code);
    }
    let [unreadable, erased, sound] = <[DossierCode; 3]>::try_from(codes).expect("three");
    make_unreadable(office.services.database(), &unreadable).await;
    erase(office.services.database(), &erased).await;

    // Due times are recomputed.
    let file = office.dir.path().join("calendar/2026.toml");
    let calendar = std::fs::read_to_string(file).expect("the calendar");
    let holiday = "\n[[holiday]]\nname = \"Nghỉ bão\"\ndate = 2026-03-04\n";
    office.write("calendar/2026.toml", &format!("{calendar}{holiday}"));
    office.reopen().await;
    let database = office.services.database();
    assert_eq!(office.services.jobs.run_jobs().await.expect("jobs run"), 0, "the job is kept");
    let events = journal::events(database.reader(), &sound).await.expect("read");
    assert_eq!(events.last().map(|last| last.event.name()), Some("rescheduled"));
    let job = rows(database, "SELECT error FROM job WHERE key = 'calendar'").await.remove(0);
    let error = job["error"].as_str().expect("a text");
    assert!(error.contains(unreadable.as_str()) && error.contains(erased.as_str()), "{error}");

    // A unit transfers its work.
    let plan = "date = '2020-01-01'\nreason = 'Nghị quyết 01'\n
        [[move]]\nfrom = 'so-khdt/dang-ky-kinh-doanh'\nto = 'so-congthuong/thuong-mai'\n";
    office.write("plan.toml", plan);
    let apply = |more: &[&str]| {
        let (dir, plan) = (office.dir.path(), office.dir.path().join("plan.toml"));
        motcua().args(["org", "apply"]).arg(plan).arg("--dir").arg(dir).args(more).output().expect("it runs")
    };
    for (more, done) in [(vec!["--try"], "would move"), (Vec::new(), "moved")] {
        let told = said(&apply(&more), 1);
        assert!(told.contains(&format!("{done} 1 open dossiers ({sound})")), "{told}");
        for code in [&unreadable, &erased] {
            assert!(told.contains(&format!("- {code}: the ")), "{told}");
        }
    }
    let moved = Case { office: &office, code: sound };
    assert_eq!(moved.todo_of("y.congthuong").await.len(), 1, "the successor's officers have it");
    let past = journal::of_procedure(database.reader(), &"9.900001".into()).await.expect("read");
    assert_eq!((past.dossiers.len(), past.unreadable.len()), (1, 2));
}

async fn a_job_of_a_dossier_without_content_ends_only_if_the_dossier_has_ended(kind: Kind) {
    let thu = workflow(&["a counter | more request-supplement | done hand-over"]);
    let mut office = Office::open(kind, &thu, &[]).await;
    let (open, ended) = (office.file(false, false).await.code, office.file(false, false).await.code);
    let ask = With { note: "Thiếu.", ..With::default() };
    Case { office: &office, code: open.clone() }.act_with(COUNTER, "more", ask).await.expect("asked");
    Case { office: &office, code: ended.clone() }.act(COUNTER, "done").await.expect("handed over");
    let database = office.services.database();
    let late = format!(
        "INSERT INTO job (key, kind, dossier, stay, run_at, attempts, leased_until, dead, error)
         VALUES ('remind/{ended}/0/0', 'remind', '{ended}', 0, 0, 0, 0, FALSE, NULL)"
    );
    tamper(database, &late).await;
    for code in [&open, &ended] {
        assert!(erase(database, code).await > 0);
    }
    // Another node has nothing of the dossiers in memory.
    office.reopen().await;
    assert_eq!(office.at(date(2026, 6, 1).at(9, 0, 0, 0)).await, 1, "the job of the one that has ended");
    let left = rows(office.services.database(), "SELECT dossier, error FROM job").await;
    assert_eq!((left.len(), left[0]["dossier"].as_str()), (1, Some(open.as_str())), "{left:?}");
    let error = left[0]["error"].as_str().expect("a text");
    assert!(error.contains("was removed from the journal"), "{error}");
}

async fn jobs_of_a_kind_that_only_a_newer_version_knows_stop_no_other(kind: Kind) {
    let thu = workflow(&["a counter | more request-supplement | done hand-over"]);
    let office = Office::open(kind, &thu, &[]).await;
    let ask = With { note: "Thiếu.", ..With::default() };
    office.file(false, false).await.act_with(COUNTER, "more", ask).await.expect("asked");
    let database = office.services.database();
    for number in 0..60 {
        let newer = format!(
            "INSERT INTO job (key, kind, dossier, stay, run_at, attempts, leased_until, dead, error)
             VALUES ('newer/{number}', 'newer', '', 0, 0, 0, 0, FALSE, NULL)"
        );
        tamper(database, &newer).await;
    }
    assert_eq!(office.at(date(2026, 6, 1).at(9, 0, 0, 0)).await, 1, "the job that this version knows");
    let left = rows(database, "SELECT kind, attempts FROM job").await;
    assert_eq!((left.len(), left[0]["attempts"].as_i64()), (60, Some(0)), "{left:?}");
}

async fn an_erased_dossier_is_gone_for_those_who_could_read_it_and_nothing_to_others(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let code = DossierCode::parse(dossier.trim_start_matches("/dossiers/")).expect("a code");
    erase(app.services.database(), &code).await;
    for browser in [&citizen, &app.officer("thu.phucuong").await] {
        let page = browser.get(&dossier).await;
        assert_eq!(page.status, 410);
        page.has(&["Thiếu nội dung hồ sơ"]).lacks(&["Nguyễn Minh Khôi"]);
    }
    let stranger = app.citizen("Trần Thị Bình", "0912345679").await;
    assert_eq!(stranger.get(&dossier).await.status, 404);
    citizen.get("/account").await.ok().has(&[code.as_str()]);
}

/// Replaces the content of a dossier's last entry by one that this program does not know, as a newer version might have
/// written.
async fn make_unreadable(database: &Database, code: &DossierCode) {
    let sql = format!("SELECT * FROM journal WHERE dossier = '{code}' ORDER BY version DESC LIMIT 2");
    let entries = rows(database, &sql).await;
    let text = |entry: usize, column: &str| entries[entry][column].as_str().expect("text").to_owned();
    let version = entries[0]["version"].as_i64().expect("a number");
    let payload = r#"{"is":"new"}"#;
    let digest = payload_digest(payload);
    let entry = JournalEntry {
        dossier: code.as_str(),
        version,
        at: &text(0, "at"),
        event: &text(0, "event"),
        command: &text(0, "command"),
        payload_digest: &digest,
        migrated: None,
    };
    let hash = entry_hash(&Digest(text(1, "hash")), &entry);
    let set = format!("payload = '{payload}', payload_digest = '{digest}', hash = '{hash}'");
    tamper(database, &format!("UPDATE journal SET {set} WHERE dossier = '{code}' AND version = {version}")).await;
}

async fn a_dossier_that_cannot_be_read_keeps_its_rows_and_stops_no_other(kind: Kind) {
    let (dir, services) = story(kind).await;
    let database = services.database();
    let (unreadable, other) = (code_in(database, "ended").await, code_in(database, "office").await);
    let shown = async |code: &DossierCode| {
        let sql = format!("SELECT * FROM dossier WHERE code = '{code}'");
        rows(database, &sql).await
    };
    let (before, right) = (shown(&unreadable).await, shown(&other).await);
    make_unreadable(database, &unreadable).await;
    tamper(database, &format!("UPDATE dossier SET applicant_name = 'Ai đó' WHERE code = '{other}'")).await;
    let report = database.verify(&LogTrust::default()).await.expect("read");
    assert_eq!((report.wrong, report.journal_is_wrong), (2, false), "{:?}", report.findings);

    let run = |words: &[&str]| motcua().args(words).arg("--dir").arg(dir.path()).output().expect("it runs");
    let named = format!("- {unreadable}: the journal of dossier {unreadable} is unreadable");
    let told = said(&run(&["audit", "rebuild"]), 1);
    assert!(told.contains(&named), "{told}");
    assert_eq!((shown(&unreadable).await, shown(&other).await), (before.clone(), right));
    // The sweep deletes no file that the dossier may refer to, and the lists are not recomputed at every start.
    assert!(!database.projections_are_current().await.expect("read"));
    assert!(database.catch_up_projections().await.expect("read").is_none());

    let older = "UPDATE setting SET value = '1' WHERE name = 'projection'";
    tamper(database, older).await;
    let told = said(&run(&["migrate"]), 1);
    assert!(told.contains(&named), "{told}");
    tamper(database, older).await;
    runtime::open(dir.path(), TimeSource::set_to(services.now()), RuntimeOptions::migrating())
        .await
        .expect("the portal starts");
    assert_eq!(shown(&unreadable).await, before);
}
