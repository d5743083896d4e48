//! The costs that clients can cause: memory has a bound, waits have an end, and the portal can always stop.

mod connections;
mod uploads;

pub use uploads::grown_by_slow_uploads;

use motcua::runtime::{self, RunningPortal, RuntimeOptions};
use motcua_tests::browser::Browser;
use motcua_tests::portal::{App, Kind};
use motcua_tests::process::Server;
use motcua_tests::template::Template;
use motcua_tests::walk::{self, PDF};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixListener};
use tokio::time::timeout;

/// The time after which a test fails if an answer or an end does not come.
const PATIENCE: Duration = Duration::from_mins(1);

/// The most that the memory of the portal may grow for what a test sends, in MB.
const MOST_MB: u64 = 60;

/// The largest body that a form with files may announce.
const LARGEST_FORM: usize = 512 << 20;

/// The bytes of the files of a form that are read without a session.
const PASSED_OVER: usize = 32 << 20;

const LICENCE: &str = "/procedures/so-gtvt/doi-giay-phep-lai-xe";

/// Serves the sample province on SQLite in a process of its own, with these lines at the end of its settings.
async fn serve(settings: &str) -> (Server, TempDir) {
    let dir = tempfile::tempdir().expect("a folder");
    Template::Province.install(dir.path(), Kind::Sqlite).await.expect("an install folder");
    let file = dir.path().join("motcua.toml");
    let text = std::fs::read_to_string(&file).expect("the settings");
    std::fs::write(&file, format!("{text}\n{settings}\n")).expect("written");
    (Server::start(dir.path(), &[]).await.expect("it starts"), dir)
}

async fn connect(base: &str) -> TcpStream {
    TcpStream::connect(base.trim_start_matches("http://")).await.expect("a connection")
}

/// Reads until the server closes the connection.
async fn rest(mut stream: TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    // A connection that is reset has ended, too.
    drop(timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("the connection ends"));
    bytes
}

fn status(answer: &[u8]) -> u16 {
    let text = String::from_utf8_lossy(answer.get(..12).unwrap_or_default()).into_owned();
    text.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.parse().ok()).unwrap_or_else(|| panic!("no answer: {text:?}"))
}

/// Sends a request whose body has this beginning and never ends, until the server reads no more. Returns the number of
/// sent bytes.
async fn taken(base: &str, head: &str, beginning: &str) -> usize {
    const CHUNK: &[u8] = &[b'x'; 1 << 16];
    let stream = connect(base).await;
    let (mut answer, mut body) = stream.into_split();
    // The answer is read, so that it does not keep the server from closing the connection.
    let reading = tokio::spawn(async move { drop(answer.read_to_end(&mut Vec::new()).await) });
    let head = format!("{head}host: motcua\r\ncontent-length: {LARGEST_FORM}\r\n\r\n{beginning}");
    body.write_all(head.as_bytes()).await.expect("sent");
    let mut sent = 0;
    while sent < LARGEST_FORM && timeout(PATIENCE, body.write_all(CHUNK)).await.expect("it is read or refused").is_ok()
    {
        sent += CHUNK.len();
    }
    drop(body);
    timeout(PATIENCE, reading).await.expect("the connection ends").expect("it is read");
    sent
}

/// Sends a request on a connection of its own and returns the answer.
async fn ask(base: &str, head: &str, body: &[u8]) -> Vec<u8> {
    let mut stream = connect(base).await;
    let head = format!("{head}host: motcua\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).await.expect("sent");
    // The server may answer before it has everything.
    drop(stream.write_all(body).await);
    rest(stream).await
}

/// Returns the headers of a form from the page that a browser has open.
fn form(browser: &Browser, path: &str, kind: &str) -> String {
    format!("POST {path} HTTP/1.1\r\ncookie: {}\r\ncontent-type: {kind}\r\n", browser.cookies())
}

const URLENCODED: &str = "application/x-www-form-urlencoded";
const IN_PARTS: &str = "multipart/form-data; boundary=b";

/// The head of a part with a file.
const FILE: &str = "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n";

fn part(name: &str, value: &str) -> String {
    format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
}

/// The most memory of a process since the last question, in MB.
struct Memory {
    process: String,
    before: u64,
}

impl Memory {
    fn of(server: &Server) -> Self {
        let process = format!("/proc/{}", server.id().expect("it runs"));
        std::fs::write(format!("{process}/clear_refs"), "5").expect("the peak is forgotten");
        let mut memory = Self { process, before: 0 };
        memory.before = memory.peak();
        memory
    }

    fn peak(&self) -> u64 {
        let status = std::fs::read_to_string(format!("{}/status", self.process)).expect("it runs");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        peak.and_then(|peak| peak.trim().parse::<u64>().ok()).expect("a number") >> 10
    }

    #[track_caller]
    fn has_a_bound(&self) {
        let grown = self.peak().saturating_sub(self.before);
        assert!(grown <= MOST_MB, "the memory has grown by {grown} MB");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_longest_word_that_an_address_can_have_is_searched_for_with_little_memory() {
    const LONGEST: usize = (8 << 10) - "/procedures?q=".len();
    let (server, _dir) = serve("").await;
    Browser::new(&server.base).get("/procedures?q=khai+sinh").await.ok();
    let memory = Memory::of(&server);
    let words = ["z".repeat(LONGEST), "ế".repeat(LONGEST / 3), ('\u{4e00}'..).take(LONGEST / 3).collect()];
    for word in words {
        let answer = ask(&server.base, &format!("GET /procedures?q={word} HTTP/1.1\r\n"), b"").await;
        assert_eq!(status(&answer), 200);
    }
    memory.has_a_bound();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_too_long_gets_a_page_and_costs_little_memory() {
    let (server, _dir) = serve("").await;
    Browser::new(&server.base).get("/procedures?q=khai+sinh").await.ok();
    let memory = Memory::of(&server);
    for word in ["z".repeat(8 << 10), "z".repeat(60_000), ('\u{4e00}'..).take(20_000).collect()] {
        let answer = ask(&server.base, &format!("GET /procedures?q={word} HTTP/1.1\r\n"), b"").await;
        assert_eq!(status(&answer), 414);
        let page = String::from_utf8_lossy(&answer);
        assert!(page.contains("<h1>") && page.contains("Địa chỉ quá dài"), "{page}");
        assert!(page.len() < 20_000, "the page does not repeat the address");
    }
    // Such a long line is rejected below the portal, without a page.
    let head = format!("GET /procedures?q={} HTTP/1.1\r\n", "z".repeat(70_000));
    assert_eq!(status(&ask(&server.base, &head, b"").await), 414);
    memory.has_a_bound();
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_fields_and_too_much_in_them_are_refused_with_little_memory() {
    let (server, _dir) = serve("").await;
    let visitor = Browser::new(&server.base);
    let at = format!("{LICENCE}/eligibility");
    visitor.get(&at).await.ok();
    let proof = visitor.proof();
    let table = |rows: usize, fields: usize| -> String {
        let cells = (0..rows).flat_map(|row| (0..fields).map(move |field| format!("&g.{row}.f{field}=1")));
        std::iter::once(format!("proof={proof}")).chain(cells).collect()
    };
    let head = form(&visitor, &at, URLENCODED);
    let memory = Memory::of(&server);
    for (body, expected) in [
        (table(200, 20), 200),
        (table(200, 200), 413),
        ("a&".repeat(300_000), 413),
        (format!("proof={proof}&a={}", "x".repeat(600_000)), 413),
        (format!("proof={proof}&a={}", "x".repeat(2 << 20)), 413),
        (format!("proof={proof}&{}=x", "a".repeat(60_000)), 413),
    ] {
        let answer = ask(&server.base, &head, body.as_bytes()).await;
        assert_eq!(status(&answer), expected, "{}…", &body[..20]);
    }
    memory.has_a_bound();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_in_parts_from_nobody_costs_little_memory() {
    let (server, _dir) = serve("").await;
    let visitor = Browser::new(&server.base);
    visitor.get("/login").await.ok();
    let proof = part("proof", &visitor.proof());
    let many = |count: usize, value: &str| {
        let parts: String = (0..count).map(|number| part(&format!("f{number}"), value)).collect();
        format!("{proof}{parts}--b--\r\n").into_bytes()
    };
    let memory = Memory::of(&server);
    let draft = "/drafts/00000000-0000-7000-8000-000000000000/1";
    for (path, body, expected) in [
        (draft, many(10, "text"), 401),
        (draft, many(10_000, ""), 413),
        (draft, many(200, &"\"".repeat(60_000)), 413),
        ("/log/check", many(10_000, ""), 413),
        // No boundary, no end of a head, no proof.
        (draft, vec![b'x'; 30 << 20], 400),
        (draft, [b"--b\r\n".as_slice(), &b"x: y\r\n".repeat(1 << 20)].concat(), 413),
        (draft, part("a", "b").into_bytes(), 403),
    ] {
        let answer = ask(&server.base, &form(&visitor, path, IN_PARTS), &body).await;
        assert_eq!(status(&answer), expected, "{path}: {}", String::from_utf8_lossy(&body[..body.len().min(200)]));
        assert!(answer.len() < 1 << 20, "the answer has {} bytes", answer.len());
    }
    memory.has_a_bound();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_a_browser_says_is_from_elsewhere_is_refused() {
    let (server, _dir) = serve("").await;
    let visitor = Browser::new(&server.base);
    visitor.get("/login").await.ok();
    let body = format!("proof={}&login=a&password=b", visitor.proof());
    for (site, expected) in [("same-origin", 422), ("none", 422), ("cross-site", 403), ("same-site", 403)] {
        let head = format!("{}sec-fetch-site: {site}\r\n", form(&visitor, "/login", URLENCODED));
        assert_eq!(status(&ask(&server.base, &head, body.as_bytes()).await), expected, "{site}");
    }
}

on_both! {
    at_a_socket_without_addresses_the_proxy_says_who_guesses_and_is_bound_to_no_quarter
    a_file_is_sent_in_ranges_and_not_to_those_who_have_it
    what_is_the_same_for_everybody_is_kept_by_clients_and_belongs_to_nobody
}

async fn at_a_socket_without_addresses_the_proxy_says_who_guesses_and_is_bound_to_no_quarter(app: App) {
    let file = app.dir.path().join("motcua.toml");
    let text = std::fs::read_to_string(&file).expect("the settings");
    std::fs::write(&file, format!("behind_proxy = true\n{text}\n[server]\nconnections = 8\n")).expect("written");
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("motcua.sock");
    let listener = UnixListener::bind(&socket).expect("a socket");
    let base = "http://motcua";
    let options = RuntimeOptions { base_url: Some(base.to_owned()), ..RuntimeOptions::serving() };
    let RunningPortal { router, server, .. } =
        runtime::open(app.dir.path(), app.clock.clone(), options).await.expect("it opens");
    tokio::spawn(async move { motcua_portal::serve(listener, router, &server, std::future::pending()).await });
    let here = Some("203.0.113.1");
    let (first, second) = (Browser::at_socket(&socket, base, here), Browser::at_socket(&socket, base, here));
    let elsewhere = Browser::at_socket(&socket, base, Some("203.0.113.2"));
    let nowhere = Browser::at_socket(&socket, base, None);
    for browser in [&first, &second, &elsewhere, &nowhere] {
        browser.get("/login").await.ok();
    }
    let guess = async |browser: &Browser| {
        browser.post("/login", &[("login", "lan.khdt"), ("password", "không phải mật khẩu")]).await.status
    };
    for browser in [&first, &nowhere] {
        for _ in 0..5 {
            assert_eq!(guess(browser).await, 422);
        }
        assert_eq!(guess(browser).await, 429);
    }
    assert_eq!(guess(&second).await, 429, "the proxy says that it is the same network");
    assert_eq!(guess(&elsewhere).await, 422);
}

async fn a_file_is_sent_in_ranges_and_not_to_those_who_have_it(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::birth_draft(&citizen).await;
    let mut content = PDF.to_vec();
    content.resize(300_000, b' ');
    content.extend_from_slice(b"the end");
    citizen.upload(&format!("{draft}/papers/birth_proof"), &[], &[("file", "a.pdf", &content)]).await.ok();
    let page = citizen.get(&format!("{draft}/papers")).await.ok();
    let folder = format!("{draft}/files/");
    let files = page.body.split(&folder).skip(1).filter_map(|rest| rest.split('"').next());
    let files: Vec<String> = files.map(|digest| format!("{folder}{digest}")).collect();
    let get = async |path: &str, header: &str| {
        let head = format!("GET {path} HTTP/1.1\r\ncookie: {}\r\n{header}", citizen.cookies());
        let answer = ask(&app.base, &head, b"").await;
        let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("a head");
        (status(&answer), String::from_utf8_lossy(&answer[..end]).into_owned(), answer[end + 4..].to_vec())
    };
    let mut path = String::new();
    for file in files {
        if get(&file, "").await.2 == content {
            path = file;
        }
    }
    let (code, headers, bytes) = get(&path, "range: bytes=100-250099\r\n").await;
    assert_eq!(code, 206, "{headers}");
    assert!(bytes == content[100..250_100]);
    assert!(headers.contains("content-range: bytes 100-250099/300007"), "{headers}");
    assert!(get(&path, "range: bytes=-7\r\n").await.2 == b"the end");
    let (code, headers, _) = get(&path, "range: bytes=300007-\r\n").await;
    assert!(code == 416 && headers.contains("content-range: bytes */300007"), "{headers}");
    let digest = path.rsplit('/').next().expect("a digest").to_owned();
    assert!(get(&path, "").await.1.contains(&format!("etag: \"{digest}\"")));
    assert_eq!(get(&path, &format!("if-none-match: \"{digest}\"\r\n")).await.0, 304);
    assert_eq!(get(&path, "range: bytes=0-1\r\nif-range: \"other\"\r\n").await.0, 200);
    assert_eq!(get(&path, &format!("range: bytes=0-1\r\nif-range: \"{digest}\"\r\n")).await.0, 206);
}

async fn what_is_the_same_for_everybody_is_kept_by_clients_and_belongs_to_nobody(app: App) {
    let page = app.visitor().get(walk::BIRTH).await.ok();
    let version = page.between("/schemas/", ".json").expect("a version").to_owned();
    let page = app.visitor().get(LICENCE).await.ok();
    let form = format!("/templates/{}", page.between("/templates/", "\"").expect("a form to download"));
    for path in ["/catalogue.json", "/catalogue.jsonld", &format!("/schemas/{version}.json"), &form] {
        let first = app.visitor().get(path).await.ok();
        assert!(first.headers["cache-control"].to_str().expect("plain").starts_with("public"), "{path}");
        assert!(!first.headers.contains_key("set-cookie"), "{path}");
        let tag = first.headers["etag"].to_str().expect("plain").to_owned();
        let head = format!("GET {path} HTTP/1.1\r\nif-none-match: {tag}\r\n");
        assert_eq!(status(&ask(&app.base, &head, b"").await), 304, "{path}");
    }
    assert!(app.visitor().get("/").await.ok().headers.contains_key("set-cookie"));
    let home = app.visitor().get("/").await.ok();
    let style = format!("/assets/{}", home.between("href=\"/assets/", "\"").expect("a style sheet"));
    for path in ["/catalogue.json", &style] {
        let length = async |coding: &str| {
            let head = format!("GET {path} HTTP/1.1\r\naccept-encoding: {coding}\r\n");
            let answer = ask(&app.base, &head, b"").await;
            let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("a head");
            let head = String::from_utf8_lossy(&answer[..end]).into_owned();
            assert_eq!(head.contains("content-encoding: gzip"), coding == "gzip", "{path}: {head}");
            // The length is known before the content is sent, because nothing is compressed for this client alone.
            assert!(head.contains(&format!("content-length: {}", answer.len() - end - 4)), "{path}: {head}");
            answer.len()
        };
        assert!(length("gzip").await < length("identity").await, "{path}");
    }
}
