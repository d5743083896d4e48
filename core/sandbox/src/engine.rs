//! The engine: the settings of compiled code, and the pool from which calls take their memory.

use crate::PluginFault;
use motcua_domain::procedure::plugin::PluginLimits;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Weak};
use std::time::Duration;
use wasmtime::{Config, Engine, EngineWeak, InstanceAllocationStrategy, PoolingAllocationConfig, WasmFeatures};

/// Bytes of stack for the code of a plugin.
const STACK: usize = 512 << 10;

/// The length of the engine's epoch, in milliseconds.
pub(crate) const TICK: u64 = 10;

/// The most calls at once: on the threads for plugins, on those that notify other systems, and on others.
pub(crate) const AT_ONCE: u32 = 64;

/// The most threads for plugins on any number of processors. It is well below [`AT_ONCE`].
const MOST_WORKERS: usize = 32;

/// Returns the number of threads for plugins on a machine with so many processors.
///
/// One processor is left to pages, because a thread that becomes ready waits for the time slice of a thread of lower
/// priority.
pub(crate) fn workers(processors: usize) -> usize {
    processors.saturating_sub(1).clamp(1, MOST_WORKERS)
}

/// Returns the settings of compiled code. A change here changes the result of [`fingerprint`].
fn settings() -> Config {
    let off = WasmFeatures::THREADS
        | WasmFeatures::SHARED_EVERYTHING_THREADS
        | WasmFeatures::RELAXED_SIMD
        | WasmFeatures::MEMORY64
        | WasmFeatures::GC
        | WasmFeatures::EXCEPTIONS
        | WasmFeatures::LEGACY_EXCEPTIONS
        | WasmFeatures::STACK_SWITCHING
        | WasmFeatures::CM_ASYNC
        | WasmFeatures::CM_THREADING
        | WasmFeatures::CM_GC
        | WasmFeatures::CM64;
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        .concurrency_support(false)
        .wasm_features(off, false)
        .consume_fuel(true)
        .epoch_interruption(true)
        .max_wasm_stack(STACK)
        .cranelift_nan_canonicalization(true)
        .wasm_backtrace_max_frames(None)
        .memory_init_cow(true);
    config
}

/// Returns an engine that only compiles.
pub(crate) fn compiling() -> Result<Engine, PluginFault> {
    Engine::new(&settings()).map_err(PluginFault::unfit)
}

/// Returns an engine that runs plugins within `most`, the highest limits of any plugin.
pub(crate) fn running(most: &PluginLimits) -> Result<Engine, PluginFault> {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let instances = count(most.instances);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(AT_ONCE)
        .max_core_instances_per_component(instances)
        .total_core_instances(AT_ONCE.saturating_mul(instances))
        .max_memories_per_component(instances)
        .total_memories(AT_ONCE.saturating_mul(2))
        .max_tables_per_component(instances.saturating_mul(4))
        .total_tables(AT_ONCE.saturating_mul(instances).saturating_mul(2))
        .table_elements(most.table_entries)
        .max_memory_size(most.memory)
        // Up to this size, the memory that a call has touched is zeroed in place, which is cheaper than releasing it.
        .linear_memory_keep_resident(256 << 10)
        .table_keep_resident(16 << 10);
    let mut config = settings();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Engine::new(&config).map_err(PluginFault::unfit)
}

/// Returns the facts on which compiled code depends beside its component: compiler, version, settings and processor.
pub fn fingerprint() -> Result<String, PluginFault> {
    let mut hasher = DefaultHasher::new();
    compiling()?.precompile_compatibility_hash().hash(&mut hasher);
    Ok(format!("{:016x}", hasher.finish()))
}

/// A thread that advances the engine's epoch while the sandbox exists.
pub(crate) struct Ticker;

impl Ticker {
    pub fn start(engine: EngineWeak) -> Result<Arc<Self>, PluginFault> {
        let alive = Arc::new(Self);
        let watch: Weak<Self> = Arc::downgrade(&alive);
        let tick = move || {
            while watch.strong_count() > 0 {
                std::thread::sleep(Duration::from_millis(TICK));
                if let Some(engine) = engine.upgrade() {
                    engine.increment_epoch();
                }
            }
        };
        std::thread::Builder::new()
            .name("plugin-epoch".to_owned())
            .spawn(tick)
            .map_err(|error| PluginFault::Unfit(error.to_string()))?;
        Ok(alive)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_many_processors_there_are_more_calls_can_run_than_there_are_threads() {
        for processors in [1, 8, 64, 512] {
            // Half of the places are for calls that do not run on these threads.
            assert!((1..=AT_ONCE as usize / 2).contains(&workers(processors)), "{processors} processors");
        }
    }
}
