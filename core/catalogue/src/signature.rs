//! Signatures in the form of minisign.

use motcua_domain::text::Text;
use motcua_domain::{displayed_in_english, text};
use std::io::Cursor;

/// Returns whether the text is the line of a public key of minisign.
pub fn is_public_key(text: &str) -> bool {
    minisign::PublicKey::from_base64(text).is_ok()
}

/// The reason why a signature does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnsignedPackage {
    Missing,
    Unreadable(String),
    /// None of the trusted keys made the signature for these bytes.
    Untrusted,
}

impl UnsignedPackage {
    /// Returns the reason in words.
    pub fn text(&self) -> Text {
        match self {
            Self::Missing => text!(
                "ở đây gói phải được ký, mà không có chữ ký kèm theo; hãy gửi cả tệp .minisig",
                "packages must be signed here, and no signature came with it; send the .minisig file too"
            ),
            Self::Unreadable(why) => text!("không đọc được chữ ký: {why}", "the signature cannot be read: {why}"),
            Self::Untrusted => text!(
                "không khóa đáng tin nào đã ký nội dung này",
                "none of the trusted keys made this signature for these bytes"
            ),
        }
    }
}

displayed_in_english!(UnsignedPackage);

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
