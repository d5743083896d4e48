//! The cost of plugins: a call beside bare wasmtime and the same rules in native Rust, loading from the cache, and the
//! pages of a portal while hostile plugins run. Prints ratios of times that were measured in turn within one run.

use anyhow::{Context as _, bail};
use clap::Parser;
use motcua_domain::names::Digest;
use motcua_domain::procedure::plugin::{Grant, PluginLimits};
use motcua_plugin_enterprise::Company;
use motcua_sandbox::{ComponentCache, PluginCall, Sandbox, SandboxSetup};
use motcua_tests::plugin::{validator, variants};
use motcua_tests::portal::{App, Kind};
use serde_json::{Value as Json, json};
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use wasmtime::component::{Component, ComponentType, Lift, Linker};
use wasmtime::{
    Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Store, StoreLimits, StoreLimitsBuilder,
};

#[derive(Debug, Parser)]
struct Options {
    /// Rounds of a thousand calls each.
    #[arg(long, default_value_t = 10)]
    rounds: usize,
    /// The seconds of each measurement of pages.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    calls(options.rounds)?;
    start()?;
    tokio::runtime::Runtime::new()?.block_on(pages(options.seconds))
}

/// Returns a dossier of some 200 bytes.
fn dossier() -> Json {
    json!({ "procedure": "2.001199", "today": "2026-11-24", "values": { "charter_capital": 3, "members": [
        { "citizen_number": "074085000123", "share": 60.0, "contribution": 2 },
        { "citizen_number": "074190004567", "share": 40.0, "contribution": 1 } ] } })
}

fn enterprise() -> anyhow::Result<&'static [u8]> {
    motcua_first_party::component("enterprise").context("it comes with the kit")
}

#[derive(Debug, ComponentType, Lift)]
#[component(record)]
struct Text {
    vi: String,
    en: String,
}

#[derive(Debug, Clone, Copy, ComponentType, Lift)]
#[component(enum)]
#[repr(u8)]
#[expect(dead_code, reason = "made by wasmtime")]
enum Severity {
    #[component(name = "error")]
    Error,
    #[component(name = "warning")]
    Warning,
}

#[derive(Debug, ComponentType, Lift)]
#[component(record)]
struct Finding {
    path: String,
    code: String,
    severity: Severity,
    text: Text,
}

/// Returns a call of a fresh instance by wasmtime alone. Pooling, fuel, epochs and limits are those of the portal,
/// without anything else around the call.
fn bare(component: &[u8]) -> wasmtime::Result<impl Fn(&str) -> anyhow::Result<usize>> {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(64)
        .max_memory_size(16 << 20)
        .table_elements(10_000)
        .linear_memory_keep_resident(256 << 10)
        .table_keep_resident(16 << 10);
    let mut config = Config::new();
    config.consume_fuel(true).epoch_interruption(true).max_wasm_stack(512 << 10).cranelift_nan_canonicalization(true);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    let engine = Engine::new(&config)?;
    let component = Component::from_binary(&engine, component)?;
    let mut linker = Linker::<StoreLimits>::new(&engine);
    linker.define_unknown_imports_as_traps(&component)?;
    let pre = linker.instantiate_pre(&component)?;
    let (_, instance) = component
        .get_export(None, "motcua:procedure/validate@0.2.0")
        .ok_or_else(|| wasmtime::format_err!("no interface"))?;
    let (_, function) =
        component.get_export(Some(&instance), "validate").ok_or_else(|| wasmtime::format_err!("no function"))?;
    let call = move |input: &str| -> wasmtime::Result<usize> {
        let limits = StoreLimitsBuilder::new().memory_size(16 << 20).table_elements(10_000).instances(4).build();
        let mut store = Store::new(&engine, limits);
        store.limiter(|limits| limits);
        store.set_fuel(20_000_000)?;
        store.set_epoch_deadline(10);
        let instance = pre.instantiate(&mut store)?;
        let validate = instance.get_typed_func::<(&str,), (Vec<Finding>,)>(&mut store, function)?;
        // The whole answer is read, as in the portal.
        let size = |found: &Finding| {
            found.path.len() + found.code.len() + found.text.vi.len() + found.text.en.len() + found.severity as usize
        };
        Ok(validate.call(&mut store, (input,))?.0.iter().map(size).sum())
    };
    Ok(move |input: &str| call(input).map_err(plain))
}

fn plain(error: wasmtime::Error) -> anyhow::Error {
    anyhow::anyhow!("{error:#}")
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Returns the microseconds of one of a thousand calls.
fn measured(mut call: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    let begun = Instant::now();
    for _ in 0..1000 {
        call()?;
    }
    Ok(begun.elapsed().as_secs_f64() * 1000.0)
}

fn calls(rounds: usize) -> anyhow::Result<()> {
    let (input, dossier) = (dossier().to_string(), dossier());
    let alone = bare(enterprise()?).map_err(plain)?;
    let sandbox = Sandbox::new(SandboxSetup::default())?;
    let component = sandbox.load(enterprise()?, &PluginLimits::default())?;
    let ask =
        PluginCall { component: &component, limits: PluginLimits::default(), grant: &Grant::default(), applicant: "" };
    let (mut bares, mut ours, mut natives) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        bares.push(measured(|| {
            black_box(alone(&input)?);
            Ok(())
        })?);
        ours.push(measured(|| {
            black_box(sandbox.validate(&ask, &dossier).0?);
            Ok(())
        })?);
        natives.push(measured(|| {
            black_box(motcua_plugin_sdk::ready::findings::<Company>(&input));
            Ok(())
        })?);
    }
    let (bare, ours, native) = (median(bares), median(ours), median(natives));
    println!("a call of a fresh instance, {} bytes handed in (middle of {rounds} rounds of 1,000):", input.len());
    println!("  native Rust    {native:.1} µs");
    println!("  bare wasmtime  {bare:.1} µs");
    println!("  the sandbox    {ours:.1} µs: {:.2} times bare wasmtime (at most 1.3)", ours / bare);
    Ok(())
}

fn resident() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

fn start() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let portal = || {
        Sandbox::new(SandboxSetup {
            cache: Some(ComponentCache::new(folder.path(), [7; 64])),
            ..SandboxSetup::default()
        })
    };
    let components = variants(enterprise()?, 40);
    let all = |sandbox: &Sandbox| -> anyhow::Result<()> {
        for component in &components {
            sandbox.load(component, &PluginLimits::default())?;
        }
        Ok(())
    };
    let begun = Instant::now();
    all(&portal()?)?;
    let compiled = begun.elapsed();
    let before = resident()?;
    let begun = Instant::now();
    let sandbox = portal()?;
    all(&sandbox)?;
    let loaded = begun.elapsed();
    let idle = resident()?.saturating_sub(before);
    println!(
        "40 plugins: compiled in {} ms; from the cache in {} ms ({:.2} of a second)",
        compiled.as_millis(),
        loaded.as_millis(),
        loaded.as_secs_f64()
    );
    println!("  resident memory of an idle plugin: {} kB", idle / 40);
    Ok(())
}

/// The pages a second that citizens request.
const RATE: u64 = 100;

/// Requests pages at a fixed rate. Returns the milliseconds of each, from the moment at which it was due.
async fn ask(base: &str, seconds: u64) -> anyhow::Result<Vec<f64>> {
    motcua_store::install_crypto_provider();
    let client = reqwest::Client::new();
    let paths = ["/", "/procedures", "/procedures/ubnd-phu-cuong/dang-ky-khai-sinh", "/procedures?q=khai+sinh"];
    let begun = tokio::time::Instant::now();
    let mut asked = Vec::new();
    for number in 0..RATE * seconds {
        let due = begun + Duration::from_millis(number * 1000 / RATE);
        tokio::time::sleep_until(due).await;
        let (client, url) = (client.clone(), format!("{base}{}", paths[usize::try_from(number)? % paths.len()]));
        asked.push(tokio::spawn(async move {
            let answer = client.get(url).send().await?;
            let fine = answer.status().is_success();
            answer.bytes().await?;
            Ok::<_, reqwest::Error>((fine, due.elapsed().as_secs_f64() * 1000.0))
        }));
    }
    let mut times = Vec::new();
    for one in asked {
        let (fine, time) = one.await??;
        if !fine {
            bail!("a page was not answered");
        }
        times.push(time);
    }
    times.sort_by(f64::total_cmp);
    Ok(times)
}

fn at(times: &[f64], per_cent: usize) -> f64 {
    times.get(times.len() * per_cent / 100).copied().unwrap_or_default()
}

/// Calls sixty-four plugins that never end over and over, until `stop`.
fn siege(sandbox: &Sandbox, hostile: &[Digest], stop: &Arc<AtomicBool>) {
    for component in hostile {
        again(sandbox.clone(), component.clone(), stop.clone());
    }
}

fn again(sandbox: Sandbox, component: Digest, stop: Arc<AtomicBool>) {
    let own = sandbox.clone();
    let asked = component.clone();
    let work = move || {
        let ask =
            PluginCall { component: &asked, limits: PluginLimits::default(), grant: &Grant::default(), applicant: "" };
        black_box(own.validate(&ask, &json!({})).0.is_err());
        own.suspend(&asked, false);
        if !stop.load(Ordering::Relaxed) {
            again(own.clone(), asked.clone(), stop.clone());
        }
    };
    // The sandbox does not call a plugin with too many calls. The others go on.
    let _ = sandbox.spawn([&component].into_iter(), work);
}

async fn pages(seconds: u64) -> anyhow::Result<()> {
    let app = App::start_on(Kind::Sqlite, None).await?;
    let sandbox = Sandbox::new(SandboxSetup::default())?;
    let body = |number: usize| format!("(drop (i32.const {number})) (loop (br 0)) (i32.const 0)");
    let load = |number: usize| sandbox.load(&validator(&body(number)), &PluginLimits::default());
    let hostile: Vec<Digest> = (0..64).map(load).collect::<Result<_, _>>()?;
    let (mut quiet, mut besieged) = (Vec::new(), Vec::new());
    ask(&app.base, 2).await?;
    for _ in 0..3 {
        quiet.extend(ask(&app.base, seconds).await?);
        let stop = Arc::new(AtomicBool::new(false));
        siege(&sandbox, &hostile, &stop);
        besieged.extend(ask(&app.base, seconds).await?);
        stop.store(true, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    quiet.sort_by(f64::total_cmp);
    besieged.sort_by(f64::total_cmp);
    let calls: u64 = hostile.iter().filter_map(|component| sandbox.figures(component)).map(|known| known.calls).sum();
    println!(
        "{RATE} pages a second, {} of each: without plugins, and with 64 that never end ({calls} calls):",
        quiet.len()
    );
    for per_cent in [50, 90, 99] {
        let (a, b) = (at(&quiet, per_cent), at(&besieged, per_cent));
        let limit = if per_cent == 99 { " (at most 1.3)" } else { "" };
        println!("  {per_cent} of 100 within {a:.2} ms and {b:.2} ms: {:.2} times{limit}", b / a);
    }
    Ok(())
}
