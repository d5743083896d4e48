//! Rows of several tables that are written together.
//!
//! PostgreSQL gets them in one statement, so that a change costs one round trip. Each value is a parameter. If there
//! are many rows, each column is an array instead. SQLite runs in this process and gets one row at a time.

use crate::Fault;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ColumnType, ConnectionTrait, DbBackend, EntityTrait, IdenStatic, IntoActiveModel,
    Iterable, PrimaryKeyToColumn, Statement, Value,
};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// The treatment of a row whose key exists already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum OnExistingRow {
    /// The batch fails.
    Refuse,
    /// The row gets the new values.
    Replace,
    /// The row stays as it is.
    Keep,
}

/// An operation on a table. SQLite runs them in this order, because a deleted row may make room for an inserted one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum TableOperation {
    Delete,
    Insert(OnExistingRow),
    /// Updates existing rows whose `version` is one less than the new one.
    Update,
}

/// The most rows of a part that PostgreSQL gets with each value as a parameter. With more, too many statements would
/// have to stay prepared.
const FEW: usize = 4;

/// The column that every updated table has: it grows by one with each update.
const VERSION: &str = "version";

/// A value of a column.
#[derive(Debug, Clone)]
pub(crate) enum ColumnValue {
    Nothing,
    Yes(bool),
    Number(i64),
    Text(String),
}

/// A column that is written, or by which a row is found.
#[derive(Debug)]
struct Column {
    /// The column's place in a row, counted from 1.
    number: usize,
    name: &'static str,
    is_key: bool,
    /// The type of an array of the column on PostgreSQL.
    array: &'static str,
}

/// The columns of an operation on a table, and the statement of SQLite that writes one row.
#[derive(Debug)]
pub(crate) struct StatementShape {
    verb: TableOperation,
    table: &'static str,
    columns: Vec<Column>,
    pub sql: String,
}

/// The rows of one operation on one table.
#[derive(Debug)]
pub(crate) struct BatchPart {
    pub shape: Arc<StatementShape>,
    pub rows: Vec<Vec<ColumnValue>>,
}

/// A row that the batch builds on. If the row does not exist, nothing is written.
#[derive(Debug)]
pub(crate) struct BatchBasis {
    table: &'static str,
    columns: Vec<&'static str>,
    pub cells: Vec<ColumnValue>,
    hold: BasisHold,
}

/// The way in which a batch holds a row on which it builds.
#[derive(Debug, Clone, Copy)]
enum BasisHold {
    /// The row may change between the statement and the commit.
    Seen,
    /// The row stays as it is until the commit. SQLite has one writer anyway.
    Kept,
    /// The batch deletes the row.
    UsedUp,
}

/// Rows on their way to the database. On PostgreSQL no two may be the same row, because all parts see the tables as
/// they were before the first.
#[derive(Debug)]
pub(crate) struct Batch {
    backend: DbBackend,
    parts: BTreeMap<(TableOperation, &'static str), BatchPart>,
    pub bases: Vec<BatchBasis>,
}

/// The shapes that were used so far: one for each operation and table.
static SHAPES: LazyLock<Mutex<StatementShapes>> = LazyLock::new(Mutex::default);

/// Shapes by operation and table.
type StatementShapes = HashMap<(TableOperation, &'static str), Arc<StatementShape>>;

impl Batch {
    pub const fn new(backend: DbBackend) -> Self {
        Self { backend, parts: BTreeMap::new(), bases: Vec::new() }
    }

    /// Builds the batch on a row with these values. Without the row the batch fails with [`Fault::Overtaken`].
    pub fn build_on<E: EntityTrait>(&mut self, row: impl IntoIterator<Item = (E::Column, ColumnValue)>) {
        self.bases.push(BatchBasis::new::<E>(row, BasisHold::Seen));
    }

    /// Builds the batch on a row with these values that stays as it is until the commit.
    ///
    /// The batch waits for a transaction that changes the row, and then does not find it. Later changes wait for the batch.
    pub fn keep<E: EntityTrait>(&mut self, row: impl IntoIterator<Item = (E::Column, ColumnValue)>) {
        self.bases.push(BatchBasis::new::<E>(row, BasisHold::Kept));
    }

    /// Builds the batch on a row with these values and deletes the row.
    ///
    /// If another transaction changes the row at the same moment, the deletion waits for it, and then does not find the
    /// row.
    pub fn use_up<E: EntityTrait>(&mut self, row: impl IntoIterator<Item = (E::Column, ColumnValue)>) {
        self.bases.push(BatchBasis::new::<E>(row, BasisHold::UsedUp));
    }

    /// Adds rows to insert.
    pub fn insert<E: EntityTrait>(
        &mut self,
        rows: impl IntoIterator<Item = impl IntoActiveModel<E::ActiveModel>>,
        known: OnExistingRow,
    ) -> Result<(), Fault> {
        self.add::<E>(TableOperation::Insert(known), &[], rows)
    }

    /// Adds updates of existing rows whose `version` is one less. Columns in `fixed` are not written and need not be
    /// set, so their indexes are not touched.
    pub fn update<E: EntityTrait>(
        &mut self,
        rows: impl IntoIterator<Item = impl IntoActiveModel<E::ActiveModel>>,
        fixed: &[E::Column],
    ) -> Result<(), Fault> {
        self.add::<E>(TableOperation::Update, fixed, rows)
    }

    /// Deletes the rows that have the primary keys of `rows`. The other columns need not be set.
    pub fn delete<E: EntityTrait>(
        &mut self,
        rows: impl IntoIterator<Item = impl IntoActiveModel<E::ActiveModel>>,
    ) -> Result<(), Fault> {
        self.add::<E>(TableOperation::Delete, &[], rows)
    }

    fn add<E: EntityTrait>(
        &mut self,
        verb: TableOperation,
        fixed: &[E::Column],
        rows: impl IntoIterator<Item = impl IntoActiveModel<E::ActiveModel>>,
    ) -> Result<(), Fault> {
        let is_taken = |column: &E::Column| match verb {
            TableOperation::Insert(_) => true,
            TableOperation::Update => !fixed.iter().any(|fixed| fixed.as_str() == column.as_str()),
            TableOperation::Delete => E::PrimaryKey::from_column(*column).is_some(),
        };
        let table = E::default().table_name();
        for row in rows {
            let mut row = row.into_active_model();
            let shape = || StatementShape::known::<E>(verb, table, is_taken);
            let part =
                self.parts.entry((verb, table)).or_insert_with(|| BatchPart { shape: shape(), rows: Vec::new() });
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

    /// Returns the parts in order.
    pub fn parts(&self) -> impl Iterator<Item = &BatchPart> {
        self.parts.values()
    }

    /// Returns how many rows the batch updates.
    pub fn updates(&self) -> usize {
        self.parts.values().filter(|part| part.updates()).map(|part| part.rows.len()).sum()
    }

    /// Runs the batch and returns how many rows it updated. On PostgreSQL it is one statement, which is a transaction
    /// of its own if the connection has none. On SQLite the connection must be in a transaction.
    pub async fn run(&self, connection: &impl ConnectionTrait) -> Result<usize, Fault> {
        if self.parts.is_empty() {
            return Ok(0);
        }
        if self.backend == DbBackend::Postgres {
            let bases = self.bases.iter().flat_map(|basis| basis.cells.iter().cloned().map(Value::from));
            let values = self.parts.values().flat_map(BatchPart::values).chain(bases);
            let statement = Statement::from_sql_and_values(self.backend, self.script(), values);
            let row = connection.query_one_raw(statement).await?;
            let updated = row.map_or(Ok(0), |row| row.try_get_by_index::<i64>(0))?;
            return Ok(usize::try_from(updated).unwrap_or(0));
        }
        for basis in &self.bases {
            let values = basis.cells.iter().cloned().map(Value::from);
            let statement = Statement::from_sql_and_values(self.backend, basis.sql(0), values);
            connection.query_one_raw(statement).await?.ok_or(Fault::Overtaken)?;
        }
        let mut updated = 0;
        for part in self.parts.values() {
            for row in &part.rows {
                let values = row.iter().cloned().map(Value::from);
                let statement = Statement::from_sql_and_values(self.backend, &part.shape.sql, values);
                let changed = connection.execute_raw(statement).await?.rows_affected();
                if part.updates() {
                    updated += usize::try_from(changed).unwrap_or(0);
                }
            }
        }
        Ok(updated)
    }

    /// Returns the whole batch as one statement of PostgreSQL, whose result is the number of updated rows.
    pub fn script(&self) -> String {
        let (mut before, mut updated) = (0, String::from("0"));
        let parts = self.parts.values().enumerate().map(|(number, part)| {
            let columns = part.shape.columns.len();
            let sql = if part.has_few_rows() {
                part.shape.sql_of_values(part.rows.len(), before)
            } else {
                part.shape.sql_of_arrays(before)
            };
            before += if part.has_few_rows() { columns * part.rows.len() } else { columns };
            if part.updates() {
                updated = format!("(SELECT COUNT(*) FROM s{number})");
            }
            format!("s{number} AS ({sql})")
        });
        let mut parts: Vec<String> = parts.collect();
        // A missing basis is a division by zero, which undoes the whole statement.
        let mut divisors = Vec::new();
        for basis in &self.bases {
            let sql = basis.sql(before);
            before += basis.cells.len();
            let counted = match basis.hold {
                BasisHold::Seen => format!("({sql}) AS basis"),
                BasisHold::Kept => format!("({sql} FOR SHARE) AS basis"),
                BasisHold::UsedUp => {
                    let number = parts.len();
                    parts.push(format!("s{number} AS ({sql})"));
                    format!("s{number}")
                }
            };
            divisors.push(format!(" / (SELECT COUNT(*) FROM {counted})"));
        }
        format!("WITH {} SELECT CAST({updated} AS BIGINT){}", parts.join(", "), divisors.concat())
    }
}

impl BatchBasis {
    fn new<E: EntityTrait>(row: impl IntoIterator<Item = (E::Column, ColumnValue)>, hold: BasisHold) -> Self {
        let (columns, cells) = row.into_iter().map(|(column, cell)| (column.as_str(), cell)).unzip();
        Self { table: E::default().table_name(), columns, cells, hold }
    }

    /// Returns the statement that finds the row, and deletes it if it is used up. The batch has `before` parameters
    /// before those of the row.
    pub fn sql(&self, before: usize) -> String {
        let is_parameter = |(column, number): (&&str, usize)| format!("\"{column}\" = ${number}");
        let same: Vec<String> = self.columns.iter().zip(before + 1..).map(is_parameter).collect();
        let (table, same) = (self.table, same.join(" AND "));
        match self.hold {
            BasisHold::Seen | BasisHold::Kept => format!("SELECT 1 FROM \"{table}\" WHERE {same}"),
            BasisHold::UsedUp => format!("DELETE FROM \"{table}\" WHERE {same} RETURNING 1"),
        }
    }
}

impl StatementShape {
    /// Returns the shape of an operation. Each shape is created once.
    fn known<E: EntityTrait>(
        verb: TableOperation,
        table: &'static str,
        is_taken: impl Fn(&E::Column) -> bool,
    ) -> Arc<Self> {
        let mut shapes = SHAPES.lock().unwrap_or_else(PoisonError::into_inner);
        let shape = shapes.entry((verb, table)).or_insert_with(|| {
            let columns = E::Column::iter().filter(is_taken).zip(1..).map(|(column, number)| Column {
                number,
                name: column.as_str(),
                is_key: E::PrimaryKey::from_column(column).is_some(),
                array: match column.def().get_column_type() {
                    ColumnType::BigInteger => "bigint[]",
                    ColumnType::Boolean => "boolean[]",
                    _ => "text[]",
                },
            });
            let shape = Self { verb, table, columns: columns.collect(), sql: String::new() };
            Arc::new(Self { sql: shape.sql_of_row(), ..shape })
        });
        Arc::clone(shape)
    }

    /// Returns the statement of SQLite that writes one row with its columns as parameters.
    fn sql_of_row(&self) -> String {
        let (table, all) = (self.table, names(&self.columns));
        let is_parameter = |Column { name, number, .. }: &Column| format!("\"{name}\" = ?{number}");
        let (keys, others) = self.keys_and_others();
        let same = each(keys, " AND ", is_parameter);
        match self.verb {
            TableOperation::Insert(known) => {
                let values = vec!["?"; self.columns.len()].join(", ");
                format!("INSERT INTO \"{table}\" ({all}) VALUES ({values}){}", self.on_conflict(known))
            }
            TableOperation::Update => {
                let follows = each(self.version(), "", |column| format!("\"{VERSION}\" + 1 = ?{}", column.number));
                format!("UPDATE \"{table}\" SET {} WHERE {same} AND {follows}", each(others, ", ", is_parameter))
            }
            TableOperation::Delete => format!("DELETE FROM \"{table}\" WHERE {same}"),
        }
    }

    /// Returns the statement of PostgreSQL that writes so many rows, with each value as a parameter. The batch has
    /// `before` parameters before them.
    fn sql_of_values(&self, rows: usize, before: usize) -> String {
        let (table, all) = (self.table, names(&self.columns));
        let row = |row: usize| {
            let before = before + row * self.columns.len();
            let values = each(&self.columns, ", ", |column| format!("${}", before + column.number));
            format!("({values})")
        };
        let values = (0..rows).map(row).collect::<Vec<_>>().join(", ");
        let is_parameter = |column: &Column| format!("\"{}\" = ${}", column.name, before + column.number);
        let (keys, others) = self.keys_and_others();
        match self.verb {
            TableOperation::Insert(known) => {
                format!("INSERT INTO \"{table}\" ({all}) VALUES {values}{}", self.on_conflict(known))
            }
            TableOperation::Update => {
                let same = each(keys, " AND ", is_parameter);
                let version = |column: &Column| format!("\"{VERSION}\" + 1 = ${}", before + column.number);
                let follows = each(self.version(), "", version);
                let sets = each(others, ", ", is_parameter);
                format!("UPDATE \"{table}\" SET {sets} WHERE {same} AND {follows} RETURNING 1")
            }
            TableOperation::Delete => format!("DELETE FROM \"{table}\" WHERE ({all}) IN ({values})"),
        }
    }

    /// Returns the statement of PostgreSQL that writes all rows, with an array for each column as a parameter. The
    /// batch has `before` parameters before them.
    fn sql_of_arrays(&self, before: usize) -> String {
        let (table, all) = (self.table, names(&self.columns));
        let rows = each(&self.columns, ", ", |Column { number, name, array, .. }| {
            format!("unnest(${}::text::{array}) AS \"{name}\"", before + number)
        });
        let rows = format!("SELECT {rows}");
        let (keys, others) = self.keys_and_others();
        match self.verb {
            TableOperation::Insert(known) => {
                format!("INSERT INTO \"{table}\" ({all}) {rows}{}", self.on_conflict(known))
            }
            TableOperation::Update => {
                let sets = each(others, ", ", |Column { name, .. }| format!("\"{name}\" = new.\"{name}\""));
                let same =
                    each(keys, " AND ", |Column { name, .. }| format!("\"{table}\".\"{name}\" = new.\"{name}\""));
                let follows = format!("\"{table}\".\"{VERSION}\" + 1 = new.\"{VERSION}\"");
                format!("UPDATE \"{table}\" SET {sets} FROM ({rows}) AS new WHERE {same} AND {follows} RETURNING 1")
            }
            TableOperation::Delete => format!("DELETE FROM \"{table}\" WHERE ({all}) IN ({rows})"),
        }
    }

    fn on_conflict(&self, known: OnExistingRow) -> String {
        match known {
            OnExistingRow::Refuse => String::new(),
            OnExistingRow::Keep => " ON CONFLICT DO NOTHING".to_owned(),
            OnExistingRow::Replace => {
                let (keys, others) = self.keys_and_others();
                let sets = each(others, ", ", |Column { name, .. }| format!("\"{name}\" = excluded.\"{name}\""));
                format!(" ON CONFLICT ({}) DO UPDATE SET {sets}", names(keys))
            }
        }
    }

    fn keys_and_others(&self) -> (Vec<&Column>, Vec<&Column>) {
        self.columns.iter().partition(|column| column.is_key)
    }

    fn version(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|column| column.name == VERSION)
    }
}

impl BatchPart {
    /// Returns whether the part updates rows.
    pub fn updates(&self) -> bool {
        self.shape.verb == TableOperation::Update
    }

    /// Returns whether each value of the rows is a parameter of its own. An update of several rows needs arrays.
    fn has_few_rows(&self) -> bool {
        self.rows.len() <= if self.updates() { 1 } else { FEW }
    }

    /// Returns the parameters of PostgreSQL.
    fn values(&self) -> Vec<Value> {
        if !self.has_few_rows() {
            return self.arrays().map(Value::from).collect();
        }
        let typed = |(cell, column): (&ColumnValue, &Column)| match (cell, column.array) {
            (ColumnValue::Nothing, "bigint[]") => Value::BigInt(None),
            (ColumnValue::Nothing, "boolean[]") => Value::Bool(None),
            (cell, _) => cell.clone().into(),
        };
        self.rows.iter().flat_map(|row| row.iter().zip(&self.shape.columns).map(typed)).collect()
    }

    /// Returns the columns as PostgreSQL writes arrays.
    fn arrays(&self) -> impl Iterator<Item = String> {
        (0..self.shape.columns.len()).map(|column| {
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
}

fn names<'a>(columns: impl IntoIterator<Item = &'a Column>) -> String {
    each(columns, ", ", |column| format!("\"{}\"", column.name))
}

fn each<'a>(columns: impl IntoIterator<Item = &'a Column>, between: &str, form: impl Fn(&Column) -> String) -> String {
    columns.into_iter().map(form).collect::<Vec<_>>().join(between)
}

impl ColumnValue {
    /// Writes the value as an element of an array of PostgreSQL.
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

/// Returns the value of a column, if it is of a type that batches write.
fn cell(value: Value) -> Option<ColumnValue> {
    Some(match value {
        Value::String(Some(text)) => ColumnValue::Text(text),
        Value::BigInt(Some(number)) => ColumnValue::Number(number),
        Value::Bool(Some(yes)) => ColumnValue::Yes(yes),
        Value::String(None) | Value::BigInt(None) | Value::Bool(None) => ColumnValue::Nothing,
        _ => return None,
    })
}

impl From<ColumnValue> for Value {
    fn from(cell: ColumnValue) -> Self {
        match cell {
            ColumnValue::Nothing => Self::String(None),
            ColumnValue::Yes(yes) => yes.into(),
            ColumnValue::Number(number) => number.into(),
            ColumnValue::Text(text) => text.into(),
        }
    }
}
