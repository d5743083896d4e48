//! Reads, checks and searches the procedures of a province.
//!
//! Everything in the install folder is read at once and every mistake is reported at once, each with its file, line
//! and column. What was read without a mistake is an [`Install`]; requests read it from memory.

mod calendar;
mod context;
mod declared;
mod follow;
mod form;
mod install;
pub mod operating;
mod organisation;
pub mod package;
mod parts;
mod places;
mod plugin;
mod procedure;
mod province;
pub mod publishing;
mod quotas;
mod reading;
mod registry;
pub mod scanning;
pub mod scenario;
pub mod schemas;
pub mod search;
pub mod server;
pub mod settings;
mod signature;
mod snapshot;
mod synonyms;
pub mod workflow;
pub mod workflow_file;

pub use declared::Declared;
pub use install::{Found, Install, files, load, read};
pub use package::Package;
pub use procedure::is_slug;
pub use province::{Builtin, Officer, Province};
pub use reading::diagnostic::{Diagnostic, Report};
pub use reading::tree::Tree;
pub use reading::{codes, diagnostic};
pub use scenario::Scenario;
pub use search::Search;
pub use settings::Settings;
pub use snapshot::{Live, MOST_HITS, Snapshot, Wanted};
pub use synonyms::Synonym;
