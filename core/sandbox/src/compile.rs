//! Compiles a component in a child process under limits, because compiling may take long and much memory.
//!
//! The child is this very program, started with a first argument of its own. The child limits itself before it reads a
//! byte, has no environment, writes no file and communicates only with its parent.

use crate::{PluginFault, engine};
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

/// The factor between the limit of processor time and the limit of wall time, for a busy machine.
const PATIENCE: u64 = 10;

/// True if this program answers to [`ASKED`].
static ANSWERS: AtomicBool = AtomicBool::new(false);

/// The way to compile components.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compiler {
    /// A child process with a limit of processor time, in seconds, and of memory, in MiB.
    Child { seconds: u64, mib: u64 },
    /// This process, without limits, for programs whose `main` does not call [`child`], such as tests.
    Here,
}

impl Compiler {
    /// Returns a child process with time and memory for components up to `mib`, if this program can run as a child.
    pub fn of_this_program(mib: u64) -> Self {
        if ANSWERS.load(Ordering::Relaxed) {
            Self::Child { seconds: mib.saturating_mul(10).max(20), mib: mib.saturating_mul(128).max(1024) }
        } else {
            Self::Here
        }
    }

    /// Compiles a component to the form that the engine loads.
    pub(crate) fn compile(self, bytes: &[u8]) -> Result<Vec<u8>, PluginFault> {
        match self {
            Self::Here => engine::compiling()?.precompile_component(bytes).map_err(PluginFault::unfit),
            Self::Child { seconds, mib } => {
                let program = this_program().map_err(|error| PluginFault::Unfit(error.to_string()))?;
                Self::in_child(&mut Command::new(program), seconds, mib, bytes)
            }
        }
    }

    /// Compiles in a child that `command` starts.
    pub fn in_child(command: &mut Command, seconds: u64, mib: u64, bytes: &[u8]) -> Result<Vec<u8>, PluginFault> {
        let unfit = |error: std::io::Error| PluginFault::Unfit(format!("the compiler cannot be started: {error}"));
        command.args([ASKED, &seconds.to_string(), &mib.to_string()]).env_clear().env(NO_RESERVE, "0");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(unfit)?;
        let patience = Duration::from_secs(seconds.saturating_mul(PATIENCE).max(1));
        let output = outcome(&mut child, bytes, patience).map_err(unfit)?;
        match output.status.code() {
            Some(0) => Ok(output.stdout),
            Some(1) => Err(PluginFault::Unfit(String::from_utf8_lossy(&output.stderr).trim().to_owned())),
            _ => Err(PluginFault::Unfit(format!("compiling it takes more than {seconds} s or {mib} MiB"))),
        }
    }
}

/// Returns the path of this very program, even if its file has been replaced since the start.
pub fn this_program() -> std::io::Result<PathBuf> {
    let running = PathBuf::from("/proc/self/exe");
    if running.exists() { Ok(running) } else { std::env::current_exe() }
}

/// Writes the component to the child and reads the result. Kills a child that neither works nor ends, because its own
/// limit counts only processor time.
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
    // Bytes before a fault are of no use, and the status and the engine report the fault.
    let _ = pipe.map(|mut pipe| pipe.read_to_end(&mut bytes));
    bytes
}

/// The exit code of a child that was started wrongly, or could not limit itself.
pub const NOT_LIMITED: u8 = 2;

/// Returns the numbers with which this process was started as a child with the first argument `asked`. Returns nothing
/// if the process was started otherwise, and [`NOT_LIMITED`] if the numbers are missing.
pub fn asked_with<const COUNT: usize>(asked: &str) -> Option<Result<[u64; COUNT], ExitCode>> {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() != Some(asked) {
        return None;
    }
    let numbers: Option<Vec<u64>> = arguments.take(COUNT).map(|number| number.parse().ok()).collect();
    let numbers = numbers.and_then(|numbers| numbers.try_into().ok());
    Some(numbers.ok_or(ExitCode::from(NOT_LIMITED)))
}

/// Compiles and returns an exit code, if this process was started for that. `main` calls this function first.
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

/// Limits the time and memory of this process. The process writes no files and, unless root runs it, has no children.
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
