//! The section `[payment]` of `motcua.toml`: the gateway over which applicants pay fees.

use super::operating;
use super::publishing::{origin_of, web_address};
use crate::reading::keys::{Shape, keys};
use crate::reading::node::{FileTable, Placed};
use motcua_domain::procedure::plugin::Secret;
use motcua_domain::text;
use serde::{Deserialize, Serialize};

keys! {
    /// The gateway over which applicants pay fees. Without this section they do not pay online.
    pub(super) PAYMENT = "Payment" {
        required {
            /// The name of the gateway for `motcua connect test`: small letters, digits and `_`.
            name: Shape::Text,
            /// The `https://` address to which a browser is sent. `http://` is only for a gateway on this machine.
            pay: Shape::Text,
            /// The `https://` address that tells the portal what became of a payment.
            query: Shape::Text,
            /// The code by which the gateway knows the portal.
            terminal: Shape::Text,
        }
        optional {
            /// The secret that signs all parameters. Better set by the variable `MOTCUA_PAYMENT__SECRET`.
            secret: Shape::Text,
        }
    }
}

/// The gateway over which applicants pay fees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentSettings {
    /// The name of the gateway for the command that tries it.
    pub name: String,
    /// The address to which a browser is sent.
    pub pay: String,
    /// The address that tells what became of a payment.
    pub query: String,
    /// The code by which the gateway knows the portal.
    pub terminal: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Secret>,
}

impl PaymentSettings {
    /// Returns scheme, host and port of the address to which a browser is sent.
    pub fn origin(&self) -> &str {
        origin_of(&self.pay)
    }
}

/// Returns whether an origin can stand in the policy of a page, where `;` begins another rule.
fn is_plain_origin(origin: &str) -> bool {
    operating::is_origin(origin) && origin.chars().all(|c| c.is_ascii_alphanumeric() || ".-_:/[]".contains(c))
}

/// Reads the section.
pub fn read(table: &FileTable<'_>) -> Option<PaymentSettings> {
    let name = table.required_string("name", "\"vnpay\"").and_then(|text| word(table, "name", text));
    let pay = table.required_string("pay", "\"https://pay.example.vn/pay\"").and_then(|text| address(table, text));
    let query =
        table.required_string("query", "\"https://pay.example.vn/query\"").and_then(|text| address(table, text));
    let terminal = table.required_string("terminal", "\"MOTCUA01\"").and_then(|text| word(table, "terminal", text));
    let secret = table.string("secret").map(|secret| Secret(secret.value));
    table.finish();
    Some(PaymentSettings { name: name?, pay: pay?, query: query?, terminal: terminal?, secret })
}

/// Returns a text of letters, digits and `_`.
fn word(table: &FileTable<'_>, key: &str, text: Placed<String>) -> Option<String> {
    let written = &text.value;
    if !written.is_empty() && written.len() <= 30 && written.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Some(text.value);
    }
    let message = text!("`{written}` không dùng được làm `{key}`", "`{written}` cannot be the `{key}`");
    let help = text!(
        "hãy viết chữ không dấu, chữ số và _, nhiều nhất 30 ký tự",
        "write letters without diacritics, digits and _, at most 30 characters"
    );
    table.mistake("bad-id", text.span, message, help);
    None
}

/// Returns an address of the gateway whose host can stand in the policy of a page.
fn address(table: &FileTable<'_>, text: Placed<String>) -> Option<String> {
    let fits = |address: &str| {
        let is_plain = is_plain_origin(origin_of(address));
        if is_plain { Ok(()) } else { Err(text!("không nêu máy chủ", "names no host")) }
    };
    let help = text!(
        "hãy viết địa chỉ https:// của cổng thanh toán; http:// chỉ được nhận khi gửi đến chính máy này",
        "write the https:// address of the gateway; http:// is taken only to this machine"
    );
    web_address(table, text, fits, help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{FILE, load};

    const GOOD: &str = "[payment]
name = \"vnpay\"
pay = \"https://pay.example.vn:8443/pay?x=1\"
query = \"http://127.0.0.1:9000/query\"
terminal = \"MOTCUA01\"
secret = \"very secret\"
";

    fn read_text(text: &str) -> (Option<PaymentSettings>, Vec<&'static str>) {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::write(dir.path().join(FILE), text).expect("written");
        let (settings, mistakes) = load(dir.path());
        (settings.payment, mistakes.iter().map(|mistake| mistake.code).collect())
    }

    #[test]
    fn a_gateway_is_read_and_its_secret_is_not_printed() {
        assert_eq!(read_text("").0, None);
        let (settings, mistakes) = read_text(GOOD);
        assert_eq!(mistakes, Vec::<&str>::new());
        let settings = settings.expect("a gateway");
        assert_eq!(settings.origin(), "https://pay.example.vn:8443");
        assert!(!format!("{settings:?}").contains("very secret"));
    }

    #[test]
    fn each_mistake_of_a_gateway_is_told() {
        for (from, to, code) in [
            ("\"vnpay\"", "\"VN pay\"", "bad-id"),
            ("https://pay.example.vn:8443/pay?x=1", "http://pay.example.vn/pay", "bad-address"),
            ("https://pay.example.vn:8443/pay?x=1", "https://pay.example.vn;script-src/pay", "bad-address"),
            ("http://127.0.0.1:9000/query", "/var/query/", "bad-address"),
            ("\"MOTCUA01\"", "\"\"", "empty"),
            ("terminal = \"MOTCUA01\"\n", "", "missing-key"),
        ] {
            assert!(GOOD.contains(from), "{from}");
            let (_, mistakes) = read_text(&GOOD.replacen(from, to, 1));
            assert_eq!(mistakes, [code], "{to}");
        }
    }
}
