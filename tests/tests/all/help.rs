//! The help pages of the theme.

use motcua_domain::text::Language;
use motcua_domain::time::calendar::instant;
use motcua_portal::Theme;
use motcua_service::TimeSource;
use motcua_tests::browser::Browser;
use motcua_tests::portal::{App, Kind, install, morning, serve_again};

on_both! {
    every_help_page_is_in_both_languages_and_each_page_of_the_portal_leads_to_it
}

/// The pages of the default theme, each with its titles.
const PAGES: [(&str, &str, &str); 4] = [
    ("accessibility", "Khả năng tiếp cận", "Accessibility"),
    ("faq", "Hỏi đáp", "Questions and answers"),
    ("filing", "Cách nộp hồ sơ", "How to apply"),
    ("privacy", "Quyền riêng tư", "Privacy"),
];

async fn every_help_page_is_in_both_languages_and_each_page_of_the_portal_leads_to_it(app: App) {
    let (vi, en) = (app.visitor(), app.visitor());
    en.get("/language/en?back=/").await.ok();
    vi.get("/").await.ok().has(&["href=\"/help\"", "href=\"/help/privacy\"", "href=\"/help/accessibility\""]);
    for (name, title_vi, title_en) in PAGES {
        let address = format!("/help/{name}");
        let link = format!("href=\"{address}\"");
        for (visitor, title) in [(&vi, title_vi), (&en, title_en)] {
            visitor.get("/help").await.ok().has(&[&link, title]);
            let page = visitor.get(&address).await.ok().has(&[&format!(">{title}</h1>"), "<h2>", "<li>"]);
            page.lacks(&["{province}", "Trang này chưa có", "has not been translated"]);
        }
    }
    vi.get("/help/privacy").await.ok().has(&["Bình Dương", "motcua_device", "Nghị định 13/2023"]);
    for nothing in ["x", "faq.vi.md", "%2e%2e%2ffaq", "FAQ"] {
        assert_eq!(vi.get(&format!("/help/{nothing}")).await.status, 404, "{nothing}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_the_provinces_theme_replaces_that_of_its_parent_and_shows_no_html_of_its_own() {
    let dir = tempfile::tempdir().expect("a folder");
    install(dir.path(), Kind::Sqlite, None).await.expect("an install folder");
    let pages = dir.path().join("themes/binhduong/pages");
    std::fs::create_dir_all(&pages).expect("a folder");
    let faq = "# Hỏi <b>gì</b>\n\n## Một\n\n<script>alert(1)</script>\n\n[x](javascript:alert(1)) [log](/log)\n";
    std::fs::write(pages.join("faq.vi.md"), faq).expect("written");
    std::fs::write(pages.join("bus.vi.md"), "# Xe buýt\n\nTuyến 1").expect("written");
    let base = serve_again(dir.path(), TimeSource::set_to(instant(morning()))).await;
    let visitor = Browser::new(&base);
    let page = visitor.get("/help/faq").await.ok().has(&["<h2>Một</h2>", "<a href=\"/log\">log</a>"]);
    page.lacks(&["<script>alert", "javascript:", "<b>gì</b>"]);
    visitor.get("/help").await.ok().has(&["Xe buýt", "Quyền riêng tư"]);
    visitor.get("/language/en?back=/").await.ok();
    visitor.get("/help/bus").await.ok().has(&["has not been translated", "<h1 lang=\"vi\">Xe buýt</h1>"]);
}

#[test]
fn the_check_of_a_theme_names_what_is_wrong_with_a_help_page() {
    let themes = tempfile::tempdir().expect("a folder");
    let pages = themes.path().join("mau/pages");
    std::fs::create_dir_all(&pages).expect("a folder");
    std::fs::write(pages.join("bus.vi.md"), "Xe buýt\n\n![a](/a.png) [b](/help/b) [faq](/help/faq)").expect("written");
    let found = Theme::load(themes.path(), "mau").expect("it can be loaded").check().1;
    let problems: Vec<&str> = found.iter().map(|problem| problem.get(Language::En)).collect();
    let expected = [
        "pages/bus.vi.md: the first line is no title; write `# ` and the title there",
        "pages/bus.vi.md: pages do not show a picture",
        "pages/bus.vi.md: the link to `/help/b` leads to no page",
        "pages/bus.en.md: the page is missing in this language",
    ];
    assert_eq!(problems, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_page_shows_an_announcement_of_the_province_on_its_days() {
    let dir = tempfile::tempdir().expect("a folder");
    install(dir.path(), Kind::Sqlite, None).await.expect("an install folder");
    let announcements = dir.path().join("themes/binhduong/announcements");
    std::fs::create_dir_all(&announcements).expect("a folder");
    for (name, days) in [
        ("today", "from: 2026-02-01\nto: 2030-01-01"),
        ("over", "to: 2026-03-02"),
        ("later", "from: 2029-12-31\nto: 2030-01-01"),
    ] {
        let text = format!("# Tin {name}\n{days}\n\n**Chữ** <b>đậm</b>");
        std::fs::write(announcements.join(format!("{name}.vi.md")), text).expect("written");
    }
    let base = serve_again(dir.path(), TimeSource::set_to(instant(morning()))).await;
    let visitor = Browser::new(&base);
    let home = visitor.get("/").await.ok().has(&["Tin today", "<strong>Chữ</strong>", "01/02/2026"]);
    home.lacks(&["Tin over", "Tin later", "<b>đậm</b>", "from:"]);
    visitor.get("/language/en?back=/").await.ok();
    visitor.get("/").await.ok().has(&["lang=\"vi\"", "Tin today", "Announcements"]);
}

#[test]
fn the_check_of_a_theme_names_what_is_wrong_with_an_announcement() {
    let themes = tempfile::tempdir().expect("a folder");
    let announcements = themes.path().join("mau/announcements");
    std::fs::create_dir_all(&announcements).expect("a folder");
    let write = |file: &str, text: &str| std::fs::write(announcements.join(file), text).expect("written");
    write("tet.vi.md", "# Tết\nfrom: 2027-01-03\nto: 2026-12-31\n\nNghỉ.");
    write("tet.en.md", "# New Year\nto: 2026-12-31\n\nClosed.");
    let found = Theme::load(themes.path(), "mau").expect("it can be loaded").check().1;
    let problems: Vec<&str> = found.iter().map(|problem| problem.get(Language::En)).collect();
    let expected = [
        "announcements/tet.vi.md: the last day is before the first day, so it is never shown",
        "announcements/tet.vi.md: its translation has other days",
        "announcements/tet.en.md: its translation has other days",
    ];
    assert_eq!(problems, expected);
}
