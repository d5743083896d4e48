//! Requests and answers.
//!
//! The modules have the sender of a request, its number and its failures, addresses, limits, bodies, forms in parts,
//! downloads, the words for devices, answers that caches store, headers, the access log, the figures, the state of the
//! node, the share of places of a network, and the server. They know the state of the portal, and no page.

pub mod address;
pub mod again;
pub mod body;
pub mod busy;
pub mod cached;
pub mod device;
pub mod download;
pub mod failure;
pub mod health;
pub mod limits;
pub mod metrics;
pub mod origin;
pub mod parts;
pub mod person;
pub mod recognise;
pub mod request;
pub mod security;
pub mod server;
pub mod shares;
pub mod typing;
pub mod upload;
pub mod visitor;
