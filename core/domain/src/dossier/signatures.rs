//! The consents that a filing needs beside that of the applicant.

use crate::dossier::event::CoSignature;
use crate::dossier::refusal::Refusal;
use crate::procedure::Procedure;
use crate::procedure::co_signer::{GivenConsent, NeededSigner, SignedContent};
use jiff::Timestamp;
use uuid::Uuid;

/// Returns the consents to this content of all people who have to sign it, or refuses the filing.
pub fn signatures(
    procedure: &Procedure,
    draft: Uuid,
    content: SignedContent<'_>,
    given: &[GivenConsent],
    now: Timestamp,
) -> Result<Vec<CoSignature>, Refusal> {
    let needed = procedure.needed_signers(content.values, now);
    if needed.is_empty() {
        return Ok(Vec::new());
    }
    let digest = procedure.signed_content(content);
    let consent = |signer: &NeededSigner| {
        given.iter().find(|consent| signer.is_of(consent, draft) && consent.content == digest).cloned()
    };
    let (mut signed, mut missing) = (Vec::new(), Vec::new());
    for signer in needed {
        match consent(&signer) {
            Some(GivenConsent { signer: id, person: _, by, name, at, content }) => {
                signed.push(CoSignature { signer: id, role: signer.name, row: signer.row, by, name, at, content });
            }
            None => missing.push(signer.name),
        }
    }
    if missing.is_empty() { Ok(signed) } else { Err(Refusal::Unsigned { missing }) }
}
