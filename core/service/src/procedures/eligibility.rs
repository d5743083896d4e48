//! The questions of eligibility, which come before the form. Their answers are not stored.

use super::ProcedureService;
use crate::typed::typed_in;
use jiff::Timestamp;
use motcua_domain::expression::{RuleFault, WorkBudget};
use motcua_domain::form::Field;
use motcua_domain::form::judge::{Finding, JudgeFacts, Judged, judge_fields, kept};
use motcua_domain::names::Digest;
use motcua_domain::procedure::{Eligibility, Procedure};
use motcua_domain::registry::Registries;
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
        let (result, fault) = self.judge_eligibility(asked, posted);
        if let Some(fault) = &fault {
            self.tell_fault(version, procedure, None, fault).await;
        }
        Some(result)
    }

    /// Returns the result of the posted answers, and the fault of a rule that could not be evaluated.
    fn judge_eligibility(
        &self,
        asked: &Eligibility,
        posted: Option<&[(String, String)]>,
    ) -> (EligibilityResult, Option<RuleFault>) {
        let typed = match posted {
            Some(posted) => typed_in(&asked.fields, "", posted),
            None => Map::new(),
        };
        let (mut result, fault) = decide(asked, typed, &self.province.registries, self.clock.now());
        if posted.is_none() {
            result.findings.clear();
        }
        (result, fault)
    }
}

/// Returns the result of answers at this moment, and the fault of a rule that could not be evaluated.
pub(super) fn decide(
    asked: &Eligibility,
    typed: Map<String, Json>,
    registries: &Registries,
    now: Timestamp,
) -> (EligibilityResult, Option<RuleFault>) {
    let fields: Vec<&Field> = asked.fields.iter().collect();
    let given = JudgeFacts { now, registries, files: &[], computed: None };
    let Judged { values, mut findings, fault } = judge_fields(&fields, &typed, given);
    let work = WorkBudget::at(now);
    let unmet = asked.conditions.iter().filter(|condition| !kept(&condition.holds, &values, &work));
    let mut unmet: Vec<Text> = unmet.map(|condition| condition.text.clone()).collect();
    if fault.is_some() {
        // Answers that were judged in half may blame the visitor for the other half.
        findings.clear();
        unmet.clear();
    }
    let fault = fault.or_else(|| work.into_fault());
    // One condition that is not met decides, whatever the others are.
    let undecided = fault.is_some() && unmet.is_empty();
    (EligibilityResult { typed, values, findings, unmet, undecided }, fault)
}
