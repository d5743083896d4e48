//! Printing letters in a separate process with little time and memory.
//!
//! A template of a theme can loop for ever, and nothing stops the library within a process. The child is this very program,
//! started with a first argument of its own, as for compiling plugins.

use futures::future::BoxFuture;
use motcua_letters::{LetterSource, PrintFault, STACK};
use motcua_portal::{LetterOrder, LetterPrinter, NotPrinted};
use motcua_sandbox::compile::{NO_RESERVE, NOT_LIMITED, asked_with, limit, this_program};
use std::io::{Read as _, Write as _};
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::time::timeout;

/// The first argument of a child that prints a letter.
const ASKED: &str = "--print-letter";

/// The exit code of a child whose template is wrong. The child writes the reason in place of the letter.
const WRONG: u8 = 1;

/// Set if this program answers to [`ASKED`].
static ANSWERS: AtomicBool = AtomicBool::new(false);

/// The most time of a processor that one letter may take, in seconds.
pub const SECONDS: u64 = 10;

/// The longest time of a letter on a busy machine.
const LONGEST: Duration = Duration::from_secs(30);

/// The memory of the child, in MiB. A letter of some pages takes less than 100, and the program itself the rest.
const MIB: u64 = 768;

/// The printer of letters by typst.
#[derive(Debug, Clone, Copy)]
pub struct TypstPrinter;

impl LetterPrinter for TypstPrinter {
    fn print(&self, order: LetterOrder) -> BoxFuture<'static, Result<Vec<u8>, NotPrinted>> {
        Box::pin(async move {
            if ANSWERS.load(Ordering::Relaxed) {
                let program = this_program().map_err(fault)?;
                return in_child(Command::new(program), &order, SECONDS).await;
            }
            // Programs whose `main` does not call `child`, such as tests, do everything here.
            tokio::task::spawn_blocking(move || print_here(order)).await.map_err(fault)?
        })
    }
}

fn fault(error: impl std::fmt::Display) -> NotPrinted {
    NotPrinted::Fault(error.to_string())
}

/// Prints a letter in a child that `command` starts, with so much time of a processor.
pub async fn in_child(mut command: Command, order: &LetterOrder, seconds: u64) -> Result<Vec<u8>, NotPrinted> {
    let input = serde_json::to_vec(order).map_err(fault)?;
    command.args([ASKED, &seconds.to_string(), &MIB.to_string()]);
    command.env_clear().env(NO_RESERVE, "0");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = tokio::process::Command::from(command).kill_on_drop(true).spawn().map_err(fault)?;
    let stdin = child.stdin.take();
    let work = async {
        if let Some(mut stdin) = stdin {
            // The child reads everything before it writes anything. If it ends early, its status says why.
            let _ = stdin.write_all(&input).await;
        }
        child.wait_with_output().await
    };
    let too_costly = || NotPrinted::TooCostly(order.name.clone());
    let output = timeout(LONGEST, work).await.map_err(|_| too_costly())?.map_err(fault)?;
    match output.status.code() {
        Some(0) => Ok(output.stdout),
        Some(code) if code == i32::from(WRONG) => {
            Err(NotPrinted::Template(String::from_utf8_lossy(&output.stdout).into_owned()))
        }
        Some(code) if code == i32::from(NOT_LIMITED) => {
            Err(fault("the child that prints letters could not limit itself"))
        }
        _ => Err(too_costly()),
    }
}

/// Prints a letter in this process, without limits of time and memory.
pub fn print_here(order: LetterOrder) -> Result<Vec<u8>, NotPrinted> {
    let work = std::thread::Builder::new().stack_size(STACK).spawn(move || print(&order)).map_err(fault)?;
    work.join().map_err(|_| fault("the printer of letters panicked"))?
}

fn print(order: &LetterOrder) -> Result<Vec<u8>, NotPrinted> {
    let LetterOrder { name, template, shared, data } = order;
    let printed = motcua_letters::print(LetterSource { name, template, shared, data: data.clone() });
    printed.map_err(|reason| match reason {
        PrintFault::Unfit(reason) => NotPrinted::Fault(reason),
        PrintFault::Template(_) | PrintFault::TooLong { .. } | PrintFault::TooLarge { .. } => {
            NotPrinted::Template(reason.to_string())
        }
    })
}

/// Prints a letter if this process was started for that, and returns the exit code. Must be called first in `main`.
pub fn child() -> Option<ExitCode> {
    ANSWERS.store(true, Ordering::Relaxed);
    let (seconds, mib) = match asked_with(ASKED)? {
        Ok([seconds, mib]) => (seconds, mib),
        Err(code) => return Some(code),
    };
    // The thread starts before the limits, which allow no other.
    let limited = motcua_letters::start_thread().and_then(|()| limit(seconds, mib));
    if limited.is_err() {
        return Some(ExitCode::from(NOT_LIMITED));
    }
    let mut input = Vec::new();
    if std::io::stdin().lock().read_to_end(&mut input).is_err() {
        return Some(ExitCode::from(NOT_LIMITED));
    }
    let Ok(order) = serde_json::from_slice::<LetterOrder>(&input) else { return Some(ExitCode::from(NOT_LIMITED)) };
    let (said, code) = match print(&order) {
        Ok(letter) => (letter, ExitCode::SUCCESS),
        Err(NotPrinted::Template(reason) | NotPrinted::Fault(reason) | NotPrinted::TooCostly(reason)) => {
            (reason.into_bytes(), ExitCode::from(WRONG))
        }
    };
    let answered = std::io::stdout().lock().write_all(&said);
    Some(if answered.is_ok() { code } else { ExitCode::from(NOT_LIMITED) })
}
