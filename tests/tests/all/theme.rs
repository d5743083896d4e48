//! Themes cannot break the portal.

use motcua_desk::Clock;
use motcua_domain::calendar::instant;
use motcua_portal::Theme;
use motcua_tests::browser::Browser;
use motcua_tests::portal::{Kind, install, morning, serve_again};
use std::path::Path;

/// Creates a theme folder with these files.
fn theme(files: &[(&str, &str)]) -> (tempfile::TempDir, Result<Theme, String>) {
    let themes = tempfile::tempdir().expect("a folder");
    for (file, text) in files {
        let path = themes.path().join("mau").join(file);
        std::fs::create_dir_all(path.parent().expect("it has a folder")).expect("a folder");
        std::fs::write(path, text).expect("written");
    }
    let loaded = Theme::load(themes.path(), "mau").map_err(|error| error.to_string());
    (themes, loaded)
}

fn problems(files: &[(&str, &str)]) -> Vec<String> {
    theme(files).1.expect("it can be loaded").check().1
}

#[test]
fn the_default_theme_is_in_the_binary_and_renders_every_page() {
    let (rendered, problems) = Theme::embedded().expect("it is there").check();
    assert!(problems.is_empty(), "{problems:?}");
    assert!(rendered > 300, "{rendered}");
}

#[test]
fn the_theme_of_the_province_changes_a_block_some_colours_a_text_and_the_emblem() {
    let themes = Path::new(env!("CARGO_MANIFEST_DIR")).join("../themes");
    let child = Theme::load(&themes, "binhduong").expect("it can be loaded");
    assert_eq!(child.check().1, Vec::<String>::new());
    let parent = Theme::embedded().expect("it is there");
    let text = |theme: &Theme, file: &str| String::from_utf8_lossy(theme.asset(file).expect("a file").0).into_owned();
    assert_ne!(text(&child, "emblem.svg"), text(&parent, "emblem.svg"));
    assert_eq!(text(&child, "style.css"), text(&parent, "style.css"));
    assert!(text(&child, "tokens.css").contains("--color-primary: #8f1d1d;"));
    assert!(text(&child, "tokens.css").contains("--color-good: #1b6e3c;"), "what is not changed is the parent's");
    assert_ne!(child.assets_path(), parent.assets_path(), "browsers fetch the changed files");
}

#[test]
fn an_undefined_name_an_unknown_text_and_a_broken_template_are_found_by_the_check() {
    let page = |body: &str| format!("{{% extends \"base.html\" %}}{{% block content %}}{body}{{% endblock %}}");
    for (body, said) in [
        ("{{ page.nonsense }}", "undefined"),
        ("{{ t(\"no-such-text\") }}", "no-such-text"),
        ("{% if %}", "syntax"),
        ("{{ page.count|no_such_filter }}", "no_such_filter"),
    ] {
        let found = problems(&[("templates/home.html", &page(body))]);
        assert!(
            found.iter().any(|problem| problem.contains("home.html") && problem.contains(said)),
            "{body}: {found:?}"
        );
    }
    assert_eq!(problems(&[("templates/home.html", &page("{{ page.count }}"))]), Vec::<String>::new());
}

#[test]
fn tokens_cannot_leave_their_place_in_the_style_sheet() {
    for value in ["red; } body { display: none", "url(https://evil.example/x)", "</style>", "\\2f"] {
        let manifest = format!("[tokens]\ncolor-primary = '{value}'\n");
        let (_folder, loaded) = theme(&[("theme.toml", &manifest)]);
        assert!(loaded.is_err_and(|error| error.contains("color-primary")), "{value}");
    }
}

#[test]
fn a_theme_that_is_its_own_ancestor_or_is_not_there_is_refused() {
    assert!(theme(&[("theme.toml", "parent = \"mau\"")]).1.is_err());
    assert!(theme(&[("theme.toml", "parent = \"../../etc\"")]).1.is_err());
    assert!(theme(&[("theme.toml", "colour = \"red\"")]).1.is_err_and(|error| error.contains("colour")));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_in_folders_of_a_theme_are_served_and_nothing_beside_them() {
    let dir = tempfile::tempdir().expect("a folder");
    install(dir.path(), Kind::Sqlite, None).await.expect("an install folder");
    let fonts = dir.path().join("themes/binhduong/static/fonts");
    std::fs::create_dir_all(&fonts).expect("a folder");
    std::fs::write(fonts.join("a.woff2"), "wOF2").expect("written");
    let base = serve_again(dir.path(), Clock::set_to(instant(morning()))).await;
    let visitor = Browser::new(&base);
    let home = visitor.get("/").await.ok();
    assert!(home.headers["content-security-policy"].to_str().expect("plain").contains("font-src 'self'"));
    let assets = format!("/assets/{}", home.between("href=\"/assets/", "/").expect("a style sheet"));
    let font = visitor.get(&format!("{assets}/fonts/a.woff2")).await.ok();
    assert_eq!((font.body.as_str(), font.headers["content-type"].to_str().expect("plain")), ("wOF2", "font/woff2"));
    for other in
        ["fonts", "fonts/", "fonts/b.woff2", "fonts//a.woff2", "../theme.toml", "..%2Ftheme.toml", "%2Fetc%2Fpasswd"]
    {
        assert_eq!(visitor.get(&format!("{assets}/{other}")).await.status, 404, "{other}");
    }
    assert_eq!(visitor.get("/assets/0/fonts/a.woff2").await.status, 404, "a state that the theme does not have");
}
