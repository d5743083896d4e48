//! The section `[mail]` of `motcua.toml`: the mail server that sends notices to applicants.

use crate::reading::keys::{Shape, keys};
use crate::reading::node::{FileTable, Placed};
use jiff::civil::Time;
use motcua_domain::identity;
use motcua_domain::procedure::plugin::Secret;
use motcua_domain::text;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

keys! {
    /// The mail server that sends notices to applicants. Without `server`, the portal sends no mail.
    pub(super) MAIL = "Mail" {
        optional {
            /// The host name of the mail server, such as `smtp.example.vn`.
            server: Shape::Text,
            /// The port of the server. By default 465 with `tls`, else 587.
            port: Shape::Integer(1, 65_535),
            /// `starttls` (by default) encrypts after the greeting, `tls` from the first byte. `none` is only for a
            /// server on this machine.
            security: Shape::Word(|| MailSecurity::ALL.map(MailSecurity::name).to_vec()),
            /// The name by which the portal logs in to the server. By default it does not log in.
            user: Shape::Text,
            /// The password of `user`. Better set by the variable `MOTCUA_MAIL__PASSWORD`.
            password: Shape::Text,
            /// The sender, such as `no-reply@example.vn` or `Cổng dịch vụ công <no-reply@example.vn>`.
            from: Shape::Text,
            quiet: Shape::Table(&QUIET),
        }
    }

    /// The hours of each day, by the clock in Vietnam, in which no notices are sent. They wait until the end.
    pub(super) QUIET = "QuietHours" {
        required {
            /// The beginning, such as `21:00`.
            from: Shape::Text,
            /// The end, such as `07:00`. It may be on the next day.
            to: Shape::Text,
        }
    }
}

/// The mail server that sends notices to applicants.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MailSettings {
    /// The host name of the mail server. Without a server, the portal sends no mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    pub security: MailSecurity,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
    /// The sender, in the form that [`MailSender::parse`] reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The hours in which no notices are sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet: Option<QuietHours>,
}

/// The encryption of the connection to the mail server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailSecurity {
    /// The connection begins in plain text and is encrypted before anything is sent, or nothing is sent.
    #[default]
    StartTls,
    /// The connection is encrypted from the first byte.
    Tls,
    /// Nothing is encrypted, so the server is on this machine.
    None,
}

impl MailSecurity {
    pub const ALL: [Self; 3] = [Self::StartTls, Self::Tls, Self::None];

    /// Returns the word in `motcua.toml`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::StartTls => "starttls",
            Self::Tls => "tls",
            Self::None => "none",
        }
    }

    /// Returns the usual port of servers with this encryption.
    pub const fn port(self) -> u16 {
        match self {
            Self::StartTls | Self::None => 587,
            Self::Tls => 465,
        }
    }
}

/// A period of each day, by the clock in Vietnam. It may go past midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    pub from: Time,
    /// The first moment after the period.
    pub to: Time,
}

impl QuietHours {
    /// Returns whether a moment of a day lies in the period.
    pub fn contains(&self, time: Time) -> bool {
        if self.from <= self.to { (self.from..self.to).contains(&time) } else { time >= self.from || time < self.to }
    }
}

/// The sender of mails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailSender {
    pub name: Option<String>,
    pub address: String,
}

impl MailSender {
    /// Reads an address, or a name with the address in angle brackets behind it.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let Some(rest) = text.strip_suffix('>') else {
            return Some(Self { name: None, address: address(text)? });
        };
        let (name, inner) = rest.rsplit_once('<')?;
        let name = name.trim().trim_matches('"').trim();
        let is_plain = !name.contains(['<', '>', '"']) && !name.chars().any(char::is_control);
        let name = Some(name).filter(|name| !name.is_empty()).map(str::to_owned);
        if is_plain { Some(Self { name, address: address(inner)? }) } else { None }
    }
}

/// Returns an address that stands in commands of SMTP without an extension.
fn address(text: &str) -> Option<String> {
    identity::email(text).filter(|address| address.is_ascii())
}

/// Returns whether a host is this machine, so that nothing that is sent to it crosses a network.
fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Returns whether a text is a host name or an address, without a scheme, a port or a path.
fn is_host(text: &str) -> bool {
    let is_name = |text: &str| {
        !text.is_empty()
            && !text.starts_with(['.', '-'])
            && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
    };
    is_name(text) || text.parse::<IpAddr>().is_ok()
}

/// Reads the section.
pub fn read(table: &FileTable<'_>) -> MailSettings {
    let server = table.string("server").and_then(|text| server(table, text));
    let port = table.integer("port").and_then(|port| u16::try_from(port).ok());
    let security = table.word("security", &MailSecurity::ALL, MailSecurity::name).unwrap_or_default();
    let (user, password) = (table.string("user"), table.string("password"));
    let from = table.string("from").and_then(|text| sender(table, text));
    let quiet = table.table("quiet").and_then(|table| read_quiet(&table));
    if server.is_some() && !table.has("from") {
        table.missing("from", "\"Cổng dịch vụ công <no-reply@example.vn>\"");
    }
    if security == MailSecurity::None && server.as_deref().is_some_and(|server| !is_this_machine(server)) {
        let message =
            text!("thư sẽ rời máy này mà không được mã hóa", "mails would leave this machine without encryption");
        let help = text!(
            "hãy viết security = \"starttls\" hoặc \"tls\"; \"none\" chỉ dùng cho localhost",
            "write security = \"starttls\" or \"tls\"; \"none\" is only for localhost"
        );
        table.mistake("bad-address", table.place("security"), message, help);
    }
    if password.is_some() && user.is_none() {
        // The line is not shown, because it has the password.
        let message = text!("`password` không có ý nghĩa khi thiếu `user`", "`password` says nothing without `user`");
        let help = text!("hãy viết user = \"…\" dưới [mail]", "write user = \"…\" under [mail]");
        table.mistake("bad-address", 0..0, message, help);
    }
    table.finish();
    MailSettings {
        server,
        port,
        security,
        user: user.map(|user| user.value),
        password: password.map(|password| Secret(password.value)),
        from,
        quiet,
    }
}

fn server(table: &FileTable<'_>, text: Placed<String>) -> Option<String> {
    if is_host(&text.value) {
        return Some(text.value);
    }
    let written = &text.value;
    let message =
        text!("`{written}` không phải là tên một máy chủ thư", "`{written}` is not the name of a mail server");
    let help = text!(
        "hãy viết server = \"smtp.example.vn\", và cổng ở `port`",
        "write server = \"smtp.example.vn\", and the port as `port`"
    );
    table.mistake("bad-address", text.span, message, help);
    None
}

fn sender(table: &FileTable<'_>, text: Placed<String>) -> Option<String> {
    if MailSender::parse(&text.value).is_some() {
        return Some(text.value);
    }
    let written = &text.value;
    let message = text!("`{written}` không phải là người gửi thư", "`{written}` is not a sender of mails");
    let help = text!(
        "hãy viết from = \"Cổng dịch vụ công <no-reply@example.vn>\"",
        "write from = \"Cổng dịch vụ công <no-reply@example.vn>\""
    );
    table.mistake("bad-address", text.span, message, help);
    None
}

/// Reads hours in which nothing is sent.
pub(super) fn read_quiet(table: &FileTable<'_>) -> Option<QuietHours> {
    let from = table.required_string("from", "\"21:00\"").and_then(|text| time(table, text));
    let to = table.required_string("to", "\"07:00\"").and_then(|text| time(table, text));
    table.finish();
    Some(QuietHours { from: from?, to: to? })
}

fn time(table: &FileTable<'_>, text: Placed<String>) -> Option<Time> {
    let time = text.value.parse::<Time>().ok();
    if time.is_none() {
        let written = &text.value;
        let message = text!("`{written}` không phải là một giờ trong ngày", "`{written}` is not a time of the day");
        let help = text!("hãy viết như \"21:00\", giờ Việt Nam", "write it as \"21:00\", in Vietnam");
        table.mistake("bad-time", text.span, message, help);
    }
    time
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Time {
        text.parse().expect("a time of the day")
    }

    #[test]
    fn quiet_hours_may_go_past_midnight() {
        let night = QuietHours { from: time("21:00"), to: time("07:00") };
        for (at, is_quiet) in [("20:59", false), ("21:00", true), ("00:00", true), ("06:59", true), ("07:00", false)] {
            assert_eq!(night.contains(time(at)), is_quiet, "{at}");
        }
        let noon = QuietHours { from: time("11:30"), to: time("13:30") };
        assert!(noon.contains(time("12:00")) && !noon.contains(time("13:30")) && !noon.contains(time("23:00")));
        let never = QuietHours { from: time("08:00"), to: time("08:00") };
        assert!(!never.contains(time("08:00")));
    }

    #[test]
    fn a_sender_is_an_address_with_or_without_a_name() {
        let plain = MailSender { name: None, address: "a@b.vn".to_owned() };
        for text in ["a@b.vn", " a@b.vn ", "<a@b.vn>"] {
            assert_eq!(MailSender::parse(text), Some(plain.clone()), "{text}");
        }
        let named = MailSender { name: Some("Cổng dịch vụ công".to_owned()), ..plain };
        for text in ["Cổng dịch vụ công <a@b.vn>", "\"Cổng dịch vụ công\" <a@B.vn>"] {
            assert_eq!(MailSender::parse(text), Some(named.clone()), "{text}");
        }
        for text in ["", "a", "a@b", "a@b.vn, c@d.vn", "An <a@b.vn", "An a@b.vn>", "A\nBcc: <a@b.vn>", "An <ắ@b.vn>"]
        {
            assert_eq!(MailSender::parse(text), None, "{text}");
        }
    }

    #[test]
    fn only_this_machine_is_reached_without_encryption() {
        for host in ["localhost", "127.0.0.1", "127.8.9.1", "::1"] {
            assert!(is_host(host) && is_this_machine(host), "{host}");
        }
        for host in ["smtp.example.vn", "10.0.0.1", "localhost.example.vn"] {
            assert!(is_host(host) && !is_this_machine(host), "{host}");
        }
        for text in ["", "smtp.example.vn:587", "smtp://example.vn", "a b", "a/b", "-a"] {
            assert!(!is_host(text), "{text}");
        }
    }
}
