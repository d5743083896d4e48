//! The keys of a log in turn: a key signs until the log announces the next one.

use super::checkpoint::{Checkpoint, NotACheckpoint};
use super::note::VerifierKey;

/// A key of a log, and the place in the log where its turn begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogKey {
    pub verifier: VerifierKey,
    /// The size of the head that announces this key. The key before it signs that head, and this key signs all later
    /// heads. 0 for the first key of the log, and none if the log does not announce the key.
    pub since: Option<u64>,
}

/// Opens a head that one of these keys, the oldest first, signed in its turn.
pub fn open_head(note: &str, keys: &[LogKey]) -> Result<Checkpoint, NotACheckpoint> {
    let verifiers: Vec<VerifierKey> = keys.iter().map(|key| key.verifier.clone()).collect();
    let (head, signed_by) = Checkpoint::open(note, &verifiers)?;
    require_turn(&head, &signed_by, keys)?;
    Ok(head)
}

/// Rejects a head that a key signed after the log had announced the next key. The key may have been stolen since.
pub fn require_turn(head: &Checkpoint, signed_by: &VerifierKey, keys: &[LogKey]) -> Result<(), NotACheckpoint> {
    let later = keys.iter().skip_while(|key| key.verifier != *signed_by).skip(1);
    match later.filter_map(|key| key.since).min() {
        Some(since) if head.size > since => {
            Err(NotACheckpoint::Replaced { key: signed_by.to_string(), size: head.size, since })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transparency::merkle::empty_root;
    use crate::transparency::note::SigningKey;

    #[test]
    fn a_key_signs_until_the_log_tells_of_the_next() {
        let [old, new] = [1, 2].map(|seed| SigningKey::from_seed("the.log", [seed; 32]).unwrap());
        let key = |key: &SigningKey, since| LogKey { verifier: key.verifier().clone(), since };
        let keys = [key(&old, Some(0)), key(&new, Some(8))];
        let head = |size| Checkpoint {
            origin: "the.log".to_owned(),
            size,
            root: empty_root(),
            at: "2026-03-02T08:30:00Z".parse().unwrap(),
        };
        for (size, signer, fits) in [(7, &old, true), (8, &old, true), (9, &old, false), (9, &new, true)] {
            let note = head(size).sign(signer).unwrap();
            let opened = open_head(&note, &keys);
            assert_eq!(opened.is_ok(), fits, "{size}: {opened:?}");
            // The log does not announce a successor, so the key is not replaced.
            assert!(open_head(&note, &[key(&old, Some(0)), key(&new, None)]).is_ok());
        }
        let replaced = open_head(&head(9).sign(&old).unwrap(), &keys).unwrap_err();
        assert_eq!(replaced, NotACheckpoint::Replaced { key: old.verifier().to_string(), size: 9, since: 8 });
    }
}
