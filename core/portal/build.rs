//! The default theme is in the binary: a change of it compiles the crate again.

fn main() {
    println!("cargo::rerun-if-changed=../../themes/default");
}
