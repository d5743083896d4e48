//! The examples are in the binary: a change of them compiles the crate again.

fn main() {
    for folder in ["examples", "themes/binhduong"] {
        println!("cargo::rerun-if-changed=../../{folder}");
    }
}
