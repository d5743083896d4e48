//! Results of the register, as events store them.

use crate::names::{Digest, DossierCode, ProcedureCode, ResultKind};
use crate::procedure::result::EarlierEffect;
use crate::text::Text;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// A result that an agency issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedResult {
    pub kind: ResultKind,
    pub name: Text,
    pub number: String,
    pub holder: ResultHolder,
    /// The day of issue.
    pub from: Date,
    /// The last day of the validity. `None` means unlimited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// The time of the notice that the validity ends soon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice_at: Option<Timestamp>,
    /// The answers that the result keeps, by field.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub data: Map<String, Json>,
    /// The files of the result.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<Digest>,
    /// The earlier result, with the effect on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<FollowedResult>,
}

/// The person or the organisation to whom a result belongs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultHolder {
    pub name: String,
    /// The citizen number or the tax code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
}

/// A result that a dossier names when it is filed, in order to follow it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierResult {
    /// The dossier that ended with the result.
    pub dossier: DossierCode,
    pub procedure: ProcedureCode,
    pub kind: ResultKind,
    pub name: Text,
    pub number: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

/// An earlier result, with the effect of the new result on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowedResult {
    pub dossier: DossierCode,
    pub number: String,
    pub effect: EarlierEffect,
}
