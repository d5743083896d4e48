//! The portal's functions for plugins. In tests outside the portal nothing is looked up and nothing is sent.

#[cfg(target_os = "wasi")]
use crate::bindings::host::motcua::procedure as portal;

/// An entry of a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub code: String,
    pub name: String,
    pub parent: Option<String>,
}

/// The reason why a lookup failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotThere {
    /// The grant does not name the registry.
    NotGranted,
    /// The province has no such registry.
    Unknown,
}

/// A request of `connect`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// The reason why a request was not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotSent {
    /// The grant does not allow it, so another attempt would fail too.
    Refused(String),
    Unreachable(String),
    TooLarge,
}

/// Writes a line that the portal stores with the call.
pub fn log(line: &str) {
    #[cfg(target_os = "wasi")]
    portal::log::write(line);
    #[cfg(not(target_os = "wasi"))]
    eprintln!("{line}");
}

/// Returns the entry of a registry with this code, if one exists.
pub fn find(registry: &str, code: &str) -> Result<Option<Entry>, NotThere> {
    #[cfg(target_os = "wasi")]
    return portal::lookup::find(registry, code).map(|found| found.map(Entry::from)).map_err(NotThere::from);
    #[cfg(not(target_os = "wasi"))]
    {
        let _ = (registry, code);
        Err(NotThere::NotGranted)
    }
}

/// Returns all entries of a registry.
pub fn entries(registry: &str) -> Result<Vec<Entry>, NotThere> {
    #[cfg(target_os = "wasi")]
    {
        let mut all = Vec::new();
        loop {
            let start = u32::try_from(all.len()).unwrap_or(u32::MAX);
            let page = portal::lookup::entries(registry, start).map_err(NotThere::from)?;
            if page.is_empty() {
                return Ok(all);
            }
            all.extend(page.into_iter().map(Entry::from));
        }
    }
    #[cfg(not(target_os = "wasi"))]
    {
        let _ = registry;
        Err(NotThere::NotGranted)
    }
}

/// Sends a request to an address that the grant names. Only `connect` may send.
pub fn send(request: &Request) -> Result<Response, NotSent> {
    #[cfg(target_os = "wasi")]
    {
        use portal::http::{Failure, Header};
        let header = |(name, value): &(String, String)| Header { name: name.clone(), value: value.clone() };
        let sent = portal::http::send(&portal::http::Request {
            method: request.method.clone(),
            url: request.url.clone(),
            headers: request.headers.iter().map(header).collect(),
            body: request.body.clone(),
        });
        match sent {
            Ok(answer) => Ok(Response {
                status: answer.status,
                headers: answer.headers.into_iter().map(|header| (header.name, header.value)).collect(),
                body: answer.body,
            }),
            Err(Failure::Refused(why)) => Err(NotSent::Refused(why)),
            Err(Failure::Unreachable(why)) => Err(NotSent::Unreachable(why)),
            Err(Failure::TooLarge) => Err(NotSent::TooLarge),
        }
    }
    #[cfg(not(target_os = "wasi"))]
    {
        Err(NotSent::Unreachable(format!("there is no portal around a test that would reach {}", request.url)))
    }
}

#[cfg(target_os = "wasi")]
impl From<portal::lookup::Entry> for Entry {
    fn from(entry: portal::lookup::Entry) -> Self {
        Self { code: entry.code, name: entry.name, parent: entry.parent }
    }
}

#[cfg(target_os = "wasi")]
impl From<portal::lookup::Refusal> for NotThere {
    fn from(refusal: portal::lookup::Refusal) -> Self {
        match refusal {
            portal::lookup::Refusal::NotGranted => Self::NotGranted,
            portal::lookup::Refusal::Unknown => Self::Unknown,
        }
    }
}
