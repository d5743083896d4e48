//! Requests and answers: limits, bodies, forms in parts, what is made once, and the server.

pub mod body;
pub mod busy;
pub mod cached;
pub mod download;
pub mod limits;
pub mod parts;
pub mod server;
pub mod upload;
