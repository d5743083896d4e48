//! Signed notes (C2SP signed-note): a text, an empty line, and lines with Ed25519 signatures of the text.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, KeypairBytes, spki::der::pem::LineEnding};
use ed25519_dalek::{Signature, Signer as _, VerifyingKey};
use sha2::{Digest as _, Sha256};
use std::{fmt, str::FromStr};

/// The signature type of Ed25519 in key ids and keys.
const ED25519: u8 = 0x01;
/// The beginning of a signature line: an em dash and a space.
const DASH: &str = "\u{2014} ";
/// The largest note that is read, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// The reason why a name, text or file is not a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAKey {
    #[error("a key name must not be empty and must not contain spaces or plus signs")]
    Name,
    #[error("the text is not an Ed25519 key of the form name+id+key")]
    Form,
    #[error("the id does not belong to the name and the key")]
    Id,
    #[error("the key is weak: it accepts signatures that nobody made")]
    Weak,
    #[error("the file is not an Ed25519 key in PKCS#8 PEM: {0}")]
    Pem(String),
}

/// The reason why a note is not trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    #[error("the text is not a signed note")]
    Form,
    #[error("the note is signed by {signers}, which is not a known key")]
    Stranger { signers: String },
    #[error("the signature of {key} does not belong to the text")]
    Wrong { key: String },
}

/// A public key of a log, with its name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VerifierKey {
    name: String,
    id: u32,
    key: VerifyingKey,
}

impl VerifierKey {
    /// Returns the key under a name and computes its id.
    pub fn new(name: &str, key: VerifyingKey) -> Result<Self, NotAKey> {
        if !is_name(name) {
            return Err(NotAKey::Name);
        }
        if key.is_weak() {
            return Err(NotAKey::Weak);
        }
        let hash = Sha256::new().chain_update(name).chain_update([b'\n', ED25519]).chain_update(key.as_bytes());
        let [a, b, c, d, ..]: [u8; 32] = hash.finalize().into();
        Ok(Self { name: name.to_owned(), id: u32::from_be_bytes([a, b, c, d]), key })
    }

    /// Returns the name of the key.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the id of the key: the beginning of a hash of name and key.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Returns the key without its name.
    pub fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// Returns whether the signature belongs to the text.
    fn verifies(&self, text: &str, signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_strict(text.as_bytes(), &signature).is_ok())
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = BASE64_STANDARD.encode([&[ED25519][..], &self.key.as_bytes()[..]].concat());
        write!(f, "{}+{key}", key_label(&self.name, self.id))
    }
}

impl FromStr for VerifierKey {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(_), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NotAKey::Form);
        };
        let bytes = BASE64_STANDARD.decode(key).map_err(|_| NotAKey::Form)?;
        let [ED25519, key @ ..] = bytes.as_slice() else { return Err(NotAKey::Form) };
        let key = VerifyingKey::try_from(key).map_err(|_| NotAKey::Form)?;
        let key = Self::new(name, key)?;
        if key.to_string() == text { Ok(key) } else { Err(NotAKey::Id) }
    }
}

/// A private key of a log, with its name.
#[derive(Clone)]
pub struct SigningKey {
    key: ed25519_dalek::SigningKey,
    verifier: VerifierKey,
}

impl SigningKey {
    /// Reads a key in PKCS#8 PEM, for example from `openssl genpkey -algorithm ed25519`.
    pub fn from_pem(name: &str, pem: &str) -> Result<Self, NotAKey> {
        let key = ed25519_dalek::SigningKey::from_pkcs8_pem(pem).map_err(|error| NotAKey::Pem(error.to_string()))?;
        Self::new(name, key)
    }

    /// Returns the key of these 32 secret bytes.
    pub fn from_seed(name: &str, seed: [u8; 32]) -> Result<Self, NotAKey> {
        Self::new(name, ed25519_dalek::SigningKey::from_bytes(&seed))
    }

    fn new(name: &str, key: ed25519_dalek::SigningKey) -> Result<Self, NotAKey> {
        Ok(Self { verifier: VerifierKey::new(name, key.verifying_key())?, key })
    }

    /// Returns the key in PKCS#8 PEM. The text is secret.
    ///
    /// The text does not contain the public key, because OpenSSL does not read that form.
    pub fn to_pem(&self) -> Result<String, NotAKey> {
        let bytes = KeypairBytes { secret_key: self.key.to_bytes(), public_key: None };
        let pem = bytes.to_pkcs8_pem(LineEnding::LF).map_err(|error| NotAKey::Pem(error.to_string()))?;
        Ok(pem.as_str().to_owned())
    }

    /// Returns the public key.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("verifier", &self.verifier).finish_non_exhaustive()
    }
}

/// Returns the note with the text and its signature.
///
/// [`open`] accepts the note only if the text ends with a newline and contains no other control characters.
pub fn sign(text: &str, key: &SigningKey) -> String {
    let signature: Signature = key.key.sign(text.as_bytes());
    let bytes = [&key.verifier.id.to_be_bytes()[..], &signature.to_bytes()[..]].concat();
    let signature = BASE64_STANDARD.encode(bytes);
    format!("{text}\n{DASH}{} {signature}\n", key.verifier.name)
}

/// Verifies the note and returns its text and the first known key that signed it.
///
/// The function ignores signatures of unknown keys. It rejects the note if a signature of a known key is wrong.
pub fn open<'n>(note: &'n str, known: &[VerifierKey]) -> Result<(&'n str, VerifierKey), NotSigned> {
    let (text, lines) = parts(note).ok_or(NotSigned::Form)?;
    let mut signed_by = None;
    for line in &lines {
        let Some(key) = known.iter().find(|key| key.name == line.name && key.id == line.id) else { continue };
        if !key.verifies(text, &line.signature) {
            return Err(NotSigned::Wrong { key: key_label(line.name, line.id) });
        }
        signed_by = signed_by.or(Some(key));
    }
    let Some(key) = signed_by else {
        let signers: Vec<_> = lines.iter().map(|line| key_label(line.name, line.id)).collect();
        return Err(NotSigned::Stranger { signers: signers.join(", ") });
    };
    Ok((text, key.clone()))
}

/// A signature of a note.
struct SignatureLine<'n> {
    name: &'n str,
    id: u32,
    signature: Vec<u8>,
}

/// Splits a note into its text and its signatures.
fn parts(note: &str) -> Option<(&str, Vec<SignatureLine<'_>>)> {
    if note.len() > MAX_BYTES || note.chars().any(|c| c < ' ' && c != '\n') {
        return None;
    }
    let (text, lines) = note.split_at(note.rfind("\n\n")? + 1);
    let lines = lines.strip_prefix('\n')?.strip_suffix('\n')?;
    Some((text, lines.split('\n').map(signature_line).collect::<Option<_>>()?))
}

/// Reads a signature line.
fn signature_line(line: &str) -> Option<SignatureLine<'_>> {
    let (name, signature) = line.strip_prefix(DASH)?.split_once(' ')?;
    let bytes = BASE64_STANDARD.decode(signature).ok()?;
    let (id, signature) = bytes.split_first_chunk::<4>()?;
    let line = SignatureLine { name, id: u32::from_be_bytes(*id), signature: signature.to_vec() };
    (is_name(name) && !signature.is_empty()).then_some(line)
}

/// Returns whether the text can be the name of a key.
fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

/// Returns name and id of a key as they appear in its text form.
fn key_label(name: &str, id: u32) -> String {
    format!("{name}+{id:08x}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::slice::from_ref;

    const EXAMPLE_KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    const EXAMPLE_NOTE: &str = concat!(
        "This is an example message.\n\n",
        "\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72",
        "IneyaQM=\n"
    );
    const RFC_8410: &str = concat!(
        "-----BEGIN PRIVATE KEY-----\n",
        "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n",
        "-----END PRIVATE KEY-----\n"
    );

    fn key(name: &str, seed: u8) -> SigningKey {
        SigningKey::from_seed(name, [seed; 32]).unwrap()
    }

    #[test]
    fn the_example_of_the_specification_is_verified() {
        let key: VerifierKey = EXAMPLE_KEY.parse().unwrap();
        assert_eq!((key.name(), key.id(), key.to_string()), ("example.com/foo", 0x530d_903a, EXAMPLE_KEY.to_owned()));
        assert_eq!(open(EXAMPLE_NOTE, from_ref(&key)), Ok(("This is an example message.\n", key.clone())));
    }

    #[test]
    fn a_key_is_read_and_written_as_openssl_writes_it() {
        let key = SigningKey::from_pem("log", RFC_8410).unwrap();
        let public = "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1";
        assert_eq!(hex::encode(key.verifier().key().as_bytes()), public);
        assert_eq!(key.to_pem().unwrap(), RFC_8410);
        assert!(matches!(SigningKey::from_pem("log", public), Err(NotAKey::Pem(_))));
    }

    #[test]
    fn a_private_key_does_not_print_its_secret() {
        let printed = format!("{:?} {0:#?}", key("log", 7));
        assert!(printed.contains("log") && !printed.contains("7, 7, 7") && !printed.contains("070707"), "{printed}");
    }

    #[test]
    fn only_the_canonical_text_is_a_key() {
        let text = key("log", 1).verifier().to_string();
        assert_eq!(text.parse::<VerifierKey>().unwrap().to_string(), text);
        for changed in [
            String::new(),
            "log".to_owned(),
            text.replace("log", "loh"),
            text.replace("log", ""),
            text.replace("log", "lo g"),
            text.to_uppercase(),
            format!("{text} "),
            format!("log+00000000+{}", text.rsplit('+').next().unwrap()),
        ] {
            assert!(changed.parse::<VerifierKey>().is_err(), "{changed}");
        }
        for name in ["", "a b", "a+b", "a\u{a0}b", "a\nb"] {
            assert_eq!(SigningKey::from_seed(name, [1; 32]).err(), Some(NotAKey::Name), "{name}");
        }
    }

    #[test]
    fn a_note_is_opened_with_the_key_that_signed_it() {
        let (ours, other) = (key("log", 1), key("log", 2));
        let note = sign("one\n\ntwo\n", &ours);
        let known = [other.verifier().clone(), ours.verifier().clone()];
        assert_eq!(open(&note, &known), Ok(("one\n\ntwo\n", ours.verifier().clone())));
        let signers = key_label("log", ours.verifier().id());
        assert_eq!(open(&note, &known[..1]), Err(NotSigned::Stranger { signers }));
        let key = key_label("log", ours.verifier().id());
        assert_eq!(open(&note.replace("two", "tow"), &known), Err(NotSigned::Wrong { key }));
    }

    #[test]
    fn a_known_key_is_found_beside_unknown_keys() {
        let (ours, other) = (key("log", 1), key("witness", 2));
        let line = sign("a\n", &other).replacen("a\n\n", "", 1);
        let note = format!("{}{line}", sign("a\n", &ours));
        for signer in [&ours, &other] {
            assert_eq!(open(&note, from_ref(signer.verifier())), Ok(("a\n", signer.verifier().clone())));
        }
    }

    #[test]
    fn a_changed_note_is_rejected() {
        let ours = key("log", 1);
        let (note, known) = (sign("text\n", &ours), [ours.verifier().clone()]);
        for (place, _) in note.char_indices() {
            let mut changed = note.clone().into_bytes();
            changed[place] ^= 1;
            if let Ok(changed) = String::from_utf8(changed) {
                assert!(open(&changed, &known).is_err(), "{changed}");
            }
        }
        for changed in
            [String::new(), "\n\n".to_owned(), note.replace('\n', "\r\n"), format!("{note}\n"), format!("{note} ")]
        {
            assert_eq!(open(&changed, &known), Err(NotSigned::Form), "{changed}");
        }
    }
}
