//! Standard answers: the leader of an agency writes them, officers put them into texts, and auditors see the record.

use motcua_tests::browser::{Browser, Page};
use motcua_tests::portal::App;
use motcua_tests::walk::{self, With, act};

on_both! {
    the_leader_of_an_agency_writes_its_answers_and_an_auditor_sees_each_change
    an_answer_with_a_mistake_is_shown_again_as_it_was_typed
    an_officer_puts_an_answer_into_a_text_and_changes_it_before_it_is_sent
    an_answer_goes_into_the_request_for_a_supplement_beside_what_is_typed_elsewhere
}

/// The page of the agency of the births.
const ANSWERS: &str = "/desk/answers/ubnd-phu-cuong";

/// The answer of most tests.
const TEXT: &str = "Kính gửi {name}, hồ sơ {code} ({procedure}) hẹn trả {due}.";

async fn add(leader: &Browser, title: &str, text: &str) -> Page {
    leader.get(ANSWERS).await.ok();
    leader.post(ANSWERS, &[("title", title), ("text", text), ("do", "save")]).await
}

/// Returns the id of the only answer.
fn id_of(page: &Page) -> String {
    page.between("name=\"id\" value=\"", "\"").expect("an answer").to_owned()
}

async fn the_leader_of_an_agency_writes_its_answers_and_an_auditor_sees_each_change(app: App) {
    let (leader, other) = (app.officer("yen.phucuong").await, app.officer("dung.khdt").await);
    assert_eq!(leader.get("/desk/answers").await.ok().path, ANSWERS, "the only agency is shown at once");
    let page = add(&leader, "Lời hẹn", TEXT).await.ok().has(&["Đã lưu", "Lời hẹn", "{due}"]);
    let id = id_of(&page);
    let changed = [("id", id.as_str()), ("title", "Lời hẹn trả"), ("text", TEXT), ("do", "save")];
    leader.post(ANSWERS, &changed).await.ok().has(&["Lời hẹn trả"]);
    leader.post(ANSWERS, &changed).await.ok();
    other.get("/desk").await.ok();
    assert_eq!(other.get(ANSWERS).await.status, 403);
    assert_eq!(other.post(ANSWERS, &[("id", &id), ("do", "remove")]).await.status, 403);
    leader.post(ANSWERS, &[("id", &id), ("do", "remove")]).await.ok().has(&["Cơ quan chưa có mẫu trả lời nào"]);

    let auditor = app.officer("kiemsoat").await;
    auditor.get("/desk").await.ok().has(&["href=\"/desk/answers\""]);
    let record = auditor.get(ANSWERS).await.ok();
    let record = record.has(&["thêm “Lời hẹn”", "sửa “Lời hẹn trả”", "xóa “Lời hẹn trả”"]).lacks(&["<textarea"]);
    assert_eq!(record.body.matches("sửa “").count(), 1, "an answer that is as it was is no change");
    assert_eq!(auditor.post(ANSWERS, &[("title", "a"), ("text", "b")]).await.status, 403);
}

async fn an_answer_with_a_mistake_is_shown_again_as_it_was_typed(app: App) {
    let leader = app.officer("yen.phucuong").await;
    add(&leader, "Lời hẹn", TEXT).await.ok();
    for (title, text, told) in [
        ("", "Chào", "Tên mẫu còn trống"),
        ("Lời hẹn", "Chào", "trùng với mẫu khác"),
        ("Lời chào", " ", "Nội dung mẫu còn trống"),
        ("Lời chào", "Nộp {fee} đồng", "không phải trường nào"),
    ] {
        let page = add(&leader, title, text).await;
        assert_eq!(page.status, 422, "{title}");
        page.has(&[told, &format!(">{text}</textarea>")]);
    }
}

async fn an_officer_puts_an_answer_into_a_text_and_changes_it_before_it_is_sent(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let code = dossier.trim_start_matches("/dossiers/");
    let thu = app.officer("thu.phucuong").await;
    thu.get(&dossier).await.ok().lacks(&["/answer#message"]);
    let id = id_of(&add(&app.officer("yen.phucuong").await, "Lời hẹn", TEXT).await.ok());
    thu.get(&dossier).await.ok().has(&["/answer#message", "Lời hẹn"]);
    citizen.get(&dossier).await.ok().lacks(&["/answer#message"]);

    let chosen = [("answer", "message.text"), ("answer-message-text", id.as_str()), ("message.text", "Chào bạn.")];
    let page = thu.post(&format!("{dossier}/answer"), &chosen).await.ok();
    let text = format!("Kính gửi Nguyễn Văn An, hồ sơ {code} (");
    let page = page.has(&["Chào bạn.", &text, "hẹn trả 04/03/2026 09:00."]);
    let typed = page.between("name=\"message.text\"", "</textarea>").expect("the box").to_owned();
    assert!(typed.contains(&text), "{typed}");
    citizen.get(&dossier).await.ok().lacks(&[&text]);
    let changed = format!("{text} và lời nói thêm");
    thu.post(&format!("{dossier}/messages"), &[("message.text", &changed)]).await.ok();
    citizen.get(&dossier).await.ok().has(&["và lời nói thêm"]);
}

async fn an_answer_goes_into_the_request_for_a_supplement_beside_what_is_typed_elsewhere(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let thu = app.officer("thu.phucuong").await;
    let id = id_of(&add(&app.officer("yen.phucuong").await, "Thiếu ảnh", "Ảnh của {name} bị mờ.").await.ok());
    let page = thu.get(&dossier).await.ok();
    // The button of each text names it.
    let rest = page.between("value=\"act.", ".reason\"").expect("a reason");
    let field = format!("act.{}.reason", rest.rsplit("value=\"act.").next().unwrap_or(rest));
    let select = format!("answer-{}", field.replace('.', "-"));
    let (field, select, id) = (field.as_str(), select.as_str(), id.as_str());
    let chosen = [("answer", field), (select, id), ("message.text", "Chưa gửi"), (field, "")];
    let page = thu.post(&format!("{dossier}/answer"), &chosen).await.ok();
    page.has(&["Ảnh của Nguyễn Văn An bị mờ.", "Chưa gửi"]);
    // An id of nothing, and a field that takes no answer, leave the page as it was.
    for (field, id) in [("message.text", "nothing"), ("seen", id)] {
        let select = format!("answer-{}", field.replace('.', "-"));
        let page = thu.post(&format!("{dossier}/answer"), &[("answer", field), (select.as_str(), id)]).await.ok();
        page.lacks(&["bị mờ"]);
    }
    act(&thu, &dossier, "request-supplement", With { note: "Ảnh mờ.", ..With::default() }).await.ok();
}
