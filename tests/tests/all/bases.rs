//! Legal bases on the pages: a question shows its article, and a request for a supplement cites it.

use motcua_tests::portal::App;
use motcua_tests::walk::{self, BIRTH};

on_both! {
    a_question_and_a_promise_show_their_article_on_request
    a_request_for_a_supplement_cites_the_articles_of_what_it_names
}

async fn a_question_and_a_promise_show_their_article_on_request(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let (limit, paper) = ("khoản 2 Điều 16 Luật Hộ tịch số 60", "khoản 1 Điều 16 Luật Hộ tịch số 60");
    citizen.get(BIRTH).await.ok().has(&[limit, paper, "Điều 17 Nghị định số 61", "Vì sao hỏi điều này?"]);
    let draft = walk::begin(&citizen, BIRTH).await;
    let question = "điểm a khoản 1 Điều 14 Luật Hộ tịch số 60";
    citizen.get(&format!("{draft}/1")).await.ok().has(&["Vì sao hỏi điều này?", question]);
    citizen.get(&format!("{draft}/papers")).await.ok().has(&["Vì sao hỏi điều này?", paper]);
    citizen.get("/catalogue.json").await.ok().has(&["\"limit_basis\":[\"ho-tich#16.2\"]", "\"id\":\"ho-tich\""]);
    citizen.get("/catalogue.jsonld").await.ok().has(&["\"@type\":\"Legislation\"", "hasLegalResource"]);
}

async fn a_request_for_a_supplement_cites_the_articles_of_what_it_names(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let counter = app.officer("thu.phucuong").await;
    let page = counter.get(&dossier).await.ok().has(&["value=\"papers.birth_proof\"", "value=\"mother_number\""]);
    let seen = page.hidden("seen").expect("the version").to_owned();
    let fields = [
        ("seen", seen.as_str()),
        ("reason", "Giấy chứng sinh mờ."),
        ("missing", "papers.birth_proof"),
        ("missing", "mother_number"),
        ("missing", "nowhere"),
    ];
    counter.upload(&format!("{dossier}/actions/request-supplement"), &fields, &[]).await.ok();
    let (paper, question) = ("khoản 1 Điều 16 Luật Hộ tịch số 60", "điểm b khoản 1 Điều 14 Luật Hộ tịch số 60");
    let page = citizen.get(&dossier).await.ok().has(&["Giấy chứng sinh mờ.", paper, question]);
    page.has(&["Số định danh cá nhân của mẹ"]).lacks(&["nowhere", "điểm a khoản 1 Điều 14"]);
}
