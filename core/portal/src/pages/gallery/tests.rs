//! Tests of the gallery, through its router.

use super::*;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use std::path::Path as FilePath;
use tower_service::Service as _;

/// Asks the gallery of the theme `mau` of a folder, and returns the status, the headers and the text of its answer.
async fn ask(themes: &FilePath, address: &str) -> (StatusCode, HeaderMap, String) {
    let mut router = gallery(themes.to_owned(), "mau".to_owned(), Language::Vi);
    let request = Request::get(address).body(Body::empty()).expect("a request");
    let answer = router.call(request).await.expect("an answer");
    let (head, body) = answer.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
    (head.status, head.headers, String::from_utf8_lossy(&bytes).replace("&#x2f;", "/"))
}

fn theme(files: &[(&str, &str)]) -> tempfile::TempDir {
    let themes = tempfile::tempdir().expect("a folder");
    write(themes.path(), files);
    themes
}

fn write(themes: &FilePath, files: &[(&str, &str)]) {
    for (file, text) in [("theme.toml", "parent = \"default\"\n")].iter().chain(files) {
        let path = themes.join("mau").join(file);
        std::fs::create_dir_all(path.parent().expect("it has a folder")).expect("a folder");
        std::fs::write(path, text).expect("written");
    }
}

#[tokio::test]
async fn every_page_of_the_list_is_shown_in_both_languages() {
    let themes = theme(&[]);
    let (status, headers, _) = ask(themes.path(), "/").await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(headers["location"], "/show/vi/any/visitor");
    let (status, headers, list) = ask(themes.path(), "/show/en/360/officer").await;
    assert_eq!(status, StatusCode::OK);
    let policy = headers["content-security-policy"].to_str().expect("plain");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    for page in PAGES {
        let address = ["/show/en/360/officer/", stem(page), "/1"].concat();
        assert!(list.contains(&format!("href=\"{address}\"")), "{address}");
        let (status, _, html) = ask(themes.path(), &address).await;
        assert_eq!(status, StatusCode::OK, "{address}: {html}");
        assert!(html.contains("<html lang=\"en\">") && html.contains("/files/360/tokens.css"), "{address}");
    }
}

#[tokio::test]
async fn a_change_of_a_template_and_of_a_style_sheet_shows_when_the_page_is_loaded_again() {
    let themes = theme(&[("static/own.css", "@media (max-width: 30rem) { a {} }")]);
    let home = "/show/vi/any/visitor/home/1";
    assert!(!ask(themes.path(), home).await.2.contains("LOTUS"));
    write(
        themes.path(),
        &[
            ("templates/home.html", "{% extends \"default/home.html\" %}{% block how_to %}LOTUS{% endblock %}"),
            ("static/own.css", "@media (max-width: 30rem) { b {} }"),
        ],
    );
    assert!(ask(themes.path(), home).await.2.contains("LOTUS"));
    let (status, headers, sheet) = ask(themes.path(), "/files/360/own.css").await;
    assert_eq!((status, sheet.as_str()), (StatusCode::OK, "@media (min-width: 0) { b {} }"));
    assert_eq!(headers["cache-control"], "no-store");
    assert!(ask(themes.path(), "/files/360/tokens.css").await.2.contains("max-width: 360px"));
    assert!(!ask(themes.path(), "/files/any/tokens.css").await.2.contains("max-width"));
}

#[tokio::test]
async fn a_page_is_shown_in_dark_colours_whatever_the_machine_prefers() {
    let themes = theme(&[]);
    let (status, _, list) = ask(themes.path(), "/show/vi/360-dark/visitor").await;
    assert_eq!(status, StatusCode::OK);
    for link in ["/show/vi/360/visitor\"", "/show/vi/360-light/visitor\"", "/show/vi/any-dark/visitor\""] {
        assert!(list.contains(link), "{link}: {list}");
    }
    let (_, _, home) = ask(themes.path(), "/show/vi/360-dark/visitor/home/1").await;
    assert!(home.contains("/files/360-dark/tokens.css"), "{home}");
    let (_, _, dark) = ask(themes.path(), "/files/360-dark/tokens.css").await;
    assert!(dark.contains("@media screen and (min-width: 0) {") && dark.contains("max-width: 360px"), "{dark}");
    let (_, _, light) = ask(themes.path(), "/files/any-light/tokens.css").await;
    assert!(light.contains("@media screen and (max-width: 0) {") && !light.contains("360px"), "{light}");
}

#[tokio::test]
async fn a_mistake_of_a_theme_is_told_with_its_file_and_line() {
    let themes = theme(&[(
        "templates/home.html",
        "{% extends \"base.html\" %}\n{% block content %}\n{{ page.odd }}{% endblock %}",
    )]);
    let (status, headers, told) = ask(themes.path(), "/show/vi/any/visitor/home/1").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(headers["content-type"].to_str().expect("plain").starts_with("text/plain"));
    assert!(told.contains("home.html:3"), "{told}");
    write(themes.path(), &[("theme.toml", "[tokens]\ncolor-page = 'red; }'\n")]);
    let (status, _, list) = ask(themes.path(), "/show/en/any/visitor").await;
    assert_eq!(status, StatusCode::OK, "the list is shown with the mistake");
    assert!(list.contains("mau/theme.toml") && list.contains("color-page"), "{list}");
}

#[tokio::test]
async fn the_components_are_drawn_with_the_parts_of_the_theme() {
    let themes = theme(&[(
        "templates/parts/status.html",
        "{% macro status_tags(a, b) %}OWN-TAG{% endmacro %}\
        {% macro punctuality_tag(a) %}{% endmacro %}",
    )]);
    for language in ["vi", "en"] {
        let (status, _, html) = ask(themes.path(), &["/show/", language, "/any/visitor/components"].concat()).await;
        assert_eq!(status, StatusCode::OK, "{html}");
        assert!(html.contains("OWN-TAG"), "{html}");
    }
}

#[tokio::test]
async fn an_address_that_the_gallery_does_not_have_is_told_and_leads_nowhere() {
    let themes = theme(&[]);
    for address in [
        "/procedures",
        "/show/fr/any/visitor",
        "/show/vi/7/visitor",
        "/show/vi/360-red/visitor",
        "/show/vi/any/king",
        "/files/any/../theme.toml",
        "/files/any/theme.toml",
        "/show/vi/any/visitor/home/0",
        "/show/vi/any/visitor/home/99",
        "/files/7/style.css",
    ] {
        assert_eq!(ask(themes.path(), address).await.0, StatusCode::NOT_FOUND, "{address}");
    }
    let to = |headers: HeaderMap| headers["location"].to_str().expect("plain").to_owned();
    let (_, headers, _) = ask(themes.path(), "/language/en?back=/show/vi/any/visitor/home/1").await;
    assert_eq!(to(headers), "/show/en/any/visitor/home/1");
    let (_, headers, _) = ask(themes.path(), "/language/en?back=https://evil.example/").await;
    assert_eq!(to(headers), "/");
}

/// The parts that are no components: those that one kind of page draws whole, and those that nobody sees.
const OF_PAGES: [&str; 27] = [
    "audit",
    "bulk",
    "carried",
    "counted",
    "counter",
    "delivery",
    "desk_filter",
    "desk_table",
    "diagram",
    "dossier_step",
    "event_icon",
    "factor",
    "language",
    "mark",
    "officers",
    "own",
    "own_case",
    "post_form",
    "represented",
    "result_list",
    "sealed",
    "site_visit",
    "standard_answer",
    "suggestion_field",
    "suggestion_list",
    "viewer",
    "way",
];

#[test]
fn each_part_of_the_default_theme_is_a_component_or_belongs_to_a_page() {
    let folder = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("../../themes/default/templates/parts");
    let mut parts = 0;
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let part = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let is_shown = COMPONENTS.contains(&format!("\"parts/{part}.html\""));
        assert_ne!(is_shown, OF_PAGES.contains(&part.as_str()), "{part}");
        parts += 1;
    }
    assert!(parts > OF_PAGES.len(), "the parts are no longer found");
}
