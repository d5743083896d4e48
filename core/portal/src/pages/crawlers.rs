//! Addresses for search engines: `robots.txt` and the sitemap.

use crate::state::Portal;
use crate::theme::MadeContent;
use crate::web::address;
use crate::web::cached::FOR_A_MINUTE;
use crate::web::failure::Failure;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use motcua_domain::names::AgencyId;
use motcua_domain::text::Language;
use motcua_service::catalogue::Snapshot;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The beginnings of addresses that are of no use to search engines: pages of one person, forms, and wishes of visitors.
const CLOSED: [&str; 15] = [
    "/account",
    "/admin",
    "/desk",
    "/dossiers",
    "/drafts",
    "/figures.csv",
    "/figures?by=",
    "/language",
    "/leave",
    "/log/tile",
    "/login",
    "/procedures/*/*/apply",
    "/procedures?q=",
    "/register",
    "/results",
];

/// Public pages that are always there.
const PAGES: [&str; 7] = ["/", "/procedures", "/lookup", "/help", "/figures", "/published", "/log"];

/// The most pages of the sitemap, each with an address in each language. A sitemap may have 50,000 addresses.
const MOST_PAGES: usize = 10_000;

const LANGUAGES: [Language; 2] = [Language::Vi, Language::En];

/// `GET /robots.txt`: the addresses that search engines may read. A preview is closed to them.
pub async fn robots(State(portal): State<Portal>, headers: HeaderMap) -> Response {
    let mut text = "User-agent: *\n".to_owned();
    if portal.settings.preview.is_some() {
        text.push_str("Disallow: /\n");
    } else {
        for closed in CLOSED {
            _ = writeln!(text, "Disallow: {closed}");
        }
        _ = writeln!(text, "\nSitemap: {}/sitemap.xml", portal.settings.base_url);
    }
    MadeContent::of(text).answer(&headers, "text/plain; charset=utf-8", FOR_A_MINUTE)
}

/// `GET /sitemap.xml`: the public pages, each in both languages.
pub async fn sitemap(State(portal): State<Portal>, headers: HeaderMap) -> Result<Response, Failure> {
    const KIND: &str = "application/xml";
    let (own, catalogue) = (portal.clone(), portal.services.procedures.catalogue());
    let made = portal.made.catalogues.get(catalogue.number, KIND, move || {
        MadeContent::of(written(&own.settings.base_url, &pages(&own, &catalogue)))
    });
    Ok(made.await?.answer(&headers, KIND, FOR_A_MINUTE))
}

/// Returns the addresses of the public pages: those that are always there, help pages, procedures, agencies, and what
/// each of several agencies offers.
fn pages(portal: &Portal, catalogue: &Snapshot) -> Vec<String> {
    let offering: BTreeSet<&AgencyId> = catalogue.open().flat_map(|live| live.offers.iter()).collect();
    let help = portal.theme.help_names().map(address::help);
    let procedures = catalogue.open().map(|live| live.whole().path());
    let agencies = offering.into_iter().map(|agency| address::catalogue(&[("agency", agency.as_str())]));
    let shared = catalogue.open().filter(|live| live.offers.len() > 1);
    let offers = shared.flat_map(|live| live.offers.iter().map(|agency| live.procedure.path_in(agency)));
    let pages = PAGES.into_iter().map(str::to_owned).chain(help).chain(procedures).chain(agencies).chain(offers);
    pages.take(MOST_PAGES).collect()
}

/// Returns a text as a part of XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Writes the sitemap. Each address names its own language and the same page in the other one.
fn written(base: &str, pages: &[String]) -> String {
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
        <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n"
        .to_owned();
    for page in pages {
        let page = format!("{base}{page}");
        let alternate = |name: &str, address: &str| {
            format!("  <xhtml:link rel=\"alternate\" hreflang=\"{name}\" href=\"{}\"/>\n", escaped(address))
        };
        let mut alternates = alternate("x-default", &page);
        for language in LANGUAGES {
            alternates.push_str(&alternate(language.tag(), &address::in_language(&page, language)));
        }
        for language in LANGUAGES {
            let address = escaped(&address::in_language(&page, language));
            _ = writeln!(xml, "<url>\n  <loc>{address}</loc>\n{alternates}</url>");
        }
    }
    xml.push_str("</urlset>\n");
    xml
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_of_the_sitemap_names_the_page_in_both_languages() {
        let xml = written("https://x.vn", &["/procedures?agency=a".to_owned()]);
        for (part, count) in [
            ("<loc>https://x.vn/procedures?agency=a&amp;lang=vi</loc>", 1),
            ("<loc>https://x.vn/procedures?agency=a&amp;lang=en</loc>", 1),
            ("hreflang=\"en\" href=\"https://x.vn/procedures?agency=a&amp;lang=en\"", 2),
            ("hreflang=\"x-default\" href=\"https://x.vn/procedures?agency=a\"", 2),
        ] {
            assert_eq!(xml.matches(part).count(), count, "{part}\n{xml}");
        }
    }
}
