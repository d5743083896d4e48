//! Complaints and suggestions: their events, which are only ever inserted, and the state that follows from them.
//!
//! A transaction writes an event and the state after it together.

use crate::jobs::{self, SendTimes};
use crate::lists::PAGE;
use crate::rows::{job, notice, suggestion, suggestion_event};
use crate::{Fault, Transaction};
use jiff::Timestamp;
use motcua_domain::names::{AgencyId, CommandId, SuggestionId, UserId};
use motcua_domain::suggestion::notice::notice_of;
use motcua_domain::suggestion::{RecordedSuggestion, Suggestion, SuggestionDesk, SuggestionState, SuggestionTopic};
use motcua_domain::text::Text;
use sea_orm::sea_query::LockType;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    Statement,
};

/// The sums over the suggestions that a desk has.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct SuggestionSums {
    /// The agency, or an empty text for the administrators of the portal.
    pub desk: String,
    pub received: i64,
    pub answered: i64,
    pub declined: i64,
    /// The number of suggestions that were answered or declined late, or are late now.
    pub late: i64,
}

/// Returns the text for a desk in a row.
fn desk_word(desk: &SuggestionDesk) -> &str {
    match desk {
        SuggestionDesk::Administrator => "",
        SuggestionDesk::Leader(agency) => agency.as_str(),
    }
}

/// Returns the desk with a text in a row.
pub fn desk_of(word: &str) -> SuggestionDesk {
    if word.is_empty() { SuggestionDesk::Administrator } else { SuggestionDesk::Leader(AgencyId::from(word)) }
}

fn read(row: suggestion::Model) -> Result<Suggestion, Fault> {
    Ok(serde_json::from_str(&row.content)?)
}

fn row(suggestion: &Suggestion) -> Result<suggestion::Model, Fault> {
    Ok(suggestion::Model {
        id: suggestion.id.to_string(),
        account: suggestion.sender.to_string(),
        desk: desk_word(&suggestion.desk).to_owned(),
        state: suggestion.state.word().to_owned(),
        sent_at: suggestion.sent_at.as_second(),
        due_at: suggestion.due.answer_by.as_second(),
        ended_at: suggestion.ended_at().map(Timestamp::as_second),
        published_at: suggestion.published.as_ref().map(|published| published.at.as_second()),
        content: serde_json::to_string(suggestion)?,
    })
}

/// Returns the row of what the sender is told of an event, if anything. It names the suggestion in the place of a dossier.
fn notice_row(after: &Suggestion, recorded: &RecordedSuggestion) -> Result<Option<notice::Model>, Fault> {
    let Some(event) = notice_of(&recorded.event) else { return Ok(None) };
    let procedure_name = match &after.topic {
        SuggestionTopic::Procedure { name, .. } => name.clone(),
        SuggestionTopic::Dossier { procedure, .. } => procedure.clone(),
        SuggestionTopic::Portal | SuggestionTopic::Officer { .. } => Text::default(),
    };
    Ok(Some(notice::Model {
        dossier: after.id.to_string(),
        version: after.version.into(),
        account: after.sender.to_string(),
        procedure_name: serde_json::to_string(&procedure_name)?,
        at: recorded.at.as_second(),
        event: event.to_owned(),
    }))
}

/// Returns the suggestion with this id.
pub async fn suggestion(connection: &impl ConnectionTrait, id: &SuggestionId) -> Result<Option<Suggestion>, Fault> {
    suggestion::Entity::find_by_id(id.as_str()).one(connection).await?.map(read).transpose()
}

/// Returns the events of a suggestion, the first one first.
pub async fn events(connection: &impl ConnectionTrait, id: &SuggestionId) -> Result<Vec<RecordedSuggestion>, Fault> {
    let rows = suggestion_event::Entity::find()
        .filter(suggestion_event::Column::Suggestion.eq(id.as_str()))
        .order_by_asc(suggestion_event::Column::Number)
        .all(connection)
        .await?;
    let event = |row: suggestion_event::Model| -> Result<RecordedSuggestion, Fault> {
        let unreadable = || Fault::Unreadable(format!("suggestion {} has {} in the place of a time", id, row.at));
        let at = Timestamp::from_second(row.at).map_err(|_| unreadable())?;
        Ok(RecordedSuggestion {
            at,
            actor: serde_json::from_str(&row.actor)?,
            event: serde_json::from_str(&row.event)?,
        })
    };
    rows.into_iter().map(event).collect()
}

/// Returns whether a command was carried out on a suggestion.
pub async fn has_command(
    connection: &impl ConnectionTrait,
    id: &SuggestionId,
    command: &CommandId,
) -> Result<bool, Fault> {
    let found = suggestion_event::Entity::find()
        .filter(suggestion_event::Column::Suggestion.eq(id.as_str()))
        .filter(suggestion_event::Column::Command.eq(command.as_str()))
        .one(connection)
        .await?;
    Ok(found.is_some())
}

/// Returns the suggestions of a sender, the latest first, at most [`PAGE`] and one more.
pub async fn of_sender(connection: &impl ConnectionTrait, sender: &UserId) -> Result<Vec<Suggestion>, Fault> {
    let rows = suggestion::Entity::find()
        .filter(suggestion::Column::Account.eq(sender.as_str()))
        .order_by_desc(suggestion::Column::SentAt)
        .order_by_desc(suggestion::Column::Id)
        .limit(PAGE + 1)
        .all(connection)
        .await?;
    rows.into_iter().map(read).collect()
}

/// The most suggestions of a sender whose ids are listed.
const MOST_IDS: u64 = 10_000;

/// Returns the ids of the suggestions of a sender, the first one first, ten thousand at most.
pub async fn ids_of(connection: &impl ConnectionTrait, sender: &UserId) -> Result<Vec<SuggestionId>, Fault> {
    let ids: Vec<String> = suggestion::Entity::find()
        .select_only()
        .column(suggestion::Column::Id)
        .filter(suggestion::Column::Account.eq(sender.as_str()))
        .order_by_asc(suggestion::Column::SentAt)
        .order_by_asc(suggestion::Column::Id)
        .limit(MOST_IDS)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(ids.into_iter().map(SuggestionId).collect())
}

/// Returns the suggestions of some desks, or of all, at most [`PAGE`] and one more: the open ones, those that are due
/// soonest first, or the ended ones, the latest first.
pub async fn at_desks(
    connection: &impl ConnectionTrait,
    desks: Option<&[SuggestionDesk]>,
    ended: bool,
) -> Result<Vec<Suggestion>, Fault> {
    let mut query = suggestion::Entity::find();
    if let Some(desks) = desks {
        query = query.filter(suggestion::Column::Desk.is_in(desks.iter().map(desk_word)));
    }
    query = if ended {
        let ended = query.filter(suggestion::Column::EndedAt.is_not_null());
        ended.order_by_desc(suggestion::Column::EndedAt).order_by_desc(suggestion::Column::Id)
    } else {
        let open = query.filter(suggestion::Column::EndedAt.is_null());
        open.order_by_asc(suggestion::Column::DueAt).order_by_asc(suggestion::Column::Id)
    };
    query.limit(PAGE + 1).all(connection).await?.into_iter().map(read).collect()
}

/// Returns the published suggestions before a moment and an id, the latest first, at most [`PAGE`] and one more.
pub async fn published(connection: &impl ConnectionTrait, (at, id): (i64, &str)) -> Result<Vec<Suggestion>, Fault> {
    const SQL: &str = "SELECT * FROM suggestion WHERE (published_at, id) < ($1, $2)
        ORDER BY published_at DESC, id DESC LIMIT $3";
    let values = [at.into(), id.into(), i64::try_from(PAGE + 1).unwrap_or(i64::MAX).into()];
    let query = Statement::from_sql_and_values(connection.get_database_backend(), SQL, values);
    let rows = suggestion::Model::find_by_statement(query).all(connection).await?;
    rows.into_iter().map(read).collect()
}

/// Returns the sums of each desk that has suggestions. Those without an answer are late if they are due before `now`.
pub async fn sums(connection: &impl ConnectionTrait, now: i64) -> Result<Vec<SuggestionSums>, Fault> {
    let count =
        |condition: &str, name: &str| format!("CAST(SUM(CASE WHEN {condition} THEN 1 ELSE 0 END) AS BIGINT) AS {name}");
    let is = |state: SuggestionState| format!("state = '{}'", state.word());
    let sql = format!(
        "SELECT desk, COUNT(*) AS received, {}, {}, {} FROM suggestion GROUP BY desk ORDER BY desk",
        count(&is(SuggestionState::Answered), "answered"),
        count(&is(SuggestionState::Declined), "declined"),
        count("due_at < COALESCE(ended_at, $1)", "late"),
    );
    let query = Statement::from_sql_and_values(connection.get_database_backend(), sql, [now.into()]);
    Ok(SuggestionSums::find_by_statement(query).all(connection).await?)
}

impl Transaction {
    /// Locks a suggestion until the commit and returns it.
    pub async fn lock_suggestion(&self, id: &SuggestionId) -> Result<Option<Suggestion>, Fault> {
        let row = suggestion::Entity::find_by_id(id.as_str()).lock(LockType::NoKeyUpdate);
        row.one(self.connection()).await?.map(read).transpose()
    }

    /// Adds a suggestion with its first event. A suggestion with this id is a duplicate fault.
    pub async fn add_suggestion(
        &self,
        suggestion: &Suggestion,
        command: &CommandId,
        first: &RecordedSuggestion,
    ) -> Result<(), Fault> {
        let row = row(suggestion)?;
        suggestion::Entity::insert(row.into_active_model()).exec_without_returning(self.connection()).await?;
        self.add_suggestion_event(suggestion, command, first).await
    }

    /// Stores the state of a suggestion after an event, with the event, the notice of it, and the jobs that send the notice
    /// from the moments `send` on.
    pub async fn change_suggestion(
        &self,
        suggestion: &Suggestion,
        command: &CommandId,
        event: &RecordedSuggestion,
        send: SendTimes,
    ) -> Result<(), Fault> {
        let row = row(suggestion)?;
        suggestion::Entity::update_many()
            .col_expr(suggestion::Column::Desk, row.desk.into())
            .col_expr(suggestion::Column::State, row.state.into())
            .col_expr(suggestion::Column::DueAt, row.due_at.into())
            .col_expr(suggestion::Column::EndedAt, row.ended_at.into())
            .col_expr(suggestion::Column::PublishedAt, row.published_at.into())
            .col_expr(suggestion::Column::Content, row.content.into())
            .filter(suggestion::Column::Id.eq(row.id))
            .exec(self.connection())
            .await?;
        self.add_suggestion_event(suggestion, command, event).await?;
        let Some(told) = notice_row(suggestion, event)? else { return Ok(()) };
        for sending in jobs::sending(&told, send) {
            job::Entity::insert(sending.into_active_model()).exec_without_returning(self.connection()).await?;
        }
        notice::Entity::insert(told.into_active_model()).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    async fn add_suggestion_event(
        &self,
        after: &Suggestion,
        command: &CommandId,
        recorded: &RecordedSuggestion,
    ) -> Result<(), Fault> {
        let row = suggestion_event::Model {
            suggestion: after.id.to_string(),
            number: after.version.into(),
            at: recorded.at.as_second(),
            command: command.to_string(),
            actor: serde_json::to_string(&recorded.actor)?,
            event: serde_json::to_string(&recorded.event)?,
        };
        suggestion_event::Entity::insert(row.into_active_model()).exec_without_returning(self.connection()).await?;
        Ok(())
    }
}
