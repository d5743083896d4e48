//! Many rows in one go: to PostgreSQL as arrays in the parameters of one statement, so that a change costs one crossing
//! instead of a dozen; to SQLite, which is in this process, each row by itself.

use crate::journal::JOURNAL_LOCK;
use crate::{Database, Fault};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ColumnType, ConnectionTrait, DbBackend, EntityTrait, IdenStatic, IntoActiveModel,
    Iterable, PrimaryKeyToColumn, Statement, Value,
};
use std::collections::BTreeMap;

/// What becomes of a row whose key is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Known {
    /// The whole fails.
    Refuse,
    /// It gets the new values.
    Replace,
    /// It stays as it is.
    Keep,
}

/// What is done to a table. On SQLite in this order: a row that goes may make room for one that comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verb {
    Delete,
    Insert(Known),
    Update,
}

/// A value of a column.
#[derive(Debug, Clone)]
pub(crate) enum Cell {
    Nothing,
    Yes(bool),
    Number(i64),
    Text(String),
}

/// A column that is written, or by which a row is found.
#[derive(Debug)]
struct Column {
    /// Its place in a row, counted from 1.
    number: usize,
    name: &'static str,
    is_key: bool,
    /// The type of an array of it on PostgreSQL.
    array: &'static str,
}

/// What is done to the rows of one table.
#[derive(Debug)]
pub(crate) struct Part {
    verb: Verb,
    table: &'static str,
    columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
}

/// Rows on their way to the database. On PostgreSQL no two should be the same row, for all statements see what was there
/// before the first.
#[derive(Debug)]
pub(crate) struct Batch {
    backend: DbBackend,
    parts: BTreeMap<(Verb, &'static str), Part>,
}

impl Batch {
    pub const fn new(backend: DbBackend) -> Self {
        Self { backend, parts: BTreeMap::new() }
    }

    /// Adds rows.
    pub fn insert<E: EntityTrait>(
        &mut self,
        rows: impl IntoIterator<Item = impl IntoActiveModel<E::ActiveModel>>,
        known: Known,
    ) -> Result<(), Fault> {
        self.add::<E>(Verb::Insert(known), &[], rows)
    }

    /// Changes rows that are there: all columns but those `fixed`, which need not be set. An index over those alone is
    /// left in peace.
    pub fn update<E: EntityTrait>(
        &mut self,
        rows: impl IntoIterator<Item = impl IntoActiveModel<E::ActiveModel>>,
        fixed: &[E::Column],
    ) -> Result<(), Fault> {
        self.add::<E>(Verb::Update, fixed, rows)
    }

    /// Deletes the rows that have the primary keys of `rows`; the other columns need not be set.
    pub fn delete<E: EntityTrait>(
        &mut self,
        rows: impl IntoIterator<Item = impl IntoActiveModel<E::ActiveModel>>,
    ) -> Result<(), Fault> {
        self.add::<E>(Verb::Delete, &[], rows)
    }

    fn add<E: EntityTrait>(
        &mut self,
        verb: Verb,
        fixed: &[E::Column],
        rows: impl IntoIterator<Item = impl IntoActiveModel<E::ActiveModel>>,
    ) -> Result<(), Fault> {
        let is_key = |column: &E::Column| E::PrimaryKey::from_column(*column).is_some();
        let is_taken = |column: &E::Column| match verb {
            Verb::Insert(_) => true,
            Verb::Update => !fixed.iter().any(|fixed| fixed.as_str() == column.as_str()),
            Verb::Delete => is_key(column),
        };
        let table = E::default().table_name();
        for row in rows {
            let mut row = row.into_active_model();
            let part = self.parts.entry((verb, table)).or_insert_with(|| {
                let columns = E::Column::iter().filter(is_taken).zip(1..);
                let columns = columns.map(|(column, number)| Column {
                    number,
                    name: column.as_str(),
                    is_key: is_key(&column),
                    array: match column.def().get_column_type() {
                        ColumnType::BigInteger => "bigint[]",
                        ColumnType::Boolean => "boolean[]",
                        _ => "text[]",
                    },
                });
                Part { verb, table, columns: columns.collect(), rows: Vec::new() }
            });
            let cells = E::Column::iter().filter(is_taken).map(|column| {
                let value = row.take(column).into_value();
                let missing =
                    || format!("a row of {table} without {}, or of a type that is not written", column.as_str());
                value.and_then(cell).ok_or_else(|| Fault::Unreadable(missing()))
            });
            part.rows.push(cells.collect::<Result<_, _>>()?);
        }
        Ok(())
    }

    /// What is done, in order.
    pub fn into_parts(self) -> impl Iterator<Item = Part> {
        self.parts.into_values()
    }

    /// Runs it within the transaction of a connection; on PostgreSQL without one it is a transaction of its own.
    pub async fn run(self, connection: &impl ConnectionTrait) -> Result<(), Fault> {
        if self.parts.is_empty() {
            return Ok(());
        }
        let backend = self.backend;
        if backend == DbBackend::Postgres {
            let arrays = self.parts.values().flat_map(Part::arrays).map(Value::from);
            connection.execute_raw(Statement::from_sql_and_values(backend, self.script(), arrays)).await?;
            return Ok(());
        }
        for part in self.into_parts() {
            let sql = part.sql();
            for row in part.rows {
                let values = row.into_iter().map(Value::from);
                connection.execute_raw(Statement::from_sql_and_values(backend, &sql, values)).await?;
            }
        }
        Ok(())
    }

    /// Everything in one text, for PostgreSQL.
    fn script(&self) -> String {
        let mut before = 0;
        let parts = self.parts.values().enumerate().map(|(number, part)| {
            let sql = part.sql_of_arrays(before);
            before += part.columns.len();
            format!("s{number} AS ({sql})")
        });
        let parts = parts.collect::<Vec<_>>().join(", ");
        // The query itself comes first: who holds the lock of the journal is waited for before anything is written.
        format!("WITH {parts} SELECT pg_advisory_xact_lock({JOURNAL_LOCK})")
    }

    /// Runs it as a transaction of its own, in one go. On SQLite it blocks meanwhile.
    pub async fn run_whole(self, database: &Database) -> Result<(), Fault> {
        match database.direct() {
            Some(direct) => direct.write(self).await,
            None => self.run(database.writer()).await,
        }
    }
}

impl Part {
    /// For SQLite, what writes one row with its columns as parameters.
    pub fn sql(&self) -> String {
        let (table, all) = (self.table, names(&self.columns));
        let is_parameter = |Column { name, number, .. }: &Column| format!("\"{name}\" = ?{number}");
        let (keys, others) = self.keys_and_others();
        let same = each(keys, " AND ", is_parameter);
        match self.verb {
            Verb::Insert(known) => {
                let values = vec!["?"; self.columns.len()].join(", ");
                format!("INSERT INTO \"{table}\" ({all}) VALUES ({values}){}", self.on_conflict(known))
            }
            Verb::Update => format!("UPDATE \"{table}\" SET {} WHERE {same}", each(others, ", ", is_parameter)),
            Verb::Delete => format!("DELETE FROM \"{table}\" WHERE {same}"),
        }
    }

    /// For PostgreSQL, what writes all rows, with an array of each column as a parameter; so many are `before` them.
    fn sql_of_arrays(&self, before: usize) -> String {
        let (table, all) = (self.table, names(&self.columns));
        let rows = each(&self.columns, ", ", |Column { number, name, array, .. }| {
            format!("unnest(${}::text::{array}) AS \"{name}\"", before + number)
        });
        let rows = format!("SELECT {rows}");
        let (keys, others) = self.keys_and_others();
        match self.verb {
            Verb::Insert(known) => format!("INSERT INTO \"{table}\" ({all}) {rows}{}", self.on_conflict(known)),
            Verb::Update => {
                let sets = each(others, ", ", |Column { name, .. }| format!("\"{name}\" = new.\"{name}\""));
                let same =
                    each(keys, " AND ", |Column { name, .. }| format!("\"{table}\".\"{name}\" = new.\"{name}\""));
                format!("UPDATE \"{table}\" SET {sets} FROM ({rows}) AS new WHERE {same}")
            }
            Verb::Delete => format!("DELETE FROM \"{table}\" WHERE ({all}) IN ({rows})"),
        }
    }

    /// The columns as PostgreSQL writes arrays.
    fn arrays(&self) -> impl Iterator<Item = String> {
        (0..self.columns.len()).map(|column| {
            let mut array = String::from("{");
            for row in &self.rows {
                if array.len() > 1 {
                    array.push(',');
                }
                row[column].write_to(&mut array);
            }
            array.push('}');
            array
        })
    }

    fn on_conflict(&self, known: Known) -> String {
        match known {
            Known::Refuse => String::new(),
            Known::Keep => " ON CONFLICT DO NOTHING".to_owned(),
            Known::Replace => {
                let (keys, others) = self.keys_and_others();
                let sets = each(others, ", ", |Column { name, .. }| format!("\"{name}\" = excluded.\"{name}\""));
                format!(" ON CONFLICT ({}) DO UPDATE SET {sets}", names(keys))
            }
        }
    }

    fn keys_and_others(&self) -> (Vec<&Column>, Vec<&Column>) {
        self.columns.iter().partition(|column| column.is_key)
    }
}

fn names<'a>(columns: impl IntoIterator<Item = &'a Column>) -> String {
    each(columns, ", ", |column| format!("\"{}\"", column.name))
}

fn each<'a>(columns: impl IntoIterator<Item = &'a Column>, between: &str, form: impl Fn(&Column) -> String) -> String {
    columns.into_iter().map(form).collect::<Vec<_>>().join(between)
}

impl Cell {
    /// As an element of an array of PostgreSQL.
    fn write_to(&self, array: &mut String) {
        match self {
            Self::Nothing => array.push_str("NULL"),
            Self::Yes(yes) => array.push_str(if *yes { "t" } else { "f" }),
            Self::Number(number) => array.push_str(&number.to_string()),
            Self::Text(text) => {
                array.push('"');
                for part in text.split_inclusive(['"', '\\']) {
                    match part.strip_suffix(['"', '\\']) {
                        None => array.push_str(part),
                        Some(before) => {
                            array.push_str(before);
                            array.push('\\');
                            array.push_str(&part[before.len()..]);
                        }
                    }
                }
                array.push('"');
            }
        }
    }
}

/// The value of a column, if it is of a type that the tables have.
fn cell(value: Value) -> Option<Cell> {
    Some(match value {
        Value::String(Some(text)) => Cell::Text(text),
        Value::BigInt(Some(number)) => Cell::Number(number),
        Value::Bool(Some(yes)) => Cell::Yes(yes),
        Value::String(None) | Value::BigInt(None) | Value::Bool(None) => Cell::Nothing,
        _ => return None,
    })
}

impl From<Cell> for Value {
    fn from(cell: Cell) -> Self {
        match cell {
            Cell::Nothing => Self::String(None),
            Cell::Yes(yes) => yes.into(),
            Cell::Number(number) => number.into(),
            Cell::Text(text) => text.into(),
        }
    }
}
