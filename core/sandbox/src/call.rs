//! One call: the resources that the instance may use, and those that it used.

use crate::fault::ExceededLimit;
use crate::http::HttpClient;
use motcua_domain::names::Digest;
use motcua_domain::procedure::plugin::{Grant, PluginLimits};
use motcua_domain::registry::Registries;
use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;
use wasmtime::ResourceLimiter;

/// The plugin that a call asks, and the resources that it may use.
#[derive(Debug, Clone)]
pub struct PluginCall<'a> {
    pub component: &'a Digest,
    pub limits: PluginLimits,
    pub grant: &'a Grant,
    /// The applicant of the dossier. With it administrators see for how many applicants a plugin fails.
    pub applicant: &'a str,
}

/// The resources that a call used, whether it succeeded or not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SpentResources {
    pub fuel: u64,
    /// Bytes of linear memory.
    pub memory: usize,
    pub micros: u64,
    pub log: Vec<String>,
}

/// The environment of an instance.
#[derive(Debug)]
pub(crate) struct CallState {
    pub grant: Grant,
    pub registries: Registries,
    pub client: HttpClient,
    /// The call may send requests. Only `connect` may.
    pub may_send: bool,
    pub sent: u32,
    pub log: Vec<String>,
    pub log_left: usize,
    pub time: ProcessorTime,
    pub belt: CallLimits,
}

/// The processor time of a call. A thread that waits for the processor or for another system uses none.
#[derive(Debug)]
pub(crate) struct ProcessorTime {
    /// The thread's own clock when the call began.
    begun: Duration,
    most: Duration,
}

impl ProcessorTime {
    /// Begins to count on the thread that runs the call.
    pub fn begin(milliseconds: u64) -> Self {
        Self { begun: on_processor(), most: Duration::from_millis(milliseconds) }
    }

    /// Returns whether the call has used up its time.
    pub fn is_over(&self) -> bool {
        on_processor().saturating_sub(self.begun) > self.most
    }

    /// Excludes the work since the moment `before`, because the host did it.
    pub fn leave_out(&mut self, before: Duration) {
        self.begun += on_processor().saturating_sub(before);
    }
}

/// Returns the processor time of this thread since its start.
pub(crate) fn on_processor() -> Duration {
    let used = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(used.tv_sec).unwrap_or(0);
    Duration::from_secs(seconds) + Duration::from_nanos(u64::try_from(used.tv_nsec).unwrap_or(0))
}

/// The limits of memory, tables and instances, and the use of each.
#[derive(Debug)]
pub(crate) struct CallLimits {
    pub memory: usize,
    pub table_entries: usize,
    pub instances: usize,
    /// Bytes of all memories together.
    pub used: usize,
}

impl ResourceLimiter for CallLimits {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let used = self.used.saturating_sub(current).saturating_add(desired);
        if used > self.memory {
            let what = format!("{used} bytes of memory, at most {} are given", self.memory);
            return Err(ExceededLimit(what).into());
        }
        self.used = used;
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        if desired > self.table_entries {
            let what = format!("{desired} entries of a table, at most {} are given", self.table_entries);
            return Err(ExceededLimit(what).into());
        }
        Ok(true)
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn memories(&self) -> usize {
        self.instances
    }

    fn tables(&self) -> usize {
        self.instances.saturating_mul(4)
    }
}
