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
    /// The name of a component of the kit.
    builtin: Option<String>,
    /// The file of a component in the procedure's folder.
    component: Option<String>,
    /// The consequence of a failure. `wait`: the dossier is filed and an officer looks at it. `refuse`: the applicant
    /// tries again later.
    on_failure: Option<OnFailure>,
    /// The registries that the plugin may look up.
    lookup: Option<Vec<String>>,
    /// The addresses to which its `connect` may send requests.
    http: Option<Vec<HttpGrant>>,
    /// The names of the operator's secrets that its `connect` receives.
    secrets: Option<Vec<String>>,
    /// Its `connect` receives the values of the form.
    values: Option<bool>,
    /// The events of which its `connect` is notified, such as `filed` and `ended`.
    tell: Option<Vec<String>>,
    limits: Option<PluginLimits>,
    /// The plugin's `settings` in its input.
    settings: Option<BTreeMap<String, Json>>,
}

/// Limits of a call, if the default does not suffice. The portal's operator must allow them.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PluginLimits {
    /// The units of fuel, about one for each instruction. 20 million by default.
    fuel: Option<u64>,
    /// The milliseconds of processor time. 100 by default.
    #[schemars(range(min = 1, max = 60000))]
    milliseconds: Option<u32>,
    /// The MiB of memory. 16 by default.
    #[schemars(range(min = 1, max = 4096))]
    memory_mib: Option<u32>,
    /// The MiB of the component's file. 2 by default.
    #[schemars(range(min = 1, max = 256))]
    component_mib: Option<u32>,
    /// The core modules of the component. 4 by default.
    #[schemars(range(min = 1, max = 200))]
    instances: Option<u32>,
    /// The entries of a table. 10,000 by default.
    #[schemars(range(min = 1, max = 1_000_000))]
    table_entries: Option<u32>,
}

/// An address to which requests may be sent.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HttpGrant {
    /// The scheme and the host, such as `https://esb.example.vn`.
    origin: String,
    /// The methods. `POST` by default.
    methods: Option<Vec<String>>,
    /// The names of request headers.
    headers: Option<Vec<String>>,
    /// The host may be in a private network.
    private: Option<bool>,
}
