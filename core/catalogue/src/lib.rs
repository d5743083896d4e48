//! Reads, checks and searches the procedures of a province.
//!
//! The crate reads everything in the install folder at once and reports every mistake at once, each with its file, line
//! and column. The contents without mistakes are an [`Install`]. Requests read it from memory.

mod context;
mod declared;
pub mod editing;
mod facets;
mod files;
mod install;
pub mod package;
mod province;
mod reading;
pub mod reference;
pub mod schemas;
pub mod search;
mod signature;
mod snapshot;

pub use declared::Declared;
pub use facets::{SearchAnswer, TextCount};
pub use files::procedure::is_slug;
pub use files::scenario::Scenario;
pub use files::settings::ProvinceSettings;
pub use files::settings::{login, mail, map, operating, payment, publishing, scanning, server, sms};
pub use files::synonyms::Synonym;
pub use files::workflow::export as workflow_file;
pub use files::{scenario, settings, workflow};
pub use install::{FoundInstall, Install, files, load, read};
pub use package::Package;
pub use province::{Builtin, OfferReader, Officer, PlannedServices, Province, QualityWeights};
pub use reading::check_report::{CheckRecord, CheckReport, UnfoundedProcedure};
pub use reading::diagnostic::{Diagnostic, DiagnosticCause, DiagnosticKind, MistakeReport};
pub use reading::patch::TextPatch;
pub use reading::tree::Tree;
pub use reading::{codes, diagnostic};
pub use search::Search;
pub use snapshot::{Live, MOST_HITS, OfferAt, SearchWish, Snapshot};
