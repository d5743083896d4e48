//! Code written by wit-bindgen. Each interface has its own module, so that a component exports only its own interfaces.

macro_rules! world {
    ($module:ident, $world:literal, $path:literal, $macro:literal) => {
        #[expect(clippy::pedantic, reason = "written by wit-bindgen")]
        pub mod $module {
            wit_bindgen::generate!({
                path: "../wit/v0.2",
                world: $world,
                pub_export_macro: true,
                export_macro_name: $macro,
                default_bindings_module: $path,
            });
        }
    };
}

world!(host, "host", "motcua_plugin_sdk::bindings::host", "export_host");
world!(validator, "validator", "motcua_plugin_sdk::bindings::validator", "export_validator");
world!(assessor, "assessor", "motcua_plugin_sdk::bindings::assessor", "export_assessor");
world!(computer, "computer", "motcua_plugin_sdk::bindings::computer", "export_computer");
world!(router, "router", "motcua_plugin_sdk::bindings::router", "export_router");
world!(prefiller, "prefiller", "motcua_plugin_sdk::bindings::prefiller", "export_prefiller");
world!(connector, "connector", "motcua_plugin_sdk::bindings::connector", "export_connector");
