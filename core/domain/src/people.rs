//! The people of the portal: agencies with their posts, the table of rights, and the ways to their phones.

pub mod access;
pub mod organisation;
pub mod phone;
