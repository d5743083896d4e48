//! No page has a barrier for people who hear it, who see it large, or whose screen is small.
//!
//! axe-core judges pages in Chromium, and `look.js` says what axe cannot know. A plain run looks twice at every state of the
//! [`tour`], with few dossiers of the story: in one theme and language at 360 pixels with scripts, and in the other ones at
//! 320 pixels without scripts in dark colours. The ignored tests look at more dossiers, in both themes, in both languages, at
//! 320, 360 and 1280 pixels, with scripts and without, in light and in dark colours. They also look at every sample of every
//! page, which is every branch of a template, in both themes, in both languages and at 320 pixels. Whatever is folded is
//! unfolded before. A screen of 320 pixels is one of 1280 pixels at a zoom of 400 %.

mod eye;
mod tour;

use self::eye::{View, Ways, barriers, draw};
use self::tour::Tour;
use crate::access;
use crate::contributing::root;
use motcua_domain::text::Language;
use motcua_portal::theme::Shell;
use motcua_portal::{PAGES, Theme};
use motcua_service::TimeSource;
use motcua_tests::portal::{App, Kind, serve};
use motcua_tests::template::Template;
use std::collections::BTreeSet;

/// The theme of the sample province, and its parent.
const PROVINCE: &str = "binhduong";
const PARENT: &str = "default";

/// A payment gateway, so that the page from which people go there has its form. Nobody goes.
const GATEWAY: &str = "
[payment]
name = \"gateway\"
pay = \"https://pay.example.vn/pay\"
query = \"https://pay.example.vn/query\"
terminal = \"MOTCUA01\"
";

/// The addresses that are asked for without a page in the answer, each with the reason.
const NO_PAGES: &[(&str, &str)] = &[
    ("/procedures/{agency}/{slug}/apply", "leads back to the procedure"),
    ("/figures.csv", "a file"),
    ("/log/checkpoint", "a file"),
    ("/log/tile/{*path}", "a file"),
    ("/language/{tag}", "leads back to a page"),
    ("/login/with/{provider}", "leads to a provider"),
    ("/login/with/{provider}/answer", "leads on from a provider"),
    ("/account/papers/{digest}", "a file"),
    ("/account/signing/{id}/files/{digest}", "a file"),
    ("/drafts/{id}/files/{digest}", "a file"),
    ("/dossiers/{code}/proof", "a file"),
    ("/dossiers/{code}/files/{digest}", "a file"),
    ("/dossiers/{code}/transfer.png", "a picture"),
    ("/dossiers/{code}/visits.ics", "a file"),
    ("/dossiers/{code}/documents/{file}", "a file"),
    ("/desk/bulk/{id}/lines.csv", "a file"),
    ("/desk/cash/{agency}/{cashier}/{number}/lines.csv", "a file"),
    ("/desk/cash/{agency}/{cashier}/{number}/lines.xlsx", "a file"),
    ("/desk/figures.csv", "a file"),
    ("/desk/figures.xlsx", "a file"),
    ("/desk/figures/dossiers.csv", "a file"),
    ("/desk/figures/dossiers.xlsx", "a file"),
    ("/results.csv", "a file"),
    ("/audit/{list}/table", "a file"),
    ("/catalogue.json", "a file"),
    ("/catalogue.jsonld", "a file"),
    ("/schemas/{file}", "a file"),
    ("/robots.txt", "a file"),
    ("/sitemap.xml", "a file"),
    ("/templates/{digest}/{file}", "a file"),
    ("/preview.js", "only in a preview"),
    ("/preview/changes", "only in a preview"),
    ("/preview/as/{person}", "only in a preview"),
    ("/healthz", "for machines"),
    ("/livez", "for machines"),
    ("/readyz", "for machines"),
    ("/metrics", "for machines"),
    ("/payment/notice", "for machines"),
    ("/assets/{digest}/{*file}", "a file"),
];

fn loaded(theme: &str) -> Theme {
    Theme::load(&root().join("themes"), theme).expect("the theme can be loaded")
}

/// Starts the sample province with its whole story and this theme.
async fn story(theme: &str) -> App {
    let dir = tempfile::tempdir().expect("a folder");
    Template::Story.install(dir.path(), Kind::Sqlite).await.expect("an install folder");
    let file = dir.path().join("motcua.toml");
    let settings = std::fs::read_to_string(&file).expect("settings");
    let (before, after) = (format!("theme = \"{PROVINCE}\""), format!("theme = \"{theme}\""));
    assert!(settings.contains(&before), "{settings}");
    std::fs::write(&file, settings.replace(&before, &after) + GATEWAY).expect("written");
    let clock = TimeSource::set_to(Template::Story.end());
    let (services, base) = serve(dir.path(), clock.clone()).await.expect("the portal starts");
    App { services, clock, base, dir }
}

/// The extent of a look at pages.
struct Extent {
    ways: Ways,
    /// The number of dossiers of the story, of each kind.
    dossiers: usize,
}

/// Everything that the ignored tests look at.
const WHOLE: Extent = Extent {
    ways: Ways { scripts: &[true, false], widths: &[320, 360, 1280], schemes: &["light", "dark"] },
    dossiers: 4,
};

/// Looks at every state of the tour.
async fn look_at_the_tour(theme: &str, language: Language, extent: &Extent) {
    let app = story(theme).await;
    let views = Tour::of(&app, language, extent.dossiers).await.views;
    let found = barriers(loaded(theme), views, extent.ways).await.expect("a browser");
    assert!(found.is_empty(), "theme {theme}, {}:\n{}", language.tag(), found.join("\n"));
}

/// Looks at every sample of every page.
async fn look_at_samples(theme: &str, language: Language) {
    let theme_files = loaded(theme);
    let [_, applicant, officer] = Shell::samples(language);
    let mut views = Vec::new();
    for page in PAGES {
        // The menu of an officer is the longest one, and is seen above the first sample of each page.
        for (number, html) in (1..).zip(page.rendered(&theme_files, language, &applicant)) {
            views.push(View { state: format!("{} {number}", page.template), html: html.expect("it renders") });
        }
        if let Some(html) = page.rendered(&theme_files, language, &officer).into_iter().next() {
            let state = format!("{} 1 for an officer", page.template);
            views.push(View { state, html: html.expect("it renders") });
        }
    }
    let ways = Ways { scripts: &[true], widths: &[320], schemes: &["light", "dark"] };
    let mut found = barriers(theme_files, views, ways).await.expect("a browser");
    // A sample may lack the field of its mistake.
    found.retain(|line| !line.contains(": link-of-errors: "));
    assert!(found.is_empty(), "theme {theme}, {}:\n{}", language.tag(), found.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_has_a_barrier_on_a_phone() {
    let ways = Ways { scripts: &[true], widths: &[360], schemes: &["light"] };
    let extent = Extent { ways, dossiers: 1 };
    look_at_the_tour(PROVINCE, Language::Vi, &extent).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_has_a_barrier_without_scripts_in_english_and_in_dark_colours() {
    let ways = Ways { scripts: &[false], widths: &[320], schemes: &["dark"] };
    let extent = Extent { ways, dossiers: 1 };
    look_at_the_tour(PARENT, Language::En, &extent).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: scripts/test --run-ignored only barriers::"]
async fn no_page_has_a_barrier_at_any_width() {
    look_at_the_tour(PROVINCE, Language::Vi, &WHOLE).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: scripts/test --run-ignored only barriers::"]
async fn no_page_has_a_barrier_at_any_width_in_english() {
    look_at_the_tour(PROVINCE, Language::En, &WHOLE).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: scripts/test --run-ignored only barriers::"]
async fn no_page_has_a_barrier_at_any_width_in_the_default_theme() {
    look_at_the_tour(PARENT, Language::Vi, &WHOLE).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: scripts/test --run-ignored only barriers::"]
async fn no_page_has_a_barrier_at_any_width_in_the_default_theme_in_english() {
    look_at_the_tour(PARENT, Language::En, &WHOLE).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: scripts/test --run-ignored only barriers::"]
async fn no_sample_of_a_page_has_a_barrier() {
    look_at_samples(PROVINCE, Language::Vi).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: scripts/test --run-ignored only barriers::"]
async fn no_sample_of_a_page_has_a_barrier_in_english() {
    look_at_samples(PROVINCE, Language::En).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: scripts/test --run-ignored only barriers::"]
async fn no_sample_of_a_page_has_a_barrier_in_the_default_theme() {
    look_at_samples(PARENT, Language::Vi).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: scripts/test --run-ignored only barriers::"]
async fn no_sample_of_a_page_has_a_barrier_in_the_default_theme_in_english() {
    look_at_samples(PARENT, Language::En).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: scripts/test --run-ignored only barriers::"]
async fn every_state_is_drawn_on_a_phone_and_at_a_desk() {
    for theme in [PROVINCE, PARENT] {
        let app = story(theme).await;
        let views = Tour::of(&app, Language::Vi, 1).await.views;
        draw(theme, loaded(theme), views).await.expect("screenshots under target/screenshots");
    }
}

/// Returns whether a path belongs to a route such as `/drafts/{id}/{page}`.
fn is_of(route: &str, path: &str) -> bool {
    let (wanted, found): (Vec<&str>, Vec<&str>) = (route.split('/').collect(), path.split('/').collect());
    wanted.len() == found.len() && wanted.iter().zip(&found).all(|(part, own)| part.starts_with('{') || part == own)
}

/// Returns the route of a path, which is the one with the fewest open parts.
fn route_of<'a>(routes: &[&'a str], path: &str) -> Option<&'a str> {
    let fitting = routes.iter().copied().filter(|route| is_of(route, path));
    fitting.min_by_key(|route| route.matches('{').count())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_that_has_an_address_is_on_the_tour() {
    let routes: Vec<&str> =
        access::ROUTES.iter().filter(|(method, ..)| *method == "GET").map(|(_, route, _)| *route).collect();
    assert_eq!(route_of(&routes, "/drafts/1/signers"), Some("/drafts/{id}/signers"));
    assert_eq!(route_of(&routes, "/drafts/1/review"), Some("/drafts/{id}/{page}"));
    let app = story(PROVINCE).await;
    let tour = Tour::of(&app, Language::Vi, 1).await;
    let seen: BTreeSet<&str> = tour.paths.iter().filter_map(|path| route_of(&routes, path)).collect();
    for (route, reason) in NO_PAGES {
        assert!(routes.contains(route), "{route} ({reason}) is no route");
        assert!(!seen.contains(route), "{route} ({reason}) has a page");
    }
    let is_left = |route: &&&str| !seen.contains(**route) && NO_PAGES.iter().all(|(known, _)| known != *route);
    let left: Vec<&&str> = routes.iter().filter(is_left).collect();
    assert!(left.is_empty(), "add these pages to barriers/tour.rs, or to NO_PAGES with a reason: {left:?}");
}
