//! Time, memory and stack of a plugin.

use motcua_domain::procedure::plugin::{Grant, PluginLimits};
use motcua_sandbox::PluginFault;
use motcua_tests::plugin::{Module, ask, ask_within, findings, sandbox, validator};

/// Returns the fault of a plugin, and checks that the same sandbox still serves others.
fn fate(module: &Module) -> PluginFault {
    let sandbox = sandbox();
    let fault = ask(&sandbox, &module.component()).0.expect_err("it is no answer");
    assert_eq!(ask(&sandbox, &validator(&findings(1))).0.map(|found| found.len()), Ok(1), "the sandbox goes on");
    fault
}

fn validate(body: &str) -> Module {
    Module { validate: body.to_owned(), ..Module::default() }
}

const LOOP: &str = "(loop (br 0))";

#[test]
fn an_infinite_loop_uses_up_its_fuel() {
    assert_eq!(fate(&validate(&format!("{LOOP} (i32.const 0)"))), PluginFault::Fuel);
}

#[test]
fn an_infinite_loop_with_endless_fuel_uses_up_its_time() {
    let limits = PluginLimits { fuel: u64::MAX, milliseconds: 20, ..PluginLimits::default() };
    let component = validator(&format!("{LOOP} (i32.const 0)"));
    assert_eq!(ask_within(&sandbox(), &component, limits, &Grant::default()).0, Err(PluginFault::Time));
}

#[test]
fn a_loop_in_start_uses_up_its_fuel() {
    let other = format!("(func $start {LOOP}) (start $start)");
    assert_eq!(fate(&Module { other, ..Module::default() }), PluginFault::Fuel);
}

#[test]
fn a_loop_in_the_allocator_uses_up_its_fuel() {
    assert_eq!(fate(&Module { realloc: format!("{LOOP} (i32.const 0)"), ..Module::default() }), PluginFault::Fuel);
}

#[test]
fn memory_grows_to_the_limit() {
    let component = validator(&format!("(drop (memory.grow (i32.const 255))) {}", findings(0)));
    let (answer, spent) = ask(&sandbox(), &component);
    assert_eq!(answer, Ok(vec![]));
    assert_eq!(spent.memory, 16 << 20);
}

#[test]
fn memory_does_not_grow_beyond_the_limit() {
    let fault = fate(&validate("(drop (memory.grow (i32.const 256))) (i32.const 0)"));
    assert!(matches!(&fault, PluginFault::Memory(what) if what.contains("16842752 bytes")), "{fault:?}");
}

#[test]
fn memory_of_4_gib_from_the_beginning_is_not_loaded() {
    let fault = fate(&Module { memory: "65536".to_owned(), ..Module::default() });
    assert!(matches!(&fault, PluginFault::Unfit(why) if why.contains("memory")), "{fault:?}");
}

#[test]
fn tables_do_not_grow_beyond_the_limit() {
    let table = "(table $t 1 funcref)".to_owned();
    let grow = |by: u32| format!("(drop (table.grow $t (ref.null func) (i32.const {by})))");
    let within =
        Module { other: table.clone(), validate: format!("{} {}", grow(9_999), findings(0)), ..Module::default() };
    assert_eq!(ask(&sandbox(), &within.component()).0, Ok(vec![]));
    let fault =
        fate(&Module { other: table, validate: format!("{} (i32.const 0)", grow(10_000)), ..Module::default() });
    assert!(matches!(&fault, PluginFault::Memory(what) if what.contains("10001 entries")), "{fault:?}");
}

#[test]
fn a_table_of_a_million_entries_is_not_loaded() {
    let fault = fate(&Module { other: "(table 1000000 funcref)".to_owned(), ..Module::default() });
    assert!(matches!(&fault, PluginFault::Unfit(why) if why.contains("table")), "{fault:?}");
}

#[test]
fn a_recursion_without_end_is_ended_by_its_stack() {
    let other = "(func $deep (call $deep))".to_owned();
    let fault = fate(&Module { other, validate: "(call $deep) (i32.const 0)".to_owned(), ..Module::default() });
    assert!(matches!(&fault, PluginFault::Ended(why) if why.contains("stack")), "{fault:?}");
}

#[test]
fn a_trap_ends_the_plugin() {
    let fault = fate(&validate("(i32.div_u (i32.const 1) (i32.const 0))"));
    assert!(matches!(&fault, PluginFault::Ended(why) if why.contains("divide by zero")), "{fault:?}");
}

#[test]
fn unreachable_in_start_ends_the_plugin() {
    let other = "(func $start unreachable) (start $start)".to_owned();
    let fault = fate(&Module { other, ..Module::default() });
    assert!(matches!(&fault, PluginFault::Ended(why) if why.contains("unreachable")), "{fault:?}");
}

#[test]
fn nothing_of_a_call_is_there_in_the_next() {
    // Counts in its memory, and answers only the first time.
    let count = "(i32.store (i32.const 512) (i32.add (i32.load (i32.const 512)) (i32.const 1)))";
    let body =
        format!("{count} (if (i32.gt_u (i32.load (i32.const 512)) (i32.const 1)) (then unreachable)) {}", findings(0));
    let (sandbox, component) = (sandbox(), validator(&body));
    for _ in 0..100 {
        assert_eq!(ask(&sandbox, &component).0, Ok(vec![]));
    }
}

#[test]
fn the_same_call_uses_the_same_fuel() {
    let body = format!(
        "(local.set $i (i32.const 1000)) (loop (br_if 0 (local.tee $i (i32.sub (local.get $i) (i32.const 1))))) {}",
        findings(0)
    );
    let component = validator(&body);
    let used: Vec<u64> = (0..5).map(|_| ask(&sandbox(), &component).1.fuel).collect();
    assert!(used[0] > 1000, "{used:?}");
    assert!(used.iter().all(|fuel| *fuel == used[0]), "{used:?}");
}

#[test]
fn every_nan_is_the_same() {
    // Bits of a NaN that differ from processor to processor would come out in the number of findings.
    let body = "(i32.store (i32.const 2052) (i32.shr_u (i32.reinterpret_f32 (f32.div (f32.const 0) (f32.const 0))) (i32.const 22)))
                (i32.store (i32.const 2048) (i32.const 8192)) (i32.const 2048)";
    // 0x7fc00000 >> 22 = 511 findings, which are too many. 0xffc00000 would be 1023. Only the canonical one has fuel
    // and fault alike everywhere.
    let limits = PluginLimits { findings: 511, output: 1 << 20, ..PluginLimits::default() };
    let (answer, _) = ask_within(&sandbox(), &validator(body), limits, &Grant::default());
    assert_eq!(answer.map(|found| found.len()), Ok(511));
}

#[test]
fn handles_that_are_made_without_end_are_ended() {
    let package = "package test:leak;
        interface things { resource secret { constructor(); } }
        world leaking { include motcua:procedure/validator@0.2.0; export things; }";
    let leaking = Module {
        imports: r#"(import "[export]test:leak/things" "[resource-new]secret" (func $new (param i32) (result i32)))"#
            .to_owned(),
        other: r#"(func (export "test:leak/things#[constructor]secret") (result i32) (i32.const 0))"#.to_owned(),
        validate: "(loop (drop (call $new (i32.const 1))) (br 0)) (i32.const 0)".to_owned(),
        ..Module::default()
    };
    let sandbox = sandbox();
    let fault = ask(&sandbox, &leaking.with_packages(&[package], "leaking")).0.expect_err("it is no answer");
    assert!(matches!(fault, PluginFault::Fuel | PluginFault::Ended(_)), "{fault:?}");
    assert_eq!(ask(&sandbox, &validator(&findings(0))).0, Ok(vec![]), "the sandbox goes on");
}
