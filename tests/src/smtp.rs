//! A mail server inside of a test. It speaks the part of SMTP that a portal needs, keeps the mails that it took, and
//! answers what the test says.

use anyhow::Context as _;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::collections::HashMap;
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

/// A mail that the server took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenMail {
    pub to: String,
    /// The head and the body, as they were sent.
    pub content: String,
    pub was_encrypted: bool,
}

impl TakenMail {
    /// Returns the value of a line of the head, such as `Message-ID`.
    pub fn head(&self, name: &str) -> Option<&str> {
        self.content.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

/// A mail server on a free port of this machine. It runs until the test ends.
#[derive(Debug, Clone)]
pub struct PostOffice {
    address: SocketAddr,
    counter: Arc<Counter>,
}

/// The part of a post office that all connections share.
struct Counter {
    state: Mutex<CounterState>,
    taken: watch::Sender<usize>,
    tls: Option<TlsAcceptor>,
}

impl std::fmt::Debug for Counter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Counter").field("state", &self.state).finish_non_exhaustive()
    }
}

#[derive(Debug, Default)]
struct CounterState {
    taken: Vec<TakenMail>,
    /// The commands, and what was sent with them.
    commands: Vec<String>,
    /// The answers that differ from the usual ones, by the command: `MAIL`, `RCPT address`, `AUTH` or `content`.
    answers: HashMap<String, String>,
    /// A mail that is taken gets no answer.
    is_mute: bool,
}

impl PostOffice {
    /// Opens a server without encryption.
    pub async fn open() -> Self {
        Self::serve(None).await.expect("the server listens")
    }

    /// Opens a server that offers STARTTLS with this certificate and key.
    pub async fn with_certificate(certificate: &Path, key: &Path) -> anyhow::Result<Self> {
        let chain = CertificateDer::pem_file_iter(certificate)?.collect::<Result<Vec<_>, _>>()?;
        let key = PrivateKeyDer::from_pem_file(key)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let config = config.with_no_client_auth().with_single_cert(chain, key).context("the certificate")?;
        Self::serve(Some(TlsAcceptor::from(Arc::new(config)))).await
    }

    async fn serve(tls: Option<TlsAcceptor>) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let counter = Arc::new(Counter { state: Mutex::default(), taken: watch::Sender::new(0), tls });
        let behind = counter.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let counter = behind.clone();
                // A client that goes away ends its connection alone.
                tokio::spawn(async move { counter.welcome(stream).await });
            }
        });
        Ok(Self { address, counter })
    }

    /// Returns the section of `motcua.toml` that names this server, with further lines.
    pub fn settings(&self, more: &str) -> String {
        format!(
            "[mail]\nserver = \"127.0.0.1\"\nport = {}\nfrom = \"Cổng dịch vụ công <cong@example.vn>\"\n{more}\n",
            self.address.port()
        )
    }

    /// Returns the host and the port, as messages have them.
    pub fn place(&self) -> String {
        self.address.to_string()
    }

    /// Returns the mails that were taken, the oldest first.
    pub fn taken(&self) -> Vec<TakenMail> {
        self.counter.state().taken.clone()
    }

    /// Returns the number of commands that begin with these words.
    pub fn heard(&self, command: &str) -> usize {
        self.counter.state().commands.iter().filter(|heard| heard.starts_with(command)).count()
    }

    /// Answers a command in another way from now on: `MAIL`, `RCPT address`, `AUTH` or `content`.
    pub fn answer(&self, command: &str, answer: &str) {
        self.counter.state().answers.insert(command.to_owned(), answer.to_owned());
    }

    /// Answers all commands as usual from now on.
    pub fn answer_as_usual(&self) {
        let mut state = self.counter.state();
        state.answers.clear();
        state.is_mute = false;
    }

    /// Takes mails from now on and does not say so.
    pub fn be_mute(&self) {
        self.counter.state().is_mute = true;
    }

    /// Waits until so many mails were taken.
    pub async fn wait_for(&self, count: usize) {
        let mut taken = self.counter.taken.subscribe();
        taken.wait_for(|taken| *taken >= count).await.expect("the server is there");
    }
}

impl Counter {
    fn state(&self) -> MutexGuard<'_, CounterState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Greets a client and serves it to the end.
    async fn welcome(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.write_all(b"220 post.example.vn\r\n").await?;
        let Some(stream) = self.talk(stream, false).await? else { return Ok(()) };
        let Some(tls) = &self.tls else { return Ok(()) };
        let stream = tls.accept(stream).await?;
        self.talk(stream, true).await.map(|_| ())
    }

    /// Answers the commands of a client. Returns the stream if the client wants to go on with encryption.
    async fn talk<S>(&self, stream: S, is_encrypted: bool) -> io::Result<Option<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        let (mut stream, mut line, mut to) = (BufReader::new(stream), String::new(), String::new());
        loop {
            line.clear();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(None);
            }
            let command = line.trim_end().to_owned();
            let verb = command.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            self.state().commands.push(command.clone());
            let answer = match verb.as_str() {
                "EHLO" if self.tls.is_some() && !is_encrypted => {
                    "250-post.example.vn\r\n250-STARTTLS\r\n250 AUTH PLAIN".to_owned()
                }
                "EHLO" => "250-post.example.vn\r\n250 AUTH PLAIN".to_owned(),
                "STARTTLS" => {
                    stream.write_all(b"220 go on\r\n").await?;
                    return Ok(Some(stream.into_inner()));
                }
                "RCPT" => {
                    to = between(&command, '<', '>').to_owned();
                    self.answer_to(&format!("RCPT {to}"), "250 2.1.5 ok")
                }
                "DATA" => {
                    stream.write_all(b"354 go on\r\n").await?;
                    let content = content(&mut stream).await?;
                    self.take(TakenMail { to: to.clone(), content, was_encrypted: is_encrypted }).await
                }
                "QUIT" => {
                    stream.write_all(b"221 farewell\r\n").await?;
                    return Ok(None);
                }
                "AUTH" => self.answer_to("AUTH", "235 2.7.0 welcome"),
                "MAIL" | "RSET" | "NOOP" => self.answer_to(&verb, "250 ok"),
                _ => "502 5.5.2 unknown".to_owned(),
            };
            stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
    }

    fn answer_to(&self, command: &str, usual: &str) -> String {
        self.state().answers.get(command).cloned().unwrap_or_else(|| usual.to_owned())
    }

    /// Keeps a mail, unless it is refused, and returns the answer.
    async fn take(&self, mail: TakenMail) -> String {
        let answer = self.answer_to("content", "250 2.0.0 taken");
        if !answer.starts_with('2') {
            return answer;
        }
        let (count, is_mute) = {
            let mut state = self.state();
            state.taken.push(mail);
            (state.taken.len(), state.is_mute)
        };
        self.taken.send_replace(count);
        if is_mute { pending().await } else { answer }
    }
}

/// Returns the part of a text between two signs.
fn between(text: &str, open: char, close: char) -> &str {
    let rest = text.split_once(open).map_or("", |(_, rest)| rest);
    rest.split_once(close).map_or(rest, |(part, _)| part)
}

/// Reads the content of a mail, up to the line with a dot alone.
async fn content(stream: &mut (impl AsyncBufReadExt + Unpin)) -> io::Result<String> {
    let (mut content, mut line) = (String::new(), String::new());
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 || line == ".\r\n" {
            return Ok(content);
        }
        content.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}
