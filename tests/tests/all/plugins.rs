//! Plugins as a portal uses them, and what becomes of a dossier when one fails.

use motcua_domain::plugin::{Grant, Limits};
use motcua_sandbox::{Ask, Export, Sandbox, Setup};
use motcua_tests::plugin::{self, sandbox, validator};
use motcua_tests::portal::{App, Kind, serve_again};
use motcua_tests::walk;
use serde_json::json;
use wit_component::StringEncoding;

#[test]
fn a_plugin_of_the_first_contract_is_told_what_that_knew() {
    let contract = include_str!("../../../plugins/wit/v0.1/procedure.wit");
    // Answers as many findings as the input has bytes.
    let module = r#"(module (memory (export "memory") 4)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 65536))
        (func (export "motcua:procedure/validate@0.1.0#validate") (param i32 i32) (result i32)
            (i32.store (i32.const 2048) (i32.const 8192)) (i32.store (i32.const 2052) (local.get 1)) (i32.const 2048)))"#;
    let component = plugin::with_packages(module, &[contract], "validator", StringEncoding::UTF8);
    let sandbox = sandbox();
    let found = plugin::ask(&sandbox, &component).0.expect("an answer");
    assert_eq!(found.len(), r#"{"procedure":"x","today":"2026-11-24","values":{}}"#.len());
    assert_eq!(sandbox.about(&motcua_sandbox::digest(&component)).expect("loaded").exports, [Export::Validate]);
}

#[test]
fn the_enterprise_plugin_stays_well_within_its_limits() {
    let sandbox = sandbox();
    let bytes = (motcua::runtime::BUILTIN.component)("enterprise").expect("it comes with the kit");
    let limits = Limits { fuel: 2_000_000, memory: 2 << 20, ..Limits::default() };
    let component = sandbox.load(bytes, &limits).expect("it can be loaded");
    let member = |number: usize| json!({"name": "An", "citizen_number": format!("{number:012}"), "share": 2.0, "contribution": 1});
    let members: Vec<_> = (0..50).map(member).collect();
    let values = json!({"charter_capital": 50, "members": members});
    let ask = Ask { component: &component, limits, grant: &Grant::default() };
    let (found, spent) = sandbox.validate(&ask, &json!({"procedure": "x", "today": "2026-11-24", "values": values}));
    assert_eq!(found, Ok(vec![]));
    assert!(spent.fuel > 10_000, "{spent:?}");
}

#[test]
fn every_plugin_of_the_kit_can_be_loaded_and_imports_only_what_is_offered() {
    let sandbox = Sandbox::new(Setup::default()).expect("a sandbox");
    for name in motcua_first_party::NAMES {
        let bytes = motcua_first_party::component(name).expect("it comes with the kit");
        let digest = sandbox.load(bytes, &Limits::default()).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let about = sandbox.about(&digest).expect("loaded");
        assert!(!about.exports.is_empty());
        let http = about.imports.iter().any(|import| import.contains("/http@"));
        assert_eq!(http, *name == "webhook", "{name}: {:?}", about.imports);
    }
}

/// A province whose company procedure asks a plugin that crashes.
async fn province_with_a_crashing_plugin(app: &App, on_failure: &str) -> String {
    let folder = app.dir.path().join("procedures/so-khdt/thanh-lap-cong-ty-tnhh-hai-thanh-vien");
    std::fs::write(folder.join("validate.wasm"), validator("unreachable")).expect("written");
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
