//! A fresh instance and a call: our sandbox beside Extism, the same rules on the same dossier, in turn in one run.

use anyhow::Context as _;
use extism::{CompiledPlugin, Manifest, Plugin, PluginBuilder, Wasm};
use motcua_domain::procedure::plugin::{Grant, Limits};
use motcua_sandbox::{Ask, Sandbox, Setup};
use serde_json::json;
use std::hint::black_box;
use std::time::{Duration, Instant};

const CALLS: u32 = 1000;

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Returns the microseconds of one of many calls.
fn measured(mut call: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    let begun = Instant::now();
    for _ in 0..CALLS {
        call()?;
    }
    Ok(begun.elapsed().as_secs_f64() * 1_000_000.0 / f64::from(CALLS))
}

fn main() -> anyhow::Result<()> {
    let guest = std::env::args().nth(1).context("name the guest: see tests/peers/extism/run")?;
    let dossier = json!({ "procedure": "2.001199", "today": "2026-11-24", "values": { "charter_capital": 3, "members": [
        { "citizen_number": "074085000123", "share": 60.0, "contribution": 2 },
        { "citizen_number": "074190004567", "share": 40.0, "contribution": 1 } ] } });
    let input = dossier.to_string();

    let manifest = Manifest::new([Wasm::data(std::fs::read(&guest)?)])
        .with_timeout(Duration::from_millis(100))
        .with_memory_max(256);
    let compiled = CompiledPlugin::new(PluginBuilder::new(manifest).with_wasi(true).with_fuel_limit(20_000_000))?;
    let mut reused = Plugin::new_from_compiled(&compiled)?;
    assert_eq!(reused.call::<&str, String>("judge", &input)?, "[]");

    let sandbox = Sandbox::new(Setup::default())?;
    let bytes = motcua_first_party::component("enterprise").context("it comes with the kit")?;
    let component = sandbox.load(bytes, &Limits::default())?;
    let ask = Ask { component: &component, limits: Limits::default(), grant: &Grant::default(), applicant: "" };
    assert_eq!(sandbox.validate(&ask, &dossier).0, Ok(vec![]));

    let (mut theirs, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..10 {
        theirs.push(measured(|| {
            let mut plugin = Plugin::new_from_compiled(&compiled)?;
            black_box(plugin.call::<&str, String>("judge", &input)?);
            Ok(())
        })?);
        ours.push(measured(|| {
            black_box(sandbox.validate(&ask, &dossier).0?);
            Ok(())
        })?);
    }
    let (theirs, ours) = (median(theirs), median(ours));
    println!("a fresh instance and a call, {} bytes handed in:", input.len());
    println!("  Extism       {theirs:.1} µs");
    println!("  the sandbox  {ours:.1} µs: {:.2} of Extism (at most 0.25)", ours / theirs);
    Ok(())
}
