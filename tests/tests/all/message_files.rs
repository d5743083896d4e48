//! Files that go with the messages of a dossier: of both sides, to those who may read the dossier, and lost by nothing.

use crate::accounts::with_settings;
use crate::store::rows;
use jiff::civil::date;
use motcua_tests::browser::{Browser, Page};
use motcua_tests::portal::{App, PASSWORD};
use motcua_tests::walk::{self, JPEG, PDF, With, act};

on_both! {
    both_sides_send_files_and_those_who_may_read_the_dossier_open_them
    a_message_that_is_refused_loses_neither_its_words_nor_its_files
    a_file_that_was_not_received_is_named_and_the_message_is_not_sent_without_it
    a_message_has_so_many_files_and_each_can_be_left_out
    a_second_click_sends_the_files_of_a_message_once
    another_button_keeps_the_files_of_a_message
    the_files_of_messages_count_for_the_day_of_an_applicant
    the_sweep_deletes_a_file_that_was_not_sent_and_none_of_a_message
}

/// A file for a form: its field, its name and its content.
type Upload<'a> = (&'a str, &'a str, &'a [u8]);

/// Returns the part of the page with the messages that were sent.
#[track_caller]
fn messages(page: &Page) -> &str {
    let (_, messages) = page.body.split_once("<ul class=\"messages\">").expect("the messages");
    messages.split("<div class=\"write\">").next().and_then(|text| text.split("</section>").next()).unwrap_or_default()
}

/// Returns the addresses of the files of the messages on the page.
fn links(page: &Page) -> Vec<String> {
    let links = messages(page).split("<a href=\"").skip(1);
    links.map(|rest| rest.split('"').next().unwrap_or_default().to_owned()).collect()
}

/// Returns the texts by which the page remembers files that were not sent yet.
fn kept(page: &Page) -> Vec<String> {
    let kept = page.body.split("name=\"message.kept\" value=\"").skip(1);
    kept.map(|rest| rest.split('"').next().unwrap_or_default().replace("&quot;", "\"")).collect()
}

/// Opens the dossier and sends a message with files.
async fn send(browser: &Browser, dossier: &str, fields: &[(&str, &str)], files: &[Upload<'_>]) -> Page {
    browser.get(dossier).await.ok();
    browser.upload(&format!("{dossier}/messages"), fields, files).await
}

/// Returns a file with its number in it, so that no two have the same content.
fn numbered(number: usize) -> Vec<u8> {
    let mut content = PDF.to_vec();
    content.resize(PDF.len() + number, b'\n');
    content
}

async fn both_sides_send_files_and_those_who_may_read_the_dossier_open_them(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let files: &[Upload<'_>] = &[("message.files", "đơn.pdf", PDF), ("message.files", "ảnh.jpg", JPEG)];
    let page = send(&citizen, &dossier, &[("message.text", "Tôi gửi thêm giấy tờ.")], files).await.ok();
    let page = page.has(&["Đã gửi tin nhắn.", ">đơn.pdf</a>", ">ảnh.jpg</a>"]);
    assert_eq!(links(&page).len(), 2);

    let thu = app.officer("thu.phucuong").await;
    let answer: &[Upload<'_>] = &[("message.files", "mẫu đơn.pdf", &numbered(1))];
    let page = send(&thu, &dossier, &[("message.text", "Anh điền mẫu này.")], answer).await.ok();
    let sent = links(&page);
    assert_eq!(sent.len(), 3);
    let contents = [PDF.to_vec(), JPEG.to_vec(), numbered(1)];
    let readings = async || rows(app.services.database(), "SELECT id FROM reading").await.len();
    let before = readings().await;
    for (at, (link, content)) in sent.iter().zip(&contents).enumerate() {
        assert_eq!(thu.file(link).await, (200, content.clone()), "{link}");
        assert_eq!(readings().await, before + at + 1, "each opening by staff is a reading");
        assert_eq!(citizen.file(link).await, (200, content.clone()), "{link}");
    }
    assert_eq!(readings().await, before + 3, "an applicant reads the own dossier");
    let auditor = app.officer("kiemsoat").await;
    assert_eq!(auditor.file(&sent[0]).await.0, 200);

    // For everybody else, neither the files nor the dossier exist.
    let (other, lan, visitor) =
        (app.citizen("Trần Văn Em", "0908111222").await, app.officer("lan.khdt").await, app.visitor());
    for link in &sent {
        let answers = [other.file(link).await.0, lan.file(link).await.0, visitor.file(link).await.0];
        assert_eq!(answers, [404, 404, 401], "{link}");
    }
    let stored = async || rows(app.services.database(), "SELECT digest FROM file").await.len();
    let before = stored().await;
    let strange: &[Upload<'_>] = &[("message.files", "lạ.pdf", &numbered(2))];
    for (browser, status) in [(&other, 404), (&lan, 404), (&auditor, 403), (&visitor, 401)] {
        browser.get("/login").await;
        let fields = [("message.text", "Xin chào.")];
        assert_eq!(browser.upload(&format!("{dossier}/messages"), &fields, strange).await.status, status);
    }
    assert_eq!(stored().await, before, "nothing of theirs is kept");
    citizen.get(&dossier).await.ok().lacks(&["Xin chào."]);
}

async fn a_message_that_is_refused_loses_neither_its_words_nor_its_files(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let (dossier, second) = (walk::birth(&citizen).await, walk::birth(&citizen).await);
    let files: &[Upload<'_>] = &[("message.files", "đơn.pdf", PDF)];
    let refused = send(&citizen, &dossier, &[("message.text", " ")], files).await;
    assert_eq!(refused.status, 422);
    let refused = refused.has(&["Nội dung trống hoặc quá dài", "Tệp đã nhận, sẽ gửi cùng tin nhắn", "đơn.pdf ("]);
    let sealed = kept(&refused);
    assert_eq!((sealed.len(), links(&refused).len()), (1, 0));

    // The seal is for this person and this dossier, and for no other file.
    let text = ("message.text", "Tôi gửi đơn.");
    let officer = app.officer("thu.phucuong").await;
    let forged = sealed[0].replace("đơn", "đêm");
    for (browser, at, seal) in
        [(&officer, &dossier, &sealed[0]), (&citizen, &second, &sealed[0]), (&citizen, &dossier, &forged)]
    {
        let page = send(browser, at, &[text, ("message.kept", seal)], &[]).await;
        assert_eq!((page.status, links(&page).len(), kept(&page).len()), (422, 0, 0));
        page.has(&["Tải tệp lên bị ngắt giữa chừng", "Tôi gửi đơn."]);
    }
    let page = send(&citizen, &dossier, &[text, ("message.kept", &sealed[0])], &[]).await.ok();
    assert_eq!(links(&page).len(), 1);
    page.has(&[">đơn.pdf</a>"]).lacks(&["Tệp đã nhận"]);
}

async fn a_file_that_was_not_received_is_named_and_the_message_is_not_sent_without_it(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let files: &[Upload<'_>] = &[("message.files", "đơn.pdf", PDF), ("message.files", "virus.exe", b"MZ")];
    let refused = send(&citizen, &dossier, &[("message.text", "Tôi gửi đơn.")], files).await;
    assert_eq!(refused.status, 422);
    let refused =
        refused.has(&["href=\"#message-files\"", "Loại tệp này không được nhận.", "Hãy chọn lại tệp virus.exe"]);
    let refused = refused.has(&["Tôi gửi đơn.</textarea>"]);
    assert!(links(&refused).is_empty());
    let sealed = kept(&refused);
    assert_eq!(sealed.len(), 1);

    // A file of which only the name came was not received either.
    let announced = [("message.text", "Tôi gửi đơn."), ("message.files", "đơn.pdf")];
    let refused = citizen.post(&format!("{dossier}/messages"), &announced).await;
    assert_eq!(refused.status, 422);
    refused.has(&["Tải tệp lên bị ngắt giữa chừng", "Hãy chọn lại tệp đơn.pdf"]);

    // The advice is no obstacle to sending the rest.
    let rest = [("message.text", "Tôi gửi đơn."), ("message.kept", sealed[0].as_str()), ("message.again", "virus.exe")];
    let page = send(&citizen, &dossier, &rest, &[]).await.ok();
    assert_eq!(links(&page).len(), 1);
    page.lacks(&["virus.exe"]);
}

async fn a_message_has_so_many_files_and_each_can_be_left_out(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let contents: Vec<Vec<u8>> = (1..=6).map(numbered).collect();
    let files: Vec<Upload<'_>> =
        contents.iter().map(|content| ("message.files", "tệp.pdf", content.as_slice())).collect();
    let refused = send(&citizen, &dossier, &[("message.text", "Sáu tệp.")], &files).await;
    assert_eq!(refused.status, 422);
    let refused = refused.has(&["Mỗi tin nhắn kèm không quá 5 tệp. Hãy bỏ dấu"]);
    let sealed = kept(&refused);
    assert_eq!((sealed.len(), links(&refused).len()), (6, 0));
    let mut fields = vec![("message.text", "Năm tệp.")];
    fields.extend(sealed.iter().skip(1).map(|seal| ("message.kept", seal.as_str())));
    let page = send(&citizen, &dossier, &fields, &[]).await.ok();
    assert_eq!(links(&page).len(), 5);
}

async fn a_second_click_sends_the_files_of_a_message_once(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    citizen.get(&dossier).await.ok();
    let (proof, to) = (citizen.proof(), format!("{dossier}/messages"));
    let files: &[Upload<'_>] = &[("message.files", "đơn.pdf", PDF), ("message.files", "đơn.pdf", PDF)];
    for _ in 0..2 {
        citizen.back_to(&proof);
        let page = citizen.upload(&to, &[("message.text", "Tôi gửi đơn.")], files).await.ok();
        assert_eq!(messages(&page).matches("Tôi gửi đơn.").count(), 1);
        assert_eq!(links(&page).len(), 1, "a file that was chosen twice goes once");
    }
}

async fn another_button_keeps_the_files_of_a_message(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let thu = app.officer("thu.phucuong").await;
    let page = thu.get(&dossier).await.ok();
    let (seen, stay) = (page.hidden("seen").expect("a version"), page.hidden("stay").unwrap_or("0"));
    let files: &[Upload<'_>] = &[("message.files", "mẫu đơn.pdf", PDF)];
    let fields = [("seen", seen), ("stay", stay), ("message.text", "Anh điền mẫu này.")];
    let page = thu.upload(&format!("{dossier}/actions/accept"), &fields, files).await.ok();
    let page = page.has(&["Anh điền mẫu này.</textarea>", "mẫu đơn.pdf ("]);
    let sealed = kept(&page);
    assert_eq!((sealed.len(), links(&page).len()), (1, 0), "the action was taken, and the message is not sent");
    let fields = [("message.text", "Anh điền mẫu này."), ("message.kept", sealed[0].as_str())];
    let page = thu.post(&format!("{dossier}/language/en"), &fields).await.ok();
    let sealed = kept(&page);
    let fields = [("message.text", "Anh điền mẫu này."), ("message.kept", sealed[0].as_str())];
    assert_eq!(links(&send(&thu, &dossier, &fields, &[]).await.ok()).len(), 1);

    // A button that sends no files sends the names of those that were chosen.
    citizen.get(&dossier).await.ok();
    let typed = [("withdraw.reason", "Khai nhầm."), ("message.files", "đơn.pdf")];
    citizen.post(&format!("{dossier}/withdraw"), &typed).await.ok().has(&["Hãy chọn lại tệp đơn.pdf"]);
}

async fn the_files_of_messages_count_for_the_day_of_an_applicant(app: App) {
    // The paper of the application is the first file.
    let base = with_settings(&app, &[("day_files = 1000000", "day_files = 2")]).await;
    let (citizen, thu) = (Browser::new(&base), Browser::new(&base));
    citizen.register("Nguyễn Văn An", "0912345678", PASSWORD).await;
    thu.log_in("thu.phucuong", PASSWORD).await;
    let dossier = walk::birth(&citizen).await;
    let files: &[Upload<'_>] = &[("message.files", "đơn.pdf", PDF), ("message.files", "ảnh.jpg", JPEG)];
    let refused = send(&citizen, &dossier, &[("message.text", "Tôi gửi đơn.")], files).await;
    assert_eq!(refused.status, 422);
    let refused = refused.has(&["Hôm nay bạn đã tải lên quá nhiều", "Hãy chọn lại tệp ảnh.jpg"]);
    assert_eq!(kept(&refused).len(), 1);
    let page = send(&thu, &dossier, &[("message.text", "Anh điền mẫu này.")], files).await.ok();
    assert_eq!(links(&page).len(), 2, "officers are not counted");
}

async fn the_sweep_deletes_a_file_that_was_not_sent_and_none_of_a_message(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let (sent, unsent) = (numbered(1), numbered(2));
    let fields = [("message.text", "Tôi gửi đơn.")];
    let page = send(&citizen, &dossier, &fields, &[("message.files", "đơn.pdf", &sent)]).await.ok();
    let link = links(&page).remove(0);
    let refused = send(&citizen, &dossier, &[("message.text", "")], &[("message.files", "nháp.pdf", &unsent)]).await;
    assert_eq!(refused.status, 422);

    let stored = async || rows(app.services.database(), "SELECT digest FROM file").await.len();
    let before = stored().await;
    app.at(date(2026, 3, 12).at(9, 0, 0, 0));
    app.services.files.sweep_files().await.expect("swept");
    assert_eq!(stored().await, before - 1, "the one that was not sent is gone");
    citizen.log_in("0912345678", PASSWORD).await;
    assert_eq!(citizen.file(&link).await, (200, sent));
    let thu = app.officer("thu.phucuong").await;
    act(&thu, &dossier, "accept", With::default()).await.ok().has(&[">đơn.pdf</a>"]);
}
