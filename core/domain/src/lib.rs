//! The rules of the one-stop counter, and nothing else.
//!
//! Everything that people could argue about in court lives here as pure functions: completeness of the form, rights,
//! the next state, lateness and the amount owed. The caller passes time, identifiers and randomness in.

pub mod banks;
pub mod citizen_card;
pub mod dates;
pub mod dossier;
pub mod expression;
pub mod file_name;
pub mod fold;
pub mod form;
pub mod geometry;
pub mod identity;
pub mod legal;
pub mod media;
pub mod money;
pub mod names;
pub mod notation;
pub mod number;
pub mod one_or_many;
pub mod people;
pub mod procedure;
pub mod registry;
pub mod simulation;
pub mod standard_answer;
pub mod suggestion;
pub mod text;
pub mod time;
pub mod transparency;
pub mod workflow;
