//! A draft as a person sees it who is invited to sign it: the content that will be filed, and nothing else.

use super::signers::{LinkSecret, SigningState, invites, state_of};
use super::{DraftReview, DraftService, DraftView};
use crate::rights::applicant;
use crate::{Error, InputRule};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::identity::{citizen_number, tax_code};
use motcua_domain::media::AttachedPaper;
use motcua_domain::names::{Digest, UserId};
use motcua_domain::people::organisation::Actor;
use motcua_domain::procedure::co_signer::{NeededSigner, person_mark};
use motcua_domain::text::{Text, narrow};
use motcua_store::files::FileContent;
use motcua_store::{Fault, co_signing, co_signing_row, dossier_row};
use uuid::Uuid;

/// The longest reason for declining, in characters.
const LONGEST_REASON: usize = 1000;

/// An invitation as it is shown before the person has proved to be the invited one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationView {
    pub procedure: Text,
    /// The role of the invited person.
    pub role: Text,
    /// The name of the applicant.
    pub applicant: String,
    /// The account has proved to be the invited person's already.
    pub opened: Option<Uuid>,
}

/// A draft that a person is asked to sign, or the dossier that it became.
#[derive(Debug, Clone)]
pub enum SigningView {
    Draft(Box<DraftToSign>),
    Filed(SignedDossier),
}

/// A draft that a person is asked to sign.
#[derive(Debug, Clone)]
pub struct DraftToSign {
    pub view: DraftView,
    pub review: DraftReview,
    /// The name of the applicant.
    pub applicant: String,
    pub signer: NeededSigner,
    pub state: SigningState,
}

/// A dossier that a person signed, without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedDossier {
    pub code: String,
    pub procedure: Text,
    pub role: Text,
    /// The word for the status.
    pub status: String,
    /// In seconds since 1970.
    pub signed_at: i64,
    pub filed_at: i64,
}

/// A line of the list of what a person signed or is asked to sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningLine {
    pub id: Uuid,
    pub procedure: Text,
    pub role: Text,
    /// The person consented or declined.
    pub answered: bool,
    pub declined: bool,
    /// The dossier, if the draft was filed.
    pub dossier: Option<SignedDossier>,
}

fn text(json: &str) -> Result<Text, Fault> {
    Ok(serde_json::from_str(json)?)
}

fn signed_dossier(row: &co_signing_row::Model, dossier: dossier_row::Model) -> Result<Option<SignedDossier>, Fault> {
    let Some(signed_at) = row.signed_at else { return Ok(None) };
    Ok(Some(SignedDossier {
        code: dossier.code,
        procedure: text(&row.procedure_name)?,
        role: text(&row.role)?,
        status: dossier.status,
        signed_at,
        filed_at: dossier.filed_at,
    }))
}

/// Returns the id of the draft of an invitation.
fn draft_of(row: &co_signing_row::Model) -> Result<Uuid, Error> {
    row.draft.parse::<Uuid>().map_err(Error::fault)
}

/// Returns whether an account proved to be the invited person.
fn is_of(row: &co_signing_row::Model, account: &UserId) -> bool {
    row.account.as_deref() == Some(account.as_str())
}

impl DraftService {
    /// Returns the invitation of a link. Every link that does not hold is refused in the same way.
    pub async fn invitation(&self, actor: &Actor, secret: Option<&LinkSecret>) -> Result<InvitationView, Error> {
        let account = applicant(actor)?;
        let (row, draft) = self.invited(account, secret).await?;
        let (_, owner, _) = self.found_draft(draft, None).await.map_err(no_invitation)?;
        Ok(InvitationView {
            procedure: text(&row.procedure_name)?,
            role: text(&row.role)?,
            applicant: owner.name,
            opened: is_of(&row, account).then(|| row.id.parse::<Uuid>()).transpose().map_err(Error::fault)?,
        })
    }

    /// Returns the invitation with a secret and its draft, if it is open or belongs to this account.
    async fn invited(
        &self,
        account: &UserId,
        secret: Option<&LinkSecret>,
    ) -> Result<(co_signing_row::Model, Uuid), Error> {
        let secret = secret.ok_or(Refusal::NoInvitation)?;
        let row = co_signing::by_secret(self.database.reader(), &secret.hash()).await?.ok_or(Refusal::NoInvitation)?;
        let is_open = matches!(state_of(&row, None, self.clock.now().as_second()), SigningState::Invited { .. });
        if !is_open && !is_of(&row, account) {
            return Err(Refusal::NoInvitation.into());
        }
        let draft = draft_of(&row)?;
        Ok((row, draft))
    }

    /// Accepts an invitation with the number of the invited person. From then on it belongs to this account alone.
    /// Accepting it again returns the same.
    pub async fn accept_invitation(
        &self,
        actor: &Actor,
        secret: Option<&LinkSecret>,
        number: &str,
    ) -> Result<Uuid, Error> {
        let account = applicant(actor)?;
        let (row, draft) = self.invited(account, secret).await?;
        let id: Uuid = row.id.parse().map_err(Error::fault)?;
        if is_of(&row, account) {
            return Ok(id);
        }
        let Actor::Applicant { name, .. } = actor else { return Err(Refusal::NotAllowed.into()) };
        let typed = narrow(number);
        let numbers = [citizen_number(&typed), tax_code(&typed)];
        let is_person = numbers.iter().flatten().any(|number| person_mark(draft, number) == row.person);
        let transaction = self.database.begin().await?;
        transaction.lock_draft(draft).await?.ok_or(Refusal::NoInvitation)?;
        if !is_person {
            transaction.count_wrong_number(&row.id).await?;
            transaction.commit().await?;
            return Err(Error::Invalid(InputRule::SignerNumber));
        }
        let others = co_signing::of_draft(transaction.connection(), draft).await?;
        if others.iter().any(|other| is_of(other, account) && other.person != row.person) {
            return Err(Error::Invalid(InputRule::SignerTwice));
        }
        if !transaction.bind_invitation(&row.id, account, name).await? {
            return Err(Refusal::NoInvitation.into());
        }
        transaction.commit().await?;
        Ok(id)
    }

    /// Returns an invitation that belongs to the account of `actor`. For everybody else it does not exist.
    async fn own_invitation(&self, actor: &Actor, id: Uuid) -> Result<co_signing_row::Model, Error> {
        let account = applicant(actor)?;
        let row = co_signing::by_id(self.database.reader(), id).await?;
        row.filter(|row| is_of(row, account)).ok_or(Error::NotFound)
    }

    /// Returns the draft of an invitation, or the dossier that it became.
    pub async fn signing(&self, actor: &Actor, id: Uuid) -> Result<SigningView, Error> {
        let row = self.own_invitation(actor, id).await?;
        match self.to_sign(&row).await {
            Ok(open) => return Ok(SigningView::Draft(Box::new(open))),
            Err(Error::NotFound) => {}
            Err(error) => return Err(error),
        }
        let dossier = co_signing::dossier_of(self.database.reader(), &row.draft).await?.ok_or(Error::NotFound)?;
        Ok(SigningView::Filed(signed_dossier(&row, dossier)?.ok_or(Error::NotFound)?))
    }

    /// Returns the draft of an invitation, if it was not filed and the person still has to sign it.
    async fn to_sign(&self, row: &co_signing_row::Model) -> Result<DraftToSign, Error> {
        let draft = draft_of(row)?;
        let (view, owner, _) = self.found_draft(draft, None).await?;
        let review = self.review(&view).await?;
        let signer = review.signing.needed.iter().find(|needed| invites(row, needed, draft)).cloned();
        let signer = signer.ok_or(Error::NotFound)?;
        let state = state_of(row, review.signing.content.as_ref(), self.clock.now().as_second());
        Ok(DraftToSign { view, review, applicant: owner.name, signer, state })
    }

    /// Consents to the content that the person read. The same consent again changes nothing.
    pub async fn consent(&self, actor: &Actor, id: Uuid, read: &str) -> Result<(), Error> {
        let row = self.own_invitation(actor, id).await?;
        let open = match self.to_sign(&row).await {
            // The draft was filed with this consent.
            Err(Error::NotFound) if row.signed_at.is_some() => return Ok(()),
            open => open?,
        };
        let content = open.review.signing.content.clone().filter(|content| content.as_str() == read);
        let content = content.ok_or(Error::Invalid(InputRule::DraftChanged))?;
        if !open.review.complete() {
            return Err(Refusal::Incomplete(open.review.findings).into());
        }
        if matches!(open.state, SigningState::Signed { .. }) {
            return Ok(());
        }
        let transaction = self.database.begin().await?;
        let locked = transaction.lock_draft(open.view.draft.id).await?.ok_or(Error::NotFound)?;
        if locked.state() != open.view.draft.state() {
            return Err(Error::Invalid(InputRule::DraftChanged));
        }
        transaction.consent(&row.id, &content, self.clock.now().as_second()).await?;
        Ok(transaction.commit().await?)
    }

    /// Declines to sign, with a reason for the applicant. An earlier consent ends.
    pub async fn decline(&self, actor: &Actor, id: Uuid, reason: &str) -> Result<(), Error> {
        let row = self.own_invitation(actor, id).await?;
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
            return Err(Error::Invalid(InputRule::SignerReason));
        }
        let draft = draft_of(&row)?;
        let transaction = self.database.begin().await?;
        transaction.lock_draft(draft).await?.ok_or(Error::NotFound)?;
        let now = self.clock.now().as_second();
        if row.declined_at.is_none() || row.reason.as_deref() != Some(reason) {
            transaction.decline(&row.id, reason, now).await?;
            // A filing that has read the consent begins again.
            transaction.change_draft(draft, now).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Opens a file of a draft that the person is asked to sign. Among files with the same content, `name` selects one.
    pub async fn file_to_sign(
        &self,
        actor: &Actor,
        id: Uuid,
        digest: &Digest,
        name: &str,
    ) -> Result<(AttachedPaper, FileContent), Error> {
        let row = self.own_invitation(actor, id).await?;
        let open = self.to_sign(&row).await?;
        self.open_attached(&open.view, digest, name).await
    }

    /// Returns what a person signed or is asked to sign, the latest first.
    pub async fn signings(&self, actor: &Actor) -> Result<Vec<SigningLine>, Error> {
        let rows = co_signing::of_account(self.database.reader(), applicant(actor)?).await?;
        let mut lines = Vec::with_capacity(rows.len());
        for (row, dossier) in rows {
            let dossier = dossier.map(|dossier| signed_dossier(&row, dossier)).transpose()?.flatten();
            lines.push(SigningLine {
                id: row.id.parse::<Uuid>().map_err(Error::fault)?,
                procedure: text(&row.procedure_name)?,
                role: text(&row.role)?,
                answered: row.signed_at.is_some() || row.declined_at.is_some(),
                declined: row.declined_at.is_some(),
                dossier,
            });
        }
        Ok(lines)
    }
}

/// Returns the refusal of a link whose draft does not exist.
fn no_invitation(error: Error) -> Error {
    match error {
        Error::NotFound => Refusal::NoInvitation.into(),
        error => error,
    }
}
