//! The person who took a result at the counter, or the carrier that takes it to the applicant.

use serde::{Deserialize, Serialize};

/// The person who took a result at the counter, or the recipient to whom a carrier takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultReceiver {
    pub name: String,
    /// The number of the paper that the person showed, or an empty text. For the post it is the number of the item.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub number: String,
    /// The relation to the applicant. `None` for the applicant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
    /// The carrier, if the result was handed to the post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
}

impl ResultReceiver {
    /// Returns the receiver as a line of a register: the name, the relation or the carrier, and the number.
    pub fn line(&self) -> String {
        let beside = self.relation.as_ref().or(self.carrier.as_ref());
        let relation = beside.map_or_else(String::new, |beside| format!(" ({beside})"));
        let number = if self.number.is_empty() { String::new() } else { format!(", {}", self.number) };
        format!("{}{relation}{number}", self.name)
    }
}
