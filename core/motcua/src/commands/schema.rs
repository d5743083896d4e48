//! `motcua schema`

use crate::CommandOutcome;
use crate::output::{cannot_make, cannot_write};
use anyhow::Context as _;
use motcua_catalogue::schemas;
use serde_json::Value as Json;
use std::fmt::Write as _;
use std::path::Path;

pub fn run(dir: &Path) -> anyhow::Result<CommandOutcome> {
    std::fs::create_dir_all(dir).with_context(|| cannot_make(dir.display()))?;
    let write = |name: &str, schema: &Json| -> anyhow::Result<()> {
        let file = dir.join(name);
        let text = serde_json::to_string_pretty(schema)?;
        std::fs::write(&file, text + "\n").with_context(|| cannot_write(file.display()))
    };
    let mut rules = String::new();
    for (name, glob, schema) in schemas::all() {
        write(name, &schema)?;
        let at = dir.join(name).display().to_string();
        _ = write!(rules, "\n[[rule]]\ninclude = [\"**/{glob}\"]\n[rule.schema]\npath = \"{at}\"\n");
    }
    let (name, schema) = schemas::check_report();
    write(name, &schema)?;
    say!(
        "Đã ghi {} lược đồ vào {}. Cho taplo và các trình soạn thảo dùng nó, .taplo.toml:\n{rules}",
        "Wrote {} schemas to {}. For taplo and the editors that use it, .taplo.toml:\n{rules}";
        schemas::all().len(), dir.display()
    );
    Ok(CommandOutcome::Fine)
}
