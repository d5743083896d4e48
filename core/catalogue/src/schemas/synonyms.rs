//! `synonyms.toml`.

use schemars::JsonSchema;

/// `synonyms.toml`: what people say, and what the law calls it.
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
