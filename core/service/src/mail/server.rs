//! The mail server: greeting it, and handing mails over one after the other.
//!
//! The portal speaks each command itself, because it needs to know which one was refused: a refused recipient is an
//! address that does not exist, and a refused sender or log-in is a setting that is wrong.

use jiff::Timestamp;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, SinglePart};
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, Message};
use motcua_catalogue::mail::{MailSecurity, MailSender, MailSettings};
use motcua_store::mail::MailOutcome;
use std::time::{Duration, SystemTime};
use tokio::time::timeout;

/// The longest time until the server has greeted, encrypted and let the portal log in.
const GREETING: Duration = Duration::from_secs(20);

/// The longest time in which the server takes one mail.
pub(crate) const SENDING: Duration = Duration::from_secs(20);

/// The longest time for a farewell that nothing depends on.
const FAREWELL: Duration = Duration::from_secs(2);

/// The most characters of a server's answer that are kept.
const MOST_SAID: usize = 300;

/// A mail in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenMail {
    pub subject: String,
    pub body: String,
}

/// The mail server that the settings name.
#[derive(Debug, Clone)]
pub struct MailServer {
    host: String,
    port: u16,
    settings: MailSettings,
    from: Mailbox,
    hello: ClientId,
}

impl MailServer {
    /// Returns the server that the settings name with a sender, or none.
    pub fn new(settings: &MailSettings) -> Option<Self> {
        let host = settings.server.clone()?;
        let sender = MailSender::parse(settings.from.as_deref()?)?;
        let from = Mailbox::new(sender.name, sender.address.parse().ok()?);
        Some(Self {
            host,
            port: settings.port.unwrap_or_else(|| settings.security.port()),
            settings: settings.clone(),
            hello: ClientId::Domain(from.email.domain().to_owned()),
            from,
        })
    }

    /// Returns the host and the port, for messages.
    pub fn place(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Connects to the server, encrypts the connection as the settings say, and logs in. The error is the outcome of the
    /// mails that wait for the connection.
    pub async fn connect(&self) -> Result<MailConnection, MailOutcome> {
        let late = |_| Err(self.trouble("it did not answer in time"));
        timeout(GREETING, self.greet()).await.unwrap_or_else(late)
    }

    async fn greet(&self) -> Result<MailConnection, MailOutcome> {
        let told = |error: SmtpError| self.trouble(&said(&error));
        let tls = || TlsParameters::new(self.host.clone()).map_err(told);
        let from_the_start = if self.settings.security == MailSecurity::Tls { Some(tls()?) } else { None };
        let place = (self.host.as_str(), self.port);
        let connecting = AsyncSmtpConnection::connect_tokio1(place, Some(GREETING), &self.hello, from_the_start, None);
        let mut smtp = connecting.await.map_err(told)?;
        if self.settings.security == MailSecurity::StartTls {
            smtp.starttls(tls()?, &self.hello).await.map_err(told)?;
        }
        if let Some(user) = &self.settings.user {
            let password = self.settings.password.as_ref().ok_or_else(|| {
                self.trouble("`user` under [mail] has no password; set the variable MOTCUA_MAIL__PASSWORD")
            })?;
            let credentials = Credentials::new(user.clone(), password.0.clone());
            // The server may repeat what it was sent, so its words are not shown.
            let refused = |error: SmtpError| match error.status() {
                Some(code) => {
                    self.trouble(&format!("it refused the log-in ({code}); look at `user` and `password` under [mail]"))
                }
                None if error.is_client() => self.trouble("it offers no log-in that the portal knows (PLAIN or LOGIN)"),
                None => self.trouble("the connection broke during the log-in"),
            };
            smtp.auth(DEFAULT_MECHANISMS, &credentials).await.map_err(refused)?;
        }
        Ok(MailConnection { smtp })
    }

    fn trouble(&self, why: &str) -> MailOutcome {
        MailOutcome::NoServer(format!("the mail server {}: {why}", self.place()))
    }

    /// Writes a mail to an address.
    ///
    /// `id` names the mail. A mail that is sent twice has the same id, by which programs recognise it. The error is the
    /// outcome of a mail that cannot be written.
    pub fn write(&self, to: &str, id: &str, mail: WrittenMail, now: Timestamp) -> Result<OutgoingMail, MailOutcome> {
        let no_address = |_| MailOutcome::AddressRefused("it is not an address of mail".to_owned());
        let to: Address = to.parse().map_err(no_address)?;
        if !AsRef::<str>::as_ref(&to).is_ascii() {
            return Err(MailOutcome::AddressRefused("it has other letters than those of ASCII".to_owned()));
        }
        let date = SystemTime::try_from(now).map_err(|error| MailOutcome::MailRefused(error.to_string()))?;
        let id = format!("<{id}@{}>", self.from.email.domain());
        // Programs that answer mails on their own, such as during holidays, do not answer this one (RFC 3834).
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to.clone()))
            .subject(mail.subject)
            .date(date)
            .message_id(Some(id))
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .singlepart(SinglePart::plain(mail.body));
        let message = message.map_err(|error| MailOutcome::MailRefused(error.to_string()))?;
        Ok(OutgoingMail { from: self.from.email.clone(), to, content: message.formatted() })
    }

    /// Sends one mail on a connection of its own.
    pub async fn send_one(&self, mail: &OutgoingMail) -> MailOutcome {
        let mut connection = match self.connect().await {
            Ok(connection) => connection,
            Err(outcome) => return outcome,
        };
        let outcome = connection.send(mail).await;
        if matches!(outcome, MailOutcome::Sent(_)) {
            connection.close().await;
        }
        outcome
    }
}

/// A mail that is ready to be handed over.
#[derive(Debug, Clone)]
pub struct OutgoingMail {
    from: Address,
    to: Address,
    content: Vec<u8>,
}

/// A connection to the mail server, on which mails are sent one after the other.
pub struct MailConnection {
    smtp: AsyncSmtpConnection,
}

impl MailConnection {
    /// Hands a mail over. After [`MailOutcome::NoServer`] the connection is of no use.
    pub async fn send(&mut self, mail: &OutgoingMail) -> MailOutcome {
        match timeout(SENDING, self.hand_over(mail)).await {
            Ok(Ok(answer)) => MailOutcome::Sent(answer),
            Ok(Err(outcome)) => outcome,
            Err(_) => MailOutcome::NoServer("the mail server did not take a mail in time".to_owned()),
        }
    }

    async fn hand_over(&mut self, mail: &OutgoingMail) -> Result<String, MailOutcome> {
        let told = |error: SmtpError| MailOutcome::NoServer(format!("the mail server: {}", said(&error)));
        self.smtp.command(Mail::new(Some(mail.from.clone()), Vec::new())).await.map_err(told)?;
        if let Err(error) = self.smtp.command(Rcpt::new(mail.to.clone(), Vec::new())).await {
            let trouble = of_recipient(&error, mail.to.as_ref());
            if !matches!(trouble, MailOutcome::NoServer(_)) {
                // The connection goes on with another mail. If it does not, the next command says so.
                drop(self.smtp.command(Rset).await);
            }
            return Err(trouble);
        }
        let refused = |error: SmtpError| of_content(&error, mail.to.as_ref());
        self.smtp.command(Data).await.map_err(refused)?;
        let answer = self.smtp.message(&mail.content).await.map_err(refused)?;
        let words: Vec<&str> = answer.message().collect();
        Ok(format!("{} {}", answer.code(), short(&words.join(" "))))
    }

    /// Says farewell. The mails were taken, so nobody waits long for the answer.
    pub async fn close(mut self) {
        drop(timeout(FAREWELL, self.smtp.quit()).await);
    }
}

/// Returns the reason why a server did not take a recipient.
fn of_recipient(error: &SmtpError, to: &str) -> MailOutcome {
    let why = without(&said(error), to);
    match error.status().map(u16::from) {
        None | Some(421) => MailOutcome::NoServer(why),
        Some(code) if is_of_address(code, &why) => MailOutcome::AddressRefused(why),
        Some(_) => MailOutcome::Later(why),
    }
}

/// Returns whether a refusal of a recipient says that the address takes no mail. Refusals by a rule of the server, such
/// as of senders who have not logged in, say nothing about the address, and a full mailbox is emptied again (RFC 3463).
fn is_of_address(code: u16, why: &str) -> bool {
    let by_rule = ["5.7.", "5.1.7", "5.1.8", "5.2.2"].iter().any(|status| why.contains(status));
    matches!(code, 550 | 551 | 553 | 556) && !by_rule
}

/// Returns the reason why a server did not take the content of a mail.
fn of_content(error: &SmtpError, to: &str) -> MailOutcome {
    let why = without(&said(error), to);
    match error.status().map(u16::from) {
        None | Some(421) => MailOutcome::NoServer(why),
        Some(500..) => MailOutcome::MailRefused(why),
        Some(_) => MailOutcome::Later(why),
    }
}

fn said(error: &SmtpError) -> String {
    short(&error.to_string())
}

/// Returns a text as one line that is not too long.
pub(crate) fn short(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(MOST_SAID).collect::<String>().trim().to_owned()
}

/// Returns an answer without the address of the person, because the log names nobody.
pub(crate) fn without(why: &str, address: &str) -> String {
    why.replace(address, "…").replace(&address.to_lowercase(), "…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_by_a_rule_of_the_server_says_nothing_about_the_address() {
        for (code, why) in [(550, "5.1.1 no such user"), (550, "unknown"), (556, "5.1.10 no mail")] {
            assert!(is_of_address(code, why), "{code} {why}");
        }
        for (code, why) in [
            (554, "5.7.1 relay access denied"),
            (550, "5.7.1 not authenticated"),
            (553, "5.1.8 sender rejected"),
            (530, "5.7.0 log in first"),
            (550, "5.2.2 over quota"),
            (552, "mailbox full"),
            (451, "4.7.1 greylisted"),
        ] {
            assert!(!is_of_address(code, why), "{code} {why}");
        }
    }

    #[test]
    fn an_answer_is_kept_without_the_address_and_on_one_line() {
        assert_eq!(without("5.1.1 <An@b.vn>: an@b.vn is unknown", "An@b.vn"), "5.1.1 <…>: … is unknown");
        assert_eq!(short(" a\r\nb "), "a  b");
        assert_eq!(short(&"x".repeat(1000)).len(), MOST_SAID);
    }

    #[test]
    fn a_mail_is_ascii_and_has_the_same_id_each_time() {
        let settings = MailSettings {
            server: Some("127.0.0.1".to_owned()),
            from: Some("Cổng dịch vụ công <no-reply@example.vn>".to_owned()),
            ..MailSettings::default()
        };
        let server = MailServer::new(&settings).expect("a server");
        let write = |to: &str| {
            let mail = WrittenMail {
                subject: "Đã có kết quả\r\nBcc: x@y.vn".to_owned(),
                body: "Chào bạn\n.\n".to_owned(),
            };
            server.write(to, "H09.01-261124-0001.3", mail, Timestamp::UNIX_EPOCH)
        };
        let content = String::from_utf8(write("an@b.vn").expect("written").content).expect("text");
        assert!(content.is_ascii() && content.contains("\r\nTo: an@b.vn\r\n"), "{content}");
        assert!(content.contains("\r\nMessage-ID: <H09.01-261124-0001.3@example.vn>\r\n"), "{content}");
        assert!(
            content.contains("\r\nAuto-Submitted: auto-generated\r\n") && !content.contains("\r\nBcc:"),
            "{content}"
        );
        for odd in ["", "an", "ắ@b.vn"] {
            assert!(matches!(write(odd), Err(MailOutcome::AddressRefused(_))), "{odd}");
        }
    }
}
