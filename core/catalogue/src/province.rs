//! The data that all procedures of a province share, and the components that come with the kit.

use crate::files::synonyms::Synonym;
use crate::files::workflow::{Templates, WorkflowContext};
use motcua_domain::names::AgencyId;
use motcua_domain::people::organisation::{Agency, Post};
use motcua_domain::registry::Registries;
use motcua_domain::text::Text;
use motcua_domain::time::calendar::Calendar;

/// The components that come with the kit.
#[derive(Debug, Clone, Copy)]
pub struct Builtin {
    pub names: &'static [&'static str],
    pub component: fn(&str) -> Option<&'static [u8]>,
}

/// An officer, as `organisation.toml` names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Officer {
    /// The name to log in with, as [`login`](motcua_domain::identity::login) spells it.
    pub login: String,
    pub name: String,
    pub posts: Vec<Post>,
}

/// The data that all procedures of a province share.
#[derive(Debug, Clone, Default)]
pub struct Province {
    pub name: Text,
    pub agencies: Vec<Agency>,
    pub officers: Vec<Officer>,
    pub calendar: Calendar,
    pub registries: Registries,
    pub workflows: Templates,
    /// Words of everyday speech with the terms of the law that they mean.
    pub synonyms: Vec<Synonym>,
}

impl Province {
    /// Returns the agency with this id.
    pub fn agency(&self, id: &AgencyId) -> Option<&Agency> {
        self.agencies.iter().find(|agency| agency.id == *id)
    }

    /// Returns the agencies and registries to which workflows may refer.
    pub(crate) fn workflow_context(&self) -> WorkflowContext<'_> {
        WorkflowContext { agencies: &self.agencies, registries: &self.registries }
    }
}
