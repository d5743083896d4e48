//! Reads, checks and searches the procedures of a province.
//!
//! Everything in the install folder is read at once and every mistake is reported at once, each with its file, line
//! and column. What was read without a mistake is an [`Install`]; requests read it from memory.

mod calendar;
pub mod diagnostic;
mod folder;
mod node;
mod organisation;
mod procedure;
pub mod scenario;
mod search;
pub mod settings;
mod synonyms;
mod workflow;

pub use diagnostic::{Diagnostic, Report};
pub use folder::{Builtin, Found, Install, Officer, load};
pub use scenario::Scenario;
pub use search::Search;
pub use settings::Settings;
pub use synonyms::Synonym;
