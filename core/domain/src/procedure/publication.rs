//! The publication of results.

use serde::{Deserialize, Serialize};

/// The publication of the results of a procedure on a public page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultPublication {
    /// The name of the result's holder is published too, and no other name.
    pub holder: bool,
}

impl ResultPublication {
    /// Returns the word for what is published: `holder` if the name of the holder is, and `result` otherwise.
    pub const fn name(self) -> &'static str {
        if self.holder { "holder" } else { "result" }
    }
}
