//! A proxy before PostgreSQL that forwards everything, and on demand cuts a connection at the worst moment: just before
//! or just after the commit of a change.
//!
//! It can also be down, as a database that cannot be reached. It reads the messages of the protocol
//! (<https://www.postgresql.org/docs/current/protocol-message-formats.html>): after the first one, each is a letter, a
//! length of four bytes that counts itself, and the rest.

use anyhow::Context as _;
use std::collections::HashMap;
use std::io::Result;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A part of the statement that appends to the journal.
const APPENDS: &str = "INSERT INTO \"journal\"";

/// The message after which the server sends its answers, without ending the transaction as `Sync` does.
const FLUSH: [u8; 5] = [b'H', 0, 0, 0, 4];

/// The moment at which the connection that appends to the journal is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The client learns that the statements succeeded, and their commit never comes.
    BeforeCommit,
    /// The change is committed, and the client never learns it.
    AfterCommit,
}

/// A running proxy. Dropping it closes its port.
#[derive(Debug)]
pub struct Proxy {
    cluster: String,
    next: Next,
    down: watch::Sender<bool>,
    listening: JoinHandle<()>,
}

/// The next cut, and a part of the statement whose transaction is cut.
type Next = Arc<Mutex<Option<(Cut, &'static str)>>>;

impl Proxy {
    /// Starts a proxy before the cluster with this address.
    pub async fn start(cluster: &str) -> anyhow::Result<Self> {
        let (user, server) = cluster.rsplit_once('@').context("the address names no user")?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let cluster = format!("{user}@{}", listener.local_addr()?);
        let next = Next::default();
        let (down, is_down) = watch::channel(false);
        let listening = tokio::spawn(listen(listener, server.to_owned(), Arc::clone(&next), is_down));
        Ok(Self { cluster, next, down, listening })
    }

    /// Returns the address of the cluster through the proxy, without a database.
    pub fn cluster(&self) -> &str {
        &self.cluster
    }

    /// Cuts the connection of the next change.
    pub fn cut_next(&self, cut: Cut) {
        self.cut_next_of(cut, APPENDS);
    }

    /// Cuts the connection of the next transaction with a statement that contains this text.
    pub fn cut_next_of(&self, cut: Cut, statement: &'static str) {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = Some((cut, statement));
    }

    /// Ends all connections and rejects new ones, or accepts them again.
    pub fn set_down(&self, down: bool) {
        self.down.send_replace(down);
    }

    /// Returns whether the requested cut has been made.
    pub fn has_cut(&self) -> bool {
        self.next.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, server: String, next: Next, is_down: watch::Receiver<bool>) {
    while let Ok((client, _)) = listener.accept().await {
        let (server, next, mut is_down) = (server.clone(), Arc::clone(&next), is_down.clone());
        tokio::spawn(async move {
            let carry = async {
                let Ok(server) = TcpStream::connect(server).await else { return };
                // An error ends the connection, as it would without the proxy.
                drop(Conversation { next, ..Conversation::default() }.carry(client, server).await);
            };
            let ended = async { drop(is_down.wait_for(|down| *down).await) };
            tokio::select! {
                biased;
                () = ended => {}
                () = carry => {}
            }
        });
    }
}

/// The state of a connection.
#[derive(Debug, Default)]
struct Conversation {
    next: Next,
    /// The texts of the prepared statements, by name.
    statements: HashMap<Vec<u8>, Vec<u8>>,
    /// The statement that was bound last is one whose transaction is to be cut.
    bound: bool,
    /// Such a statement was executed, and is not committed as far as the client knows.
    appended: bool,
    /// A transaction was begun by `BEGIN`.
    open: bool,
    /// The commit was held back.
    held: bool,
}

/// The treatment of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// Keep it until the next one.
    Wait,
    Pass,
    PassAndCut,
    Cut,
}

impl Conversation {
    /// Carries messages to and fro until one side closes the connection, or it is cut.
    async fn carry(mut self, mut client: TcpStream, mut server: TcpStream) -> Result<()> {
        // Messages are passed on one by one. Without this, each but the first of a group waits for a delayed
        // acknowledgement, which is 40 ms for each statement.
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        begin(&mut client, &mut server).await?;
        let ((mut from_client, mut to_client), (mut from_server, mut to_server)) = (client.split(), server.split());
        let (mut asked, mut answered, mut waiting) = (Vec::<u8>::new(), Vec::<u8>::new(), Vec::new());
        loop {
            let read = tokio::select! {
                read = from_client.read_buf(&mut asked) => read?,
                read = from_server.read_buf(&mut answered) => read?,
            };
            if read == 0 {
                return Ok(());
            }
            while let Some(mut message) = first(&mut asked) {
                if self.ask(&mut message) == Then::Cut {
                    return Ok(());
                }
                to_server.write_all(&message).await?;
            }
            while let Some(message) = first(&mut answered) {
                let then = self.answer(&message);
                waiting.extend(message);
                if matches!(then, Then::Pass | Then::PassAndCut) {
                    to_client.write_all(&waiting).await?;
                    waiting.clear();
                }
                if matches!(then, Then::Cut | Then::PassAndCut) {
                    return Ok(());
                }
            }
        }
    }

    /// Processes a message of the client.
    fn ask(&mut self, message: &mut Vec<u8>) -> Then {
        let (kind, rest) = (message[0], &message[5..]);
        match kind {
            // Parse: the name of a statement, and its text.
            b'P' => {
                let (name, sql) = until_zero(rest);
                self.statements.insert(name.to_vec(), until_zero(sql).0.to_vec());
            }
            // Bind: the name of a portal, and that of a statement.
            b'B' => {
                let sql = self.statements.get(until_zero(until_zero(rest).1).0);
                self.bound = sql.is_some_and(|sql| self.wants(sql));
            }
            // Execute.
            b'E' => self.appended |= self.bound,
            // Query.
            b'Q' if self.appended && rest.starts_with(b"COMMIT") && self.takes(Cut::BeforeCommit) => return Then::Cut,
            // Sync commits a transaction that was not begun by `BEGIN`.
            b'S' if self.appended && !self.open && self.takes(Cut::BeforeCommit) => {
                self.held = true;
                *message = FLUSH.to_vec();
            }
            _ => {}
        }
        Then::Pass
    }

    /// Processes a message of the server.
    fn answer(&mut self, message: &[u8]) -> Then {
        match message[0] {
            // CommandComplete.
            b'C' if self.held => return Then::PassAndCut,
            // ErrorResponse.
            b'E' => self.appended = false,
            // ReadyForQuery: idle, or within a transaction.
            b'Z' => {
                self.open = message.last() != Some(&b'I');
                let committed = self.appended && !self.open;
                self.appended &= self.open;
                return if committed && self.takes(Cut::AfterCommit) { Then::Cut } else { Then::Pass };
            }
            _ => {}
        }
        if self.appended && !self.held { Then::Wait } else { Then::Pass }
    }

    /// Returns whether the transaction of a statement is to be cut.
    fn wants(&self, sql: &[u8]) -> bool {
        let next = *self.next.lock().unwrap_or_else(PoisonError::into_inner);
        next.is_some_and(|(_, wanted)| sql.windows(wanted.len()).any(|part| part == wanted.as_bytes()))
    }

    /// Takes the order of this cut, if it exists.
    fn takes(&self, cut: Cut) -> bool {
        self.next.lock().unwrap_or_else(PoisonError::into_inner).take_if(|(next, _)| *next == cut).is_some()
    }
}

/// Forwards the first message, which has no letter. A client that requests encryption gets the answer that the proxy
/// has none.
async fn begin(client: &mut TcpStream, server: &mut TcpStream) -> Result<()> {
    loop {
        let length = client.read_u32().await?;
        let mut rest = vec![0; usize::try_from(length).unwrap_or(0).saturating_sub(4)];
        client.read_exact(&mut rest).await?;
        // SSLRequest and GSSENCRequest.
        if matches!(rest.as_slice(), [0x04, 0xd2, 0x16, 0x2f | 0x30]) {
            client.write_all(b"N").await?;
        } else {
            server.write_u32(length).await?;
            return server.write_all(&rest).await;
        }
    }
}

/// Takes the first message out of the bytes, if it is complete.
fn first(read: &mut Vec<u8>) -> Option<Vec<u8>> {
    let length = u32::from_be_bytes(read.get(1..5)?.try_into().ok()?);
    let end = 1 + usize::try_from(length).ok()?;
    (read.len() >= end).then(|| read.drain(..end).collect())
}

/// Splits at the first zero byte, which ends a text.
fn until_zero(rest: &[u8]) -> (&[u8], &[u8]) {
    let end = rest.iter().position(|byte| *byte == 0).unwrap_or(rest.len());
    (&rest[..end], rest.get(end + 1..).unwrap_or_default())
}
