//! Addresses and descriptions for search engines.

use motcua_tests::portal::App;
use motcua_tests::walk::BIRTH;

on_both! {
    search_engines_find_every_public_page_in_both_languages_and_no_page_of_a_person
    an_address_with_a_language_is_in_it_and_the_way_back_is_not
}

async fn search_engines_find_every_public_page_in_both_languages_and_no_page_of_a_person(app: App) {
    let visitor = app.visitor();
    let robots = visitor.get("/robots.txt").await.ok();
    assert_eq!(robots.headers["content-type"], "text/plain; charset=utf-8");
    for line in ["User-agent: *", "Disallow: /dossiers", "Disallow: /account", "Disallow: /drafts"] {
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
