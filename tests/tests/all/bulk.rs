//! The same deed on many dossiers: what is said before, what is done, and who may look.

use crate::repeats::Post;
use crate::store::{rows, tamper};
use jiff::ToSpan as _;
use motcua_domain::names::{CommandId, DossierCode};
use motcua_domain::people::organisation::Actor;
use motcua_service::{
    BULK_MOST, BulkCounts, BulkDeed, BulkLine, BulkOutcome, BulkReport, DeskWish, Error, OfficerView, Services,
};
use motcua_store::jobs::{JobKind, LEASE};
use motcua_tests::browser::Browser;
use motcua_tests::flow::{COUNTER, Case, LEADER, Office, SPECIALIST, With, workflow};
use motcua_tests::portal::{App, Kind};
use motcua_tests::walk;
use std::fmt::Write as _;

on_both_kinds! {
    twenty_dossiers_in_bulk_and_twenty_by_hand_have_the_same_journals_notices_and_jobs
    a_worker_that_stops_in_the_middle_and_another_one_do_each_dossier_once
    a_deed_whose_outcome_was_not_written_is_not_done_again
    what_the_rules_refuse_is_said_before_and_nothing_is_written
    each_dossier_is_decided_with_the_rights_and_the_state_of_its_moment
    bulk_work_that_is_stopped_leaves_the_rest_and_the_rest_can_be_tried_again
    a_step_is_given_to_an_officer_and_given_back_in_bulk
    a_view_is_chosen_as_it_is_listed
    a_report_is_deleted_after_90_days
}

on_both! {
    an_officer_approves_a_whole_view_with_forms_alone
    an_officer_takes_the_chosen_dossiers_along_as_far_as_they_may_read_them
    a_stranger_does_not_see_bulk_work_and_an_auditor_cannot_stop_it
    a_form_without_a_choice_is_shown_again_with_what_is_missing
}

const STEPS: [&str; 2] = ["a counter | go advance; to = 'b' | no refuse", "b specialist | end hand-over"];

/// Files so many dossiers.
async fn filed(office: &Office, count: usize) -> Vec<DossierCode> {
    let mut codes = Vec::new();
    for _ in 0..count {
        codes.push(office.file(false, false).await.code);
    }
    codes
}

fn lines(codes: &[DossierCode]) -> Vec<BulkLine> {
    codes.iter().map(|code| BulkLine { code: code.clone(), stay: None, seen: None }).collect()
}

fn act(action: &str, note: &str) -> BulkDeed {
    BulkDeed::Act { action: action.into(), note: note.to_owned() }
}

/// Looks at lines and begins a deed on those with which it can be done. Returns the id of the work.
async fn begin(office: &Office, login: &str, codes: &[DossierCode], deed: &BulkDeed) -> String {
    let (actor, bulk) = (office.actor(login).await, &office.services.bulk);
    let preview = bulk.preview(&actor, &lines(codes), Some(deed)).await.expect("a preview");
    let can = preview.sights.into_iter().filter(|sight| sight.refusal.is_none()).map(|sight| sight.line);
    let can: Vec<BulkLine> = can.collect();
    bulk.start(&actor, &office.services.new_command(), &can, deed).await.expect("begun")
}

async fn report(office: &Office, login: &str, id: &str) -> BulkReport {
    office.services.bulk.report(&office.actor(login).await, id).await.expect("a report")
}

async fn run(services: &Services) -> usize {
    services.bulk.run().await.expect("it runs")
}

/// Returns what is stored of each dossier but for its filing and its commands: the entries, the notices and the jobs.
async fn stored(office: &Office, codes: &[DossierCode]) -> Vec<String> {
    let mut all = Vec::new();
    for code in codes {
        let mut one = String::new();
        for query in [
            "SELECT version, payload FROM journal WHERE version > 1 AND dossier = 'X' ORDER BY version",
            "SELECT version, event, at FROM notice WHERE version > 1 AND dossier = 'X' ORDER BY version",
            "SELECT kind, stay, run_at FROM job WHERE dossier = 'X' ORDER BY kind, stay, run_at",
            "SELECT number, step, post, assignee, rank FROM stay WHERE dossier = 'X' ORDER BY number",
        ] {
            let found = rows(office.services.database(), &query.replace('X', code.as_str())).await;
            _ = writeln!(one, "{found:?}");
        }
        all.push(one);
    }
    all
}

async fn twenty_dossiers_in_bulk_and_twenty_by_hand_have_the_same_journals_notices_and_jobs(kind: Kind) {
    let office = Office::open(kind, &workflow(&STEPS), &[]).await;
    let codes = filed(&office, 40).await;
    let (by_hand, in_bulk) = codes.split_at(20);
    for code in by_hand {
        let case = Case { office: &office, code: code.clone() };
        case.act_with(COUNTER, "go", With { note: "Đủ giấy tờ.", ..With::default() }).await.expect("gone");
    }
    let id = begin(&office, COUNTER, in_bulk, &act("go", "Đủ giấy tờ.")).await;
    assert_eq!(run(&office.services).await, 20);
    let found = report(&office, COUNTER, &id).await;
    assert_eq!(found.work.counts, BulkCounts { open: 0, done: 20, refused: 0 });
    assert_eq!(found.work.label.vi, "go");
    let (hand, bulk) = (stored(&office, by_hand).await, stored(&office, in_bulk).await);
    assert!(hand[0].contains("Đủ giấy tờ."), "{}", hand[0]);
    assert_eq!(hand, bulk);
    assert!(hand.iter().all(|one| *one == hand[0]), "the clock stands still, so all are alike");
}

async fn a_worker_that_stops_in_the_middle_and_another_one_do_each_dossier_once(kind: Kind) {
    let office = Office::open(kind, &workflow(&STEPS), &[]).await;
    let codes = filed(&office, 30).await;
    let id = begin(&office, COUNTER, &codes, &act("go", "")).await;
    let some_done = async {
        while report(&office, COUNTER, &id).await.work.counts.done < 3 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _ = office.services.bulk.run() => {}
        () = some_done => {}
    }
    let counts = report(&office, COUNTER, &id).await.work.counts;
    assert!(counts.done >= 3 && counts.open > 0, "it was stopped in the middle: {counts:?}");
    let other = office.another_node().await;
    assert_eq!(run(&other).await, 0, "the lease of the first worker has not ended");
    office.clock.set(office.clock.now() + (LEASE + 1).seconds());
    run(&other).await;
    let counts = report(&office, COUNTER, &id).await.work.counts;
    assert_eq!(counts, BulkCounts { open: 0, done: 30, refused: 0 });
    let entries = rows(office.services.database(), "SELECT dossier FROM journal WHERE version = 2").await;
    assert_eq!(entries.len(), 30, "each has one more entry");
    assert!(rows(office.services.database(), "SELECT dossier FROM journal WHERE version > 2").await.is_empty());
    assert!(rows(office.services.database(), "SELECT key FROM job WHERE kind = 'bulk'").await.is_empty());
}

async fn a_deed_whose_outcome_was_not_written_is_not_done_again(kind: Kind) {
    let office = Office::open(kind, &workflow(&STEPS), &[]).await;
    let codes = filed(&office, 3).await;
    let id = begin(&office, COUNTER, &codes, &act("go", "")).await;
    run(&office.services).await;
    let before = stored(&office, &codes).await;
    tamper(office.services.database(), "UPDATE bulk_line SET state = 'open', at = NULL").await;
    // The author has lost the post since, which changes nothing of what is done.
    tamper(office.services.database(), "DELETE FROM post_holding WHERE role = 'counter'").await;
    let transaction = office.services.database().begin().await.expect("a transaction");
    let now = office.clock.now().as_second();
    transaction.add_job(&format!("bulk/{id}"), JobKind::Bulk, now).await.expect("added");
    transaction.commit().await.expect("committed");
    assert_eq!(run(&office.services).await, 3);
    assert_eq!(stored(&office, &codes).await, before);
    let counts = report(&office, COUNTER, &id).await.work.counts;
    assert_eq!(counts, BulkCounts { open: 0, done: 3, refused: 0 });
}

async fn what_the_rules_refuse_is_said_before_and_nothing_is_written(kind: Kind) {
    let office = Office::open(kind, &workflow(&STEPS), &[]).await;
    let codes = filed(&office, 3).await;
    let gone = Case { office: &office, code: codes[1].clone() };
    gone.act(COUNTER, "go").await.expect("gone");
    let (counter, bulk) = (office.actor(COUNTER).await, &office.services.bulk);
    let before = stored(&office, &codes).await;
    let mut chosen = lines(&codes);
    chosen.push(BulkLine::parse("H09.99-260303-0001").expect("a code of no dossier"));
    chosen.push(chosen[0].clone());
    let preview = bulk.preview(&counter, &chosen, Some(&act("go", ""))).await.expect("a preview");
    let refusals: Vec<Option<&str>> = preview.sights.iter().map(|sight| sight.refusal).collect();
    assert_eq!(refusals, [None, Some("not-allowed"), None, Some("not-allowed")], "each line once");
    let offers: Vec<(&str, usize)> =
        preview.offers.iter().map(|offer| (offer.action.id.as_str(), offer.lines)).collect();
    assert_eq!(offers, [("go", 2)], "a refusal needs words of its own");
    // Each refusal is the one that the single dossier would meet.
    let refused = bulk.preview(&counter, &lines(&codes[..1]), Some(&act("no", "Thôi."))).await.expect("a preview");
    assert_eq!(refused.sights[0].refusal, Some("note-missing"));
    let unknown = bulk.preview(&counter, &lines(&codes[..1]), Some(&act("fly", ""))).await.expect("a preview");
    assert_eq!(unknown.sights[0].refusal, Some("no-such-action"));
    assert_eq!(stored(&office, &codes).await, before);
    let citizen = office.actor("nobody").await;
    for actor in [citizen, office.actor("kiemsoat").await, office.actor("quantri").await, Actor::System] {
        let refused = bulk.preview(&actor, &lines(&codes), None).await.expect_err("not allowed");
        assert!(matches!(refused, Error::Refused(_)), "{actor:?}: {refused}");
    }
}

async fn each_dossier_is_decided_with_the_rights_and_the_state_of_its_moment(kind: Kind) {
    let office = Office::open(kind, &workflow(&STEPS), &[]).await;
    let codes = filed(&office, 2).await;
    let id = begin(&office, COUNTER, &codes, &act("go", "")).await;
    // The second dossier goes on before its turn.
    let case = Case { office: &office, code: codes[1].clone() };
    case.act(COUNTER, "go").await.expect("gone");
    run(&office.services).await;
    let outcomes = |report: BulkReport| report.results.into_iter().map(|result| result.outcome).collect::<Vec<_>>();
    let found = outcomes(report(&office, COUNTER, &id).await);
    assert!(matches!(found.as_slice(), [BulkOutcome::Done, BulkOutcome::Refused(_)]), "{found:?}");
    // The author loses the post before the turn of the third one.
    let codes = filed(&office, 1).await;
    let id = begin(&office, COUNTER, &codes, &act("go", "")).await;
    tamper(office.services.database(), "DELETE FROM post_holding WHERE role = 'counter'").await;
    run(&office.services).await;
    let found = outcomes(report(&office, COUNTER, &id).await);
    assert_eq!(found, [BulkOutcome::Refused("not-allowed".to_owned())]);
    let code = codes[0].as_str();
    let query = format!("SELECT version FROM journal WHERE dossier = '{code}'");
    assert_eq!(rows(office.services.database(), &query).await.len(), 1);
}

async fn bulk_work_that_is_stopped_leaves_the_rest_and_the_rest_can_be_tried_again(kind: Kind) {
    let office = Office::open(kind, &workflow(&STEPS), &[]).await;
    let codes = filed(&office, 3).await;
    let id = begin(&office, COUNTER, &codes, &act("go", "")).await;
    let (counter, bulk) = (office.actor(COUNTER).await, &office.services.bulk);
    bulk.stop(&counter, &id).await.expect("stopped");
    assert_eq!(run(&office.services).await, 0);
    let found = report(&office, COUNTER, &id).await;
    assert_eq!((found.work.stopped, found.work.counts.open), (true, 3));
    let left: Vec<BulkLine> = found.results.into_iter().map(|result| result.line).collect();
    let preview = bulk.preview(&counter, &left, Some(&found.work.deed)).await.expect("a preview");
    assert!(preview.sights.iter().all(|sight| sight.refusal.is_none()));
    let again: Vec<BulkLine> = preview.sights.into_iter().map(|sight| sight.line).collect();
    let command = office.services.new_command();
    let id = bulk.start(&counter, &command, &again, &found.work.deed).await.expect("begun");
    assert_eq!(bulk.start(&counter, &command, &again, &found.work.deed).await.expect("the same"), id);
    assert_eq!(run(&office.services).await, 3);
    assert_eq!(report(&office, COUNTER, &id).await.work.counts.done, 3);
}

async fn a_step_is_given_to_an_officer_and_given_back_in_bulk(kind: Kind) {
    let office = Office::open(kind, &workflow(&STEPS), &[]).await;
    let codes = filed(&office, 2).await;
    begin(&office, COUNTER, &codes, &act("go", "")).await;
    run(&office.services).await;
    let specialist = office.actor(SPECIALIST).await;
    let Actor::Officer { id: to, name, .. } = &specialist else { panic!("{specialist:?}") };
    let leader = office.actor(LEADER).await;
    let preview = office.services.bulk.preview(&leader, &lines(&codes), None).await.expect("a preview");
    assert!(preview.officers.contains(&(to.clone(), name.clone())), "{:?}", preview.officers);
    assert!(preview.offers.is_empty(), "a leader takes no action of a specialist");
    let holders = async || {
        let found = rows(office.services.database(), "SELECT assignee FROM stay").await;
        found.iter().filter(|row| row["assignee"] == to.as_str()).count()
    };
    let given = BulkDeed::Give { to: to.clone(), note: "Làm giúp.".to_owned() };
    let id = begin(&office, LEADER, &codes, &given).await;
    run(&office.services).await;
    assert_eq!((holders().await, report(&office, LEADER, &id).await.work.label.vi), (2, name.clone()));
    begin(&office, SPECIALIST, &codes, &BulkDeed::Release).await;
    run(&office.services).await;
    assert_eq!(holders().await, 0);
    begin(&office, SPECIALIST, &codes, &BulkDeed::Take).await;
    run(&office.services).await;
    assert_eq!(holders().await, 2);
    let preview = office.services.bulk.preview(&specialist, &lines(&codes), Some(&BulkDeed::Take)).await;
    let sights = preview.expect("a preview").sights;
    assert!(sights.iter().all(|sight| sight.refusal == Some("taken-already")), "{sights:?}");
}

async fn a_view_is_chosen_as_it_is_listed(kind: Kind) {
    let office = Office::open(kind, &workflow(&STEPS), &[]).await;
    filed(&office, 5).await;
    let counter = office.actor(COUNTER).await;
    for view in OfficerView::ALL {
        let (lists, wish) = (&office.services.lists, DeskWish::default());
        let listed = lists.desk(&counter, view, &wish, None).await.expect("a list").rows;
        let (lines, more) = office.services.bulk.lines_of(&counter, view, &wish).await.expect("lines");
        let shown = |code: &str, stay: Option<i64>| (code.to_owned(), stay);
        let listed: Vec<_> = listed.iter().map(|row| shown(&row.code, row.stay)).collect();
        let lines: Vec<_> = lines.iter().map(|line| shown(line.code.as_str(), line.stay.map(i64::from))).collect();
        assert_eq!((lines, more), (listed, false), "{view:?}");
    }
    tamper(
        office.services.database(),
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 300)
        INSERT INTO stay (dossier, number, step_name, post, rank, step)
        SELECT dossier, number + n, step_name, post, rank, step FROM stay, numbers",
    )
    .await;
    let todo = office.services.bulk.lines_of(&counter, OfficerView::Todo, &DeskWish::default()).await;
    let (lines, more) = todo.expect("lines");
    assert_eq!((lines.len(), more), (BULK_MOST, true));
}

async fn a_report_is_deleted_after_90_days(kind: Kind) {
    let office = Office::open(kind, &workflow(&STEPS), &[]).await;
    let codes = filed(&office, 1).await;
    let id = begin(&office, COUNTER, &codes, &act("go", "")).await;
    run(&office.services).await;
    let (counter, begun) = (office.actor(COUNTER).await, office.clock.now());
    office.clock.set(begun + (90 * 24).hours());
    assert_eq!(office.services.bulk.forget_old().await.expect("deleted"), 0);
    assert_eq!(office.services.bulk.works(&counter).await.expect("a list").len(), 1);
    office.clock.set(begun + (90 * 24 + 1).hours());
    assert_eq!(office.services.bulk.forget_old().await.expect("deleted"), 1);
    let gone = office.services.bulk.report(&counter, &id).await;
    assert!(matches!(gone, Err(Error::NotFound)), "{gone:?}");
    assert!(rows(office.services.database(), "SELECT work FROM bulk_line").await.is_empty());
    assert_eq!(rows(office.services.database(), "SELECT version FROM journal").await.len(), 2, "the deed stays");
}

/// Begins to take the first step of a dossier as bulk work, and returns the address of its page.
pub async fn begun(counter: &Browser, dossier: &str) -> String {
    counter.get("/login").await;
    let line = format!("{}~0~1", dossier.trim_start_matches("/dossiers/"));
    counter.post("/desk/bulk/start", &[("lines", line.as_str()), ("deed", "take")]).await.ok().path
}

/// Prepares a form of bulk work, so that it can be posted twice.
pub async fn prepared(app: &App, route: &str, citizen: &Browser) -> Post {
    let (counter, dossier) = (app.officer("thu.phucuong").await, walk::birth(citizen).await);
    let line = format!("{}~0~1", dossier.trim_start_matches("/dossiers/"));
    let path = match route {
        "/desk/bulk/{id}/stop" => format!("{}/stop", begun(&counter, &dossier).await),
        _ => route.to_owned(),
    };
    let fields = vec![("lines", line), ("deed", "take".to_owned())];
    Post { from: counter, path, fields, files: None }
}

async fn an_officer_approves_a_whole_view_with_forms_alone(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossiers = [walk::birth(&citizen).await, walk::birth(&citizen).await, walk::birth(&citizen).await];
    let thu = app.officer("thu.phucuong").await;
    thu.get("/desk").await.ok().has(&[
        "type=\"checkbox\"",
        "name=\"line\"",
        "Cả 3 hồ sơ của mục này",
        "Cả trang này (3)",
    ]);
    let page = thu.post("/desk/bulk", &[("scope", "view"), ("view", "todo")]).await.ok();
    let page = page.has(&["Đã chọn 3 hồ sơ", "value=\"do:accept\"", "(3 hồ sơ)"]).lacks(&["Xác nhận"]);
    let chosen = page.hidden("lines").expect("the lines").to_owned();
    // One of them goes on meanwhile.
    walk::act(&thu, &dossiers[1], "accept", walk::With::default()).await.ok();
    let asked = [("lines", chosen.as_str()), ("deed", "do:accept"), ("note", "Đủ."), ("do", "preview")];
    let page = thu.post("/desk/bulk", &asked).await.ok();
    let page = page.has(&["Làm được 2 hồ sơ, không làm được 1 hồ sơ", &dossiers[1], "Xác nhận, làm 2 hồ sơ"]);
    let start = page.form_to("/desk/bulk/start").expect("a form to confirm");
    let work = thu.send_again(&start).await.ok().has(&["Đang làm", "0/2 hồ sơ đã làm", "Dừng lại"]).path;
    assert_eq!(thu.send_again(&start).await.ok().path, work, "the same form is the same work");
    assert_eq!(run(&app.services).await, 2);
    thu.get(&work).await.ok().has(&["Đã xong", "2/2 hồ sơ đã làm", "Đủ."]).lacks(&["Dừng lại", "Thử lại"]);
    thu.get("/desk/bulk").await.ok().has(&[&work, "2/2 hồ sơ đã làm"]);
    let table = thu.get(&format!("{work}/lines.csv")).await.ok();
    assert_eq!(table.body.lines().count(), 3, "{}", table.body);
    table.has(&["\"Mã\",\"Kết quả\",\"Lý do\",\"Lúc\"", "\"Đã làm\""]);
    thu.get("/desk").await.ok().lacks(&["name=\"line\""]);
    app.officer("binh.phucuong").await.get("/desk").await.ok().has(&["Cần làm (3)"]);
}

async fn an_officer_takes_the_chosen_dossiers_along_as_far_as_they_may_read_them(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let (birth, company) = (walk::birth(&citizen).await, walk::company(&citizen).await);
    let (code, strange) = (birth.trim_start_matches("/dossiers/"), company.trim_start_matches("/dossiers/"));
    let thu = app.officer("thu.phucuong").await;
    let readings = async || rows(app.services.database(), "SELECT id FROM reading").await.len();
    let page = thu.post("/desk/bulk", &[("scope", "view"), ("view", "todo")]).await.ok();
    let page = page.has(&["Tải danh sách (XLSX)"]);
    assert!(page.form_to("/desk/bulk/table").expect("a form").fields.iter().any(|(name, _)| name == "lines"));
    let before = readings().await;
    let lines = format!("{code}~0~1 {strange}~0~1 {code}~1~1");
    let table = thu.post("/desk/bulk/table", &[("lines", &lines), ("form", "csv")]).await.ok();
    let table = table.has(&["Danh sách hồ sơ", "Người giữ việc", "Nguyễn Văn An", "\"0912345678\"", "Qua cổng"]);
    assert_eq!(table.body.matches(code).count(), 1, "each dossier once");
    table.lacks(&[strange]);
    assert_eq!(readings().await, before + 1, "a reading of the dossier");
    let empty = thu.post("/desk/bulk/table", &[("lines", &format!("{strange}~0~1")), ("form", "xlsx")]).await;
    assert_eq!(empty.status, 422, "nothing that the officer may read");
    let book = thu.post("/desk/bulk/table", &[("lines", &format!("{code}~0~1")), ("form", "xlsx")]).await.ok();
    assert!(book.body.starts_with("PK"), "a workbook is an archive");
}

async fn a_stranger_does_not_see_bulk_work_and_an_auditor_cannot_stop_it(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let thu = app.officer("thu.phucuong").await;
    let work = begun(&thu, &dossier).await;
    let code = dossier.trim_start_matches("/dossiers/");
    for login in ["lan.khdt", "yen.phucuong", "binh.phucuong", "quantri"] {
        let other = app.officer(login).await;
        for path in [work.clone(), format!("{work}/lines.csv")] {
            let page = other.get(&path).await;
            assert_eq!(page.status, 404, "{login} {path}");
            page.lacks(&[code]);
        }
        other.get("/login").await;
        assert_eq!(other.post(&format!("{work}/stop"), &[]).await.status, 404, "{login}");
    }
    assert_eq!(citizen.get(&work).await.status, 403);
    app.officer("lan.khdt").await.get("/desk/bulk").await.ok().lacks(&[&work]);
    let auditor = app.officer("kiemsoat").await;
    auditor.get("/desk/bulk").await.ok().has(&[&work]);
    auditor.get(&work).await.ok().has(&[code]).lacks(&["Dừng lại"]);
    auditor.get("/login").await;
    assert_eq!(auditor.post(&format!("{work}/stop"), &[]).await.status, 403);
    thu.get(&work).await.ok().has(&["Dừng lại"]);
    let stopped = thu.post(&format!("{work}/stop"), &[]).await.ok().has(&["Đã dừng", "Thử lại"]);
    let again = stopped.form_to("/desk/bulk").expect("a form to try again");
    thu.send_again(&again).await.ok().has(&["Làm được cả 1 hồ sơ"]);
}

async fn a_form_without_a_choice_is_shown_again_with_what_is_missing(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let thu = app.officer("thu.phucuong").await;
    thu.get("/desk").await.ok();
    let page = thu.post("/desk/bulk", &[("scope", "ticked")]).await;
    assert_eq!(page.status, 422);
    page.has(&["Chưa chọn hồ sơ nào"]);
    let line = format!("{}~~", dossier.trim_start_matches("/dossiers/"));
    thu.get("/desk").await.ok();
    let page = thu.post("/desk/bulk", &[("line", line.as_str()), ("do", "preview")]).await;
    assert_eq!(page.status, 422);
    page.has(&["Chưa chọn việc cần làm"]);
    thu.get("/desk").await.ok();
    let odd = [("lines", "x ~~ <b>"), ("deed", "do:accept")];
    assert_eq!(thu.post("/desk/bulk/start", &odd).await.status, 422);
    let nothing = CommandId("1".to_owned());
    let actor = Actor::System;
    let refused = app.services.bulk.start(&actor, &nothing, &[], &BulkDeed::Take).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
}
