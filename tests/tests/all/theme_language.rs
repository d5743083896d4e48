//! A third language, which a theme brings alone.

use motcua_domain::text::Language;
use motcua_domain::time::calendar::instant;
use motcua_portal::Theme;
use motcua_service::TimeSource;
use motcua_tests::browser::Browser;
use motcua_tests::portal::{Kind, install, morning, serve_again};
use std::path::Path;

/// Some texts in French. All others are those of the language of the content.
const FRENCH: &str = "home-title = Que devez-vous faire ?\nlog-in = Se connecter\nprocedures = Démarches\n\
    page-of = Page { $page } sur { $pages }\n";

const NAMED: &str = "\n[languages.fr]\nname = \"Français\"\n";

/// Adds French to the theme in a folder.
fn bring_french(theme: &Path) {
    let manifest = theme.join("theme.toml");
    let before = std::fs::read_to_string(&manifest).unwrap_or_default();
    std::fs::create_dir_all(theme.join("locales")).expect("a folder");
    std::fs::write(manifest, before + NAMED).expect("written");
    std::fs::write(theme.join("locales/fr.ftl"), FRENCH).expect("written");
    std::fs::create_dir_all(theme.join("pages")).expect("a folder");
    for (tag, page) in [("vi", "# Xe buýt\n\nTuyến 1\n"), ("en", "# Bus\n\nLine 1\n"), ("fr", "# Autobus\n\nLigne 1\n")]
    {
        std::fs::write(theme.join(format!("pages/bus.{tag}.md")), page).expect("written");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_theme_alone_brings_a_third_language_to_pages_addresses_and_cookies() {
    let dir = tempfile::tempdir().expect("a folder");
    install(dir.path(), Kind::Sqlite, None).await.expect("an install folder");
    bring_french(&dir.path().join("themes/binhduong"));
    let base = serve_again(dir.path(), TimeSource::set_to(instant(morning()))).await;
    let visitor = Browser::new(&base);
    let home = visitor.get("/").await.ok();
    let home = home.has(&["<html lang=\"vi\">", "lang=\"fr\" hreflang=\"fr\">Français</a>", ">English</a>"]);
    home.lacks(&[">Tiếng Việt</a>"]);
    // The cookie keeps the language. What the theme does not translate is in English, as is what authors wrote.
    let home = visitor.get("/language/fr?back=/").await.ok();
    let home = home.has(&["<html lang=\"fr\">", "Que devez-vous faire ?", ">Se connecter</a>", "Follow a dossier"]);
    home.has(&[">Tiếng Việt</a>", ">English</a>"]).lacks(&[">Français</a>"]);
    visitor.get("/procedures?q=marriage").await.ok().has(&["<html lang=\"fr\">", "Démarches", "Marriage registration"]);
    // So are help pages, with a note, unless the theme has them in the language.
    visitor.get("/help/faq").await.ok().has(&["Questions and answers", "This page has not been translated yet."]);
    visitor.get("/help/bus").await.ok().has(&["<h1 lang=\"fr\">Autobus</h1>", "<div class=\"prose\" lang=\"fr\">"]);
    // A form comes back in the language with what was typed.
    let other = Browser::new(&base);
    other.get("/login").await.ok().has(&["name=\"do\" value=\"language:fr\""]);
    let typed = [("login", "0912345678"), ("do", "language:fr")];
    other.post("/login", &typed).await.ok().has(&["<html lang=\"fr\">", "name=\"login\" value=\"0912345678\""]);
    // Addresses name it for search engines, and a language that the theme does not have changes nothing.
    let engine = Browser::new(&base);
    engine.get("/?lang=fr").await.ok().has(&["<html lang=\"fr\">", "/language/vi?back=/\""]);
    engine.get("/?lang=de").await.ok().has(&["<html lang=\"vi\">"]);
    engine.get("/sitemap.xml").await.ok().has(&["hreflang=\"fr\"", "lang=fr</loc>"]);
    engine.get("/language/de?back=/").await.ok().has(&["<html lang=\"vi\">"]);
}

#[test]
fn the_check_renders_pages_in_a_third_language_and_says_how_many_texts_it_lacks() {
    let themes = tempfile::tempdir().expect("a folder");
    let folder = themes.path().join("mau");
    std::fs::create_dir_all(&folder).expect("a folder");
    let two = Theme::load(themes.path(), "mau").expect("it can be loaded");
    let (pages, problems) = two.check();
    assert_eq!((problems, two.untranslated().expect("it can be read")), (Vec::new(), Vec::new()));
    bring_french(&folder);
    let three = Theme::load(themes.path(), "mau").expect("it can be loaded");
    let (more, problems) = three.check();
    assert_eq!((more, problems), (pages / 2 * 3, Vec::new()));
    let told = three.untranslated().expect("it can be read");
    let told: Vec<&str> = told.iter().map(|lacks| lacks.get(Language::En)).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("locales/fr.ftl: it lacks "), "{told:?}");
    assert!(told[0].contains(" texts, which are shown in `en`: ") && told[0].ends_with(", …"), "{told:?}");
    std::fs::write(folder.join("locales/fr.ftl"), "home-title = { $nobody }\n").expect("written");
    let found = Theme::load(themes.path(), "mau").expect("it can be loaded").check().1;
    let found: Vec<&str> = found.iter().map(|problem| problem.get(Language::En)).collect();
    assert!(found.iter().all(|problem| problem.starts_with("home.html (fr): ")) && !found.is_empty(), "{found:?}");
}

#[test]
fn the_language_of_the_content_gives_numbers_and_what_is_not_translated() {
    let themes = tempfile::tempdir().expect("a folder");
    let folder = themes.path().join("mau");
    bring_french(&folder);
    std::fs::write(folder.join("theme.toml"), NAMED.to_owned() + "content = \"vi\"\n").expect("written");
    let theme = Theme::load(themes.path(), "mau").expect("it can be loaded");
    let french = theme.named_language("fr").expect("the theme has it");
    assert_eq!((theme.tag(french), french.content()), ("fr", Language::Vi));
    assert_eq!([theme.text(french, "log-in"), theme.text(french, "look-up")], ["Se connecter", "Tra cứu hồ sơ"]);
    assert_eq!(theme.languages().count(), 3);
}

#[test]
fn a_third_language_without_a_name_or_with_a_tag_that_is_none_is_refused() {
    for wrong in [
        "[languages.en]\nname = \"English\"",
        "[languages.FR]\nname = \"F\"",
        "[languages.fr]\nname = \" \"",
        "[languages.fr]\n",
        "[languages.fr]\nname = \"F\"\ncontent = \"de\"",
        "[languages.\"fr; x\"]\nname = \"F\"",
    ] {
        let themes = tempfile::tempdir().expect("a folder");
        std::fs::create_dir_all(themes.path().join("mau")).expect("a folder");
        std::fs::write(themes.path().join("mau/theme.toml"), wrong).expect("written");
        assert!(Theme::load(themes.path(), "mau").is_err(), "{wrong}");
    }
}
