//! `motcua.toml`: the settings of the portal.

use crate::files::plugin;
use crate::reading::diagnostic::{Diagnostic, MistakeReport, SourceFile};
use crate::reading::keys::{Shape, keys};
use crate::reading::node::{self, FileTable, Placed};
use crate::reading::tree::Tree;
use crate::signature;
use ipnet::IpNet;
use motcua_domain::money::BankAccount;
use motcua_domain::procedure::plugin::{Policy, Secret};
use motcua_domain::text;
use motcua_domain::text::Text;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// Declares a section of whole numbers, each with its default and its maximum: the settings, the keys and the reader.
macro_rules! numbers {
    (
        $(#[doc = $about:literal])*
        $settings:ident, $keys:ident = $name:literal {
            $($(#[doc = $key_about:literal])* $key:ident: $default:literal (at most $most:expr),)*
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct $settings {
            $($(#[doc = $key_about])* pub $key: u32,)*
        }

        impl Default for $settings {
            fn default() -> Self {
                Self { $($key: $default,)* }
            }
        }

        $crate::reading::keys::keys! {
            $(#[doc = $about])*
            pub(crate) $keys = $name {
                optional {
                    $(
                        $(#[doc = $key_about])*
                        $key: $crate::reading::keys::Shape::Integer(1, $most) => $default,
                    )*
                }
            }
        }

        impl $settings {
            /// Reads the section.
            pub(crate) fn read(table: &$crate::reading::node::FileTable<'_>) -> Self {
                let default = Self::default();
                let number = |key, default: u32| {
                    table.integer(key).and_then(|number| u32::try_from(number).ok()).unwrap_or(default)
                };
                let settings = Self { $($key: number(stringify!($key), default.$key),)* };
                table.finish();
                settings
            }
        }
    };
}

mod checks;
pub mod login;
pub mod mail;
pub mod map;
pub mod operating;
pub mod payment;
pub mod publishing;
mod quotas;
mod s3;
pub mod scanning;
pub mod server;
pub mod sms;
mod staff;
mod suggestions;

use login::LoginSettings;
use mail::MailSettings;
use map::MapSettings;
use operating::{LogOutput, MetricsSettings};
use payment::PaymentSettings;
use publishing::LogSettings;
pub use quotas::{Quotas, SessionSettings};
pub use s3::S3Settings;
use scanning::ScanSettings;
use server::ServerSettings;
use sms::SmsSettings;
pub use staff::{SecondFactorRule, StaffSettings};
pub use suggestions::SuggestionSettings;

/// The name of the file in the install folder.
pub const FILE: &str = "motcua.toml";

keys! {
    /// `motcua.toml`: the settings of the portal.
    pub(crate) KEYS = "Settings" {
        optional {
            /// The address and the port to listen at, or `unix:` and the path of a socket.
            listen: Shape::Text,
            /// The address under which people reach the portal, without a slash at the end.
            base_url: Shape::Text,
            /// `sqlite://path` or `postgres://user:password@host/name`.
            database: Shape::Text,
            /// The same PostgreSQL database under the role that owns its tables, for `motcua migrate`. Better set by
            /// the variable `MOTCUA_DATABASE_MIGRATE_URL`.
            database_migrate_url: Shape::Text,
            /// A replica of the PostgreSQL database, for statistics and reports.
            database_read_url: Shape::Text,
            /// The number of connections that read at once. On PostgreSQL as many more write.
            readers: Shape::Integer(1, 1000),
            /// The folder of files, or `s3://bucket/prefix`.
            files: Shape::Text,
            s3: Shape::Table(&s3::S3),
            /// A theme in the folder `themes`, or `default`.
            theme: Shape::Text,
            /// Wrong log-ins, wrong look-ups and registrations a minute from one network.
            tries_per_minute: Shape::Integer(1, 1_000_000),
            /// A proxy of the operator stands before the portal.
            behind_proxy: Shape::Boolean,
            /// The networks of the operator's proxies, such as `10.0.0.0/8`.
            trusted_proxies: Shape::List(&Shape::Text),
            sessions: Shape::Table(&quotas::SESSIONS),
            staff: Shape::Table(&staff::STAFF),
            quotas: Shape::Table(&quotas::QUOTAS),
            /// A notice on every page.
            notice: Shape::Words,
            /// The public keys of minisign. One of them must have signed every package.
            trusted_keys: Shape::List(&Shape::Text),
            plugins: Shape::Table(&plugin::POLICY),
            log: Shape::Table(&publishing::LOG),
            server: Shape::Table(&server::SERVER),
            log_output: Shape::Table(&operating::LOG_OUTPUT),
            metrics: Shape::Table(&operating::METRICS),
            scan: Shape::Table(&scanning::SCAN),
            mail: Shape::Table(&mail::MAIL),
            login: Shape::Tables(&login::LOGIN),
            /// The secrets of the portal at the providers under [[login]], each under the id of its provider.
            login_secrets: Shape::Map(&Shape::Text),
            sms: Shape::Table(&sms::SMS),
            map: Shape::Table(&map::MAP),
            suggestions: Shape::Table(&suggestions::SUGGESTIONS),
            bank: Shape::Table(&BANK),
            payment: Shape::Table(&payment::PAYMENT),
        }
    }

    /// The account for fees by bank transfer.
    BANK = "Bank" {
        required {
            /// The bank's six digits in the interbank network.
            bin: Shape::Text,
            account: Shape::Text,
            holder: Shape::Text,
        }
    }
}

/// The operator's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProvinceSettings {
    /// The address of the portal's socket, in the form of [`operating::Listen`].
    pub listen: String,
    /// The address under which people reach the portal, without a slash at the end.
    pub base_url: String,
    /// `sqlite://path`, relative to the install folder, or `postgres://user:password@host/name`.
    pub database: String,
    /// The same PostgreSQL database, under the role that owns its tables. Only `motcua migrate` uses it, and the portal
    /// leaves the schema as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database_migrate_url: Option<Secret>,
    /// A replica of the PostgreSQL database, for statistics and reports. The replica may be some seconds behind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database_read_url: Option<Secret>,
    /// The number of connections that read at once. On PostgreSQL as many more write.
    pub readers: u32,
    /// The folder of files, relative to the install folder, or `s3://bucket/prefix`.
    pub files: String,
    /// The store of `files = "s3://…"`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub s3: S3Settings,
    /// A theme in the folder `themes`, or `default`.
    pub theme: String,
    /// Wrong log-ins, wrong look-ups and registrations a minute from one network: an IPv4 address, or a /64 of IPv6.
    pub tries_per_minute: u32,
    /// A proxy of the operator stands before the portal: the last address in `X-Forwarded-For` is the visitor's.
    pub behind_proxy: bool,
    /// The networks of the operator's proxies. Addresses that others write into `X-Forwarded-For` are ignored. If the
    /// list is empty, every client is assumed to be the proxy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trusted_proxies: Vec<IpNet>,
    /// The time at which sessions end.
    #[serde(default, skip_serializing_if = "is_default")]
    pub sessions: SessionSettings,
    /// The log-in of officers.
    #[serde(default, skip_serializing_if = "is_default")]
    pub staff: StaffSettings,
    /// The quotas of one account.
    #[serde(default, skip_serializing_if = "is_default")]
    pub quotas: Quotas,
    /// A notice on every page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<Text>,
    /// Public keys, in the form of minisign. One of them must have signed every package. If the list is empty, unsigned
    /// packages are accepted too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trusted_keys: Vec<String>,
    /// The most that plugins may be granted.
    #[serde(default, skip_serializing_if = "is_default")]
    pub plugins: Policy,
    /// The places at which the heads of the log are published.
    #[serde(default, skip_serializing_if = "is_default")]
    pub log: LogSettings,
    /// The most connections and requests at once.
    #[serde(default, skip_serializing_if = "is_default")]
    pub server: ServerSettings,
    /// The form of the process's own log.
    #[serde(default, skip_serializing_if = "is_default")]
    pub log_output: LogOutput,
    /// Access to the figures of the process.
    #[serde(default, skip_serializing_if = "is_default")]
    pub metrics: MetricsSettings,
    /// The virus scanner for uploads.
    #[serde(default, skip_serializing_if = "is_default")]
    pub scan: ScanSettings,
    /// The mail server for notices to applicants.
    #[serde(default, skip_serializing_if = "is_default")]
    pub mail: MailSettings,
    /// The providers at which people log in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub login: Vec<LoginSettings>,
    /// The secrets of the portal at these providers, by their ids.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub login_secrets: BTreeMap<String, Secret>,
    /// The gateway for messages to phones.
    #[serde(default, skip_serializing_if = "is_default")]
    pub sms: SmsSettings,
    /// The tiles of the map on which people draw a place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub map: Option<MapSettings>,
    /// The limits of complaints and suggestions.
    #[serde(default, skip_serializing_if = "is_default")]
    pub suggestions: SuggestionSettings,
    /// The account for fees by bank transfer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<BankAccount>,
    /// The gateway over which applicants pay fees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<PaymentSettings>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl ProvinceSettings {
    /// Returns the addresses of databases, each with its key.
    pub fn databases(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let migrate = self.database_migrate_url.iter().map(|url| ("database_migrate_url", url.0.as_str()));
        let read = self.database_read_url.iter().map(|url| ("database_read_url", url.0.as_str()));
        std::iter::once(("database", self.database.as_str())).chain(migrate).chain(read)
    }

    /// Returns bucket and prefix, if the files are in an S3-compatible store.
    pub fn bucket(&self) -> Option<(&str, &str)> {
        let address = self.files.strip_prefix("s3://")?;
        Some(address.split_once('/').unwrap_or((address, "")))
    }
}

impl Default for ProvinceSettings {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            base_url: "http://127.0.0.1:8080".to_owned(),
            database: "sqlite://data/motcua.db".to_owned(),
            database_migrate_url: None,
            database_read_url: None,
            readers: 8,
            files: "data/files".to_owned(),
            s3: S3Settings::default(),
            theme: "default".to_owned(),
            tries_per_minute: 120,
            behind_proxy: false,
            trusted_proxies: Vec::new(),
            sessions: SessionSettings::default(),
            staff: StaffSettings::default(),
            quotas: Quotas::default(),
            notice: None,
            trusted_keys: Vec::new(),
            plugins: Policy::default(),
            log: LogSettings::default(),
            server: ServerSettings::default(),
            log_output: LogOutput::default(),
            metrics: MetricsSettings::default(),
            scan: ScanSettings::default(),
            mail: MailSettings::default(),
            login: Vec::new(),
            login_secrets: BTreeMap::new(),
            sms: SmsSettings::default(),
            map: None,
            suggestions: SuggestionSettings::default(),
            bank: None,
            payment: None,
        }
    }
}

/// Reads the settings of the install folder `root`, and every mistake in them.
pub fn load(root: &Path) -> (ProvinceSettings, Vec<Diagnostic>) {
    let report = MistakeReport::default();
    let settings = SourceFile::read(&Tree::read(root, &[FILE]), FILE, &report)
        .map(|source| node::parse(&source, &KEYS, &report, read));
    (settings.unwrap_or_default(), report.finish())
}

/// Returns the mistakes of the settings if `replaced` keys, each by its path, have other values than in the file.
/// Returns the mistakes that [`load`] would find if the file had these values, without the mistakes of the file itself.
pub fn check_replaced(root: &Path, replaced: &[(Vec<String>, toml::Value)]) -> Vec<Diagnostic> {
    let text = std::fs::read_to_string(root.join(FILE)).unwrap_or_default();
    // Errors of syntax belong to the file.
    let Ok(mut file) = text.parse::<toml::Table>() else { return Vec::new() };
    for (path, value) in replaced {
        let Some((key, tables)) = path.split_last() else { continue };
        let mut table = Some(&mut file);
        for name in tables {
            let inner = || toml::Value::Table(toml::Table::new());
            table = table.and_then(|table| table.entry(name.clone()).or_insert_with(inner).as_table_mut());
        }
        if let Some(table) = table {
            table.insert(key.clone(), value.clone());
        }
    }
    let Ok(text) = toml::to_string(&file) else { return Vec::new() };
    let report = MistakeReport::default();
    node::parse(&SourceFile { file: FILE.to_owned(), text }, &KEYS, &report, read);
    let known = load(root).1;
    let is_new = |found: &Diagnostic| known.iter().all(|known| known.message != found.message);
    report.finish().into_iter().filter(is_new).collect()
}

fn read(root: &FileTable<'_>) -> ProvinceSettings {
    let default = ProvinceSettings::default();
    let text = |key, default: String| match root.string(key) {
        Some(text) if text.value.trim().is_empty() => {
            let message = text!("`{key}` để trống", "`{key}` is empty");
            let help = text!("hãy viết {key} = \"{default}\"", "write {key} = \"{default}\"");
            root.mistake("empty", text.span, message, help);
            default
        }
        Some(text) => text.value,
        None => default,
    };
    let number = |key, default: u32| root.integer(key).and_then(|number| u32::try_from(number).ok()).unwrap_or(default);
    let login = login::read(root);
    let settings = ProvinceSettings {
        listen: text("listen", default.listen),
        base_url: text("base_url", default.base_url),
        database: text("database", default.database),
        database_migrate_url: root.string("database_migrate_url").map(|url| Secret(url.value)),
        database_read_url: root.string("database_read_url").map(|url| Secret(url.value)),
        readers: number("readers", default.readers),
        files: text("files", default.files),
        s3: root.table("s3").map(|table| s3::read(&table)).unwrap_or_default(),
        theme: text("theme", default.theme),
        tries_per_minute: number("tries_per_minute", default.tries_per_minute),
        behind_proxy: root.boolean("behind_proxy").unwrap_or(default.behind_proxy),
        trusted_proxies: trusted_proxies(root),
        sessions: root.table("sessions").map(|table| quotas::read_sessions(&table)).unwrap_or_default(),
        staff: root.table("staff").map(|table| staff::read(&table)).unwrap_or_default(),
        quotas: root.table("quotas").map(|table| Quotas::read(&table)).unwrap_or_default(),
        notice: root.text("notice"),
        trusted_keys: trusted_keys(root),
        plugins: root.table("plugins").map(|table| plugin::read_policy(&table)).unwrap_or_default(),
        log: root.table("log").map(|table| publishing::read(&table)).unwrap_or_default(),
        server: root.table("server").map(|table| ServerSettings::read(&table)).unwrap_or_default(),
        log_output: root.table("log_output").map(|table| operating::read_log_output(&table)).unwrap_or_default(),
        metrics: root.table("metrics").map(|table| operating::read_metrics(&table)).unwrap_or_default(),
        scan: root.table("scan").map(|table| scanning::read(&table)).unwrap_or_default(),
        mail: root.table("mail").map(|table| mail::read(&table)).unwrap_or_default(),
        login_secrets: login::read_secrets(root, &login),
        login,
        sms: root.table("sms").map(|table| sms::read(&table)).unwrap_or_default(),
        map: root.table("map").and_then(|table| map::read(&table)),
        suggestions: root.table("suggestions").map(|table| SuggestionSettings::read(&table)).unwrap_or_default(),
        bank: root.table("bank").and_then(|table| read_bank(&table)),
        payment: root.table("payment").and_then(|table| payment::read(&table)),
    };
    checks::check(root, &settings);
    settings
}

fn trusted_proxies(root: &FileTable<'_>) -> Vec<IpNet> {
    let network = |text: Placed<String>| {
        let network = operating::network(&text.value);
        if network.is_none() {
            let written = text.value;
            let message =
                text!("`{written}` không phải là mạng hay địa chỉ", "`{written}` is neither a network nor an address");
            let help = text!(
                "hãy viết trusted_proxies = [\"10.0.0.0/8\", \"::1\"]",
                "write trusted_proxies = [\"10.0.0.0/8\", \"::1\"]"
            );
            root.mistake("bad-address", text.span, message, help);
        }
        network
    };
    root.strings("trusted_proxies").into_iter().filter_map(network).collect()
}

fn trusted_keys(root: &FileTable<'_>) -> Vec<String> {
    let good = |key: &Placed<String>| {
        let good = signature::is_public_key(&key.value);
        if !good {
            let written = &key.value;
            let message = text!(
                "`{written}` không phải là khóa công khai của minisign",
                "`{written}` is not a public key of minisign"
            );
            let help = text!(
                "hãy viết dòng cuối của tệp .pub, ví dụ \"RWQ…\"",
                "write the last line of the .pub file, such as \"RWQ…\""
            );
            root.mistake("bad-key", key.span.clone(), message, help);
        }
        good
    };
    root.strings("trusted_keys").into_iter().filter(good).map(|key| key.value).collect()
}

fn read_bank(table: &FileTable<'_>) -> Option<BankAccount> {
    let bin = table.required_string("bin", "\"970436\"");
    let account = table.required_string("account", "\"0123456789\"");
    let holder = table.required_string("holder", "\"KHO BAC NHA NUOC\"");
    table.finish();
    let bin = bin?;
    if bin.value.len() != 6 || !bin.value.bytes().all(|b| b.is_ascii_digit()) {
        let written = &bin.value;
        let message = text!("`{written}` không phải là mã số của ngân hàng", "`{written}` is not the number of a bank");
        let help = text!(
            "hãy viết sáu chữ số của ngân hàng, ví dụ \"970436\"",
            "write the six digits of the bank, such as \"970436\""
        );
        table.mistake("bad-bank", bin.span.clone(), message, help);
    }
    Some(BankAccount { bin: bin.value, account: account?.value, holder: holder?.value })
}
