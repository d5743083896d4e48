//! The section `[server]` of `motcua.toml`: how many connections and requests there are at once, and their waits.

use crate::reading::node::Table;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How many connections and requests there are at once, and how long they wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerSettings {
    /// How many connections are open at once, a quarter of them of one network. More wait until one of them is closed.
    pub connections: u32,
    /// How many requests are under way at once, a quarter of them of one network. Further ones get a page that says so.
    pub requests: u32,
    /// How long the head of a request may take, and how long a connection may be idle, in seconds.
    pub head_seconds: u32,
    /// How long a client may send nothing of a body, or take nothing of an answer, in seconds.
    pub idle_seconds: u32,
    /// How long requests under way may take when the portal ends, in seconds.
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
        // A service manager kills what has not ended after a while, so this stays below 30 seconds.
        end_seconds: number("end_seconds", 25, default.end_seconds),
    };
    table.finish();
    settings
}
