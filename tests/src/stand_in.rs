//! The common part of the stand-ins of gateways: a free port of this machine, and one request a connection.

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A request that came.
#[derive(Debug)]
pub struct CameRequest {
    /// The path with its parameters.
    pub target: String,
    pub body: Vec<u8>,
    /// The headers, under names of small letters.
    headers: HashMap<String, String>,
}

impl CameRequest {
    /// Returns a header, or an empty text.
    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).cloned().unwrap_or_default()
    }

    async fn read(stream: &mut BufReader<TcpStream>) -> io::Result<Self> {
        let (mut line, mut first, mut headers) = (String::new(), String::new(), HashMap::new());
        loop {
            line.clear();
            if stream.read_line(&mut line).await? == 0 || line == "\r\n" {
                break;
            }
            if first.is_empty() {
                first.clone_from(&line);
            } else if let Some((name, value)) = line.trim_end().split_once(": ") {
                headers.insert(name.to_ascii_lowercase(), value.to_owned());
            }
        }
        let target = first.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut request = Self { target, body: Vec::new(), headers };
        request.body = vec![0; request.header("content-length").parse().unwrap_or(0)];
        stream.read_exact(&mut request.body).await?;
        Ok(request)
    }
}

/// Writes an answer with a body, after which the connection ends.
pub fn answer(status: u16, body: &str) -> String {
    format!("HTTP/1.1 {status} Said\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

/// Opens a free port, and returns it with its address.
pub async fn open() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    (listener, address)
}

/// Answers each request until the test ends. Without an answer, the connection is closed.
pub fn serve<A>(listener: TcpListener, answer: impl Fn(CameRequest) -> A + Clone + Send + Sync + 'static)
where
    A: Future<Output = Option<String>> + Send + 'static,
{
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let answer = answer.clone();
            // A client that goes away ends its connection alone.
            tokio::spawn(async move {
                let mut stream = BufReader::new(stream);
                if let Some(answer) = answer(CameRequest::read(&mut stream).await?).await {
                    stream.write_all(answer.as_bytes()).await?;
                    stream.flush().await?;
                }
                io::Result::Ok(())
            });
        }
    });
}
