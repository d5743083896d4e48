//! Plugins in a procedure: the grant of each, its limits, and the most that a province allows. A plugin can do nothing
//! without a grant.

use crate::names::Digest;
use crate::text;
use crate::text::{Language, Text};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// A plugin that a procedure asks, and the consequence of its failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginUse {
    /// The SHA-256 of the component.
    pub component: Digest,
    pub on_failure: OnFailure,
    /// The author's name for the plugin: the name of a plugin of the kit, or of the file.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    #[serde(default, skip_serializing_if = "Grant::is_nothing")]
    pub grant: Grant,
    #[serde(default, skip_serializing_if = "WantedLimits::is_default")]
    pub limits: WantedLimits,
    /// The author's settings for the plugin, which are a part of its input.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub settings: Map<String, Json>,
    /// The events of which its `connect` is notified.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tell: Vec<String>,
}

impl PluginUse {
    /// Returns the abilities of the plugin for people: its name, and its grant in words.
    pub fn words(&self) -> Vec<Text> {
        let name = if self.name.is_empty() { self.component.short() } else { &self.name };
        let of = |words: Text| {
            let en = format!("Plugin {name}: {}", words.en.unwrap_or_default());
            Text::new(format!("Quy tắc {name}: {}", words.vi), en)
        };
        self.grant.words().into_iter().map(of).collect()
    }
}

/// The consequence of a plugin's failure, which is a fault of the portal and not of the applicant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// The dossier is filed and an officer looks at it.
    #[default]
    Wait,
    /// The filing is refused. The applicant tries again later.
    Refuse,
}

impl OnFailure {
    pub const ALL: [Self; 2] = [Self::Wait, Self::Refuse];

    /// Returns the configuration word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wait => "wait",
            Self::Refuse => "refuse",
        }
    }
}

/// The abilities of a plugin beside its input. The default grants nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The registries that the plugin may look up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lookup: Vec<String>,
    /// The addresses to which its `connect` may send requests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub http: Vec<HttpGrant>,
    /// The names of the operator's secrets that its `connect` receives.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<String>,
    /// Its `connect` receives the values of the form.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub values: bool,
}

/// One address to which requests may be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpGrant {
    /// The scheme, the host and, if different from the scheme's own, the port: `https://esb.example.vn`.
    pub origin: String,
    /// The methods, such as `POST`.
    pub methods: Vec<String>,
    /// Names of request headers, in small letters.
    pub headers: Vec<String>,
    /// The host may be in a private network: 10.0.0.0/8, 192.168.0.0/16, this machine and the like.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub private: bool,
}

impl Grant {
    /// Returns whether the grant is empty.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Returns the grant for people: the abilities of the plugin, and the things that it may not do.
    pub fn words(&self) -> Vec<Text> {
        let mut words = Vec::new();
        if self.lookup.is_empty() {
            words.push(Text::new("Không được tra cứu danh mục nào.", "May not look up any register."));
        } else {
            let names = self.lookup.join(", ");
            words.push(Text::new(
                format!("Được tra cứu danh mục: {names}."),
                format!("May look up the registers: {names}."),
            ));
        }
        if self.http.is_empty() {
            words.push(Text::new("Không được dùng mạng.", "May not use the network."));
        }
        for one in &self.http {
            let (methods, origin) = (one.methods.join(", "), &one.origin);
            let headers = if one.headers.is_empty() { "–".to_owned() } else { one.headers.join(", ") };
            let (vi, en) = if one.private {
                (", kể cả trong mạng nội bộ", ", also within private networks")
            } else {
                ("", "")
            };
            words.push(Text::new(
                format!("Sau khi có sự kiện, được gửi {methods} đến {origin}{vi}, với tiêu đề: {headers}."),
                format!("After an event, may send {methods} to {origin}{en}, with the headers: {headers}."),
            ));
        }
        if self.values {
            words.push(Text::new(
                "Được gửi nội dung tờ khai ra ngoài.",
                "May send what was filled in to these addresses.",
            ));
        }
        if !self.secrets.is_empty() {
            let names = self.secrets.join(", ");
            words
                .push(Text::new(format!("Được dùng khóa bí mật: {names}."), format!("Is given the secrets: {names}.")));
        }
        words
    }
}

/// The most resources of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginLimits {
    /// The units of fuel: about one for each instruction, and the same on every machine.
    pub fuel: u64,
    /// The processor time of the thread that runs the call.
    pub milliseconds: u64,
    /// The bytes of linear memory.
    pub memory: usize,
    /// The core instances within the component.
    pub instances: usize,
    /// The entries of one table.
    pub table_entries: usize,
    /// The bytes of the component file.
    pub component: usize,
    /// The bytes of the JSON input.
    pub input: usize,
    /// The bytes of all returned texts.
    pub output: usize,
    /// The most findings, fee lines or values in the answer.
    pub findings: usize,
    /// The bytes of log.
    pub log: usize,
}

impl PluginLimits {
    /// Returns the higher value of both, for each limit.
    pub fn at_least(&self, other: &Self) -> Self {
        Self {
            fuel: self.fuel.max(other.fuel),
            milliseconds: self.milliseconds.max(other.milliseconds),
            memory: self.memory.max(other.memory),
            instances: self.instances.max(other.instances),
            table_entries: self.table_entries.max(other.table_entries),
            component: self.component.max(other.component),
            input: self.input.max(other.input),
            output: self.output.max(other.output),
            findings: self.findings.max(other.findings),
            log: self.log.max(other.log),
        }
    }
}

impl Default for PluginLimits {
    fn default() -> Self {
        Self {
            fuel: 20_000_000,
            milliseconds: 100,
            memory: 16 << 20,
            instances: 4,
            table_entries: 10_000,
            component: 2 << 20,
            input: 256 << 10,
            output: 64 << 10,
            findings: 200,
            log: 4 << 10,
        }
    }
}

/// Limits that an author sets instead of the defaults, in the units of the configuration.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedLimits {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fuel: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milliseconds: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_mib: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component_mib: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instances: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table_entries: Option<u32>,
}

impl WantedLimits {
    /// Returns whether the default limits suffice.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Returns the limits, with the author's values instead of the defaults.
    pub fn limits(&self) -> PluginLimits {
        let default = PluginLimits::default();
        let mib = |wanted: Option<u32>, default: usize| {
            wanted.and_then(|mib| usize::try_from(mib).ok()?.checked_mul(1 << 20)).unwrap_or(default)
        };
        let count = |wanted: Option<u32>, default| wanted.and_then(|count| count.try_into().ok()).unwrap_or(default);
        PluginLimits {
            fuel: self.fuel.unwrap_or(default.fuel),
            milliseconds: self.milliseconds.unwrap_or(default.milliseconds),
            memory: mib(self.memory_mib, default.memory),
            component: mib(self.component_mib, default.component),
            instances: count(self.instances, default.instances),
            table_entries: count(self.table_entries, default.table_entries),
            ..default
        }
    }
}

/// The most that the operator of a portal allows plugins. By default, plugins have no network and may look up all
/// registries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The registries that may be granted. `None` means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lookup: Option<Vec<String>>,
    /// The origins that may be granted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<String>,
    /// The origins among these that may be in a private network.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub private_origins: Vec<String>,
    /// The secrets that may be granted, with their values.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub secrets: std::collections::BTreeMap<String, Secret>,
    /// The highest limits that a procedure may set.
    #[serde(default, skip_serializing_if = "WantedLimits::is_default")]
    pub limits: WantedLimits,
}

/// A value that is never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A wish of a procedure's plugin that the province does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantExcess {
    Lookup(String),
    Origin(String),
    Private(String),
    Secret(String),
    Limit { what: &'static str, wanted: u64, most: u64 },
}

impl GrantExcess {
    /// Returns the wish in words.
    pub fn words(&self) -> Text {
        match self {
            Self::Lookup(registry) => text!(
                "tỉnh không cho thành phần bổ sung tra cứu danh mục `{registry}`",
                "the province does not let plugins look up the registry `{registry}`",
            ),
            Self::Origin(origin) => text!(
                "tỉnh không cho thành phần bổ sung gửi yêu cầu tới `{origin}`",
                "the province does not let plugins send requests to `{origin}`",
            ),
            Self::Private(origin) => text!(
                "tỉnh không cho thành phần bổ sung truy cập `{origin}` trong mạng riêng",
                "the province does not let plugins reach `{origin}` in a private network",
            ),
            Self::Secret(secret) => text!(
                "tỉnh không có bí mật `{secret}` cho thành phần bổ sung",
                "the province has no secret `{secret}` for plugins",
            ),
            Self::Limit { what, wanted, most } => text!(
                "`{what}` nhiều nhất là {most}, còn thủ tục cần {wanted}",
                "`{what}` may be at most {most}, the procedure wants {wanted}",
            ),
        }
    }
}

impl std::fmt::Display for GrantExcess {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str(self.words().get(Language::En))
    }
}

impl std::error::Error for GrantExcess {}

impl Policy {
    /// Returns all wishes of `plugin` that this province does not allow.
    pub fn excess(&self, plugin: &PluginUse) -> Vec<GrantExcess> {
        let Grant { lookup, http, secrets, .. } = &plugin.grant;
        let mut excess = Vec::new();
        let closed = |name: &&String| self.lookup.as_ref().is_some_and(|known| !known.contains(name));
        excess.extend(lookup.iter().filter(closed).cloned().map(GrantExcess::Lookup));
        let origins = self.origins.iter().chain(&self.private_origins);
        let known: Vec<&String> = origins.collect();
        let unknown = http.iter().map(|one| &one.origin).filter(|origin| !known.contains(origin));
        excess.extend(unknown.cloned().map(GrantExcess::Origin));
        let private = |one: &&HttpGrant| one.private && !self.private_origins.contains(&one.origin);
        excess.extend(http.iter().filter(private).map(|one| GrantExcess::Private(one.origin.clone())));
        let missing = |name: &&String| !self.secrets.contains_key(*name);
        excess.extend(secrets.iter().filter(missing).cloned().map(GrantExcess::Secret));
        let (wanted, most) = (plugin.limits, self.limits);
        let default = PluginLimits::default();
        let wide = |number: Option<u32>| number.map(u64::from);
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let limits = [
            ("fuel", wanted.fuel, most.fuel, default.fuel),
            ("milliseconds", wanted.milliseconds, most.milliseconds, default.milliseconds),
            ("memory_mib", wide(wanted.memory_mib), wide(most.memory_mib), count(default.memory >> 20)),
            ("component_mib", wide(wanted.component_mib), wide(most.component_mib), count(default.component >> 20)),
            ("instances", wide(wanted.instances), wide(most.instances), count(default.instances)),
            ("table_entries", wide(wanted.table_entries), wide(most.table_entries), count(default.table_entries)),
        ];
        for (what, wanted, most, default) in limits {
            let most = most.unwrap_or(default);
            excess.extend(wanted.filter(|wanted| *wanted > most).map(|wanted| GrantExcess::Limit {
                what,
                wanted,
                most,
            }));
        }
        excess
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plugin(grant: Grant, limits: WantedLimits) -> PluginUse {
        PluginUse {
            component: Digest("0".repeat(64)),
            on_failure: OnFailure::Wait,
            name: String::new(),
            grant,
            limits,
            settings: Map::new(),
            tell: Vec::new(),
        }
    }

    #[test]
    fn a_plugin_of_a_version_from_before_grants_has_none_and_keeps_its_name() {
        let old = r#"{"component":"00","on_failure":"wait"}"#;
        let read: PluginUse = serde_json::from_str(old).expect("it can be read");
        assert!(read.grant.is_nothing());
        assert_eq!(serde_json::to_string(&read).expect("JSON"), old);
    }

    #[test]
    fn what_is_wider_than_the_province_allows_is_named() {
        let http = |origin: &str, private| HttpGrant {
            origin: origin.to_owned(),
            methods: vec!["POST".to_owned()],
            headers: vec![],
            private,
        };
        let grant = Grant {
            lookup: vec!["communes".to_owned(), "secret".to_owned()],
            http: vec![http("https://a.vn", false), http("https://b.vn", false), http("https://c.vn", true)],
            secrets: vec!["key".to_owned()],
            values: true,
        };
        let wanted = WantedLimits { fuel: Some(30_000_000), memory_mib: Some(16), ..WantedLimits::default() };
        let policy = Policy {
            lookup: Some(vec!["communes".to_owned()]),
            origins: vec!["https://a.vn".to_owned(), "https://c.vn".to_owned()],
            ..Policy::default()
        };
        assert_eq!(
            policy.excess(&plugin(grant, wanted)),
            [
                GrantExcess::Lookup("secret".to_owned()),
                GrantExcess::Origin("https://b.vn".to_owned()),
                GrantExcess::Private("https://c.vn".to_owned()),
                GrantExcess::Secret("key".to_owned()),
                GrantExcess::Limit { what: "fuel", wanted: 30_000_000, most: 20_000_000 },
            ]
        );
        assert_eq!(Policy::default().excess(&plugin(Grant::default(), WantedLimits::default())), []);
    }

    #[test]
    fn secrets_are_not_printed() {
        let policy = Policy { secrets: [("key".to_owned(), Secret("s3cret".to_owned()))].into(), ..Policy::default() };
        assert!(!format!("{policy:?}").contains("s3cret"));
    }
}
