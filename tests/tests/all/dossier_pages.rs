//! The words with which the page of a dossier and the lists say what its reader has to do.

use crate::told::{FEE, OwnPortal};
use motcua_tests::flow::{COUNTER, workflow};
use motcua_tests::portal::App;
use motcua_tests::walk::{With, act};

on_both! {
    the_applicant_is_offered_to_pay_when_the_workflow_asks_for_it
    a_fee_that_only_the_result_waits_for_stops_no_clock
    a_choice_of_units_says_how_many_are_needed_before_and_after_a_refusal
}

async fn the_applicant_is_offered_to_pay_when_the_workflow_asks_for_it(app: App) {
    let thu = workflow(&["a counter | go request-payment; to = 'b'", "b specialist | done hand-over"]);
    let portal = OwnPortal::serve(&app, &thu, FEE).await;
    let (citizen, dossier) = portal.file("true").await;
    let counter = portal.officer(COUNTER).await;
    let image = format!("{dossier}/transfer.png");
    let (later, ways, clock) = ("Bây giờ chưa phải nộp.", "Chuyển khoản theo mã QR", "đồng hồ giải quyết chạy tiếp");
    citizen.get(&dossier).await.ok().has(&["50.000 đ", later]).lacks(&["Cần thanh toán", &image, ways, clock]);
    assert_eq!(citizen.get(&image).await.status, 404, "no QR code before the agency has accepted the dossier");
    counter.get(&dossier).await.ok().has(&["name=\"payment.receipt\""]);
    act(&counter, &dossier, "go", With::default()).await.ok();
    citizen.get(&dossier).await.ok().has(&["Cần thanh toán: 50.000 đ", &image, ways, clock]).lacks(&[later]);
    citizen.get(&image).await.ok();
}

async fn a_fee_that_only_the_result_waits_for_stops_no_clock(app: App) {
    let thu = workflow(&[
        "a counter | go advance; to = 'b'",
        "b counter; status = 'processed' | give hand-over; requires = ['fee-paid']",
    ]);
    let portal = OwnPortal::serve(&app, &thu, FEE).await;
    let (citizen, dossier) = portal.file("true").await;
    let clock = "đồng hồ giải quyết chạy tiếp";
    citizen.get(&dossier).await.ok().has(&["Bây giờ chưa phải nộp."]).lacks(&[clock]);
    act(&portal.officer(COUNTER).await, &dossier, "go", With::default()).await.ok();
    citizen.get(&dossier).await.ok().has(&["Cần thanh toán: 50.000 đ", "Chuyển khoản theo mã QR"]).lacks(&[clock]);
}

async fn a_choice_of_units_says_how_many_are_needed_before_and_after_a_refusal(app: App) {
    let units = "units = ['so-tnmt/moi-truong', 'so-tnmt/khoang-san', 'so-xaydung/quan-ly-xay-dung']";
    let thu = workflow(&[
        "a counter | go advance; to = 'ask'",
        &format!("ask specialist; ask = {{ {units}, then = 'd', choose = true, enough = 2 }} | agree answer"),
        "d leader | done hand-over",
    ]);
    let portal = OwnPortal::serve(&app, &thu, FEE).await;
    let (_, dossier) = portal.file("true").await;
    let counter = portal.officer(COUNTER).await;
    let (needed, refused) = ("Chọn ít nhất 2 đơn vị.", "Hãy chọn đủ số đơn vị cần lấy ý kiến.");
    let page = counter.get(&dossier).await.ok().has(&[needed]).lacks(&[refused]);
    let seen = page.hidden("seen").expect("the version").to_owned();
    let fields = [("seen", seen.as_str()), ("stay", "0"), ("act.0.go.ask", "so-tnmt/moi-truong")];
    let page = counter.upload(&format!("{dossier}/actions/go"), &fields, &[]).await;
    assert_eq!(page.status, 422);
    let said = page.between("<div class=\"box bad\"", "</div>").expect("the refusal");
    assert!(said.contains(refused) && said.contains(needed), "{said}");
}
