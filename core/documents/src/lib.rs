//! Documents that the portal makes.

pub mod diagram;
pub mod photos;
