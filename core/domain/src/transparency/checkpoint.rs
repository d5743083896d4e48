//! Checkpoints (C2SP tlog-checkpoint): the signed heads of the log.

use super::merkle::Hash;
use super::note::{NotSigned, SigningKey, VerifierKey, open, sign};
use jiff::Timestamp;

/// The size and root of the log at a time.
///
/// The time is an extension line. Witnesses do not interpret extension lines, so only the portal vouches for the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The name of the log. It is the name of the key that signs.
    pub origin: String,
    /// The number of leaves.
    pub size: u64,
    pub root: Hash,
    pub at: Timestamp,
}

/// The reason why a note is not a checkpoint of a known log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotACheckpoint {
    #[error(transparent)]
    NotSigned(#[from] NotSigned),
    #[error("the signed text is not a checkpoint of the form origin, size, root, time")]
    Form,
    #[error("the checkpoint is of the log {origin}, but the key is of the log {key}")]
    OtherLog { origin: String, key: String },
    #[error("the head of {size} entries is signed by {key}, which was replaced after {since} entries")]
    Replaced { key: String, size: u64, since: u64 },
}

impl Checkpoint {
    /// Returns the text that is signed.
    pub fn text(&self) -> String {
        let Self { origin, size, root, at } = self;
        format!("{origin}\n{size}\n{}\nat {at}\n", root.to_base64())
    }

    /// Reads a text that has exactly the form of [`Self::text`].
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.split('\n');
        let (origin, size, root, at) = (lines.next()?, lines.next()?, lines.next()?, lines.next()?);
        let checkpoint = Self {
            origin: origin.to_owned(),
            size: size.parse().ok()?,
            root: Hash::from_base64(root).ok()?,
            at: at.strip_prefix("at ")?.parse().ok()?,
        };
        // The comparison rejects all other ways to write the same values, and further lines.
        (!origin.is_empty() && checkpoint.text() == text).then_some(checkpoint)
    }

    /// Returns the checkpoint as a note that is signed with the key of its log.
    pub fn sign(&self, key: &SigningKey) -> Result<String, NotACheckpoint> {
        self.require_log_of(key.verifier())?;
        Ok(sign(&self.text(), key))
    }

    /// Verifies a note, and returns the checkpoint and the known key that signed it.
    pub fn open(note: &str, known: &[VerifierKey]) -> Result<(Self, VerifierKey), NotACheckpoint> {
        let (text, key) = open(note, known)?;
        let checkpoint = Self::parse(text).ok_or(NotACheckpoint::Form)?;
        checkpoint.require_log_of(&key)?;
        Ok((checkpoint, key))
    }

    /// Rejects the key of another log, because two logs may have known keys.
    fn require_log_of(&self, key: &VerifierKey) -> Result<(), NotACheckpoint> {
        if self.origin == key.name() {
            return Ok(());
        }
        Err(NotACheckpoint::OtherLog { origin: self.origin.clone(), key: key.name().to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transparency::merkle::empty_root;
    use std::slice::from_ref;

    fn checkpoint() -> Checkpoint {
        let at = "2026-03-02T08:30:00.5Z".parse().unwrap();
        Checkpoint { origin: "dichvucong.example/log".to_owned(), size: 42, root: empty_root(), at }
    }

    #[test]
    fn a_checkpoint_is_signed_and_opened() {
        let key = SigningKey::from_seed("dichvucong.example/log", [1; 32]).unwrap();
        let note = checkpoint().sign(&key).unwrap();
        assert_eq!(
            note.split("\n\n").next(),
            Some("dichvucong.example/log\n42\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nat 2026-03-02T08:30:00.5Z")
        );
        assert_eq!(Checkpoint::open(&note, from_ref(key.verifier())), Ok((checkpoint(), key.verifier().clone())));
        let stranger = SigningKey::from_seed("dichvucong.example/log", [2; 32]).unwrap();
        let refused = Checkpoint::open(&note, from_ref(stranger.verifier()));
        assert!(matches!(refused, Err(NotACheckpoint::NotSigned(NotSigned::Stranger { .. }))), "{refused:?}");
    }

    #[test]
    fn the_key_of_another_log_is_refused() {
        let key = SigningKey::from_seed("other.example/log", [1; 32]).unwrap();
        let refused = NotACheckpoint::OtherLog { origin: checkpoint().origin, key: key.verifier().name().to_owned() };
        assert_eq!(checkpoint().sign(&key), Err(refused.clone()));
        let note = sign(&checkpoint().text(), &key);
        assert_eq!(Checkpoint::open(&note, from_ref(key.verifier())), Err(refused));
    }

    #[test]
    fn a_signed_text_of_another_form_is_refused() {
        let text = checkpoint().text();
        assert_eq!(Checkpoint::parse(&text), Some(checkpoint()));
        for changed in [
            String::new(),
            text.replace("dichvucong.example/log", ""),
            text.replace("\n42\n", "\n042\n"),
            text.replace("\n42\n", "\n+42\n"),
            text.replace("\n42\n", "\n18446744073709551616\n"),
            text.replace("uFU=", "uFV="),
            text.replace("uFU=", "uFU"),
            text.replace("at ", ""),
            text.replace("at ", "at  "),
            text.replace("0.5Z", "0.50Z"),
            text.replace("08:30:00.5Z", "15:30:00.5+07:00"),
            text.replace('T', " "),
            format!("{text}more\n"),
            format!("{text}\n"),
            text.trim_end().to_owned(),
        ] {
            assert_eq!(Checkpoint::parse(&changed), None, "{changed}");
        }
        let key = SigningKey::from_seed("dichvucong.example/log", [1; 32]).unwrap();
        let note = sign("dichvucong.example/log\n42\n", &key);
        assert_eq!(Checkpoint::open(&note, from_ref(key.verifier())), Err(NotACheckpoint::Form));
    }
}
