//! `synonyms.toml`.

use schemars::JsonSchema;

/// `synonyms.toml`: words of everyday speech with the terms of the law.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Synonyms {
    synonym: Option<Vec<Synonym>>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Synonym {
    words: Vec<String>,
    means: String,
}
