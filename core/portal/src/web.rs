//! Requests and answers.
//!
//! The modules have the limits, bodies, forms in parts, cached values, the number of a request, the access log, the
//! figures, the state of the node, the network of a client and its share of places, and the server.

pub mod body;
pub mod busy;
pub mod cached;
pub mod download;
pub mod health;
pub mod limits;
pub mod metrics;
pub mod network;
pub mod origin;
pub mod parts;
pub mod request;
pub mod server;
pub mod shares;
pub mod upload;
