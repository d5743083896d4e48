//! Plugins as a portal uses them, and dossiers whose plugin fails.

mod webhook;

use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::people::organisation::Role;
use motcua_domain::procedure::plugin::{Grant, PluginLimits};
use motcua_sandbox::{ContractExport, PluginCall, Sandbox, SandboxSetup};
use motcua_service::Error;
use motcua_store::journal;
use motcua_tests::flow::{COUNTER, LEADER, Office, PROCEDURE, With, workflow};
use motcua_tests::plugin::{self, findings, sandbox, validator};
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
    assert_eq!(sandbox.about(&motcua_sandbox::digest(&component)).expect("loaded").exports, [ContractExport::Validate]);
}

#[test]
fn the_enterprise_plugin_stays_well_within_its_limits() {
    let sandbox = sandbox();
    let bytes = (motcua::runtime::BUILTIN.component)("enterprise").expect("it comes with the kit");
    let limits = PluginLimits { fuel: 2_000_000, memory: 2 << 20, ..PluginLimits::default() };
    let component = sandbox.load(bytes, &limits).expect("it can be loaded");
    let member = |number: usize| json!({"name": "An", "citizen_number": format!("{number:012}"), "share": 2.0, "contribution": 1});
    let members: Vec<_> = (0..50).map(member).collect();
    let values = json!({"charter_capital": 50, "members": members});
    let ask = PluginCall { component: &component, limits, grant: &Grant::default(), applicant: "" };
    let (found, spent) = sandbox.validate(&ask, &json!({"procedure": "x", "today": "2026-11-24", "values": values}));
    assert_eq!(found, Ok(vec![]));
    assert!(spent.fuel > 10_000, "{spent:?}");
}

#[test]
fn every_plugin_of_the_kit_can_be_loaded_and_imports_only_what_is_offered() {
    let sandbox = Sandbox::new(SandboxSetup::default()).expect("a sandbox");
    for name in motcua_first_party::NAMES {
        let bytes = motcua_first_party::component(name).expect("it comes with the kit");
        let digest = sandbox.load(bytes, &PluginLimits::default()).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let about = sandbox.about(&digest).expect("loaded");
        assert!(!about.exports.is_empty());
        let http = about.imports.iter().any(|import| import.contains("/http@"));
        assert_eq!(http, *name == "webhook", "{name}: {:?}", about.imports);
    }
}

/// Serves a province whose company procedure asks a plugin that crashes.
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
    lan.get(&dossier).await.ok().has(&["chưa được kiểm tra tự động"]);
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

/// Returns the procedure of the test office with these plugins and a second page, whose answers are proposed.
fn procedure(plugins: &str, flow: u32) -> String {
    let head = PROCEDURE.replacen("[[section]]", &format!("{plugins}\n\n[[section]]"), 1);
    format!(
        r#"{head}
[[section]]
id = "more"
title = "Thêm"

[[section.field]]
id = "flow"
label = "Lưu lượng"
kind = "integer"
default = "{flow}"

[[section.field]]
id = "full_name"
label = "Họ tên"
kind = "text"
required = false
"#
    )
}

const FILE: &str = "procedures/so-tnmt/thu/procedure.toml";

/// Returns a workflow with two ways, of which the plugin chooses one, and with an officer whom it chooses.
fn ways() -> String {
    workflow(&[
        "a counter | propose advance; to = 'b'; requires = ['plugin'] | send-to-ministry advance; to = 'b'; requires = ['plugin'] | ask request-supplement",
        "b specialist; assign = { by = 'plugin' } | done hand-over",
    ])
}

on_both_kinds! {
    a_plugin_chooses_the_action_and_the_officer
    a_plugin_chooses_the_officer_of_a_step_that_begins_with_the_last_answer_or_the_last_branch
    a_plugin_that_fails_leaves_the_choice_to_the_officer_with_a_note_unless_the_author_says_no
    a_form_is_begun_with_what_is_known_and_what_is_owed_follows_what_is_answered
    a_plugin_that_fails_is_shown_with_figures_and_suspended_by_an_administrator_on_all_nodes
    a_plugin_that_cannot_start_is_suspended_by_itself
    a_plugin_of_an_older_version_is_ready_before_anybody_asks
    who_may_not_act_troubles_no_plugin
}

async fn a_plugin_chooses_the_action_and_the_officer(kind: Kind) {
    let plugins = "[[plugin]]\nbuiltin = \"groundwater\"\nsettings = { ministry_from = 3000 }";
    let office = Office::open(kind, &ways(), &[(FILE, &procedure(plugins, 500))]).await;
    let case = office.file(true, false).await;
    assert_eq!(case.act(COUNTER, "send-to-ministry").await, Err(Refusal::NotByRules));
    let dossier = case.act(COUNTER, "propose").await.expect("the plugin chose it");
    let has = dossier.flow.stays[0].assignee.as_ref().expect("the plugin chose an officer");
    assert_eq!(has.role, Role::Specialist);
    // The choice is in the journal, and the plugin makes it again.
    let events = journal::events(office.services.database().reader(), &case.code).await.expect("read");
    let questions: Vec<&str> = events[1].choices.iter().map(|choice| choice.question.as_str()).collect();
    assert_eq!(questions, ["action:a", "officer:b"]);
    let replayed = office.services.plugins.replay(&case.code).await.expect("replayed");
    assert_eq!(replayed.len(), 3, "{replayed:?}");
    assert!(replayed.iter().all(|one| one.differences.is_empty() && one.fuel > 0), "{replayed:?}");
}

async fn a_plugin_chooses_the_officer_of_a_step_that_begins_with_the_last_answer_or_the_last_branch(kind: Kind) {
    let asks = [
        "a counter | go advance; to = 'ask'",
        "ask specialist; ask = { units = ['so-tnmt/moi-truong', 'so-tnmt/khoang-san'], then = 'd' } | on answer",
        "d specialist; assign = { by = 'plugin' } | done hand-over",
    ];
    // The branch that ends, and does not go on to the join, is the last thing for which the join waits.
    let joins = [
        "a counter | go advance; to = ['b', 'c']",
        "b specialist; at = 'so-tnmt/moi-truong' | on advance; to = 'd'",
        "c specialist; at = 'so-tnmt/khoang-san' | on finish | more advance; to = 'd'",
        "d specialist; assign = { by = 'plugin' }; join = 'begun' | done hand-over",
    ];
    let plugins = "[[plugin]]\nbuiltin = \"groundwater\"\nsettings = { ministry_from = 3000 }";
    for steps in [&asks[..], &joins[..]] {
        let office = Office::open(kind, &workflow(steps), &[(FILE, &procedure(plugins, 500))]).await;
        let case = office.file(true, false).await;
        for (who, action) in [(COUNTER, "go"), ("bao.tnmt", "on"), ("duong.tnmt", "on")] {
            case.act(who, action).await.expect(action);
        }
        assert_eq!(case.open().await, "d");
        let dossier = case.dossier().await;
        assert!(dossier.flow.stays[0].assignee.is_some(), "the plugin chose an officer");
    }
}

async fn a_plugin_that_fails_leaves_the_choice_to_the_officer_with_a_note_unless_the_author_says_no(kind: Kind) {
    for (on_failure, without, with) in
        [("wait", Refusal::RuleUnanswered, Ok(())), ("refuse", Refusal::RuleFailed, Err(Refusal::RuleFailed))]
    {
        let name = plugin::exported("route");
        let module = format!(
            r#"(module (memory (export "memory") 1)
                (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
                (func (export "{name}") (param i32 i32 i32 i32 i32 i32) (result i32) unreachable))"#
        );
        let component = plugin::encoded(&module, "router", StringEncoding::UTF8);
        let plugins = format!("[[plugin]]\ncomponent = \"route.wasm\"\non_failure = \"{on_failure}\"");
        let first = procedure("[[plugin]]\nbuiltin = \"groundwater\"", 500);
        let mut office = Office::open(kind, &ways(), &[(FILE, &first)]).await;
        std::fs::write(office.dir.path().join("procedures/so-tnmt/thu/route.wasm"), &component).expect("written");
        office.write(FILE, &procedure(&plugins, 500));
        office.reopen().await;
        let case = office.file(true, false).await;
        assert_eq!(case.act(COUNTER, "propose").await.map(drop), Err(without), "{on_failure}");
        let noted = case.act_with(COUNTER, "propose", With { note: "Đã tự kiểm tra.", ..With::default() }).await;
        assert_eq!(noted.map(drop), with, "{on_failure}");
    }
}

async fn a_form_is_begun_with_what_is_known_and_what_is_owed_follows_what_is_answered(kind: Kind) {
    let plugins = "[[plugin]]\nbuiltin = \"identity\"\n\n[[plugin]]\nbuiltin = \"groundwater\"\n\n[[fee]]\nname = \"Lệ phí\"\namount = 50_000";
    let thu = workflow(&["a counter | done hand-over"]);
    let office = Office::open(kind, &thu, &[(FILE, &procedure(plugins, 300))]).await;
    let case = office.file(true, false).await;
    let dossier = case.dossier().await;
    assert_eq!(dossier.values["full_name"], json!("Nguyễn Văn An"), "the identity plugin proposed it");
    let amounts: Vec<i64> = dossier.filed.fees.iter().map(|line| line.amount.0).collect();
    assert_eq!(amounts, [50_000, 1_100_000], "the procedure's own, and the plugin's");
    assert_eq!(dossier.verdicts.len(), 2);
}

#[test]
fn settings_of_the_plugins_of_the_kit_are_proved_by_their_schemas() {
    let sandbox = sandbox();
    let fees = json!([[200, 400_000], [500, 1_100_000]]);
    for (name, settings, words) in [
        ("groundwater", json!({ "deepest": "120" }), Some("/deepest")),
        ("groundwater", json!({ "depest": 120 }), Some("depest")),
        ("groundwater", json!({ "fees": [[200]] }), Some("/fees")),
        ("groundwater", json!({ "deepest": 120, "fees": fees }), None),
        ("groundwater", json!({}), None),
        ("webhook", json!({}), Some("url")),
        ("webhook", json!({ "url": "https://esb.example.vn/hook" }), None),
        ("enterprise", json!({ "unknown": 1 }), Some("unknown")),
        ("birth", json!({}), None),
        ("identity", json!({}), None),
        ("land", json!({}), None),
    ] {
        let component = motcua_first_party::component(name).expect("it comes with the kit");
        let digest = sandbox.load(component, &PluginLimits::default()).expect("it can be loaded");
        let wrong = sandbox.wrong_settings(&digest, settings.as_object().expect("an object"));
        match words {
            Some(words) => assert!(wrong.iter().any(|wrong| wrong.contains(words)), "{name} {settings}: {wrong:?}"),
            None => assert!(wrong.is_empty(), "{name} {settings}: {wrong:?}"),
        }
    }
}

/// Opens an office whose procedure asks this component.
async fn asking(kind: Kind, component: &[u8]) -> Office {
    let thu = workflow(&["a counter | done hand-over"]);
    let mut office = Office::open(kind, &thu, &[]).await;
    std::fs::write(office.dir.path().join("procedures/so-tnmt/thu/validate.wasm"), component).expect("written");
    office.write(FILE, &procedure("[[plugin]]\ncomponent = \"validate.wasm\"", 300));
    office.reopen().await;
    office
}

#[test]
fn what_a_plugin_cannot_read_is_its_own_fault_and_no_finding_for_the_applicant() {
    let sandbox = sandbox();
    let component = motcua_first_party::component("enterprise").expect("it comes with the kit");
    let digest = sandbox.load(component, &PluginLimits::default()).expect("it can be loaded");
    let ask =
        PluginCall { component: &digest, limits: PluginLimits::default(), grant: &Grant::default(), applicant: "an" };
    let mut dossier = plugin::dossier();
    dossier["values"] = json!({ "members": "Lê Thị Mật" });
    let (answer, spent) = sandbox.validate(&ask, &dossier);
    assert!(answer.as_ref().is_err_and(motcua_sandbox::PluginFault::is_the_plugins), "{answer:?}");
    assert!(spent.log.iter().any(|line| line.contains("does not fit")), "{spent:?}");
    assert!(spent.log.iter().all(|line| !line.contains("Mật")), "{spent:?}");
}

async fn a_plugin_that_fails_is_shown_with_figures_and_suspended_by_an_administrator_on_all_nodes(kind: Kind) {
    let component = validator("unreachable");
    let mut office = asking(kind, &component).await;
    let digest = motcua_sandbox::digest(&component);
    let (admin, counter) = (office.actor("quantri").await, office.actor(COUNTER).await);
    // Accounts cost nothing, so failures for many of them suspend nothing.
    for citizen in 0..10 {
        if citizen > 5 {
            office.next_citizen(&format!("091234560{citizen}")).await;
        }
        let dossier = office.file(true, false).await.dossier().await;
        assert!(dossier.verdicts[0].fault.as_deref().is_some_and(|fault| fault.contains("unreachable")));
    }
    let view = office.services.plugins.plugin(&admin, &digest).await.expect("an administrator looks");
    assert_eq!((view.figures.failures, view.figures.failing_for(), view.suspended), (10, 5, None));
    assert!(office.services.plugins.unchecked(&counter).is_empty());
    office.services.plugins.suspend_plugin(&admin, &digest).await.expect("suspended");
    assert_eq!(office.services.plugins.unchecked(&counter).len(), 1, "the agency is told");
    assert!(office.services.plugins.unchecked(&office.actor("lan.khdt").await).is_empty(), "other agencies are not");
    // Dossiers are still filed. The plugin is no longer called, not even on another node.
    let dossier = office.file(true, false).await.dossier().await;
    assert_eq!(dossier.verdicts[0].fault.as_deref(), Some("the plugin is suspended"));
    let options = motcua::runtime::RuntimeOptions::migrating();
    let other = motcua::runtime::open(office.dir.path(), office.clock.clone(), options).await.expect("a node").services;
    assert_eq!(other.plugins.unchecked(&counter).len(), 1);
    other.plugins.resume_plugin(&admin, &digest).await.expect("resumed");
    office.services.plugins.follow_suspensions().await.expect("followed");
    assert!(office.services.plugins.unchecked(&counter).is_empty());
    office.services.plugins.suspend_plugin(&admin, &digest).await.expect("suspended");
    let view = other.plugins.plugin(&admin, &digest).await.expect("an administrator looks");
    assert_eq!(view.suspended.map(|known| known.by), Some("Mai Xuân Trường".to_owned()));
    assert!(matches!(
        office.services.plugins.suspend_plugin(&counter, &digest).await,
        Err(Error::Refused(Refusal::NotAllowed))
    ));
}

async fn a_plugin_that_cannot_start_is_suspended_by_itself(kind: Kind) {
    let other = "(func $start unreachable) (start $start)".to_owned();
    let component = plugin::Module { other, ..Default::default() }.component();
    let office = asking(kind, &component).await;
    let (admin, counter) = (office.actor("quantri").await, office.actor(COUNTER).await);
    for _ in 0..motcua_sandbox::MOST_FAILED_STARTS {
        assert!(office.services.plugins.unchecked(&counter).is_empty());
        office.file(true, false).await;
    }
    let view = office
        .services
        .plugins
        .plugin(&admin, &motcua_sandbox::digest(&component))
        .await
        .expect("an administrator looks");
    let suspension = view.suspended.expect("it is suspended");
    assert!(suspension.by.is_empty() && suspension.reason.contains("cannot be started"), "{suspension:?}");
    assert_eq!(office.services.plugins.unchecked(&counter).len(), 1, "the agency is told");
}

async fn a_plugin_of_an_older_version_is_ready_before_anybody_asks(kind: Kind) {
    let component = validator(&findings(0));
    let thu = workflow(&["a counter | done hand-over"]);
    let mut office = Office::open(kind, &thu, &[]).await;
    std::fs::write(office.dir.path().join("procedures/so-tnmt/thu/validate.wasm"), &component).expect("written");
    office.write(FILE, &procedure("[[plugin]]\ncomponent = \"validate.wasm\"", 300));
    office.reopen().await;
    let code = office.file(true, false).await.code;
    office.write(FILE, &procedure("", 300));
    office.reopen().await;
    // The compiled code is gone, as on a new machine.
    let compiled = office.dir.path().join("data/compiled");
    let is_there = || {
        let files = std::fs::read_dir(&compiled).into_iter().flatten().filter_map(Result::ok);
        let names: Vec<_> = files.map(|file| file.file_name().to_string_lossy().into_owned()).collect();
        names.iter().any(|name| name.starts_with(motcua_sandbox::digest(&component).as_str()))
    };
    assert!(is_there());
    std::fs::remove_dir_all(&compiled).expect("removed");
    office.reopen().await;
    assert!(is_there(), "the dossier {code} follows the older version");
}

async fn who_may_not_act_troubles_no_plugin(kind: Kind) {
    let office = Office::open(kind, &ways(), &[(FILE, &procedure("[[plugin]]\nbuiltin = \"groundwater\"", 500))]).await;
    let case = office.file(true, false).await;
    let calls = async || {
        let admin = office.actor("quantri").await;
        office.services.plugins.list(&admin).await.expect("an administrator looks")[0].figures.calls
    };
    let before = calls().await;
    assert_eq!(case.act(LEADER, "propose").await.map(drop), Err(Refusal::NotAllowed));
    assert_eq!(calls().await, before);
    case.act(COUNTER, "propose").await.expect("done");
    assert!(calls().await > before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_plugin_says_is_text_on_the_page_and_nothing_else() {
    let app = App::start(Kind::Sqlite).await;
    let folder = app.dir.path().join("procedures/so-khdt/thanh-lap-cong-ty-tnhh-hai-thanh-vien");
    let words = "<script>alert(1)</script><b onclick=x>\u{202e}đảo";
    let escaped = words.bytes().map(|byte| format!("\\{byte:02x}")).collect::<Vec<_>>().concat();
    let length = u32::try_from(words.len()).expect("short");
    let component = plugin::Module {
        other: format!(r#"(data (i32.const 16384) "{escaped}")"#),
        validate: plugin::one_finding(16_384, length, 1),
        ..plugin::Module::default()
    };
    std::fs::write(folder.join("validate.wasm"), component.component()).expect("written");
    let file = folder.join("procedure.toml");
    let text = std::fs::read_to_string(&file).expect("the procedure");
    std::fs::write(&file, text.replace("builtin = \"enterprise\"", "component = \"validate.wasm\"")).expect("written");
    let base = serve_again(app.dir.path(), app.clock.clone()).await;
    let citizen = motcua_tests::browser::Browser::new(&base);
    citizen.register("Nguyễn Văn An", "0912345678", motcua_tests::portal::PASSWORD).await;
    let draft = walk::company_draft(&citizen).await;
    let review = citizen.get(&format!("{draft}/review")).await.ok();
    assert!(review.body.contains("&lt;script&gt;alert(1)"), "it is shown as it was written");
    assert!(!review.body.contains("<script>alert") && !review.body.contains('\u{202e}'));
    // Its path is of no field, so it stands with the form as a whole.
    let filed = walk::file(&citizen, &draft).await;
    assert!(!citizen.get(&filed).await.ok().body.contains("<script>alert"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dossier_replays_to_the_same_verdict_on_another_machine() {
    let app = App::start(Kind::Sqlite).await;
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let filed = walk::company(&citizen).await;
    let code = filed.trim_start_matches("/dossiers/");
    // Another machine has the folder and the database, and compiles for itself.
    let other = tempfile::tempdir().expect("a folder");
    let copied = std::process::Command::new("cp").arg("-r").arg(app.dir.path().join(".")).arg(other.path()).status();
    assert!(copied.expect("cp").success());
    std::fs::remove_dir_all(other.path().join("data/compiled")).expect("what was compiled stays here");
    let replay = |dir: &std::path::Path| {
        let mut command = motcua_tests::process::motcua();
        let output = command.args(["dossier", "replay", code, "--dir"]).arg(dir).output().expect("it runs");
        (output.status.success(), String::from_utf8(output.stdout).expect("text"))
    };
    let (fine, said) = replay(other.path());
    assert!(fine && said.contains("enterprise") && said.contains("1 answers, each the same"), "{said}");
    assert_eq!(replay(app.dir.path()), (fine, said));
    // A registry that has changed since is named.
    let registry = other.path().join("registries/forbidden_names.csv");
    let names = std::fs::read_to_string(&registry).expect("a registry");
    std::fs::write(&registry, names + "9,An Bình\n").expect("written");
    let (fine, said) = replay(other.path());
    assert!(!fine && said.contains("the registry `forbidden_names` has changed since"), "{said}");
    assert!(said.contains("the findings differ"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_a_plugin_computes_is_shown_and_kept() {
    let app = App::start(Kind::Sqlite).await;
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::begin(&citizen, "/procedures/so-tnmt/tach-thua-hop-thua-dat").await;
    citizen.get(&format!("{draft}/1")).await.ok().has(&["value=\"Nguyễn Văn An\""]);
    let typed = [
        ("sheet", "2"),
        ("plot", "7"),
        ("plot_area", "121,5"),
        ("wish", "divide"),
        ("parts.0.area", "60,5"),
        ("parts.1.area", "61"),
        ("do", "next"),
    ];
    citizen.upload(&format!("{draft}/2"), &typed, &[]).await;
    citizen.get(&format!("{draft}/review")).await.ok().has(&["Tổng diện tích các thửa sau khi tách", "121,5 m²"]);
}

#[test]
fn a_grant_that_is_wider_than_the_province_allows_is_refused_everywhere() {
    let dir = tempfile::tempdir().expect("a folder");
    motcua::folder::write_binhduong(dir.path()).expect("the sample province");
    let file = dir.path().join("procedures/so-khdt/thanh-lap-cong-ty-tnhh-hai-thanh-vien/procedure.toml");
    let text = std::fs::read_to_string(&file).expect("the procedure");
    let wide = "limits = { fuel = 30_000_000 }\n\n[[plugin.http]]\norigin = \"https://esb.example.vn\"\n";
    std::fs::write(&file, text.replace("on_failure = \"wait\"\n", &format!("on_failure = \"wait\"\n{wide}")))
        .expect("written");
    let text = std::fs::read_to_string(&file).expect("the procedure");
    // The grant's other line stands after its table now, and moves before it.
    let text = text.replace("lookup = [\"business_lines\", \"forbidden_names\"]\n", "");
    std::fs::write(&file, text).expect("written");
    let mut command = motcua_tests::process::motcua();
    let output = command.arg("check").arg(dir.path()).output().expect("it runs");
    let said = String::from_utf8(output.stdout).expect("text");
    assert!(said.contains("does not let plugins send requests to `https://esb.example.vn`"), "{said}");
    assert!(said.contains("`fuel` may be at most 20000000, the procedure wants 30000000"), "{said}");
    let mut command = motcua_tests::process::motcua();
    let output = command.arg("serve").arg("--dir").arg(dir.path()).args(["--listen", "127.0.0.1:0"]).output();
    let said = String::from_utf8(output.expect("it runs").stderr).expect("text");
    assert!(said.contains("see [plugins] in motcua.toml"), "{said}");
}
