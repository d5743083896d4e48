//! The device of a log-in in words by which its owner recognises it, such as `Firefox, Android`.

use axum::http::{HeaderMap, header};

/// The marks of browsers, each with its name. A browser has the marks of those after it too.
const BROWSERS: [(&str, &str); 10] = [
    ("Zalo", "Zalo"),
    ("coc_coc_browser/", "Cốc Cốc"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// The marks of systems, each with its name. A system has the marks of those after it too.
const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// Returns the browser and the system of a request in words, or an empty text.
pub fn words(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let name =
        |names: &[(&str, &'static str)]| names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    let found: Vec<&str> = [name(&BROWSERS), name(&SYSTEMS)].into_iter().flatten().collect();
    found.join(", ")
}

#[cfg(test)]
mod tests {
    use super::words;
    use axum::http::{HeaderMap, HeaderValue, header};

    #[test]
    fn a_device_is_told_by_its_browser_and_its_system() {
        for (agent, told) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
            ("Mozilla/5.0 (Linux; Android 10; K) Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
            ("Mozilla/5.0 (iPhone; CPU like Mac OS X) Safari/604.1", "Safari, iPhone"),
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
            ("<b>curl</b>", ""),
        ] {
            let agent = HeaderValue::from_static(agent);
            assert_eq!(words(&HeaderMap::from_iter([(header::USER_AGENT, agent)])), told);
        }
        assert_eq!(words(&HeaderMap::new()), "");
    }
}
