//! The page of a procedure for the visitor's own case: few questions in the address, and what they decide.

use motcua_tests::browser::Page;
use motcua_tests::portal::App;
use motcua_tests::walk;

on_both! {
    a_few_answers_narrow_papers_fees_and_the_time
    what_the_answers_do_not_decide_names_the_questions
    answers_that_nobody_asked_for_change_nothing
    the_answers_of_a_case_go_on_into_the_form_and_are_marked
    the_answers_of_a_case_pass_the_questions_of_eligibility
}

const MARRIAGE: &str = "/procedures/ubnd-phu-loi/dang-ky-ket-hon";
const LICENCE: &str = "/procedures/so-gtvt/doi-giay-phep-lai-xe";

const CASE: &str = "Cho trường hợp của tôi";
const NOINDEX: &str = "<meta name=\"robots\" content=\"noindex\">";
const FROM_CASE: &str = "bạn đã trả lời ở trang thủ tục";

/// Returns the words of what the answers decide.
#[track_caller]
fn outcome(page: &Page) -> String {
    let found = page.between("Trong trường hợp của bạn</h2>", "</dl>");
    let body = found.unwrap_or_else(|| panic!("nothing is decided: {}", page.text())).to_owned();
    Page { body, ..page.clone() }.text()
}

async fn a_few_answers_narrow_papers_fees_and_the_time(app: App) {
    let visitor = app.visitor();
    let plain = visitor.get(MARRIAGE).await.ok();
    let plain = plain.has(&[CASE, "name=\"case.elsewhere\"", "name=\"case.copies\""]);
    let plain = plain.lacks(&["Trong trường hợp của bạn", NOINDEX, "case.groom", "case.bride", "case.commune"]);
    let page = visitor.get(&format!("{MARRIAGE}?case.elsewhere=true&case.copies=3&_language=vi")).await.ok();
    let page = page.has(&[NOINDEX, "name=\"case.copies\" value=\"3\""]);
    let told = outcome(&page);
    for words in [
        "Giấy xác nhận tình trạng hôn nhân – cần nộp",
        "24.000 đ",
        "3 bản × 8.000 đ",
        "5 ngày làm việc",
        "Cần xác minh điều kiện kết hôn",
        "thì xong trước",
    ] {
        assert!(told.contains(words), "`{words}`: {told}");
    }
    let page = visitor.get(&format!("{MARRIAGE}?case.elsewhere=false&case.copies=0")).await.ok();
    let told = outcome(&page);
    for words in ["Giấy xác nhận tình trạng hôn nhân – không cần", "1 ngày làm việc", "Tổng cộng: 0 đ"]
    {
        assert!(told.contains(words), "`{words}`: {told}");
    }
    assert!(!told.contains("bản sao trích lục"), "a fee that is not owed is not listed: {told}");
    let english = visitor.get(&format!("{MARRIAGE}?case.elsewhere=true&lang=en")).await.ok();
    english.has(&["In your case", "5 working days"]);
    let again = visitor.get(MARRIAGE).await.ok();
    assert_eq!(again.body.contains(NOINDEX), plain.body.contains(NOINDEX), "the kept page has no answers of others");
    again.lacks(&["Trong trường hợp của bạn"]);
}

async fn what_the_answers_do_not_decide_names_the_questions(app: App) {
    let visitor = app.visitor();
    let told = outcome(&visitor.get(&format!("{MARRIAGE}?case.elsewhere=true")).await.ok());
    assert!(told.contains("Tùy câu trả lời cho: “Số bản sao trích lục đề nghị cấp”"), "{told}");
    assert!(told.contains("5 ngày làm việc") && !told.contains("Tổng cộng"), "{told}");
    let told = outcome(&visitor.get(&format!("{MARRIAGE}?case.copies=2")).await.ok());
    assert!(told.contains("chưa xác định Tùy câu trả lời cho: “Có bên không thường trú"), "{told}");
    assert!(told.contains("16.000 đ") && !told.contains("ngày làm việc"), "{told}");
}

async fn answers_that_nobody_asked_for_change_nothing(app: App) {
    let visitor = app.visitor();
    let long = format!("case.copies={}", "9".repeat(5_000));
    for query in [
        "case.nobody=1",
        "case.groom_name=An",
        "case.groom_number=074085000123",
        "elsewhere=true",
        "case.=true",
        "case.elsewhere=",
        "case.copies%5B%5D=1",
        "agency=x&case.copies=",
        long.as_str(),
    ] {
        let page = visitor.get(&format!("{MARRIAGE}?{query}")).await.ok();
        let page = page.has(&[CASE]).lacks(&[NOINDEX, "Trong trường hợp của bạn", "name=\"case.groom"]);
        page.lacks(&["value=\"074085000123\"", "value=\"An\""]);
    }
    for wrong in ["case.copies=99", "case.copies=-1", "case.copies=x", "case.copies=1e9", "case.elsewhere=maybe"] {
        let page = visitor.get(&format!("{MARRIAGE}?{wrong}")).await.ok().has(&["Cần sửa", "role=\"alert\"", NOINDEX]);
        let told = outcome(&page);
        assert!(told.contains("chưa xác định") && told.contains("Tùy câu trả lời cho:"), "{wrong}: {told}");
        page.lacks(&["type=\"hidden\" name=\"copies\"", "type=\"hidden\" name=\"elsewhere\""]);
    }
    let script = visitor.get(&format!("{MARRIAGE}?case.copies=%3Cscript%3Ealert(1)%3C/script%3E")).await.ok();
    script.lacks(&["<script>alert"]);
    let several = visitor.get(&format!("{MARRIAGE}?case.copies=1&case.copies=2")).await.ok();
    assert!(outcome(&several).contains("16.000 đ"), "the last one counts");
    let many = ["case.elsewhere=true"; 300].join("&");
    outcome(&visitor.get(&format!("{MARRIAGE}?{many}")).await.ok());
}

async fn the_answers_of_a_case_go_on_into_the_form_and_are_marked(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let page = citizen.get(&format!("{MARRIAGE}?case.elsewhere=true&case.copies=3")).await.ok();
    page.has(&[
        "type=\"hidden\" name=\"elsewhere\" value=\"true\"",
        "type=\"hidden\" name=\"copies\" value=\"3\"",
        "Nộp hồ sơ với các câu trả lời này",
    ]);
    let given = [("elsewhere", "true"), ("copies", "3"), ("groom_name", "Trần Văn Bé")];
    let first = citizen.post(&format!("{MARRIAGE}/apply"), &given).await.ok();
    first.clone().lacks(&["Trần Văn Bé", FROM_CASE]);
    let draft = first.path.trim_end_matches("/1").to_owned();
    let third = format!("{draft}/3");
    let page = citizen.get(&third).await.ok().has(&[FROM_CASE, "name=\"copies\" value=\"3\""]);
    assert_eq!(page.body.matches(FROM_CASE).count(), 2, "{}", page.text());
    let changed = [("elsewhere", "true"), ("copies", "2"), ("do", "later")];
    citizen.post(&third, &changed).await.ok();
    citizen.get(&third).await.ok().has(&["name=\"copies\" value=\"2\""]).lacks(&[FROM_CASE]);

    // A draft that was begun keeps its own answers.
    let again = citizen.post(&format!("{MARRIAGE}/apply"), &[("copies", "9")]).await.ok();
    assert_eq!(again.path, first.path);
    citizen.get(&third).await.ok().has(&["name=\"copies\" value=\"2\""]).lacks(&[FROM_CASE]);
    let plain = app.citizen("Trần Thị Bình", "0912345679").await;
    let draft = walk::begin(&plain, MARRIAGE).await;
    plain.get(&format!("{draft}/3")).await.ok().lacks(&[FROM_CASE]);
    let visitor = app.visitor();
    visitor.get(MARRIAGE).await.ok();
    assert_eq!(visitor.post(&format!("{MARRIAGE}/apply"), &given).await.status, 401, "a log-in comes first");
}

async fn the_answers_of_a_case_pass_the_questions_of_eligibility(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let page = citizen.get(&format!("{LICENCE}?case.reason=plastic&case.from_elsewhere=true")).await.ok();
    let told = outcome(&page);
    assert!(told.contains("Giấy khám sức khỏe của người lái xe – không cần"), "{told}");
    assert!(told.contains("8 ngày làm việc"), "{told}");
    let at = format!("{LICENCE}/eligibility");
    let carried = [("reason", "plastic"), ("from_elsewhere", "true"), ("do", "language:vi")];
    let hidden = "type=\"hidden\" name=\"reason\" value=\"plastic\"";
    citizen.post(&at, &carried).await.ok().has(&[hidden]).lacks(&["Bạn đủ điều kiện", "role=\"alert\""]);
    let answered = [("by_transport", "true"), ("revoked", "false"), ("overdue_months", "2"), ("reason", "plastic")];
    citizen.post(&at, &answered).await.ok().has(&["Bạn đủ điều kiện", hidden, "/apply\""]);
    let first = citizen.post(&format!("{LICENCE}/apply"), &answered).await.ok();
    let draft = first.path.trim_end_matches("/1").to_owned();
    citizen.get(&format!("{draft}/2")).await.ok().has(&[FROM_CASE, "value=\"plastic\" checked"]);
}
