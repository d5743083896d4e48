//! The bytes that a first visit costs, and the hosts that pages talk to.

use crate::contributing::root;
use motcua_domain::text::Language;
use motcua_portal::theme::Shell;
use motcua_portal::{PAGES, Theme};
use motcua_tests::portal::{App, Kind};
use motcua_tests::walk::{BIRTH, COMPANY, WATER};
use std::collections::BTreeSet;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The most bytes of a first visit to a page, with all its files and with the heads of the answers.
const LARGEST_VISIT: usize = 60_000;

/// Asks for an address as a browser does, and returns the answer with its head, as it is on the wire.
async fn asked(base: &str, path: &str) -> Vec<u8> {
    let host = base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).await.expect("a connection");
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: {host}\r\naccept-encoding: gzip, deflate, br\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.expect("it is sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("the whole answer");
    assert!(answer.starts_with(b"HTTP/1.1 200 "), "{path}: {}", String::from_utf8_lossy(&answer[..20]));
    answer
}

/// Returns the value of an attribute of a tag.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(rest.split_once('"')?.0)
}

/// Returns the tags of a page, each without its brackets and in one line.
fn tags(html: &str) -> Vec<String> {
    let tags = html.split('<').skip(1).filter_map(|rest| rest.split('>').next());
    tags.map(|tag| tag.split_whitespace().collect::<Vec<_>>().join(" ").replace("&#x2f;", "/")).collect()
}

#[test]
fn an_attribute_is_found_in_a_tag_of_several_lines() {
    let tags = tags("<p>a</p><img\n  src=\"&#x2f;a.png\"\n  alt=\"\"\n>");
    assert_eq!(tags, ["p", "/p", "img src=\"/a.png\" alt=\"\""]);
    assert_eq!(attribute(&tags[2], "src"), Some("/a.png"));
    assert_eq!(attribute(&tags[2], "href"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_visit_costs_at_most_60_kb_with_all_its_files() {
    let app = App::start(Kind::Sqlite).await;
    let visitor = app.visitor();
    for path in ["/", "/procedures", "/lookup", "/help/faq", BIRTH, COMPANY, WATER] {
        let page = visitor.get(path).await.ok();
        let mut files = BTreeSet::new();
        for tag in tags(&page.body) {
            let loads = !tag.starts_with("a ") && !tag.starts_with("form ");
            let addresses = ["src", "href"].into_iter().filter_map(|name| attribute(&tag, name));
            let own = addresses.filter(|address| loads && address.starts_with("/assets/"));
            files.extend(own.map(str::to_owned));
        }
        assert!(files.iter().any(|file| file.ends_with("/style.css")), "{path}: {files:?}");
        // The module comes with the form, and somebody who reads a procedure goes on to it.
        let module = files.iter().find_map(|file| Some(format!("{}/portal.js", file.strip_suffix("/style.css")?)));
        files.extend(module);
        let mut bytes = asked(&app.base, path).await.len();
        for file in &files {
            let answer = asked(&app.base, file).await;
            let head = String::from_utf8_lossy(&answer[..answer.len().min(2_000)]).to_lowercase();
            assert!(head.contains("cache-control: public, max-age=31536000, immutable"), "{file}: {head}");
            assert!(head.contains("content-encoding: "), "{file} is not compressed");
            bytes += answer.len();
        }
        assert!(bytes <= LARGEST_VISIT, "{path} and its files have {bytes} bytes");
    }
}

/// Returns whether an address is of the portal itself.
fn is_own(address: &str) -> bool {
    !address.starts_with("//") && !address.contains(':')
}

/// Returns the addresses that a browser asks for, or sends something to, when it shows a page or sends its forms.
fn asked_for(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    for tag in tags(html) {
        let mut names = vec!["src", "srcset", "poster", "data", "action", "formaction"];
        // A link in the head only says something of the page, unless it is one of these.
        let rel = attribute(&tag, "rel").unwrap_or_default();
        if tag.starts_with("link ") && !["canonical", "alternate"].contains(&rel) {
            names.push("href");
        }
        found.extend(names.into_iter().filter_map(|name| attribute(&tag, name)).map(str::to_owned));
    }
    found
}

#[test]
fn an_address_of_another_host_is_found() {
    let page = "<link rel=\"stylesheet\" href=\"https://cdn.example/a.css\"><link rel=\"canonical\" href=\"https://a.example\">\
                <img src=\"//cdn.example/a.png\"><script src=\"/portal.js\"></script><a href=\"https://b.example\">b</a>";
    let other: Vec<String> = asked_for(page).into_iter().filter(|address| !is_own(address)).collect();
    assert_eq!(other, ["https://cdn.example/a.css", "//cdn.example/a.png"]);
}

#[test]
fn no_page_asks_another_host_for_anything() {
    let mut all = 0;
    for name in ["default", "binhduong"] {
        let theme = Theme::load(&root().join("themes"), name).expect("the theme");
        for file in ["style.css", "tokens.css", "portal.js", "emblem.svg"] {
            let (bytes, _) = theme.asset(file).expect("a file");
            let text = String::from_utf8_lossy(bytes).replace("http://www.w3.org/2000/svg", "");
            for mark in ["://", "url(//", "@import"] {
                assert!(!text.contains(mark), "{name}/{file} has {mark}");
            }
        }
        for language in [Language::Vi, Language::En] {
            for shell in Shell::samples(language) {
                for page in PAGES {
                    for html in page.rendered(&theme, language, &shell) {
                        let addresses = asked_for(&html.expect("it renders"));
                        all += addresses.len();
                        let other: Vec<&String> = addresses.iter().filter(|address| !is_own(address)).collect();
                        assert!(other.is_empty(), "{}: {other:?}", page.template);
                    }
                }
            }
        }
    }
    assert!(all > 1_000, "addresses are no longer found: {all}");
}
