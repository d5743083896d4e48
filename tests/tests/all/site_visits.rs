//! Appointments on the spot: on pages, in the lists of units, in calendars and in scenarios.

use crate::command_line::{path, run, said};
use crate::scenarios::{change, province};
use crate::store::rows;
use crate::told::OwnPortal;
use jiff::civil::{Date, date, time};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::dossier::site_visit::SiteVisitInput;
use motcua_domain::time::calendar::instant;
use motcua_service::Error;
use motcua_store::log::LogTrust;
use motcua_tests::browser::{Browser, Page};
use motcua_tests::flow::{COUNTER, LEADER, Office, SPECIALIST, With, workflow};
use motcua_tests::portal::{App, Kind};

on_both! {
    an_officer_makes_moves_and_calls_off_a_visit_on_the_page_and_the_applicant_reads_and_downloads_it
}

on_both_kinds! {
    a_unit_finds_its_coming_visits_by_time_and_a_rebuild_makes_the_same_rows
}

/// Returns a workflow whose specialist makes visits.
fn visiting() -> String {
    workflow(&["a specialist; status = 'processing' \
        | appoint advance; to = 'a'; visit = { at_least = '1 working-day', at_most = '10 working-days' } \
        | call-off advance; to = 'a'; visit = { calls_off = true } \
        | done hand-over"])
}

/// Opens a dossier and takes an action with what is typed.
async fn take(officer: &Browser, dossier: &str, action: &str, typed: &[(&str, &str)]) -> Page {
    let page = officer.get(dossier).await.ok();
    let seen = page.hidden("seen").unwrap_or("0").to_owned();
    let mut fields = vec![("seen", seen.as_str())];
    fields.extend(typed.iter().copied());
    officer.upload(&format!("{dossier}/actions/{action}"), &fields, &[]).await
}

/// Returns the fields of a visit of an hour.
const fn on(day: &str) -> [(&str, &str); 4] {
    [("visit_day", day), ("visit_from", "09:00"), ("visit_to", "10:00"), ("visit_place", "12 Lê Lợi, chợ Thủ")]
}

async fn an_officer_makes_moves_and_calls_off_a_visit_on_the_page_and_the_applicant_reads_and_downloads_it(app: App) {
    let portal = OwnPortal::serve(&app, &visiting(), "").await;
    let (citizen, dossier) = portal.file("true").await;
    let (specialist, leader) = (portal.officer(SPECIALIST).await, portal.officer(LEADER).await);
    let file = format!("{dossier}/visits.ics");
    assert_eq!(citizen.get(&file).await.status, 404, "no visit yet");
    specialist.get(&dossier).await.ok().has(&["Ngày kiểm tra", "Bắt đầu sớm nhất", "Kết thúc muộn nhất"]);

    for (day, told) in [
        ("2026-03-03", "Buổi kiểm tra bắt đầu quá sớm."),
        ("2026-05-20", "Buổi kiểm tra kết thúc quá muộn."),
        ("2026-03-07", "Buổi kiểm tra phải nằm trọn trong giờ làm việc"),
        ("", "Hãy ghi ngày, giờ bắt đầu và giờ kết thúc"),
    ] {
        let refused = take(&specialist, &dossier, "appoint", &on(day)).await;
        assert_eq!(refused.status, 422, "{day}");
        let said = refused.between("<div class=\"box bad\"", "</div>").expect("the refusal").to_owned();
        assert!(said.contains(told), "{day}: {said}");
        let names_bound = said.contains("Bắt đầu sớm nhất: ") || said.contains("Kết thúc muộn nhất: ");
        assert_eq!(names_bound, ["2026-03-03", "2026-05-20"].contains(&day), "{day}: {said}");
        refused.has(&["12 Lê Lợi, chợ Thủ</textarea>"]);
    }
    assert_eq!(take(&leader, &dossier, "appoint", &on("2026-03-06")).await.status, 403);
    citizen.get(&dossier).await.ok().lacks(&["Lịch kiểm tra thực địa"]);

    take(&specialist, &dossier, "appoint", &on("2026-03-06")).await.ok();
    let made = "thứ Sáu 06/03/2026, 09:00-10:00, tại 12 Lê Lợi, chợ Thủ";
    citizen.get(&dossier).await.ok().has(&["Lịch kiểm tra thực địa", made]).lacks(&["Đã đổi lịch"]);
    specialist.get("/desk").await.ok().has(&["Lịch kiểm tra thực địa sắp tới", "thứ Sáu 06/03/2026, 09:00-10:00"]);
    let told = ["Cơ quan hẹn kiểm tra thực địa", "thứ Sáu 06/03/2026, 09:00-10:00, 12 Lê Lợi, chợ Thủ"];
    citizen.get("/account/notices").await.ok().has(&told);

    take(&specialist, &dossier, "appoint", &on("2026-03-09")).await.ok();
    let moved = ["thứ Hai 09/03/2026, 09:00-10:00, tại", "Đã đổi lịch. Lịch trước: thứ Sáu 06/03/2026, 09:00-10:00"];
    citizen.get(&dossier).await.ok().has(&moved).lacks(&[made]);
    citizen.get("/account/notices").await.ok().has(&["Cơ quan đổi lịch kiểm tra thực địa"]).has(&told);
    let calendar = citizen.get(&file).await.ok();
    calendar.has(&[
        "BEGIN:VCALENDAR\r\n",
        "SEQUENCE:1\r\nDTSTART:20260309T020000Z\r\nDTEND:20260309T030000Z\r\nSTATUS:CONFIRMED\r\n",
        "LOCATION:12 Lê Lợi\\, chợ Thủ\r\n",
    ]);

    take(&specialist, &dossier, "call-off", &[]).await.ok();
    citizen.get(&dossier).await.ok().has(&["đã hủy"]).lacks(&["tại 12 Lê Lợi"]);
    citizen.get("/account/notices").await.ok().has(&["Cơ quan hủy lịch kiểm tra thực địa"]);
    citizen.get(&file).await.ok().has(&["STATUS:CANCELLED"]);
    specialist.get("/desk").await.ok().lacks(&["Lịch kiểm tra thực địa sắp tới"]);
    let again = take(&specialist, &dossier, "call-off", &[]).await;
    assert_eq!(again.status, 422);
    again.has(&["Đơn vị này không có lịch kiểm tra nào sắp tới."]);

    take(&specialist, &dossier, "appoint", &on("2026-03-10")).await.ok();
    let confirmed = "SEQUENCE:0\r\nDTSTART:20260310T020000Z\r\nDTEND:20260310T030000Z\r\nSTATUS:CONFIRMED\r\n";
    citizen.get(&file).await.ok().has(&[confirmed]);
    take(&specialist, &dossier, "done", &[]).await.ok();
    let off = "SEQUENCE:1\r\nDTSTART:20260310T020000Z\r\nDTEND:20260310T030000Z\r\nSTATUS:CANCELLED\r\n";
    citizen.get(&file).await.ok().has(&[off]);
}

/// Returns a visit of an hour.
fn visit(day: Date) -> With<'static> {
    let visit = SiteVisitInput {
        day: Some(day),
        from: Some(time(9, 0, 0, 0)),
        to: Some(time(10, 0, 0, 0)),
        place: "12 Lê Lợi".to_owned(),
        note: String::new(),
    };
    With { visit: Some(visit), ..With::default() }
}

async fn a_unit_finds_its_coming_visits_by_time_and_a_rebuild_makes_the_same_rows(kind: Kind) {
    const ROWS: &str = "SELECT * FROM site_visit ORDER BY dossier, number";
    let office = Office::open(kind, &visiting(), &[]).await;
    let (later, sooner) = (office.file(false, false).await, office.file(false, false).await);
    let by_counter = later.act_with(COUNTER, "appoint", visit(date(2026, 3, 9))).await;
    assert_eq!(by_counter, Err(Refusal::NotAllowed));
    later.act_with(SPECIALIST, "appoint", visit(date(2026, 3, 9))).await.expect("made");
    sooner.act_with(SPECIALIST, "appoint", visit(date(2026, 3, 10))).await.expect("made");
    sooner.act_with(SPECIALIST, "appoint", visit(date(2026, 3, 6))).await.expect("moved");

    let coming = async |login: &str| {
        let actor = office.actor(login).await;
        let (found, more) = office.services.lists.site_visits(&actor).await.expect("a list");
        assert!(!more);
        found.into_iter().map(|visit| visit.code).collect::<Vec<_>>()
    };
    let both = [sooner.code.to_string(), later.code.to_string()];
    assert_eq!(coming(SPECIALIST).await, both);
    assert_eq!(coming(LEADER).await, both, "the whole agency is the leader's");
    assert!(coming("lan.khdt").await.is_empty(), "another agency");
    let citizen = office.services.lists.site_visits(&office.actor("nobody").await).await;
    assert!(matches!(citizen, Err(Error::Refused(Refusal::NotAllowed))), "{citizen:?}");

    let database = office.services.database();
    let before = rows(database, ROWS).await;
    assert_eq!(before.len(), 2);
    database.rebuild_projections().await.expect("rebuilt");
    assert_eq!(rows(database, ROWS).await, before);
    let report = database.verify(&LogTrust::default()).await.expect("read");
    assert!(report.is_sound(), "{:?}", report.findings);

    office.clock.set(instant(date(2026, 3, 6).at(14, 0, 0, 0)));
    assert_eq!(coming(SPECIALIST).await, [later.code.to_string()], "the other visit is over");
    later.act(SPECIALIST, "done").await.expect("handed over");
    assert!(coming(SPECIALIST).await.is_empty(), "the dossier has ended");
    assert_eq!(rows(database, ROWS).await.len(), 1);
}

#[test]
fn a_scenario_makes_a_visit_at_the_place_of_the_form_and_expects_it() {
    let rule = "effect = \"advance\"\nto = \"approval\"\n";
    let visiting = format!("{rule}visit = {{ at_most = \"3 working-days\", place = \"address\" }}\n");
    let scenario = "procedures/ubnd-xa/xac-nhan-cu-tru/tests/straight.toml";
    let with = |day: &str, expected: &str| {
        let (dir, folder) = province();
        change(&folder, "workflows/one-stop.toml", rule, &visiting);
        let visit = format!("visit = {{ on = \"{day}\", from = \"09:00\", to = \"10:00\" }}\n{expected}\n");
        change(&folder, scenario, "action = \"propose\"\n", &format!("action = \"propose\"\n{visit}"));
        (dir, folder)
    };
    let expected = "notices = [\"visit-made\"]\nvisits = [\"2026-03-04 09:00-10:00, 12 Yersin\"]";
    let (_dir, folder) = with("2026-03-04", expected);
    assert!(said(&run(&["procedure", "test", path(&folder)]), 0).contains("1 scenarios passed, 0 failed"));
    let (_dir, folder) = with("2026-03-05", expected);
    let told = said(&run(&["procedure", "test", path(&folder)]), 1);
    assert!(told.contains("2026-03-05 09:00-10:00, 12 Yersin"), "{told}");
    let (_dir, folder) = with("2026-03-20", "refused = \"visit-too-late\"");
    let told = said(&run(&["procedure", "test", path(&folder)]), 1);
    assert!(!told.contains("visit-too-late"), "the refusal was expected\n{told}");
}
