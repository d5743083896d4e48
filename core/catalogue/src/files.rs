//! The kinds of file of an install folder, a module each, with the tables that several kinds share (`form`, `plugin`).

use crate::reading::keys::Keys;

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

/// The kinds of file in TOML, each with the name of its JSON Schema, a glob of its files, and its keys.
pub(crate) static TOML: [(&str, &str, &Keys); 7] = [
    ("procedure.schema.json", "procedures/*/*/procedure.toml", &procedure::KEYS),
    ("scenario.schema.json", "procedures/*/*/tests/*.toml", &scenario::KEYS),
    ("workflow.schema.json", "workflows/*.toml", &workflow::KEYS),
    ("organisation.schema.json", "organisation.toml", &organisation::KEYS),
    ("calendar.schema.json", "calendar/*.toml", &calendar::KEYS),
    ("synonyms.schema.json", "synonyms.toml", &synonyms::KEYS),
    ("motcua.schema.json", "motcua.toml", &settings::KEYS),
];
