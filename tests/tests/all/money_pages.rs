//! The pages of the money of a dossier.

use crate::store::tamper;
use motcua_tests::portal::App;
use motcua_tests::walk::{self, With, act};

on_both! {
    a_fee_is_paid_in_parts_and_each_part_has_a_receipt_to_print
    a_payment_is_reversed_with_a_reason_by_those_who_may_and_nobody_else
    a_cashier_closes_the_day_once_and_a_later_correction_belongs_to_the_next
    the_leader_closes_the_day_of_a_cashier_who_is_away_with_a_reason
    an_officer_does_not_handle_the_dossier_of_their_own_account_as_an_applicant
}

async fn a_fee_is_paid_in_parts_and_each_part_has_a_receipt_to_print(app: App) {
    let (citizen, lan) = (app.citizen("Nguyễn Văn An", "0912345678").await, app.officer("lan.khdt").await);
    let dossier = walk::company(&citizen).await;
    act(&lan, &dossier, "accept", With::default()).await.ok();
    let payments = format!("{dossier}/payments");
    let pays = |amount, receipt| [("amount", amount), ("method", "cash"), ("receipt", receipt)];
    let much = lan.post(&payments, &pays("50001", "")).await;
    assert_eq!(much.status, 422);
    much.has(&["lớn hơn khoản phải thu", "href=\"#payment-amount\""]);
    let part = lan.post(&payments, &pays("20000", "")).await.ok();
    part.has(&["Đã thu: 20.000 đ", "BL-", "-0000001", "Tiền mặt", "value=\"30000\""]);
    let typed = lan.post(&payments, &pays("30000", "BL-H09.03-26-0000002")).await;
    assert_eq!(typed.status, 422);
    typed.has(&["Số này thuộc quyển do cổng cấp"]);

    let money = citizen.get(&format!("{dossier}/money")).await.ok();
    let money = money.has(&["20.000 đ", "-0000001", "Tiền mặt", "Thời điểm ghi nhận"]);
    let money = money.lacks(&["/reverse\"", "Nguyễn Thị Lan"]);
    let entry = money.between(&format!("{dossier}/money/"), "\"").expect("a receipt").to_owned();
    let receipt = citizen.get(&format!("{dossier}/money/{entry}")).await.ok();
    receipt.has(&[
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Hai mươi nghìn đồng",
        "Nguyễn Văn An",
        "-0000001",
    ]);
    let stranger = app.citizen("Người Khác", "0900111999").await;
    for path in [format!("{dossier}/money"), format!("{dossier}/money/{entry}")] {
        assert_eq!((stranger.get(&path).await.status, app.visitor().get(&path).await.status), (404, 401));
    }
}

async fn a_payment_is_reversed_with_a_reason_by_those_who_may_and_nobody_else(app: App) {
    let (citizen, lan) = (app.citizen("Nguyễn Văn An", "0912345678").await, app.officer("lan.khdt").await);
    let dossier = walk::company(&citizen).await;
    act(&lan, &dossier, "accept", With::default()).await.ok();
    let paid = [("amount", "50000"), ("method", "bank-transfer"), ("receipt", "FT-1")];
    lan.post(&format!("{dossier}/payments"), &paid).await.ok();
    let page = lan.get(&format!("{dossier}/money")).await.ok().has(&["FT-1", "Hủy ghi nhận khoản thu"]);
    let entry = page.between(&format!("{dossier}/money/"), "\"").expect("a receipt").to_owned();
    let reverse = format!("{dossier}/money/{entry}/reverse");
    let reason = [("reason", "Nhầm hồ sơ")];
    let (hung, thu, visitor) = (app.officer("hung.khdt").await, app.officer("thu.phucuong").await, app.visitor());
    visitor.get("/login").await.ok();
    for (browser, status) in [(&citizen, 403), (&hung, 403), (&thu, 404), (&visitor, 401)] {
        assert_eq!(browser.post(&reverse, &reason).await.status, status);
    }
    let empty = lan.post(&reverse, &[("reason", " ")]).await;
    assert_eq!(empty.status, 422);
    let done = lan.post(&reverse, &reason).await.ok();
    done.has(&["Đã hủy ghi nhận", "Nhầm hồ sơ", "Còn phải thu: 50.000 đ"]).lacks(&["/reverse\""]);
    citizen.get("/account/notices").await.ok().has(&["Đã hủy một khoản thanh toán ghi nhận nhầm"]);

    // The number may be recorded where it belongs, and only once.
    let other = walk::company(&citizen).await;
    act(&lan, &other, "accept", With::default()).await.ok();
    lan.post(&format!("{other}/payments"), &paid).await.ok().has(&["FT-1"]);
    let again = lan.post(&format!("{dossier}/payments"), &paid).await;
    assert_eq!(again.status, 422);
    again.has(&["Cơ quan đã ghi nhận số này rồi", "href=\"#receipt\""]);
}

async fn a_cashier_closes_the_day_once_and_a_later_correction_belongs_to_the_next(app: App) {
    let (citizen, lan) = (app.citizen("Nguyễn Văn An", "0912345678").await, app.officer("lan.khdt").await);
    let dossier = walk::company(&citizen).await;
    act(&lan, &dossier, "accept", With::default()).await.ok();
    let payments = format!("{dossier}/payments");
    let pays = |amount, method, receipt| [("amount", amount), ("method", method), ("receipt", receipt)];
    lan.post(&payments, &pays("20000", "cash", "=1+1")).await.ok();
    lan.post(&payments, &pays("5000", "bank-transfer", "FT-1")).await.ok();
    let list = lan.get("/desk/cash").await.ok().has(&["Nguyễn Thị Lan", "chưa chốt: 2"]);
    let cash = format!("/desk/cash/{}", list.between("\"/desk/cash/", "\"").expect("her own page"));
    let open = lan.get(&cash).await.ok().has(&["20.000 đ", "FT-1", "Tiền mặt phải nộp"]);
    let seen = open.hidden("seen").expect("the mark").to_owned();
    lan.post(&payments, &pays("10000", "cash", "")).await.ok();
    let old = lan.post(&cash, &[("seen", &seen)]).await;
    assert_eq!(old.status, 422, "she has not seen all of it");
    let old = old.has(&["30.000 đ"]);

    let seen = old.hidden("seen").expect("the mark").to_owned();
    let (hung, thu, auditor) =
        (app.officer("hung.khdt").await, app.officer("thu.phucuong").await, app.officer("kiemsoat").await);
    for browser in [&citizen, &hung, &thu, &auditor] {
        assert_eq!(browser.post(&cash, &[("seen", &seen)]).await.status, 403);
    }
    let visitor = app.visitor();
    visitor.get("/login").await.ok();
    assert_eq!(visitor.post(&cash, &[("seen", &seen)]).await.status, 401);
    let closed = lan.post(&cash, &[("seen", &seen)]).await.ok();
    let closed = closed.has(&["Lần chốt số 1", "30.000 đ", "5.000 đ", "lines.csv"]).lacks(&["name=\"seen\""]);
    let day = closed.path.clone();
    assert_eq!(lan.post(&cash, &[("seen", &seen)]).await.ok().path, day, "a second click closes nothing");
    for (browser, status) in [(&citizen, 403), (&thu, 403), (&auditor, 200)] {
        for path in [&cash, &day, &format!("{day}/lines.csv")] {
            assert_eq!(browser.get(path).await.status, status, "{path}");
        }
    }

    let money = lan.get(&format!("{dossier}/money")).await.ok();
    let entry = money.between(&format!("{dossier}/money/"), "\"").expect("the first payment").to_owned();
    lan.post(&format!("{dossier}/money/{entry}/reverse"), &[("reason", "Nhầm")]).await.ok();
    lan.get(&cash).await.ok().has(&["-20.000 đ", "Hủy ghi nhận", "Số 1"]).lacks(&["FT-1"]);
    assert!(!lan.get(&day).await.ok().body.contains("-20.000"), "the closed day is frozen");
    let table = lan.get(&format!("{day}/lines.csv")).await.ok();
    assert!(table.body.starts_with('\u{feff}'), "a spreadsheet reads it as UTF-8");
    let table = table.has(&["\"'=1+1\"", "\"20000\",\"0\"", "FT-1", "Tiền mặt phải nộp: 30.000 đ"]);
    let table =
        table.has(&["Số tiền thu (đồng)", "\"Thu\",\"Chuyển khoản\"", "Lần chốt số: 1", "Người tải: Nguyễn Thị Lan"]);
    table.lacks(&["recorded_by", "\"payment\"", "\"bank-transfer\""]);
    app.services.database().rebuild_projections().await.expect("rebuilt");
    lan.get(&cash).await.ok().has(&["-20.000 đ"]).lacks(&["FT-1"]);
    let english = lan.get(&format!("{day}/lines.csv?lang=en")).await.ok();
    english.has(&["Received (đồng)", "\"Payment\",\"Bank transfer\""]);
    let book = lan.get(&format!("{day}/lines.xlsx")).await.ok();
    assert!(book.body.starts_with("PK"), "a workbook is an archive");
}

async fn the_leader_closes_the_day_of_a_cashier_who_is_away_with_a_reason(app: App) {
    let (citizen, lan) = (app.citizen("Nguyễn Văn An", "0912345678").await, app.officer("lan.khdt").await);
    let dossier = walk::company(&citizen).await;
    act(&lan, &dossier, "accept", With::default()).await.ok();
    let paid = [("amount", "20000"), ("method", "cash"), ("receipt", "")];
    lan.post(&format!("{dossier}/payments"), &paid).await.ok();
    let leader = app.officer("dung.khdt").await;
    let list = leader.get("/desk/cash").await.ok().has(&["Nguyễn Thị Lan"]);
    let cash = format!("/desk/cash/{}", list.between("\"/desk/cash/", "\"").expect("the page of the cashier"));
    let open = leader.get(&cash).await.ok().has(&["Bạn chốt thay cho Nguyễn Thị Lan", "name=\"reason\""]);
    lan.get(&cash).await.ok().lacks(&["name=\"reason\""]);
    let seen = open.hidden("seen").expect("the mark").to_owned();
    let silent = leader.post(&cash, &[("seen", &seen), ("reason", " ")]).await;
    assert_eq!(silent.status, 422);
    silent.has(&["href=\"#reason\""]);
    let closed = leader.post(&cash, &[("seen", &seen), ("reason", "Nghỉ ốm")]).await.ok();
    let stood_in = "Chốt thay cho Nguyễn Thị Lan. Lý do: Nghỉ ốm";
    let closed = closed.has(&["Lần chốt số 1", "20.000 đ", stood_in]);
    lan.get(&closed.path).await.ok().has(&[stood_in]);
    leader.get(&format!("{}/lines.csv", closed.path)).await.ok().has(&["Lý do chốt thay: Nghỉ ốm"]);
    lan.get(&cash).await.ok().has(&["Chưa có khoản nào", "Số 1"]);
}

async fn an_officer_does_not_handle_the_dossier_of_their_own_account_as_an_applicant(app: App) {
    let (citizen, lan) = (app.citizen("Nguyễn Thị Lan", "0912345678").await, app.officer("lan.khdt").await);
    let dossier = walk::company(&citizen).await;
    act(&lan, &dossier, "accept", With::default()).await.ok();
    let paid = [("amount", "50000"), ("method", "bank-transfer"), ("receipt", "FT-1")];
    lan.post(&format!("{dossier}/payments"), &paid).await.ok();
    let money = lan.get(&format!("{dossier}/money")).await.ok().has(&["Hủy ghi nhận khoản thu"]);
    let entry = money.between(&format!("{dossier}/money/"), "\"").expect("a receipt").to_owned();

    // The organisation knows the officer's number, and a counter has seen that it is the applicant's.
    let database = app.services.database();
    let number = "SELECT id, 'phone', '0912345678' FROM account WHERE login = 'lan.khdt'";
    tamper(database, &format!("INSERT INTO officer_contact (account, kind, value) {number}")).await;
    lan.get(&format!("{dossier}/money")).await.ok().has(&["Hủy ghi nhận khoản thu"]);
    let verified = "SELECT id, 'phone', phone, 0 FROM account WHERE login = '0912345678'";
    tamper(database, &format!("INSERT INTO verified_contact (account, channel, value, at) {verified}")).await;
    lan.get(&format!("{dossier}/money")).await.ok().lacks(&["/reverse\""]);
    let page = lan.get(&dossier).await.ok().has(&["Đây là hồ sơ của chính bạn với tư cách người nộp"]);
    page.lacks(&["/payments\"", "/messages\""]);
    let own = "Đây là hồ sơ của chính bạn";
    let reason = [("reason", "Nhầm hồ sơ")];
    for (path, fields) in [
        (format!("{dossier}/money/{entry}/reverse"), &reason[..]),
        (format!("{dossier}/refunds"), &paid[..]),
        (format!("{dossier}/payments"), &paid[..]),
        (format!("{dossier}/messages"), &[("text", "Xin chào")][..]),
    ] {
        let refused = lan.post(&path, fields).await;
        assert_eq!(refused.status, 422, "{path}");
        refused.has(&[own]);
    }
    // A colleague handles it, and the officer everybody else's.
    app.officer("hung.khdt").await.get(&dossier).await.ok();
    let other = walk::company(&app.citizen("Nguyễn Văn An", "0900111222").await).await;
    act(&lan, &other, "accept", With::default()).await.ok();
}
