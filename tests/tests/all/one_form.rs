//! The page of a dossier is one form, so nothing that is typed on it is lost with any button.

use jiff::civil::date;
use motcua_tests::browser::{Again, Browser, Page};
use motcua_tests::portal::{App, serve_again};
use motcua_tests::walk::{self, PDF, With, act};

on_both! {
    what_a_button_does_not_send_comes_back_typed
    an_applicant_loses_nothing_by_sending_something_else
    the_way_to_a_supplement_loses_no_typing
    what_is_typed_is_on_the_page_of_a_refusal_and_in_the_other_language
    a_result_that_was_chosen_is_kept_when_the_action_is_refused
    a_result_that_could_not_be_kept_is_named
    the_advice_to_choose_a_file_again_stays_with_every_button_until_one_is_chosen
    an_unreadable_number_of_a_step_is_refused_in_the_other_language_too
}

/// Returns the text in a text field of the page.
#[track_caller]
fn text<'a>(page: &'a Page, name: &str) -> &'a str {
    let field = page.between(&format!("name=\"{name}\""), "</textarea>");
    let field = field.unwrap_or_else(|| panic!("{name} is not on {}\n{}", page.path, page.text()));
    field.split_once('>').expect("a field").1
}

/// Returns the hidden fields of the page's form.
#[track_caller]
fn hidden(page: &Page, dossier: &str) -> Vec<(String, String)> {
    let Again { fields, .. } = page.form_to(&format!("{dossier}/language/vi")).expect("the form of the page");
    fields
}

/// Returns a dossier at the step of an officer who writes a note, and this officer.
async fn at_work(app: &App, citizen: &Browser) -> (String, Browser, Page) {
    let dossier = walk::birth(citizen).await;
    let thu = app.officer("thu.phucuong").await;
    act(&thu, &dossier, "accept", With::default()).await.ok();
    let binh = app.officer("binh.phucuong").await;
    let page = binh.get(&dossier).await.ok();
    (dossier, binh, page)
}

async fn what_a_button_does_not_send_comes_back_typed(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let (dossier, binh, page) = at_work(&app, &citizen).await;
    let (seen, stay) = (page.hidden("seen").expect("a version"), page.hidden("stay").expect("a step"));
    let (propose, ask) = (format!("act.{stay}.propose.note"), format!("act.{stay}.request-supplement.note"));
    let messages = format!("{dossier}/messages");
    let typed = [
        ("seen", seen),
        ("message.text", "Mời bạn chờ."),
        (propose.as_str(), "Hợp lệ \"1\"."),
        (ask.as_str(), "Thiếu ảnh."),
    ];
    let twin = binh.twin();
    let page = binh.post(&messages, &typed).await.ok();
    assert_eq!((text(&page, "message.text"), text(&page, &ask)), ("", "Thiếu ảnh."));
    assert_eq!(text(&page, &propose), "Hợp lệ &quot;1&quot;.");
    // Loaded again, it is the same message.
    let page = twin.post(&messages, &typed).await.ok().has(&["Thiếu ảnh."]);
    assert_eq!(page.body.matches("<p class=\"pre\">Mời bạn chờ.</p>").count(), 1);
    // Fields in which nothing was typed are not carried.
    let nothing =
        [("seen", seen), ("message.text", "Lần hai."), (propose.as_str(), " \r\n"), ("payment.method", "cash")];
    assert_eq!(binh.try_submit(&messages, &nothing).await.expect("an answer"), 303);

    let page = binh.get(&dossier).await.ok();
    let seen = page.hidden("seen").expect("a version");
    let typed = [
        ("seen", seen),
        ("stay", stay),
        (propose.as_str(), "Hợp lệ."),
        (ask.as_str(), "Thiếu ảnh."),
        ("message.text", "Sắp xong."),
    ];
    let page = binh.upload(&format!("{dossier}/actions/propose"), &typed, &[]).await.ok();
    let page = page.has(&[
        "<q class=\"pre\">Hợp lệ.</q>",
        "chưa được gửi",
        "<blockquote class=\"pre\">Thiếu ảnh.</blockquote>",
    ]);
    assert_eq!(text(&page, "message.text"), "Sắp xong.");
    citizen.get(&dossier).await.ok().has(&["Lần hai."]).lacks(&["Sắp xong.", "Thiếu ảnh."]);
}

async fn an_applicant_loses_nothing_by_sending_something_else(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    citizen.get(&dossier).await.ok();
    let typed = [("message.text", "Khi nào có kết quả?"), ("withdraw.reason", "Khai nhầm.")];
    let page = citizen.post(&format!("{dossier}/messages"), &typed).await.ok();
    assert_eq!((text(&page, "message.text"), text(&page, "withdraw.reason")), ("", "Khai nhầm."));
    page.has(&["Đã gửi tin nhắn.", "<p class=\"pre\">Khi nào có kết quả?</p>", "<details class=\"box\" open>"]);
    let typed = [("message.text", "Xin lỗi."), ("withdraw.reason", "Khai nhầm.")];
    let page = citizen.post(&format!("{dossier}/withdraw"), &typed).await.ok();
    assert_eq!(text(&page, "message.text"), "Xin lỗi.");
    let points = ["attitude", "guidance", "trips", "timeliness", "overall"].map(|name| format!("rating.{name}"));
    let mut typed: Vec<(&str, &str)> = points.iter().map(|name| (name.as_str(), "2")).collect();
    typed.push(("message.text", "Cảm ơn."));
    let page = citizen.post(&format!("{dossier}/rating"), &typed).await.ok();
    assert_eq!(text(&page, "message.text"), "Cảm ơn.");
    page.has(&["Thái độ của cán bộ: Tốt"]);
}

async fn what_is_typed_is_on_the_page_of_a_refusal_and_in_the_other_language(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let (dossier, binh, page) = at_work(&app, &citizen).await;
    let (seen, stay) = (page.hidden("seen").expect("a version"), page.hidden("stay").expect("a step"));
    let (propose, ask) = (format!("act.{stay}.propose.note"), format!("act.{stay}.request-supplement.note"));
    let typed = [
        ("seen", seen),
        ("stay", stay),
        (propose.as_str(), ""),
        (ask.as_str(), "Thiếu ảnh."),
        ("message.text", "Sắp xong."),
    ];
    let refused = binh.upload(&format!("{dossier}/actions/propose"), &typed, &[]).await;
    assert_eq!(refused.status, 422);
    let refused = refused.has(&["Hãy ghi rõ lý do"]);
    let (before, _) = refused.body.split_once("<summary class=\"request-supplement\">").expect("the action");
    assert!(before.trim_end().ends_with("<details open>"), "the refused action is open");
    assert_eq!((text(&refused, &ask), text(&refused, "message.text")), ("Thiếu ảnh.", "Sắp xong."));

    let mut fields = hidden(&refused, &dossier);
    fields.extend([(ask.clone(), "Thiếu ảnh.".to_owned()), ("message.text".to_owned(), "Sắp xong.".to_owned())]);
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .filter(|(name, _)| name != "proof")
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let english = binh.post(&format!("{dossier}/language/en"), &fields).await.ok();
    let english = english.has(&["lang=\"en\"", "Write the reason or the content."]);
    assert_eq!((text(&english, &ask), text(&english, "message.text")), ("Thiếu ảnh.", "Sắp xong."));
    binh.get(&dossier).await.ok().has(&["lang=\"en\""]).lacks(&["Write the reason or the content."]);
    // Nobody can make the page say anything else.
    let odd = [("refused", "no-such-rule"), ("refused-part", "act.x")];
    binh.post(&format!("{dossier}/language/vi"), &odd).await.ok().lacks(&["no-such-rule"]);
}

async fn the_way_to_a_supplement_loses_no_typing(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let (dossier, binh, _) = at_work(&app, &citizen).await;
    act(&binh, &dossier, "request-supplement", With { note: "Thiếu ảnh.", ..With::default() }).await.ok();
    citizen.get(&dossier).await.ok();
    let begin = format!("{dossier}/supplement");
    let page = citizen.post(&begin, &[("message.text", "Ảnh nào ạ?")]).await.ok();
    assert_eq!(text(&page, "message.text"), "Ảnh nào ạ?");
    let draft = page.between("<a class=\"button\" href=\"", "\"").expect("the way to the supplement").to_owned();
    citizen.get(&draft).await.ok();
    assert_eq!(citizen.post(&begin, &[("message.text", "")]).await.ok().path, draft);
}

/// Returns a dossier whose result is issued next, and the officer who issues it.
async fn to_be_issued(app: &App, citizen: &Browser) -> (String, Browser, Page) {
    let (dossier, binh, _) = at_work(app, citizen).await;
    act(&binh, &dossier, "propose", With { note: "Hợp lệ.", ..With::default() }).await.ok();
    let yen = app.officer("yen.phucuong").await;
    act(&yen, &dossier, "approve", With::default()).await.ok();
    let page = binh.get(&dossier).await.ok();
    (dossier, binh, page)
}

async fn a_result_that_was_chosen_is_kept_when_the_action_is_refused(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let (dossier, binh, page) = to_be_issued(&app, &citizen).await;
    let (seen, stay) = (page.hidden("seen").expect("a version"), page.hidden("stay").expect("a step"));
    let issue = format!("{dossier}/actions/issue");
    let (file, kept) = (format!("act.{stay}.issue.result"), format!("act.{stay}.issue.kept"));
    let result: &[(&str, &str, &[u8])] = &[(&file, "giấy khai sinh.pdf", PDF)];
    let note = format!("act.{stay}.issue.note");
    // The page is from before the step began.
    let refused = binh.upload(&issue, &[("seen", "1"), ("stay", stay), (&note, "Đã ký.")], result).await;
    assert_eq!(refused.status, 422);
    let refused = refused.has(&["vừa có thay đổi khác", "Đã giữ tệp giấy khai sinh.pdf."]);
    assert_eq!(text(&refused, &note), "Đã ký.");
    let fields = hidden(&refused, &dossier);
    let (_, sealed) = fields.iter().find(|(name, _)| *name == kept).expect("it is kept");

    // Other buttons carry it too, and it belongs to this officer alone.
    let typed = [("seen", seen), (kept.as_str(), sealed.as_str()), ("message.text", "Sắp xong.")];
    binh.post(&format!("{dossier}/messages"), &typed).await.ok().has(&["Đã giữ tệp giấy khai sinh.pdf."]);
    for other in [sealed.replace("giấy", "giả"), sealed.replacen('a', "b", 1), String::new(), "0".repeat(64)] {
        let refused = binh.upload(&issue, &[("seen", seen), ("stay", stay), (&kept, &other)], &[]).await;
        assert_eq!(refused.status, 422, "{other}");
        refused.has(&["Hãy chọn tệp kết quả."]).lacks(&["Đã giữ tệp"]);
    }
    let page = binh.upload(&issue, &[("seen", seen), ("stay", stay), (&kept, sealed)], &[]).await.ok();
    let page = page.has(&["giấy khai sinh.pdf"]).lacks(&["Đã giữ tệp"]);
    let link = page.between(&format!("href=\"{dossier}/files/"), "\"").expect("a file").to_owned();
    citizen.get(&format!("{dossier}/files/{link}")).await.ok();
    citizen.get(&dossier).await.ok().has(&["giấy khai sinh.pdf"]);
}

async fn a_result_that_could_not_be_kept_is_named(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let (dossier, binh, page) = to_be_issued(&app, &citizen).await;
    let (seen, stay) =
        (page.hidden("seen").expect("a version").to_owned(), page.hidden("stay").expect("a step").to_owned());
    let issue = format!("{dossier}/actions/issue");
    let (file, kept) = (format!("act.{stay}.issue.result"), format!("act.{stay}.issue.kept"));
    // A button that sends no files sends the name of the one that was chosen.
    let typed = [("seen", seen.as_str()), (file.as_str(), "giấy khai sinh.pdf"), ("message.text", "Sắp xong.")];
    let page = binh.post(&format!("{dossier}/messages"), &typed).await.ok();
    page.has(&["Hãy chọn lại tệp giấy khai sinh.pdf"]);
    let broken: &[(&str, &str, &[u8])] = &[(&file, "virus.exe", b"MZ")];
    let refused = binh.upload(&issue, &[("seen", &seen), ("stay", &stay)], broken).await;
    assert_eq!(refused.status, 422);
    refused.has(&["Loại tệp này không được nhận.", "Hãy chọn lại tệp virus.exe"]);

    // A page that is older than the files that nothing refers to keeps none.
    let result: &[(&str, &str, &[u8])] = &[(&file, "giấy khai sinh.pdf", PDF)];
    let refused = binh.upload(&issue, &[("seen", "1"), ("stay", &stay)], result).await;
    let fields = hidden(&refused, &dossier);
    let (_, sealed) = fields.iter().find(|(name, _)| *name == kept).expect("it is kept");
    app.at(date(2026, 3, 9).at(9, 0, 1, 0));
    let binh = app.officer("binh.phucuong").await;
    binh.get(&dossier).await.ok();
    let refused = binh.upload(&issue, &[("seen", &seen), ("stay", &stay), (&kept, sealed)], &[]).await;
    assert_eq!(refused.status, 422);
    refused.has(&["Hãy chọn tệp kết quả."]);
}

async fn the_advice_to_choose_a_file_again_stays_with_every_button_until_one_is_chosen(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let (dossier, binh, page) = to_be_issued(&app, &citizen).await;
    let (seen, stay) =
        (page.hidden("seen").expect("a version").to_owned(), page.hidden("stay").expect("a step").to_owned());
    let issue = format!("{dossier}/actions/issue");
    let (file, again) = (format!("act.{stay}.issue.result"), format!("act.{stay}.issue.again"));
    let broken: &[(&str, &str, &[u8])] = &[(&file, "virus.exe", b"MZ")];
    let mut page = binh.upload(&issue, &[("seen", &seen), ("stay", &stay)], broken).await;
    for (shown, button, typed, advice) in [
        ("vi", "language/en", "", "Choose the file virus.exe again"),
        ("en", "language/vi", "", "Hãy chọn lại tệp virus.exe"),
        ("vi", "messages", "Sắp xong.", "Hãy chọn lại tệp virus.exe"),
        ("vi", "language/en", "", "Choose the file virus.exe again"),
    ] {
        let form = page.form_to(&format!("{dossier}/language/{shown}")).expect("the form of the page");
        let fields = form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        // A browser sends a file field without a file as an empty text.
        let fields = fields.filter(|(name, _)| *name != "proof").chain([(file.as_str(), ""), ("message.text", typed)]);
        page = binh.post(&format!("{dossier}/{button}"), &fields.collect::<Vec<_>>()).await.ok().has(&[advice]);
    }
    let result: &[(&str, &str, &[u8])] = &[(&file, "giấy khai sinh.pdf", PDF)];
    let fields = [("seen", seen.as_str()), ("stay", stay.as_str()), (again.as_str(), "virus.exe")];
    binh.upload(&issue, &fields, result).await.ok().has(&["giấy khai sinh.pdf"]).lacks(&["virus.exe"]);
}

async fn an_unreadable_number_of_a_step_is_refused_in_the_other_language_too(app: App) {
    let file = app.dir.path().join("workflows/same-day.toml");
    let workflow = std::fs::read_to_string(&file).expect("the workflow");
    let field = "[[step.field]]\nid = \"checked\"\nlabel = { vi = \"Số bản đã xem\", en = \"Copies looked at\" }\n\
                 kind = \"integer\"\n\n";
    let propose = "[[step.action]]\nid = \"propose\"";
    std::fs::write(&file, workflow.replace(propose, &format!("{field}{propose}"))).expect("written");
    let base = serve_again(app.dir.path(), app.clock.clone()).await;
    let (citizen, thu, binh) = (Browser::new(&base), Browser::new(&base), Browser::new(&base));
    citizen.register("Nguyễn Văn An", "0912345678", motcua_tests::portal::PASSWORD).await.ok();
    for (officer, login) in [(&thu, "thu.phucuong"), (&binh, "binh.phucuong")] {
        officer.log_in(login, motcua_tests::portal::PASSWORD).await.ok();
    }
    let dossier = walk::birth(&citizen).await;
    act(&thu, &dossier, "accept", With::default()).await.ok();
    let page = binh.get(&dossier).await.ok();
    let (seen, stay) = (page.hidden("seen").expect("a version"), page.hidden("stay").expect("a step"));
    let (checked, note) = (format!("fill.{stay}.checked"), format!("act.{stay}.propose.note"));
    let typed =
        [("seen", seen), ("stay", stay), ("_language", "vi"), (checked.as_str(), "1tr"), (note.as_str(), "Hợp lệ.")];
    let refused = binh.upload(&format!("{dossier}/actions/propose"), &typed, &[]).await;
    assert_eq!(refused.status, 422);
    let refused = refused.has(&["Hãy nhập một số nguyên", "value=\"1tr\""]);
    let shown = [("refused", refused.hidden("refused")), ("refused-part", refused.hidden("refused-part"))];
    let shown = shown.map(|(name, value)| (name, value.expect("what was refused")));
    let typed = [&typed[..], &shown[..]].concat();
    let english = binh.post(&format!("{dossier}/language/en"), &typed).await.ok();
    english.has(&["Enter a whole number", "value=\"1tr\"", "Copies looked at"]).lacks(&["Hãy nhập một số nguyên"]);
    // A number that can be read is written as the other language writes it.
    let readable: Vec<(&str, &str)> =
        typed.iter().map(|(name, value)| (*name, if *name == checked { "1.500" } else { *value })).collect();
    binh.post(&format!("{dossier}/language/en"), &readable).await.ok().has(&["value=\"1500\""]);
}
