//! The commands on themes.

use crate::command_line::{path, run, said};
use motcua_tests::browser::Browser;
use motcua_tests::process::Server;
use std::path::Path;

#[test]
fn themes_are_checked_before_they_are_used() {
    let themes = Path::new(env!("CARGO_MANIFEST_DIR")).join("../themes");
    for theme in ["default", "binhduong"] {
        assert!(said(&run(&["theme", "check", path(&themes.join(theme))]), 0).contains("0 problems"), "{theme}");
    }
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::create_dir_all(dir.path().join("xau/templates")).expect("a folder");
    std::fs::write(dir.path().join("xau/templates/home.html"), "{{ page.nonsense }}").expect("written");
    assert!(said(&run(&["theme", "check", path(&dir.path().join("xau"))]), 1).contains("nonsense"));
}

#[test]
fn a_new_theme_is_clean_and_is_not_written_over() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("themes/tinh");
    assert!(said(&run(&["theme", "new", path(&folder)]), 0).contains("theme = \"tinh\""));
    for file in ["theme.toml", "locales/vi.ftl", "locales/en.ftl", "README.md"] {
        assert!(folder.join(file).is_file(), "{file}");
    }
    assert!(said(&run(&["theme", "check", path(&folder)]), 0).contains(" 0 problems"));
    let manifest = folder.join("theme.toml");
    std::fs::write(&manifest, "# mine\n").expect("written");
    assert!(said(&run(&["theme", "new", path(&folder)]), 1).contains("exists"));
    assert_eq!(std::fs::read_to_string(&manifest).expect("a file"), "# mine\n");
    for name in ["default", "a.b", "Tinh"] {
        let other = dir.path().join(name);
        assert!(said(&run(&["theme", "new", path(&other)]), 1).contains("small letters"), "{name}");
        assert!(!other.exists(), "{name}");
    }
}

#[test]
fn a_check_of_a_province_checks_the_themes_in_it() {
    let province = tempfile::tempdir().expect("a folder");
    let check = || run(&["theme", "check", path(province.path())]);
    assert!(said(&check(), 1).contains("there is no theme here"));
    for (theme, home) in [("lanh", ""), ("xau", "{{ page.nonsense }}")] {
        let templates = province.path().join("themes").join(theme).join("templates");
        std::fs::create_dir_all(&templates).expect("a folder");
        let file = templates.join(if home.is_empty() { "unused.html" } else { "home.html" });
        std::fs::write(file, home).expect("written");
    }
    let told = said(&check(), 1);
    assert!(told.contains("nonsense") && told.contains("lanh: ") && told.contains(" 0 problems"), "{told}");
    std::fs::remove_dir_all(province.path().join("themes/xau")).expect("removed");
    assert!(said(&check(), 0).contains(" 0 problems"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_of_a_theme_shows_its_pages_to_this_machine_alone_and_writes_nothing() {
    let province = tempfile::tempdir().expect("a folder");
    said(&run(&["theme", "new", path(&province.path().join("themes/tinh"))]), 0);
    let server = Server::theme_preview(province.path(), "tinh").await.expect("it listens");
    let browser = Browser::new(&server.base);
    let home = browser.get("/show/en/any/visitor/home/1").await.ok();
    assert!(home.body.contains("What do you need to get done today?"), "{}", home.body);
    browser.get("/show/vi/360/officer/components").await.ok();
    server.stop().await.expect("it ends");
    let mut left: Vec<_> = std::fs::read_dir(province.path()).expect("a folder").flatten().collect();
    assert_eq!(left.pop().map(|entry| entry.file_name()), Some("themes".into()));
    assert!(left.is_empty(), "{left:?}");
    let open = ["theme", "preview", "--dir", path(province.path()), "--listen", "0.0.0.0:0"];
    assert!(said(&run(&open), 1).contains("only this machine"));
}
