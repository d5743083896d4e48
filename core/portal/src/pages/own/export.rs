//! The download of everything of an applicant as a ZIP archive, which is written while it is sent.

use crate::state::Portal;
use crate::web::download::streamed;
use crate::web::failure::Failure;
use crate::web::person::{Applicant, PostedBy};
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::unfold;
use motcua_domain::people::organisation::Actor;
use motcua_service::{AccountExport, AccountService, Error};
use std::io::{self, Write};
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// The most pieces of an archive that wait to be sent.
const WAITING: usize = 4;

/// The size of a piece, in bytes.
const PIECE: usize = 64 << 10;

/// The name of the archive.
const NAME: &str = "motcua-export.zip";

/// A piece of an archive, or the reason why the download breaks off.
type Piece = Result<Bytes, io::Error>;

/// `POST /account/export`: everything of the applicant as a ZIP archive. The same form twice sends it twice.
pub async fn download(
    State(portal): State<Portal>,
    PostedBy(visitor, _): PostedBy<Applicant>,
) -> Result<Response, Failure> {
    let (service, actor) = (Arc::clone(&portal.services.account), visitor.actor().clone());
    let export = service.begin_export(&actor).await?;
    let (sender, receiver) = channel::<Piece>(WAITING);
    let handle = Handle::current();
    // The thread ends when the archive is complete, or when the browser is gone.
    tokio::task::spawn_blocking(move || {
        let broken = sender.clone();
        if let Err(error) = write(&handle, &service, &actor, &export, PieceWriter::new(sender)) {
            tracing::warn!(%error, "an export was cut off");
            drop(broken.blocking_send(Err(io::Error::other("the export was cut off"))));
        }
    });
    let next = |mut receiver: Receiver<Piece>| async move { receiver.recv().await.map(|piece| (piece, receiver)) };
    Ok(streamed(NAME, "application/zip", Body::from_stream(unfold(receiver, next))))
}

/// Writes the archive on a thread that may wait.
fn write(
    handle: &Handle,
    service: &AccountService,
    actor: &Actor,
    export: &AccountExport,
    to: PieceWriter,
) -> Result<(), Error> {
    // Most files are compressed already. A stream of files that are only stored is not read by every program.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(1))
        .last_modified_time(DateTime::default())
        .unix_permissions(0o600);
    let mut archive = ZipWriter::new_stream(to);
    for part in &export.parts {
        for entry in handle.block_on(service.exported(actor, part))? {
            archive.start_file(entry.path.as_str(), options).map_err(Error::fault)?;
            let mut content = handle.block_on(service.open_exported(&entry))?;
            while let Some(chunk) = handle.block_on(content.next()) {
                archive.write_all(&chunk?).map_err(Error::fault)?;
            }
        }
    }
    archive.finish().map_err(Error::fault)?.into_inner().flush().map_err(Error::fault)
}

/// A writer that sends what is written in pieces. It waits while too many pieces wait.
struct PieceWriter {
    piece: Vec<u8>,
    sender: Sender<Piece>,
}

impl PieceWriter {
    fn new(sender: Sender<Piece>) -> Self {
        Self { piece: Vec::with_capacity(PIECE), sender }
    }
}

impl Write for PieceWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(PIECE - self.piece.len());
        self.piece.extend_from_slice(&bytes[..taken]);
        if self.piece.len() == PIECE {
            self.flush()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE));
        let gone = |_| io::Error::new(io::ErrorKind::BrokenPipe, "the browser is gone");
        self.sender.blocking_send(Ok(piece.into())).map_err(gone)
    }
}
