//! The bounds of a procedure on its filings. They are checked in the transaction of a filing, or of a supplement that
//! names another holder. On PostgreSQL these changes of one procedure wait for one another, so that no two take the same
//! last place.

use crate::batch::ColumnValue;
use crate::rows::counted_filing;
use crate::{Fault, Transaction};
use motcua_domain::names::{AgencyId, Digest, DossierCode, ProcedureCode, UserId};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};

/// The bounds that a filing must keep, or a supplement that names another holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    pub procedure: ProcedureCode,
    /// The dossier that is supplemented, which does not stand in its own way.
    pub own: Option<DossierCode>,
    pub cap: Option<AgencyCap>,
    pub one_per: Option<OneDossier>,
}

/// The most dossiers of an agency in a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgencyCap {
    pub agency: AgencyId,
    pub most: u32,
    /// The first second of the period.
    pub from: i64,
    /// The first second after the period.
    pub until: i64,
}

/// The holder of at most one dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneDossier {
    pub holder: DossierHolder,
    /// A dossier that has ended does not count.
    pub only_open: bool,
}

/// The person or the thing that has at most one dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DossierHolder {
    Applicant(UserId),
    /// The digest of an answer.
    Answer(Digest),
}

/// The reason why a filing was not admitted, or the record of money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotAdmitted {
    /// The period has as many dossiers as it may have.
    Full,
    /// The agency has recorded the number of the receipt before.
    NumberTaken,
    /// The holder has a dossier, which this account filed.
    Earlier { code: DossierCode, applicant: UserId },
}

/// A query that finds a dossier if a bound is reached.
pub(crate) struct BoundQuery {
    pub sql: &'static str,
    pub values: Vec<ColumnValue>,
    is_cap: bool,
}

/// The dossier that a query found.
#[derive(Debug, FromQueryResult)]
pub(crate) struct EarlierRow {
    pub code: String,
    pub applicant: String,
}

/// Finds the last dossier for which an agency has room in a period.
const LAST_PLACE: &str = "SELECT dossier AS code, '' AS applicant FROM counted_filing
    WHERE procedure = $1 AND agency = $2 AND filed_at >= $3 AND filed_at < $4 LIMIT 1 OFFSET $5";

/// Finds a dossier that an applicant filed for themself. The index of applicants has few rows for each.
const OF_APPLICANT: &str = "SELECT code, applicant FROM dossier
    WHERE applicant = $1 AND procedure = $2 AND represented IS NULL LIMIT 1";
const OPEN_OF_APPLICANT: &str = "SELECT code, applicant FROM dossier
    WHERE applicant = $1 AND procedure = $2 AND represented IS NULL AND queue <> 'ended' LIMIT 1";

/// Finds another dossier with an answer.
const OF_ANSWER: &str = "SELECT d.code, d.applicant FROM counted_filing f JOIN dossier d ON d.code = f.dossier
    WHERE f.holder = $1 AND f.procedure = $2 AND f.dossier <> $3 LIMIT 1";
const OPEN_OF_ANSWER: &str = "SELECT d.code, d.applicant FROM counted_filing f JOIN dossier d ON d.code = f.dossier
    WHERE f.holder = $1 AND f.procedure = $2 AND f.dossier <> $3 AND d.queue <> 'ended' LIMIT 1";

/// Lets the transaction wait for other filings of the procedure, until they have ended.
const WAIT: &str = "SELECT pg_advisory_xact_lock(hashtextextended('filing ' || $1, 0))";

impl Admission {
    /// Returns the queries that find out whether a bound is reached.
    pub(crate) fn queries(&self) -> Vec<BoundQuery> {
        let procedure = || ColumnValue::Text(self.procedure.to_string());
        let cap = self.cap.as_ref().map(|cap| BoundQuery {
            sql: LAST_PLACE,
            values: vec![
                procedure(),
                ColumnValue::Text(cap.agency.to_string()),
                ColumnValue::Number(cap.from),
                ColumnValue::Number(cap.until),
                ColumnValue::Number(i64::from(cap.most.saturating_sub(1))),
            ],
            is_cap: true,
        });
        let one = self.one_per.as_ref().map(|one| {
            let own = || ColumnValue::Text(self.own.as_ref().map_or_else(String::new, ToString::to_string));
            let (sql, holder, own) = match (&one.holder, one.only_open) {
                (DossierHolder::Applicant(account), true) => (OPEN_OF_APPLICANT, account.to_string(), None),
                (DossierHolder::Applicant(account), false) => (OF_APPLICANT, account.to_string(), None),
                (DossierHolder::Answer(digest), true) => (OPEN_OF_ANSWER, digest.to_string(), Some(own())),
                (DossierHolder::Answer(digest), false) => (OF_ANSWER, digest.to_string(), Some(own())),
            };
            let values = [ColumnValue::Text(holder), procedure()].into_iter().chain(own).collect();
            BoundQuery { sql, values, is_cap: false }
        });
        // A person who has a dossier learns of it, and not that the places are taken.
        one.into_iter().chain(cap).collect()
    }

    /// Returns the row that counts a filing.
    pub(crate) fn row(&self, dossier: &DossierCode, agency: &AgencyId, filed_at: i64) -> counted_filing::Model {
        let answer = self.one_per.as_ref().and_then(|one| match &one.holder {
            DossierHolder::Applicant(_) => None,
            DossierHolder::Answer(digest) => Some(digest.to_string()),
        });
        counted_filing::Model {
            dossier: dossier.to_string(),
            procedure: self.procedure.to_string(),
            agency: agency.to_string(),
            filed_at,
            holder: answer,
        }
    }

    /// Returns the reason why a filing would not be admitted now. Without a transaction, another filing may be faster.
    pub async fn refused(&self, connection: &impl ConnectionTrait) -> Result<Option<NotAdmitted>, Fault> {
        for query in self.queries() {
            let values = query.values.iter().cloned().map(Value::from);
            let backend = connection.get_database_backend();
            let statement = Statement::from_sql_and_values(backend, query.sql, values);
            if let Some(found) = EarlierRow::find_by_statement(statement).one(connection).await? {
                return query.refused(found).map(Some);
            }
        }
        Ok(None)
    }
}

impl BoundQuery {
    /// Returns the reason that the found dossier gives.
    pub fn refused(&self, found: EarlierRow) -> Result<NotAdmitted, Fault> {
        if self.is_cap {
            return Ok(NotAdmitted::Full);
        }
        let EarlierRow { code, applicant } = found;
        let unreadable = || Fault::Unreadable(format!("`{code}` is not the code of a dossier"));
        let code = DossierCode::parse(&code).ok_or_else(unreadable)?;
        Ok(NotAdmitted::Earlier { code, applicant: UserId(applicant) })
    }
}

impl Transaction {
    /// Waits for other filings of the procedure on PostgreSQL, and returns the reason why this one is not admitted.
    pub(crate) async fn admit(&self, admission: &Admission) -> Result<Option<NotAdmitted>, Fault> {
        let connection = self.connection();
        let values = [Value::from(admission.procedure.to_string())];
        let wait = Statement::from_sql_and_values(connection.get_database_backend(), WAIT, values);
        connection.query_one_raw(wait).await?;
        admission.refused(connection).await
    }
}
