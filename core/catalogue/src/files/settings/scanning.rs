//! The section `[scan]` of `motcua.toml`: the virus scanner for uploads.

use crate::reading::keys::{Shape, keys};
use crate::reading::node::FileTable;
use motcua_domain::text;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;

keys! {
    /// The virus scanner for uploads. By default, uploads are not scanned.
    pub(super) SCAN = "Scan" {
        optional {
            /// The socket of a clamd: `unix:/run/clamav/clamd.ctl` or `tcp:127.0.0.1:3310`. If the scanner does not
            /// answer, no files are accepted.
            clamd: Shape::Text,
        }
    }
}

/// The virus scanner. By default, uploads are not scanned.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScanSettings {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clamd: Option<Clamd>,
}

/// The socket of a clamd.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Clamd {
    Unix(PathBuf),
    /// A host and a port.
    Tcp(String),
}

/// A text is not the address of a clamd.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not the address of a clamd; write \"unix:/run/clamav/clamd.ctl\" or \"tcp:127.0.0.1:3310\"")]
pub struct NoClamd(String);

impl TryFrom<String> for Clamd {
    type Error = NoClamd;

    fn try_from(text: String) -> Result<Self, NoClamd> {
        if let Some(path) = text.strip_prefix("unix:").filter(|path| path.len() > 1 && path.starts_with('/')) {
            return Ok(Self::Unix(path.into()));
        }
        let address = text.strip_prefix("tcp:").filter(|address| {
            let parts = address.rsplit_once(':');
            parts.is_some_and(|(host, port)| {
                !host.is_empty() && !host.contains(['/', ' ']) && port.parse::<u16>().is_ok_and(|port| port != 0)
            })
        });
        match address {
            Some(address) => Ok(Self::Tcp(address.to_owned())),
            None => Err(NoClamd(text)),
        }
    }
}

impl From<Clamd> for String {
    fn from(clamd: Clamd) -> Self {
        clamd.to_string()
    }
}

impl fmt::Display for Clamd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Tcp(address) => write!(f, "tcp:{address}"),
        }
    }
}

/// Reads the section.
pub fn read(table: &FileTable<'_>) -> ScanSettings {
    let clamd = table.string("clamd").and_then(|text| {
        let clamd = Clamd::try_from(text.value.clone());
        if clamd.is_err() {
            let written = text.value;
            let message =
                text!("`{written}` không phải là địa chỉ của clamd", "`{written}` is not the address of a clamd");
            let help = text!(
                "hãy viết clamd = \"unix:/run/clamav/clamd.ctl\" hoặc clamd = \"tcp:127.0.0.1:3310\"",
                "write clamd = \"unix:/run/clamav/clamd.ctl\" or clamd = \"tcp:127.0.0.1:3310\""
            );
            table.mistake("bad-address", text.span, message, help);
        }
        clamd.ok()
    });
    table.finish();
    ScanSettings { clamd }
}
