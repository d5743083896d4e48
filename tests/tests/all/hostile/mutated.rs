//! Components with random changes. Loading and calling any of them gives an answer or a fault.

use motcua_domain::procedure::plugin::{Grant, PluginLimits};
use motcua_sandbox::{Compiler, PluginCall, Sandbox, SandboxSetup};
use motcua_tests::plugin::dossier;
use proptest::prelude::*;
use std::sync::LazyLock;

static SANDBOX: LazyLock<Sandbox> = LazyLock::new(|| {
    Sandbox::new(SandboxSetup { compiler: Some(Compiler::Here), ..SandboxSetup::default() }).expect("a sandbox")
});

/// A change of the bytes of a component.
#[derive(Debug, Clone)]
enum Change {
    Flip(prop::sample::Index, u8),
    Remove(prop::sample::Index, usize),
    Insert(prop::sample::Index, Vec<u8>),
    Copy(prop::sample::Index, prop::sample::Index, usize),
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        8 => (at(), 1..=255_u8).prop_map(|(at, mask)| Change::Flip(at, mask)),
        1 => (at(), 1..64_usize).prop_map(|(at, length)| Change::Remove(at, length)),
        1 => (at(), prop::collection::vec(any::<u8>(), 1..16)).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        1 => (at(), at(), 1..64_usize).prop_map(|(from, to, length)| Change::Copy(from, to, length)),
    ]
}

fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        match change {
            Change::Flip(at, mask) => {
                let at = at.index(bytes.len());
                bytes[at] ^= mask;
            }
            Change::Remove(at, length) => {
                let at = at.index(bytes.len());
                let end = (at + length).min(bytes.len());
                bytes.drain(at..end);
            }
            Change::Insert(at, new) => {
                let at = at.index(bytes.len());
                bytes.splice(at..at, new.iter().copied());
            }
            Change::Copy(from, to, length) => {
                let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
                let part = bytes[from..(from + length).min(bytes.len())].to_vec();
                bytes.splice(to..to, part);
            }
        }
        if bytes.is_empty() {
            bytes.push(0);
        }
    }
    bytes
}

/// Loads and calls everything that a component exports.
fn survive(bytes: &[u8]) {
    let limits = PluginLimits { fuel: 1_000_000, ..PluginLimits::default() };
    let Ok(digest) = SANDBOX.load(bytes, &limits) else { return };
    let grant = Grant { lookup: vec!["communes".to_owned()], ..Grant::default() };
    let ask = PluginCall { component: &digest, limits, grant: &grant, applicant: "" };
    drop(SANDBOX.validate(&ask, &dossier()));
    drop(SANDBOX.assess_fees(&ask, &dossier()));
    drop(SANDBOX.compute(&ask, &dossier()));
    drop(SANDBOX.route(&ask, &dossier(), "action:x", &["a".to_owned()]));
    drop(SANDBOX.prefill(&ask, &dossier()));
    drop(SANDBOX.connect(&ask, &dossier()));
    SANDBOX.forget(&digest);
}

/// Returns the components to change. The small one is loaded fast, so most changes are of it.
fn components() -> Vec<Vec<u8>> {
    let small = motcua_tests::plugin::validator(&motcua_tests::plugin::one_finding(16, 8, 0));
    let real = motcua_first_party::component("land").expect("it comes with the kit").to_vec();
    vec![small, real]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_small_component_that_chance_changed_does_no_harm(changes in prop::collection::vec(change(), 1..6)) {
        survive(&changed(components().swap_remove(0), &changes));
    }

    #[test]
    fn bytes_of_chance_are_no_component(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        let component = [&b"\0asm\x0d\0\x01\0"[..], &bytes].concat();
        survive(&bytes);
        survive(&component);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_plugin_of_the_kit_that_chance_changed_does_no_harm(changes in prop::collection::vec(change(), 1..4)) {
        survive(&changed(components().swap_remove(1), &changes));
    }
}
