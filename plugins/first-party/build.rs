//! Builds the first-party plugins as components, so that the binary contains them.

use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    let manifest = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    let root = manifest.ancestors().nth(2).expect("the crate is in plugins/").to_owned();
    for folder in ["plugins/wit", "plugins/sdk/src", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={}", root.join(folder).display());
    }
    for name in ["birth", "enterprise", "groundwater", "identity", "land", "webhook"] {
        let schema = root.join(format!("plugins/{name}/settings.schema.json"));
        println!("cargo::rerun-if-changed={}", root.join(format!("plugins/{name}/src")).display());
        println!("cargo::rerun-if-changed={}", schema.display());
        let library = format!("motcua_plugin_{name}");
        build(&root, &out, &format!("motcua-plugin-{name}"), &library);
        let schema = std::fs::read_to_string(&schema).expect("every plugin of the kit says what its settings are");
        let component = out.join(format!("{library}.wasm"));
        let mut bytes = std::fs::read(&component).expect("the component was built");
        add_section(&mut bytes, "motcua:settings", &schema);
        std::fs::write(&component, bytes).expect("the component can be written");
    }
}

/// Adds a custom section, as `motcua_sandbox::with_schema` does for the plugins of others.
fn add_section(component: &mut Vec<u8>, name: &str, content: &str) {
    let number = |mut length: usize| {
        let mut bytes = Vec::new();
        while length > 0x7f {
            bytes.push(u8::try_from(length & 0x7f).expect("seven bits") | 0x80);
            length >>= 7;
        }
        bytes.push(u8::try_from(length).expect("seven bits"));
        bytes
    };
    let section = [number(name.len()), name.as_bytes().to_vec(), content.as_bytes().to_vec()].concat();
    component.push(0);
    component.extend(number(section.len()));
    component.extend(section);
}

fn build(root: &Path, out: &Path, package: &str, library: &str) {
    let target = out.join("plugins");
    let home = std::env::var("CARGO_HOME").or_else(|_| std::env::var("HOME").map(|home| format!("{home}/.cargo")));
    let mut command = Command::new(std::env::var_os("CARGO").expect("cargo sets it"));
    command
        .current_dir(root)
        .args([
            // Only this build makes a component. Elsewhere the workspace builds a plain library, for its tests.
            "rustc",
            "--crate-type",
            "cdylib",
            "--quiet",
            "--locked",
            "--profile",
            "plugin",
            "--target",
            "wasm32-wasip2",
            "--package",
            package,
        ])
        .arg("--target-dir")
        .arg(&target)
        // The outer build's flags, wrappers and job server are for the host, not for the plugin.
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("RUSTC_WORKSPACE_WRAPPER")
        .env_remove("RUSTC_WRAPPER")
        .env_remove("CARGO_MAKEFLAGS")
        .env_remove("MAKEFLAGS")
        // Panic messages name source files, and the component must not contain paths of this machine.
        .env(
            "RUSTFLAGS",
            format!("--remap-path-prefix={}= --remap-path-prefix={}=cargo", root.display(), home.unwrap_or_default()),
        );
    let status = command.status().expect("cargo can be started");
    assert!(
        status.success(),
        "building the plugin {package} failed. If the target is missing, run: rustup target add wasm32-wasip2"
    );
    let built = target.join("wasm32-wasip2/plugin").join(format!("{library}.wasm"));
    std::fs::copy(&built, out.join(format!("{library}.wasm"))).expect("the component was built");
}
