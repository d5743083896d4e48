//! The numbers of an agency's day, from which codes of dossiers are made.

use crate::rows::{code_counter, journal};
use crate::{Database, Fault, Transaction};
use jiff::civil::Date;
use motcua_domain::names::DossierCode;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QuerySelect, Statement,
};
use std::collections::BTreeMap;

/// A day of an agency: its dossiers of that day are numbered 1, 2, 3, …
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    pub agency_code: String,
    pub date: Date,
}

#[derive(FromQueryResult)]
struct Last {
    last: i64,
}

impl Day {
    /// The statement that draws the next number. Its transaction holds the counter until it ends, so that no number is
    /// given twice and none is left out.
    pub(crate) const NEXT: &str = "INSERT INTO code_counter (agency_code, day, last) VALUES ($1, $2, 1)
        ON CONFLICT (agency_code, day) DO UPDATE SET last = code_counter.last + 1 RETURNING last";

    /// Returns the day as codes of dossiers contain it.
    pub(crate) fn in_code(&self) -> String {
        self.date.strftime("%y%m%d").to_string()
    }

    /// Returns the code of the dossier with this number.
    pub(crate) fn code(&self, number: i64) -> Result<DossierCode, Fault> {
        let number = u32::try_from(number).map_err(|error| Fault::Unreadable(error.to_string()))?;
        Ok(DossierCode::new(&self.agency_code, self.date, number))
    }

    /// Draws the next number on PostgreSQL.
    pub(crate) async fn next(&self, connection: &impl ConnectionTrait) -> Result<i64, Fault> {
        let values = [self.agency_code.as_str().into(), self.in_code().into()];
        let statement = Statement::from_sql_and_values(connection.get_database_backend(), Self::NEXT, values);
        let last = Last::find_by_statement(statement).one(connection).await?;
        last.map(|row| row.last).ok_or_else(|| Fault::Unreadable(format!("no number for {}", self.agency_code)))
    }
}

/// Returns the agency's code, the day and the number that a code of a dossier is made of.
fn parts(code: &DossierCode) -> Option<(&str, &str, i64)> {
    let mut parts = code.as_str().rsplitn(3, '-');
    let (number, day, agency) = (parts.next()?, parts.next()?, parts.next()?);
    Some((agency, day, number.parse().ok()?))
}

impl Database {
    /// Raises the counters of the days to which these dossiers belong, where a counter is lower than a number. A counter
    /// that is high enough is only read, because filings wait for whoever writes it.
    pub(crate) async fn raise_counters(&self, codes: &[DossierCode]) -> Result<(), Fault> {
        let mut highest: BTreeMap<(&str, &str), i64> = BTreeMap::new();
        for (agency, day, number) in codes.iter().filter_map(parts) {
            let known = highest.entry((agency, day)).or_default();
            *known = number.max(*known);
        }
        for ((agency, day), number) in highest {
            let key = (agency.to_owned(), day.to_owned());
            let counter = code_counter::Entity::find_by_id(key).one(self.reader()).await?;
            if counter.is_none_or(|counter| counter.last < number) {
                let transaction = self.begin().await?;
                transaction.set_counter(agency, day, number).await?;
                transaction.commit().await?;
            }
        }
        Ok(())
    }
}

impl Transaction {
    /// Raises the counter of a day to the highest number in the journal, if it is lower.
    pub(crate) async fn raise_counter(&self, day: &Day) -> Result<(), Fault> {
        let begin = format!("{}-{}-", day.agency_code, day.in_code());
        let codes: Vec<String> = journal::Entity::find()
            .filter(journal::Column::Version.eq(1))
            .filter(journal::Column::Dossier.starts_with(&begin))
            .select_only()
            .column(journal::Column::Dossier)
            .into_tuple()
            .all(self.connection())
            .await?;
        let numbers = codes.iter().filter_map(|code| parts(&DossierCode::parse(code)?).map(|(.., number)| number));
        self.set_counter(&day.agency_code, &day.in_code(), numbers.max().unwrap_or(0)).await
    }

    /// Sets the counter of a day, if it is lower.
    pub(crate) async fn set_counter(&self, agency_code: &str, day: &str, last: i64) -> Result<(), Fault> {
        let row = code_counter::Model { agency_code: agency_code.to_owned(), day: day.to_owned(), last };
        let key = [code_counter::Column::AgencyCode, code_counter::Column::Day];
        let raise = OnConflict::columns(key)
            .update_column(code_counter::Column::Last)
            .action_and_where(sea_orm::sea_query::Expr::cust("code_counter.last < excluded.last"))
            .to_owned();
        let insert = code_counter::Entity::insert(row.into_active_model()).on_conflict(raise);
        insert.exec_without_returning(self.connection()).await?;
        Ok(())
    }
}
