//! A change of a file's text: bytes that another text replaces. All other bytes stay by construction.

use serde::Serialize;
use std::ops::Range;

/// The text that replaces some bytes of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TextPatch {
    pub bytes: Range<usize>,
    pub text: String,
}

impl TextPatch {
    fn ordered(patches: &[Self]) -> Vec<&Self> {
        let mut ordered: Vec<&Self> = patches.iter().collect();
        ordered.sort_by_key(|patch| (patch.bytes.start, patch.bytes.end));
        ordered
    }

    /// Returns the text with all patches. Returns `None` if they overlap, or do not lie on the letters of the text.
    pub fn apply(text: &str, patches: &[Self]) -> Option<String> {
        let mut changed = String::with_capacity(text.len());
        let mut at = 0;
        for patch in Self::ordered(patches) {
            changed.push_str(text.get(at..patch.bytes.start)?);
            text.get(patch.bytes.clone())?;
            changed.push_str(&patch.text);
            at = patch.bytes.end;
        }
        changed.push_str(text.get(at..)?);
        Some(changed)
    }

    /// Returns the patches that turn the changed text into `text` again.
    pub fn inverse(text: &str, patches: &[Self]) -> Option<Vec<Self>> {
        let (mut added, mut removed) = (0, 0);
        let mut back = Vec::new();
        for patch in Self::ordered(patches) {
            let before = text.get(patch.bytes.clone())?;
            let start = (patch.bytes.start + added).checked_sub(removed)?;
            back.push(Self { bytes: start..start + patch.text.len(), text: before.to_owned() });
            added += patch.text.len();
            removed += before.len();
        }
        Some(back)
    }
}
