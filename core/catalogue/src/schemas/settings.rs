//! `motcua.toml`.

use super::plugin::PluginLimits;
use super::words::{LogFormat, Words};
use schemars::JsonSchema;
use std::collections::BTreeMap;

/// `motcua.toml`: the settings of the portal.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The address and the port to listen at, or `unix:` and the path of a socket.
    listen: Option<String>,
    /// The address under which people reach the portal, without a slash at the end.
    base_url: Option<String>,
    /// `sqlite://path` or `postgres://user:password@host/name`.
    database: Option<String>,
    /// The same PostgreSQL database under the role that owns its tables, for `motcua migrate`. Better set by the
    /// variable `MOTCUA_DATABASE_MIGRATE_URL`.
    database_migrate_url: Option<String>,
    /// A replica of the PostgreSQL database, for statistics and reports.
    database_read_url: Option<String>,
    /// The number of connections that read at once. On PostgreSQL as many more write.
    #[schemars(range(min = 1, max = 1000))]
    readers: Option<u32>,
    /// The folder of files, or `s3://bucket/prefix`.
    files: Option<String>,
    s3: Option<S3>,
    /// A theme in the folder `themes`, or `default`.
    theme: Option<String>,
    /// Wrong log-ins, wrong look-ups and registrations a minute from one network.
    tries_per_minute: Option<u32>,
    /// A proxy of the operator stands before the portal.
    behind_proxy: Option<bool>,
    /// The networks of the operator's proxies, such as `10.0.0.0/8`.
    trusted_proxies: Option<Vec<String>>,
    sessions: Option<Sessions>,
    quotas: Option<Quotas>,
    /// A notice on every page.
    notice: Option<Words>,
    /// The public keys of minisign. One of them must have signed every package.
    trusted_keys: Option<Vec<String>>,
    plugins: Option<PluginPolicy>,
    log: Option<Log>,
    server: Option<Server>,
    log_output: Option<LogOutput>,
    metrics: Option<Metrics>,
    scan: Option<Scan>,
    bank: Option<Bank>,
}

/// The most connections and requests at once, and their time limits.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// The most connections at once. 800 by default.
    #[schemars(range(min = 1, max = 100_000))]
    connections: Option<u32>,
    /// The most requests at once. 400 by default.
    #[schemars(range(min = 1, max = 100_000))]
    requests: Option<u32>,
    /// The seconds for the head of a request, and for an idle connection. 15 by default.
    #[schemars(range(min = 1, max = 300))]
    head_seconds: Option<u32>,
    /// The seconds during which a client may send nothing of a body or receive nothing of an answer. 30 by default.
    #[schemars(range(min = 1, max = 300))]
    idle_seconds: Option<u32>,
    /// The seconds for unfinished requests when the portal stops. 20 by default.
    #[schemars(range(min = 1, max = 25))]
    end_seconds: Option<u32>,
}

/// The form of the process's own log.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogOutput {
    /// `text` for people, `json` for a collector of logs.
    format: Option<LogFormat>,
}

/// The clients that may read the figures of the process at `/metrics`. Without an entry, nobody may.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// Addresses and networks, such as `127.0.0.1` and `10.0.0.0/8`.
    addresses: Option<Vec<String>>,
    /// The token that opens the figures from everywhere. Better set by the variable `MOTCUA_METRICS__TOKEN`.
    token: Option<String>,
}

/// The time at which sessions end.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sessions {
    /// The time after the last page, such as `30m`. `2h` by default.
    idle: Option<String>,
    /// The time after the log-in, regardless of activity. `14h` by default.
    end: Option<String>,
}

/// The quotas of one applicant's account.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quotas {
    /// The most drafts at once. 50 by default.
    drafts: Option<u32>,
    /// The most files of one draft. 200 by default.
    draft_files: Option<u32>,
    /// The most MB of the files of one draft. 500 by default.
    draft_megabytes: Option<u32>,
    /// The most files of the drafts and the paper wallet together. 2000 by default.
    account_files: Option<u32>,
    /// The most MB of the files of the drafts and the paper wallet together. 4000 by default.
    account_megabytes: Option<u32>,
    /// The most files uploaded in a day. 300 by default.
    day_files: Option<u32>,
    /// The most MB uploaded in a day. 1000 by default.
    day_megabytes: Option<u32>,
    /// The most messages written in an hour. 20 by default.
    messages_per_hour: Option<u32>,
    /// The most dossiers filed in an hour. 30 by default.
    filings_per_hour: Option<u32>,
}

/// The places at which the signed heads of the log are published.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// Folders with a slash at the end, files, and `https://` addresses that receive the signed note by POST.
    publish: Option<Vec<String>>,
    /// The least time between two heads at a place, such as `30m` or `1h`. `1h` by default.
    every: Option<String>,
}

/// The virus scanner for uploads. By default, uploads are not scanned.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scan {
    /// The socket of a clamd: `unix:/run/clamav/clamd.ctl` or `tcp:127.0.0.1:3310`. If the scanner does not answer, no
    /// files are accepted.
    clamd: Option<String>,
}

/// The most that plugins may be granted. By default, plugins have no network.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PluginPolicy {
    /// The registries that may be granted. By default, all registries.
    lookup: Option<Vec<String>>,
    /// The origins that may be granted.
    origins: Option<Vec<String>>,
    /// The origins that may be in a private network.
    private_origins: Option<Vec<String>>,
    /// Secrets that may be granted, by name. Better set by variables such as `MOTCUA_PLUGINS__SECRETS__NAME`.
    secrets: Option<BTreeMap<String, String>>,
    /// The highest limits that a procedure may set.
    limits: Option<PluginLimits>,
}

/// The store of `files = "s3://…"`.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct S3 {
    /// The address of the store, such as `https://s3.example.vn`. By default, Amazon's address of the region.
    endpoint: Option<String>,
    /// The region of the bucket. `us-east-1` by default.
    region: Option<String>,
    /// The key to the store. By default, the role of the machine is used.
    access_key: Option<String>,
    /// The secret of the key. Better set by the variable `MOTCUA_S3__SECRET_KEY`.
    secret_key: Option<String>,
    /// Allows `http://`.
    allow_http: Option<bool>,
    /// Names the bucket in the path of each request, as most stores require. True by default.
    path_style: Option<bool>,
}

/// The account for fees by bank transfer.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bank {
    /// The bank's six digits in the interbank network.
    bin: String,
    account: String,
    holder: String,
}
