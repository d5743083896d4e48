//! The consents of people who sign beside the applicant, as a scenario gives them.

use super::{ScenarioPlay, attached};
use motcua_domain::names::UserId;
use motcua_domain::procedure::FeeLine;
use motcua_domain::procedure::co_signer::{GivenConsent, NeededSigner, SignedContent, person_mark};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

impl<'a, 'p: 'a> ScenarioPlay<'a, 'p, '_> {
    /// Returns the consents to these values: those that the scenario names, or those of everybody who has to sign.
    pub(super) fn consents(&self, values: &Map<String, Json>, fees: &[FeeLine]) -> Vec<GivenConsent> {
        let (procedure, at) = (self.rules.procedure, self.scenario.at);
        let papers = attached(&self.input.papers);
        let content = SignedContent { agency: self.agency, values, papers: &papers, fees };
        let has_signed =
            |signer: &NeededSigner| self.scenario.signed.as_ref().is_none_or(|signed| signed.contains(&signer.id));
        let consent = |signer: NeededSigner| GivenConsent {
            person: person_mark(Uuid::nil(), &signer.number),
            by: UserId(signer.id.to_string()),
            name: signer.name.vi,
            signer: signer.id,
            at,
            content: procedure.signed_content(content),
        };
        procedure.needed_signers(values, at).into_iter().filter(has_signed).map(consent).collect()
    }
}
