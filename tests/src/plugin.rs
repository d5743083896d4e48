//! Components written as WebAssembly text, with any error that a test needs.

use motcua_domain::form::judge::Finding;
use motcua_domain::names::Digest;
use motcua_domain::procedure::plugin::{Grant, PluginLimits};
use motcua_sandbox::{PluginCall, PluginFault, Sandbox, SandboxSetup, SpentResources};
use serde_json::{Value as Json, json};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// Returns the name of a function that is exported under the contract.
pub fn exported(name: &str) -> String {
    format!("motcua:procedure/{name}@0.2.0#{name}")
}

/// Returns the component of a core module for a world of the contract.
pub fn encoded(module: &str, world: &str, encoding: StringEncoding) -> Vec<u8> {
    with_packages(module, &[], world, encoding)
}

/// Returns the component of a core module for a world of the last of these packages, which may use the contract and one
/// another. Without packages, the world is of the contract itself.
pub fn with_packages(module: &str, packages: &[&str], world: &str, encoding: StringEncoding) -> Vec<u8> {
    let mut module = wat::parse_str(module).unwrap_or_else(|error| panic!("{error}"));
    let mut resolve = Resolve::default();
    let contract = concat!(env!("CARGO_MANIFEST_DIR"), "/../plugins/wit/v0.2");
    let (mut package, _) = resolve.push_dir(contract).expect("the contract");
    for text in packages {
        package = resolve.push_str("test.wit", text).unwrap_or_else(|error| panic!("{error:?}"));
    }
    let world = resolve.select_world(&[package], Some(world)).expect("the world");
    embed_component_metadata(&mut module, &resolve, world, encoding, false).expect("metadata");
    ComponentEncoder::default().module(&module).expect("a module").encode().unwrap_or_else(|error| panic!("{error:?}"))
}

/// The parts of a module for `validate`.
#[derive(Debug, Clone)]
pub struct Module {
    pub imports: String,
    pub memory: String,
    /// Other definitions: functions, data, a start.
    pub other: String,
    /// The body of `cabi_realloc`, from four integers to one.
    pub realloc: String,
    /// The body of `validate`, from two integers, the place of the input, to one, the place of the answer.
    pub validate: String,
    pub encoding: StringEncoding,
}

impl Default for Module {
    fn default() -> Self {
        Self {
            imports: String::new(),
            memory: "1".to_owned(),
            other: String::new(),
            realloc: "(i32.const 4096)".to_owned(),
            validate: findings(0),
            encoding: StringEncoding::UTF8,
        }
    }
}

impl Module {
    /// Returns the module as a component.
    pub fn component(&self) -> Vec<u8> {
        encoded(&self.text(), "validator", self.encoding)
    }

    /// Returns the module as a component for a world of the last of these packages.
    pub fn with_packages(&self, packages: &[&str], world: &str) -> Vec<u8> {
        with_packages(&self.text(), packages, world, self.encoding)
    }

    fn text(&self) -> String {
        let Self { imports, memory, other, realloc, validate, .. } = self;
        let name = exported("validate");
        format!(
            r#"(module {imports}
                (memory (export "memory") {memory})
                {other}
                (func $realloc (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) {realloc})
                (func (export "{name}") (param i32 i32) (result i32) (local $i i32) {validate}))"#
        )
    }
}

/// Returns a component whose `validate` has this body.
pub fn validator(validate: &str) -> Vec<u8> {
    Module { validate: validate.to_owned(), ..Module::default() }.component()
}

/// Returns a body that answers a list of `count` findings from memory with zeros only.
pub fn findings(count: u32) -> String {
    format!(
        "(i32.store (i32.const 2048) (i32.const 8192)) (i32.store (i32.const 2052) (i32.const {count})) (i32.const 2048)"
    )
}

/// Returns a body that answers one finding whose Vietnamese text lies at `at` and is `length` long.
pub fn one_finding(at: u32, length: u32, severity: u32) -> String {
    format!(
        "(i32.store8 (i32.const 8208) (i32.const {severity}))
         (i32.store (i32.const 8212) (i32.const {at})) (i32.store (i32.const 8216) (i32.const {length})) {}",
        findings(1)
    )
}

/// Returns components that differ from `component` in a section that nobody reads.
pub fn variants(component: &[u8], count: usize) -> Vec<Vec<u8>> {
    let variant = |number: usize| {
        let name = format!("v{number:03}");
        // A custom section: 0, its length, the length of its name, its name.
        let section = [&[0, 5, 4][..], name.as_bytes()].concat();
        [component, &section].concat()
    };
    (0..count).map(variant).collect()
}

/// Returns a sandbox with the default limits of a portal.
pub fn sandbox() -> Sandbox {
    Sandbox::new(SandboxSetup::default()).expect("a sandbox")
}

/// Loads a component and asks it about an empty form.
pub fn ask(sandbox: &Sandbox, component: &[u8]) -> (Result<Vec<Finding>, PluginFault>, SpentResources) {
    ask_within(sandbox, component, PluginLimits::default(), &Grant::default())
}

/// Loads a component and asks it with these limits and this grant.
pub fn ask_within(
    sandbox: &Sandbox,
    component: &[u8],
    limits: PluginLimits,
    grant: &Grant,
) -> (Result<Vec<Finding>, PluginFault>, SpentResources) {
    match sandbox.load(component, &limits) {
        Ok(digest) => sandbox.validate(&PluginCall { component: &digest, limits, grant, applicant: "" }, &dossier()),
        Err(fault) => (Err(fault), SpentResources::default()),
    }
}

/// Asks a loaded component.
pub fn again(sandbox: &Sandbox, component: &Digest) -> Result<Vec<Finding>, PluginFault> {
    for_applicant(sandbox, component, "")
}

/// Asks a loaded component about a dossier of this applicant.
pub fn for_applicant(sandbox: &Sandbox, component: &Digest, applicant: &str) -> Result<Vec<Finding>, PluginFault> {
    let ask = PluginCall { component, limits: PluginLimits::default(), grant: &Grant::default(), applicant };
    sandbox.validate(&ask, &dossier()).0
}

/// Returns the input of a plugin about an empty form.
pub fn dossier() -> Json {
    json!({ "procedure": "x", "version": "0", "now": "2026-11-24T08:30:00+07:00", "today": "2026-11-24", "values": {} })
}
