//! The questions of eligibility, which come before the form. Their answers are not stored.

use super::ProcedureService;
use crate::typed::typed_in;
use motcua_domain::expression::WorkBudget;
use motcua_domain::form::Field;
use motcua_domain::form::judge::{Finding, JudgeFacts, Judged, judge_fields, kept};
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
}

impl ProcedureService {
    /// Returns the result of the posted answers, or no result if nothing was posted. Returns `None` if the procedure
    /// asks nothing before the form.
    pub fn eligibility(&self, procedure: &Procedure, posted: Option<&[(String, String)]>) -> Option<EligibilityResult> {
        let asked = procedure.eligibility.as_ref()?;
        let typed = match posted {
            Some(posted) => typed_in(&asked.fields, "", posted),
            None => Map::new(),
        };
        let registries = &self.province.registries;
        let fields: Vec<&Field> = asked.fields.iter().collect();
        let now = self.clock.now();
        let given = JudgeFacts { now, registries, files: &[], computed: None };
        let Judged { values, findings, fault } = judge_fields(&fields, &typed, given);
        let work = WorkBudget::at(now);
        let unmet = asked.conditions.iter().filter(|condition| !kept(&condition.holds, &values, &work));
        let unmet = unmet.map(|condition| condition.text.clone()).collect();
        if let Some(fault) = fault.or_else(|| work.into_fault()) {
            tracing::error!(code = %procedure.code, %fault, "the questions before a form could not be judged");
        }
        let findings = if posted.is_some() { findings } else { Vec::new() };
        Some(EligibilityResult { typed, values, findings, unmet })
    }
}
