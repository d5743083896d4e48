//! The figures of this node, and the clients that may read them.

use axum::http::{HeaderMap, header};
use ipnet::IpNet;
use motcua_domain::procedure::plugin::Secret;
use motcua_service::NodeHealth;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use sha2::{Digest as _, Sha256};
use std::net::IpAddr;
use std::time::Duration;

/// The bounds of the times of requests, in seconds.
const SECONDS: [f64; 9] = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// The networks and the token that may read the figures. Without an entry, nobody may.
#[derive(Debug, Clone, Default)]
pub struct MetricsAccess {
    pub networks: Vec<IpNet>,
    /// The token that opens the figures from everywhere.
    pub token: Option<Secret>,
}

impl MetricsAccess {
    /// Returns whether a client may read the figures.
    pub(crate) fn allows(&self, address: Option<IpAddr>, headers: &HeaderMap) -> bool {
        let near = address.is_some_and(|address| self.networks.iter().any(|network| network.contains(&address)));
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        // Digests are compared, so that the time says nothing about the token.
        let same = |token: &Secret| given.is_some_and(|given| Sha256::digest(given) == Sha256::digest(&token.0));
        near || self.token.as_ref().is_some_and(same)
    }
}

type AnswerLabels = [(&'static str, String); 3];
type RouteLabel = [(&'static str, String); 1];

/// The counters of a running node. Routes, methods and statuses are few, so the counters are too.
#[derive(Debug)]
pub struct Metrics {
    requests: Family<AnswerLabels, Counter>,
    seconds: Family<RouteLabel, Histogram>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self { requests: Family::default(), seconds: Family::new_with_constructor(|| Histogram::new(SECONDS)) }
    }
}

impl Metrics {
    /// Counts a request that was answered.
    pub fn count(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        let answered = [("method", method.to_owned()), ("route", route.to_owned()), ("status", status.to_string())];
        self.requests.get_or_create(&answered).inc();
        self.seconds.get_or_create(&[("route", route.to_owned())]).observe(took.as_secs_f64());
    }

    /// Writes all figures in the format of OpenMetrics.
    pub fn write(&self, health: &NodeHealth) -> Result<String, std::fmt::Error> {
        let mut registry = Registry::with_prefix("motcua");
        registry.register("requests", "Requests that were answered", self.requests.clone());
        registry.register("request_seconds", "Time until an answer began", self.seconds.clone());
        for (name, help, value) in figures(health) {
            let gauge: Gauge = Gauge::default();
            gauge.set(value);
            registry.register(name, help, gauge);
        }
        let mut text = String::new();
        encode(&mut text, &registry)?;
        Ok(text)
    }
}

/// Returns the figures that are looked up on demand.
fn figures(health: &NodeHealth) -> Vec<(&'static str, &'static str, i64)> {
    let database = &health.database;
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let mut figures = vec![
        ("database_writes", "1 if the last write succeeded, else 0", i64::from(database.writes)),
        ("database_bytes", "Size of the database", database.bytes),
        ("readers_open", "Connections that read", i64::from(database.readers.open)),
        ("readers_idle", "Connections that read and wait for work", count(database.readers.idle)),
        ("writers_open", "Connections that write", i64::from(database.writers.open)),
        ("writers_idle", "Connections that write and wait for work", count(database.writers.idle)),
        ("jobs_waiting", "Jobs that are not done", database.jobs_waiting),
        ("jobs_late", "Jobs whose time has come", database.jobs_late),
        ("jobs_dead", "Jobs that failed too often and wait for an administrator", database.jobs_dead),
        ("mails_waiting", "Notices that wait to be sent by e-mail", database.mails_waiting),
        ("entries_unsealed", "Entries of the journal that wait to be sealed", database.unsealed),
        ("plugins_loaded", "Components of plugins", count(health.plugins)),
        ("plugins_suspended", "Components that are suspended", count(health.suspended)),
        ("plugin_calls", "Calls of plugins since the start", number(health.calls)),
        ("plugin_failures", "Calls of plugins that failed since the start", number(health.failures)),
        ("release", "Number of the last release of a procedure", health.release),
    ];
    figures.extend(health.free.map(|free| ("files_free_bytes", "Free space for files", number(free))));
    figures
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn nobody_reads_the_figures_unless_the_operator_says_so() {
        let bearer =
            |token: &'static str| HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static(token))]);
        let from = |address: &str| address.parse::<IpAddr>().ok();
        let none = MetricsAccess::default();
        assert!(!none.allows(from("127.0.0.1"), &bearer("Bearer ")));
        let network = "10.0.0.0/8".parse().expect("a network");
        let some = MetricsAccess { networks: vec![network], token: Some(Secret("a long secret".to_owned())) };
        assert!(some.allows(from("10.9.8.7"), &HeaderMap::new()));
        assert!(!some.allows(from("11.9.8.7"), &HeaderMap::new()) && !some.allows(None, &HeaderMap::new()));
        assert!(some.allows(from("11.9.8.7"), &bearer("Bearer a long secret")));
        assert!(
            !some.allows(from("11.9.8.7"), &bearer("Bearer a long secreT")) && !some.allows(None, &bearer("Bearer "))
        );
    }
}
