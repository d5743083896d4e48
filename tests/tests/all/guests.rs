//! From nothing to a plugin, in each language, with the real tools: `motcua plugin new`, `build`, `check` and `run`.

use motcua_tests::process;
use std::path::{Path, PathBuf};

const PROCEDURE: &str = "procedures/so-khdt/thanh-lap-cong-ty-tnhh-hai-thanh-vien";

/// The label of the first field, as TOML and JSON write it.
///
/// Raw, it would end a text or a comment of each language, and it has a word that templates replace.
const LABEL: &str = r#"Tên \"công ty\"\n*/ \"\"\" có \\ và NAME"#;

/// Returns the folder with the tools of other languages.
fn tools() -> PathBuf {
    std::env::var_os("GUEST_TOOLS").expect("GUEST_TOOLS is not set; run the tests by scripts/test").into()
}

/// Runs `motcua plugin` in `dir`, and returns its output.
fn plugin(dir: &Path, words: &[&str], variables: &[(&str, PathBuf)]) -> String {
    let mut command = process::motcua();
    command.arg("plugin").args(words).current_dir(dir);
    for (name, value) in variables {
        command.env(name, value);
    }
    let output = command.output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{words:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

fn path_with(folder: &Path) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let all = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&path));
    std::env::join_paths(all).expect("a path").into()
}

/// Creates a new plugin in this language, for a procedure with hostile words.
fn new(dir: &Path, language: &str) -> PathBuf {
    let province = dir.join("province");
    let made = process::motcua().args(["init", "--sample", "binhduong"]).arg(&province).output().expect("it runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let procedure = province.join(PROCEDURE);
    let file = procedure.join("procedure.toml");
    let text = std::fs::read_to_string(&file).expect("the procedure");
    let changed = text.replacen("vi = \"Đăng ký", &format!("vi = \"{LABEL} "), 1).replacen(
        "vi = \"Tên công ty\"",
        &format!("vi = \"{LABEL}\""),
        1,
    );
    assert_eq!(changed.matches(LABEL).count(), 2);
    std::fs::write(&file, changed).expect("written");
    plugin(dir, &["new", "company", "--procedure", procedure.to_str().expect("plain"), "--language", language], &[]);
    dir.join("company")
}

/// Asserts that the component answers as the template says, within these limits.
fn proven(dir: &Path, limits: &[&str]) {
    let run = [&["run", "company.wasm", "--dossier", "dossier.json"][..], limits].concat();
    let said = plugin(dir, &run, &[]);
    let words = format!("Hãy điền mục “{}”.", LABEL.replace(r"\n", " "));
    assert!(said.contains("\"first-missing\"") && said.contains(&words), "{said}");
    std::fs::write(dir.join("filled.json"), r#"{ "company_name": "An Bình" }"#).expect("written");
    let run = [&["run", "company.wasm", "--dossier", "filled.json"][..], limits].concat();
    assert!(plugin(dir, &run, &[]).contains("[]"));
}

#[test]
fn rust() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = new(folder.path(), "rust");
    let target = ("CARGO_TARGET_DIR", folder.path().join("target"));
    let mut test = std::process::Command::new("cargo");
    test.args(["test", "--quiet"]).current_dir(&dir).env(target.0, &target.1);
    let output = test.output().expect("cargo");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    plugin(&dir, &["build"], &[]);
    proven(&dir, &[]);
    assert!(plugin(&dir, &["check", "company.wasm"], &[]).contains("fit for the portal"));
    let said = plugin(&dir, &["bench", "company.wasm", "--dossier", "dossier.json", "--calls", "20"], &[]);
    assert!(said.contains("validate: ") && said.contains("fuel"), "{said}");
    assert!(plugin(&dir, &["inspect", "company.wasm"], &[]).contains("exports: validate"));
}

#[test]
fn javascript() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = new(folder.path(), "javascript");
    std::os::unix::fs::symlink(tools().join("js/node_modules"), dir.join("node_modules")).expect("linked");
    plugin(&dir, &["build"], &[]);
    proven(&dir, &["--component-mib", "12"]);
}

#[test]
fn python() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = new(folder.path(), "python");
    let variables = [("PATH", path_with(&tools().join("py/bin"))), ("PYTHONPATH", tools().join("py"))];
    plugin(&dir, &["build"], &variables);
    proven(&dir, &["--component-mib", "18", "--instances", "40"]);
}

#[test]
fn a_component_is_signed_and_verified() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("a.wasm");
    std::fs::write(&file, motcua_first_party::component("land").expect("it comes with the kit")).expect("written");
    let pair = minisign::KeyPair::generate_unencrypted_keypair().expect("a pair of keys");
    let key = folder.path().join("a.key");
    std::fs::write(&key, pair.sk.to_box(None).expect("a box").to_string()).expect("written");
    let public = pair.pk.to_base64();
    let words = ["sign", "a.wasm", "--key", "a.key"];
    assert!(plugin(folder.path(), &words, &[("MINISIGN_PASSWORD", PathBuf::new())]).contains("a.wasm.minisig"));
    assert!(plugin(folder.path(), &["verify", "a.wasm", "--key", &public], &[]).contains("signed by this key"));
    let verify = |key: &str| {
        let mut command = process::motcua();
        command.args(["plugin", "verify", "a.wasm", "--key", key]).current_dir(folder.path());
        command.output().expect("it runs").status.success()
    };
    let other = minisign::KeyPair::generate_unencrypted_keypair().expect("a pair of keys").pk.to_base64();
    assert!(!verify(&other), "another key");
    std::fs::write(&file, b"changed").expect("written");
    assert!(!verify(&public), "another content");
}
