//! A portal with a million dossiers and ten million events beside one with ten thousand: opening a dossier, acting on
//! one, proving one and the first page of every list.
//!
//! Prints ratios measured in this run. It needs some 10 GB.

use anyhow::{Context as _, ensure};
use clap::Parser;
use jiff::civil::{Date, date};
use motcua_domain::dossier::command::Command;
use motcua_domain::names::DossierCode;
use motcua_domain::people::organisation::Actor;
use motcua_store::{accounts, dossier_row, name_part_row, notice_row, participation_row, stay_row};
use motcua_tests::browser::Browser;
use motcua_tests::flow::bare;
use motcua_tests::portal::{App, Kind};
use motcua_tests::postgres::Cluster;
use sea_orm::{ConnectionTrait, FromQueryResult, IdenStatic, Iterable, JsonValue, Statement};
use std::time::{Duration, Instant};

/// Seeds and measures.
#[derive(Parser)]
struct Arguments {
    /// The number of dossiers in the large portal.
    #[arg(long, default_value_t = 1_000_000)]
    dossiers: usize,
    /// The mean number of events of a dossier.
    #[arg(long, default_value_t = 10)]
    events: usize,
    /// The only database to measure.
    #[arg(long)]
    database: Option<Kind>,
}

const SMALL: usize = 10_000;

/// The day of all events.
const TODAY: Date = date(2026, 11, 24);

/// The number of samples of each measurement. The median counts.
const SAMPLES: usize = 41;

/// The code and the draft of a copy. The portal never creates a draft id of this version, so no two are the same.
const CODE: &str = "k.head || c.day || k.tail";
const DRAFT: &str = "substr(k.draft, 1, 14) || '4' || substr(k.draft, 16, 15) || c.day";
const RANK: &str = "CASE WHEN t.rank < 100000000000 THEN t.rank + (c.n * 7919) % 1000000 ELSE t.rank END";
const OTHER: &str = "|| '/' || CAST(c.n AS TEXT)";

/// The number of copies of the story in one transaction.
const PORTION: usize = 500;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if cfg!(debug_assertions) {
        println!("this is a debug build: the ratios say little; run it by cargo xtask million");
    }
    for kind in [Kind::Sqlite, Kind::Postgres] {
        if arguments.database.is_some_and(|only| only != kind) {
            continue;
        }
        let cluster = Cluster::start()?;
        let url = cluster.url();
        let small = Portal::open(kind, &url, SMALL, arguments.events).await?;
        let large = Portal::open(kind, &url, arguments.dossiers, arguments.events).await?;
        println!("{kind:?}:{:>30} {SMALL:>12} {:>12} {:>8}", "", arguments.dossiers, "ratio");
        for thing in Thing::all() {
            let (small, large) = middle(&thing, &small, &large).await?;
            let ratio = large.as_secs_f64() / small.as_secs_f64();
            println!("{:<38} {:>9.2} ms {:>9.2} ms {ratio:>8.2}", thing.name(), millis(small), millis(large));
        }
    }
    Ok(())
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// A frequent task of people.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Thing {
    Open,
    Act,
    /// The proof that the log contains the events of a dossier.
    Prove,
    /// A person's list at an address.
    List(&'static str, String),
    /// An officer's search for people.
    Search(&'static str, &'static str),
}

impl Thing {
    fn all() -> Vec<Self> {
        let mut all = vec![Self::Open, Self::Act, Self::Prove];
        for login in OFFICERS {
            let views = ["todo", "open", "waiting", "taken-part", "ended"];
            all.extend(views.map(|view| Self::List(login, format!("/desk?view={view}"))));
            let others = ["/desk?view=open&due=late&channel=online", "/desk?view=ended&channel=online"];
            all.extend(others.map(|path| Self::List(login, path.to_owned())));
            all.extend(["nguyen", CITIZEN].map(|words| Self::Search(login, words)));
        }
        all.extend(["/account", "/account/notices"].map(|path| Self::List(CITIZEN, path.to_owned())));
        all
    }

    fn name(&self) -> String {
        match self {
            Self::Open => "open a dossier".to_owned(),
            Self::Act => "act on a dossier".to_owned(),
            Self::Prove => "prove a dossier".to_owned(),
            Self::List(login, path) => format!("{path} of {login}"),
            Self::Search(login, words) => format!("search for {words} of {login}"),
        }
    }
}

const OFFICERS: [&str; 4] = ["lan.khdt", "mai.khdt", "dung.khdt", "kiemsoat"];
const CITIZEN: &str = "0912345678";

/// A portal with so many dossiers, and people who are logged in.
struct Portal {
    app: App,
    people: Vec<(&'static str, Browser)>,
    actor: Actor,
    waiting: Vec<DossierCode>,
}

impl Portal {
    async fn open(kind: Kind, cluster: &str, dossiers: usize, events: usize) -> anyhow::Result<Self> {
        let app = App::start_on(kind, Some(cluster)).await?;
        app.at(TODAY.at(14, 0, 0, 0));
        motcua::demo::tell(&app.services, &app.clock, app.clock.now()).await?;
        let start = Instant::now();
        lengthen(&app, events).await?;
        multiply(&app, dossiers).await?;
        let (found, written) = (count(&app, "dossier").await?, count(&app, "journal").await?);
        eprintln!("{kind:?}: {found} dossiers, {written} events in {:.0} s", start.elapsed().as_secs_f64());
        let start = Instant::now();
        let sealed = seal(&app).await?;
        eprintln!("{kind:?}: {sealed} events were sealed in {:.0} s", start.elapsed().as_secs_f64());
        let mut people = Vec::new();
        for login in OFFICERS.into_iter().chain([CITIZEN]) {
            let browser = app.visitor();
            browser.log_in(login, motcua::demo::PASSWORD).await;
            people.push((login, browser));
        }
        let waiting = waiting(&app).await?;
        ensure!(waiting.len() >= SAMPLES, "only {} dossiers wait for the counter", waiting.len());
        Ok(Self { actor: actor(&app, "lan.khdt").await?, waiting, people, app })
    }

    /// Does a task for the n-th time, and returns its time.
    async fn time(&self, thing: &Thing, number: usize) -> anyhow::Result<Duration> {
        let code = self.waiting.get(number).context("a dossier")?;
        let browser = |login: &str| {
            self.people.iter().find(|(known, _)| *known == login).map(|(_, browser)| browser).context("somebody")
        };
        let start = Instant::now();
        match thing {
            Thing::Open => get(browser("lan.khdt")?, &format!("/dossiers/{code}")).await?,
            Thing::Act => act(&self.app, &self.actor, code).await?,
            Thing::Prove => {
                let proof = self.app.services.database().prove(code).await?;
                ensure!(proof.is_some(), "{code} has no proof");
            }
            Thing::List(login, path) => get(browser(login)?, path).await?,
            Thing::Search(login, words) => {
                let page = browser(login)?.post("/desk/search", &[("q", words)]).await;
                ensure!(page.status == 200, "the search gave {}", page.status);
            }
        }
        Ok(start.elapsed())
    }
}

/// Returns the median times of a task in two portals, measured in turn.
async fn middle(thing: &Thing, small: &Portal, large: &Portal) -> anyhow::Result<(Duration, Duration)> {
    let mut samples = [Vec::new(), Vec::new()];
    for number in 0..SAMPLES {
        for (portal, samples) in [small, large].into_iter().zip(&mut samples) {
            samples.push(portal.time(thing, number).await?);
        }
    }
    let [small, large] = samples.map(|mut samples| {
        samples.sort();
        samples[SAMPLES / 2]
    });
    Ok((small, large))
}

async fn get(browser: &Browser, path: &str) -> anyhow::Result<()> {
    let page = browser.get(path).await;
    ensure!(page.status == 200, "{path} gave {}", page.status);
    Ok(())
}

/// Accepts a dossier at the counter.
async fn act(app: &App, actor: &Actor, code: &DossierCode) -> anyhow::Result<()> {
    let change = bare(None, "accept", 1, "Hồ sơ hợp lệ.", None);
    app.services
        .dossiers
        .change(actor, code, app.services.new_command(), change)
        .await
        .map_err(|error| anyhow::anyhow!("{code}: {error}"))?;
    Ok(())
}

async fn actor(app: &App, login: &str) -> anyhow::Result<Actor> {
    let reader = app.services.database().reader();
    let account = accounts::by_login(reader, login).await?.context("an account")?;
    Ok(accounts::actor(reader, &account, TODAY).await?)
}

async fn rows(app: &App, sql: &str) -> anyhow::Result<Vec<JsonValue>> {
    let reader = app.services.database().reader();
    let statement = Statement::from_string(reader.get_database_backend(), sql);
    Ok(JsonValue::find_by_statement(statement).all(reader).await?)
}

async fn count(app: &App, table: &str) -> anyhow::Result<i64> {
    let reader = app.services.database().reader();
    let statement = Statement::from_string(reader.get_database_backend(), format!("SELECT COUNT(*) FROM {table}"));
    let row = reader.query_one_raw(statement).await?.context("a row")?;
    Ok(row.try_get_by_index(0)?)
}

/// Seals everything, and returns the number of events.
async fn seal(app: &App) -> anyhow::Result<u64> {
    run(
        app,
        "INSERT INTO unsealed (dossier, version)
         SELECT dossier, version FROM journal WHERE dossier NOT IN (SELECT code FROM seed_code)",
    )
    .await?;
    let mut sealed = 0;
    loop {
        match app.services.log.seal().await.map_err(|error| anyhow::anyhow!("{error}"))? {
            0 => return Ok(sealed),
            count => sealed += count,
        }
    }
}

/// Returns dossiers that have only been filed, at the counter of the department of planning, far from one another.
async fn waiting(app: &App) -> anyhow::Result<Vec<DossierCode>> {
    let sql = "SELECT code FROM dossier WHERE status = 'filed' AND agency = 'so-khdt' AND version = 1 ORDER BY code";
    let found = rows(app, sql).await?;
    let step = (found.len() / SAMPLES).max(1);
    Ok(found.iter().step_by(step).filter_map(|row| DossierCode::parse(row["code"].as_str()?)).collect())
}

/// Lets applicant and office write to one another until a dossier has so many events.
async fn lengthen(app: &App, events: usize) -> anyhow::Result<()> {
    let found = rows(app, "SELECT code, applicant, version FROM dossier WHERE version > 1 ORDER BY code").await?;
    let missing =
        |found: i64, written: i64| usize::try_from(found).unwrap_or(0) * events > usize::try_from(written).unwrap_or(0);
    let reader = app.services.database().reader();
    for row in found.iter().cycle() {
        if !missing(count(app, "dossier").await?, count(app, "journal").await?) {
            break;
        }
        let code = row["code"].as_str().and_then(DossierCode::parse).context("a code")?;
        let id = row["applicant"].as_str().context("an applicant")?.into();
        let account = accounts::by_id(reader, &id).await?.context("an account")?;
        let actor = accounts::actor(reader, &account, TODAY).await?;
        for _ in 0..10 {
            let text = "Tôi đã nhận được thông báo, xin cảm ơn anh chị.".to_owned();
            app.services
                .dossiers
                .change(&actor, &code, app.services.new_command(), Command::SendMessage { text, files: Vec::new() })
                .await
                .map_err(|error| anyhow::anyhow!("{error}"))?;
        }
    }
    Ok(())
}

/// Copies all dossiers, with codes and applicants of their own, until the portal has so many dossiers.
async fn multiply(app: &App, dossiers: usize) -> anyhow::Result<()> {
    let there = usize::try_from(count(app, "dossier").await?)?;
    let copies = dossiers.div_ceil(there).saturating_sub(1);
    let days = (0..100).filter(|year| *year != 26).flat_map(|year| {
        (1..=12).flat_map(move |month| (1..=28).map(move |day| format!("{year:02}{month:02}{day:02}")))
    });
    let days: Vec<String> = days.take(copies).collect();
    ensure!(days.len() == copies, "there are not so many days");
    seed(app, &days).await?;
    let tables = statements_of_copies();
    for first in (0..copies).step_by(PORTION) {
        let transaction = app.services.database().begin().await?;
        for sql in &tables {
            let sql = format!("{sql} AND c.n >= {first} AND c.n < {}", first + PORTION);
            transaction.connection().execute_unprepared(&sql).await?;
        }
        transaction.commit().await?;
    }
    run(app, "ANALYZE").await
}

/// Writes tables with the dossiers of the story, and with a day for each copy of them.
async fn seed(app: &App, days: &[String]) -> anyhow::Result<()> {
    run(app, "CREATE TABLE seed_code (code TEXT PRIMARY KEY, head TEXT, tail TEXT, draft TEXT)").await?;
    run(app, "CREATE TABLE seed_copy (n BIGINT PRIMARY KEY, day TEXT)").await?;
    for (number, row) in rows(app, "SELECT code, draft FROM dossier").await?.iter().enumerate() {
        let code = row["code"].as_str().context("a code")?;
        let draft = row["draft"].as_str().context("a draft")?;
        let head = code.split('-').next().context("an agency")?;
        // Its copies have a number that no other dossier of the story has.
        run(app, &format!("INSERT INTO seed_code VALUES ('{code}', '{head}-', '-{}', '{draft}')", 5000 + number))
            .await?;
    }
    for (number, portion) in days.chunks(PORTION).enumerate() {
        let first = number * PORTION;
        let copies: Vec<String> =
            portion.iter().enumerate().map(|(at, day)| format!("({}, '{day}')", first + at)).collect();
        run(app, &format!("INSERT INTO seed_copy VALUES {}", copies.join(", "))).await?;
    }
    Ok(())
}

/// Returns the statements that copy the rows of the story. A condition over the copies follows each.
fn statements_of_copies() -> [String; 7] {
    let table = |table: &str, columns: Vec<String>, changed: &[(&str, String)], dossier: &str| {
        let value = |column: &String| {
            let changed = changed.iter().find(|(name, _)| name == column).map(|(_, value)| value.clone());
            changed.unwrap_or_else(|| format!("t.\"{column}\""))
        };
        let values: Vec<String> = columns.iter().map(value).collect();
        let columns: Vec<String> = columns.iter().map(|column| format!("\"{column}\"")).collect();
        let (columns, values) = (columns.join(", "), values.join(", "));
        // The story itself, not its copies.
        let from = format!("seed_copy c CROSS JOIN seed_code k CROSS JOIN {table} t");
        format!("INSERT INTO {table} ({columns}) SELECT {values} FROM {from} WHERE t.{dossier} = k.code")
    };
    let named = |columns: &[&str]| columns.iter().map(|column| (*column).to_owned()).collect::<Vec<_>>();
    [
        table(
            "journal",
            named(&["dossier", "version", "at", "event", "command", "payload_digest", "payload", "hash"]),
            &[
                ("dossier", CODE.to_owned()),
                ("payload", format!("replace(replace(t.payload, k.code, {CODE}), k.draft, {DRAFT})")),
            ],
            "dossier",
        ),
        table(
            "dossier",
            dossier_row::Column::iter().map(|column| column.as_str().to_owned()).collect(),
            &[
                ("code", CODE.to_owned()),
                ("draft", DRAFT.to_owned()),
                ("applicant", format!("t.applicant {OTHER}")),
                ("rank", RANK.to_owned()),
            ],
            "code",
        ),
        table(
            "stay",
            stay_row::Column::iter().map(|column| column.as_str().to_owned()).collect(),
            &[("dossier", CODE.to_owned()), ("rank", RANK.to_owned())],
            "dossier",
        ),
        table(
            "participation",
            participation_row::Column::iter().map(|column| column.as_str().to_owned()).collect(),
            &[("dossier", CODE.to_owned())],
            "dossier",
        ),
        table(
            "name_part",
            name_part_row::Column::iter().map(|column| column.as_str().to_owned()).collect(),
            &[("dossier", CODE.to_owned())],
            "dossier",
        ),
        table(
            "notice",
            notice_row::Column::iter().map(|column| column.as_str().to_owned()).collect(),
            &[("dossier", CODE.to_owned()), ("account", format!("t.account {OTHER}"))],
            "dossier",
        ),
        table(
            "job",
            named(&["key", "kind", "dossier", "stay", "run_at", "attempts", "leased_until", "dead", "error"]),
            &[("key", format!("replace(t.key, k.code, {CODE})")), ("dossier", CODE.to_owned())],
            "dossier",
        ),
    ]
}

async fn run(app: &App, sql: &str) -> anyhow::Result<()> {
    let transaction = app.services.database().begin().await?;
    transaction.connection().execute_unprepared(sql).await?;
    transaction.commit().await?;
    Ok(())
}
