//! The check of an ID token.

use crate::ProviderError;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use openidconnect::core::{CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use openidconnect::{ClaimsVerificationError, ClientId, IssuerUrl, Nonce, SignatureVerificationError};
use serde_json::{Map, Value};

/// The most by which the clocks of the portal and of a provider differ, in seconds.
const SKEW: i64 = 60;

/// The oldest ID token that is taken, in seconds. A log-in takes no longer.
const OLDEST: i64 = 15 * 60;

/// The algorithms of signatures that are taken. All of them need a key that only the provider has, so the public key of
/// a provider is never the secret of a signature.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 8] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
];

/// The check of an ID token with these keys.
pub struct KeyedCheck<'a> {
    pub client_id: &'a str,
    pub issuer: &'a IssuerUrl,
    pub keys: &'a CoreJsonWebKeySet,
    /// The current time in seconds since 1970.
    pub now: i64,
}

impl KeyedCheck<'_> {
    /// Checks the signature, the issuer, the audience, the times and the nonce. Returns the assurance level.
    pub fn check(&self, token: &CoreIdToken, nonce: &str) -> Result<Option<String>, ClaimsVerificationError> {
        let now = self.now;
        let earlier = DateTime::from_timestamp(now - SKEW, 0).unwrap_or_default();
        let client = ClientId::new(self.client_id.to_owned());
        // A verifier without a secret takes no signature that was made with a shared one.
        let verifier: CoreIdTokenVerifier<'_> =
            CoreIdTokenVerifier::new_public_client(client, self.issuer.clone(), self.keys.clone())
                .set_allowed_algs(ALGORITHMS)
                .set_time_fn(move || earlier)
                .set_issue_time_verifier_fn(move |issued| is_fresh(issued.timestamp(), now));
        let nonce = Nonce::new(nonce.to_owned());
        let claims = token.claims(&verifier, &nonce)?;
        if claims.authorized_party().is_some_and(|party| party.as_str() != self.client_id) {
            let reason = "the ID token was made for another client".to_owned();
            return Err(ClaimsVerificationError::InvalidAudience(reason));
        }
        Ok(claims.auth_context_ref().map(|level| level.as_str().to_owned()))
    }
}

/// Checks the moment at which a token was issued.
fn is_fresh(issued: i64, now: i64) -> Result<(), String> {
    if (now - OLDEST..=now + SKEW).contains(&issued) { Ok(()) } else { Err("it was not issued now".to_owned()) }
}

/// Returns whether no known key has signed the token.
pub const fn lacks_key(error: &ClaimsVerificationError) -> bool {
    matches!(error, ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey))
}

/// Returns the claims of an ID token that was checked.
pub fn claims(token: &str) -> Result<Map<String, Value>, ProviderError> {
    let payload = token.split('.').nth(1).unwrap_or_default();
    let unreadable = || ProviderError::Rejected("the claims cannot be read".to_owned());
    let bytes = URL_SAFE_NO_PAD.decode(payload).map_err(|_| unreadable())?;
    serde_json::from_slice(&bytes).map_err(|_| unreadable())
}

#[cfg(test)]
mod tests {
    use super::{OLDEST, SKEW, claims, is_fresh};

    #[test]
    fn a_token_is_taken_if_it_was_issued_now_by_clocks_that_differ_a_little() {
        let now = 1_795_500_000;
        for issued in [now, now + SKEW, now - SKEW, now - OLDEST] {
            assert_eq!(is_fresh(issued, now), Ok(()), "{issued}");
        }
        for issued in [0, now - OLDEST - 1, now + SKEW + 1, i64::from(u32::MAX)] {
            assert!(is_fresh(issued, now).is_err(), "{issued}");
        }
    }

    #[test]
    fn the_claims_of_a_token_are_its_second_part() {
        let found = claims("e30.eyJzdWIiOiJhbiJ9.c2ln").expect("claims");
        assert_eq!(found.get("sub").and_then(|value| value.as_str()), Some("an"));
        for broken in ["", "a.b", "e30.e30x.", "e30.W10.c2ln"] {
            assert!(claims(broken).is_err(), "{broken}");
        }
    }
}
