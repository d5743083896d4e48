//! Judging uploaded files in a separate process with little time and memory.
//!
//! A hostile file can be small and cost its reader gigabytes. The child is this very program, started with a first
//! argument of its own, as for compiling plugins. Photographs are judged in the portal itself, because that takes no
//! parser.

pub use motcua_documents::inspect::Flaw;

use crate::Error;
use crate::places::WorkPlace;
use bytes::Bytes;
use motcua_documents::inspect;
use motcua_domain::procedure::MediaKind;
use motcua_sandbox::compile::{NO_RESERVE, NOT_LIMITED, asked_with, limit, this_program};
use std::io::{Error as IoError, Read as _, Write as _};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::time::timeout;

/// The first argument of a child that judges a file.
const ASKED: &str = "--inspect-file";

/// Set if this program answers to [`ASKED`].
static ANSWERS: AtomicBool = AtomicBool::new(false);

/// The most time of a processor that one file may take, in seconds.
const SECONDS: u64 = 20;

/// The longest time of the judgement.
const LONGEST: Duration = Duration::from_mins(1);

/// The memory of the child, in MiB: the needs of the program itself, and a multiple of the file.
const OWN_MIB: u64 = 384;
const TIMES: u64 = 6;

/// The verdict on a file that made its judge fail or exceed its limits.
const BEYOND: Result<MediaKind, Flaw> = Err(Flaw::Broken);

/// Judges a content and returns its kind or its flaw. The place is free when the work has ended.
pub(crate) async fn judge(content: Bytes, place: Arc<WorkPlace>) -> Result<Result<MediaKind, Flaw>, Error> {
    let here = !ANSWERS.load(Ordering::Relaxed);
    let picture = content.clone();
    let done = tokio::task::spawn_blocking(move || {
        let _place = place;
        // Programs whose `main` does not call `child`, such as tests, do everything here.
        inspect::picture(&picture).or_else(|| here.then(|| inspect::inspect(&picture)))
    });
    match done.await {
        Ok(Some(verdict)) => Ok(verdict),
        Ok(None) => {
            let program = this_program().map_err(Error::fault)?;
            in_child(Command::new(program), &content).await.map_err(Error::fault)
        }
        Err(panic) => {
            tracing::error!(%panic, "a file could not be judged");
            Ok(BEYOND)
        }
    }
}

/// Judges a content in a child that `command` starts.
pub async fn in_child(mut command: Command, content: &[u8]) -> Result<Result<MediaKind, Flaw>, IoError> {
    let bytes = content.len() as u64;
    let mib = OWN_MIB + (bytes >> 20).saturating_add(1).saturating_mul(TIMES);
    command.args([ASKED, &SECONDS.to_string(), &mib.to_string(), &bytes.to_string()]);
    command.env_clear().env(NO_RESERVE, "0");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = tokio::process::Command::from(command).kill_on_drop(true).spawn()?;
    let stdin = child.stdin.take();
    let work = async {
        if let Some(mut stdin) = stdin {
            // The child reads everything before it writes anything. If it ends early, its status says why.
            let _ = stdin.write_all(content).await;
        }
        child.wait_with_output().await
    };
    let Ok(output) = timeout(LONGEST, work).await else {
        tracing::warn!(bytes, "judging a file took too long");
        return Ok(BEYOND);
    };
    let output = output?;
    let said = String::from_utf8_lossy(&output.stdout);
    match output.status.code() {
        Some(0) => verdict(&said).ok_or_else(|| IoError::other("the child that judges files gave no answer")),
        Some(code) if code == i32::from(NOT_LIMITED) => {
            Err(IoError::other("the child that judges files could not limit itself"))
        }
        status => {
            tracing::warn!(bytes, status, "judging a file took more time or memory than it may");
            Ok(BEYOND)
        }
    }
}

fn verdict(said: &str) -> Option<Result<MediaKind, Flaw>> {
    let kind = MediaKind::ALL.into_iter().find(|kind| kind.name() == said).map(Ok);
    kind.or_else(|| Flaw::ALL.iter().copied().find(|flaw| flaw.word() == said).map(Err))
}

/// Judges a file if this process was started for that, and returns the exit code. Must be called first in `main`.
pub fn child() -> Option<ExitCode> {
    ANSWERS.store(true, Ordering::Relaxed);
    let (seconds, mib, bytes) = match asked_with(ASKED)? {
        Ok([seconds, mib, bytes]) => (seconds, mib, bytes),
        Err(code) => return Some(code),
    };
    if limit(seconds, mib).is_err() {
        return Some(ExitCode::from(NOT_LIMITED));
    }
    let mut content = Vec::with_capacity(usize::try_from(bytes).unwrap_or_default());
    if std::io::stdin().lock().read_to_end(&mut content).is_err() {
        return Some(ExitCode::FAILURE);
    }
    let said = match inspect::inspect(&content) {
        Ok(kind) => kind.name(),
        Err(flaw) => flaw.word(),
    };
    let answered = std::io::stdout().lock().write_all(said.as_bytes());
    Some(if answered.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verdict_is_understood_as_it_was_meant() {
        for kind in MediaKind::ALL {
            assert_eq!(verdict(kind.name()), Some(Ok(kind)));
        }
        for flaw in Flaw::ALL {
            assert_eq!(verdict(flaw.word()), Some(Err(*flaw)));
        }
        assert_eq!(verdict(""), None);
    }
}
