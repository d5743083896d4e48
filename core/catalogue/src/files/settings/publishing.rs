//! The section `[log]` of `motcua.toml`: the places at which the signed heads of the log are published.

use super::operating::duration;
use crate::reading::keys::{Shape, keys};
use crate::reading::node::{FileTable, Placed};
use jiff::SignedDuration;
use motcua_domain::text;
use motcua_domain::text::Text;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::{Path, PathBuf};

keys! {
    /// The places at which the signed heads of the log are published.
    pub(super) LOG = "Log" {
        optional {
            /// Folders with a slash at the end, files, and `https://` addresses that receive the signed note by POST.
            publish: Shape::List(&Shape::Text),
            /// The least time between two heads at a place, such as `30m` or `1h`. `1h` by default.
            every: Shape::Text,
        }
    }
}

/// The most places.
const MOST_PLACES: usize = 16;

/// The places for the heads of the log, and the time between heads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogSettings {
    /// Places in the form that [`PublishTo::parse`] reads.
    pub publish: Vec<String>,
    /// The least time between two heads at a place.
    pub every: SignedDuration,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { publish: Vec::new(), every: SignedDuration::from_hours(1) }
    }
}

impl LogSettings {
    /// Returns the places. Paths are relative to the install folder.
    pub fn places(&self, dir: &Path) -> Vec<PublishTo> {
        self.publish.iter().filter_map(|text| PublishTo::parse(text).ok()).map(|place| place.within(dir)).collect()
    }
}

/// A place where heads are published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublishTo {
    /// A folder that receives `checkpoint` with the last head and `checkpoint-SIZE` for each head.
    Folder(PathBuf),
    /// A file with the last head.
    File(PathBuf),
    /// An address to which the note is sent by POST.
    Web(String),
}

impl PublishTo {
    /// Reads a path, which ends with a slash if it is a folder, or an address. Returns the reason if the text is
    /// neither.
    pub fn parse(text: &str) -> Result<Self, Text> {
        if let Some(rest) = text.strip_prefix("http://") {
            let host = rest.split(['/', '?']).next().unwrap_or_default();
            let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
            let is_here = ["127.0.0.1", "localhost", "[::1]"].contains(&host);
            return if is_here {
                Ok(Self::Web(text.to_owned()))
            } else {
                Err(text!("rời khỏi máy này mà không được mã hóa", "leaves this machine without encryption"))
            };
        }
        if let Some(rest) = text.strip_prefix("https://") {
            let host = rest.split(['/', '?']).next().unwrap_or_default();
            let is_host = !host.is_empty() && !host.contains(['@', ' ']);
            return if is_host {
                Ok(Self::Web(text.to_owned()))
            } else {
                Err(text!("không nêu máy chủ", "names no host"))
            };
        }
        if text.trim().is_empty() {
            return Err(text!("để trống", "is empty"));
        }
        if text.contains("://") {
            return Err(text!(
                "không phải là đường dẫn hay địa chỉ https://",
                "is neither a path nor an https:// address"
            ));
        }
        if text.contains('@') && !text.contains('/') {
            return Err(text!(
                "là địa chỉ thư, mà các đầu nhật ký không được gửi tới đó",
                "is an address of mail, to which no heads are sent"
            ));
        }
        Ok(if text.ends_with('/') { Self::Folder(text.into()) } else { Self::File(text.into()) })
    }

    fn within(self, dir: &Path) -> Self {
        match self {
            Self::Folder(path) => Self::Folder(dir.join(path)),
            Self::File(path) => Self::File(dir.join(path)),
            web @ Self::Web(_) => web,
        }
    }
}

impl fmt::Display for PublishTo {
    /// Leaves out the part after the host, because it may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) | Self::File(path) => write!(f, "{}", path.display()),
            Self::Web(address) => f.write_str(origin_of(address)),
        }
    }
}

/// Returns scheme, host and port of an address.
pub(super) fn origin_of(address: &str) -> &str {
    let begins = address.find("://").map_or(0, |at| at + 3);
    let rest = address.get(begins..).unwrap_or_default();
    let length = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    address.get(..begins + length).unwrap_or_default()
}

/// Returns the address of a service that is reached by encryption, or is on this machine. `fits` tells what is wrong with
/// one beyond that, and `help` what to write.
pub(super) fn web_address(
    table: &FileTable<'_>,
    text: Placed<String>,
    fits: impl Fn(&str) -> Result<(), Text>,
    help: Text,
) -> Option<String> {
    let wrong = match PublishTo::parse(&text.value) {
        Ok(PublishTo::Web(address)) => match fits(&address) {
            Ok(()) => return Some(address),
            Err(wrong) => wrong,
        },
        Ok(PublishTo::Folder(_) | PublishTo::File(_)) => {
            text!("không phải là địa chỉ https://", "is no https:// address")
        }
        Err(wrong) => wrong,
    };
    let (written, (vi, en)) = (&text.value, wrong.both());
    let message = text!("`{written}` {vi}", "`{written}` {en}");
    table.mistake("bad-address", text.span, message, help);
    None
}

/// Reads the section.
pub fn read(table: &FileTable<'_>) -> LogSettings {
    let default = LogSettings::default();
    let is_place = |text: &Placed<String>| match PublishTo::parse(&text.value) {
        Ok(_) => true,
        Err(wrong) => {
            let (written, (vi, en)) = (&text.value, wrong.both());
            let message = text!("`{written}` {vi}", "`{written}` {en}");
            let help = text!(
                "hãy viết một thư mục như \"heads/\", một tệp, hoặc \"https://witness.example.vn/heads\"; http:// chỉ \
                 được nhận khi gửi đến chính máy này",
                "write a folder such as \"heads/\", a file, or \"https://witness.example.vn/heads\"; http:// is taken \
                 only to this machine"
            );
            table.mistake("bad-address", text.span.clone(), message, help);
            false
        }
    };
    let mut places = table.strings("publish");
    if let Some(extra) = places.get(MOST_PLACES) {
        let message = text!("có hơn {MOST_PLACES} nơi công bố", "there are more than {MOST_PLACES} places");
        table.mistake("bad-address", extra.span.clone(), message, text!("hãy bỏ bớt", "leave some out"));
        places.truncate(MOST_PLACES);
    }
    let publish = places.into_iter().filter(is_place).map(|text| text.value).collect();
    let every = duration(table, "every", "1h");
    table.finish();
    LogSettings { publish, every: every.unwrap_or(default.every) }
}
