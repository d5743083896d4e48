//! Versions of procedures with the files that they need, and their releases and retirements.

use crate::projections::queue;
use crate::rows::{content, procedure_version, release, version_source};
use crate::{Fault, Transaction};
use motcua_domain::names::{Digest, ProcedureCode};
use motcua_domain::procedure::Procedure;
use motcua_domain::procedure::changes::Release;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryOrder, QuerySelect, Statement};
use std::collections::BTreeMap;

/// Returns the version with this digest.
pub async fn version(connection: &impl ConnectionTrait, digest: &Digest) -> Result<Option<Procedure>, Fault> {
    let row = procedure_version::Entity::find_by_id(digest.as_str()).one(connection).await?;
    Ok(row.map(|row| serde_json::from_str(&row.content)).transpose()?)
}

/// Returns the bytes of a file that a version needs.
pub async fn content(connection: &impl ConnectionTrait, digest: &Digest) -> Result<Option<Vec<u8>>, Fault> {
    Ok(content::Entity::find_by_id(digest.as_str()).one(connection).await?.map(|row| row.bytes))
}

/// Returns the TOML files of a version by path, byte for byte. Returns `None` for a version without texts, which a
/// portal installed before it kept them.
pub async fn source(
    connection: &impl ConnectionTrait,
    digest: &Digest,
) -> Result<Option<BTreeMap<String, String>>, Fault> {
    let row = version_source::Entity::find_by_id(digest.as_str()).one(connection).await?;
    Ok(row.map(|row| serde_json::from_str(&row.files)).transpose()?)
}

/// A version that was installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstalledVersion {
    pub version: Digest,
    pub code: ProcedureCode,
    /// In seconds since 1970.
    pub installed_at: i64,
    /// The key that signed its package, if one did.
    pub signer: Option<String>,
}

/// Returns all installed versions, the latest first.
pub async fn installed(connection: &impl ConnectionTrait) -> Result<Vec<InstalledVersion>, Fault> {
    use procedure_version::Column;
    let rows: Vec<(String, String, i64, Option<String>)> = procedure_version::Entity::find()
        .select_only()
        .columns([Column::Digest, Column::Code, Column::InstalledAt, Column::Signer])
        .order_by_desc(Column::InstalledAt)
        .order_by_asc(Column::Digest)
        .into_tuple()
        .all(connection)
        .await?;
    let read = |(version, code, installed_at, signer)| InstalledVersion {
        version: Digest(version),
        code: ProcedureCode(code),
        installed_at,
        signer,
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Returns the versions that open dossiers and drafts follow.
pub async fn followed(connection: &impl ConnectionTrait) -> Result<Vec<Digest>, Fault> {
    // For each version the index finds one dossier, however many there are.
    let sql = format!(
        "SELECT digest FROM procedure_version AS known WHERE EXISTS (
            SELECT 1 FROM dossier WHERE procedure_version = known.digest AND {}
         ) OR digest IN (SELECT version FROM draft)",
        queue::IS_OPEN
    );
    let rows = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), sql)).await?;
    rows.into_iter().map(|row| Ok(Digest(row.try_get("", "digest")?))).collect()
}

/// Returns the number of the latest release, or 0 if there is none.
pub async fn last_release(connection: &impl ConnectionTrait) -> Result<i64, Fault> {
    let last: Option<Option<i64>> = release::Entity::find()
        .select_only()
        .column_as(release::Column::Number.max(), "number")
        .into_tuple()
        .one(connection)
        .await?;
    Ok(last.flatten().unwrap_or(0))
}

/// Returns all releases, in order.
pub async fn releases(connection: &impl ConnectionTrait) -> Result<Vec<Release>, Fault> {
    let rows = release::Entity::find().order_by_asc(release::Column::Number).all(connection).await?;
    let read = |row: release::Model| {
        Ok(Release {
            number: row.number,
            code: ProcedureCode(row.code),
            version: Digest(row.version),
            retired: row.retired,
            by_folder: row.by_folder,
            at: row.at,
            by: row.actor,
            changes: serde_json::from_str(&row.changes)?,
        })
    };
    rows.into_iter().map(read).collect()
}

impl Transaction {
    /// Installs a version and returns whether it is new. An installed version stays as it is.
    pub async fn install(&self, procedure: &Procedure, signer: Option<&str>, now: i64) -> Result<bool, Fault> {
        let digest = procedure.digest();
        if procedure_version::Entity::find_by_id(digest.as_str()).one(self.connection()).await?.is_some() {
            return Ok(false);
        }
        let row = procedure_version::Model {
            digest: digest.0,
            code: procedure.code.to_string(),
            content: serde_json::to_string(procedure)?,
            installed_at: now,
            signer: signer.map(str::to_owned),
        };
        // Another node may install the same version at this moment.
        let keep = OnConflict::column(procedure_version::Column::Digest).do_nothing().to_owned();
        let insert = procedure_version::Entity::insert(row.into_active_model()).on_conflict(keep);
        insert.exec_without_returning(self.connection()).await?;
        Ok(true)
    }

    /// Stores the TOML files of a version by path. The texts that a version has already stay.
    pub async fn add_source(&self, version: &Digest, files: &BTreeMap<String, String>) -> Result<(), Fault> {
        let row = version_source::Model { version: version.to_string(), files: serde_json::to_string(files)? };
        let keep = OnConflict::column(version_source::Column::Version).do_nothing().to_owned();
        let insert = version_source::Entity::insert(row.into_active_model()).on_conflict(keep);
        insert.exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Stores a file for as long as a dossier may need it.
    pub async fn add_content(&self, digest: &Digest, bytes: &[u8]) -> Result<(), Fault> {
        let known = content::Entity::find_by_id(digest.as_str()).select_only().column(content::Column::Digest);
        if known.into_tuple::<String>().one(self.connection()).await?.is_none() {
            let row = content::Model { digest: digest.to_string(), bytes: bytes.to_vec() };
            let keep = OnConflict::column(content::Column::Digest).do_nothing().to_owned();
            let insert = content::Entity::insert(row.into_active_model()).on_conflict(keep);
            insert.exec_without_returning(self.connection()).await?;
        }
        Ok(())
    }

    /// Adds a release. Its number must be the next one, so the releases have to be locked.
    pub async fn add_release(&self, release: &Release) -> Result<(), Fault> {
        let row = release::Model {
            number: release.number,
            code: release.code.to_string(),
            version: release.version.to_string(),
            retired: release.retired,
            by_folder: release.by_folder,
            at: release.at,
            actor: release.by.clone(),
            changes: serde_json::to_string(&release.changes)?,
        };
        release::Entity::insert(row.into_active_model()).exec_without_returning(self.connection()).await?;
        Ok(())
    }
}
