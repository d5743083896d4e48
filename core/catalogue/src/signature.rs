//! Signatures in the form of minisign.

use std::io::Cursor;

/// Returns whether the text is the line of a public key of minisign.
pub fn is_public_key(text: &str) -> bool {
    minisign::PublicKey::from_base64(text).is_ok()
}

/// The reason why a signature does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnsignedPackage {
    #[error("packages must be signed here, and no signature came with it; send the .minisig file too")]
    Missing,
    #[error("the signature cannot be read: {0}")]
    Unreadable(String),
    #[error("none of the trusted keys made this signature for these bytes")]
    Untrusted,
}

/// Returns the trusted key that signed `bytes`. Returns `None` if no signature is required and none was passed.
pub fn signer(bytes: &[u8], signature: Option<&str>, trusted: &[String]) -> Result<Option<String>, UnsignedPackage> {
    let Some(signature) = signature.filter(|text| !text.trim().is_empty()) else {
        return if trusted.is_empty() { Ok(None) } else { Err(UnsignedPackage::Missing) };
    };
    let read = minisign::SignatureBox::from_string(signature.trim());
    let signature = read.map_err(|error| UnsignedPackage::Unreadable(error.to_string()))?;
    let signed = |key: &&String| {
        let key = minisign::PublicKey::from_base64(key);
        key.is_ok_and(|key| minisign::verify(&key, &signature, Cursor::new(bytes), true, false, false).is_ok())
    };
    trusted.iter().find(signed).cloned().map(Some).ok_or(UnsignedPackage::Untrusted)
}
