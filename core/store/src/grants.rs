//! The rights of the role of a running portal on the tables of PostgreSQL.

use crate::{Database, Fault};
use sea_orm::{ConnectionTrait as _, DbBackend, FromQueryResult, Statement};
use std::fmt::Write as _;

/// The rights that a running portal needs on every table that is not listed in [`LESS`].
const USUALLY: &str = "SELECT, INSERT, UPDATE, DELETE";

/// The tables on which a running portal needs fewer rights. Rows of the journal and of most of the log are only ever
/// inserted.
const LESS: &[(&str, &str)] = &[
    // A closed day is frozen.
    ("cash_day", "SELECT, INSERT"),
    ("cash_day_line", "SELECT, INSERT"),
    ("account_act", "SELECT, INSERT"),
    ("audit_event", "SELECT, INSERT"),
    ("content", "SELECT, INSERT"),
    ("journal", "SELECT, INSERT"),
    // Only the last head of a day is kept.
    ("log_head", "SELECT, INSERT, DELETE"),
    ("log_key", "SELECT, INSERT"),
    ("log_leaf", "SELECT, INSERT"),
    // A tile grows until it is full.
    ("log_tile", "SELECT, INSERT, UPDATE"),
    ("procedure_version", "SELECT, INSERT"),
    ("reading", "SELECT, INSERT"),
    ("release", "SELECT, INSERT"),
    ("seaql_migrations", "SELECT"),
    ("staff_event", "SELECT, INSERT"),
    ("suggestion_event", "SELECT, INSERT"),
    ("version_source", "SELECT, INSERT"),
];

/// The tables of the portal, each with its schema, quoted where need be.
const TABLES: &str = "SELECT quote_ident(schemaname) AS schema, tablename::text AS name FROM pg_tables
    WHERE schemaname = current_schema() AND pg_has_role(tableowner, 'USAGE') ORDER BY tablename";

/// Finds a way in which a role could still change entries of the journal.
///
/// A role can have such a right by itself, through everybody, or through a role of which it is a member, even if it
/// must first take that role by `SET ROLE`. An owner can grant itself every right. An owner may also run objects that
/// somebody created in the schema.
const CAN_CHANGE: &str = "SELECT role, way FROM (
        SELECT other.rolname::text AS role, CASE
            WHEN other.rolsuper THEN 'is a superuser'
            WHEN other.rolcreaterole THEN 'may change other roles (CREATEROLE)'
            WHEN other.rolname IN ('pg_execute_server_program', 'pg_write_server_files') THEN 'can become a superuser'
            WHEN other.oid = journal.relowner THEN 'owns the table journal'
            WHEN other.oid = space.nspowner THEN 'owns the schema of the tables'
            WHEN other.oid = base.datdba THEN 'owns the database'
            WHEN has_schema_privilege(other.oid, space.oid, 'CREATE') THEN 'has CREATE on the schema of the tables'
            WHEN has_database_privilege(other.oid, base.oid, 'CREATE') THEN 'has CREATE on the database'
            WHEN has_table_privilege(other.oid, journal.oid, 'UPDATE, DELETE, TRUNCATE')
              OR has_any_column_privilege(other.oid, journal.oid, 'UPDATE') THEN 'may change the table journal'
            WHEN EXISTS (SELECT 1 FROM pg_class AS made WHERE made.relnamespace = space.oid AND made.relkind = 'r'
                         AND made.relowner = journal.relowner AND has_table_privilege(other.oid, made.oid, 'TRIGGER'))
                 THEN 'has TRIGGER on a table of the owner'
            END AS way
        FROM pg_roles AS other, pg_database AS base,
             pg_class AS journal JOIN pg_namespace AS space ON space.oid = journal.relnamespace
        WHERE pg_has_role(CAST($1 AS name), other.oid, 'MEMBER') AND base.datname = current_database()
          AND journal.oid = CAST('journal' AS regclass)
    ) AS found WHERE way IS NOT NULL ORDER BY role <> $1, role LIMIT 1";

#[derive(FromQueryResult)]
struct TableRow {
    schema: String,
    name: String,
}

#[derive(FromQueryResult)]
struct FoundRights {
    role: String,
    way: String,
}

/// The outcome of granting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Granted {
    /// The role has exactly what a running portal needs.
    Done,
    /// Nothing was changed, because the role could still change the journal.
    TooMighty {
        /// The role itself, or another one of which it is a member.
        role: String,
        /// The attribute or the right of this role, such as `is a superuser`.
        way: String,
    },
}

impl Database {
    /// Grants a role of PostgreSQL the rights that a running portal needs on each table, and revokes all others.
    ///
    /// Afterwards only the owner creates objects in the schema. The role would still have this right if everybody had
    /// it, as in databases that PostgreSQL 14 or an older version created. So it is revoked from everybody.
    pub async fn grant(&self, role: &str) -> Result<Granted, Fault> {
        let transaction = self.begin().await?;
        let connection = transaction.connection();
        let query = Statement::from_string(DbBackend::Postgres, TABLES);
        let tables = TableRow::find_by_statement(query).all(connection).await?;
        let to = format!("\"{}\"", role.replace('"', "\"\""));
        let mut sql = String::new();
        if let Some(TableRow { schema, .. }) = tables.first() {
            _ = write!(
                sql,
                "REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {to}; GRANT USAGE ON SCHEMA {schema} TO {to};"
            );
        }
        for TableRow { schema, name } in &tables {
            let privileges = LESS.iter().find(|(table, _)| table == name).map_or(USUALLY, |(_, less)| *less);
            _ = write!(
                sql,
                "REVOKE ALL ON {schema}.\"{name}\" FROM {to}; GRANT {privileges} ON {schema}.\"{name}\" TO {to};"
            );
        }
        connection.execute_unprepared(&sql).await?;
        let query = Statement::from_sql_and_values(DbBackend::Postgres, CAN_CHANGE, [role.into()]);
        if let Some(FoundRights { role, way }) = FoundRights::find_by_statement(query).one(connection).await? {
            return Ok(Granted::TooMighty { role, way });
        }
        transaction.commit().await?;
        Ok(Granted::Done)
    }
}
