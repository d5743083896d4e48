//! Drafts that their applicants left unfinished, and the notice of them.

use crate::jobs::{self, SendTimes};
use crate::rows::{draft, job, notice};
use crate::{Fault, Transaction};
use motcua_domain::dossier::DRAFT_NOTICE;
use motcua_domain::names::{ProcedureCode, UserId};
use motcua_domain::text::Text;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QuerySelect, Statement,
};

/// The version in the key of the notice. A draft has only one.
const ONLY: i64 = 1;

/// A draft that its applicant left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftDraft {
    pub id: String,
    pub account: UserId,
    pub procedure: ProcedureCode,
}

#[derive(FromQueryResult)]
struct LeftDraftRow {
    id: String,
    account: String,
    procedure: String,
}

/// Returns the drafts that their applicants changed last after `since` and not after `until`, and of which nobody was
/// told, at most `most`. Supplements have a notice of their own, and officers fill in those of the counter.
pub async fn left_drafts(
    connection: &impl ConnectionTrait,
    since: i64,
    until: i64,
    most: i64,
) -> Result<Vec<LeftDraft>, Fault> {
    const SQL: &str = "SELECT d.id, d.account, d.procedure FROM draft d
        WHERE d.updated_at > $1 AND d.updated_at <= $2 AND d.officer IS NULL AND d.dossier IS NULL
            AND NOT EXISTS (SELECT 1 FROM notice n WHERE n.dossier = d.id)
        ORDER BY d.updated_at LIMIT $3";
    let values = [since.into(), until.into(), most.into()];
    let query = Statement::from_sql_and_values(connection.get_database_backend(), SQL, values);
    let rows = LeftDraftRow::find_by_statement(query).all(connection).await?;
    let left = rows.into_iter().map(|row| LeftDraft {
        id: row.id,
        account: UserId(row.account),
        procedure: ProcedureCode(row.procedure),
    });
    Ok(left.collect())
}

/// Returns whether a draft still waits.
pub async fn waits(connection: &impl ConnectionTrait, id: &str) -> Result<bool, Fault> {
    let known = draft::Entity::find().select_only().column(draft::Column::Id).filter(draft::Column::Id.eq(id));
    Ok(known.into_tuple::<String>().one(connection).await?.is_some())
}

impl Transaction {
    /// Tells the applicant of a draft that it waits, and sends the notice from the moments `send` on. Returns false if
    /// another node has told of it.
    pub async fn tell_of_draft(
        &self,
        left: &LeftDraft,
        procedure: &Text,
        now: i64,
        send: SendTimes,
    ) -> Result<bool, Fault> {
        let told = notice::Model {
            dossier: left.id.clone(),
            version: ONLY,
            account: left.account.to_string(),
            procedure_name: serde_json::to_string(procedure)?,
            at: now,
            event: DRAFT_NOTICE.to_owned(),
        };
        self.tell(told, send).await
    }

    /// Stores a notice that follows from no event, and sends it from the moments `send` on. Returns false if it is stored
    /// already.
    pub(crate) async fn tell(&self, told: notice::Model, send: SendTimes) -> Result<bool, Fault> {
        const SQL: &str = "INSERT INTO notice (dossier, version, account, procedure_name, at, event)
            VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (dossier, version) DO NOTHING";
        let connection = self.connection();
        let values = [
            told.dossier.as_str().into(),
            told.version.into(),
            told.account.as_str().into(),
            told.procedure_name.as_str().into(),
            told.at.into(),
            told.event.as_str().into(),
        ];
        let insert = Statement::from_sql_and_values(connection.get_database_backend(), SQL, values);
        if connection.execute_raw(insert).await?.rows_affected() == 0 {
            return Ok(false);
        }
        for sending in jobs::sending(&told, send) {
            job::Entity::insert(sending.into_active_model()).exec_without_returning(connection).await?;
        }
        Ok(true)
    }
}
