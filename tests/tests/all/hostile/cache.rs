//! Compiled code that somebody else wrote is never run.

use motcua_domain::procedure::plugin::PluginLimits;
use motcua_sandbox::{ComponentCache, Sandbox, SandboxSetup};
use motcua_tests::plugin::{again, findings, validator};
use std::path::{Path, PathBuf};

fn portal(folder: &Path, key: u8) -> Sandbox {
    Sandbox::new(SandboxSetup { cache: Some(ComponentCache::new(folder, [key; 64])), ..SandboxSetup::default() })
        .expect("a sandbox")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        folder.read_dir().expect("a folder").map(|file| file.expect("a file").path()).collect();
    files.sort();
    files
}

/// Returns a folder with the compiled form of a component that finds one thing, and its bytes.
fn kept() -> (tempfile::TempDir, Vec<u8>, PathBuf, Vec<u8>) {
    let folder = tempfile::tempdir().expect("a folder");
    let component = validator(&findings(1));
    portal(folder.path(), 1).load(&component, &PluginLimits::default()).expect("it can be loaded");
    let file = files(folder.path()).pop().expect("it was kept");
    let bytes = std::fs::read(&file).expect("it can be read");
    (folder, component, file, bytes)
}

/// Loads the component once more. The component must be right with any content of the folder, and the folder must be
/// right afterwards.
fn still_right(folder: &Path, key: u8, component: &[u8], good: Option<&[u8]>) {
    let sandbox = portal(folder, key);
    let digest = sandbox.load(component, &PluginLimits::default()).expect("it can be loaded");
    assert_eq!(again(&sandbox, &digest).map(|found| found.len()), Ok(1));
    if let Some(good) = good {
        let file = files(folder).pop().expect("a file");
        assert!(std::fs::read(file).expect("it can be read") == good, "it was compiled anew");
    }
}

#[test]
fn what_was_kept_is_loaded_without_compiling() {
    let (folder, component, file, bytes) = kept();
    let before = std::fs::metadata(&file).expect("a file").modified().expect("a time");
    still_right(folder.path(), 1, &component, Some(&bytes));
    assert_eq!(std::fs::metadata(&file).expect("a file").modified().expect("a time"), before);
}

#[test]
fn a_file_that_was_changed_is_compiled_anew() {
    let (folder, component, file, bytes) = kept();
    for at in (0..bytes.len()).step_by(bytes.len() / 25 + 1) {
        let mut changed = bytes.clone();
        changed[at] ^= 0x40;
        std::fs::write(&file, &changed).expect("written");
        still_right(folder.path(), 1, &component, Some(&bytes));
    }
}

#[test]
fn a_file_that_was_cut_off_is_compiled_anew() {
    let (folder, component, file, bytes) = kept();
    for length in [0, 1, 31, 32, 33, bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(&file, &bytes[..length]).expect("written");
        still_right(folder.path(), 1, &component, Some(&bytes));
    }
}

#[test]
fn a_file_of_another_component_is_not_taken_for_it() {
    let (folder, component, file, bytes) = kept();
    portal(folder.path(), 1).load(&validator(&findings(2)), &PluginLimits::default()).expect("it can be loaded");
    let other = files(folder.path()).into_iter().find(|known| *known != file).expect("a second file");
    std::fs::copy(other, &file).expect("copied");
    still_right(folder.path(), 1, &component, None);
    assert!(std::fs::read(&file).expect("it can be read") == bytes);
}

#[test]
fn a_file_of_another_portal_is_compiled_anew() {
    let (folder, component, file, bytes) = kept();
    still_right(folder.path(), 2, &component, None);
    assert!(std::fs::read(&file).expect("it can be read") == bytes, "each has a file of its own");
    let other = files(folder.path()).into_iter().find(|known| *known != file).expect("a second file");
    std::fs::copy(&file, &other).expect("copied");
    still_right(folder.path(), 2, &component, None);
    assert!(std::fs::read(&other).expect("it can be read") != bytes, "its code is made with another key");
}

#[test]
fn a_file_for_another_engine_is_not_looked_at() {
    let (folder, component, file, bytes) = kept();
    let name = file.file_name().and_then(|name| name.to_str()).expect("a name");
    assert!(name.contains(&motcua_sandbox::fingerprint().expect("a fingerprint")), "{name}");
    let old =
        folder.path().join(name.replace(&motcua_sandbox::fingerprint().expect("a fingerprint"), "0123456789abcdef"));
    std::fs::rename(&file, &old).expect("renamed");
    still_right(folder.path(), 1, &component, None);
    assert_eq!(files(folder.path()).len(), 2, "compiled for this engine");
    // The file is not used either when somebody gives it this engine's name.
    std::fs::write(&file, [&bytes[..32], b"other code"].concat()).expect("written");
    still_right(folder.path(), 1, &component, None);
}

#[test]
fn a_folder_that_cannot_be_written_does_no_harm() {
    let component = validator(&findings(1));
    still_right(Path::new("/proc/nothing/here"), 1, &component, None);
}
