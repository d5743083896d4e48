//! Slow clients, the places for connections and requests, and the end of the portal.

use super::{PATIENCE, ask, connect, rest, serve, status};
use motcua_tests::browser::Browser;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_sends_half_is_not_waited_for() {
    let (server, _dir) = serve("[server]\nhead_seconds = 1\nidle_seconds = 1").await;
    for sent in ["", "GET / HTTP/1.1\r\nhost: motcua\r\nx-slow: "] {
        let mut stream = connect(&server.base).await;
        stream.write_all(sent.as_bytes()).await.expect("sent");
        rest(stream).await;
    }
    // A connection that is idle after an answer.
    let mut stream = connect(&server.base).await;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: motcua\r\n\r\n").await.expect("sent");
    assert_eq!(status(&rest(stream).await), 200);
    let half = [
        "POST /login HTTP/1.1\r\nhost: motcua\r\ncontent-length: 100\r\n\r\nlogin=",
        "POST /log/check HTTP/1.1\r\nhost: motcua\r\ncontent-type: multipart/form-data; boundary=b\r\n\
         content-length: 100\r\n\r\n--b\r\n",
    ];
    for sent in half {
        let mut stream = connect(&server.base).await;
        stream.write_all(sent.as_bytes()).await.expect("sent");
        let answer = rest(stream).await;
        assert_eq!(status(&answer), 408);
        assert!(String::from_utf8_lossy(&answer).contains("Gửi quá chậm"));
    }
}

/// Begins a request and returns when it is under way.
async fn under_way(base: &str) -> TcpStream {
    let mut stream = connect(base).await;
    let head = "POST /login HTTP/1.1\r\nhost: motcua\r\nexpect: 100-continue\r\ncontent-length: 7\r\n\
                connection: close\r\n\r\n";
    stream.write_all(head.as_bytes()).await.expect("sent");
    let mut answer = [0; 25];
    timeout(PATIENCE, stream.read_exact(&mut answer)).await.expect("an answer").expect("read");
    assert_eq!(answer, *b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_when_too_many_requests_are_under_way_is_told_so() {
    let (server, _dir) = serve("[server]\nrequests = 1").await;
    let mut first = under_way(&server.base).await;
    let visitor = Browser::new(&server.base);
    let page = visitor.get("/").await;
    assert_eq!(page.status, 503);
    let page = page.has(&["Hệ thống đang quá tải", "The system is too busy"]);
    assert!(page.headers.contains_key("retry-after"));
    visitor.get("/healthz").await.ok();
    first.write_all(b"login=a").await.expect("sent");
    assert_eq!(status(&rest(first).await), 403);
    visitor.get("/").await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_beyond_the_limit_waits_for_its_place() {
    let (server, _dir) = serve("[server]\nconnections = 1").await;
    let mut first = under_way(&server.base).await;
    let mut second = connect(&server.base).await;
    second.write_all(b"GET /healthz HTTP/1.1\r\nhost: motcua\r\nconnection: close\r\n\r\n").await.expect("sent");
    first.write_all(b"login=a").await.expect("sent");
    assert_eq!(status(&rest(first).await), 403);
    assert_eq!(status(&rest(second).await), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_takes_nothing_of_its_answers_gives_its_place_to_others() {
    let (server, _dir) = serve("[server]\nconnections = 1\nidle_seconds = 1").await;
    let mut first = connect(&server.base).await;
    // Together the answers are more than the machine holds for a client.
    let requests = "GET /catalogue.json HTTP/1.1\r\nhost: motcua\r\n\r\n".repeat(300);
    first.write_all(requests.as_bytes()).await.expect("sent");
    let answer = ask(&server.base, "GET /healthz HTTP/1.1\r\n", b"").await;
    assert_eq!(status(&answer), 200);
    // Still connected as far as it knows.
    drop(first);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_portal_ends_when_told_to_though_requests_are_half_sent() {
    let (server, _dir) = serve("[server]\nend_seconds = 1").await;
    let mut head = connect(&server.base).await;
    head.write_all(b"GET / HTTP/1.1\r\nhost: motcua\r\nx-slow: ").await.expect("sent");
    let body = under_way(&server.base).await;
    server.stop().await.expect("it ends");
    rest(head).await;
    rest(body).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_under_way_is_finished_before_the_portal_ends() {
    let (server, _dir) = serve("").await;
    let base = server.base.clone();
    let mut first = under_way(&base).await;
    server.signal("TERM").await.expect("sent");
    // The portal has heard it when it takes no connection.
    while TcpStream::connect(base.trim_start_matches("http://")).await.is_ok() {
        tokio::task::yield_now().await;
    }
    first.write_all(b"login=a").await.expect("sent");
    assert_eq!(status(&rest(first).await), 403);
    server.ended().await.expect("it ends");
}
