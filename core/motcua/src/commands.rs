//! One module a command.

pub mod audit;
pub mod backup;
pub mod check;
pub mod demo;
mod diagram;
pub mod doctor;
pub mod explain;
pub mod files;
mod import;
pub mod init;
pub mod migrate;
mod new_plugin;
mod new_procedure;
pub mod org;
mod packages;
pub mod plugin;
mod preview;
pub mod procedure;
pub mod replay;
pub mod restore;
pub mod schema;
pub mod serve;
mod share;
mod simulate;
pub mod theme;
pub mod user;
pub mod workflow;
