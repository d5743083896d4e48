//! The journey in headless Chromium without scripts, as each of the people involved, with a screenshot of every page.

use crate::chromium::{Driver, Person};
use anyhow::ensure;
use fantoccini::Locator;
use motcua_tests::portal::{App, Kind, PASSWORD};
use motcua_tests::postgres::VARIABLE;
use motcua_tests::proxy::Proxy;
use motcua_tests::walk;
use std::path::Path;

#[tokio::test(flavor = "multi_thread")]
async fn the_journey_is_walked_in_chromium_by_everybody_involved() {
    let app = App::start(Kind::Sqlite).await;
    let driver = Driver::start().await.expect("a driver");
    journey(&app, &driver).await.expect("the journey");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_saved_is_sent_again_with_one_press() {
    let cluster = std::env::var(VARIABLE).expect("run the tests by scripts/test");
    let proxy = Proxy::start(&cluster).await.expect("a proxy");
    let app = App::start_on(Kind::Postgres, Some(proxy.cluster())).await.expect("the portal starts");
    let driver = Driver::start().await.expect("a driver");
    send_again(&app, &proxy, &driver).await.expect("it is sent again");
}

async fn send_again(app: &App, proxy: &Proxy, driver: &Driver) -> anyhow::Result<()> {
    let dossier = walk::birth(&app.citizen("Nguyễn Văn An", "0912345678").await).await;
    let citizen = Person::sit_down("citizen", driver, app).await?;
    citizen.log_in("0912345678").await?;
    citizen.open(&dossier).await?;
    citizen.type_into("message.text", "Dòng \"đầu\" <1> & 2\nDòng sau").await?;
    proxy.set_down(true);
    citizen.press("button[formaction$='/messages']").await?;
    citizen.sees("Chưa ghi được").await?;
    citizen.shot("not-saved").await?;
    proxy.set_down(false);
    // The first requests may meet connections that have ended.
    let mut presses = 0;
    while citizen.client.find(Locator::Css("form.again")).await.is_ok() {
        presses += 1;
        ensure!(presses < 100, "the portal does not go on by itself");
        citizen.press("form.again button").await?;
    }
    let mut texts = Vec::new();
    for _ in 0..100 {
        citizen.open(&dossier).await?;
        for found in citizen.client.find_all(Locator::Css(".messages .pre")).await? {
            texts.push(found.text().await?);
        }
        if !texts.is_empty() {
            break;
        }
    }
    ensure!(texts == ["Dòng \"đầu\" <1> & 2\nDòng sau"], "{texts:?}");
    citizen.leave().await
}

/// The dossier of the journey.
const DOSSIER: &str = "/dossiers/H09.14-260303-0001";

async fn journey(app: &App, driver: &Driver) -> anyhow::Result<()> {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/motcua/src/demo");
    let (pdf, photo) = (demo.join("paper.pdf").canonicalize()?, demo.join("photo.jpg").canonicalize()?);
    let citizen = Person::sit_down("citizen", driver, app).await?;
    find_and_file(&citizen, &pdf).await?;
    let counter = Person::sit_down("counter", driver, app).await?;
    ask_and_supplement(&citizen, &counter, &pdf).await?;
    accept_and_pay(&citizen, &counter).await?;
    let leader = decide(app, driver, &pdf).await?;
    hand_over_and_rate(&citizen, counter, leader).await?;
    read_findings(citizen, &photo).await?;

    let auditor = Person::sit_down("auditor", driver, app).await?;
    auditor.log_in("kiemsoat").await?;
    auditor.open("/desk?view=ended").await?;
    auditor.sees("H09.14-260303-0001").await?;
    auditor.shot("desk").await?;
    auditor.leave().await
}

/// Registers, finds the procedure, reads, fills in, attaches, reviews and files.
async fn find_and_file(citizen: &Person<'_>, pdf: &Path) -> anyhow::Result<()> {
    citizen.open("/").await?;
    citizen.shot("home").await?;
    citizen.type_into("q", "tham do nuoc duoi dat").await?;
    citizen.press("main form.search button").await?;
    citizen.sees("Tìm thấy 2 thủ tục").await?;
    citizen.shot("search").await?;
    citizen.press_words("Cấp giấy phép thăm dò nước dưới đất").await?;
    citizen.sees("45 ngày làm việc").await?;
    citizen.shot("procedure").await?;
    citizen.press_words("Nộp hồ sơ trực tuyến").await?;
    citizen.sees("Chưa có tài khoản?").await?;
    citizen.shot("login").await?;
    citizen.press_words("Đăng ký tài khoản").await?;
    citizen.type_into("name", "Trần Thị Bích").await?;
    citizen.type_into("phone", "0908 111 222").await?;
    citizen.type_into("password", PASSWORD).await?;
    citizen.shot("register").await?;
    citizen.press("main button.primary").await?;
    citizen.shot("form-empty").await?;
    citizen.press("button.primary[value=next]").await?;
    citizen.sees("Hãy nhập “Tên tổ chức, cá nhân”").await?;
    citizen.shot("form-findings").await?;
    citizen.type_into("organisation_name", "Trang trại Phú Giáo").await?;
    citizen.type_into("tax_code", "0100109106").await?;
    citizen.type_into("address", "Ấp 3, xã An Bình").await?;
    citizen.press("button.primary[value=next]").await?;
    citizen.choose("purpose", "irrigation").await?;
    for (name, value) in [("flow", "320"), ("location", "Ấp 3, xã An Bình"), ("well_count", "2"), ("depth", "65,5")]
    {
        citizen.type_into(name, value).await?;
    }
    citizen.type_date("start_date", "01/06/2026").await?;
    citizen.shot("form-filled").await?;
    citizen.press("button.primary[value=next]").await?;
    for paper in ["application", "project", "land_certificate"] {
        citizen.attach(&format!("#file-{paper}"), pdf).await?;
        citizen.press(&format!("button[formaction$='/papers/{paper}']")).await?;
    }
    citizen.shot("papers").await?;
    citizen.press_words("Tiếp tục").await?;
    citizen.sees("400.000 đ").await?;
    citizen.tap("input[name=consent]").await?;
    citizen.shot("review").await?;
    citizen.press_words("Nộp hồ sơ").await?;
    citizen.sees("H09.14-260303-0001").await?;
    citizen.sees("08/05/2026 09:00").await?;
    citizen.shot("receipt").await
}

/// Requests missing papers. The citizen gets a notice and supplements.
async fn ask_and_supplement(citizen: &Person<'_>, counter: &Person<'_>, pdf: &Path) -> anyhow::Result<()> {
    counter.log_in("hoa.tnmt").await?;
    counter.sees("H09.14-260303-0001").await?;
    counter.shot("desk").await?;
    counter.press(".dense a").await?;
    counter.shot("dossier").await?;
    counter.tap("summary.request-supplement").await?;
    counter
        .client
        .find(Locator::Css("textarea[id^='reason-'][id$='-request-supplement']"))
        .await?
        .send_keys("Thiếu bản đồ vị trí giếng.")
        .await?;
    counter.press("button[formaction$='/request-supplement']").await?;
    counter.sees("Chờ bổ sung").await?;
    citizen.open("/account/notices").await?;
    citizen.sees("Cơ quan đề nghị bổ sung hồ sơ").await?;
    citizen.shot("notices").await?;
    citizen.press(".list a").await?;
    citizen.shot("supplement-asked").await?;
    citizen.press_words("Bổ sung ngay").await?;
    citizen.tap("details.progress summary").await?;
    citizen.press_words("Giấy tờ").await?;
    citizen.attach("#file-project", pdf).await?;
    citizen.press("button[formaction$='/papers/project']").await?;
    citizen.press_words("Tiếp tục").await?;
    citizen.shot("supplement-review").await?;
    citizen.press_words("Gửi bổ sung").await?;
    citizen.sees("Mới nộp").await
}

async fn accept_and_pay(citizen: &Person<'_>, counter: &Person<'_>) -> anyhow::Result<()> {
    counter.open(DOSSIER).await?;
    counter.press("button[formaction$='/accept']").await?;
    counter.sees("Chờ thanh toán").await?;
    citizen.open(DOSSIER).await?;
    citizen.sees("Cần thanh toán: 400.000 đ").await?;
    citizen.shot("to-pay").await?;
    counter.type_into("payment.receipt", "BL-0042").await?;
    counter.shot("payment").await?;
    counter.press_words("Ghi nhận đã thu").await?;
    counter.sees("BL-0042").await
}

/// Assigns, processes, appraises, approves and issues the dossier. Returns the leader.
async fn decide<'a>(app: &App, driver: &'a Driver, pdf: &Path) -> anyhow::Result<Person<'a>> {
    let head = Person::sit_down("head", driver, app).await?;
    head.log_in("phuc.tnmt").await?;
    head.press(".dense a").await?;
    head.tap("summary.main").await?;
    head.tap("select[id^='assignee-'] option:nth-child(2)").await?;
    head.shot("assign").await?;
    head.press("button[formaction$='/assign']").await?;
    head.sees("Bùi Anh Tuấn").await?;
    head.leave().await?;

    let specialist = Person::sit_down("specialist", driver, app).await?;
    specialist.log_in("tuan.tnmt").await?;
    specialist.press(".dense a").await?;
    specialist.type_into("message.text", "Mời ông/bà chuẩn bị đón đoàn kiểm tra thực địa.").await?;
    specialist.press_words("Gửi").await?;
    specialist.tap("summary.main").await?;
    specialist
        .client
        .find(Locator::Css("textarea[id^='note-'][id$='-propose']"))
        .await?
        .send_keys("Đề án đủ căn cứ.")
        .await?;
    specialist.shot("processing").await?;
    specialist.press("button[formaction$='/propose']").await?;
    specialist.sees("Thẩm định").await?;

    let appraiser = Person::sit_down("appraiser", driver, app).await?;
    appraiser.log_in("nga.tnmt").await?;
    appraiser.press(".dense a").await?;
    appraiser.tap("summary.main").await?;
    appraiser.client.find(Locator::Css("textarea[id^='note-'][id$='-agree']")).await?.send_keys("Nhất trí.").await?;
    appraiser.shot("appraisal").await?;
    appraiser.press("button[formaction$='/agree']").await?;
    appraiser.leave().await?;

    let leader = Person::sit_down("leader", driver, app).await?;
    leader.log_in("khanh.tnmt").await?;
    leader.press(".dense a").await?;
    leader.shot("approval").await?;
    leader.press("button[formaction$='/approve']").await?;
    leader.sees("Phát hành kết quả").await?;

    specialist.open(DOSSIER).await?;
    specialist.tap("summary.main").await?;
    specialist.attach("input[id^='result-'][id$='-issue']", pdf).await?;
    specialist.press("button[formaction$='/issue']").await?;
    specialist.sees("Đã có kết quả").await?;
    specialist.leave().await?;
    Ok(leader)
}

/// Hands the dossier over. The citizen takes the result and rates.
async fn hand_over_and_rate(citizen: &Person<'_>, counter: Person<'_>, leader: Person<'_>) -> anyhow::Result<()> {
    counter.open(DOSSIER).await?;
    counter.press("button[formaction$='/hand-over']").await?;
    counter.sees("Đã trả kết quả").await?;
    counter.open("/desk?view=ended").await?;
    counter.shot("ended").await?;
    counter.leave().await?;
    citizen.open(DOSSIER).await?;
    citizen.sees("kiểm tra thực địa").await?;
    citizen.shot("result").await?;
    for criterion in ["attitude", "guidance", "trips", "timeliness", "overall"] {
        citizen.choose(&format!("rating.{criterion}"), "2").await?;
    }
    citizen.client.find(Locator::Css("#rating-text")).await?.send_keys("Không phải đi lại lần nào.").await?;
    citizen.shot("rating").await?;
    citizen.press_words("Gửi đánh giá").await?;
    citizen.sees("Không phải đi lại lần nào.").await?;
    citizen.open(&format!("{DOSSIER}/readings")).await?;
    citizen.sees("Phạm Thị Hoa").await?;
    citizen.shot("readings").await?;
    citizen.open("/account").await?;
    citizen.shot("account").await?;
    leader.open("/desk/figures").await?;
    leader.shot("figures").await?;
    leader.leave().await
}

/// Fills in the form of a company, for its members in rows and the plugin's findings, and a photograph as a paper.
async fn read_findings(citizen: Person<'_>, photo: &Path) -> anyhow::Result<()> {
    citizen.open(walk::COMPANY).await?;
    citizen.press_words("Nộp hồ sơ trực tuyến").await?;
    citizen.tap("details.progress summary").await?;
    citizen.press_words("Vốn và thành viên").await?;
    citizen.type_into("charter_capital", "2.000.000.000").await?;
    for (at, share) in [("0", "60"), ("1", "30")] {
        citizen.type_into(&format!("members.{at}.name"), "Nguyễn Văn An").await?;
        citizen.type_date(&format!("members.{at}.birth_date"), "15/03/1985").await?;
        citizen.type_into(&format!("members.{at}.citizen_number"), "074085000123").await?;
        citizen.type_into(&format!("members.{at}.contribution"), "1.000.000.000").await?;
        citizen.type_into(&format!("members.{at}.share"), share).await?;
    }
    citizen.press("button.primary[value=next]").await?;
    citizen.sees("Tổng tỷ lệ góp vốn phải bằng 100 %; hiện là 90,00 %.").await?;
    citizen.sees("Nguyễn Văn An đã được khai ở thành viên số 1.").await?;
    citizen.shot("plugin-findings").await?;
    citizen.tap("details.progress summary").await?;
    citizen.press("ol.progress li:nth-child(4) button").await?;
    citizen.attach("#file-identity_papers", photo).await?;
    citizen.press("button[formaction$='/papers/identity_papers']").await?;
    citizen.sees("photo.jpg").await?;
    citizen.open("/nowhere").await?;
    citizen.shot("not-found").await?;
    citizen.open("/language/en?back=/").await?;
    citizen.sees("What do you need to get done?").await?;
    citizen.shot("english").await?;
    citizen.leave().await
}
