//! Documents that the portal makes.

pub mod photos;
