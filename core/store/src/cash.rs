//! The days of cashiers: the movements of money that a cashier hands over together, and that a record freezes.
//!
//! A movement belongs to the first day that is closed after it was written. A later correction is a movement of its own,
//! so it belongs to a later day. What an earlier version of the portal recorded, which had no days, belongs to none.

use crate::batch::{Batch, OnExistingRow};
use crate::rows::{cash_day, cash_day_line};
use crate::{Fault, Transaction};
use motcua_domain::names::{AgencyId, UserId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Statement,
};
use serde::{Deserialize, Serialize};

/// The most movements of a day. Further ones belong to the next day.
const MOST_LINES: i64 = 5000;

/// The most closed days that are listed.
const MOST_DAYS: u64 = 31;

/// A movement of money of a cashier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, FromQueryResult)]
pub struct CashLine {
    pub dossier: String,
    pub version: i64,
    /// The word of the kind: `payment`, `reversal` or `refund`.
    pub kind: String,
    /// The second at which it was recorded.
    pub at: i64,
    /// The word of the method: `cash` or `bank-transfer`.
    pub method: String,
    /// The amount that the agency got, which is negative if it has less than before.
    pub amount: i64,
    pub number: String,
    /// The name of the officer who recorded it. A colleague may have reversed a payment.
    pub recorded_by: String,
    pub cashier_name: String,
}

/// A cashier with movements.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct CashierRow {
    pub agency: String,
    pub cashier: String,
    pub cashier_name: String,
    /// The number of movements that no closed day has.
    pub open: i64,
}

/// A closed day of a cashier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedCashDay {
    pub number: i64,
    pub cashier_name: String,
    pub closed_at: i64,
    pub closed_by: String,
    /// The officer who closed the day for the cashier, who was away.
    pub stand_in: Option<CashStandIn>,
    pub lines: Vec<CashLine>,
}

/// An officer who closed the day of a cashier who was away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CashStandIn {
    pub account: UserId,
    pub reason: String,
}

/// The condition of the movements `m` since the portal knows the days of cashiers. Only an upgrade sets that second.
const SINCE: &str = "m.at >= COALESCE((SELECT CAST(s.value AS BIGINT) FROM setting s WHERE s.name = 'cash-since'), 0)";

/// Returns the movements of a cashier that no closed day has, in the order in which they were recorded.
pub async fn open_lines(
    connection: &impl ConnectionTrait,
    agency: &AgencyId,
    cashier: &UserId,
) -> Result<Vec<CashLine>, Fault> {
    let sql = format!(
        "SELECT m.dossier, m.version, m.kind, m.at, m.method, m.amount, m.number, m.recorded_by, m.cashier_name
         FROM money_movement m WHERE m.agency = $1 AND m.cashier = $2 AND {SINCE} AND NOT EXISTS (
             SELECT 1 FROM cash_day_line l WHERE l.dossier = m.dossier AND l.version = m.version)
         ORDER BY m.at, m.dossier, m.version LIMIT $3"
    );
    let values = [agency.as_str().into(), cashier.to_string().into(), MOST_LINES.into()];
    let query = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    Ok(CashLine::find_by_statement(query).all(connection).await?)
}

/// Returns the cashiers with movements since a second, of an agency or of all agencies.
pub async fn cashiers(
    connection: &impl ConnectionTrait,
    agency: Option<&AgencyId>,
    since: i64,
) -> Result<Vec<CashierRow>, Fault> {
    // An index begins with the agency, so the agency is no part of an alternative.
    let scope = if agency.is_some() { "m.agency = $1" } else { "$1 = ''" };
    let sql = format!(
        "SELECT m.agency, m.cashier, MAX(m.cashier_name) AS cashier_name,
                CAST(SUM(CASE WHEN l.version IS NULL THEN 1 ELSE 0 END) AS BIGINT) AS open
         FROM money_movement m LEFT JOIN cash_day_line l ON l.dossier = m.dossier AND l.version = m.version
         WHERE {scope} AND m.at >= $2 AND {SINCE}
         GROUP BY m.agency, m.cashier ORDER BY m.agency, MAX(m.cashier_name), m.cashier"
    );
    let values = [agency.map_or("", AgencyId::as_str).into(), since.into()];
    let query = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    Ok(CashierRow::find_by_statement(query).all(connection).await?)
}

/// Returns the closed days of a cashier, the last one first.
pub async fn closed_days(
    connection: &impl ConnectionTrait,
    agency: &AgencyId,
    cashier: &UserId,
) -> Result<Vec<ClosedCashDay>, Fault> {
    last_days(connection, agency, cashier, MOST_DAYS).await
}

/// Returns the last closed day of a cashier.
pub async fn last_closed_day(
    connection: &impl ConnectionTrait,
    agency: &AgencyId,
    cashier: &UserId,
) -> Result<Option<ClosedCashDay>, Fault> {
    Ok(last_days(connection, agency, cashier, 1).await?.pop())
}

async fn last_days(
    connection: &impl ConnectionTrait,
    agency: &AgencyId,
    cashier: &UserId,
    most: u64,
) -> Result<Vec<ClosedCashDay>, Fault> {
    let days = cash_day::Entity::find().filter(cash_day::Column::Agency.eq(agency.as_str()));
    let days = days.filter(cash_day::Column::Cashier.eq(cashier.to_string()));
    let days = days.order_by_desc(cash_day::Column::Number).limit(most).all(connection).await?;
    days.into_iter().map(ClosedCashDay::of).collect()
}

/// Returns a closed day of a cashier.
pub async fn closed_day(
    connection: &impl ConnectionTrait,
    agency: &AgencyId,
    cashier: &UserId,
    number: i64,
) -> Result<Option<ClosedCashDay>, Fault> {
    let key = (agency.to_string(), cashier.to_string(), number);
    let found = cash_day::Entity::find_by_id(key).one(connection).await?;
    found.map(ClosedCashDay::of).transpose()
}

impl ClosedCashDay {
    fn of(row: cash_day::Model) -> Result<Self, Fault> {
        let lines = serde_json::from_str(&row.lines)?;
        let cash_day::Model { number, cashier_name, closed_at, closed_by, closer, reason, .. } = row;
        let reason = reason.unwrap_or_default();
        let stand_in = closer.map(|account| CashStandIn { account: UserId(account), reason });
        Ok(Self { number, cashier_name, closed_at, closed_by, stand_in, lines })
    }
}

impl Transaction {
    /// Closes the day of a cashier with these movements, whose number is the next one of the cashier. If one of them has a
    /// day already, or another process closes a day of the cashier at this moment, the fault is [`Fault::Duplicate`].
    pub async fn close_cash_day(&self, agency: &AgencyId, cashier: &UserId, day: &ClosedCashDay) -> Result<(), Fault> {
        let row = cash_day::Model {
            agency: agency.to_string(),
            cashier: cashier.to_string(),
            number: day.number,
            cashier_name: day.cashier_name.clone(),
            closed_at: day.closed_at,
            closed_by: day.closed_by.clone(),
            lines: serde_json::to_string(&day.lines)?,
            closer: day.stand_in.as_ref().map(|by| by.account.to_string()),
            reason: day.stand_in.as_ref().map(|by| by.reason.clone()),
        };
        let line = |line: &CashLine| cash_day_line::Model {
            dossier: line.dossier.clone(),
            version: line.version,
            agency: agency.to_string(),
            cashier: cashier.to_string(),
            number: day.number,
        };
        let connection = self.connection();
        let mut batch = Batch::new(connection.get_database_backend());
        batch.insert::<cash_day::Entity>([row], OnExistingRow::Refuse)?;
        batch.insert::<cash_day_line::Entity>(day.lines.iter().map(line), OnExistingRow::Refuse)?;
        batch.run(connection).await.map(|_| ())
    }
}
