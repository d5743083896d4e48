//! The rules of the one-stop counter, and nothing else.
//!
//! Everything that people could argue about in court lives here as pure functions: completeness of the form, rights,
//! the next state, lateness and the amount owed. The caller passes time, identifiers and randomness in.

pub mod access;
pub mod act;
pub mod analysis;
pub mod answer;
mod applicant;
pub mod banks;
pub mod calendar;
mod case;
pub mod changes;
pub mod clock;
pub mod command;
pub mod dates;
pub mod decide;
pub mod dossier;
pub mod event;
pub mod expression;
pub mod file_name;
mod filing;
pub mod finding;
mod flow;
pub mod fold;
pub mod form;
pub mod geometry;
pub mod identity;
pub mod journal;
pub mod judge;
pub mod load;
pub mod media;
pub mod money;
pub mod names;
pub mod net;
pub mod number;
pub mod one_or_many;
pub mod organisation;
pub mod plugin;
pub mod procedure;
pub mod reach;
pub mod registry;
mod reorganise;
pub mod schema;
mod settle;
pub mod simulation;
pub mod soundness;
mod staff;
pub mod text;
mod times;
pub mod transparency;
pub mod verdict;
pub mod visit;
pub mod workflow;
