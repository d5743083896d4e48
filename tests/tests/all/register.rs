//! The register of results: issued, found, exported, replaced by a renewal, and computed again from the journal.

use crate::command_line::{path, run, said};
use crate::store::rows;
use jiff::civil::date;
use motcua::runtime::ProvinceFolder;
use motcua_domain::names::DossierCode;
use motcua_service::catalogue::scenario;
use motcua_service::scenario::{filed, record};
use motcua_store::log::LogTrust;
use motcua_store::{journal, register};
use motcua_tests::browser::Browser;
use motcua_tests::portal::{App, PASSWORD};
use motcua_tests::walk::{self, PDF, With, act};

on_both! {
    a_result_is_in_the_register_from_its_issue_until_a_renewal_replaces_it
    a_form_that_is_filled_from_an_earlier_result_keeps_what_was_typed_beside
    a_renewal_becomes_a_scenario_with_its_earlier_result
    a_result_of_another_holder_is_neither_offered_nor_replaced
    an_export_of_the_register_is_a_reading_of_each_dossier
    an_applicant_is_told_once_that_a_result_ends_soon
}

const LICENCE: &str = "/procedures/so-tnmt/giay-phep-khai-thac-nuoc-duoi-dat";
const RENEWAL: &str = "/procedures/so-tnmt/gia-han-giay-phep-khai-thac-nuoc-duoi-dat";

/// The first page of both procedures.
const ORGANISATION: &[(&str, &str)] = &[
    ("organisation_name", "Trang trại Phú Giáo"),
    ("tax_code", "0100109106"),
    ("head_office", "Ấp 3, xã An Bình"),
    ("representative_name", "Nguyễn Văn An"),
    ("representative_title", "Giám đốc"),
    ("do", "next"),
];

/// The second page of a licence for two years.
const WORKS: &[(&str, &str)] = &[
    ("purpose", "irrigation"),
    ("flow", "11"),
    ("well_count", "2"),
    ("aquifer", "Pleistocen"),
    ("location", "Ấp 3, xã An Bình"),
    ("years", "2"),
    ("do", "next"),
];

/// The officers of the department, in the order of the steps.
struct Officers {
    counter: Browser,
    head: Browser,
    specialist: Browser,
    appraiser: Browser,
    leader: Browser,
}

impl Officers {
    async fn log_in(app: &App) -> Self {
        Self {
            counter: app.officer("hoa.tnmt").await,
            head: app.officer("phuc.tnmt").await,
            specialist: app.officer("tuan.tnmt").await,
            appraiser: app.officer("nga.tnmt").await,
            leader: app.officer("khanh.tnmt").await,
        }
    }

    /// Takes a dossier through all steps until the result is handed over.
    async fn hand_over(&self, dossier: &str, fee: &str) {
        let note = With { note: "Hồ sơ hợp lệ.", ..With::default() };
        act(&self.counter, dossier, "accept", With::default()).await.ok();
        let paid = [("amount", fee), ("method", "cash"), ("receipt", "")];
        self.counter.post(&format!("{dossier}/payments"), &paid).await.ok();
        let assigned = With { assignee: Some("Bùi Anh Tuấn"), ..With::default() };
        act(&self.head, dossier, "assign", assigned).await.ok();
        act(&self.specialist, dossier, "propose", note).await.ok();
        act(&self.appraiser, dossier, "agree", note).await.ok();
        act(&self.leader, dossier, "approve", With::default()).await.ok();
        let issued = With { result: Some(("giấy phép.pdf", PDF)), ..With::default() };
        act(&self.specialist, dossier, "issue", issued).await.ok();
        act(&self.counter, dossier, "hand-over", With::default()).await.ok();
    }
}

/// Attaches papers to a draft and files it.
async fn file(citizen: &Browser, draft: &str, papers: &[&str]) -> String {
    for paper in papers {
        citizen.upload(&format!("{draft}/papers/{paper}"), &[], &[("file", "giấy tờ.pdf", PDF)]).await.ok();
    }
    walk::file(citizen, draft).await
}

/// Files an application for a licence.
async fn licence(citizen: &Browser) -> String {
    let draft = walk::begin(citizen, LICENCE).await;
    citizen.post(&format!("{draft}/1"), ORGANISATION).await.ok();
    citizen.post(&format!("{draft}/2"), WORKS).await.ok();
    file(citizen, &draft, &["application", "report", "map", "water_test"]).await
}

/// Fills in the second page of a renewal for three years and files it.
async fn renewal(citizen: &Browser, draft: &str, number: &str) -> String {
    let fields = [
        ("licence_number", number),
        ("licence_date", "03/03/2026"),
        ("wish", "extend"),
        ("extension_years", "3"),
        ("do", "next"),
    ];
    citizen.post(&format!("{draft}/2"), &fields).await.ok();
    file(citizen, draft, &["application", "report", "licence"]).await
}

/// Returns the code in the address of a dossier.
fn code(dossier: &str) -> &str {
    dossier.trim_start_matches("/dossiers/")
}

async fn standing(app: &App, dossier: &str) -> (String, Option<String>) {
    let code = DossierCode::parse(code(dossier)).expect("a code");
    let found = register::of_dossier(app.services.database().reader(), &code).await.expect("read").expect("a result");
    let later = found.later.as_ref().map(|later| later.dossier.to_string());
    (found.status(date(2026, 3, 4)).name().to_owned(), later)
}

async fn a_result_is_in_the_register_from_its_issue_until_a_renewal_replaces_it(app: App) {
    let (citizen, officers) = (app.citizen("Nguyễn Văn An", "0912345678").await, Officers::log_in(&app).await);
    let first = licence(&citizen).await;
    assert!(rows(app.services.database(), "SELECT * FROM result").await.is_empty(), "nothing is issued yet");
    officers.hand_over(&first, "400000").await;
    assert_eq!(standing(&app, &first).await, ("valid".to_owned(), None));
    citizen.get(&first).await.ok().has(&["Trang trại Phú Giáo", "Có hiệu lực đến hết ngày"]);
    let wallet = citizen.get("/account/papers").await.ok();
    wallet.has(&[code(&first), "Còn hiệu lực", "Gia hạn, điều chỉnh giấy phép khai thác"]);

    citizen.get(RENEWAL).await.ok();
    let page = citizen.post(&format!("{RENEWAL}/apply"), &[("result", code(&first))]).await.ok();
    let draft = page.path.trim_end_matches("/1").to_owned();
    page.has(&["value=\"Trang trại Phú Giáo\"", "value=\"0100109106\"", "theo kết quả trước đó"]).lacks(&["Điền từ"]);
    citizen.post(&format!("{draft}/1"), ORGANISATION).await.ok().has(&["GP-STNMT"]);
    let number = format!("{}/gp-stnmt", code(&first).to_lowercase());
    let second = renewal(&citizen, &draft, &number).await;
    officers.counter.get(&second).await.ok().has(&["Kết quả trước đó", code(&first)]);
    assert_eq!(standing(&app, &first).await, ("valid".to_owned(), None), "the renewal is not issued yet");
    officers.hand_over(&second, "200000").await;
    assert_eq!(standing(&app, &first).await, ("replaced".to_owned(), Some(code(&second).to_owned())));
    assert_eq!(standing(&app, &second).await, ("valid".to_owned(), None));
    let wallet = citizen.get("/account/papers").await.ok();
    wallet.has(&["Đã được thay thế", "Thay bằng", "Còn hiệu lực"]);

    let database = app.services.database();
    assert!(database.verify(&LogTrust::default()).await.expect("read").is_sound());
    let before = rows(database, "SELECT * FROM result ORDER BY dossier").await;
    assert_eq!(before.len(), 2);
    database.rebuild_projections().await.expect("rebuilt");
    assert_eq!(rows(database, "SELECT * FROM result ORDER BY dossier").await, before);
}

async fn a_form_that_is_filled_from_an_earlier_result_keeps_what_was_typed_beside(app: App) {
    let (citizen, officers) = (app.citizen("Nguyễn Văn An", "0912345678").await, Officers::log_in(&app).await);
    let first = licence(&citizen).await;
    officers.hand_over(&first, "400000").await;
    let draft = walk::begin(&citizen, RENEWAL).await;
    let fill = format!("fill:{}", code(&first));
    let page = citizen.get(&format!("{draft}/1")).await.ok();
    page.has(&[&format!("form=\"page\" formnovalidate name=\"do\" value=\"{fill}\"")]).lacks(&["/apply\""]);
    let typed = [("wish", "extend"), ("extension_years", "3"), ("do", fill.as_str())];
    let page = citizen.post(&format!("{draft}/2"), &typed).await.ok();
    assert_eq!(page.path, format!("{draft}/1"));
    page.has(&["value=\"Trang trại Phú Giáo\"", "theo kết quả trước đó"]);
    citizen.get(&format!("{draft}/2")).await.ok().has(&["value=\"3\"", "GP-STNMT"]);
    let other = app.citizen("Trần Văn Em", "0908111222").await;
    let foreign = walk::begin(&other, RENEWAL).await;
    assert_eq!(other.post(&format!("{foreign}/1"), &[("do", fill.as_str())]).await.status, 404);
}

async fn a_renewal_becomes_a_scenario_with_its_earlier_result(app: App) {
    let (citizen, officers) = (app.citizen("Nguyễn Văn An", "0912345678").await, Officers::log_in(&app).await);
    let first = licence(&citizen).await;
    officers.hand_over(&first, "400000").await;
    let draft = walk::begin(&citizen, RENEWAL).await;
    citizen.post(&format!("{draft}/1"), ORGANISATION).await.ok();
    let number = format!("{}/GP-STNMT", code(&first));
    let second = renewal(&citizen, &draft, &number).await;
    officers.hand_over(&second, "200000").await;
    let province = ProvinceFolder::read(app.dir.path(), &app.clock).expect("the folder");
    for (dossier, is_renewal) in [(&first, false), (&second, true)] {
        let parsed = DossierCode::parse(code(dossier)).expect("a code");
        let events = journal::events(app.services.database().reader(), &parsed).await.expect("read");
        let procedure = filed(&events).expect("a filing").procedure.clone();
        let known = province.install.declared.iter().find(|known| known.procedure.code == procedure);
        let declared = known.expect("a procedure of the folder");
        let text = scenario::write(&record(&declared.procedure, &events).expect("it can be repeated"));
        assert!(text.contains("number = \"H00-") && text.contains("valid_until = "), "{text}");
        assert_eq!(text.contains(&format!("[earlier]\nnumber = \"{number}\"")), is_renewal, "{text}");
        assert_eq!(text.contains(&format!("follows = \"{number}\"")), is_renewal, "{text}");
        let at = format!("procedures/{}/{}/tests", declared.procedure.group, declared.procedure.slug);
        std::fs::write(app.dir.path().join(at).join("played-again.toml"), text).expect("written");
    }
    let told = said(&run(&["procedure", "test", path(app.dir.path()), "--only", "played-again"]), 0);
    assert!(told.contains("2 scenarios passed, 0 failed"), "{told}");
}

async fn a_result_of_another_holder_is_neither_offered_nor_replaced(app: App) {
    let (citizen, officers) = (app.citizen("Nguyễn Văn An", "0912345678").await, Officers::log_in(&app).await);
    let first = licence(&citizen).await;
    officers.hand_over(&first, "400000").await;
    let other = app.citizen("Trần Văn Em", "0908111222").await;
    other.get("/account/papers").await.ok().lacks(&[code(&first)]);
    let stolen = other.post(&format!("{RENEWAL}/apply"), &[("result", code(&first))]).await;
    assert_eq!(stolen.status, 404);
    let draft = walk::begin(&other, RENEWAL).await;
    other.get(&format!("{draft}/1")).await.ok().lacks(&["Điền từ", "Trang trại Phú Giáo"]);
    let mut organisation = ORGANISATION.to_vec();
    organisation[1] = ("tax_code", "0312120782");
    other.post(&format!("{draft}/1"), &organisation).await.ok();
    let second = renewal(&other, &draft, &format!("{}/GP-STNMT", code(&first))).await;
    officers.hand_over(&second, "200000").await;
    assert_eq!(standing(&app, &first).await, ("valid".to_owned(), None));
}

async fn an_export_of_the_register_is_a_reading_of_each_dossier(app: App) {
    let (citizen, officers) = (app.citizen("Nguyễn Văn An", "0912345678").await, Officers::log_in(&app).await);
    let dossier = licence(&citizen).await;
    officers.hand_over(&dossier, "400000").await;
    let counter = &officers.counter;
    counter.get("/results").await.ok().has(&[code(&dossier), "Trang trại Phú Giáo"]);
    for (words, is_found) in [("trang trai", true), ("0100109106", true), ("cong ty", false)] {
        let page = counter.post("/results", &[("q", words)]).await.ok();
        assert_eq!(page.path, "/results", "no address has what was searched for");
        assert_eq!(page.body.contains(code(&dossier)), is_found, "{words}");
    }
    counter.get("/results?q=cong+ty").await.ok().has(&[code(&dossier)]);
    counter.get("/results?within=90").await.ok().lacks(&[code(&dossier)]);
    let stranger = app.officer("lan.khdt").await;
    stranger.get("/results").await.ok().lacks(&[code(&dossier)]);
    stranger.get("/results.csv").await.ok().lacks(&[code(&dossier)]);
    let readings = || rows(app.services.database(), "SELECT * FROM reading");
    let before = readings().await.len();
    counter.get("/results.csv").await.ok().has(&[code(&dossier), "\"0100109106\"", "\"2028-03-03\""]);
    assert_eq!(readings().await.len(), before + 1);
    let table = counter.post("/results.csv", &[("q", "trang trai")]).await.ok();
    table.has(&[code(&dossier), "\"Người được cấp\"", "\"Còn hiệu lực\""]).lacks(&["followed_by"]);
    counter.post("/results.csv", &[("q", "cong ty")]).await.ok().lacks(&[code(&dossier)]);

    // Two months before the end.
    app.at(date(2028, 1, 10).at(9, 0, 0, 0));
    let counter = app.officer("hoa.tnmt").await;
    counter.get("/results?within=90").await.ok().has(&[code(&dossier)]);
    counter.get("/results?within=30").await.ok().lacks(&[code(&dossier)]);
    app.at(date(2028, 3, 4).at(9, 0, 0, 0));
    let counter = app.officer("hoa.tnmt").await;
    counter.get("/results").await.ok().has(&["Đã hết hạn"]);
}

async fn an_applicant_is_told_once_that_a_result_ends_soon(app: App) {
    let (citizen, officers) = (app.citizen("Nguyễn Văn An", "0912345678").await, Officers::log_in(&app).await);
    let dossier = licence(&citizen).await;
    officers.hand_over(&dossier, "400000").await;
    let told = "SELECT * FROM notice WHERE event = 'expiry-announced'";
    let database = app.services.database();
    for (day, expected) in [(date(2027, 12, 3), 0), (date(2027, 12, 5), 1), (date(2028, 1, 10), 1)] {
        app.at(day.at(9, 0, 0, 0));
        app.services.jobs.run_jobs().await.expect("jobs run");
        assert_eq!(rows(database, told).await.len(), expected, "{day}");
    }
    assert!(database.verify(&LogTrust::default()).await.expect("read").is_sound());
    let citizen = app.visitor();
    citizen.log_in("0912345678", PASSWORD).await;
    citizen.get("/account/notices").await.ok().has(&["sắp hết hiệu lực"]);
}
