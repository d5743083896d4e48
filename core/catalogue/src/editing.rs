//! Changes of authors' files by program. A command becomes patches of the bytes that it names, so comments, order,
//! quotes and line endings stay as their author wrote them.

mod document;
mod fix;
mod path;
mod refusal;
mod rename;
mod results;
mod set;
mod uses;

pub use fix::fix;
pub use refusal::{EditRefusal, RenameRefusal};
pub use rename::rename;
pub use set::{set_in_procedure, set_in_scenario, set_in_workflow};
pub use uses::{NamedKind, NewName};

use crate::files::{procedure, scenario, workflow};
use crate::install;
use crate::province::Builtin;
use crate::reading::diagnostic::Diagnostic;
use crate::reading::patch::TextPatch;
use crate::reading::tree::Tree;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// Returns the keys of texts that name no field, paper, step or action, each as `Table.key`.
pub fn plain_keys() -> BTreeSet<String> {
    let (mut seen, mut plain) = (BTreeSet::new(), BTreeSet::new());
    for keys in [&procedure::KEYS, &scenario::KEYS, &workflow::KEYS] {
        uses::plain_keys(keys, &mut seen, &mut plain);
    }
    plain
}

/// The patches of each file.
pub type FilePatches = BTreeMap<String, Vec<TextPatch>>;

/// Returns a folder with changed files.
pub fn applied(tree: &Tree, patches: &FilePatches) -> Result<Tree, EditRefusal> {
    let mut changed = tree.clone();
    for (file, patches) in patches {
        let text = text_of(tree, file)?;
        let text = TextPatch::apply(text, patches).ok_or_else(|| EditRefusal::Fault(file.clone()))?;
        changed.insert(file, text.into_bytes());
    }
    Ok(changed)
}

/// Returns the text of a file.
pub fn text_of<'a>(tree: &'a Tree, file: &str) -> Result<&'a str, EditRefusal> {
    let bytes = tree.get(file).and_then(Result::ok);
    bytes.and_then(|bytes| std::str::from_utf8(bytes).ok()).ok_or_else(|| EditRefusal::NoFile(file.to_owned()))
}

/// Returns the mistakes that a folder has after a change and did not have before.
pub fn new_mistakes(before: &Tree, after: &Tree, builtin: &Builtin, today: Date) -> Vec<Diagnostic> {
    let known = install::read(before, builtin, today).mistakes;
    let is_new = |found: &Diagnostic| {
        !known
            .iter()
            .any(|known| (known.code, &known.file, &known.message) == (found.code, &found.file, &found.message))
    };
    install::read(after, builtin, today).mistakes.into_iter().filter(is_new).collect()
}
