//! The host: loaded components, and calls of them.

use crate::answer::{fee_line, finding, value, within};
use crate::call::{CallLimits, CallState, ProcessorTime};
use crate::contract::{self, ContractExport, ContractFunction, FieldValue, NotifyTrouble, WireFee, WireFinding};
use crate::engine::{self, Ticker};
use crate::http::HttpClient;
use crate::imports;
use crate::meter::PluginFigures;
use crate::settings::SettingsSchema;
use crate::{Compiler, ComponentCache, PluginCall, PluginFault, SpentResources, digest};
use motcua_domain::form::judge::Finding;
use motcua_domain::names::Digest;
use motcua_domain::procedure::FeeLine;
use motcua_domain::procedure::plugin::PluginLimits;
use motcua_domain::registry::Registries;
use motcua_domain::text::one_line;
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use wasmtime::component::{Component, ComponentNamedList, Instance, InstancePre, Lift, Linker, Lower};
use wasmtime::{Engine, Store, UpdateDeadline};

/// The most calls of one plugin that run or wait.
const MOST_WAITING: usize = 64;

/// The parts of a sandbox.
#[derive(Debug, Default)]
pub struct SandboxSetup {
    /// The highest limits of any plugin.
    pub most: PluginLimits,
    pub registries: Registries,
    pub client: HttpClient,
    pub compiler: Option<Compiler>,
    pub cache: Option<ComponentCache>,
}

/// The engine with its loaded components. Cheap to clone.
#[derive(Clone)]
pub struct Sandbox {
    inner: Arc<SandboxInner>,
}

struct SandboxInner {
    engine: Engine,
    fingerprint: String,
    linker: Linker<CallState>,
    setup: SandboxSetup,
    compiler: Compiler,
    loaded: Mutex<HashMap<Digest, Arc<LoadedPlugin>>>,
    /// The digests of registries, computed on demand.
    registries: Mutex<HashMap<String, Digest>>,
    workers: rayon::ThreadPool,
    _ticker: Arc<Ticker>,
}

struct LoadedPlugin {
    pre: InstancePre<CallState>,
    exports: BTreeMap<ContractExport, ContractFunction>,
    about: ComponentFacts,
    settings: Option<SettingsSchema>,
    meter: Mutex<PluginMeter>,
}

#[derive(Default)]
struct PluginMeter {
    figures: PluginFigures,
    suspended: bool,
    under_way: usize,
}

/// The facts about a component, found by inspecting it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentFacts {
    pub bytes: usize,
    /// The bytes of the compiled form, which is its memory while nobody calls it.
    pub compiled: usize,
    pub exports: Vec<ContractExport>,
    pub imports: Vec<String>,
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox").field("setup", &self.inner.setup).finish_non_exhaustive()
    }
}

impl Sandbox {
    /// Returns a sandbox without components.
    pub fn new(setup: SandboxSetup) -> Result<Self, PluginFault> {
        let engine = engine::running(&setup.most)?;
        let mut linker = Linker::new(&engine);
        imports::offer(&mut linker).map_err(PluginFault::unfit)?;
        let mib = u64::try_from(setup.most.component >> 20).unwrap_or(u64::MAX);
        let compiler = setup.compiler.unwrap_or_else(|| Compiler::of_this_program(mib));
        let workers = rayon::ThreadPoolBuilder::new()
            .num_threads(engine::workers(std::thread::available_parallelism().map_or(1, std::num::NonZero::get)))
            // Without a handler a panic would end the process. The panic hook has already printed it.
            .panic_handler(|_| tracing::error!("a call of a plugin panicked"))
            .thread_name(|number| format!("plugin-{number}"))
            // Pages have priority over plugins.
            .start_handler(|_| {
                let _ = rustix::process::setpriority_process(None, 15);
            })
            .build()
            .map_err(|error| PluginFault::Unfit(error.to_string()))?;
        let ticker = Ticker::start(engine.weak())?;
        let inner = SandboxInner {
            fingerprint: engine::fingerprint()?,
            engine,
            linker,
            setup,
            compiler,
            loaded: Mutex::default(),
            registries: Mutex::default(),
            workers,
            _ticker: ticker,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Loads a component, once. Loading may compile, so requests must not wait for it.
    pub fn load(&self, bytes: &[u8], limits: &PluginLimits) -> Result<Digest, PluginFault> {
        let digest = digest(bytes);
        if self.loaded(&digest).is_some() {
            return Ok(digest);
        }
        let SandboxInner { engine, fingerprint, linker, setup, compiler, .. } = &*self.inner;
        if bytes.len() > limits.component {
            return Err(PluginFault::TooLarge { bytes: bytes.len(), limit: limits.component });
        }
        if !bytes.starts_with(b"\0asm\x0d\0\x01\0") {
            return Err(PluginFault::Unfit("it is not a WebAssembly component".to_owned()));
        }
        let settings = SettingsSchema::of(bytes)?;
        let kept = setup.cache.as_ref().and_then(|cache| cache.read(&digest, fingerprint));
        let from_cache = kept.is_some();
        let compiled = kept.map_or_else(|| compiler.compile(bytes), Ok)?;
        let component = trusted(engine, &compiled)?;
        if let Some(cache) = setup.cache.as_ref().filter(|_| !from_cache) {
            cache.keep(&digest, fingerprint, &compiled);
        }
        let exports = contract::exports(&component)?;
        let imports = contract::imports(&component)?;
        let mut linker = linker.clone();
        // WASI is not implemented, so a call of it ends the plugin.
        linker.define_unknown_imports_as_traps(&component).map_err(PluginFault::unfit)?;
        let pre = linker.instantiate_pre(&component).map_err(PluginFault::unfit)?;
        let about = ComponentFacts {
            bytes: bytes.len(),
            compiled: compiled.len(),
            exports: exports.keys().copied().collect(),
            imports,
        };
        let loaded = LoadedPlugin { pre, exports, about, settings, meter: Mutex::default() };
        lock(&self.inner.loaded).insert(digest.clone(), Arc::new(loaded));
        Ok(digest)
    }

    fn loaded(&self, component: &Digest) -> Option<Arc<LoadedPlugin>> {
        lock(&self.inner.loaded).get(component).cloned()
    }

    /// Removes a component. Its memory is released once its calls have ended.
    pub fn forget(&self, component: &Digest) {
        lock(&self.inner.loaded).remove(component);
    }

    /// Returns the loaded components.
    pub fn components(&self) -> Vec<Digest> {
        lock(&self.inner.loaded).keys().cloned().collect()
    }

    /// Returns whether a component is loaded.
    pub fn knows(&self, component: &Digest) -> bool {
        self.loaded(component).is_some()
    }

    /// Returns the facts about a loaded component.
    pub fn about(&self, component: &Digest) -> Option<ComponentFacts> {
        Some(self.loaded(component)?.about.clone())
    }

    /// Returns whether a loaded component has this export.
    pub fn exports(&self, component: &Digest, export: ContractExport) -> bool {
        self.loaded(component).is_some_and(|loaded| loaded.exports.contains_key(&export))
    }

    /// Returns the mistakes in these settings of a loaded component. Returns nothing if it declares no schema.
    pub fn wrong_settings(&self, component: &Digest, settings: &Map<String, Json>) -> Vec<String> {
        let loaded = self.loaded(component);
        let schema = loaded.as_ref().and_then(|loaded| loaded.settings.as_ref());
        schema.map_or_else(Vec::new, |schema| schema.wrong(settings))
    }

    /// Returns the figures of a component's calls.
    pub fn figures(&self, component: &Digest) -> Option<PluginFigures> {
        Some(lock(&self.loaded(component)?.meter).figures.clone())
    }

    /// Suspends a component, or ends its suspension.
    pub fn suspend(&self, component: &Digest, suspended: bool) {
        if let Some(loaded) = self.loaded(component) {
            let mut meter = lock(&loaded.meter);
            if !suspended && meter.suspended {
                meter.figures.forgive();
            }
            meter.suspended = suspended;
        }
    }

    /// Returns whether a component is suspended.
    pub fn is_suspended(&self, component: &Digest) -> bool {
        self.loaded(component).is_some_and(|loaded| lock(&loaded.meter).suspended)
    }

    /// Returns the SHA-256 of a registry of the province, as plugins see it.
    pub fn registry_digest(&self, name: &str) -> Option<Digest> {
        let registry = self.inner.setup.registries.get(name)?;
        let mut known = lock(&self.inner.registries);
        Some(known.entry(name.to_owned()).or_insert_with(|| registry.digest()).clone())
    }

    /// Runs work that calls these plugins, on threads of their own with the lowest priority.
    pub fn spawn<'a>(
        &self,
        components: impl Iterator<Item = &'a Digest>,
        work: impl FnOnce() + Send + 'static,
    ) -> Result<(), PluginFault> {
        let mut places = Vec::new();
        for component in components {
            places.extend(self.loaded(component).map(CallSlot::take).transpose()?);
        }
        self.inner.workers.spawn_fifo(move || {
            work();
            drop(places);
        });
        Ok(())
    }

    /// Judges the values of a form.
    pub fn validate(
        &self,
        ask: &PluginCall<'_>,
        dossier: &Json,
    ) -> (Result<Vec<Finding>, PluginFault>, SpentResources) {
        self.call(ask, ContractExport::Validate, dossier, |begun| {
            begun.run((begun.input.as_str(),), |(found,): (Vec<WireFinding>,)| {
                let size = |finding: &WireFinding| {
                    finding.path.len() + finding.code.len() + finding.text.vi.len() + finding.text.en.len()
                };
                within(&found, &ask.limits, size)?;
                Ok(found.into_iter().map(finding).collect())
            })
        })
    }

    /// Returns the amounts that a dossier owes beside the procedure's own fees.
    pub fn assess_fees(
        &self,
        ask: &PluginCall<'_>,
        dossier: &Json,
    ) -> (Result<Vec<FeeLine>, PluginFault>, SpentResources) {
        self.call(ask, ContractExport::AssessFees, dossier, |begun| {
            begun.run((begun.input.as_str(),), |(lines,): (Vec<WireFee>,)| {
                within(&lines, &ask.limits, |line| line.name.vi.len() + line.name.en.len())?;
                lines.into_iter().map(fee_line).collect()
            })
        })
    }

    /// Returns the values of computed fields.
    pub fn compute(
        &self,
        ask: &PluginCall<'_>,
        dossier: &Json,
    ) -> (Result<Map<String, Json>, PluginFault>, SpentResources) {
        self.values(ask, ContractExport::Compute, dossier)
    }

    /// Returns proposals for the values of a new form.
    pub fn prefill(
        &self,
        ask: &PluginCall<'_>,
        known: &Json,
    ) -> (Result<Map<String, Json>, PluginFault>, SpentResources) {
        self.values(ask, ContractExport::Prefill, known)
    }

    fn values(
        &self,
        ask: &PluginCall<'_>,
        export: ContractExport,
        input: &Json,
    ) -> (Result<Map<String, Json>, PluginFault>, SpentResources) {
        self.call(ask, export, input, |begun| {
            begun.run((begun.input.as_str(),), |(values,): (Vec<FieldValue>,)| {
                within(&values, &ask.limits, |value| value.field.len() + value.json.len())?;
                values.into_iter().map(value).collect()
            })
        })
    }

    /// Returns one of the choices, or none.
    pub fn route(
        &self,
        ask: &PluginCall<'_>,
        dossier: &Json,
        question: &str,
        choices: &[String],
    ) -> (Result<Option<String>, PluginFault>, SpentResources) {
        self.call(ask, ContractExport::Route, dossier, |begun| {
            begun.run((begun.input.as_str(), question, choices), |(choice,): (Option<String>,)| match choice {
                Some(choice) if !choices.contains(&choice) => {
                    Err(PluginFault::Answer(format!("`{}` is not one of the choices", one_line(&choice))))
                }
                choice => Ok(choice),
            })
        })
    }

    /// Notifies another system of an event.
    pub fn connect(
        &self,
        ask: &PluginCall<'_>,
        event: &Json,
    ) -> (Result<Result<(), NotifyTrouble>, PluginFault>, SpentResources) {
        self.call(ask, ContractExport::Connect, event, |begun| {
            begun.run((begun.input.as_str(),), |(done,): (Result<(), NotifyTrouble>,)| Ok(done))
        })
    }

    fn call<Answer>(
        &self,
        ask: &PluginCall<'_>,
        export: ContractExport,
        input: &Json,
        run: impl FnOnce(&StartedCall<'_>) -> (Result<Answer, PluginFault>, SpentResources),
    ) -> (Result<Answer, PluginFault>, SpentResources) {
        match self.begin(ask, export, input) {
            Ok(begun) => run(&begun),
            Err(fault) => (Err(fault), SpentResources::default()),
        }
    }

    fn begin<'a>(
        &'a self,
        ask: &'a PluginCall<'_>,
        export: ContractExport,
        input: &Json,
    ) -> Result<StartedCall<'a>, PluginFault> {
        let loaded = self.loaded(ask.component).ok_or_else(|| PluginFault::NotLoaded(ask.component.clone()))?;
        let function = *loaded.exports.get(&export).ok_or(PluginFault::NotExported(export.name()))?;
        if lock(&loaded.meter).suspended {
            return Err(PluginFault::Suspended);
        }
        let input = function.version.input(input);
        if input.len() > ask.limits.input {
            return Err(PluginFault::Input { bytes: input.len(), limit: ask.limits.input });
        }
        Ok(StartedCall { sandbox: self, ask, export, loaded, function, input })
    }
}

/// A call that is about to run.
struct StartedCall<'a> {
    sandbox: &'a Sandbox,
    ask: &'a PluginCall<'a>,
    export: ContractExport,
    loaded: Arc<LoadedPlugin>,
    function: ContractFunction,
    input: String,
}

impl StartedCall<'_> {
    /// Calls a fresh instance, and counts the result.
    fn run<Given, Taken, Answer>(
        &self,
        given: Given,
        take: impl FnOnce(Taken) -> Result<Answer, PluginFault>,
    ) -> (Result<Answer, PluginFault>, SpentResources)
    where
        Given: ComponentNamedList + Lower,
        Taken: ComponentNamedList + Lift,
    {
        let begun = Instant::now();
        let mut store = self.store();
        let started = self.start(&mut store).map_err(PluginFault::of_call);
        let failed_start = started.as_ref().err().cloned();
        let answered = |instance: Instance| self.taken(&mut store, &instance, given).map_err(PluginFault::of_call);
        let answer = started.and_then(answered).and_then(take);
        let fuel = self.ask.limits.fuel.saturating_sub(store.get_fuel().unwrap_or(0));
        let micros = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        let call = store.into_data();
        let spent = SpentResources { fuel, memory: call.belt.used, micros, log: call.log };
        let mut meter = lock(&self.loaded.meter);
        meter.figures.count(self.ask.applicant, answer.as_ref().err(), &spent);
        meter.figures.count_start(failed_start.as_ref());
        meter.suspended |= meter.figures.cannot_start();
        (answer, spent)
    }

    fn store(&self) -> Store<CallState> {
        let PluginCall { limits, grant, .. } = self.ask;
        let SandboxSetup { registries, client, .. } = &self.sandbox.inner.setup;
        let call = CallState {
            grant: (*grant).clone(),
            registries: registries.clone(),
            client: client.clone(),
            may_send: self.export == ContractExport::Connect,
            sent: 0,
            log: Vec::new(),
            log_left: limits.log,
            time: ProcessorTime::begin(limits.milliseconds),
            belt: CallLimits {
                memory: limits.memory,
                table_entries: limits.table_entries,
                instances: limits.instances,
                used: 0,
            },
        };
        let mut store = Store::new(&self.sandbox.inner.engine, call);
        store.limiter(|call| &mut call.belt);
        // Each tick of the epoch checks the thread's own clock.
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|context| {
            let over = context.data().time.is_over();
            Ok(if over { UpdateDeadline::Interrupt } else { UpdateDeadline::Continue(1) })
        });
        // The limit of copied data: the texts, and their memory on the host.
        let records = limits.findings.saturating_mul(size_of::<WireFinding>());
        store.set_hostcall_fuel(limits.output.max(limits.input).saturating_add(records));
        store
    }

    /// Creates the instance. This part does not depend on the input.
    fn start(&self, store: &mut Store<CallState>) -> wasmtime::Result<Instance> {
        store.set_fuel(self.ask.limits.fuel)?;
        self.loaded.pre.instantiate(&mut *store)
    }

    fn taken<Given, Taken>(
        &self,
        store: &mut Store<CallState>,
        instance: &Instance,
        given: Given,
    ) -> wasmtime::Result<Taken>
    where
        Given: ComponentNamedList + Lower,
        Taken: ComponentNamedList + Lift,
    {
        let function = instance.get_typed_func::<Given, Taken>(&mut *store, self.function.index)?;
        function.call(&mut *store, given)
    }
}

/// A slot among the running and waiting calls of a plugin.
struct CallSlot(Arc<LoadedPlugin>);

impl CallSlot {
    fn take(loaded: Arc<LoadedPlugin>) -> Result<Self, PluginFault> {
        let mut meter = lock(&loaded.meter);
        if meter.under_way >= MOST_WAITING {
            return Err(PluginFault::Busy);
        }
        meter.under_way += 1;
        drop(meter);
        Ok(Self(loaded))
    }
}

impl Drop for CallSlot {
    fn drop(&mut self) {
        lock(&self.0.meter).under_way -= 1;
    }
}

/// Returns the component of its compiled form.
#[expect(unsafe_code, reason = "the one place where compiled code is loaded")]
fn trusted(engine: &Engine, compiled: &[u8]) -> Result<Component, PluginFault> {
    // SAFETY: `deserialize` accepts only the unchanged output of `precompile_component` of this compiler. The bytes may
    // come from the compiler itself, run a moment ago by `Compiler` in this process or in a child that is this very
    // program. The other source is `ComponentCache::read`, which returns only the output that this portal wrote with its secret
    // key. `deserialize` itself compares version, settings and processor.
    unsafe { Component::deserialize(engine, compiled) }.map_err(PluginFault::unfit)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
