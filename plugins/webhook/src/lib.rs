//! Notifies another system of the events of a dossier, in the form of Standard Webhooks 1.0
//! (<https://www.standardwebhooks.com>). The body is signed with a secret that both know.
//!
//! Settings: `url`, and `secret`, the name of a granted secret (by default `webhook`), whose value is that of Standard
//! Webhooks: `whsec_` and base64. The grant names the origin, the method POST and the headers `content-type`,
//! `webhook-id`, `webhook-timestamp` and `webhook-signature`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use motcua_plugin_sdk::{Connect, Event, NotSent, Request, Trouble, export, log, send};
use serde_json::json;
use sha2::Sha256;

/// The plugin.
#[derive(Debug)]
pub struct Webhook;

impl Connect for Webhook {
    fn connect(event: &Event) -> Result<(), Trouble> {
        let request = request(event).map_err(Trouble::Never)?;
        match send(&request) {
            Ok(answer) if (200..300).contains(&answer.status) => {
                log(&format!("{} {}: {}", event.kind, event.id, answer.status));
                Ok(())
            }
            // Gone: the receiver wants no further events.
            Ok(answer) if answer.status == 410 => Err(Trouble::Never("the receiver answered 410".to_owned())),
            Ok(answer) => Err(Trouble::Again(format!("the receiver answered {}", answer.status))),
            Err(NotSent::Refused(why)) => Err(Trouble::Never(why)),
            Err(NotSent::Unreachable(why)) => Err(Trouble::Again(why)),
            // The portal returns this only for an answer with a status of success. Another status is unreachable.
            Err(NotSent::TooLarge) => Ok(()),
        }
    }
}

/// Returns the request with the event.
fn request(event: &Event) -> Result<Request, String> {
    let url = event.settings["url"].as_str().ok_or("the setting `url` is missing")?;
    let name = event.settings["secret"].as_str().unwrap_or("webhook");
    let secret = event.secrets.get(name).ok_or_else(|| format!("the secret `{name}` is not granted"))?;
    let key = secret.strip_prefix("whsec_").and_then(|secret| STANDARD.decode(secret).ok());
    let key = key.ok_or_else(|| format!("the secret `{name}` is not whsec_ and base64"))?;
    let body = json!({ "type": event.kind, "timestamp": event.at, "data": event.dossier }).to_string();
    let signature = sign(&key, &event.id, event.timestamp, &body)?;
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("webhook-id", event.id.clone()),
        ("webhook-timestamp", event.timestamp.to_string()),
        ("webhook-signature", signature),
    ];
    Ok(Request {
        method: "POST".to_owned(),
        url: url.to_owned(),
        headers: headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        body: body.into_bytes(),
    })
}

fn sign(key: &[u8], id: &str, timestamp: i64, body: &str) -> Result<String, String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|error| error.to_string())?;
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    Ok(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

export!(Webhook: Connect);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_standard() {
        // The example of the specification.
        let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("base64");
        let signed = sign(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signed.as_deref(), Ok("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }

    #[test]
    fn what_is_missing_is_named_and_never_tried_again() {
        let mut event = Event::default();
        assert_eq!(request(&event), Err("the setting `url` is missing".to_owned()));
        event.settings = json!({ "url": "https://a.example.vn/hook" });
        assert_eq!(request(&event), Err("the secret `webhook` is not granted".to_owned()));
        event.secrets.insert("webhook".to_owned(), "plain".to_owned());
        assert_eq!(request(&event), Err("the secret `webhook` is not whsec_ and base64".to_owned()));
        event.secrets.insert("webhook".to_owned(), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned());
        let request = request(&event).expect("a request");
        assert_eq!((request.method.as_str(), request.url.as_str()), ("POST", "https://a.example.vn/hook"));
    }
}
