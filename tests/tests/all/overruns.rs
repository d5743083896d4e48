//! Forms whose conditions take more work than a judgement may, and rules that cannot be evaluated. The author is at fault,
//! and the administrator sees it.

use crate::procedures::birth_package;
use jiff::civil::date;
use motcua_service::faulty_versions;
use motcua_tests::browser::Browser;
use motcua_tests::portal::App;
use motcua_tests::walk;

on_both! {
    a_form_that_is_too_heavy_for_an_answer_blames_its_author_and_keeps_what_was_typed
    a_fee_whose_condition_fails_is_neither_owed_nor_forgotten_and_the_administrator_is_told
    an_administrator_reads_of_a_broken_rule_while_an_open_dossier_follows_its_version
    a_dossier_does_not_lapse_because_a_broken_rule_prevents_its_supplement_and_the_operator_reads_which_rule
    nobody_is_told_to_be_unfit_by_a_question_that_could_not_be_decided
}

/// Publishes the birth registration with more at the end of its file, and returns the version.
async fn publish(admin: &Browser, more: &str) -> String {
    let bytes = birth_package(|text| format!("{text}{more}"));
    let shown = admin.upload("/admin/procedures/install", &[], &[("package", "khai-sinh.motcua", &bytes)]).await.ok();
    let version = shown.hidden("version").expect("the new version").to_owned();
    admin.post("/admin/procedures/publish", &[("version", &version)]).await.ok();
    version
}

/// A question and a rule that looks through a text 4,000 times: little for the check, too much for a long text.
const HEAVY: &str = r#"
[[check]]
holds = "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20].all(a, [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20].all(b, [1,2,3,4,5,6,7,8,9,10].all(c, !story.contains('zz'))))"
text = { vi = "Xin kể khác đi.", en = "Tell it otherwise, please." }

[[section]]
id = "more"
title = { vi = "Thêm", en = "More" }

[[section.field]]
id = "story"
label = { vi = "Câu chuyện", en = "Story" }
kind = "long-text"
max = 20000
required = false
"#;

async fn a_form_that_is_too_heavy_for_an_answer_blames_its_author_and_keeps_what_was_typed(app: App) {
    let admin = app.officer("quantri").await;
    admin.get("/admin/procedures").await.ok().lacks(&["Quy tắc không áp dụng được"]);
    publish(&admin, HEAVY).await;

    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::birth_draft(&citizen).await;
    let tell = async |story: &str| citizen.post(&format!("{draft}/3"), &[("story", story), ("do", "next")]).await.ok();
    let long = format!("Ngày xưa {}", "a".repeat(19_000));
    tell(&long).await;
    citizen.get(&format!("{draft}/3")).await.ok().has(&["Ngày xưa aaa"]);
    let own_fault = ["Xin kể khác đi.", "Hãy nhập"];
    citizen.get(&format!("{draft}/review")).await.ok().has(&["lỗi của thủ tục, không phải của bạn"]).lacks(&own_fault);
    let reviewed = walk::review(&citizen, &draft).await;
    let file = [("consent", "yes"), ("draft-reviewed", reviewed.as_str())];
    let refused = citizen.post(&format!("{draft}/file"), &file).await;
    assert_eq!(refused.status, 422);
    refused.has(&["lỗi của thủ tục, không phải của bạn"]).lacks(&own_fault);
    admin.get("/admin/procedures").await.ok().has(&["Quy tắc không áp dụng được", "story.contains", "1.001193"]);

    // A shorter answer is judged, and the rule holds.
    tell("Ngày xưa").await;
    walk::file(&citizen, &draft).await;
}

/// A fee whose condition reads a number from a text, which fails for other texts.
const BROKEN: &str = r#"
[[fee]]
name = { vi = "Phí của quy tắc hỏng", en = "Fee of the broken rule" }
amount = 123_000
when = "int(story) > 3"

[[section]]
id = "more"
title = { vi = "Thêm", en = "More" }

[[section.field]]
id = "story"
label = { vi = "Câu chuyện", en = "Story" }
kind = "text"
required = false
"#;

async fn a_fee_whose_condition_fails_is_neither_owed_nor_forgotten_and_the_administrator_is_told(app: App) {
    let admin = app.officer("quantri").await;
    publish(&admin, BROKEN).await;

    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::birth_draft(&citizen).await;
    let tell = async |story: &str| citizen.post(&format!("{draft}/3"), &[("story", story), ("do", "next")]).await.ok();
    tell("ba").await;
    let page = citizen.get(&format!("{draft}/review")).await.ok();
    page.has(&["lỗi của thủ tục, không phải của bạn"]).lacks(&["123.000"]);
    let reviewed = walk::review(&citizen, &draft).await;
    let file = [("consent", "yes"), ("draft-reviewed", reviewed.as_str())];
    let refused = citizen.post(&format!("{draft}/file"), &file).await;
    assert_eq!(refused.status, 422);
    refused.has(&["lỗi của thủ tục, không phải của bạn"]);
    admin.get("/admin/procedures").await.ok().has(&["Quy tắc không áp dụng được", "int(story)", "1.001193"]);

    // An answer that the rule can read is filed, and the fee is owed.
    tell("5").await;
    citizen.get(&format!("{draft}/review")).await.ok().has(&["123.000"]);
    walk::file(&citizen, &draft).await;
}

async fn an_administrator_reads_of_a_broken_rule_while_an_open_dossier_follows_its_version(app: App) {
    let admin = app.officer("quantri").await;
    publish(&admin, BROKEN).await;
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::birth_draft(&citizen).await;
    let tell = async |story: &str| citizen.post(&format!("{draft}/3"), &[("story", story), ("do", "next")]).await.ok();
    tell("ba").await;
    let reviewed = walk::review(&citizen, &draft).await;
    let file = [("consent", "yes"), ("draft-reviewed", reviewed.as_str())];
    assert_eq!(citizen.post(&format!("{draft}/file"), &file).await.status, 422);
    tell("5").await;
    let dossier = walk::file(&citizen, &draft).await;

    publish(&admin, &BROKEN.replace("int(story) > 3", "story == '5'")).await;
    admin.get("/admin/procedures").await.ok().has(&["Quy tắc không áp dụng được", "int(story)"]);
    citizen.post(&format!("{dossier}/withdraw"), &[("reason", "Khai nhầm.")]).await.ok();
    admin.get("/admin/procedures").await.ok().lacks(&["Quy tắc không áp dụng được", "int(story)"]);
}

async fn a_dossier_does_not_lapse_because_a_broken_rule_prevents_its_supplement_and_the_operator_reads_which_rule(
    app: App,
) {
    let admin = app.officer("quantri").await;
    let version = publish(&admin, BROKEN).await;
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::birth_draft(&citizen).await;
    citizen.post(&format!("{draft}/3"), &[("story", "5"), ("do", "next")]).await.ok();
    let dossier = walk::file(&citizen, &draft).await;
    let thu = app.officer("thu.phucuong").await;
    let ask = walk::With { note: "Ảnh mờ.", ..walk::With::default() };
    walk::act(&thu, &dossier, "request-supplement", ask).await.ok();

    // On the last evening.
    app.at(date(2026, 4, 2).at(22, 0, 0, 0));
    let citizen = app.officer("0912345678").await;
    let supplement = citizen.post(&format!("{dossier}/supplement"), &[]).await.ok().path;
    let supplement = supplement.trim_end_matches("/1");
    for _ in 0..3 {
        citizen.post(&format!("{supplement}/3"), &[("story", "ba"), ("do", "next")]).await.ok();
        citizen.get(&format!("{supplement}/review")).await.ok().has(&["lỗi của thủ tục, không phải của bạn"]);
    }
    citizen.get("/account/notices").await.ok().has(&["thời hạn của bạn được kéo dài"]);
    let code = dossier.trim_start_matches("/dossiers/");
    let faulty = faulty_versions(app.services.database()).await.expect("they are read");
    let [faulty] = faulty.as_slice() else { panic!("one version has a fault: {faulty:?}") };
    let [reported] = faulty.faults.as_slice() else { panic!("one rule is broken: {faulty:?}") };
    assert_eq!((faulty.version.as_str(), reported.fault.place()), (version.as_str(), "int(story) > 3"));
    assert_eq!(reported.dossier.as_ref().map(ToString::to_string).as_deref(), Some(code));
    let admin = app.officer("quantri").await;
    admin.get("/admin/procedures").await.ok().has(&["int(story)", code, &version]).lacks(&["Nguyễn Văn An"]);

    app.at(date(2026, 4, 3).at(0, 0, 0, 0));
    assert_eq!(app.services.jobs.run_jobs().await.expect("it looks"), 0, "the dossier waits for the operator");
    app.at(date(2026, 6, 1).at(23, 59, 59, 0));
    assert_eq!(app.services.jobs.run_jobs().await.expect("it looks"), 0, "sixty days");
    app.at(date(2026, 6, 2).at(0, 0, 0, 0));
    assert_eq!(app.services.jobs.run_jobs().await.expect("it looks"), 1, "nobody holds a dossier open for ever");
    app.officer("0912345678").await.get(&dossier).await.ok().has(&["Hồ sơ đã dừng vì quá thời hạn"]);
}

/// Questions before the form. The first rule fails for a text that is no number.
const ASKED_BEFORE: &str = r#"
[eligibility]

[[eligibility.field]]
id = "months"
label = { vi = "Mấy tháng", en = "How many months" }
kind = "text"

[[eligibility.condition]]
holds = "int(months) < 3"
text = { vi = "Chưa quá ba tháng", en = "Less than three months" }
"#;

async fn nobody_is_told_to_be_unfit_by_a_question_that_could_not_be_decided(app: App) {
    let admin = app.officer("quantri").await;
    publish(&admin, ASKED_BEFORE).await;
    let visitor = app.visitor();
    let at = "/procedures/ubnd-phu-cuong/dang-ky-khai-sinh/eligibility";
    let answered = async |months: &str| visitor.post(at, &[("months", months)]).await.ok();
    visitor.get(at).await.ok().lacks(&["Cổng chưa trả lời được"]);
    answered("2").await.has(&["Bạn đủ điều kiện"]).lacks(&["Cổng chưa trả lời được"]);
    answered("4").await.has(&["Chưa đủ điều kiện"]).lacks(&["Cổng chưa trả lời được"]);
    admin.get("/admin/procedures").await.ok().lacks(&["int(months)"]);
    answered("hai").await.has(&["Cổng chưa trả lời được"]).lacks(&["Chưa đủ điều kiện", "Bạn đủ điều kiện"]);
    admin.get("/admin/procedures").await.ok().has(&["int(months)", "1.001193"]);
}
