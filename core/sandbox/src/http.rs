//! The only way of a plugin to the network: requests of `connect`, to the addresses that its grant names.
//!
//! The host checks the grant, not the plugin. The host also checks the addresses of a name at the moment of connecting,
//! so a name that changes its addresses a second later achieves nothing. Redirects are answers like others.

use motcua_domain::procedure::plugin::HttpGrant;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use ureq::http::{HeaderName, HeaderValue, Method, Request, Uri};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

/// The most bytes of a request's body and of an answer's.
const MOST_BODY: u64 = 256 << 10;

/// The time limit of one request, from the name to the last byte.
const PATIENCE: Duration = Duration::from_secs(10);

/// Headers that only the host writes, whatever the grant says.
const OURS: [&str; 8] =
    ["host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer", "expect"];

/// A request in the form of the plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HttpRequest {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HttpAnswer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// The answer to a text that the portal itself sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostAnswer {
    pub status: u16,
    /// The body, which is empty if it was too large.
    pub body: Vec<u8>,
}

/// The reason why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HttpFailure {
    Refused(String),
    Unreachable(String),
    TooLarge { status: u16 },
}

/// A function that resolves names to addresses.
type NameResolver = dyn Fn(&str) -> std::io::Result<Vec<SocketAddr>> + Send + Sync;

/// The host's HTTP client.
#[derive(Clone, Default)]
pub struct HttpClient {
    /// A replacement for the system's resolver. Tests use it as a hostile resolver.
    names: Option<Arc<NameResolver>>,
}

impl std::fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Client")
    }
}

impl HttpClient {
    /// Returns a client that asks `names` for addresses instead of the system.
    pub fn resolving(names: impl Fn(&str) -> std::io::Result<Vec<SocketAddr>> + Send + Sync + 'static) -> Self {
        Self { names: Some(Arc::new(names)) }
    }

    /// Sends a text by POST to an address that the operator of the portal names. The address may be in a private
    /// network. Returns the reason if the receiver did not accept the text.
    pub fn post_text(&self, url: &str, text: &str) -> Result<(), String> {
        let PostAnswer { status, .. } = self.post(url, &[("content-type", "text/plain; charset=utf-8")], text)?;
        if (200..300).contains(&status) { Ok(()) } else { Err(format!("it answered {status}")) }
    }

    /// Sends a text with headers by POST to an address that the operator of the portal names, and returns the answer
    /// whatever its status is. The address may be in a private network. Returns the reason if there is no answer.
    pub fn post(&self, url: &str, headers: &[(&str, &str)], text: &str) -> Result<PostAnswer, String> {
        let uri: Uri = url.parse().map_err(|error| format!("this is not an address: {error}"))?;
        let grant = HttpGrant {
            origin: origin(&uri)?,
            methods: vec!["POST".to_owned()],
            headers: headers.iter().map(|(name, _)| (*name).to_owned()).collect(),
            private: true,
        };
        let outgoing = HttpRequest {
            method: "POST".to_owned(),
            url: url.to_owned(),
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            body: text.as_bytes().to_vec(),
        };
        match self.send(&[grant], &outgoing) {
            Ok(HttpAnswer { status, body, .. }) => Ok(PostAnswer { status, body }),
            Err(HttpFailure::TooLarge { status }) => Ok(PostAnswer { status, body: Vec::new() }),
            Err(HttpFailure::Refused(why) | HttpFailure::Unreachable(why)) => Err(why),
        }
    }

    /// Sends a request, if one of `grants` allows it.
    pub(crate) fn send(&self, grants: &[HttpGrant], outgoing: &HttpRequest) -> Result<HttpAnswer, HttpFailure> {
        let (request, private) = allowed(grants, outgoing).map_err(HttpFailure::Refused)?;
        let config = ureq::Agent::config_builder()
            .max_redirects(0)
            // The client trusts the authorities of the machine, so that a province can have its own.
            .tls_config(TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build())
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .max_response_header_size(32 << 10)
            .max_idle_connections(0)
            .user_agent("motcua")
            .proxy(None)
            .build();
        let resolver = GuardedResolver { names: self.names.clone(), private };
        let agent = ureq::Agent::with_parts(config, DefaultConnector::default(), resolver);
        let mut response = agent.run(request).map_err(|error| match &error {
            ureq::Error::Other(other) if other.is::<NotReachable>() => HttpFailure::Refused(other.to_string()),
            _ => HttpFailure::Unreachable(error.to_string()),
        })?;
        let headers = response
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())));
        let (status, headers) = (response.status().as_u16(), headers.collect());
        let body = response.body_mut().with_config().limit(MOST_BODY).read_to_vec().map_err(|error| match error {
            ureq::Error::BodyExceedsLimit(_) => HttpFailure::TooLarge { status },
            error => HttpFailure::Unreachable(error.to_string()),
        })?;
        Ok(HttpAnswer { status, headers, body })
    }
}

/// Returns the request if a grant allows it, and whether it may go into a private network.
fn allowed(grants: &[HttpGrant], outgoing: &HttpRequest) -> Result<(Request<Vec<u8>>, bool), String> {
    let uri: Uri = outgoing.url.parse().map_err(|error| format!("this is not an address: {error}"))?;
    let origin = origin(&uri)?;
    let grant = grants
        .iter()
        .find(|grant| {
            grant.origin.parse::<Uri>().ok().and_then(|uri| self::origin(&uri).ok()).as_ref() == Some(&origin)
        })
        .ok_or_else(|| format!("the grant does not name {origin}"))?;
    if !grant.methods.contains(&outgoing.method) {
        return Err(format!("the grant does not name the method {} for {origin}", outgoing.method));
    }
    let method: Method = outgoing.method.parse().map_err(|_| "this is not a method".to_owned())?;
    if outgoing.body.len() as u64 > MOST_BODY {
        return Err(format!("the body is longer than {MOST_BODY} bytes"));
    }
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in &outgoing.headers {
        let lower = name.to_ascii_lowercase();
        if OURS.contains(&lower.as_str()) || !grant.headers.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            return Err(format!("the grant does not name the header {name}"));
        }
        let name: HeaderName = lower.parse().map_err(|_| format!("`{name}` is not the name of a header"))?;
        let value: HeaderValue = value.parse().map_err(|_| format!("the value of {name} is not that of a header"))?;
        request = request.header(name, value);
    }
    let request = request.body(outgoing.body.clone()).map_err(|error| error.to_string())?;
    Ok((request, grant.private))
}

/// Returns scheme, host and port of an address in one canonical form.
fn origin(uri: &Uri) -> Result<String, String> {
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err("an address begins with https:// or http://".to_owned());
    };
    let port = match (scheme, authority.port_u16()) {
        ("https" | "http", Some(port)) => port,
        ("https", None) => 443,
        ("http", None) => 80,
        _ => return Err(format!("`{scheme}` is not http or https")),
    };
    if authority.as_str().contains('@') {
        return Err("an address with a user's name is not taken".to_owned());
    }
    Ok(format!("{scheme}://{}:{port}", authority.host().to_ascii_lowercase()))
}

/// A name resolves to an address that may not be reached.
#[derive(Debug, thiserror::Error)]
enum NotReachable {
    #[error("{0} is in a private network, which the grant does not allow")]
    Private(String),
    #[error("{0} is in the Internet, where only https:// is taken, whatever the grant allows in private networks")]
    Plain(String),
    #[error("{0} has an address of a link or another special one, which no grant opens")]
    Special(String),
}

/// A resolver that returns only addresses that may be reached.
struct GuardedResolver {
    names: Option<Arc<NameResolver>>,
    private: bool,
}

impl std::fmt::Debug for GuardedResolver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Guarded")
    }
}

impl Resolver for GuardedResolver {
    fn resolve(
        &self,
        uri: &Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let host = uri.authority().map(|authority| authority.host().to_owned()).unwrap_or_default();
        let found: Vec<SocketAddr> = match &self.names {
            None => DefaultResolver::default().resolve(uri, config, timeout)?.to_vec(),
            Some(names) => {
                let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
                names(&format!("{host}:{port}")).map_err(ureq::Error::Io)?
            }
        };
        let mut reachable = self.empty();
        let plain = uri.scheme_str() != Some("https");
        // One forbidden address of a name makes the whole name suspicious.
        if found.iter().any(|address| !may_reach(address.ip(), self.private, plain)) {
            let not_reachable = if found.iter().all(|address| is_public(address.ip())) {
                NotReachable::Plain(host)
            } else if self.private {
                NotReachable::Special(host)
            } else {
                NotReachable::Private(host)
            };
            return Err(ureq::Error::Other(Box::new(not_reachable)));
        }
        for address in found.into_iter().take(16) {
            reachable.push(address);
        }
        if reachable.is_empty() { Err(ureq::Error::HostNotFound) } else { Ok(reachable) }
    }
}

/// Returns whether a request may go to an address. Requests to the Internet must be encrypted. A grant for private
/// networks allows those networks and this machine, and no other special addresses. Link-local addresses, where clouds
/// keep their secrets, stay forbidden.
fn may_reach(address: IpAddr, private: bool, plain: bool) -> bool {
    if is_public(address) { !plain } else { private && is_private(address.to_canonical()) }
}

/// Returns whether an address belongs to a private network, to a carrier's own network, or to this machine.
const fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            v4.is_private() || v4.is_loopback() || (a == 100 && b & 0xc0 == 64)
        }
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_loopback(),
    }
}

/// Returns whether an address belongs to the public Internet. IANA's registries of special-purpose addresses (RFC 6890)
/// must not call it not globally reachable, and it must not lead to such an address in another form.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast();
    // "This network", shared addresses of carriers, protocol assignments, benchmarks, 6to4 relays, the future.
    let others = a == 0
        || (a == 100 && b & 0xc0 == 64)
        || (a, b, c) == (192, 0, 0)
        || (a == 198 && b & 0xfe == 18)
        || (a, b, c) == (192, 88, 99)
        || a >= 240;
    !special && !others
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let parts = address.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match parts {
        // These addresses contain an IPv4 address: mapped, by NAT64, by 6to4.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            embedded(high, low)
        }
        // Documentation, protocol assignments (Teredo, ORCHID, benchmarks), segment routing.
        [0x2001, 0xdb8 | 0..=0x1ff, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // Only 2000::/3 is assigned.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_are_not_of_the_internet_are_not_public() {
        let closed = [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.0.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.168.1.1",
            "192.88.99.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "3fff::1",
            "100::1",
            "fec0::1",
        ];
        for address in closed {
            assert!(!is_public(address.parse().expect("an address")), "{address}");
        }
        for address in
            ["1.1.1.1", "113.160.0.1", "172.32.0.1", "192.0.1.1", "2001:ee0::1", "2400:cb00::1", "64:ff9b::101:101"]
        {
            assert!(is_public(address.parse().expect("an address")), "{address}");
        }
    }

    #[test]
    fn a_grant_for_private_networks_sends_nothing_unencrypted_into_the_internet() {
        let reach = |address: &str, private, plain| may_reach(address.parse().expect("an address"), private, plain);
        for inside in
            ["10.1.2.3", "192.168.1.1", "172.16.0.1", "127.0.0.1", "100.64.0.1", "::1", "fd12::1", "::ffff:10.0.0.1"]
        {
            assert!(reach(inside, true, true) && reach(inside, true, false), "{inside}");
            assert!(!reach(inside, false, true) && !reach(inside, false, false), "{inside}");
        }
        for outside in ["113.160.0.1", "2001:ee0::1"] {
            assert!(reach(outside, true, false) && reach(outside, false, false), "{outside}");
            assert!(!reach(outside, true, true) && !reach(outside, false, true), "{outside}");
        }
        for never in
            ["169.254.169.254", "fe80::1", "::ffff:169.254.169.254", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::"]
        {
            assert!(!reach(never, true, true) && !reach(never, true, false), "{never}");
        }
    }

    fn asked(url: &str, method: &str, header: &str) -> Result<(), String> {
        let grant = HttpGrant {
            origin: "https://esb.example.vn".to_owned(),
            methods: vec!["POST".to_owned()],
            headers: vec!["webhook-id".to_owned(), "host".to_owned()],
            private: false,
        };
        let headers = vec![(header.to_owned(), "x".to_owned())];
        let outgoing = HttpRequest { method: method.to_owned(), url: url.to_owned(), headers, body: vec![] };
        allowed(&[grant], &outgoing).map(drop)
    }

    #[test]
    fn only_what_the_grant_names_is_sent() {
        assert_eq!(asked("https://esb.example.vn/x?y=1", "POST", "Webhook-Id"), Ok(()));
        assert_eq!(asked("https://ESB.example.vn:443/", "POST", "webhook-id"), Ok(()));
        let others = [
            "http://esb.example.vn/",
            "https://esb.example.vn:444/",
            "https://esb.example.vn.evil.vn/",
            "https://esb.example.vn@evil.vn/",
            "https://x@esb.example.vn/",
            "file:///etc/passwd",
            "/relative",
            "",
            "https://esb.example.vn%2eevil.vn/",
            "https://sub.esb.example.vn/",
            "ftp://esb.example.vn/",
        ];
        for url in others {
            assert!(asked(url, "POST", "webhook-id").is_err(), "{url}");
        }
        for method in ["GET", "post", "CONNECT", "POST\r\nX: y", ""] {
            assert!(asked("https://esb.example.vn/", method, "webhook-id").is_err(), "{method}");
        }
        for header in ["host", "Authorization", "webhook-id\r\nx", ""] {
            assert!(asked("https://esb.example.vn/", "POST", header).is_err(), "{header}");
        }
    }
}
