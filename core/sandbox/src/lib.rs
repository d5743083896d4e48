//! Runs plugins: components with no WASI, no clock, no randomness, no network and no files, except for their grant.
//!
//! Every call has a fresh instance with its own memory, a budget of instructions and, as a second one, of time on the
//! processor. A failed plugin is a [`PluginFault`] of the portal and never ends the process. Compiling happens in a child
//! process under limits of its own ([`compile`]), and compiled code is stored in a [`ComponentCache`] that is not trusted.

mod answer;
mod cache;
mod call;
pub mod compile;
mod contract;
mod engine;
mod fault;
mod http;
mod imports;
mod meter;
mod sandbox;
mod settings;

pub use cache::ComponentCache;
pub use call::{PluginCall, SpentResources};
pub use compile::Compiler;
pub use contract::{ContractExport, FieldValue, NotifyTrouble};
pub use engine::fingerprint;
pub use fault::PluginFault;
pub use http::{HttpClient, PostAnswer, is_public};
pub use meter::{MOST_FAILED_STARTS, PluginFigures};
pub use sandbox::{ComponentFacts, Sandbox, SandboxSetup};
pub use settings::with_schema;

use motcua_domain::names::Digest;
use sha2::{Digest as _, Sha256};

/// Returns the name of a component: the SHA-256 of its bytes.
pub fn digest(bytes: &[u8]) -> Digest {
    Digest(hex::encode(Sha256::digest(bytes)))
}
