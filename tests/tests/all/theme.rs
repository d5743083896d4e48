//! Themes cannot break the portal.

use crate::contributing::files;
use motcua_domain::text::Language;
use motcua_domain::time::calendar::instant;
use motcua_portal::Theme;
use motcua_service::TimeSource;
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

/// Returns the problems of a theme with these files in a language.
fn told(files: &[(&str, &str)], language: Language) -> Vec<String> {
    // The check reads the files once more, so the folder stays until then.
    let (_folder, loaded) = theme(files);
    let found = loaded.expect("it can be loaded").check().1;
    found.iter().map(|problem| problem.get(language).to_owned()).collect()
}

fn problems(files: &[(&str, &str)]) -> Vec<String> {
    told(files, Language::En)
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
    assert_eq!(child.check().1, Vec::new());
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
fn the_check_of_a_theme_tells_its_problems_in_vietnamese_too() {
    let page = |body: &str| format!("{{% extends \"base.html\" %}}{{% block content %}}{body}{{% endblock %}}");
    for (body, said) in [
        ("{{ page.nonsense }}", "mẫu dùng một tên mà trang không có"),
        ("{{ t(\"no-such-text\") }}", "không có câu chữ `no-such-text`"),
        ("{% if %}", "mẫu sai cú pháp"),
    ] {
        let found = told(&[("templates/home.html", &page(body))], Language::Vi);
        assert!(
            found.iter().any(|problem| problem.starts_with("home.html (vi): ") && problem.contains(said)),
            "{found:?}"
        );
    }
    let mail = told(&[("locales/vi.ftl", "mail-body = { $nobody }\n")], Language::Vi);
    assert!(mail.iter().any(|problem| problem.starts_with("một thư (vi): câu chữ `mail-body`")), "{mail:?}");
    let help = told(&[("pages/bus.vi.md", "# Xe buýt\n\n> Tuyến 1\n")], Language::Vi);
    assert_eq!(
        help,
        ["pages/bus.vi.md: trang không hiện đoạn trích dẫn", "pages/bus.en.md: chưa có trang bằng ngôn ngữ này"]
    );
}

#[test]
fn a_part_of_a_theme_is_drawn_on_every_page_that_has_it() {
    let part = "{% from \"default/parts/fees.html\" import fee_line, money_list %}\
        {% macro fee_list(fees) %}BODY{% endmacro %}";
    let found = problems(&[("templates/parts/fees.html", &part.replace("BODY", "{{ fees.nonsense }}"))]);
    for page in ["dossier.html", "receipt.html", "review.html"] {
        let named = |problem: &String| problem.starts_with(page) && problem.contains("parts/fees.html");
        assert!(found.iter().any(named), "{page}: {found:?}");
    }
    let found = problems(&[("templates/parts/fees.html", &part.replace("BODY", "{{ fee_line(fees|first) }}"))]);
    assert_eq!(found, Vec::<String>::new());
}

/// Returns whether a line of a template looks something up by its position.
fn looks_up_a_position(line: &str) -> bool {
    line.match_indices('[').any(|(at, _)| {
        let follows_a_name = line[..at].ends_with(|sign: char| sign.is_alphanumeric() || "_)]".contains(sign));
        let inside = line[at + 1..].split(']').next().unwrap_or_default();
        follows_a_name && !inside.is_empty() && inside.chars().all(|sign| sign.is_ascii_digit())
    })
}

#[test]
fn a_line_of_a_template_is_short_and_looks_nothing_up_by_its_position() {
    assert!(looks_up_a_position("{{ stage[1] }}") && looks_up_a_position("{{ rating[0][12] }}"));
    assert!(!looks_up_a_position("{% for points in [2, 1, 0] %}") && !looks_up_a_position("{{ version[:12] }}"));
    let mut templates = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../themes"), "html", &mut templates);
    assert!(templates.len() > 40, "the templates are no longer found");
    for path in templates {
        let text = std::fs::read_to_string(&path).expect("a template");
        for (line, number) in text.lines().zip(1..) {
            let place = format!("{}:{number}", path.display());
            let indentation = line.len() - line.trim_start().len();
            assert!(line.chars().count() <= 120, "{place} has more than 120 characters");
            assert!(indentation % 2 == 0 && !line.contains('\t'), "{place}: the indentation is two spaces");
            assert!(!looks_up_a_position(line), "{place}: the item needs a name");
        }
    }
}

/// Returns the fields of a source's contexts whose types are tuples or have them.
fn tuples(source: &str) -> Vec<&str> {
    let contexts = source.split("#[derive(").skip(1).filter_map(|rest| {
        let (derived, rest) = rest.split_once(")]")?;
        let (body, _) = rest.split_once("\n}")?;
        derived.contains("Serialize").then_some(body)
    });
    let fields = contexts.flat_map(str::lines).filter_map(|line| line.trim().strip_prefix("pub "));
    fields.filter(|field| field.split_once(": ").is_some_and(|(_, kind)| kind.contains('('))).collect()
}

#[test]
fn a_context_of_a_page_has_no_tuple() {
    let context =
        "#[derive(Debug, Serialize)]\npub struct A {\n    pub a: Vec<(String, u8)>,\n    pub b: Vec<String>,\n}\n";
    assert_eq!(tuples(context), ["a: Vec<(String, u8)>,"]);
    assert_eq!(tuples(&context.replace("Serialize", "Clone")), Vec::<&str>::new());
    let mut sources = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/portal/src"), "rs", &mut sources);
    assert!(sources.len() > 50, "the sources are no longer found");
    for path in sources {
        let source = std::fs::read_to_string(&path).expect("a source");
        assert_eq!(tuples(&source), Vec::<&str>::new(), "{}: a theme's author needs names", path.display());
    }
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
fn the_check_of_a_theme_measures_the_contrast_of_its_colours_in_both_schemes() {
    let found = |manifest: &str| problems(&[("theme.toml", manifest)]);
    let pale = "[tokens]\nradius = \"0\"\ncolor-quiet = \"#9aa3ad\"\n";
    let told_pale = found(pale);
    assert!(told_pale.len() > 3, "{told_pale:?}");
    let first = "mau/theme.toml:3: `color-quiet` on `color-page` has a contrast of 2.36, and text needs 4.5";
    assert!(told_pale[0].starts_with(first), "{told_pale:?}");
    let vietnamese = told(&[("theme.toml", pale)], Language::Vi);
    assert!(vietnamese[0].contains("có độ tương phản 2,36, mà chữ cần ít nhất 4,5"), "{vietnamese:?}");
    assert_eq!(found("[tokens]\ncolor-focus = \"#757575\"\n"), Vec::<String>::new(), "a frame needs 3");
    assert!(found("[tokens]\ncolor-focus = \"#aaaaaa\"\n").iter().all(|told| told.contains("marks need 3")));
    let named = found("[tokens]\ncolor-primary = \"navy\"\n");
    assert_eq!(named.len(), 1, "{named:?}");
    assert!(named[0].contains("`color-primary = navy` cannot be measured"), "{named:?}");
    // The dark scheme is measured only where it is other.
    let dark = found("[dark]\ncolor-good = \"#1b6e3c\"\n");
    assert_eq!(dark.len(), 1, "{dark:?}");
    let place = "mau/theme.toml:2: `color-good` on `color-good-page` in the dark scheme";
    assert!(dark[0].starts_with(place), "{dark:?}");
    assert_eq!(found("light_only = true\n[dark]\ncolor-good = \"#1b6e3c\"\n"), Vec::<String>::new());
    let only_dark = found("[dark]\ncolor-bar-text = \"#1d2a3a\"\n");
    assert!(only_dark[0].contains("`color-bar-text` on `color-bar` in the dark scheme"), "{only_dark:?}");
    let own = "[tokens]\ncolor-seal = \"#ccc\"\n[contrast]\ntext = [\"color-seal on color-page\", \"color-x on color-page\"]\n";
    let own = found(own);
    assert!(own[0].contains("`color-seal` on `color-page`") && own[1].contains("no token `color-x`"), "{own:?}");
}

#[test]
fn the_check_of_a_theme_finds_a_file_for_which_a_slow_network_waits_long() {
    let mut last = 1_u64;
    let mut letters = |count: usize| -> String {
        let next = |_| {
            last = last.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(b'@' + u8::try_from(last >> 58).expect("six bits"))
        };
        (0..count).map(next).collect()
    };
    let (large, small) = (letters(400_000), letters(200_000));
    let found = problems(&[("static/cover.jpg", &large), ("static/map.png", &small)]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("static/cover.jpg: it is sent with 3"), "{found:?}");
    let repeated = "color-text ".repeat(100_000);
    assert_eq!(problems(&[("static/style.css", &repeated)]), Vec::<String>::new(), "it is small when it is sent");
}

#[test]
fn a_dark_scheme_is_served_unless_a_theme_is_for_light_colours_alone() {
    let sheet = |theme: &Theme| String::from_utf8_lossy(theme.asset("tokens.css").expect("a file").0).into_owned();
    assert!(sheet(&Theme::embedded().expect("it is there")).contains("prefers-color-scheme"));
    let (_folder, light) = theme(&[("theme.toml", "light_only = true\n")]);
    assert!(!sheet(&light.expect("it can be loaded")).contains("color-scheme"));
    let (_folder, loaded) = theme(&[("theme.toml", "[dark]\ncolor-page = \"#101418\"\n")]);
    let sheet = sheet(&loaded.expect("it can be loaded"));
    let (light, dark) = sheet.split_once("@media screen and (prefers-color-scheme: dark)").expect("a dark scheme");
    assert!(light.contains("--color-page: #f5f6f8;") && !light.contains("color-scheme"), "{sheet}");
    assert!(dark.contains("color-scheme: dark;") && dark.contains("--color-page: #101418;"), "{sheet}");
    assert!(dark.contains("--color-text: #e8ecf1;") && !dark.contains("--radius"), "{sheet}");
    let (_folder, unsafe_value) = theme(&[("theme.toml", "[dark]\ncolor-page = \"red; }\"\n")]);
    assert!(unsafe_value.is_err_and(|error| error.contains("color-page")));
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
    let base = serve_again(dir.path(), TimeSource::set_to(instant(morning()))).await;
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
