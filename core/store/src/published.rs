//! Decisions that are published: results that were handed over under a procedure whose author publishes them.

use crate::lists::PAGE;
use crate::rows::published_result;
use crate::{Database, Fault};
use motcua_domain::dossier::Dossier;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement};

/// The publication of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// The name of the holder, if the author publishes it.
    pub holder: Option<String>,
}

/// A published decision.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct PublishedRow {
    pub dossier: String,
    /// The name of the procedure, as JSON.
    pub procedure_name: String,
    pub agency: String,
    pub holder: Option<String>,
    pub at: i64,
}

impl Publication {
    /// Returns the row of the result of a dossier.
    pub(crate) fn row(&self, dossier: &Dossier, at: i64) -> Result<published_result::Model, Fault> {
        let filed = &dossier.filed;
        Ok(published_result::Model {
            dossier: filed.code.to_string(),
            procedure: filed.procedure.to_string(),
            procedure_name: serde_json::to_string(&filed.procedure_name)?,
            agency: dossier.place.agency.to_string(),
            holder: self.holder.clone(),
            at,
        })
    }
}

impl Database {
    /// Gives each published name the name that the register has. Older versions published the applicant's.
    pub(crate) async fn name_published_holders(&self) -> Result<(), Fault> {
        const SQL: &str = "UPDATE published_result
            SET holder = (SELECT r.holder_name FROM result r WHERE r.dossier = published_result.dossier)
            WHERE holder IS NOT NULL AND dossier IN (SELECT dossier FROM result)";
        let transaction = self.begin().await?;
        let connection = transaction.connection();
        if self.backend() == DbBackend::Postgres {
            connection.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
        }
        connection.execute_unprepared(SQL).await?;
        transaction.commit().await
    }
}

/// Returns the decisions before a moment and a code, the latest first, at most [`PAGE`] and one more.
pub async fn published(
    connection: &impl ConnectionTrait,
    (at, dossier): (i64, &str),
) -> Result<Vec<PublishedRow>, Fault> {
    const SQL: &str = "SELECT dossier, procedure_name, agency, holder, at FROM published_result
        WHERE (at, dossier) < ($1, $2) ORDER BY at DESC, dossier DESC LIMIT $3";
    let values = [at.into(), dossier.into(), i64::try_from(PAGE + 1).unwrap_or(i64::MAX).into()];
    let query = Statement::from_sql_and_values(connection.get_database_backend(), SQL, values);
    Ok(PublishedRow::find_by_statement(query).all(connection).await?)
}
