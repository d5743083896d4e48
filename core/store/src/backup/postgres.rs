//! The copy of a PostgreSQL database, without the programs of PostgreSQL.

use super::{CopiedTable, CopyContents, FinishedCopy, failed};
use crate::{Database, Fault};
use futures::TryStreamExt as _;
use motcua_domain::names::Digest;
use sea_orm::DbErr;
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The size from which a part is handed on.
const PART: usize = 8 << 20;

/// All statements of this transaction see the rows of its first one.
const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// The columns of all tables, without those that the database computes and without tables of extensions. The table of
/// migrations is written by the migrations themselves.
const COLUMNS: &str = "
    SELECT class.relname::text, attribute.attname::text
    FROM pg_class AS class JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid
    WHERE class.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
      AND class.relkind IN ('r', 'p') AND NOT class.relispartition AND class.relname <> 'seaql_migrations'
      AND attribute.attnum > 0 AND NOT attribute.attisdropped AND attribute.attgenerated = ''
      AND NOT EXISTS (SELECT 1 FROM pg_depend AS part WHERE part.classid = 'pg_class'::regclass
                      AND part.objid = class.oid AND part.deptype = 'e')
    ORDER BY class.relname, attribute.attnum";

/// The references between tables.
const REFERENCES: &str = "
    SELECT child.relname::text, parent.relname::text
    FROM pg_constraint AS reference
    JOIN pg_class AS child ON child.oid = reference.conrelid
    JOIN pg_class AS parent ON parent.oid = reference.confrelid
    WHERE reference.contype = 'f'
      AND child.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())";

/// The columns whose numbers a sequence gives.
const NUMBERED: &str = "
    SELECT table_name::text, column_name::text FROM information_schema.columns
    WHERE table_schema = current_schema() AND (is_identity = 'YES' OR column_default LIKE 'nextval(%')";

/// The limits of a copy, instead of those for requests: a statement copies a whole table, and the transaction is idle
/// while a part is written to an archive that may be slow. Each still ends, because a process that hangs would keep
/// PostgreSQL from vacuuming. Versions from 17 on may also limit the whole transaction, and older ones do not know that
/// setting.
const LIMITS: &str = "SET LOCAL statement_timeout = '24h'; SET LOCAL idle_in_transaction_session_timeout = '1h';
    SELECT set_config('transaction_timeout', '0', true)
    WHERE current_setting('transaction_timeout', true) IS NOT NULL";

/// Copies all rows as they are at one moment. The transaction keeps nobody from writing.
pub(super) async fn copy<E: From<Fault>>(
    database: &Database,
    mut take: impl FnMut(&str, &[u8]) -> Result<(), E>,
) -> Result<FinishedCopy, E> {
    let pool = database.reader().connections().get_postgres_connection_pool();
    let mut snapshot = pool.begin_with(SNAPSHOT).await.map_err(of_driver)?;
    execute(&mut snapshot, LIMITS.to_owned()).await?;
    let contents = contents(&mut snapshot).await.map_err(of_driver)?;
    let files: Vec<String> = sqlx::query_scalar("SELECT digest FROM file ORDER BY digest")
        .fetch_all(&mut *snapshot)
        .await
        .map_err(of_driver)?;
    for table in &contents.tables {
        let sql = format!("COPY (SELECT {} FROM {}) TO STDOUT", columns(table), quoted(&table.name));
        let mut rows = snapshot.copy_out_raw(&sql).await.map_err(of_driver)?;
        let (mut number, mut part) = (0, Vec::new());
        while let Some(chunk) = rows.try_next().await.map_err(of_driver)? {
            part.extend_from_slice(&chunk);
            if part.len() >= PART {
                take(&name_of(table, number), &part)?;
                number += 1;
                part.clear();
            }
        }
        if !part.is_empty() {
            take(&name_of(table, number), &part)?;
        }
    }
    snapshot.rollback().await.map_err(of_driver)?;
    Ok(FinishedCopy { contents, files: files.into_iter().map(Digest).collect() })
}

async fn contents(connection: &mut PgConnection) -> sqlx::Result<CopyContents> {
    Ok(CopyContents {
        kind: "postgresql".to_owned(),
        migrations: sqlx::query_scalar("SELECT version::text FROM seaql_migrations ORDER BY version")
            .fetch_all(&mut *connection)
            .await?,
        tables: tables(connection).await?,
        events: sqlx::query_scalar("SELECT count(*) FROM journal").fetch_one(&mut *connection).await?,
    })
}

/// Writes the copied rows into tables that exist.
pub(super) async fn fill(database: &Database, contents: &CopyContents, parts: &Path) -> Result<(), Fault> {
    let pool = database.writer().get_postgres_connection_pool();
    let mut transaction = pool.begin().await.map_err(of_driver)?;
    execute(&mut transaction, LIMITS.to_owned()).await?;
    let known = tables(&mut transaction).await.map_err(of_driver)?;
    if let Some(foreign) = contents.tables.iter().find(|table| !known.iter().any(|own| own.name == table.name)) {
        return Err(DbErr::Custom(format!("the copy has a table `{}` that the schema lacks", foreign.name)).into());
    }
    // A migration may have written rows of its own. The copy has them too, as they were later.
    for table in known.iter().rev() {
        execute(&mut transaction, format!("DELETE FROM {}", quoted(&table.name))).await?;
    }
    for table in &known {
        if let Some(copied) = contents.tables.iter().find(|copied| copied.name == table.name) {
            load(&mut transaction, copied, &parts.join(&table.name)).await?;
        }
    }
    let numbered: Vec<(String, String)> =
        sqlx::query_as(NUMBERED).fetch_all(&mut *transaction).await.map_err(of_driver)?;
    for (table, column) in numbered {
        let (name, number) = (quoted(&table), quoted(&column));
        let sequence = format!("pg_get_serial_sequence('{}', '{}')", literal(&name), literal(&column));
        let next = format!("(SELECT coalesce(max({number}), 0) + 1 FROM {name})");
        execute(&mut transaction, format!("SELECT setval({sequence}, {next}, false)")).await?;
    }
    transaction.commit().await.map_err(of_driver)
}

/// Copies the parts of a table into the table. A table without rows has no parts.
async fn load(connection: &mut PgConnection, table: &CopiedTable, folder: &Path) -> Result<(), Fault> {
    let mut parts: Vec<PathBuf> = match std::fs::read_dir(folder) {
        Ok(entries) => {
            let paths = entries.map(|entry| entry.map(|entry| entry.path()));
            paths.collect::<std::io::Result<_>>().map_err(|error| failed(&error))?
        }
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(&error)),
    };
    parts.sort();
    let sql = format!("COPY {} ({}) FROM STDIN", quoted(&table.name), columns(table));
    let mut rows = connection.copy_in_raw(&sql).await.map_err(of_driver)?;
    for part in parts {
        let bytes = tokio::fs::read(&part).await.map_err(|error| failed(&error))?;
        rows.send(bytes).await.map_err(of_driver)?;
    }
    rows.finish().await.map_err(of_driver)?;
    Ok(())
}

/// Returns the tables of the schema, each after those that it refers to.
async fn tables(connection: &mut PgConnection) -> sqlx::Result<Vec<CopiedTable>> {
    let columns: Vec<(String, String)> = sqlx::query_as(COLUMNS).fetch_all(&mut *connection).await?;
    let references: Vec<(String, String)> = sqlx::query_as(REFERENCES).fetch_all(&mut *connection).await?;
    let mut tables: Vec<CopiedTable> = Vec::new();
    for (name, column) in columns {
        match tables.last_mut().filter(|table| table.name == name) {
            Some(table) => table.columns.push(column),
            None => tables.push(CopiedTable { name, columns: vec![column] }),
        }
    }
    Ok(in_order(tables, &references))
}

/// Sorts tables so that each comes after those that it refers to. Tables in a ring of references keep their order.
fn in_order(mut tables: Vec<CopiedTable>, references: &[(String, String)]) -> Vec<CopiedTable> {
    let mut ordered = Vec::new();
    while !tables.is_empty() {
        let waits = |table: &CopiedTable| {
            let mut parents = references.iter().filter(|(child, parent)| *child == table.name && parent != child);
            parents.any(|(_, parent)| tables.iter().any(|other| other.name == *parent))
        };
        let at = tables.iter().position(|table| !waits(table)).unwrap_or(0);
        ordered.push(tables.remove(at));
    }
    ordered
}

async fn execute(connection: &mut PgConnection, sql: String) -> Result<(), Fault> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map_err(of_driver)?;
    Ok(())
}

/// Returns the name of a part. Names of parts of one table sort in their order.
fn name_of(table: &CopiedTable, number: u32) -> String {
    format!("{}/{number:08}.copy", table.name)
}

fn columns(table: &CopiedTable) -> String {
    table.columns.iter().map(|column| quoted(column)).collect::<Vec<_>>().join(", ")
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    text.replace('\'', "''")
}

fn of_driver(error: sqlx::Error) -> Fault {
    failed(&error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_filled_after_those_that_it_refers_to() {
        let table = |name: &str| CopiedTable { name: name.to_owned(), columns: Vec::new() };
        let pair = |(child, parent): (&str, &str)| (child.to_owned(), parent.to_owned());
        let references =
            [("draft", "account"), ("a_paper", "draft"), ("a_paper", "file"), ("draft", "draft")].map(pair);
        let tables = ["a_paper", "account", "draft", "file"].map(table).to_vec();
        let ordered: Vec<String> = in_order(tables, &references).into_iter().map(|table| table.name).collect();
        assert_eq!(ordered, ["account", "draft", "file", "a_paper"]);
    }

    #[test]
    fn tables_that_refer_to_one_another_do_not_stop_the_sorting() {
        let references = [("a".to_owned(), "b".to_owned()), ("b".to_owned(), "a".to_owned())];
        let tables = ["a", "b"].map(|name| CopiedTable { name: name.to_owned(), columns: Vec::new() }).to_vec();
        assert_eq!(in_order(tables.clone(), &references), tables);
    }
}
