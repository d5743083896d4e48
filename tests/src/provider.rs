//! A provider of OpenID Connect inside of a test. It knows one person, signs with its own keys, checks what a provider
//! checks, and misbehaves in the way that the test says.

use axum::Router;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use motcua_service::TimeSource;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use ring::{digest, hmac};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpListener;

/// The name by which the provider knows the portal.
pub const CLIENT: &str = "motcua";

/// The secret of the portal at the provider.
pub const CLIENT_SECRET: &str = "mot chiec la vang";

/// The key with RSA. It signs for this provider and nothing else.
const RSA_KEY: &[u8] = include_bytes!("../fixtures/provider_rsa.der");

/// The modulus of the key with RSA.
const RSA_MODULUS: &str = "yoOTZtS9bx0tIh8G-NjR6643wGat3tTrpb73Yhbest2sxAQrcbwkRtFV2eIaM_BbHMDdX675mWVUgVG3Ys2rvKymHu6ULXH4BhDzAGFxVD4xOnLY_-yfId-S6SSI1dSjXVAOIghtIc-94smfH9LSRMHgmcC7a3MfBet-6Bcl3KZ6-_MkQYsC4QqCDFNrWIqpyBsPFuTvR9jQ-_2yXpR2ftYYz93CafeHRPkx79LmLWqtI6jgnl-ROfPYnBJqPMQKpNkOnidF6vQbeVCSp0drzTJ1mEK3WO8PMmw9kar2Taf3mAbvTWbwBymGfIsaTTyg3lRlOkOHZR1JrsPJGe43Kw";

/// The way in which the provider misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Misdeed {
    #[default]
    None,
    /// The token names another issuer.
    Issuer,
    /// The token was made for another client.
    Audience,
    /// The token was made for the portal and another client.
    MoreAudiences,
    /// The token was given to another client, and names the portal.
    Party,
    /// The token repeats another nonce.
    Nonce,
    /// The token has no nonce.
    NoNonce,
    /// The token expired two minutes ago.
    Expired,
    /// The token is of a day ago and still holds.
    Old,
    /// The token has no signature (`alg: none`).
    Unsigned,
    /// The token is signed by the public key as a shared secret (HS256).
    PublicSecret,
    /// The token is signed by the secret of the portal (HS256).
    ClientSecret,
    /// The token names a key that the provider does not show.
    UnknownKey,
    /// The token names a key that did not sign it.
    ForeignKey,
    /// The browser comes back with another state.
    State,
    /// The answer says that another issuer sent it.
    Sender,
    /// The answer does not say which issuer sent it.
    NoSender,
    /// The person pressed cancel.
    Cancel,
    /// The page about the person is about somebody else.
    Somebody,
    /// The browser is not sent back. The test takes the answer elsewhere.
    Hold,
    /// The provider has a fault.
    Fault,
    /// The provider never answers.
    Mute,
    /// The answer of the token endpoint is endless.
    Flood,
}

/// The algorithm with which the provider signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningAlgorithm {
    Rs256,
    Es256,
}

/// A code that was given out.
#[derive(Debug, Clone)]
struct GivenCode {
    nonce: String,
    challenge: String,
    redirect: String,
}

#[derive(Debug)]
struct ProviderState {
    misdeed: Misdeed,
    algorithm: SigningAlgorithm,
    subject: String,
    acr: Option<String>,
    /// The claims of the ID token.
    claims: Map<String, Value>,
    /// The claims of the page about the person.
    more: Map<String, Value>,
    codes: HashMap<String, GivenCode>,
    given: usize,
    /// The number of the keys. Rotated keys have other names.
    generation: usize,
    /// The times that the keys were asked for.
    keys_asked: usize,
    /// The address of the last answer, from the root of the portal.
    answer: String,
}

struct ProviderKeys {
    rsa: RsaKeyPair,
    ec: EcdsaKeyPair,
    /// A key that the provider does not show.
    hidden: EcdsaKeyPair,
    random: SystemRandom,
}

/// A provider on a free port of this machine. It runs until the test ends.
#[derive(Clone)]
pub struct IdentityProvider {
    issuer: String,
    clock: TimeSource,
    state: Arc<Mutex<ProviderState>>,
    keys: Arc<ProviderKeys>,
}

impl std::fmt::Debug for IdentityProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IdentityProvider").field("state", &self.state).finish_non_exhaustive()
    }
}

fn ec_key(random: &SystemRandom) -> EcdsaKeyPair {
    let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, random).expect("a key");
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, made.as_ref(), random).expect("a key")
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn json_of(value: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

impl IdentityProvider {
    /// Opens a provider with the clock of the portal. It knows nobody yet.
    pub async fn open(clock: TimeSource) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        let random = SystemRandom::new();
        let keys = ProviderKeys {
            rsa: RsaKeyPair::from_der(RSA_KEY).expect("a key"),
            ec: ec_key(&random),
            hidden: ec_key(&random),
            random,
        };
        let state = ProviderState {
            misdeed: Misdeed::None,
            algorithm: SigningAlgorithm::Es256,
            subject: "nobody".to_owned(),
            acr: None,
            claims: Map::new(),
            more: Map::new(),
            codes: HashMap::new(),
            given: 0,
            generation: 1,
            keys_asked: 0,
            answer: String::new(),
        };
        let provider = Self { issuer, clock, state: Arc::new(Mutex::new(state)), keys: Arc::new(keys) };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(describe))
            .route("/keys", get(show_keys))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/person", get(show_person))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        provider
    }

    fn state(&self) -> MutexGuard<'_, ProviderState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the address of the provider.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Returns a table of `motcua.toml` with the provider.
    pub fn settings(&self, id: &str, audience: &str, more: &str) -> String {
        let issuer = &self.issuer;
        format!(
            "\n[[login]]\nid = \"{id}\"\nname = {{ vi = \"Định danh {id}\", en = \"Identity {id}\" }}\n\
             issuer = \"{issuer}\"\nclient_id = \"{CLIENT}\"\nclient_secret = \"{CLIENT_SECRET}\"\nfor = \"{audience}\"\n{more}\n"
        )
    }

    /// Sets the person who logs in from now on, with the claims of the ID token.
    pub fn knows(&self, subject: &str, claims: &Value) {
        let mut state = self.state();
        subject.clone_into(&mut state.subject);
        state.claims = claims.as_object().cloned().unwrap_or_default();
        state.more = Map::new();
    }

    /// Sets the claims of the page about the person, which the ID token lacks.
    pub fn tells_more(&self, claims: &Value) {
        self.state().more = claims.as_object().cloned().unwrap_or_default();
    }

    /// Sets the assurance level of log-ins.
    pub fn assures(&self, acr: Option<&str>) {
        self.state().acr = acr.map(str::to_owned);
    }

    /// Misbehaves from now on.
    pub fn does(&self, misdeed: Misdeed) {
        self.state().misdeed = misdeed;
    }

    /// Signs with another algorithm from now on.
    pub fn signs_with(&self, algorithm: SigningAlgorithm) {
        self.state().algorithm = algorithm;
    }

    /// Gives the keys other names, as if they were replaced.
    pub fn rotate_keys(&self) {
        self.state().generation += 1;
    }

    /// Returns how often the keys were asked for.
    pub fn keys_asked(&self) -> usize {
        self.state().keys_asked
    }

    /// Returns the last answer: a path of the portal with its query.
    pub fn last_answer(&self) -> String {
        self.state().answer.clone()
    }

    /// Returns the payload of a token.
    fn payload(&self, nonce: &str) -> Map<String, Value> {
        let state = self.state();
        let now = self.clock.now().as_second();
        let (mut issued, mut expires) = (now, now + 300);
        let mut claims = state.claims.clone();
        let mut audience = json!(CLIENT);
        let mut issuer = self.issuer.clone();
        let mut repeated = Some(nonce.to_owned());
        match state.misdeed {
            Misdeed::Issuer => "https://id.example.vn".clone_into(&mut issuer),
            Misdeed::Audience => audience = json!("another"),
            Misdeed::MoreAudiences => audience = json!([CLIENT, "another"]),
            Misdeed::Party => drop(claims.insert("azp".to_owned(), json!("another"))),
            Misdeed::Nonce => repeated = Some("another".to_owned()),
            Misdeed::NoNonce => repeated = None,
            Misdeed::Expired => (issued, expires) = (now - 300, now - 120),
            Misdeed::Old => issued = now - 24 * 60 * 60,
            _ => {}
        }
        claims.insert("iss".to_owned(), json!(issuer));
        claims.insert("sub".to_owned(), json!(state.subject));
        claims.insert("aud".to_owned(), audience);
        claims.insert("iat".to_owned(), json!(issued));
        claims.insert("exp".to_owned(), json!(expires));
        if let Some(nonce) = repeated {
            claims.insert("nonce".to_owned(), json!(nonce));
        }
        if let Some(acr) = &state.acr {
            claims.insert("acr".to_owned(), json!(acr));
        }
        claims
    }

    fn id_token(&self, nonce: &str) -> String {
        let payload = encoded(Value::Object(self.payload(nonce)).to_string());
        let (misdeed, algorithm, generation) = {
            let state = self.state();
            (state.misdeed, state.algorithm, state.generation)
        };
        let (name, kind) = match algorithm {
            SigningAlgorithm::Rs256 => ("RS256", "rsa"),
            SigningAlgorithm::Es256 => ("ES256", "ec"),
        };
        let head = match misdeed {
            Misdeed::Unsigned => json!({ "alg": "none" }),
            Misdeed::PublicSecret | Misdeed::ClientSecret => {
                json!({ "alg": "HS256", "kid": format!("{kind}-{generation}") })
            }
            Misdeed::UnknownKey => json!({ "alg": "ES256", "kid": "hidden" }),
            Misdeed::ForeignKey => json!({ "alg": "ES256", "kid": format!("ec-{generation}") }),
            _ => json!({ "alg": name, "kid": format!("{kind}-{generation}"), "typ": "JWT" }),
        };
        let signed = format!("{}.{payload}", encoded(head.to_string()));
        let signature = self.sign(misdeed, algorithm, signed.as_bytes());
        format!("{signed}.{}", encoded(signature))
    }

    fn sign(&self, misdeed: Misdeed, algorithm: SigningAlgorithm, text: &[u8]) -> Vec<u8> {
        let ProviderKeys { rsa, ec, hidden, random } = &*self.keys;
        let shared = |secret: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), text).as_ref().to_vec();
        match (misdeed, algorithm) {
            (Misdeed::Unsigned, _) => Vec::new(),
            (Misdeed::PublicSecret, _) => shared(rsa.public_key().as_ref()),
            (Misdeed::ClientSecret, _) => shared(CLIENT_SECRET.as_bytes()),
            (Misdeed::UnknownKey | Misdeed::ForeignKey, _) => {
                hidden.sign(random, text).expect("it signs").as_ref().to_vec()
            }
            (_, SigningAlgorithm::Es256) => ec.sign(random, text).expect("it signs").as_ref().to_vec(),
            (_, SigningAlgorithm::Rs256) => {
                let mut signature = vec![0; rsa.public().modulus_len()];
                rsa.sign(&RSA_PKCS1_SHA256, random, text, &mut signature).expect("it signs");
                signature
            }
        }
    }

    /// Answers nothing, or with a fault, if the test says so.
    async fn may_fail(&self) -> Result<(), StatusCode> {
        let misdeed = self.state().misdeed;
        match misdeed {
            Misdeed::Mute => pending().await,
            Misdeed::Fault => Err(StatusCode::INTERNAL_SERVER_ERROR),
            _ => Ok(()),
        }
    }
}

async fn describe(State(provider): State<IdentityProvider>) -> Result<Response, StatusCode> {
    provider.may_fail().await?;
    let issuer = provider.issuer();
    Ok(json_of(&json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "userinfo_endpoint": format!("{issuer}/person"),
        "end_session_endpoint": format!("{issuer}/end"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
        "authorization_response_iss_parameter_supported": true,
        "code_challenge_methods_supported": ["S256"],
    })))
}

async fn show_keys(State(provider): State<IdentityProvider>) -> Result<Response, StatusCode> {
    provider.may_fail().await?;
    let generation = {
        let mut state = provider.state();
        state.keys_asked += 1;
        state.generation
    };
    let point: &[u8] = provider.keys.ec.public_key().as_ref();
    let (x, y) = point.get(1..).expect("a point").split_at(32);
    Ok(json_of(&json!({ "keys": [
        { "kty": "RSA", "use": "sig", "alg": "RS256", "kid": format!("rsa-{generation}"), "n": RSA_MODULUS, "e": "AQAB" },
        { "kty": "EC", "use": "sig", "alg": "ES256", "kid": format!("ec-{generation}"), "crv": "P-256",
          "x": encoded(x), "y": encoded(y) },
    ] })))
}

async fn authorize(
    State(provider): State<IdentityProvider>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, StatusCode> {
    let asked_for = |name: &str| asked.get(name).cloned().ok_or(StatusCode::BAD_REQUEST);
    let is_right = asked_for("client_id")? == CLIENT
        && asked_for("response_type")? == "code"
        && asked_for("code_challenge_method")? == "S256"
        && asked_for("scope")?.split(' ').any(|scope| scope == "openid");
    if !is_right {
        return Err(StatusCode::BAD_REQUEST);
    }
    let redirect = asked_for("redirect_uri")?;
    let given =
        GivenCode { nonce: asked_for("nonce")?, challenge: asked_for("code_challenge")?, redirect: redirect.clone() };
    let state_of_browser = asked_for("state")?;
    let mut state = provider.state();
    state.given += 1;
    let code = format!("code-{}", state.given);
    state.codes.insert(code.clone(), given);
    let mut answer: Vec<(&str, &str)> = vec![("code", code.as_str()), ("state", state_of_browser.as_str())];
    match state.misdeed {
        Misdeed::State => answer = vec![("code", code.as_str()), ("state", "another"), ("iss", provider.issuer())],
        Misdeed::Sender => answer.push(("iss", "https://id.example.vn")),
        Misdeed::NoSender => {}
        Misdeed::Cancel => {
            answer = vec![("error", "access_denied"), ("state", state_of_browser.as_str()), ("iss", provider.issuer())];
        }
        _ => answer.push(("iss", provider.issuer())),
    }
    // Everything that goes back is plain, except for the issuer.
    let query: Vec<String> = answer
        .iter()
        .map(|(name, value)| format!("{name}={}", value.replace(':', "%3A").replace('/', "%2F")))
        .collect();
    let address = format!("{redirect}?{}", query.join("&"));
    let path = address.splitn(4, '/').nth(3).unwrap_or_default();
    state.answer = format!("/{path}");
    if state.misdeed == Misdeed::Hold { Ok("held".into_response()) } else { Ok(Redirect::to(&address).into_response()) }
}

async fn token(
    State(provider): State<IdentityProvider>,
    headers: HeaderMap,
    Form(sent): Form<HashMap<String, String>>,
) -> Result<Response, StatusCode> {
    provider.may_fail().await?;
    let refused = |error: &str| {
        let body = json!({ "error": error }).to_string();
        (StatusCode::BAD_REQUEST, [(header::CONTENT_TYPE, "application/json")], body).into_response()
    };
    // The secret is encoded as a field of a form is, with `+` for blanks.
    let secret = CLIENT_SECRET.replace(' ', "+");
    let expected = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{secret}")));
    let known = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()) == Some(expected.as_str());
    if !known {
        return Ok(refused("invalid_client"));
    }
    let sent = |name: &str| sent.get(name).cloned().unwrap_or_default();
    // A code is good once.
    let given = provider.state().codes.remove(&sent("code"));
    let verifier = digest::digest(&digest::SHA256, sent("code_verifier").as_bytes());
    let given = given.filter(|given| {
        sent("grant_type") == "authorization_code"
            && sent("redirect_uri") == given.redirect
            && encoded(verifier) == given.challenge
    });
    let Some(given) = given else { return Ok(refused("invalid_grant")) };
    let mut answer = json!({
        "access_token": "access",
        "token_type": "Bearer",
        "expires_in": 300,
        "id_token": provider.id_token(&given.nonce),
    });
    if provider.state().misdeed == Misdeed::Flood {
        answer["more"] = json!("x".repeat(1 << 20));
    }
    Ok(json_of(&answer))
}

async fn show_person(State(provider): State<IdentityProvider>, headers: HeaderMap) -> Result<Response, StatusCode> {
    provider.may_fail().await?;
    if headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()) != Some("Bearer access") {
        return Err(StatusCode::UNAUTHORIZED);
    }
    let state = provider.state();
    let mut claims = state.more.clone();
    let subject = if state.misdeed == Misdeed::Somebody { "somebody" } else { state.subject.as_str() };
    claims.insert("sub".to_owned(), json!(subject));
    Ok(json_of(&Value::Object(claims)))
}
