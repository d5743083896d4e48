//! The plugins that come with the kit, as components. A procedure names one with `builtin = "…"`.

/// The component with this name.
pub fn component(name: &str) -> Option<&'static [u8]> {
    match name {
        "enterprise" => Some(include_bytes!(concat!(env!("OUT_DIR"), "/motcua_plugin_enterprise.wasm"))),
        _ => None,
    }
}

/// The names of all plugins that come with the kit.
pub const NAMES: &[&str] = &["enterprise"];
