//! The section `[server]` of `motcua.toml`: the most connections and requests at once, and their time limits.

use std::time::Duration;

numbers! {
    /// The most connections and requests at once, and their time limits.
    ServerSettings, SERVER = "Server" {
        /// The most connections at once, a quarter of them from one network. Further connections wait until one is
        /// closed.
        connections: 800 (at most 100_000),
        /// The most requests at once, a quarter of them from one network. Further requests receive a page about the
        /// overload.
        requests: 400 (at most 100_000),
        /// The seconds for the head of a request, and for an idle connection.
        head_seconds: 15 (at most 300),
        /// The seconds during which a client may send nothing of a body, or receive nothing of an answer.
        idle_seconds: 30 (at most 300),
        // A service manager kills a process that does not stop in time, so this stays below 30 seconds.
        /// The seconds for unfinished requests when the portal stops.
        end_seconds: 20 (at most 25),
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
