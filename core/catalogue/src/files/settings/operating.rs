//! An operator's settings for running the portal: its address, its log, and access to its figures. Other sections read
//! their addresses and times here too.

use crate::reading::keys::{Shape, keys};
use crate::reading::node::{FileTable, Placed};
use ipnet::IpNet;
use jiff::SignedDuration;
use motcua_domain::procedure::plugin::Secret;
use motcua_domain::text;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

keys! {
    /// The form of the process's own log.
    pub(super) LOG_OUTPUT = "LogOutput" {
        optional {
            /// `text` for people, `json` for a collector of logs.
            format: Shape::Word(|| LogFormat::ALL.map(LogFormat::name).to_vec()),
        }
    }

    /// The clients that may read the figures of the process at `/metrics`. Without an entry, nobody may.
    pub(super) METRICS = "Metrics" {
        optional {
            /// Addresses and networks, such as `127.0.0.1` and `10.0.0.0/8`.
            addresses: Shape::List(&Shape::Text),
            /// The token that opens the figures from everywhere, as `Authorization: Bearer …`. Better set by the variable
            /// `MOTCUA_METRICS__TOKEN`.
            token: Shape::Text,
        }
    }
}

/// The shortest token for the figures, in characters.
const SHORTEST_TOKEN: usize = 16;

/// The address at which the portal listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listen {
    /// An address with a port.
    Tcp(SocketAddr),
    /// A socket in the file system, for a proxy on the same machine.
    Unix(PathBuf),
}

/// A text that is not an address to listen at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write an address with a port, such as 127.0.0.1:8080, or unix: and the path of a socket")]
pub struct NotAListener;

impl FromStr for Listen {
    type Err = NotAListener;

    fn from_str(text: &str) -> Result<Self, NotAListener> {
        match text.strip_prefix("unix:") {
            Some(path) if !path.trim().is_empty() => Ok(Self::Unix(PathBuf::from(path))),
            Some(_) => Err(NotAListener),
            None => text.parse().map(Self::Tcp).map_err(|_| NotAListener),
        }
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "{address}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// The section `[log_output]`: the form of the process's own log. The sealed log of dossiers is `[log]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogOutput {
    pub format: LogFormat,
}

/// The form of a line in the process's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// A text for people.
    #[default]
    Text,
    /// An object in JSON on each line.
    Json,
}

impl LogFormat {
    pub const ALL: [Self; 2] = [Self::Text, Self::Json];

    /// Returns the word in `motcua.toml`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

/// The section `[metrics]`: the clients that may read the figures of the process at `/metrics`. Without an entry,
/// nobody may.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MetricsSettings {
    /// Addresses and networks, such as `127.0.0.1` and `10.0.0.0/8`.
    pub addresses: Vec<String>,
    /// The token that opens the figures from everywhere, as `Authorization: Bearer …`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<Secret>,
}

impl MetricsSettings {
    /// Returns the networks from which the figures may be read.
    pub fn networks(&self) -> Vec<IpNet> {
        self.addresses.iter().filter_map(|text| network(text)).collect()
    }
}

/// The shortest and the longest time that can be written, in seconds.
const SHORTEST: i64 = 60;
const LONGEST: i64 = 31 * 24 * 60 * 60;

/// Reads a time such as `30m`, if the key exists. Reports a time that is too short or too long.
pub(super) fn duration(table: &FileTable<'_>, key: &'static str, example: &str) -> Option<SignedDuration> {
    let text = table.string(key)?;
    let time = text.value.parse::<SignedDuration>().ok();
    let time = time.filter(|time| (SHORTEST..=LONGEST).contains(&time.as_secs()));
    if time.is_none() {
        let written = text.value;
        let message = text!(
            "`{written}` không phải là thời gian từ 1 phút đến 31 ngày",
            "`{written}` is not a time from 1 minute to 31 days"
        );
        let help = text!("hãy viết {key} = \"{example}\"", "write {key} = \"{example}\"");
        table.mistake("bad-duration", text.span, message, help);
    }
    time
}

/// Reads an address or a network.
pub(crate) fn network(text: &str) -> Option<IpNet> {
    let one = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse().ok().or_else(one)
}

pub(crate) fn read_log_output(table: &FileTable<'_>) -> LogOutput {
    let format = table.word("format", &LogFormat::ALL, LogFormat::name);
    table.finish();
    LogOutput { format: format.unwrap_or_default() }
}

pub(crate) fn read_metrics(table: &FileTable<'_>) -> MetricsSettings {
    let addresses = table.strings("addresses");
    let token = table.string("token");
    table.finish();
    for Placed { value, span } in addresses.iter().filter(|text| network(&text.value).is_none()) {
        let message =
            text!("`{value}` không phải là địa chỉ hay mạng", "`{value}` is neither an address nor a network");
        let help = text!("hãy viết \"127.0.0.1\" hoặc \"10.0.0.0/8\"", "write \"127.0.0.1\" or \"10.0.0.0/8\"");
        table.mistake("bad-address", span.clone(), message, help);
    }
    if let Some(token) = token.as_ref().filter(|token| token.value.chars().count() < SHORTEST_TOKEN) {
        let help = text!(
            "hãy viết ít nhất {SHORTEST_TOKEN} ký tự không ai đoán được",
            "write at least {SHORTEST_TOKEN} characters that nobody can guess"
        );
        table.mistake("bad-token", token.span.clone(), text!("mã token quá ngắn", "the token is too short"), help);
    }
    MetricsSettings {
        addresses: addresses.into_iter().map(|text| text.value).collect(),
        token: token.map(|token| Secret(token.value)),
    }
}

/// Returns whether a text is `http://` or `https://` with a host, and nothing after it.
pub(crate) fn is_origin(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|host| {
        let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"/?#@\\\"<>".contains(c);
        let port = host.rsplit_once(':').filter(|(_, port)| !port.ends_with(']'));
        !host.is_empty() && host.chars().all(plain) && port.is_none_or(|(_, port)| port.parse::<u16>().is_ok())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_for_people_has_a_host_and_no_path() {
        for good in ["https://dichvucong.example.vn", "http://127.0.0.1:8080", "http://[::1]:8080", "http://[::1]"] {
            assert!(is_origin(good), "{good}");
        }
        for bad in ["https://", "ftp://x", "x.vn", "https://x.vn/", "https://x.vn/cong", "https://a@x.vn", "http://x:y"]
        {
            assert!(!is_origin(bad), "{bad}");
        }
    }

    #[test]
    fn a_place_to_listen_is_a_port_or_a_socket() {
        assert_eq!("unix:/run/motcua.sock".parse(), Ok(Listen::Unix("/run/motcua.sock".into())));
        assert_eq!("127.0.0.1:80".parse::<Listen>().map(|listen| listen.to_string()).as_deref(), Ok("127.0.0.1:80"));
        for bad in ["unix:", "127.0.0.1", "here", ""] {
            assert_eq!(bad.parse::<Listen>(), Err(NotAListener), "{bad}");
        }
    }

    #[test]
    fn a_network_is_written_with_or_without_its_length() {
        let settings = MetricsSettings { addresses: vec!["127.0.0.1".into(), "10.0.0.0/8".into()], token: None };
        let [one, all] = settings.networks().try_into().expect("two networks");
        assert!(one.contains(&IpAddr::from([127, 0, 0, 1])) && !one.contains(&IpAddr::from([127, 0, 0, 2])));
        assert!(all.contains(&IpAddr::from([10, 1, 2, 3])));
        assert_eq!(network("10.0.0.0/99"), None);
    }
}
