//! The section `[s3]` of `motcua.toml`: the store of files.

use crate::reading::keys::{Shape, keys};
use crate::reading::node::FileTable;
use motcua_domain::procedure::plugin::Secret;
use motcua_domain::text;
use serde::{Deserialize, Serialize};

keys! {
    /// The store of `files = "s3://…"`.
    pub(super) S3 = "S3" {
        optional {
            /// The address of the store, such as `https://s3.example.vn`. By default, Amazon's address of the region.
            endpoint: Shape::Text,
            /// The region of the bucket. `us-east-1` by default.
            region: Shape::Text,
            /// The key to the store. By default, the role of the machine is used.
            access_key: Shape::Text,
            /// The secret of the key. Better set by the variable `MOTCUA_S3__SECRET_KEY`.
            secret_key: Shape::Text,
            /// Allows `http://`.
            allow_http: Shape::Boolean,
            /// Names the bucket in the path of each request, as most stores require. True by default.
            path_style: Shape::Boolean,
        }
    }
}

/// An S3-compatible store and the keys to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct S3Settings {
    /// The address of the store. Without an address, Amazon's address of the region is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    pub region: String,
    /// Without keys, the role of the machine is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_key: Option<Secret>,
    /// Allows an endpoint without encryption.
    pub allow_http: bool,
    /// Names the bucket in the path of each request instead of its host name.
    pub path_style: bool,
}

impl Default for S3Settings {
    fn default() -> Self {
        Self {
            endpoint: None,
            region: "us-east-1".to_owned(),
            access_key: None,
            secret_key: None,
            allow_http: false,
            path_style: true,
        }
    }
}

/// Reads the section.
pub(super) fn read(table: &FileTable<'_>) -> S3Settings {
    let default = S3Settings::default();
    let text = |key| table.string(key).map(|text| text.value);
    let store = S3Settings {
        endpoint: text("endpoint"),
        region: text("region").unwrap_or(default.region),
        access_key: text("access_key"),
        secret_key: text("secret_key").map(Secret),
        allow_http: table.boolean("allow_http").unwrap_or(default.allow_http),
        path_style: table.boolean("path_style").unwrap_or(default.path_style),
    };
    table.finish();
    let schemes: &[&str] = if store.allow_http { &["https://", "http://"] } else { &["https://"] };
    if let Some(endpoint) = store.endpoint.as_deref()
        && !schemes.iter().any(|scheme| endpoint.starts_with(scheme))
    {
        let message = text!(
            "`{endpoint}` không phải là địa chỉ của kho tệp",
            "`{endpoint}` is not the address of a store of files"
        );
        let help = text!(
            "hãy viết endpoint = \"https://s3.example.vn\"; http:// chỉ được nhận khi có allow_http = true",
            "write endpoint = \"https://s3.example.vn\"; http:// is taken only with allow_http = true"
        );
        table.mistake("bad-address", table.place("endpoint"), message, help);
    }
    store
}
