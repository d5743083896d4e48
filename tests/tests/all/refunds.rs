//! Money that goes back to the applicant.

use crate::store::rows;
use crate::told::{FEE, OwnPortal, answers, with_a_fee_for_deep_wells};
use motcua_domain::money::Dong;
use motcua_domain::names::DossierCode;
use motcua_store::journal;
use motcua_tests::flow::{COUNTER, SPECIALIST, workflow};
use motcua_tests::portal::App;
use motcua_tests::walk::{self, With, act};

on_both! {
    a_counter_finds_a_dossier_with_money_to_pay_back_until_it_is_paid_back
    the_counter_records_what_is_paid_back_once_and_the_applicant_reads_when_and_how
    a_counter_finds_a_dossier_whose_deposit_goes_back_with_its_end
}

async fn a_counter_finds_a_dossier_with_money_to_pay_back_until_it_is_paid_back(app: App) {
    let portal = with_a_fee_for_deep_wells(&app).await;
    let (citizen, dossier) = portal.file("true").await;
    let (counter, specialist) = (portal.officer(COUNTER).await, portal.officer(SPECIALIST).await);
    let (code, mark) = (dossier.trim_start_matches("/dossiers/"), "phải hoàn tiền cho người nộp");
    let paid = [("amount", "150000"), ("method", "cash"), ("receipt", "BL-1")];
    counter.post(&format!("{dossier}/payments"), &paid).await.ok();
    counter.get("/desk").await.ok().has(&[code]).lacks(&[mark]);
    act(&counter, &dossier, "ask", With { note: "Giếng sâu bao nhiêu?", ..With::default() }).await.ok();
    let draft = citizen.post(&format!("{dossier}/supplement"), &[]).await.ok();
    let draft = draft.path.trim_end_matches("/1").to_owned();
    citizen.post(&format!("{draft}/1"), &answers("false")).await.ok();
    let reviewed = walk::review(&citizen, &draft).await;
    citizen.post(&format!("{draft}/supplement"), &[("draft-reviewed", &reviewed)]).await.ok();

    let page = counter.get("/desk").await.ok().has(&[mark]);
    assert_eq!(page.body.matches(code).count(), counter.get("/desk?view=open").await.ok().body.matches(code).count());
    citizen.get("/account").await.ok().lacks(&[mark]);
    act(&counter, &dossier, "done", With::default()).await.ok();
    counter.get("/desk").await.ok().has(&[code, mark]);
    counter.get("/desk?q=nguyen").await.ok().has(&[&dossier, mark]);
    specialist.get("/desk").await.ok().lacks(&[code]);
    app.officer("thu.phucuong").await.get("/desk").await.ok().lacks(&[code]);

    let database = app.services.database();
    let before = rows(database, "SELECT code, pay_back FROM dossier ORDER BY code").await;
    database.rebuild_projections().await.expect("rebuilt");
    assert_eq!(rows(database, "SELECT code, pay_back FROM dossier ORDER BY code").await, before);
    let back = [("amount", "100000"), ("method", "cash"), ("receipt", "PC-1")];
    counter.post(&format!("{dossier}/refunds"), &back).await.ok();
    counter.get("/desk").await.ok().lacks(&[code]);
    counter.get("/desk?view=ended").await.ok().has(&[code]).lacks(&[mark]);
}

async fn the_counter_records_what_is_paid_back_once_and_the_applicant_reads_when_and_how(app: App) {
    let (citizen, lan) = (app.citizen("Nguyễn Văn An", "0912345678").await, app.officer("lan.khdt").await);
    let dossier = walk::company(&citizen).await;
    act(&lan, &dossier, "accept", With::default()).await.ok();
    let paid = [("amount", "50000"), ("method", "cash"), ("receipt", "BL-1")];
    lan.post(&format!("{dossier}/payments"), &paid).await.ok();
    let refunds = format!("{dossier}/refunds");
    let back = |amount, receipt| [("amount", amount), ("method", "bank-transfer"), ("receipt", receipt)];
    let early = lan.post(&refunds, &back("50000", "CK-1")).await;
    assert_eq!(early.status, 422, "the work goes on");
    early.has(&["Không có khoản nào phải hoàn trả"]).lacks(&["name=\"refund.amount\""]);

    citizen.post(&format!("{dossier}/withdraw"), &[("reason", "Đổi ý.")]).await.ok();
    let page = lan.get(&dossier).await.ok();
    page.has(&["chưa có quyết định giải quyết", "50.000 đ", "name=\"refund.amount\""]).lacks(&["value=\"50000\""]);
    citizen.get(&dossier).await.ok().lacks(&["name=\"refund.amount\"", "Đã hoàn trả"]);
    assert_eq!(citizen.post(&refunds, &back("50000", "CK-1")).await.status, 403);
    for (amount, receipt, told) in [
        ("50001", "CK-1", "lớn hơn khoản được hoàn trả"),
        ("0", "CK-1", "lớn hơn khoản được hoàn trả"),
        ("-5", "CK-1", "lớn hơn khoản được hoàn trả"),
        ("một", "CK-1", "lớn hơn khoản được hoàn trả"),
        ("50000", "", "Hãy ghi số biên lai"),
    ] {
        let refused = lan.post(&refunds, &back(amount, receipt)).await;
        assert_eq!(refused.status, 422, "{amount}");
        refused.has(&[told, &format!("value=\"{amount}\"")]);
    }

    lan.get(&dossier).await.ok();
    let twin = lan.twin();
    let first = lan.post(&refunds, &back("20.000", "CK-1")).await.ok();
    let second = twin.post(&refunds, &back("20.000", "CK-1")).await.ok();
    assert_eq!(second.path, first.path);
    let page = citizen.get(&dossier).await.ok().has(&["Đã hoàn trả", "20.000 đ", "Chuyển khoản"]);
    assert_eq!(page.body.matches("CK-1").count(), 1, "the same form is one refund");
    citizen.get("/account/notices").await.ok().has(&["Cơ quan đã hoàn trả tiền cho bạn"]);

    lan.get(&dossier).await.ok().has(&["name=\"refund.amount\"", "30.000 đ"]);
    let rest = lan.post(&refunds, &back("30000", "CK-2")).await.ok();
    rest.has(&["ghi nhận đã hoàn trả tiền"]).lacks(&["name=\"refund.amount\""]);
    let code = DossierCode::parse(dossier.trim_start_matches("/dossiers/")).expect("a code");
    let found = journal::dossier(app.services.database().reader(), &code).await.expect("read").expect("a dossier");
    let amounts: Vec<Dong> = found.refunds.iter().map(|refund| refund.amount).collect();
    assert_eq!(amounts, [Dong(20_000), Dong(30_000)]);
    assert_eq!((found.owed(), found.refundable()), (Dong(0), Dong(0)));
}

async fn a_counter_finds_a_dossier_whose_deposit_goes_back_with_its_end(app: App) {
    let deposit = "[[fee]]\nname = \"Tiền đặt trước\"\nkind = \"deposit\"\namount = 100_000\nkept_by = [\"returned\"]";
    let thu = workflow(&["a counter | done hand-over"]);
    let portal = OwnPortal::serve(&app, &thu, &format!("{FEE}\n\n{deposit}")).await;
    let (citizen, dossier) = portal.file("true").await;
    let counter = portal.officer(COUNTER).await;
    let (code, mark) = (dossier.trim_start_matches("/dossiers/"), "phải hoàn tiền cho người nộp");
    let told = "Cơ quan phải hoàn trả tiền ký quỹ cho người nộp hồ sơ: 100.000 đ";
    let paid = [("amount", "150000"), ("method", "cash"), ("receipt", "BL-1")];
    counter.post(&format!("{dossier}/payments"), &paid).await.ok();
    counter.get("/desk").await.ok().lacks(&[mark]);
    citizen.get(&dossier).await.ok().lacks(&[told]);

    citizen.post(&format!("{dossier}/withdraw"), &[("reason", "Đổi ý.")]).await.ok();
    counter.get("/desk").await.ok().has(&[code, mark]);
    citizen.get(&dossier).await.ok().has(&[told]).lacks(&["Phí, lệ phí đã thay đổi"]);
    let page = counter.get(&dossier).await.ok().has(&[told, "value=\"100000\"", "150.000 đ"]);
    page.lacks(&["value=\"150000\""]);
    let back = [("amount", "100000"), ("method", "bank-transfer"), ("receipt", "CK-1")];
    counter.post(&format!("{dossier}/refunds"), &back).await.ok();
    counter.get("/desk").await.ok().lacks(&[mark]);
    citizen.get(&dossier).await.ok().lacks(&[told]);
}
