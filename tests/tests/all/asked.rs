//! A supplement: where the office asked for something, and what is still as it was.

use crate::two_tabs::with;
use motcua_tests::browser::{Browser, Page};
use motcua_tests::portal::App;
use motcua_tests::walk::{self, CHILD, PDF};

on_both! {
    a_supplement_begins_where_something_was_asked_and_its_review_names_what_is_unchanged
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
    ["/papers#papers.birth_proof\"", "/2#mother_number\""].map(|at| page.body.matches(at).count())
}

async fn a_supplement_begins_where_something_was_asked_and_its_review_names_what_is_unchanged(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let first = asked(&app, &citizen, &dossier, &["papers.birth_proof", "mother_number"]).await;
    let draft = first.strip_suffix("/2").expect("the page of the mother").to_owned();
    let page = citizen.get(&first).await.ok();
    page.has(&["Chỗ cần bổ sung", "href=\"#mother_number\"", "value=\"goto:papers\">Giấy chứng sinh"]);

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

async fn a_request_without_named_parts_leads_to_the_first_page(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let first = asked(&app, &citizen, &dossier, &["nowhere"]).await;
    assert!(first.ends_with("/1"), "{first}");
    citizen.get(&first).await.ok().has(&["Giấy chứng sinh mờ."]).lacks(&["Chỗ cần bổ sung"]);
}
