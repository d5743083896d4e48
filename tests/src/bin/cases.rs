//! Whole cases (file, receive, assign, process, approve, return: six commands, each its own transaction), and beside
//! them in the same run the same case in SpiffWorkflow. Prints ratios measured in this run; run it with `--release`
//! and `--python` naming a Python that has SpiffWorkflow.

use anyhow::{Context as _, ensure};
use clap::Parser;
use jiff::{SignedDuration, Timestamp};
use motcua_desk::Desk;
use motcua_domain::command::{Act, Candidate, Command};
use motcua_domain::decide::{Rules, decide};
use motcua_domain::dossier::Dossier;
use motcua_domain::names::DossierCode;
use motcua_domain::organisation::Actor;
use motcua_domain::registry::Registries;
use motcua_store::journal;
use motcua_tests::flow::{APPRAISER, COUNTER, LEADER, Office, SPECIALIST, bare, workflow};
use motcua_tests::portal::Kind;
use motcua_tests::postgres::Cluster;
use sea_orm::ConnectionTrait as _;
use serde_json::{Map, Value as Json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Runs whole cases and prints ratios.
#[derive(Parser)]
struct Arguments {
    /// How many cases each measurement runs.
    #[arg(long, default_value_t = 640)]
    cases: usize,
    /// A Python that has SpiffWorkflow.
    #[arg(long)]
    python: Option<PathBuf>,
    /// How many clients work at once.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 32])]
    clients: Vec<usize>,
    /// On one database only.
    #[arg(long)]
    database: Option<Kind>,
}

/// The steps of the case: who takes which action.
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
        println!("this is a debug build: the ratios say little; run it with --release");
    }
    let cluster = Cluster::start()?;
    let url = cluster.url();
    decisions(&url).await?;
    let flush = flush()?;
    println!("one flush: {:.0} µs", flush.as_secs_f64() * 1e6);
    for clients in arguments.clients {
        ensure!((1..=arguments.cases).contains(&clients), "--clients must be from 1 to the number of --cases");
        let mut peers = Vec::new();
        if let Some(python) = &arguments.python {
            for (count, reads) in std::collections::BTreeSet::from([1, clients])
                .into_iter()
                .flat_map(|count| [(count, false), (count, true)])
            {
                let found = spiff(python, arguments.cases / 2, count, reads)?;
                let what = if reads { "reading each time" } else { "kept in memory" };
                println!("SpiffWorkflow, {count} clients, {what}: {found:.0} cases/s");
                // As ours does, each command finds the case as it was kept.
                if reads {
                    peers.push((count, found));
                }
            }
        }
        for kind in [Kind::Sqlite, Kind::Postgres] {
            if arguments.database.is_some_and(|only| only != kind) {
                continue;
            }
            let found = ours(kind, &url, clients, arguments.cases).await?;
            println!("{kind:?}, {clients} clients: {found:.0} cases/s");
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

/// How long a transaction of one small row takes on SQLite with `synchronous=FULL`.
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

/// Runs whole cases through the desk; gives cases a second.
async fn ours(kind: Kind, cluster: &str, clients: usize, cases: usize) -> anyhow::Result<f64> {
    let office = Office::open_on(kind, Some(cluster), &straight(), &[]).await;
    let mut actors = std::collections::HashMap::new();
    for login in [COUNTER, HEAD, SPECIALIST, APPRAISER, LEADER] {
        actors.insert(login, office.actor(login).await);
    }
    let citizen = office.actor("an").await;
    let each = cases / clients;
    let drafts = copies(&office, each * clients).await?;
    let start = Instant::now();
    let work = drafts.chunks(each).map(|drafts| {
        let (desk, actors, citizen, drafts) = (office.desk.clone(), actors.clone(), citizen.clone(), drafts.to_vec());
        tokio::spawn(async move {
            let mut times = [Duration::ZERO; 6];
            for draft in drafts {
                case(&desk, &actors, &citizen, draft, &mut times).await?;
            }
            anyhow::Ok(times)
        })
    });
    let mut times = [Duration::ZERO; 6];
    for done in futures::future::join_all(work).await {
        times.iter_mut().zip(done??).for_each(|(sum, time)| *sum += time);
    }
    let elapsed = start.elapsed();
    let count = u32::try_from(each * clients)?;
    let named = ["file"].into_iter().chain(STEPS.map(|(_, action)| action)).zip(times);
    let means: Vec<String> = named.map(|(name, sum)| format!("{name} {} µs", (sum / count).as_micros())).collect();
    println!("  {}", means.join(", "));
    Ok(rate(each * clients, elapsed))
}

/// So many drafts that can be filed.
async fn copies(office: &Office, count: usize) -> anyhow::Result<Vec<Uuid>> {
    let draft = office.draft(true, false).await;
    let transaction = office.desk.database().begin().await?;
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

async fn case(
    desk: &Desk,
    actors: &std::collections::HashMap<&str, Actor>,
    citizen: &Actor,
    draft: Uuid,
    times: &mut [Duration; 6],
) -> anyhow::Result<()> {
    let [filing, acting @ ..] = times;
    let start = Instant::now();
    let code = desk.file(citizen, draft, true).await?;
    *filing += start.elapsed();
    let mut seen = 1;
    let specialist = actors[SPECIALIST].reference().user().cloned();
    for ((who, action), time) in STEPS.into_iter().zip(acting) {
        let start = Instant::now();
        let assignee = specialist.clone().filter(|_| action == "assign");
        let change = bare(None, action, seen, "Hồ sơ hợp lệ.", assignee);
        seen = desk.change(&actors[who], &code, desk.new_command(), change).await?.version;
        *time += start.elapsed();
    }
    Ok(())
}

/// How many decisions a second one core takes, of every command of the case in turn.
async fn decisions(cluster: &str) -> anyhow::Result<()> {
    let office = Office::open_on(Kind::Sqlite, Some(cluster), &straight(), &[]).await;
    let case = office.file(true, false).await;
    let reader = office.desk.database().reader();
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
            assignee: Some(assignee.clone()),
            result: None,
            new_grounds: None,
            typed: Map::new(),
            places: Vec::new(),
            staff: Vec::new(),
        };
        states.push((dossier, actor, Command::Act(Box::new(act))));
        let with = motcua_tests::flow::With { note: "Hợp lệ", assignee: Some(SPECIALIST), ..Default::default() };
        case.act_with(who, action, with).await.map_err(|refusal| anyhow::anyhow!("{refusal}"))?;
    }
    let province = office.desk.province();
    let catalogue = office.desk.catalogue();
    let live = catalogue.procedure(&"9.900001".into()).context("it is offered")?;
    let rules =
        Rules { procedure: &live.procedure, calendar: &province.calendar, registries: Registries::NONE, choices: &[] };
    let now: Timestamp = office.desk.now() + SignedDuration::from_hours(1);
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
