//! Published versions of procedures and the components of their plugins.

use crate::entities::{component, procedure_version};
use crate::{Fault, Transaction};
use motcua_domain::names::Digest;
use motcua_domain::procedure::Procedure;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};

/// The version with this digest.
pub async fn version(connection: &impl ConnectionTrait, digest: &Digest) -> Result<Option<Procedure>, Fault> {
    let row = procedure_version::Entity::find_by_id(digest.as_str()).one(connection).await?;
    Ok(row.map(|row| serde_json::from_str(&row.content)).transpose()?)
}

/// The bytes of a component.
pub async fn component(connection: &impl ConnectionTrait, digest: &Digest) -> Result<Option<Vec<u8>>, Fault> {
    Ok(component::Entity::find_by_id(digest.as_str()).one(connection).await?.map(|row| row.bytes))
}

impl Transaction {
    /// Publishes a version; one that is published already stays as it is. Gives whether it is new.
    pub async fn publish(&self, procedure: &Procedure, now: i64) -> Result<bool, Fault> {
        let digest = procedure.digest();
        if procedure_version::Entity::find_by_id(digest.as_str()).one(self.connection()).await?.is_some() {
            return Ok(false);
        }
        let row = procedure_version::Model {
            digest: digest.0,
            code: procedure.code.to_string(),
            content: serde_json::to_string(procedure)?,
            published_at: now,
        };
        // Another node may publish the same version at this moment.
        let keep = OnConflict::column(procedure_version::Column::Digest).do_nothing().to_owned();
        let insert = procedure_version::Entity::insert(row.into_active_model()).on_conflict(keep);
        insert.exec_without_returning(self.connection()).await?;
        Ok(true)
    }

    /// Keeps a component for as long as a dossier may need it.
    pub async fn add_component(&self, digest: &Digest, bytes: &[u8]) -> Result<(), Fault> {
        if component(self.connection(), digest).await?.is_none() {
            let row = component::Model { digest: digest.to_string(), bytes: bytes.to_vec() };
            let keep = OnConflict::column(component::Column::Digest).do_nothing().to_owned();
            let insert = component::Entity::insert(row.into_active_model()).on_conflict(keep);
            insert.exec_without_returning(self.connection()).await?;
        }
        Ok(())
    }
}
