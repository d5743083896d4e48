//! What the role of a running portal may do with the tables of PostgreSQL.

use crate::{Database, Fault};
use sea_orm::{ConnectionTrait as _, DbBackend, FromQueryResult, Statement};
use std::fmt::Write as _;

/// What a running portal needs on every table that is not listed in [`LESS`].
const USUALLY: &str = "SELECT, INSERT, UPDATE, DELETE";

/// The tables on which a running portal needs less. Rows of the journal and of most of the log are only ever added.
const LESS: &[(&str, &str)] = &[
    ("content", "SELECT, INSERT"),
    ("journal", "SELECT, INSERT"),
    // Of the heads of a day the last one is kept.
    ("log_head", "SELECT, INSERT, DELETE"),
    ("log_key", "SELECT, INSERT"),
    ("log_leaf", "SELECT, INSERT"),
    // A tile grows until it is full.
    ("log_tile", "SELECT, INSERT, UPDATE"),
    ("procedure_version", "SELECT, INSERT"),
    ("reading", "SELECT, INSERT"),
    ("release", "SELECT, INSERT"),
    ("seaql_migrations", "SELECT"),
];

/// The tables of the portal, each with its schema, quoted where need be.
const TABLES: &str = "SELECT quote_ident(schemaname) AS schema, tablename::text AS name FROM pg_tables
    WHERE schemaname = current_schema() AND pg_has_role(tableowner, 'USAGE') ORDER BY tablename";

/// Whether a role can change entries of the journal. An owner can give every right to itself.
const CAN_CHANGE: &str = "SELECT has_table_privilege(CAST($1 AS name), 'journal', 'UPDATE, DELETE, TRUNCATE')
    OR EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'journal'
               AND pg_has_role(CAST($1 AS name), tableowner, 'MEMBER')) AS can";

#[derive(FromQueryResult)]
struct Table {
    schema: String,
    name: String,
}

#[derive(FromQueryResult)]
struct Can {
    can: bool,
}

/// What became of granting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Granted {
    /// The role has exactly what a running portal needs.
    Done,
    /// Nothing was changed, because the role could change the journal all the same.
    TooMighty,
}

impl Database {
    /// Gives a role of PostgreSQL what a running portal needs on each table, and takes everything else on them away.
    pub async fn grant(&self, role: &str) -> Result<Granted, Fault> {
        let transaction = self.begin().await?;
        let connection = transaction.connection();
        let query = Statement::from_string(DbBackend::Postgres, TABLES);
        let tables = Table::find_by_statement(query).all(connection).await?;
        let to = format!("\"{}\"", role.replace('"', "\"\""));
        let mut sql = String::new();
        if let Some(Table { schema, .. }) = tables.first() {
            _ = write!(sql, "GRANT USAGE ON SCHEMA {schema} TO {to};");
        }
        for Table { schema, name } in &tables {
            let privileges = LESS.iter().find(|(table, _)| table == name).map_or(USUALLY, |(_, less)| *less);
            _ = write!(
                sql,
                "REVOKE ALL ON {schema}.\"{name}\" FROM {to}; GRANT {privileges} ON {schema}.\"{name}\" TO {to};"
            );
        }
        connection.execute_unprepared(&sql).await?;
        let query = Statement::from_sql_and_values(DbBackend::Postgres, CAN_CHANGE, [role.into()]);
        if Can::find_by_statement(query).one(connection).await?.is_none_or(|role| role.can) {
            return Ok(Granted::TooMighty);
        }
        transaction.commit().await?;
        Ok(Granted::Done)
    }
}
