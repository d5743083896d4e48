//! Connections that read.

use sea_orm::entity::prelude::async_trait;
use sea_orm::sqlx;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Connections that cannot write. If a read finds its connection broken, it takes another one.
///
/// A restart of PostgreSQL breaks all connections at once, and connections that were used just before are not tested.
/// The pool drops each broken connection that a read meets, so a read meets at most all of them.
#[derive(Debug, Clone)]
pub struct DatabaseReader {
    connections: DatabaseConnection,
    /// The greatest number of connections.
    most: u32,
    /// The number of statements that were sent.
    sent: Arc<AtomicU64>,
}

impl DatabaseReader {
    /// Creates a reader from a pool, which has at most `most` connections.
    pub(crate) fn new(connections: DatabaseConnection, most: u32) -> Self {
        Self { connections, most, sent: Arc::default() }
    }

    /// Returns the number of statements that were read so far.
    pub fn statements(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Returns the pool of connections.
    pub(crate) const fn connections(&self) -> &DatabaseConnection {
        &self.connections
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for DatabaseReader {
    fn get_database_backend(&self) -> DbBackend {
        self.connections.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.connections.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.connections.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.sent.fetch_add(1, Ordering::Relaxed);
        let mut broken = 0;
        loop {
            match self.connections.query_one_raw(statement.clone()).await {
                Err(error) if broken < self.most && is_broken(&error) => broken += 1,
                done => return done,
            }
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.sent.fetch_add(1, Ordering::Relaxed);
        let mut broken = 0;
        loop {
            match self.connections.query_all_raw(statement.clone()).await {
                Err(error) if broken < self.most && is_broken(&error) => broken += 1,
                done => return done,
            }
        }
    }
}

/// Returns whether a read failed because its connection is broken: the network, or a server that ended the session.
fn is_broken(error: &DbErr) -> bool {
    let DbErr::Query(RuntimeErr::SqlxError(cause)) = error else { return false };
    match cause.as_ref() {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(error) => {
            error.code().is_some_and(|code| ["08", "57P"].iter().any(|class| code.starts_with(class)))
        }
        _ => false,
    }
}
