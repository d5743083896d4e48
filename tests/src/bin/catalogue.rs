//! Measures the catalogue with 318, 2,000 and 10,000 procedures: checking the folder, start-up to the first answer,
//! memory for a procedure, and the search. Also measures 2,000 procedures that 168 communes offer each, and the start when
//! 2,000 procedures share plugins.
//!
//! Prints each value as a share of its limit, where it has one.

use anyhow::Context as _;
use jiff::civil::date;
use motcua::folder::write_binhduong;
use motcua::runtime::BUILTIN;
use motcua_domain::procedure::changes::Release;
use motcua_domain::text::Language;
use motcua_service::catalogue::{Live, OfferReader, SearchWish, Snapshot, load};
use motcua_tests::browser::Browser;
use motcua_tests::generate;
use motcua_tests::plugin::variants;
use motcua_tests::process::Server;
use std::path::Path;
use std::time::{Duration, Instant};

/// The limit for checking 2,000 procedures.
const CHECK: Duration = Duration::from_secs(2);
/// The limit for start-up to the first answer with 2,000 procedures.
const START: Duration = Duration::from_secs(1);
/// The limit for the slowest of a hundred searches over 2,000 procedures.
const SEARCH: Duration = Duration::from_millis(2);
/// The number of plugins that 2,000 procedures share.
const PLUGINS: usize = 40;
/// The number of communes that offer 2,000 procedures each.
const COMMUNES: usize = 168;

const QUERIES: [&str; 12] = [
    "khai sinh",
    "sổ đỏ",
    "bang lai xe",
    "giay phep xay dung",
    "nuoc duoi dat",
    "thành lập công ty",
    "khia sinh",
    "chung thuc ban sao",
    "đăng ký biến động",
    "moi truong",
    "ly lich tu phap",
    "2.001199",
];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    println!(
        "{:>10} {:>18} {:>24} {:>14} {:>22}",
        "procedures", "check", "start to first answer", "kB each", "search, 99th percentile"
    );
    let mut before = None;
    for count in [318, 2_000, 10_000] {
        let dir = tempfile::tempdir()?;
        let folder = dir.path().join("province");
        write_binhduong(&folder)?;
        generate::procedures(&folder, count)?;
        let (check, search) = (check(&folder, count)?, search(&folder)?);
        // The first start publishes everything. An operator waits for the second one after an upgrade.
        start(&folder).await?;
        let (start, memory) = start(&folder).await?;
        let each = before.map_or(0, |(fewer, less): (usize, u64)| (memory - less) / (count - fewer) as u64);
        before = Some((count, memory));
        let share = |time: Duration, limit: Duration| match count {
            2_000 => format!("{:.0?} ({:.2} of limit)", time, time.as_secs_f64() / limit.as_secs_f64()),
            _ => format!("{time:.0?}"),
        };
        let each = if each == 0 { "–".to_owned() } else { format!("{}", each / 1024) };
        let (check, start) = (share(check, CHECK), share(start, START));
        let search = match count {
            2_000 => format!("{search:.2?} ({:.2} of limit)", search.as_secs_f64() / SEARCH.as_secs_f64()),
            _ => format!("{search:.2?}"),
        };
        println!("{count:>10} {check:>18} {start:>24} {each:>14} {search:>22}");
    }
    with_communes().await?;
    with_plugins().await
}

/// Measures 2,000 procedures each of which all communes offer.
async fn with_communes() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let folder = dir.path().join("province");
    write_binhduong(&folder)?;
    generate::only_of_communes(&folder)?;
    generate::communes(&folder, COMMUNES)?;
    generate::procedures(&folder, 2_000)?;
    let check = check(&folder, 2_000)?;
    start(&folder).await?;
    let (start, _) = start(&folder).await?;
    let share = |time: Duration, limit: Duration| time.as_secs_f64() / limit.as_secs_f64();
    println!(
        "2000 procedures of {COMMUNES} communes each: {check:.0?} to check ({:.2} of limit), \
         {start:.0?} to the first answer ({:.2} of limit)",
        share(check, CHECK),
        share(start, START)
    );
    Ok(())
}

/// Measures the start of 2,000 procedures that share plugins which were compiled before.
async fn with_plugins() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let folder = dir.path().join("province");
    write_binhduong(&folder)?;
    generate::procedures(&folder, 2_000)?;
    let component = (BUILTIN.component)("enterprise").context("a plugin of the kit")?;
    generate::plugins(&folder, &variants(component, PLUGINS))?;
    start(&folder).await?;
    let (time, _) = start(&folder).await?;
    let share = time.as_secs_f64() / START.as_secs_f64();
    println!("2000 procedures that share {PLUGINS} plugins: {time:.0?} to the first answer ({share:.2} of limit)");
    Ok(())
}

fn check(folder: &Path, count: usize) -> anyhow::Result<Duration> {
    let begun = Instant::now();
    let found = load(folder, &BUILTIN, date(2026, 11, 24));
    let time = begun.elapsed();
    let shown = found.mistakes.first().map(|mistake| mistake.render(false, Language::En));
    anyhow::ensure!(found.mistakes.is_empty(), "{}", shown.unwrap_or_default());
    anyhow::ensure!(found.install.declared.len() == count, "{} procedures", found.install.declared.len());
    Ok(time)
}

fn search(folder: &Path) -> anyhow::Result<Duration> {
    let install = load(folder, &BUILTIN, date(2026, 11, 24)).install;
    let mut offers = OfferReader::new(&install.province);
    let live = |(at, one): (usize, motcua_service::catalogue::Declared)| {
        let version = one.version;
        let history = vec![Release {
            number: i64::try_from(at).unwrap_or_default() + 1,
            code: one.procedure.code.clone(),
            version: version.clone(),
            retired: false,
            by_folder: true,
            at: 0,
            by: String::new(),
            changes: Vec::new(),
        }];
        let offers = offers.offers_of(&one.procedure);
        Live { procedure: one.procedure, version, history, offers }
    };
    let all = install.declared.into_iter().enumerate().map(live).collect();
    let snapshot = Snapshot::new(1, all, &install.province.synonyms)?;
    let mut times = Vec::new();
    for at in 0..1_200 {
        let wanted = SearchWish { words: QUERIES[at % QUERIES.len()].to_owned(), ..SearchWish::default() };
        let begun = Instant::now();
        let found = snapshot.find(&wanted)?.len();
        times.push(begun.elapsed());
        anyhow::ensure!(found > 0, "{} finds nothing", wanted.words);
    }
    times.sort_unstable();
    Ok(times[times.len() * 99 / 100])
}

/// Returns the time until the first page of the portal, and its memory then in bytes.
async fn start(folder: &Path) -> anyhow::Result<(Duration, u64)> {
    let begun = Instant::now();
    let server = Server::start(folder, &[]).await?;
    let page = Browser::new(&server.base).get("/procedures?q=khai+sinh").await;
    let time = begun.elapsed();
    anyhow::ensure!(page.status == 200, "the first page: {}", page.status);
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id().context("a process")?))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("its memory")?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    server.kill().await?;
    Ok((time, kilobytes * 1024))
}
