//! Documents that the portal makes.

pub mod bpmn;
pub mod diagram;
pub mod photos;
pub mod plot;
