//! A provider: its description and its keys, which are fetched when they are needed, and the two halves of a log-in.

use crate::check::{self, KeyedCheck};
use crate::http::{NoAnswer, ProviderHttp};
use crate::{BegunLogin, ProvenPerson, ProviderError, ProviderSetup, ReturnedAnswer};
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreJsonWebKeySet, CoreProviderMetadata};
use openidconnect::url::{Host, Url};
use openidconnect::{
    AuthType, AuthenticationContextClass, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret,
    CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, Nonce, OAuth2TokenResponse as _,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, TokenResponse as _,
};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The time for which a description of a provider holds, in seconds: an hour.
const HOLDS: i64 = 60 * 60;

/// The time for which a provider that did not answer is left alone, in seconds.
const LEFT_ALONE: i64 = 30;

/// The shortest time between two fetches of the keys because of a key that is not known, in seconds.
const BETWEEN_KEYS: i64 = 60;

/// The longest subject, in bytes.
const LONGEST_SUBJECT: usize = 255;

/// The most signs of words of a provider or of a browser that the log of the process shows.
const MOST_OF_WORDS: usize = 200;

/// A client of the protocol, as the description of a provider makes it.
type ProtocolClient =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// The part of a provider's description that the crate of the protocol does not read, or reads into other types.
#[derive(Debug, Clone, Deserialize)]
struct OwnMetadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    userinfo_endpoint: Option<String>,
    #[serde(default)]
    end_session_endpoint: Option<String>,
    /// Every answer names the issuer (RFC 9207).
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

impl OwnMetadata {
    /// Returns whether the provider takes the secret of the portal in the body of a request, and not in its head.
    fn wants_secret_in_body(&self) -> bool {
        let Some(methods) = &self.token_endpoint_auth_methods_supported else { return false };
        let takes = |name: &str| methods.iter().any(|method| method == name);
        takes("client_secret_post") && !takes("client_secret_basic")
    }

    /// Returns the addresses to which the portal or a browser is sent.
    fn addresses(&self) -> impl Iterator<Item = &String> {
        let needed = [&self.authorization_endpoint, &self.token_endpoint, &self.jwks_uri];
        needed.into_iter().chain(&self.userinfo_endpoint).chain(&self.end_session_endpoint)
    }
}

/// A description with its keys.
#[derive(Debug, Clone)]
struct FoundProvider {
    metadata: CoreProviderMetadata,
    own: OwnMetadata,
    keys: CoreJsonWebKeySet,
    at: i64,
}

/// The knowledge of a provider.
#[derive(Debug, Default)]
struct ProviderMemory {
    found: Option<Arc<FoundProvider>>,
    /// The moment at which the provider gave no answer, unless it has answered since.
    failed_at: Option<i64>,
    /// The moment at which the keys were fetched again.
    keys_at: Option<i64>,
}

/// A provider at which people log in.
#[derive(Debug)]
pub struct LoginProvider {
    setup: ProviderSetup,
    http: ProviderHttp,
    memory: Mutex<ProviderMemory>,
}

impl From<NoAnswer> for ProviderError {
    fn from(reason: NoAnswer) -> Self {
        Self::Down(reason.to_string())
    }
}

/// Returns whether a moment lies in the seconds before `now`.
fn is_recent(at: Option<i64>, now: i64, seconds: i64) -> bool {
    at.is_some_and(|at| (0..seconds).contains(&(now - at)))
}

/// Returns words of somebody else in the form in which the log of the process shows them: short, and without signs that
/// could begin another line.
fn in_the_log(words: &str) -> String {
    words.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(MOST_OF_WORDS).collect()
}

/// Returns the error of a token that was checked. It may repeat words of the token.
fn not_accepted(error: ClaimsVerificationError) -> ProviderError {
    ProviderError::Rejected(in_the_log(&error.to_string()))
}

/// Returns whether a text can be a subject. OpenID Connect bounds its length.
fn is_subject(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST_SUBJECT && !text.chars().any(char::is_control)
}

/// Returns whether the portal and browsers may be sent to an address of a provider. Without encryption it is on this
/// machine, as the provider itself is.
fn is_safe(address: &str, is_plain: bool) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (is_plain && is_here && url.scheme() == "http")
}

impl LoginProvider {
    /// Returns a provider that nobody has asked yet.
    pub fn new(setup: ProviderSetup) -> Self {
        Self { setup, http: ProviderHttp::new(), memory: Mutex::default() }
    }

    /// Returns whether the provider gave no answer a moment ago.
    pub fn is_down(&self, now: i64) -> bool {
        is_recent(self.memory().failed_at, now, LEFT_ALONE)
    }

    /// Begins a log-in. The time is in seconds since 1970.
    pub fn begin(&self, now: i64) -> Result<BegunLogin, ProviderError> {
        let found = self.found(now)?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client = self.client(&found)?;
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let mut request = client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .set_pkce_challenge(challenge)
            .add_scopes(self.setup.scopes.iter().cloned().map(Scope::new));
        for value in &self.setup.acr_values {
            request = request.add_auth_context_value(AuthenticationContextClass::new(value.clone()));
        }
        let (address, state, nonce) = request.url();
        Ok(BegunLogin {
            address: address.to_string(),
            state: state.secret().clone(),
            nonce: nonce.secret().clone(),
            verifier: verifier.secret().clone(),
        })
    }

    /// Checks the answer to a log-in that began with this nonce and this verifier, and returns the person.
    pub fn finish(
        &self,
        answer: &ReturnedAnswer,
        nonce: &str,
        verifier: &str,
        now: i64,
    ) -> Result<ProvenPerson, ProviderError> {
        let found = self.found(now)?;
        self.check_sender(&found, answer)?;
        if let Some(error) = &answer.error {
            return Err(ProviderError::Denied(in_the_log(error)));
        }
        let code = answer.code.clone().ok_or_else(|| ProviderError::Rejected("it has no code".to_owned()))?;
        let send = |request: HttpRequest| self.http.send(request);
        let tokens = self
            .client(&found)?
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| ProviderError::Rejected(error.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()))
            .request(&send)
            .map_err(|error| match error {
                RequestTokenError::Request(reason) => ProviderError::from(reason),
                RequestTokenError::ServerResponse(refusal) => {
                    ProviderError::Rejected(format!("the code was refused: {}", in_the_log(refusal.error().as_ref())))
                }
                // What cannot be read may hold tokens, so it is not repeated.
                _ => ProviderError::Rejected("the answer of the token endpoint cannot be read".to_owned()),
            })?;
        let id_token = tokens.id_token().ok_or_else(|| ProviderError::Rejected("it has no ID token".to_owned()))?;
        let acr = self.checked(&found, id_token, nonce, now)?;
        let mut claims = check::claims(&id_token.to_string())?;
        let subject = claims.get("sub").and_then(Value::as_str).unwrap_or_default().to_owned();
        if !is_subject(&subject) {
            return Err(ProviderError::Rejected("it names no subject that can be kept".to_owned()));
        }
        if self.setup.claims.iter().any(|name| !claims.contains_key(name)) {
            self.add_claims(&found, tokens.access_token().secret(), &subject, &mut claims)?;
        }
        Ok(ProvenPerson { subject, acr, claims })
    }

    /// Returns the address at which a person ends the session at the provider and comes back to `back`, if the provider
    /// has one and was asked before.
    pub fn log_out(&self, back: &str) -> Option<String> {
        let found = self.memory().found.clone()?;
        let mut address = Url::parse(found.own.end_session_endpoint.as_deref()?).ok()?;
        address
            .query_pairs_mut()
            .append_pair("client_id", &self.setup.client_id)
            .append_pair("post_logout_redirect_uri", back);
        Some(address.to_string())
    }

    fn memory(&self) -> MutexGuard<'_, ProviderMemory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the description of the provider, and fetches it if the known one is old.
    fn found(&self, now: i64) -> Result<Arc<FoundProvider>, ProviderError> {
        let known = self.memory().found.clone();
        if let Some(found) = known
            && is_recent(Some(found.at), now, HOLDS)
        {
            return Ok(found);
        }
        if self.is_down(now) {
            return Err(ProviderError::Down("it did not answer a moment ago".to_owned()));
        }
        let found = self.discover(now).map(Arc::new);
        let mut memory = self.memory();
        match found {
            Ok(found) => {
                memory.found = Some(Arc::clone(&found));
                memory.failed_at = None;
                Ok(found)
            }
            Err(error) => {
                memory.failed_at = Some(now);
                Err(error)
            }
        }
    }

    fn discover(&self, now: i64) -> Result<FoundProvider, ProviderError> {
        let issuer = &self.setup.issuer;
        let address = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let text = self.http.get(&address, None)?;
        let unreadable = |error: serde_json::Error| ProviderError::Down(format!("its description: {error}"));
        let own: OwnMetadata = serde_json::from_slice(&text).map_err(unreadable)?;
        if own.issuer != *issuer {
            return Err(ProviderError::Down("its description names another issuer".to_owned()));
        }
        if !own.addresses().all(|address| is_safe(address, issuer.starts_with("http://"))) {
            return Err(ProviderError::Down("its description names an address without https".to_owned()));
        }
        let metadata: CoreProviderMetadata = serde_json::from_slice(&text).map_err(unreadable)?;
        let keys = self.fetch_keys(&own)?;
        Ok(FoundProvider { metadata, own, keys, at: now })
    }

    fn fetch_keys(&self, own: &OwnMetadata) -> Result<CoreJsonWebKeySet, ProviderError> {
        let text = self.http.get(&own.jwks_uri, None)?;
        serde_json::from_slice(&text).map_err(|error| ProviderError::Down(format!("its keys: {error}")))
    }

    fn client(&self, found: &FoundProvider) -> Result<ProtocolClient, ProviderError> {
        let secret = self.setup.client_secret.as_ref().map(|secret| ClientSecret::new(secret.0.clone()));
        let redirect = RedirectUrl::new(self.setup.redirect.clone());
        let redirect = redirect.map_err(|error| ProviderError::Rejected(error.to_string()))?;
        let id = ClientId::new(self.setup.client_id.clone());
        let client = CoreClient::from_provider_metadata(found.metadata.clone(), id, secret).set_redirect_uri(redirect);
        Ok(if found.own.wants_secret_in_body() { client.set_auth_type(AuthType::RequestBody) } else { client })
    }

    /// Checks that the provider itself sent the browser back, and not another one (RFC 9207).
    fn check_sender(&self, found: &FoundProvider, answer: &ReturnedAnswer) -> Result<(), ProviderError> {
        match &answer.issuer {
            Some(issuer) if *issuer == self.setup.issuer => Ok(()),
            Some(_) => Err(ProviderError::Rejected("another issuer answered".to_owned())),
            None if found.own.authorization_response_iss_parameter_supported => {
                Err(ProviderError::Rejected("it does not say which issuer answered".to_owned()))
            }
            None => Ok(()),
        }
    }

    /// Checks an ID token and returns its assurance level. If no known key has signed it, the keys are fetched again, at
    /// most once a minute.
    fn checked(
        &self,
        found: &FoundProvider,
        token: &CoreIdToken,
        nonce: &str,
        now: i64,
    ) -> Result<Option<String>, ProviderError> {
        let check = |keys: &CoreJsonWebKeySet| {
            let issuer = found.metadata.issuer();
            KeyedCheck { client_id: &self.setup.client_id, issuer, keys, now }.check(token, nonce)
        };
        let first = check(&found.keys);
        if !first.as_ref().is_err_and(check::lacks_key) || !self.may_fetch_keys(now) {
            return first.map_err(not_accepted);
        }
        let keys = self.fetch_keys(&found.own)?;
        let second = check(&keys);
        self.memory().found = Some(Arc::new(FoundProvider { keys, ..found.clone() }));
        second.map_err(not_accepted)
    }

    /// Returns whether the keys may be fetched again now, and notes that they are.
    fn may_fetch_keys(&self, now: i64) -> bool {
        let mut memory = self.memory();
        let may = !is_recent(memory.keys_at, now, BETWEEN_KEYS);
        if may {
            memory.keys_at = Some(now);
        }
        may
    }

    /// Adds the claims of the provider's page about the person. A claim of the ID token stays as it is.
    fn add_claims(
        &self,
        found: &FoundProvider,
        access_token: &str,
        subject: &str,
        claims: &mut Map<String, Value>,
    ) -> Result<(), ProviderError> {
        let Some(address) = &found.own.userinfo_endpoint else { return Ok(()) };
        let text = self.http.get(address, Some(access_token))?;
        let more: Map<String, Value> = serde_json::from_slice(&text)
            .map_err(|_| ProviderError::Rejected("the claims of the person cannot be read".to_owned()))?;
        if more.get("sub").and_then(Value::as_str) != Some(subject) {
            return Err(ProviderError::Rejected("the claims are about another person".to_owned()));
        }
        for (name, value) in more {
            claims.entry(name).or_insert(value);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{in_the_log, is_safe, is_subject};

    #[test]
    fn a_subject_is_short_and_a_word_for_the_log_is_plain() {
        assert!(is_subject("an-1") && is_subject(&"a".repeat(255)));
        assert!(!is_subject("") && !is_subject("an\0") && !is_subject(&"a".repeat(256)));
        assert_eq!(in_the_log("access_denied\n\u{1b}[31m2026 fine"), "access_denied[31m2026 fine");
        assert_eq!(in_the_log(&"a".repeat(500)).len(), 200);
    }

    #[test]
    fn an_address_without_encryption_is_taken_only_on_this_machine_from_a_provider_on_it() {
        for plain in [false, true] {
            assert!(is_safe("https://id.example.vn/authorize?a=b", plain));
            for bad in ["http://id.example.vn/keys", "http://10.0.0.1/keys", "javascript:alert(1)", "/keys", ""] {
                assert!(!is_safe(bad, plain), "{bad}");
            }
        }
        for here in ["http://127.0.0.1:4000/keys", "http://[::1]/keys", "http://localhost/keys"] {
            assert!(is_safe(here, true) && !is_safe(here, false), "{here}");
        }
        assert!(!is_safe("http://localhost.example.vn/keys", true));
    }
}
