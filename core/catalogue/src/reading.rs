//! Reading a file, and reporting the mistakes in it. The readers of each kind of file build on this module.

pub mod check_report;
pub mod codes;
pub mod diagnostic;
pub mod keys;
pub mod marks;
pub mod node;
pub mod parameters;
pub mod patch;
pub mod tree;
