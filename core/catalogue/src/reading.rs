//! How a file is read, and how a mistake in it is told. The readers of each kind of file build on it.

pub mod codes;
pub mod diagnostic;
pub mod node;
pub mod parameters;
pub mod tree;
