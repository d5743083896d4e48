//! The printing of letters. The binary hands the printer in, because its library takes minutes to build and no other crate
//! waits for it.

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::fmt::Debug;

/// A letter to print: a template of the theme, and its data.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LetterOrder {
    /// The name of the template, such as `form-02.typ`.
    pub name: String,
    /// The text of the template.
    pub template: String,
    /// The parts that all templates share.
    pub shared: String,
    /// The data that the template reads.
    pub data: Json,
}

/// The reason why a letter was not printed, for the operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotPrinted {
    /// The template is wrong, or makes too large a letter. The reason names the template, and is in English.
    #[error("{0}; run: motcua theme check")]
    Template(String),
    /// The template takes more time or memory than a letter may.
    #[error("documents/{0}: it takes more time or memory than a letter may; run: motcua theme check")]
    TooCostly(String),
    #[error("letters cannot be printed: {0}")]
    Fault(String),
}

/// A printer of letters, which bounds the time and the memory of each letter.
pub trait LetterPrinter: Debug + Send + Sync {
    /// Prints a letter and returns the PDF. The work ends if the caller is gone.
    fn print(&self, order: LetterOrder) -> BoxFuture<'static, Result<Vec<u8>, NotPrinted>>;
}
