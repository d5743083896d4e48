//! The kit for plugins in Rust: implement the traits for a type, then export the type.
//!
//! ```text
//! use motcua_plugin_sdk::{Dossier, Finding, Validate, at, error, export};
//!
//! struct Company;
//!
//! impl Validate for Company {
//!     type Values = Values; // `motcua plugin new` writes it from the procedure's form
//!
//!     fn validate(dossier: &Dossier<Values>) -> Vec<Finding> {
//!         …
//!     }
//! }
//!
//! export!(Company: Validate);
//! ```
//!
//! Everything is plain Rust, so `cargo test` runs the rules without WebAssembly. Build for `wasm32-wasip2`. The portal
//! implements no WASI, and ends a plugin that asks for a clock, files or randomness. The input of a plugin has
//! everything that it needs.

#[doc(hidden)]
pub mod bindings;
mod host;
pub mod numbers;
#[doc(hidden)]
pub mod ready;
mod say;

pub use host::{Entry, NotSent, NotThere, Request, Response, entries, find, log, send};
pub use say::{FeeKind, FeeLine, Finding, Path, Severity, Text, Trouble, Value, charge, error, fee, value, warning};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

/// The dossier about which the portal asks a plugin.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Dossier<Values> {
    /// The code of the procedure.
    pub procedure: String,
    /// The SHA-256 of the version of the procedure.
    #[serde(default)]
    pub version: String,
    /// The moment, such as `2026-11-24T08:30:00+07:00`.
    #[serde(default)]
    pub now: String,
    /// The day in Vietnam, such as `2026-11-24`.
    pub today: String,
    /// The author's values under `settings`.
    #[serde(default)]
    pub settings: Json,
    /// The values of the form.
    pub values: Values,
}

/// The facts that are known before anybody types.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Known {
    pub procedure: String,
    pub version: String,
    pub now: String,
    pub today: String,
    #[serde(default)]
    pub settings: Json,
    pub applicant: Applicant,
}

/// The applicant.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Applicant {
    pub name: String,
    pub phone: String,
    #[serde(default)]
    pub email: Option<String>,
}

/// An event of a dossier.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Event {
    /// The id of the event, the same at each notification.
    pub id: String,
    /// The kind, such as `filed`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The time of the event, such as `2026-11-24T01:30:00Z`.
    pub at: String,
    /// The time of the notification, in seconds since 1970.
    #[serde(default)]
    pub timestamp: i64,
    /// The dossier: `code`, `procedure`, `procedure_name`, `version`, `agency`, `status`, and, if granted, `values`.
    pub dossier: Json,
    #[serde(default)]
    pub settings: Json,
    #[serde(default)]
    pub secrets: std::collections::BTreeMap<String, String>,
}

/// A plugin that judges forms.
pub trait Validate {
    /// The form's values. Every field needs a default, because missing answers are absent.
    type Values: DeserializeOwned;

    /// Returns all findings about the values. No findings means that the values are in order.
    fn validate(dossier: &Dossier<Self::Values>) -> Vec<Finding>;
}

/// A plugin that assesses the fees of a dossier beside the procedure's own fees.
pub trait AssessFees {
    type Values: DeserializeOwned;

    fn assess_fees(dossier: &Dossier<Self::Values>) -> Vec<FeeLine>;
}

/// A plugin that computes the values of its computed fields.
pub trait Compute {
    type Values: DeserializeOwned;

    fn compute(dossier: &Dossier<Self::Values>) -> Vec<Value>;
}

/// A plugin that chooses the action that the rules allow, or the officer of a step.
pub trait Route {
    type Values: DeserializeOwned;

    /// Returns one of the choices, or none. `question` is `action:STEP` or `officer:STEP`.
    fn route(dossier: &Dossier<Self::Values>, question: &str, choices: &[String]) -> Option<String>;
}

/// A plugin that proposes values in a new form.
pub trait Prefill {
    fn prefill(known: &Known) -> Vec<Value>;
}

/// A plugin that notifies another system of events.
pub trait Connect {
    fn connect(event: &Event) -> Result<(), Trouble>;
}

/// Exports the traits of a type from the component: `export!(Company: Validate, AssessFees)`.
#[macro_export]
macro_rules! export {
    ($plugin:ty: $($what:ident),+ $(,)?) => {
        $($crate::export_one!($what $plugin);)+
    };
}

/// A list of findings: `error` or `warning`, the place, the code, `if` a condition, and the words in both languages.
///
/// ```
/// use motcua_plugin_sdk::{Path, findings};
/// let (area, parts) = (100, 90);
/// let found = findings! {
///     error at Path::field("parts"), "area-sum" if parts != area =>
///         vi: format!("Tổng diện tích là {parts} m²."),
///         en: format!("The areas sum to {parts} m².");
/// };
/// assert_eq!(found[0].code, "area-sum");
/// ```
#[macro_export]
macro_rules! findings {
    ($($severity:ident at $path:expr, $code:literal if $condition:expr => vi: $vi:expr, en: $en:expr;)*) => {{
        let mut found: Vec<$crate::Finding> = Vec::new();
        $(
            if $condition {
                found.push($crate::$severity($path, $code, $vi, $en));
            }
        )*
        found
    }};
}
