//! Addresses and descriptions for search engines.

use crate::access::ROUTES;
use motcua_tests::portal::App;
use motcua_tests::walk::BIRTH;

on_both! {
    every_public_page_is_in_the_sitemap_and_every_other_address_is_closed_to_search_engines
    search_engines_find_every_public_page_in_both_languages_and_no_page_of_a_person
    an_address_with_a_language_is_in_it_and_the_way_back_is_not
}

async fn search_engines_find_every_public_page_in_both_languages_and_no_page_of_a_person(app: App) {
    let visitor = app.visitor();
    let robots = visitor.get("/robots.txt").await.ok();
    assert_eq!(robots.headers["content-type"], "text/plain; charset=utf-8");
    for line in ["User-agent: *", "Disallow: /dossiers/", "Disallow: /account", "Disallow: /drafts/"] {
        assert!(robots.body.lines().any(|known| known == line), "{line}: {}", robots.body);
    }
    let sitemap = robots.body.lines().find_map(|line| line.strip_prefix("Sitemap: ")).expect("a sitemap").to_owned();
    assert!(sitemap.ends_with("/sitemap.xml"), "{sitemap}");
    let base = sitemap.trim_end_matches("/sitemap.xml");

    let xml = visitor.get("/sitemap.xml").await.ok();
    assert_eq!(xml.headers["content-type"], "application/xml");
    let addresses: Vec<String> = xml
        .body
        .split("<loc>")
        .skip(1)
        .filter_map(|rest| rest.split("</loc>").next()?.strip_prefix(base))
        .map(|address| address.replace("&amp;", "&"))
        .collect();
    let paths: Vec<&str> = addresses.iter().filter_map(|address| address.strip_suffix("lang=en")).collect();
    assert_eq!(paths.len() * 2, addresses.len());
    for path in ["/?", "/help/privacy?", "/procedures?agency=so-tnmt&", &format!("{BIRTH}?")] {
        assert!(paths.contains(&path), "{path}: {paths:?}");
    }
    let closed: Vec<&str> = robots.body.lines().filter_map(|line| line.strip_prefix("Disallow: ")).collect();
    for address in &addresses {
        assert!(!closed.iter().any(|closed| address.starts_with(closed)), "{address}");
    }
    let mut descriptions = Vec::new();
    for path in ["/help/faq?lang=en", "/procedures?agency=so-tnmt&lang=en", "/procedures?lang=en", "/figures?lang=en"] {
        assert!(addresses.iter().any(|address| address == path), "{path}");
        let page = visitor.get(path).await.ok().has(&["<html lang=\"en\">"]);
        descriptions.push(page.between("<meta name=\"description\" content=\"", "\"").expect("one").to_owned());
    }
    assert!(descriptions[1].contains("Department of Natural Resources and Environment"), "{descriptions:?}");
    assert!(descriptions.iter().all(|text| !text.starts_with(char::is_whitespace) && text.len() > 40));
}

async fn an_address_with_a_language_is_in_it_and_the_way_back_is_not(app: App) {
    let visitor = app.visitor();
    let page = visitor.get("/procedures?q=a&lang=en").await.ok().has(&["<html lang=\"en\">"]);
    page.has(&["/language/vi?back=/procedures%3Fq%3Da\""]);
    let page = visitor.get(&format!("{BIRTH}?lang=en")).await.ok().has(&["<html lang=\"en\">", "Birth registration"]);
    let description = page.between("<meta name=\"description\" content=\"", "\"").expect("one");
    assert!(description.len() > 20 && page.body.contains("application/ld+json"), "{description}");
    visitor.get(BIRTH).await.ok().has(&["<html lang=\"vi\">"]);
    visitor.get("/language/en?back=/").await.ok();
    visitor.get(&format!("{BIRTH}?lang=vi")).await.ok().has(&["<html lang=\"vi\">", "Đăng ký khai sinh"]);
    visitor.get(&format!("{BIRTH}?lang=fr")).await.ok().has(&["<html lang=\"en\">"]);
}

/// Public addresses that are of no use to search engines.
const CLOSED: [&str; 12] = [
    "/procedures/{agency}/{slug}/apply",
    "/figures.csv",
    "/log/tile/{*path}",
    "/language/{tag}",
    "/register",
    "/login",
    "/login/code",
    "/kiosk",
    "/password",
    "/healthz",
    "/livez",
    "/readyz",
];

/// Public addresses with parameters that are no pages of their own.
const PARTS_OF_PAGES: [&str; 4] = [
    "/procedures/{agency}/{slug}/eligibility",
    "/schemas/{file}",
    "/templates/{digest}/{file}",
    "/assets/{digest}/{*file}",
];

/// Returns whether a rule of `robots.txt` closes a path (RFC 9309).
fn is_closed(rules: &[&str], path: &str) -> bool {
    rules.iter().any(|rule| {
        let (rule, is_whole) = rule.strip_suffix('$').map_or((*rule, false), |rule| (rule, true));
        let mut pieces = rule.split('*');
        let Some(mut rest) = path.strip_prefix(pieces.next().unwrap_or_default()) else { return false };
        for piece in pieces {
            let Some((_, behind)) = rest.split_once(piece) else { return false };
            rest = behind;
        }
        !is_whole || rest.is_empty()
    })
}

/// Returns whether a path is one of a route.
fn is_of(route: &str, path: &str) -> bool {
    let (parts, of_route): (Vec<_>, Vec<_>) = (path.split('/').collect(), route.split('/').collect());
    parts.len() == of_route.len() && parts.iter().zip(&of_route).all(|(part, of)| part == of || of.starts_with('{'))
}

async fn every_public_page_is_in_the_sitemap_and_every_other_address_is_closed_to_search_engines(app: App) {
    let visitor = app.visitor();
    let robots = visitor.get("/robots.txt").await.ok().body;
    let rules: Vec<&str> = robots.lines().filter_map(|line| line.strip_prefix("Disallow: ")).collect();
    let xml = visitor.get("/sitemap.xml").await.ok().body;
    let listed: Vec<&str> =
        xml.split("<loc>").skip(1).filter_map(|rest| rest.split_once('?')?.0.strip_prefix(app.base.as_str())).collect();
    let mut wrong = Vec::new();
    // Only a preview has its addresses, and a preview is closed as a whole.
    for (_, route, who) in ROUTES.iter().filter(|row| row.0 == "GET" && !row.1.starts_with("/preview")) {
        let path: Vec<&str> = route.split('/').map(|part| if part.starts_with('{') { "x" } else { part }).collect();
        let (path, is_public) = (path.join("/"), who.starts_with('y'));
        if is_closed(&rules, &path) == (is_public && !CLOSED.contains(route)) {
            wrong.push(format!("{route} is closed, or is not: {is_public}"));
        }
        if !is_public || CLOSED.contains(route) || PARTS_OF_PAGES.contains(route) {
            continue;
        }
        let is_page = route.contains('{') || {
            let page = visitor.get(&path).await;
            page.status == 200 && page.path == path && page.headers["content-type"].as_bytes().starts_with(b"text/html")
        };
        if is_page != listed.iter().any(|path| is_of(route, path)) {
            wrong.push(format!("{route} is a page: {is_page}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}\n{robots}\n{listed:?}");
    for path in ["/figures?by=month", "/procedures?q=a"] {
        assert!(is_closed(&rules, path), "{path}");
    }
}
