//! Reading dossiers from the journal.

use crate::Fault;
use crate::rows::{dossier, journal};
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::event::Recorded;
use motcua_domain::names::{CommandId, Digest, DossierCode, ProcedureCode};
use motcua_domain::people::organisation::ActorRef;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// The number of dossiers of a procedure that are read at a time.
const PAGE: u64 = 100;

/// A dossier as its journal says, with the data that its next entry needs.
#[derive(Debug, Clone)]
pub struct Journaled {
    pub dossier: Dossier,
    /// The hash of its last entry.
    pub hash: Digest,
    /// The commands that were carried out, each with the actor who gave it.
    pub commands: Vec<(CommandId, ActorRef)>,
}

impl Journaled {
    /// Returns whether a command of this person was carried out.
    pub fn has(&self, command: &CommandId, actor: &ActorRef) -> bool {
        self.commands.iter().any(|(known, by)| known == command && by.is_same(actor))
    }
}

async fn entries(connection: &impl ConnectionTrait, code: &DossierCode) -> Result<Vec<journal::Model>, Fault> {
    let entries = journal::Entity::find().filter(journal::Column::Dossier.eq(code.as_str()));
    Ok(entries.order_by_asc(journal::Column::Version).all(connection).await?)
}

/// Reads the events of a dossier. Erased content is reported before content that cannot be read, because no other
/// version of the program reads it.
fn recorded(code: &str, entries: &[journal::Model]) -> Result<Vec<Recorded>, Fault> {
    if entries.iter().any(|entry| entry.payload.is_none()) {
        return Err(Fault::Erased { dossier: code.to_owned() });
    }
    let read = |entry: &journal::Model| {
        serde_json::from_str::<Recorded>(entry.payload.as_deref().unwrap_or_default()).map_err(|error| {
            let reason = format!("entry {} cannot be read: {error}", entry.version);
            Fault::Journal { dossier: code.to_owned(), reason }
        })
    };
    entries.iter().map(read).collect()
}

fn replayed(code: &DossierCode, events: &[Recorded]) -> Result<Dossier, Fault> {
    Dossier::replay(events).map_err(|reason| Fault::Journal { dossier: code.to_string(), reason: reason.to_string() })
}

/// Returns all events of a dossier in order, or none if the dossier does not exist.
pub async fn events(connection: &impl ConnectionTrait, code: &DossierCode) -> Result<Vec<Recorded>, Fault> {
    recorded(code.as_str(), &entries(connection, code).await?)
}

/// Returns the event of one entry. Returns none if the dossier has no such entry, or if its content was erased.
pub async fn event(connection: &impl ConnectionTrait, code: &str, version: i64) -> Result<Option<Recorded>, Fault> {
    let entry = journal::Entity::find_by_id((code.to_owned(), version)).one(connection).await?;
    let Some(entry) = entry.filter(|entry| entry.payload.is_some()) else { return Ok(None) };
    Ok(recorded(code, std::slice::from_ref(&entry))?.pop())
}

/// Returns all events of a dossier in order, each with the hash of its entry.
pub async fn hashed_events(
    connection: &impl ConnectionTrait,
    code: &DossierCode,
) -> Result<Vec<(Recorded, Digest)>, Fault> {
    let entries = entries(connection, code).await?;
    let events = recorded(code.as_str(), &entries)?;
    Ok(events.into_iter().zip(entries.into_iter().map(|entry| Digest(entry.hash))).collect())
}

/// Returns the dossier with this code.
pub async fn dossier(connection: &impl ConnectionTrait, code: &DossierCode) -> Result<Option<Dossier>, Fault> {
    let events = events(connection, code).await?;
    if events.is_empty() { Ok(None) } else { replayed(code, &events).map(Some) }
}

/// Returns the dossier with this code, and the data that its next entry needs.
pub async fn journaled(connection: &impl ConnectionTrait, code: &DossierCode) -> Result<Option<Journaled>, Fault> {
    let entries = entries(connection, code).await?;
    let Some(last) = entries.last() else { return Ok(None) };
    let hash = Digest(last.hash.clone());
    let events = recorded(code.as_str(), &entries)?;
    let dossier = replayed(code, &events)?;
    let commands = entries.into_iter().map(|entry| CommandId(entry.command));
    Ok(Some(Journaled { dossier, hash, commands: commands.zip(events.into_iter().map(|event| event.actor)).collect() }))
}

/// The dossiers of a procedure.
#[derive(Debug, Default)]
pub struct PastDossiers {
    /// The events of each dossier in order.
    pub dossiers: Vec<Vec<Recorded>>,
    /// The dossiers that cannot be read, each as a fault that names it.
    pub unreadable: Vec<Fault>,
}

/// Returns all dossiers of a procedure. A dossier that cannot be read does not stop the others.
pub async fn of_procedure(connection: &impl ConnectionTrait, procedure: &ProcedureCode) -> Result<PastDossiers, Fault> {
    let (mut found, mut last) = (PastDossiers::default(), String::new());
    loop {
        let page = dossier::Entity::find().filter(dossier::Column::Procedure.eq(procedure.as_str()));
        let page = page.filter(dossier::Column::Code.gt(last.as_str())).order_by_asc(dossier::Column::Code);
        let page = page.select_only().column(dossier::Column::Code).limit(PAGE);
        let codes: Vec<String> = page.into_tuple().all(connection).await?;
        let Some(end) = codes.last() else { return Ok(found) };
        last.clone_from(end);
        let entries = journal::Entity::find().filter(journal::Column::Dossier.is_in(codes));
        let entries = entries.order_by_asc(journal::Column::Dossier).order_by_asc(journal::Column::Version);
        let entries = entries.all(connection).await?;
        for dossier in entries.chunk_by(|one, next| one.dossier == next.dossier) {
            let code = dossier.first().map_or("", |first| first.dossier.as_str());
            match recorded(code, dossier) {
                Ok(events) => found.dossiers.push(events),
                Err(fault) => found.unreadable.push(fault),
            }
        }
    }
}
