//! The examples are in the binary: a change of them makes the crate anew.

fn main() {
    for folder in ["examples", "themes/binhduong"] {
        println!("cargo::rerun-if-changed=../../{folder}");
    }
}
