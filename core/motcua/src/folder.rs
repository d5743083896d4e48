//! Install folders that come with the binary.

use crate::output::cannot_write;
use anyhow::{Context as _, bail};
use include_dir::{Dir, include_dir};
use std::path::Path;

static MINIMAL: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../examples/minimal");
static BINHDUONG: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../examples/binhduong");

/// Writes the smallest install folder that works, with calendars for `year` and the year after it.
pub fn write_minimal(dir: &Path, year: i16) -> anyhow::Result<()> {
    write(&MINIMAL, dir)?;
    let template = MINIMAL.get_file("calendar/2027.toml").and_then(|file| file.contents_utf8()).unwrap_or_default();
    for year in [year, year + 1] {
        let file = dir.join("calendar").join(format!("{year}.toml"));
        if !file.exists() {
            std::fs::write(&file, template.replace("2027", &year.to_string()))
                .with_context(|| cannot_write(file.display()))?;
        }
    }
    Ok(())
}

/// Writes the sample province with its theme.
pub fn write_binhduong(dir: &Path) -> anyhow::Result<()> {
    write(&BINHDUONG, dir)
}

/// Returns whether the folder is empty or missing.
pub fn is_empty(dir: &Path) -> bool {
    std::fs::read_dir(dir).map_or(true, |mut entries| entries.next().is_none())
}

/// Returns the refusal of a folder that is not empty.
pub fn not_empty(dir: &Path) -> String {
    told!(
        "{} không trống; hãy nêu một thư mục chưa có",
        "{} is not empty; name a folder that does not exist yet";
        dir.display()
    )
}

fn write(tree: &Dir<'_>, dir: &Path) -> anyhow::Result<()> {
    if !is_empty(dir) {
        bail!(not_empty(dir));
    }
    std::fs::create_dir_all(dir).with_context(|| cannot_write(dir.display()))?;
    tree.extract(dir).with_context(|| cannot_write(dir.display()))
}
