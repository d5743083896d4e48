//! The delivery of results by post: the choice before filing, its change, and the item that the counter hands to a carrier.

use crate::two_tabs::with;
use motcua_tests::browser::{Browser, Page};
use motcua_tests::portal::App;
use motcua_tests::walk::{self, BY_POST, PDF, With, act};

on_both! {
    the_applicant_chooses_the_post_before_filing_and_an_unfinished_address_is_kept
    a_draft_whose_address_changed_since_its_review_is_reviewed_again
    the_receipt_the_dossier_and_the_label_name_the_address_to_those_who_may_read_it
    the_applicant_alone_changes_the_delivery_and_officers_see_that_it_changed
    a_supplement_asks_for_no_address_and_leaves_it_to_the_page_of_the_dossier
    the_counter_hands_the_result_to_the_post_and_the_applicant_gets_the_number
}

/// The address of [`BY_POST`] in one line.
const PLACE: &str = "12 Yersin, Phường Phú Cường, Tỉnh Bình Dương";

/// Returns the choice of the post with another house.
fn to_house(detail: &str) -> Vec<(&str, &str)> {
    let others = BY_POST.iter().copied().filter(|(name, _)| *name != "_delivery.address.detail");
    others.chain([("_delivery.address.detail", detail)]).collect()
}

/// Leads a dossier of a certificate to its result, and returns the counter's browser.
async fn processed(app: &App, dossier: &str) -> Browser {
    let (huy, kim) = (app.officer("huy.tuphap").await, app.officer("kim.tuphap").await);
    let (lam, man) = (app.officer("lam.tuphap").await, app.officer("man.tuphap").await);
    act(&huy, dossier, "accept", With::default()).await.ok();
    let paid = [("amount", "200000"), ("method", "cash"), ("receipt", "")];
    huy.post(&format!("{dossier}/payments"), &paid).await.ok();
    act(&kim, dossier, "assign", With { assignee: Some("Tạ Quang Lâm"), ..With::default() }).await.ok();
    act(&lam, dossier, "propose", With { note: "Hợp lệ.", ..With::default() }).await.ok();
    act(&man, dossier, "approve", With::default()).await.ok();
    act(&lam, dossier, "issue", With { result: Some(("phiếu.pdf", PDF)), ..With::default() }).await.ok();
    huy
}

/// Hands the result to the post, from the page that the officer saw.
async fn post_item(counter: &Browser, dossier: &str, seen: &str, number: &str) -> Page {
    let fields = [("seen", seen), ("receiver", "post"), ("receiver_carrier", "VNPost"), ("receiver_item", number)];
    counter.upload(&format!("{dossier}/actions/hand-over"), &fields, &[]).await
}

async fn the_applicant_chooses_the_post_before_filing_and_an_unfinished_address_is_kept(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::certificate_draft(&citizen).await;
    let (page, review) = (format!("{draft}/delivery"), format!("{draft}/review"));
    citizen.get(&review).await.ok().has(&["Tại bộ phận một cửa", "Đổi cách nhận kết quả"]);
    let asked = citizen.get(&page).await.ok();
    asked.has(&["value=\"counter\"", "Cước trả cho bưu điện khi nhận", "30.000 đ"]).lacks(&["_delivery.name"]);
    // The address is asked once the post is chosen, and nobody is blamed before it was on the page.
    let chosen = citizen.post(&page, &[("_delivery.way", "post"), ("do", "next")]).await;
    assert_eq!(chosen.status, 422);
    chosen.has(&["name=\"_delivery.address.commune\""]).lacks(&["aria-invalid"]);
    let refused = citizen.post(&page, &to_house("")).await;
    assert_eq!(refused.status, 422);
    refused.has(&["value=\"Lê Văn Bình\"", "href=\"#_delivery.address.detail\""]);
    // What was typed stays in the draft, and the review leads to what is missing.
    citizen.get(&page).await.ok().has(&["value=\"Lê Văn Bình\""]);
    let shown = citizen.get(&review).await.ok();
    let shown = shown.has(&[&format!("{page}?judged=true#_delivery.address.detail")]);
    let seen = shown.hidden("draft-reviewed").expect("the review").to_owned();
    let fields = [("consent", "yes"), ("draft-reviewed", seen.as_str())];
    assert_eq!(citizen.post(&format!("{draft}/file"), &fields).await.status, 422, "it is not complete");
    let reviewed = citizen.post(&page, BY_POST).await.ok();
    assert_eq!(reviewed.path, review);
    reviewed.has(&[PLACE, "Lê Văn Bình, 0912345678"]);
    // Back at the counter, the address is no obstacle.
    let wrong = to_house("");
    citizen.post(&page, &with(&wrong, &[("_delivery.way", "counter")])).await.ok().lacks(&[PLACE]);
    let dossier = walk::file(&citizen, &draft).await;
    citizen.get(&dossier).await.ok().has(&["Nhận kết quả", "Tại bộ phận một cửa"]).lacks(&[PLACE]);
}

async fn a_draft_whose_address_changed_since_its_review_is_reviewed_again(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::certificate_draft(&citizen).await;
    let reviewed = walk::review(&citizen, &draft).await;
    citizen.post(&format!("{draft}/delivery"), BY_POST).await.ok();
    let fields = [("consent", "yes"), ("draft-reviewed", reviewed.as_str())];
    let refused = citizen.post(&format!("{draft}/file"), &fields).await;
    assert_eq!(refused.status, 422);
    refused.has(&["Bản nháp đã thay đổi", PLACE]);
}

async fn the_receipt_the_dossier_and_the_label_name_the_address_to_those_who_may_read_it(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::certificate(&citizen).await;
    let huy = app.officer("huy.tuphap").await;
    for browser in [&citizen, &huy] {
        browser.get(&format!("{dossier}/receipt")).await.ok().has(&[PLACE, "30.000 đ"]);
        browser.get(&dossier).await.ok().has(&[PLACE, "Lê Văn Bình, 0912345678"]);
    }
    let label = format!("{dossier}/documents/form-label.pdf");
    huy.get(&dossier).await.ok().has(&[&label, "Nhãn gửi bưu điện"]);
    let (status, bytes) = huy.file(&label).await;
    assert!(status == 200 && bytes.starts_with(b"%PDF"), "{status}");
    citizen.get(&dossier).await.ok().lacks(&[&label]);
    assert_eq!(citizen.get(&label).await.status, 404, "the label is for the counter");
    for stranger in [app.citizen("Trần Văn Em", "0908111222").await, app.officer("lan.khdt").await] {
        for path in [dossier.clone(), format!("{dossier}/receipt"), format!("{dossier}/delivery"), label.clone()] {
            let page = stranger.get(&path).await;
            assert_eq!(page.status, 404, "{path}");
            page.lacks(&["12 Yersin"]);
        }
    }
}

async fn the_applicant_alone_changes_the_delivery_and_officers_see_that_it_changed(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::certificate(&citizen).await;
    let page = format!("{dossier}/delivery");
    let huy = app.officer("huy.tuphap").await;
    huy.get(&dossier).await.ok().lacks(&["Đổi cách nhận kết quả"]);
    huy.get("/desk").await.ok();
    assert_eq!(huy.post(&page, BY_POST).await.status, 403, "the counter changes nothing");
    let open = citizen.get(&page).await.ok();
    open.has(&["value=\"Lê Văn Bình\"", "value=\"25747\" selected"]);
    let same = citizen.post(&page, BY_POST).await;
    assert_eq!(same.status, 422);
    same.has(&["Không có gì để thay đổi"]);
    let refused = citizen.post(&page, &to_house("")).await;
    assert_eq!(refused.status, 422);
    refused.has(&["href=\"#_delivery.address.detail\"", "value=\"Lê Văn Bình\""]);
    // A list that depends on another one is refreshed without a change.
    let refreshed = [("_delivery.way", "post"), ("_delivery.address.province", "72"), ("do", "refresh")];
    citizen.post(&page, &refreshed).await.ok().has(&["name=\"_delivery.address.commune\""]).lacks(&["25747"]);
    let done = citizen.post(&page, &to_house("34 Bạch Đằng")).await.ok();
    done.has(&["Đã đổi cách nhận kết quả.", "34 Bạch Đằng"]).lacks(&["12 Yersin, Phường"]);
    huy.get("/desk").await.ok().has(&["đã bổ sung"]);
    huy.get(&dossier).await.ok().has(&["34 Bạch Đằng", "đổi cách nhận kết quả"]);
    // The receipt stays as it was issued.
    citizen.get(&format!("{dossier}/receipt")).await.ok().has(&[PLACE]);
    citizen.post(&page, &[("_delivery.way", "counter")]).await.ok().lacks(&["34 Bạch Đằng"]);
    let other = app.citizen("Trần Văn Em", "0908111222").await;
    other.get("/account").await.ok();
    assert_eq!(other.post(&page, BY_POST).await.status, 404);
}

async fn a_supplement_asks_for_no_address_and_leaves_it_to_the_page_of_the_dossier(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::certificate(&citizen).await;
    let huy = app.officer("huy.tuphap").await;
    let page = huy.get(&dossier).await.ok();
    let seen = page.hidden("seen").expect("the version").to_owned();
    let request = [("seen", seen.as_str()), ("reason", "Ảnh mờ."), ("missing", "papers.identity")];
    huy.upload(&format!("{dossier}/actions/request-supplement"), &request, &[]).await.ok();
    citizen.get(&dossier).await.ok();
    let asked = citizen.post(&format!("{dossier}/supplement"), &[]).await.ok().path;
    let draft = asked.strip_suffix("/asked").expect("the page with what was asked").to_owned();
    citizen.get(&asked).await.ok().has(&["name=\"identity\"", "Bước 1/2"]).lacks(&["goto:delivery"]);
    let choice = format!("{draft}/delivery");
    assert_eq!(citizen.get(&choice).await.status, 404);
    assert_eq!(citizen.post(&choice, BY_POST).await.status, 404);
    // The page of the dossier still changes it, and the supplement leaves it as it is.
    citizen.get(&dossier).await.ok().has(&["Đổi cách nhận kết quả"]);
    citizen.post(&format!("{dossier}/delivery"), &to_house("34 Bạch Đằng")).await.ok();
    citizen.upload(&asked, &[("do", "next")], &[("identity", "rõ hơn.pdf", PDF)]).await.ok();
    let reviewed = walk::review(&citizen, &draft).await;
    let fields = [("draft-reviewed", reviewed.as_str())];
    let given = citizen.post(&format!("{draft}/supplement"), &fields).await.ok();
    assert_eq!(given.path, dossier);
    given.has(&["34 Bạch Đằng", "rõ hơn.pdf"]);
}

async fn the_counter_hands_the_result_to_the_post_and_the_applicant_gets_the_number(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::certificate(&citizen).await;
    let huy = processed(&app, &dossier).await;
    let page = huy.get(&dossier).await.ok();
    let page = page.has(&["Người nộp nhận qua đường bưu điện: Lê Văn Bình, 0912345678", PLACE, "Số bưu gửi"]);
    let old = page.hidden("seen").expect("the version").to_owned();
    let refused = post_item(&huy, &dossier, &old, "").await;
    assert_eq!(refused.status, 422);
    refused.has(&["hãy ghi đơn vị chuyển phát và số bưu gửi", "value=\"VNPost\""]);
    // An item goes to no address that the officer has not seen.
    citizen.post(&format!("{dossier}/delivery"), &to_house("34 Bạch Đằng")).await.ok();
    assert_eq!(post_item(&huy, &dossier, &old, "EB123456789VN").await.status, 422);
    let page = huy.get(&dossier).await.ok().has(&["34 Bạch Đằng"]);
    let seen = page.hidden("seen").expect("the version").to_owned();
    post_item(&huy, &dossier, &seen, "EB123456789VN").await.ok();
    let told = ["Đã gửi qua đường bưu điện cho", "Lê Văn Bình", "VNPost", "EB123456789VN"];
    huy.get(&dossier).await.ok().has(&told);
    citizen.get(&dossier).await.ok().has(&told).lacks(&["Đổi cách nhận kết quả"]);
    citizen.get("/account/notices").await.ok().has(&["Kết quả đã được gửi cho bạn qua đường bưu điện"]);
    assert_eq!(citizen.get(&format!("{dossier}/delivery")).await.status, 404, "it is on its way");
    let man = app.officer("man.tuphap").await;
    let register = "/desk/figures/dossiers.csv?from=&to=&figure=received";
    man.get(register).await.ok().has(&["Lê Văn Bình (VNPost), EB123456789VN"]);
    app.services.database().rebuild_projections().await.expect("rebuilt");
    man.get(register).await.ok().has(&["Lê Văn Bình (VNPost), EB123456789VN"]);
}
