//! The sandbox, and what becomes of a dossier when a plugin fails.

use motcua_domain::names::Digest;
use motcua_sandbox::{Fault, Limits, Sandbox};
use motcua_tests::portal::{App, Kind, serve_again};
use motcua_tests::walk;
use serde_json::json;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// A component whose `validate` has this body in WebAssembly text.
fn component(validate: &str) -> Vec<u8> {
    let module = format!(
        r#"(module
            (memory (export "memory") 1)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
            (func (export "motcua:procedure/validate@0.1.0#validate") (param i32 i32) (result i32) {validate}))"#
    );
    let mut module = wat::parse_str(module).expect("it is WebAssembly");
    let mut resolve = Resolve::default();
    let contract = concat!(env!("CARGO_MANIFEST_DIR"), "/../plugins/wit/v0.1");
    let (package, _) = resolve.push_dir(contract).expect("the contract");
    let world = resolve.select_world(&[package], Some("validator")).expect("the world");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false).expect("metadata");
    ComponentEncoder::default().module(&module).expect("a module").encode().expect("a component")
}

fn run(sandbox: &Sandbox, validate: &str) -> Result<usize, Fault> {
    let digest = sandbox.load(&component(validate)).expect("it can be loaded");
    sandbox.validate(&digest, &json!({"values": {}})).map(|findings| findings.len())
}

fn sandbox() -> Sandbox {
    Sandbox::new(Limits::default()).expect("a sandbox")
}

/// Gives a list of `count` findings that lie where there are only zeros.
fn findings(count: u32) -> String {
    format!(
        "(i32.store (i32.const 2048) (i32.const 8192)) (i32.store (i32.const 2052) (i32.const {count})) (i32.const 2048)"
    )
}

#[test]
fn a_plugin_that_answers_is_heard() {
    assert_eq!(run(&sandbox(), &findings(0)), Ok(0));
}

#[test]
fn a_plugin_that_never_ends_is_ended_by_its_budget() {
    let ended = run(&sandbox(), "(loop (br 0)) (i32.const 0)");
    assert!(matches!(&ended, Err(Fault::Ended(reason)) if reason.contains("fuel")), "{ended:?}");
}

#[test]
fn a_plugin_that_never_ends_is_ended_by_the_wall_clock_if_its_budget_is_endless() {
    let sandbox = Sandbox::new(Limits { fuel: u64::MAX, ticks: 3, ..Limits::default() }).expect("a sandbox");
    let ended = run(&sandbox, "(loop (br 0)) (i32.const 0)");
    assert!(matches!(&ended, Err(Fault::Ended(reason)) if reason.contains("interrupt")), "{ended:?}");
}

#[test]
fn a_plugin_that_crashes_asks_for_too_much_memory_or_points_nowhere_is_a_fault() {
    let sandbox = sandbox();
    for body in [
        "unreachable",
        "(drop (memory.grow (i32.const 1024))) (i32.const 0)",
        "(i32.const -4)",
        "(i32.store (i32.const 2048) (i32.const -8)) (i32.store (i32.const 2052) (i32.const 5)) (i32.const 2048)",
    ] {
        assert!(matches!(run(&sandbox, body), Err(Fault::Ended(_))), "{body}");
    }
    assert_eq!(run(&sandbox, &findings(1)), Ok(1), "the sandbox goes on");
}

#[test]
fn a_flood_of_findings_is_not_taken() {
    assert_eq!(run(&sandbox(), &findings(201)), Err(Fault::Flood));
}

#[test]
fn what_is_not_a_component_of_ours_is_not_loaded() {
    let sandbox = sandbox();
    assert!(matches!(sandbox.load(b"not wasm"), Err(Fault::Unfit(_))));
    assert!(matches!(sandbox.load(b"\0asm\x01\0\0\0"), Err(Fault::Unfit(_))), "a module is not a component");
    let foreign = wat::parse_str("(component)").expect("a component");
    assert!(matches!(sandbox.load(&foreign), Err(Fault::Unfit(_))), "it exports nothing");
    assert!(matches!(sandbox.load(&vec![0; 3 << 20]), Err(Fault::TooLarge { .. })));
    let unknown = Digest("0".repeat(64));
    assert_eq!(sandbox.validate(&unknown, &json!({})), Err(Fault::NotLoaded(unknown.clone())));
}

#[test]
fn the_enterprise_plugin_is_bound_by_the_same_limits_and_stays_well_within_them() {
    let sandbox = Sandbox::new(Limits { fuel: 2_000_000, ..Limits::default() }).expect("a sandbox");
    let bytes = (motcua::runtime::BUILTIN.component)("enterprise").expect("it comes with the kit");
    let digest = sandbox.load(bytes).expect("it can be loaded");
    let member = |number: usize| json!({"name": "An", "citizen_number": format!("{number:012}"), "share": 2.0, "contribution": 1});
    let members: Vec<_> = (0..50).map(member).collect();
    let values = json!({"charter_capital": 50, "members": members});
    let found = sandbox.validate(&digest, &json!({"procedure": "x", "today": "2026-11-24", "values": values}));
    assert_eq!(found, Ok(vec![]));
}

/// A province whose company procedure asks a plugin that crashes.
async fn province_with_a_crashing_plugin(app: &App, on_failure: &str) -> String {
    let folder = app.dir.path().join("procedures/so-khdt/thanh-lap-cong-ty-tnhh-hai-thanh-vien");
    std::fs::write(folder.join("validate.wasm"), component("unreachable")).expect("written");
    let file = folder.join("procedure.toml");
    let text = std::fs::read_to_string(&file).expect("the procedure");
    let text = text.replace("builtin = \"enterprise\"", "component = \"validate.wasm\"");
    let text = text.replace("on_failure = \"wait\"", &format!("on_failure = \"{on_failure}\""));
    std::fs::write(&file, text).expect("written");
    serve_again(app.dir.path(), app.clock.clone()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dossier_is_filed_without_a_plugin_that_fails_and_officers_are_told() {
    let app = App::start(Kind::Sqlite).await;
    let base = province_with_a_crashing_plugin(&app, "wait").await;
    let citizen = motcua_tests::browser::Browser::new(&base);
    citizen.register("Nguyễn Văn An", "0912345678", motcua_tests::portal::PASSWORD).await;
    let dossier = walk::company(&citizen).await;
    let lan = motcua_tests::browser::Browser::new(&base);
    lan.log_in("lan.khdt", motcua_tests::portal::PASSWORD).await;
    lan.get(&dossier).await.ok().has(&["Hiện chưa kiểm tra tự động được"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filing_is_refused_with_a_retry_if_the_author_wants_it_so() {
    let app = App::start(Kind::Sqlite).await;
    let base = province_with_a_crashing_plugin(&app, "refuse").await;
    let citizen = motcua_tests::browser::Browser::new(&base);
    citizen.register("Nguyễn Văn An", "0912345678", motcua_tests::portal::PASSWORD).await;
    let draft = walk::company_draft(&citizen).await;
    let page = citizen.post(&format!("{draft}/file"), &[("consent", "yes")]).await;
    assert_eq!(page.status, 422);
    page.has(&["hãy thử nộp lại sau ít phút"]);
    citizen.get("/account").await.ok().has(&["Đang làm dở"]);
}
