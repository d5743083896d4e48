//! Scanning uploads for viruses with a clamd that runs beside the portal.
//!
//! clamd's command INSTREAM takes the content in chunks, each with its length before it, and answers with one line. The
//! portal implements the protocol itself, because it needs clamd's own words when clamd closes the connection early.

use bytes::Bytes;
use motcua_catalogue::scanning::Clamd;
use std::io::Error as IoError;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

/// The longest time for one file. clamd itself gives up after two minutes, unless it is configured otherwise.
const LONGEST: Duration = Duration::from_mins(2);

/// The bytes of a chunk.
const CHUNK: usize = 64 << 10;

/// The most bytes of an answer.
const MOST_ANSWER: u64 = 1000;

/// The answer of clamd about a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScanVerdict {
    Clean,
    /// The name of the virus.
    Infected(String),
}

/// Asks clamd about a content. An error means that clamd did not answer, so the content is not known to be clean.
pub async fn scan(clamd: &Clamd, content: Bytes) -> Result<ScanVerdict, IoError> {
    let ask = async {
        match clamd {
            Clamd::Unix(path) => instream(UnixStream::connect(path).await?, content).await,
            Clamd::Tcp(address) => instream(TcpStream::connect(address.as_str()).await?, content).await,
        }
    };
    timeout(LONGEST, ask).await.map_err(|_| IoError::other("clamd did not answer in time"))?
}

async fn instream(
    mut stream: impl AsyncRead + AsyncWrite + Unpin + Send,
    content: Bytes,
) -> Result<ScanVerdict, IoError> {
    let sent = send(&mut stream, &content).await;
    let mut answer = Vec::new();
    let read = (&mut stream).take(MOST_ANSWER).read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer);
    let answer = answer.trim_matches(|c: char| c == '\0' || c.is_whitespace());
    if answer.is_empty() {
        return Err(match (sent, read) {
            (Err(error), _) | (_, Err(error)) => error,
            (Ok(()), Ok(_)) => IoError::other("clamd gave no answer"),
        });
    }
    let said = answer.strip_prefix("stream: ").unwrap_or(answer);
    match said.strip_suffix(" FOUND") {
        Some(name) => Ok(ScanVerdict::Infected(name.to_owned())),
        None if said == "OK" => sent.map(|()| ScanVerdict::Clean),
        None => Err(IoError::other(format!("clamd answered “{answer}”"))),
    }
}

async fn send(stream: &mut (impl AsyncWrite + Unpin + Send), content: &[u8]) -> Result<(), IoError> {
    stream.write_all(b"zINSTREAM\0").await?;
    for chunk in content.chunks(CHUNK) {
        let length = u32::try_from(chunk.len()).map_err(IoError::other)?;
        stream.write_all(&length.to_be_bytes()).await?;
        stream.write_all(chunk).await?;
    }
    stream.write_all(&[0; 4]).await?;
    stream.flush().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::duplex;

    /// Scans with a clamd that gives this answer. Returns the bytes that clamd received, too.
    async fn told(answer: &[u8], content: &'static [u8]) -> (Result<ScanVerdict, IoError>, Vec<u8>) {
        let (ours, mut theirs) = duplex(1 << 20);
        theirs.write_all(answer).await.expect("written");
        theirs.shutdown().await.expect("ended");
        let verdict = instream(ours, Bytes::from_static(content)).await;
        let mut sent = Vec::new();
        theirs.read_to_end(&mut sent).await.expect("read");
        (verdict, sent)
    }

    #[tokio::test]
    async fn only_an_answer_that_says_so_makes_a_file_clean() {
        let (verdict, sent) = told(b"stream: OK\0", b"abc").await;
        assert_eq!(verdict.expect("an answer"), ScanVerdict::Clean);
        assert_eq!(sent, b"zINSTREAM\0\0\0\0\x03abc\0\0\0\0");
        let (verdict, _) = told(b"stream: Eicar-Test-Signature FOUND\0", b"abc").await;
        assert_eq!(verdict.expect("an answer"), ScanVerdict::Infected("Eicar-Test-Signature".to_owned()));
        for answer in [&b""[..], b"INSTREAM size limit exceeded. ERROR\0", b"stream: NOT OK\0", b"OK?\0"] {
            told(answer, b"abc").await.0.expect_err("nobody knows");
        }
    }
}
