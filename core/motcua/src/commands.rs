//! One module a command.

pub mod audit;
pub mod check;
pub mod demo;
pub mod doctor;
pub mod init;
pub mod migrate;
mod new_procedure;
pub mod procedure;
pub mod serve;
pub mod theme;
pub mod user;
