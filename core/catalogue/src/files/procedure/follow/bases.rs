//! The legal bases of a workflow, which may name the documents of the procedure.

use super::{FollowCheck, Spot};
use crate::reading::node::unknown_document;
use motcua_domain::legal::{LegalDocument, LegalDocuments, LegalReference};

impl FollowCheck<'_> {
    /// Checks that each legal basis of a step, an action or an officer's question names a document of the workflow or
    /// of the procedure.
    pub(super) fn bases(&self, own: &[LegalDocument]) {
        let documents = LegalDocuments { own, of_workflow: &self.workflow.legal_basis };
        for step in &self.workflow.steps {
            self.known(&step.basis, documents, || self.spot(step, |places| Some(&places.basis)));
            for field in &step.form {
                self.known(&field.basis, documents, || self.spot(step, |places| Some(&places.id)));
            }
            for action in &step.actions {
                let spot = || self.spot(step, |places| places.actions.get(&action.id).map(|places| &places.basis));
                self.known(&action.basis, documents, spot);
            }
        }
    }

    fn known<'s>(&self, basis: &[LegalReference], documents: LegalDocuments<'_>, spot: impl Fn() -> Spot<'s>) {
        for reference in basis.iter().filter(|reference| documents.find(&reference.document).is_none()) {
            let (message, help) = unknown_document(reference, documents);
            self.mistake(&spot(), "unknown-name", message, help);
        }
    }
}
