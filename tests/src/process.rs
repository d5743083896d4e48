//! The binary as a process of its own, which can be killed.

use anyhow::{Context as _, bail, ensure};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// Returns the command of the binary, which lies beside the test programs.
pub fn motcua() -> std::process::Command {
    let own = std::env::current_exe().expect("this program has a path");
    let beside = own.ancestors().skip(1).take(2).map(|folder| folder.join("motcua")).find(|path| path.exists());
    let mut command = std::process::Command::new(beside.expect("build the binary first: cargo build --workspace"));
    // The tests read English, whatever the locale of the machine is.
    command.env("RUST_LOG", "warn").env("LC_ALL", "C");
    command
}

/// A server process. Dropping it kills it with SIGKILL.
#[derive(Debug)]
pub struct Server {
    child: Child,
    pub base: String,
    /// The output before it listened.
    pub said: String,
}

impl Server {
    /// Starts `motcua serve` on a free port.
    pub async fn start(dir: &Path, words: &[&str]) -> anyhow::Result<Self> {
        Self::start_at(dir, "127.0.0.1:0", words).await
    }

    /// Starts `motcua serve` on this address.
    pub async fn start_at(dir: &Path, listen: &str, words: &[&str]) -> anyhow::Result<Self> {
        let mut command = Command::from(motcua());
        command.arg("serve").arg("--dir").arg(dir).args(["--listen", listen]).args(words);
        Self::spawn(command).await
    }

    /// Starts `motcua serve` on this address, with these variables of the environment.
    pub async fn start_with(dir: &Path, listen: &str, variables: &[(&str, &Path)]) -> anyhow::Result<Self> {
        let mut command = Command::from(motcua());
        command.arg("serve").arg("--dir").arg(dir).args(["--listen", listen]).envs(variables.iter().copied());
        Self::spawn(command).await
    }

    /// Starts `motcua serve` on a free port, with its log in a file and these variables of the environment.
    pub async fn start_logging(dir: &Path, log: &Path, variables: &[(&str, &str)]) -> anyhow::Result<Self> {
        let mut command = Command::from(motcua());
        command.arg("serve").arg("--dir").arg(dir).args(["--listen", "127.0.0.1:0"]);
        command.env_remove("RUST_LOG").envs(variables.iter().copied()).stderr(std::fs::File::create(log)?);
        Self::spawn(command).await
    }

    /// Starts `motcua demo` on a free port.
    pub async fn demo(dir: &Path) -> anyhow::Result<Self> {
        let mut command = Command::from(motcua());
        command.arg("demo").arg("--dir").arg(dir).args(["--listen", "127.0.0.1:0"]);
        Self::spawn(command).await
    }

    /// Starts `motcua procedure preview` on a free port.
    pub async fn preview(dir: &Path) -> anyhow::Result<Self> {
        Self::preview_at(dir, "127.0.0.1:0").await
    }

    /// Starts `motcua procedure preview` on this address.
    pub async fn preview_at(dir: &Path, listen: &str) -> anyhow::Result<Self> {
        let mut command = Command::from(motcua());
        command.args(["procedure", "preview"]).arg(dir).args(["--listen", listen]);
        Self::spawn(command).await
    }

    /// Starts `motcua theme preview` on a free port.
    pub async fn theme_preview(dir: &Path, theme: &str) -> anyhow::Result<Self> {
        let mut command = Command::from(motcua());
        command.args(["theme", "preview", "--theme", theme, "--listen", "127.0.0.1:0", "--dir"]).arg(dir);
        Self::spawn(command).await
    }

    async fn spawn(mut command: Command) -> anyhow::Result<Self> {
        let mut child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let mut lines = BufReader::new(child.stdout.take().context("a pipe")?).lines();
        let mut said = String::new();
        while let Some(line) = lines.next_line().await? {
            said.push_str(&line);
            said.push('\n');
            let Some(at) = line.find("http://127.0.0.1:").or_else(|| line.find("http://0.0.0.0:")) else { continue };
            let base = line[at..].split_whitespace().next().unwrap_or_default().replace("//0.0.0.0:", "//127.0.0.1:");
            return Ok(Self { child, base, said });
        }
        bail!("the server ended: {said}")
    }

    /// Returns the number of the process.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Sends the process a signal, such as `STOP`.
    pub async fn signal(&self, name: &str) -> anyhow::Result<()> {
        let id = self.id().context("the process has ended")?;
        // The command is a part of the shell, and not every machine has it as a program.
        let status = Command::new("sh").arg("-c").arg(format!("kill -{name} {id}")).status().await?;
        ensure!(status.success(), "SIG{name} could not be sent");
        Ok(())
    }

    /// Tells the process to end, and waits until it has.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.signal("TERM").await?;
        self.ended().await
    }

    /// Waits until the process, which was told to end, has ended.
    pub async fn ended(mut self) -> anyhow::Result<()> {
        let ended = tokio::time::timeout(Duration::from_mins(1), self.child.wait()).await;
        ended.context("SIGTERM is not obeyed")??;
        Ok(())
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
