//! Plugins that are wrong in every way we could think of. Each is survived: a fault of the plugin, told in words, and
//! the sandbox goes on.

mod answers;
mod budget;
mod cache;
mod crowd;
mod files;
mod mutated;
mod network;
