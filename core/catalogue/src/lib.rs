//! Reads, checks and searches the procedures of a province.
//!
//! Everything in the install folder is read at once and every mistake is reported at once, each with its file, line
//! and column. What was read without a mistake is an [`Install`]; requests read it from memory.

mod calendar;
pub mod codes;
mod context;
mod declared;
pub mod diagnostic;
mod follow;
mod form;
mod install;
mod node;
pub mod operating;
mod organisation;
pub mod package;
mod parameters;
mod parts;
mod places;
mod plugin;
mod procedure;
mod province;
pub mod publishing;
mod quotas;
mod registry;
pub mod scanning;
pub mod scenario;
pub mod schemas;
pub mod search;
pub mod server;
pub mod settings;
mod snapshot;
mod synonyms;
mod tree;
pub mod workflow;
pub mod workflow_file;

pub use declared::Declared;
pub use diagnostic::{Diagnostic, Report};
pub use install::{Found, Install, files, load, read};
pub use package::Package;
pub use procedure::is_slug;
pub use province::{Builtin, Officer, Province};
pub use scenario::Scenario;
pub use search::Search;
pub use settings::Settings;
pub use snapshot::{Live, MOST_HITS, Snapshot, Wanted};
pub use synonyms::Synonym;
pub use tree::Tree;
