//! The people who sign a draft beside its applicant, as the applicant sees them: who they are, their invitations, and
//! their consents.

use super::{DraftReview, DraftService, DraftView};
use crate::{Error, InputRule};
use jiff::Timestamp;
use motcua_domain::dossier::event::CoSignature;
use motcua_domain::names::{Digest, SignerId, UserId};
use motcua_domain::people::organisation::Actor;
use motcua_domain::procedure::co_signer::{GivenConsent, NeededSigner, SignedContent, person_mark};
use motcua_store::{Fault, co_signing, co_signing_row};
use sha2::{Digest as _, Sha256};
use std::fmt;
use uuid::Uuid;

/// The time for which a link invites somebody, in seconds: 14 days.
const INVITED: i64 = 14 * 24 * 60 * 60;

/// The most wrong numbers that may be typed for an invitation.
const MOST_TRIES: i64 = 5;

/// The people who have to sign a draft, and the content to which they consent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DraftSigning {
    pub needed: Vec<NeededSigner>,
    /// The digest of the content, or none if nobody has to sign.
    pub content: Option<Digest>,
}

/// A person who has to sign a draft, with the state of the invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignerView {
    pub needed: NeededSigner,
    /// The mark of the person, or an empty text without a number.
    pub person: String,
    pub invitation: Option<Uuid>,
    pub state: SigningState,
}

/// The state of an invitation to sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SigningState {
    /// Nobody is invited yet.
    Missing,
    /// The link was not used yet. It holds until this second.
    Invited {
        until: i64,
    },
    /// The time of the link is over, or somebody typed too many wrong numbers.
    Expired,
    /// The person has opened the draft and said nothing yet.
    Opened {
        name: String,
    },
    Signed {
        name: String,
        at: i64,
    },
    /// The person consented, and the content has changed since.
    Changed {
        name: String,
    },
    Declined {
        name: String,
        reason: String,
    },
}

impl SignerView {
    /// Returns whether the person consented to the present content.
    pub const fn has_signed(&self) -> bool {
        matches!(self.state, SigningState::Signed { .. })
    }
}

/// The secret of a link that invites a person. The portal stores only its hash.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkSecret(String);

impl fmt::Debug for LinkSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkSecret(…)")
    }
}

impl LinkSecret {
    /// Returns a new secret of 256 bits.
    pub fn random() -> Self {
        Self(hex::encode(rand::random::<[u8; 32]>()))
    }

    /// Returns the secret in a link or a form, if it has the shape of one.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        fits.then(|| Self(text.to_owned()))
    }

    /// Returns the secret, for the link.
    pub fn secret(&self) -> &str {
        &self.0
    }

    pub(super) fn hash(&self) -> String {
        hex::encode(Sha256::digest(format!("sign:{}", self.0)))
    }
}

/// Returns the state of an invitation to sign this content.
pub(super) fn state_of(row: &co_signing_row::Model, content: Option<&Digest>, now: i64) -> SigningState {
    if row.account.is_none() {
        let holds = now < row.expires_at && row.tries < MOST_TRIES;
        return if holds { SigningState::Invited { until: row.expires_at } } else { SigningState::Expired };
    }
    let name = row.account_name.clone().unwrap_or_default();
    if row.declined_at.is_some() {
        return SigningState::Declined { name, reason: row.reason.clone().unwrap_or_default() };
    }
    match row.signed_at {
        None => SigningState::Opened { name },
        Some(at) if row.content.as_deref() == content.map(Digest::as_str) => SigningState::Signed { name, at },
        Some(_) => SigningState::Changed { name },
    }
}

/// Returns the consent of an invited person, if there is one.
fn given(row: &co_signing_row::Model) -> Option<GivenConsent> {
    Some(GivenConsent {
        signer: SignerId(row.signer.clone()),
        person: row.person.clone(),
        by: UserId(row.account.clone()?),
        name: row.account_name.clone()?,
        at: Timestamp::from_second(row.signed_at?).ok()?,
        content: Digest(row.content.clone()?),
    })
}

/// Returns whether a row invites this person.
pub(super) fn invites(row: &co_signing_row::Model, needed: &NeededSigner, draft: Uuid) -> bool {
    !needed.number.is_empty() && row.signer == needed.id.as_str() && row.person == person_mark(draft, &needed.number)
}

impl DraftSigning {
    /// Returns who has to sign a draft with this content. A supplement is the applicant's alone.
    pub(super) fn of(view: &DraftView, content: SignedContent<'_>, now: Timestamp) -> Self {
        if view.draft.dossier.is_some() || view.procedure.signers.is_empty() {
            return Self::default();
        }
        let needed = view.procedure.needed_signers(content.values, now);
        let content = (!needed.is_empty()).then(|| view.procedure.signed_content(content));
        Self { needed, content }
    }
}

impl DraftService {
    /// Returns the people who have to sign a draft, with the states of their invitations.
    pub async fn signers(&self, view: &DraftView, review: &DraftReview) -> Result<Vec<SignerView>, Error> {
        let DraftSigning { needed, content } = &review.signing;
        if needed.is_empty() {
            return Ok(Vec::new());
        }
        let (draft, now) = (view.draft.id, self.clock.now().as_second());
        let rows = co_signing::of_draft(self.database.reader(), draft).await?;
        let signer = |needed: &NeededSigner| {
            let row = rows.iter().find(|row| invites(row, needed, draft));
            SignerView {
                needed: needed.clone(),
                person: if needed.number.is_empty() { String::new() } else { person_mark(draft, &needed.number) },
                invitation: row.and_then(|row| row.id.parse().ok()),
                state: row.map_or(SigningState::Missing, |row| state_of(row, content.as_ref(), now)),
            }
        };
        Ok(needed.iter().map(signer).collect())
    }

    /// Invites a person to sign a draft by a link with this secret. The person's earlier link no longer holds, and an
    /// earlier consent ends. The same secret again changes nothing.
    pub async fn invite(
        &self,
        actor: &Actor,
        draft: Uuid,
        signer: &SignerId,
        person: &str,
        secret: &LinkSecret,
    ) -> Result<(), Error> {
        let view = self.draft(actor, draft).await?;
        let needed = self.review(&view).await?.signing.needed;
        let is_invited = |needed: &&NeededSigner| {
            needed.id == *signer && !needed.number.is_empty() && person_mark(draft, &needed.number) == person
        };
        let invited = needed.iter().find(is_invited).ok_or(Error::Invalid(InputRule::DraftChanged))?;
        let (hash, now) = (secret.hash(), self.clock.now().as_second());
        let transaction = self.database.begin().await?;
        transaction.lock_draft(draft).await?.ok_or(Error::NotFound)?;
        let rows = co_signing::of_draft(transaction.connection(), draft).await?;
        if rows.iter().any(|row| row.secret_hash == hash) {
            return Ok(());
        }
        // An invitation of a person who no longer has to sign is called back.
        let is_needed = |row: &co_signing_row::Model| needed.iter().any(|needed| invites(row, needed, draft));
        let ended: Vec<String> = rows.iter().filter(|row| !is_needed(row)).map(|row| row.id.clone()).collect();
        transaction.remove_invitations(draft, &ended).await?;
        // A filing that has read the invitations begins again. It knows neither the new one nor the consents that end.
        transaction.change_draft(draft, now).await?;
        let row = co_signing_row::Model {
            id: self.ids.next().to_string(),
            draft: draft.to_string(),
            signer: signer.to_string(),
            person: person.to_owned(),
            procedure_name: serde_json::to_string(&view.procedure.name).map_err(Fault::from)?,
            role: serde_json::to_string(&invited.name).map_err(Fault::from)?,
            secret_hash: hash,
            created_at: now,
            expires_at: now.saturating_add(INVITED),
            tries: 0,
            account: None,
            account_name: None,
            signed_at: None,
            content: None,
            declined_at: None,
            reason: None,
        };
        transaction.invite(row).await?;
        Ok(transaction.commit().await?)
    }

    /// Calls an invitation back, with the consent if there is one. Calling it back again changes nothing.
    pub async fn call_back(&self, actor: &Actor, draft: Uuid, invitation: Uuid) -> Result<(), Error> {
        self.draft(actor, draft).await?;
        let transaction = self.database.begin().await?;
        transaction.lock_draft(draft).await?.ok_or(Error::NotFound)?;
        if transaction.remove_invitations(draft, &[invitation.to_string()]).await? > 0 {
            transaction.change_draft(draft, self.clock.now().as_second()).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Returns the invitations to sign a draft that is filed, or none if its procedure has no signers.
    pub(super) async fn invitations(&self, view: &DraftView) -> Result<Vec<co_signing_row::Model>, Error> {
        if view.procedure.signers.is_empty() {
            return Ok(Vec::new());
        }
        Ok(co_signing::of_draft(self.database.reader(), view.draft.id).await?)
    }
}

/// Returns the consents among invitations.
pub(super) fn consents(rows: &[co_signing_row::Model]) -> Vec<GivenConsent> {
    rows.iter().filter_map(given).collect()
}

/// Returns the ids of the invitations of people whose consent a filing does not have. These people do not find the
/// dossier.
pub(super) fn without_consent(rows: &[co_signing_row::Model], signatures: &[CoSignature]) -> Vec<String> {
    let has_signed = |row: &co_signing_row::Model| {
        let is_of =
            |one: &CoSignature| one.signer.as_str() == row.signer && Some(one.by.as_str()) == row.account.as_deref();
        signatures.iter().any(is_of)
    };
    rows.iter().filter(|row| !has_signed(row)).map(|row| row.id.clone()).collect()
}
