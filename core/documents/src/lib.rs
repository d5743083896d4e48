//! Documents that the portal makes, and checks of the files that people upload.

pub mod bpmn;
pub mod diagram;
pub mod inspect;
pub mod photos;
pub mod plot;
pub mod spreadsheet;
pub mod xml;
