//! Plugins that are wrong in every way we could think of. The sandbox survives each of them, and reports the fault in
//! words.

mod answers;
mod budget;
mod cache;
mod crowd;
mod files;
mod mutated;
mod network;
