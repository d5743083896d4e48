//! For authors of plugins in Rust: implement [`Validator`], then `motcua_plugin_sdk::export_validator!(YourType);`.
//!
//! Build for `wasm32-wasip2`. The host implements no WASI: a plugin that asks for a clock, files or randomness is
//! ended. Whatever it needs is in the [`Dossier`].

use serde::Deserialize;
use serde::de::DeserializeOwned;

#[doc(hidden)]
#[expect(clippy::pedantic, reason = "written by wit-bindgen")]
pub mod bindings {
    wit_bindgen::generate!({
        path: "../wit/v0.1",
        world: "validator",
        pub_export_macro: true,
        default_bindings_module: "motcua_plugin_sdk::bindings",
    });
}

pub use bindings::exports::motcua::procedure::validate::{Finding, Guest};
pub use bindings::motcua::procedure::types::{Severity, Text};

/// What a plugin is asked about.
#[derive(Debug, Clone, Deserialize)]
pub struct Dossier<Values> {
    /// The code of the procedure.
    pub procedure: String,
    /// The day in Vietnam, such as `2026-11-24`.
    pub today: String,
    /// The values of the form.
    pub values: Values,
}

/// A plugin that judges forms.
pub trait Validator {
    /// The form's values; give every field a default, because what was not answered is absent.
    type Values: DeserializeOwned;

    /// Everything there is to say about the values. No findings means that they are in order.
    fn validate(dossier: &Dossier<Self::Values>) -> Vec<Finding>;
}

/// A finding that stops the filing.
pub fn error(path: impl Into<String>, code: &str, vi: impl Into<String>, en: impl Into<String>) -> Finding {
    Finding {
        path: path.into(),
        code: code.to_owned(),
        severity: Severity::Error,
        text: Text { vi: vi.into(), en: en.into() },
    }
}

/// A finding that is shown but does not stop the filing.
pub fn warning(path: impl Into<String>, code: &str, vi: impl Into<String>, en: impl Into<String>) -> Finding {
    Finding { severity: Severity::Warning, ..error(path, code, vi, en) }
}

/// What the component exports: reads the JSON and asks `V`.
pub fn validate<V: Validator>(dossier: &str) -> Vec<Finding> {
    match serde_json::from_str(dossier) {
        Ok(dossier) => V::validate(&dossier),
        Err(problem) => vec![error(
            "",
            "unreadable",
            format!("Không đọc được tờ khai: {problem}."),
            format!("The form cannot be read: {problem}."),
        )],
    }
}

/// Makes a [`Validator`] the component's export.
#[macro_export]
macro_rules! export_validator {
    ($validator:ty) => {
        struct Component;

        impl $crate::Guest for Component {
            fn validate(dossier: String) -> Vec<$crate::Finding> {
                $crate::validate::<$validator>(&dossier)
            }
        }

        $crate::bindings::export!(Component with_types_in $crate::bindings);
    };
}
