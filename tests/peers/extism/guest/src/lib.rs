//! The rules of the enterprise plugin behind Extism's interface.

use extism_pdk::{FnResult, plugin_fn};
use motcua_plugin_enterprise::Company;
use serde_json::json;

/// Returns the findings on a dossier as JSON.
#[plugin_fn]
pub fn judge(dossier: String) -> FnResult<String> {
    let found = motcua_plugin_sdk::ready::findings::<Company>(&dossier);
    let shown = |one: &motcua_plugin_sdk::Finding| json!({ "path": one.path.to_string(), "code": one.code, "vi": one.text.vi, "en": one.text.en });
    Ok(json!(found.iter().map(shown).collect::<Vec<_>>()).to_string())
}
