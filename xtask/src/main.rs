//! Builds and starts the programs of the repository: `cargo xtask PROGRAM [ARGUMENTS]`.
//!
//! Without a program it lists them. Arguments go to the program.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// The way to a program.
#[derive(Debug, Clone, Copy)]
enum Source {
    /// A script, by its path in the repository.
    Script(&'static str),
    /// A program of `tests/` in the debug build of the whole workspace, which the tests use, too.
    Debug,
    /// A program of `tests/` in a release build, because it measures time.
    Release,
    /// The benchmarks of these packages.
    Benchmarks(&'static [&'static str]),
}

#[derive(Debug)]
struct Program {
    name: &'static str,
    source: Source,
    about: &'static str,
}

const PROGRAMS: [Program; 14] = [
    program("ci", Source::Script(".ci/run"), "checks everything that must hold before a change lands"),
    program("demo", Source::Script("scripts/demo"), "serves the sample province"),
    program("prose", Source::Script("scripts/prose"), "checks comments and the subjects of commits"),
    program("test", Source::Script("scripts/test"), "installs what the tests need and runs them"),
    program("kill", Source::Debug, "kills the server under load and checks every promise"),
    program("moves", Source::Debug, "kills the command that moves ten thousand dossiers, under load"),
    program("with-postgres", Source::Debug, "runs a command beside a PostgreSQL cluster of its own"),
    program("bench", Source::Benchmarks(&["motcua-domain", "motcua-store"]), "measures single rules and statements"),
    program("cases", Source::Release, "measures whole cases beside the bare database"),
    program("catalogue", Source::Release, "measures provinces of up to 10,000 procedures"),
    program("million", Source::Release, "measures a portal with a million dossiers; needs 10 GB"),
    program("pages", Source::Release, "measures pages beside nginx with the same bytes"),
    program("plugins", Source::Release, "measures the calls of plugins"),
    program("speed", Source::Release, "measures filings beside bare transactions"),
];

const fn program(name: &'static str, source: Source, about: &'static str) -> Program {
    Program { name, source, about }
}

fn main() -> ExitCode {
    let mut words = env::args_os().skip(1);
    let Some(name) = words.next() else {
        print!("{}", list());
        return ExitCode::SUCCESS;
    };
    let Some(program) = PROGRAMS.iter().find(|program| OsStr::new(program.name) == name) else {
        eprintln!("xtask: there is no program {}; choose one of these:\n{}", name.display(), list());
        return ExitCode::FAILURE;
    };
    match start(program, words.collect()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {} could not be started: {error}", program.name);
            ExitCode::FAILURE
        }
    }
}

/// Returns the programs, a line for each.
fn list() -> String {
    let line = |program: &Program| format!("cargo xtask {:<14} {}\n", program.name, program.about);
    PROGRAMS.iter().map(line).collect::<Vec<_>>().concat()
}

/// Builds the program and becomes it. Returns if the build fails.
fn start(program: &Program, arguments: Vec<OsString>) -> io::Result<ExitCode> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let (folder, build): (&str, &[&str]) = match program.source {
        Source::Script(path) => return Err(Command::new(root.join(path)).args(arguments).exec()),
        Source::Benchmarks(packages) => {
            let packages = packages.iter().flat_map(|package| ["--package", *package]);
            return Err(cargo(&root).arg("bench").args(packages).arg("--").args(arguments).exec());
        }
        Source::Debug => ("debug", &["build", "--workspace", "--all-targets"]),
        // The programs start the server, which lies beside them.
        Source::Release => ("release", &["build", "--release", "--package", "motcua", "--package", "motcua-tests"]),
    };
    if !cargo(&root).args(build).status()?.success() {
        return Ok(ExitCode::FAILURE);
    }
    Err(Command::new(target()?.join(folder).join(program.name)).args(arguments).exec())
}

/// Returns the command of the cargo that started this program.
fn cargo(root: &Path) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}

/// Returns the folder of what is built: this program is `debug/xtask` within it.
fn target() -> io::Result<PathBuf> {
    let own = env::current_exe()?;
    let folder = own.ancestors().nth(2).map(Path::to_owned);
    folder.ok_or_else(|| io::Error::other(format!("{} is in no folder of what is built", own.display())))
}
