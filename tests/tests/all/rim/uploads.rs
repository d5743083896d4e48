//! The costs of uploads.

use super::{FILE, IN_PARTS, Memory, PASSED_OVER, ask, connect, form, part, rest, serve, status, taken};
use motcua_tests::browser::Browser;
use motcua_tests::portal::{App, Kind, PASSWORD};
use motcua_tests::process::Server;
use motcua_tests::walk::{self, PDF};
use std::sync::Arc;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::Barrier;

/// Returns the beginning of a request that sends a form with a file of so many bytes, up to the file. [`END`] follows.
fn upload(browser: &Browser, path: &str, bytes: usize) -> String {
    let begin = format!("{}{FILE}", part("proof", &browser.proof()));
    let (head, length) = (form(browser, path, IN_PARTS), begin.len() + bytes + END.len());
    format!("{head}host: motcua\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{begin}")
}

/// The end of a form in parts.
const END: &str = "\r\n--b--\r\n";

/// Sends a form with a file and returns the status.
async fn send_file(browser: &Browser, base: &str, path: &str, file: &[u8]) -> u16 {
    let (mut stream, head) = (connect(base).await, upload(browser, path, file.len()));
    for bytes in [head.as_bytes(), file, END.as_bytes()] {
        // The server may answer before it has everything.
        drop(stream.write_all(bytes).await);
    }
    status(&rest(stream).await)
}

/// Sends a form with a file from so many clients of a browser, and returns the answers.
///
/// No client sends the last tenth before all have sent the rest.
async fn slowly(browser: &Browser, base: &str, path: &str, file: &[u8], clients: usize) -> Vec<u16> {
    let (head, file): (Arc<str>, Arc<[u8]>) = (upload(browser, path, file.len()).into(), file.into());
    let most = Arc::new(Barrier::new(clients));
    let client = |_| {
        let (base, head, file, most) = (base.to_owned(), head.clone(), file.clone(), most.clone());
        tokio::spawn(async move {
            let mut stream = connect(&base).await;
            stream.write_all(head.as_bytes()).await.expect("sent");
            let (first, last) = file.split_at(file.len() / 10 * 9);
            stream.write_all(first).await.expect("sent");
            most.wait().await;
            drop(stream.write_all(last).await);
            drop(stream.write_all(END.as_bytes()).await);
            status(&rest(stream).await)
        })
    };
    let clients: Vec<_> = (0..clients).map(client).collect();
    let mut answers = Vec::new();
    for client in clients {
        answers.push(client.await.expect("no panic"));
    }
    answers
}

/// Lets so many clients send a paper of so many bytes slowly. Returns the growth of the portal's memory meanwhile, in
/// MB.
pub async fn grown_by_slow_uploads(server: &Server, clients: usize, bytes: usize) -> u64 {
    let citizen = Browser::new(&server.base);
    citizen.register("Nguyễn Văn An", "0912345678", PASSWORD).await;
    let draft = walk::birth_draft(&citizen).await;
    let path = format!("{draft}/papers/birth_proof");
    let mut file = PDF.to_vec();
    file.resize(bytes, b' ');
    let memory = Memory::of(server);
    for answer in slowly(&citizen, &server.base, &path, &file, clients).await {
        assert!(matches!(answer, 303 | 422), "{answer}");
    }
    memory.peak().saturating_sub(memory.before)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_slow_uploads_cost_little_memory() {
    let (server, _dir) = serve("").await;
    let grown = grown_by_slow_uploads(&server, 200, 2 << 20).await;
    assert!(grown <= 150, "the memory has grown by {grown} MB; all files have 400 MB");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_proofs_that_wait_to_be_checked_cost_little_memory() {
    let (server, _dir) = serve("").await;
    let visitor = Browser::new(&server.base);
    visitor.get("/log").await.ok();
    // The largest file that is read. All of them together have 200 MB.
    let file = vec![b' '; 2 << 20];
    let memory = Memory::of(&server);
    for answer in slowly(&visitor, &server.base, "/log/check", &file, 100).await {
        assert!(matches!(answer, 422 | 503), "{answer}");
    }
    let grown = memory.peak().saturating_sub(memory.before);
    // Each has a thread for the disk, with the pages that the allocator keeps for a thread.
    assert!(grown <= 120, "the memory has grown by {grown} MB; all files have 200 MB");
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_clients_with_large_proofs_keep_nobody_from_checking_one() {
    let (server, _dir) = serve("").await;
    let visitor = Browser::new(&server.base);
    visitor.get("/log").await.ok();
    let large = vec![b' '; 1 << 20];
    // More than are checked at once. Each has sent more than waits in memory, and none sends the rest.
    let mut slow = Vec::new();
    for _ in 0..20 {
        let mut stream = connect(&server.base).await;
        stream.write_all(upload(&visitor, "/log/check", large.len()).as_bytes()).await.expect("sent");
        stream.write_all(&large[..large.len() / 2]).await.expect("sent");
        slow.push(stream);
    }
    for file in [&large[..], b"[]"] {
        assert_eq!(send_file(&visitor, &server.base, "/log/check", file).await, 422, "it was checked");
    }
    // The other half is checked too, so all of them were under way.
    for mut stream in slow {
        for bytes in [&large[large.len() / 2..], END.as_bytes()] {
            stream.write_all(bytes).await.expect("sent");
        }
        assert_eq!(status(&rest(stream).await), 422, "it was checked");
    }
}

/// The paths of a page of a draft, of a paper and of an action.
const UPLOADS: [&str; 3] = [
    "/drafts/01900000-0000-7000-8000-000000000000/1",
    "/drafts/01900000-0000-7000-8000-000000000000/papers/birth_proof",
    "/dossiers/H09.31-260303-0001/actions/decline",
];

#[tokio::test(flavor = "multi_thread")]
async fn of_files_without_a_session_no_more_is_read_than_the_texts_behind_them_are_worth() {
    // The connection holds some megabytes of what was sent.
    const HELD: usize = 24 << 20;
    let app = App::start(Kind::Sqlite).await;
    let visitor = app.visitor();
    visitor.get("/login").await.ok();
    let beginning = format!("{}{FILE}", part("proof", &visitor.proof()));
    for path in UPLOADS {
        let sent = taken(&app.base, &form(&visitor, path, IN_PARTS), &beginning).await;
        assert!((PASSED_OVER..PASSED_OVER + HELD).contains(&sent), "{path}: {sent} bytes were taken");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_after_the_session_ended_says_what_is_kept_and_what_is_not() {
    let app = App::start(Kind::Sqlite).await;
    let visitor = app.visitor();
    visitor.get("/login").await.ok();
    let proof = part("proof", &visitor.proof());
    let note = part("note", "Dòng sau tệp");
    for path in UPLOADS {
        let head = form(&visitor, path, IN_PARTS);
        for (bytes, said, kept) in [
            (PDF.len(), "nhưng các tệp chưa được giữ lại", true),
            (PASSED_OVER, "nhưng các tệp chưa được giữ lại", true),
            (PASSED_OVER + 1, "cả tệp lẫn những gì bạn vừa nhập đều chưa được giữ lại", false),
        ] {
            let content = vec![b'x'; bytes];
            let body = [proof.as_bytes(), FILE.as_bytes(), &content, b"\r\n", note.as_bytes(), b"--b--\r\n"].concat();
            let answer = ask(&app.base, &head, &body).await;
            assert_eq!(status(&answer), 401, "{path}, {bytes} bytes");
            let page = String::from_utf8_lossy(&answer);
            assert!(page.contains(said), "{path}, {bytes} bytes");
            assert_eq!(page.contains("Dòng sau tệp"), kept, "{path}, {bytes} bytes");
        }
    }
}
