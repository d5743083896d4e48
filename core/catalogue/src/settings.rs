//! `motcua.toml`: how the portal runs.

use crate::diagnostic::{Diagnostic, Report, Source};
use crate::node::{self, Placed, Table};
use crate::tree::Tree;
use crate::{package, plugin};
use motcua_domain::money::BankAccount;
use motcua_domain::plugin::Policy;
use motcua_domain::text::Text;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The name of the file in the install folder.
pub const FILE: &str = "motcua.toml";

/// What an operator sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Address and port to listen on.
    pub listen: String,
    /// The address under which people reach the portal, without a slash at the end.
    pub base_url: String,
    /// `sqlite://path`, relative to the install folder, or `postgres://user:password@host/name`.
    pub database: String,
    /// How many connections read at once; on PostgreSQL as many more write.
    pub readers: u32,
    /// The folder of files, relative to the install folder.
    pub files: String,
    /// A theme in the folder `themes`, or `default`.
    pub theme: String,
    /// Log-ins, registrations and look-ups a minute, for one address and for one account.
    pub tries_per_minute: u32,
    /// A proxy of ours stands before the portal: the last address in `X-Forwarded-For` is the visitor's.
    pub behind_proxy: bool,
    /// Something to tell on every page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<Text>,
    /// Public keys, in the form of minisign, by one of which every package must be signed. None: unsigned packages are
    /// taken too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trusted_keys: Vec<String>,
    /// What plugins may be granted at most.
    #[serde(default, skip_serializing_if = "is_default")]
    pub plugins: Policy,
    /// Where fees can be paid by bank transfer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<BankAccount>,
}

fn is_default(policy: &Policy) -> bool {
    *policy == Policy::default()
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            base_url: "http://127.0.0.1:8080".to_owned(),
            database: "sqlite://data/motcua.db".to_owned(),
            readers: 8,
            files: "data/files".to_owned(),
            theme: "default".to_owned(),
            tries_per_minute: 20,
            behind_proxy: false,
            notice: None,
            trusted_keys: Vec::new(),
            plugins: Policy::default(),
            bank: None,
        }
    }
}

/// Reads the settings of the install folder `root`, and every mistake in them.
pub fn load(root: &Path) -> (Settings, Vec<Diagnostic>) {
    let report = Report::default();
    let settings =
        Source::read(&Tree::read(root, &[FILE]), FILE, &report).map(|source| node::parse(&source, &report, read));
    (settings.unwrap_or_default(), report.finish())
}

fn read(root: &Table<'_>) -> Settings {
    let default = Settings::default();
    let text = |key, default: String| match root.string(key) {
        Some(text) if text.value.trim().is_empty() => {
            root.mistake("empty", text.span, &format!("`{key}` is empty"), &format!("write {key} = \"{default}\""));
            default
        }
        Some(text) => text.value,
        None => default,
    };
    let number = |key, most: i64, default: u32| {
        root.integer(key, 1, most).and_then(|number| u32::try_from(number).ok()).unwrap_or(default)
    };
    let settings = Settings {
        listen: text("listen", default.listen),
        base_url: text("base_url", default.base_url),
        database: text("database", default.database),
        readers: number("readers", 1000, default.readers),
        files: text("files", default.files),
        theme: text("theme", default.theme),
        tries_per_minute: number("tries_per_minute", 1_000_000, default.tries_per_minute),
        behind_proxy: root.boolean("behind_proxy").unwrap_or(default.behind_proxy),
        notice: root.text("notice"),
        trusted_keys: trusted_keys(root),
        plugins: root.table("plugins").map(|table| plugin::read_policy(&table)).unwrap_or_default(),
        bank: root.table("bank").and_then(|table| read_bank(&table)),
    };
    check(root, &settings);
    settings
}

fn trusted_keys(root: &Table<'_>) -> Vec<String> {
    let good = |key: &Placed<String>| {
        let good = package::is_public_key(&key.value);
        if !good {
            let message = format!("`{}` is not a public key of minisign", key.value);
            root.mistake(
                "bad-key",
                key.span.clone(),
                &message,
                "write the last line of the .pub file, such as \"RWQ…\"",
            );
        }
        good
    };
    root.strings("trusted_keys").into_iter().filter(good).map(|key| key.value).collect()
}

fn read_bank(table: &Table<'_>) -> Option<BankAccount> {
    let bin = table.required_string("bin", "\"970436\"");
    let account = table.required_string("account", "\"0123456789\"");
    let holder = table.required_string("holder", "\"KHO BAC NHA NUOC\"");
    table.finish();
    let bin = bin?;
    if bin.value.len() != 6 || !bin.value.bytes().all(|b| b.is_ascii_digit()) {
        let message = format!("`{}` is not the number of a bank", bin.value);
        table.mistake("bad-bank", bin.span.clone(), &message, "write the six digits of the bank, such as \"970436\"");
    }
    Some(BankAccount { bin: bin.value, account: account?.value, holder: holder?.value })
}

fn check(root: &Table<'_>, settings: &Settings) {
    let span = |key| root.string(key).map_or(0..0, |value| value.span);
    if settings.listen.parse::<std::net::SocketAddr>().is_err() {
        let message = format!("`{}` is not an address with a port", settings.listen);
        root.mistake("bad-address", span("listen"), &message, "write listen = \"127.0.0.1:8080\"");
    }
    let known = |text: &str, schemes: &[&str]| schemes.iter().any(|scheme| text.starts_with(scheme));
    if !known(&settings.base_url, &["http://", "https://"]) || settings.base_url.ends_with('/') {
        let message = format!("`{}` is not an address for people", settings.base_url);
        let help = "write base_url = \"https://dichvucong.example.vn\", without a slash at the end";
        root.mistake("bad-address", span("base_url"), &message, help);
    }
    if !known(&settings.database, &["sqlite://", "postgres://", "postgresql://"]) {
        // The text may hold a password, so it is not repeated.
        let span = span("database");
        let mut masked = root.source.clone();
        masked.text.replace_range(span.clone(), &"*".repeat(span.len()));
        let help = "write \"sqlite://data/motcua.db\" or \"postgres://user:password@host/name\"";
        root.report.add("bad-database", &masked, span, "`database` is not the address of a database", help);
    }
}
