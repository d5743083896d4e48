//! `motcua.toml`.

use super::plugin::PluginLimits;
use super::words::{LogFormat, Words};
use schemars::JsonSchema;
use std::collections::BTreeMap;

/// `motcua.toml`: how the portal runs.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Address and port to listen on, or `unix:` and the path of a socket.
    listen: Option<String>,
    /// The address under which people reach the portal, without a slash at the end.
    base_url: Option<String>,
    /// `sqlite://path` or `postgres://user:password@host/name`.
    database: Option<String>,
    /// The same PostgreSQL database under the role that owns its tables, for `motcua migrate`. Better set by the variable
    /// `MOTCUA_DATABASE_MIGRATE_URL`.
    database_migrate_url: Option<String>,
    /// A replica of the PostgreSQL database, for statistics and reports.
    database_read_url: Option<String>,
    /// How many connections read at once; on PostgreSQL as many more write.
    #[schemars(range(min = 1, max = 1000))]
    readers: Option<u32>,
    /// The folder of files, or `s3://bucket/prefix`.
    files: Option<String>,
    s3: Option<S3>,
    /// A theme in the folder `themes`, or `default`.
    theme: Option<String>,
    /// Wrong log-ins, wrong look-ups and registrations a minute from one network.
    tries_per_minute: Option<u32>,
    /// A proxy of ours stands before the portal.
    behind_proxy: Option<bool>,
    /// The networks of our proxies, such as `10.0.0.0/8`.
    trusted_proxies: Option<Vec<String>>,
    sessions: Option<Sessions>,
    quotas: Option<Quotas>,
    /// Something to tell on every page.
    notice: Option<Words>,
    /// Public keys of minisign, by one of which packages must be signed.
    trusted_keys: Option<Vec<String>>,
    plugins: Option<PluginPolicy>,
    log: Option<Log>,
    server: Option<Server>,
    log_output: Option<LogOutput>,
    metrics: Option<Metrics>,
    scan: Option<Scan>,
    bank: Option<Bank>,
}

/// How many connections and requests there are at once, and how long they wait.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// How many connections are open at once; 800, if not said.
    #[schemars(range(min = 1, max = 100_000))]
    connections: Option<u32>,
    /// How many requests are under way at once; 400, if not said.
    #[schemars(range(min = 1, max = 100_000))]
    requests: Option<u32>,
    /// How long the head of a request may take and a connection may be idle; 15, if not said.
    #[schemars(range(min = 1, max = 300))]
    head_seconds: Option<u32>,
    /// How long a client may send nothing of a body or take nothing of an answer; 30, if not said.
    #[schemars(range(min = 1, max = 300))]
    idle_seconds: Option<u32>,
    /// How long requests under way may take when the portal ends; 20, if not said.
    #[schemars(range(min = 1, max = 25))]
    end_seconds: Option<u32>,
}

/// How the process logs what it does.
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
    /// Opens the figures from everywhere. Better set by the variable `MOTCUA_METRICS__TOKEN`.
    token: Option<String>,
}

/// When sessions end.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sessions {
    /// So long after the last page, such as `30m`; `2h`, if not said.
    idle: Option<String>,
    /// So long after the log-in, whatever is done; `14h`, if not said.
    end: Option<String>,
}

/// How much one applicant's account may take up.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quotas {
    /// Drafts that are kept at once; 50, if not said.
    drafts: Option<u32>,
    /// Files of one draft; 200, if not said.
    draft_files: Option<u32>,
    /// The size of the files of one draft, in MB; 500, if not said.
    draft_megabytes: Option<u32>,
    /// Files of the drafts and the paper wallet together; 2000, if not said.
    account_files: Option<u32>,
    /// Their size, in MB; 4000, if not said.
    account_megabytes: Option<u32>,
    /// Files uploaded in a day; 300, if not said.
    day_files: Option<u32>,
    /// Their size, in MB; 1000, if not said.
    day_megabytes: Option<u32>,
    /// Messages written in an hour; 20, if not said.
    messages_per_hour: Option<u32>,
    /// Dossiers filed in an hour; 30, if not said.
    filings_per_hour: Option<u32>,
}

/// Where the signed heads of the log are published.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// Folders with a slash at the end, files, and `https://` addresses that take the signed note by POST.
    publish: Option<Vec<String>>,
    /// A place gets a head at most once in this time, such as `30m` or `1h`; `1h`, if not said.
    every: Option<String>,
}

/// The virus scanner for uploads. By default, uploads are not scanned.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scan {
    /// The socket of a clamd: `unix:/run/clamav/clamd.ctl` or `tcp:127.0.0.1:3310`. If it cannot be asked, no files are
    /// taken.
    clamd: Option<String>,
}

/// What plugins may be granted at most. Without a word the network is closed to them.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PluginPolicy {
    /// The registries that may be granted; all, if not said.
    lookup: Option<Vec<String>>,
    /// The origins that may be granted.
    origins: Option<Vec<String>>,
    /// Addresses that may be in a private network.
    private_origins: Option<Vec<String>>,
    /// Secrets that may be granted, by name. Better set by variables such as `MOTCUA_PLUGINS__SECRETS__NAME`.
    secrets: Option<BTreeMap<String, String>>,
    /// The highest limits that a procedure may want.
    limits: Option<PluginLimits>,
}

/// The store of `files = "s3://…"`.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct S3 {
    /// The address of the store, such as `https://s3.example.vn`; Amazon's address of the region, if not said.
    endpoint: Option<String>,
    /// The region of the bucket; `us-east-1`, if not said.
    region: Option<String>,
    /// The key to the store; the role of the machine is used, if not said.
    access_key: Option<String>,
    /// The secret of the key. Better set by the variable `MOTCUA_S3__SECRET_KEY`.
    secret_key: Option<String>,
    /// Whether `http://` is allowed.
    allow_http: Option<bool>,
    /// Whether the bucket is named in the path of each request, as most stores want it; true, if not said.
    path_style: Option<bool>,
}

/// Where fees can be paid by bank transfer.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bank {
    /// The bank's six digits in the interbank network.
    bin: String,
    account: String,
    holder: String,
}
