//! The consent of a person who had to sign beside the applicant.

use crate::names::{Digest, SignerId, UserId};
use crate::text::Text;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The consent of a person to the content that was filed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoSignature {
    pub signer: SignerId,
    /// The role of the person, such as “wife”.
    pub role: Text,
    /// The number of the row of the group that names the person, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<usize>,
    /// The account with which the person consented, and its name at that time.
    pub by: UserId,
    pub name: String,
    pub at: Timestamp,
    /// The digest of the content to which the person consented.
    pub content: Digest,
}
