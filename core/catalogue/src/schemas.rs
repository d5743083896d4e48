//! The JSON Schemas of the files of authors and operators, for editors that complete and check the text.
//!
//! A test compares them with the readers, so that neither can fall behind the other.

#![expect(dead_code, clippy::struct_field_names, reason = "the types say the shape of files that are read elsewhere")]

mod calendar;
mod form;
mod organisation;
mod plugin;
mod procedure;
mod scenario;
mod settings;
mod synonyms;
mod words;
mod workflow;

use calendar::Calendar;
use organisation::Organisation;
use procedure::Procedure;
use scenario::Scenario;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value as Json;
use settings::Settings;
use synonyms::Synonyms;
use workflow::Workflow;

/// Returns the schemas by the name of their file, each with a glob of the files for it.
pub fn all() -> Vec<(&'static str, &'static str, Json)> {
    fn one<T: JsonSchema>() -> Json {
        SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().into()
    }
    vec![
        ("procedure.schema.json", "procedures/*/*/procedure.toml", one::<Procedure>()),
        ("scenario.schema.json", "procedures/*/*/tests/*.toml", one::<Scenario>()),
        ("workflow.schema.json", "workflows/*.toml", one::<Workflow>()),
        ("organisation.schema.json", "organisation.toml", one::<Organisation>()),
        ("calendar.schema.json", "calendar/*.toml", one::<Calendar>()),
        ("synonyms.schema.json", "synonyms.toml", one::<Synonyms>()),
        ("motcua.schema.json", "motcua.toml", one::<Settings>()),
    ]
}
