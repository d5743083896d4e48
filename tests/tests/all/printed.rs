//! The forms on paper: what each of them says, when it is there, and for whom.

use crate::command_line::said;
use jiff::civil::date;
use lopdf::Document;
use motcua::letters::{SECONDS, in_child};
use motcua_portal::{LetterOrder, NotPrinted, Theme, sample_letters};
use motcua_tests::browser::Browser;
use motcua_tests::portal::{App, PASSWORD, serve_again};
use motcua_tests::process;
use motcua_tests::walk::{self, CHILD, With};

on_both! {
    the_receipt_names_the_applicant_the_code_and_the_appointment_in_words
    a_request_for_a_supplement_is_printed_once_it_was_made_and_names_the_officer_to_officers_alone
    a_refusal_is_printed_with_its_reason_once_the_dossier_was_declined
    an_apology_is_for_a_late_dossier_and_without_another_appointment_for_officers_alone
    a_control_sheet_is_for_officers_alone
    the_copy_has_what_was_filed_for_those_who_see_the_dossier
    the_applicant_sees_who_read_the_dossier_by_printing_a_form
    a_theme_replaces_one_form_and_a_fault_of_it_leaves_the_page_of_the_receipt
}

const PHONE: &str = "0912345678";

/// Returns the address of a form.
fn form(dossier: &str, number: &str) -> String {
    format!("{dossier}/documents/form-{number}.pdf")
}

/// Returns a text without blanks, because a PDF may break a line anywhere.
fn close(text: &str) -> String {
    text.split_whitespace().collect()
}

/// Opens a form and returns its words without blanks.
async fn printed(browser: &Browser, dossier: &str, number: &str) -> String {
    let (status, pdf) = browser.file(&form(dossier, number)).await;
    assert_eq!(status, 200, "form {number}: {}", String::from_utf8_lossy(&pdf));
    let document = Document::load_mem(&pdf).expect("a PDF");
    let pages: Vec<u32> = document.get_pages().into_keys().collect();
    close(&document.extract_text(&pages).expect("its text"))
}

#[track_caller]
fn has(words: &str, texts: &[&str]) {
    for text in texts {
        assert!(words.contains(&close(text)), "`{text}` is not in {words}");
    }
}

/// Fails unless the form does not exist for a person.
async fn assert_missing(browser: &Browser, dossier: &str, number: &str) {
    assert_eq!(browser.file(&form(dossier, number)).await.0, 404, "form {number}");
}

async fn the_receipt_names_the_applicant_the_code_and_the_appointment_in_words(app: App) {
    let an = app.citizen("Nguyễn Văn An", PHONE).await;
    let dossier = walk::birth(&an).await;
    let code = dossier.trim_start_matches("/dossiers/");
    let page = an.get(&format!("{dossier}/receipt")).await.ok().has(&["/documents/form-01.pdf"]);
    let receipt = printed(&an, &dossier, "01").await;
    let words =
        ["GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ", "Độc lập - Tự do - Hạnh phúc", "Nguyễn Văn An", code, PHONE];
    has(&receipt, &words);
    has(&receipt, &["Bình Dương, ngày 03 tháng 3 năm 2026", "09 giờ 00 phút, ngày 03 tháng 3 năm 2026"]);
    // The page of the browser says the same day.
    page.has(&["04/03/2026"]);
    has(&receipt, &["ngày 04 tháng 3 năm 2026"]);
    let other = app.citizen("Trần Văn Em", "0908111222").await;
    assert_missing(&other, &dossier, "01").await;
    assert_missing(&an, &dossier, "06").await;
    assert_eq!(app.visitor().file(&form(&dossier, "01")).await.0, 401);
}

async fn a_request_for_a_supplement_is_printed_once_it_was_made_and_names_the_officer_to_officers_alone(app: App) {
    let an = app.citizen("Nguyễn Văn An", PHONE).await;
    let thu = app.officer("thu.phucuong").await;
    let dossier = walk::birth(&an).await;
    let link = form(&dossier, "02");
    for reader in [&an, &thu] {
        assert_missing(reader, &dossier, "02").await;
        reader.get(&dossier).await.ok().lacks(&[&link]);
    }
    let asks = With { note: "Thiếu giấy chứng sinh.", ..With::default() };
    walk::act(&thu, &dossier, "request-supplement", asks).await.ok();
    for (reader, names_officer) in [(&an, false), (&thu, true)] {
        reader.get(&dossier).await.ok().has(&[&link]);
        let request = printed(reader, &dossier, "02").await;
        let code = dossier.trim_start_matches("/dossiers/");
        let words = ["PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ", "Nguyễn Văn An", code, "Thiếu giấy chứng sinh."];
        has(&request, &words);
        has(&request, &["Bình Dương, ngày 03 tháng 3 năm 2026", "Thời hạn bổ sung, hoàn thiện hồ sơ:"]);
        assert_eq!(request.contains("NgôMinhThư"), names_officer, "{request}");
    }
}

async fn a_refusal_is_printed_with_its_reason_once_the_dossier_was_declined(app: App) {
    let an = app.citizen("Nguyễn Văn An", PHONE).await;
    let thu = app.officer("thu.phucuong").await;
    let dossier = walk::birth(&an).await;
    assert_missing(&an, &dossier, "03").await;
    let note = With { note: "Không thuộc thẩm quyền.", ..With::default() };
    walk::act(&thu, &dossier, "decline", note).await.ok();
    let refusal = printed(&an, &dossier, "03").await;
    has(&refusal, &["không tiếp nhận hồ sơ này", "Không thuộc thẩm quyền.", "Nguyễn Văn An"]);
    assert!(!refusal.contains("NgôMinhThư"), "{refusal}");
    has(&printed(&thu, &dossier, "03").await, &["Ngô Minh Thư"]);
}

async fn an_apology_is_for_a_late_dossier_and_without_another_appointment_for_officers_alone(app: App) {
    let an = app.citizen("Nguyễn Văn An", PHONE).await;
    let dossier = walk::birth(&an).await;
    assert_missing(&app.officer("thu.phucuong").await, &dossier, "04").await;
    app.at(date(2026, 3, 10).at(9, 0, 0, 0));
    // The sessions of a week ago have ended.
    an.log_in(PHONE, PASSWORD).await;
    let thu = app.officer("thu.phucuong").await;
    let apology = printed(&thu, &dossier, "04").await;
    has(
        &apology,
        &["PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ", "xin lỗi ông (bà)", "…… giờ …… phút", "Nguyễn Văn An"],
    );
    has(&apology, &["Bình Dương, ngày 10 tháng 3 năm 2026"]);
    assert_missing(&an, &dossier, "04").await;
    an.get(&dossier).await.ok().lacks(&[&form(&dossier, "04")]);
}

async fn a_control_sheet_is_for_officers_alone(app: App) {
    let an = app.citizen("Nguyễn Văn An", PHONE).await;
    let dossier = walk::birth(&an).await;
    let link = form(&dossier, "05");
    an.get(&dossier).await.ok().lacks(&[&link]);
    assert_missing(&an, &dossier, "05").await;
    let thu = app.officer("thu.phucuong").await;
    thu.get(&dossier).await.ok().has(&[&link]);
    has(
        &printed(&thu, &dossier, "05").await,
        &["PHIẾU KIỂM SOÁT QUÁ TRÌNH GIẢI QUYẾT HỒ SƠ", "Người lập phiếu".to_uppercase().as_str()],
    );
}

async fn the_copy_has_what_was_filed_for_those_who_see_the_dossier(app: App) {
    let an = app.citizen("Nguyễn Văn An", PHONE).await;
    let dossier = walk::birth(&an).await;
    let link = form(&dossier, "copy");
    for page in [dossier.clone(), format!("{dossier}/receipt")] {
        an.get(&page).await.ok().has(&[&link]);
    }
    let &(_, child) = CHILD.iter().find(|(name, _)| *name == "child_name").expect("the child has a name");
    let thu = app.officer("thu.phucuong").await;
    for reader in [&an, &thu] {
        let copy = printed(reader, &dossier, "copy").await;
        has(&copy, &["BẢN SAO HỒ SƠ ĐÃ NỘP", "Nguyễn Văn An", PHONE, child, dossier.trim_start_matches("/dossiers/")]);
        has(&copy, &["09 giờ 00 phút, ngày 03 tháng 3 năm 2026"]);
    }
    let other = app.citizen("Trần Văn Em", "0908111222").await;
    assert_missing(&other, &dossier, "copy").await;
    assert_eq!(app.visitor().file(&link).await.0, 401);
}

async fn the_applicant_sees_who_read_the_dossier_by_printing_a_form(app: App) {
    let an = app.citizen("Nguyễn Văn An", PHONE).await;
    let dossier = walk::birth(&an).await;
    let readings = format!("{dossier}/readings");
    an.get(&readings).await.ok().lacks(&["Ngô Minh Thư"]);
    printed(&app.officer("thu.phucuong").await, &dossier, "01").await;
    an.get(&readings).await.ok().has(&["Ngô Minh Thư"]);
}

async fn a_theme_replaces_one_form_and_a_fault_of_it_leaves_the_page_of_the_receipt(app: App) {
    let documents = app.dir.path().join("themes/binhduong/documents");
    std::fs::create_dir_all(&documents).expect("made");
    std::fs::write(documents.join("form-01.typ"), "#import \"letter.typ\": *\n#data.nobody\n").expect("written");
    let own = "#import \"letter.typ\": *\n#show: letter.with(\"Phiếu\")\nPhiếu của tỉnh: #data.code\n";
    std::fs::write(documents.join("form-05.typ"), own).expect("written");
    let an = app.citizen("Nguyễn Văn An", PHONE).await;
    let dossier = walk::birth(&an).await;
    let base = serve_again(app.dir.path(), app.clock.clone()).await;
    let (an, thu) = (Browser::new(&base), Browser::new(&base));
    an.log_in(PHONE, PASSWORD).await;
    thu.log_in("thu.phucuong", PASSWORD).await;
    assert_eq!(an.file(&form(&dossier, "01")).await.0, 500);
    an.get(&format!("{dossier}/receipt")).await.ok().has(&["Nguyễn Văn An"]);
    has(&printed(&thu, &dossier, "05").await, &["Phiếu của tỉnh:"]);
    let check = process::motcua().args(["theme", "check"]).arg(app.dir.path()).output().expect("it runs");
    let told = said(&check, 1);
    assert!(told.contains("documents/form-01.typ:2") && told.contains("nobody"), "{told}");
    assert!(!told.contains("form-05.typ"), "{told}");
}

#[tokio::test]
async fn every_form_is_printed_in_a_process_of_its_own() {
    for order in sample_letters(&Theme::embedded().expect("it is there")) {
        let pdf = in_child(process::motcua(), &order, SECONDS).await;
        let pdf = pdf.unwrap_or_else(|fault| panic!("{}: {fault}", order.name));
        assert!(Document::load_mem(&pdf).expect("a PDF").catalog().expect("a catalog").has(b"StructTreeRoot"));
    }
}

#[tokio::test]
async fn a_template_that_never_ends_is_stopped_and_a_faulty_one_is_told_by_its_process() {
    let order = |template: &str| LetterOrder {
        name: "form-00.typ".to_owned(),
        template: template.to_owned(),
        shared: String::new(),
        data: serde_json::json!({}),
    };
    let endless = order("#for one in range(100000) { for other in range(100000) { } }");
    assert_eq!(in_child(process::motcua(), &endless, 1).await, Err(NotPrinted::TooCostly("form-00.typ".to_owned())));
    let faulty = in_child(process::motcua(), &order("#nobody"), SECONDS).await;
    assert!(matches!(&faulty, Err(NotPrinted::Template(told)) if told.contains("form-00.typ:1")), "{faulty:?}");
}

#[test]
fn the_guide_for_themes_has_every_name_that_a_form_gets() {
    let guide = include_str!("../../../docs/themes.md");
    let orders = sample_letters(&Theme::embedded().expect("it is there"));
    let names = orders[0].data.as_object().expect("fields").keys();
    let missing: Vec<&String> = names.filter(|name| !guide.contains(&format!("`data.{name}`"))).collect();
    assert!(missing.is_empty(), "docs/themes.md lacks {missing:?}");
}
