//! The rows of whole cases, written by bare rusqlite, and by bare tokio-postgres with one connection a client.
//!
//! ```text
//! Recorder   reads the tables of ours after each command of one case ──► Template
//! Template   the statements of each command with the case's code and draft left open ──► new cases
//! ```

mod record;

pub use record::{OF_DOSSIER, Recorder};

use crate::portal::new_database;
use anyhow::{Context as _, ensure};
use bytes::BytesMut;
use futures::future::{join_all, try_join, try_join_all};
use motcua_domain::fold::fold;
use motcua_store::{Database, DatabaseOptions};
use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, params_from_iter};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_postgres::types::{IsNull, Type, to_sql_checked};
use tokio_postgres::{Client, NoTls, Statement};
use uuid::Uuid;

/// The statement that draws the number of a new dossier, the same as in ours.
const DRAW: &str = "INSERT INTO code_counter (agency_code, day, last) VALUES ($1, $2, 1)
    ON CONFLICT (agency_code, day) DO UPDATE SET last = code_counter.last + 1 RETURNING last";

/// The limits of a transaction on PostgreSQL.
const BEGIN: &str = "BEGIN";
const COMMIT: &str = "COMMIT";

/// The settings of the connections that write in ours.
const ON_SQLITE: [(&str, &str); 6] = [
    ("journal_mode", "WAL"),
    ("synchronous", "FULL"),
    ("foreign_keys", "ON"),
    ("wal_autocheckpoint", "4000"),
    ("temp_store", "MEMORY"),
    ("cache_size", "-32768"),
];
const ON_POSTGRES: &str = "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
    SET plan_cache_mode = force_generic_plan";

/// A value of a column.
#[derive(Debug, Clone, PartialEq)]
enum Cell {
    Flag(bool),
    Number(Option<i64>),
    Text(Option<String>),
}

/// A piece of a text: the same in every case, or one of the case's names.
#[derive(Debug, Clone)]
enum Piece {
    Text(String),
    Code,
    FoldedCode,
    Draft,
}

/// A value that is the same in every case, or a text that contains names of the case.
#[derive(Debug)]
enum Slot {
    Fixed(Cell),
    Open(Vec<Piece>),
}

/// The names by which cases differ.
#[derive(Debug, Default)]
struct Names {
    code: String,
    folded_code: String,
    draft: String,
}

/// A statement that writes one row.
#[derive(Debug)]
struct Write {
    sql: String,
    slots: Vec<Slot>,
}

/// The rows of a case: the account and the draft before it, and then the rows of each command.
#[derive(Debug)]
pub struct Template {
    agency: String,
    day: String,
    account: Write,
    draft: Write,
    commands: Vec<Vec<Write>>,
}

impl rusqlite::ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Flag(flag) => rusqlite::ToSql::to_sql(flag),
            Self::Number(number) => rusqlite::ToSql::to_sql(number),
            Self::Text(text) => rusqlite::ToSql::to_sql(text),
        }
    }
}

impl tokio_postgres::types::ToSql for Cell {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Flag(flag) => flag.to_sql(kind, out),
            Self::Number(number) => number.to_sql(kind, out),
            Self::Text(text) => text.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        [Type::BOOL, Type::INT8, Type::TEXT].contains(kind)
    }

    to_sql_checked!();
}

impl Names {
    fn new(code: String, draft: String) -> Self {
        Self { folded_code: fold(&code), code, draft }
    }

    fn of_draft(draft: &str) -> Self {
        Self { draft: draft.to_owned(), ..Self::default() }
    }

    /// Replaces these names in a value by slots.
    fn open(&self, cell: Cell) -> Slot {
        let Cell::Text(Some(text)) = &cell else { return Slot::Fixed(cell) };
        let names = [(&self.code, Piece::Code), (&self.folded_code, Piece::FoldedCode), (&self.draft, Piece::Draft)];
        let (mut rest, mut pieces) = (text.as_str(), Vec::new());
        let first = |rest: &str| {
            let found = names.iter().filter_map(|(name, piece)| Some((rest.find(name.as_str())?, name.len(), piece)));
            found.min_by_key(|(place, ..)| *place)
        };
        while let Some((place, length, piece)) = first(rest) {
            pieces.extend([Piece::Text(rest[..place].to_owned()), piece.clone()]);
            rest = &rest[place + length..];
        }
        if pieces.is_empty() {
            return Slot::Fixed(cell);
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Slot::Open(pieces)
    }

    fn text<'a>(&'a self, piece: &'a Piece) -> &'a str {
        match piece {
            Piece::Text(text) => text,
            Piece::Code => &self.code,
            Piece::FoldedCode => &self.folded_code,
            Piece::Draft => &self.draft,
        }
    }
}

impl Write {
    /// Returns the values for a case.
    fn cells(&self, names: &Names) -> Vec<Cell> {
        let fill = |slot: &Slot| match slot {
            Slot::Fixed(cell) => cell.clone(),
            Slot::Open(pieces) => Cell::Text(Some(pieces.iter().map(|piece| names.text(piece)).collect())),
        };
        self.slots.iter().map(fill).collect()
    }

    fn run(&self, connection: &Connection, names: &Names) -> anyhow::Result<()> {
        let changed = connection.prepare_cached(&self.sql)?.execute(params_from_iter(self.cells(names)))?;
        ensure!(changed == 1, "{} changed {changed} rows", self.sql);
        Ok(())
    }
}

impl Template {
    /// Returns the number of rows that each command writes.
    pub fn rows(&self) -> Vec<usize> {
        // A filing also draws a number.
        self.commands.iter().enumerate().map(|(place, rows)| rows.len() + usize::from(place == 0)).collect()
    }

    /// Writes cases to a new SQLite database by one thread, and returns the elapsed time.
    ///
    /// `together` cases advance side by side. Each of their commands is one transaction with a savepoint for each case.
    pub async fn on_sqlite(&self, cases: usize, together: usize) -> anyhow::Result<Duration> {
        let dir = tempfile::tempdir()?;
        let file = dir.path().join("bare.db");
        migrate(&format!("sqlite://{}", file.display())).await?;
        let connection = Connection::open(&file)?;
        connection.set_prepared_statement_cache_capacity(64);
        for (name, value) in ON_SQLITE {
            connection.pragma_update(None, name, value)?;
        }
        let run = |sql: &str| -> rusqlite::Result<usize> { connection.prepare_cached(sql)?.execute([]) };
        let drafts = ids(cases);
        run("BEGIN IMMEDIATE")?;
        self.account.run(&connection, &Names::default())?;
        for draft in &drafts {
            self.draft.run(&connection, &Names::of_draft(draft))?;
        }
        run("COMMIT")?;
        let start = Instant::now();
        for group in drafts.chunks(together) {
            let mut names = Vec::new();
            for writes in &self.commands {
                run("BEGIN IMMEDIATE")?;
                for (place, draft) in group.iter().enumerate() {
                    if together > 1 {
                        run("SAVEPOINT one")?;
                    }
                    if names.len() == place {
                        let mut draw = connection.prepare_cached(DRAW)?;
                        let number = draw.query_row([&self.agency, &self.day], |row| row.get(0))?;
                        names.push(self.numbered(number, draft));
                    }
                    for write in writes {
                        write.run(&connection, &names[place])?;
                    }
                    if together > 1 {
                        run("RELEASE one")?;
                    }
                }
                run("COMMIT")?;
            }
        }
        Ok(start.elapsed())
    }

    /// Writes cases to a new PostgreSQL database and returns the elapsed time. The clients share the cases evenly, and
    /// each command is a transaction of its own.
    pub async fn on_postgres(
        self: &Arc<Self>,
        cluster: &str,
        cases: usize,
        clients: usize,
    ) -> anyhow::Result<Duration> {
        let url = new_database(Some(cluster)).await?;
        migrate(&url).await?;
        let mut sessions = Vec::new();
        for _ in 0..clients {
            sessions.push(Session::open(&url, self).await?);
        }
        let drafts = ids(cases);
        let first = sessions.first().context("no client")?;
        first.execute(BEGIN, Vec::new()).await?;
        first.execute(&self.account.sql, self.account.cells(&Names::default())).await?;
        for draft in &drafts {
            first.execute(&self.draft.sql, self.draft.cells(&Names::of_draft(draft))).await?;
        }
        first.execute(COMMIT, Vec::new()).await?;
        let start = Instant::now();
        let work = sessions.into_iter().zip(drafts.chunks(cases.div_ceil(clients))).map(|(session, drafts)| {
            let (template, drafts) = (Arc::clone(self), drafts.to_vec());
            tokio::spawn(async move { session.replay(&template, &drafts).await })
        });
        for done in join_all(work).await {
            done??;
        }
        Ok(start.elapsed())
    }

    fn numbered(&self, number: i64, draft: &str) -> Names {
        Names::new(format!("{}-{}-{number:04}", self.agency, self.day), draft.to_owned())
    }
}

/// Creates the product's own schema in an empty database.
async fn migrate(url: &str) -> anyhow::Result<()> {
    let database = Database::open(&DatabaseOptions { url: url.to_owned(), replica: None, readers: 4 }).await?;
    database.migrate().await?;
    Ok(database.close().await?)
}

fn ids(count: usize) -> Vec<String> {
    (0..count).map(|_| Uuid::now_v7().to_string()).collect()
}

/// A client of PostgreSQL with its connection and prepared statements.
struct Session {
    client: Client,
    statements: HashMap<String, Statement>,
}

impl Session {
    async fn open(url: &str, template: &Template) -> anyhow::Result<Self> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        client.batch_execute(ON_POSTGRES).await?;
        let writes = template.commands.iter().flatten().chain([&template.account, &template.draft]);
        let texts: BTreeSet<&str> = writes.map(|write| write.sql.as_str()).chain([BEGIN, DRAW, COMMIT]).collect();
        let mut statements = HashMap::new();
        for sql in texts {
            statements.insert(sql.to_owned(), client.prepare(sql).await?);
        }
        Ok(Self { client, statements })
    }

    fn statement(&self, sql: &str) -> anyhow::Result<&Statement> {
        self.statements.get(sql).with_context(|| format!("{sql} was not prepared"))
    }

    async fn execute(&self, sql: &str, cells: Vec<Cell>) -> anyhow::Result<u64> {
        Ok(self.client.execute_raw(self.statement(sql)?, cells).await?)
    }

    async fn draw(&self, template: &Template) -> anyhow::Result<i64> {
        let row = self.client.query_one(self.statement(DRAW)?, &[&template.agency, &template.day]).await?;
        Ok(row.try_get(0)?)
    }

    /// Writes a case for each draft.
    async fn replay(&self, template: &Template, drafts: &[String]) -> anyhow::Result<()> {
        for draft in drafts {
            // The rows of a filing contain its number, so they wait for it.
            let (_, number) = try_join(self.execute(BEGIN, Vec::new()), self.draw(template)).await?;
            let names = template.numbered(number, draft);
            for (place, writes) in template.commands.iter().enumerate() {
                self.write(writes, &names, place > 0).await?;
            }
        }
        Ok(())
    }

    /// Sends the statements of a transaction one after the other, and only then waits for the answers.
    async fn write(&self, writes: &[Write], names: &Names, begins: bool) -> anyhow::Result<()> {
        let begin = begins.then(|| self.execute(BEGIN, Vec::new()));
        let rows = writes.iter().map(|write| self.execute(&write.sql, write.cells(names)));
        // Up to thirty futures are first polled, and so sent, in their order.
        let all: Vec<_> = begin.into_iter().chain(rows).chain([self.execute(COMMIT, Vec::new())]).collect();
        ensure!(all.len() <= 30, "too many statements for one transaction");
        let changed: u64 = try_join_all(all).await?.into_iter().sum();
        ensure!(changed == writes.len() as u64, "{} statements changed {changed} rows", writes.len());
        Ok(())
    }
}
