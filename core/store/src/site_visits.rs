//! The coming appointments on the spot, for the officers of the units that made them.

use crate::Fault;
use crate::lists::PAGE;
use motcua_domain::people::organisation::Actor;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use std::collections::BTreeSet;

/// An appointment on the spot, with its dossier.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct SiteVisitRow {
    pub dossier: String,
    pub number: i64,
    pub from_at: i64,
    pub to_at: i64,
    pub place: String,
    /// The name of the procedure, as JSON.
    pub procedure_name: String,
    pub applicant_name: String,
}

/// Returns the appointments of an officer's units that have not ended at `now`, the next one first, at most [`PAGE`] and
/// one more. A post of the whole agency has those of all units.
pub async fn coming(connection: &impl ConnectionTrait, actor: &Actor, now: i64) -> Result<Vec<SiteVisitRow>, Fault> {
    let posts = actor.posts().iter().filter(|post| post.role.takes_steps());
    let units: BTreeSet<(&str, Option<&str>)> =
        posts.map(|post| (post.agency.as_str(), post.role.is_bound_to_unit().then(|| post.unit.as_str()))).collect();
    let mut found: Vec<SiteVisitRow> = Vec::new();
    for (agency, unit) in units {
        let mut values: Vec<Value> = vec![agency.into(), now.into()];
        values.extend(unit.map(Value::from));
        let of_unit = if unit.is_some() { " AND v.unit = $3" } else { "" };
        let number = values.len() + 1;
        values.push(i64::try_from(PAGE + 1).unwrap_or(i64::MAX).into());
        let sql = format!(
            "SELECT v.dossier, v.number, v.from_at, v.to_at, v.place, d.procedure_name, d.applicant_name
            FROM site_visit v JOIN dossier d ON d.code = v.dossier
            WHERE v.agency = $1 AND v.to_at > $2{of_unit} ORDER BY v.to_at, v.dossier, v.number LIMIT ${number}"
        );
        let query = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
        found.extend(SiteVisitRow::find_by_statement(query).all(connection).await?);
    }
    found.sort_by(|a, b| (a.from_at, &a.dossier, a.number).cmp(&(b.from_at, &b.dossier, b.number)));
    found.dedup();
    found.truncate(usize::try_from(PAGE + 1).unwrap_or(usize::MAX));
    Ok(found)
}
