//! The time in which a procedure accepts applications.

use jiff::ToSpan as _;
use jiff::civil::DateTime;
use motcua_domain::time::calendar::local;
use motcua_tests::browser::Browser;
use motcua_tests::portal::{App, PASSWORD, serve_again};
use motcua_tests::walk::{self, BIRTH};

on_both! {
    a_draft_is_begun_and_filed_only_between_the_opening_and_the_closing
}

async fn a_draft_is_begun_and_filed_only_between_the_opening_and_the_closing(app: App) {
    let now = local(app.services.now());
    let [opens, closes] = [10_i64, 20].map(|minutes| now.checked_add(minutes.minutes()).expect("a time"));
    let file = app.dir.path().join("procedures/cap-xa/dang-ky-khai-sinh/procedure.toml");
    let text = std::fs::read_to_string(&file).expect("the procedure");
    let written = |at: DateTime| at.strftime("%Y-%m-%d %H:%M").to_string();
    let window = format!("level = 4\nopens = \"{}\"\ncloses = \"{}\"\n", written(opens), written(closes));
    std::fs::write(&file, text.replacen("level = 4\n", &window, 1)).expect("written");
    let citizen = Browser::new(&serve_again(app.dir.path(), app.clock.clone()).await);
    citizen.register("Nguyễn Văn An", "0912345678", PASSWORD).await.ok();

    let shown = opens.strftime("Bắt đầu nhận hồ sơ từ %d/%m/%Y %H:%M").to_string();
    citizen.get(BIRTH).await.ok().has(&[&shown]).lacks(&["/apply\""]);
    let refused = citizen.post(&format!("{BIRTH}/apply"), &[]).await;
    assert_eq!(refused.status, 422);
    refused.has(&["Chưa đến thời gian nhận hồ sơ"]);

    app.at(opens);
    citizen.get(BIRTH).await.ok().has(&["Nhận hồ sơ đến trước", "/apply\""]);
    let draft = walk::birth_draft(&citizen).await;
    let reviewed = walk::review(&citizen, &draft).await;
    citizen.get(&format!("{draft}/1")).await.ok().has(&["Nhận hồ sơ đến trước"]);

    app.at(closes);
    citizen.get(&format!("{draft}/1")).await.ok().has(&["Đã hết thời gian nhận hồ sơ"]);
    let fields = [("consent", "yes"), ("draft-reviewed", reviewed.as_str())];
    let refused = citizen.post(&format!("{draft}/file"), &fields).await;
    assert_eq!(refused.status, 422);
    refused.has(&["Đã hết thời gian nhận hồ sơ", "Nguyễn Minh Khôi"]);
    citizen.get(BIRTH).await.ok().has(&["Đã hết thời gian nhận hồ sơ"]).lacks(&["/apply\""]);

    app.at(opens);
    walk::file(&citizen, &draft).await;
}
