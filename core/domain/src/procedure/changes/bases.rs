//! The legal bases of versions, which are compared apart from the parts that rest on them.

use super::fields;
use crate::form::{Field, FormCheck};
use crate::legal::LegalReference;
use crate::procedure::{AgencyTerms, Eligibility, Procedure};
use crate::workflow::Workflow;

/// Returns the legal bases of all parts of a procedure, by part.
pub(super) fn bases(procedure: &Procedure) -> Vec<(String, &[LegalReference])> {
    let all = fields(procedure).into_iter();
    let mut found: Vec<(String, &[LegalReference])> =
        all.map(|(path, field)| (format!("field {path}"), field.basis.as_slice())).collect();
    found.push(("limit".to_owned(), procedure.limit_basis.as_slice()));
    found.extend(procedure.silence.iter().map(|silence| ("silence".to_owned(), silence.basis.as_slice())));
    let cases = procedure.limit_cases.iter();
    found.extend(cases.map(|case| (format!("limit {}", case.name.vi), case.basis.as_slice())));
    found.extend(procedure.papers.iter().map(|paper| (format!("paper {}", paper.id), paper.basis.as_slice())));
    found.extend(procedure.fees.iter().map(|fee| (format!("fee {}", fee.name.vi), fee.basis.as_slice())));
    for terms in &procedure.terms {
        let fees = terms.fees.iter();
        found.extend(fees.map(|fee| (format!("fee {} {}", terms.agency, fee.name.vi), fee.basis.as_slice())));
    }
    let conditions = procedure.eligibility.iter().flat_map(|asked| &asked.conditions);
    let rules = procedure.form.checks.iter().chain(conditions);
    found.extend(rules.map(|rule| (format!("rule {}", rule.text.vi), rule.basis.as_slice())));
    for step in &procedure.workflow.steps {
        found.push((format!("step {}", step.id), step.basis.as_slice()));
        let actions = step.actions.iter();
        found.extend(actions.map(|action| (format!("step {} {}", step.id, action.id), action.basis.as_slice())));
    }
    // A new part without a basis changes no basis.
    found.retain(|(_, basis)| !basis.is_empty());
    found
}

/// Returns the terms of agencies without the legal bases of their fees.
pub(super) fn plain_terms(terms: &[AgencyTerms]) -> Vec<AgencyTerms> {
    let mut plain = terms.to_vec();
    plain.iter_mut().flat_map(|terms| &mut terms.fees).for_each(|fee| fee.basis.clear());
    plain
}

/// Returns rules without their legal bases.
pub(super) fn without_bases(rules: &[FormCheck]) -> Vec<FormCheck> {
    rules.iter().map(|rule| FormCheck { basis: Vec::new(), ..rule.clone() }).collect()
}

/// Returns questions of eligibility without their legal bases.
pub(super) fn asked_questions(asked: &Eligibility) -> Eligibility {
    let fields = asked.fields.iter().map(|field| Field { basis: Vec::new(), ..field.clone() });
    Eligibility { help: asked.help.clone(), fields: fields.collect(), conditions: without_bases(&asked.conditions) }
}

/// Returns a workflow without its legal bases.
pub(super) fn unfounded(workflow: &Workflow) -> Workflow {
    let mut plain = workflow.clone();
    plain.legal_basis.clear();
    for step in &mut plain.steps {
        step.basis.clear();
        step.form.iter_mut().for_each(|field| field.basis.clear());
        step.actions.iter_mut().for_each(|action| action.basis.clear());
    }
    plain
}
