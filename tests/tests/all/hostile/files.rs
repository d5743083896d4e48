//! Files that are not plugins of ours.

use motcua_domain::procedure::plugin::PluginLimits;
use motcua_sandbox::{Compiler, PluginFault};
use motcua_tests::plugin::{Module, ask, findings, sandbox, validator};
use motcua_tests::process;

/// Returns the reason why a file is not loaded.
fn unfit(bytes: &[u8]) -> String {
    match sandbox().load(bytes, &PluginLimits::default()) {
        Err(PluginFault::Unfit(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_core_module_is_not_a_component() {
    assert!(unfit(b"\0asm\x01\0\0\0").contains("not a WebAssembly component"));
}

#[test]
fn text_and_other_formats_are_no_components() {
    // WebAssembly text is not compiled, though the compiler could read it.
    for bytes in [&b""[..], b"(component)", b"PK\x03\x04", b"\x7fELF\x02\x01\x01", b"\0asm", b"#!/bin/sh\n"] {
        assert!(unfit(bytes).contains("not a WebAssembly component"));
    }
}

#[test]
fn a_component_that_exports_nothing_of_the_contract_is_unfit() {
    let empty = wat::parse_str("(component)").expect("a component");
    assert!(unfit(&empty).contains("exports nothing of motcua:procedure@0.2.0"));
}

#[test]
fn an_export_of_another_version_of_the_contract_is_named() {
    let package = "package motcua:procedure@9.9.9; interface validate { validate: func(dossier: string); }
        world later { export validate; }";
    let module = r#"(module (memory (export "memory") 1)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0))
        (func (export "motcua:procedure/validate@9.9.9#validate") (param i32 i32)))"#;
    let component =
        motcua_tests::plugin::with_packages(module, &[package], "later", wit_component::StringEncoding::UTF8);
    assert!(unfit(&component).contains("motcua:procedure/validate@9.9.9"));
}

#[test]
fn an_export_of_another_type_is_unfit() {
    let wrong = r#"(component
        (core module $m (func (export "validate")))
        (core instance $i (instantiate $m))
        (func $validate (canon lift (core func $i "validate")))
        (instance $validates (export "validate" (func $validate)))
        (export "motcua:procedure/validate@0.2.0" (instance $validates)))"#;
    let why = unfit(&wat::parse_str(wrong).expect("a component"));
    assert!(why.contains("`validate` of motcua:procedure/validate@0.2.0 has another type"), "{why}");
}

#[test]
fn an_interface_without_its_function_is_unfit() {
    let wrong = r#"(component
        (instance $nothing)
        (export "motcua:procedure/validate@0.2.0" (instance $nothing)))"#;
    let why = unfit(&wat::parse_str(wrong).expect("a component"));
    assert!(why.contains("has no function `validate`"), "{why}");
}

#[test]
fn an_import_that_is_not_offered_is_named() {
    let package = "package evil:host; interface files { read: func(path: string) -> list<u8>; }
        world reader { include motcua:procedure/validator@0.2.0; import files; }";
    let reader = Module {
        imports: r#"(import "evil:host/files" "read" (func $read (param i32 i32 i32)))"#.to_owned(),
        validate: "(call $read (i32.const 0) (i32.const 0) (i32.const 0)) (i32.const 0)".to_owned(),
        ..Module::default()
    };
    let why = unfit(&reader.with_packages(&[package], "reader"));
    assert!(why.contains("it imports evil:host/files, which the portal does not offer"), "{why}");
}

/// Functions of WASI 0.2, by interface: everything that a standard library may call.
const WASI: &[(&str, &str, &[&str])] = &[
    ("cli", "environment", &["get-environment", "get-arguments", "initial-cwd"]),
    ("cli", "exit", &["exit"]),
    ("cli", "stdin", &["get-stdin"]),
    ("cli", "stdout", &["get-stdout"]),
    ("cli", "stderr", &["get-stderr"]),
    ("cli", "terminal-stdin", &["get-terminal-stdin"]),
    ("cli", "terminal-stdout", &["get-terminal-stdout"]),
    ("cli", "terminal-stderr", &["get-terminal-stderr"]),
    ("cli", "run", &["run"]),
    ("clocks", "monotonic-clock", &["now", "resolution", "subscribe-instant", "subscribe-duration"]),
    ("clocks", "wall-clock", &["now", "resolution"]),
    ("filesystem", "preopens", &["get-directories"]),
    ("filesystem", "types", &["filesystem-error-code"]),
    ("http", "outgoing-handler", &["handle"]),
    ("http", "types", &["http-error-code"]),
    ("io", "poll", &["poll"]),
    ("random", "random", &["get-random-bytes", "get-random-u64"]),
    ("random", "insecure", &["get-insecure-random-bytes", "get-insecure-random-u64"]),
    ("random", "insecure-seed", &["insecure-seed"]),
    ("sockets", "instance-network", &["instance-network"]),
    ("sockets", "ip-name-lookup", &["resolve-addresses"]),
    ("sockets", "tcp-create-socket", &["create-tcp-socket"]),
    ("sockets", "udp-create-socket", &["create-udp-socket"]),
];

#[test]
fn a_call_of_any_import_of_wasi_ends_the_plugin() {
    let mut called = 0;
    for (package, interface, functions) in WASI {
        for function in *functions {
            let wasi = format!("package wasi:{package}@0.2.6; interface {interface} {{ {function}: func(); }}");
            let world = format!(
                "package test:calls; world calling {{ include motcua:procedure/validator@0.2.0; import wasi:{package}/{interface}@0.2.6; }}"
            );
            let calling = Module {
                imports: format!(r#"(import "wasi:{package}/{interface}@0.2.6" "{function}" (func $wasi))"#),
                validate: format!("(call $wasi) {}", findings(0)),
                ..Module::default()
            };
            let (answer, _) = ask(&sandbox(), &calling.with_packages(&[&wasi, &world], "calling"));
            assert!(
                matches!(&answer, Err(PluginFault::Ended(why)) if why.contains("unknown import")),
                "{function}: {answer:?}"
            );
            called += 1;
        }
    }
    assert_eq!(called, 31);
}

#[test]
fn resources_of_wasi_are_not_there_either() {
    let wasi = "package wasi:io@0.2.6; interface streams { resource output-stream { check-write: func() -> u64; } open: func() -> output-stream; }";
    let world =
        "package test:calls; world calling { include motcua:procedure/validator@0.2.0; import wasi:io/streams@0.2.6; }";
    let calling = Module {
        imports: r#"(import "wasi:io/streams@0.2.6" "open" (func $open (result i32)))
                    (import "wasi:io/streams@0.2.6" "[method]output-stream.check-write" (func $check (param i32) (result i64)))
                    (import "wasi:io/streams@0.2.6" "[resource-drop]output-stream" (func $drop (param i32)))"#
            .to_owned(),
        validate: "(drop (call $check (i32.const 1))) (i32.const 0)".to_owned(),
        ..Module::default()
    };
    let component = calling.with_packages(&[wasi, world], "calling");
    assert!(matches!(ask(&sandbox(), &component).0, Err(PluginFault::Ended(_))), "a handle that was never given");
    let opens = Module { validate: "(drop (call $open)) (i32.const 0)".to_owned(), ..calling };
    assert!(matches!(ask(&sandbox(), &opens.with_packages(&[wasi, world], "calling")).0, Err(PluginFault::Ended(_))));
}

#[test]
fn a_file_that_is_too_large_is_not_looked_at() {
    let fault = sandbox().load(&vec![0; (2 << 20) + 1], &PluginLimits::default());
    assert!(matches!(fault, Err(PluginFault::TooLarge { .. })), "{fault:?}");
}

#[test]
fn a_file_that_was_cut_off_is_unfit() {
    let whole = validator(&findings(0));
    let sandbox = sandbox();
    for length in 0..whole.len() {
        // The sections behind the last export are not needed: names and producers.
        if let Ok(digest) = sandbox.load(&whole[..length], &PluginLimits::default()) {
            assert!(length > whole.len() / 2);
            assert_eq!(motcua_tests::plugin::again(&sandbox, &digest), Ok(vec![]));
        }
    }
}

/// Returns a module with a disabled feature, in a component that would otherwise be fit.
fn with(other: &str) -> String {
    let component = format!("(component (core module $m {other}))");
    unfit(&wat::parse_str(&component).unwrap_or_else(|error| panic!("{error}")))
}

#[test]
fn memory_64_is_switched_off() {
    assert!(with("(memory i64 1)").contains("memory64"));
}

#[test]
fn shared_memory_and_threads_are_switched_off() {
    assert!(with("(memory 1 1 shared)").contains("threads"));
    assert!(with("(memory 1) (func (drop (i32.atomic.load (i32.const 0))))").contains("threads"));
}

#[test]
fn gc_is_switched_off() {
    assert!(with("(type (struct (field i32)))").contains("gc"));
    assert!(with("(func (drop (ref.i31 (i32.const 1))))").contains("gc"));
}

#[test]
fn exceptions_are_switched_off() {
    assert!(with("(tag)").contains("exceptions"));
}

#[test]
fn relaxed_simd_is_switched_off() {
    let relaxed = "(func (param v128 v128) (result v128) (i8x16.relaxed_swizzle (local.get 0) (local.get 1)))";
    assert!(with(relaxed).contains("relaxed SIMD"));
}

#[test]
fn a_component_that_takes_long_to_compile_is_given_up() {
    // One function with very many blocks within one another and locals that live through all of them.
    let depth = 30_000;
    let mut body = String::new();
    for number in 0..depth {
        body.push_str("(local.set $i (i32.add (local.get $i) (i32.load (i32.const ");
        body.push_str(&(number % 60_000).to_string());
        body.push_str(
            ")))) (if (local.get $i) (then (i32.store (local.get $i) (i32.mul (local.get $i) (local.get $i)))))\n",
        );
    }
    let component = validator(&format!("{body} {}", findings(0)));
    assert!(component.len() < 2 << 20);
    let outcome = Compiler::in_child(&mut process::motcua(), 1, 1024, &component);
    let given_up = |outcome: &Result<Vec<u8>, PluginFault>| matches!(outcome, Err(PluginFault::Unfit(why)) if why == "compiling it takes more than 1 s or 1024 MiB");
    assert!(given_up(&outcome), "{:?}", outcome.map(|compiled| compiled.len()));
}

#[test]
fn a_component_that_takes_much_memory_to_compile_is_given_up() {
    let component = validator(&findings(0));
    let outcome = Compiler::in_child(&mut process::motcua(), 20, 24, &component);
    assert!(matches!(&outcome, Err(PluginFault::Unfit(_))), "{:?}", outcome.map(|compiled| compiled.len()));
}

#[test]
fn a_child_that_neither_works_nor_ends_is_killed() {
    let mut command = std::process::Command::new("/bin/sh");
    command.args(["-c", "exec sleep 100000"]);
    let outcome = Compiler::in_child(&mut command, 0, 1024, b"");
    assert!(matches!(outcome, Err(PluginFault::Unfit(_))), "{outcome:?}");
}

#[test]
fn the_child_compiles_what_is_loaded_here() {
    let component = validator(&findings(0));
    let compiled = Compiler::in_child(&mut process::motcua(), 20, 1024, &component).expect("it can be compiled");
    assert!(!compiled.is_empty());
    let why = Compiler::in_child(&mut process::motcua(), 20, 1024, b"\0asm\x0d\0\x01\0\xff");
    assert!(matches!(&why, Err(PluginFault::Unfit(why)) if why.contains("offset")), "{why:?}");
}
