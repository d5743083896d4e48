//! Compiling a component, which may take long and much memory: in a child process under limits.
//!
//! The child is this very program, started with a first argument of its own. It limits itself before it reads a byte, has no
//! environment, writes no file and speaks to nobody but its parent.

use crate::{Fault, engine};
use rustix::process::{Resource, Rlimit, setrlimit};
use std::io::{Read, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

/// The program's allocator (mimalloc) would reserve 1 GiB of addresses, which count as memory of the child.
pub const NO_RESERVE: &str = "MIMALLOC_ARENA_RESERVE";

/// The first argument of a child that compiles.
const ASKED: &str = "--compile-component";

/// How many times longer than its time on a processor the child may take on a busy machine.
const PATIENCE: u64 = 10;

/// Whether this program answers to [`ASKED`].
static ANSWERS: AtomicBool = AtomicBool::new(false);

/// How components are compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compiler {
    /// In a child process with at most so much time on a processor, in seconds, and so much memory, in MiB.
    Child { seconds: u64, mib: u64 },
    /// In this process, without limits: for programs whose `main` does not call [`child`], such as tests.
    Here,
}

impl Compiler {
    /// A child process, if this program knows how to be one, with time and memory for components up to `mib`.
    pub fn of_this_program(mib: u64) -> Self {
        if ANSWERS.load(Ordering::Relaxed) {
            Self::Child { seconds: mib.saturating_mul(10).max(20), mib: mib.saturating_mul(128).max(1024) }
        } else {
            Self::Here
        }
    }

    /// Compiles a component to what the engine loads.
    pub(crate) fn compile(self, bytes: &[u8]) -> Result<Vec<u8>, Fault> {
        match self {
            Self::Here => engine::compiling()?.precompile_component(bytes).map_err(Fault::unfit),
            Self::Child { seconds, mib } => {
                let program = this_program().map_err(|error| Fault::Unfit(error.to_string()))?;
                Self::in_child(&mut Command::new(program), seconds, mib, bytes)
            }
        }
    }

    /// Compiles in a child that `command` starts.
    pub fn in_child(command: &mut Command, seconds: u64, mib: u64, bytes: &[u8]) -> Result<Vec<u8>, Fault> {
        let unfit = |error: std::io::Error| Fault::Unfit(format!("the compiler cannot be started: {error}"));
        command.args([ASKED, &seconds.to_string(), &mib.to_string()]).env_clear().env(NO_RESERVE, "0");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(unfit)?;
        let patience = Duration::from_secs(seconds.saturating_mul(PATIENCE).max(1));
        let output = outcome(&mut child, bytes, patience).map_err(unfit)?;
        match output.status.code() {
            Some(0) => Ok(output.stdout),
            Some(1) => Err(Fault::Unfit(String::from_utf8_lossy(&output.stderr).trim().to_owned())),
            _ => Err(Fault::Unfit(format!("compiling it takes more than {seconds} s or {mib} MiB"))),
        }
    }
}

/// This very program, even if its file has been replaced since it was started.
pub fn this_program() -> std::io::Result<PathBuf> {
    let running = PathBuf::from("/proc/self/exe");
    if running.exists() { Ok(running) } else { std::env::current_exe() }
}

/// Hands the component in and takes what comes back. A child that neither works nor ends is killed: its own limit counts
/// the time on a processor alone.
fn outcome(child: &mut Child, bytes: &[u8], patience: Duration) -> std::io::Result<Output> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    std::thread::scope(|scope| {
        let (said, heard) = mpsc::channel();
        scope.spawn(move || {
            // If the child ends early, its status says why.
            let _ = stdin.map(|mut stdin| stdin.write_all(bytes));
        });
        let errors = scope.spawn(move || everything(stderr));
        scope.spawn(move || drop(said.send(everything(stdout))));
        let stdout = heard.recv_timeout(patience).unwrap_or_else(|_| {
            let _ = child.kill();
            Vec::new()
        });
        let status = child.wait()?;
        Ok(Output { status, stdout, stderr: errors.join().unwrap_or_default() })
    })
}

/// Reads a pipe until its end.
fn everything(pipe: Option<impl Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    // What was read before a fault is as good as nothing: the status and the engine say so.
    let _ = pipe.map(|mut pipe| pipe.read_to_end(&mut bytes));
    bytes
}

/// The exit code of a child that was started wrongly, or could not limit itself.
pub const NOT_LIMITED: u8 = 2;

/// Returns the numbers with which this process was started as a child with the first argument `asked`. Returns nothing, if
/// it was started for something else, and [`NOT_LIMITED`], if the numbers are missing.
pub fn asked_with<const COUNT: usize>(asked: &str) -> Option<Result<[u64; COUNT], ExitCode>> {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() != Some(asked) {
        return None;
    }
    let numbers: Option<Vec<u64>> = arguments.take(COUNT).map(|number| number.parse().ok()).collect();
    let numbers = numbers.and_then(|numbers| numbers.try_into().ok());
    Some(numbers.ok_or(ExitCode::from(NOT_LIMITED)))
}

/// To be called first in `main`: if this process was started to compile, does so and gives its exit code.
pub fn child() -> Option<ExitCode> {
    ANSWERS.store(true, Ordering::Relaxed);
    let (seconds, mib) = match asked_with(ASKED)? {
        Ok([seconds, mib]) => (seconds, mib),
        Err(code) => return Some(code),
    };
    let compiled = limit(seconds, mib).and_then(|()| {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        let engine = engine::compiling().map_err(|fault| fault.to_string())?;
        engine.precompile_component(&bytes).map_err(|error| format!("{error:#}"))
    });
    Some(match compiled {
        Ok(compiled) if std::io::stdout().lock().write_all(&compiled).is_ok() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(NOT_LIMITED),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(1)
        }
    })
}

/// Limits this process: time and memory; it writes no files and (unless it is root's) has no children.
pub fn limit(seconds: u64, mib: u64) -> Result<(), String> {
    let limits = [
        (Resource::Cpu, seconds),
        (Resource::As, mib.saturating_mul(1 << 20)),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
        (Resource::Nproc, 0),
    ];
    for (resource, most) in limits {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) }).map_err(|error| error.to_string())?;
    }
    Ok(())
}
