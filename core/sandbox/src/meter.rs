//! The portal's statistics of a plugin's calls since the portal started.

use crate::{PluginFault, SpentResources};
use std::collections::{BTreeSet, VecDeque};

/// The number of failed starts, one after the other, that suspends a plugin.
///
/// A start has no input, so nobody's answers can cause its failure. A plugin that fails while it judges answers is not
/// suspended automatically: accounts cost nothing, so any number of applicants can be one person. An administrator sees
/// for how many applicants it fails, and decides.
pub const MOST_FAILED_STARTS: usize = 3;

/// The most applicants that are stored for whom a plugin failed.
const MOST_APPLICANTS: usize = 1_000;

/// The most times and lines that are stored.
const REMEMBERED: usize = 256;
const LINES: usize = 50;

/// Figures of one plugin on this node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PluginFigures {
    pub calls: u64,
    pub failures: u64,
    /// The fuel of all calls together.
    pub fuel: u64,
    /// The most fuel of a call, and the most bytes of memory.
    pub most_fuel: u64,
    pub most_memory: usize,
    /// The last failure, in words.
    pub last_fault: Option<String>,
    /// The last lines that it logged.
    pub lines: VecDeque<String>,
    /// The microseconds of the last calls.
    micros: VecDeque<u64>,
    /// The applicants for whom the plugin has failed since its last success.
    failed_for: BTreeSet<String>,
    /// The number of failed starts since the last successful start.
    failed_starts: usize,
}

impl PluginFigures {
    /// Counts one call.
    pub(crate) fn count(&mut self, applicant: &str, fault: Option<&PluginFault>, spent: &SpentResources) {
        self.calls += 1;
        self.fuel = self.fuel.saturating_add(spent.fuel);
        self.most_fuel = self.most_fuel.max(spent.fuel);
        self.most_memory = self.most_memory.max(spent.memory);
        remember(&mut self.micros, REMEMBERED, spent.micros);
        for line in &spent.log {
            remember(&mut self.lines, LINES, line.clone());
        }
        match fault {
            Some(fault) => {
                self.failures += 1;
                if fault.is_the_plugins() && self.failed_for.len() < MOST_APPLICANTS {
                    self.failed_for.insert(applicant.to_owned());
                }
                self.last_fault = Some(fault.to_string());
            }
            None => self.forgive(),
        }
    }

    /// Counts a start, whatever the result of the call.
    pub(crate) fn count_start(&mut self, fault: Option<&PluginFault>) {
        match fault {
            None => self.failed_starts = 0,
            Some(fault) if fault.is_the_plugins() => self.failed_starts += 1,
            Some(_) => {}
        }
    }

    /// Returns whether the plugin failed to start so often that the portal should stop calling it.
    pub(crate) const fn cannot_start(&self) -> bool {
        self.failed_starts >= MOST_FAILED_STARTS
    }

    /// Returns the number of applicants for whom the plugin has failed since its last success, on this node.
    pub fn failing_for(&self) -> usize {
        self.failed_for.len()
    }

    /// Resets the count of failures.
    pub(crate) fn forgive(&mut self) {
        self.failed_for.clear();
        self.failed_starts = 0;
    }

    /// Returns the microseconds within which this share of the last calls, in per cent, returned.
    pub fn within(&self, per_cent: usize) -> Option<u64> {
        let mut micros: Vec<u64> = self.micros.iter().copied().collect();
        micros.sort_unstable();
        micros.get((micros.len() * per_cent / 100).min(micros.len().saturating_sub(1))).copied()
    }
}

fn remember<T>(list: &mut VecDeque<T>, most: usize, item: T) {
    if list.len() >= most {
        list.pop_front();
    }
    list.push_back(item);
}
