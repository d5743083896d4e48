//! The kinds of file of an install folder, a module each, with the tables that several kinds share (`form`, `plugin`).

pub mod calendar;
pub mod form;
pub mod organisation;
pub mod plugin;
pub mod procedure;
pub mod registry;
pub mod scenario;
pub mod settings;
pub mod synonyms;
pub mod workflow;
