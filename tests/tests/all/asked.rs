//! A supplement: where the office asked for something, and what is still as it was.

use crate::two_tabs::with;
use motcua_tests::browser::{Browser, Page};
use motcua_tests::portal::App;
use motcua_tests::walk::{self, CHILD, PDF};

on_both! {
    a_supplement_has_one_page_with_what_was_asked_and_its_review_names_what_is_unchanged
    the_page_of_a_supplement_asks_for_nothing_else_and_takes_answers_and_papers_at_once
    no_other_draft_has_a_page_with_what_was_asked
    a_request_without_named_parts_leads_to_the_first_page
}

/// Asks for a supplement that names these parts, and returns the first page of its draft.
async fn asked(app: &App, citizen: &Browser, dossier: &str, parts: &[&str]) -> String {
    let counter = app.officer("thu.phucuong").await;
    let page = counter.get(dossier).await.ok();
    let seen = page.hidden("seen").expect("the version").to_owned();
    let mut fields = vec![("seen", seen.as_str()), ("reason", "Giấy chứng sinh mờ.")];
    fields.extend(parts.iter().map(|part| ("missing", *part)));
    counter.upload(&format!("{dossier}/actions/request-supplement"), &fields, &[]).await.ok();
    citizen.get(dossier).await.ok();
    citizen.post(&format!("{dossier}/supplement"), &[]).await.ok().path
}

/// Returns how often a review leads to the paper and to the question that were asked for.
fn named(page: &Page) -> [usize; 2] {
    ["/asked#birth_proof\"", "/asked#mother_number\""].map(|at| page.body.matches(at).count())
}

async fn a_supplement_has_one_page_with_what_was_asked_and_its_review_names_what_is_unchanged(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let first = asked(&app, &citizen, &dossier, &["papers.birth_proof", "mother_number"]).await;
    let draft = first.strip_suffix("/asked").expect("the page with what was asked").to_owned();
    let page = citizen.get(&first).await.ok();
    let page = page.has(&["<h1>Nội dung cần bổ sung</h1>", "Bước 1/2", "Chỗ cần bổ sung"]);
    page.has(&["href=\"#mother_number\"", "href=\"#birth_proof\""]);

    let nothing = "Bạn chưa thay đổi gì so với hồ sơ đã nộp";
    citizen.get(&format!("{draft}/review")).await.ok().has(&[nothing]);
    // Another answer is no answer to the request.
    let place = with(CHILD, &[("birth_place", "Nhà riêng")]);
    citizen.post(&format!("{draft}/1"), &place).await.ok();
    let places = async |page: &str| citizen.get(&format!("{draft}/{page}")).await.ok();
    let page = places("review").await.has(&["mà bạn chưa thay đổi"]).lacks(&[nothing]);
    // Each is named in the request, and the unchanged ones once more.
    assert_eq!(named(&page), [2, 2]);
    citizen.upload(&format!("{draft}/papers/birth_proof"), &[], &[("file", "rõ hơn.pdf", PDF)]).await.ok();
    let page = places("review").await.has(&["mà bạn chưa thay đổi"]);
    assert_eq!(named(&page), [1, 2]);

    // The office decides whether the supplement is enough.
    let reviewed = walk::review(&citizen, &draft).await;
    let given = citizen.post(&format!("{draft}/supplement"), &[("draft-reviewed", &reviewed)]).await.ok();
    assert_eq!(given.path, dossier);
}

async fn the_page_of_a_supplement_asks_for_nothing_else_and_takes_answers_and_papers_at_once(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let asked_page = asked(&app, &citizen, &dossier, &["papers.birth_proof", "mother_number"]).await;
    let draft = asked_page.strip_suffix("/asked").expect("the page with what was asked").to_owned();
    let page = citizen.get(&asked_page).await.ok();
    let page = page.has(&["name=\"mother_number\"", "name=\"birth_proof\"", "giấy chứng sinh.jpg"]);
    let page = page.lacks(&["name=\"child_name\"", "name=\"mother_name\""]);
    // The rest is there to be read, and other pages are open for more.
    page.has(&["Xem phần còn lại của hồ sơ", "Nguyễn Minh Khôi", "value=\"goto:1\"", "value=\"goto:papers\""]);

    // A wrong answer and a wrong file stand beside their questions, and nothing is lost.
    let files: &[(&str, &str, &[u8])] = &[("birth_proof", "virus.exe", b"MZ")];
    let wrong = citizen.upload(&asked_page, &[("mother_number", "12"), ("do", "next")], files).await;
    assert_eq!(wrong.status, 422);
    wrong.has(&["virus.exe", "Loại tệp này không được nhận.", "value=\"12\""]);
    let wrong = citizen.upload(&asked_page, &[("mother_number", "12"), ("do", "next")], &[]).await;
    assert_eq!(wrong.status, 422);
    wrong.has(&["href=\"#mother_number\"", "value=\"12\""]);

    // Other answers are no part of the page.
    let files: &[(&str, &str, &[u8])] = &[("birth_proof", "rõ hơn.pdf", PDF)];
    let number = ("mother_number", "074195000321");
    let fields = [number, ("child_name", "Tên Khác"), ("do", "next")];
    let review = citizen.upload(&asked_page, &fields, files).await.ok();
    assert_eq!(review.path, format!("{draft}/review"));
    let back = format!("href=\"{asked_page}\"");
    review.has(&["rõ hơn.pdf", "Nguyễn Minh Khôi", &back]).lacks(&["Tên Khác"]);
    let page = citizen.get(&asked_page).await.ok();
    let file = page.between("value=\"detach:", "\"").expect("a file to take off").to_owned();
    let page = citizen.upload(&asked_page, &[number, ("do", &format!("detach:{file}"))], &[]).await.ok();
    page.has(&["rõ hơn.pdf"]).lacks(&["giấy chứng sinh.jpg"]);
    // The way back from another page leads to it.
    assert_eq!(citizen.post(&format!("{draft}/1"), &with(CHILD, &[("do", "back")])).await.ok().path, asked_page);

    let reviewed = walk::review(&citizen, &draft).await;
    let given = citizen.post(&format!("{draft}/supplement"), &[("draft-reviewed", &reviewed)]).await.ok();
    assert_eq!(given.path, dossier);
    given.has(&["rõ hơn.pdf"]);
}

async fn no_other_draft_has_a_page_with_what_was_asked(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let draft = walk::birth_draft(&citizen).await;
    assert_eq!(citizen.get(&format!("{draft}/asked")).await.status, 404);
    assert_eq!(citizen.post(&format!("{draft}/asked"), CHILD).await.status, 404);

    // Nobody else opens the page of a supplement. At the counter, papers are ticked off on a page of theirs.
    let asked_page = asked(&app, &citizen, &dossier, &["papers.birth_proof"]).await;
    assert!(asked_page.ends_with("/asked"), "{asked_page}");
    let other = app.citizen("Trần Văn Em", "0908111222").await;
    let thu = app.officer("thu.phucuong").await;
    for browser in [&other, &thu] {
        assert_eq!(browser.get(&asked_page).await.status, 404);
        browser.get("/login").await;
        assert_eq!(browser.post(&asked_page, &[("mother_number", "074195000321")]).await.status, 404);
    }
    thu.get(&dossier).await.ok();
    let counter = thu.post(&format!("{dossier}/supplement"), &[]).await.ok().path;
    assert!(counter.ends_with("/papers"), "{counter}");
}

async fn a_request_without_named_parts_leads_to_the_first_page(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let first = asked(&app, &citizen, &dossier, &["nowhere"]).await;
    assert!(first.ends_with("/1"), "{first}");
    citizen.get(&first).await.ok().has(&["Giấy chứng sinh mờ."]).lacks(&["Chỗ cần bổ sung"]);
}
