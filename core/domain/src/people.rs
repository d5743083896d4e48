//! The people of the portal: agencies with their posts, and the table of rights.

pub mod access;
pub mod organisation;
