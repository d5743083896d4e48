//! The numbers of procedures and scenarios in the sample province, counted in its files, and larger provinces made of it.

use crate::contributing::{files, name, root};
use jiff::civil::date;
use motcua::folder::write_binhduong;
use motcua::runtime::BUILTIN;
use motcua_service::catalogue::load;
use motcua_tests::generate;
use std::path::PathBuf;

/// Returns the TOML files of the sample province's procedures.
fn declared() -> Vec<PathBuf> {
    let mut found = Vec::new();
    files(&root().join("examples/binhduong/procedures"), "toml", &mut found);
    found
}

/// Returns the number of procedures that the sample province has.
pub fn procedures() -> usize {
    declared().iter().filter(|file| name(file) == "procedure.toml").count()
}

/// Returns the number of scenarios that the sample province has.
pub fn scenarios() -> usize {
    let is_scenario = |file: &&PathBuf| file.parent().is_some_and(|folder| name(folder) == "tests");
    declared().iter().filter(is_scenario).count()
}

#[test]
fn generated_communes_can_offer_all_that_the_communes_of_the_sample_offer() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let folder = dir.path().join("province");
    write_binhduong(&folder)?;
    generate::only_of_communes(&folder)?;
    generate::communes(&folder, 10)?;
    let mistakes = load(&folder, &BUILTIN, date(2026, 11, 24)).mistakes;
    assert!(mistakes.is_empty(), "{mistakes:?}");
    Ok(())
}
