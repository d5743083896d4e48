//! The rules of the one-stop counter, and nothing else.
//!
//! Everything that people could argue about in court lives here as pure functions: completeness of the form, rights,
//! the next state, lateness and the amount owed. The caller passes time, identifiers and randomness in.

pub mod access;
pub mod banks;
pub mod calendar;
pub mod changes;
pub mod clock;
pub mod dates;
pub mod dossier;
pub mod expression;
pub mod file_name;
pub mod fold;
pub mod form;
pub mod geometry;
pub mod identity;
pub mod media;
pub mod money;
pub mod names;
pub mod net;
pub mod number;
pub mod one_or_many;
pub mod organisation;
pub mod plugin;
pub mod procedure;
pub mod registry;
pub mod schema;
pub mod simulation;
pub mod soundness;
pub mod text;
pub mod transparency;
pub mod workflow;

pub use dossier::{command, decide, event, journal, verdict, visit};
/// The questions to plugins about an action.
pub mod act {
    pub use crate::dossier::verdict::{action_question, officer_question};
}
// The modules of a form under their former paths.
pub use form::{answer, finding, judge, load, reach, types as analysis};
