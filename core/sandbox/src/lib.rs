//! Runs plugins: components with no WASI, no clock, no randomness, no network and no files.
//!
//! Every call gets a fresh instance with its own memory, a budget of instructions and, as a second belt, of wall
//! time. A plugin that fails is a [`Fault`] of the portal; it never takes the process with it.

use motcua_domain::judge::{Finding, Severity};
use motcua_domain::names::Digest;
use motcua_domain::text::Text;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use wasmtime::component::{Component, Linker};
use wasmtime::{Config, Engine, EngineWeak, Store, StoreLimits, StoreLimitsBuilder};

mod contract {
    wasmtime::component::bindgen!({ path: "../../plugins/wit/v0.1", world: "validator" });
}

use contract::ValidatorPre;
use contract::exports::motcua::procedure::validate::Finding as PluginFinding;
use contract::motcua::procedure::types::Severity as PluginSeverity;

/// What a plugin may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Units of wasmtime fuel per call: about one an instruction, and the same on every machine.
    pub fuel: u64,
    /// Wall time per call in ticks of 10 ms.
    pub ticks: u64,
    /// Bytes of linear memory.
    pub memory: usize,
    /// Bytes of the component file.
    pub component: usize,
    /// Bytes of the JSON handed in.
    pub input: usize,
    /// How many findings are taken.
    pub findings: usize,
    /// Bytes of all findings' texts together.
    pub output: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            fuel: 20_000_000,
            ticks: 100,
            memory: 16 << 20,
            component: 2 << 20,
            input: 256 << 10,
            findings: 200,
            output: 64 << 10,
        }
    }
}

/// Why a plugin gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("the component is {bytes} bytes long, at most {limit} are taken")]
    TooLarge { bytes: usize, limit: usize },
    #[error("the component cannot be loaded: {0}")]
    Unfit(String),
    #[error("component {0} has not been loaded")]
    NotLoaded(Digest),
    #[error("the plugin was ended: {0}")]
    Ended(String),
    #[error("the plugin's answer is larger than is taken")]
    Flood,
}

/// The engine with the components that were loaded into it.
#[derive(Clone)]
pub struct Sandbox {
    engine: Engine,
    limits: Limits,
    loaded: Arc<Mutex<HashMap<Digest, ValidatorPre<StoreLimits>>>>,
    _ticker: Arc<Ticker>,
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// Moves the engine's epoch every 10 ms, for as long as the sandbox lives.
struct Ticker;

impl Ticker {
    fn start(engine: EngineWeak) -> Result<Arc<Self>, Fault> {
        let alive = Arc::new(Self);
        let watch: Weak<Self> = Arc::downgrade(&alive);
        let tick = move || {
            while watch.strong_count() > 0 {
                std::thread::sleep(Duration::from_millis(10));
                if let Some(engine) = engine.upgrade() {
                    engine.increment_epoch();
                }
            }
        };
        std::thread::Builder::new()
            .name("plugin-epoch".to_owned())
            .spawn(tick)
            .map_err(|error| Fault::Unfit(error.to_string()))?;
        Ok(alive)
    }
}

impl Sandbox {
    /// A sandbox with these limits and nothing loaded.
    pub fn new(limits: Limits) -> Result<Self, Fault> {
        let mut config = Config::new();
        config
            .wasm_component_model(true)
            .consume_fuel(true)
            .epoch_interruption(true)
            .max_wasm_stack(512 << 10)
            .cranelift_nan_canonicalization(true)
            .wasm_relaxed_simd(false)
            .wasm_memory64(false);
        let engine = Engine::new(&config).map_err(unfit)?;
        let ticker = Ticker::start(engine.weak())?;
        Ok(Self { engine, limits, loaded: Arc::default(), _ticker: ticker })
    }

    /// Compiles a component, once. Not to be called while a request waits: compiling takes long.
    pub fn load(&self, bytes: &[u8]) -> Result<Digest, Fault> {
        let digest = digest(bytes);
        if self.lock().contains_key(&digest) {
            return Ok(digest);
        }
        if bytes.len() > self.limits.component {
            return Err(Fault::TooLarge { bytes: bytes.len(), limit: self.limits.component });
        }
        let component = Component::from_binary(&self.engine, bytes).map_err(unfit)?;
        let mut linker = Linker::new(&self.engine);
        // A Rust guest imports WASI because its standard library does. Nothing is implemented: a call ends the plugin.
        linker.define_unknown_imports_as_traps(&component).map_err(unfit)?;
        let pre = linker.instantiate_pre(&component).map_err(unfit)?;
        self.lock().insert(digest.clone(), ValidatorPre::new(pre).map_err(unfit)?);
        Ok(digest)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Digest, ValidatorPre<StoreLimits>>> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks a loaded component to judge a form. Blocks: call it off the async threads.
    pub fn validate(&self, component: &Digest, dossier: &serde_json::Value) -> Result<Vec<Finding>, Fault> {
        let input = dossier.to_string();
        if input.len() > self.limits.input {
            return Err(Fault::Ended(format!("the form is larger than {} bytes", self.limits.input)));
        }
        let pre = self.lock().get(component).cloned().ok_or_else(|| Fault::NotLoaded(component.clone()))?;
        let limits = StoreLimitsBuilder::new()
            .memory_size(self.limits.memory)
            .table_elements(10_000)
            .instances(16)
            .memories(4)
            .tables(16)
            .trap_on_grow_failure(true)
            .build();
        let mut store = Store::new(&self.engine, limits);
        store.limiter(|limits| limits);
        store.set_fuel(self.limits.fuel).map_err(ended)?;
        store.set_epoch_deadline(self.limits.ticks);
        let plugin = pre.instantiate(&mut store).map_err(ended)?;
        let found = plugin.motcua_procedure_validate().call_validate(&mut store, &input).map_err(ended)?;
        self.taken(found)
    }

    fn taken(&self, found: Vec<PluginFinding>) -> Result<Vec<Finding>, Fault> {
        let size = |finding: &PluginFinding| {
            finding.path.len() + finding.code.len() + finding.text.vi.len() + finding.text.en.len()
        };
        if found.len() > self.limits.findings || found.iter().map(size).sum::<usize>() > self.limits.output {
            return Err(Fault::Flood);
        }
        Ok(found
            .into_iter()
            .map(|finding| Finding {
                path: clean(&finding.path),
                code: clean(&finding.code),
                severity: match finding.severity {
                    PluginSeverity::Error => Severity::Error,
                    PluginSeverity::Warning => Severity::Warning,
                },
                text: Text::new(clean(&finding.text.vi), clean(&finding.text.en)),
            })
            .collect())
    }
}

/// The name of a component: the SHA-256 of its bytes.
pub fn digest(bytes: &[u8]) -> Digest {
    Digest(hex::encode(Sha256::digest(bytes)))
}

/// Without control characters and without the characters that turn the direction of text.
fn clean(text: &str) -> String {
    let bad = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().filter(|c| !bad(*c)).collect()
}

fn unfit(error: wasmtime::Error) -> Fault {
    Fault::Unfit(format!("{error:#}"))
}

fn ended(error: wasmtime::Error) -> Fault {
    // The root cause says what happened; the frames above it name addresses inside the plugin.
    Fault::Ended(error.root_cause().to_string())
}
