//! The questions of eligibility, which come before the form.

use super::ProcedureService;
use crate::typed::typed_in;
use motcua_domain::form::judge::Finding;
use motcua_domain::names::Digest;
use motcua_domain::procedure::Procedure;
use motcua_domain::text::Text;
use serde_json::{Map, Value as Json};

/// The result of the answers.
#[derive(Debug, Clone, Default)]
pub struct EligibilityResult {
    pub typed: Map<String, Json>,
    pub values: Map<String, Json>,
    /// The missing and wrong answers.
    pub findings: Vec<Finding>,
    /// The conditions that are not met.
    pub unmet: Vec<Text>,
    /// A rule could not be evaluated, so nobody knows whether the conditions are met.
    pub undecided: bool,
}

impl ProcedureService {
    /// Returns the result of the posted answers, or no result if nothing was posted. Returns `None` if the procedure
    /// asks nothing before the form. Reports a rule that could not be evaluated.
    pub async fn eligibility(
        &self,
        version: &Digest,
        procedure: &Procedure,
        posted: Option<&[(String, String)]>,
    ) -> Option<EligibilityResult> {
        let asked = procedure.eligibility.as_ref()?;
        let typed = match posted {
            Some(posted) => typed_in(&asked.fields, "", posted),
            None => Map::new(),
        };
        let mut outcome = asked.judge(&typed, self.clock.now(), &self.province.registries);
        if let Some(fault) = &outcome.fault {
            self.tell_fault(version, procedure, None, fault).await;
        }
        if posted.is_none() {
            outcome.findings.clear();
        }
        let undecided = outcome.is_undecided();
        Some(EligibilityResult {
            typed,
            values: outcome.values,
            findings: outcome.findings,
            unmet: outcome.unmet,
            undecided,
        })
    }
}

/// Returns the answers from before the form that go on into it, if they were posted: those about eligibility, and those
/// of a case.
pub fn given_before(procedure: &Procedure, posted: &[(String, String)]) -> Map<String, Json> {
    let is_posted = |id: &str| posted.iter().any(|(name, _)| belongs_to(name, id));
    let fields: Vec<_> = procedure.carried_fields().filter(|field| is_posted(&field.id)).cloned().collect();
    if fields.is_empty() { Map::new() } else { typed_in(&fields, "", posted) }
}

/// Returns whether a posted field is part of the answer to a question.
pub fn belongs_to(name: &str, id: &str) -> bool {
    name.strip_prefix(id).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
