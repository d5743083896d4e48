//! The corrections that `motcua check --fix` makes: those of mistakes that have exactly one.

use super::FilePatches;
use crate::reading::diagnostic::Diagnostic;

/// Returns the corrections of mistakes. Leaves out a correction that overlaps another one.
pub fn fix(mistakes: &[Diagnostic]) -> FilePatches {
    let mut patches = FilePatches::new();
    for mistake in mistakes {
        let Some(fix) = &mistake.fix else { continue };
        let of_file = patches.entry(mistake.file.clone()).or_default();
        let overlaps =
            of_file.iter().any(|other| fix.bytes.start < other.bytes.end && other.bytes.start < fix.bytes.end);
        if !overlaps {
            of_file.push(fix.clone());
        }
    }
    patches
}
