//! Complaints and suggestions: sending them, answering them, and the lists of them.

mod topic;

pub use topic::SuggestionWish;

use crate::common::CommonParts;
use crate::dossiers::DossierService;
use crate::lists::cut;
use crate::procedures::ProcedureService;
use crate::quotas::AccountQuotas;
use crate::sms::Senders;
use crate::{Error, InputRule, TimeSource};
use motcua_catalogue::Province;
use motcua_catalogue::settings::SuggestionSettings;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::names::{CommandId, SuggestionId, UserId};
use motcua_domain::people::access::{Deed, may};
use motcua_domain::people::organisation::Actor;
use motcua_domain::suggestion::access::{can_answer, desks_of, reads_all, route};
use motcua_domain::suggestion::decide::{SuggestionCommand, SuggestionFacts, SuggestionRefusal, readable};
use motcua_domain::suggestion::limit::SuggestionLimits;
use motcua_domain::suggestion::{RecordedSuggestion, Suggestion, SuggestionDesk, SuggestionEvent};
use motcua_store::suggestions::{self, SuggestionSums};
use motcua_store::{Database, accounts, is_duplicate, lists};
use std::sync::Arc;

/// The first letters of a command's id, which become the id of the suggestion that it sends.
const LETTERS_OF_ID: usize = 24;

/// A suggestion with the rights of its reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuggestionView {
    pub suggestion: Suggestion,
    /// The name of the sender, or none if the sender deleted the account.
    pub sender: Option<String>,
    pub events: Vec<RecordedSuggestion>,
    pub is_late: bool,
    /// The reader may answer, decline, forward and publish it.
    pub may_answer: bool,
    /// The desks to which the reader may forward it.
    pub desks: Vec<SuggestionDesk>,
}

/// A suggestion in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedSuggestion {
    pub suggestion: Suggestion,
    pub is_late: bool,
}

/// The figures of a desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuggestionFigures {
    pub desk: SuggestionDesk,
    pub received: i64,
    pub answered: i64,
    pub declined: i64,
    /// The number of suggestions that were answered or declined late, or are late now.
    pub late: i64,
}

/// Complaints and suggestions.
#[derive(Debug)]
pub struct SuggestionService {
    database: Database,
    clock: TimeSource,
    province: Arc<Province>,
    limits: SuggestionSettings,
    quotas: AccountQuotas,
    procedures: Arc<ProcedureService>,
    senders: Senders,
    dossiers: Arc<DossierService>,
}

impl From<SuggestionRefusal> for Error {
    fn from(refusal: SuggestionRefusal) -> Self {
        let rule = match refusal {
            SuggestionRefusal::NotAllowed => return Refusal::NotAllowed.into(),
            SuggestionRefusal::NothingChanges => return Refusal::NothingChanges.into(),
            SuggestionRefusal::Text => InputRule::SuggestionText,
            SuggestionRefusal::Ended => InputRule::SuggestionEnded,
            SuggestionRefusal::NotAnswered => InputRule::SuggestionUnanswered,
            SuggestionRefusal::NoConsent => InputRule::SuggestionConsent,
            SuggestionRefusal::Desk => InputRule::SuggestionDesk,
            SuggestionRefusal::Forwards => InputRule::SuggestionForwards,
            SuggestionRefusal::Names => InputRule::SuggestionNames,
        };
        Self::Invalid(rule)
    }
}

/// Returns the account of an actor who may send suggestions, or refuses the actor.
fn sender(actor: &Actor) -> Result<&UserId, Error> {
    match actor {
        Actor::Applicant { id, .. } if may(actor, Deed::SendSuggestion, None) => Ok(id),
        _ => Err(Refusal::NotAllowed.into()),
    }
}

impl SuggestionService {
    pub(crate) fn new(
        common: &CommonParts,
        limits: SuggestionSettings,
        quotas: AccountQuotas,
        procedures: Arc<ProcedureService>,
        senders: Senders,
        dossiers: Arc<DossierService>,
    ) -> Self {
        let CommonParts { database, clock, province, .. } = common.clone();
        Self { database, clock, province, limits, quotas, procedures, senders, dossiers }
    }

    /// Returns the limits, in working days.
    pub const fn limits(&self) -> SuggestionLimits {
        let SuggestionSettings { acknowledge_days, answer_days } = self.limits;
        SuggestionLimits { acknowledge_days, answer_days }
    }

    /// Sends a suggestion to the desk that answers it, and returns its id. The same command sends it once.
    pub async fn send(
        &self,
        actor: &Actor,
        command: &CommandId,
        wish: &SuggestionWish,
        text: &str,
        may_publish: bool,
    ) -> Result<SuggestionId, Error> {
        let account = sender(actor)?;
        let id = SuggestionId(command.as_str().chars().take(LETTERS_OF_ID).collect());
        if let Some(known) = suggestions::suggestion(self.database.reader(), &id).await? {
            return if known.sender == *account { Ok(id) } else { Err(Error::NotFound) };
        }
        let text = readable(text)?;
        let topic = self.topic(actor, wish).await?;
        let meant = self.officers(topic.meant()).await?;
        self.quotas.count_suggestion(account).await?;
        let now = self.clock.now();
        let event = SuggestionEvent::Sent {
            sender: account.clone(),
            desk: route(&topic, &meant, &self.province.agencies),
            topic,
            text,
            may_publish,
            due: self.limits().due(&self.province.calendar, now),
        };
        let first = RecordedSuggestion::by(actor, now, event);
        let sent = Suggestion::begin(id.clone(), &first).ok_or(Error::NotFound)?;
        let transaction = self.database.begin().await?;
        match transaction.add_suggestion(&sent, command, &first).await {
            Ok(()) => transaction.commit().await?,
            // The same form was sent twice at once, and the other one was faster.
            Err(fault) if is_duplicate(&fault) => {}
            Err(fault) => return Err(fault.into()),
        }
        Ok(id)
    }

    /// Returns a suggestion with the rights of `actor`. It does not exist for a person who may not read it. Logs readings
    /// by staff.
    pub async fn one(&self, actor: &Actor, id: &SuggestionId) -> Result<SuggestionView, Error> {
        let reader = self.database.reader();
        let found = suggestions::suggestion(reader, id).await?;
        let suggestion = found.filter(|found| found.may_read(actor)).ok_or(Error::NotFound)?;
        self.log_reading(actor, id).await?;
        let may_answer = suggestion.may_answer(actor);
        let mut desks = Vec::new();
        if may_answer && !suggestion.state.has_ended() {
            let meant = self.officers(suggestion.topic.meant()).await?;
            let agencies = self.province.agencies.iter().map(|agency| SuggestionDesk::Leader(agency.id.clone()));
            let all = agencies.chain([SuggestionDesk::Administrator]);
            let fits =
                |desk: &SuggestionDesk| *desk != suggestion.desk && can_answer(desk, &meant, &self.province.agencies);
            desks.extend(all.filter(fits));
        }
        Ok(SuggestionView {
            events: suggestions::events(reader, id).await?,
            is_late: suggestion.is_late(self.clock.now()),
            may_answer,
            desks,
            sender: accounts::name_of(reader, &suggestion.sender).await?,
            suggestion,
        })
    }

    /// Logs that an officer read a suggestion. The log names the suggestion in the place of a dossier.
    async fn log_reading(&self, actor: &Actor, id: &SuggestionId) -> Result<(), Error> {
        let Actor::Officer { id: officer, name, .. } = actor else { return Ok(()) };
        self.dossiers.log_readings(officer, name, std::slice::from_ref(id)).await
    }

    /// Carries out a command on a suggestion. The same command is carried out once, and a command that would change
    /// nothing is done.
    pub async fn change(
        &self,
        actor: &Actor,
        id: &SuggestionId,
        command_id: &CommandId,
        command: &SuggestionCommand,
    ) -> Result<(), Error> {
        let reader = self.database.reader();
        let known = suggestions::suggestion(reader, id).await?.ok_or(Error::NotFound)?;
        // After forwarding, the desk may no longer read the suggestion, and its form can still be sent again.
        if suggestions::has_command(reader, id, command_id).await? {
            return Ok(());
        }
        if !known.may_read(actor) {
            return Err(Error::NotFound);
        }
        let meant = self.officers(known.topic.meant()).await?;
        let transaction = self.database.begin().await?;
        let mut suggestion = transaction.lock_suggestion(id).await?.ok_or(Error::NotFound)?;
        if suggestions::has_command(transaction.connection(), id, command_id).await? {
            return Ok(transaction.commit().await?);
        }
        let sender = accounts::name_of(transaction.connection(), &suggestion.sender).await?;
        let facts = SuggestionFacts {
            calendar: &self.province.calendar,
            limits: self.limits(),
            agencies: &self.province.agencies,
            meant: &meant,
            sender: sender.as_deref(),
            now: self.clock.now(),
        };
        let event = match suggestion.decide(actor, command, facts) {
            Ok(event) => event,
            Err(SuggestionRefusal::NothingChanges) => return Ok(transaction.commit().await?),
            Err(refusal) => return Err(refusal.into()),
        };
        let recorded = RecordedSuggestion::by(actor, facts.now, event);
        suggestion.apply(&recorded);
        transaction.change_suggestion(&suggestion, command_id, &recorded, self.senders.due(facts.now)).await?;
        Ok(transaction.commit().await?)
    }

    /// Returns the suggestions that the applicant sent, the latest first, and whether there are more.
    pub async fn own(&self, actor: &Actor) -> Result<(Vec<ListedSuggestion>, bool), Error> {
        let account = sender(actor)?;
        Ok(self.listed(suggestions::of_sender(self.database.reader(), account).await?))
    }

    /// Returns the suggestions of the officer's desks, and whether there are more: the open ones, those that are due
    /// soonest first, or the ended ones, the latest first.
    pub async fn at_desk(&self, actor: &Actor, ended: bool) -> Result<(Vec<ListedSuggestion>, bool), Error> {
        let desks = Self::desks(actor)?;
        let found = suggestions::at_desks(self.database.reader(), desks.as_deref(), ended).await?;
        let (mut listed, more) = self.listed(found);
        listed.retain(|listed| listed.suggestion.may_read(actor));
        Ok((listed, more))
    }

    /// Returns the figures of the officer's desks.
    pub async fn figures_of(&self, actor: &Actor) -> Result<Vec<SuggestionFigures>, Error> {
        let desks = Self::desks(actor)?;
        let mut figures = self.figures().await?;
        figures.retain(|figures| desks.as_ref().is_none_or(|desks| desks.contains(&figures.desk)));
        Ok(figures)
    }

    /// Returns the figures of all desks, for everybody.
    pub async fn figures(&self) -> Result<Vec<SuggestionFigures>, Error> {
        let sums = suggestions::sums(self.database.reader(), self.clock.now().as_second()).await?;
        let figures = |sums: SuggestionSums| SuggestionFigures {
            desk: suggestions::desk_of(&sums.desk),
            received: sums.received,
            answered: sums.answered,
            declined: sums.declined,
            late: sums.late,
        };
        Ok(sums.into_iter().map(figures).collect())
    }

    /// Returns published suggestions, the latest first, and whether there are earlier ones. `before` is the last one of
    /// a page: its moment and its id. Pages show of them only the public words, the topic and the desk.
    pub async fn published(&self, before: Option<(i64, &str)>) -> Result<(Vec<Suggestion>, bool), Error> {
        let mut found = suggestions::published(self.database.reader(), before.unwrap_or((i64::MAX, ""))).await?;
        let more = cut(&mut found, lists::PAGE);
        Ok((found, more))
    }

    fn listed(&self, mut found: Vec<Suggestion>) -> (Vec<ListedSuggestion>, bool) {
        let (more, now) = (cut(&mut found, lists::PAGE), self.clock.now());
        let listed = |suggestion: Suggestion| ListedSuggestion { is_late: suggestion.is_late(now), suggestion };
        (found.into_iter().map(listed).collect(), more)
    }

    /// Returns the desks whose suggestions an officer reads, or none for all of them. Refuses everybody else.
    fn desks(actor: &Actor) -> Result<Option<Vec<SuggestionDesk>>, Error> {
        if !may(actor, Deed::ReadSuggestions, None) {
            return Err(Refusal::NotAllowed.into());
        }
        Ok(if reads_all(actor) { None } else { Some(desks_of(actor)) })
    }
}
