//! Dossiers that wait for their applicants, and the notice that reminds them.
//!
//! The notice follows from no event, so it is none of its dossier, and rebuilding the projections leaves it as it is. Its id
//! begins with the code of the dossier, and its version is the moment at which the time of the applicant ends.

use crate::jobs::SendTimes;
use crate::rows::{dossier, notice};
use crate::{Fault, Transaction};
use motcua_domain::dossier::ASKED_NOTICE;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Statement};

/// The end of the id of such a notice, behind the code of the dossier.
const ASKED: &str = "/asked";

/// A dossier that waits for its applicant.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct WaitingDossier {
    code: String,
    applicant: String,
    procedure_name: String,
    waiting_until: i64,
}

/// Returns the dossiers that wait for their applicants to a moment after `now` and not after `until`, whose applicants were
/// told of nothing since `quiet` and were not reminded of this moment, at most `most`.
pub async fn waiting_dossiers(
    connection: &impl ConnectionTrait,
    (now, until, quiet): (i64, i64, i64),
    most: i64,
) -> Result<Vec<WaitingDossier>, Fault> {
    const SQL: &str = "SELECT d.code, d.applicant, d.procedure_name, d.waiting_until FROM dossier d
        WHERE d.waiting_until IS NOT NULL AND d.waiting_until > $1 AND d.waiting_until <= $2
            AND NOT EXISTS (SELECT 1 FROM notice n WHERE n.dossier = d.code AND n.at > $3)
            AND NOT EXISTS (SELECT 1 FROM notice n WHERE n.dossier = d.code || '/asked' AND n.version = d.waiting_until)
        ORDER BY d.waiting_until LIMIT $4";
    let values = [now.into(), until.into(), quiet.into(), most.into()];
    let query = Statement::from_sql_and_values(connection.get_database_backend(), SQL, values);
    Ok(WaitingDossier::find_by_statement(query).all(connection).await?)
}

/// Returns whether the dossier of a reminder still waits to the moment that is the version of the reminder.
pub async fn still_waits(connection: &impl ConnectionTrait, id: &str, version: i64) -> Result<bool, Fault> {
    let Some(code) = id.strip_suffix(ASKED) else { return Ok(false) };
    let found = dossier::Entity::find().select_only().column(dossier::Column::Code);
    let found = found.filter(dossier::Column::Code.eq(code)).filter(dossier::Column::WaitingUntil.eq(version));
    Ok(found.into_tuple::<String>().one(connection).await?.is_some())
}

impl Transaction {
    /// Reminds the applicant of a dossier that it waits for them, and sends the notice from the moments `send` on. Returns
    /// false if another node has reminded them.
    pub async fn remind_of(&self, waiting: &WaitingDossier, now: i64, send: SendTimes) -> Result<bool, Fault> {
        let told = notice::Model {
            dossier: format!("{}{ASKED}", waiting.code),
            version: waiting.waiting_until,
            account: waiting.applicant.clone(),
            procedure_name: waiting.procedure_name.clone(),
            at: now,
            event: ASKED_NOTICE.to_owned(),
        };
        self.tell(told, send).await
    }
}
