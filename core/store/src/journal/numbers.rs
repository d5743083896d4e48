//! The numbers of an agency's day, from which codes of dossiers are made.

use crate::rows::code_counter;
use crate::{Database, Fault, Transaction};
use jiff::civil::Date;
use motcua_domain::names::DossierCode;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, Statement};
use std::collections::BTreeMap;

/// A day of an agency: its dossiers of that day are numbered 1, 2, 3, …
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    pub agency_code: String,
    pub date: Date,
}

/// The tables and columns that contain codes of dossiers. The log and the lists may contain a dossier that the journal
/// lacks, and its code is never used again.
const TABLES_WITH_CODES: [(&str, &str); 6] = [
    ("journal", "dossier"),
    ("dossier", "code"),
    ("log_leaf", "dossier"),
    ("unsealed", "dossier"),
    ("notice", "dossier"),
    ("reading", "dossier"),
];

/// The most codes of a column that are read to find the highest number. Each may be malformed, if somebody wrote it by
/// hand.
const MOST_ODD: u32 = 20;

/// The highest number whose code can be read again.
const HIGHEST: u32 = 999_999_999;

#[derive(FromQueryResult)]
struct CodeRow {
    code: String,
}

#[derive(FromQueryResult)]
struct CounterRow {
    last: i64,
}

impl Day {
    /// The statement that draws the next number. Its transaction locks the counter until it ends, so that no number is
    /// used twice and none is left out.
    pub(crate) const NEXT: &str = "INSERT INTO code_counter (agency_code, day, last) VALUES ($1, $2, 1)
        ON CONFLICT (agency_code, day) DO UPDATE SET last = code_counter.last + 1 RETURNING last";

    /// Returns the day as codes of dossiers contain it.
    pub(crate) fn in_code(&self) -> String {
        self.date.strftime("%y%m%d").to_string()
    }

    /// Returns the code of the dossier with this number.
    pub(crate) fn code(&self, number: i64) -> Result<DossierCode, Fault> {
        let fitting = u32::try_from(number).ok().filter(|number| (1..=HIGHEST).contains(number));
        let damaged = || {
            let Self { agency_code, date } = self;
            let row = format!("the row of {agency_code} and {date} in code_counter is damaged: it gave {number}");
            Fault::Unreadable(format!("{row}; set `last` to the highest number of that day"))
        };
        Ok(DossierCode::new(&self.agency_code, self.date, fitting.ok_or_else(damaged)?))
    }
}

/// The statement that draws a number, with its values.
#[derive(Debug)]
pub(crate) struct NumberDraw {
    pub sql: &'static str,
    pub values: Vec<String>,
}

impl NumberDraw {
    /// Returns the fault of a statement that returned nothing.
    pub fn nothing(&self) -> Fault {
        Fault::Unreadable(format!("no number for {}", self.values.join(" ")))
    }

    /// Draws the next number on PostgreSQL.
    pub async fn next(&self, connection: &impl ConnectionTrait) -> Result<i64, Fault> {
        let values = self.values.iter().map(|value| value.as_str().into());
        let statement = Statement::from_sql_and_values(connection.get_database_backend(), self.sql, values);
        let last = CounterRow::find_by_statement(statement).one(connection).await?;
        last.map(|row| row.last).ok_or_else(|| self.nothing())
    }
}

/// Returns the agency's code, the day and the number that a code of a dossier is made of.
fn parts(code: &DossierCode) -> Option<(&str, &str, i64)> {
    let mut parts = code.as_str().rsplitn(3, '-');
    let (number, day, agency) = (parts.next()?, parts.next()?, parts.next()?);
    Some((agency, day, number.parse().ok()?))
}

impl Database {
    /// Raises the counters of the days of these dossiers, where a counter is lower than a number.
    ///
    /// A counter that is high enough is only read, because filings wait for a transaction that writes it.
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
    /// Raises the counter of a day to the highest number in any table, if the counter is lower.
    pub(crate) async fn raise_counter(&self, day: &Day) -> Result<(), Fault> {
        let begin = format!("{}-{}-", day.agency_code, day.in_code());
        let mut highest = 0;
        for (table, column) in TABLES_WITH_CODES {
            highest = self.highest_number(&begin, table, column).await?.max(highest);
        }
        self.set_counter(&day.agency_code, &day.in_code(), highest).await
    }

    /// Returns the highest number of the codes in a column that begin with `begin`.
    ///
    /// A longer number is higher, and numbers of one length are ordered as texts. The range lets the database use an
    /// index. It contains all of these codes in every collation, because digits follow one another in all of them.
    async fn highest_number(&self, begin: &str, table: &str, column: &str) -> Result<i64, Fault> {
        let sql = format!(
            "SELECT {column} AS code FROM {table} WHERE {column} BETWEEN $1 AND $2
             GROUP BY {column} ORDER BY LENGTH({column}) DESC, {column} DESC LIMIT {MOST_ODD}"
        );
        let connection = self.connection();
        let values = [begin.into(), format!("{begin}9999999999").into()];
        let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
        let found = CodeRow::find_by_statement(statement).all(connection).await?;
        let codes = found.iter().filter(|row| row.code.starts_with(begin));
        let numbers = codes.filter_map(|row| parts(&DossierCode::parse(&row.code)?).map(|(.., number)| number));
        Ok(numbers.max().unwrap_or(0))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_counter_gives_no_code_that_cannot_be_read_again() {
        let day = Day { agency_code: "H09.31".to_owned(), date: jiff::civil::date(2026, 3, 3) };
        for number in [1, 9999, 10_000, 999_999_999] {
            let code = day.code(number).expect("a code");
            assert_eq!(DossierCode::parse(code.as_str()), Some(code.clone()));
            assert_eq!(parts(&code), Some(("H09.31", "260303", number)));
        }
        for number in [i64::MIN, -1, 0, 1_000_000_000, i64::MAX] {
            let fault = day.code(number).expect_err("no code").to_string();
            assert!(fault.contains("code_counter is damaged"), "{fault}");
        }
    }
}
