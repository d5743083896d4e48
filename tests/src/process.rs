//! The binary as a process of its own, which can be killed.

use anyhow::{Context as _, bail};
use std::path::Path;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// The binary, which stands beside the test programs.
pub fn motcua() -> std::process::Command {
    let own = std::env::current_exe().expect("this program has a path");
    let beside = own.ancestors().skip(1).take(2).map(|folder| folder.join("motcua")).find(|path| path.exists());
    let mut command = std::process::Command::new(beside.expect("build the binary first: cargo build --workspace"));
    command.env("RUST_LOG", "warn");
    command
}

/// A server process; dropping it kills it with SIGKILL.
#[derive(Debug)]
pub struct Server {
    child: Child,
    pub base: String,
    /// What it printed before it listened.
    pub said: String,
}

impl Server {
    /// `motcua serve` on a free port.
    pub async fn start(dir: &Path, words: &[&str]) -> anyhow::Result<Self> {
        Self::start_at(dir, "127.0.0.1:0", words).await
    }

    /// `motcua serve` on this address.
    pub async fn start_at(dir: &Path, listen: &str, words: &[&str]) -> anyhow::Result<Self> {
        let mut command = Command::from(motcua());
        command.arg("serve").arg("--dir").arg(dir).args(["--listen", listen]).args(words);
        Self::spawn(command).await
    }

    /// `motcua demo` on a free port.
    pub async fn demo(dir: &Path) -> anyhow::Result<Self> {
        let mut command = Command::from(motcua());
        command.arg("demo").arg("--dir").arg(dir).args(["--listen", "127.0.0.1:0"]);
        Self::spawn(command).await
    }

    /// `motcua procedure preview` on a free port.
    pub async fn preview(dir: &Path) -> anyhow::Result<Self> {
        let mut command = Command::from(motcua());
        command.args(["procedure", "preview"]).arg(dir).args(["--listen", "127.0.0.1:0"]);
        Self::spawn(command).await
    }

    async fn spawn(mut command: Command) -> anyhow::Result<Self> {
        let mut child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let mut lines = BufReader::new(child.stdout.take().context("a pipe")?).lines();
        let mut said = String::new();
        while let Some(line) = lines.next_line().await? {
            said.push_str(&line);
            said.push('\n');
            let Some(at) = line.find("http://127.0.0.1:") else { continue };
            let base = line[at..].split_whitespace().next().unwrap_or_default().to_owned();
            return Ok(Self { child, base, said });
        }
        bail!("the server ended: {said}")
    }

    /// The number of the process.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Kills the process as `kill -9` does.
    pub async fn kill(mut self) -> anyhow::Result<()> {
        Ok(self.child.kill().await?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(error) = self.child.start_kill() {
            eprintln!("the server could not be killed: {error}");
        }
    }
}
