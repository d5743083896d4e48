//! The tables `[[login]]` of `motcua.toml`: the providers of OpenID Connect at which people log in.

use super::{ProvinceSettings, operating};
use crate::reading::keys::{Shape, keys};
use crate::reading::node::{FileTable, Placed};
use motcua_domain::procedure::plugin::Secret;
use motcua_domain::text;
use motcua_domain::text::Text;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;

keys! {
    /// A provider of OpenID Connect at which citizens or officers log in.
    pub(super) LOGIN = "Login" {
        required {
            /// The name of the provider in addresses and variables: small letters, digits and `_`, a letter first.
            id: Shape::Text,
            /// The name on the button.
            name: Shape::Words,
            /// The address of the provider, exactly as it names itself.
            issuer: Shape::Text,
            /// The name by which the provider knows the portal.
            client_id: Shape::Text,
            /// The people who log in there.
            for: Shape::Word(|| LoginAudience::ALL.map(LoginAudience::name).to_vec()),
        }
        optional {
            /// The secret of the portal at the provider. Better set by the variable `MOTCUA_LOGIN_SECRETS__ID`, with the
            /// id of the provider in capitals.
            client_secret: Shape::Text,
            /// The scopes beside `openid`. `profile` and `phone` by default.
            scopes: Shape::List(&Shape::Text),
            /// The assurance levels of the provider, the most wanted first.
            level: Shape::Tables(&LEVEL),
            /// The least assurance level of a log-in. By default every log-in is taken.
            least_level: Shape::Integer(1, 4),
            claims: Shape::Table(&CLAIMS),
        }
    }

    /// An assurance level of a provider.
    LEVEL = "LoginLevel" {
        required {
            /// The level in the words of the provider, which stand in the claim `acr`.
            acr: Shape::Text,
            /// The level as a number. More is surer.
            level: Shape::Integer(1, 4),
        }
    }

    /// The claims of a provider that are verified identity. A new account of a citizen gets them.
    CLAIMS = "LoginClaims" {
        optional {
            /// The claim with the full name. `name` by default.
            name: Shape::Text,
            /// The claim with the citizen number. By default no claim has it.
            number: Shape::Text,
            /// The claim with the mobile number. By default no claim has it.
            phone: Shape::Text,
        }
    }
}

/// The scopes that are asked for by default, beside `openid`.
const SCOPES: [&str; 2] = ["profile", "phone"];

/// A provider of OpenID Connect at which people log in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoginSettings {
    /// The name of the provider in addresses and variables.
    pub id: String,
    /// The name on the button.
    pub name: Text,
    /// The address of the provider, exactly as it names itself.
    pub issuer: String,
    pub client_id: String,
    #[serde(rename = "for")]
    pub audience: LoginAudience,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<Secret>,
    /// The scopes beside `openid`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// The assurance levels of the provider, the most wanted first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub level: Vec<LoginLevel>,
    /// The least assurance level of a log-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least_level: Option<u32>,
    #[serde(default)]
    pub claims: LoginClaims,
}

impl LoginSettings {
    /// Returns the assurance level of a log-in, or 0 if the provider says none that is known.
    pub fn level_of(&self, acr: Option<&str>) -> u32 {
        let known = self.level.iter().find(|level| Some(level.acr.as_str()) == acr);
        known.map_or(0, |level| level.level)
    }
}

impl ProvinceSettings {
    /// Returns the providers, each with its secret. One that stands beside the providers goes before.
    pub fn logins(&self) -> Vec<LoginSettings> {
        let with_secret = |provider: &LoginSettings| {
            let secret = self.login_secrets.get(&provider.id).or(provider.client_secret.as_ref());
            LoginSettings { client_secret: secret.cloned(), ..provider.clone() }
        };
        self.login.iter().map(with_secret).collect()
    }
}

/// The people who log in at a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LoginAudience {
    Citizens,
    Staff,
}

impl LoginAudience {
    pub const ALL: [Self; 2] = [Self::Citizens, Self::Staff];

    /// Returns the word in `motcua.toml`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Citizens => "citizens",
            Self::Staff => "staff",
        }
    }
}

/// An assurance level of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoginLevel {
    /// The level in the words of the provider.
    pub acr: String,
    pub level: u32,
}

/// The claims of a provider that are verified identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoginClaims {
    /// The claim with the full name.
    pub name: String,
    /// The claim with the citizen number, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The claim with the mobile number, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

impl Default for LoginClaims {
    fn default() -> Self {
        Self { name: "name".to_owned(), number: None, phone: None }
    }
}

/// Reads the providers.
pub fn read(root: &FileTable<'_>) -> Vec<LoginSettings> {
    let mut found: Vec<LoginSettings> = Vec::new();
    for table in root.tables("login") {
        let id = table.required_string("id", "\"vneid\"").and_then(|id| checked_id(&table, id, &found));
        let provider = read_one(&table, id.unwrap_or_default());
        table.finish();
        found.extend(provider.filter(|provider| !provider.id.is_empty()));
    }
    found
}

/// Reads the secrets of providers, each under the id of its provider.
pub fn read_secrets(root: &FileTable<'_>, providers: &[LoginSettings]) -> BTreeMap<String, Secret> {
    let Some(table) = root.table("login_secrets") else { return BTreeMap::new() };
    let written = table.free_strings();
    for (id, _) in &written {
        if !providers.iter().any(|provider| provider.id == id.value) {
            table.unknown_word("provider", id, providers.iter().map(|provider| provider.id.as_str()));
        }
    }
    written.into_iter().map(|(id, secret)| (id.value, Secret(secret.value))).collect()
}

fn read_one(table: &FileTable<'_>, id: String) -> Option<LoginSettings> {
    let name = table.required_text("name");
    let issuer = table.required_string("issuer", "\"https://id.example.vn\"").and_then(|text| issuer(table, text));
    let client_id = table.required_string("client_id", "\"motcua\"").and_then(|text| filled(table, "client_id", text));
    let audience = table.word("for", &LoginAudience::ALL, LoginAudience::name);
    if !table.has("for") {
        table.missing("for", "\"citizens\"");
    }
    let client_secret = table.string("client_secret").map(|secret| Secret(secret.value));
    let scopes = if table.has("scopes") {
        table.strings("scopes").into_iter().map(|scope| scope.value).filter(|scope| scope != "openid").collect()
    } else {
        SCOPES.map(str::to_owned).to_vec()
    };
    let level: Vec<LoginLevel> = table.tables("level").iter().filter_map(read_level).collect();
    let least_level = table.integer("least_level").and_then(|level| u32::try_from(level).ok());
    if let Some(least) = least_level
        && !level.iter().any(|known| known.level >= least)
    {
        let message = text!(
            "không mức nào dưới [[login.level]] đạt `least_level`, nên không ai đăng nhập được",
            "no level under [[login.level]] reaches `least_level`, so nobody could log in"
        );
        let help = text!(
            "hãy nêu mức của nhà cung cấp: [[login.level]] với acr và level",
            "name the level of the provider: [[login.level]] with acr and level"
        );
        table.mistake("bad-login", table.place("least_level"), message, help);
    }
    let claims = table.table("claims").map(|table| read_claims(&table)).unwrap_or_default();
    Some(LoginSettings {
        id,
        name: name?,
        issuer: issuer?,
        client_id: client_id?,
        audience: audience?,
        client_secret,
        scopes,
        level,
        least_level,
        claims,
    })
}

fn read_level(table: &FileTable<'_>) -> Option<LoginLevel> {
    let acr = table.required_string("acr", "\"urn:example:loa:2\"");
    let level = table.integer("level").and_then(|level| u32::try_from(level).ok());
    if !table.has("level") {
        table.missing("level", "2");
    }
    table.finish();
    Some(LoginLevel { acr: acr?.value, level: level? })
}

fn read_claims(table: &FileTable<'_>) -> LoginClaims {
    let claim = |key| table.string(key).and_then(|text| filled(table, key, text));
    let default = LoginClaims::default();
    let claims =
        LoginClaims { name: claim("name").unwrap_or(default.name), number: claim("number"), phone: claim("phone") };
    table.finish();
    claims
}

/// Returns a text that has something in it.
fn filled(table: &FileTable<'_>, key: &str, text: Placed<String>) -> Option<String> {
    if text.value.trim().is_empty() {
        let help = text!("hãy viết {key} = \"…\"", "write {key} = \"…\"");
        table.mistake("empty", text.span, text!("`{key}` để trống", "`{key}` is empty"), help);
        return None;
    }
    Some(text.value)
}

fn checked_id(table: &FileTable<'_>, id: Placed<String>, before: &[LoginSettings]) -> Option<String> {
    let written = &id.value;
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !written.starts_with(|c: char| c.is_ascii_lowercase()) || !written.chars().all(is_plain) || written.len() > 30 {
        let message =
            text!("`{written}` không dùng được làm mã của nơi đăng nhập", "`{written}` cannot be the id of a provider");
        let help = text!(
            "hãy viết chữ thường không dấu, chữ số và _, bắt đầu bằng chữ cái, ví dụ \"vneid\"",
            "write small letters without diacritics, digits and _, a letter first, such as \"vneid\""
        );
        table.mistake("bad-id", id.span, message, help);
        return None;
    }
    if before.iter().any(|known| known.id == *written) {
        let message = text!("hai nơi đăng nhập có cùng mã `{written}`", "two providers have the id `{written}`");
        let help = text!("hãy đặt cho một nơi mã khác", "give one of them another id");
        table.mistake("duplicate", id.span, message, help);
        return None;
    }
    Some(id.value)
}

/// Reads the address of a provider. Without encryption a provider is reached on this machine alone.
fn issuer(table: &FileTable<'_>, text: Placed<String>) -> Option<String> {
    let written = &text.value;
    if is_issuer(written) {
        return Some(text.value);
    }
    let message = text!("`{written}` không phải là địa chỉ của nơi đăng nhập", "`{written}` is no issuer of log-ins");
    let help = text!(
        "hãy viết issuer = \"https://id.example.vn\" đúng như nơi đó tự xưng; http:// chỉ dùng cho máy này",
        "write issuer = \"https://id.example.vn\" as the provider names itself; http:// is only for this machine"
    );
    table.mistake("bad-address", text.span, message, help);
    None
}

/// Returns whether a text is the address of a provider: an origin, perhaps with a path.
fn is_issuer(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let is_plain = |c: char| c.is_ascii_graphic() && !"?#\\\"<>".contains(c);
    operating::is_origin(&format!("{scheme}://{host}"))
        && path.chars().all(is_plain)
        && (scheme == "https" || is_this_machine(host))
}

/// Returns whether a host, perhaps with a port, is this machine.
fn is_this_machine(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => name,
        _ => host,
    };
    let name = name.trim_matches(['[', ']']);
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{FILE, load};

    fn read_text(text: &str) -> (ProvinceSettings, Vec<&'static str>) {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::write(dir.path().join(FILE), text).expect("written");
        let (settings, mistakes) = load(dir.path());
        (settings, mistakes.iter().map(|mistake| mistake.code).collect())
    }

    const GOOD: &str = "[[login]]
id = \"vneid\"
name = { vi = \"Định danh\", en = \"Identity\" }
issuer = \"https://id.example.vn/realms/a\"
client_id = \"motcua\"
for = \"citizens\"
least_level = 2
level = [{ acr = \"loa2\", level = 2 }, { acr = \"loa1\", level = 1 }]
claims = { number = \"citizen_id\", phone = \"phone_number\" }

[login_secrets]
vneid = \"a secret\"
";

    #[test]
    fn a_provider_is_read_with_its_levels_claims_and_secret() {
        let (settings, mistakes) = read_text(GOOD);
        assert_eq!(mistakes, Vec::<&str>::new());
        let provider = settings.login.first().expect("a provider");
        assert_eq!((provider.audience, provider.least_level), (LoginAudience::Citizens, Some(2)));
        assert_eq!(provider.scopes, SCOPES);
        assert_eq!(provider.claims.number.as_deref(), Some("citizen_id"));
        assert_eq!([Some("loa2"), Some("loa1"), Some("loa9"), None].map(|acr| provider.level_of(acr)), [2, 1, 0, 0]);
        let providers = settings.logins();
        let secret = providers.first().and_then(|provider| provider.client_secret.as_ref());
        assert_eq!(secret, Some(&Secret("a secret".to_owned())));
    }

    #[test]
    fn each_mistake_of_a_provider_is_told() {
        for (from, to, code) in [
            ("\"vneid\"", "\"VNeID\"", "bad-id"),
            ("https://id.example.vn/realms/a", "http://id.example.vn", "bad-address"),
            ("https://id.example.vn/realms/a", "id.example.vn", "bad-address"),
            ("\"citizens\"", "\"everybody\"", "unknown-name"),
            ("client_id = \"motcua\"", "client_id = \" \"", "empty"),
            ("client_id = \"motcua\"\n", "", "missing-key"),
            ("least_level = 2", "least_level = 3", "bad-login"),
            ("\nvneid = \"a secret\"", "\nvneit = \"a secret\"", "unknown-name"),
        ] {
            assert!(GOOD.contains(from), "{from}");
            let (_, mistakes) = read_text(&GOOD.replacen(from, to, 1));
            assert!(mistakes.contains(&code), "{to}: {mistakes:?}");
        }
        let one = GOOD.split("[login_secrets]").next().expect("a provider");
        assert_eq!(read_text(&format!("{one}{one}")).1, ["duplicate"]);
    }

    #[test]
    fn a_provider_without_encryption_is_on_this_machine() {
        for good in ["https://id.example.vn", "https://id.example.vn/", "http://127.0.0.1:4000", "http://[::1]:1/a"] {
            assert!(is_issuer(good), "{good}");
        }
        for bad in ["http://id.example.vn", "ftp://a", "https://a?b", "https://a b", "https://", "http://10.0.0.1"] {
            assert!(!is_issuer(bad), "{bad}");
        }
    }
}
