//! Paying fees over a payment gateway, which misbehaves in every way.

use crate::store::rows;
use jiff::SignedDuration;
use motcua_domain::procedure::plugin::Secret;
use motcua_service::catalogue::payment::PaymentSettings;
use motcua_service::{PaymentSetup, Services};
use motcua_store::log::LogTrust;
use motcua_tests::browser::{Browser, Page};
use motcua_tests::payments::{GatewayMood, PAYMENT_SECRET, StandInGateway, TERMINAL};
use motcua_tests::portal::{App, PASSWORD, serve};
use motcua_tests::walk::{self, With, act};
use serde_json::Value as Json;
use std::fs;

on_both! {
    an_applicant_pays_at_the_gateway_and_the_dossier_goes_on
    a_call_back_that_is_forged_or_about_something_else_records_nothing
    a_call_back_that_comes_twice_or_at_once_records_the_money_once
    money_that_comes_late_is_recorded_all_the_same
    money_for_a_withdrawn_dossier_is_recorded_and_can_be_paid_back
    a_browser_that_comes_back_first_counts_only_with_the_signature
    a_payment_that_failed_is_nothing_until_the_gateway_says_otherwise
    a_click_begins_one_payment_and_the_next_page_another
    a_payment_of_which_nobody_tells_is_asked_about_and_given_up_after_a_day
    a_gateway_that_lies_to_a_question_records_nothing
    nobody_but_the_applicant_pays_and_only_the_page_for_it_leads_elsewhere
    a_gateway_is_tried_by_its_name
}

/// The fee of the procedure, as the gateway counts it and as people read it.
const FEE: i64 = 50_000;
const PARTS: &str = "5000000";

/// A portal with a payment gateway.
struct Shop {
    services: Services,
    base: String,
    gateway: StandInGateway,
}

/// Serves the portal again with a gateway at which people wait.
async fn shop(app: &App) -> Shop {
    let gateway = StandInGateway::open().await;
    gateway.behave(GatewayMood::Waiting);
    let file = app.dir.path().join("motcua.toml");
    let settings = fs::read_to_string(&file).expect("the settings");
    fs::write(&file, settings + &gateway.settings()).expect("they can be written");
    let (services, base) = serve(app.dir.path(), app.clock.clone()).await.expect("the portal starts");
    Shop { services, base, gateway }
}

impl Shop {
    async fn officer(&self, login: &str) -> Browser {
        let browser = Browser::new(&self.base);
        browser.log_in(login, PASSWORD).await;
        browser
    }

    /// Returns an applicant with a dossier whose workflow waits for the fee.
    async fn owing(&self) -> (Browser, String) {
        let citizen = Browser::new(&self.base);
        citizen.register("Nguyễn Văn An", "0912345678", PASSWORD).await;
        let dossier = walk::company(&citizen).await;
        act(&self.officer("lan.khdt").await, &dossier, "accept", With::default()).await.ok();
        (citizen, dossier)
    }

    /// Lets an applicant go to the gateway.
    async fn begun(&self) -> (Browser, String) {
        let (citizen, dossier) = self.owing().await;
        self.go(&citizen, &dossier).await;
        (citizen, dossier)
    }

    async fn go(&self, citizen: &Browser, dossier: &str) {
        citizen.get(&format!("{dossier}/pay")).await.ok().has(&["Sang cổng thanh toán", "50.000 đ"]);
        assert_eq!(citizen.post(&format!("{dossier}/pay"), &[]).await.ok().path, "/pay");
    }

    /// Calls the portal back, and returns the code of its answer.
    async fn call(&self, word: &str) -> String {
        let page = Browser::new(&self.base).get(&format!("/payment/notice?{word}")).await.ok();
        assert_eq!(page.headers["content-type"], "application/json");
        let answer: Json = serde_json::from_str(&page.body).expect("JSON");
        answer["RspCode"].as_str().expect("a code").to_owned()
    }

    /// Returns the amounts of all payments that are recorded. The books have to agree.
    async fn recorded(&self) -> Vec<i64> {
        let database = self.services.database();
        let entries = rows(database, "SELECT amount FROM money_entry").await;
        let sum: i64 = entries.iter().filter_map(|row| row["amount"].as_i64()).sum();
        assert_eq!(sum, 0, "the entries add up to nothing");
        let report = database.verify(&LogTrust::default()).await.expect("read");
        assert!(report.is_sound(), "{:?}", report.findings);
        let paid = rows(database, "SELECT amount FROM money_movement WHERE kind = 'payment' ORDER BY version").await;
        paid.iter().filter_map(|row| row["amount"].as_i64()).collect()
    }

    async fn states(&self) -> Vec<String> {
        let sql = "SELECT state FROM online_payment ORDER BY begun_at, reference";
        let found = rows(self.services.database(), sql).await;
        found.iter().filter_map(|row| row["state"].as_str().map(str::to_owned)).collect()
    }

    /// Returns the reasons of the jobs that an administrator is shown.
    async fn told_administrator(&self) -> String {
        self.officer("quantri").await.get("/admin/jobs").await.ok().text()
    }
}

fn later(app: &App, seconds: i64) {
    app.clock.set(app.clock.now() + SignedDuration::from_secs(seconds));
}

async fn an_applicant_pays_at_the_gateway_and_the_dossier_goes_on(app: App) {
    let shop = shop(&app).await;
    shop.gateway.behave(GatewayMood::Usual);
    let (citizen, dossier) = shop.owing().await;
    let pay = format!("{dossier}/pay");
    citizen.get(&dossier).await.ok().has(&["Thanh toán trực tuyến", &format!("href=\"{pay}\"")]);
    citizen.get(&pay).await.ok();
    let back = citizen.post(&pay, &[]).await.ok();
    assert_eq!(back.path, "/payment/return");
    back.has(&["50.000 đ", "Cơ quan đã nhận được tiền", &dossier]);
    // The gateway called back before the browser returned.
    assert_eq!(shop.gateway.answers().len(), 1);
    assert!(shop.gateway.answers()[0].contains("\"00\""), "{:?}", shop.gateway.answers());
    assert_eq!((shop.recorded().await, shop.states().await), (vec![FEE], vec!["paid".to_owned()]));
    let page = citizen.get(&dossier).await.ok();
    page.has(&["Đã tiếp nhận", &shop.gateway.reference()]).lacks(&["Cần thanh toán"]);
    citizen.get(&format!("{dossier}/money")).await.ok().has(&["50.000 đ", &shop.gateway.reference()]);
    citizen.get(&pay).await.ok().has(&["không có khoản nào phải thanh toán trực tuyến"]).lacks(&["Sang cổng"]);
    assert_eq!(shop.call(&shop.gateway.word(&[])).await, "02");
    later(&app, 3600);
    assert_eq!(shop.services.payments.ask_about_open().await.expect("asked"), 1);
    assert_eq!(shop.gateway.asked(), 0, "nobody asks about a payment that is recorded");
    assert_eq!(shop.recorded().await, [FEE]);
}

async fn a_call_back_that_is_forged_or_about_something_else_records_nothing(app: App) {
    let shop = shop(&app).await;
    let (_, dossier) = shop.begun().await;
    let good = shop.gateway.word(&[]);
    for (word, code) in [
        (String::new(), "97"),
        (good.replace(PARTS, "100"), "97"),
        (format!("{good}&vnp_Amount=100"), "97"),
        (good.split("&vnp_SecureHash").next().expect("parameters").to_owned(), "97"),
        (shop.gateway.word_signed_by("somebody else", &[]), "97"),
        (shop.gateway.word_signed_by("", &[]), "97"),
        (shop.gateway.word(&[("vnp_TmnCode", "OTHER")]), "01"),
        (shop.gateway.word(&[("vnp_TxnRef", "0123456789")]), "01"),
        (shop.gateway.word(&[("vnp_Amount", "100")]), "04"),
        (shop.gateway.word(&[("vnp_Amount", "-5000000")]), "04"),
        (shop.gateway.word(&[("vnp_Amount", "50000.00")]), "04"),
        (shop.gateway.word(&[("vnp_CurrCode", "USD")]), "04"),
    ] {
        assert_eq!(shop.call(&word).await, code, "{word}");
    }
    assert_eq!((shop.recorded().await, shop.states().await), (vec![], vec!["open".to_owned()]), "{dossier}");
    assert_eq!(shop.call(&shop.gateway.word(&[("vnp_CurrCode", "VND")])).await, "00");
    assert_eq!(shop.recorded().await, [FEE]);
}

async fn a_call_back_that_comes_twice_or_at_once_records_the_money_once(app: App) {
    let shop = shop(&app).await;
    shop.begun().await;
    let word = shop.gateway.word(&[]);
    let codes = futures::future::join_all((0..6).map(|_| shop.call(&word))).await;
    assert!(codes.iter().any(|code| code == "00"), "{codes:?}");
    assert!(codes.iter().all(|code| ["00", "02", "99"].contains(&code.as_str())), "{codes:?}");
    assert_eq!(shop.call(&word).await, "02");
    assert_eq!(shop.recorded().await, [FEE]);
}

async fn money_that_comes_late_is_recorded_all_the_same(app: App) {
    let shop = shop(&app).await;
    let (citizen, dossier) = shop.begun().await;
    later(&app, 3600);
    assert_eq!(shop.services.payments.ask_about_open().await.expect("asked"), 1);
    assert_eq!((shop.gateway.asked(), shop.states().await), (1, vec!["failed".to_owned()]), "nobody had paid");
    assert_eq!(shop.call(&shop.gateway.word(&[])).await, "00");
    assert_eq!((shop.recorded().await, shop.states().await), (vec![FEE], vec!["paid".to_owned()]));
    citizen.get(&dossier).await.ok().has(&["Đã tiếp nhận"]).lacks(&["Cần thanh toán"]);

    // Somebody paid at the counter in the meantime.
    let other = walk::company(&citizen).await;
    let lan = shop.officer("lan.khdt").await;
    act(&lan, &other, "accept", With::default()).await.ok();
    shop.go(&citizen, &other).await;
    let cash = [("amount", "50000"), ("method", "cash"), ("receipt", "")];
    lan.post(&format!("{other}/payments"), &cash).await.ok();
    assert_eq!(shop.call(&shop.gateway.word(&[])).await, "00");
    lan.get(&other).await.ok().has(&["Hoàn trả cho người nộp", "50.000 đ"]);
}

async fn money_for_a_withdrawn_dossier_is_recorded_and_can_be_paid_back(app: App) {
    let shop = shop(&app).await;
    let (citizen, dossier) = shop.begun().await;
    citizen.post(&format!("{dossier}/withdraw"), &[("reason", "Đổi ý.")]).await.ok();
    assert_eq!(shop.call(&shop.gateway.word(&[])).await, "00");
    assert_eq!(shop.recorded().await, [FEE]);
    let lan = shop.officer("lan.khdt").await;
    lan.get(&dossier).await.ok().has(&["Hoàn trả cho người nộp", "50.000 đ"]);
    let refund = [("amount", "50000"), ("method", "bank-transfer"), ("receipt", "FT-9")];
    lan.post(&format!("{dossier}/refunds"), &refund).await.ok().has(&["FT-9"]);
    citizen.get(&format!("{dossier}/pay")).await.ok().has(&["không có khoản nào"]);
    assert_eq!(citizen.post(&format!("{dossier}/pay"), &[]).await.status, 422);
}

async fn a_browser_that_comes_back_first_counts_only_with_the_signature(app: App) {
    let shop = shop(&app).await;
    let (citizen, dossier) = shop.begun().await;
    let back = |word: String| format!("/payment/return?{word}");
    for word in [String::new(), shop.gateway.word_signed_by("somebody else", &[])] {
        let page = citizen.get(&back(word)).await;
        assert_eq!(page.status, 422);
        page.has(&["Chưa xác nhận được kết quả"]).lacks(&[dossier.trim_start_matches("/dossiers/")]);
    }
    assert_eq!(shop.recorded().await, Vec::<i64>::new());
    // The session may have ended at the gateway.
    let page = Browser::new(&shop.base).get(&back(shop.gateway.word(&[]))).await.ok();
    page.has(&["Cơ quan đã nhận được tiền", "50.000 đ", &dossier]).lacks(&["Nguyễn Văn An"]);
    assert_eq!(shop.recorded().await, [FEE]);
    assert_eq!(shop.call(&shop.gateway.word(&[])).await, "02");
    assert_eq!(shop.recorded().await, [FEE]);
}

async fn a_payment_that_failed_is_nothing_until_the_gateway_says_otherwise(app: App) {
    let shop = shop(&app).await;
    let (citizen, dossier) = shop.begun().await;
    let failed = shop.gateway.word(&[("vnp_ResponseCode", "24"), ("vnp_TransactionStatus", "02")]);
    let page = citizen.get(&format!("/payment/return?{failed}")).await.ok();
    page.has(&["Chưa thanh toán được"]);
    assert_eq!(shop.call(&failed).await, "02");
    assert_eq!((shop.recorded().await, shop.states().await), (vec![], vec!["failed".to_owned()]));
    citizen.get(&format!("{dossier}/pay")).await.ok().has(&["Lần thanh toán gần nhất", "Chưa thanh toán được"]);
    assert_eq!(shop.call(&shop.gateway.word(&[])).await, "00");
    assert_eq!((shop.recorded().await, shop.states().await), (vec![FEE], vec!["paid".to_owned()]));
    assert_eq!(shop.call(&failed).await, "02", "money that is recorded stays");
    assert_eq!(shop.states().await, ["paid"]);
}

async fn a_click_begins_one_payment_and_the_next_page_another(app: App) {
    let shop = shop(&app).await;
    let (citizen, dossier) = shop.begun().await;
    let (first, proof) = (shop.gateway.reference(), citizen.proof());
    assert_eq!(citizen.post(&format!("{dossier}/pay"), &[]).await.ok().path, "/pay");
    assert_eq!((shop.gateway.reference(), shop.states().await.len()), (first.clone(), 1));
    shop.go(&citizen, &dossier).await;
    assert_ne!(shop.gateway.reference(), first);
    assert_eq!(shop.states().await.len(), 2);
    // An old page does not lead to a payment whose time is over.
    later(&app, 3600);
    citizen.back_to(&proof);
    assert_eq!(citizen.post(&format!("{dossier}/pay"), &[]).await.status, 422);
    for _ in 0..30 {
        citizen.get(&format!("{dossier}/pay")).await.ok();
        citizen.post(&format!("{dossier}/pay"), &[]).await;
    }
    assert!(shop.states().await.len() <= 2 + 20, "a dossier begins a bounded number of payments");
}

async fn a_payment_of_which_nobody_tells_is_asked_about_and_given_up_after_a_day(app: App) {
    let shop = shop(&app).await;
    let (citizen, dossier) = shop.begun().await;
    shop.gateway.work_on();
    let asks = async || shop.services.payments.ask_about_open().await.expect("asked");
    later(&app, 15 * 60);
    assert_eq!((asks().await, shop.gateway.asked()), (0, 0), "the applicant may still pay");
    later(&app, 61);
    assert_eq!((asks().await, shop.gateway.asked()), (0, 1));
    assert_eq!((asks().await, shop.gateway.asked()), (0, 1), "a pause follows");
    shop.gateway.behave(GatewayMood::HangingUp);
    later(&app, 61);
    assert_eq!((asks().await, shop.gateway.asked()), (0, 2));
    shop.gateway.behave(GatewayMood::Waiting);
    shop.gateway.take_money();
    later(&app, 3600);
    assert_eq!((asks().await, shop.gateway.asked()), (1, 3));
    assert_eq!(shop.recorded().await, [FEE]);
    citizen.get(&dossier).await.ok().has(&["Đã tiếp nhận"]).lacks(&["Cần thanh toán"]);

    let other = walk::company(&citizen).await;
    act(&shop.officer("lan.khdt").await, &other, "accept", With::default()).await.ok();
    shop.go(&citizen, &other).await;
    shop.gateway.work_on();
    later(&app, 86_400);
    assert_eq!(asks().await, 0);
    let asked = shop.gateway.asked();
    later(&app, 30 * 86_400);
    assert_eq!((asks().await, shop.gateway.asked()), (0, asked), "it was given up");
    let told = shop.told_administrator().await;
    assert!(told.contains("Hỏi cổng thanh toán") && told.contains("does not know yet"), "{told}");
    assert_eq!(shop.call(&shop.gateway.word(&[])).await, "00", "a call-back still counts");
}

async fn a_gateway_that_lies_to_a_question_records_nothing(app: App) {
    let shop = shop(&app).await;
    shop.begun().await;
    shop.gateway.take_money();
    for (mood, why) in [
        (GatewayMood::Forging, "the signature of the answer is wrong"),
        (GatewayMood::OtherAmount, "the gateway took another amount"),
    ] {
        shop.gateway.behave(mood);
        later(&app, 7200);
        assert_eq!(shop.services.payments.ask_about_open().await.expect("asked"), 0, "{mood:?}");
        let told = rows(shop.services.database(), "SELECT error FROM job WHERE kind = 'payment'").await;
        let told = told.first().and_then(|row| row["error"].as_str()).unwrap_or_default().to_owned();
        assert!(told.contains(why), "{mood:?}: {told}");
    }
    assert_eq!((shop.recorded().await, shop.states().await), (vec![], vec!["open".to_owned()]));
}

async fn nobody_but_the_applicant_pays_and_only_the_page_for_it_leads_elsewhere(app: App) {
    let shop = shop(&app).await;
    let (citizen, dossier) = shop.owing().await;
    let pay = format!("{dossier}/pay");
    let policy = |page: &Page| page.headers["content-security-policy"].to_str().expect("plain").to_owned();
    let page = citizen.get(&pay).await.ok();
    assert!(policy(&page).contains(&format!("form-action 'self' {};", shop.gateway.origin())), "{}", policy(&page));
    for path in [dossier.as_str(), "/", "/payment/return"] {
        let page = citizen.get(path).await;
        assert!(policy(&page).contains("form-action 'self';"), "{path}: {}", policy(&page));
    }
    let (stranger, visitor) = (Browser::new(&shop.base), Browser::new(&shop.base));
    stranger.register("Người Khác", "0900111999", PASSWORD).await;
    visitor.get("/login").await.ok();
    let lan = shop.officer("lan.khdt").await;
    lan.get(&dossier).await.ok().lacks(&["Thanh toán trực tuyến"]);
    for (browser, status) in [(&stranger, 404), (&visitor, 401), (&lan, 403)] {
        assert_eq!((browser.get(&pay).await.status, browser.post(&pay, &[]).await.status), (status, status));
    }
    assert_eq!(citizen.post_from_elsewhere(&pay, &[]).await.status, 403);
    assert_eq!(shop.states().await, Vec::<String>::new());
}

async fn a_gateway_is_tried_by_its_name(app: App) {
    let gateway = StandInGateway::open().await;
    let settings = PaymentSettings {
        name: "standin".to_owned(),
        pay: format!("{}/pay", gateway.origin()),
        query: format!("{}/query", gateway.origin()),
        terminal: TERMINAL.to_owned(),
        secret: Some(Secret(PAYMENT_SECRET.to_owned())),
    };
    let tried = async |settings: PaymentSettings, name: &str| {
        let setup = PaymentSetup { settings: Some(settings), base_url: app.base.clone() };
        setup.try_gateway(name, app.services.now()).await
    };
    assert_eq!(tried(settings.clone(), "standin").await, Some(Ok(settings.pay.clone())));
    assert_eq!(tried(settings.clone(), "another").await, None);
    let wrong = Some(Secret("sai".to_owned()));
    let refused = tried(PaymentSettings { secret: wrong, ..settings.clone() }, "standin").await;
    assert!(matches!(&refused, Some(Err(why)) if why.contains("compare the secret")), "{refused:?}");
    let unset = tried(PaymentSettings { secret: None, ..settings }, "standin").await;
    assert!(matches!(&unset, Some(Err(why)) if why.contains("MOTCUA_PAYMENT__SECRET")), "{unset:?}");
    assert_eq!(gateway.asked(), 2);
}
