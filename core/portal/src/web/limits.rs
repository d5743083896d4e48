//! The limits on all input of visitors, in one place, except for those of a search (`catalogue::search`).
//! `docs/operating.md` shows all of them in a table, and a test compares the two.

use motcua_service::catalogue::package;
use std::time::Duration;

/// The largest head of a request, in bytes. It is also the most of a body that is in memory before a handler reads it.
pub const HEAD: usize = 64 << 10;

/// The part of the connections, and of the places for requests, that one network (an IPv4 address, a /48 of IPv6) may
/// hold.
pub const PART_OF_NETWORK: usize = 4;

/// The longest address of a page, with its query, in bytes. It is the usual limit of proxies. Hyper rejects addresses
/// of 64 KiB by itself, without a page.
pub const ADDRESS: usize = 8 << 10;

/// Returns whether an address, or its query, is short enough to be a part of another address, where each of its bytes
/// takes up to three.
pub const fn fits_in_another(address: &str) -> bool {
    address.len() <= ADDRESS / 4
}

/// The largest body of a route, and its longest time of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Body {
    pub bytes: u64,
    pub within: Duration,
}

/// A form of texts.
pub const FORM: Body = Body { bytes: 1 << 20, within: Duration::from_mins(5) };

/// The largest proof file that the page of the log checks, in bytes.
pub const LARGEST_PROOF: usize = 2 << 20;

/// The largest proof file, in bytes, that waits in memory. A request holds that much in any case.
pub const SMALL_PROOF: usize = HEAD;

/// A form with a proof file. A large one is on the disk while it arrives, so it has less time than other forms.
pub const PROOF: Body = Body { bytes: LARGEST_PROOF as u64 + FORM.bytes, within: Duration::from_mins(1) };

/// A form with a package and its signature.
pub const PACKAGE: Body = Body { bytes: package::LARGEST as u64 + FORM.bytes, within: Duration::from_mins(30) };

/// A form with files. Each file has its own limit, which its procedure sets.
pub const FILES: Body = Body { bytes: 512 << 20, within: Duration::from_hours(1) };

/// The routes that take more than a form of texts.
pub const ROUTES: [(&str, Body); 9] = [
    (DRAFT, FILES),
    ("/drafts/{id}/papers/{paper}", FILES),
    ("/drafts/{id}/papers/{paper}/reuse", FILES),
    ("/drafts/{id}/papers/{paper}/combine", FILES),
    ("/drafts/{id}/detach/{attached}", FILES),
    ("/dossiers/{code}/actions/{action}", FILES),
    ("/dossiers/{code}/messages", FILES),
    ("/log/check", PROOF),
    ("/admin/procedures/install", PACKAGE),
];

/// Returns the limit of the body of a route.
pub fn of(route: &str) -> Body {
    ROUTES.iter().find(|(known, _)| *known == route).map_or(FORM, |(_, body)| *body)
}

/// The most fields of a form, files included.
pub const FIELDS: usize = 5_000;

/// The longest name of a field or of a file, in bytes.
pub const NAME: usize = 1_000;

/// The most bytes of all names and texts of a form together, as they are after decoding.
pub const TEXTS: usize = 512 << 10;

/// The same limit for a page of a draft: all that its body takes. A page that exceeds the limit of a draft is shown
/// again with the typed fields.
pub const DRAFT_TEXTS: usize = 1 << 20;

/// The route of a page of a draft.
const DRAFT: &str = "/drafts/{id}/{page}";

/// Returns the most bytes of all names and texts of a form without files.
pub fn texts(route: &str) -> usize {
    if route == DRAFT { DRAFT_TEXTS } else { TEXTS }
}

/// The largest signature of a package, in bytes.
pub const SIGNATURE: usize = 64 << 10;

/// The largest head of a part of a form, in bytes.
pub const PART_HEAD: usize = 8 << 10;

/// The most bytes before the first boundary of a form in parts. Browsers send none.
pub const PREAMBLE: usize = 1 << 10;

/// The longest boundary of a form in parts (RFC 2046).
pub const BOUNDARY: usize = 70;

/// The most bytes of a form's files that are skipped to read the texts behind them, when the sender has to log in first
/// or the page of the form is old.
pub const PASSED_OVER: u64 = 32 << 20;

/// The most of a rejected body that is read and discarded. Bytes that were read before count, too.
///
/// A browser shows the answer only after it has sent everything, so it does not show the answer to a larger body.
pub const DRAINED: u64 = 32 << 20;

/// The longest time for reading a rejected body.
pub const DRAINED_WITHIN: Duration = Duration::from_mins(1);

#[cfg(test)]
mod tests {
    use super::*;
    use motcua_service::catalogue::MOST_HITS;
    use motcua_service::catalogue::search::{LONGEST_QUERY, LONGEST_WORD, MOST_WORDS};

    /// Returns a number of bytes as the table writes it.
    fn size(bytes: u64) -> String {
        if bytes.is_multiple_of(1 << 20) {
            format!("{} MiB", bytes >> 20)
        } else if bytes.is_multiple_of(1 << 10) {
            format!("{} KiB", bytes >> 10)
        } else {
            format!("{bytes} bytes")
        }
    }

    fn rows() -> Vec<(String, String)> {
        let bytes = |bytes: usize| size(bytes as u64);
        let body = |name: &str, body: Body| {
            let value = format!("{}, {} minutes", size(body.bytes), body.within.as_secs() / 60);
            (format!("body of {name}"), value)
        };
        let named = |name: &str, value: String| (name.to_owned(), value);
        let part = |of: &str| format!("1/{PART_OF_NETWORK} of `{of}`");
        let mut rows = vec![
            named("connections of one network", part("connections")),
            named("requests of one network under way", part("requests")),
            named("head of a request", bytes(HEAD)),
            named("address of a request", bytes(ADDRESS)),
            body("a form of texts", FORM),
        ];
        rows.extend(ROUTES.map(|(route, limit)| body(&format!("`POST {route}`"), limit)));
        rows.extend([
            named("fields of a form, files included", FIELDS.to_string()),
            named("name of a field or a file", bytes(NAME)),
            named("names and texts of a form together", bytes(TEXTS)),
            named("names and texts of a page of a draft without files", bytes(DRAFT_TEXTS)),
            named("signature of a package", bytes(SIGNATURE)),
            named("head of a part", bytes(PART_HEAD)),
            named("before the first boundary", bytes(PREAMBLE)),
            named("boundary", bytes(BOUNDARY)),
            named("files without a session or from an old page, read for the texts behind them", size(PASSED_OVER)),
            body("a refused request, read and thrown away", Body { bytes: DRAINED, within: DRAINED_WITHIN }),
            named("query of a search", format!("{LONGEST_QUERY} characters, {MOST_WORDS} words")),
            named("word of a query", format!("{LONGEST_WORD} characters")),
            named("hits of a search by words", MOST_HITS.to_string()),
        ]);
        rows
    }

    #[test]
    fn the_operators_table_shows_the_limits_that_hold_and_no_others() {
        let page = include_str!("../../../../docs/operating.md");
        let table = page.split("<!-- limits -->").nth(1).expect("the table is marked");
        let row = |line: &str| {
            let (name, value) = line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | ")?;
            Some((name.to_owned(), value.to_owned()))
        };
        let shown: Vec<(String, String)> = table.lines().filter_map(row).skip(2).collect();
        assert_eq!(shown, rows());
    }

    #[test]
    fn every_route_with_a_limit_of_its_own_is_a_route() {
        let routes = [include_str!("../routes.rs"), include_str!("../pages/dossier/changes.rs")].concat();
        for (route, _) in ROUTES {
            let is_named = |word: &str| routes.contains(&format!(".{word}(\"{route}\""));
            assert!(["route", "open", "page", "pages"].into_iter().any(is_named), "{route}");
        }
    }
}
