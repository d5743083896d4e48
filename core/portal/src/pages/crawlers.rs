//! Addresses for search engines: `robots.txt` and the sitemap. Both follow from the table of routes.

use crate::state::Portal;
use crate::theme::MadeContent;
use crate::web::address;
use crate::web::cached::FOR_A_MINUTE;
use crate::web::failure::Failure;
use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use motcua_domain::names::AgencyId;
use motcua_service::catalogue::Snapshot;
use motcua_service::xml::escaped;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

/// The most pages of the sitemap, each with an address in each language. A sitemap may have 50,000 addresses.
const MOST_PAGES: usize = 10_000;

/// The addresses of the public pages of one route, without their languages.
pub type PublicAddresses = fn(&Portal, &Snapshot) -> Vec<String>;

/// The routes as search engines see them.
#[derive(Default)]
pub struct CrawledRoutes {
    /// The patterns of the routes that search engines may read.
    open: Vec<&'static str>,
    /// The patterns of all other routes, and beginnings of addresses that are closed beside an open route.
    closed: Vec<&'static str>,
    /// The public pages with one address.
    pages: Vec<&'static str>,
    /// The routes with many public pages.
    many: Vec<PublicAddresses>,
}

impl CrawledRoutes {
    /// Closes a route, or the addresses that begin so.
    pub fn close(&mut self, pattern: &'static str) {
        self.closed.push(pattern);
    }

    /// Opens a route that the sitemap does not list.
    pub fn open(&mut self, pattern: &'static str) {
        self.open.push(pattern);
    }

    /// Opens a route with one page, which the sitemap lists.
    pub fn list(&mut self, page: &'static str) {
        self.open.push(page);
        self.pages.push(page);
    }

    /// Opens a route, and lists these pages of it in the sitemap.
    pub fn list_all(&mut self, pattern: &'static str, pages: PublicAddresses) {
        self.open.push(pattern);
        self.many.push(pages);
    }

    /// Adds the routes of another table.
    pub fn extend(&mut self, other: Self) {
        self.open.extend(other.open);
        self.closed.extend(other.closed);
        self.pages.extend(other.pages);
        self.many.extend(other.many);
    }

    /// Returns the beginnings of closed addresses, as short as the open routes let them be. `*` stands for any part.
    fn closed_beginnings(&self) -> Vec<String> {
        let open: Vec<String> = self.open.iter().map(|pattern| with_stars(pattern)).collect();
        let is_free = |beginning: &&str| !open.iter().any(|route| may_begin(route, beginning));
        let beginning = |pattern: &&'static str| {
            let pattern = with_stars(pattern);
            let cuts = pattern.match_indices('*').map(|(at, _)| pattern.split_at(at).0);
            let free = cuts.chain([pattern.as_str()]).find(is_free);
            // The address of an open route begins like this one, so this one alone is closed.
            free.map_or_else(|| format!("{pattern}$"), str::to_owned)
        };
        let all: BTreeSet<String> = self.closed.iter().map(beginning).collect();
        let is_covered = |one: &&String| all.iter().any(|other| other != *one && begins(one, other));
        all.iter().filter(|one| !is_covered(one)).cloned().collect()
    }
}

/// Returns the pattern of a route with `*` in the place of its parameters.
fn with_stars(pattern: &str) -> String {
    let parts = pattern.split('/').map(|part| if part.starts_with('{') { "*" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// Returns whether all addresses of a pattern begin so.
fn begins(pattern: &str, beginning: &str) -> bool {
    agree(pattern, beginning, |part, wanted| part == wanted || wanted == "*")
}

/// Returns whether an address of a pattern begins so.
fn may_begin(pattern: &str, beginning: &str) -> bool {
    agree(pattern, beginning, |part, wanted| part == wanted || wanted == "*" || part == "*")
}

/// Returns whether the parts of a pattern are those of a beginning. The last part of the beginning may go on.
fn agree(pattern: &str, beginning: &str, is_same: impl Fn(&str, &str) -> bool) -> bool {
    let (mut parts, mut wanted) = (pattern.split('/'), beginning.split('/').peekable());
    while let Some(want) = wanted.next() {
        let Some(part) = parts.next() else { return false };
        let goes_on = wanted.peek().is_none() && part.starts_with(want);
        if !goes_on && !is_same(part, want) {
            return false;
        }
    }
    true
}

/// `GET /robots.txt`: the addresses that search engines may read. A preview is closed to them.
pub async fn robots(
    State(portal): State<Portal>,
    Extension(routes): Extension<Arc<CrawledRoutes>>,
    headers: HeaderMap,
) -> Response {
    let mut text = "User-agent: *\n".to_owned();
    if portal.settings.preview.is_some() {
        text.push_str("Disallow: /\n");
    } else {
        for closed in routes.closed_beginnings() {
            _ = writeln!(text, "Disallow: {closed}");
        }
        _ = writeln!(text, "\nSitemap: {}/sitemap.xml", portal.settings.base_url);
    }
    MadeContent::of(text).answer(&headers, "text/plain; charset=utf-8", FOR_A_MINUTE)
}

/// `GET /sitemap.xml`: the public pages, each in every language of the theme.
pub async fn sitemap(
    State(portal): State<Portal>,
    Extension(routes): Extension<Arc<CrawledRoutes>>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    const KIND: &str = "application/xml";
    let (own, catalogue) = (portal.clone(), portal.services.procedures.catalogue());
    let made = portal.made.catalogues.get(catalogue.number, KIND, move || {
        let tags: Vec<&str> = own.theme.languages().map(|language| own.theme.tag(language)).collect();
        MadeContent::of(written(&own.settings.base_url, &pages(&routes, &own, &catalogue), &tags))
    });
    Ok(made.await?.answer(&headers, KIND, FOR_A_MINUTE))
}

/// Returns the addresses of the public pages: first those with one address.
fn pages(routes: &CrawledRoutes, portal: &Portal, catalogue: &Snapshot) -> Vec<String> {
    let fixed = routes.pages.iter().map(|page| (*page).to_owned());
    let many = routes.many.iter().flat_map(|listed| listed(portal, catalogue));
    fixed.chain(many).take(MOST_PAGES).collect()
}

/// Returns the addresses of the catalogue: the whole one, and those of agencies.
pub fn catalogues(_: &Portal, catalogue: &Snapshot) -> Vec<String> {
    let offering: BTreeSet<&AgencyId> = catalogue.open().flat_map(|live| live.offers.iter()).collect();
    let of_agency = |agency: &AgencyId| address::catalogue(&[("agency", agency.as_str())]);
    std::iter::once(address::PROCEDURES.to_owned()).chain(offering.into_iter().map(of_agency)).collect()
}

/// Returns the addresses of the procedures, and of what each of several agencies offers.
pub fn procedures(_: &Portal, catalogue: &Snapshot) -> Vec<String> {
    let whole = catalogue.open().map(|live| live.whole().path());
    let shared = catalogue.open().filter(|live| live.offers.len() > 1);
    let offers = shared.flat_map(|live| live.offers.iter().map(|agency| live.procedure.path_in(agency)));
    whole.chain(offers).collect()
}

/// Returns the addresses of the help pages.
pub fn help_pages(portal: &Portal, _: &Snapshot) -> Vec<String> {
    portal.theme.help_names().map(address::help).collect()
}

/// Writes the sitemap. Each address names its own language and the same page in the other ones.
fn written(base: &str, pages: &[String], tags: &[&str]) -> String {
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
        <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n"
        .to_owned();
    for page in pages {
        let page = format!("{base}{page}");
        let alternate = |name: &str, address: &str| {
            format!("  <xhtml:link rel=\"alternate\" hreflang=\"{name}\" href=\"{}\"/>\n", escaped(address))
        };
        let mut alternates = alternate("x-default", &page);
        for &tag in tags {
            alternates.push_str(&alternate(tag, &address::in_language(&page, tag)));
        }
        for &tag in tags {
            let address = escaped(address::in_language(&page, tag));
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
    fn a_closed_route_closes_as_much_as_the_open_ones_let_it_and_names_nothing_twice() {
        let mut routes = CrawledRoutes::default();
        for open in ["/", "/a", "/a/{x}/{y}", "/log", "/signs"] {
            routes.open(open);
        }
        for closed in ["/a/{x}/{y}/apply", "/a?q=", "/b/{id}/{page}", "/b/{id}/file", "/c", "/c/d", "/login", "/sign"] {
            routes.close(closed);
        }
        assert_eq!(routes.closed_beginnings(), ["/a/*/*/apply", "/a?q=", "/b/", "/c", "/login", "/sign$"]);
    }

    #[test]
    fn each_address_of_the_sitemap_names_the_page_in_both_languages() {
        let xml = written("https://x.vn", &["/procedures?agency=a".to_owned()], &["vi", "en"]);
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
