//! Reading and changing dossiers: the one way in.

use crate::drafts::{RESULT_KINDS, not_taken};
use crate::{Desk, Error};
use futures::Stream;
use motcua_domain::access::{Deed, may};
use motcua_domain::command::{Act, Command, Refusal};
use motcua_domain::decide::decide;
use motcua_domain::dossier::Dossier;
use motcua_domain::event::{Assignee, Payment, Rating, Recorded, StoredFile};
use motcua_domain::names::{ActionId, Digest, DossierCode, UserId};
use motcua_domain::organisation::{Actor, Role};
use motcua_domain::procedure::Procedure;
use motcua_domain::workflow::{Action, Requirement};
use motcua_store::files::Accept;
use motcua_store::{accounts, journal, reading_row};
use std::sync::Arc;
use uuid::Uuid;

/// A dossier with what its reader may do.
#[derive(Debug, Clone)]
pub struct DossierView {
    pub dossier: Dossier,
    pub procedure: Arc<Procedure>,
    /// The actions that the reader can take at the current step.
    pub actions: Vec<Action>,
    /// Whom the reader can assign the next step to.
    pub assignees: Vec<(UserId, String)>,
    /// The reader may record a payment.
    pub may_record_payment: bool,
    /// The reader may write messages.
    pub may_write: bool,
    /// The reader may see who read the dossier.
    pub may_read_journal: bool,
}

/// What anybody sees who knows the code and the last digits of the phone number.
#[derive(Debug, Clone)]
pub struct PublicView {
    pub dossier: Dossier,
}

/// A change that a person asks for.
#[derive(Debug, Clone)]
pub enum Change {
    /// An action of the current step.
    Act {
        action: ActionId,
        /// The version that the officer had before them.
        seen: u32,
        note: String,
        assignee: Option<UserId>,
        result: Option<StoredFile>,
        new_grounds: Option<String>,
    },
    Withdraw {
        reason: String,
    },
    Payment(Payment),
    Message {
        text: String,
    },
    Rate(Rating),
}

impl Desk {
    /// The dossier, if `actor` may read it. To everybody else it does not exist.
    pub(crate) async fn readable(&self, actor: &Actor, code: &DossierCode) -> Result<Dossier, Error> {
        let dossier = journal::dossier(self.inner.database.reader(), code).await?.ok_or(Error::NotFound)?;
        if !may(actor, Deed::ReadDossier, Some(dossier.subject())) {
            return Err(Error::NotFound);
        }
        Ok(dossier)
    }

    /// A dossier with what `actor` may do. Reading by staff is logged.
    pub async fn dossier(&self, actor: &Actor, code: &DossierCode) -> Result<DossierView, Error> {
        let dossier = self.readable(actor, code).await?;
        if let Actor::Officer { id, name, .. } = actor {
            self.log_reading(id, name, code).await?;
        }
        let procedure = self.version(&dossier.filed.version).await?;
        let may = |deed| may(actor, deed, Some(dossier.subject()));
        let step = procedure.workflow.step(&dossier.at.step);
        let waits = dossier.stage == motcua_domain::dossier::Stage::AtStep;
        let actions = match step {
            Some(step) if waits && may(Deed::ActOnStep) => step.actions.clone(),
            _ => Vec::new(),
        };
        let assignees = self.assignees(&dossier, &procedure, &actions).await?;
        Ok(DossierView {
            may_record_payment: may(Deed::RecordPayment) && dossier.owed().0 > 0 && !dossier.has_ended(),
            may_write: may(Deed::SendMessage),
            may_read_journal: may(Deed::ReadJournal),
            actions,
            assignees,
            procedure,
            dossier,
        })
    }

    async fn log_reading(&self, id: &UserId, name: &str, code: &DossierCode) -> Result<(), Error> {
        let row = reading_row::Model {
            id: self.new_id().to_string(),
            dossier: code.to_string(),
            account: id.to_string(),
            account_name: name.to_owned(),
            at: self.now().as_second(),
        };
        let transaction = self.inner.database.begin().await?;
        transaction.add_reading(row).await?;
        Ok(transaction.commit().await?)
    }

    async fn assignees(
        &self,
        dossier: &Dossier,
        procedure: &Procedure,
        actions: &[Action],
    ) -> Result<Vec<(UserId, String)>, Error> {
        let needs = actions.iter().find(|action| action.requires.contains(&Requirement::Assignee));
        let next = needs.and_then(|action| action.effect.target()).and_then(|to| procedure.workflow.step(to));
        let Some(next) = next else { return Ok(Vec::new()) };
        let (agency, unit) = (&dossier.filed.agency, &dossier.filed.unit);
        let holders = accounts::holders(self.inner.database.reader(), next.role, agency, unit).await?;
        Ok(holders.into_iter().map(|row| (UserId(row.id), row.name)).collect())
    }

    /// What anybody may see who knows the code and the last four digits of the applicant's phone number.
    pub async fn look_up(&self, code: &DossierCode, digits: &str) -> Result<PublicView, Error> {
        let dossier = journal::dossier(self.inner.database.reader(), code).await?.ok_or(Error::NotFound)?;
        let phone = &dossier.filed.applicant.phone;
        let known = phone.len().checked_sub(4).and_then(|from| phone.get(from..));
        if digits.len() != 4 || known != Some(digits) {
            return Err(Error::NotFound);
        }
        Ok(PublicView { dossier })
    }

    /// Changes a dossier and gives how it stands then.
    pub async fn change(&self, actor: &Actor, code: &DossierCode, change: Change) -> Result<Dossier, Error> {
        let command = match change {
            Change::Act { action, seen, note, assignee, result, new_grounds } => {
                let assignee = match assignee {
                    Some(id) => self.assignee(&id).await?,
                    None => None,
                };
                Command::Act(Box::new(Act { action, seen, note, assignee, result, new_grounds }))
            }
            Change::Withdraw { reason } => Command::Withdraw { reason },
            Change::Payment(payment) => Command::RecordPayment(payment),
            Change::Message { text } => Command::SendMessage { text },
            Change::Rate(rating) => Command::Rate(rating),
        };
        match self.change_and(actor, code, &command, None).await {
            // A second click on the same button, while or after the first was carried out.
            Err(Error::Refused(Refusal::Changed)) => self.done_before(actor, code, &command).await,
            other => other,
        }
    }

    /// The dossier, if the event that followed what the officer had seen is the very one that is asked for.
    async fn done_before(&self, actor: &Actor, code: &DossierCode, command: &Command) -> Result<Dossier, Error> {
        let Command::Act(act) = command else { return Err(Refusal::Changed.into()) };
        let events = journal::events(self.inner.database.reader(), code).await?;
        let next = usize::try_from(act.seen).ok().and_then(|seen| events.get(seen));
        let same = next.is_some_and(|next| next.actor == actor.reference() && next.event.action() == Some(&act.action));
        if same { self.readable(actor, code).await } else { Err(Refusal::Changed.into()) }
    }

    async fn assignee(&self, id: &UserId) -> Result<Option<(Assignee, Vec<motcua_domain::organisation::Post>)>, Error> {
        let reader = self.inner.database.reader();
        let Some(account) = accounts::by_id(reader, id).await? else { return Ok(None) };
        let posts = accounts::posts(reader, id.as_str()).await?;
        let role = posts.first().map_or(Role::Specialist, |post| post.role);
        Ok(Some((Assignee { id: id.clone(), name: account.name, role }, posts)))
    }

    /// Load, authorise, decide, append, project, commit; again if somebody else was faster. A draft that the change
    /// uses up is removed in the same transaction.
    pub(crate) async fn change_and(
        &self,
        actor: &Actor,
        code: &DossierCode,
        command: &Command,
        used_draft: Option<Uuid>,
    ) -> Result<Dossier, Error> {
        for _ in 0..10 {
            let mut dossier = match actor {
                Actor::System => journal::dossier(self.inner.database.reader(), code).await?.ok_or(Error::NotFound)?,
                _ => self.readable(actor, code).await?,
            };
            let procedure = self.version(&dossier.filed.version).await?;
            let now = self.now();
            let event = decide(self.rules(&procedure), &dossier, actor, command.clone(), now)?;
            let seen = i64::from(dossier.version);
            let recorded = Recorded { at: now, actor: actor.reference(), event };
            dossier.apply(&recorded).map_err(Error::fault)?;
            let transaction = self.inner.database.begin().await?;
            transaction.lock_journal().await?;
            if transaction.dossier_version(code).await? != seen {
                continue;
            }
            transaction.append(&recorded, &dossier).await?;
            if let Some(draft) = used_draft {
                transaction.remove_draft(draft).await?;
            }
            transaction.commit().await?;
            return Ok(dossier);
        }
        Err(Refusal::Changed.into())
    }

    /// Takes the file of a result while it streams in; it belongs to no dossier until an action issues it.
    pub async fn take_result<E>(
        &self,
        actor: &Actor,
        code: &DossierCode,
        name: &str,
        content: impl Stream<Item = Result<impl AsRef<[u8]>, E>> + Unpin,
    ) -> Result<StoredFile, Error> {
        let dossier = self.readable(actor, code).await?;
        if !may(actor, Deed::ActOnStep, Some(dossier.subject())) {
            return Err(Refusal::NotAllowed.into());
        }
        let accept = Accept { kinds: RESULT_KINDS, max_bytes: 20 << 20 };
        let file = self.inner.files.take(name, content, accept).await.map_err(not_taken)?;
        let transaction = self.inner.database.begin().await?;
        transaction.add_file(&file, self.now().as_second()).await?;
        transaction.commit().await?;
        Ok(file)
    }

    /// The content of a file of a dossier.
    pub async fn dossier_file(
        &self,
        actor: &Actor,
        code: &DossierCode,
        digest: &Digest,
    ) -> Result<(StoredFile, Vec<u8>), Error> {
        let dossier = self.readable(actor, code).await?;
        let file = dossier.files().find(|file| file.digest == *digest).ok_or(Error::NotFound)?.clone();
        let content = self.inner.files.content(digest).await?;
        Ok((file, content))
    }
}
