//! The sealed log as people see it: the proof of a dossier, the check of a proof, and the head of the log.

use crate::command_line::said;
use motcua_domain::transparency::checkpoint::Checkpoint;
use motcua_domain::transparency::merkle::Hash;
use motcua_domain::transparency::note::VerifierKey;
use motcua_domain::transparency::proof::Proof;
use motcua_domain::transparency::tile::{TileId, Tiles, from_bytes};
use motcua_tests::browser::{Browser, Page};
use motcua_tests::portal::{App, serve_again};
use motcua_tests::process::motcua;
use motcua_tests::walk;

on_both! {
    a_downloaded_proof_is_checked_by_anybody
    a_changed_proof_is_refused_with_the_reason
    only_readers_of_a_dossier_get_its_proof
    a_wrong_file_is_refused_in_words
    the_pages_of_a_dossier_tell_whether_it_is_sealed
    the_head_of_the_log_is_public
    the_tiles_of_the_log_are_public_as_far_as_a_head_covers_them
    a_page_that_believes_the_keys_in_the_database_says_so
}

/// Returns the public keys of the log.
async fn keys(app: &App) -> Vec<VerifierKey> {
    let keys = app.services.log.keys().await.expect("the keys");
    assert!(!keys.believed, "they are those of the install folder");
    keys.keys.into_iter().map(|key| key.verifier).collect()
}

/// Uploads a file to the page of the log.
async fn check(browser: &Browser, file: &[u8]) -> Page {
    browser.get("/log").await.ok();
    browser.upload("/log/check", &[], &[("file", "proof.json", file)]).await
}

async fn a_downloaded_proof_is_checked_by_anybody(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let code = dossier.trim_start_matches("/dossiers/");
    app.services.log.seal().await.expect("sealed");
    let download = citizen.get(&format!("{dossier}/proof")).await.ok();
    assert_eq!(download.headers["content-type"], "application/json");
    let disposition = download.headers["content-disposition"].to_str().expect("plain");
    let name = format!("{code}-proof.json");
    assert_eq!(disposition.replace("%2D", "-").replace("%2E", "."), format!("attachment; filename*=UTF-8''{name}"));

    let proof: Proof = serde_json::from_str(&download.body).expect("a proof");
    let proven = proof.check(&keys(&app).await).expect("proven");
    assert_eq!((proof.dossier.as_str(), proven.entries), (code, 1));

    let visitor = app.visitor();
    let page = check(&visitor, download.body.as_bytes()).await.ok();
    page.has(&["Bằng chứng đúng", code, "lúc 03/03/2026 09:00", "03/03/2026 09:00 –", "nộp hồ sơ"]).lacks(&[
        "Nguyễn Văn An",
        "Nguyễn Thị Ngân",
        "0912345678",
    ]);
    visitor.get("/language/en?back=/log").await.ok().has(&["Sealed log"]);
    let page = check(&visitor, download.body.as_bytes()).await.ok();
    page.has(&["The proof is valid", "3 Mar 2026 09:00 –", "filed it"]);
}

async fn a_changed_proof_is_refused_with_the_reason(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    app.services.log.seal().await.expect("sealed");
    let proof = citizen.get(&format!("{dossier}/proof")).await.ok().body;
    let visitor = app.visitor();
    for (from, to, reason) in [
        ("Nguyễn Văn An", "Nguyễn Văn Ân", "Nội dung của mục này không khớp"),
        ("\"event\": \"filed\"", "\"event\": \"ended\"", "Mục này không nằm ở chỗ đó trong sổ"),
        ("\"version\": 1", "\"version\": 2", "Thiếu mục này"),
        ("at 2026-", "at 2027-", "Chữ ký niêm phong trong tệp không đúng"),
        ("motcua-proof-1", "<script>alert(1)</script>", "Tệp thuộc một định dạng khác"),
    ] {
        let changed = proof.replacen(from, to, 1);
        assert_ne!(changed, proof, "{from}");
        let page = check(&visitor, changed.as_bytes()).await;
        assert_eq!(page.status, 422, "{from}");
        page.has(&["Tệp này không chứng minh được gì", reason]).lacks(&["Bằng chứng đúng", "<script>"]);
    }
}

async fn only_readers_of_a_dossier_get_its_proof(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let address = format!("{dossier}/proof");
    assert_eq!(citizen.get(&address).await.status, 404, "nothing is sealed");
    app.services.log.seal().await.expect("sealed");
    let proof = citizen.get(&address).await.ok().body;
    // A person who may not read the journal gets the proof without the contents, and it holds.
    let counter = app.officer("thu.phucuong").await.get(&address).await.ok().body;
    let (counter, full): (Proof, Proof) =
        (serde_json::from_str(&counter).expect("a proof"), serde_json::from_str(&proof).expect("a proof"));
    let keys = keys(&app).await;
    assert_eq!(counter.check(&keys).expect("proven").erased, [1]);
    assert!(full.check(&keys).expect("proven").erased.is_empty());
    let stranger = app.citizen("Trần Văn Em", "0908111222").await;
    stranger.get(&address).await.has(&["Không tìm thấy"]);
    for (reader, status) in [(stranger, 404), (app.officer("lan.khdt").await, 404), (app.visitor(), 401)] {
        assert_eq!(reader.get(&address).await.status, status);
    }
}

async fn a_wrong_file_is_refused_in_words(app: App) {
    let visitor = app.visitor();
    let large = vec![b' '; (2 << 20) + 1];
    let files: [(&[u8], &str); 4] = [
        (walk::PDF, "Tệp này không phải tệp bằng chứng"),
        (b"", "Tệp này không phải tệp bằng chứng"),
        (b"{}", "không có đúng các phần của một tệp bằng chứng"),
        (large.as_slice(), "Tệp quá lớn để kiểm tra ở trang này"),
    ];
    for (file, reason) in files {
        let page = check(&visitor, file).await;
        assert_eq!(page.status, 422, "{reason}");
        page.has(&[reason]);
    }
    let page = visitor.upload("/log/check", &[], &[]).await;
    assert_eq!(page.status, 422);
    page.has(&["Hãy chọn tệp bằng chứng"]);
}

async fn the_pages_of_a_dossier_tell_whether_it_is_sealed(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let receipt = format!("{dossier}/receipt");
    let (soon, link) = ("Sẽ được niêm phong trong ít phút", format!("href=\"{dossier}/proof\""));
    for page in [&dossier, &receipt] {
        citizen.get(page).await.ok().has(&[soon, "href=\"/log\""]).lacks(&[&link]);
    }
    app.services.log.seal().await.expect("sealed");
    for page in [&dossier, &receipt] {
        let sealed = "Đã niêm phong trong sổ điện tử lúc 03/03/2026 09:00";
        citizen.get(page).await.ok().has(&[sealed, &link]).lacks(&[soon]);
    }
    // A new entry is not in the log yet.
    citizen.post(&format!("{dossier}/messages"), &[("text", "Xin chào.")]).await.ok().has(&[soon]);
    app.services.log.seal().await.expect("sealed");
    app.officer("thu.phucuong").await.get(&dossier).await.ok().has(&[&link]).lacks(&[soon]);
}

async fn the_head_of_the_log_is_public(app: App) {
    let visitor = app.visitor();
    visitor.get("/").await.ok().has(&["href=\"/log\""]);
    visitor.get("/log").await.ok().has(&["Sổ chưa được niêm phong lần nào."]);
    assert_eq!(visitor.get("/log/checkpoint").await.status, 404);
    walk::birth(&app.citizen("Nguyễn Văn An", "0912345678").await).await;
    app.services.log.seal().await.expect("sealed");
    let keys = keys(&app).await;
    let note = visitor.get("/log/checkpoint").await.ok();
    assert_eq!(note.headers["content-type"], "text/plain; charset=utf-8");
    let (head, key) = Checkpoint::open(&note.body, &keys).expect("signed");
    let count = format!("Lúc 03/03/2026 09:00, gồm {} mục", head.size);
    visitor.get("/log").await.ok().has(&[&count, note.body.trim_end(), &key.to_string()]);
    assert_eq!(visitor.get("/log/check").await.ok().path, "/log");
}

async fn the_tiles_of_the_log_are_public_as_far_as_a_head_covers_them(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    for _ in 0..3 {
        walk::birth(&citizen).await;
    }
    assert_eq!(app.visitor().get("/log/tile/0/000.p/1").await.status, 404, "nothing is sealed");
    app.services.log.seal().await.expect("sealed");
    let size = app.services.log.head().await.expect("read").expect("a head").size;
    assert_eq!(size, 3);
    let ask = async |tile: &str| reqwest::get(format!("{}/log/tile/{tile}", app.base)).await.expect("an answer");
    let bytes = ask("0/000.p/3").await.error_for_status().expect("a tile").bytes().await.expect("read");
    let tile = TileId { level: 0, index: 0 };
    let tiles: Tiles = [(tile, from_bytes(&bytes).expect("hashes"))].into_iter().collect();
    let head = app.visitor().get("/log/checkpoint").await.ok().body;
    let (head, _) = Checkpoint::open(&head, &keys(&app).await).expect("signed");
    assert_eq!(tiles.root(3), Ok(head.root));
    let two = ask("0/000.p/2").await.bytes().await.expect("read");
    assert_eq!(two, bytes.slice(..2 * size_of::<Hash>()));
    for tile in ["0/000", "0/000.p/4", "1/000.p/1", "0/001.p/1", "0/0", "data"] {
        assert_eq!(ask(tile).await.status().as_u16(), 404, "{tile}");
    }
}

async fn a_page_that_believes_the_keys_in_the_database_says_so(app: App) {
    walk::birth(&app.citizen("Nguyễn Văn An", "0912345678").await).await;
    app.services.log.seal().await.expect("sealed");
    let believed = "Các khóa này chỉ lấy từ cơ sở dữ liệu của cổng";
    app.visitor().get("/log").await.ok().lacks(&[believed]);
    for name in ["log-key.pem", "log-key.pub"] {
        std::fs::remove_file(app.dir.path().join(name)).expect("removed");
    }
    let base = serve_again(app.dir.path(), app.clock.clone()).await;
    Browser::new(&base).get("/log").await.ok().has(&[believed, "+"]);
    let told = motcua().args(["audit", "verify", "--dir"]).arg(app.dir.path()).output().expect("it runs");
    assert!(said(&told, 0).contains("has no log-key.pub, so the keys in the database are believed"));
    let told = said(&motcua().args(["doctor", "--dir"]).arg(app.dir.path()).output().expect("it runs"), 1);
    assert!(told.contains("log: the install folder has no public key"), "{told}");
}
