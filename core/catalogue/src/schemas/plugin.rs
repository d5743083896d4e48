//! `[[plugin]]` of a procedure.

use super::words::OnFailure;
use schemars::JsonSchema;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// One plugin, or several that are asked one after the other.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
pub enum Plugins {
    One(Box<Plugin>),
    Several(Vec<Plugin>),
}

/// Rules that need code.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plugin {
    /// A component that comes with the kit.
    builtin: Option<String>,
    /// A component in the procedure's folder.
    component: Option<String>,
    /// `wait`: the dossier is filed and an officer looks; `refuse`: the applicant tries again later.
    on_failure: Option<OnFailure>,
    /// Registries that it may look up.
    lookup: Option<Vec<String>>,
    /// Where its `connect` may send requests.
    http: Option<Vec<HttpGrant>>,
    /// Secrets of the portal's operator that its `connect` is given, by name.
    secrets: Option<Vec<String>>,
    /// Its `connect` is given what was filled in.
    values: Option<bool>,
    /// The events of which its `connect` is told, such as `filed` and `ended`.
    tell: Option<Vec<String>>,
    limits: Option<PluginLimits>,
    /// What the plugin finds under `settings` in its input.
    settings: Option<BTreeMap<String, Json>>,
}

/// Limits of a call, where the default is not enough; the portal's operator must allow them.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PluginLimits {
    /// Units of fuel, about one an instruction; 20 million unless another is written.
    fuel: Option<u64>,
    /// Wall time; 100 unless another is written.
    #[schemars(range(min = 1, max = 60000))]
    milliseconds: Option<u32>,
    /// 16 unless another is written.
    #[schemars(range(min = 1, max = 4096))]
    memory_mib: Option<u32>,
    /// The size of the component's file; 2 unless another is written.
    #[schemars(range(min = 1, max = 256))]
    component_mib: Option<u32>,
    /// Core modules that it consists of; 4 unless another is written.
    #[schemars(range(min = 1, max = 200))]
    instances: Option<u32>,
    /// 10,000 unless another is written.
    #[schemars(range(min = 1, max = 1_000_000))]
    table_entries: Option<u32>,
}

/// An address to which requests may be sent.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HttpGrant {
    /// Scheme and host, such as `https://esb.example.vn`.
    origin: String,
    /// `POST` unless others are written.
    methods: Option<Vec<String>>,
    /// Names of request headers.
    headers: Option<Vec<String>>,
    /// The host may be in a private network.
    private: Option<bool>,
}
