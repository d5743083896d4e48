//! `organisation.toml`.

use super::words::{Role, Words};
use schemars::JsonSchema;
use std::collections::BTreeMap;

/// `organisation.toml`: agencies, units, posts and officers.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    /// The name of the province.
    province: Words,
    agency: Option<Vec<Agency>>,
    officer: Option<Vec<Officer>>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Agency {
    /// The name of its folder in `procedures`.
    id: String,
    /// The code under which its dossiers are numbered, such as `H09.05`.
    code: String,
    name: Words,
    address: Option<Words>,
    phone: Option<String>,
    unit: Option<Vec<Unit>>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    id: String,
    name: Words,
    posts: Option<Vec<Role>>,
    /// The posts whose holders may approve their own proposals, each with the reason: `{ leader = "…" }`.
    approves_own: Option<BTreeMap<String, String>>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Officer {
    login: String,
    name: String,
    /// The posts as `agency/unit/role`.
    posts: Option<Vec<String>>,
}
