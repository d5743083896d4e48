//! The legal bases of a procedure: its documents, the bases of what it asks, and the parts that name none.

use super::Procedure;
use crate::form::kinds::Structure;
use crate::form::{Field, FormCheck};
use crate::legal::{LegalDocuments, LegalReference};
use crate::text::Text;
use crate::workflow::{Action, Step};
use serde::Serialize;

/// A part of a procedure that names no legal basis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BasisGap {
    /// The table of the part: `paper`, `field`, or the key `limit`.
    pub part: &'static str,
    /// The id of the part, or its name.
    pub id: String,
}

impl BasisGap {
    /// Returns the gap of a part with this basis, if there is none.
    fn of(part: &'static str, id: &str, basis: &[LegalReference]) -> Option<Self> {
        basis.is_empty().then(|| Self { part, id: id.to_owned() })
    }
}

/// Returns whether a field asks the applicant something.
fn asks(field: &Field) -> bool {
    !matches!(field.kind.structure(), Structure::Computed(_) | Structure::Explanation)
}

/// Returns whether an action needs a legal basis, because an officer tells the applicant of it or time takes it.
fn binds(action: &Action) -> bool {
    action.effect.needs_note() || action.after.is_some()
}

impl Procedure {
    /// Returns the documents that its parts can name.
    pub fn legal_documents(&self) -> LegalDocuments<'_> {
        LegalDocuments { own: &self.legal_basis, of_workflow: &self.workflow.legal_basis }
    }

    /// Returns the name and the basis of a paper (`papers.map`) or a question (`depth`). Questions with the same label are
    /// told apart by their sections.
    pub fn asked_at(&self, place: &str) -> Option<(Text, &[LegalReference])> {
        if let Some(id) = place.strip_prefix("papers.") {
            let paper = self.papers.iter().find(|paper| paper.id.as_str() == id)?;
            return Some((paper.name.clone(), &paper.basis));
        }
        let (section, field) = self.form.fields().find(|(_, field)| field.id == place)?;
        Some((self.form.name_of(section, field), &field.basis))
    }

    /// Returns the parts that ask or bind the applicant and name no legal basis. The questions of a group have the
    /// basis of the group, and the actions of a step have that of the step.
    pub fn without_basis(&self) -> Vec<BasisGap> {
        let mut gaps: Vec<BasisGap> = BasisGap::of("limit", "", &self.limit_basis).into_iter().collect();
        gaps.extend(self.limit_cases.iter().filter_map(|case| BasisGap::of("limit_case", &case.name.vi, &case.basis)));
        // Nobody can write a basis at what the portal asks by itself.
        let papers = self.papers.iter().filter(|paper| !self.on_behalf.asks(paper.id.as_str()));
        gaps.extend(papers.filter_map(|paper| BasisGap::of("paper", paper.id.as_str(), &paper.basis)));
        let fields = self.form.fields().map(|(_, field)| field);
        let fields = fields.filter(|field| asks(field) && !self.on_behalf.asks(&field.id));
        gaps.extend(fields.filter_map(|field| BasisGap::of("field", &field.id, &field.basis)));
        for fee in self.fees.iter().chain(self.terms.iter().flat_map(|terms| &terms.fees)) {
            gaps.extend(BasisGap::of("fee", &fee.name.vi, &fee.basis));
            let reliefs = fee.reliefs.iter().filter(|relief| relief.basis.is_none());
            gaps.extend(reliefs.filter_map(|relief| BasisGap::of("fee relief", &relief.name.vi, &[])));
        }
        gaps.extend(self.form.checks.iter().filter_map(|check| BasisGap::of("check", &check.text.vi, &check.basis)));
        if let Some(asked) = &self.eligibility {
            let fields = asked.fields.iter().filter(|field| asks(field));
            gaps.extend(fields.filter_map(|field| BasisGap::of("eligibility.field", &field.id, &field.basis)));
            let of_condition = |rule: &FormCheck| BasisGap::of("eligibility.condition", &rule.text.vi, &rule.basis);
            gaps.extend(asked.conditions.iter().filter_map(of_condition));
        }
        gaps.extend(self.workflow.steps.iter().flat_map(of_step));
        gaps
    }
}

/// Returns the actions of a step that name no legal basis.
fn of_step(step: &Step) -> Vec<BasisGap> {
    let actions = step.actions.iter().filter(|action| step.basis.is_empty() && binds(action));
    actions
        .filter_map(|action| BasisGap::of("step.action", &format!("{}.{}", step.id, action.id), &action.basis))
        .collect()
}
