//! Kills the server with SIGKILL at random moments under load, and checks every promise that it had answered: what was
//! saved is there, what was filed is filed, once, and the journal is sound.

use anyhow::{Context as _, bail, ensure};
use clap::Parser;
use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan as _};
use motcua::runtime::{self, Options};
use motcua_desk::Clock;
use motcua_domain::calendar::local;
use motcua_domain::dossier::Dossier;
use motcua_domain::event::Event;
use motcua_store::jobs::LEASE;
use motcua_store::{journal, lists};
use motcua_tests::browser::{Browser, Page};
use motcua_tests::portal::{Kind, PASSWORD, install};
use motcua_tests::postgres::{Cluster, free_port};
use motcua_tests::process::{Server, motcua};
use motcua_tests::walk::{BIRTH, CHILD, JPEG, PARENTS};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// Kills the server under load and checks that nothing that was promised is lost.
#[derive(Parser)]
struct Arguments {
    /// How often to kill the server, on each database.
    #[arg(long, default_value_t = 200)]
    rounds: u32,
    /// `sqlite` or `postgres`; both, if not given.
    #[arg(long)]
    database: Option<String>,
    /// How many nodes run beside one another on PostgreSQL, each killed at a moment of its own.
    #[arg(long, default_value_t = 2)]
    nodes: usize,
}

/// How many citizens file at once.
const CITIZENS: usize = 4;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut failures = 0;
    for (name, kind, nodes) in [("sqlite", Kind::Sqlite, 1), ("postgres", Kind::Postgres, arguments.nodes.max(1))] {
        if arguments.database.as_deref().is_some_and(|only| only != name) {
            continue;
        }
        match besiege(kind, arguments.rounds, nodes).await {
            Ok(told) => println!("{name}: {told}"),
            Err(error) => {
                failures += 1;
                println!("{name}: FAILED: {error:#}");
            }
        }
    }
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What the server has answered, and so must keep.
#[derive(Debug, Clone)]
enum Promise {
    /// The dossier is there with this child's name and the paper.
    Filed { dossier: String, child: String },
    /// The dossier holds this message.
    Sent { dossier: String, text: String },
}

/// A form that is being filled in.
#[derive(Debug, Clone)]
struct Work {
    draft: String,
    child: String,
    /// How many of the steps before filing were answered: first page, second page, paper.
    saved: usize,
}

/// A citizen who files one birth after another.
struct Citizen {
    browser: Browser,
    number: usize,
    births: usize,
    work: Option<Work>,
    fresh: Vec<Promise>,
    checked: Vec<Promise>,
}

/// Why a citizen stopped.
enum Stop {
    /// The server went away while it was asked; that is what this is about.
    Gone,
    /// The server answered what it must not.
    Broken(anyhow::Error),
}

impl From<reqwest::Error> for Stop {
    fn from(_: reqwest::Error) -> Self {
        Self::Gone
    }
}

impl From<anyhow::Error> for Stop {
    fn from(error: anyhow::Error) -> Self {
        Self::Broken(error)
    }
}

fn answered(page: Page, what: &str) -> anyhow::Result<Page> {
    ensure!(page.status == 200, "{what}: {} {}", page.status, page.text());
    Ok(page)
}

impl Citizen {
    async fn new(base: &str, number: usize) -> Self {
        let browser = Browser::new(base);
        browser.register(&format!("Công dân {number}"), &format!("09120000{number:02}"), PASSWORD).await;
        Self { browser, number, births: 0, work: None, fresh: Vec::new(), checked: Vec::new() }
    }

    /// Files births until the server goes away.
    async fn toil(&mut self) -> Stop {
        loop {
            if let Err(stop) = self.one_birth().await {
                return stop;
            }
        }
    }

    async fn one_birth(&mut self) -> Result<(), Stop> {
        if self.work.is_none() {
            let page = answered(self.browser.try_post(&format!("{BIRTH}/apply"), &[]).await?, "begin")?;
            self.births += 1;
            let child = format!("Trẻ {} của {}", self.births, self.number);
            self.work = Some(Work { draft: page.path.trim_end_matches("/1").to_owned(), child, saved: 0 });
        }
        let Some(Work { draft, child, saved }) = self.work.clone() else { return Ok(()) };
        for step in saved..3 {
            let page = match step {
                0 => {
                    let mut fields = CHILD.to_vec();
                    fields.push(("child_name", &child));
                    self.browser.try_post(&format!("{draft}/1"), &fields).await?
                }
                1 => self.browser.try_post(&format!("{draft}/2"), PARENTS).await?,
                _ => {
                    let file: &[(&str, &str, &[u8])] = &[("file", "chứng sinh.jpg", JPEG)];
                    self.browser.try_upload(&format!("{draft}/papers/birth_proof"), &[], file).await?
                }
            };
            answered(page, "save")?;
            if let Some(work) = &mut self.work {
                work.saved = step + 1;
            }
        }
        // After a kill it is not known whether this was filed before: the same post must give the one dossier.
        let receipt = answered(self.browser.try_post(&format!("{draft}/file"), &[("consent", "yes")]).await?, "file")?;
        let dossier = receipt.path.trim_end_matches("/receipt").to_owned();
        self.work = None;
        self.fresh.push(Promise::Filed { dossier: dossier.clone(), child: child.clone() });
        let text = format!("Lời nhắn về {child}");
        answered(self.browser.try_post(&format!("{dossier}/messages"), &[("text", &text)]).await?, "message")?;
        self.fresh.push(Promise::Sent { dossier, text });
        Ok(())
    }

    async fn check(&self, promise: &Promise) -> anyhow::Result<()> {
        let (dossier, wanted) = match promise {
            Promise::Filed { dossier, child } => (dossier, child),
            Promise::Sent { dossier, text } => (dossier, text),
        };
        let page = answered(self.browser.try_get(dossier).await?, "a dossier that was promised")?;
        ensure!(page.body.contains(wanted.as_str()), "{dossier} has lost `{wanted}`");
        if let Promise::Filed { .. } = promise {
            let file = page.between(&format!("href=\"{dossier}/files/"), "\"").context("the paper is lost")?;
            answered(self.browser.try_get(&format!("{dossier}/files/{file}")).await?, "a paper that was promised")?;
        }
        Ok(())
    }

    /// Checks what was promised since the last time, and the draft that is being filled in.
    async fn check_fresh(&mut self) -> anyhow::Result<()> {
        for promise in std::mem::take(&mut self.fresh) {
            self.check(&promise).await?;
            self.checked.push(promise);
        }
        let Some(work) = &self.work else { return Ok(()) };
        let first = self.browser.try_get(&format!("{}/1", work.draft)).await?;
        if first.status == 404 && work.saved == 3 {
            return Ok(()); // It may have been filed; the next post tells.
        }
        let first = answered(first, "a draft that was promised")?;
        ensure!(work.saved < 1 || first.body.contains(&work.child), "the draft has lost its first page");
        let second = answered(self.browser.try_get(&format!("{}/2", work.draft)).await?, "its second page")?;
        ensure!(work.saved < 2 || second.body.contains("Nguyễn Thị Ngân"), "the draft has lost its second page");
        let papers = answered(self.browser.try_get(&format!("{}/papers", work.draft)).await?, "its papers")?;
        ensure!(work.saved < 3 || papers.body.contains("chứng sinh.jpg"), "the draft has lost its paper");
        Ok(())
    }
}

/// Portals on one database.
struct Nodes<'a> {
    dir: &'a Path,
    listen: Vec<String>,
}

impl Nodes<'_> {
    async fn start(&self) -> anyhow::Result<Vec<Server>> {
        let mut servers = Vec::new();
        for listen in &self.listen {
            servers.push(Server::start_at(self.dir, listen, &[]).await?);
        }
        Ok(servers)
    }
}

async fn kill(servers: Vec<Server>) -> anyhow::Result<()> {
    for server in servers {
        server.kill().await?;
    }
    Ok(())
}

async fn kill_some_time(server: Server) -> anyhow::Result<()> {
    tokio::time::sleep(Duration::from_millis(rand::random_range(5..400))).await;
    server.kill().await
}

async fn besiege(kind: Kind, rounds: u32, count: usize) -> anyhow::Result<String> {
    let dir = tempfile::tempdir()?;
    let cluster = if kind == Kind::Postgres { Some(Cluster::start()?) } else { None };
    install(dir.path(), kind, cluster.as_ref().map(Cluster::url).as_deref()).await?;
    let listen = (0..count).map(|_| Ok(format!("127.0.0.1:{}", free_port()?))).collect::<anyhow::Result<_>>()?;
    let nodes = Nodes { dir: dir.path(), listen };
    let servers = nodes.start().await?;
    let mut citizens = Vec::new();
    for number in 0..CITIZENS * count {
        citizens.push(Citizen::new(&servers[number % count].base, number).await);
    }
    kill(servers).await?;
    let calendar = Calendar::of(dir.path())?;

    for round in 1..=rounds {
        calendar.announce(round % 2 == 1)?;
        let servers = nodes.start().await?;
        for citizen in &mut citizens {
            citizen.check_fresh().await.with_context(|| format!("after kill {}", round - 1))?;
        }
        let toil = futures::future::join_all(citizens.iter_mut().map(Citizen::toil));
        let kills = futures::future::try_join_all(servers.into_iter().map(kill_some_time));
        let (stops, killed) = tokio::join!(toil, kills);
        killed?;
        for stop in stops {
            if let Stop::Broken(error) = stop {
                return Err(error.context(format!("before kill {round}")));
            }
        }
        if round % 50 == 0 {
            audit(dir.path())?;
            eprintln!("{kind:?}: {round} kills");
        }
    }
    let servers = nodes.start().await?;
    let (mut promises, mut dossiers) = (0, std::collections::BTreeSet::new());
    for citizen in &mut citizens {
        citizen.check_fresh().await?;
        for promise in &citizen.checked {
            citizen.check(promise).await.context("at the end")?;
            promises += 1;
            if let Promise::Filed { dossier, .. } = promise {
                ensure!(dossiers.insert(dossier.clone()), "two births are the one dossier {dossier}");
            }
        }
    }
    kill(servers).await?;
    let moved = due_times(dir.path(), rounds).await.context("the due times")?;
    let told = audit(dir.path())?;
    let kills = usize::try_from(rounds)? * count;
    Ok(format!(
        "{kills} kills of {count} nodes, {} dossiers, {promises} promises kept, {moved}, {told}",
        dossiers.len()
    ))
}

/// A holiday that is announced and taken back before each start, so that a job moves the due times of all open
/// dossiers while the server is killed.
struct Calendar {
    file: std::path::PathBuf,
    text: String,
    today: Date,
}

impl Calendar {
    fn of(dir: &Path) -> anyhow::Result<Self> {
        let today = local(Clock::System.now()).date();
        let file = dir.join(format!("calendar/{}.toml", today.year()));
        Ok(Self { text: std::fs::read_to_string(&file)?, file, today })
    }

    fn announce(&self, holiday: bool) -> anyhow::Result<()> {
        let day = self.today;
        let more =
            format!("\n[[holiday]]\nname = \"Nghỉ đột xuất\"\nfrom = {day}\nto = {}\n", day.saturating_add(2.days()));
        std::fs::write(&self.file, if holiday { format!("{}{more}", self.text) } else { self.text.clone() })?;
        Ok(())
    }
}

/// Does what jobs are left, and checks that no due time was forgotten and none moved twice for one announcement.
async fn due_times(dir: &Path, rounds: u32) -> anyhow::Result<String> {
    // The leases of nodes that were killed have run out.
    let clock = Clock::set_to(Clock::System.now() + SignedDuration::from_secs(2 * LEASE));
    let desk = runtime::open(dir, clock, Options::migrating()).await?.desk;
    while desk.run_jobs().await? > 0 {}
    let database = desk.database();
    let (mut last, mut moved) = (String::new(), 0);
    loop {
        let codes = lists::open_codes(database.reader(), None, &last, 200).await?;
        let Some(end) = codes.last() else { break };
        last = end.to_string();
        for code in codes {
            let events = journal::events(database.reader(), &code).await?;
            let dossier = Dossier::replay(&events).context("the journal")?;
            let calendar = &desk.province().calendar;
            ensure!(dossier.flow.whole.reckoned(calendar)? == dossier.flow.whole, "{code} has an old due time");
            let clocks: Vec<_> = events
                .iter()
                .filter_map(|recorded| match &recorded.event {
                    Event::Rescheduled { clocks, .. } => Some(clocks.whole),
                    _ => None,
                })
                .collect();
            ensure!(clocks.windows(2).all(|pair| pair[0] != pair[1]), "{code} was moved twice for one announcement");
            ensure!(clocks.len() <= usize::try_from(rounds)? + 1, "{code} was moved too often");
            moved += clocks.len();
        }
    }
    Ok(format!("{moved} due times moved, each once"))
}

fn audit(dir: &Path) -> anyhow::Result<String> {
    let output = motcua().args(["audit", "verify", "--dir"]).arg(dir).output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        bail!("{said}");
    }
    Ok(said.lines().next().unwrap_or_default().to_owned())
}
