//! The commands that speak with the mail server, over TLS with a server on this machine.

use crate::command_line::{path, run, said};
use crate::mail::{ADDRESS, LOGIN, SECRET};
use motcua_tests::postgres::Authority;
use motcua_tests::process::motcua;
use motcua_tests::smtp::PostOffice;
use std::path::Path;

/// Runs a command on a province whose `motcua.toml` has a password for the mail server, with this authority.
fn with_password(words: &[&str], authority: &Path) -> std::process::Output {
    let mut command = motcua();
    command.args(words).env("SSL_CERT_FILE", authority).env("MOTCUA_MAIL__PASSWORD", SECRET).env("RUST_LOG", "trace");
    command.output().expect("it runs")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_sends_a_mail_over_starttls_to_a_server_that_is_trusted_and_nothing_to_another() {
    let dir = tempfile::tempdir().expect("a folder");
    let (authority, stranger) = (Authority::new().expect("one"), Authority::new().expect("another"));
    authority.certify("post", "subjectAltName=IP:127.0.0.1", dir.path()).expect("a certificate");
    let (certificate, key) = (dir.path().join("post.crt"), dir.path().join("post.key"));
    let post = PostOffice::with_certificate(&certificate, &key).await.expect("it listens");
    let province = dir.path().join("tinh");
    said(&run(&["init", path(&province)]), 0);
    let file = province.join("motcua.toml");
    let settings = std::fs::read_to_string(&file).expect("settings");
    std::fs::write(&file, format!("{settings}\n{}", post.settings("user = \"cong\""))).expect("written");
    let words = ["mail", "test", ADDRESS, "--dir", path(&province)];

    let told = said(&with_password(&words, &stranger.certificate()), 1);
    assert!(told.contains(&post.place()) && !told.contains(SECRET), "{told}");
    assert_eq!((post.heard("AUTH"), post.heard("MAIL")), (0, 0), "nothing is sent to a server that is not trusted");

    let told = said(&with_password(&words, &authority.certificate()), 0);
    assert!(told.contains(&format!("took the mail to {ADDRESS}: 250 2.0.0 taken")), "{told}");
    assert!(!told.contains(SECRET) && !told.contains(LOGIN), "{told}");
    let [mail] = post.taken().try_into().expect("one mail");
    assert!(mail.was_encrypted && mail.to == ADDRESS && post.heard(&format!("AUTH PLAIN {LOGIN}")) == 1, "{mail:?}");

    post.answer(&format!("RCPT {ADDRESS}"), "550 5.1.1 no such user");
    let told = said(&with_password(&words, &authority.certificate()), 1);
    assert!(told.contains("no such user") && told.contains("refused for good"), "{told}");
    post.answer(&format!("RCPT {ADDRESS}"), "451 4.7.1 come back later");
    let told = said(&with_password(&words, &authority.certificate()), 1);
    assert!(told.contains("come back later") && told.contains("again later"), "{told}");
    said(&run(&words), 1);
}

#[test]
fn doctor_says_that_the_mail_server_does_not_answer() {
    let dir = tempfile::tempdir().expect("a folder");
    let province = dir.path().join("tinh");
    said(&run(&["init", path(&province)]), 0);
    let told = said(&run(&["mail", "test", ADDRESS, "--dir", path(&province)]), 1);
    assert!(told.contains("names no mail server"), "{told}");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let file = province.join("motcua.toml");
    let settings = std::fs::read_to_string(&file).expect("settings");
    let mail = format!("[mail]\nserver = \"127.0.0.1\"\nport = {port}\nfrom = \"cong@example.vn\"\n");
    std::fs::write(&file, format!("{settings}\n{mail}")).expect("written");
    let told = said(&run(&["doctor", "--dir", path(&province)]), 1);
    assert!(told.contains(&format!("problem  the mail server 127.0.0.1:{port}: ")), "{told}");
}
