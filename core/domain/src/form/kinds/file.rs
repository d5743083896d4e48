//! Files within a form.

use crate::form::kinds::single::text_of;
use crate::media::{AttachedPaper, MediaKind};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

/// Files within the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    pub accept: Vec<MediaKind>,
    pub max_bytes: u64,
    pub max_files: usize,
}

impl File {
    /// Returns the value for an attached file.
    pub(crate) fn value(attached: &AttachedPaper) -> Json {
        let file = &attached.file;
        json!({ "name": file.name, "digest": file.digest, "media_type": file.media_type, "bytes": file.bytes })
    }

    /// Returns the JSON Schema of the answer.
    pub(crate) fn schema(&self) -> Json {
        json!({
            "type": "array", "minItems": 1, "maxItems": self.max_files,
            "items": {
                "type": "object",
                "properties": {
                    "name": { "type": "string" },
                    "digest": { "type": "string", "pattern": "^[0-9a-f]{64}$" },
                    "media_type": { "type": "string" },
                    "bytes": { "type": "integer", "minimum": 0 }
                },
                "required": ["name", "digest", "media_type", "bytes"], "additionalProperties": false
            }
        })
    }

    /// Formats the names of the files.
    pub(super) fn shown(value: &Json) -> String {
        match value {
            Json::Array(files) => {
                files.iter().filter_map(|file| file.get("name")?.as_str()).collect::<Vec<_>>().join(", ")
            }
            other => text_of(other),
        }
    }
}
