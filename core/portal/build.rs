//! The default theme is in the binary: a change of it makes the crate anew.

fn main() {
    println!("cargo::rerun-if-changed=../../themes/default");
}
