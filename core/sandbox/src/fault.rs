//! The reasons why a plugin did not answer.

use motcua_domain::names::Digest;
use wasmtime::{PoolConcurrencyLimitError, Trap};

/// A failure of a plugin. It is the portal's problem, never the applicant's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PluginFault {
    #[error("the component is {bytes} bytes long, at most {limit} are taken")]
    TooLarge { bytes: usize, limit: usize },
    #[error("the component cannot be loaded: {0}")]
    Unfit(String),
    #[error("component {0} has not been loaded")]
    NotLoaded(Digest),
    #[error("the plugin does not export {0}")]
    NotExported(&'static str),
    #[error("the plugin is suspended")]
    Suspended,
    #[error("too many calls of plugins run or wait already")]
    Busy,
    #[error("the portal broke while it asked the plugin")]
    Broke,
    #[error("the input is {bytes} bytes long, at most {limit} are handed in")]
    Input { bytes: usize, limit: usize },
    #[error("the plugin used up its fuel")]
    Fuel,
    #[error("the plugin used up its time on the processor")]
    Time,
    #[error("the plugin wanted more memory, tables or instances than it may have: {0}")]
    Memory(String),
    #[error("the plugin was ended: {0}")]
    Ended(String),
    #[error("the plugin's answer is larger than is taken")]
    Flood,
    #[error("the plugin's answer cannot be used: {0}")]
    Answer(String),
}

impl PluginFault {
    /// Returns a stable word for figures and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "too-large",
            Self::Unfit(_) => "unfit",
            Self::NotLoaded(_) => "not-loaded",
            Self::NotExported(_) => "not-exported",
            Self::Suspended => "suspended",
            Self::Busy => "busy",
            Self::Broke => "broke",
            Self::Input { .. } => "input",
            Self::Fuel => "fuel",
            Self::Time => "time",
            Self::Memory(_) => "memory",
            Self::Ended(_) => "ended",
            Self::Flood => "flood",
            Self::Answer(_) => "answer",
        }
    }

    /// Returns whether the plugin caused the fault, and not the portal or the dossier.
    pub const fn is_the_plugins(&self) -> bool {
        matches!(self, Self::Fuel | Self::Time | Self::Memory(_) | Self::Ended(_) | Self::Flood | Self::Answer(_))
    }

    pub(crate) fn unfit(error: wasmtime::Error) -> Self {
        Self::Unfit(format!("{error:#}"))
    }

    /// Returns the fault of a call that did not return.
    pub(crate) fn of_call(error: wasmtime::Error) -> Self {
        match error.downcast_ref::<Trap>() {
            Some(Trap::OutOfFuel) => return Self::Fuel,
            Some(Trap::Interrupt) => return Self::Time,
            _ => {}
        }
        if error.downcast_ref::<PoolConcurrencyLimitError>().is_some() {
            return Self::Busy;
        }
        if let Some(ExceededLimit(what)) = error.downcast_ref() {
            return Self::Memory(what.clone());
        }
        // The root cause names the reason. The frames above it name addresses inside the plugin.
        let cause = error.root_cause().to_string();
        // wasmtime has no type for this error.
        if cause.contains("fuel allocated for hostcalls") { Self::Flood } else { Self::Ended(cause) }
    }
}

/// A limit of memory, tables or instances that a call exceeded.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ExceededLimit(pub String);
