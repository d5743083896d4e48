//! What was tried on the page of a dossier and refused, so that what was typed comes back.

use crate::visitor::{Posted, command};
use motcua_desk::{Change, Error};
use motcua_domain::event::{CRITERIA, StayId};
use motcua_domain::names::{CommandId, DossierCode};
use serde::Serialize;

/// What was tried and refused.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Attempt {
    /// The form that was posted, or an empty text.
    pub form: String,
    /// The rule that was broken, under `refusal-<code>`.
    pub refusal: String,
    pub text: String,
    pub grounds: String,
    pub stay: Option<StayId>,
    /// The version of the dossier that was on the page.
    pub seen: u32,
    /// Everything that was posted.
    pub filled: Vec<(String, String)>,
    /// The proof on the page from which the form was posted. It is another one each time a page is shown.
    pub proof: String,
}

impl Attempt {
    /// Begins an attempt from a posted form.
    pub fn of(form: &str, posted: &Posted) -> Self {
        let proof = posted.get("proof").to_owned();
        Self { form: form.to_owned(), proof, filled: posted.0.clone(), ..Self::default() }
    }

    /// Returns what was posted under a name, if it was with this form.
    pub fn filled(&self, form: &str, name: &str) -> &str {
        let posted = self.filled.iter().rev().filter(|_| self.form == form).find(|(key, _)| key == name);
        posted.map_or("", |(_, value)| value)
    }

    /// Returns the id of the command.
    pub fn command(&self, code: &DossierCode, change: &Change) -> Result<CommandId, Error> {
        command(&self.proof, &(code, change))
    }
}

/// What the service is rated by.
#[derive(Debug, Clone, Serialize)]
pub struct CriterionContext {
    /// Its text is under `criterion-<name>`.
    pub name: &'static str,
    /// The points that were given in a rating that was refused.
    pub points: Option<u8>,
}

impl CriterionContext {
    /// All criteria, with the points of a rating that was refused.
    pub fn all(attempt: &Attempt) -> Vec<Self> {
        let given = |name: &str| attempt.filled("rating", name).parse().ok();
        Vec::from(CRITERIA.map(|name| Self { name, points: given(name) }))
    }
}
