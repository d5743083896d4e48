//! Log-in at a provider of OpenID Connect: the address to which a browser is sent, and the check of the answer with which
//! it comes back. The flow is the authorisation code with PKCE.
//!
//! The crate knows neither accounts nor a database nor pages, and keeps the heavy dependency of the protocol out of the
//! crates that do. Its calls block, and each ends within some seconds. A caller hands the current time over.

mod check;
mod http;
mod provider;

pub use provider::LoginProvider;

use motcua_domain::procedure::plugin::Secret;
use serde_json::{Map, Value};

/// The data by which a provider knows the portal, and the wishes of the portal.
#[derive(Debug, Clone)]
pub struct ProviderSetup {
    /// The address of the provider, exactly as it names itself.
    pub issuer: String,
    pub client_id: String,
    pub client_secret: Option<Secret>,
    /// The scopes beside `openid`.
    pub scopes: Vec<String>,
    /// The assurance levels (`acr`) that the portal asks for, the most wanted first.
    pub acr_values: Vec<String>,
    /// The address of the portal to which the browser comes back.
    pub redirect: String,
    /// The claims that the portal needs. The provider is asked for those that its ID token lacks.
    pub claims: Vec<String>,
}

/// A log-in that has begun: the address of the provider, and the secrets by which its answer is recognised.
#[derive(Debug, Clone)]
pub struct BegunLogin {
    /// The address to which the browser is sent.
    pub address: String,
    /// The value with which the browser comes back.
    pub state: String,
    /// The value that the ID token repeats.
    pub nonce: String,
    /// The secret of PKCE, without which nobody uses the code.
    pub verifier: String,
}

/// The parameters with which a browser came back from a provider. All of them can be forged.
#[derive(Debug, Clone, Default)]
pub struct ReturnedAnswer {
    pub code: Option<String>,
    pub error: Option<String>,
    /// The issuer that answered (RFC 9207).
    pub issuer: Option<String>,
}

/// A person whom a provider recognised.
#[derive(Debug, Clone)]
pub struct ProvenPerson {
    /// The name of the person at the provider, which never changes and means nobody else.
    pub subject: String,
    /// The assurance level of the log-in, in the words of the provider.
    pub acr: Option<String>,
    /// The claims of the ID token, with those of the provider's page about the person.
    pub claims: Map<String, Value>,
}

impl ProvenPerson {
    /// Returns a claim that is a text with something in it.
    pub fn claim(&self, name: &str) -> Option<&str> {
        self.claims.get(name)?.as_str().map(str::trim).filter(|text| !text.is_empty())
    }

    /// Returns whether the provider says that it has not verified a claim, as `phone_number_verified` does.
    pub fn denies(&self, name: &str) -> bool {
        self.claims.get(&format!("{name}_verified")).and_then(Value::as_bool) == Some(false)
    }
}

/// The reason why a provider brought nobody in.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// The provider gave no usable answer in time.
    #[error("the provider is not available: {0}")]
    Down(String),
    /// The provider says that the person was not recognised, such as after a press on cancel.
    #[error("the provider refused the log-in: {0}")]
    Denied(String),
    /// The answer breaks a rule of the protocol, and may be forged.
    #[error("the answer is not accepted: {0}")]
    Rejected(String),
}

#[cfg(test)]
mod tests {
    use super::ProvenPerson;
    use serde_json::json;

    #[test]
    fn a_claim_is_denied_if_the_provider_says_that_it_is_not_verified() {
        let claims = json!({ "name": " An ", "phone": "0912345678", "phone_verified": false, "mail_verified": true });
        let claims = claims.as_object().cloned().expect("claims");
        let person = ProvenPerson { subject: "an-1".to_owned(), acr: None, claims };
        assert_eq!((person.claim("name"), person.claim("mail")), (Some("An"), None));
        assert!(person.denies("phone") && !person.denies("mail") && !person.denies("name"));
    }
}
