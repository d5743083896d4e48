//! The gateway for messages to phones: signing a message, handing it over, and the meaning of an answer.
//!
//! A message is a POST in the form of Standard Webhooks 1.0 (<https://www.standardwebhooks.com>). Its id stays the same
//! when it is sent again, so that the gateway sends it to the person once.

use crate::mail::{MailOutcome, WrittenText, short, without};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use motcua_catalogue::sms::SmsSettings;
use motcua_domain::fold::without_diacritics;
use motcua_domain::people::phone::PhoneChannel;
use motcua_domain::procedure::plugin::Secret;
use motcua_domain::text::Language;
use motcua_sandbox::{HttpClient, PostAnswer};
use serde_json::{Map, Value as Json, json};
use sha2::Sha256;

/// The code of Vietnam before a number, in the place of the first 0.
const COUNTRY: &str = "+84";

/// A message to a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneMessage {
    /// The id of the message. A message that is sent twice has the same id.
    pub id: String,
    pub channel: PhoneChannel,
    /// The mobile number, as the account has it.
    pub to: String,
    pub language: Language,
    pub written: WrittenText,
}

/// The gateway that the settings name.
#[derive(Debug, Clone)]
pub struct SmsGateway {
    address: String,
    secret: Option<Secret>,
    channels: Vec<PhoneChannel>,
}

impl SmsGateway {
    /// Returns the gateway that the settings name, or none.
    pub fn new(settings: &SmsSettings) -> Option<Self> {
        let address = settings.gateway.clone()?;
        Some(Self { address, secret: settings.secret.clone(), channels: settings.channels.clone() })
    }

    /// Returns the host of the gateway, for messages. The path may be a secret.
    pub fn place(&self) -> &str {
        let rest = self.address.split_once("://").map_or(self.address.as_str(), |(_, rest)| rest);
        rest.split(['/', '?']).next().unwrap_or_default()
    }

    /// Returns the ways that the gateway knows.
    pub fn channels(&self) -> &[PhoneChannel] {
        &self.channels
    }

    /// Returns the way to a person who chose `wish`: the first one of the gateway, if the person chose none or one that
    /// the gateway does not know any more.
    pub fn channel(&self, wish: Option<PhoneChannel>) -> PhoneChannel {
        let first = self.channels.first().copied().unwrap_or(PhoneChannel::Sms);
        wish.filter(|wish| self.channels.contains(wish)).unwrap_or(first)
    }

    /// Hands a message over.
    pub async fn send(&self, message: &PhoneMessage, now: Timestamp) -> MailOutcome {
        let Some(key) = self.key() else {
            return self.trouble("`secret` under [sms] is not whsec_ and base64; set the variable MOTCUA_SMS__SECRET");
        };
        let (address, body, second) = (self.address.clone(), body_of(message, now), now.as_second());
        let (id, time, signature) = (message.id.clone(), second.to_string(), sign(&key, &message.id, second, &body));
        let posted = tokio::task::spawn_blocking(move || {
            let headers = [
                ("content-type", "application/json"),
                ("webhook-id", id.as_str()),
                ("webhook-timestamp", time.as_str()),
                ("webhook-signature", signature.as_str()),
            ];
            HttpClient::default().post(&address, &headers, &body)
        });
        match posted.await {
            Ok(Ok(answer)) => self.judged(&answer, &message.to),
            Ok(Err(why)) => self.trouble(&short(&why)),
            Err(error) => self.trouble(&error.to_string()),
        }
    }

    /// Returns whether the secret can sign messages.
    pub fn has_key(&self) -> bool {
        self.key().is_some()
    }

    /// Returns the key of the secret.
    fn key(&self) -> Option<Vec<u8>> {
        let secret = self.secret.as_ref()?.0.strip_prefix("whsec_")?;
        STANDARD.decode(secret).ok().filter(|key| !key.is_empty())
    }

    fn trouble(&self, why: &str) -> MailOutcome {
        MailOutcome::NoServer(format!("the gateway {}: {why}", self.place()))
    }

    /// Returns the outcome of a message with this answer.
    fn judged(&self, answer: &PostAnswer, to: &str) -> MailOutcome {
        let said = Said::read(&answer.body);
        let why = match said.why.as_str() {
            "" => format!("it answered {}", answer.status),
            why => format!("it answered {}: {}", answer.status, without(&without(why, to), &international(to))),
        };
        match answer.status {
            // The gateway took a message with this id before (409), and its answer was lost.
            200..=299 | 409 => MailOutcome::Sent(why),
            422 if said.refused == "number" => MailOutcome::AddressRefused(why),
            400 | 413 | 415 | 422 => MailOutcome::MailRefused(why),
            408 | 425 | 500 => MailOutcome::Later(why),
            _ => self.trouble(&why),
        }
    }
}

/// The words of an answer.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    /// The part that is refused for good: `number` or another word.
    refused: String,
    /// The reason, for operators.
    why: String,
}

impl Said {
    /// Reads the body of an answer. Anything but JSON says nothing.
    fn read(body: &[u8]) -> Self {
        let json: Json = serde_json::from_slice(body).unwrap_or_default();
        let text = |name: &str| short(json.get(name).and_then(Json::as_str).unwrap_or_default());
        Self { refused: text("refused"), why: text("why") }
    }
}

/// Returns the body of a message.
fn body_of(message: &PhoneMessage, now: Timestamp) -> String {
    let written = &message.written;
    let parameters = written.parameters.iter().map(|(name, value)| ((*name).to_owned(), Json::from(value.as_str())));
    let parameters: Map<String, Json> = parameters.collect();
    let data = json!({
        "channel": message.channel.name(),
        "to": international(&message.to),
        "language": message.language.tag(),
        "template": written.template,
        "parameters": parameters,
        "text": written.text,
        // Gateways without diacritics pay for fewer parts of a message.
        "plain": without_diacritics(&written.text),
    });
    json!({ "type": "message", "timestamp": now.to_string(), "data": data }).to_string()
}

/// Returns the signature of a message, in the form of Standard Webhooks.
fn sign(key: &[u8], id: &str, timestamp: i64, body: &str) -> String {
    // HMAC takes a key of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

/// Returns a number of Vietnam with the code of the country.
fn international(number: &str) -> String {
    number.strip_prefix('0').map_or_else(|| number.to_owned(), |rest| format!("{COUNTRY}{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gateway() -> SmsGateway {
        let settings = SmsSettings {
            gateway: Some("https://gateway.example.vn/in?key=very-secret".to_owned()),
            secret: Some(Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned())),
            channels: vec![PhoneChannel::Zalo],
            quiet: None,
        };
        SmsGateway::new(&settings).expect("a gateway")
    }

    #[test]
    fn the_signature_is_that_of_the_standard() {
        // The example of the specification.
        let key = gateway().key().expect("a key");
        let signed = sign(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_message_has_the_number_of_the_world_and_a_text_without_diacritics_too() {
        assert_eq!(international("0912345678"), "+84912345678");
        assert_eq!(without_diacritics("Đã có kết quả, mời bạn đến nhận"), "Da co ket qua, moi ban den nhan");
        let written = WrittenText {
            text: "Mã: 1".to_owned(),
            template: "code-phone".to_owned(),
            parameters: vec![("code", "1".into())],
        };
        let message = PhoneMessage {
            id: "a.1".to_owned(),
            channel: PhoneChannel::Zalo,
            to: "0912345678".to_owned(),
            language: Language::Vi,
            written,
        };
        let body: Json = serde_json::from_str(&body_of(&message, Timestamp::UNIX_EPOCH)).expect("JSON");
        assert_eq!((&body["type"], &body["data"]["channel"]), (&json!("message"), &json!("zalo")));
        assert_eq!((&body["data"]["to"], &body["data"]["plain"]), (&json!("+84912345678"), &json!("Ma: 1")));
        assert_eq!(body["data"]["parameters"], json!({ "code": "1" }));
        assert!(!format!("{message:?}").contains("Mã"), "a code is not printed");
    }

    #[test]
    fn each_answer_has_one_meaning_and_names_no_number() {
        let answered = |status: u16, body: &str| {
            let answer = PostAnswer { status, body: body.as_bytes().to_vec() };
            gateway().judged(&answer, "0912345678")
        };
        for (status, body, word) in [
            (202, "", "sent"),
            (409, "", "sent"),
            (422, r#"{"refused": "number", "why": "+84912345678 is unknown"}"#, "address-refused"),
            (422, r#"{"refused": "text"}"#, "mail-refused"),
            (400, "<html>", "mail-refused"),
            (500, "", "later"),
            (301, "", "no-server"),
            (401, "", "no-server"),
            (429, "", "no-server"),
            (503, "", "no-server"),
        ] {
            let outcome = answered(status, body);
            assert_eq!(outcome.word(), word, "{status} {body}");
            let why = outcome.to_string();
            assert!(!why.contains("912345678") && !why.contains("very-secret"), "{why}");
        }
    }

    #[test]
    fn a_wish_that_the_gateway_does_not_know_becomes_its_first_way() {
        for wish in [None, Some(PhoneChannel::Sms), Some(PhoneChannel::Zalo)] {
            assert_eq!(gateway().channel(wish), PhoneChannel::Zalo);
        }
    }
}
