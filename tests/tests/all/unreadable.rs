//! Dossiers whose content was erased after its time, or cannot be read: they concern nobody else.

use crate::store::{code_in, rows, story, tamper};
use motcua_domain::names::DossierCode;
use motcua_store::log::Trust;
use motcua_store::{Database, Fault, journal};
use motcua_tests::portal::{App, Kind};
use motcua_tests::walk;

on_both_kinds! {
    erased_content_leaves_the_chain_sound_and_the_rows_as_they_were
}

on_both! {
    an_erased_dossier_is_gone_for_those_who_could_read_it_and_nothing_to_others
}

/// Erases what a dossier holds, and returns how many entries had a content.
async fn erase(database: &Database, code: &DossierCode) -> u64 {
    let transaction = database.begin().await.expect("a transaction");
    let erased = transaction.erase_payloads(code).await.expect("it is erased");
    transaction.commit().await.expect("it is committed");
    erased
}

async fn erased_content_leaves_the_chain_sound_and_the_rows_as_they_were(kind: Kind) {
    let (_dir, desk) = story(kind).await;
    let database = desk.database();
    while desk.seal().await.expect("it seals") > 0 {}
    let code = code_in(database, "ended").await;
    let row = format!("SELECT * FROM dossier WHERE code = '{code}'");
    let before = rows(database, &row).await;
    let erased = erase(database, &code).await;
    assert!(erased > 1, "{erased}");
    assert_eq!(erase(database, &code).await, 0);
    let report = database.verify(&Trust::default()).await.expect("read");
    assert!(report.is_sound(), "{:?}", report.findings);
    assert_eq!(report.erased, erased);
    let read = journal::dossier(database.reader(), &code).await;
    assert!(matches!(&read, Err(Fault::Erased { dossier }) if dossier == code.as_str()), "{read:?}");
    let proof = database.prove(&code).await.expect("read").expect("a proof");
    let keys = database.log_keys().await.expect("read");
    assert_eq!(proof.check(&keys).expect("proven").entries as u64, erased);
    assert_eq!(rows(database, &row).await, before);
    // The dossiers of its procedure are still read without it.
    let procedure = before[0]["procedure"].as_str().expect("a code").into();
    let past = journal::of_procedure(database.reader(), &procedure).await.expect("read");
    let of_procedure = format!("SELECT code FROM dossier WHERE procedure = '{procedure}'");
    assert_eq!(past.len() + 1, rows(database, &of_procedure).await.len());
}

async fn an_erased_dossier_is_gone_for_those_who_could_read_it_and_nothing_to_others(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let code = DossierCode::parse(dossier.trim_start_matches("/dossiers/")).expect("a code");
    erase(app.desk.database(), &code).await;
    for browser in [&citizen, &app.officer("thu.phucuong").await] {
        let page = browser.get(&dossier).await;
        assert_eq!(page.status, 410);
        page.has(&["Nội dung đã được xóa"]).lacks(&["Nguyễn Minh Khôi"]);
    }
    let stranger = app.citizen("Trần Thị Bình", "0912345679").await;
    assert_eq!(stranger.get(&dossier).await.status, 404);
    citizen.get("/account").await.ok().has(&[code.as_str()]);
}
