//! A PostgreSQL cluster of our own: on a free port of 127.0.0.1, under a temporary folder, gone afterwards.

use anyhow::{Context as _, bail, ensure};
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// The variable that names a running cluster, such as `postgres://postgres@127.0.0.1:5433`.
pub const VARIABLE: &str = "TEST_POSTGRES";

/// Debian's path of PgBouncer, which is often not in `PATH`.
const BOUNCER: &str = "/usr/sbin/pgbouncer";

/// A running cluster. Dropping it stops it.
#[derive(Debug)]
pub struct Cluster {
    folder: TempDir,
    binaries: PathBuf,
    port: u16,
    is_safe: bool,
}

impl Cluster {
    /// Creates and starts a cluster.
    pub fn start() -> anyhow::Result<Self> {
        Self::new(true)?.made()
    }

    /// Creates and starts a cluster that leaves writing to the disk to the system. It loses nothing unless the machine
    /// stops, and then the tests that use it have stopped too.
    pub fn start_without_sync() -> anyhow::Result<Self> {
        Self::new(false)?.made()
    }

    fn made(self) -> anyhow::Result<Self> {
        let mut tool = self.tool("initdb");
        tool.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"]);
        run(tool.arg(self.data()))?;
        self.launch()?;
        Ok(self)
    }

    /// Starts a standby of the cluster as it is now. The standby has lost its primary, so later writes never reach it.
    pub fn standby(&self) -> anyhow::Result<Self> {
        let standby = Self::new(self.is_safe)?;
        let mut copy = standby.tool("pg_basebackup");
        copy.args(["--checkpoint=fast", "--no-sync", "--host=127.0.0.1", "--username=postgres", "--port"]);
        run(copy.arg(self.port.to_string()).arg("-D").arg(standby.data()))?;
        std::fs::write(standby.data().join("standby.signal"), "")?;
        standby.launch()?;
        Ok(standby)
    }

    fn new(is_safe: bool) -> anyhow::Result<Self> {
        let binaries = binaries()?;
        let folder = tempfile::Builder::new().prefix("motcua-postgres-").tempdir()?;
        if is_root() {
            // PostgreSQL refuses to run as root.
            run(Command::new("chown").arg("postgres").arg(folder.path()))?;
        }
        Ok(Self { folder, binaries, port: free_port()?, is_safe })
    }

    fn launch(&self) -> anyhow::Result<()> {
        let options = format!(
            "-p {} -k {} -c listen_addresses=127.0.0.1 -c max_connections=300 -c fsync={}",
            self.port,
            self.folder.path().display(),
            if self.is_safe { "on" } else { "off" }
        );
        let mut command = self.tool("pg_ctl");
        command.args(["start", "--wait", "--silent", "-D"]).arg(self.data()).arg("-l").arg(self.log());
        run(command.arg("-o").arg(options))
    }

    /// Stops the cluster as a crash does, and starts it again with the same options.
    pub fn crash(&self) -> anyhow::Result<()> {
        let mut command = self.tool("pg_ctl");
        command.args(["restart", "--wait", "--silent", "--mode=immediate", "-D"]).arg(self.data());
        run(command.arg("-l").arg(self.log()))
    }

    /// Lets the cluster offer TLS with a certificate for 127.0.0.1, and demand it together with a certificate of its
    /// own from the role `certified`.
    pub fn offer_tls(&self, authority: &Authority) -> anyhow::Result<()> {
        authority.certify("server", "subjectAltName=IP:127.0.0.1", &self.data())?;
        std::fs::copy(authority.certificate(), self.data().join("root.crt"))?;
        let rules = "hostssl all certified 127.0.0.1/32 cert\nhost all certified all reject\n\
                     local all all trust\nhost all all 127.0.0.1/32 trust\n";
        std::fs::write(self.data().join("pg_hba.conf"), rules)?;
        let mut settings = std::fs::OpenOptions::new().append(true).open(self.data().join("postgresql.conf"))?;
        writeln!(settings, "ssl = on\nssl_ca_file = 'root.crt'")?;
        if is_root() {
            run(Command::new("chown").arg("-R").arg("postgres").arg(self.data()))?;
        }
        self.crash()
    }

    /// Returns the cluster's address, without a database.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}", self.port)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    fn tool(&self, name: &str) -> Command {
        let program = self.binaries.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(self.folder.path()).stdin(Stdio::null()).stdout(Stdio::null());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let stopped =
            self.tool("pg_ctl").args(["stop", "--silent", "--mode=immediate", "-D"]).arg(self.data()).status();
        if !stopped.is_ok_and(|status| status.success()) {
            eprintln!("the PostgreSQL cluster in {} could not be stopped", self.folder.path().display());
        }
    }
}

/// An authority that certifies servers and clients.
#[derive(Debug)]
pub struct Authority {
    folder: TempDir,
}

impl Authority {
    /// Creates an authority.
    pub fn new() -> anyhow::Result<Self> {
        let authority = Self { folder: tempfile::tempdir()? };
        run(&mut request("Authority", authority.folder.path(), "authority"))?;
        Ok(authority)
    }

    /// Returns the file of the authority's own certificate.
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("authority.crt")
    }

    /// Writes `<name>.crt` and `<name>.key` of a server or a client into a folder.
    pub fn certify(&self, name: &str, extension: &str, folder: &Path) -> anyhow::Result<()> {
        let mut command = request(name, folder, name);
        command.args(["-addext", extension, "-addext", "basicConstraints=CA:FALSE", "-CA"]).arg(self.certificate());
        run(command.arg("-CAkey").arg(self.folder.path().join("authority.key")))
    }
}

/// Returns the command that creates a key and its certificate. The certificate signs itself if no authority is named.
fn request(subject: &str, folder: &Path, name: &str) -> Command {
    let mut command = Command::new("openssl");
    command.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]);
    command.args(["-subj", &format!("/CN={subject}"), "-out"]).arg(folder.join(format!("{name}.crt")));
    command.arg("-keyout").arg(folder.join(format!("{name}.key")));
    command.stderr(Stdio::null());
    command
}

/// PgBouncer on a free port, before a cluster. Dropping it stops it.
#[derive(Debug)]
pub struct Bouncer {
    _folder: TempDir,
    process: Child,
    port: u16,
}

impl Bouncer {
    /// Starts PgBouncer before the cluster with this address, in a mode such as `session`.
    pub fn start(cluster: &str, mode: &str) -> anyhow::Result<Self> {
        let server = cluster.rsplit_once('@').and_then(|(_, server)| server.rsplit_once(':'));
        let (host, server_port) = server.context("the address names no user, host and port")?;
        let folder = tempfile::Builder::new().prefix("motcua-bouncer-").tempdir()?;
        let (settings, users, port) = (folder.path().join("ini"), folder.path().join("users"), free_port()?);
        std::fs::write(&users, "\"postgres\" \"\"\n")?;
        let text = format!(
            "[databases]\n* = host={host} port={server_port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nunix_socket_dir =\nauth_type = trust\nauth_file = {}\npool_mode = {mode}\n\
             server_reset_query = DISCARD ALL\ndefault_pool_size = 40\nmax_client_conn = 200\n",
            users.display()
        );
        std::fs::write(&settings, text)?;
        let mut command = Command::new(if Path::new(BOUNCER).exists() { BOUNCER } else { "pgbouncer" });
        if is_root() {
            // PgBouncer refuses to run as root, too.
            run(Command::new("chown").arg("-R").arg("postgres").arg(folder.path()))?;
            command.uid(std::fs::metadata(folder.path())?.uid());
        }
        command.arg(&settings).current_dir(folder.path()).stdin(Stdio::null()).stdout(Stdio::null());
        let mut process = command
            .stderr(Stdio::piped())
            .spawn()
            .context("PgBouncer is not installed; run: apt-get install pgbouncer")?;
        let mut lines = BufReader::new(process.stderr.take().context("a pipe")?).lines();
        let bouncer = Self { _folder: folder, process, port };
        ensure!(
            lines.by_ref().map_while(Result::ok).any(|line| line.contains("process up")),
            "PgBouncer does not start"
        );
        // The rest is read, so that the pipe never fills.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(bouncer)
    }

    /// Returns the address of the cluster through PgBouncer, without a database.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}", self.port)
    }
}

impl Drop for Bouncer {
    fn drop(&mut self) {
        if let Err(error) = self.process.kill().and_then(|()| self.process.wait()) {
            eprintln!("PgBouncer could not be stopped: {error}");
        }
    }
}

/// An administrator who ends all connections to a database.
#[derive(Debug)]
pub struct Terminator {
    connection: DatabaseConnection,
    sql: String,
}

impl Terminator {
    /// Connects to the cluster of the database with this address.
    pub async fn of(database: &str) -> anyhow::Result<Self> {
        let (cluster, name) = database.rsplit_once('/').context("the address names no database")?;
        let connection = Database::connect(format!("{cluster}/postgres")).await?;
        let sql = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
        Ok(Self { connection, sql })
    }

    /// Ends all connections at this moment.
    pub async fn strike(&self) -> anyhow::Result<()> {
        self.connection.execute_unprepared(&self.sql).await?;
        Ok(())
    }
}

/// Returns the folder of `initdb`: from the path, or Debian's folder of the newest version.
fn binaries() -> anyhow::Result<PathBuf> {
    let on_path =
        std::env::var_os("PATH").into_iter().flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().filter_map(Result::ok);
    let mut debian: Vec<PathBuf> = debian.map(|version| version.path().join("bin")).collect();
    debian.sort();
    // A link on the path leads to the folder that has the other tools too.
    let real = |folder: PathBuf| Some(folder.join("initdb").canonicalize().ok()?.parent()?.to_owned());
    let found = on_path.chain(debian.into_iter().rev()).find_map(real);
    found.context("PostgreSQL is not installed; run: apt-get install postgresql")
}

/// Returns a port without a listener.
pub fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn is_root() -> bool {
    std::fs::metadata(Path::new("/proc/self")).is_ok_and(|own| own.uid() == 0)
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let status = command.status().with_context(|| format!("{command:?}"))?;
    if !status.success() {
        bail!("{command:?} ended with {status}");
    }
    Ok(())
}
