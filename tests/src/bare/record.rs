//! Reading back the rows that each command of a case of ours writes.

use super::{Cell, Names, Template, Write};
use anyhow::{Context as _, bail, ensure};
use motcua_domain::names::DossierCode;
use rusqlite::Connection;
use rusqlite::types::Value;
use std::path::Path;
use uuid::Uuid;

/// The tables with rows of a dossier, and their columns with its code.
pub const OF_DOSSIER: [(&str, &str); 8] = [
    ("journal", "dossier"),
    ("dossier", "code"),
    ("stay", "dossier"),
    ("participation", "dossier"),
    ("name_part", "dossier"),
    ("job", "dossier"),
    ("notice", "dossier"),
    ("dossier_file", "dossier"),
];

/// The statement that marks an entry. The recorder does not read the marks, because sealing removes them.
const UNSEALED: &str = "INSERT INTO unsealed (dossier, version) VALUES ($1, $2)";

/// The columns of `dossier` that only a filing writes.
const FILED: [&str; 8] =
    ["draft", "procedure", "procedure_name", "applicant", "applicant_name", "phone", "search", "filed_at"];

/// A table as the schema says.
struct Table {
    name: &'static str,
    owner: &'static str,
    columns: Vec<Column>,
}

struct Column {
    name: String,
    kind: String,
    is_key: bool,
}

/// A row, and the number of its table.
#[derive(PartialEq)]
struct Row {
    table: usize,
    cells: Vec<Cell>,
}

/// A statement with the values of the recorded case.
type Change = (String, Vec<Cell>);

/// The reader of the rows that each command of a case of ours writes.
pub struct Recorder {
    connection: Connection,
    tables: Vec<Table>,
    draft: String,
    /// The insertions of the account and of the draft.
    before: [Change; 2],
    rows: Vec<Row>,
    commands: Vec<Vec<Change>>,
}

impl Recorder {
    /// Begins to record on the SQLite file of ours, before the draft is filed.
    pub fn begin(file: &Path, draft: Uuid) -> anyhow::Result<Self> {
        let (connection, draft) = (Connection::open(file)?, draft.to_string());
        let insertion = |name, owner, id: &str| {
            let table = Table::read(&connection, name, owner)?;
            Ok::<_, anyhow::Error>(table.insert(table.rows(&connection, id)?.first().context("a row")?))
        };
        let account: String =
            connection.query_row("SELECT account FROM draft WHERE id = ?1", [&draft], |r| r.get(0))?;
        let before = [insertion("account", "id", &account)?, insertion("draft", "id", &draft)?];
        // A filing uses up its draft, which has an id.
        let tables =
            [("draft", "id")].into_iter().chain(OF_DOSSIER).map(|(name, owner)| Table::read(&connection, name, owner));
        let tables = tables.collect::<Result<Vec<_>, _>>()?;
        let mut recorder = Self { connection, tables, draft, before, rows: Vec::new(), commands: Vec::new() };
        recorder.rows = recorder.read("")?;
        Ok(recorder)
    }

    /// Records the rows of the last command: deleted rows, then inserted ones, then new values.
    pub fn command(&mut self, code: &DossierCode) -> anyhow::Result<()> {
        let after = self.read(code.as_str())?;
        let gone = self.rows.iter().filter(|row| self.known(&after, row).is_none());
        let mut changes: Vec<Change> = gone.map(|row| self.tables[row.table].delete(&row.cells)).collect();
        let mut updates = Vec::new();
        for row in &after {
            let table = &self.tables[row.table];
            match self.known(&self.rows, row) {
                None => {
                    changes.push(table.insert(&row.cells));
                    if table.name == "journal" {
                        let key = table.key(&row.cells).into_iter().cloned().collect();
                        changes.push((UNSEALED.to_owned(), key));
                    }
                }
                Some(known) if known != row => updates.push(table.update(&row.cells)),
                Some(_) => {}
            }
        }
        changes.extend(updates);
        self.commands.push(changes);
        self.rows = after;
        Ok(())
    }

    /// Returns the statements of the case that was recorded.
    pub fn finish(self, code: &DossierCode) -> anyhow::Result<Template> {
        let mut parts = code.as_str().rsplitn(3, '-');
        let (_, Some(day), Some(agency)) = (parts.next(), parts.next(), parts.next()) else {
            bail!("{code} is no code");
        };
        let (day, agency) = (day.to_owned(), agency.to_owned());
        let names = Names::new(code.to_string(), self.draft);
        let open =
            |(sql, cells): Change| Write { sql, slots: cells.into_iter().map(|cell| names.open(cell)).collect() };
        let [account, draft] = self.before.map(&open);
        let commands = self.commands.into_iter().map(|changes| changes.into_iter().map(&open).collect()).collect();
        Ok(Template { agency, day, account, draft, commands })
    }

    fn read(&self, code: &str) -> anyhow::Result<Vec<Row>> {
        let mut rows = Vec::new();
        for (number, table) in self.tables.iter().enumerate() {
            let owner = if table.name == "draft" { self.draft.as_str() } else { code };
            let found = table.rows(&self.connection, owner)?;
            rows.extend(found.into_iter().map(|cells| Row { table: number, cells }));
        }
        Ok(rows)
    }

    /// Returns the row among `rows` that has the same key.
    fn known<'a>(&self, rows: &'a [Row], row: &Row) -> Option<&'a Row> {
        let table = &self.tables[row.table];
        rows.iter().find(|known| known.table == row.table && table.key(&known.cells) == table.key(&row.cells))
    }
}

impl Table {
    fn read(connection: &Connection, name: &'static str, owner: &'static str) -> anyhow::Result<Self> {
        // Changes do not touch the column `counted`.
        let columns = "SELECT name, type, pk > 0 FROM pragma_table_info(?1) WHERE name <> 'counted' ORDER BY cid";
        let mut statement = connection.prepare(columns)?;
        let columns = statement
            .query_map([name], |row| Ok(Column { name: row.get(0)?, kind: row.get(1)?, is_key: row.get(2)? }))?
            .collect::<Result<Vec<_>, _>>()?;
        ensure!(columns.iter().any(|column| column.is_key), "{name} has no key");
        Ok(Self { name, owner, columns })
    }

    fn rows(&self, connection: &Connection, owner: &str) -> anyhow::Result<Vec<Vec<Cell>>> {
        let names: Vec<String> = self.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
        let sql = format!("SELECT {} FROM {} WHERE {} = ?1", names.join(", "), self.name, self.owner);
        let mut statement = connection.prepare(&sql)?;
        let mut rows = statement.query([owner])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let mut cells = Vec::new();
            for (at, column) in self.columns.iter().enumerate() {
                cells.push(cell(&column.kind, row.get(at)?)?);
            }
            found.push(cells);
        }
        Ok(found)
    }

    fn key<'a>(&self, row: &'a [Cell]) -> Vec<&'a Cell> {
        self.columns.iter().zip(row).filter(|(column, _)| column.is_key).map(|(_, cell)| cell).collect()
    }

    fn insert(&self, row: &[Cell]) -> Change {
        let (names, cells) = self.part(row, |_| true);
        let places: Vec<String> = (1..=names.len()).map(|place| format!("${place}")).collect();
        let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
        (format!("INSERT INTO {} ({}) VALUES ({})", self.name, names.join(", "), places.join(", ")), cells)
    }

    fn update(&self, row: &[Cell]) -> Change {
        let is_fixed = |column: &Column| self.name == "dossier" && FILED.contains(&column.name.as_str());
        let (sets, mut cells) = self.part(row, |column| !column.is_key && !is_fixed(column));
        let (keys, found_by) = self.part(row, |column| column.is_key);
        cells.extend(found_by);
        let (keys, sets) = (equal(&keys, sets.len() + 1, " AND "), equal(&sets, 1, ", "));
        (format!("UPDATE {} SET {sets} WHERE {keys}", self.name), cells)
    }

    fn delete(&self, row: &[Cell]) -> Change {
        let (keys, cells) = self.part(row, |column| column.is_key);
        (format!("DELETE FROM {} WHERE {}", self.name, equal(&keys, 1, " AND ")), cells)
    }

    fn part(&self, row: &[Cell], is_taken: impl Fn(&Column) -> bool) -> (Vec<&str>, Vec<Cell>) {
        let taken = self.columns.iter().zip(row).filter(|(column, _)| is_taken(column));
        taken.map(|(column, cell)| (column.name.as_str(), cell.clone())).unzip()
    }
}

fn equal(names: &[&str], first: usize, between: &str) -> String {
    let each: Vec<String> = (first..).zip(names).map(|(place, name)| format!("\"{name}\" = ${place}")).collect();
    each.join(between)
}

fn cell(kind: &str, value: Value) -> anyhow::Result<Cell> {
    Ok(match (kind, value) {
        ("BOOLEAN", Value::Integer(number)) => Cell::Flag(number != 0),
        ("BIGINT" | "INTEGER", Value::Integer(number)) => Cell::Number(Some(number)),
        ("BIGINT" | "INTEGER", Value::Null) => Cell::Number(None),
        ("TEXT", Value::Text(text)) => Cell::Text(Some(text)),
        ("TEXT", Value::Null) => Cell::Text(None),
        (kind, value) => bail!("a column of type {kind} holds {value:?}"),
    })
}
