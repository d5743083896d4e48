//! The section `[sms]` of `motcua.toml`: the gateway that sends messages to phones.

use super::mail::{QUIET, QuietHours, read_quiet};
use super::publishing::web_address;
use crate::reading::keys::{Shape, keys};
use crate::reading::node::{FileTable, Placed};
use motcua_domain::people::phone::PhoneChannel;
use motcua_domain::procedure::plugin::Secret;
use motcua_domain::text;
use serde::{Deserialize, Serialize};

keys! {
    /// The gateway that sends notices and codes to phones. Without `gateway`, the portal sends none.
    pub(super) SMS = "Sms" {
        optional {
            /// The `https://` address that gets each message by POST. `http://` is only for a gateway on this machine.
            gateway: Shape::Text,
            /// The secret that signs each message: `whsec_` and base64. Better set by the variable
            /// `MOTCUA_SMS__SECRET`.
            secret: Shape::Text,
            /// The ways that the gateway knows, of which each person chooses one. `["sms"]` by default. The first one
            /// is used for people who have chosen none.
            channels: Shape::List(&Shape::Word(|| PhoneChannel::ALL.map(PhoneChannel::name).to_vec())),
            quiet: Shape::Table(&QUIET),
        }
    }
}

/// The gateway that sends messages to phones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SmsSettings {
    /// The address of the gateway. Without a gateway, the portal sends no messages to phones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gateway: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<Secret>,
    /// The ways that the gateway knows. The first one is used for people who have chosen none.
    pub channels: Vec<PhoneChannel>,
    /// The hours in which no notices are sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet: Option<QuietHours>,
}

impl Default for SmsSettings {
    fn default() -> Self {
        Self { gateway: None, secret: None, channels: vec![PhoneChannel::Sms], quiet: None }
    }
}

/// Reads the section.
pub fn read(table: &FileTable<'_>) -> SmsSettings {
    let default = SmsSettings::default();
    let gateway = table.string("gateway").and_then(|text| gateway(table, text));
    let secret = table.string("secret").map(|secret| Secret(secret.value));
    let channels = table.words("channels", &PhoneChannel::ALL, PhoneChannel::name);
    let quiet = table.table("quiet").and_then(|table| read_quiet(&table));
    table.finish();
    let channels = if channels.is_empty() { default.channels } else { channels };
    SmsSettings { gateway, secret, channels, quiet }
}

fn gateway(table: &FileTable<'_>, text: Placed<String>) -> Option<String> {
    let help = text!(
        "hãy viết gateway = \"https://gateway.example.vn/messages\"; http:// chỉ được nhận khi gửi đến chính máy này",
        "write gateway = \"https://gateway.example.vn/messages\"; http:// is taken only to this machine"
    );
    web_address(table, text, |_| Ok(()), help)
}
