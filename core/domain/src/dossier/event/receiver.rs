//! The person who took a result at the counter.

use serde::{Deserialize, Serialize};

/// The person who took a result at the counter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultReceiver {
    pub name: String,
    /// The number of the paper that the person showed, or an empty text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub number: String,
    /// The relation to the applicant. `None` for the applicant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
}

impl ResultReceiver {
    /// Returns the receiver as a line of a register: the name, the relation, and the number.
    pub fn line(&self) -> String {
        let relation = self.relation.as_ref().map_or_else(String::new, |relation| format!(" ({relation})"));
        let number = if self.number.is_empty() { String::new() } else { format!(", {}", self.number) };
        format!("{}{relation}{number}", self.name)
    }
}
