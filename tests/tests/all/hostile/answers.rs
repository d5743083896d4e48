//! The answers and the calls of a plugin.

use motcua_domain::form::judge::{Finding, Severity};
use motcua_domain::procedure::plugin::{Grant, PluginLimits};
use motcua_domain::registry::{Registries, Registry, RegistryEntry};
use motcua_domain::text::Text;
use motcua_sandbox::{PluginCall, PluginFault, Sandbox, SandboxSetup};
use motcua_tests::plugin::{
    Module, ask, ask_within, dossier, encoded, exported, findings, one_finding, sandbox, validator,
};
use wit_component::StringEncoding;

fn answer(module: &Module) -> Result<Vec<Finding>, PluginFault> {
    let sandbox = sandbox();
    let answer = ask(&sandbox, &module.component()).0;
    assert_eq!(ask(&sandbox, &validator(&findings(0))).0, Ok(vec![]), "the sandbox goes on");
    answer
}

fn validate(body: &str) -> Module {
    Module { validate: body.to_owned(), ..Module::default() }
}

/// Returns a finding with this text in memory, read in this encoding.
fn said(bytes: &[u8], length: u32, encoding: StringEncoding) -> Result<Vec<Finding>, PluginFault> {
    let escaped = bytes.iter().map(|byte| format!("\\{byte:02x}")).collect::<Vec<_>>().concat();
    let other = format!(r#"(data (i32.const 16384) "{escaped}")"#);
    answer(&Module { other, validate: one_finding(16_384, length, 0), encoding, ..Module::default() })
}

fn text(answer: &Result<Vec<Finding>, PluginFault>) -> &str {
    &answer.as_ref().expect("an answer")[0].text.vi
}

#[test]
fn a_text_that_claims_a_gibibyte_is_not_copied() {
    let fault = answer(&validate(&one_finding(16_384, 1 << 30, 0)));
    assert!(matches!(&fault, Err(PluginFault::Ended(why)) if why.contains("out of bounds")), "{fault:?}");
}

#[test]
fn an_answer_outside_of_memory_is_none() {
    for body in ["(i32.const -4)".to_owned(), "(i32.const 2000000000)".to_owned(), one_finding(u32::MAX - 3, 8, 0)] {
        assert!(matches!(answer(&validate(&body)), Err(PluginFault::Ended(_))), "{body}");
    }
}

#[test]
fn a_list_that_wraps_around_memory_is_none() {
    let body =
        "(i32.store (i32.const 2048) (i32.const -8)) (i32.store (i32.const 2052) (i32.const 5)) (i32.const 2048)";
    assert!(matches!(answer(&validate(body)), Err(PluginFault::Ended(_))));
    let many =
        "(i32.store (i32.const 2048) (i32.const 8192)) (i32.store (i32.const 2052) (i32.const -1)) (i32.const 2048)";
    assert!(matches!(answer(&validate(many)), Err(PluginFault::Ended(_) | PluginFault::Flood)));
}

#[test]
fn findings_that_share_one_large_text_are_counted_each() {
    // 200 findings of 36 bytes share the same text of 40 kB, so together they overlap.
    let body = format!(
        "(local.set $i (i32.const 0))
         (loop
            (i32.store (i32.add (i32.const 8212) (i32.mul (local.get $i) (i32.const 36))) (i32.const 16384))
            (i32.store (i32.add (i32.const 8216) (i32.mul (local.get $i) (i32.const 36))) (i32.const 40000))
            (br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 200))))
         {}",
        findings(200)
    );
    assert_eq!(answer(&validate(&body)), Err(PluginFault::Flood));
}

#[test]
fn ten_million_findings_are_not_taken() {
    assert!(matches!(answer(&validate(&findings(10_000_000))), Err(PluginFault::Ended(_) | PluginFault::Flood)));
    // As many findings as fit.
    let body = format!("(drop (memory.grow (i32.const 250))) {}", findings(450_000));
    assert_eq!(answer(&validate(&body)), Err(PluginFault::Flood));
    assert_eq!(answer(&validate(&findings(201))), Err(PluginFault::Flood));
    assert_eq!(answer(&validate(&findings(200))).map(|found| found.len()), Ok(200));
}

#[test]
fn invalid_utf_8_is_no_text() {
    for bytes in [&b"\xff\xfe"[..], b"\xc0\x80", b"\xed\xa0\x80", b"\xe1\xba", b"\xf5\x80\x80\x80"] {
        let length = u32::try_from(bytes.len()).expect("short");
        let fault = said(bytes, length, StringEncoding::UTF8);
        assert!(matches!(&fault, Err(PluginFault::Ended(why)) if why.contains("utf-8")), "{fault:?}");
    }
}

#[test]
fn utf_16_is_read_and_half_a_pair_is_no_text() {
    let units: Vec<u8> = "Thửa đất".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let length = u32::try_from(units.len() / 2).expect("short");
    assert_eq!(text(&said(&units, length, StringEncoding::UTF16)), "Thửa đất");
    assert!(matches!(said(&[0x00, 0xd8], 1, StringEncoding::UTF16), Err(PluginFault::Ended(_))));
    assert!(matches!(said(&units, 1 << 30, StringEncoding::UTF16), Err(PluginFault::Ended(_))));
}

#[test]
fn latin_1_or_utf_16_is_read_and_half_a_pair_is_no_text() {
    assert_eq!(text(&said(b"\xe0 la", 4, StringEncoding::CompactUTF16)), "à la");
    let units: Vec<u8> = "Thửa".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(text(&said(&units, 4 | 1 << 31, StringEncoding::CompactUTF16)), "Thửa");
    assert!(matches!(said(&[0x00, 0xdc], 1 | 1 << 31, StringEncoding::CompactUTF16), Err(PluginFault::Ended(_))));
    assert!(matches!(said(&units, u32::MAX, StringEncoding::CompactUTF16), Err(PluginFault::Ended(_))));
}

#[test]
fn a_severity_that_is_none_is_no_finding() {
    assert_eq!(answer(&validate(&one_finding(0, 0, 1))).expect("an answer")[0].severity, Severity::Warning);
    for severity in [2, 7, 255] {
        let fault = answer(&validate(&one_finding(0, 0, severity)));
        assert!(matches!(&fault, Err(PluginFault::Ended(why)) if why.contains("discriminant")), "{fault:?}");
    }
}

#[test]
fn control_and_direction_characters_are_taken_out_of_texts() {
    let said = said("a\u{202e}b\u{0}c\u{2066}d\u{7}e\u{200f}<b>".as_bytes(), 19, StringEncoding::UTF8);
    assert_eq!(text(&said), "abcde<b>", "what HTML means by it is the page's to escape");
}

#[test]
fn texts_are_cleaned_as_those_that_people_type_and_stand_on_one_line() {
    let words = "Hoa\u{300}\u{200b}\u{ad}\u{feff}\u{e0041}\r\n\tlà\u{2028}hoa ";
    let length = u32::try_from(words.len()).expect("short");
    assert_eq!(text(&said(words.as_bytes(), length, StringEncoding::UTF8)), "Hoà là hoa");
}

const LOG: &str = r#"(import "motcua:procedure/log@0.2.0" "write" (func $write (param i32 i32)))"#;

#[test]
fn a_flood_of_log_is_cut_off_and_costs_fuel() {
    let flood = Module {
        imports: LOG.to_owned(),
        validate: "(loop (call $write (i32.const 0) (i32.const 1000)) (br 0)) (i32.const 0)".to_owned(),
        other: format!(r#"(data (i32.const 0) "{}")"#, "x".repeat(1000)),
        ..Module::default()
    };
    let (answer, spent) = ask(&sandbox(), &flood.component());
    assert_eq!(answer, Err(PluginFault::Fuel));
    let bytes: usize = spent.log.iter().map(String::len).sum();
    assert!((4000..4200).contains(&bytes), "{bytes}");
}

#[test]
fn a_log_of_empty_lines_is_cut_off_too() {
    let flood = Module {
        imports: LOG.to_owned(),
        validate: "(loop (call $write (i32.const 0) (i32.const 0)) (br 0)) (i32.const 0)".to_owned(),
        ..Module::default()
    };
    assert!(ask(&sandbox(), &flood.component()).1.log.len() <= 4096);
}

#[test]
fn a_log_line_outside_of_memory_ends_the_plugin() {
    let far = Module {
        imports: LOG.to_owned(),
        validate: "(call $write (i32.const -8) (i32.const 100)) (i32.const 0)".to_owned(),
        ..Module::default()
    };
    assert!(matches!(answer(&far), Err(PluginFault::Ended(_))));
}

/// Returns a province with two registries.
fn province() -> Sandbox {
    let entry =
        |code: &str| RegistryEntry { code: code.into(), name: Text::vi(code), parent: None, former: Vec::new() };
    let registry = |codes: &[&str]| Registry::new(codes.iter().map(|code| entry(code)).collect()).into();
    let open = ("open".to_owned(), registry(&["1", "2"]));
    let closed = ("closed".to_owned(), registry(&["1"]));
    Sandbox::new(SandboxSetup { registries: Registries([open, closed].into()), ..SandboxSetup::default() })
        .expect("a sandbox")
}

const FIND: &str = r#"(import "motcua:procedure/lookup@0.2.0" "find" (func $find (param i32 i32 i32 i32 i32)))"#;

/// Returns a module that looks the code `1` up in a registry. It answers as many findings as the discriminants of the
/// outcome say: 10 × refused + the content.
fn looks_up(registry: &str) -> Module {
    Module {
        imports: FIND.to_owned(),
        other: format!(r#"(data (i32.const 100) "{registry}") (data (i32.const 200) "1")"#),
        // Space for the outcome lies apart from the rest.
        realloc: "(i32.const 30000)".to_owned(),
        validate: format!(
            "(call $find (i32.const 100) (i32.const {}) (i32.const 200) (i32.const 1) (i32.const 20000))
             (i32.store (i32.const 2048) (i32.const 40000))
             (i32.store (i32.const 2052) (i32.add (i32.mul (i32.load8_u (i32.const 20000)) (i32.const 10))
                                                  (i32.load8_u (i32.const 20004))))
             (i32.const 2048)",
            registry.len()
        ),
        ..Module::default()
    }
}

#[test]
fn only_registries_of_the_grant_are_looked_up() {
    let sandbox = province();
    let grant = Grant { lookup: vec!["open".to_owned(), "gone".to_owned()], ..Grant::default() };
    let outcome = |registry: &str, grant: &Grant| {
        let (answer, _) = ask_within(&sandbox, &looks_up(registry).component(), PluginLimits::default(), grant);
        answer.map(|found| found.len())
    };
    assert_eq!(outcome("open", &grant), Ok(1), "an entry");
    assert_eq!(outcome("open", &Grant::default()), Ok(10), "refused: not granted");
    assert_eq!(outcome("closed", &grant), Ok(10), "refused: not granted");
    assert_eq!(outcome("gone", &grant), Ok(11), "refused: unknown");
    assert_eq!(outcome("../open", &grant), Ok(10));
}

#[test]
fn what_is_looked_up_goes_nowhere_but_into_the_plugins_memory() {
    // The allocator says that the host may write outside of memory.
    let grant = Grant { lookup: vec!["open".to_owned()], ..Grant::default() };
    for place in ["(i32.const -16)", "(i32.const 70000)"] {
        let module = Module { realloc: place.to_owned(), ..looks_up("open") };
        let component = Module { validate: module.validate.clone(), ..module }.component();
        let answer = ask_within(&province(), &component, PluginLimits::default(), &grant).0;
        assert!(matches!(answer, Err(PluginFault::Ended(_))), "{answer:?}");
    }
}

#[test]
fn an_import_is_not_entered_again_while_its_answer_is_handed_over() {
    // The allocator, called for the answer of `find`, calls `find` itself.
    let again = Module {
        realloc: "(if (i32.load (i32.const 512)) (then
                    (call $find (i32.const 100) (i32.const 4) (i32.const 200) (i32.const 1) (i32.const 20000))))
                  (i32.const 30000)"
            .to_owned(),
        validate: format!("(i32.store (i32.const 512) (i32.const 1)) {}", looks_up("open").validate),
        ..looks_up("open")
    };
    let grant = Grant { lookup: vec!["open".to_owned()], ..Grant::default() };
    let (answer, _) = ask_within(&province(), &again.component(), PluginLimits::default(), &grant);
    assert!(matches!(&answer, Err(PluginFault::Ended(why)) if why.contains("leave")), "{answer:?}");
}

#[test]
fn a_choice_that_is_none_of_the_choices_is_no_answer() {
    let name = exported("route");
    let route = |choice: &str| {
        let module = format!(
            r#"(module (memory (export "memory") 1)
                (data (i32.const 100) "{choice}")
                (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
                (func (export "{name}") (param i32 i32 i32 i32 i32 i32) (result i32)
                    (i32.store8 (i32.const 2048) (i32.const 1)) (i32.store (i32.const 2052) (i32.const 100))
                    (i32.store (i32.const 2056) (i32.const {})) (i32.const 2048)))"#,
            choice.len()
        );
        let (sandbox, component) = (sandbox(), encoded(&module, "router", StringEncoding::UTF8));
        let digest = sandbox.load(&component, &PluginLimits::default()).expect("it can be loaded");
        let ask =
            PluginCall { component: &digest, limits: PluginLimits::default(), grant: &Grant::default(), applicant: "" };
        sandbox.route(&ask, &dossier(), "action:check", &["accept".to_owned(), "refuse".to_owned()]).0
    };
    assert_eq!(route("accept"), Ok(Some("accept".to_owned())));
    assert!(matches!(route("burn"), Err(PluginFault::Answer(_))));
}

#[test]
fn a_fee_that_is_none_and_a_value_that_is_not_json_are_no_answers() {
    let fee = |amount: i64| {
        let name = exported("assess-fees");
        let module = format!(
            r#"(module (memory (export "memory") 1)
                (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
                (func (export "{name}") (param i32 i32) (result i32)
                    (i64.store (i32.const 8216) (i64.const {amount}))
                    (i32.store (i32.const 2048) (i32.const 8192)) (i32.store (i32.const 2052) (i32.const 1)) (i32.const 2048)))"#
        );
        let (sandbox, component) = (sandbox(), encoded(&module, "assessor", StringEncoding::UTF8));
        // The record is as large as its largest part wants it.
        let digest = sandbox.load(&component, &PluginLimits::default()).expect("it can be loaded");
        let ask =
            PluginCall { component: &digest, limits: PluginLimits::default(), grant: &Grant::default(), applicant: "" };
        sandbox.assess_fees(&ask, &dossier()).0.map(|lines| lines.iter().map(|line| line.amount.0).sum::<i64>())
    };
    assert_eq!(fee(50_000), Ok(50_000));
    assert!(matches!(fee(-1), Err(PluginFault::Answer(_))));
    assert!(matches!(fee(i64::MAX), Err(PluginFault::Answer(_))));

    let name = exported("compute");
    let module = format!(
        r#"(module (memory (export "memory") 1)
            (data (i32.const 100) "{{not json")
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
            (func (export "{name}") (param i32 i32) (result i32)
                (i32.store (i32.const 8200) (i32.const 100)) (i32.store (i32.const 8204) (i32.const 9))
                (i32.store (i32.const 2048) (i32.const 8192)) (i32.store (i32.const 2052) (i32.const 1)) (i32.const 2048)))"#
    );
    let (sandbox, component) = (sandbox(), encoded(&module, "computer", StringEncoding::UTF8));
    let digest = sandbox.load(&component, &PluginLimits::default()).expect("it can be loaded");
    let ask =
        PluginCall { component: &digest, limits: PluginLimits::default(), grant: &Grant::default(), applicant: "" };
    assert!(matches!(sandbox.compute(&ask, &dossier()).0, Err(PluginFault::Answer(_))));
}

#[test]
fn more_than_is_handed_in_is_not_handed_in() {
    let (sandbox, component) = (sandbox(), validator(&findings(0)));
    let digest = sandbox.load(&component, &PluginLimits::default()).expect("it can be loaded");
    let ask =
        PluginCall { component: &digest, limits: PluginLimits::default(), grant: &Grant::default(), applicant: "" };
    let large = serde_json::json!({ "values": "x".repeat(256 << 10) });
    assert!(matches!(sandbox.validate(&ask, &large).0, Err(PluginFault::Input { .. })));
}
