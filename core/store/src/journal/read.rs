//! Reading dossiers from the journal.

use crate::Fault;
use crate::rows::{dossier, journal};
use motcua_domain::dossier::Dossier;
use motcua_domain::event::Recorded;
use motcua_domain::names::{CommandId, Digest, DossierCode, ProcedureCode};
use motcua_domain::organisation::ActorRef;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

/// A dossier as its journal says, with what its next entry needs.
#[derive(Debug, Clone)]
pub struct Journaled {
    pub dossier: Dossier,
    /// The hash of its last entry.
    pub hash: Digest,
    /// The commands that were carried out, with who gave them.
    pub commands: Vec<(CommandId, ActorRef)>,
}

impl Journaled {
    /// Returns whether a command of this person was carried out.
    pub fn has(&self, command: &CommandId, actor: &ActorRef) -> bool {
        self.commands.iter().any(|(known, by)| known == command && by == actor)
    }
}

async fn entries(connection: &impl ConnectionTrait, code: &DossierCode) -> Result<Vec<journal::Model>, Fault> {
    let entries = journal::Entity::find().filter(journal::Column::Dossier.eq(code.as_str()));
    Ok(entries.order_by_asc(journal::Column::Version).all(connection).await?)
}

/// Reads what an entry says.
pub(crate) fn recorded(entry: &journal::Model) -> Result<Recorded, Fault> {
    let erased = || Fault::Journal { dossier: entry.dossier.clone(), reason: "its content was erased".to_owned() };
    Ok(serde_json::from_str(entry.payload.as_ref().ok_or_else(erased)?)?)
}

fn replayed(code: &DossierCode, events: &[Recorded]) -> Result<Dossier, Fault> {
    Dossier::replay(events).map_err(|reason| Fault::Journal { dossier: code.to_string(), reason: reason.to_string() })
}

/// Returns all events of a dossier in order; none if there is no such dossier.
pub async fn events(connection: &impl ConnectionTrait, code: &DossierCode) -> Result<Vec<Recorded>, Fault> {
    entries(connection, code).await?.iter().map(recorded).collect()
}

/// Returns the dossier with this code.
pub async fn dossier(connection: &impl ConnectionTrait, code: &DossierCode) -> Result<Option<Dossier>, Fault> {
    let events = events(connection, code).await?;
    if events.is_empty() { Ok(None) } else { replayed(code, &events).map(Some) }
}

/// Returns the dossier with this code, and what its next entry needs.
pub async fn journaled(connection: &impl ConnectionTrait, code: &DossierCode) -> Result<Option<Journaled>, Fault> {
    let entries = entries(connection, code).await?;
    let Some(last) = entries.last() else { return Ok(None) };
    let hash = Digest(last.hash.clone());
    let events = entries.iter().map(recorded).collect::<Result<Vec<_>, _>>()?;
    let dossier = replayed(code, &events)?;
    let commands = entries.into_iter().map(|entry| CommandId(entry.command));
    Ok(Some(Journaled { dossier, hash, commands: commands.zip(events.into_iter().map(|event| event.actor)).collect() }))
}

/// Returns the events of all dossiers of a procedure, each in order.
pub async fn of_procedure(
    connection: &impl ConnectionTrait,
    procedure: &ProcedureCode,
) -> Result<Vec<Vec<Recorded>>, Fault> {
    let dossiers = dossier::Entity::find()
        .filter(dossier::Column::Procedure.eq(procedure.as_str()))
        .select_only()
        .column(dossier::Column::Code)
        .into_query();
    let rows = journal::Entity::find()
        .filter(journal::Column::Dossier.in_subquery(dossiers))
        .order_by_asc(journal::Column::Dossier)
        .order_by_asc(journal::Column::Version)
        .all(connection)
        .await?;
    let mut found: Vec<Vec<Recorded>> = Vec::new();
    for row in rows {
        let recorded = recorded(&row)?;
        match found.last_mut().filter(|_| row.version > 1) {
            Some(events) => events.push(recorded),
            None => found.push(vec![recorded]),
        }
    }
    Ok(found)
}
