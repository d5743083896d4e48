//! The plugins that come with the kit, as components. A procedure names one with `builtin = "…"`.

macro_rules! components {
    ($($name:literal),*) => {
        /// The names of all plugins that come with the kit.
        pub const NAMES: &[&str] = &[$($name),*];

        /// Returns the component with this name.
        pub fn component(name: &str) -> Option<&'static [u8]> {
            match name {
                $($name => Some(include_bytes!(concat!(env!("OUT_DIR"), "/motcua_plugin_", $name, ".wasm"))),)*
                _ => None,
            }
        }
    };
}

components!("birth", "enterprise", "groundwater", "identity", "land", "webhook");
