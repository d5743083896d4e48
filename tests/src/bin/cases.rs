//! Whole cases (file, receive, assign, process, approve, return: six commands, each its own transaction).
//!
//! Beside them in the same run, the bare database writes the same rows, and SpiffWorkflow runs the same case. Prints
//! ratios measured in this run. `--python` names a Python that has SpiffWorkflow.

use anyhow::{Context as _, ensure};
use clap::Parser;
use jiff::{SignedDuration, Timestamp};
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::command::{Act, Candidate, Command};
use motcua_domain::dossier::decide::{Rules, decide};
use motcua_domain::names::DossierCode;
use motcua_domain::people::organisation::Actor;
use motcua_domain::registry::Registries;
use motcua_service::Services;
use motcua_store::journal;
use motcua_tests::bare::{Recorder, Template};
use motcua_tests::flow::{APPRAISER, COUNTER, LEADER, Office, SPECIALIST, bare, workflow};
use motcua_tests::portal::Kind;
use motcua_tests::postgres::Cluster;
use sea_orm::ConnectionTrait as _;
use serde_json::{Map, Value as Json};
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Runs whole cases and prints ratios.
#[derive(Parser)]
struct Arguments {
    /// The number of cases of each measurement.
    #[arg(long, default_value_t = 640)]
    cases: usize,
    /// A Python that has SpiffWorkflow.
    #[arg(long)]
    python: Option<PathBuf>,
    /// The number of clients at once.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 8, 32])]
    clients: Vec<usize>,
    /// The number of nodes that share the clients on PostgreSQL, beside one node.
    #[arg(long, default_value_t = 1)]
    nodes: usize,
    /// The only database to measure.
    #[arg(long)]
    database: Option<Kind>,
    /// Measure the time in which the log seals many entries, and nothing else.
    #[arg(long)]
    sealing: bool,
}

/// The number of sealed entries.
const ENTRIES: usize = 100_000;

/// The steps of the case: the officer and the action.
const STEPS: [(&str, &str); 5] =
    [(COUNTER, "accept"), (HEAD, "assign"), (SPECIALIST, "propose"), (LEADER, "approve"), (COUNTER, "hand-over")];
const HEAD: &str = "phuc.tnmt";

fn straight() -> String {
    workflow(&[
        "intake counter; status = 'filed'; limit = '2 working-hours' | accept request-payment; to = 'assignment'",
        "assignment unit-head; status = 'received'; limit = '2 working-hours' | assign advance; to = 'processing'; requires = ['assignee']",
        "processing specialist; limit = '12 working-hours' | propose advance; to = 'approval'; requires = ['note']",
        "approval leader; limit = '4 working-hours' | approve advance; to = 'return' | back advance; to = 'processing'",
        "return counter; status = 'processed' | hand-over hand-over; requires = ['fee-paid']",
    ])
}

#[expect(clippy::cast_precision_loss, reason = "a count for people")]
fn rate(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if cfg!(debug_assertions) {
        println!("this is a debug build: the ratios say little; run it by cargo xtask cases");
    }
    let cluster = Cluster::start()?;
    let url = cluster.url();
    let kinds = [Kind::Sqlite, Kind::Postgres].into_iter();
    let kinds: Vec<Kind> = kinds.filter(|kind| arguments.database.is_none_or(|only| only == *kind)).collect();
    if arguments.sealing {
        for kind in kinds {
            sealing(kind, &url).await?;
        }
        return Ok(());
    }
    decisions(&url).await?;
    let flush = flush()?;
    println!("one flush: {:.0} µs", flush.as_secs_f64() * 1e6);
    let template = Arc::new(record().await?);
    println!("rows that the commands of a case write: {:?}", template.rows());
    for &clients in &arguments.clients {
        ensure!((1..=arguments.cases).contains(&clients), "--clients must be from 1 to the number of --cases");
        // Each client gets the same number of cases.
        let cases = arguments.cases / clients * clients;
        let mut peers = Vec::new();
        if let Some(python) = &arguments.python {
            for (count, reads) in
                BTreeSet::from([1, clients]).into_iter().flat_map(|count| [(count, false), (count, true)])
            {
                let found = spiff(python, arguments.cases / 2, count, reads)?;
                let what = if reads { "reading each time" } else { "kept in memory" };
                println!("SpiffWorkflow, {count} clients, {what}: {found:.0} cases/s");
                // Each command reads the stored case, as in ours.
                if reads {
                    peers.push((count, found));
                }
            }
        }
        for &kind in &kinds {
            let found = ours(kind, &url, clients, 1, cases).await?;
            println!("{kind:?}, {clients} clients: {found:.0} cases/s");
            let (what, time) = match kind {
                Kind::Sqlite if clients == 1 => ("SQLite", template.on_sqlite(cases, 1).await?),
                Kind::Sqlite => ("SQLite with a shared flush", template.on_sqlite(cases, clients).await?),
                Kind::Postgres => ("PostgreSQL", template.on_postgres(&url, cases, clients).await?),
            };
            let bare = rate(cases, time);
            println!("  bare {what}: {bare:.0} cases/s, ours is {:.2} of it", found / bare);
            if kind == Kind::Postgres && (2..=clients).contains(&arguments.nodes) {
                let several = ours(kind, &url, clients, arguments.nodes, cases).await?;
                println!("  {} nodes: {several:.0} cases/s, {:.2} times one node", arguments.nodes, several / found);
            }
            for (count, peer) in &peers {
                println!("  {:.1} times SpiffWorkflow with {count}", found / peer);
            }
            if clients == 1
                && let Some((_, peer)) = peers.first()
            {
                println!("  six flushes alone allow {:.1} times", 1.0 / (6.0 * flush.as_secs_f64()) / peer);
            }
        }
    }
    Ok(())
}

/// Returns the time of a transaction of one small row on SQLite with `synchronous=FULL`.
fn flush() -> anyhow::Result<Duration> {
    let dir = tempfile::tempdir()?;
    let connection = rusqlite::Connection::open(dir.path().join("flush.db"))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch("CREATE TABLE t (a TEXT)")?;
    let mut statement = connection.prepare("INSERT INTO t VALUES ('x')")?;
    let start = Instant::now();
    for _ in 0..1000 {
        statement.execute([])?;
    }
    Ok(start.elapsed() / 1000)
}

fn spiff(python: &Path, cases: usize, clients: usize, reads: bool) -> anyhow::Result<f64> {
    let dir = tempfile::tempdir()?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/spiff.py");
    let mut command = std::process::Command::new(python);
    command.arg(script).arg(dir.path().join("spiff.db")).args([cases.to_string(), clients.to_string()]);
    if reads {
        command.arg("--read");
    }
    let output = command.output().context("Python cannot be started")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: Json = serde_json::from_slice(&output.stdout)?;
    let number = |name: &str| told[name].as_f64().context("a number");
    Ok(number("cases")? / number("seconds")?)
}

/// The services, and the people who take part in a case there.
#[derive(Clone)]
struct Crew {
    services: Services,
    officers: HashMap<&'static str, Actor>,
    citizen: Actor,
}

impl Crew {
    async fn of(office: &Office) -> Self {
        let mut officers = HashMap::new();
        for login in [COUNTER, HEAD, SPECIALIST, APPRAISER, LEADER] {
            officers.insert(login, office.actor(login).await);
        }
        Self { services: office.services.clone(), officers, citizen: office.actor("an").await }
    }

    async fn file(&self, draft: Uuid) -> anyhow::Result<DossierCode> {
        Ok(self.services.drafts.file(&self.citizen, draft, true).await?)
    }

    /// Takes a step, and returns the dossier's version after it.
    async fn take(&self, code: &DossierCode, step: (&str, &str), seen: u32) -> anyhow::Result<u32> {
        let (who, action) = step;
        let assignee = self.officers[SPECIALIST].reference().user().cloned().filter(|_| action == "assign");
        let change = bare(None, action, seen, "Hồ sơ hợp lệ.", assignee);
        Ok(self.services.dossiers.change(&self.officers[who], code, self.services.new_command(), change).await?.version)
    }

    /// Runs a whole case, and adds the time of each command.
    async fn case(&self, draft: Uuid, times: &mut [Duration; 6]) -> anyhow::Result<()> {
        let [filing, acting @ ..] = times;
        let start = Instant::now();
        let code = self.file(draft).await?;
        *filing += start.elapsed();
        let mut seen = 1;
        for (step, time) in STEPS.into_iter().zip(acting) {
            let start = Instant::now();
            seen = self.take(&code, step, seen).await?;
            *time += start.elapsed();
        }
        Ok(())
    }
}

/// Runs one case, and returns the rows of each of its commands.
async fn record() -> anyhow::Result<Template> {
    let office = Office::open_on(Kind::Sqlite, None, &straight(), &[]).await;
    let crew = Crew::of(&office).await;
    let draft = office.draft(true, false).await;
    let mut recorder = Recorder::begin(&office.dir.path().join("data/motcua.db"), draft)?;
    let code = crew.file(draft).await?;
    recorder.command(&code)?;
    let mut seen = 1;
    for step in STEPS {
        seen = crew.take(&code, step, seen).await?;
        recorder.command(&code)?;
    }
    recorder.finish(&code)
}

/// Runs whole cases through the desks of so many nodes, and returns cases a second. Each client stays at one node.
async fn ours(kind: Kind, cluster: &str, clients: usize, nodes: usize, cases: usize) -> anyhow::Result<f64> {
    let mut office = Office::open_on(kind, Some(cluster), &straight(), &[]).await;
    let mut desks = vec![office.services.clone()];
    for _ in 1..nodes {
        desks.push(office.another_node().await);
    }
    let mut prepared = Vec::new();
    for client in 0..clients {
        office.next_citizen(&format!("09123{client:05}")).await;
        let crew = Crew { services: desks[client % nodes].clone(), ..Crew::of(&office).await };
        prepared.push((crew, copies(&office, cases / clients).await?));
    }
    let start = Instant::now();
    let work = prepared.into_iter().map(|(crew, drafts)| {
        tokio::spawn(async move {
            let mut times = [Duration::ZERO; 6];
            for draft in drafts {
                crew.case(draft, &mut times).await?;
            }
            anyhow::Ok(times)
        })
    });
    let mut times = [Duration::ZERO; 6];
    for done in futures::future::join_all(work).await {
        times.iter_mut().zip(done??).for_each(|(sum, time)| *sum += time);
    }
    let elapsed = start.elapsed();
    let count = u32::try_from(cases)?;
    let named = ["file"].into_iter().chain(STEPS.map(|(_, action)| action)).zip(times);
    let means: Vec<String> = named.map(|(name, sum)| format!("{name} {} µs", (sum / count).as_micros())).collect();
    println!("  {}", means.join(", "));
    Ok(rate(cases, elapsed))
}

/// Measures the time in which the log seals many waiting entries.
async fn sealing(kind: Kind, cluster: &str) -> anyhow::Result<()> {
    let office = Office::open_on(kind, Some(cluster), &straight(), &[]).await;
    while office.services.log.seal().await? > 0 {}
    // Dossiers with six entries each. Sealing reads their hashes, not their contents.
    let journal = format!(
        "INSERT INTO journal (dossier, version, at, event, command, payload_digest, payload, hash)
         WITH RECURSIVE entry (n, digits) AS (
             SELECT 0, CAST('0' AS TEXT)
             UNION ALL
             SELECT n + 1, CAST(n + 1 AS TEXT) FROM entry WHERE n + 1 < {ENTRIES}
         )
         SELECT 'H09.31-260303-' || CAST(100000 + n / 6 AS TEXT), n % 6 + 1, '2026-03-03T02:00:00Z', 'advanced',
                'entry-' || digits, substr('{zeros}' || digits, length(digits) + 1), '{{}}',
                substr('{zeros}' || digits, length(digits) + 1)
         FROM entry",
        zeros = "0".repeat(64)
    );
    let transaction = office.services.database().begin().await?;
    for sql in [journal.as_str(), "INSERT INTO unsealed (dossier, version) SELECT dossier, version FROM journal"] {
        transaction.connection().execute_unprepared(sql).await?;
    }
    transaction.commit().await?;
    let (start, mut sealed) = (Instant::now(), 0);
    loop {
        match office.services.log.seal().await? {
            0 => break,
            count => sealed += count,
        }
    }
    let time = start.elapsed();
    let sealed = usize::try_from(sealed)?;
    ensure!(sealed >= ENTRIES, "only {sealed} entries of {ENTRIES} were sealed");
    println!("{kind:?}: sealing {sealed} entries takes {} ms, {:.0} entries/s", time.as_millis(), rate(sealed, time));
    Ok(())
}

/// Returns so many drafts that can be filed.
async fn copies(office: &Office, count: usize) -> anyhow::Result<Vec<Uuid>> {
    let draft = office.draft(true, false).await;
    let transaction = office.services.database().begin().await?;
    let mut copies = Vec::new();
    for _ in 0..count {
        let copy = Uuid::now_v7();
        let sql = format!(
            "INSERT INTO draft (id, account, procedure, version, dossier, typed, created_at, updated_at)
             SELECT '{copy}', account, procedure, version, dossier, typed, created_at, updated_at
             FROM draft WHERE id = '{draft}'"
        );
        transaction.connection().execute_unprepared(&sql).await?;
        copies.push(copy);
    }
    transaction.commit().await?;
    Ok(copies)
}

/// Measures the decisions a second of one core, of every command of the case in turn.
async fn decisions(cluster: &str) -> anyhow::Result<()> {
    let office = Office::open_on(Kind::Sqlite, Some(cluster), &straight(), &[]).await;
    let case = office.file(true, false).await;
    let reader = office.services.database().reader();
    let code: &DossierCode = &case.code;
    let mut states: Vec<(Dossier, Actor, Command)> = Vec::new();
    let specialist = office.actor(SPECIALIST).await;
    let assignee = Candidate {
        id: specialist.reference().user().cloned().context("an officer")?,
        login: SPECIALIST.to_owned(),
        name: "Tuấn".to_owned(),
        posts: specialist.posts().to_vec(),
        open: 0,
    };
    for (who, action) in STEPS {
        let dossier = journal::dossier(reader, code).await?.context("it is there")?;
        let actor = office.actor(who).await;
        let act = Act {
            stay: None,
            action: action.into(),
            seen: dossier.version,
            note: "Hồ sơ hợp lệ.".to_owned(),
            reason: String::new(),
            assignee: Some(assignee.clone()),
            result: None,
            new_grounds: None,
            missing: Vec::new(),
            typed: Map::new(),
            places: Vec::new(),
            visit: None,
            receiver: None,
            staff: Vec::new(),
        };
        states.push((dossier, actor, Command::Act(Box::new(act))));
        let with = motcua_tests::flow::With { note: "Hợp lệ", assignee: Some(SPECIALIST), ..Default::default() };
        case.act_with(who, action, with).await.map_err(|refusal| anyhow::anyhow!("{refusal}"))?;
    }
    let province = office.services.province();
    let catalogue = office.services.procedures.catalogue();
    let live = catalogue.procedure(&"9.900001".into()).context("it is offered")?;
    let rules =
        Rules { procedure: &live.procedure, calendar: &province.calendar, registries: Registries::NONE, choices: &[] };
    let now: Timestamp = office.services.now() + SignedDuration::from_hours(1);
    let start = Instant::now();
    let mut count = 0;
    while start.elapsed() < Duration::from_secs(2) {
        for (dossier, actor, command) in &states {
            std::hint::black_box(decide(rules, dossier, actor, command.clone(), now))?;
            count += 1;
        }
    }
    println!("decide: {:.0} a second on one core", rate(count, start.elapsed()));
    Ok(())
}
