//! The section `[server]` of `motcua.toml`: the most connections and requests at once, and their time limits.

use crate::reading::node::Table;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The most connections and requests at once, and their time limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerSettings {
    /// The most connections at once, a quarter of them from one network. Further connections wait until one is closed.
    pub connections: u32,
    /// The most requests at once, a quarter of them from one network. Further requests receive a page about the
    /// overload.
    pub requests: u32,
    /// The seconds for the head of a request, and for an idle connection.
    pub head_seconds: u32,
    /// The seconds during which a client may send nothing of a body, or receive nothing of an answer.
    pub idle_seconds: u32,
    /// The seconds for unfinished requests when the portal stops.
    pub end_seconds: u32,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self { connections: 800, requests: 400, head_seconds: 15, idle_seconds: 30, end_seconds: 20 }
    }
}

impl ServerSettings {
    /// Returns `head_seconds` as a duration.
    pub fn head(&self) -> Duration {
        Duration::from_secs(self.head_seconds.into())
    }

    /// Returns `idle_seconds` as a duration.
    pub fn idle(&self) -> Duration {
        Duration::from_secs(self.idle_seconds.into())
    }

    /// Returns `end_seconds` as a duration.
    pub fn end(&self) -> Duration {
        Duration::from_secs(self.end_seconds.into())
    }
}

/// Reads the section.
pub fn read(table: &Table<'_>) -> ServerSettings {
    let default = ServerSettings::default();
    let number = |key, most: i64, default: u32| {
        table.integer(key, 1, most).and_then(|number| u32::try_from(number).ok()).unwrap_or(default)
    };
    let settings = ServerSettings {
        connections: number("connections", 100_000, default.connections),
        requests: number("requests", 100_000, default.requests),
        head_seconds: number("head_seconds", 300, default.head_seconds),
        idle_seconds: number("idle_seconds", 300, default.idle_seconds),
        // A service manager kills a process that does not stop in time, so this stays below 30 seconds.
        end_seconds: number("end_seconds", 25, default.end_seconds),
    };
    table.finish();
    settings
}
